-- The entity type that a model was trained for. $1 its number.
SELECT m.entity_type FROM golden_record.trained_model AS m WHERE m.model_id = $1
