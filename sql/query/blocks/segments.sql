-- The segments of an entity type, and how its blocks are spread over them: NULL where that is lost. $1 entity type.
SELECT s.segment, b.shift, s.members
FROM golden_record.block_segment AS s
LEFT JOIN golden_record.block_base AS b ON b.entity_type = s.entity_type
WHERE s.entity_type = $1
