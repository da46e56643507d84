-- The golden records with a member that holds any of some keys. Arrays: $1 keys, $2 their words.
SELECT r.golden_id, pg_catalog.array_agg(DISTINCT wanted.word ORDER BY wanted.word)
FROM (SELECT unnest($1::bigint[]) AS key, unnest($2::text[]) AS word) AS wanted
JOIN golden_record.block_key AS b ON b.key = wanted.key
JOIN golden_record.source_record AS r ON r.record_id = b.record_id
WHERE r.golden_id IS NOT NULL
GROUP BY r.golden_id
ORDER BY pg_catalog.count(DISTINCT wanted.word) DESC, r.golden_id
