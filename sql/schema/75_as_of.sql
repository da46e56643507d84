-- Why a value is what it is, and what was before.

CREATE FUNCTION why_value(golden_id uuid, attribute text)
RETURNS TABLE (place integer, outcome text, value text, system_name text, source_id text, event_time timestamptz,
               source_priority integer, action text, reason text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    -- OFFSET 0 keeps the view apart: whether there can be such a value is asked first, of NULL too, with which nothing is equal,
    -- so that nothing would be asked.
    WITH line AS (
        SELECT l.*
        FROM golden_record.whose_value($1, $2) AS asked (golden_id)
        CROSS JOIN LATERAL (
            SELECT l.* FROM golden_record.lineage AS l WHERE l.golden_id = asked.golden_id AND l.attribute = coalesce($2, '') OFFSET 0) AS l)
    SELECT 1, 'won', line.value, line.system_name, line.source_id, line.event_time, line.source_priority, line.action, line.reason
    FROM line
    UNION ALL
    SELECT loser.ordinality::integer + 1, CASE WHEN (loser.value ->> 'agrees')::boolean THEN 'agreed' ELSE 'lost' END,
           CASE WHEN (loser.value ->> 'agrees')::boolean THEN line.value END, loser.value ->> 'systemName', loser.value ->> 'id',
           (loser.value ->> 'eventTime')::timestamptz, (loser.value ->> 'sourcePriority')::integer, line.action,
           loser.value ->> 'reason'
    FROM line CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(line.losers) WITH ORDINALITY AS loser
    ORDER BY 1
$$;

CREATE TYPE past_profile AS (
    entity_type text, golden_id uuid, attributes jsonb, status text, records integer, created_at timestamptz,
    updated_at timestamptz, merged_into uuid, systems text[], lineage jsonb, valid_to timestamptz
);
COMMENT ON TYPE past_profile IS 'A row of profile_as_of: the columns of profile, then where the id led, and until when this held (NULL: it holds).';

-- Values leave for the history all together: which policies keep from the reader must not decide when.
CREATE FUNCTION values_until(golden_id uuid, at timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE STRICT SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT pg_catalog.min(v.valid_to) FROM golden_record.golden_history_pii AS v WHERE v.golden_id = $1 AND v.valid_to > $2 $$;

CREATE FUNCTION profile_as_of(golden_id uuid, at timestamptz) RETURNS SETOF past_profile
LANGUAGE sql STABLE ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
    -- Of no moment nothing would be asked: the planner knows that nothing is before NULL.
    WITH state AS (
        SELECT g.entity_type, g.golden_id, g.attributes, g.status, g.records, g.created_at, g.updated_at, g.merged_into,
               g.systems, g.lineage, NULL::timestamptz AS valid_to
        FROM golden_record.golden_record AS g
        WHERE g.golden_id = $1 AND g.updated_at <= coalesce($2, 'infinity')
        UNION ALL
        SELECT h.entity_type, h.golden_id, h.attributes, h.status, h.records, h.created_at, h.valid_from, h.merged_into,
               h.systems, h.lineage, h.valid_to
        FROM golden_record.golden_history AS h
        WHERE h.golden_id = $1 AND h.valid_from <= $2 AND h.valid_to > $2),
    held AS (
        SELECT v.golden_id, v.system_name, v.region, v.attributes
        FROM golden_record.golden_history_pii AS v
        WHERE v.golden_id = $1 AND v.valid_to = golden_record.values_until($1, $2)
        UNION ALL
        SELECT p.golden_id, p.system_name, p.region, p.attributes
        FROM golden_record.golden_pii AS p
        WHERE p.golden_id = $1 AND golden_record.values_until($1, $2) IS NULL)
    SELECT s.entity_type, s.golden_id,
           CASE WHEN (SELECT golden_record.cleared()) AND s.status = 'live' THEN golden_record.unmask(s.attributes, (
               SELECT golden_record.merged(golden_record.open_values('profile_as_of', p.golden_id, p.system_name, p.region, p.attributes))
               FROM held AS p))
           ELSE s.attributes END,
           s.status, s.records, s.created_at, s.updated_at, s.merged_into, s.systems, golden_record.open_lineage(s.lineage),
           s.valid_to
    FROM state AS s
    WHERE golden_record.remembered($2)
$$;

CREATE FUNCTION crosswalk_as_of(at timestamptz)
RETURNS TABLE (entity_type text, system_name text, source_id text, golden_id uuid, kind text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH member AS (
        SELECT r.record_id, r.golden_id FROM golden_record.source_record AS r WHERE r.live AND r.since <= $1
        UNION ALL
        SELECT h.record_id, h.golden_id
        FROM golden_record.membership_history AS h WHERE h.valid_from <= $1 AND h.valid_to > $1),
    record AS (
        SELECT r.entity_type, r.system_name, r.source_id, member.record_id, member.golden_id
        FROM member JOIN golden_record.source_record AS r ON r.record_id = member.record_id),
    reference AS (
        SELECT x.record_id, x.system_name, x.source_id FROM golden_record.cross_reference AS x WHERE x.since <= $1
        UNION ALL
        SELECT h.record_id, h.system_name, h.source_id
        FROM golden_record.cross_reference_history AS h WHERE h.valid_from <= $1 AND h.valid_to > $1)
    SELECT record.entity_type, record.system_name, record.source_id, record.golden_id, 'record' FROM record
    WHERE golden_record.remembered($1)
    UNION ALL
    SELECT DISTINCT record.entity_type, reference.system_name, reference.source_id, record.golden_id, 'cross_reference'
    FROM reference JOIN record ON record.record_id = reference.record_id
    WHERE NOT EXISTS (
        SELECT FROM record AS own
        WHERE own.entity_type = record.entity_type AND own.system_name = reference.system_name
          AND own.source_id = reference.source_id AND own.golden_id = record.golden_id)
$$;

-- Runs as its owner: what was accepted when, without what it said. The next version is looked up by the primary key: lead() would
-- go through all history to answer for one record.
CREATE VIEW record_history WITH (security_barrier = true) AS
SELECT r.entity_type, r.system_name, r.source_id, v.version_id, v.feed, v.event_time, v.received_at AS valid_from,
       (SELECT n.received_at FROM golden_record.record_version AS n
        WHERE n.record_id = v.record_id AND n.version_id > v.version_id ORDER BY n.version_id LIMIT 1) AS valid_to
FROM golden_record.record_version AS v
JOIN golden_record.source_record AS r ON r.record_id = v.record_id;
COMMENT ON VIEW record_history IS 'Every accepted version of every source record, with the time in which it was the last one accepted (valid_to NULL: it is).';

CREATE VIEW overrides WITH (security_invoker = true, security_barrier = true) AS
SELECT o.override_id, o.entity_type, r.golden_id, o.attribute, o.shown AS value,
       pg_catalog.jsonb_build_object('systemName', r.system_name, 'id', r.source_id) AS record,
       o.until, o.until_changed, o.note, o.actor, o.set_at, o.ended_at, o.ended_by, o.end_reason
FROM golden_record.value_override AS o
JOIN golden_record.source_record AS r ON r.record_id = o.record_id;
COMMENT ON VIEW overrides IS 'Values that stewards set, masked; golden_id is where each is now. ended_at NULL: in force. end_reason: cleared, replaced, expired, source_changed.';
