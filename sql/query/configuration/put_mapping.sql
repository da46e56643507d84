-- $1 entity type, $2 key, $3 attribute.
INSERT INTO golden_record.attribute_map (entity_type, key, attribute) VALUES ($1, $2, $3)
ON CONFLICT (entity_type, key) DO UPDATE SET attribute = EXCLUDED.attribute
