-- Every golden id of an entity type with its values. $1 entity type.
SELECT g.golden_id, g.seq, g.status = 'live', g.merged_into, g.attributes::text, g.lineage::text,
       (SELECT pg_catalog.array_agg(f.record_id ORDER BY f.record_id)
        FROM golden_record.founding_member AS f WHERE f.golden_id = g.golden_id),
       g.records, g.systems, held.systems, held.regions, held.attributes
FROM golden_record.golden_record AS g
CROSS JOIN LATERAL (
    SELECT pg_catalog.array_agg(p.system_name) AS systems, pg_catalog.array_agg(p.region) AS regions,
           pg_catalog.array_agg(p.attributes) AS attributes
    FROM golden_record.golden_pii AS p WHERE p.golden_id = g.golden_id) AS held
WHERE g.entity_type = $1
