-- Keys wrapped anew. Arrays: $1 ids, $2 wrapped, $3 fingerprints of the master key.
UPDATE golden_record.key_ring AS k
SET wrapped = n.wrapped, fingerprint = n.fingerprint
FROM unnest($1::integer[], $2::bytea[], $3::bytea[]) AS n (key_id, wrapped, fingerprint)
WHERE k.key_id = n.key_id
