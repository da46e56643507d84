-- The model in force of an entity type. $1 entity type, $2 model; NULL: the shipped weights.
INSERT INTO golden_record.entity_type AS e (entity_type, model_id)
VALUES ($1, $2)
ON CONFLICT (entity_type) DO UPDATE SET model_id = EXCLUDED.model_id
