-- A client gives settings that are not its own a value before the library is loaded: refused, not run on a default.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
CREATE ROLE regress_writer LOGIN; GRANT golden_record_ingest TO regress_writer;
CREATE ROLE regress_reader LOGIN; GRANT golden_record_reader TO regress_reader;
SELECT current_user AS me \gset
\c -reuse-previous=on "user=regress_writer options='-c golden_record.key_file=elsewhere'"
SET client_min_messages = error;
SELECT outcome FROM golden_record.ingest('{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "CRM", "id": "1"}], "timestamp": "2024-01-01T00:00:00Z", "attributes": {"email": "ann@example.com"}}'::text);
COPY golden_record.feed (payload) FROM STDIN;
{}
\.
\c -reuse-previous=on "user=regress_reader options='-c golden_record.lookup_misses=1000000'"
SET client_min_messages = error;
\set SHOW_CONTEXT never
SELECT * FROM golden_record.lookup(phone => '206 555 0143');
SELECT count(*) FROM golden_record.customer;
-- By a superuser's slip as well: it is the server's setting.
\set connection 'user=' :me ' options=''-c GOLDEN_RECORD.KEY_FILE=elsewhere'''
\c -reuse-previous=on :connection
SET client_min_messages = error;
SELECT golden_record.digest();
-- What nobody gave at connection is as it was configured, whatever the session tried since.
\c -reuse-previous=on "user=regress_writer options=''"
SET client_min_messages = error;
SET golden_record.key_file = 'elsewhere';
SET golden_record.lookup_misses = 7;
SELECT outcome FROM golden_record.ingest('{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "CRM", "id": "1"}], "timestamp": "2024-01-01T00:00:00Z", "attributes": {"email": "ann@example.com"}}'::text);
SHOW golden_record.lookup_misses;
-- What a superuser may set, it may give at connection.
\set connection 'user=' :me ' options=''-c golden_record.lookup_misses=7 -c golden_record.purpose=audit'''
\c -reuse-previous=on :connection
SELECT email FROM golden_record.lookup(email => 'ann@example.com');
SHOW golden_record.lookup_misses;
-- A purpose is the reader's own to give: not that of who owns the database, nor one that stands for every session of a role.
\set connection 'user=' :me ' options='''''
\c -reuse-previous=on :connection
SET client_min_messages = warning;
CREATE ROLE regress_officer LOGIN; GRANT golden_record_pii TO regress_officer;
SELECT golden_record.grant_scope('regress_officer');
SELECT current_database() AS here \gset
ALTER DATABASE :"here" SET golden_record.purpose = 'standing';
\c -reuse-previous=on "user=regress_officer options=''"
SHOW golden_record.purpose;
SELECT email FROM golden_record.customer;
SELECT golden_record.cleared();
ALTER ROLE regress_officer SET golden_record.purpose = 'standing too';
\c -reuse-previous=on "user=regress_officer options=''"
SELECT email FROM golden_record.customer;
SHOW golden_record.purpose;
SET golden_record.purpose = 'call back';
SELECT email FROM golden_record.customer;
RESET golden_record.purpose;
SELECT email FROM golden_record.customer;
\c -reuse-previous=on "user=regress_officer options='-c golden_record.purpose=audit'"
SELECT email FROM golden_record.customer;
\set connection 'user=' :me ' options='''''
\c -reuse-previous=on :connection
ALTER DATABASE :"here" RESET golden_record.purpose;
SELECT login_role, purpose, outcome, count FROM golden_record.access_log ORDER BY access_id;
DROP OWNED BY regress_officer;
DROP ROLE regress_officer;
DROP OWNED BY regress_writer, regress_reader;
DROP ROLE regress_writer, regress_reader;
