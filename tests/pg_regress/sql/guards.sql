-- Guards: what vetoes an automatic merge although the email is the same, and asks a steward instead.
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
-- The review queue, without ids that differ from run to run.
CREATE TEMP VIEW doubts AS
    SELECT least(record_a ->> 'id', record_b ->> 'id') AS a, greatest(record_a ->> 'id', record_b ->> 'id') AS b, score, reason
    FROM golden_record.review_queue ORDER BY 1, 2;
CREATE FUNCTION pg_temp.meets(email text, VARIADIC attributes jsonb[]) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT outcome FROM golden_record.ingest((SELECT jsonb_build_object('records', jsonb_agg(
        pg_temp.record('S' || n, split_part(email, '@', 1) || n, a || jsonb_build_object('email', email), '2023-01-01T00:00:00Z') ORDER BY n))
        FROM unnest(attributes) WITH ORDINALITY AS x (a, n)));
$$;
CREATE TEMP TABLE done AS
-- Twins: one mailbox, street and birth date, two given names.
SELECT pg_temp.meets('twins@example.com', '{"firstName": "Mark", "lastName": "Owusu", "street": "1 High St", "dateOfBirth": "1990-05-05"}', '{"firstName": "Marsha", "lastName": "Owusu", "street": "1 High St", "dateOfBirth": "1990-05-05"}') UNION ALL
-- The same person: a typo, a nickname, an initial, a swap of the names, a part of a compound name.
SELECT pg_temp.meets('typo@example.com', '{"firstName": "Jonathan", "lastName": "Roe"}', '{"firstName": "Jonatahn", "lastName": "Roe"}') UNION ALL
SELECT pg_temp.meets('nick@example.com', '{"firstName": "Robert", "lastName": "Roe"}', '{"firstName": "Bob", "lastName": "Roe"}') UNION ALL
SELECT pg_temp.meets('init@example.com', '{"firstName": "J.", "lastName": "Roe"}', '{"firstName": "Jane", "lastName": "Roe"}') UNION ALL
SELECT pg_temp.meets('swap@example.com', '{"firstName": "Kim", "lastName": "Min-ji"}', '{"firstName": "Min-ji", "lastName": "Kim"}') UNION ALL
SELECT pg_temp.meets('comp@example.com', '{"firstName": "Anna Maria", "lastName": "Roe"}', '{"firstName": "Anna", "lastName": "Roe"}') UNION ALL
-- Birth dates: one digit off or day and month swapped is the same person; more is not.
SELECT pg_temp.meets('digit@example.com', '{"firstName": "Eve", "dateOfBirth": "1980-02-03"}', '{"firstName": "Eve", "dateOfBirth": "1980-02-04"}') UNION ALL
SELECT pg_temp.meets('month@example.com', '{"firstName": "Eve", "dateOfBirth": "1980-02-03"}', '{"firstName": "Eve", "dateOfBirth": "1980-03-02"}') UNION ALL
SELECT pg_temp.meets('birth@example.com', '{"firstName": "Eve", "dateOfBirth": "1980-02-03"}', '{"firstName": "Eve", "dateOfBirth": "1955-11-20"}') UNION ALL
-- Father and son, told apart by their birth dates.
SELECT pg_temp.meets('senior@example.com', '{"firstName": "John", "lastName": "Doe Sr.", "dateOfBirth": "1950-01-01"}', '{"firstName": "John", "lastName": "Doe Jr.", "dateOfBirth": "1980-06-06"}') UNION ALL
-- Couples and siblings one letter apart: neither name is the other mistyped. A spelling of one name is.
SELECT pg_temp.meets('letter@example.com', '{"firstName": "Paul", "lastName": "Roe"}', '{"firstName": "Paula", "lastName": "Roe"}') UNION ALL
SELECT pg_temp.meets('vowel@example.com', '{"firstName": "Tim", "lastName": "Roe"}', '{"firstName": "Tom", "lastName": "Roe"}') UNION ALL
SELECT pg_temp.meets('spelt@example.com', '{"firstName": "Jon", "lastName": "Roe"}', '{"firstName": "John", "lastName": "Roe"}') UNION ALL
-- Father and son, told apart by what stands behind the first name.
SELECT pg_temp.meets('generation@example.com', '{"firstName": "John Jr.", "lastName": "Roe"}', '{"firstName": "John Sr.", "lastName": "Roe"}') UNION ALL
-- One without a name fits both of two who are not the same: nobody is chosen.
SELECT pg_temp.meets('fits@example.com', '{"firstName": "Mark"}', '{"firstName": "Paula"}', '{}') UNION ALL
-- Without conflict a chain joins.
SELECT pg_temp.meets('chain@example.com', '{"firstName": "Mark"}', '{}', '{"lastName": "Roe"}');
SELECT * FROM people;
SELECT * FROM doubts;
-- The evidence names the guard.
SELECT e ->> 'attribute' AS attribute, e ->> 'comparison' AS comparison, e ->> 'level' AS level, e ->> 'points' AS points
FROM golden_record.review_queue, jsonb_array_elements(evidence) AS e WHERE record_a ->> 'id' LIKE 'twins%' ORDER BY 1;
-- Once the nameless record has a name it joins whom it fits, and only the two who conflict are left to a steward.
SELECT outcome FROM golden_record.ingest(pg_temp.record('S3', 'fits3', '{"firstName": "Mark"}', '2023-02-01T00:00:00Z'));
SELECT * FROM people WHERE records LIKE 'fits%';
SELECT * FROM doubts WHERE a LIKE 'fits%';
-- An exclusive attribute: a golden record never holds two of its values.
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"taxId": {"kind": "identifier", "pii": "mask", "exclusive": true}}}');
SELECT pg_temp.meets('tax@example.com', '{"taxId": "T-1"}', '{"taxId": "T-2"}');
SELECT * FROM people WHERE records LIKE 'tax%';
SELECT * FROM doubts WHERE a LIKE 'tax%';
-- Records without it, or with the same one, still meet.
SELECT pg_temp.meets('mesh@example.com', '{"firstName": "Mark"}', '{"taxId": "T-3"}', '{"taxId": "T-3", "firstName": "Marc"}');
SELECT * FROM people WHERE records LIKE 'mesh%';
-- Junk by form is absent: it neither contradicts nor excludes, nor is it a name in common.
SELECT pg_temp.meets('blank@example.com', '{"firstName": "Robert", "dateOfBirth": "1980-04-07", "taxId": "T-4"}', '{"firstName": "Test", "dateOfBirth": "1900-01-01", "taxId": "000000"}');
SELECT * FROM people WHERE records LIKE 'blank%';
SELECT golden_record.match_score('{"phoneNumber": "206 555 0143", "firstName": "Test", "lastName": "Test"}', '{"phoneNumber": "206 555 0143", "firstName": "Test", "lastName": "Test"}');
SELECT * FROM golden_record.verify();
