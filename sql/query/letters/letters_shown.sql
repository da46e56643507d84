-- Refused records, sealed, for the person's own request. $1 ids.
SELECT r.rejected_id, r.feed, r.field, r.reason, pg_catalog.to_json(r.at)::text, p.system_name, p.payload
FROM golden_record.rejected_record AS r
JOIN golden_record.rejected_payload AS p ON p.rejected_id = r.rejected_id
WHERE r.rejected_id = ANY ($1::bigint[])
ORDER BY r.rejected_id
