-- The generation that the last write belonged to, where it was made here. $1 system identifier, $2 database, $3 timeline.
SELECT g.generation
FROM (SELECT * FROM golden_record.generation AS g ORDER BY g.generation DESC LIMIT 1) AS g
WHERE g.system_identifier = $1 AND g.database_oid = $2 AND g.timeline = $3
