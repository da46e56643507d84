-- Every golden id of an entity type with its values. $1 entity type.
SELECT g.golden_id, g.seq, g.status = 'live', g.merged_into, g.attributes::text, g.lineage::text,
       (SELECT pg_catalog.array_agg(f.record_id ORDER BY f.record_id)
        FROM golden_record.founding_member AS f WHERE f.golden_id = g.golden_id),
       (SELECT pg_catalog.jsonb_object_agg(e.key, e.value)::text
        FROM golden_record.golden_pii AS p, pg_catalog.jsonb_each(p.attributes) AS e (key, value)
        WHERE p.golden_id = g.golden_id),
       g.records, g.systems,
       (SELECT pg_catalog.jsonb_object_agg(e.key, pg_catalog.jsonb_build_array(p.system_name, p.region))::text
        FROM golden_record.golden_pii AS p, pg_catalog.jsonb_object_keys(p.attributes) AS e (key)
        WHERE p.golden_id = g.golden_id)
FROM golden_record.golden_record AS g
WHERE g.entity_type = $1
