-- A digest of the row versions of records, of the configuration and of all decisions, overrides and erasures. $1 keys they hold,
-- $2 components they are in, $3 record ids, $4 blocks of which members came or went, $5 an entity type whose records
-- are all meant.
SELECT pg_catalog.md5(pg_catalog.concat(
    (SELECT c.version FROM golden_record.configuration AS c), ' ',
    (SELECT pg_catalog.concat_ws(' ', pg_catalog.count(*), pg_catalog.count(d.reverted_at), pg_catalog.max(d.decision_id))
     FROM golden_record.decision AS d), ' ',
    (SELECT pg_catalog.concat_ws(' ', pg_catalog.count(*), pg_catalog.count(o.ended_at), pg_catalog.max(o.override_id))
     FROM golden_record.value_override AS o), ' ',
    (SELECT pg_catalog.concat_ws(' ', pg_catalog.count(*), pg_catalog.count(e.lifted_at)) FROM golden_record.erasure AS e), ' ',
    (SELECT pg_catalog.string_agg(b.xmin::text, ' ' ORDER BY b.entity_type) FROM golden_record.block_base AS b), ' ',
    (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', c.block, c.record_id, c.joined), ',' ORDER BY c.block, c.record_id)
     FROM golden_record.block_change AS c WHERE c.block = ANY ($4::bigint[])), ' ',
    pg_catalog.string_agg(pg_catalog.concat_ws(' ', r.record_id, r.xmin, p.xmin), ',' ORDER BY r.record_id)))
FROM golden_record.source_record AS r
JOIN golden_record.source_pii AS p ON p.record_id = r.record_id
WHERE r.record_id = ANY (ARRAY (
    SELECT unnest($3::bigint[])
    UNION
    SELECT c.record_id FROM golden_record.source_record AS c WHERE c.component_id = ANY ($2::bigint[])
    UNION
    SELECT b.record_id FROM golden_record.block_key AS b WHERE b.key = ANY ($1::bigint[])
    UNION
    SELECT e.record_id FROM golden_record.source_record AS e WHERE e.entity_type = $5))
