-- The policy probabilistic behind SQL: scores, merges, guards, review, decisions, generic values, blocks over their limit.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
CREATE FUNCTION pg_temp.record(id text, attributes jsonb, at text, further text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('entityType', 'CUSTOMER',
        'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', 'S', 'id', id))
            || CASE WHEN further IS NULL THEN '[]' ELSE jsonb_build_array(jsonb_build_object('systemName', 'S', 'id', further)) END,
        'attributes', attributes, 'timestamp', at) $$;
CREATE FUNCTION pg_temp.send(id text, attributes jsonb, at text DEFAULT '2023-01-01T00:00:00Z', further text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT outcome FROM golden_record.ingest(pg_temp.record(id, attributes, at, further)) $$;
CREATE FUNCTION pg_temp.ref(id text) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('systemName', 'S', 'id', id) $$;
CREATE TEMP VIEW people AS
    SELECT string_agg(source_id, ' ' ORDER BY source_id COLLATE "C") AS records
    FROM golden_record.crosswalk WHERE kind = 'record' GROUP BY golden_id ORDER BY 1;
CREATE TEMP VIEW doubts AS
    SELECT least(record_a ->> 'id', record_b ->> 'id') AS a, greatest(record_a ->> 'id', record_b ->> 'id') AS b, round(score::numeric) AS score, reason
    FROM golden_record.review_queue ORDER BY 1, 2;
CREATE FUNCTION pg_temp.why_not(a text, b text) RETURNS text LANGUAGE sql AS $$
    SELECT reason FROM golden_record.why_not(pg_temp.ref(a), pg_temp.ref(b)) $$;
SELECT golden_record.set_policy('CUSTOMER', 'probabilistic');

-- Dirty records of one person share no key of the guide and meet; a wife, a son and a namesake stay apart.
SELECT pg_temp.send('mark', '{"firstName": "Mark", "lastName": "Weber", "dateOfBirth": "1980-03-04", "email": "mark.weber@example.com", "phoneNumber": "+12065550143", "street": "12 Elm Street", "city": "Bonn", "postcode": "53111"}'),
       pg_temp.send('marc', '{"firstName": "Marc", "lastName": "Webber", "dateOfBirth": "1980-04-03", "street": "12 Elm St.", "city": "Bonn"}'),
       pg_temp.send('swapped', '{"firstName": "WEBER", "lastName": "Mark", "dateOfBirth": "1980-03-04", "postcode": "53111"}'),
       pg_temp.send('marsha', '{"firstName": "Marsha", "lastName": "Weber", "dateOfBirth": "1982-11-23", "phoneNumber": "+12065550143", "street": "12 Elm Street", "city": "Bonn", "postcode": "53111"}'),
       pg_temp.send('markjr', '{"firstName": "Mark", "lastName": "Weber Jr", "dateOfBirth": "2008-07-19", "phoneNumber": "+12065550143", "street": "12 Elm Street", "city": "Bonn", "postcode": "53111"}'),
       pg_temp.send('namesake', '{"firstName": "Mark", "lastName": "Weber", "dateOfBirth": "1951-09-30", "city": "Kiel", "postcode": "24103"}');
SELECT * FROM people;
SELECT * FROM doubts;
SELECT record_a ->> 'id' AS a, record_b ->> 'id' AS b, via, round(score::numeric, 1) AS score FROM golden_record.why((SELECT golden_id FROM golden_record.crosswalk WHERE source_id = 'mark'));
SELECT pg_temp.why_not('mark', 'marsha') AS marsha, pg_temp.why_not('mark', 'markjr') AS junior, pg_temp.why_not('mark', 'namesake') AS namesake, pg_temp.why_not('marc', 'swapped') AS swapped;
-- The evidence is a waterfall: bits and points add up to the score.
SELECT attribute, comparison, level, round(weight::numeric, 2) AS bits, round(points::numeric, 2) AS points
FROM golden_record.why_not(pg_temp.ref('mark'), pg_temp.ref('marsha')), jsonb_to_recordset(evidence) AS e (attribute text, comparison text, level text, weight float8, points float8);

-- An id that a record names comes before all weights; a steward's word before that.
SELECT pg_temp.send('crm', '{"firstName": "Olga", "lastName": "Petrov"}'), pg_temp.send('erp', '{"firstName": "Ivan", "lastName": "Sidorov"}', further => 'crm');
SELECT * FROM people WHERE records LIKE '%crm%';
SELECT golden_record.unlink(pg_temp.ref('crm'), pg_temp.ref('erp'), 'a typo in the ERP') IS NOT NULL AS unlinked;
SELECT * FROM people WHERE records LIKE '%crm%';
SELECT pg_temp.why_not('crm', 'erp');
SELECT golden_record.link(pg_temp.ref('crm'), pg_temp.ref('namesake')) IS NOT NULL AS linked;
SELECT * FROM people WHERE records LIKE '%crm%';
SELECT count(golden_record.revert_decision(decision_id)) FROM golden_record.decisions;
SELECT * FROM people WHERE records LIKE '%crm%';
SELECT * FROM golden_record.verify();

-- Between the thresholds a steward is asked; the item closes by itself when the evidence goes, and says so.
SELECT pg_temp.send('markjr', '{"lastName": "Schulz", "firstName": "Jonas"}', '2023-02-01T00:00:00Z');
SELECT * FROM doubts;
SELECT least(record_a ->> 'id', record_b ->> 'id') AS a, greatest(record_a ->> 'id', record_b ->> 'id') AS b, reason, outcome FROM golden_record.review_history;
SELECT pg_temp.send('markjr', '{"lastName": "Weber Jr", "firstName": "Mark"}', '2023-03-01T00:00:00Z');
SELECT * FROM doubts;
SELECT golden_record.decide(review_id, 'different', 'father and son') IS NOT NULL AS decided FROM golden_record.review_queue;
-- More evidence for it does not ask again.
SELECT pg_temp.send('markjr', '{"dateOfBirth": null, "email": "mark.weber@example.com"}', '2023-04-01T00:00:00Z');
SELECT * FROM people WHERE records LIKE '%mark%';
SELECT * FROM doubts;
SELECT pg_temp.why_not('mark', 'markjr');
SELECT least(record_a ->> 'id', record_b ->> 'id') AS a, greatest(record_a ->> 'id', record_b ->> 'id') AS b, reason, outcome FROM golden_record.review_history ORDER BY review_id;
SELECT * FROM golden_record.verify();

-- A value of too many people counts for nobody, and counts again when they leave.
SELECT pg_temp.send('g' || n, jsonb_build_object('firstName', name, 'lastName', 'Family' || n, 'email', 'frontdesk.bonn@example.com')) FROM unnest('{Ada,Ben,Cleo,Dan,Eva,Finn,Gus,Hal,Ida,Jon,Kim,Lea}'::text[]) WITH ORDINALITY AS n (name, n);
SELECT count(*) FROM golden_record.generic_value;
SELECT pg_temp.send('g13', '{"firstName": "Moe", "lastName": "Other", "email": "frontdesk.bonn@example.com"}');
SELECT attribute, kind, holders, threshold FROM golden_record.generic_value;
SELECT * FROM golden_record.verify();
SELECT pg_temp.send('g14', '{"firstName": "Ada", "lastName": "Else", "email": "frontdesk.bonn@example.com"}');
SELECT pg_temp.why_not('g13', 'g14') AS apart;
SELECT outcome FROM golden_record.ingest(pg_temp.record('g13', '{}', '2023-05-01T00:00:00Z', NULL) || '{"deleted": true}');
SELECT outcome FROM golden_record.ingest(pg_temp.record('g14', '{}', '2023-05-01T00:00:00Z', NULL) || '{"deleted": true}');
SELECT count(*) FROM golden_record.generic_value;
SELECT * FROM golden_record.verify();

-- A block over its limit brings nobody together, is counted, and counts again below it. These agree on one name and nothing else.
SELECT count(pg_temp.send('b' || n, jsonb_build_object('firstName', 'Jean', 'lastName', 'Martin', 'dateOfBirth', date '1950-01-01' + n * 211, 'city', 'Ort' || n))) FROM generate_series(1, 101) AS n;
SELECT what, threshold, figure > 0 AS some FROM golden_record.limits WHERE what = 'block' ORDER BY threshold;
SELECT * FROM golden_record.verify();
SELECT count(*) FROM generate_series(16, 101) AS n, golden_record.ingest(pg_temp.record('b' || n, '{}', '2023-05-01T00:00:00Z', NULL) || '{"deleted": true}');
SELECT what, threshold, figure > 0 AS some FROM golden_record.limits WHERE what = 'block' ORDER BY threshold;
SELECT * FROM golden_record.verify();

-- The state is that of all records at once, and that of the other policy once it is set back.
CREATE TEMP TABLE was AS SELECT golden_record.digest() AS digest;
SELECT golden_record.rebuild() AS written;
SELECT golden_record.set_policy('CUSTOMER', 'guide');
SELECT golden_record.digest() = digest AS same FROM was;
SELECT * FROM golden_record.verify();
SELECT golden_record.set_policy('CUSTOMER', 'probabilistic');
SELECT golden_record.digest() = digest AS same FROM was;
SELECT * FROM golden_record.verify();
-- Whom an id in common would join, but for what an exclusive attribute says, is asked about, however little the two are alike.
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"passport": {"kind": "identifier", "exclusive": true}}}');
SELECT pg_temp.send('ole', '{"firstName": "Ole", "lastName": "Roe", "passport": "P-100"}', further => 'shop-7'), pg_temp.send('mara', '{"firstName": "Mara", "lastName": "Lind", "passport": "P-200"}', further => 'shop-7');
SELECT * FROM people WHERE records ~ 'ole|mara';
SELECT * FROM doubts WHERE a = 'mara';
SELECT pg_temp.why_not('ole', 'mara');
SELECT golden_record.decide(review_id, 'different') > 0 AS decided FROM golden_record.review_queue WHERE record_a ->> 'id' IN ('ole', 'mara');
SELECT count(*) FROM doubts WHERE a = 'mara';
SELECT * FROM golden_record.verify();
