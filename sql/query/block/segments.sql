-- The segments of an entity type. $1 entity type.
SELECT s.segment, b.shift, s.members
FROM golden_record.block_base AS b
JOIN golden_record.block_segment AS s ON s.entity_type = b.entity_type
WHERE b.entity_type = $1
