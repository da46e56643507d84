-- A trained model. $1 entity type, $2 records it was trained on, $3 its weights.
INSERT INTO golden_record.trained_model (entity_type, records, weights)
VALUES ($1, $2, $3::text::json)
RETURNING model_id
