-- Golden ids that records have, or that were issued for them. $1 golden ids, $2 record ids.
SELECT g.golden_id, g.seq, g.status = 'live', g.merged_into, g.attributes, g.lineage, g.founders,
       g.records, g.systems, held.systems, held.regions, held.attributes
FROM golden_record.golden_record AS g
CROSS JOIN LATERAL (
    SELECT pg_catalog.array_agg(p.system_name) AS systems, pg_catalog.array_agg(p.region) AS regions,
           pg_catalog.array_agg(p.attributes) AS attributes
    FROM golden_record.golden_pii AS p WHERE p.golden_id = g.golden_id) AS held
WHERE g.golden_id = ANY (
    SELECT unnest($1::uuid[])
    UNION
    SELECT unnest(r.founded) FROM golden_record.source_record AS r WHERE r.record_id = ANY ($2::bigint[]))
