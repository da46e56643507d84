-- The extension installs into its own schema, goes away without a trace, and refuses a schema that somebody else made.
CREATE EXTENSION golden_record;
SELECT extname, nspname AS schema, extrelocatable FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace
WHERE extname = 'golden_record';
-- All that it makes is a member of it or belongs to one.
SELECT relname, relkind FROM pg_class c
WHERE relnamespace = 'golden_record'::regnamespace AND relkind IN ('r', 'v', 'S', 'm')
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype IN ('a', 'i'))
ORDER BY relname;
-- All of it is described.
SELECT pg_describe_object(classid, objid, 0) AS undescribed FROM pg_depend
WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e' AND obj_description(objid, classid::regclass::name) IS NULL
  AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'golden_record')
  AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = pg_depend.classid AND d.objid = pg_depend.objid AND d.deptype IN ('a', 'i'))
ORDER BY 1;
-- No trigger on a table of its own: a restore must not run the pipeline.
SELECT tgrelid::regclass, tgname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
WHERE relnamespace = 'golden_record'::regnamespace AND relkind = 'r' AND NOT tgisinternal;
DROP EXTENSION golden_record;
SELECT count(*) AS left_over FROM pg_class WHERE relnamespace = to_regnamespace('golden_record');
DROP SCHEMA IF EXISTS golden_record;
CREATE EXTENSION golden_record;
