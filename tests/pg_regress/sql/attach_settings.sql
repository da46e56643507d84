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
-- TRUNCATE ONLY leaves the rows of tables that inherit; one that can be no record any more is none, as after backfill.
CREATE TABLE parent (id int PRIMARY KEY, email text, seen text DEFAULT '2024-01-01Z');
CREATE TABLE child () INHERITS (parent);
SELECT golden_record.attach_source('parent', 'Parents', 'id', timestamp_column => 'seen');
INSERT INTO parent VALUES (1, 'pam@example.com');
INSERT INTO child VALUES (2, 'cid@example.com'), (3, 'dee@example.com');
SELECT golden_record.backfill('parent');
UPDATE child SET seen = 'soon' WHERE id = 3;
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
-- The region of a row reads its phones and is the record's for scopes, where it states no country of its own; nothing is said of a
-- country by it. So also for a type that has none.
SELECT golden_record.define_entity('SHOP', '{"attributes": {"tel": {"kind": "phone"}}}');
CREATE TABLE mapped (id int PRIMARY KEY, country text, home text, phone text, seen timestamptz);
CREATE TABLE plain (id int PRIMARY KEY, home text, phone text, seen timestamptz);
CREATE TABLE shop (id int PRIMARY KEY, home text, tel text, seen timestamptz);
SELECT golden_record.attach_source('mapped', 'Mapped', 'id', '{"country": "country", "phoneNumber": "phone"}', timestamp_column => 'seen', options => '{"region_column": "home", "region": "DE"}');
SELECT golden_record.attach_source('plain', 'Plain', 'id', '{"phoneNumber": "phone"}', timestamp_column => 'seen', options => '{"region_column": "home"}');
SELECT golden_record.attach_source('shop', 'Shop', 'id', NULL, 'SHOP', timestamp_column => 'seen', options => '{"region_column": "home"}');
INSERT INTO mapped VALUES (1, NULL, 'GB', '020 7946 0123', '2024-01-01Z'), (2, 'FR', 'GB', '01 42 68 53 00', '2024-01-01Z'), (3, NULL, NULL, '030 901820', '2024-01-01Z');
INSERT INTO plain VALUES (1, 'United Kingdom', '020 7946 0124', '2024-01-01Z');
INSERT INTO shop VALUES (1, 'GB', '020 7946 0125', '2024-01-01Z');
CREATE TEMP VIEW by_region AS
    SELECT c.system_name, c.source_id, p.region, g.attributes
    FROM golden_record.crosswalk AS c
    JOIN golden_record.source_record AS r ON (r.system_name, r.source_id) = (c.system_name, c.source_id)
    JOIN golden_record.source_pii AS p ON p.record_id = r.record_id
    JOIN golden_record.golden_record AS g ON g.golden_id = c.golden_id
    WHERE c.system_name IN ('Mapped', 'Plain', 'Shop') ORDER BY 1, 2;
SELECT * FROM by_region;
SELECT golden_record.rebuild() + golden_record.rebuild('SHOP') AS rebuilt;
-- A row of another region is another version.
UPDATE plain SET home = 'FR', phone = '01 42 68 53 01';
SELECT * FROM by_region WHERE system_name = 'Plain';
UPDATE plain SET home = 'DE';
SELECT * FROM by_region WHERE system_name = 'Plain';
SELECT golden_record.backfill('mapped'), golden_record.backfill('plain'), golden_record.backfill('shop');
SELECT * FROM golden_record.verify() UNION ALL SELECT * FROM golden_record.verify('SHOP');
-- A row is whole: without a region it takes back the one it had, also for what a feed says of the record later on.
UPDATE plain SET home = NULL, phone = '206 555 0126', seen = '2024-02-01Z';
SELECT golden_record.detach_source('plain');
SELECT outcome FROM golden_record.ingest('{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Plain", "id": "1"}], "timestamp": "2024-03-01T00:00:00Z", "attributes": {"preferredLanguage": "en"}}'::text);
SELECT * FROM by_region WHERE system_name = 'Plain';
SELECT * FROM golden_record.verify();
DROP VIEW by_region; DROP TABLE mapped, plain, shop;
-- Who gives columns means these: another that has the name of an attribute, or of a mapped key, says nothing of it, and waits.
SELECT golden_record.map_attribute('CUSTOMER', 'mail', 'email');
CREATE TABLE listed (id int PRIMARY KEY, phone text, email text, mail text, city text, loyalty text, seen timestamptz);
SELECT golden_record.attach_source('listed', 'Listed', 'id', '{"phoneNumber": "phone"}', timestamp_column => 'seen');
INSERT INTO listed VALUES (1, '(206) 555-0101', 'rep@example.com', 'rep@example.com', 'Ulm', 'gold', '2024-01-01Z'),
    (2, '(206) 555-0102', 'rep@example.com', 'rep@example.com', 'Ulm', NULL, '2024-01-01Z');
CREATE TEMP VIEW of_listed AS SELECT source_id, attribute, value FROM golden_record.lineage WHERE system_name = 'Listed' ORDER BY 1, 2;
SELECT * FROM of_listed;
SELECT golden_record.grant_scope('golden_record_pii');
SET ROLE golden_record_pii; SET golden_record.purpose = 'test';
SELECT key, value FROM golden_record.raw_attributes WHERE system_name = 'Listed' AND source_id = '1' ORDER BY key COLLATE "C";
RESET ROLE; RESET golden_record.purpose;
SELECT value, ok FROM golden_record.status WHERE name = 'attached_tables';
SELECT golden_record.digest() AS digest \gset
SELECT golden_record.backfill('listed'), golden_record.rebuild();
SELECT golden_record.digest() = :'digest' AS as_before;
-- So in a column that was added later, and where a feed goes on from what the row said.
ALTER TABLE listed ADD company text;
UPDATE listed SET company = 'ACME', seen = '2024-02-01Z' WHERE id = 1;
SELECT golden_record.detach_source('listed');
SELECT outcome FROM golden_record.ingest('{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Listed", "id": "1"}], "timestamp": "2024-03-01T00:00:00Z", "attributes": {"preferredLanguage": "en"}}'::text);
SELECT * FROM of_listed;
-- Of two columns for one attribute the other waits. What waits under a name that is no attribute's yet is at home once it is one's.
SELECT golden_record.attach_source('listed', 'Listed', 'id', '{"email": "mail"}', timestamp_column => 'seen');
UPDATE listed SET mail = 'me' || id || '@example.com', seen = '2024-04-01Z';
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"loyalty": {"kind": "text"}}}');
SELECT * FROM of_listed;
SET ROLE golden_record_pii; SET golden_record.purpose = 'test';
SELECT key, value FROM golden_record.raw_attributes WHERE system_name = 'Listed' AND source_id = '1' ORDER BY key COLLATE "C";
RESET ROLE; RESET golden_record.purpose;
SELECT golden_record.digest() AS digest \gset
SELECT golden_record.backfill('listed');
SELECT golden_record.digest() = :'digest' AS as_before;
SELECT * FROM golden_record.verify();
DROP VIEW of_listed; DROP TABLE listed;
