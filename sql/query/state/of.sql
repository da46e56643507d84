-- What records say, by record_id. $1 ids.
SELECT p.record_id, p.system_name, p.region, p.state
FROM golden_record.source_pii AS p
WHERE p.record_id = ANY ($1::bigint[])
