-- Every source record of an entity type, dead ones too. $1 entity type.
SELECT r.record_id, r.system_name, r.source_id, r.attachment_id, r.golden_id, r.component_id, p.state, p.region
FROM golden_record.source_record AS r
LEFT JOIN golden_record.source_pii AS p ON p.record_id = r.record_id
WHERE r.entity_type = $1
ORDER BY r.record_id
