-- why: what holds the records of a golden record together. why_not: why two records are not in one.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
-- One record in the guide's shape; extra: further keys of the record.
CREATE FUNCTION pg_temp.send(id text, attributes jsonb, further text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT outcome FROM golden_record.ingest(jsonb_build_object('entityType', 'CUSTOMER',
        'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', 'S', 'id', id))
            || CASE WHEN further IS NULL THEN '[]' ELSE jsonb_build_array(jsonb_build_object('systemName', 'S', 'id', further)) END,
        'attributes', attributes, 'timestamp', '2023-01-01T00:00:00Z')) $$;
CREATE FUNCTION pg_temp.ref(id text) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('systemName', 'S', 'id', id) $$;
CREATE FUNCTION pg_temp.golden(id text) RETURNS uuid LANGUAGE sql AS $$ SELECT golden_id FROM golden_record.crosswalk WHERE source_id = id AND kind = 'record' $$;
CREATE FUNCTION pg_temp.why(id text) RETURNS TABLE (a text, b text, via text, score numeric, told_by text) LANGUAGE sql AS $$
    SELECT record_a ->> 'id', record_b ->> 'id', via, round(score::numeric, 2),
           (SELECT string_agg(e ->> 'attribute', ' ' ORDER BY n)
            FROM jsonb_array_elements(evidence) WITH ORDINALITY AS e (e, n) WHERE (e ->> 'points')::float8 > 0)
    FROM golden_record.why(pg_temp.golden(id)) $$;
CREATE FUNCTION pg_temp.why_not(a text, b text) RETURNS TABLE (reason text, score numeric, shared text, apart boolean, asked boolean, decided boolean)
LANGUAGE sql AS $$
    SELECT reason, round(score::numeric, 2),
           (SELECT string_agg(concat(s ->> 'key', CASE WHEN s ->> 'counts' = 'false' THEN ' (generic)' END), ', ') FROM jsonb_array_elements(shared) AS s),
           golden_a <> golden_b, review_id IS NOT NULL, decision_id IS NOT NULL
    FROM golden_record.why_not(pg_temp.ref(a), pg_temp.ref(b)) $$;

-- a and b share an email; c and b an id; d was linked by a steward. Each record is there with the strongest of its links.
SELECT pg_temp.send('a', '{"email": "ann@example.com", "phoneNumber": "+1 202 555 0143", "firstName": "Ann", "lastName": "Roe"}'),
       pg_temp.send('b', '{"email": "ann@example.com", "phoneNumber": "+1 202 555 0143"}', 'c'),
       pg_temp.send('c', '{"lastName": "Row"}'),
       pg_temp.send('d', '{"firstName": "Anne"}');
SELECT golden_record.link(pg_temp.ref('a'), pg_temp.ref('d'), 'she called') AS decision;
SELECT * FROM pg_temp.why('a');
-- Evidence has no values; a decision has its number.
SELECT via, evidence, decision_id FROM golden_record.why(pg_temp.golden('a')) WHERE via <> 'cross_reference';
-- Nothing holds a single record together.
SELECT pg_temp.send('alone', '{"firstName": "Zoe"}');
SELECT * FROM pg_temp.why('alone');

-- Why not: asked of every kind of pair.
SELECT * FROM pg_temp.why_not('a', 'c');
SELECT * FROM pg_temp.why_not('a', 'alone');
-- The same phone and nothing else scores 80: too low to ask. With nearly the same name a steward is asked.
SELECT pg_temp.send('e', '{"phoneNumber": "+1 202 555 0143"}'), pg_temp.send('f', '{"phoneNumber": "+1 202 555 0143", "firstName": "Anna", "lastName": "Roe"}');
SELECT * FROM pg_temp.why_not('a', 'e');
SELECT * FROM pg_temp.why_not('f', 'a');
-- Contradicting names in one mailbox, and the record that fits both.
SELECT pg_temp.send('mark', '{"email": "webers@example.com", "firstName": "Mark", "lastName": "Weber"}'),
       pg_temp.send('paula', '{"email": "webers@example.com", "firstName": "Paula", "lastName": "Weber"}'),
       pg_temp.send('who', '{"email": "webers@example.com"}');
SELECT * FROM pg_temp.why_not('mark', 'paula');
SELECT * FROM pg_temp.why_not('mark', 'who');
-- Junk counts for nothing.
SELECT pg_temp.send('i', '{"email": "info@example.com", "lastName": "Ito"}'), pg_temp.send('j', '{"email": "info@example.com", "lastName": "Jud"}');
SELECT * FROM pg_temp.why_not('i', 'j');
-- A steward's word.
SELECT golden_record.decide(review_id, 'different', 'twins') IS NOT NULL AS decided
FROM golden_record.why_not(pg_temp.ref('mark'), pg_temp.ref('paula'));
SELECT * FROM pg_temp.why_not('mark', 'paula');
SELECT golden_record.link(pg_temp.ref('paula'), pg_temp.ref('who')) IS NOT NULL AS linked;
SELECT * FROM pg_temp.why('paula');
SELECT * FROM pg_temp.why_not('mark', 'who');
-- Limits: a golden record of at most two.
SELECT golden_record.set_policy('CUSTOMER', 'guide', '{"cap": 2}');
SELECT pg_temp.send(id, '{"email": "crowd@example.com"}') FROM unnest('{p,q,r}'::text[]) AS id;
SELECT * FROM pg_temp.why_not('p', 'r');
SELECT golden_record.set_policy('CUSTOMER', 'guide', '{"component_cap": 2}');
SELECT * FROM pg_temp.why_not('p', 'r');
-- Over the component cap only stewards' links hold.
SELECT golden_record.link(pg_temp.ref('p'), pg_temp.ref('q')) IS NOT NULL AS linked;
SELECT * FROM pg_temp.why('p');
SELECT golden_record.set_policy('CUSTOMER', 'guide', '{}');
SELECT * FROM pg_temp.why('p');
-- Two values of an exclusive attribute.
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"passport": {"kind": "identifier", "exclusive": true}}}');
SELECT pg_temp.send('x', '{"email": "x@example.com", "passport": "P111"}'), pg_temp.send('y', '{"email": "x@example.com", "passport": "P222"}');
SELECT * FROM pg_temp.why_not('x', 'y');
SELECT reason, detail FROM golden_record.why_not(pg_temp.ref('x'), pg_temp.ref('y'));
-- Of two doubts that weigh the same it names the one that review_queue shows, whichever record came first.
SELECT pg_temp.send('twice_2', '{"email": "twice@example.com", "phoneNumber": "+1 202 555 0177", "firstName": "Uma", "lastName": "Ek"}'),
       pg_temp.send('twice_1', '{"email": "twice@example.com", "phoneNumber": "+1 202 555 0177", "firstName": "Uma", "lastName": "Ek"}'),
       pg_temp.send('once', '{"email": "once@example.com", "phoneNumber": "+1 202 555 0177", "firstName": "Uma", "lastName": "Ek"}');
SELECT q.record_a ->> 'id' IN ('once', 'twice_1') AND q.record_b ->> 'id' IN ('once', 'twice_1') AS the_first_by_name
FROM golden_record.why_not(pg_temp.ref('once'), pg_temp.ref('twice_2')) AS w JOIN golden_record.review_queue AS q USING (review_id);

-- What is not there.
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
SELECT * FROM pg_temp.refused($$SELECT golden_record.why('00000000-0000-0000-0000-000000000000')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.why(NULL)$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.why_value('00000000-0000-0000-0000-000000000000', 'city')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.why_value(pg_temp.golden('a'), 'citty')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.why_not(pg_temp.ref('a'), pg_temp.ref('nobody'))$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.why_not(pg_temp.ref('a'), '{"id": "b"}')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.why_not(pg_temp.ref('a'), pg_temp.ref('b'), 'CUSTOMERS')$$);
\x off
-- They ask and change nothing: a transaction that may not write will do.
BEGIN READ ONLY;
SELECT count(*) FROM golden_record.why(pg_temp.golden('a'));
SELECT reason FROM golden_record.why_not(pg_temp.ref('a'), pg_temp.ref('e'));
SELECT pg_current_xact_id_if_assigned() IS NULL AS no_transaction_id;
COMMIT;
SELECT * FROM golden_record.verify();
