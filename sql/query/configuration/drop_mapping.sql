-- $1 entity type, $2 key.
DELETE FROM golden_record.attribute_map AS m WHERE m.entity_type = $1 AND m.key = $2 RETURNING true
