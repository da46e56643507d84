-- Decisions of one kind. $1 entity type, $2 decision, $3 note; arrays: $4 ids, $5 and $6 the pairs of evidence; and of the
-- members $7 record ids, $8 the decisions, $9 the sides.
WITH made AS (
    INSERT INTO golden_record.decision (decision_id, entity_type, decision, record_a, record_b, note)
    OVERRIDING SYSTEM VALUE
    SELECT n.decision_id, $1, $2, n.record_a, n.record_b, $3
    FROM unnest($4::bigint[], $5::bigint[], $6::bigint[]) AS n (decision_id, record_a, record_b))
INSERT INTO golden_record.decision_member (record_id, decision_id, side)
SELECT m.record_id, m.decision_id, m.side::"char"
FROM unnest($7::bigint[], $8::bigint[], $9::text[]) AS m (record_id, decision_id, side)
