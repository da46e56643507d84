-- The dead letters of the rows of a table, also while it was attached before, the latest first. $1 its name.
SELECT r.rejected_id, r.system_name, p.payload
FROM golden_record.rejected_record AS r
JOIN golden_record.rejected_payload AS p ON p.rejected_id = r.rejected_id
WHERE r.feed = $1 AND r.attachment_id IS NOT NULL
ORDER BY r.rejected_id DESC
