-- The source records of a golden record, those it was issued for first. $1 golden id.
SELECT r.system_name, r.source_id
FROM golden_record.source_record AS r
WHERE r.golden_id = $1
ORDER BY coalesce($1 <> ALL (r.founded), true), r.system_name COLLATE "C", r.source_id COLLATE "C"
