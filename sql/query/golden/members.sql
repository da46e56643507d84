-- The source records of a golden record, those it was issued for first. $1 golden id.
SELECT r.system_name, r.source_id
FROM golden_record.source_record AS r
LEFT JOIN golden_record.founding_member AS f ON f.record_id = r.record_id AND f.golden_id = r.golden_id
WHERE r.golden_id = $1
ORDER BY f.record_id IS NULL, r.system_name COLLATE "C", r.source_id COLLATE "C"
