-- The access history of a golden record and of those merged into it. $1 golden id.
WITH RECURSIVE same AS (
    SELECT $1 AS golden_id
    UNION
    SELECT g.golden_id FROM same JOIN golden_record.golden_record AS g ON g.merged_into = same.golden_id)
SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
           'at', e.at, 'login', e.login_role, 'role', e.role, 'object', e.object, 'attribute', e.attribute,
           'purpose', e.purpose, 'outcome', e.outcome, 'count', e.count) ORDER BY e.access_id), '[]')::text
FROM same
JOIN golden_record.access_entry AS e ON e.golden_id = same.golden_id
