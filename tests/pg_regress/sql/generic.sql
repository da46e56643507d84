-- Generic values: shared mailboxes and switchboards, which identify nobody.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
-- One record in the guide's shape; extra: further keys of the record.
CREATE FUNCTION pg_temp.record(system text, id text, attributes jsonb, at text, extra jsonb DEFAULT '{}') RETURNS jsonb
LANGUAGE sql AS $$
    SELECT jsonb_build_object('entityType', 'CUSTOMER',
        'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', system, 'id', id)),
        'attributes', attributes, 'timestamp', at) || extra
$$;
-- Golden records by their source records.
CREATE TEMP VIEW people AS
    SELECT string_agg(source_id, ' ' ORDER BY system_name COLLATE "C", source_id COLLATE "C") AS records
    FROM golden_record.crosswalk WHERE kind = 'record' GROUP BY golden_id ORDER BY 1;
-- Junk by form joins nobody.
SELECT outcome, count(*) FROM generate_series(1, 3) AS n, LATERAL golden_record.ingest(pg_temp.record('Web', 'n' || n, '{"email": "noreply@example.com", "phoneNumber": "000-0000"}', '2023-01-01T00:00:00Z')) GROUP BY outcome;
SELECT * FROM people;
SELECT kind, value, threshold FROM golden_record.generic_value ORDER BY value COLLATE "C";

-- Twelve names under one email, all of them Pat so that no guard speaks, are one customer …
SELECT count(*) FROM (SELECT golden_record.ingest(jsonb_build_object('records', jsonb_agg(pg_temp.record('CRM', 'p' || to_char(n, 'FM00'),
    jsonb_build_object('email', 'desk@firm.example', 'firstName', 'Pat', 'lastName', 'Name' || chr(64 + n)), '2023-01-01T00:00:00Z'))))
    FROM generate_series(1, 12) AS n) AS accepted;
SELECT records FROM people WHERE records LIKE 'p%';
CREATE TEMP TABLE was AS SELECT DISTINCT golden_id FROM golden_record.crosswalk WHERE source_id LIKE 'p%';
SELECT attribute, kind, value, holders, threshold FROM golden_record.generic_value WHERE kind <> 'form';
-- … the thirteenth makes it generic: it counts for nothing, and they come apart.
SELECT outcome FROM golden_record.ingest(pg_temp.record('CRM', 'p13', '{"email": "desk@firm.example", "firstName": "Pat", "lastName": "NameM"}', '2023-01-01T00:00:00Z'));
SELECT attribute, kind, value, holders, threshold FROM golden_record.generic_value WHERE kind <> 'form';
SELECT what, figure, threshold, detail FROM golden_record.limits WHERE what LIKE 'generic%';
SELECT count(*) AS golden_records FROM people WHERE records LIKE 'p%';
SELECT * FROM golden_record.verify();
-- One leaves: back to twelve, and together again, under the id they had.
SELECT outcome FROM golden_record.ingest(pg_temp.record('CRM', 'p13', '{}', '2023-02-01T00:00:00Z', '{"deleted": true}'));
SELECT count(*) AS generic FROM golden_record.generic_value WHERE kind <> 'form';
SELECT count(*) AS golden_records FROM people WHERE records LIKE 'p%';
SELECT DISTINCT c.golden_id = was.golden_id AS same_id FROM golden_record.crosswalk AS c, was WHERE source_id LIKE 'p%';
SELECT * FROM golden_record.verify();
-- Many records of one person do not make a mailbox generic.
SELECT outcome, count(*) FROM generate_series(1, 20) AS n, LATERAL golden_record.ingest(pg_temp.record('Shop', 'o' || to_char(n, 'FM00'),
    '{"email": "ada@example.com", "firstName": "Ada", "lastName": "Byron"}', '2023-01-01T00:00:00Z')) GROUP BY outcome;
SELECT records FROM people WHERE records LIKE 'o%';
SELECT count(*) AS generic FROM golden_record.generic_value WHERE kind <> 'form';
-- The limit is the attribute's: with room for one name, two are too many.
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"email": {"kind": "email", "pii": "encrypt", "limit": 1}}}');
SELECT outcome FROM golden_record.ingest(pg_temp.record('Shop', 'o21', '{"email": "ada@example.com", "firstName": "Ada", "lastName": "Lovelace"}', '2023-01-01T00:00:00Z'));
SELECT attribute, kind, value, holders, threshold FROM golden_record.generic_value WHERE kind <> 'form' ORDER BY holders;
SELECT count(*) AS golden_records FROM people WHERE records LIKE 'o%';
SELECT * FROM golden_record.verify();
-- An id that names nobody joins nobody, as entityId or as a further id; what one record alone names is not listed.
CREATE FUNCTION pg_temp.named(id text, reference jsonb, family text) RETURNS text LANGUAGE sql AS $$
    SELECT outcome FROM golden_record.ingest(pg_temp.record('Ref', id, jsonb_build_object('firstName', 'Pat', 'lastName', family), '2023-01-01T00:00:00Z',
        CASE jsonb_typeof(reference) WHEN 'string' THEN jsonb_build_object('entityId', reference)
        ELSE jsonb_build_object('externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', 'Ref', 'id', id), reference)) END)) $$;
SELECT pg_temp.named('j' || n, junk_id, 'Roe') FROM (VALUES (1, '"N/A"'), (2, '"N/A"'), (3, '"0"'), (4, '"0"'), (5, '"unknown"'),
    (6, '{"systemName": "ERP", "id": "1234567890"}'), (7, '{"systemName": "ERP", "id": 1234567890}')) AS v (n, junk), LATERAL (SELECT junk::jsonb) AS x (junk_id) ORDER BY n;
SELECT count(*) AS golden_records FROM people WHERE records LIKE 'j%';
SELECT kind, holders, threshold FROM golden_record.generic_value WHERE attribute = 'cross_reference';
SELECT * FROM golden_record.verify();
SELECT outcome FROM golden_record.ingest(pg_temp.record('Ref', 'j1', '{}', '2023-02-01T00:00:00Z', '{"deleted": true}'));
SELECT count(*) AS generic FROM golden_record.generic_value WHERE attribute = 'cross_reference';
SELECT * FROM golden_record.verify();
-- An id goes on joining many records of twelve people, and of thirteen none.
SELECT count(*) FROM generate_series(1, 24) AS n, pg_temp.named('k' || to_char(n, 'FM00'), '{"systemName": "CRM", "id": "c1"}', 'Name' || chr(65 + n % 12));
SELECT count(*) AS golden_records FROM people WHERE records LIKE 'k%';
SELECT pg_temp.named('k25', '{"systemName": "CRM", "id": "c1"}', 'NameM');
SELECT count(*) AS golden_records FROM people WHERE records LIKE 'k%';
SELECT kind, holders, threshold FROM golden_record.generic_value WHERE attribute = 'cross_reference' AND kind <> 'form';
SELECT * FROM golden_record.verify();
SELECT outcome FROM golden_record.ingest(pg_temp.record('Ref', 'k25', '{}', '2023-02-01T00:00:00Z', '{"deleted": true}'));
SELECT count(*) AS golden_records FROM people WHERE records LIKE 'k%';
SELECT * FROM golden_record.verify();
-- What is listed of them follows a change of limits, and what a superuser changed of it is named and mended.
CREATE TEMP VIEW listed AS SELECT attribute, kind, value, threshold FROM golden_record.generic_value WHERE kind <> 'form' ORDER BY value COLLATE "C";
SELECT * FROM listed;
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"email": {"kind": "email", "pii": "encrypt", "limit": 3}}}');
SELECT * FROM listed;
SELECT golden_record.set_policy('CUSTOMER', 'guide', '{"block_limit": 3}');
SELECT * FROM listed;
SELECT golden_record.set_policy('CUSTOMER', 'guide', '{"block_limit": 2}');
SELECT * FROM listed;
SELECT golden_record.set_policy('CUSTOMER', 'guide', '{"block_limit": 5000}');
SELECT * FROM golden_record.verify();
UPDATE golden_record.generic_key SET threshold = 99 WHERE reason = 'names';
SELECT kind, attribute, stored, expected FROM golden_record.verify();
UPDATE golden_record.generic_key SET threshold = 3, attribute = 'identifier', value = 'desk@firm.example' WHERE reason = 'names';
SELECT kind, attribute, stored, expected FROM golden_record.verify();
SELECT golden_record.rebuild();
SELECT * FROM listed;
SELECT * FROM golden_record.verify();
