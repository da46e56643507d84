-- Takes a decision back; no row where it is not in force. $1 decision, $2 note.
UPDATE golden_record.decision AS d
SET reverted_at = pg_catalog.now(), reverted_by = SESSION_USER, revert_note = $2
WHERE d.decision_id = $1 AND d.reverted_at IS NULL
RETURNING d.entity_type
