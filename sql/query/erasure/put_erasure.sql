-- A receipt. $1 entity type, $2 golden id, $3 reason, $4 rows by table.
INSERT INTO golden_record.erasure AS e (entity_type, golden_id, reason, removed)
VALUES ($1, $2, $3, $4::text::jsonb)
RETURNING e.erasure_id, pg_catalog.to_json(e.at AT TIME ZONE 'UTC') #>> '{}' || 'Z'
