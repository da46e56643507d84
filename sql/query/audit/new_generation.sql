-- The generation after the last, unless the last is of here by now. Of two first writers the second waits, and finds it
-- made. $1 system identifier, $2 database, $3 timeline.
WITH last AS MATERIALIZED (
    SELECT g.* FROM golden_record.generation AS g ORDER BY g.generation DESC LIMIT 1)
INSERT INTO golden_record.generation (generation, system_identifier, database_oid, timeline)
SELECT coalesce((SELECT last.generation FROM last), 0) + 1, $1, $2, $3
WHERE NOT EXISTS (
    SELECT FROM last WHERE last.system_identifier = $1 AND last.database_oid = $2 AND last.timeline = $3)
ON CONFLICT (generation) DO NOTHING
