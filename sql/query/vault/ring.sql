-- The keys of this database, wrapped.
SELECT k.key_id, k.wrapped, k.fingerprint FROM golden_record.key_ring AS k ORDER BY k.key_id
