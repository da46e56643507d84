-- $1 relation, $2 system, $3 id column, $4 columns, $5 entity type, $6 timestamp column, $7 options.
INSERT INTO golden_record.attachment (relation, system_name, id_column, columns, entity_type, timestamp_column, options)
VALUES ($1, $2, $3, $4::text::jsonb, $5, $6, $7::text::jsonb)
RETURNING attachment_id
