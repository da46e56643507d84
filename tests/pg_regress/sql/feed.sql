-- The view feed: INSERT and COPY, each statement one pass; write-only.
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
INSERT INTO golden_record.feed (payload) VALUES
    ('{"records": [{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "CRM", "id": "1"}], "attributes": {"email": "ann@example.com"}, "timestamp": "2023-01-01T00:00:00Z"},
                   {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "CRM", "id": "2"}], "attributes": {"email": "bob@example.com"}, "timestamp": "2023-01-01T00:00:00Z"}]}'),
    ('{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Web", "id": "3"}], "attributes": {"email": "ANN@example.com"}, "timestamp": "2023-01-01T00:00:00Z"}');
SELECT * FROM people;
-- COPY as CSV with characters that JSON does not hold: its text format would eat JSON's backslashes. A line is an envelope
-- or a record; a bad line is a dead letter and the rest goes in.
COPY golden_record.feed (payload) FROM stdin WITH (FORMAT csv, QUOTE e'\x01', DELIMITER e'\x02');
{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Web", "id": "4"}], "attributes": {"email": "bob@example.com", "city": "a \"quoted\" city, with a comma"}, "timestamp": "2023-01-01T00:00:00Z"}
{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Web", "id": "5"}], "attributes": {}
{"records": [{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Web", "id": "6"}], "attributes": {"email": "carl@example.com"}, "timestamp": "2023-01-01T00:00:00Z"}]}
\.
SELECT * FROM people;
SELECT trim(line) AS city FROM regexp_split_to_table(golden_record.digest_text(), E'\n') AS line WHERE line LIKE '  city%';
SELECT feed, ordinal, field, sqlstate FROM golden_record.rejected;
-- Its own name for every feed; counted apart.
INSERT INTO golden_record.feed (payload, feed)
    SELECT format('{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "ERP", "id": "e%s"}], "attributes": {}, "timestamp": "2023-01-01T00:00:00Z"}', n), 'nightly' FROM generate_series(1, 3) AS n;
SELECT feed, sum(accepted) AS accepted, sum(rejected) AS rejected FROM golden_record.feed_status GROUP BY feed ORDER BY feed;
-- All or nothing with the writer's transaction.
BEGIN;
INSERT INTO golden_record.feed (payload) VALUES ('{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Web", "id": "9"}], "attributes": {}, "timestamp": "2023-01-01T00:00:00Z"}');
SELECT count(*) AS inside FROM golden_record.crosswalk WHERE source_id = '9';
ROLLBACK;
SELECT count(*) AS after FROM golden_record.crosswalk WHERE source_id = '9';
-- A statement that fails in a subtransaction leaves nothing to the next.
BEGIN;
SAVEPOINT s;
INSERT INTO golden_record.feed (payload) SELECT CASE n WHEN 1 THEN '{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Web", "id": "10"}], "attributes": {}, "timestamp": "2023-01-01T00:00:00Z"}' ELSE (1 / (n - 2))::text END FROM generate_series(1, 2) AS n;
ROLLBACK TO s;
INSERT INTO golden_record.feed (payload) VALUES ('{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Web", "id": "11"}], "attributes": {}, "timestamp": "2023-01-01T00:00:00Z"}');
COMMIT;
SELECT source_id FROM golden_record.crosswalk WHERE source_id IN ('10', '11');
SELECT * FROM golden_record.verify();
-- A blank line, or no payload at all, is one more that is refused; the rest goes in.
COPY golden_record.feed (payload) FROM stdin WITH (FORMAT csv, QUOTE e'\x01', DELIMITER e'\x02');
{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Web", "id": "13"}], "attributes": {}, "timestamp": "2023-01-01T00:00:00Z"}

   
{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Web", "id": "14"}], "attributes": {}, "timestamp": "2023-01-01T00:00:00Z"}
\.
INSERT INTO golden_record.feed (payload, feed) VALUES (NULL, NULL), ('', 'empty');
SELECT source_id FROM golden_record.crosswalk WHERE source_id IN ('13', '14') ORDER BY source_id;
SELECT ordinal, outcome, detail FROM golden_record.ingest(NULL::text);
SELECT ordinal, outcome, detail FROM golden_record.ingest(NULL::jsonb, NULL);
SELECT feed, ordinal, reason, sqlstate FROM golden_record.rejected WHERE reason = 'is empty' ORDER BY rejected_id;
-- It can only be written to, and by writers.
SELECT count(*) FROM golden_record.feed;
\x on
SELECT * FROM pg_temp.refused($$DELETE FROM golden_record.feed$$);
SELECT * FROM pg_temp.refused($$UPDATE golden_record.feed SET payload = ''$$);
SET ROLE golden_record_reader;
SELECT * FROM pg_temp.refused($$INSERT INTO golden_record.feed (payload) VALUES ('{}')$$);
SET ROLE golden_record_ingest;
SELECT * FROM pg_temp.refused($$SELECT * FROM golden_record.feed$$);
SELECT * FROM pg_temp.refused($$INSERT INTO golden_record.feed (payload) VALUES ('{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Web", "id": "12"}], "attributes": {}, "timestamp": "2023-01-01T00:00:00Z"}') RETURNING payload$$);
INSERT INTO golden_record.feed (payload) VALUES ('{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Web", "id": "12"}], "attributes": {}, "timestamp": "2023-01-01T00:00:00Z"}');
RESET ROLE;
SELECT system_name, source_id FROM golden_record.crosswalk WHERE source_id = '12';
