-- Takes the planner's statistics of tables of ours and of their indexes away. $1 names.
DELETE FROM pg_catalog.pg_statistic AS s
USING pg_catalog.pg_class AS c
WHERE c.relnamespace = 'golden_record'::regnamespace AND c.relname = ANY ($1::text[])
  AND (s.starelid = c.oid OR s.starelid IN (SELECT i.indexrelid FROM pg_catalog.pg_index AS i WHERE i.indrelid = c.oid))
