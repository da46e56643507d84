-- Records that are in blocks and were not ($3), or were and are no longer. Arrays: $1 blocks, $2 record ids.
INSERT INTO golden_record.block_change (block, record_id, joined)
SELECT n.block, n.record_id, $3
FROM (SELECT unnest($1::bigint[]) AS block, unnest($2::bigint[]) AS record_id) AS n
