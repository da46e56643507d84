-- What records say now. Arrays: $1 record ids, $2 sealed states, $3 systems, $4 regions.
INSERT INTO golden_record.source_pii (record_id, state, system_name, region)
SELECT n.record_id, n.state, n.system_name, n.region
FROM (SELECT unnest($1::bigint[]) AS record_id, unnest($2::bytea[]) AS state, unnest($3::text[]) AS system_name,
             unnest($4::text[]) AS region) AS n
ON CONFLICT (record_id) DO UPDATE SET state = EXCLUDED.state, system_name = EXCLUDED.system_name, region = EXCLUDED.region
