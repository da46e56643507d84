-- The attributes whose values were ever shown as they are. $1 entity type.
SELECT DISTINCT a.key
FROM golden_record.configuration_history AS h
CROSS JOIN LATERAL pg_catalog.jsonb_each(h.content -> 'definition' -> 'attributes') AS a
WHERE h.object = 'entity_type' AND h.name = pg_catalog.jsonb_build_array($1) AND a.value ->> 'pii' = 'none'
