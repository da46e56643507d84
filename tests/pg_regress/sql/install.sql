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
-- Default privileges of the database give nobody anything of it.
DROP EXTENSION golden_record; DROP SCHEMA golden_record;
CREATE ROLE regress_app;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO regress_app, PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO regress_app, PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT ALL ON FUNCTIONS TO regress_app;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO regress_app, PUBLIC;
CREATE EXTENSION golden_record;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM regress_app, PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON SEQUENCES FROM regress_app, PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM regress_app;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON SCHEMAS FROM regress_app, PUBLIC;
SELECT c.relname, grantee, string_agg(privilege_type, ' ') FROM pg_class AS c, aclexplode(c.relacl)
WHERE c.relnamespace = 'golden_record'::regnamespace AND grantee IN (0, 'regress_app'::regrole) GROUP BY 1, 2 ORDER BY 1, 2;
SELECT n.nspname, grantee, privilege_type FROM pg_namespace AS n, aclexplode(n.nspacl) WHERE n.nspname = 'golden_record' AND grantee <> n.nspowner;
-- Functions of values alone.
SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.pronamespace = 'golden_record'::regnamespace AND has_function_privilege('regress_app', p.oid, 'EXECUTE') ORDER BY p.oid::regprocedure::text COLLATE "C";
SELECT * FROM golden_record.status WHERE name = 'grants';
-- What somebody grants later is named.
GRANT INSERT ON golden_record.scope TO regress_app;
SELECT * FROM golden_record.status WHERE name = 'grants';
REVOKE INSERT ON golden_record.scope FROM regress_app;
GRANT CREATE ON SCHEMA golden_record TO PUBLIC;
SELECT value, ok FROM golden_record.status WHERE name = 'grants';
REVOKE CREATE ON SCHEMA golden_record FROM PUBLIC;
SELECT value, ok FROM golden_record.status WHERE name = 'grants';
DROP OWNED BY regress_app;
DROP ROLE regress_app;
