-- The accepted versions of records, oldest first. $1 record ids.
SELECT v.record_id, v.content_hash, v.content
FROM golden_record.record_version AS v
WHERE v.record_id = ANY ($1::bigint[])
ORDER BY v.version_id
