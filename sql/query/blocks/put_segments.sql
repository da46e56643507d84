-- Segments, new or changed. $1 entity type; arrays: $2 segments, $3 their members.
INSERT INTO golden_record.block_segment AS s (entity_type, segment, members)
SELECT $1, n.segment, n.members FROM (SELECT unnest($2::integer[]) AS segment, unnest($3::bytea[]) AS members) AS n
ON CONFLICT (entity_type, segment) DO UPDATE SET members = EXCLUDED.members
