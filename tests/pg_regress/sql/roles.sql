-- Roles: who may do what, by enumeration and by trying.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
-- One record in the guide's shape; extra: further keys of the record.
CREATE FUNCTION pg_temp.record(system text, id text, attributes jsonb, at text, extra jsonb DEFAULT '{}') RETURNS jsonb
LANGUAGE sql AS $$
    SELECT jsonb_build_object('entityType', 'CUSTOMER',
        'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', system, 'id', id)),
        'attributes', attributes, 'timestamp', at) || extra
$$;
-- What a statement is refused with.
CREATE FUNCTION pg_temp.refused(statement text) RETURNS TABLE (state text, message text, detail text, hint text)
LANGUAGE plpgsql AS $$ BEGIN
    EXECUTE statement;
    message := 'not refused';
    RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN NEXT;
END $$;
-- The group roles cannot log in, and nobody is a member of the owner.
SELECT rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname LIKE 'golden\_record\_%' ORDER BY rolname COLLATE "C";
SELECT g.rolname AS role, m.rolname AS member FROM pg_auth_members AS a JOIN pg_roles AS g ON g.oid = a.roleid JOIN pg_roles AS m ON m.oid = a.member
WHERE g.rolname LIKE 'golden\_record\_%' ORDER BY 1, 2;
-- Everything that holds or shows data belongs to the owner role.
SELECT relkind, relowner::regrole AS owner, count(*) > 0 AS some FROM pg_class WHERE relnamespace = 'golden_record'::regnamespace AND relkind IN ('r', 'v', 'S', 'm') GROUP BY 1, 2 ORDER BY 1;
-- Functions that run as their owner: none as a superuser, all with a search_path that ends in pg_temp, or a body that was read when they were made.
SELECT p.oid::regprocedure AS function, proowner::regrole AS owner, proconfig FROM pg_proc AS p WHERE pronamespace = 'golden_record'::regnamespace AND prosecdef ORDER BY 1;
SELECT p.oid::regprocedure AS loose FROM pg_proc AS p WHERE pronamespace = 'golden_record'::regnamespace AND prokind = 'f' AND provolatile <> 'i'
    AND NOT (coalesce(proconfig, '{}')::text LIKE '%search_path=%pg_temp%') AND prosqlbody IS NULL AND proname NOT IN ('open_values', 'written_here', 'audit_commitment', 'audit_hash') ORDER BY 1;
-- PUBLIC may execute what is a function of its arguments alone, and read nothing.
SELECT p.oid::regprocedure AS everybody FROM pg_proc AS p WHERE pronamespace = 'golden_record'::regnamespace
    AND EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) AS a WHERE a.grantee = 0 AND a.privilege_type = 'EXECUTE') ORDER BY proname COLLATE "C", 1;
SELECT relname, a.privilege_type FROM pg_class, aclexplode(coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 'S' ELSE 'r' END::"char", relowner))) AS a
WHERE relnamespace = 'golden_record'::regnamespace AND relkind IN ('r', 'v', 'S') AND a.grantee = 0;
SELECT a.grantee::regrole, string_agg(a.privilege_type, ' ' ORDER BY a.privilege_type) AS on_schema FROM pg_namespace, aclexplode(nspacl) AS a WHERE nspname = 'golden_record' AND a.grantee IN (0, 'golden_record_admin'::regrole) GROUP BY 1;
-- What each group may read and write, itself or by membership.
SELECT r.role, c.relname AS reads FROM (VALUES ('golden_record_ingest'), ('golden_record_reader'), ('golden_record_steward'), ('golden_record_pii'), ('golden_record_admin')) AS r (role)
LEFT JOIN pg_class AS c ON c.relnamespace = 'golden_record'::regnamespace AND c.relkind IN ('r', 'v', 'S') AND has_table_privilege(r.role, c.oid, 'SELECT') ORDER BY r.role, c.relname COLLATE "C";
SELECT r.role, string_agg(c.relname, ' ') AS writes FROM (VALUES ('golden_record_ingest'), ('golden_record_reader'), ('golden_record_steward'), ('golden_record_pii'), ('golden_record_admin')) AS r (role)
LEFT JOIN pg_class AS c ON c.relnamespace = 'golden_record'::regnamespace AND c.relkind IN ('r', 'v') AND has_table_privilege(r.role, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER, REFERENCES') GROUP BY r.role ORDER BY r.role;
SELECT r.role, p.proname AS executes FROM (VALUES ('golden_record_ingest'), ('golden_record_reader'), ('golden_record_steward'), ('golden_record_pii'), ('golden_record_admin')) AS r (role)
JOIN pg_proc AS p ON p.pronamespace = 'golden_record'::regnamespace AND p.provolatile <> 'i' AND has_function_privilege(r.role, p.oid, 'EXECUTE') GROUP BY r.role, p.proname ORDER BY r.role, p.proname COLLATE "C";

-- By trying. What a writer gets back speaks of its record alone.
SELECT outcome FROM golden_record.ingest(pg_temp.record('CRM', '1', '{"email": "ann@example.com", "firstName": "Ann", "secretKey": "raw"}', '2023-01-01T00:00:00Z'));
SELECT outcome FROM golden_record.ingest('{"records": [{"secret": "dead letter"}]}'::text);
CREATE FUNCTION pg_temp.may(what text, statement text) RETURNS text LANGUAGE plpgsql AS $$ DECLARE n bigint; BEGIN
    EXECUTE statement; GET DIAGNOSTICS n = ROW_COUNT;
    RETURN format('%s: %s row(s)', what, n);
EXCEPTION WHEN OTHERS THEN RETURN format('%s: %s', what, SQLSTATE); END $$;
CREATE TEMP TABLE attempt (n serial, what text, statement text);
GRANT SELECT ON attempt TO PUBLIC;
INSERT INTO attempt (what, statement) SELECT format('read %s', relname), format('SELECT * FROM golden_record.%I', relname)
    FROM pg_class WHERE relnamespace = 'golden_record'::regnamespace AND relkind IN ('r', 'v', 'S') ORDER BY relname COLLATE "C";
INSERT INTO attempt (what, statement) VALUES
    ('write customer', 'DELETE FROM golden_record.customer'), ('write golden_record', $$UPDATE golden_record.golden_record SET status = 'retired'$$), ('ingest', $$SELECT golden_record.ingest('{"records": []}'::text)$$),
    ('feed', $$INSERT INTO golden_record.feed (payload) VALUES ('{"records": []}')$$), ('decide', $$SELECT golden_record.decide(1, 'same')$$), ('set_merge_rules', $$SELECT golden_record.set_merge_rules('CUSTOMER', '{}')$$),
    ('digest', 'SELECT golden_record.digest()'), ('digest_text', 'SELECT golden_record.digest_text()'), ('verify', 'SELECT * FROM golden_record.verify()'), ('lookup', $$SELECT * FROM golden_record.lookup(email => 'ann@example.com')$$),
    ('identity_key', $$SELECT golden_record.identity_key('ann@example.com', NULL)$$), ('normalize', $$SELECT golden_record.normalize('x', 'text')$$), ('feed_row', 'SELECT golden_record.feed_row()'), ('attached_change', 'SELECT golden_record.attached_change()');
-- What a role is not refused.
CREATE FUNCTION pg_temp.allowed() RETURNS SETOF text LANGUAGE sql AS $$
    WITH tried AS MATERIALIZED (SELECT n, pg_temp.may(what, statement) AS what FROM attempt ORDER BY n)
    SELECT what FROM tried WHERE what NOT LIKE '%: 42501' ORDER BY n $$;
CREATE ROLE regress_nobody;
SET ROLE regress_nobody;
SELECT pg_temp.allowed() AS nobody;
SET ROLE golden_record_ingest;
SELECT pg_temp.allowed() AS ingest;
SELECT outcome, golden_id FROM golden_record.ingest(pg_temp.record('CRM', '2', '{"email": "ann@example.com"}', '2023-01-01T00:00:00Z'));
SET ROLE golden_record_reader;
SELECT pg_temp.allowed() AS reader;
SET ROLE golden_record_steward;
SELECT pg_temp.allowed() AS steward;
SELECT field, reason, payload FROM golden_record.rejected;
SELECT count(*) AS payloads FROM golden_record.rejected_payload;
-- Cleared, but without a purpose; with one, but without a scope; with both.
SET ROLE golden_record_pii;
SELECT field, reason, payload FROM golden_record.rejected;
SELECT key, value FROM golden_record.raw_attributes;
SET golden_record.purpose = 'test';
SELECT field, reason, payload FROM golden_record.rejected;
SELECT key, value FROM golden_record.raw_attributes;
RESET ROLE;
SELECT golden_record.grant_scope('golden_record_pii');
SET ROLE golden_record_pii;
SELECT field, reason, payload FROM golden_record.rejected;
SELECT key, value FROM golden_record.raw_attributes;
RESET golden_record.purpose;
SELECT email FROM golden_record.customer;
-- Who writes and reads sees the golden id of what it wrote.
RESET ROLE;
GRANT golden_record_ingest, golden_record_reader TO regress_nobody;
SET ROLE regress_nobody;
SELECT outcome, golden_id IS NOT NULL AS golden FROM golden_record.ingest(pg_temp.record('CRM', '3', '{}', '2023-01-01T00:00:00Z'));
RESET ROLE;
-- Row-level security holds for the owner of the table too.
SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class WHERE relnamespace = 'golden_record'::regnamespace AND relrowsecurity ORDER BY 1;
-- status names those from which it was taken off.
BEGIN;
ALTER TABLE golden_record.record_version DISABLE ROW LEVEL SECURITY;
ALTER TABLE golden_record.value_override_pii NO FORCE ROW LEVEL SECURITY;
SELECT value, ok FROM golden_record.status WHERE name = 'row_security';
ROLLBACK;
DROP ROLE regress_nobody;

-- The schema must not be somebody else's, now or before: an operator that was put in it is still there when it is handed over.
DROP EXTENSION golden_record CASCADE;
DROP SCHEMA IF EXISTS golden_record;
CREATE ROLE regress_squatter;
CREATE SCHEMA golden_record AUTHORIZATION regress_squatter;
SELECT * FROM pg_temp.refused('CREATE EXTENSION golden_record') \gx
SET ROLE regress_squatter;
CREATE FUNCTION golden_record.low_bits(bigint, integer) RETURNS bigint LANGUAGE sql RETURN $1 & $2::bigint;
CREATE OPERATOR golden_record.& (LEFTARG = bigint, RIGHTARG = integer, FUNCTION = golden_record.low_bits);
RESET ROLE;
ALTER SCHEMA golden_record OWNER TO CURRENT_USER;
SELECT state, detail, hint FROM pg_temp.refused('CREATE EXTENSION golden_record') \gx
DROP OPERATOR golden_record.& (bigint, integer);
DROP FUNCTION golden_record.low_bits;
DROP SCHEMA golden_record;
-- Nor one in which others may create what they like.
CREATE SCHEMA golden_record;
GRANT CREATE ON SCHEMA golden_record TO regress_squatter, PUBLIC;
SELECT state, detail, hint FROM pg_temp.refused('CREATE EXTENSION golden_record') \gx
REVOKE CREATE ON SCHEMA golden_record FROM regress_squatter, PUBLIC;
CREATE EXTENSION golden_record;  -- an empty one of the installing role alone
DROP EXTENSION golden_record;
DROP SCHEMA golden_record;
DROP ROLE regress_squatter;
CREATE EXTENSION golden_record;

-- Who installed it leaves. What could run as the owner of the tables was never theirs to hand on.
DROP EXTENSION golden_record;
DROP SCHEMA golden_record;
CREATE ROLE regress_dba SUPERUSER;
CREATE ROLE regress_app;
SET ROLE regress_dba;
CREATE EXTENSION golden_record;
RESET ROLE;
SELECT value, ok FROM golden_record.status WHERE name = 'extension_owner';
GRANT golden_record_admin TO regress_app;
CREATE SCHEMA regress_app AUTHORIZATION regress_app;
SET ROLE regress_app;
CREATE TABLE regress_app.contact (id int PRIMARY KEY, email text);
SELECT golden_record.attach_source('regress_app.contact', 'App', 'id');
RESET ROLE;
ALTER ROLE regress_dba NOSUPERUSER;
SELECT value, ok, hint FROM golden_record.status WHERE name = 'extension_owner' \gx
SET ROLE regress_app;
SELECT * FROM pg_temp.refused($$SELECT golden_record.detach_source('regress_app.contact')$$) \gx
RESET ROLE;
REASSIGN OWNED BY regress_dba TO regress_app;
SELECT value, ok FROM golden_record.status WHERE name = 'extension_owner';
SELECT DISTINCT proowner::regrole AS functions FROM pg_proc WHERE pronamespace = 'golden_record'::regnamespace;
SET ROLE regress_app;
SELECT message FROM pg_temp.refused($$CREATE OR REPLACE FUNCTION golden_record.written_here(xmin xid) RETURNS boolean LANGUAGE sql AS 'SELECT true'$$);
RESET ROLE;
REASSIGN OWNED BY regress_app TO CURRENT_USER;
SELECT value, ok FROM golden_record.status WHERE name = 'extension_owner';
SELECT golden_record.detach_source('regress_app.contact');
DROP SCHEMA regress_app CASCADE;
DROP OWNED BY regress_app;
DROP ROLE regress_app, regress_dba;
