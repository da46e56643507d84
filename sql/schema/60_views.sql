-- What users read. Every view runs as its reader (security_invoker) over tables that the reader's role may select;
-- values are masked in those tables already. A cleared reader with a purpose sees over them the raw values of those rows of
-- golden_pii that the policy leaves to it.

-- The raw values of one golden record, from the groups in which they are sealed.
CREATE AGGREGATE merged(jsonb) (SFUNC = pg_catalog.jsonb_concat, STYPE = jsonb);

CREATE VIEW profile WITH (security_invoker = true, security_barrier = true) AS
SELECT g.entity_type, g.golden_id,
       CASE WHEN (SELECT golden_record.cleared()) THEN golden_record.unmask(g.attributes, (
           SELECT golden_record.merged(golden_record.open_values('profile', p.golden_id, p.system_name, p.region, p.attributes))
           FROM golden_record.golden_pii AS p WHERE p.golden_id = g.golden_id))
       ELSE g.attributes END AS attributes,
       g.status, g.records, g.created_at, g.updated_at
FROM golden_record.golden_record AS g;
COMMENT ON VIEW profile IS 'Golden records of every entity type with masked values (raw for cleared readers with a purpose, within their scope); status is live or retired.';

-- Of the two halves one runs: what is masked is read as it lies. The planner is told that the other has few rows, or it
-- would compile the plan for work that is seldom done. OFFSET 0 keeps values from being opened once for each column.
CREATE VIEW customer WITH (security_invoker = true, security_barrier = true) AS
SELECT g.golden_id, g.email, g.phone_number, g.first_name, g.last_name, g.preferred_language, g.last_purchase_date,
       g.date_of_birth, g.street, g.city, g.region, g.postcode, g.country, g.company,
       g.attributes, g.records, g.systems, g.created_at, g.updated_at
FROM golden_record.golden_record AS g
WHERE NOT (SELECT golden_record.cleared()) AND g.entity_type = 'CUSTOMER' AND g.status = 'live'
UNION ALL
SELECT g.golden_id,
       shown.attributes ->> 'email',
       shown.attributes ->> 'phoneNumber',
       shown.attributes ->> 'firstName',
       shown.attributes ->> 'lastName',
       shown.attributes ->> 'preferredLanguage',
       shown.attributes ->> 'lastPurchaseDate',
       shown.attributes ->> 'dateOfBirth',
       shown.attributes ->> 'street',
       shown.attributes ->> 'city',
       shown.attributes ->> 'region',
       shown.attributes ->> 'postcode',
       shown.attributes ->> 'country',
       shown.attributes ->> 'company',
       shown.attributes, g.records, g.systems, g.created_at, g.updated_at
FROM golden_record.golden_record AS g
CROSS JOIN LATERAL (
    SELECT golden_record.unmask(g.attributes, (
        SELECT golden_record.merged(golden_record.open_values('customer', p.golden_id, p.system_name, p.region, p.attributes))
        FROM golden_record.golden_pii AS p WHERE p.golden_id = g.golden_id)) AS attributes
    OFFSET 0) AS shown
WHERE (SELECT golden_record.cleared()) AND g.entity_type = 'CUSTOMER' AND pg_catalog.lower(g.status) = 'live';
COMMENT ON VIEW customer IS 'Living golden records of CUSTOMER, a column an attribute, masked; raw for cleared readers with a purpose, within their scope.';

CREATE VIEW lineage WITH (security_invoker = true, security_barrier = true) AS
SELECT g.entity_type,
       g.golden_id,
       entry.key AS attribute,
       shown.attributes ->> entry.key AS value,
       entry.value ->> 'systemName' AS system_name,
       entry.value ->> 'id' AS source_id,
       (entry.value ->> 'eventTime')::timestamptz AS event_time,
       (entry.value ->> 'sourcePriority')::integer AS source_priority,
       entry.value ->> 'action' AS action,
       entry.value ->> 'reason' AS reason,
       entry.value -> 'losers' AS losers
FROM golden_record.golden_record AS g
CROSS JOIN LATERAL (
    SELECT CASE WHEN (SELECT golden_record.cleared()) THEN golden_record.unmask(g.attributes, (
               SELECT golden_record.merged(golden_record.open_values('lineage', p.golden_id, p.system_name, p.region, p.attributes))
               FROM golden_record.golden_pii AS p WHERE p.golden_id = g.golden_id))
           ELSE g.attributes END AS attributes
    OFFSET 0) AS shown
CROSS JOIN LATERAL pg_catalog.jsonb_each(golden_record.open_lineage(g.lineage)) AS entry (key, value)
WHERE g.status = 'live';
COMMENT ON VIEW lineage IS 'For every golden value: the record it was taken from, by which action and why, and who lost.';

CREATE VIEW crosswalk WITH (security_invoker = true, security_barrier = true) AS
SELECT r.entity_type, r.system_name, r.source_id, r.golden_id, 'record'::text AS kind
FROM golden_record.source_record AS r
WHERE r.live
UNION ALL
SELECT DISTINCT r.entity_type, x.system_name, x.source_id, r.golden_id, 'cross_reference'::text
FROM golden_record.cross_reference AS x
JOIN golden_record.source_record AS r ON r.record_id = x.record_id
WHERE r.live AND NOT EXISTS (
    SELECT FROM golden_record.source_record AS own
    WHERE own.entity_type = r.entity_type AND own.system_name = x.system_name AND own.source_id = x.source_id
      AND own.golden_id = r.golden_id);
COMMENT ON VIEW crosswalk IS 'Which golden record each source record belongs to (kind record), and each further id that its records name, once (kind cross_reference).';

CREATE VIEW review_queue WITH (security_invoker = true, security_barrier = true) AS
SELECT DISTINCT ON (pair.golden_a, pair.golden_b)
       pair.review_id,
       pair.entity_type,
       pair.golden_a,
       pair.golden_b,
       pair.score,
       pair.reason,
       pair.record_a,
       pair.record_b,
       pair.evidence,
       CASE WHEN (SELECT golden_record.cleared()) THEN golden_record.unmask(a.attributes, (
           SELECT golden_record.merged(golden_record.open_values('review_queue', p.golden_id, p.system_name, p.region, p.attributes))
           FROM golden_record.golden_pii AS p WHERE p.golden_id = a.golden_id))
       ELSE a.attributes END AS profile_a,
       CASE WHEN (SELECT golden_record.cleared()) THEN golden_record.unmask(b.attributes, (
           SELECT golden_record.merged(golden_record.open_values('review_queue', p.golden_id, p.system_name, p.region, p.attributes))
           FROM golden_record.golden_pii AS p WHERE p.golden_id = b.golden_id))
       ELSE b.attributes END AS profile_b,
       pair.score * (1::float8 + pg_catalog.ln((a.records + b.records)::float8)) AS priority,
       pair.opened_at
FROM (
    SELECT p.review_id, p.entity_type, p.score, p.reason, p.evidence, p.opened_at,
           CASE WHEN ra.golden_id < rb.golden_id THEN ra.golden_id ELSE rb.golden_id END AS golden_a,
           CASE WHEN ra.golden_id < rb.golden_id THEN rb.golden_id ELSE ra.golden_id END AS golden_b,
           CASE WHEN ra.golden_id < rb.golden_id THEN ra.name ELSE rb.name END AS record_a,
           CASE WHEN ra.golden_id < rb.golden_id THEN rb.name ELSE ra.name END AS record_b
    FROM golden_record.review_pair AS p
    JOIN LATERAL (
        SELECT r.golden_id, pg_catalog.jsonb_build_object('systemName', r.system_name, 'id', r.source_id) AS name
        FROM golden_record.source_record AS r WHERE r.record_id = p.record_a) AS ra ON true
    JOIN LATERAL (
        SELECT r.golden_id, pg_catalog.jsonb_build_object('systemName', r.system_name, 'id', r.source_id) AS name
        FROM golden_record.source_record AS r WHERE r.record_id = p.record_b) AS rb ON true
    WHERE ra.golden_id <> rb.golden_id) AS pair
JOIN golden_record.golden_record AS a ON a.golden_id = pair.golden_a
JOIN golden_record.golden_record AS b ON b.golden_id = pair.golden_b
-- Of equal ones the same is shown whatever came first.
ORDER BY pair.golden_a, pair.golden_b, pair.score DESC, least(pair.record_a, pair.record_b), greatest(pair.record_a, pair.record_b);
COMMENT ON VIEW review_queue IS 'Pairs of golden records that wait for a steward, one row a pair with its strongest evidence. The higher the priority, the more a decision settles.';

CREATE VIEW review_history WITH (security_invoker = true, security_barrier = true) AS
SELECT c.review_id, c.entity_type,
       pg_catalog.jsonb_build_object('systemName', a.system_name, 'id', a.source_id) AS record_a,
       pg_catalog.jsonb_build_object('systemName', b.system_name, 'id', b.source_id) AS record_b,
       c.score, c.reason, c.evidence, c.opened_at, c.closed_at, c.outcome
FROM golden_record.review_closed AS c
JOIN golden_record.source_record AS a ON a.record_id = c.record_a
JOIN golden_record.source_record AS b ON b.record_id = c.record_b;
COMMENT ON VIEW review_history IS 'Review pairs that are closed. outcome: same or different (decided), superseded (the evidence went away), reverted (a decision was taken back), erased (somebody was).';

CREATE VIEW decisions WITH (security_invoker = true, security_barrier = true) AS
SELECT d.decision_id, d.entity_type, d.decision,
       pg_catalog.jsonb_build_object('systemName', a.system_name, 'id', a.source_id) AS record_a,
       pg_catalog.jsonb_build_object('systemName', b.system_name, 'id', b.source_id) AS record_b,
       (SELECT pg_catalog.count(*) FROM golden_record.decision_member AS m
        WHERE m.decision_id = d.decision_id AND m.side = 'a') AS members_a,
       (SELECT pg_catalog.count(*) FROM golden_record.decision_member AS m
        WHERE m.decision_id = d.decision_id AND m.side = 'b') AS members_b,
       d.note, d.actor, d.decided_at, d.reverted_at, d.reverted_by, d.revert_note
FROM golden_record.decision AS d
JOIN golden_record.source_record AS a ON a.record_id = d.record_a
JOIN golden_record.source_record AS b ON b.record_id = d.record_b;
COMMENT ON VIEW decisions IS 'What stewards decided, and what of it was taken back.';

CREATE VIEW rejected WITH (security_invoker = true, security_barrier = true) AS
SELECT r.rejected_id, r.feed, r.system_name, r.source_id, r.ordinal, r.field, r.reason, r.sqlstate,
       CASE WHEN (SELECT golden_record.cleared()) THEN golden_record.open_payload(r.rejected_id, r.system_name, p.payload) END AS payload,
       r.at, r.retried_at, r.attempts
FROM golden_record.rejected_record AS r
LEFT JOIN golden_record.rejected_payload AS p ON p.rejected_id = r.rejected_id;
COMMENT ON VIEW rejected IS 'Dead letters: every record that was refused, with field, reason and SQLSTATE. payload is shown to members of golden_record_pii with a purpose, whose scope has its system and all regions.';

CREATE VIEW raw_attributes WITH (security_invoker = true, security_barrier = true) AS
SELECT r.entity_type, r.system_name, r.source_id, r.golden_id, entry.key, entry.value
FROM golden_record.source_pii AS p
JOIN golden_record.source_record AS r ON r.record_id = p.record_id
CROSS JOIN LATERAL pg_catalog.json_each(golden_record.open_raw(p.record_id, p.system_name, p.region, p.state)) AS entry (key, value)
WHERE (SELECT golden_record.cleared());
COMMENT ON VIEW raw_attributes IS 'Values under keys without an attribute, and values that their kind could not read, as last sent. For members of golden_record_pii with a purpose.';

CREATE VIEW feed_status WITH (security_invoker = true, security_barrier = true) AS
SELECT w.feed,
       pg_catalog.date_bin('5 minutes', w.window_start, timestamptz '2000-01-01 00:00:00+00') AS window_start,
       pg_catalog.sum(w.accepted)::bigint AS accepted,
       pg_catalog.sum(w.rejected)::bigint AS rejected,
       pg_catalog.sum(w.rejected)::float8 / greatest(pg_catalog.sum(w.accepted + w.rejected)::float8, 1) AS error_rate,
       pg_catalog.max(w.last_at) AS last_at
FROM golden_record.feed_window AS w
GROUP BY 1, 2;
COMMENT ON VIEW feed_status IS 'Accepted and refused records by feed and five minutes.';

CREATE VIEW schema_drift WITH (security_invoker = true, security_barrier = true) AS
SELECT d.feed, d.system_name, d.key, d.change, d.first_seen,
       pg_catalog.to_timestamp(pg_catalog.max((k.keys -> d.key ->> 'last')::float8)) AS last_seen,
       CASE d.change
           WHEN 'gone' THEN pg_catalog.sum((k.keys -> d.key ->> 'absent')::bigint)
           WHEN 'rate' THEN pg_catalog.sum((k.keys -> d.key ->> 'bad')::bigint)
           ELSE pg_catalog.sum((k.keys -> d.key ->> 'n')::bigint)
       END::bigint AS records,
       d.guess
FROM golden_record.drift AS d
LEFT JOIN golden_record.feed_keys AS k
  ON k.feed = d.feed AND k.system_name = d.system_name AND pg_catalog.jsonb_exists(k.keys, d.key)
GROUP BY d.feed, d.system_name, d.key, d.change, d.first_seen, d.guess;
COMMENT ON VIEW schema_drift IS 'Keys that are new, gone, of another type, or whose values cannot be read. records: that carried it (new, type), that did without it (gone), that could not be read (rate). guess: the attribute a new key stands for, the key that replaced a gone one.';

-- Counts what readers may not select: the key table.
CREATE FUNCTION generic_holders(key bigint, by_name boolean) RETURNS bigint
LANGUAGE sql STABLE STRICT SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN $2 THEN pg_catalog.count(DISTINCT b.name_key) ELSE pg_catalog.count(*) END
    FROM golden_record.block_key AS b
    WHERE b.key = $1
$$;

CREATE VIEW generic_value WITH (security_invoker = true, security_barrier = true) AS
SELECT g.entity_type, g.attribute, g.reason AS kind, g.value,
       golden_record.generic_holders(g.key, g.reason = 'names') AS holders,
       g.threshold, g.since
FROM golden_record.generic_key AS g;
COMMENT ON VIEW generic_value IS 'Values that count for nothing. attribute: what kind of key it is, email, phone, identifier or cross_reference, or address, which counts for nothing in view relation alone; kind names (held under more full names than threshold), records (by more records), form (junk by its form). holders counts names or records now; value is masked.';

-- A value held by more golden records than its attribute's limit, or by more than a thousand source records, relates
-- nobody: the number of rows and the time stay in proportion to that of the records.
CREATE VIEW relation WITH (security_invoker = true, security_barrier = true) AS
SELECT held.entity_type, held.golden_id AS golden_a, other.golden_id AS golden_b, held.via,
       pg_catalog.min(holder.golden_records) AS holders
FROM (
    SELECT DISTINCT r.entity_type, r.golden_id, k.key, CASE k.key & 3::bigint WHEN 1 THEN 'phone' ELSE 'address' END AS via
    FROM golden_record.source_record AS r
    JOIN golden_record.block_key AS k ON k.record_id = r.record_id AND k.key & 3::bigint <> 0
    WHERE r.live AND NOT EXISTS (SELECT FROM golden_record.generic_key AS g WHERE g.key = k.key)) AS held
LEFT JOIN (
    SELECT e.entity_type, CASE a.value ->> 'kind' WHEN 'street' THEN 'address' ELSE a.value ->> 'kind' END AS via,
           pg_catalog.min((a.value ->> 'limit')::bigint) AS threshold
    FROM golden_record.entity_type AS e
    CROSS JOIN LATERAL pg_catalog.jsonb_each(e.definition -> 'attributes') AS a
    WHERE a.value ->> 'kind' IN ('phone', 'street')
    GROUP BY 1, 2) AS allowed ON allowed.entity_type = held.entity_type AND allowed.via = held.via
CROSS JOIN LATERAL (
    SELECT pg_catalog.array_agg(DISTINCT r.golden_id) AS golden_ids,
           pg_catalog.count(DISTINCT r.golden_id) AS golden_records
    FROM (SELECT pg_catalog.array_agg(k.record_id) AS record_ids
          FROM (SELECT k.record_id FROM golden_record.block_key AS k WHERE k.key = held.key LIMIT 1001) AS k
          HAVING pg_catalog.count(*) <= 1000) AS few
    CROSS JOIN LATERAL pg_catalog.unnest(few.record_ids) AS k (record_id)
    JOIN golden_record.source_record AS r ON r.record_id = k.record_id) AS holder
CROSS JOIN LATERAL pg_catalog.unnest(holder.golden_ids) AS other (golden_id)
WHERE holder.golden_records <= coalesce(allowed.threshold, 12) AND held.golden_id < other.golden_id
GROUP BY held.entity_type, held.golden_id, other.golden_id, held.via;
COMMENT ON VIEW relation IS 'Living golden records that share a phone or an address (via), a row a pair, golden_a the smaller id: related, not the same. holders: golden records that hold the value; a value held by more than the limit of its attribute, or generic, relates nobody.';

CREATE VIEW limits WITH (security_invoker = true, security_barrier = true) AS
SELECT l.entity_type, l.what, l.figure, l.threshold,
       pg_catalog.jsonb_build_object('component', l.component_id) AS detail
FROM golden_record.limit_reached AS l
UNION ALL
SELECT v.entity_type, 'generic_' || v.kind, v.holders, v.threshold,
       pg_catalog.jsonb_build_object('attribute', v.attribute, 'value', v.value)
FROM golden_record.generic_value AS v
WHERE v.kind <> 'form' AND v.attribute <> 'address'
UNION ALL
SELECT b.entity_type, 'block', pg_catalog.max(b.members), b.threshold,
       pg_catalog.jsonb_build_object('blocks', pg_catalog.count(*))
FROM golden_record.crowded_block AS b
GROUP BY b.entity_type, b.threshold;
COMMENT ON VIEW limits IS 'Every limit that stops a comparison or a merge now. what block: detail.blocks blocks of the policy probabilistic have more members than threshold, the largest figure; they bring nobody together.';

CREATE VIEW model WITH (security_invoker = true, security_barrier = true) AS
SELECT m.entity_type, m.model_id AS model, e.model_id IS NOT DISTINCT FROM m.model_id AS in_force, m.records,
       m.trained_by, m.trained_at, m.weights
FROM golden_record.trained_model AS m
LEFT JOIN golden_record.entity_type AS e ON e.entity_type = m.entity_type;
COMMENT ON VIEW model IS 'Trained models of the policy probabilistic; in_force: the one that use_model chose. An entity type without one has the weights that ship. weights are in thousandths of a bit.';

CREATE VIEW audit_log WITH (security_invoker = true, security_barrier = true) AS
SELECT e.audit_id, e.at, e.actor, e.action, e.entity_type, e.golden_id, e.note, e.detail, e.entry_hash,
       coalesce(e.transaction_id < (SELECT pg_catalog.max(s.to_transaction) FROM golden_record.audit_seal AS s
                                    WHERE s.generation = e.generation), false) AS sealed
FROM golden_record.audit_entry AS e;
COMMENT ON VIEW audit_log IS 'One entry a statement that changed anything. sealed: within the range of a seal, whose chain audit_verify checks.';

CREATE VIEW race_log WITH (security_invoker = true, security_barrier = true) AS
SELECT r.race_id, r.entity_type, r.golden_id, r.kind, r.fields, r.winner, r.loser, r.rule, r.at
FROM golden_record.race AS r;
COMMENT ON VIEW race_log IS 'Races, one row a meeting: same_second (different values in one event second, of two systems or two versions of a record), concurrent (vector clocks that have not seen each other, or are the same), late (arrived after a version that comes behind it). rule: the merge actions, or what puts versions in order, that decided. golden_id: the golden record when they met.';

-- A view to INSERT into and COPY FROM; its triggers are made with their functions.
CREATE VIEW feed WITH (security_invoker = true) AS
SELECT NULL::text AS payload, 'default'::text AS feed WHERE false;
ALTER VIEW feed ALTER COLUMN feed SET DEFAULT 'default';
COMMENT ON VIEW feed IS 'Write-only: each row''s payload is an envelope {"records": [...]} or one record. INSERT, or COPY golden_record.feed (payload) FROM ... WITH (FORMAT csv, QUOTE e''\x01'', DELIMITER e''\x02'').';
