-- Golden ids that records have, founded or inherited, and what these redirect to. $1 golden ids, $2 record ids. What redirects
-- nowhere is not excluded: it finds nothing, and the index of those that do redirect would be read whole instead.
WITH RECURSIVE wanted AS (
    SELECT unnest($1::uuid[]) AS golden_id
    UNION
    SELECT unnest(r.founded) FROM golden_record.source_record AS r WHERE r.record_id = ANY ($2::bigint[])
    UNION
    SELECT g.merged_into FROM wanted JOIN golden_record.golden_record AS g ON g.golden_id = wanted.golden_id)
SELECT g.golden_id, g.seq, g.status = 'live', g.merged_into, g.attributes, g.lineage, g.founders, coalesce(g.heirs, '{}'),
       g.records, g.systems, held.systems, held.regions, held.attributes
FROM wanted
JOIN golden_record.golden_record AS g ON g.golden_id = wanted.golden_id
CROSS JOIN LATERAL (
    SELECT pg_catalog.array_agg(p.system_name) AS systems, pg_catalog.array_agg(p.region) AS regions,
           pg_catalog.array_agg(p.attributes) AS attributes
    FROM golden_record.golden_pii AS p WHERE p.golden_id = g.golden_id) AS held
