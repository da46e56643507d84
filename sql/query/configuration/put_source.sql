-- $1 system, $2 options.
INSERT INTO golden_record.source (system_name, options) VALUES ($1, $2::text::jsonb)
ON CONFLICT (system_name) DO UPDATE SET options = EXCLUDED.options
