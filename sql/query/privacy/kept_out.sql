-- Which commitments are kept out. $1 entity type, $2 commitments.
SELECT DISTINCT s.commitment FROM golden_record.suppression AS s
WHERE s.commitment = ANY ($2::bytea[]) AND s.entity_type = $1
