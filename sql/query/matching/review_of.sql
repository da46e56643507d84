-- Open review pairs with an end among records, twice where both are. $1 record ids.
SELECT p.review_id, p.record_a, p.record_b, p.score, p.reason, p.evidence::text
FROM golden_record.review_pair AS p
WHERE p.record_a = ANY ($1::bigint[])
UNION ALL
SELECT p.review_id, p.record_a, p.record_b, p.score, p.reason, p.evidence::text
FROM golden_record.review_pair AS p
WHERE p.record_b = ANY ($1::bigint[])
