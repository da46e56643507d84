-- Keys of records that held none. Arrays: $1 keys, $2 record ids, $3 name keys.
INSERT INTO golden_record.block_key (key, record_id, name_key)
SELECT n.key, n.record_id, n.name_key
FROM (SELECT unnest($1::bigint[]) AS key, unnest($2::bigint[]) AS record_id, unnest($3::bigint[]) AS name_key) AS n
