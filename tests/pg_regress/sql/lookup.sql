-- lookup, crosswalk and identity_key: who a value or an id leads to.
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
SELECT outcome, count(*) FROM (VALUES
    (pg_temp.record('CRM', '1', '{"email": "ann@example.com", "phoneNumber": "(202) 555-0143", "firstName": "Ann", "lastName": "Roe"}', '2023-01-01T00:00:00Z', '{"entityId": "CUST_1"}')),
    (pg_temp.record('Web', 'w1', '{"email": "ann@example.com"}', '2023-01-01T00:00:00Z')),
    (pg_temp.record('CRM', '2', '{"email": "ben@example.com", "phoneNumber": "+1 202 555 0143", "firstName": "Ben", "lastName": "Roe"}', '2023-01-01T00:00:00Z')),
    (pg_temp.record('Shop', '3', '{"email": "noreply@example.com", "firstName": "Cleo"}', '2023-01-01T00:00:00Z')),
    (pg_temp.record('Shop', '4', '{"email": "old@example.com", "firstName": "Dan"}', '2023-01-01T00:00:00Z'))) AS v (r), LATERAL golden_record.ingest(r) GROUP BY outcome;
CREATE FUNCTION pg_temp.found(arguments text) RETURNS TABLE (looked_up text, matched_by text[], certainty text, first_name text, records int) LANGUAGE plpgsql AS $$ BEGIN
    RETURN QUERY EXECUTE format('SELECT %L, matched_by, certainty, first_name, records FROM golden_record.lookup(%s) ORDER BY cardinality(matched_by) DESC, first_name', arguments, arguments); END $$;
-- By full values in any spelling; no patterns. A phone that two share gives both, what matches most first.
SELECT f.* FROM unnest(ARRAY[$$' ANN@Example.com '$$, $$email => 'ben@example.com'$$, $$phone => '202.555.0143'$$, $$phone => '+12025550143', email => 'ben@example.com'$$,
    $$system_name => 'Web', source_id => 'w1'$$, $$system_name => 'entity', source_id => 'CUST_1'$$, $$name => 'roe, ANN'$$, $$email => 'ann@%'$$, $$email => 'ann'$$, $$email => 'nobody@example.com'$$,
    $$system_name => 'Web', source_id => '1'$$, $$phone => 'not a phone'$$]) WITH ORDINALITY AS v (arguments, n), LATERAL pg_temp.found(v.arguments) AS f ORDER BY n, f.first_name;
-- What no longer holds is no way to a customer, and one who is gone is not found.
SELECT count(*) FROM golden_record.ingest(pg_temp.record('Shop', '4', '{"email": "new@example.com"}', '2023-02-01T00:00:00Z'));
SELECT * FROM pg_temp.found($$email => 'old@example.com'$$);
SELECT * FROM pg_temp.found($$email => 'new@example.com'$$);
SELECT count(*) FROM golden_record.ingest(pg_temp.record('Shop', '4', '{}', '2023-03-01T00:00:00Z', '{"deleted": true}'));
SELECT * FROM pg_temp.found($$email => 'new@example.com'$$);
SELECT * FROM pg_temp.found($$system_name => 'Shop', source_id => '4'$$);
SELECT entity_type, system_name, source_id, kind FROM golden_record.crosswalk ORDER BY system_name COLLATE "C", source_id COLLATE "C";
-- An id of one system is not one of another; ids are verbatim.
SELECT * FROM pg_temp.found($$system_name => 'web', source_id => 'w1'$$);
-- The composite key of the guide: one for all spellings, another for another phone, nothing to tell the values by.
SELECT golden_record.identity_key('ann@example.com', '(202) 555-0143') = golden_record.identity_key(' ANN@example.com', '+12025550143') AS spellings,
       golden_record.identity_key('ann@example.com', '(202) 555-0143') = golden_record.identity_key('ann@example.com', '(202) 555-0144') AS other_phone,
       golden_record.identity_key('ann@example.com', NULL) = golden_record.identity_key('ann@example.com', '(202) 555-0143') AS email_alone,
       length(golden_record.identity_key('ann@example.com', NULL)) AS bytes,
       golden_record.identity_key(NULL, NULL) IS NULL AND golden_record.identity_key('junk', 'x') IS NULL AS nothing;
-- A number is found as the source has it: read as of the regions of sources and of records, which no source states.
SELECT outcome, count(*) FROM (VALUES
    (pg_temp.record('CRM', 'de', '{"phoneNumber": "0176/44133831", "country": "Germany", "firstName": "Heinz"}', '2023-01-01T00:00:00Z')),
    (pg_temp.record('Web', 'fr', '{"phoneNumber": "06 92 45 88 68", "country": "FR", "firstName": "Luc"}', '2023-01-01T00:00:00Z')),
    (pg_temp.record('Web', 'jp', '{"phoneNumber": "090-1234-5678", "firstName": "Ren"}', '2023-01-01T00:00:00Z', '{"recordRegion": "JP"}'))) AS v (r), LATERAL golden_record.ingest(r) GROUP BY outcome;
SELECT coalesce(sum(count), 0) AS missed FROM golden_record.access_log WHERE outcome = 'missed' \gset
SELECT f.* FROM unnest(ARRAY[$$phone => '0176/44133831'$$, $$phone => '06 92 45 88 68'$$, $$phone => '+33692458868'$$, $$phone => '090-1234-5678'$$]) WITH ORDINALITY AS v (arguments, n), LATERAL pg_temp.found(v.arguments) AS f ORDER BY n;
SELECT sum(count) = :missed AS none_missed FROM golden_record.access_log WHERE outcome = 'missed';
