-- New keys. Arrays: $1 ids, $2 wrapped, $3 fingerprints of the master key.
INSERT INTO golden_record.key_ring (key_id, wrapped, fingerprint)
SELECT n.key_id, n.wrapped, n.fingerprint
FROM unnest($1::integer[], $2::bytea[], $3::bytea[]) AS n (key_id, wrapped, fingerprint)
ORDER BY n.key_id
ON CONFLICT (key_id) DO NOTHING
