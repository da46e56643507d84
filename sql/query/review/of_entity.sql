-- The open review pairs of an entity type ($1).
SELECT p.review_id, p.record_a, p.record_b, p.score, p.reason, p.evidence::text
FROM golden_record.review_pair AS p
WHERE p.entity_type = $1
