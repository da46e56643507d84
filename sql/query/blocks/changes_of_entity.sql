-- The same for the records of an entity type. $1 entity type.
SELECT c.block, c.record_id, c.joined
FROM golden_record.block_change AS c
JOIN golden_record.source_record AS r ON r.record_id = c.record_id
WHERE r.entity_type = $1
