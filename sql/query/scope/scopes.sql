-- The scopes of the current role. Named grants count, a superuser's power does not.
SELECT s.systems, s.regions
FROM golden_record.scope AS s
WHERE pg_catalog.pg_has_role(current_user, pg_catalog.to_regrole(pg_catalog.quote_ident(s.role)), 'USAGE')
