-- Every seal, oldest first.
SELECT s.seal_id, s.generation, s.from_transaction::text, s.to_transaction::text, s.audit_ids, s.leaves, s.merkle_root,
       s.previous, s.seal_hash, s.sealed_at
FROM golden_record.audit_seal AS s
ORDER BY s.seal_id
