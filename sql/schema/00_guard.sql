-- Runs before anything else: who may own the schema, and the roles that everything after refers to.

DO $guard$
DECLARE
    squatter text;
    wanted record;
    existing pg_catalog.pg_roles;
BEGIN
    IF pg_catalog.getdatabaseencoding() OPERATOR(pg_catalog.<>) 'UTF8' THEN
        RAISE EXCEPTION 'golden_record needs a database in UTF8, this one is in %', pg_catalog.getdatabaseencoding()
            USING ERRCODE = 'feature_not_supported',
                  HINT = 'CREATE DATABASE ... ENCODING ''UTF8'' TEMPLATE template0.';
    END IF;

    -- CREATE EXTENSION installs silently into a schema that somebody made beforehand, and its owner could then put
    -- functions and operators beside ours.
    SELECT pg_catalog.pg_get_userbyid(n.nspowner) INTO squatter
    FROM pg_catalog.pg_namespace AS n
    JOIN pg_catalog.pg_roles AS r ON r.oid OPERATOR(pg_catalog.=) n.nspowner
    WHERE n.nspname OPERATOR(pg_catalog.=) 'golden_record'
      AND NOT r.rolsuper
      AND r.rolname OPERATOR(pg_catalog.<>) CURRENT_USER;
    IF squatter IS NOT NULL THEN
        RAISE EXCEPTION 'schema golden_record belongs to another role'
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = pg_catalog.format('Its owner %I is neither a superuser nor the installing role.', squatter),
                  HINT = 'Drop the schema, or give it to the installing role, and run CREATE EXTENSION again.';
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
            RAISE EXCEPTION 'role % exists and can log in', wanted.name
                USING ERRCODE = 'insufficient_privilege',
                      HINT = 'golden_record needs this name for a group role: rename the existing role.';
        ELSIF wanted.is_owner AND (existing.rolsuper OR existing.rolbypassrls OR EXISTS (
                SELECT FROM pg_catalog.pg_auth_members AS m WHERE m.roleid OPERATOR(pg_catalog.=) existing.oid)) THEN
            RAISE EXCEPTION 'role golden_record_owner exists with members, SUPERUSER or BYPASSRLS'
                USING ERRCODE = 'insufficient_privilege',
                      HINT = 'It owns the personal data and must be out of everybody''s reach: revoke its memberships.';
        END IF;
    END LOOP;
END
$guard$;
