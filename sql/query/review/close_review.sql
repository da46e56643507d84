-- Review pairs whose evidence is gone, or that were decided. Arrays: $1 review ids, $2 outcomes.
WITH closed AS (
    DELETE FROM golden_record.review_pair AS p
    USING (SELECT unnest($1::bigint[]) AS review_id, unnest($2::text[]) AS outcome) AS n
    WHERE p.review_id = n.review_id
    RETURNING p.*, n.outcome)
INSERT INTO golden_record.review_closed
    (review_id, entity_type, record_a, record_b, score, reason, evidence, opened_at, outcome)
SELECT c.review_id, c.entity_type, c.record_a, c.record_b, c.score, c.reason, c.evidence, c.opened_at, c.outcome
FROM closed AS c
