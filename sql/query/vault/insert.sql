-- New keys. Arrays: $1 ids, $2 wrapped, $3 fingerprints of the master key.
INSERT INTO golden_record.key_ring (key_id, wrapped, fingerprint)
SELECT n.key_id, n.wrapped, n.fingerprint
FROM (SELECT unnest($1::integer[]) AS key_id, unnest($2::bytea[]) AS wrapped, unnest($3::bytea[]) AS fingerprint) AS n
ORDER BY n.key_id
ON CONFLICT (key_id) DO NOTHING
