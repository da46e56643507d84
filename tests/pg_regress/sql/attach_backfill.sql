-- Backfill reconciles: whatever happened while a table was not followed, its records are its rows afterwards.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
CREATE TEMP VIEW records AS
    SELECT system_name, string_agg(source_id, ' ' ORDER BY source_id COLLATE "C") AS records
    FROM golden_record.crosswalk WHERE kind = 'record' GROUP BY system_name ORDER BY system_name COLLATE "C";
CREATE TEMP VIEW refused AS
    SELECT system_name, source_id, field, reason, attempts FROM golden_record.rejected ORDER BY rejected_id;
CREATE TABLE fill_contact (id text PRIMARY KEY, email text, changed timestamptz DEFAULT '2023-01-01Z', gone text);
SELECT golden_record.attach_source('fill_contact', 'Fill', 'id', timestamp_column => 'changed', options => '{"deleted_column": "gone"}');
INSERT INTO fill_contact VALUES ('1', 'one@example.com'), ('2', 'two@example.com'), ('3', 'three@example.com'), ('4', 'four@example.com');
-- Detached, and attached again: what left meanwhile leaves.
SELECT golden_record.detach_source('fill_contact');
DELETE FROM fill_contact WHERE id = '2';
SELECT golden_record.attach_source('fill_contact', 'Fill', 'id', timestamp_column => 'changed', options => '{"deleted_column": "gone"}');
SELECT golden_record.backfill('fill_contact');
SELECT * FROM records;
-- It is deleted, not lost.
SELECT source_id, count(*) AS versions FROM golden_record.record_history GROUP BY source_id ORDER BY source_id;
-- Dropped, made anew and attached: the same. What was attached before is no more.
DROP TABLE fill_contact;
SELECT value, ok FROM golden_record.status WHERE name = 'attached_tables';
CREATE TABLE fill_contact (id text PRIMARY KEY, email text, changed timestamptz DEFAULT '2023-01-01Z', gone text);
INSERT INTO fill_contact VALUES ('1', 'one@example.com'), ('4', 'four@example.com');
SELECT golden_record.attach_source('fill_contact', 'Fill', 'id', timestamp_column => 'changed', options => '{"deleted_column": "gone"}');
SELECT golden_record.backfill('fill_contact');
SELECT * FROM records;
SELECT attached, count(*) FROM golden_record.attachment GROUP BY attached ORDER BY attached;
SELECT value, ok FROM golden_record.status WHERE name = 'attached_tables';
ALTER TABLE fill_contact DISABLE TRIGGER golden_record_update;
SELECT value, ok FROM golden_record.status WHERE name = 'attached_tables';
ALTER TABLE fill_contact ENABLE TRIGGER golden_record_update;
ALTER TABLE fill_contact RENAME email TO mail;
SELECT value, ok FROM golden_record.status WHERE name = 'attached_tables';
ALTER TABLE fill_contact RENAME mail TO email;
ALTER TABLE fill_contact RENAME gone TO ended;
SELECT value, ok FROM golden_record.status WHERE name = 'attached_tables';
ALTER TABLE fill_contact RENAME ended TO gone;
SELECT value, ok FROM golden_record.status WHERE name = 'attached_tables';
-- What only a feed sent is not the table's.
SELECT outcome FROM golden_record.ingest('{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Fill", "id": "fed"}], "timestamp": "2023-01-01Z", "attributes": {"email": "fed@example.com"}}'::text);
SELECT golden_record.backfill('fill_contact');
SELECT * FROM records;

-- A row that is no record any more: the record does not go on saying what the table says no more.
SELECT golden_record.digest() AS digest \gset
UPDATE fill_contact SET changed = NULL WHERE id = '1';
SELECT * FROM records;
SELECT * FROM refused;
SELECT golden_record.backfill('fill_contact');
SELECT golden_record.backfill('fill_contact');
SELECT * FROM refused;
-- A name that is too long; both come home.
UPDATE fill_contact SET id = repeat('x', 1001) WHERE id = '4';
SELECT * FROM records;
UPDATE fill_contact SET id = '4' WHERE id LIKE 'x%';
UPDATE fill_contact SET changed = '2023-01-01Z' WHERE id = '1';
SELECT * FROM records;
SELECT golden_record.digest() = :'digest' AS as_before;
-- Refused while nobody saw it.
ALTER TABLE fill_contact DISABLE TRIGGER USER;
UPDATE fill_contact SET changed = NULL WHERE id = '4';
ALTER TABLE fill_contact ENABLE TRIGGER USER;
SELECT golden_record.backfill('fill_contact');
SELECT * FROM records;
UPDATE fill_contact SET changed = '2023-01-01Z' WHERE id = '4';
-- A mark of deletion is a word for yes or no, a number or a time; what it is not is refused.
UPDATE fill_contact SET gone = 'Yes' WHERE id = '1';
SELECT * FROM records;
UPDATE fill_contact SET gone = ' no ' WHERE id = '1';
UPDATE fill_contact SET gone = '2024-02-03 04:05:06+01' WHERE id = '4';
SELECT * FROM records;
SELECT golden_record.backfill('fill_contact') AS without_the_deleted;
UPDATE fill_contact SET gone = NULL WHERE id = '4';
UPDATE fill_contact SET gone = 'maybe' WHERE id = '4';
SELECT * FROM records;
SELECT * FROM refused;
UPDATE fill_contact SET gone = NULL;
SELECT golden_record.digest() = :'digest' AS as_before;
-- A column that is there no more: nothing is known of the rows, and nothing of the records changes.
ALTER TABLE fill_contact RENAME email TO mail;
UPDATE fill_contact SET mail = 'else@example.com' WHERE id = '1';
SELECT * FROM records;
SELECT golden_record.backfill('fill_contact');
ALTER TABLE fill_contact RENAME mail TO email;
SELECT golden_record.backfill('fill_contact');
SELECT * FROM records;
SELECT * FROM golden_record.verify();

-- A table of several systems, attached again; without event times a row that is refused again has one dead letter, too.
CREATE TABLE fill_union (id text, source text, email text, PRIMARY KEY (id, source));
SELECT golden_record.attach_source('fill_union', NULL, 'id', options => '{"system_column": "source"}');
INSERT INTO fill_union VALUES ('u1', 'North', 'u1@example.com'), ('u2', 'South', 'u2@example.com'), ('', 'South', 'u3@example.com');
SELECT golden_record.detach_source('fill_union');
DELETE FROM fill_union WHERE id = 'u2';
SELECT golden_record.attach_source('fill_union', NULL, 'id', options => '{"system_column": "source"}');
SELECT golden_record.backfill('fill_union');
SELECT * FROM records;
SELECT * FROM refused WHERE system_name = 'South';
SELECT * FROM golden_record.verify();
-- Nor is one counted of somebody who was erased.
BEGIN;
SELECT golden_record.erase_subject(golden_id, 'request') IS NOT NULL AS erased FROM golden_record.crosswalk WHERE source_id = 'u1';
SELECT golden_record.backfill('fill_union') AS without_the_erased;
-- A living record whose row says of somebody erased what it did not say before is a record no more.
ALTER TABLE fill_union DISABLE TRIGGER USER;
INSERT INTO fill_union VALUES ('u5', 'South', 'u5@example.com');
ALTER TABLE fill_union ENABLE TRIGGER USER;
SELECT golden_record.backfill('fill_union') AS with_another;
ALTER TABLE fill_union DISABLE TRIGGER USER;
UPDATE fill_union SET email = 'u1@example.com' WHERE id = 'u5';
ALTER TABLE fill_union ENABLE TRIGGER USER;
SELECT golden_record.backfill('fill_union') AS without_it;
ROLLBACK;
-- What no record can be called has nothing to delete: mended or deleted, such a row leaves no further dead letter.
UPDATE fill_union SET id = 'u3' WHERE id = '';
INSERT INTO fill_union VALUES (repeat('x', 2000), 'South', 'u4@example.com');
DELETE FROM fill_union WHERE id LIKE 'xx%';
SELECT * FROM records;
SELECT * FROM refused WHERE system_name = 'South';

-- A row without an event time that says what it said before is no new version, and keeps the time when it was first found so:
-- neither a backfill nor a statement that changes nothing makes its values newer.
CREATE TABLE fill_timeless (id text PRIMARY KEY, email text, city text, gone boolean, changed timestamptz DEFAULT '2023-01-01Z');
SELECT golden_record.attach_source('fill_timeless', 'Timeless', 'id', options => '{"deleted_column": "gone"}');
INSERT INTO fill_timeless VALUES ('t1', 't1@example.com', 'Oslo', NULL), ('t2', 't2@example.com', 'Oslo', true);
CREATE TEMP VIEW timeless AS
    SELECT r.source_id, count(*) AS versions, r.live, (SELECT c.city FROM golden_record.customer AS c WHERE c.golden_id = r.golden_id) AS city
    FROM golden_record.record_version AS v JOIN golden_record.source_record AS r USING (record_id) WHERE r.system_name = 'Timeless'
    GROUP BY r.record_id ORDER BY r.source_id COLLATE "C";
SELECT * FROM timeless;
SELECT golden_record.digest() AS digest \gset
SELECT golden_record.backfill('fill_timeless');
UPDATE fill_timeless SET city = city;
INSERT INTO fill_timeless VALUES ('t1', 't1@example.com', 'Oslo') ON CONFLICT (id) DO UPDATE SET city = excluded.city;
SELECT * FROM timeless;
SELECT golden_record.digest() = :'digest' AS as_before;
-- What comes back is a change all the same: another city and this one again, a row that is gone and there again.
UPDATE fill_timeless SET city = 'Voss' WHERE id = 't1';
UPDATE fill_timeless SET city = 'Oslo' WHERE id = 't1';
SELECT * FROM timeless;
BEGIN;
DELETE FROM fill_timeless;
SELECT * FROM timeless;
INSERT INTO fill_timeless VALUES ('t1', 't1@example.com', 'Oslo', NULL), ('t2', 't2@example.com', 'Oslo', true);
COMMIT;
UPDATE fill_timeless SET gone = NOT coalesce(gone, false);
SELECT * FROM timeless;
UPDATE fill_timeless SET gone = NULLIF(NOT gone, false);
SELECT golden_record.backfill('fill_timeless');
SELECT * FROM timeless;
-- Attached anew it is what it was, read as it is to be read now; by event times it is another version.
CREATE TEMP TABLE known AS SELECT attribute, event_time FROM golden_record.lineage WHERE system_name = 'Timeless';
SELECT golden_record.detach_source('fill_timeless');
SELECT golden_record.attach_source('fill_timeless', 'Timeless', 'id', options => '{"deleted_column": "gone", "region": "NO"}');
SELECT golden_record.backfill('fill_timeless');
SELECT * FROM timeless;
SELECT count(*) AS same FROM known JOIN golden_record.lineage USING (attribute, event_time) WHERE system_name = 'Timeless';
SELECT * FROM golden_record.verify();
SELECT golden_record.detach_source('fill_timeless');
SELECT golden_record.attach_source('fill_timeless', 'Timeless', 'id', timestamp_column => 'changed', options => '{"deleted_column": "gone"}');
SELECT golden_record.backfill('fill_timeless');
SELECT * FROM timeless;
SELECT golden_record.backfill('fill_timeless');
SELECT * FROM timeless;
SELECT * FROM golden_record.verify();
DROP TABLE fill_contact, fill_union, fill_timeless;
