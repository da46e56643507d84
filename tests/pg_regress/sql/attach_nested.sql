-- Statements within statements on an attached table: whatever runs inside whatever, the row as it is now is the record.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
CREATE TABLE nest (id int PRIMARY KEY, up int REFERENCES nest ON UPDATE CASCADE ON DELETE CASCADE, email text, changed timestamptz DEFAULT '2023-01-01Z');
SELECT golden_record.attach_source('nest', 'Nest', 'id', timestamp_column => 'changed');
-- The records beside the table's rows, and whether a backfill of the same rows finds nothing to do.
CREATE FUNCTION pg_temp.checked(relation regclass DEFAULT 'nest', id text DEFAULT 'id', OUT records text, OUT rows text, OUT as_if_fresh boolean)
LANGUAGE plpgsql AS $$ DECLARE
    before text := golden_record.digest();
BEGIN
    SELECT string_agg(source_id, ' ' ORDER BY source_id COLLATE "C") INTO records FROM golden_record.crosswalk WHERE kind = 'record';
    EXECUTE format('SELECT string_agg(%I::text, '' '' ORDER BY %1$I::text COLLATE "C") FROM %s', id, relation) INTO rows;
    PERFORM golden_record.backfill(relation);
    as_if_fresh := before = golden_record.digest() AND NOT EXISTS (SELECT FROM golden_record.verify());
END $$;
-- Triggers that run a statement.
CREATE FUNCTION nest_does() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    EXECUTE TG_ARGV[0];
    RETURN NULL;
END $$;
CREATE FUNCTION nest_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    EXECUTE TG_ARGV[0] USING NEW.id;
    RETURN NULL;
END $$;

-- A row's trigger changes the row, or takes it away, before the statement is over.
CREATE TRIGGER mine AFTER INSERT ON nest FOR EACH ROW EXECUTE FUNCTION nest_row('UPDATE nest SET email = ''inner.'' || email WHERE id = $1');
INSERT INTO nest VALUES (1, NULL, 'one@example.com'), (2, NULL, 'two@example.com');
SELECT * FROM pg_temp.checked();
COPY nest FROM stdin (FORMAT csv);
3,,three@example.com,2023-01-01Z
\.
SELECT * FROM pg_temp.checked();
DROP TRIGGER mine ON nest;
CREATE TRIGGER mine AFTER INSERT ON nest FOR EACH ROW EXECUTE FUNCTION nest_row('DELETE FROM nest WHERE id = $1 AND id % 2 = 0');
INSERT INTO nest VALUES (4, NULL, 'four@example.com'), (5, NULL, 'five@example.com');
SELECT * FROM pg_temp.checked();
DROP TRIGGER mine ON nest;
-- Its name changes under way; and a statement within the one within.
CREATE TRIGGER mine AFTER INSERT ON nest FOR EACH ROW WHEN (NEW.id < 100) EXECUTE FUNCTION nest_row('UPDATE nest SET id = id + 100 WHERE id = $1');
CREATE TRIGGER more AFTER UPDATE ON nest FOR EACH ROW WHEN (NEW.id BETWEEN 100 AND 199) EXECUTE FUNCTION nest_row('UPDATE nest SET id = id + 100, email = ''deep.'' || email WHERE id = $1');
INSERT INTO nest VALUES (6, NULL, 'six@example.com'), (7, NULL, 'seven@example.com');
SELECT * FROM pg_temp.checked();
DROP TRIGGER mine ON nest;
DROP TRIGGER more ON nest;
-- A row that goes and comes back.
CREATE TRIGGER "a first" AFTER DELETE ON nest FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION nest_does('INSERT INTO nest VALUES (5, NULL, ''again@example.com'')');
DELETE FROM nest WHERE id IN (3, 5);
SELECT * FROM pg_temp.checked();
DROP TRIGGER "a first" ON nest;
-- Triggers of the statement, before ours and after.
CREATE TRIGGER "a first" AFTER UPDATE ON nest FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION nest_does('UPDATE nest SET email = ''a.'' || email');
UPDATE nest SET email = 'x' || email WHERE id < 3;
SELECT * FROM pg_temp.checked();
CREATE TRIGGER "z last" AFTER UPDATE ON nest FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION nest_does('UPDATE nest SET email = ''z.'' || email WHERE id < 6');
UPDATE nest SET email = 'y' || email;
SELECT * FROM pg_temp.checked();
DROP TRIGGER "a first" ON nest;
DROP TRIGGER "z last" ON nest;
-- A statement of a function that the statement calls.
CREATE FUNCTION nest_call(int) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
    UPDATE nest SET email = 'called@example.com' WHERE id = $1;
    RETURN 'caller@example.com';
END $$;
INSERT INTO nest SELECT 8, NULL, nest_call(1);
SELECT * FROM pg_temp.checked();
-- One that is taken back.
CREATE FUNCTION nest_undone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE nest SET email = 'undone@example.com' WHERE id = NEW.id;
    RAISE division_by_zero;
EXCEPTION WHEN division_by_zero THEN
    RETURN NULL;
END $$;
CREATE TRIGGER mine AFTER INSERT ON nest FOR EACH ROW EXECUTE FUNCTION nest_undone();
INSERT INTO nest VALUES (9, NULL, 'nine@example.com');
SELECT * FROM pg_temp.checked();
DROP TRIGGER mine ON nest;
-- At the end of the transaction.
CREATE CONSTRAINT TRIGGER mine AFTER INSERT ON nest DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION nest_row('UPDATE nest SET email = ''late.'' || email WHERE id = $1');
BEGIN;
INSERT INTO nest VALUES (10, NULL, 'ten@example.com');
UPDATE nest SET email = 'x' || email WHERE id = 10;
COMMIT;
SELECT * FROM pg_temp.checked();
DROP TRIGGER mine ON nest;

-- Foreign keys: cascades onto the same table, over rows that the statement changed itself, and with a trigger of their own.
INSERT INTO nest VALUES (20, 20, 'root@example.com'), (21, 20, 'leaf@example.com'), (22, 21, 'tip@example.com');
UPDATE nest SET id = id + 10, email = 'x' || email WHERE id IN (20, 21);
SELECT * FROM pg_temp.checked();
CREATE TRIGGER mine AFTER UPDATE OF up ON nest FOR EACH ROW WHEN (NEW.up IS DISTINCT FROM OLD.up) EXECUTE FUNCTION nest_row('UPDATE nest SET email = ''moved@example.com'' WHERE id = $1');
UPDATE nest SET id = id + 10 WHERE id IN (30, 31);
SELECT * FROM pg_temp.checked();
DROP TRIGGER mine ON nest;
CREATE TRIGGER mine AFTER DELETE ON nest FOR EACH STATEMENT EXECUTE FUNCTION nest_does('INSERT INTO nest VALUES (22, NULL, ''back@example.com'') ON CONFLICT DO NOTHING');
DELETE FROM nest WHERE id = 40;
SELECT * FROM pg_temp.checked();
DROP TRIGGER mine ON nest;

-- Two kinds of change in one statement.
CREATE TRIGGER mine AFTER UPDATE ON nest FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION nest_row('UPDATE nest SET email = ''mine.'' || email WHERE id IN ($1, 50)');
INSERT INTO nest VALUES (50, NULL, 'fifty@example.com'), (1, NULL, 'upsert@example.com')
    ON CONFLICT (id) DO UPDATE SET email = excluded.email;
SELECT * FROM pg_temp.checked();
DROP TRIGGER mine ON nest;
MERGE INTO nest AS n USING (VALUES (1, 0), (2, 0), (1, 1), (51, 1)) AS s (id, pass) ON n.id = s.id AND s.pass = 0
    WHEN MATCHED AND s.id = 1 THEN DELETE
    WHEN MATCHED THEN UPDATE SET id = 52
    WHEN NOT MATCHED THEN INSERT VALUES (s.id, NULL, 'merged@example.com');
SELECT * FROM pg_temp.checked();
WITH gone AS (DELETE FROM nest WHERE id < 10 RETURNING id)
INSERT INTO nest SELECT id, NULL, 'kept@example.com' FROM gone LIMIT 1;
SELECT records = rows AS one_is_kept, as_if_fresh FROM pg_temp.checked();

-- TRUNCATE, and a row that comes in before our trigger ran. An id that is an email goes by another name.
ALTER TABLE nest DROP CONSTRAINT nest_up_fkey;
ALTER TABLE nest ALTER COLUMN id TYPE text;
TRUNCATE nest;
INSERT INTO nest VALUES ('stays@example.com', NULL, 'stays@example.com'), ('goes', NULL, 'goes@example.com');
CREATE TRIGGER "a first" AFTER TRUNCATE ON nest FOR EACH STATEMENT EXECUTE FUNCTION nest_does('INSERT INTO nest VALUES (''stays@example.com'', NULL, ''stayed@example.com'')');
TRUNCATE nest;
SELECT records LIKE 'pii:%' AND records NOT LIKE '% %' AS one, rows, as_if_fresh FROM pg_temp.checked();
DROP TRIGGER "a first" ON nest;
TRUNCATE nest;

-- A row without a name is refused once.
CREATE TABLE nest_loose (id json, email text, changed timestamptz DEFAULT '2023-01-01Z');
SELECT golden_record.attach_source('nest_loose', 'Loose', 'id', timestamp_column => 'changed');
CREATE TRIGGER mine AFTER INSERT ON nest_loose FOR EACH ROW EXECUTE FUNCTION nest_row('UPDATE nest_loose SET email = ''inner.'' || email WHERE id::text = $1::text');
INSERT INTO nest_loose VALUES ('1', 'one@example.com'), (NULL, 'nobody@example.com');
SELECT field, reason FROM golden_record.rejected ORDER BY rejected_id;
SELECT * FROM pg_temp.checked('nest_loose');
-- Without a unique index: as long as a row has the id, there is the record. A type without equality will do.
DROP TRIGGER mine ON nest_loose;
INSERT INTO nest_loose VALUES ('2', 'two@example.com'), ('2', 'two.two@example.com');
DELETE FROM nest_loose WHERE email = 'two@example.com';
SELECT records FROM pg_temp.checked('nest_loose');
UPDATE nest_loose SET id = '3' WHERE id::text = '1';
SELECT records FROM pg_temp.checked('nest_loose');
DELETE FROM nest_loose;
SELECT records FROM pg_temp.checked('nest_loose');
-- An index that is looked at when the transaction ends only.
CREATE TABLE nest_swap (id int UNIQUE DEFERRABLE INITIALLY DEFERRED, email text, changed timestamptz DEFAULT '2023-01-01Z');
SELECT golden_record.attach_source('nest_swap', 'Swap', 'id', timestamp_column => 'changed');
INSERT INTO nest_swap VALUES (1, 'first@example.com'), (2, 'second@example.com');
BEGIN;
UPDATE nest_swap SET id = 2 WHERE email = 'first@example.com';
UPDATE nest_swap SET id = 1 WHERE email = 'second@example.com';
COMMIT;
SELECT * FROM pg_temp.checked('nest_swap');
-- What an index includes is no key of it.
CREATE TABLE nest_wide (id int, email text, changed timestamptz, PRIMARY KEY (id) INCLUDE (email));
SELECT golden_record.attach_source('nest_wide', 'Wide', 'id', timestamp_column => 'changed');
-- Partitions.
CREATE TABLE nest_parts (id int, region text, email text, changed timestamptz DEFAULT '2023-01-01Z', PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE nest_north PARTITION OF nest_parts FOR VALUES IN ('north');
CREATE TABLE nest_south PARTITION OF nest_parts FOR VALUES IN ('south');
SELECT golden_record.attach_source('nest_parts', 'Parts', 'id', timestamp_column => 'changed');
CREATE TRIGGER mine AFTER INSERT ON nest_parts FOR EACH ROW EXECUTE FUNCTION nest_row('UPDATE nest_parts SET region = ''south'', email = ''south.'' || email WHERE id = $1');
INSERT INTO nest_parts VALUES (1, 'north', 'one@example.com'), (2, 'south', 'two@example.com');
DELETE FROM nest_swap;
SELECT * FROM pg_temp.checked('nest_parts');
INSERT INTO nest_parts VALUES (3, 'south', 'three@example.com');
DROP TRIGGER mine ON nest_parts;
UPDATE nest_parts SET region = 'north' WHERE id = 3;
DELETE FROM nest_parts WHERE id = 1;
SELECT * FROM pg_temp.checked('nest_parts');
SET client_min_messages = warning;
DROP FUNCTION pg_temp.checked;
DROP TABLE nest, nest_loose, nest_swap, nest_wide, nest_parts;
DROP FUNCTION nest_does, nest_row, nest_call, nest_undone;
