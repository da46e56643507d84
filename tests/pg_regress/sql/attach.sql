-- Attached tables: the rows of a warehouse's own table are the records, as they are now.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
-- Golden records by their source records.
CREATE TEMP VIEW people AS
    SELECT string_agg(source_id, ' ' ORDER BY system_name COLLATE "C", source_id COLLATE "C") AS records
    FROM golden_record.crosswalk WHERE kind = 'record' GROUP BY golden_id ORDER BY 1;
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
CREATE TABLE attach_contact (id text PRIMARY KEY, mail text, phone text, given text, family text, changed timestamptz, note text);
INSERT INTO attach_contact VALUES ('1', 'ann@example.com', NULL, 'Ann', 'Roe', '2023-01-01 00:00:00Z', 'x'), ('2', ' ANN@Example.com ', '(202) 555-0143', 'Ann', 'Roe', '2023-01-02 00:00:00Z', 'y');
SELECT golden_record.attach_source('attach_contact', 'Warehouse', 'id',
    '{"email": "mail", "phoneNumber": "phone", "firstName": "given", "lastName": "family"}', timestamp_column => 'changed');
-- What was there before is taken in by backfill, once.
SELECT * FROM people;
SELECT golden_record.backfill('attach_contact');
SELECT * FROM people;
SELECT golden_record.backfill('attach_contact');
SELECT count(*) AS history FROM golden_record.record_version;

-- Every statement after that is resolved in its own transaction.
INSERT INTO attach_contact VALUES ('3', 'bob@example.com', NULL, 'Bob', 'Poe', '2023-01-03 00:00:00Z', NULL);
SELECT * FROM people;
UPDATE attach_contact SET mail = 'ann@example.com', given = 'Ann', family = 'Roe' WHERE id = '3';
SELECT * FROM people;
UPDATE attach_contact SET mail = NULL WHERE id = '3';
SELECT * FROM people;
-- A column that no attribute has waits in raw_attributes: a version of each row, and no golden value changes.
SELECT golden_record.digest() AS digest \gset
UPDATE attach_contact SET note = 'z';
SELECT count(*) AS history FROM golden_record.record_version;
SELECT golden_record.grant_scope('golden_record_pii');
SET ROLE golden_record_pii; SET golden_record.purpose = 'test';
SELECT source_id, key, value FROM golden_record.raw_attributes ORDER BY source_id, key;
RESET ROLE; RESET golden_record.purpose;
SELECT golden_record.digest() = :'digest' AS as_before;
-- An update of nothing makes nothing. The id column is the record's name.
UPDATE attach_contact SET note = 'z';
SELECT count(*) AS history FROM golden_record.record_version;
UPDATE attach_contact SET id = '30' WHERE id = '3';
SELECT * FROM people;
DELETE FROM attach_contact WHERE id = '2';
SELECT * FROM people;
INSERT INTO attach_contact VALUES ('2', 'ann@example.com', NULL, 'Ann', 'Roe', '2023-01-02 00:00:00Z', NULL);
SELECT * FROM people;
-- COPY is one statement; its rows are one pass.
COPY attach_contact FROM stdin (FORMAT csv);
4,ann@example.com,,Ann,Roe,2023-02-01 00:00:00Z,
5,carl@example.com,,Carl,Coe,2023-02-01 00:00:00Z,
\.
SELECT * FROM people;
INSERT INTO attach_contact VALUES ('5', 'ann@example.com', NULL, 'Ann', 'Roe', '2023-03-01 00:00:00Z', NULL)
    ON CONFLICT (id) DO UPDATE SET mail = excluded.mail, given = excluded.given, family = excluded.family, changed = excluded.changed;
SELECT * FROM people;
-- A rolled back statement leaves nothing.
SELECT golden_record.digest() AS digest \gset
BEGIN;
UPDATE attach_contact SET mail = 'else@example.com';
TRUNCATE attach_contact;
SELECT * FROM people;
ROLLBACK;
SELECT golden_record.digest() = :'digest' AS as_before;
SELECT * FROM golden_record.verify();
-- The state is that of a fresh backfill.
SELECT golden_record.detach_source('attach_contact');
SET client_min_messages = warning;
DROP EXTENSION golden_record CASCADE; CREATE EXTENSION golden_record;
RESET client_min_messages;
SELECT golden_record.attach_source('attach_contact', 'Warehouse', 'id',
    '{"email": "mail", "phoneNumber": "phone", "firstName": "given", "lastName": "family"}', timestamp_column => 'changed');
SELECT golden_record.backfill('attach_contact');
SELECT golden_record.digest() = :'digest' AS as_before;
CREATE TEMP VIEW people AS
    SELECT string_agg(source_id, ' ' ORDER BY source_id COLLATE "C") AS records
    FROM golden_record.crosswalk WHERE kind = 'record' GROUP BY golden_id ORDER BY 1;
SELECT * FROM people;
-- The record of a row is the table's: a feed may not write it.
SELECT outcome, detail FROM golden_record.ingest('{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Warehouse", "id": "1"}], "attributes": {}, "timestamp": "2024-01-01T00:00:00Z"}'::jsonb);
-- TRUNCATE ends every record; what was detached stays as it is.
TRUNCATE attach_contact;
SELECT * FROM people;
INSERT INTO attach_contact VALUES ('1', 'ann@example.com', NULL, 'Ann', 'Roe', '2023-01-01 00:00:00Z', NULL);
SELECT golden_record.detach_source('attach_contact');
DELETE FROM attach_contact;
SELECT * FROM people;
SELECT tgname FROM pg_trigger WHERE tgrelid = 'attach_contact'::regclass;
SELECT * FROM golden_record.verify();

-- What cannot be attached.
CREATE VIEW attach_view AS SELECT * FROM attach_contact;
CREATE ROLE regress_attach_other;
GRANT golden_record_admin TO regress_attach_other;
\x on
SELECT * FROM pg_temp.refused($$SELECT golden_record.attach_source('attach_contact', 'W', 'ident')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.attach_source('attach_contact', 'W', 'id', '{"email": "mial"}')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.attach_source('attach_contact', 'W', 'id', '{"emial": "mail"}')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.attach_source('attach_contact', 'W', 'id', timestamp_column => 'change')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.attach_source('attach_contact', NULL, 'id')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.attach_source('attach_contact', 'W', 'id', options => '{"time_zon": "UTC"}')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.attach_source('attach_contact', 'W', 'id', entity_type => 'CUSTOMERS')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.attach_source('attach_view', 'W', 'id')$$);
-- Not the extension's own tables, nor PostgreSQL's.
SELECT * FROM pg_temp.refused($$SELECT golden_record.attach_source('golden_record.attachment', 'W', 'attachment_id')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.attach_source('pg_class', 'W', 'oid')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.attach_source('information_schema.sql_features', 'W', 'feature_id')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.detach_source('attach_contact')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.backfill('attach_contact')$$);
SELECT golden_record.attach_source('attach_contact', 'W', 'id', '{"email": "mail"}');
SELECT * FROM pg_temp.refused($$SELECT golden_record.attach_source('attach_contact', 'W', 'id', '{"email": "mail"}')$$);
-- Not even an administrator attaches, detaches or backfills somebody else's table.
SET ROLE regress_attach_other;
SELECT * FROM pg_temp.refused($$SELECT golden_record.attach_source('attach_contact', 'W', 'id')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.detach_source('attach_contact')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.backfill('attach_contact')$$);
RESET ROLE;
\x off
-- An attachment whose number ends in 0 is itself.
SELECT setval('golden_record.attachment_attachment_id_seq', 9) AS numbered;
CREATE TABLE attach_tenth (id text PRIMARY KEY, email text);
SELECT golden_record.attach_source('attach_tenth', 'Tenth', 'id');
INSERT INTO attach_tenth VALUES ('1', 'ten@example.com');
SELECT golden_record.backfill('attach_tenth');
SELECT outcome, detail FROM golden_record.ingest('{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Tenth", "id": "1"}], "timestamp": "2024-01-01T00:00:00Z", "attributes": {"email": "nine@example.com"}}'::text);
SELECT system_name, source_id FROM golden_record.crosswalk WHERE kind = 'record' ORDER BY system_name COLLATE "C", source_id COLLATE "C";
SELECT golden_record.detach_source('attach_tenth');
SELECT relation, attached FROM golden_record.attachment ORDER BY attachment_id DESC LIMIT 2;
SELECT * FROM golden_record.verify();
DROP TABLE attach_tenth;
DROP VIEW attach_view;
DROP TABLE attach_contact;
DROP ROLE regress_attach_other;

-- A trigger is ours by the function that it runs: others follow nothing, whatever their names and arguments.
CREATE TEMP VIEW unseen AS SELECT value FROM golden_record.status WHERE name = 'attached_tables';
CREATE FUNCTION pg_temp.try(call text) RETURNS TABLE (state text, message text, hint text) LANGUAGE sql AS $$
    SELECT r.state, r.message, r.hint FROM pg_temp.refused('SELECT golden_record.' || call) AS r $$;
CREATE TABLE attach_gone (id text PRIMARY KEY, email text);
SELECT golden_record.attach_source('attach_gone', 'Gone', 'id');
INSERT INTO attach_gone VALUES ('1', 'gone@example.com');
DROP TABLE attach_gone;
SELECT * FROM unseen;
SELECT max(attachment_id) AS gone FROM golden_record.attachment \gset
CREATE ROLE regress_attach_nobody;
CREATE SCHEMA attach_nobody AUTHORIZATION regress_attach_nobody;
SET ROLE regress_attach_nobody;
CREATE TABLE attach_nobody.own (id text, email text);
CREATE FUNCTION attach_nobody.own() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
SELECT format('CREATE TRIGGER golden_record_%1$s AFTER %1$s ON attach_nobody.own FOR EACH STATEMENT EXECUTE FUNCTION attach_nobody.own(%2$L)', event, :gone)
FROM unnest(ARRAY['insert', 'update', 'delete', 'truncate']) AS event \gexec
CREATE TABLE attach_nobody.word (id text PRIMARY KEY, email text);
CREATE TRIGGER golden_record_insert AFTER INSERT ON attach_nobody.word FOR EACH STATEMENT EXECUTE FUNCTION attach_nobody.own('word');
RESET ROLE;
SELECT * FROM unseen;
SELECT outcome FROM golden_record.ingest('{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Gone", "id": "1"}], "timestamp": "2024-01-01T00:00:00Z", "attributes": {"city": "Oslo"}}'::text);
SELECT * FROM pg_temp.try($$backfill('attach_nobody.own')$$) UNION ALL SELECT * FROM pg_temp.try($$detach_source('attach_nobody.own')$$)
UNION ALL SELECT * FROM pg_temp.try($$attach_source('attach_nobody.word', 'Word', 'id')$$);
DROP SCHEMA attach_nobody CASCADE;
DROP ROLE regress_attach_nobody;

-- A table that lost some of its triggers is named; it can be detached, and attached anew.
CREATE TABLE attach_part (id text PRIMARY KEY, email text, changed timestamptz DEFAULT '2024-01-01Z');
SELECT golden_record.attach_source('attach_part', 'Part', 'id', timestamp_column => 'changed');
SELECT * FROM unseen;
DROP TRIGGER golden_record_insert ON attach_part;
SELECT * FROM unseen;
SELECT golden_record.detach_source('attach_part');
SELECT count(*) FROM golden_record.attached_trigger;
SELECT golden_record.attach_source('attach_part', 'Part', 'id', timestamp_column => 'changed');
DROP TRIGGER golden_record_update ON attach_part;
SELECT golden_record.attach_source('attach_part', 'Part', 'id', timestamp_column => 'changed');
SELECT * FROM unseen;
SELECT count(*) FROM golden_record.attachment WHERE attached;
-- Wherever it goes and whatever it and its triggers are called, it stays attached.
CREATE SCHEMA attach_moved;
ALTER TABLE attach_part SET SCHEMA attach_moved;
ALTER TABLE attach_moved.attach_part RENAME TO elsewhere;
ALTER TRIGGER golden_record_insert ON attach_moved.elsewhere RENAME TO mine;
INSERT INTO attach_moved.elsewhere VALUES ('1', 'part@example.com');
SELECT system_name, source_id, live FROM golden_record.source_record WHERE system_name = 'Part';
SELECT golden_record.backfill('attach_moved.elsewhere');
SELECT * FROM unseen;
-- Of two that have the triggers of one attachment, as after a restore beside what it was, the one of the name that was
-- attached speaks; no other, lest one take away what the other says.
CREATE TABLE attach_copy (LIKE attach_moved.elsewhere INCLUDING ALL);
SELECT replace(pg_get_triggerdef(oid), 'attach_moved.elsewhere', 'public.attach_copy') FROM pg_trigger WHERE tgrelid = 'attach_moved.elsewhere'::regclass ORDER BY tgname \gexec
SELECT * FROM unseen;
SELECT message, hint FROM pg_temp.refused($$TRUNCATE attach_copy$$) UNION ALL SELECT message, hint FROM pg_temp.try($$backfill('attach_moved.elsewhere')$$);
ALTER TABLE attach_copy RENAME TO attach_part;
INSERT INTO attach_part VALUES ('2', 'two@example.com');
SELECT message FROM pg_temp.refused($$DELETE FROM attach_moved.elsewhere$$);
SELECT source_id, live FROM golden_record.source_record WHERE system_name = 'Part' ORDER BY 1;
SELECT golden_record.detach_source('attach_part');
SELECT * FROM unseen;
SELECT golden_record.backfill('attach_moved.elsewhere');
SELECT source_id, live FROM golden_record.source_record WHERE system_name = 'Part' ORDER BY 1;
SELECT golden_record.detach_source('attach_moved.elsewhere');
SELECT count(*) FROM golden_record.attachment WHERE attached;
SELECT * FROM golden_record.verify();
DROP SCHEMA attach_moved CASCADE;
DROP TABLE attach_part;
-- A partition alone: statements on the partitioned table would not be seen.
CREATE TABLE public.whole (id text, email text) PARTITION BY HASH (id);
CREATE TABLE public.part PARTITION OF public.whole FOR VALUES WITH (MODULUS 1, REMAINDER 0);
SELECT golden_record.attach_source('public.part', 'Parts', 'id');
-- A crash empties it, of which no trigger tells.
CREATE UNLOGGED TABLE public.fleeting (id text PRIMARY KEY, email text);
SELECT golden_record.attach_source('public.fleeting', 'Fleeting', 'id');
DROP TABLE public.whole, public.fleeting;
-- A column that can give no time is none for timestamp_column; of a table that is followed no more no alert stays open.
CREATE DOMAIN public.moment AS timestamptz;
CREATE TABLE public.timed (id int PRIMARY KEY, email text, whole int, part float8, yes boolean, clock time, span interval, ids uuid, many timestamptz[],
    day date, plain timestamp, zoned timestamptz, own public.moment, words varchar(40), doc jsonb);
SELECT column_name, r.state, r.message FROM information_schema.columns, LATERAL pg_temp.refused(format(
    $$DO 'BEGIN PERFORM golden_record.attach_source(''public.timed'', ''T'', ''id'', timestamp_column => ''%s''); PERFORM golden_record.detach_source(''public.timed''); END'$$, column_name)) AS r
WHERE table_name = 'timed' AND column_name NOT IN ('id', 'email') ORDER BY ordinal_position;
\set VERBOSITY default
SELECT golden_record.attach_source('public.timed', 'T', 'id', timestamp_column => 'whole');
\set VERBOSITY terse
SELECT golden_record.attach_source('public.timed', 'T', 'id', timestamp_column => 'words');
INSERT INTO public.timed (id, words) VALUES (1, 'soon');
SELECT kind, feed, closed_at IS NULL AS open FROM golden_record.alert WHERE feed = 'public.timed';
SELECT golden_record.detach_source('public.timed');
SELECT kind, feed, closed_at IS NULL AS open FROM golden_record.alert WHERE feed = 'public.timed';
DROP TABLE public.timed;
DROP DOMAIN public.moment;
-- Nor one that can name nothing for the id or the system.
CREATE DOMAIN public.flags AS boolean[];
CREATE TYPE public.pair AS (a int, b int);
CREATE TABLE public.called (email text, yes boolean UNIQUE, many text[] UNIQUE, own public.flags UNIQUE, two public.pair UNIQUE, vec int2vector,
    words varchar(40) UNIQUE, whole bigint UNIQUE, part float8 UNIQUE, ids uuid UNIQUE, at timestamptz UNIQUE, doc jsonb UNIQUE);
SELECT column_name, r.state, r.message FROM information_schema.columns, LATERAL pg_temp.refused(format(
    $$DO 'BEGIN PERFORM golden_record.attach_source(''public.called'', ''T'', ''%s''); PERFORM golden_record.detach_source(''public.called''); END'$$, column_name)) AS r
WHERE table_name = 'called' AND column_name <> 'email' ORDER BY ordinal_position;
\set VERBOSITY default
SELECT golden_record.attach_source('public.called', NULL, 'words', options => '{"system_column": "yes"}');
\set VERBOSITY terse
DROP TABLE public.called;
DROP DOMAIN public.flags;
DROP TYPE public.pair;

-- What a detached table said last goes on when its system sends events, but nothing of what it said before: neither what a row
-- was before it was mended, nor that it was gone for a moment. An event is late or not by its own time.
SET client_min_messages = warning;
DROP EXTENSION golden_record CASCADE; CREATE EXTENSION golden_record;
RESET client_min_messages;
CREATE TABLE attach_left (id text PRIMARY KEY, email text, city text, at timestamptz);
CREATE FUNCTION pg_temp.event(id text, attributes jsonb, at text) RETURNS text LANGUAGE sql AS $$
    SELECT outcome FROM golden_record.ingest(jsonb_build_object('entityType', 'CUSTOMER',
        'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', 'Left', 'id', id)), 'attributes', attributes, 'timestamp', at)) $$;
SELECT golden_record.grant_scope('golden_record_pii');
-- A record that a feed sent before, in the very words of the row.
SELECT pg_temp.event('4', '{"firstName": "Dee"}', '2023-12-01T00:00:00Z'), pg_temp.event('4', '{"email": "dee@example.com", "city": "Moss"}', '2024-01-01T00:00:00Z');
SELECT golden_record.attach_source('attach_left', 'Left', 'id', '{"email": "email", "city": "city"}', timestamp_column => 'at');
INSERT INTO attach_left VALUES ('1', 'ann@example.com', 'Oslo', '2024-01-01Z'), ('2', 'bob@example.com', 'Rome', '2024-01-01Z'),
    ('3', 'wrong@example.com', 'Bonn', '2024-05-01Z'), ('4', 'dee@example.com', 'Moss', '2024-01-01Z'), ('5', 'eve@example.com', 'Kiel', '2024-01-01Z');
CREATE TEMP TABLE kept AS SELECT * FROM attach_left WHERE id <> '4';
DELETE FROM attach_left WHERE id <> '4';
INSERT INTO attach_left SELECT * FROM kept;
UPDATE attach_left SET email = 'cy@example.com', at = '2024-04-01Z' WHERE id = '3';
DELETE FROM attach_left WHERE id = '5';
SELECT golden_record.detach_source('attach_left');
SELECT pg_temp.event('1', '{"firstName": "Ann"}', '2024-06-01T00:00:00Z') AS later, pg_temp.event('2', '{"city": "Ulm"}', '2023-01-01T00:00:00Z') AS earlier,
    pg_temp.event('3', '{"firstName": "Cy"}', '2024-06-01T00:00:00Z') AS mended, pg_temp.event('4', '{"lastName": "Day"}', '2024-06-01T00:00:00Z') AS adopted,
    pg_temp.event('5', '{"city": "Ulm"}', '2024-06-01T00:00:00Z') AS gone;
CREATE TEMP VIEW stand AS SELECT r.r ->> 'id' AS id, r.r -> 'attributes' AS attributes, jsonb_array_length(r.r -> 'versions') AS versions
    FROM golden_record.crosswalk AS x, jsonb_array_elements(golden_record.export_subject(x.golden_id) -> 'records') AS r(r) WHERE x.kind = 'record' ORDER BY 1;
GRANT SELECT ON stand TO golden_record_pii;
SET ROLE golden_record_pii; SET golden_record.purpose = 'test';
SELECT * FROM stand;
RESET ROLE;
SELECT golden_record.digest() AS digest \gset
SELECT golden_record.rebuild();
SELECT golden_record.digest() = :'digest' AS as_before;
SELECT * FROM golden_record.verify();
-- An event in the very words of a row that was mended is an event; attached anew, the row is the record again.
SELECT pg_temp.event('3', '{"email": "wrong@example.com", "city": "Bonn"}', '2024-05-01T00:00:00Z') AS again;
SELECT golden_record.attach_source('attach_left', 'Left', 'id', '{"email": "email", "city": "city"}', timestamp_column => 'at');
SET ROLE golden_record_pii;
SELECT * FROM stand WHERE id = '3';
RESET ROLE;
SELECT golden_record.backfill('attach_left');
SET ROLE golden_record_pii;
SELECT * FROM stand;
RESET ROLE; RESET golden_record.purpose;
SELECT * FROM golden_record.verify();
DROP TABLE attach_left;
-- Of a row that was changed two hundred times the last version is read, not its history.
CREATE TABLE attach_often (id text PRIMARY KEY, city text);
SELECT golden_record.attach_source('attach_often', 'Often', 'id', '{"city": "city"}');
INSERT INTO attach_often VALUES ('1', 'Oslo');
DO $$ BEGIN FOR n IN 1..200 LOOP UPDATE attach_often SET city = 'Ulm ' || n; END LOOP; END $$;
BEGIN;
SELECT idx_tup_fetch AS before FROM pg_stat_xact_all_tables WHERE relid = 'golden_record.record_version'::regclass \gset
UPDATE attach_often SET city = 'Bergen';
SELECT idx_tup_fetch - :before < 20 AS few FROM pg_stat_xact_all_tables WHERE relid = 'golden_record.record_version'::regclass;
COMMIT;
DROP TABLE attach_often;
