-- Keys that records no longer hold. Arrays: $1 keys, $2 record ids.
DELETE FROM golden_record.block_key AS b
USING (SELECT unnest($1::bigint[]) AS key, unnest($2::bigint[]) AS record_id) AS n
WHERE b.key = n.key AND b.record_id = n.record_id
