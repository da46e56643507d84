-- What records say now. Arrays: $1 record ids, $2 states.
INSERT INTO golden_record.source_pii (record_id, state)
SELECT n.record_id, n.state::json
FROM unnest($1::bigint[], $2::text[]) AS n (record_id, state)
ON CONFLICT (record_id) DO UPDATE SET state = EXCLUDED.state
