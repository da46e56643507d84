-- The open review pairs of records ($1), without their evidence.
SELECT p.review_id, p.record_a, p.record_b, p.score, p.reason, NULL::text
FROM golden_record.review_pair AS p
WHERE p.record_a = ANY ($1::bigint[])
UNION ALL
SELECT p.review_id, p.record_a, p.record_b, p.score, p.reason, NULL::text
FROM golden_record.review_pair AS p
WHERE p.record_b = ANY ($1::bigint[])
