-- verify: it names what a superuser damaged, and nothing else.
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
SELECT outcome, count(*) FROM (VALUES
    (pg_temp.record('CRM', '1', '{"email": "ann@example.com", "firstName": "Ann", "city": "Ulm"}', '2023-01-01T00:00:00Z')),
    (pg_temp.record('Web', '2', '{"email": "ann@example.com", "city": "Bonn"}', '2023-02-01T00:00:00Z')),
    (pg_temp.record('CRM', '3', '{"email": "bob@example.com", "phoneNumber": "+12025550143", "firstName": "Bob", "lastName": "Roe"}', '2023-01-01T00:00:00Z')),
    (pg_temp.record('Web', '4', '{"phoneNumber": "+12025550143", "firstName": "Bob", "lastName": "Roe"}', '2023-01-01T00:00:00Z'))) AS v (r), LATERAL golden_record.ingest(r) GROUP BY outcome;
SELECT golden_record.digest() AS digest \gset
CREATE TEMP VIEW named AS SELECT v.kind, coalesce(v.record ->> 'id', (SELECT string_agg(c.source_id, ' ' ORDER BY c.source_id) FROM golden_record.crosswalk AS c WHERE c.golden_id = v.golden_id)) AS records, v.attribute
    FROM golden_record.verify() AS v ORDER BY 1, 2, 3;
SELECT * FROM named;
CREATE TEMP VIEW row_of AS SELECT source_id, record_id, golden_id FROM golden_record.source_record;
-- All that a reader's statements see is what the statement that called it sees, also in a transaction that writes.
BEGIN;
DECLARE then_digest CURSOR FOR SELECT golden_record.digest() = :'digest' AS as_then;
DECLARE then_verify CURSOR FOR SELECT count(*) AS differences FROM golden_record.verify();
DECLARE then_why CURSOR FOR SELECT count(*) AS bonds FROM golden_record.why((SELECT golden_id FROM row_of WHERE source_id = '1'));
SELECT outcome FROM golden_record.ingest(pg_temp.record('ERP', '9', '{"email": "ann@example.com", "city": "Kiel"}', '2023-03-01T00:00:00Z'));
FETCH ALL FROM then_digest; FETCH ALL FROM then_verify; FETCH ALL FROM then_why;
SELECT golden_record.digest() <> :'digest' AS other_now, (SELECT count(*) FROM golden_record.verify()) AS differences, (SELECT count(*) FROM golden_record.why((SELECT golden_id FROM row_of WHERE source_id = '1'))) AS bonds;
ROLLBACK;
-- One golden value, for readers and in the clear.
BEGIN; UPDATE golden_record.golden_record SET attributes = jsonb_set(attributes, '{city}', '"Kiel"') WHERE golden_id = (SELECT golden_id FROM row_of WHERE source_id = '1'); SELECT * FROM named; ROLLBACK;
BEGIN; UPDATE golden_record.golden_pii SET attributes = set_byte(attributes, 30, get_byte(attributes, 30) # 1) WHERE golden_id = (SELECT golden_id FROM row_of WHERE source_id = '1') AND system_name = 'Web'; SELECT * FROM named; ROLLBACK;
-- A sealed value in the place of another's.
BEGIN; UPDATE golden_record.golden_pii SET attributes = (SELECT attributes FROM golden_record.golden_pii WHERE golden_id = (SELECT golden_id FROM row_of WHERE source_id = '3') LIMIT 1) WHERE golden_id = (SELECT golden_id FROM row_of WHERE source_id = '1') AND system_name = 'Web'; SELECT * FROM named; ROLLBACK;
-- One line of lineage.
BEGIN; UPDATE golden_record.golden_record SET lineage = set_byte(lineage, length(lineage) - 3, 25) WHERE golden_id = (SELECT golden_id FROM row_of WHERE source_id = '1'); SELECT * FROM named; ROLLBACK;
-- One membership, one component, one key, one review item, one record's state.
BEGIN; UPDATE golden_record.source_record SET golden_id = (SELECT golden_id FROM row_of WHERE source_id = '3') WHERE source_id = '2'; SELECT kind, count(*) > 0 AS found FROM golden_record.verify() WHERE record ->> 'id' = '2' GROUP BY kind; ROLLBACK;
BEGIN; UPDATE golden_record.source_record SET component_id = component_id + 100 WHERE source_id = '3'; SELECT * FROM named; ROLLBACK;
BEGIN; DELETE FROM golden_record.block_key WHERE ctid = (SELECT b.ctid FROM golden_record.block_key AS b JOIN row_of USING (record_id) WHERE source_id = '4' ORDER BY b.ctid LIMIT 1); SELECT kind, records, count(*) FROM named GROUP BY 1, 2; ROLLBACK;
BEGIN; UPDATE golden_record.block_key SET key = key + 1 WHERE ctid = (SELECT b.ctid FROM golden_record.block_key AS b JOIN row_of USING (record_id) WHERE source_id = '4' ORDER BY b.ctid LIMIT 1); SELECT kind, records, count(*) FROM named GROUP BY 1, 2; ROLLBACK;
BEGIN; UPDATE golden_record.review_pair SET reason = 'ambiguous'; SELECT * FROM named; ROLLBACK;
BEGIN; DELETE FROM golden_record.review_pair; SELECT * FROM named; ROLLBACK;
-- A version whose record is gone: history, which rebuild leaves.
BEGIN; UPDATE golden_record.record_version SET record_id = 4711 WHERE record_id = (SELECT record_id FROM row_of WHERE source_id = '4');
SELECT kind, records, count(*) FROM named GROUP BY 1, 2 ORDER BY 1, 2;
SELECT golden_record.rebuild() >= 0 AS rebuilt;
SELECT kind, count(*) FROM named WHERE kind = 'version' AND records IS NULL GROUP BY 1; ROLLBACK;
BEGIN; UPDATE golden_record.source_pii SET state = (SELECT state FROM golden_record.source_pii WHERE record_id = (SELECT record_id FROM row_of WHERE source_id = '1')) WHERE record_id = (SELECT record_id FROM row_of WHERE source_id = '2'); SELECT DISTINCT kind, records FROM named; ROLLBACK;
-- The id of a customer, retired though it has records, or leading to itself.
BEGIN; UPDATE golden_record.golden_record SET status = 'retired' WHERE golden_id = (SELECT golden_id FROM row_of WHERE source_id = '3'); SELECT * FROM named; ROLLBACK;
BEGIN; UPDATE golden_record.golden_record SET merged_into = golden_id, status = 'retired' WHERE golden_id = (SELECT golden_id FROM row_of WHERE source_id = '3'); SELECT DISTINCT kind FROM named; ROLLBACK;
-- What is seen is mended: the ids that a record names, the systems of a golden record and the scope of a record's values, a redirect
-- to itself, a golden record that is gone but for its values.
CREATE FUNCTION pg_temp.mended(damage text) RETURNS TABLE (seen text, rebuilt bigint, left_over bigint, same_digest boolean) LANGUAGE plpgsql AS $$
DECLARE before text := golden_record.digest();
BEGIN
    EXECUTE damage;
    seen := (SELECT string_agg(DISTINCT concat_ws(' ', kind, records), ', ') FROM named);
    rebuilt := golden_record.rebuild();
    left_over := (SELECT count(*) FROM golden_record.verify());
    same_digest := golden_record.digest() = before;
    RETURN NEXT;
END $$;
SELECT outcome FROM golden_record.ingest(pg_temp.record('CRM', '5', '{"email": "eve@example.com"}', '2023-01-01T00:00:00Z', '{"externalSystemIds": [{"systemName": "CRM", "id": "5"}, {"systemName": "ERP", "id": "55"}]}'));
BEGIN; SELECT * FROM pg_temp.mended('DELETE FROM golden_record.cross_reference'); SELECT system_name, source_id FROM golden_record.crosswalk WHERE kind = 'cross_reference'; ROLLBACK;
BEGIN; SELECT * FROM pg_temp.mended($$UPDATE golden_record.cross_reference SET source_id = '56'$$); SELECT system_name, source_id FROM golden_record.crosswalk WHERE kind = 'cross_reference'; ROLLBACK;
BEGIN; SELECT * FROM pg_temp.mended($$UPDATE golden_record.golden_record SET systems = '{X}' WHERE golden_id = (SELECT golden_id FROM row_of WHERE source_id = '3')$$); ROLLBACK;
BEGIN; SELECT * FROM pg_temp.mended($$UPDATE golden_record.source_pii SET system_name = 'X' WHERE record_id = (SELECT record_id FROM row_of WHERE source_id = '3')$$); SELECT DISTINCT system_name FROM golden_record.source_pii ORDER BY 1; ROLLBACK;
BEGIN; SELECT * FROM pg_temp.mended($$DELETE FROM golden_record.golden_record WHERE golden_id = (SELECT golden_id FROM row_of WHERE source_id = '3')$$); ROLLBACK;
-- Nobody speaks for an id.
BEGIN; SELECT * FROM pg_temp.mended($$UPDATE golden_record.golden_record SET founders = '{}', heirs = NULL WHERE golden_id = (SELECT golden_id FROM row_of WHERE source_id = '3')$$); ROLLBACK;
BEGIN;
SELECT golden_record.link('{"systemName": "CRM", "id": "1"}', '{"systemName": "CRM", "id": "5"}') > 0 AS linked;
SELECT * FROM pg_temp.mended($$UPDATE golden_record.golden_record SET merged_into = golden_id WHERE status = 'retired'$$);
ROLLBACK;
SELECT golden_record.digest() AS digest \gset
-- A steward's value that was moved or lost is named, and nothing else; it sets nothing any more, and stands in nobody's way.
CREATE TEMP TABLE overridden AS SELECT golden_record.override(golden_id, 'city', 'Bergen') AS id, source_id FROM row_of WHERE source_id IN ('1', '3', '5');
UPDATE golden_record.value_override_pii AS p SET value = o.value FROM golden_record.value_override_pii AS o, overridden AS one, overridden AS three
WHERE one.source_id = '1' AND three.source_id = '3' AND (p.override_id, o.override_id) IN ((one.id, three.id), (three.id, one.id));
DELETE FROM golden_record.value_override_pii USING overridden WHERE override_id = id AND source_id = '5';
SELECT * FROM named;
BEGIN; UPDATE golden_record.golden_record SET attributes = attributes || '{"firstName": "Zoe"}' WHERE golden_id = (SELECT golden_id FROM row_of WHERE source_id = '1'); SELECT * FROM named; ROLLBACK;
SELECT outcome FROM golden_record.ingest(pg_temp.record('CRM', '1', '{"firstName": "Ann", "lastName": "Roe"}', '2023-03-01T00:00:00Z'));
SELECT attributes ->> 'city' AS city FROM golden_record.golden_record WHERE golden_id = (SELECT golden_id FROM row_of WHERE source_id = '1');
SELECT * FROM named;
SELECT golden_record.rebuild() > 0 AS rebuilt;
SELECT * FROM named;
-- It ends as others do: another takes its place, it is cleared, its golden record is erased.
BEGIN;
SELECT golden_record.override(golden_id, 'city', 'Oslo') IS NOT NULL AS set FROM row_of WHERE source_id = '1';
SELECT golden_record.clear_override(golden_id, 'city') FROM row_of WHERE source_id = '3';
SELECT golden_record.erase_subject(golden_id, 'request 1') IS NOT NULL AS erased FROM row_of WHERE source_id = '5';
SELECT * FROM named;
ROLLBACK;
SELECT golden_record.clear_override(golden_id, 'city') FROM row_of WHERE source_id IN ('1', '3', '5');
SELECT golden_record.digest() AS digest \gset
-- A value without its lineage is damage, and is called so.
BEGIN;
UPDATE golden_record.golden_record SET lineage = '';
\set VERBOSITY sqlstate
SELECT golden_record.digest() = :'digest' AS as_before;
\set VERBOSITY default
ROLLBACK;
-- What nobody damaged is as it was; rebuild repairs what was.
SELECT golden_record.digest() = :'digest' AS as_before;
UPDATE golden_record.golden_pii SET attributes = '';
UPDATE golden_record.golden_record SET lineage = '', attributes = '{}' WHERE golden_id = (SELECT golden_id FROM row_of WHERE source_id = '1');
DELETE FROM golden_record.block_key; DELETE FROM golden_record.review_pair;
SELECT count(*) > 0 AS damaged FROM golden_record.verify();
SELECT golden_record.rebuild() > 0 AS repaired;
SELECT * FROM named;
SELECT golden_record.digest() = :'digest' AS as_before;
