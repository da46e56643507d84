-- The order of versions of one source record: sequence, vector clock, timestamp; late arrivals, retractions, deletions.
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
CREATE FUNCTION pg_temp.send(id text, attributes jsonb, at text, extra jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT outcome || coalesce(': ' || detail, '') FROM golden_record.ingest(pg_temp.record('S', id, attributes, at, extra)) $$;
-- What a record says now, seen through its golden record, which it has for itself.
CREATE FUNCTION pg_temp.says(id text) RETURNS text LANGUAGE sql AS $$
    SELECT (SELECT string_agg(value[1], ' ') FROM regexp_matches(golden, '^  (\w+ "[^"]*")', 'gn') AS value)
    FROM regexp_split_to_table(golden_record.digest_text(), E'\n(?=golden)') AS golden
    WHERE golden LIKE format('golden ["S","%s"]%%', id) $$;

-- By timestamp. What arrives late is accepted into history and changes nothing.
SELECT pg_temp.send('t', '{"city": "Ulm"}', '2023-02-01T00:00:00Z');
SELECT pg_temp.send('t', '{"city": "Bonn"}', '2023-01-01T00:00:00Z');
SELECT pg_temp.says('t');
SELECT pg_temp.send('t', '{"city": "Kiel"}', '2023-03-01T00:00:00Z');
SELECT pg_temp.says('t');
-- The same content again makes no version; an absent key says nothing.
SELECT pg_temp.send('t', '{"city": "Kiel"}', '2023-03-01T00:00:00Z');
SELECT pg_temp.send('t', '{"company": "Acme"}', '2023-04-01T00:00:00Z');
SELECT pg_temp.says('t');
-- A late version with a key that nobody stated since is not stale.
SELECT pg_temp.send('t', '{"country": "DE", "city": "Jena"}', '2023-01-15T00:00:00Z');
SELECT pg_temp.says('t');
-- An explicit null retracts; a blank is no value either way.
SELECT pg_temp.send('t', '{"company": null}', '2023-05-01T00:00:00Z');
SELECT pg_temp.says('t');
-- Zones: 12:00+02:00 is earlier than 11:00Z.
SELECT pg_temp.send('z', '{"city": "later"}', '2023-01-01T11:00:00Z'), pg_temp.send('z', '{"city": "earlier"}', '2023-01-01T12:00:00+02:00');
SELECT pg_temp.says('z');

-- In the same second: the lower sourcePriority is the later, before the fraction.
SELECT pg_temp.send('p', '{"city": "trusted"}', '2023-01-01T00:00:00.100Z', '{"sourcePriority": 1}'),
       pg_temp.send('p', '{"city": "later fraction"}', '2023-01-01T00:00:00.900Z', '{"sourcePriority": 2}');
SELECT pg_temp.says('p');
SELECT pg_temp.send('f', '{"city": "late"}', '2023-01-01T00:00:00.900Z'), pg_temp.send('f', '{"city": "early"}', '2023-01-01T00:00:00.100Z');
SELECT pg_temp.says('f');

-- By sequence, where every version has one, whatever the timestamps say.
SELECT pg_temp.send('s', '{"city": "second"}', '2023-01-01T00:00:00Z', '{"sequence": 2}'), pg_temp.send('s', '{"city": "first"}', '2023-09-01T00:00:00Z', '{"sequence": 1}');
SELECT pg_temp.says('s');
-- One version without: timestamps decide between all of them.
SELECT pg_temp.send('s', '{"company": "Acme"}', '2023-05-01T00:00:00Z');
SELECT pg_temp.says('s');

-- By vector clock: what dominates is later, in whatever order it comes and whatever its timestamp.
SELECT pg_temp.send('v', '{"city": "after"}', '2023-01-01T00:00:00Z', '{"vectorClock": {"a": 2, "b": 1}}'),
       pg_temp.send('v', '{"city": "before"}', '2023-09-01T00:00:00Z', '{"vectorClock": {"a": 1, "b": 1}}');
SELECT pg_temp.says('v');
-- Concurrent clocks: the tail decides, the later timestamp last.
SELECT pg_temp.send('c', '{"city": "later"}', '2023-02-01T00:00:00Z', '{"vectorClock": {"a": 1, "b": 2}}'),
       pg_temp.send('c', '{"city": "earlier"}', '2023-01-01T00:00:00Z', '{"vectorClock": {"a": 2, "b": 1}}');
SELECT pg_temp.says('c');

-- Deletion retracts the record; its golden id retires and is revived when it returns.
SELECT pg_temp.send('d', '{"city": "Ulm"}', '2023-01-01T00:00:00Z');
CREATE TEMP TABLE was AS SELECT golden_id FROM golden_record.crosswalk WHERE source_id = 'd';
SELECT pg_temp.send('d', '{}', '2023-02-01T00:00:00Z', '{"deleted": true}');
SELECT status FROM golden_record.profile JOIN was USING (golden_id);
SELECT count(*) AS customers FROM golden_record.customer JOIN was USING (golden_id);
-- What was true before the deletion does not bring it back; a new version does.
SELECT pg_temp.send('d', '{"city": "Bonn"}', '2023-01-15T00:00:00Z');
SELECT status FROM golden_record.profile JOIN was USING (golden_id);
SELECT pg_temp.send('d', '{"company": "Acme"}', '2023-03-01T00:00:00Z');
SELECT status, c.golden_id = was.golden_id AS same_id FROM golden_record.crosswalk AS c, was JOIN golden_record.profile USING (golden_id) WHERE c.source_id = 'd';
SELECT pg_temp.says('d');
-- A deletion of what was never there is accepted too.
SELECT pg_temp.send('n', '{}', '2023-02-01T00:00:00Z', '{"deleted": true}');
SELECT pg_temp.send('n', '{"city": "Ulm"}', '2023-01-01T00:00:00Z');
SELECT count(*) AS crosswalk_rows FROM golden_record.crosswalk WHERE source_id = 'n';
-- Cross-references: of each system those of the last version that names any; an explicit null takes entityId back.
SELECT pg_temp.send('x', '{"city": "Ulm"}', '2023-01-01T00:00:00Z', '{"entityId": "E", "externalSystemIds": [{"systemName": "S", "id": "x"}, {"systemName": "ERP", "id": "7"}, {"systemName": "ERP", "id": "8"}, {"systemName": "Web", "id": "9"}]}'),
       pg_temp.send('y', '{"city": "Bonn"}', '2023-01-01T00:00:00Z', '{"entityId": "E"}');
CREATE TEMP VIEW named AS SELECT string_agg(system_name || '/' || source_id, ' ' ORDER BY system_name COLLATE "C", source_id COLLATE "C") AS records
    FROM golden_record.crosswalk WHERE golden_id IN (SELECT golden_id FROM golden_record.crosswalk WHERE source_id IN ('x', 'y')) GROUP BY golden_id ORDER BY 1;
SELECT * FROM named;
SELECT pg_temp.send('x', '{}', '2023-02-01T00:00:00Z', '{"externalSystemIds": [{"systemName": "S", "id": "x"}, {"systemName": "ERP", "id": "8"}]}');
SELECT * FROM named;
SELECT pg_temp.send('x', '{}', '2023-03-01T00:00:00Z', '{"entityId": null}'), pg_temp.send('x', '{}', '2023-03-01T00:00:00Z', '{"entityId": null}');
SELECT * FROM named;
-- What was named before that comes too late.
SELECT pg_temp.send('x', '{}', '2023-02-15T00:00:00Z', '{"entityId": "E"}');
SELECT pg_temp.send('x', '{}', '2023-04-01T00:00:00Z', '{"entityId": "F"}');
SELECT * FROM named;
-- The region that a record is sent with goes on until another is, an explicit null takes it back; scopes follow.
SELECT pg_temp.send('r', '{"phoneNumber": "030 123456"}', '2023-01-01T00:00:00Z', '{"recordRegion": "DE"}');
CREATE FUNCTION pg_temp.region(id text) RETURNS text LANGUAGE sql AS $$
    SELECT p.region FROM golden_record.source_pii AS p JOIN golden_record.source_record AS r USING (record_id) WHERE r.source_id = id $$;
SELECT pg_temp.send('r', '{"city": "Bonn"}', '2023-02-01T00:00:00Z'), pg_temp.region('r'), pg_temp.says('r');
SELECT (SELECT DISTINCT region FROM golden_record.golden_pii JOIN golden_record.crosswalk USING (golden_id) WHERE source_id = 'r') AS scope;
SELECT pg_temp.send('r', '{"phoneNumber": "030 123457"}', '2023-03-01T00:00:00Z', '{"recordRegion": null}'), pg_temp.region('r'), pg_temp.says('r');
SELECT pg_temp.send('r', '{}', '2023-02-15T00:00:00Z', '{"recordRegion": "FR"}'), pg_temp.region('r');
-- History has every version that was not the same again.
SELECT source_id, count(*) AS versions FROM golden_record.record_version JOIN golden_record.source_record USING (record_id) GROUP BY source_id ORDER BY source_id;
-- More than a day in the future is refused, and can be tried again.
SELECT pg_temp.send('t', '{"city": "Future"}', '2999-01-01T00:00:00Z');
SELECT field, reason, sqlstate FROM golden_record.rejected;
SELECT * FROM golden_record.verify();
