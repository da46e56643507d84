-- Golden records that changed, or live again. Arrays: $1 ids, $2 records, $3 systems, $4 attributes, $5 lineage.
UPDATE golden_record.golden_record AS g
SET status = 'live', merged_into = NULL, records = n.records,
    systems = ARRAY (SELECT pg_catalog.jsonb_array_elements_text(n.systems::jsonb)),
    attributes = n.attributes::jsonb, lineage = n.lineage::jsonb, updated_at = pg_catalog.now()
FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::text[])
    AS n (golden_id, records, systems, attributes, lineage)
WHERE g.golden_id = n.golden_id
