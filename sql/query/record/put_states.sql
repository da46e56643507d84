-- What records say now. Arrays: $1 record ids, $2 sealed states, $3 systems, $4 regions.
INSERT INTO golden_record.source_pii (record_id, state, system_name, region)
SELECT n.record_id, n.state, n.system_name, n.region
FROM unnest($1::bigint[], $2::bytea[], $3::text[], $4::text[]) AS n (record_id, state, system_name, region)
ON CONFLICT (record_id) DO UPDATE SET state = EXCLUDED.state, region = EXCLUDED.region
