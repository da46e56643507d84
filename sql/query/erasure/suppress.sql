-- What must not come in again. $1 erasure, $2 entity type; arrays: $3 commitments, $4 kinds.
INSERT INTO golden_record.suppression (commitment, erasure_id, entity_type, kind)
SELECT n.commitment, $1, $2, n.kind FROM (SELECT unnest($3::bytea[]) AS commitment, unnest($4::text[]) AS kind) AS n
