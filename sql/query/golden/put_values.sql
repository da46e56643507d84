-- Golden values. Arrays: $1 ids, $2 systems, $3 regions, $4 attributes.
INSERT INTO golden_record.golden_pii (golden_id, system_name, region, attributes)
SELECT n.golden_id, n.system_name, n.region, n.attributes::jsonb
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS n (golden_id, system_name, region, attributes)
