-- What a golden record and those merged into it held before, sealed; each from when the values before it were replaced, the first
-- from the oldest state that is kept, with the lineage at its end. $1 golden id.
WITH RECURSIVE same AS (
    SELECT $1 AS golden_id
    UNION
    SELECT g.golden_id FROM same JOIN golden_record.golden_record AS g ON g.merged_into = same.golden_id)
SELECT p.golden_id,
       coalesce(pg_catalog.to_json(coalesce(
           (SELECT pg_catalog.max(e.valid_to) FROM golden_record.golden_history_pii AS e
            WHERE e.golden_id = p.golden_id AND e.valid_to < p.valid_to),
           (SELECT pg_catalog.min(s.valid_from) FROM golden_record.golden_history AS s
            WHERE s.golden_id = p.golden_id)))::text, 'null'),
       pg_catalog.to_json(p.valid_to)::text, p.system_name, p.region, p.attributes,
       h.lineage
FROM same
JOIN golden_record.golden_history_pii AS p ON p.golden_id = same.golden_id
LEFT JOIN golden_record.golden_history AS h ON h.golden_id = p.golden_id AND h.valid_to = p.valid_to
ORDER BY p.valid_to, p.golden_id, p.system_name, p.region
