-- The evidence of open review pairs. $1 review ids.
SELECT p.record_a, p.record_b, p.evidence::text
FROM golden_record.review_pair AS p
WHERE p.review_id = ANY ($1::bigint[])
