-- Every golden id of an entity type with its values, in one pass over each table. $1 entity type.
SELECT g.golden_id, g.seq, g.status = 'live', g.merged_into, g.attributes::text, g.lineage, g.founders,
       g.records, g.systems, held.systems, held.regions, held.attributes
FROM golden_record.golden_record AS g
LEFT JOIN (
    SELECT p.golden_id, pg_catalog.array_agg(p.system_name) AS systems, pg_catalog.array_agg(p.region) AS regions,
           pg_catalog.array_agg(p.attributes) AS attributes
    FROM golden_record.golden_pii AS p GROUP BY p.golden_id) AS held ON held.golden_id = g.golden_id
WHERE g.entity_type = $1
