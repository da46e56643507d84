-- Every stored key of the records of an entity type. $1 entity type.
SELECT b.key, b.record_id, b.name_key
FROM golden_record.block_key AS b
JOIN golden_record.source_record AS r ON r.record_id = b.record_id
WHERE r.entity_type = $1
