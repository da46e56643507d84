-- Keys wrapped anew. Arrays: $1 ids, $2 wrapped, $3 fingerprints of the master key.
UPDATE golden_record.key_ring AS k
SET wrapped = n.wrapped, fingerprint = n.fingerprint
FROM (SELECT unnest($1::integer[]) AS key_id, unnest($2::bytea[]) AS wrapped, unnest($3::bytea[]) AS fingerprint) AS n
WHERE k.key_id = n.key_id
