-- The records of an open review pair. $1 review id.
SELECT p.entity_type, a.system_name, a.source_id, b.system_name, b.source_id
FROM golden_record.review_pair AS p
JOIN golden_record.source_record AS a ON a.record_id = p.record_a
JOIN golden_record.source_record AS b ON b.record_id = p.record_b
WHERE p.review_id = $1
