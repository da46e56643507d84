-- The decisions in force that speak of any of some records, one row a member. $1 record ids. One by one (OFFSET 0): a plan that was
-- made while there were few would ask of each decision for each record.
WITH mine AS MATERIALIZED (
    SELECT DISTINCT m.decision_id
    FROM (SELECT unnest($1::bigint[]) AS record_id) AS n
    CROSS JOIN LATERAL (
        SELECT m.decision_id FROM golden_record.decision_member AS m WHERE m.record_id = n.record_id OFFSET 0) AS m)
SELECT d.decision_id, d.decision, d.record_a, d.record_b,
       m.record_id, m.side = 'a', r.system_name, r.source_id, r.live
FROM mine
CROSS JOIN LATERAL (
    SELECT d.* FROM golden_record.decision AS d WHERE d.decision_id = mine.decision_id AND d.reverted_at IS NULL OFFSET 0) AS d
CROSS JOIN LATERAL (
    SELECT m.record_id, m.side FROM golden_record.decision_member AS m WHERE m.decision_id = d.decision_id OFFSET 0) AS m
CROSS JOIN LATERAL (
    SELECT r.system_name, r.source_id, r.live FROM golden_record.source_record AS r WHERE r.record_id = m.record_id OFFSET 0) AS r
ORDER BY d.decision_id, m.record_id
