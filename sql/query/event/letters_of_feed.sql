-- The dead letters of a feed, the latest first. $1 feed.
SELECT r.rejected_id, r.system_name, p.payload
FROM golden_record.rejected_record AS r
JOIN golden_record.rejected_payload AS p ON p.rejected_id = r.rejected_id
WHERE r.feed = $1
ORDER BY r.rejected_id DESC
