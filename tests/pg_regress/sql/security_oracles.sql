-- Oracles: who may write, and not read, cannot find a value by writing guesses and looking what comes of them.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
CREATE ROLE regress_sender; GRANT golden_record_ingest TO regress_sender;
CREATE ROLE regress_judge; GRANT golden_record_steward TO regress_judge;
CREATE ROLE regress_chief; GRANT golden_record_admin TO regress_chief;
RESET client_min_messages;
CREATE FUNCTION pg_temp.send(id text, attributes jsonb, at text, extra jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT outcome FROM golden_record.ingest(jsonb_build_object('entityType', 'CUSTOMER',
        'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', 'CRM', 'id', id)), 'attributes', attributes, 'timestamp', at) || extra) $$;
SELECT pg_temp.send('1', '{"email": "ann@example.com", "phoneNumber": "+12065550143", "dateOfBirth": "1980-04-17"}', '2024-02-01T00:00:00Z');
-- A sender is told what the order of versions says: of a right guess and a wrong one the same.
SET ROLE regress_sender;
SELECT guess, at, pg_temp.send('1', guess::jsonb, at) AS outcome FROM (VALUES
    ('{"dateOfBirth": "1980-04-17"}', '2024-03-01T00:00:00Z'), ('{"dateOfBirth": "1980-04-18"}', '2024-04-01T00:00:00Z'), ('{"dateOfBirth": null}', '2024-05-01T00:00:00Z'),
    ('{"city": null}', '2024-06-01T00:00:00Z'), ('{"city": "Ulm"}', '2023-01-01T00:00:00Z'), ('{"city": "Ulm"}', '2023-01-01T00:00:00Z'),
    ('{"email": "ann@example.com", "phoneNumber": "+12065550143", "dateOfBirth": "1980-04-17"}', '2024-02-01T00:00:00Z')) AS v (guess, at);
SELECT pg_temp.send('2', '{}', '2024-03-01T00:00:00Z'), pg_temp.send('2', '{}', '2024-04-01T00:00:00Z', '{"deleted": true}');
RESET ROLE;
-- Who may read is told what became of each.
SELECT pg_temp.send('1', '{"firstName": "Ann"}', '2024-07-01T00:00:00Z'), pg_temp.send('1', '{"firstName": "Ann"}', '2024-08-01T00:00:00Z'), pg_temp.send('1', '{"firstName": "Ann"}', '2024-08-01T00:00:00Z');
-- A steward overrides with a guess, and looks at all that he may see.
SELECT golden_id FROM golden_record.customer WHERE records = 1 AND email IS NOT NULL \gset
CREATE FUNCTION pg_temp.seen(golden uuid, attribute text, guess text) RETURNS jsonb LANGUAGE plpgsql AS $$ DECLARE found jsonb; BEGIN
    PERFORM golden_record.override(golden, attribute, guess);
    SELECT jsonb_agg(to_jsonb(l) - 'event_time' - 'value') INTO found FROM golden_record.lineage AS l WHERE l.golden_id = golden AND l.attribute = seen.attribute;
    found := jsonb_build_object('lineage', found,
        'why', (SELECT jsonb_agg(jsonb_build_array(w.outcome, w.reason, w.place > 1 AND w.value IS NOT NULL)) FROM golden_record.why_value(golden, attribute) AS w),
        'changes', (SELECT jsonb_agg(to_jsonb(c.attributes) ORDER BY c.change_id) FROM golden_record.change_event AS c), 'values', (SELECT golden_record.values_until(golden, '2024-01-01Z') IS NULL), 'written', (SELECT g.updated_at = now() FROM golden_record.customer AS g WHERE g.golden_id = golden));
    RAISE EXCEPTION USING ERRCODE = 'ZZZZZ', MESSAGE = found::text;
EXCEPTION WHEN SQLSTATE 'ZZZZZ' THEN RETURN sqlerrm::jsonb; END $$;
GRANT SELECT ON golden_record.change_event TO regress_judge;
SET ROLE regress_judge;
SELECT pg_temp.seen(:'golden_id', 'email', 'ann@example.com') = pg_temp.seen(:'golden_id', 'email', 'bob@example.com') AS told_apart_by_nothing;
SELECT pg_temp.seen(:'golden_id', 'email', 'ann@example.com') -> 'why' AS why;
RESET ROLE;
-- A name that is a phone number and nobody's is a look-up that found nothing, and is counted.
SELECT count(*) FROM golden_record.ingest('{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Calls", "id": "+12065550143"}], "timestamp": "2024-01-01T00:00:00Z", "attributes": {}}'::text);
CREATE FUNCTION pg_temp.tried(statement text, number text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
    EXECUTE format(statement, json_build_object('systemName', 'Calls', 'id', number), '{"systemName": "CRM", "id": "1"}'); RETURN 'found';
EXCEPTION WHEN OTHERS THEN RETURN sqlstate; END $$;
SET golden_record.lookup_misses = 4;
SET ROLE regress_judge;
SELECT number, pg_temp.tried('SELECT golden_record.why_not(%L, %L)', number) FROM (VALUES ('+12065550140'), ('+12065550141'), ('+12065550143')) AS v (number);
SELECT number, pg_temp.tried('SELECT golden_record.unlink(%L, %L)', number) FROM (VALUES ('+12065550142'), ('+12065550144'), ('+12065550145'), ('+12065550143')) AS v (number);
SELECT pg_temp.tried('SELECT golden_record.link(%L, %L)', '+12065550143'), pg_temp.tried('SELECT golden_record.link(%L, %L)', 'no number');
RESET ROLE;
RESET golden_record.lookup_misses;
SELECT object, outcome, sum(count) FROM golden_record.access_log GROUP BY 1, 2;
-- What readers see more of than before is read by who makes it so: a member of golden_record_pii, and on record, though it be rolled back.
SET ROLE regress_chief;
BEGIN; SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"email": {"kind": "email", "pii": "mask"}}}'); ROLLBACK;
BEGIN; SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"email": {"kind": "email", "pii": "encrypt"}, "shoe": {"kind": "number"}}}'); ROLLBACK;
RESET ROLE;
GRANT golden_record_pii TO regress_chief;
SET ROLE regress_chief;
BEGIN; SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"email": {"kind": "email", "pii": "mask"}}}'); ROLLBACK;
RESET ROLE;
-- Nor by a detour: a key that is an attribute's goes to another of a lower class. What waits raw is promoted on record.
REVOKE golden_record_pii FROM regress_chief;
SELECT golden_record.map_attribute('CUSTOMER', 'mail', 'email');
SET ROLE regress_chief;
BEGIN; SELECT golden_record.map_attribute('CUSTOMER', 'mail', 'city'); ROLLBACK;
BEGIN; SELECT golden_record.map_attribute('CUSTOMER', 'secret', 'city'); ROLLBACK;
BEGIN; SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"ssn": {"kind": "text", "pii": "none"}}}'); ROLLBACK;
-- Nor by a kind of which a mask shows a part, where what it is now shows none.
BEGIN; SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"street": {"kind": "full_name"}}}'); ROLLBACK;
BEGIN; SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"street": {"kind": "organization"}, "city": {"kind": "full_name"}}}'); ROLLBACK;
RESET ROLE;
SELECT role, object, attribute, outcome FROM golden_record.access_log WHERE object IN ('define_entity', 'map_attribute') ORDER BY access_id;
-- What is on record is not the reader's to write.
SELECT golden_record.open_values('ann@example.com', golden_id, system_name, region, attributes) FROM golden_record.golden_pii;
SET client_min_messages = warning;
DROP OWNED BY regress_judge;
DROP ROLE regress_sender, regress_judge, regress_chief;
