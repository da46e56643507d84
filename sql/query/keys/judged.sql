-- Whether keys are generic, and the records that hold them, at most $2 a key. $1 keys.
SELECT wanted.key, (SELECT g.reason FROM golden_record.generic_key AS g WHERE g.key = wanted.key), held.record_id, held.name_key
FROM (SELECT unnest($1::bigint[]) AS key) AS wanted
LEFT JOIN LATERAL (
    SELECT b.record_id, b.name_key
    FROM golden_record.block_key AS b
    WHERE b.key = wanted.key
    ORDER BY b.record_id
    LIMIT $2::bigint) AS held ON true
