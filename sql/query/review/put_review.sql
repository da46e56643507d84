-- Review pairs, new or with new evidence. $1 entity type; arrays: $2 and $3 record ids (the smaller first), $4 scores,
-- $5 reasons, $6 evidence.
INSERT INTO golden_record.review_pair (entity_type, record_a, record_b, score, reason, evidence)
SELECT $1, n.record_a, n.record_b, n.score, n.reason, n.evidence::jsonb
FROM (SELECT unnest($2::bigint[]) AS record_a, unnest($3::bigint[]) AS record_b, unnest($4::float8[]) AS score,
             unnest($5::text[]) AS reason, unnest($6::text[]) AS evidence) AS n
ORDER BY n.score DESC, n.record_a, n.record_b
ON CONFLICT (record_a, record_b) DO UPDATE
SET entity_type = EXCLUDED.entity_type, score = EXCLUDED.score, reason = EXCLUDED.reason, evidence = EXCLUDED.evidence
