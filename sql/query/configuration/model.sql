-- A trained model. $1 its number.
SELECT m.weights::text FROM golden_record.trained_model AS m WHERE m.model_id = $1
