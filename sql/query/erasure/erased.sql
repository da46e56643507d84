-- What the erasures of a golden record keep out. $1 golden id.
SELECT s.entity_type, s.commitment
FROM golden_record.erasure AS e
JOIN golden_record.suppression AS s ON s.erasure_id = e.erasure_id
WHERE e.golden_id = $1
