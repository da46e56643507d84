-- The accepted versions of every source record of any entity type, by record, oldest first.
SELECT v.record_id, v.event_time, v.content_hash, v.content
FROM golden_record.record_version AS v
ORDER BY v.record_id, v.version_id
