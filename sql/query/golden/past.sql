-- What a golden record held before, sealed; each from when the values before it were replaced. $1 golden id.
SELECT coalesce(pg_catalog.to_json((
           SELECT pg_catalog.max(e.valid_to) FROM golden_record.golden_history_pii AS e
           WHERE e.golden_id = p.golden_id AND e.valid_to < p.valid_to))::text, 'null'),
       pg_catalog.to_json(p.valid_to)::text, p.system_name, p.region, p.attributes
FROM golden_record.golden_history_pii AS p
WHERE p.golden_id = $1
ORDER BY p.valid_to, p.system_name, p.region
