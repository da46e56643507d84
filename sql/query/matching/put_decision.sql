-- A decision. $1 entity type, $2 decision, $3 and $4 the evidence pair, $5 note, $6 and $7 the sides.
WITH made AS (
    INSERT INTO golden_record.decision (entity_type, decision, record_a, record_b, note)
    VALUES ($1, $2, $3, $4, $5)
    RETURNING decision_id),
members AS (
    INSERT INTO golden_record.decision_member (record_id, decision_id, side)
    SELECT a.record_id, made.decision_id, 'a' FROM made, unnest($6::bigint[]) AS a (record_id)
    UNION ALL
    SELECT b.record_id, made.decision_id, 'b' FROM made, unnest($7::bigint[]) AS b (record_id))
SELECT made.decision_id FROM made
