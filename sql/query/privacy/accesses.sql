-- The access history of a golden record. $1 golden id.
SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
           'at', e.at, 'login', e.login_role, 'role', e.role, 'object', e.object, 'attribute', e.attribute,
           'purpose', e.purpose, 'outcome', e.outcome, 'count', e.count) ORDER BY e.access_id), '[]')::text
FROM golden_record.access_entry AS e
WHERE e.golden_id = $1
