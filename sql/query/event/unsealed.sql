-- The audit entries that no seal covers: what the hash of each should be (NULL where note and detail do not fit their
-- commitment), and what it is.
SELECT e.audit_id,
       CASE WHEN CASE WHEN e.salt IS NULL THEN e.note IS NULL AND e.detail = '{}'
                      ELSE golden_record.audit_commitment(e.salt, e.note, e.detail) = e.commitment END
            THEN golden_record.audit_entry_hash(e) END,
       e.entry_hash
FROM golden_record.audit_entry AS e
LEFT JOIN (SELECT s.generation, pg_catalog.max(s.to_transaction) AS to_transaction
           FROM golden_record.audit_seal AS s GROUP BY s.generation) AS sealed ON sealed.generation = e.generation
WHERE sealed.to_transaction IS NULL OR e.transaction_id >= sealed.to_transaction
ORDER BY e.audit_id
