-- The items of the review queue that a filter selects. $1 entity type, $2 reasons, $3 lowest and $4 highest score,
-- $5 system of either record; NULL selects all.
SELECT q.review_id, q.entity_type, a.record_id, a.system_name, a.source_id, b.record_id, b.system_name, b.source_id
FROM golden_record.review_queue AS q
JOIN golden_record.review_pair AS p ON p.review_id = q.review_id
JOIN golden_record.source_record AS a ON a.record_id = p.record_a
JOIN golden_record.source_record AS b ON b.record_id = p.record_b
WHERE ($1::text IS NULL OR q.entity_type = $1)
  AND ($2::text[] IS NULL OR q.reason = ANY ($2))
  AND ($3::float8 IS NULL OR q.score >= $3)
  AND ($4::float8 IS NULL OR q.score <= $4)
  AND ($5::text IS NULL OR $5 IN (a.system_name, b.system_name))
ORDER BY q.review_id
