-- The records of an entity type that no golden id leads to: they never lived when a statement ended, or what they belonged to
-- was forgotten. $1 entity type.
SELECT r.record_id, r.system_name, r.source_id, r.attachment_id, r.golden_id, r.component_id
FROM golden_record.source_record AS r
WHERE r.entity_type = $1 AND NOT r.live
  AND NOT EXISTS (SELECT FROM golden_record.membership_history AS m WHERE m.record_id = r.record_id)
  AND NOT EXISTS (
    SELECT FROM golden_record.golden_record AS g WHERE g.golden_id = ANY (r.founded) AND r.record_id = ANY (g.founders || g.heirs))
ORDER BY r.record_id
