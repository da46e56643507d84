-- Sets options of a source: what is not named stays, null takes back. $1 system, $2 options; null: none.
WITH given AS (SELECT coalesce(nullif($2::text::jsonb, 'null'), '{}') AS options)
INSERT INTO golden_record.source AS s (system_name, options)
SELECT $1, pg_catalog.jsonb_strip_nulls(g.options) FROM given AS g
ON CONFLICT (system_name) DO UPDATE
SET options = pg_catalog.jsonb_strip_nulls(s.options || (SELECT g.options FROM given AS g))
