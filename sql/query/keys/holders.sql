-- The records that hold keys, at most $2 a key. $1 keys.
SELECT wanted.key, held.record_id, held.name_key
FROM (SELECT unnest($1::bigint[]) AS key) AS wanted
CROSS JOIN LATERAL (
    SELECT b.record_id, b.name_key
    FROM golden_record.block_key AS b
    WHERE b.key = wanted.key
    ORDER BY b.record_id
    LIMIT $2::bigint) AS held
