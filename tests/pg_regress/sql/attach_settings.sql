-- What an attached table's row says does not depend on the settings of the session that changed it.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
-- All that a session may like written otherwise.
CREATE PROCEDURE pg_temp.otherwise() LANGUAGE plpgsql AS $$ BEGIN
    SET TimeZone = 'America/New_York'; SET DateStyle = 'German'; SET IntervalStyle = 'iso_8601'; SET bytea_output = 'escape';
    SET extra_float_digits = 0; SET xmlbinary = 'hex'; SET quote_all_identifiers = on;
END $$;
CREATE PROCEDURE pg_temp.usual() LANGUAGE plpgsql AS $$ BEGIN
    SET TimeZone = 'UTC'; SET DateStyle = 'ISO, MDY'; SET IntervalStyle = 'postgres'; SET bytea_output = 'hex';
    SET extra_float_digits = 1; SET xmlbinary = 'base64'; SET quote_all_identifiers = off;
END $$;
CALL pg_temp.usual();
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"since": {"kind": "text"}, "term": {"kind": "text"}, "token": {"kind": "text"}, "during": {"kind": "text"}}}');
CREATE TABLE contract (id timestamptz PRIMARY KEY, email text, born timestamptz, since timestamptz, term interval, token bytea, during daterange, seen timestamptz);
SELECT golden_record.attach_source('contract', 'Contracts', 'id', timestamp_column => 'seen',
    columns => '{"email": "email", "dateOfBirth": "born", "since": "since", "term": "term", "token": "token", "during": "during"}');
INSERT INTO contract VALUES ('2024-01-01Z', 'ann@example.com', '1980-04-01 00:00Z', '2020-01-01Z', '1 year 2 days', '\x01ff', '[2024-01-01,2024-02-01)', '2024-01-01Z');
SELECT source_id FROM golden_record.crosswalk;
SELECT golden_record.digest() AS digest \gset
CALL pg_temp.otherwise();
UPDATE contract SET email = email;
SELECT golden_record.backfill('contract');
SELECT golden_record.digest() = :'digest' AS as_before;
SELECT count(*) AS versions FROM golden_record.record_version;
-- The id is the same, so the row that goes is the record that goes.
DELETE FROM contract;
SELECT count(*) AS living FROM golden_record.crosswalk;
CALL pg_temp.usual();
-- pg_restore turns row_security off: what is loaded into an attached table is taken in all the same.
SET row_security = off;
INSERT INTO contract VALUES ('2024-01-01Z', 'ann@example.com', '1980-04-01 00:00Z', '2020-01-01Z', '1 year 2 days', '\x01ff', '[2024-01-01,2024-02-01)', '2024-01-01Z');
SELECT golden_record.backfill('contract');
SELECT golden_record.digest() = :'digest' AS as_before;
SELECT * FROM golden_record.verify();
SHOW row_security;
RESET row_security;
-- Nor do our statements depend on how the session writes strings.
SET standard_conforming_strings = off;
SELECT golden_record.backfill('contract');
SELECT golden_record.detach_source('contract');
SELECT golden_record.attach_source('contract', 'Contracts', 'id', timestamp_column => 'seen', columns => '{"email": "email", "dateOfBirth": "born"}');
SELECT value, ok FROM golden_record.status WHERE name = 'attached_tables';
RESET standard_conforming_strings;
DROP TABLE contract;
-- TRUNCATE ONLY leaves the rows of tables that inherit.
CREATE TABLE parent (id int PRIMARY KEY, email text);
CREATE TABLE child () INHERITS (parent);
SELECT golden_record.attach_source('parent', 'Parents', 'id');
INSERT INTO parent VALUES (1, 'pam@example.com');
INSERT INTO child VALUES (2, 'cid@example.com');
SELECT golden_record.backfill('parent');
TRUNCATE ONLY parent;
SELECT source_id FROM golden_record.crosswalk WHERE system_name = 'Parents';
TRUNCATE parent;
SELECT source_id FROM golden_record.crosswalk WHERE system_name = 'Parents';
DROP TABLE parent CASCADE;
-- A system that no record could be of is refused when it is attached, not row by row.
CREATE TABLE unfit (id int PRIMARY KEY, email text);
\set VERBOSITY terse
SELECT golden_record.attach_source('unfit', '', 'id');
SELECT golden_record.attach_source('unfit', 'entity', 'id');
SELECT golden_record.attach_source('unfit', repeat('x', 256), 'id');
DROP TABLE unfit;
