-- An override. $1 id, $2 entity type, $3 record, $4 attribute, $5 masked value, $6 until, $7 until the rules choose
-- otherwise, $8 note, $9 now, $10 sealed value.
WITH made AS (
    INSERT INTO golden_record.value_override (override_id, entity_type, record_id, attribute, shown, until, until_changed, note, set_at)
    OVERRIDING SYSTEM VALUE
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9))
INSERT INTO golden_record.value_override_pii (override_id, value) VALUES ($1, $10)
