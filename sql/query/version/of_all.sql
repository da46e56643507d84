-- The accepted versions of every source record of any entity type, by record, oldest first, and whether each was a row of an
-- attached table.
SELECT v.record_id, v.event_time, v.content_hash, v.content, v.attachment_id IS NOT NULL
FROM golden_record.record_version AS v
ORDER BY v.record_id, v.version_id
