-- Golden values. Arrays: $1 ids, $2 systems, $3 regions, $4 sealed attributes.
INSERT INTO golden_record.golden_pii (golden_id, system_name, region, attributes)
SELECT n.golden_id, n.system_name, n.region, n.attributes
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[]) AS n (golden_id, system_name, region, attributes)
