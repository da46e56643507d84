-- The accepted versions of every record of an entity type, by record, oldest first. $1 entity type.
SELECT v.record_id, v.content_hash, v.content
FROM golden_record.record_version AS v
JOIN golden_record.source_record AS r ON r.record_id = v.record_id
WHERE r.entity_type = $1
ORDER BY v.record_id, v.version_id
