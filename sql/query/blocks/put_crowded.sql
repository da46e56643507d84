-- Blocks over their limit. $1 entity type; arrays: $2 blocks, $3 members, $4 limits.
INSERT INTO golden_record.crowded_block AS b (entity_type, block, members, threshold)
SELECT $1, n.block, n.members, n.threshold
FROM (SELECT unnest($2::bigint[]) AS block, unnest($3::bigint[]) AS members, unnest($4::integer[]) AS threshold) AS n
ON CONFLICT (block) DO UPDATE
SET entity_type = EXCLUDED.entity_type, members = EXCLUDED.members, threshold = EXCLUDED.threshold
