-- An audit entry. $1 action, $2 entity type, $3 golden id, $4 note, $5 detail.
INSERT INTO golden_record.audit_entry (action, entity_type, golden_id, note, detail)
VALUES ($1, $2, $3, $4, $5::jsonb)
