-- What a golden record held before, sealed; each from when the values before it were replaced, the first from the oldest state
-- that is kept, with the lineage at its end. $1 golden id.
SELECT coalesce(pg_catalog.to_json(coalesce(
           (SELECT pg_catalog.max(e.valid_to) FROM golden_record.golden_history_pii AS e
            WHERE e.golden_id = p.golden_id AND e.valid_to < p.valid_to),
           (SELECT pg_catalog.min(s.valid_from) FROM golden_record.golden_history AS s
            WHERE s.golden_id = p.golden_id)))::text, 'null'),
       pg_catalog.to_json(p.valid_to)::text, p.system_name, p.region, p.attributes,
       h.lineage
FROM golden_record.golden_history_pii AS p
LEFT JOIN golden_record.golden_history AS h ON h.golden_id = p.golden_id AND h.valid_to = p.valid_to
WHERE p.golden_id = $1
ORDER BY p.valid_to, p.system_name, p.region
