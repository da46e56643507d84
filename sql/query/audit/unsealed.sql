-- The audit entries that no seal covers: what the hash of each should be, and what it is.
SELECT c.audit_id, c.computed, c.entry_hash
FROM golden_record.audit_check AS c
LEFT JOIN (SELECT s.generation, pg_catalog.max(s.to_transaction) AS to_transaction
           FROM golden_record.audit_seal AS s GROUP BY s.generation) AS sealed ON sealed.generation = c.generation
WHERE sealed.to_transaction IS NULL OR c.transaction_id >= sealed.to_transaction
ORDER BY c.audit_id
