-- The scope of a role that exists. $1 role, $2 systems, $3 regions; NULL stands for all.
INSERT INTO golden_record.scope AS s (role, systems, regions)
SELECT $1, $2, $3 WHERE pg_catalog.to_regrole(pg_catalog.quote_ident($1)) IS NOT NULL
ON CONFLICT (role) DO UPDATE
SET systems = EXCLUDED.systems, regions = EXCLUDED.regions, granted_by = EXCLUDED.granted_by, granted_at = EXCLUDED.granted_at
RETURNING s.role
