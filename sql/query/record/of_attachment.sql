-- The records of an attachment that are live. $1 attachment.
SELECT r.system_name, r.source_id
FROM golden_record.source_record AS r
WHERE r.attachment_id = $1 AND r.live
