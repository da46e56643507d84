-- Every source record of an entity type, dead ones too, as they lie on disk. $1 entity type.
SELECT r.record_id, r.system_name, r.source_id, r.attachment_id, r.golden_id, r.component_id
FROM golden_record.source_record AS r
WHERE r.entity_type = $1
