-- What a golden record held before, sealed. $1 golden id.
SELECT pg_catalog.to_json(h.valid_from)::text, pg_catalog.to_json(h.valid_to)::text, p.system_name, p.region, p.attributes
FROM golden_record.golden_history AS h
JOIN golden_record.golden_history_pii AS p ON p.golden_id = h.golden_id AND p.valid_to = h.valid_to
WHERE h.golden_id = $1
ORDER BY h.valid_to, p.system_name, p.region
