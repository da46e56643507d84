-- decide_all: many review items in one go, all of them or none.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
CREATE FUNCTION pg_temp.send(system text, id text, attributes jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT outcome FROM golden_record.ingest(jsonb_build_object('entityType', 'CUSTOMER',
        'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', system, 'id', id)),
        'attributes', attributes, 'timestamp', '2023-01-01T00:00:00Z')) $$;
CREATE FUNCTION pg_temp.ref(system text, id text) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('systemName', system, 'id', id) $$;
CREATE TEMP VIEW people AS
    SELECT string_agg(source_id, ' ' ORDER BY system_name COLLATE "C", source_id COLLATE "C") AS records
    FROM golden_record.crosswalk WHERE kind = 'record' GROUP BY golden_id ORDER BY 1;
CREATE TEMP VIEW doubts AS
    SELECT least(record_a ->> 'id', record_b ->> 'id') AS a, greatest(record_a ->> 'id', record_b ->> 'id') AS b, round(score::numeric, 2) AS score, reason
    FROM golden_record.review_queue ORDER BY 1, 2;
CREATE FUNCTION pg_temp.refused(statement text) RETURNS TABLE (state text, message text, detail text, hint text)
LANGUAGE plpgsql AS $$ BEGIN
    EXECUTE statement;
    message := 'not refused';
    RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN NEXT;
END $$;

-- Ten people, each known to the shop and to telephony by the same phone and (nearly) the same name; and a family.
SELECT count(pg_temp.send('Web', 'w' || n, jsonb_build_object('phoneNumber', '+1 202 555 01' || n, 'firstName', 'Robert', 'lastName', 'Lind' || chr(80 + n)))),
       count(pg_temp.send('Tel', 't' || n, jsonb_build_object('phoneNumber', '+1 202 555 01' || n, 'firstName', CASE WHEN n % 2 = 0 THEN 'Robert' ELSE 'Bob' END, 'lastName', 'Lind' || chr(80 + n))))
FROM generate_series(10, 19) AS n;
SELECT pg_temp.send('Web', 'mark', '{"email": "webers@example.com", "firstName": "Mark", "lastName": "Weber"}'),
       pg_temp.send('Web', 'paula', '{"email": "webers@example.com", "firstName": "Paula", "lastName": "Weber"}'),
       pg_temp.send('ERP', 'who', '{"email": "webers@example.com"}');
SELECT score, reason, count(*) FROM doubts GROUP BY 1, 2 ORDER BY 1, 2;

-- Each part of a filter selects; what none selects is 0 and leaves no trace.
SELECT golden_record.decide_all('{"reason": "cap"}', 'same', 'none');
SELECT golden_record.decide_all('{"max_score": 80}', 'same', 'none');
SELECT golden_record.decide_all('{"system": "CRM"}', 'same', 'none');
SELECT count(*) FROM golden_record.audit_log WHERE action = 'decide_all';
SELECT golden_record.decide_all('{"entity_type": "CUSTOMER", "reason": ["score"], "min_score": 99, "max_score": 99.5, "system": "Tel"}', 'same', 'equal names');
SELECT score, reason, count(*) FROM doubts GROUP BY 1, 2 ORDER BY 1, 2;
SELECT * FROM people;
-- One audit entry; the decisions are like any others and are taken back like any others.
SELECT action, entity_type, note, detail FROM golden_record.audit_log WHERE action = 'decide_all';
SELECT decision, members_a, members_b, note, count(*) FROM golden_record.decisions GROUP BY 1, 2, 3, 4;
SELECT outcome, count(*) FROM golden_record.review_history GROUP BY outcome;
SELECT * FROM golden_record.verify();
SELECT count(golden_record.revert_decision(decision_id, 'not so fast')) FROM golden_record.decisions WHERE reverted_at IS NULL;
SELECT score, reason, count(*) FROM doubts GROUP BY 1, 2 ORDER BY 1, 2;
SELECT * FROM golden_record.verify();

-- different: they leave the queue for good.
SELECT golden_record.decide_all('{"reason": "score"}', 'different', NULL);
SELECT * FROM doubts;
-- A chain: mark is who, who is paula, so all three are one, contradicting names and all; a steward said so.
SELECT golden_record.decide_all('{"reason": "ambiguous"}', 'same', 'one login');
SELECT * FROM people WHERE records LIKE '%mark%' OR records LIKE '%paula%';
SELECT * FROM golden_record.verify();
SELECT count(golden_record.revert_decision(decision_id)) FROM golden_record.decisions WHERE note = 'one login';
SELECT * FROM doubts;
-- Mark and Paula are told apart, so both cannot be who. None of it is decided.
SELECT golden_record.decide_all('{"reason": "contradiction"}', 'different', 'siblings');
SELECT * FROM doubts;
\x on
SELECT * FROM pg_temp.refused($$SELECT golden_record.decide_all('{}', 'same', 'one login')$$);
\x off
SELECT * FROM doubts;
SELECT count(*) FROM golden_record.decisions WHERE reverted_at IS NULL AND decision = 'same';

-- What cannot be meant.
SELECT * FROM pg_temp.refused($$SELECT golden_record.decide_all('{"reasons": "score"}', 'same', NULL)$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.decide_all('{"reason": "ambigous"}', 'same', NULL)$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.decide_all('{"min_score": 99, "max_score": 98}', 'same', NULL)$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.decide_all('[]', 'same', NULL)$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.decide_all('{"entity_type": "CUSTOMR"}', 'same', NULL)$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.decide_all('{}', 'perhaps', NULL)$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.decide_all(NULL, 'same', NULL)$$);
SELECT * FROM golden_record.verify();

-- Each takes in what those before it joined: what they bring together is all decided, and no word is put into a steward's mouth.
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"passport": {"kind": "identifier", "exclusive": true}}}');
SELECT pg_temp.send('CRM', 'ada', '{"email": "adas@example.com", "firstName": "Ada", "lastName": "Voss", "passport": "P1"}'),
       pg_temp.send('CRM', 'eve', '{"email": "adas@example.com", "firstName": "Eve", "lastName": "Voss", "passport": "P2"}'),
       pg_temp.send('Web', 'v', '{"email": "adas@example.com"}');
CREATE TEMP VIEW voss AS SELECT a, b, reason FROM doubts WHERE a IN ('ada', 'eve');
SELECT * FROM voss;
SELECT golden_record.decide_all('{"reason": "ambiguous", "system": "CRM"}', 'same', 'one person, two passports');
SELECT * FROM people WHERE records LIKE '%ada%';
SELECT sum(members_a * members_b) AS pairs FROM golden_record.decisions WHERE note = 'one person, two passports';
SELECT least(record_a ->> 'id', record_b ->> 'id') AS a, greatest(record_a ->> 'id', record_b ->> 'id') AS b, reason, outcome
FROM golden_record.review_history WHERE record_a ->> 'id' IN ('ada', 'eve') AND record_b ->> 'id' IN ('ada', 'eve', 'v') ORDER BY 1, 2;
SELECT count(golden_record.revert_decision(decision_id)) FROM golden_record.decisions WHERE note = 'one person, two passports';
SELECT * FROM voss;
-- One by one: the item whose evidence is another now closes by itself, and the steward is asked again.
SELECT golden_record.link(pg_temp.ref('CRM', 'ada'), pg_temp.ref('Web', 'v')) IS NOT NULL AS linked;
SELECT * FROM voss;
SELECT least(record_a ->> 'id', record_b ->> 'id') AS a, greatest(record_a ->> 'id', record_b ->> 'id') AS b, reason, outcome
FROM golden_record.review_history WHERE record_a ->> 'id' IN ('eve', 'v') AND record_b ->> 'id' IN ('eve', 'v') ORDER BY review_id DESC LIMIT 1;
-- What lies between is a contradiction too: kay and kim are told apart, and the middle would make them one.
SELECT pg_temp.send('Tel', 'kay', '{"phoneNumber": "+1 202 555 0191", "firstName": "Kay", "lastName": "Poe"}'),
       pg_temp.send('Web', 'mid1', '{"phoneNumber": "+1 202 555 0191", "email": "poe@example.com", "firstName": "Kay", "lastName": "Poe"}'),
       pg_temp.send('ERP', 'mid2', '{"phoneNumber": "+1 202 555 0192", "email": "poe@example.com", "firstName": "Kay", "lastName": "Poe"}'),
       pg_temp.send('Tel', 'kim', '{"phoneNumber": "+1 202 555 0192", "firstName": "Kay", "lastName": "Poe"}');
SELECT golden_record.link(pg_temp.ref('Tel', 'kay'), pg_temp.ref('Tel', 'kim')) IS NOT NULL AS linked;
SELECT golden_record.unlink(pg_temp.ref('Tel', 'kay'), pg_temp.ref('Tel', 'kim')) IS NOT NULL AS unlinked;
SELECT * FROM doubts WHERE a IN ('kay', 'kim');
\x on
SELECT * FROM pg_temp.refused($$SELECT golden_record.decide_all('{"reason": "score", "system": "Tel"}', 'same', 'the Poes')$$);
\x off
SELECT * FROM people WHERE records LIKE '%mid%';
SELECT * FROM golden_record.verify();
