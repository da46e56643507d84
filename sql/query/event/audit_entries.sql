-- The audit entries of a range of transactions: what the hash of each should be (NULL where note and detail do not fit
-- their commitment), and what it is. $1 generation, $2 and $3 the range.
SELECT e.audit_id,
       CASE WHEN CASE WHEN e.salt IS NULL THEN e.note IS NULL AND e.detail = '{}'
                      ELSE golden_record.audit_commitment(e.salt, e.note, e.detail) = e.commitment END
            THEN golden_record.audit_entry_hash(e) END,
       e.entry_hash
FROM golden_record.audit_entry AS e
WHERE e.generation = $1 AND e.transaction_id >= $2::text::xid8 AND e.transaction_id < $3::text::xid8
ORDER BY e.audit_id
