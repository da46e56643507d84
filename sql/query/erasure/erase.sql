-- Takes a person out of every table. $1 golden id, $2 records, $3 refused records. Gives the rows by table, and which audit
-- entries were wiped. Golden ids stay, empty, so that none is issued twice; audit entries stay without note and detail, whose
-- salt goes too. History of other golden records goes where one of the records was a member at that time. What stewards decided
-- about others beside one of the records stays, without their words.
WITH RECURSIVE same AS (
    SELECT $1 AS golden_id
    UNION
    SELECT g.golden_id FROM same JOIN golden_record.golden_record AS g ON g.merged_into = same.golden_id),
-- Where one of the records ever was.
been AS MATERIALIZED (
    SELECT same.golden_id FROM same
    UNION
    SELECT m.golden_id FROM golden_record.membership_history AS m WHERE m.record_id = ANY ($2::bigint[])),
past AS MATERIALIZED (
    SELECT h.golden_id, h.valid_to FROM golden_record.golden_history AS h
    WHERE h.golden_id IN (SELECT same.golden_id FROM same)
    UNION
    SELECT h.golden_id, h.valid_to
    FROM golden_record.membership_history AS m
    JOIN golden_record.golden_history AS h
      ON h.golden_id = m.golden_id AND h.valid_from < m.valid_to AND h.valid_to > m.valid_from
    WHERE m.record_id = ANY ($2::bigint[])),
letter AS MATERIALIZED (
    SELECT unnest($3::bigint[]) AS rejected_id),
decided AS MATERIALIZED (
    SELECT DISTINCT m.decision_id FROM golden_record.decision_member AS m WHERE m.record_id = ANY ($2::bigint[])),
-- The smallest living record that is left of each side.
rest AS MATERIALIZED (
    SELECT DISTINCT ON (m.decision_id, m.side) m.decision_id, m.side, m.record_id
    FROM decided
    JOIN golden_record.decision_member AS m ON m.decision_id = decided.decision_id
    JOIN golden_record.source_record AS r ON r.record_id = m.record_id
    WHERE m.record_id <> ALL ($2::bigint[])
    ORDER BY m.decision_id, m.side, r.live DESC, r.system_name COLLATE "C", r.source_id COLLATE "C"),
remaining AS MATERIALIZED (
    SELECT a.decision_id, a.record_id AS record_a, b.record_id AS record_b
    FROM rest AS a JOIN rest AS b ON b.decision_id = a.decision_id
    WHERE a.side = 'a' AND b.side = 'b'),
void AS MATERIALIZED (
    SELECT decided.decision_id FROM decided
    WHERE decided.decision_id NOT IN (SELECT remaining.decision_id FROM remaining)),
source_record AS (DELETE FROM golden_record.source_record AS t WHERE t.record_id = ANY ($2::bigint[]) RETURNING 1),
source_pii AS (DELETE FROM golden_record.source_pii AS t WHERE t.record_id = ANY ($2::bigint[]) RETURNING 1),
record_version AS (DELETE FROM golden_record.record_version AS t WHERE t.record_id = ANY ($2::bigint[]) RETURNING 1),
cross_reference AS (DELETE FROM golden_record.cross_reference AS t WHERE t.record_id = ANY ($2::bigint[]) RETURNING 1),
cross_reference_history AS (
    DELETE FROM golden_record.cross_reference_history AS t WHERE t.record_id = ANY ($2::bigint[]) RETURNING 1),
membership_history AS (DELETE FROM golden_record.membership_history AS t WHERE t.record_id = ANY ($2::bigint[]) RETURNING 1),
overridden AS MATERIALIZED (
    SELECT o.override_id FROM golden_record.value_override AS o WHERE o.record_id = ANY ($2::bigint[])),
value_override_pii AS (
    DELETE FROM golden_record.value_override_pii AS t
    WHERE t.override_id IN (SELECT overridden.override_id FROM overridden) RETURNING 1),
value_override AS (
    DELETE FROM golden_record.value_override AS t
    WHERE t.override_id IN (SELECT overridden.override_id FROM overridden) RETURNING 1),
review_pair AS (
    DELETE FROM golden_record.review_pair AS t
    WHERE t.record_a = ANY ($2::bigint[]) OR t.record_b = ANY ($2::bigint[]) RETURNING 1),
review_closed AS (
    DELETE FROM golden_record.review_closed AS t
    WHERE t.record_a = ANY ($2::bigint[]) OR t.record_b = ANY ($2::bigint[]) RETURNING 1),
decision_member AS (
    DELETE FROM golden_record.decision_member AS t
    WHERE t.record_id = ANY ($2::bigint[]) OR t.decision_id IN (SELECT void.decision_id FROM void) RETURNING 1),
decision AS (DELETE FROM golden_record.decision AS t WHERE t.decision_id IN (SELECT void.decision_id FROM void) RETURNING 1),
decision_of_others AS (
    UPDATE golden_record.decision AS t
    SET record_a = CASE WHEN t.record_a = ANY ($2::bigint[]) THEN n.record_a ELSE t.record_a END,
        record_b = CASE WHEN t.record_b = ANY ($2::bigint[]) THEN n.record_b ELSE t.record_b END,
        note = NULL, revert_note = NULL
    FROM remaining AS n WHERE t.decision_id = n.decision_id),
golden_history_pii AS (
    DELETE FROM golden_record.golden_history_pii AS t
    WHERE t.golden_id IN (SELECT been.golden_id FROM been)
      AND (t.golden_id IN (SELECT same.golden_id FROM same)
       OR EXISTS (
        -- Values hold from the end of those before them.
        SELECT FROM golden_record.membership_history AS m
        WHERE m.record_id = ANY ($2::bigint[]) AND m.golden_id = t.golden_id AND t.valid_to > m.valid_from
          AND NOT EXISTS (
            SELECT FROM golden_record.golden_history_pii AS e
            WHERE e.golden_id = t.golden_id AND e.valid_to >= m.valid_to AND e.valid_to < t.valid_to)))
    RETURNING 1),
golden_history AS (
    DELETE FROM golden_record.golden_history AS t USING past
    WHERE t.golden_id = past.golden_id AND t.valid_to = past.valid_to RETURNING 1),
golden_pii AS (
    DELETE FROM golden_record.golden_pii AS t WHERE t.golden_id IN (SELECT same.golden_id FROM same) RETURNING 1),
golden_record AS (
    UPDATE golden_record.golden_record AS t
    SET status = 'retired', merged_into = NULL, records = 0, systems = '{}', attributes = '{}', lineage = '', founders = '{}',
        heirs = NULL
    WHERE t.golden_id IN (SELECT same.golden_id FROM same) RETURNING 1),
rejected_key AS (
    DELETE FROM golden_record.rejected_key AS t WHERE t.rejected_id IN (SELECT letter.rejected_id FROM letter) RETURNING 1),
rejected_payload AS (
    DELETE FROM golden_record.rejected_payload AS t WHERE t.rejected_id IN (SELECT letter.rejected_id FROM letter) RETURNING 1),
rejected_record AS (
    DELETE FROM golden_record.rejected_record AS t WHERE t.rejected_id IN (SELECT letter.rejected_id FROM letter) RETURNING 1),
-- A record that was deleted meets itself without a golden record.
met AS MATERIALIZED (
    SELECT side.race_id
    FROM golden_record.source_record AS r
    CROSS JOIN LATERAL (
        SELECT w.race_id FROM golden_record.race AS w
        WHERE w.winner ->> 'systemName' = r.system_name AND w.winner ->> 'id' = r.source_id AND w.entity_type = r.entity_type
        UNION ALL
        SELECT l.race_id FROM golden_record.race AS l
        WHERE l.loser ->> 'systemName' = r.system_name AND l.loser ->> 'id' = r.source_id AND l.entity_type = r.entity_type) AS side
    WHERE r.record_id = ANY ($2::bigint[])
    UNION
    SELECT g.race_id FROM golden_record.race AS g WHERE g.golden_id IN (SELECT same.golden_id FROM same)),
race AS (
    DELETE FROM golden_record.race AS t WHERE t.race_id IN (SELECT met.race_id FROM met) RETURNING 1),
-- What stewards did with the golden record, or decided or set about one of the records, whatever golden record it was of.
done AS MATERIALIZED (
    SELECT e.audit_id FROM golden_record.audit_entry AS e WHERE e.golden_id IN (SELECT same.golden_id FROM same)
    UNION
    SELECT e.audit_id
    FROM golden_record.audit_entry AS e
    CROSS JOIN LATERAL pg_catalog.jsonb_array_elements_text(
        coalesce(e.detail -> 'decision_ids', pg_catalog.jsonb_build_array(e.detail -> 'decision_id'))) AS d (decision_id)
    WHERE e.detail ?| ARRAY['decision_id', 'decision_ids', 'override_id', 'override_ids']
      AND d.decision_id::bigint IN (SELECT decided.decision_id FROM decided)
    UNION
    SELECT e.audit_id
    FROM golden_record.audit_entry AS e
    CROSS JOIN LATERAL pg_catalog.jsonb_array_elements_text(
        coalesce(e.detail -> 'override_ids', pg_catalog.jsonb_build_array(e.detail -> 'override_id'))) AS o (override_id)
    WHERE e.detail ?| ARRAY['decision_id', 'decision_ids', 'override_id', 'override_ids']
      AND o.override_id::bigint IN (SELECT overridden.override_id FROM overridden)),
audit_entry AS (
    UPDATE golden_record.audit_entry AS t SET note = NULL, detail = '{}', salt = NULL
    WHERE t.audit_id IN (SELECT done.audit_id FROM done) AND t.salt IS NOT NULL AND t.action <> 'erase_subject'
    RETURNING t.audit_id)
SELECT pg_catalog.jsonb_object_agg(counted.name, counted.rows)::text,
       ARRAY (SELECT audit_entry.audit_id FROM audit_entry ORDER BY 1)
FROM (
    SELECT 'source_record' AS name, pg_catalog.count(*) AS rows FROM source_record
    UNION ALL SELECT 'source_pii', pg_catalog.count(*) FROM source_pii
    UNION ALL SELECT 'record_version', pg_catalog.count(*) FROM record_version
    UNION ALL SELECT 'cross_reference', pg_catalog.count(*) FROM cross_reference
    UNION ALL SELECT 'cross_reference_history', pg_catalog.count(*) FROM cross_reference_history
    UNION ALL SELECT 'membership_history', pg_catalog.count(*) FROM membership_history
    UNION ALL SELECT 'value_override_pii', pg_catalog.count(*) FROM value_override_pii
    UNION ALL SELECT 'value_override', pg_catalog.count(*) FROM value_override
    UNION ALL SELECT 'review_pair', pg_catalog.count(*) FROM review_pair
    UNION ALL SELECT 'review_closed', pg_catalog.count(*) FROM review_closed
    UNION ALL SELECT 'decision_member', pg_catalog.count(*) FROM decision_member
    UNION ALL SELECT 'decision', pg_catalog.count(*) FROM decision
    UNION ALL SELECT 'golden_history_pii', pg_catalog.count(*) FROM golden_history_pii
    UNION ALL SELECT 'golden_history', pg_catalog.count(*) FROM golden_history
    UNION ALL SELECT 'golden_pii', pg_catalog.count(*) FROM golden_pii
    UNION ALL SELECT 'golden_record', pg_catalog.count(*) FROM golden_record
    UNION ALL SELECT 'rejected_key', pg_catalog.count(*) FROM rejected_key
    UNION ALL SELECT 'rejected_payload', pg_catalog.count(*) FROM rejected_payload
    UNION ALL SELECT 'rejected_record', pg_catalog.count(*) FROM rejected_record
    UNION ALL SELECT 'race', pg_catalog.count(*) FROM race
    UNION ALL SELECT 'audit_entry', pg_catalog.count(*) FROM audit_entry) AS counted
