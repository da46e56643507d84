-- The dead letters of the rows of a table, also while it was attached before, the latest first; not those of one that is
-- attached still, by this name before it was renamed. $1 its name, $2 its attachment.
SELECT r.rejected_id, r.system_name, p.payload
FROM golden_record.rejected_record AS r
CROSS JOIN LATERAL (
    SELECT p.system_name, p.payload FROM golden_record.rejected_payload AS p WHERE p.rejected_id = r.rejected_id OFFSET 0) AS p
WHERE r.feed = $1 AND (r.attachment_id = $2 OR r.attachment_id IN (
    SELECT t.attachment_id FROM golden_record.attached_table AS t WHERE NOT t.followed))
ORDER BY r.rejected_id DESC
