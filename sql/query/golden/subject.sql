-- The entity type of a golden record that lives, or whose records were all deleted; whether it lives, or its history is on
-- record. $1 id.
SELECT g.entity_type,
       g.status = 'live' OR EXISTS (SELECT FROM golden_record.golden_history AS h WHERE h.golden_id = g.golden_id)
FROM golden_record.golden_record AS g
WHERE g.golden_id = $1 AND (g.status = 'live' OR g.merged_into IS NULL)
