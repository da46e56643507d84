-- Cleared reads: by whom, of what, for what; and what is on record of them.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
SELECT count(*) FROM golden_record.ingest('{"records": [
  {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "CRM", "id": "1"}], "timestamp": "2024-01-01T00:00:00Z",
   "attributes": {"email": "ann@example.com", "phoneNumber": "(206) 555-0143", "firstName": "Ann", "lastName": "Ash", "city": "Oslo", "country": "US", "tier": "gold"}},
  {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Web", "id": "2"}], "timestamp": "2024-02-01T00:00:00Z",
   "attributes": {"email": "bea@example.org", "firstName": "Bea", "country": "NO"}}]}'::text);
CREATE VIEW pg_temp.log AS SELECT login_role = session_user AS by_me, role, object, golden_id IS NOT NULL AS one, attribute, purpose, outcome, count FROM golden_record.access_log ORDER BY access_id;
CREATE ROLE regress_officer; GRANT golden_record_pii TO regress_officer;
SELECT golden_id AS ann FROM golden_record.crosswalk WHERE source_id = '1' \gset
SELECT golden_id AS bea FROM golden_record.crosswalk WHERE source_id = '2' \gset

-- Cleared, without a purpose: masked. With one, without a scope: masked. Nothing was shown, and nothing is on record.
SET ROLE regress_officer;
SELECT email, phone_number, first_name FROM golden_record.customer ORDER BY email;
SET golden_record.purpose = 'complaint 17';
SELECT email, phone_number, first_name FROM golden_record.customer ORDER BY email;
RESET ROLE;
SELECT * FROM pg_temp.log;
-- With a scope: the values of its systems and regions.
SELECT golden_record.grant_scope('regress_officer', ARRAY['CRM']);
SET ROLE regress_officer;
SELECT email, phone_number, first_name FROM golden_record.customer ORDER BY email;
SELECT attribute, value FROM golden_record.lineage ORDER BY value COLLATE "C";
SELECT attributes FROM golden_record.profile ORDER BY attributes::text COLLATE "C";
SELECT key, value FROM golden_record.raw_attributes;
SELECT email, matched_by FROM golden_record.lookup(email => 'ann@example.com');
SELECT golden_record.reveal(:'ann', 'phoneNumber', 'call back');
SELECT golden_record.reveal(:'ann', 'shoeSize', 'call back') IS NULL AS has_none;
SELECT golden_record.reveal(:'bea', 'email', 'call back');
SELECT golden_record.reveal(:'ann', 'email', ' ');
RESET ROLE;
SELECT golden_record.grant_scope('regress_officer', NULL, ARRAY['NO']);
SET ROLE regress_officer;
SELECT email, phone_number, first_name FROM golden_record.customer ORDER BY email;
SELECT golden_record.reveal(:'bea', 'email', 'call back');
RESET ROLE;
SELECT * FROM pg_temp.log;
-- It stays when the reader rolls back, and one statement is one row.
BEGIN;
SET LOCAL ROLE regress_officer;
SELECT count(*) FROM golden_record.customer WHERE email LIKE 'bea@%';
SELECT golden_record.reveal(:'bea', 'firstName', 'rolled back');
ROLLBACK;
SELECT * FROM pg_temp.log OFFSET 11;
-- The superuser is masked until cleared by name; then by scope, as others.
SET golden_record.purpose = 'curiosity';
SELECT email FROM golden_record.customer ORDER BY email;
SELECT golden_record.reveal(:'ann', 'email', 'curiosity');
-- Readers and writers are refused, and it is on record with a count.
SET ROLE golden_record_reader;
SELECT golden_record.reveal(:'ann', 'email', 'please');
SELECT golden_record.reveal(:'ann', 'email', 'please');
SET ROLE golden_record_ingest;
SELECT golden_record.reveal(:'ann', 'email', 'please');
RESET ROLE;
SELECT role, object, purpose, outcome, count FROM golden_record.access_report WHERE outcome = 'refused' ORDER BY role COLLATE "C", purpose;
-- Whom and what they were about; of somebody who tries more than a hundred things in a minute, that much alone.
SET ROLE golden_record_reader;
SELECT golden_record.reveal(:'bea', 'email', 'please');
SELECT golden_record.reveal(:'ann', 'lastName', 'please');
SELECT golden_record.reveal(:'ann', 'lastName', 'please');
RESET ROLE;
SELECT CASE golden_id WHEN :'ann' THEN 'Ann' WHEN :'bea' THEN 'Bea' END AS whom, attribute, count FROM golden_record.access_log
    WHERE outcome = 'refused' AND role = 'golden_record_reader' ORDER BY access_id;
BEGIN;
SET LOCAL ROLE golden_record_steward;
DO $$ BEGIN FOR i IN 1..110 LOOP BEGIN PERFORM golden_record.reveal('00000000-0000-0000-0000-000000000000', 'email', 'number ' || i); EXCEPTION WHEN insufficient_privilege THEN NULL; END; END LOOP; END $$;
ROLLBACK;
SELECT count(*) < 100 AS capped, sum(count) AS attempts, count(*) FILTER (WHERE golden_id IS NULL AND attribute IS NULL AND purpose IS NULL) AS summed
    FROM golden_record.access_log WHERE role = 'golden_record_steward';
-- Refusals that come often raise an alert.
SET ROLE golden_record_reader;
DO $$ BEGIN FOR i IN 1..10 LOOP BEGIN PERFORM golden_record.reveal('00000000-0000-0000-0000-000000000000', 'email', 'again'); EXCEPTION WHEN insufficient_privilege THEN NULL; END; END LOOP; END $$;
RESET ROLE;
SELECT kind, feed = session_user AS by_me, figure >= threshold AS over, threshold FROM golden_record.alert;
-- Look-ups that find nothing are counted, and refused when they are many.
SET golden_record.lookup_misses = 2;
SELECT * FROM golden_record.lookup(phone => '206 555 0100');
SELECT * FROM golden_record.lookup(phone => '206 555 0101');
SELECT * FROM golden_record.lookup(phone => '206 555 0102');
SELECT object, outcome, count FROM golden_record.access_log WHERE object = 'lookup' AND outcome IN ('missed', 'refused') ORDER BY access_id;
SELECT * FROM golden_record.lookup(phone => '206 555 0102');
SELECT object, outcome, count FROM golden_record.access_log WHERE object = 'lookup' AND outcome IN ('missed', 'refused') ORDER BY access_id;
-- By the role that looked, refused or not.
SELECT bool_and(role = current_user AND login_role = session_user) AS by_me FROM golden_record.access_log WHERE object = 'lookup' AND outcome IN ('missed', 'refused');
\set SHOW_CONTEXT never
-- In one statement too, in a transaction with one snapshot, and beside an id that is known.
SET golden_record.lookup_misses = 10;
SELECT count(*) FROM generate_series(0, 99) AS i, LATERAL golden_record.lookup(phone => '2065552' || lpad(i::text, 3, '0'));
BEGIN ISOLATION LEVEL REPEATABLE READ;
SET LOCAL golden_record.lookup_misses = 15;
SELECT pg_current_xact_id() IS NOT NULL AS writes;
SELECT count(*) FROM generate_series(0, 99) AS i, LATERAL golden_record.lookup(phone => '2065552' || lpad(i::text, 3, '0'));
ROLLBACK;
SET golden_record.lookup_misses = 20;
SELECT count(*) FROM generate_series(0, 99) AS i, LATERAL golden_record.lookup(system_name => 'CRM', source_id => '1', phone => '2065552' || lpad(i::text, 3, '0'));
\set SHOW_CONTEXT errors
SELECT sum(count) AS missed FROM golden_record.access_log WHERE outcome = 'missed';
RESET golden_record.lookup_misses;
-- The past: masked, or raw as it was then, in scope and on record.
SELECT clock_timestamp() AS then \gset
SELECT outcome FROM golden_record.ingest('{"records": [
  {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "CRM", "id": "1"}], "timestamp": "2024-03-01T00:00:00Z", "attributes": {"email": "ann@new.example", "firstName": null}},
  {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Web", "id": "2"}], "timestamp": "2024-03-01T00:00:00Z", "deleted": true}]}'::text);
SELECT golden_record.grant_scope('regress_officer');
SELECT count(*) AS before FROM golden_record.access_log \gset
SET ROLE regress_officer;
SELECT h.attributes ->> 'email' AS email, h.attributes ->> 'firstName' AS first_name, h.status FROM unnest(ARRAY[:'ann', :'bea']::uuid[]) AS id, golden_record.profile_as_of(id, :'then') AS h;
SELECT h.attributes ->> 'email' AS email, h.attributes ->> 'firstName' AS first_name, h.status FROM unnest(ARRAY[:'ann', :'bea']::uuid[]) AS id, golden_record.profile_as_of(id, clock_timestamp()) AS h;
RESET golden_record.purpose;
SELECT h.attributes ->> 'email' AS email, h.status FROM unnest(ARRAY[:'ann', :'bea']::uuid[]) AS id, golden_record.profile_as_of(id, :'then') AS h;
SET golden_record.purpose = 'curiosity';
RESET ROLE;
SELECT object, purpose, outcome, count FROM golden_record.access_log ORDER BY access_id OFFSET :before;  -- a row a call
SELECT golden_record.grant_scope('regress_officer', ARRAY['Web']);
SET ROLE regress_officer;
SELECT h.attributes ->> 'email' AS email, h.status FROM unnest(ARRAY[:'ann', :'bea']::uuid[]) AS id, golden_record.profile_as_of(id, :'then') AS h;
RESET ROLE;

-- What of the server bears on personal data.
SELECT name, value, ok, hint FROM golden_record.status WHERE name IN ('key_file', 'row_security', 'owner', 'log_parameter_max_length') ORDER BY name COLLATE "C";
-- Settings of a module that is loaded.
SELECT count(*) FROM golden_record.status WHERE name = 'pg_stat_statements.track_utility';
SET pg_stat_statements.track_utility = on;
SELECT value, ok, hint FROM golden_record.status WHERE name = 'pg_stat_statements.track_utility';
RESET pg_stat_statements.track_utility;
-- An id that is an email or a phone is personal data: it goes by another name in tables and views, and its owner finds it.
SELECT source_id, outcome FROM golden_record.ingest('{"records": [
  {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Forum", "id": "Cleo@example.net"}, {"systemName": "Tel", "id": "+1 206 555 0177"}], "timestamp": "2024-01-01T00:00:00Z", "attributes": {"firstName": "Cleo"}},
  {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Forum", "id": "dan@example.net"}], "timestamp": "2024-01-01T00:00:00Z", "attributes": {"firstName": "Dan"}},
  {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Forum", "id": "Cleo@example.net"}], "timestamp": "never"}]}'::text);
SELECT system_name, source_id ~ '^pii:[0-9a-f]{32}$' AS aliased, kind FROM golden_record.crosswalk WHERE system_name IN ('Forum', 'Tel') ORDER BY system_name, kind;
SELECT source_id ~ '^pii:[0-9a-f]{32}$' AS aliased FROM golden_record.rejected;
SELECT first_name, matched_by FROM golden_record.lookup(system_name => 'Forum', source_id => 'Cleo@example.net');
SELECT outcome FROM golden_record.ingest('{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Forum", "id": "Cleo@example.net"}], "timestamp": "2024-02-01T00:00:00Z", "attributes": {"firstName": "Cleopatra"}}'::text);
SELECT golden_record.link('{"systemName": "Forum", "id": "Cleo@example.net"}', '{"systemName": "Forum", "id": "dan@example.net"}') > 0 AS linked;
SELECT golden_record.unlink('{"systemName": "Forum", "id": "dan@example.net"}', jsonb_build_object('systemName', 'Forum', 'id', source_id)) > 0 AS unlinked FROM golden_record.lineage WHERE attribute = 'firstName' AND value = 'C***';
SELECT * FROM golden_record.verify();
-- In every form that is read; and where the id is found again, as it was sent.
SELECT count(*) FROM golden_record.ingest((SELECT jsonb_build_object('records', jsonb_agg(jsonb_build_object('entityType', 'CUSTOMER', 'timestamp', '2024-01-01T00:00:00Z',
    'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', 'Forms', 'id', id)), 'attributes', '{"email": "fay@y.example"}'::jsonb)))::text
  FROM unnest(ARRAY['tel:+12065550143', 'whatsapp:+12065550143', '＋１２０６５５５０１４３', 'sip:+12065550143@gw', 'callto:+12065550143', '+1-206-555-0143 x5',
    'fay@x.example (work)', 'fay@x.example#2', 'mailto:fay@x.example', 'mailto:fay%40x.example', 'tel:%2B12065550143', '(089) 123456', 'CRM-2024-000123',
    '12065550143', '4711-0815', '(2024) 001234', '@fay']) AS id));
SELECT shown, count(*) FROM (SELECT regexp_replace(source_id, '^pii:.*', 'pii:…') AS shown FROM golden_record.crosswalk WHERE system_name = 'Forms') AS ids GROUP BY shown ORDER BY shown COLLATE "C";
SELECT count(*) FROM golden_record.lookup(system_name => 'Forms', source_id => 'fay@x.example#2');
-- The worker that writes the access log runs no operator of whoever owns the database.
CREATE SCHEMA evil;
GRANT USAGE ON SCHEMA evil TO PUBLIC;
CREATE TABLE evil.ran (who text);
GRANT INSERT ON evil.ran TO PUBLIC;
CREATE FUNCTION evil.same(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN INSERT INTO evil.ran VALUES (current_user); RETURN $1 OPERATOR(pg_catalog.=) $2; END $$;
CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.same);
SELECT current_database() AS here \gset
ALTER DATABASE :"here" SET search_path = evil, pg_catalog;
SELECT count(*) AS before FROM golden_record.access_log \gset
SET ROLE regress_officer;
SELECT golden_record.reveal(:'ann', 'firstName', 'call') AS told;
RESET ROLE;
ALTER DATABASE :"here" RESET search_path;
SELECT count(*) - :before AS recorded FROM golden_record.access_log;
SELECT * FROM evil.ran;
SET client_min_messages = warning;
DROP SCHEMA evil CASCADE;
RESET client_min_messages;
-- One statement is one row for an object, in however many of its places it shows that.
SELECT count(*) FROM golden_record.ingest((SELECT jsonb_build_object('records', jsonb_agg(jsonb_build_object('entityType', 'CUSTOMER', 'timestamp', '2024-01-01T00:00:00Z',
    'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', 'Web', 'id', 'doubt ' || n)),
    'attributes', jsonb_build_object('email', format('gil%s@example.com', n), 'phoneNumber', '(206) 555-0188', 'firstName', 'Gil', 'lastName', 'Gray'))))::text FROM generate_series(1, 2) AS n));
GRANT golden_record_steward TO regress_officer;
SELECT count(*) AS before FROM golden_record.access_log \gset
SET ROLE regress_officer;
SELECT reason, profile_a ->> 'lastName' AS a, profile_b ->> 'lastName' AS b FROM golden_record.review_queue;
SELECT count(*) FROM golden_record.customer AS a JOIN golden_record.customer AS b ON a.phone_number = b.phone_number WHERE a.last_name = 'Gray';
RESET ROLE;
SELECT object, outcome, count FROM golden_record.access_log ORDER BY access_id OFFSET :before;
-- A scope goes with revoke_scope; one of a role that is gone breaks no read.
SELECT golden_record.revoke_scope('regress_officer');
SELECT golden_record.revoke_scope('regress_officer');
SELECT golden_record.grant_scope('regress_nobody');
SELECT golden_record.grant_scope('regress_officer');
DROP ROLE regress_officer;
GRANT golden_record_pii TO CURRENT_USER;
SELECT golden_record.grant_scope('golden_record_pii');
SELECT email FROM golden_record.customer ORDER BY email;
DO $$ BEGIN EXECUTE format('REVOKE golden_record_pii FROM %I', current_user); END $$;
