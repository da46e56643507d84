-- The attacks and their victim, for security_attacks and security_holes: who tries what. What an attempt gives back (rows,
-- message, detail, hint, context) is searched for the personal data of one customer; LEAK is a hole.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
SELECT count(*) FROM golden_record.ingest('{"records": [
  {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "CRM", "id": "1"}], "timestamp": "2024-01-01T00:00:00Z",
   "attributes": {"email": "zanzibar.quicksilver@example.com", "phoneNumber": "(206) 555-0143", "firstName": "Zanzibar", "lastName": "Quicksilver", "dateOfBirth": "1980-04-17", "street": "9 Quicksilver Lane", "tier": "zanzibar gold"}},
  {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Web", "id": "2"}], "timestamp": "2024-01-01T00:00:00Z",
   "attributes": {"phoneNumber": "(206) 555-0143", "firstName": "Zanzibar", "lastName": "Quicksilver"}},
  {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "CRM", "id": "3"}], "attributes": {"email": "zanzibar.quicksilver@example.com"}}]}'::text);
SELECT golden_record.set_merge_rules('CUSTOMER', '{"email": {"action": "UPDATE_IF_NEWER"}}');
CREATE TABLE public.stolen AS SELECT p.golden_id, p.system_name, p.region, p.attributes FROM golden_record.golden_pii AS p WHERE p.system_name = 'CRM';
CREATE TABLE public.stolen_state AS SELECT * FROM golden_record.source_pii;
GRANT SELECT ON public.stolen, public.stolen_state TO PUBLIC;
CREATE ROLE regress_nobody; CREATE ROLE regress_writer; CREATE ROLE regress_reader; CREATE ROLE regress_steward; CREATE ROLE regress_admin;
CREATE ROLE regress_officer; CREATE ROLE regress_clerk;
GRANT golden_record_ingest TO regress_writer; GRANT golden_record_reader TO regress_reader; GRANT golden_record_steward TO regress_steward;
GRANT golden_record_admin TO regress_admin; GRANT golden_record_pii TO regress_officer, regress_clerk;
SELECT golden_record.grant_scope('regress_officer'), golden_record.grant_scope('regress_clerk', ARRAY['Web']);
GRANT CREATE ON SCHEMA public TO regress_nobody, regress_reader;
SELECT golden_id FROM golden_record.crosswalk WHERE source_id = '1' \gset
-- The tools of an attacker: whatever it is given, it tells.
SET ROLE regress_reader;
CREATE FUNCTION public.tell(anyelement) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$ BEGIN RAISE EXCEPTION 'told: %', $1; END $$;
CREATE FUNCTION public.same(text, text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$ BEGIN RAISE EXCEPTION 'told: %', $1; END $$;
CREATE OPERATOR public.=== (LEFTARG = text, RIGHTARG = text, FUNCTION = public.same);
CREATE VIEW public.over AS SELECT * FROM golden_record.customer;
GRANT SELECT ON public.over TO PUBLIC;
RESET ROLE;
CREATE FUNCTION pg_temp.judge(told text) RETURNS boolean LANGUAGE sql AS $$
    SELECT told ~* 'zanzibar|quicksilver|206.?\)?.?555.?0143|1980-04|7a616e7a69|emFuem|phbnpp|YW56aW' $$;
-- Tries a query (or a command, with rows = false) as a role, with a purpose where one is given.
CREATE FUNCTION pg_temp.attempt(role text, purpose text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE told text := ''; state text; a text; b text; c text; d text; n bigint := 0; line text;
BEGIN
    PERFORM set_config('golden_record.purpose', coalesce(purpose, ''), true);
    BEGIN
        EXECUTE format('SET LOCAL SESSION AUTHORIZATION %I', role);
        IF statement ~* '^(select|with|explain|show|values|table|execute|fetch)' THEN
            FOR line IN EXECUTE CASE WHEN statement ~* '^(select|with|values|table)' THEN format('SELECT r::text FROM (%s) AS r', statement) ELSE statement END LOOP
                told := told || coalesce(line, '') || E'\n'; n := n + 1;
            END LOOP;
        ELSE
            EXECUTE statement;
        END IF;
        state := n || ' row(s)';
        -- What it did is taken back, so that attacks do not lean on each other.
        RAISE EXCEPTION USING ERRCODE = 'ZZZZZ';
    EXCEPTION WHEN SQLSTATE 'ZZZZZ' THEN NULL;
    WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS a = MESSAGE_TEXT, b = PG_EXCEPTION_DETAIL, c = PG_EXCEPTION_HINT, d = PG_EXCEPTION_CONTEXT;
        -- The statement itself, which the attacker wrote, is quoted in the context.
        told := concat_ws(E'\n', a, b, c, replace(d, statement, ''));
        state := SQLSTATE;
    END;
    RESET SESSION AUTHORIZATION;
    RETURN CASE WHEN pg_temp.judge(told) THEN 'LEAK ' || state ELSE state END;
END $$;
CREATE TEMP TABLE attack (n serial, role text, purpose text, name text, statement text);
INSERT INTO attack (role, purpose, name, statement) VALUES
    ('regress_nobody', NULL, 'reads customer without any role', 'SELECT * FROM golden_record.customer'),
    ('regress_nobody', NULL, 'reads profile without any role', 'SELECT * FROM golden_record.profile'),
    ('regress_nobody', NULL, 'reads lineage without any role', 'SELECT * FROM golden_record.lineage'),
    ('regress_nobody', NULL, 'reads golden_record without any role', 'SELECT * FROM golden_record.golden_record'),
    ('regress_nobody', NULL, 'reads golden_pii without any role', 'SELECT * FROM golden_record.golden_pii'),
    ('regress_nobody', NULL, 'reads golden_history_pii without any role', 'SELECT * FROM golden_record.golden_history_pii'),
    ('regress_nobody', NULL, 'reads value_override_pii without any role', 'SELECT * FROM golden_record.value_override_pii'),
    ('regress_nobody', NULL, 'reads source_pii without any role', 'SELECT * FROM golden_record.source_pii'),
    ('regress_nobody', NULL, 'reads record_version without any role', 'SELECT * FROM golden_record.record_version'),
    ('regress_nobody', NULL, 'reads rejected_payload without any role', 'SELECT * FROM golden_record.rejected_payload'),
    ('regress_nobody', NULL, 'reads key_ring without any role', 'SELECT * FROM golden_record.key_ring'),
    ('regress_nobody', NULL, 'reads scope without any role', 'SELECT * FROM golden_record.scope'),
    ('regress_nobody', NULL, 'reads access_entry without any role', 'SELECT * FROM golden_record.access_entry'),
    ('regress_nobody', NULL, 'reads suppression without any role', 'SELECT * FROM golden_record.suppression'),
    ('regress_nobody', NULL, 'reads raw_attributes without any role', 'SELECT * FROM golden_record.raw_attributes'),
    ('regress_nobody', NULL, 'reads rejected without any role', 'SELECT * FROM golden_record.rejected'),
    ('regress_nobody', NULL, 'reads audit_entry without any role', 'SELECT * FROM golden_record.audit_entry'),
    ('regress_nobody', NULL, 'reveals without any role', 'SELECT golden_record.reveal(''%ID%'', ''email'', ''x'')'),
    ('regress_nobody', NULL, 'opens a stolen value', 'SELECT golden_record.open_values(''customer'', golden_id, system_name, region, attributes) FROM public.stolen'),
    ('regress_nobody', NULL, 'reads through a view of a reader', 'SELECT * FROM public.over'),
    ('regress_nobody', NULL, 'becomes the owner', 'SET LOCAL ROLE golden_record_owner'),
    ('regress_nobody', NULL, 'grants itself a scope', 'SELECT golden_record.grant_scope(''regress_nobody'')'),
    ('regress_nobody', NULL, 'erases', 'SELECT golden_record.erase_subject(''%ID%'', ''x'')'),
    ('regress_nobody', NULL, 'exports', 'SELECT golden_record.export_subject(''%ID%'')'),
    ('regress_nobody', NULL, 'rotates the key', 'SELECT golden_record.rotate_key()'),
    ('regress_nobody', NULL, 'hangs our trigger on a table of its own', 'DO $x$ BEGIN CREATE TEMP TABLE mine (id text); CREATE TRIGGER t AFTER INSERT ON mine FOR EACH STATEMENT EXECUTE FUNCTION golden_record.attached_change(''1''); END $x$'),
    ('regress_nobody', NULL, 'calls the trigger function', 'SELECT golden_record.attached_change()'),
    ('regress_writer', NULL, 'reads customer as a writer', 'SELECT * FROM golden_record.customer'),
    ('regress_writer', NULL, 'reads feed as a writer', 'SELECT * FROM golden_record.feed'),
    ('regress_writer', NULL, 'reads golden_pii as a writer', 'SELECT * FROM golden_record.golden_pii'),
    ('regress_writer', NULL, 'reads crosswalk as a writer', 'SELECT * FROM golden_record.crosswalk'),
    ('regress_writer', NULL, 'reads rejected as a writer', 'SELECT * FROM golden_record.rejected'),
    ('regress_writer', NULL, 'reads feed_status as a writer', 'SELECT * FROM golden_record.feed_status'),
    ('regress_writer', NULL, 'guesses an email and watches the golden id', 'SELECT i.golden_id FROM golden_record.ingest(''{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Guess", "id": "1"}], "timestamp": "2024-01-01T00:00:00Z", "attributes": {"email": "zanzibar.quicksilver@example.com"}}''::text) AS i WHERE i.golden_id IS NOT NULL'),
    ('regress_writer', NULL, 'guesses an email and compares the outcomes', 'SELECT count(DISTINCT i.outcome) FROM golden_record.ingest(''{"records": [{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Guess", "id": "2"}], "timestamp": "2024-01-01T00:00:00Z", "attributes": {"email": "zanzibar.quicksilver@example.com"}}, {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Guess", "id": "3"}], "timestamp": "2024-01-01T00:00:00Z", "attributes": {"email": "nobody@example.com"}}]}''::text) AS i HAVING count(DISTINCT i.outcome) > 1'),
    ('regress_writer', NULL, 'reads what it inserts by RETURNING', 'WITH i AS (INSERT INTO golden_record.feed (payload) VALUES (''{}'') RETURNING *) SELECT * FROM i'),
    ('regress_writer', NULL, 'asks for the key of a guess to look it up', 'SELECT * FROM golden_record.block_key WHERE key IS NOT NULL'),
    ('regress_writer', NULL, 'reveals as a writer', 'SELECT golden_record.reveal(''%ID%'', ''email'', ''x'')'),
    ('regress_writer', NULL, 'looks a guess up as a writer', 'SELECT * FROM golden_record.lookup(email => ''zanzibar.quicksilver@example.com'')'),
    ('regress_writer', NULL, 'makes an error quote the payload', 'SELECT i.detail FROM golden_record.ingest(''{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "CRM", "id": {"zanzibar": 1}}], "attributes": {"email": "zanzibar.quicksilver@example.com"}}''::text) AS i'),
    ('regress_writer', NULL, 'makes the parser quote the payload', 'SELECT i.detail FROM golden_record.ingest(''{"zanzibar.quicksilver@example.com''::text) AS i'),
    ('regress_writer', NULL, 'makes a conversion quote the payload', 'SELECT i.detail FROM golden_record.ingest(''{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "CRM", "id": "9"}], "timestamp": "zanzibar", "attributes": {}}''::text) AS i'),
    ('regress_reader', NULL, 'reads customer', 'SELECT * FROM golden_record.customer'),
    ('regress_reader', NULL, 'reads profile', 'SELECT * FROM golden_record.profile'),
    ('regress_reader', NULL, 'reads lineage', 'SELECT * FROM golden_record.lineage'),
    ('regress_reader', NULL, 'reads golden_record', 'SELECT * FROM golden_record.golden_record'),
    ('regress_reader', NULL, 'reads golden_history', 'SELECT * FROM golden_record.golden_history'),
    ('regress_reader', NULL, 'reads over', 'SELECT * FROM public.over'),
    ('regress_reader', 'curiosity', 'sets a purpose', 'SELECT * FROM golden_record.customer'),
    ('regress_reader', NULL, 'asks for the full email in WHERE', 'SELECT golden_id FROM golden_record.customer WHERE email = ''zanzibar.quicksilver@example.com'''),
    ('regress_reader', NULL, 'asks for a pattern in WHERE', 'SELECT golden_id FROM golden_record.customer WHERE last_name LIKE ''Quick%'''),
    ('regress_reader', NULL, 'asks by containment of JSON', 'SELECT golden_id FROM golden_record.profile WHERE attributes @> ''{"lastName": "Quicksilver"}'''),
    ('regress_reader', NULL, 'tells by a function in WHERE', 'SELECT * FROM golden_record.customer WHERE public.tell(email)'),
    ('regress_reader', NULL, 'tells by a function over the whole row', 'SELECT * FROM golden_record.customer AS c WHERE public.tell(c)'),
    ('regress_reader', NULL, 'tells by a function on the sealed table', 'SELECT * FROM golden_record.golden_pii WHERE public.tell(attributes)'),
    ('regress_reader', NULL, 'tells by an operator', 'SELECT * FROM golden_record.customer WHERE email OPERATOR(public.===) ''x'''),
    ('regress_reader', NULL, 'tells by a cast', 'SELECT * FROM golden_record.customer WHERE last_name::integer = 1'),
    ('regress_reader', NULL, 'tells by a division', 'SELECT 1 / (length(email) - length(email)) FROM golden_record.customer'),
    ('regress_reader', NULL, 'tells by an aggregate', 'SELECT min(email), max(last_name), string_agg(phone_number, '','') FROM golden_record.customer'),
    ('regress_reader', NULL, 'counts the sealed rows', 'SELECT 1 FROM golden_record.golden_pii'),
    ('regress_reader', NULL, 'reads sealed rows by ctid', 'SELECT * FROM golden_record.golden_pii WHERE ctid = ''(0,1)'''),
    ('regress_reader', NULL, 'locks sealed rows', 'SELECT * FROM golden_record.golden_pii FOR UPDATE'),
    ('regress_reader', NULL, 'turns row security off', 'DO $x$ BEGIN SET LOCAL row_security = off; PERFORM * FROM golden_record.golden_pii; END $x$'),
    ('regress_reader', NULL, 'explains with values', 'EXPLAIN (ANALYZE, VERBOSE, COSTS OFF, TIMING OFF, SUMMARY OFF, FORMAT JSON) SELECT * FROM golden_record.customer'),
    ('regress_reader', NULL, 'explains the sealed table', 'EXPLAIN (ANALYZE, VERBOSE, COSTS OFF, TIMING OFF, SUMMARY OFF, FORMAT JSON) SELECT * FROM golden_record.golden_pii'),
    ('regress_reader', NULL, 'reads the statistics', 'SELECT * FROM pg_stats WHERE schemaname = ''golden_record'''),
    ('regress_reader', NULL, 'reads the statistics catalogue', 'SELECT * FROM pg_statistic'),
    ('regress_reader', NULL, 'reads extended statistics', 'SELECT * FROM pg_stats_ext'),
    ('regress_reader', NULL, 'reads the statements of others', 'SELECT query FROM pg_stat_activity WHERE query NOT IN ('''', ''<insufficient privilege>'') AND pid <> pg_backend_pid()'),
    ('regress_reader', NULL, 'becomes cleared', 'SET LOCAL ROLE golden_record_pii'),
    ('regress_reader', NULL, 'reveals as a reader', 'SELECT golden_record.reveal(''%ID%'', ''email'', ''x'')'),
    ('regress_reader', NULL, 'exports as a reader', 'SELECT golden_record.export_subject(''%ID%'')'),
    ('regress_reader', 'x', 'opens a stolen value as a reader', 'SELECT golden_record.open_values(''customer'', golden_id, system_name, region, attributes) FROM public.stolen'),
    ('regress_reader', 'x', 'opens a stolen state as a reader', 'SELECT golden_record.open_raw(record_id, system_name, region, state) FROM public.stolen_state'),
    ('regress_reader', 'x', 'opens a stolen state as a payload', 'SELECT golden_record.open_payload(record_id, system_name, state) FROM public.stolen_state'),
    ('regress_reader', NULL, 'looks up a pattern', 'SELECT * FROM golden_record.lookup(email => ''zan%'')'),
    ('regress_reader', NULL, 'looks up a part', 'SELECT * FROM golden_record.lookup(name => ''Quicksilver'')'),
    ('regress_reader', NULL, 'looks up in full and gets more than it gave', 'SELECT email, last_name, date_of_birth, street FROM golden_record.lookup(phone => ''+12065550143'')'),
    ('regress_reader', NULL, 'reads the past', 'SELECT * FROM golden_record.profile_as_of(''%ID%'', now())'),
    ('regress_reader', 'x', 'reads the sealed past', 'SELECT * FROM golden_record.golden_history_pii'),
    ('regress_reader', NULL, 'asks why a value', 'SELECT * FROM golden_record.why_value(''%ID%'', ''email'')'),
    ('regress_reader', NULL, 'reads the change feed', 'SELECT * FROM golden_record.changes_since(NULL)'),
    ('regress_reader', NULL, 'replaces a function of ours', 'CREATE OR REPLACE FUNCTION golden_record.cleared() RETURNS boolean LANGUAGE sql AS $x$ SELECT true $x$'),
    ('regress_reader', NULL, 'adds a function to our schema', 'CREATE FUNCTION golden_record.mine() RETURNS boolean LANGUAGE sql AS $x$ SELECT true $x$'),
    ('regress_reader', NULL, 'adds a policy', 'CREATE POLICY mine ON golden_record.golden_pii USING (true)'),
    ('regress_reader', NULL, 'takes row security off the table', 'ALTER TABLE golden_record.golden_pii DISABLE ROW LEVEL SECURITY'),
    ('regress_reader', NULL, 'hangs a trigger on the sealed table', 'CREATE TRIGGER t BEFORE INSERT ON golden_record.golden_pii FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()'),
    ('regress_reader', NULL, 'hangs a rule on a view', 'CREATE RULE r AS ON INSERT TO golden_record.feed DO ALSO NOTIFY x'),
    ('regress_reader', NULL, 'writes to the sealed table', 'DELETE FROM golden_record.golden_pii'),
    ('regress_reader', NULL, 'gives itself a scope by hand', 'INSERT INTO golden_record.scope (role) VALUES (''regress_reader'')'),
    ('regress_reader', NULL, 'wipes the past', 'SELECT golden_record.forget_history(now())'),
    ('regress_reader', NULL, 'wipes its traces', 'DELETE FROM golden_record.access_entry'),
    ('regress_reader', NULL, 'reads the traces', 'SELECT * FROM golden_record.access_log'),
    ('regress_reader', NULL, 'reads the key file', 'SELECT pg_read_file(''golden_record.key'')'),
    ('regress_reader', NULL, 'loads the key file as a large object', 'SELECT lo_import(''golden_record.key'')'),
    ('regress_reader', NULL, 'copies the key file in', 'COPY public.stolen FROM ''/golden_record.key'''),
    ('regress_reader', NULL, 'asks where the key file is', 'SHOW golden_record.key_file'),
    ('regress_reader', NULL, 'points to a key file of its own', 'SET golden_record.key_file = ''/tmp/mine'''),
    ('regress_reader', NULL, 'points to it for good', 'ALTER ROLE regress_reader SET golden_record.key_file = ''/tmp/mine'''),
    ('regress_reader', NULL, 'lifts the limit of look-ups', 'SET golden_record.lookup_misses = 1000000'),
    ('regress_reader', NULL, 'decodes the WAL', 'SELECT pg_create_logical_replication_slot(''mine'', ''test_decoding'')'),
    ('regress_reader', NULL, 'shadows a table in pg_temp and looks up', 'DO $x$ BEGIN CREATE TEMP TABLE golden_record (golden_id uuid); SET LOCAL search_path = pg_temp, golden_record; PERFORM * FROM golden_record.lookup(email => ''zanzibar.quicksilver@example.com''); END $x$'),
    ('regress_reader', NULL, 'shadows an operator and reads the view', 'DO $x$ BEGIN CREATE FUNCTION pg_temp.j(jsonb, text) RETURNS text LANGUAGE plpgsql AS $y$ BEGIN RAISE EXCEPTION ''told: %'', $1; END $y$; CREATE OPERATOR public.->> (LEFTARG = jsonb, RIGHTARG = text, FUNCTION = pg_temp.j); SET LOCAL search_path = public, pg_catalog; PERFORM * FROM golden_record.customer; DROP OPERATOR public.->> (jsonb, text); END $x$'),
    ('regress_steward', 'x', 'reads review_queue as a steward', 'SELECT * FROM golden_record.review_queue'),
    ('regress_steward', 'x', 'reads rejected as a steward', 'SELECT * FROM golden_record.rejected'),
    ('regress_steward', 'x', 'reads raw_attributes as a steward', 'SELECT * FROM golden_record.raw_attributes'),
    ('regress_steward', 'x', 'reads generic_value as a steward', 'SELECT * FROM golden_record.generic_value'),
    ('regress_steward', 'x', 'reads decisions as a steward', 'SELECT * FROM golden_record.decisions'),
    ('regress_steward', 'x', 'reads overrides as a steward', 'SELECT * FROM golden_record.overrides'),
    ('regress_steward', 'x', 'reads record_history as a steward', 'SELECT * FROM golden_record.record_history'),
    ('regress_steward', 'x', 'reads schema_drift as a steward', 'SELECT * FROM golden_record.schema_drift'),
    ('regress_steward', 'x', 'reads golden_pii as a steward', 'SELECT * FROM golden_record.golden_pii'),
    ('regress_steward', NULL, 'asks why', 'SELECT * FROM golden_record.why(''%ID%'')'),
    ('regress_steward', NULL, 'asks why not', 'SELECT * FROM golden_record.why_not(''{"systemName": "CRM", "id": "1"}'', ''{"systemName": "Web", "id": "2"}'')'),
    ('regress_steward', NULL, 'reads the relations', 'SELECT * FROM golden_record.relation'),
    ('regress_steward', NULL, 'reads the races', 'SELECT * FROM golden_record.race_log'),
    ('regress_steward', NULL, 'reveals as a steward', 'SELECT golden_record.reveal(''%ID%'', ''email'', ''x'')'),
    ('regress_steward', NULL, 'overrides a value to read it back', 'SELECT golden_record.override(''%ID%'', ''city'', ''Oslo'')'),
    ('regress_admin', 'x', 'reads customer as an administrator', 'SELECT * FROM golden_record.customer'),
    ('regress_admin', 'x', 'reads audit_log as an administrator', 'SELECT * FROM golden_record.audit_log'),
    ('regress_admin', 'x', 'reads access_log as an administrator', 'SELECT * FROM golden_record.access_log'),
    ('regress_admin', 'x', 'reads access_report as an administrator', 'SELECT * FROM golden_record.access_report'),
    ('regress_admin', 'x', 'reads status as an administrator', 'SELECT * FROM golden_record.status'),
    ('regress_admin', 'x', 'reads trained_model as an administrator', 'SELECT * FROM golden_record.trained_model'),
    ('regress_admin', 'x', 'reads rejected as an administrator', 'SELECT * FROM golden_record.rejected'),
    ('regress_admin', 'x', 'reads raw_attributes as an administrator', 'SELECT * FROM golden_record.raw_attributes'),
    ('regress_admin', 'x', 'reads configuration_history as an administrator', 'SELECT * FROM golden_record.configuration_history'),
    ('regress_admin', NULL, 'reveals as an administrator', 'SELECT golden_record.reveal(''%ID%'', ''email'', ''x'')'),
    ('regress_admin', 'x', 'exports as an administrator', 'SELECT golden_record.export_subject(''%ID%'')'),
    ('regress_admin', NULL, 'verifies to see values', 'SELECT * FROM golden_record.verify()'),
    ('regress_admin', NULL, 'reads key_ring as an administrator', 'SELECT * FROM golden_record.key_ring'),
    ('regress_officer', NULL, 'reads customer without a purpose', 'SELECT * FROM golden_record.customer'),
    ('regress_officer', NULL, 'reads lineage without a purpose', 'SELECT * FROM golden_record.lineage'),
    ('regress_officer', NULL, 'reads raw_attributes without a purpose', 'SELECT * FROM golden_record.raw_attributes'),
    ('regress_officer', NULL, 'reads rejected without a purpose', 'SELECT * FROM golden_record.rejected'),
    ('regress_officer', '  ', 'reads with an empty purpose', 'SELECT * FROM golden_record.customer'),
    ('regress_officer', NULL, 'opens a value without a purpose', 'SELECT golden_record.open_values(''customer'', golden_id, system_name, region, attributes) FROM golden_record.golden_pii'),
    ('regress_officer', NULL, 'reveals without a purpose', 'SELECT golden_record.reveal(''%ID%'', ''email'', '' '')'),
    ('regress_officer', NULL, 'exports without a purpose', 'SELECT golden_record.export_subject(''%ID%'')'),
    ('regress_officer', 'x', 'reads versions though cleared', 'SELECT * FROM golden_record.record_version'),
    ('regress_officer', 'x', 'reads keys though cleared', 'SELECT * FROM golden_record.key_ring'),
    ('regress_clerk', 'x', 'reads customer outside its scope', 'SELECT * FROM golden_record.customer WHERE email IS NOT NULL'),
    ('regress_clerk', 'x', 'reads raw_attributes outside its scope', 'SELECT * FROM golden_record.raw_attributes WHERE system_name <> ''Web'''),
    ('regress_clerk', 'x', 'reads rejected outside its scope', 'SELECT * FROM golden_record.rejected'),
    ('regress_clerk', 'x', 'reads golden_pii outside its scope', 'SELECT * FROM golden_record.golden_pii WHERE system_name <> ''Web'''),
    ('regress_clerk', 'x', 'reads the past outside its scope', 'SELECT * FROM golden_record.profile_as_of(''%ID%'', now()) AS h'),
    ('regress_clerk', NULL, 'reveals outside its scope', 'SELECT golden_record.reveal(''%ID%'', ''email'', ''x'')'),
    ('regress_clerk', 'x', 'exports a person it may see in part', 'SELECT golden_record.export_subject(''%ID%'')'),
    ('regress_clerk', 'x', 'opens a stolen value outside its scope', 'SELECT golden_record.open_values(''customer'', golden_id, system_name, region, attributes) FROM public.stolen'),
    ('regress_clerk', 'x', 'opens it under a system of its scope', 'SELECT golden_record.open_values(''customer'', golden_id, ''Web'', region, attributes) FROM public.stolen'),
    ('regress_clerk', 'x', 'opens a stolen state under its system', 'SELECT golden_record.open_raw(record_id, ''Web'', region, state) FROM public.stolen_state WHERE system_name = ''CRM'''),
    ('regress_clerk', 'x', 'opens a state as the state of another record', 'SELECT golden_record.open_raw(record_id + 1, system_name, region, state) FROM public.stolen_state'),
    ('regress_clerk', 'x', 'widens its scope', 'UPDATE golden_record.scope SET systems = NULL'),
    (session_user, 'curiosity', 'reads customer as a superuser who was not cleared', 'SELECT * FROM golden_record.customer'),
    (session_user, 'curiosity', 'reads profile as a superuser who was not cleared', 'SELECT * FROM golden_record.profile'),
    (session_user, 'curiosity', 'reads lineage as a superuser who was not cleared', 'SELECT * FROM golden_record.lineage'),
    (session_user, 'curiosity', 'reads golden_pii as a superuser who was not cleared', 'SELECT * FROM golden_record.golden_pii'),
    (session_user, 'curiosity', 'reads source_pii as a superuser who was not cleared', 'SELECT * FROM golden_record.source_pii'),
    (session_user, 'curiosity', 'reads record_version as a superuser who was not cleared', 'SELECT * FROM golden_record.record_version'),
    (session_user, 'curiosity', 'reads rejected as a superuser who was not cleared', 'SELECT * FROM golden_record.rejected'),
    (session_user, 'curiosity', 'reads raw_attributes as a superuser who was not cleared', 'SELECT * FROM golden_record.raw_attributes'),
    (session_user, 'curiosity', 'reads key_ring as a superuser who was not cleared', 'SELECT * FROM golden_record.key_ring'),
    (session_user, 'curiosity', 'reads review_queue as a superuser who was not cleared', 'SELECT * FROM golden_record.review_queue'),
    (session_user, NULL, 'reveals as a superuser', 'SELECT golden_record.reveal(''%ID%'', ''email'', ''x'')'),
    (session_user, 'x', 'opens a value as a superuser', 'SELECT golden_record.open_values(''customer'', golden_id, system_name, region, attributes) FROM golden_record.golden_pii');
UPDATE attack SET statement = replace(statement, '%ID%', :'golden_id');
