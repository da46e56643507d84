-- Decisions of one kind. $1 entity type, $2 decision, $3 note; arrays: $4 ids, $5 and $6 the pairs of evidence; and of the
-- members $7 record ids, $8 the decisions, $9 the sides.
WITH made AS (
    INSERT INTO golden_record.decision (decision_id, entity_type, decision, record_a, record_b, note)
    OVERRIDING SYSTEM VALUE
    SELECT n.decision_id, $1, $2, n.record_a, n.record_b, $3
    FROM (SELECT unnest($4::bigint[]) AS decision_id, unnest($5::bigint[]) AS record_a, unnest($6::bigint[]) AS record_b) AS n)
INSERT INTO golden_record.decision_member (record_id, decision_id, side)
SELECT m.record_id, m.decision_id, m.side::"char"
FROM (SELECT unnest($7::bigint[]) AS record_id, unnest($8::bigint[]) AS decision_id, unnest($9::text[]) AS side) AS m
