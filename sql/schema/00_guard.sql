-- Runs before anything else: who may own the schema, and the roles that everything after refers to.

DO $guard$
DECLARE
    untrusted text;
    wanted record;
    existing pg_catalog.pg_roles;
BEGIN
    IF pg_catalog.getdatabaseencoding() OPERATOR(pg_catalog.<>) 'UTF8' THEN
        RAISE EXCEPTION 'golden_record needs a database in UTF8, this one is in %', pg_catalog.getdatabaseencoding()
            USING ERRCODE = 'feature_not_supported',
                  HINT = 'CREATE DATABASE ... ENCODING ''UTF8'' TEMPLATE template0.';
    END IF;

    -- CREATE EXTENSION installs silently into a schema that somebody made beforehand: an operator or function that lies in it,
    -- or that others put there, could be taken for PostgreSQL's own. Of a schema that this transaction made (its xid is no
    -- older) others know nothing yet, and what default privileges gave them is revoked at the end.
    SELECT CASE
        WHEN NOT r.rolsuper AND r.rolname OPERATOR(pg_catalog.<>) CURRENT_USER THEN
            pg_catalog.format('Its owner %I is neither a superuser nor the installing role.', r.rolname)
        WHEN inside.object IS NOT NULL THEN pg_catalog.format('It holds %s.', inside.object)
        WHEN others.names IS NOT NULL AND pg_catalog.age(n.xmin) OPERATOR(pg_catalog.>) 0 THEN
            pg_catalog.format('Others may create in it: %s.', others.names)
        END INTO untrusted
    FROM pg_catalog.pg_namespace AS n
    JOIN pg_catalog.pg_roles AS r ON r.oid OPERATOR(pg_catalog.=) n.nspowner
    CROSS JOIN LATERAL (
        SELECT pg_catalog.min(pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)) AS object
        FROM pg_catalog.pg_depend AS d
        WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::regclass::oid
          AND d.refobjid OPERATOR(pg_catalog.=) n.oid
          AND NOT (d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_extension'::regclass::oid AND EXISTS (
              SELECT FROM pg_catalog.pg_extension AS e
              WHERE e.oid OPERATOR(pg_catalog.=) d.objid AND e.extname OPERATOR(pg_catalog.=) 'golden_record'))) AS inside
    CROSS JOIN LATERAL (
        SELECT pg_catalog.string_agg(CASE WHEN g.grantee OPERATOR(pg_catalog.=) 0::oid THEN 'PUBLIC'
                                          ELSE pg_catalog.pg_get_userbyid(g.grantee)::text END, ', ') AS names
        FROM pg_catalog.aclexplode(n.nspacl) AS g
        WHERE g.privilege_type OPERATOR(pg_catalog.=) 'CREATE' AND g.grantee OPERATOR(pg_catalog.<>) n.nspowner) AS others
    WHERE n.nspname OPERATOR(pg_catalog.=) 'golden_record';
    IF untrusted IS NOT NULL THEN
        RAISE EXCEPTION 'schema golden_record is there already, and is not an empty one of the installing role alone'
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = untrusted,
                  HINT = 'Drop the schema, and run CREATE EXTENSION again: it makes the schema itself.';
    END IF;

    FOR wanted IN
        SELECT * FROM (VALUES
            ('golden_record_owner', true),
            ('golden_record_admin', false),
            ('golden_record_steward', false),
            ('golden_record_ingest', false),
            ('golden_record_reader', false),
            ('golden_record_pii', false)) AS role (name, is_owner)
    LOOP
        SELECT * INTO existing FROM pg_catalog.pg_roles AS r WHERE r.rolname OPERATOR(pg_catalog.=) wanted.name;
        IF NOT FOUND THEN
            EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB', wanted.name);
        ELSIF existing.rolcanlogin THEN
            RAISE EXCEPTION 'role "%" exists and can log in', wanted.name
                USING ERRCODE = 'insufficient_privilege',
                      HINT = 'golden_record needs this name for a group role: rename the existing role.';
        ELSIF wanted.is_owner AND (existing.rolsuper OR existing.rolbypassrls OR EXISTS (
                SELECT FROM pg_catalog.pg_auth_members AS m WHERE m.roleid OPERATOR(pg_catalog.=) existing.oid)) THEN
            RAISE EXCEPTION 'role "golden_record_owner" exists with members, SUPERUSER or BYPASSRLS'
                USING ERRCODE = 'insufficient_privilege',
                      HINT = 'It owns the personal data and must be out of everybody''s reach: revoke its memberships.';
        END IF;
    END LOOP;
END
$guard$;
