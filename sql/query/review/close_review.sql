-- Review pairs whose evidence is gone, or that were decided. Arrays: $1 review ids, $2 outcomes. Found one by one (OFFSET 0): a plan
-- that was made while there were few would compare each with all. By ctid, since nobody else closes them meanwhile: the component is
-- locked.
WITH found AS MATERIALIZED (
    SELECT p.ctid, n.outcome
    FROM (SELECT unnest($1::bigint[]) AS review_id, unnest($2::text[]) AS outcome) AS n
    CROSS JOIN LATERAL (
        SELECT p.ctid FROM golden_record.review_pair AS p WHERE p.review_id = n.review_id OFFSET 0) AS p),
closed AS (
    DELETE FROM golden_record.review_pair AS p
    USING found
    WHERE p.ctid = found.ctid
    RETURNING p.*, found.outcome)
INSERT INTO golden_record.review_closed
    (review_id, entity_type, record_a, record_b, score, reason, evidence, opened_at, outcome)
SELECT c.review_id, c.entity_type, c.record_a, c.record_b, c.score, c.reason, c.evidence, c.opened_at, c.outcome
FROM closed AS c
