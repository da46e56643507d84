-- Bad input: one dead letter each with ordinal, field and reason, the rest of the batch in, and no value in a message.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
CREATE FUNCTION pg_temp.try(what text, payload text) RETURNS TABLE (what text, ordinal int, source_id text, outcome text, detail text) LANGUAGE sql AS $$
    SELECT what, i.ordinal, i.source_id, i.outcome, i.detail FROM golden_record.ingest(payload) AS i $$;
-- Whole payloads.
SELECT i.* FROM (VALUES
    (1, 'not JSON', 'hello secret@example.com'), (2, 'empty', ''), (3, 'not an object', '[1, 2]'), (4, 'a number', '42'),
    (5, 'no records', '{"recrods": []}'), (6, 'records no array', '{"records": {}}'), (7, 'empty records', '{"records": []}'),
    (8, 'null', 'null'), (9, 'cut off', '{"records": [{"entityType": "CUSTOMER"'), (10, 'two documents', '{"records": []} {}'),
    (11, 'deep', repeat('[', 100000) || repeat(']', 100000)), (12, 'deep object', '{"records": [' || repeat('{"a":', 5000) || '1' || repeat('}', 5000) || ']}')
) AS v (n, what, payload), LATERAL pg_temp.try(what, payload) AS i ORDER BY n;
-- Records beside a good one.
CREATE FUNCTION pg_temp.beside(what text, record text) RETURNS TABLE (what text, ordinal int, source_id text, outcome text, detail text) LANGUAGE sql AS $$
    SELECT * FROM pg_temp.try(what, format('{"records": [%s, {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "S", "id": "good-%s"}], "attributes": {}, "timestamp": "2023-01-01T00:00:00Z"}]}', record, replace(what, ' ', '-'))) $$;
SELECT i.* FROM (VALUES
    (1, 'no timestamp', '{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "S", "id": "1"}], "attributes": {}}'),
    (2, 'no such day', '{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "S", "id": "1"}], "attributes": {}, "timestamp": "2023-02-30T00:00:00Z"}'),
    (3, 'no clock', '{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "S", "id": "1"}], "attributes": {}, "timestamp": "2023-02-03 noon"}'),
    (4, 'timestamp number', '{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "S", "id": "1"}], "attributes": {}, "timestamp": 1e308}'),
    (5, 'no ids', '{"entityType": "CUSTOMER", "attributes": {}, "timestamp": "2023-01-01T00:00:00Z"}'),
    (6, 'no ids in it', '{"entityType": "CUSTOMER", "externalSystemIds": [], "attributes": {}, "timestamp": "2023-01-01T00:00:00Z"}'),
    (7, 'no system', '{"entityType": "CUSTOMER", "externalSystemIds": [{"id": "1"}], "attributes": {}, "timestamp": "2023-01-01T00:00:00Z"}'),
    (8, 'no id', '{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "S"}], "attributes": {}, "timestamp": "2023-01-01T00:00:00Z"}'),
    (9, 'blank id', '{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "S", "id": " "}], "attributes": {}, "timestamp": "2023-01-01T00:00:00Z"}'),
    (22, 'placeholder id', '{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "S", "id": "N/A"}], "attributes": {}, "timestamp": "2023-01-01T00:00:00Z"}'),
    (10, 'reserved system', '{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "entity", "id": "1"}], "attributes": {}, "timestamp": "2023-01-01T00:00:00Z"}'),
    (11, 'no type', '{"externalSystemIds": [{"systemName": "S", "id": "1"}], "attributes": {}, "timestamp": "2023-01-01T00:00:00Z"}'),
    (12, 'unknown type', '{"entityType": "CUSTOMRE", "externalSystemIds": [{"systemName": "S", "id": "1"}], "attributes": {}, "timestamp": "2023-01-01T00:00:00Z"}'),
    (13, 'attributes array', '{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "S", "id": "1"}], "attributes": [], "timestamp": "2023-01-01T00:00:00Z"}'),
    (14, 'priority text', '{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "S", "id": "1"}], "attributes": {}, "sourcePriority": "high", "timestamp": "2023-01-01T00:00:00Z"}'),
    (15, 'sequence huge', '{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "S", "id": "1"}], "attributes": {}, "sequence": 1e1000000, "timestamp": "2023-01-01T00:00:00Z"}'),
    (16, 'clock list', '{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "S", "id": "1"}], "attributes": {}, "vectorClock": [1], "timestamp": "2023-01-01T00:00:00Z"}'),
    (17, 'deleted text', '{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "S", "id": "1"}], "attributes": {}, "deleted": "yes", "timestamp": "2023-01-01T00:00:00Z"}'),
    (21, 'huge value', '{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "S", "id": "1"}], "attributes": {"shoeSize": 1e1000000}, "timestamp": "2023-01-01T00:00:00Z"}'),
    (18, 'not a record', '"hello"'),
    (19, 'NUL', '{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "S", "id": "1\u0000"}], "attributes": {}, "timestamp": "2023-01-01T00:00:00Z"}'),
    (20, 'lone surrogate', '{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "S", "id": "\ud800"}], "attributes": {}, "timestamp": "2023-01-01T00:00:00Z"}'),
    (23, 'attribute twice', '{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "S", "id": "1"}], "attributes": {"city": "Ulm", "city": "Bonn"}, "timestamp": "2023-01-01T00:00:00Z"}'),
    (24, 'attributes twice', '{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "S", "id": "1"}], "attributes": {"city": "Ulm"}, "attributes": {}, "timestamp": "2023-01-01T00:00:00Z"}')
) AS v (n, what, record), LATERAL pg_temp.beside(what, record) AS i WHERE i.outcome <> 'created' ORDER BY n, i.ordinal;
-- Two arrays of records: none is lost. A byte order mark, as files from Windows begin with, says nothing.
SELECT * FROM pg_temp.try('records twice', '{"records": [{"entityType": "CUSTOMER"}], "records": []}');
SELECT * FROM pg_temp.try('byte order mark', U&'\FEFF{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "S", "id": "bom"}], "attributes": {}, "timestamp": "2023-01-01T00:00:00Z"}');
-- All the good ones are in.
SELECT count(*) FROM golden_record.crosswalk WHERE source_id LIKE 'good-%';
-- A value that its kind cannot read refuses nothing: it waits in raw_attributes and asserts nothing.
SELECT * FROM pg_temp.try('unreadable values', '{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "S", "id": "b"}], "timestamp": "2023-01-01T00:00:00Z",
    "attributes": {"dateOfBirth": "2023-02-30", "email": "not an email", "phoneNumber": "ask Mary", "city": "Ulm", "lastPurchaseDate": {"a": [1]}, "company": ["Acme"], "shoeSize": 42.50}}');
SELECT golden_record.grant_scope('golden_record_pii');
SET ROLE golden_record_pii; SET golden_record.purpose = 'test';
SELECT key, value FROM golden_record.raw_attributes WHERE source_id = 'b' ORDER BY key COLLATE "C";
RESET ROLE; RESET golden_record.purpose;
SELECT attribute, value FROM golden_record.lineage JOIN golden_record.crosswalk USING (golden_id) WHERE crosswalk.source_id = 'b' ORDER BY attribute COLLATE "C";
-- The dead letters: every one with its reason and its payload; no message holds a value.
SET ROLE golden_record_pii; SET golden_record.purpose = 'test';
SELECT count(*) AS dead_letters, count(*) FILTER (WHERE payload IS NULL) AS without_payload, count(*) FILTER (WHERE reason LIKE '%secret%' OR reason LIKE '%CUSTOMRE%') AS telling FROM golden_record.rejected;
SELECT sqlstate, count(*) FROM golden_record.rejected GROUP BY sqlstate ORDER BY sqlstate;
SELECT left(payload, 24) AS payload, field, reason FROM golden_record.rejected ORDER BY rejected_id LIMIT 3;
RESET ROLE; RESET golden_record.purpose;
-- A feed whose error rate passes 1 % within five minutes: one alert, however many follow. 1 of 100 is not above 1 %.
CREATE FUNCTION pg_temp.batch(feed text, good int, bad int) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM golden_record.ingest((SELECT jsonb_build_object('records', jsonb_agg(CASE WHEN n <= good THEN jsonb_build_object('entityType', 'CUSTOMER',
        'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', feed, 'id', n::text)), 'attributes', '{}'::jsonb, 'timestamp', '2023-01-01T00:00:00Z') ELSE '{}'::jsonb END))
        FROM generate_series(1, good + bad) AS n), feed) $$;
SELECT pg_temp.batch('calm', 99, 1);
SELECT kind, feed, figure, threshold FROM golden_record.alert WHERE feed = 'calm';
SELECT pg_temp.batch('bad', 98, 2), pg_temp.batch('bad', 0, 10);
SELECT kind, feed, threshold, closed_at IS NULL AS open, count(*) FROM golden_record.alert WHERE feed = 'bad' GROUP BY 1, 2, 3, 4;
SELECT * FROM golden_record.verify();
