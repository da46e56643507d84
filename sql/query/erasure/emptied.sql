-- Tables in which ANALYZE just found no row, and of which the planner has statistics still. $1 tables, as an array is written.
SELECT c.relname::text
FROM pg_catalog.pg_class AS c
WHERE c.oid = ANY ($1::text::regclass[]) AND c.reltuples = 0
  AND EXISTS (SELECT FROM pg_catalog.pg_stats AS s WHERE s.schemaname = 'golden_record' AND s.tablename = c.relname)
