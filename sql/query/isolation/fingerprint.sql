-- A digest of the row versions of records and of what was decided about them and set on them, of the configuration and of all
-- erasures. $1 keys they hold, $2 components they are in, $3 record ids, $4 blocks of which members came or went, $5 an entity
-- type whose records are all meant. Decisions and overrides one by one (OFFSET 0), whatever a plan was made for.
WITH about AS MATERIALIZED (
    SELECT unnest($3::bigint[]) AS record_id
    UNION
    SELECT c.record_id FROM golden_record.source_record AS c WHERE c.component_id = ANY ($2::bigint[])
    UNION
    SELECT b.record_id FROM golden_record.block_key AS b WHERE b.key = ANY ($1::bigint[])
    UNION
    SELECT e.record_id FROM golden_record.source_record AS e WHERE e.entity_type = $5)
SELECT pg_catalog.md5(pg_catalog.concat(
    (SELECT c.version FROM golden_record.configuration AS c), ' ',
    (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', d.decision_id, d.xmin), ',' ORDER BY d.decision_id, about.record_id)
     FROM about
     CROSS JOIN LATERAL (
        SELECT m.decision_id FROM golden_record.decision_member AS m WHERE m.record_id = about.record_id OFFSET 0) AS m
     CROSS JOIN LATERAL (
        SELECT d.decision_id, d.xmin FROM golden_record.decision AS d WHERE d.decision_id = m.decision_id OFFSET 0) AS d), ' ',
    (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', o.override_id, o.xmin), ',' ORDER BY o.override_id)
     FROM about
     CROSS JOIN LATERAL (
        SELECT o.override_id, o.xmin FROM golden_record.value_override AS o WHERE o.record_id = about.record_id OFFSET 0) AS o), ' ',
    (SELECT pg_catalog.concat_ws(' ', pg_catalog.count(*), pg_catalog.count(e.lifted_at)) FROM golden_record.erasure AS e), ' ',
    (SELECT pg_catalog.string_agg(b.xmin::text, ' ' ORDER BY b.entity_type) FROM golden_record.block_base AS b), ' ',
    (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', c.block, c.record_id, c.joined), ',' ORDER BY c.block, c.record_id)
     FROM golden_record.block_change AS c WHERE c.block = ANY ($4::bigint[])), ' ',
    pg_catalog.string_agg(pg_catalog.concat_ws(' ', r.record_id, r.xmin, p.xmin), ',' ORDER BY r.record_id)))
FROM golden_record.source_record AS r
JOIN golden_record.source_pii AS p ON p.record_id = r.record_id
WHERE r.record_id = ANY (ARRAY (SELECT about.record_id FROM about))
