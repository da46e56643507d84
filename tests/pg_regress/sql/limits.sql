-- Limits: each one that stops a comparison or a merge leaves a row that says so, and what it stopped is for a steward.
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
CREATE FUNCTION pg_temp.send(id text, attributes jsonb, at text DEFAULT '2023-01-01T00:00:00Z', extra jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT outcome FROM golden_record.ingest(pg_temp.record('S', id, attributes, at, extra)) $$;
-- The cap of a cluster: six records of one person, at most four in one golden record.
SELECT golden_record.set_policy('CUSTOMER', 'guide', '{"cap": 4}');
SELECT count(pg_temp.send('a' || n, '{"email": "ann@example.com", "firstName": "Ann"}')) FROM generate_series(1, 3) AS n;
SELECT count(*) AS limits FROM golden_record.limits;
SELECT count(pg_temp.send('a' || n, '{"email": "ann@example.com", "firstName": "Ann"}')) FROM generate_series(4, 6) AS n;
-- All are alike, so none is chosen: which of them met would be a matter of their names.
SELECT * FROM people;
SELECT what, figure, threshold FROM golden_record.limits;
SELECT reason, count(*) FROM doubts GROUP BY reason;
SELECT * FROM golden_record.verify();
-- What is on record of a limit is derived: verify names what somebody changed, and rebuild mends it.
BEGIN; DELETE FROM golden_record.limit_reached; SELECT kind, record, attribute, stored, expected FROM golden_record.verify(); SELECT golden_record.rebuild(); SELECT what, figure, threshold FROM golden_record.limits; SELECT * FROM golden_record.verify(); ROLLBACK;
BEGIN; UPDATE golden_record.limit_reached SET figure = 9, what = 'component_cap'; SELECT kind, record, attribute, stored, expected FROM golden_record.verify() ORDER BY attribute; SELECT golden_record.rebuild(); SELECT what, figure, threshold FROM golden_record.limits; SELECT * FROM golden_record.verify(); ROLLBACK;
BEGIN; UPDATE golden_record.limit_reached SET threshold = 9; SELECT kind, stored, expected FROM golden_record.verify(); SELECT golden_record.rebuild(), golden_record.rebuild() AS again; ROLLBACK;
-- With room again they are one, and nothing is listed any more.
SELECT golden_record.set_policy('CUSTOMER', 'guide', '{"cap": 100}');
SELECT * FROM people;
SELECT count(*) AS limits FROM golden_record.limits;
SELECT count(*) AS doubts FROM doubts;

-- The size of a block: a value held by more records than that is generic as a whole.
SELECT golden_record.set_policy('CUSTOMER', 'guide', '{"block_limit": 5}');
SELECT count(*) AS golden_records FROM people;
SELECT kind, value, holders, threshold FROM golden_record.generic_value;
SELECT what, figure, threshold FROM golden_record.limits;
SELECT pg_temp.send('a6', '{}', '2023-02-01T00:00:00Z', '{"deleted": true}');
SELECT * FROM people;
SELECT count(*) AS limits FROM golden_record.limits;
SELECT * FROM golden_record.verify();

-- The size of a component: over it only stewards' links hold, and an alert is raised.
SELECT golden_record.set_policy('CUSTOMER', 'guide', '{"component_cap": 4}');
SELECT count(*) AS golden_records FROM people;
SELECT what, figure, threshold FROM golden_record.limits;
SELECT figure, threshold FROM golden_record.alert WHERE closed_at IS NULL;
SELECT golden_record.link('{"systemName": "S", "id": "a1"}', '{"systemName": "S", "id": "a2"}') IS NOT NULL AS linked;
SELECT * FROM people;
SELECT * FROM golden_record.verify();
SELECT golden_record.set_policy('CUSTOMER', 'guide', '{"component_cap": 10000}');
SELECT * FROM people;
SELECT count(*) AS limits FROM golden_record.limits;
SELECT count(*) AS open_alerts FROM golden_record.alert WHERE closed_at IS NULL;

-- Thresholds: what is reviewed and what merges.
SELECT pg_temp.send(id, '{"phoneNumber": "+1 202 555 0143", "firstName": "Bea", "lastName": "Poe"}') FROM unnest('{b1,b2}'::text[]) AS id;
SELECT * FROM doubts;
SELECT golden_record.set_policy('CUSTOMER', 'guide', '{"auto": 99}');
SELECT * FROM people WHERE records LIKE 'b%';
SELECT golden_record.set_policy('CUSTOMER', 'guide', '{"auto": 100, "review": 99}');
SELECT * FROM people WHERE records LIKE 'b%';
SELECT count(*) AS doubts FROM doubts;
SELECT * FROM golden_record.verify();

-- Under probabilistic: three alike, of whom two may be one; the figure is that of all three, by scores and by links.
SELECT golden_record.set_policy('CUSTOMER', 'probabilistic', '{"cap": 2}');
SELECT count(pg_temp.send('c' || n, '{"email": "cleo@example.com", "firstName": "Cleo", "lastName": "Lindqvist"}')) FROM generate_series(1, 3) AS n;
SELECT * FROM people WHERE records LIKE 'c%';
SELECT what, figure, threshold FROM golden_record.limits ORDER BY figure;
SELECT golden_record.decide_all('{"reason": "cap"}', 'same', NULL) AS decided;
SELECT count(*) AS golden_records FROM people WHERE records LIKE 'c%';
SELECT what, figure, threshold FROM golden_record.limits ORDER BY figure;
SELECT * FROM golden_record.verify();
