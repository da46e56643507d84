-- The entity type of a living golden record. $1 id.
SELECT g.entity_type FROM golden_record.golden_record AS g WHERE g.golden_id = $1 AND g.status = 'live'
