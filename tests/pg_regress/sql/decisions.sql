-- Decisions of stewards: what they bind, how they are taken back, and which contradict.
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
CREATE FUNCTION pg_temp.ref(id text) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('systemName', 'S', 'id', id) $$;
CREATE FUNCTION pg_temp.send(id text, attributes jsonb, at text DEFAULT '2023-01-01T00:00:00Z') RETURNS text LANGUAGE sql AS $$
    SELECT outcome FROM golden_record.ingest(pg_temp.record('S', id, attributes, at)) $$;
CREATE FUNCTION pg_temp.review(id text) RETURNS bigint LANGUAGE sql AS $$
    SELECT review_id FROM golden_record.review_queue WHERE id IN (record_a ->> 'id', record_b ->> 'id') $$;
CREATE FUNCTION pg_temp.golden(id text) RETURNS uuid LANGUAGE sql AS $$ SELECT golden_id FROM golden_record.crosswalk WHERE source_id = id AND kind = 'record' $$;
SELECT pg_temp.send(id, '{"phoneNumber": "+1 202 555 0143", "firstName": "Ann", "lastName": "Roe"}') FROM unnest('{a,b}'::text[]) AS id;
SELECT * FROM doubts;

-- different: they leave the queue for good, whatever comes.
SELECT golden_record.decide(pg_temp.review('a'), 'different', 'mother and daughter');
SELECT * FROM doubts;
SELECT pg_temp.send(id, '{"email": "family@example.com"}', '2023-02-01T00:00:00Z') FROM unnest('{a,b}'::text[]) AS id;
SELECT * FROM people;
SELECT * FROM doubts;
-- Taken back, what the values say holds again: the same email.
SELECT golden_record.revert_decision(1, 'wrong file');
SELECT * FROM people;
SELECT decision_id, decision, least(record_a ->> 'id', record_b ->> 'id') AS a, members_a, members_b, note, reverted_at IS NOT NULL AS reverted, revert_note FROM golden_record.decisions;

-- unlink: one record against the rest of its golden record. The values after it are as if they had never been joined.
SELECT pg_temp.send('c', '{"email": "family@example.com"}');
SELECT * FROM people;
SELECT golden_record.unlink(pg_temp.ref('a'), pg_temp.ref('b'), 'not hers');
SELECT * FROM people;
SELECT * FROM doubts;
-- link: by hand, without evidence; decided again, the newest speaks.
SELECT golden_record.link(pg_temp.ref('a'), pg_temp.ref('c'), 'she called');
SELECT * FROM people;
-- unmerge: the named members against the rest; it gives their golden id, and values are as before.
SELECT golden_record.unmerge(pg_temp.golden('a'), ARRAY[pg_temp.ref('b'), pg_temp.ref('c')], 'two people') = pg_temp.golden('b') AS given;
SELECT * FROM people;
SELECT decision_id, decision, members_a, members_b, note FROM golden_record.decisions ORDER BY decision_id;

-- same against a guard: a steward knows better than contradicting names.
SELECT pg_temp.send('x', '{"email": "x@example.com", "firstName": "Mark"}'), pg_temp.send('y', '{"email": "x@example.com", "firstName": "Paula"}');
SELECT * FROM doubts WHERE a = 'x';
CREATE TEMP TABLE was AS SELECT pg_temp.golden('x') AS x, pg_temp.golden('y') AS y;
SELECT golden_record.decide(pg_temp.review('x'), 'same', 'changed her name') AS decision \gset
SELECT * FROM people WHERE records LIKE 'x%';
-- The merge keeps the older id and redirects the other while it holds.
SELECT golden_record.resolve(x) = x AS x_lives, golden_record.resolve(y) = x AS y_redirects FROM was;
SELECT golden_record.revert_decision(:decision, 'no, her sister');
SELECT golden_record.resolve(x) = x AS x_lives, golden_record.resolve(y) = y AS y_lives FROM was;
SELECT * FROM doubts WHERE a = 'x';

-- What is taken back may not leave a contradiction. p and q are told apart; q is r, no longer; r is p. Were q and r one
-- again, p and q would be one.
SELECT pg_temp.send(id, jsonb_build_object('firstName', id)) FROM unnest('{p,q,r}'::text[]) AS id;
SELECT golden_record.link(pg_temp.ref('p'), pg_temp.ref('q')) IS NOT NULL AS linked;
SELECT golden_record.unlink(pg_temp.ref('p'), pg_temp.ref('q')) IS NOT NULL AS unlinked;
SELECT golden_record.link(pg_temp.ref('q'), pg_temp.ref('r')) IS NOT NULL AS linked;
SELECT golden_record.unlink(pg_temp.ref('q'), pg_temp.ref('r')) AS decision \gset
SELECT golden_record.link(pg_temp.ref('r'), pg_temp.ref('p')) IS NOT NULL AS linked;
SELECT state, detail FROM pg_temp.refused(format('SELECT golden_record.revert_decision(%s)', :decision));
SELECT * FROM people WHERE records LIKE 'p%' OR records LIKE 'q%';

-- What cannot be decided.
\x on
SELECT * FROM pg_temp.refused($$SELECT golden_record.decide(4711, 'same')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.decide(1, 'maybe')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.revert_decision(1)$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.link('{"systemName": "S"}', '{"systemName": "S", "id": "a"}')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.link(pg_temp.ref('p'), pg_temp.ref('r'))$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.unlink(pg_temp.ref('p'), pg_temp.ref('q'))$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.unmerge(pg_temp.golden('q'), ARRAY[pg_temp.ref('q')])$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.unmerge(pg_temp.golden('q'), '{}')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.unmerge('00000000-0000-0000-0000-000000000000', ARRAY[pg_temp.ref('r')])$$);
\x off
SELECT action, count(*) FROM golden_record.audit_log WHERE action <> 'ingest' GROUP BY action ORDER BY action COLLATE "C";
SELECT * FROM golden_record.verify();
-- A record is named by system and id alone: to overlook a type would be to take another record.
SELECT * FROM pg_temp.refused($$SELECT golden_record.link('{"entityType": "SUPPLIER", "systemName": "S", "id": "1"}', '{"systemName": "S", "id": "2"}')$$);
