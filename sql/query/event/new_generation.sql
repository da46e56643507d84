-- The generation after the last. Of two first writers the second waits, and finds it made. $1 system identifier,
-- $2 database, $3 timeline.
INSERT INTO golden_record.generation (generation, system_identifier, database_oid, timeline)
SELECT coalesce(pg_catalog.max(g.generation), 0) + 1, $1, $2, $3 FROM golden_record.generation AS g
ON CONFLICT (generation) DO NOTHING
