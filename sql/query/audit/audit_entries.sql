-- The audit entries of a range of transactions: what the hash of each should be, and what it is. $1 generation, $2 and $3
-- the range.
SELECT c.audit_id, c.computed, c.entry_hash
FROM golden_record.audit_check AS c
WHERE c.generation = $1 AND c.transaction_id >= $2::text::xid8 AND c.transaction_id < $3::text::xid8
ORDER BY c.audit_id
