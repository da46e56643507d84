-- Normalisers: every kind, NULLs, in an index, in a generated column, in a parallel plan.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
SELECT kind, quote_literal(value) AS value, golden_record.normalize(value, kind) AS canonical FROM (VALUES
    (1, 'email', ' John.Doe@Example.COM '), (2, 'email', 'john.doe'), (3, 'email', 'a@b@c'),
    (4, 'phone', '+1-555-0198'), (5, 'phone', '(555) 123-4567'), (6, 'phone', '+15551234567'), (7, 'phone', '0044 20 7946 0018'), (8, 'phone', 'ask Mary'),
    (9, 'given_name', ' JOSÉ '), (10, 'family_name', 'O’Brien'), (11, 'full_name', 'Doe, John'), (12, 'full_name', 'Dr.  John   DOE'),
    (13, 'date', '2023-10-15'), (14, 'date', '10/15/2023'), (15, 'date', '15.10.2023'), (16, 'date', '03/04/2023'), (17, 'date', '2023-02-30'),
    (18, 'timestamp', '2023-10-15T14:30:00Z'), (19, 'timestamp', '2023-10-15 16:30:00+02:00'), (20, 'timestamp', 'yesterday'),
    (21, 'postcode', ' sw1a 1aa '), (22, 'postcode', '12345-6789'), (23, 'street', '12 Main Street'), (24, 'city', ' München '),
    (25, 'region', 'ca'), (26, 'country', 'United States'), (27, 'country', 'DEU'), (28, 'country', 'de'), (29, 'country', 'Atlantis'),
    (30, 'organization', 'Acme, Inc.'), (31, 'identifier', ' ab-12 34 '), (32, 'locale', 'EN_us'), (33, 'number', ' 0012.500 '), (34, 'number', 'twelve'),
    (35, 'boolean', 'Yes'), (36, 'boolean', 'maybe'), (37, 'text', '  Some   Text ')) AS v (n, kind, value) ORDER BY n;
-- Each is idempotent: what is canonical stays as it is.
SELECT kind, value FROM (VALUES ('email', 'john.doe@example.com'), ('phone', '+15551234567'), ('full_name', 'john doe'),
    ('date', '2023-10-15'), ('timestamp', '2023-10-15T14:30:00Z'), ('postcode', '12345'), ('locale', 'en-US'), ('country', 'US'),
    ('number', '12.5'), ('boolean', 'true')) AS v (kind, value)
WHERE golden_record.normalize(value, kind) IS DISTINCT FROM value;
-- The named ones are the same functions.
SELECT golden_record.normalize_email(' John.Doe@Example.COM ') AS email, golden_record.normalize_phone('(555) 123-4567') AS us,
       golden_record.normalize_phone('020 7946 0018', 'GB') AS gb, golden_record.normalize_phone('030 901820', 'de') AS de,
       golden_record.normalize_phone('+44 20 7946 0018') AS international, golden_record.normalize_name('  DOE,  John ') AS name;
-- NULL and blank give NULL.
SELECT golden_record.normalize_email(NULL) IS NULL AND golden_record.normalize_phone(NULL) IS NULL AND golden_record.normalize_phone('555', NULL) IS NULL
   AND golden_record.normalize_name(NULL) IS NULL AND golden_record.normalize(NULL, 'email') IS NULL AND golden_record.normalize('x', NULL) IS NULL
   AND golden_record.normalize_email('') IS NULL AND golden_record.normalize_email('   ') IS NULL AND golden_record.normalize_phone('') IS NULL
   AND golden_record.normalize_name('') IS NULL AS all_null;
-- Neither TimeZone nor DateStyle is read.
SET TimeZone = 'Asia/Tokyo'; SET DateStyle = 'SQL, DMY';
SELECT golden_record.normalize('03/04/2023', 'date') AS date, golden_record.normalize('2023-10-15 16:30:00+02:00', 'timestamp') AS ts;
RESET TimeZone; RESET DateStyle;

-- Masks: what everybody sees. A value that its kind cannot read is masked all the same.
SELECT kind, golden_record.mask(value, kind) FROM (VALUES (1, 'email', 'john.doe@example.com'), (2, 'email', 'not an email'), (3, 'phone', '+15551234567'),
    (4, 'given_name', 'John'), (5, 'family_name', 'Doe'), (6, 'full_name', 'John Doe'), (7, 'date', '1980-02-03'), (8, 'street', '12 Main Street'),
    (9, 'postcode', '12345'), (10, 'given_name', '')) AS v (n, kind, value) ORDER BY n;

-- Labels: functions of their arguments alone, good for indexes and parallel plans. identity_key reads the secret.
SELECT p.oid::regprocedure AS function, provolatile AS volatile, proparallel AS parallel, proisstrict AS strict, procost AS cost
FROM pg_proc AS p WHERE pronamespace = 'golden_record'::regnamespace
  AND proname IN ('normalize', 'normalize_email', 'normalize_phone', 'normalize_name', 'similarity', 'mask', 'match_score', 'match_explain', 'identity_key')
ORDER BY proname COLLATE "C";

CREATE TABLE normalize_contact (email text, phone text, name text,
    email_key text GENERATED ALWAYS AS (golden_record.normalize_email(email)) STORED,
    phone_key text GENERATED ALWAYS AS (golden_record.normalize_phone(phone)) STORED);
CREATE INDEX ON normalize_contact (golden_record.normalize_email(email));
CREATE INDEX ON normalize_contact (golden_record.normalize(name, 'full_name'));
INSERT INTO normalize_contact VALUES (' John.Doe@Example.COM ', '(555) 123-4567', 'Doe, John'), ('jane@example.com', NULL, 'Jane Roe');
INSERT INTO normalize_contact SELECT format('user%s@example.com', n), NULL, NULL FROM generate_series(1, 2000) AS n;
SELECT email_key, phone_key FROM normalize_contact WHERE phone IS NOT NULL;
ANALYZE normalize_contact;
EXPLAIN (COSTS OFF) SELECT name FROM normalize_contact WHERE golden_record.normalize_email(email) = 'john.doe@example.com';
SELECT name FROM normalize_contact WHERE golden_record.normalize_email(email) = 'john.doe@example.com';
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET enable_indexscan = off; SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM normalize_contact WHERE golden_record.normalize_email(email) LIKE 'user1%';
SELECT count(*) FROM normalize_contact WHERE golden_record.normalize_email(email) LIKE 'user1%';
DROP TABLE normalize_contact;

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
\x on
SELECT * FROM pg_temp.refused($$SELECT golden_record.normalize('x', 'emial')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.normalize('x', 'nothing like it')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.normalize_phone('555', 'Atlantis')$$);
