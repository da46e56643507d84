-- The policy probabilistic where evidence leaves a choice, or speaks of two people: nobody is chosen, and nobody else suffers.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
SELECT golden_record.set_policy('CUSTOMER', 'probabilistic');
CREATE FUNCTION pg_temp.send(entity text, id text, attributes jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT outcome FROM golden_record.ingest(jsonb_build_object('entityType', entity,
        'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', 'S', 'id', id)),
        'attributes', attributes, 'timestamp', '2024-01-01T00:00:00Z')) $$;
CREATE FUNCTION pg_temp.ref(id text) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('systemName', 'S', 'id', id) $$;
CREATE FUNCTION pg_temp.people(entity text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(records, ' | ' ORDER BY records) FROM (
        SELECT string_agg(source_id, '+' ORDER BY source_id) AS records
        FROM golden_record.crosswalk WHERE entity_type = entity AND kind = 'record' GROUP BY golden_id) AS g $$;
CREATE FUNCTION pg_temp.doubts(entity text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s-%s %s', least(record_a ->> 'id', record_b ->> 'id'), greatest(record_a ->> 'id', record_b ->> 'id'), reason), ', '
        ORDER BY least(record_a ->> 'id', record_b ->> 'id'), greatest(record_a ->> 'id', record_b ->> 'id'))
    FROM golden_record.review_queue WHERE entity_type = entity $$;
-- What a scenario leaves, which then makes room for the next.
CREATE FUNCTION pg_temp.told(entity text DEFAULT 'CUSTOMER', OUT people text, OUT doubts text, OUT differences bigint) LANGUAGE sql AS $$
    SELECT pg_temp.people(entity), pg_temp.doubts(entity), (SELECT count(*) FROM golden_record.verify(entity)) $$;

CREATE FUNCTION pg_temp.meier(given text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('firstName', given, 'lastName', 'Meier', 'street', 'Elm Street 1', 'postcode', '53111', 'city', 'Bonn') $$;

-- A steward takes one of three equal records out: the others stay together. Of four, two.
BEGIN;
SELECT count(pg_temp.send('CUSTOMER', id, '{"firstName": "Mark", "lastName": "Miller", "email": "mark.miller@example.com", "phoneNumber": "+12065550143"}')) FROM unnest('{a,b,x}'::text[]) AS id;
SELECT golden_record.unlink(pg_temp.ref('a'), pg_temp.ref('b'), 'his son') IS NOT NULL AS unlinked;
SELECT * FROM pg_temp.told();
SELECT count(golden_record.revert_decision(decision_id)) FROM golden_record.decisions;
SELECT pg_temp.send('CUSTOMER', 'y', '{"firstName": "Mark", "lastName": "Miller", "email": "mark.miller@example.com", "phoneNumber": "+12065550143"}');
SELECT golden_record.unmerge(golden_id, ARRAY[pg_temp.ref('a'), pg_temp.ref('b')]) IS NOT NULL AS unmerged FROM golden_record.crosswalk WHERE source_id = 'x';
SELECT * FROM pg_temp.told();
ROLLBACK;

-- So they do where an exclusive value comes between.
SELECT golden_record.define_entity('CLIENT', '{"attributes": {"name": {"kind": "full_name"}, "email": {"kind": "email"}, "born": {"kind": "date"}, "ssn": {"kind": "identifier", "exclusive": true}, "note": {"kind": "text"}}}');
BEGIN;
SELECT pg_temp.send('CLIENT', 'b', '{"name": "Anna Meier", "email": "anna@example.com", "ssn": "523-95-6781"}'), pg_temp.send('CLIENT', 'x', '{"name": "Anna Meier", "email": "anna@example.com", "ssn": "523-95-6781"}'),
       pg_temp.send('CLIENT', 'a', '{"name": "Anna Meier", "email": "anna@example.com", "ssn": "523-95-6782"}');
SELECT * FROM pg_temp.told('CLIENT');
ROLLBACK;

-- Who fits two that exclude each other goes to neither, nor to a third that excludes both and fits less.
BEGIN;
SELECT pg_temp.send('CLIENT', 'a', '{"name": "Anna Meier", "born": "1980-02-03", "ssn": "523-95-6781"}'), pg_temp.send('CLIENT', 'b', '{"name": "Anna Meier", "born": "1980-02-03", "ssn": "523-95-6782"}'),
       pg_temp.send('CLIENT', 'x', '{"name": "Anna Meier", "born": "1980-02-03"}');
SELECT * FROM pg_temp.told('CLIENT');
SELECT pg_temp.send('CLIENT', 'w', '{"name": "Ana Meyer", "born": "1980-03-02", "ssn": "712-44-5901"}');
SELECT * FROM pg_temp.told('CLIENT');
-- What both say counts; that one of them is spelt alike in what nobody is known by does not decide.
SELECT pg_temp.send('CLIENT', 'a', '{"note": "north 7"}'), pg_temp.send('CLIENT', 'x', '{"note": "north 7"}');
SELECT pg_temp.people('CLIENT');
ROLLBACK;
-- Also where a steward said so.
BEGIN;
SELECT pg_temp.send('CLIENT', 'a', '{"name": "Anna Meier", "born": "1980-02-03", "note": "north 7"}'), pg_temp.send('CLIENT', 'b', '{"name": "Anna Meier", "born": "1980-02-03"}');
SELECT golden_record.unlink(pg_temp.ref('a'), pg_temp.ref('b'), 'two people', 'CLIENT') IS NOT NULL AS unlinked;
SELECT pg_temp.send('CLIENT', 'x', '{"name": "Anna Meier", "born": "1980-02-03"}');
SELECT * FROM pg_temp.told('CLIENT');
ROLLBACK;

-- Two generations are kept apart whoever fits both.
BEGIN;
SELECT count(pg_temp.send('CUSTOMER', id, jsonb_build_object('firstName', 'John', 'lastName', family, 'email', 'john.zubiri@example.com', 'phoneNumber', '+12065550143', 'street', '12 Main St', 'postcode', '98101', 'dateOfBirth', '1980-02-03')))
FROM (VALUES ('jr', 'Zubiri Jr'), ('iii', 'Zubiri III'), ('x', 'Zubiri')) AS v (id, family);
SELECT * FROM pg_temp.told();
ROLLBACK;

-- Mother and daughter of one name, mailbox and home: no part of their birth dates agrees. With one number a date is wrong.
BEGIN;
SELECT pg_temp.send('CUSTOMER', 'mother', '{"firstName": "Anna", "lastName": "Zubiri", "email": "zubiri@example.com", "street": "12 Main St", "postcode": "98101", "dateOfBirth": "1957-11-28"}'),
       pg_temp.send('CUSTOMER', 'daughter', '{"firstName": "Anna", "lastName": "Zubiri", "email": "zubiri@example.com", "street": "12 Main St", "postcode": "98101", "dateOfBirth": "1980-02-03"}');
SELECT * FROM pg_temp.told();
SELECT pg_temp.send('CLIENT', 'a', '{"name": "Anna Zubiri", "email": "zubiri@example.com", "born": "1957-11-28", "ssn": "523-95-6781"}'), pg_temp.send('CLIENT', 'b', '{"name": "Anna Zubiri", "email": "zubiri@example.com", "born": "1980-02-03", "ssn": "523-95-6781"}');
SELECT * FROM pg_temp.told('CLIENT');
ROLLBACK;

-- Couples and siblings who have one of several given names in common, a particle of their family's name, or a title.
BEGIN;
SELECT count(pg_temp.send('CLIENT', format('%s%s', n, side), jsonb_build_object('name', name, 'email', format('c%s%s@example.com', n, side), 'note', 'Elm Street 12')))
FROM (VALUES (1, 'a', 'Hans von Berg'), (1, 'b', 'Petra von Berg'), (2, 'a', 'Carlos García López'), (2, 'b', 'María García López'), (3, 'a', 'Hans-Peter Meier'), (3, 'b', 'Dieter-Hans Meier'),
             (4, 'a', 'Dr. med. Ralf Thies'), (4, 'b', 'Dr. med. Ute Thies'), (5, 'a', 'Jean-Luc Martin'), (5, 'b', 'Anne-Luc Martin')) AS v (n, side, name);
SELECT * FROM pg_temp.told('CLIENT');
SELECT b ->> 'firstName' AS beside, round(golden_record.score_pair(pg_temp.meier('Hans-Peter'), b, 'CUSTOMER')::numeric) AS score
FROM (VALUES (pg_temp.meier('Hans-Dieter')), (pg_temp.meier('Hans'))) AS v (b);
ROLLBACK;

-- What people write where they have no email and no birth date joins nobody, and is no other than the right one.
BEGIN;
SELECT count(pg_temp.send('CUSTOMER', 'c' || n, jsonb_build_object('firstName', given, 'lastName', family, 'email', 'keine', 'dateOfBirth', zero)))
FROM (VALUES (1, 'Mia', 'Sand', '0000-00-00'), (2, 'Mia', 'Kern', '0000-00-00'), (3, 'Mia', 'Hahn', '00.00.0000'), (4, 'Jan', 'Sand', '1980-00-00'), (5, 'Jan', 'Wolf', '99.99.9999')) AS v (n, given, family, zero);
SELECT * FROM pg_temp.told();
SELECT pg_temp.send('CUSTOMER', 'd1', '{"firstName": "Wiebke", "lastName": "Asmus", "email": "wiebke@example.com", "dateOfBirth": "00.00.0000"}'), pg_temp.send('CUSTOMER', 'd2', '{"firstName": "Wiebke", "lastName": "Asmus", "email": "wiebke@example.com", "dateOfBirth": "1973-10-20"}');
SELECT pg_temp.people('CUSTOMER') LIKE '%d1+d2%' AS joined;
ROLLBACK;

-- Mailboxes that differ in the initial are two people's.
SELECT round(golden_record.score_pair('{"lastName": "Smith", "email": "p.smith@example.com"}', '{"firstName": "Mark", "lastName": "Smith", "email": "p.smith@example.com"}', 'CUSTOMER')::numeric) > 74 AS one,
       round(golden_record.score_pair('{"lastName": "Smith", "email": "p.smith@example.com"}', '{"firstName": "Mark", "lastName": "Smith", "email": "m.smith@example.com"}', 'CUSTOMER')::numeric) < 50 AS another;
