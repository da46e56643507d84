-- The items of the review queue that a filter selects. $1 entity type, $2 reasons, $3 lowest and $4 highest score,
-- $5 system of either record; NULL selects all. What the queue shows is taken whole, and the rest looked up one by one (OFFSET 0):
-- of a filter whose arguments may be NULL the planner expects next to nothing.
WITH shown AS MATERIALIZED (
    SELECT q.review_id, q.entity_type
    FROM golden_record.review_queue AS q
    WHERE ($1::text IS NULL OR q.entity_type = $1)
      AND ($2::text[] IS NULL OR q.reason = ANY ($2))
      AND ($3::float8 IS NULL OR q.score >= $3)
      AND ($4::float8 IS NULL OR q.score <= $4))
SELECT q.review_id, q.entity_type, a.record_id, a.system_name, a.source_id, b.record_id, b.system_name, b.source_id
FROM shown AS q
CROSS JOIN LATERAL (
    SELECT p.record_a, p.record_b FROM golden_record.review_pair AS p WHERE p.review_id = q.review_id OFFSET 0) AS p
CROSS JOIN LATERAL (
    SELECT r.record_id, r.system_name, r.source_id FROM golden_record.source_record AS r WHERE r.record_id = p.record_a OFFSET 0) AS a
CROSS JOIN LATERAL (
    SELECT r.record_id, r.system_name, r.source_id FROM golden_record.source_record AS r WHERE r.record_id = p.record_b OFFSET 0) AS b
WHERE $5::text IS NULL OR $5 IN (a.system_name, b.system_name)
ORDER BY q.review_id
