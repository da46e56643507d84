-- Keys that records no longer hold. Arrays: $1 keys, $2 record ids. Row by row from the arrays: a plan made while the table was
-- nearly empty would otherwise compare each with all.
DELETE FROM golden_record.block_key AS b
WHERE b.ctid = ANY (ARRAY (
    SELECT held.ctid
    FROM (SELECT unnest($1::bigint[]) AS key, unnest($2::bigint[]) AS record_id) AS n
    CROSS JOIN LATERAL (
        SELECT h.ctid FROM golden_record.block_key AS h WHERE h.key = n.key AND h.record_id = n.record_id OFFSET 0) AS held))
