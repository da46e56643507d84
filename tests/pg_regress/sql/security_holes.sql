-- Holes: each is opened, every attack of tests/pg_regress/attacks.sql is tried again, and those that end otherwise than
-- before are listed.
\set ECHO none
\i tests/pg_regress/attacks.sql
\set ECHO all
CREATE TEMP TABLE shut AS SELECT n, pg_temp.attempt(role, purpose, statement) AS told FROM attack ORDER BY n;
CREATE TEMP TABLE opened (hole text, n int, told text);
CREATE FUNCTION pg_temp.short(told text) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(regexp_replace(told, '\m0 row\(s\)', 'no row'), '[0-9]+ row\(s\)', 'rows') $$;
CREATE FUNCTION pg_temp.hole(name text, VARIADIC statements text[]) RETURNS TABLE (attacker text, attack text, shut text, opened text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE now_told text[]; step text;
BEGIN
    BEGIN
        FOREACH step IN ARRAY statements LOOP EXECUTE step; END LOOP;
        SELECT array_agg(pg_temp.attempt(role, purpose, statement) ORDER BY n) INTO now_told FROM attack;
        RAISE division_by_zero;
    EXCEPTION WHEN division_by_zero THEN NULL;
    END;
    INSERT INTO opened SELECT name, n, now_told[n] FROM shut WHERE now_told[n] <> told AND (now_told[n] LIKE 'LEAK%' OR told !~ 'row' OR told LIKE '0 row%');
    RETURN QUERY SELECT CASE role WHEN session_user THEN 'superuser' ELSE role END, attack.name, pg_temp.short(shut.told), pg_temp.short(opened.told)
    FROM opened JOIN attack USING (n) JOIN shut USING (n) WHERE hole = hole.name ORDER BY n;
END $$;
SELECT count(*) AS attacks, count(*) FILTER (WHERE told LIKE 'LEAK%') AS leaks FROM shut;
-- Masks that are not applied, and values in what is told about records.
SELECT * FROM pg_temp.hole('masks', $$UPDATE golden_record.golden_record SET attributes = attributes || '{"email": "zanzibar.quicksilver@example.com", "lastName": "Quicksilver"}'$$,
    $$UPDATE golden_record.golden_history SET attributes = '{"email": "zanzibar.quicksilver@example.com"}'$$, $$ANALYZE golden_record.golden_record$$);
SELECT * FROM pg_temp.hole('class', $$SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"lastName": {"kind": "family_name", "pii": "none"}}}')$$);
SELECT * FROM pg_temp.hole('words', $$UPDATE golden_record.audit_entry SET note = 'Zanzibar'$$, $$UPDATE golden_record.rejected_record SET reason = 'Zanzibar'$$,
    $$UPDATE golden_record.review_pair SET evidence = '{"lastName": "Quicksilver"}'$$, $$UPDATE golden_record.drift SET guess = 'zanzibar'$$,
    $$UPDATE golden_record.generic_key SET value = 'zanzibar'$$, $$UPDATE golden_record.change_event SET attributes = '{Zanzibar}'$$,
    $$UPDATE golden_record.configuration_history SET content = '{"x": "zanzibar"}'$$,
    $$INSERT INTO golden_record.access_entry (login_role, role, object, outcome) VALUES ('x', 'x', 'Zanzibar', 'granted')$$);
SELECT * FROM pg_temp.hole('payload in messages', $$CREATE OR REPLACE FUNCTION golden_record.ingest(payload text, feed text DEFAULT 'default')
    RETURNS TABLE (ordinal integer, system_name text, source_id text, outcome text, golden_id uuid, detail text) LANGUAGE sql
    AS 'SELECT 1, ''x'', ''x'', ''created'', gen_random_uuid(), $1 UNION ALL SELECT 2, ''x'', ''x'', ''updated'', NULL, NULL'$$);
-- Who is cleared, and for what.
SELECT * FROM pg_temp.hole('clearance', $$GRANT golden_record_pii TO regress_reader, regress_steward, regress_admin$$,
    $$SELECT golden_record.grant_scope('golden_record_pii')$$);
SELECT * FROM pg_temp.hole('a superuser cleared', format('GRANT golden_record_pii TO %I', session_user), $$SELECT golden_record.grant_scope('golden_record_pii')$$);
SELECT * FROM pg_temp.hole('scope', $$UPDATE golden_record.scope SET systems = NULL WHERE role = 'regress_clerk'$$);
SELECT * FROM pg_temp.hole('purpose', $$ALTER FUNCTION golden_record.cleared() SET golden_record.purpose = 'x'$$,
    $$ALTER FUNCTION golden_record.open_values(text, uuid, text, text, bytea) SET golden_record.purpose = 'x'$$,
    $$ALTER FUNCTION golden_record.open_raw(bigint, text, text, bytea) SET golden_record.purpose = 'x'$$,
    $$ALTER FUNCTION golden_record.open_payload(bigint, text, bytea) SET golden_record.purpose = 'x'$$,
    $$ALTER FUNCTION golden_record.export_subject(uuid) SET golden_record.purpose = 'x'$$);
-- Whoever calls it, the opener runs as a cleared role.
SELECT * FROM pg_temp.hole('openers', $$ALTER FUNCTION golden_record.open_values(text, uuid, text, text, bytea) OWNER TO regress_officer$$,
    $$ALTER FUNCTION golden_record.open_values(text, uuid, text, text, bytea) SECURITY DEFINER$$,
    $$ALTER FUNCTION golden_record.open_raw(bigint, text, text, bytea) OWNER TO regress_officer$$, $$ALTER FUNCTION golden_record.open_raw(bigint, text, text, bytea) SECURITY DEFINER$$,
    $$ALTER FUNCTION golden_record.open_payload(bigint, text, bytea) OWNER TO regress_officer$$, $$ALTER FUNCTION golden_record.open_payload(bigint, text, bytea) SECURITY DEFINER$$,
    $$ALTER FUNCTION golden_record.reveal(uuid, text, text) OWNER TO regress_officer$$, $$ALTER FUNCTION golden_record.reveal(uuid, text, text) SECURITY DEFINER$$,
    $$ALTER FUNCTION golden_record.export_subject(uuid) OWNER TO regress_officer$$, $$ALTER FUNCTION golden_record.export_subject(uuid) SECURITY DEFINER$$,
    $$GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA golden_record TO regress_nobody$$);
-- Rows that policies keep from who is not cleared.
SELECT * FROM pg_temp.hole('policies', $$CREATE POLICY hole ON golden_record.golden_pii USING (true)$$, $$CREATE POLICY hole ON golden_record.source_pii USING (true)$$,
    $$CREATE POLICY hole ON golden_record.rejected_payload USING (true)$$);
SELECT * FROM pg_temp.hole('bypass', $$ALTER ROLE regress_reader BYPASSRLS$$);
-- Who may read, write and call what.
SELECT * FROM pg_temp.hole('readers', $$GRANT golden_record_reader TO regress_writer, regress_nobody$$);
SELECT * FROM pg_temp.hole('tables', $$GRANT SELECT ON ALL TABLES IN SCHEMA golden_record TO PUBLIC$$);
SELECT * FROM pg_temp.hole('writes', $$GRANT INSERT, UPDATE, DELETE ON golden_record.scope, golden_record.access_entry, golden_record.golden_pii TO PUBLIC$$,
    $$GRANT SELECT ON golden_record.scope, golden_record.access_entry TO PUBLIC$$);
SELECT * FROM pg_temp.hole('functions', $$GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA golden_record TO PUBLIC$$);
-- What is ours to change.
SELECT * FROM pg_temp.hole('the owner role', $$GRANT golden_record_owner TO regress_nobody, regress_reader$$);
SELECT * FROM pg_temp.hole('the schema', $$GRANT CREATE ON SCHEMA golden_record TO regress_reader$$, $$ALTER FUNCTION golden_record.cleared() OWNER TO regress_reader$$);
-- What the server may show.
SELECT * FROM pg_temp.hole('the server', $$GRANT pg_read_all_stats, pg_read_all_settings, pg_read_server_files, pg_write_server_files TO regress_reader$$,
    $$GRANT EXECUTE ON FUNCTION pg_read_file(text), lo_import(text) TO regress_reader$$, $$GRANT SELECT ON pg_statistic TO regress_reader$$,
    $$GRANT SET ON PARAMETER golden_record.key_file, golden_record.lookup_misses TO regress_reader$$, $$ALTER ROLE regress_reader REPLICATION$$);
-- Attacks that none of these opens: what they try is kept from them by PostgreSQL, or by there being masked values alone.
SELECT CASE role WHEN session_user THEN 'superuser' ELSE role END AS attacker, name AS attack, pg_temp.short(told) AS shut
FROM attack JOIN shut USING (n) WHERE NOT EXISTS (SELECT FROM opened WHERE opened.n = attack.n) ORDER BY n;
SELECT count(DISTINCT n) AS opened FROM opened;
SET client_min_messages = warning;
DROP OWNED BY regress_reader;
DROP TABLE public.stolen, public.stolen_state;
DROP OWNED BY regress_nobody;
DROP ROLE regress_nobody, regress_writer, regress_reader, regress_steward, regress_admin, regress_officer, regress_clerk;
