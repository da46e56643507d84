-- Which commitments are kept out. $1 commitments.
SELECT DISTINCT s.commitment FROM golden_record.suppression AS s
WHERE s.commitment = ANY ($1::bytea[])
