-- The decisions in force that speak of records, one row a member. $1 record ids.
SELECT d.decision_id, d.decision, d.record_a, d.record_b,
       m.record_id, m.side = 'a', r.system_name, r.source_id, r.live
FROM golden_record.decision AS d
JOIN golden_record.decision_member AS m ON m.decision_id = d.decision_id
JOIN golden_record.source_record AS r ON r.record_id = m.record_id
WHERE d.reverted_at IS NULL
  AND d.decision_id IN (
    SELECT mine.decision_id FROM golden_record.decision_member AS mine WHERE mine.record_id = ANY ($1::bigint[]))
ORDER BY d.decision_id, m.record_id
