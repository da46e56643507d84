-- Keys that records hold. Arrays: $1 keys, $2 record ids, $3 name keys.
INSERT INTO golden_record.block_key (key, record_id, name_key)
SELECT n.key, n.record_id, n.name_key
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS n (key, record_id, name_key)
ON CONFLICT (key, record_id) DO UPDATE SET name_key = EXCLUDED.name_key
