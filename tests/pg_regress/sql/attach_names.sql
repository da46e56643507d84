-- Names of rows: tables that share a system, and ids that differ by little.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
CREATE TEMP VIEW records AS
    SELECT source_id AS record, r.attachment_id AS of_table, c.email
    FROM golden_record.source_record AS r JOIN golden_record.customer AS c USING (golden_id)
    ORDER BY system_name COLLATE "C", source_id COLLATE "C";
CREATE TEMP VIEW refused AS
    SELECT feed, system_name, source_id, field, reason, sqlstate, attempts FROM golden_record.rejected ORDER BY rejected_id;
CREATE TABLE names_one (id text PRIMARY KEY, email text, changed timestamptz DEFAULT '2023-01-01Z');
CREATE TABLE names_two (LIKE names_one INCLUDING ALL);
SELECT golden_record.attach_source('names_one', 'Names', 'id', timestamp_column => 'changed');
-- Two tables of one system, as long as their ids do not meet.
SELECT golden_record.attach_source('names_two', 'Names', 'id', timestamp_column => 'changed');
INSERT INTO names_one VALUES ('1', 'a.one@example.com'), ('2', 'b.one@example.com');
INSERT INTO names_two VALUES ('3', 'c.two@example.com');
SELECT * FROM records;
-- Where they meet, the first keeps its record, and the other's row is a dead letter.
INSERT INTO names_two VALUES ('1', 'd.two@example.com'), ('4', 'e.two@example.com');
SELECT * FROM records;
SELECT * FROM refused;
UPDATE names_two SET email = 'f.two@example.com' WHERE id = '1';
DELETE FROM names_two WHERE id = '1';
SELECT * FROM records;
INSERT INTO names_two VALUES ('2', 'g.two@example.com');
SELECT golden_record.digest() AS digest \gset
SELECT golden_record.backfill('names_one'), golden_record.backfill('names_two');
SELECT golden_record.backfill('names_two'), golden_record.backfill('names_one');
SELECT golden_record.digest() = :'digest' AS as_before;
SELECT * FROM refused;
-- Once the first has it no more, the other's row may come.
DELETE FROM names_one WHERE id = '2';
SELECT golden_record.backfill('names_two');
SELECT * FROM records;
SELECT golden_record.detach_source('names_one');
INSERT INTO names_two VALUES ('1', 'h.two@example.com');
SELECT * FROM records;
SELECT * FROM golden_record.verify();
TRUNCATE names_two;

-- Ids are as the system gave them.
INSERT INTO names_two VALUES ('a', 'a.a@example.com'), (' a', 'b.a@example.com'), ('a ', 'c.a@example.com'), ('A', 'd.a@example.com'),
    ('Ann@example.com', 'e.a@example.com'), ('ann@example.com', 'f.a@example.com'), ('ann@example.com ', 'g.a@example.com'), (' ', 'blank@example.com');
SELECT count(*) AS records, count(DISTINCT email) AS emails FROM records;
SELECT golden_record.digest() AS digest \gset
DELETE FROM names_two WHERE id = 'a';
UPDATE names_two SET email = 'z.a@example.com' WHERE id = ' a';
SELECT record, email FROM records WHERE record !~ '^pii:';
DELETE FROM names_two WHERE id = 'ann@example.com';
SELECT count(*) AS records FROM records;
INSERT INTO names_two VALUES ('a', 'a.a@example.com'), ('ann@example.com', 'f.a@example.com');
UPDATE names_two SET email = 'b.a@example.com' WHERE id = ' a';
SELECT golden_record.backfill('names_two');
SELECT golden_record.digest() = :'digest' AS as_before;
SELECT source_id, reason FROM golden_record.rejected ORDER BY rejected_id DESC LIMIT 1;
SELECT * FROM golden_record.verify();
-- The blanks that fill up char(n) are none of the id.
CREATE TABLE names_filled (id char(8) PRIMARY KEY, email text);
SELECT golden_record.attach_source('names_filled', 'Filled', 'id');
INSERT INTO names_filled VALUES ('f', 'f@example.com');
SELECT '"' || record || '"' AS record FROM records WHERE record LIKE 'f%';
DELETE FROM names_filled;
SELECT '"' || record || '"' AS record FROM records WHERE record LIKE 'f%';
SELECT * FROM golden_record.verify();
-- A table that is renamed stays attached, and another may take its name: each has its own dead letters.
SET client_min_messages = error;
SELECT golden_record.forget_rejected('{}') > 0 AS forgotten;
CREATE TABLE names_it (id int PRIMARY KEY, email text, changed text);
SELECT golden_record.attach_source('names_it', 'Old', 'id', timestamp_column => 'changed') IS NOT NULL AS attached;
INSERT INTO names_it VALUES (7, 'old@example.com', 'soon');
ALTER TABLE names_it RENAME TO names_it_old;
CREATE TABLE names_it (LIKE names_it_old INCLUDING ALL);
SELECT golden_record.attach_source('names_it', 'New', 'id', timestamp_column => 'changed') IS NOT NULL AS attached;
INSERT INTO names_it VALUES (8, 'new@example.com', 'later');
SELECT golden_record.backfill('names_it'), golden_record.backfill('names_it_old');
SELECT * FROM refused;
-- Nor does the end of one close what is open of the other.
DROP TABLE names_it_old;
SELECT golden_record.detach_source('names_two');
SELECT feed, closed_at FROM golden_record.alert WHERE feed = 'public.names_it';
-- What is left of a table that is gone is the letters of its name: the table of that name has them.
SELECT golden_record.backfill('names_it');
SELECT * FROM refused;
-- Detached, it is known by the name that it has then, and so is what was refused of it, also when it was attached before; but
-- for what was attached by the name that it had, and for a copy that is detached, after which it is followed still.
CREATE TEMP VIEW named AS SELECT system_name, relation, attached FROM golden_record.attachment WHERE system_name IN ('Ours', 'Theirs') ORDER BY attachment_id;
SELECT golden_record.forget_rejected('{}') > 0 AS forgotten;
DROP TABLE names_it;
CREATE TABLE names_i (id int PRIMARY KEY, email text, changed text);
SELECT golden_record.attach_source('names_i', 'Ours', 'id', timestamp_column => 'changed') IS NOT NULL AS attached;
INSERT INTO names_i VALUES (1, 'one@example.com', 'soon'), (2, 'two@example.com', 'soon');
SELECT golden_record.detach_source('names_i');
SELECT golden_record.attach_source('names_i', 'Ours', 'id', timestamp_column => 'changed') IS NOT NULL AS attached;
INSERT INTO names_i VALUES (3, 'three@example.com', 'later');
ALTER TABLE names_i RENAME TO names_i_old;
CREATE TABLE names_i (LIKE names_i_old INCLUDING ALL);
SELECT replace(pg_get_triggerdef(oid), 'names_i_old', 'names_i') FROM pg_trigger WHERE tgrelid = 'names_i_old'::regclass ORDER BY tgname \gexec
SELECT golden_record.detach_source('names_i');
SELECT golden_record.attach_source('names_i', 'Theirs', 'id', timestamp_column => 'changed') IS NOT NULL AS attached;
INSERT INTO names_i VALUES (1, 'ann@example.com', 'never');
SELECT * FROM named;
SELECT golden_record.detach_source('names_i_old');
SELECT * FROM named;
SELECT feed, system_name, source_id FROM refused;
SELECT golden_record.attach_source('names_i_old', 'Ours', 'id', timestamp_column => 'changed') IS NOT NULL AS attached;
UPDATE names_i_old SET changed = '2024-01-01Z' WHERE id = 1;
SELECT feed, system_name, source_id FROM refused;
ALTER TABLE names_i_old DISABLE TRIGGER USER;
UPDATE names_i_old SET changed = '2024-01-01Z' WHERE id = 2;
ALTER TABLE names_i_old ENABLE TRIGGER USER;
SELECT golden_record.backfill('names_i_old');
SELECT feed, system_name, source_id, attempts FROM refused;
-- So when it is attached anew because it lost a trigger.
ALTER TABLE names_i_old RENAME TO names_i_new;
DROP TRIGGER golden_record_delete ON names_i_new;
-- It is named as it is called now.
SELECT value FROM golden_record.status WHERE name = 'attached_tables';
SELECT golden_record.attach_source('names_i_new', 'Ours', 'id', timestamp_column => 'changed') IS NOT NULL AS attached;
SELECT golden_record.backfill('names_i_new');
SELECT feed, system_name, source_id, attempts FROM refused;
-- And what was deleted of a table of several systems, meanwhile.
CREATE TABLE names_many (id int, system text, email text, PRIMARY KEY (id, system));
SELECT golden_record.attach_source('names_many', NULL, 'id', options => '{"system_column": "system"}') IS NOT NULL AS attached;
INSERT INTO names_many VALUES (1, 'East', 'east@example.com'), (2, 'West', 'west@example.com');
ALTER TABLE names_many RENAME TO names_all;
SELECT golden_record.detach_source('names_all');
DELETE FROM names_all WHERE id = 2;
SELECT golden_record.attach_source('names_all', NULL, 'id', options => '{"system_column": "system"}') IS NOT NULL AS attached;
SELECT golden_record.backfill('names_all');
SELECT system_name, source_id FROM golden_record.crosswalk WHERE system_name IN ('East', 'West');
SELECT * FROM golden_record.verify();
RESET client_min_messages;
DROP TABLE names_i, names_i_new, names_all;
DROP TABLE names_one, names_two, names_filled;
