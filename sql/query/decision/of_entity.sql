-- The decisions in force about an entity type, one row a member. $1 entity type.
SELECT d.decision_id, d.decision, d.record_a, d.record_b,
       m.record_id, m.side = 'a', r.system_name, r.source_id, r.live
FROM golden_record.decision AS d
JOIN golden_record.decision_member AS m ON m.decision_id = d.decision_id
JOIN golden_record.source_record AS r ON r.record_id = m.record_id
WHERE d.reverted_at IS NULL AND d.entity_type = $1
ORDER BY d.decision_id, m.record_id
