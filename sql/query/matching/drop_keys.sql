-- Keys that records no longer hold. Arrays: $1 keys, $2 record ids.
DELETE FROM golden_record.block_key AS b
USING unnest($1::bigint[], $2::bigint[]) AS n (key, record_id)
WHERE b.key = n.key AND b.record_id = n.record_id
