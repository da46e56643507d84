-- A seal. $1 generation, $2 and $3 range of transactions, $4 entries, $5 their hashes one after the other, $6 Merkle root,
-- $7 previous seal's hash, $8 this one's, $9 when it was made.
INSERT INTO golden_record.audit_seal
    (generation, from_transaction, to_transaction, audit_ids, leaves, merkle_root, previous, seal_hash, sealed_at)
VALUES ($1, $2::text::xid8, $3::text::xid8, $4, $5, $6, $7, $8, $9)
ON CONFLICT DO NOTHING
