-- The same, kept from other rotations until the end of the transaction.
SELECT k.key_id, k.wrapped, k.fingerprint FROM golden_record.key_ring AS k ORDER BY k.key_id FOR UPDATE
