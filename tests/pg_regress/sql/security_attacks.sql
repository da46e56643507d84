-- Attacks: each as the role that would try it (tests/pg_regress/attacks.sql); LEAK in the last column is a hole. The last rows
-- show that the search finds what a hole would show; security_holes opens holes.
\set ECHO none
\i tests/pg_regress/attacks.sql
\set ECHO all
SELECT count(*) AS attacks, count(DISTINCT statement) >= 60 AS many FROM attack;
-- One by one, each in its own place of one transaction.
CREATE TEMP TABLE verdict AS SELECT n, CASE role WHEN session_user THEN 'superuser' ELSE role END AS role, name, pg_temp.attempt(role, purpose, statement) AS told FROM attack ORDER BY n;
SELECT role, name, told FROM verdict ORDER BY n;
SELECT count(*) AS leaks FROM verdict WHERE told LIKE 'LEAK%';
-- The search finds what a hole would show.
TRUNCATE attack;
INSERT INTO attack (role, purpose, name, statement) VALUES
    ('regress_officer', 'x', 'CONTROL: reads customer, cleared, in scope, with a purpose', 'SELECT * FROM golden_record.customer'),
    ('regress_officer', 'x', 'CONTROL: lineage', 'SELECT * FROM golden_record.lineage'),
    ('regress_officer', 'x', 'CONTROL: raw_attributes', 'SELECT * FROM golden_record.raw_attributes'),
    ('regress_officer', 'x', 'CONTROL: rejected', 'SELECT * FROM golden_record.rejected'),
    ('regress_officer', NULL, 'CONTROL: reveal', 'SELECT golden_record.reveal(''%ID%'', ''email'', ''x'')'),
    ('regress_officer', 'x', 'CONTROL: export', 'SELECT golden_record.export_subject(''%ID%'')'),
    ('regress_officer', 'x', 'CONTROL: opens a value', 'SELECT golden_record.open_values(''customer'', golden_id, system_name, region, attributes) FROM golden_record.golden_pii'),
    ('regress_officer', 'x', 'CONTROL: tells by a function', 'SELECT * FROM golden_record.customer WHERE golden_id = ''%ID%'' AND public.tell(email)'),
    ('regress_clerk', 'x', 'CONTROL: its own system', 'SELECT * FROM golden_record.customer WHERE email IS NULL');
UPDATE attack SET statement = replace(statement, '%ID%', :'golden_id');
SELECT name, pg_temp.attempt(role, purpose, statement) AS told FROM attack ORDER BY n;

-- Plans and cursors that outlive a change of role or purpose.
SET ROLE regress_officer; SET golden_record.purpose = 'x';
PREPARE kept AS SELECT email, last_name FROM golden_record.customer ORDER BY records;
EXECUTE kept;
RESET golden_record.purpose;
EXECUTE kept;
SET golden_record.purpose = 'x';
SET ROLE regress_reader;
EXECUTE kept;
SET ROLE regress_clerk;
EXECUTE kept;
RESET ROLE;
BEGIN;
DECLARE opened CURSOR WITH HOLD FOR SELECT email, last_name FROM golden_record.customer ORDER BY records;
SET LOCAL ROLE regress_officer;
FETCH ALL FROM opened;
COMMIT;
-- COPY, as a reader and as a superuser.
SET ROLE regress_reader;
COPY (SELECT email, last_name FROM golden_record.customer ORDER BY records) TO STDOUT;
COPY golden_record.golden_pii TO STDOUT;
RESET ROLE;
COPY (SELECT email, last_name FROM golden_record.customer ORDER BY records) TO STDOUT;
-- Notices that an attacker's function writes: masked values alone.
SET ROLE regress_reader;
CREATE FUNCTION pg_temp.whisper(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$ BEGIN RAISE NOTICE 'told: %', $1; RETURN true; END $$;
SELECT count(*) FROM golden_record.customer WHERE pg_temp.whisper(email) AND pg_temp.whisper(last_name);
SELECT count(*) FROM golden_record.golden_pii WHERE pg_temp.whisper(encode(attributes, 'escape'));
RESET ROLE;
-- No login can take what writers wait for, or switch off what they pass by where it is taken: of ours is no advisory lock.
BEGIN;
SELECT count(*) FROM golden_record.ingest('{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "LOCK", "id": "1"}],
  "attributes": {"email": "lock@example.com", "lastName": "Locke", "city": "Bonn"}, "timestamp": "2024-01-01T00:00:00Z"}');
SELECT locktype, classid::regclass, objsubid, mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype IN ('advisory', 'object') AND objsubid <> 0
GROUP BY 1, 2, 3, 4 ORDER BY 3;
ROLLBACK;
-- Code of an attached table's owner runs as that owner, never as ours.
SET ROLE regress_nobody;
CREATE TYPE public.mine AS (x text);
CREATE TABLE public.spied (who text);
CREATE FUNCTION public.mine_text(public.mine) RETURNS text LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.spied VALUES (current_user); RETURN ($1).x; END $$;
CREATE CAST (public.mine AS text) WITH FUNCTION public.mine_text(public.mine) AS ASSIGNMENT;
CREATE TABLE public.contact (id text PRIMARY KEY, email public.mine);
RESET ROLE;
GRANT golden_record_admin TO regress_nobody;
SET ROLE regress_nobody;
SELECT golden_record.attach_source('public.contact', 'Contact', 'id');
INSERT INTO public.contact VALUES ('1', ROW('mia@example.com'));
SELECT count(*) AS as_another FROM public.spied WHERE who <> 'regress_nobody';
SELECT golden_record.detach_source('public.contact');
RESET ROLE;
-- What is on record of all this.
SELECT role, object, outcome, sum(count) > 0 AS some FROM golden_record.access_report WHERE role LIKE 'regress%' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
-- Nothing of what holds personal data may be called or read by PUBLIC, and every definer function is accounted for.
SELECT p.oid::regprocedure AS definer FROM pg_proc AS p WHERE pronamespace = 'golden_record'::regnamespace AND prosecdef ORDER BY 1;
SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS forced FROM pg_class AS c WHERE relnamespace = 'golden_record'::regnamespace AND relkind = 'r' AND (relname LIKE '%pii' OR relname IN ('record_version', 'rejected_payload')) ORDER BY 1;
SELECT c.relname AS view_of_its_owner FROM pg_class AS c WHERE relnamespace = 'golden_record'::regnamespace AND relkind = 'v' AND NOT coalesce(reloptions::text LIKE '%security_invoker=true%', false);
SET client_min_messages = warning;
DROP OWNED BY regress_reader;
DROP TABLE public.contact, public.spied, public.stolen, public.stolen_state; DROP CAST (public.mine AS text); DROP FUNCTION public.mine_text(public.mine); DROP TYPE public.mine;
DROP OWNED BY regress_nobody;
DROP ROLE regress_nobody, regress_writer, regress_reader, regress_steward, regress_admin, regress_officer, regress_clerk;
