-- The members of a decision in force. $1 decision.
SELECT d.entity_type, r.record_id, r.system_name, r.source_id, r.live
FROM golden_record.decision AS d
JOIN golden_record.decision_member AS m ON m.decision_id = d.decision_id
JOIN golden_record.source_record AS r ON r.record_id = m.record_id
WHERE d.decision_id = $1 AND d.reverted_at IS NULL
ORDER BY r.record_id
