-- Races: where two statements met, which one was preferred, and by what; one row a meeting, none where nothing met.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
CREATE FUNCTION pg_temp.send(system text, id text, attributes jsonb, at text, extra jsonb DEFAULT '{}') RETURNS text
LANGUAGE sql AS $$
    SELECT outcome FROM golden_record.ingest(jsonb_build_object('entityType', 'CUSTOMER',
        'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', system, 'id', id)),
        'attributes', attributes, 'timestamp', at) || extra) $$;
-- The rows since the last look.
CREATE TEMP TABLE looked AS SELECT 0::bigint AS at;
CREATE FUNCTION pg_temp.races() RETURNS TABLE (kind text, fields text[], winner text, loser text, rule text, of_golden boolean) LANGUAGE plpgsql AS $$ BEGIN
    RETURN QUERY SELECT r.kind, r.fields, concat_ws(' ', r.winner ->> 'systemName', r.winner ->> 'eventTime', r.winner ->> 'won'),
        concat_ws(' ', r.loser ->> 'systemName', r.loser ->> 'eventTime', r.loser ->> 'won'), r.rule,
        r.golden_id = (SELECT c.golden_id FROM golden_record.crosswalk AS c WHERE c.kind = 'record' AND c.system_name = r.winner ->> 'systemName' AND c.source_id = r.winner ->> 'id')
    FROM golden_record.race_log AS r WHERE r.race_id > (SELECT at FROM looked) ORDER BY r.race_id;
    UPDATE looked SET at = coalesce((SELECT max(race_id) FROM golden_record.race_log), 0);
END $$;
SELECT golden_record.set_merge_rules('CUSTOMER', '{"mergeRules": {
    "email": {"action": "UPDATE_IF_NEWER", "sourcePriority": [{"systemName": "CRM", "order": 1}, {"systemName": "Web", "order": 2}]},
    "phoneNumber": {"action": "UPDATE_IF_NEWER", "sourcePriority": [{"systemName": "Web", "order": 1}, {"systemName": "CRM", "order": 2}]},
    "lastPurchaseDate": {"action": "MAX_VALUE"}}}');

-- One customer in two systems; nothing meets.
SELECT pg_temp.send('CRM', '1', '{"email": "ann@example.com", "city": "Oslo"}', '2024-01-01T10:00:00Z', '{"entityId": "E", "sourcePriority": 1}'),
       pg_temp.send('Web', '1', '{"email": "ann@example.com", "city": "Oslo"}', '2024-01-01T10:00:00Z', '{"entityId": "E", "sourcePriority": 2}');
SELECT * FROM pg_temp.races();

-- The guide's race: the same event second, two systems. One row, whatever number of fields; the preferred in most of them first.
SELECT pg_temp.send('Web', '1', '{"city": "Bergen", "preferredLanguage": "no"}', '2024-01-02T10:00:00.9Z', '{"sourcePriority": 2}');
SELECT * FROM pg_temp.races();
SELECT pg_temp.send('CRM', '1', '{"city": "Hamar", "preferredLanguage": "en"}', '2024-01-02T10:00:00.1Z', '{"sourcePriority": 1}');
SELECT * FROM pg_temp.races();
-- Each wins a field.
SELECT pg_temp.send('Web', '1', '{"email": "web@example.com", "phoneNumber": "+12025550102"}', '2024-01-03T10:00:00Z', '{"sourcePriority": 2}'),
       pg_temp.send('CRM', '1', '{"email": "crm@example.com", "phoneNumber": "+12025550101"}', '2024-01-03T10:00:00Z', '{"sourcePriority": 1}');
SELECT * FROM pg_temp.races();
-- Another second, another field, the same value, the same content again: nothing met.
SELECT pg_temp.send('Web', '1', '{"city": "Moss"}', '2024-01-04T10:00:00Z'), pg_temp.send('CRM', '1', '{"city": "Ski"}', '2024-01-04T10:00:01Z');
SELECT pg_temp.send('Web', '1', '{"street": "A 1"}', '2024-01-05T10:00:00Z'), pg_temp.send('CRM', '1', '{"postcode": "0150"}', '2024-01-05T10:00:00Z');
SELECT pg_temp.send('Web', '1', '{"company": "Fjord AS"}', '2024-01-05T10:00:00Z'), pg_temp.send('CRM', '1', '{"company": "FJORD AS"}', '2024-01-05T10:00:00Z');
SELECT pg_temp.send('CRM', '1', '{"company": "FJORD AS"}', '2024-01-05T10:00:00Z');
SELECT * FROM pg_temp.races();
-- In one statement, and under MAX_VALUE.
SELECT outcome FROM golden_record.ingest('{"records": [
    {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Web", "id": "1"}], "timestamp": "2024-01-06T10:00:00Z", "attributes": {"lastPurchaseDate": "2024-01-05"}},
    {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "CRM", "id": "1"}], "timestamp": "2024-01-06T10:00:00Z", "attributes": {"lastPurchaseDate": "2024-01-04"}}]}');
SELECT * FROM pg_temp.races();

-- Two customers of one second become one by a decision: they meet then.
SELECT pg_temp.send('Shop', 'x', '{"firstName": "Xan"}', '2024-02-01T10:00:00Z'), pg_temp.send('Till', 'y', '{"firstName": "Yan"}', '2024-02-01T10:00:00Z');
SELECT * FROM pg_temp.races();
SELECT golden_record.link('{"systemName": "Shop", "id": "x"}', '{"systemName": "Till", "id": "y"}') IS NOT NULL AS linked;
SELECT * FROM pg_temp.races();
SELECT golden_record.rebuild();
SELECT * FROM pg_temp.races();

-- Versions of one source record: late, the same second, concurrent clocks.
SELECT pg_temp.send('ERP', 'late', '{"city": "Rome"}', '2024-03-02T10:00:00Z'), pg_temp.send('ERP', 'late', '{"city": "Paris", "street": "B 2"}', '2024-03-01T10:00:00Z');
SELECT * FROM pg_temp.races();
SELECT pg_temp.send('ERP', 'second', '{"city": "Rome"}', '2024-03-02T10:00:00Z', '{"sourcePriority": 1}'), pg_temp.send('ERP', 'second', '{"city": "Paris"}', '2024-03-02T10:00:00Z', '{"sourcePriority": 2}');
SELECT * FROM pg_temp.races();
SELECT pg_temp.send('ERP', 'clock', '{"city": "Rome"}', '2024-03-02T10:00:00Z', '{"vectorClock": {"a": 2, "b": 1}}'), pg_temp.send('ERP', 'clock', '{"city": "Paris"}', '2024-03-02T11:00:00Z', '{"vectorClock": {"a": 1, "b": 2}}'),
       pg_temp.send('ERP', 'clock', '{"city": "Milan"}', '2024-03-02T09:00:00Z', '{"vectorClock": {"a": 2, "b": 2}}');
SELECT * FROM pg_temp.races();
-- A number of the source's own says what came first: late only.
SELECT pg_temp.send('ERP', 'numbered', '{"city": "Rome"}', '2024-03-02T10:00:00Z', '{"sequence": 2}'), pg_temp.send('ERP', 'numbered', '{"city": "Paris"}', '2024-03-02T10:00:00Z', '{"sequence": 3}'), pg_temp.send('ERP', 'numbered', '{"city": "Milan"}', '2024-03-02T10:00:00Z', '{"sequence": 1}');
SELECT * FROM pg_temp.races();
SELECT kind, count(*) FROM golden_record.race_log GROUP BY kind ORDER BY kind;
SELECT * FROM golden_record.verify();
