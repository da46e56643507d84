-- Schema drift: a source renames a key. Nothing turns null, the drift is on record with a guess, and a mapping brings it home.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
-- n records, from record `first` on, whose email stands under the key.
CREATE FUNCTION pg_temp.send(first int, n int, key text, day text) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM golden_record.ingest((SELECT jsonb_build_object('records', jsonb_agg(jsonb_build_object('entityType', 'CUSTOMER',
        'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', 'CRM', 'id', i::text)),
        'attributes', jsonb_build_object(key, format('user%s@example.com', i), 'city', 'Ulm'), 'timestamp', day)))
        FROM generate_series(first, first + n - 1) AS i), 'crm') WHERE outcome <> 'rejected' $$;
CREATE TEMP VIEW emails AS SELECT count(email) AS with_email, count(*) FILTER (WHERE email IS NULL) AS without FROM golden_record.customer;
SELECT pg_temp.send(1, 30, 'email', '2023-01-01T00:00:00Z');
SELECT * FROM emails;
SELECT * FROM golden_record.schema_drift;

-- From one batch on it is email_address, for the same thirty and twenty new ones.
SELECT pg_temp.send(1, 50, 'email_address', '2023-02-01T00:00:00Z');
-- An absent key says nothing: no golden email turns null.
SELECT * FROM emails;
SELECT feed, system_name, key, change, records, guess, first_seen IS NOT NULL AND last_seen IS NOT NULL AS seen FROM golden_record.schema_drift ORDER BY key COLLATE "C", change;
SELECT golden_record.grant_scope('golden_record_pii');
SET ROLE golden_record_pii; SET golden_record.purpose = 'test';
SELECT count(*), min(value::text), max(value::text) FROM golden_record.raw_attributes WHERE key = 'email_address';
RESET ROLE; RESET golden_record.purpose;

-- Mapped, every value is home without re-sending, and nothing waits any more.
SELECT golden_record.map_attribute('CUSTOMER', 'email_address', 'email');
SELECT * FROM emails;
SELECT * FROM golden_record.schema_drift;
SET ROLE golden_record_pii; SET golden_record.purpose = 'test';
SELECT count(*) AS waiting FROM golden_record.raw_attributes;
RESET ROLE; RESET golden_record.purpose;
-- A value that is the same under its old and its new name has been asserted since January.
SELECT event_time AT TIME ZONE 'UTC' AS asserted_from, count(*) FROM golden_record.lineage WHERE attribute = 'email' GROUP BY 1 ORDER BY 1;
SELECT pg_temp.send(51, 10, 'email_address', '2023-03-01T00:00:00Z');
SELECT * FROM emails;
-- Nor is the old name missed from now on.
SELECT * FROM golden_record.schema_drift;
SELECT * FROM golden_record.verify();

-- A key whose values turn to another JSON type, and one whose values can no longer be read.
SELECT count(*) FROM generate_series(1, 30) AS i, LATERAL golden_record.ingest(jsonb_build_object('entityType', 'CUSTOMER', 'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', 'ERP', 'id', i::text)),
    'attributes', jsonb_build_object('dateOfBirth', '1980-01-' || to_char(i, 'FM00'), 'score', i), 'timestamp', '2023-01-01T00:00:00Z'), 'erp');
SELECT count(*) FROM generate_series(1, 30) AS i, LATERAL golden_record.ingest(jsonb_build_object('entityType', 'CUSTOMER', 'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', 'ERP', 'id', i::text)),
    'attributes', jsonb_build_object('dateOfBirth', 'unknown to us', 'score', i::text), 'timestamp', '2023-02-01T00:00:00Z'), 'erp');
SELECT feed, system_name, key, change, records, guess FROM golden_record.schema_drift WHERE feed = 'erp' ORDER BY key COLLATE "C", change;
-- Stewards see keys and types, never the values.
SET ROLE golden_record_steward;
SELECT count(*) FROM golden_record.schema_drift WHERE feed = 'erp';
SELECT count(*) FROM golden_record.raw_attributes;
RESET ROLE;
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
SELECT r.* FROM (VALUES (1, $$'CUSTOMER', 'mail', 'emial'$$), (2, $$'CUSTOMERS', 'mail', 'email'$$), (3, $$'CUSTOMER', 'city', 'street'$$)) AS v (n, args),
    LATERAL pg_temp.refused(format('SELECT golden_record.map_attribute(%s)', args)) AS r ORDER BY n;
-- Of the old key and the new one in one record the one with a value that can be read counts.
BEGIN;
SELECT count(*) FROM golden_record.ingest('{"records": [
  {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Both", "id": "1"}], "timestamp": "2023-04-01T00:00:00Z", "attributes": {"email": null, "email_address": "a@both.example"}},
  {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Both", "id": "2"}], "timestamp": "2023-04-01T00:00:00Z", "attributes": {"email": "see email_address", "email_address": "b@both.example"}},
  {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Both", "id": "3"}], "timestamp": "2023-04-01T00:00:00Z", "attributes": {"email": "c@both.example", "email_address": "other@both.example"}}]}'::text);
SELECT source_id, matched_by FROM unnest(ARRAY['a@both.example', 'b@both.example', 'c@both.example', 'other@both.example']) AS email, golden_record.lookup(email => email) JOIN golden_record.crosswalk USING (golden_id);
SELECT * FROM golden_record.verify();
ROLLBACK;
-- A mapping is taken back with NULL: what was sent under the key waits again.
SELECT golden_record.map_attribute('CUSTOMER', 'email_address', NULL);
SELECT * FROM emails;
SELECT * FROM golden_record.verify();
SELECT r.* FROM (VALUES (1, $$'CUSTOMER', 'email_address', NULL$$), (2, $$'CUSTOMER', NULL, 'email'$$)) AS v (n, args),
    LATERAL pg_temp.refused(format('SELECT golden_record.map_attribute(%s)', args)) AS r ORDER BY n;

-- What a transaction counted that was rolled back is not missed: of ten records without the key nine never came.
SELECT pg_temp.send(1001, 700, 'email', '2024-01-01T00:00:00Z');
CREATE PROCEDURE pg_temp.roll_back() LANGUAGE plpgsql AS $$ BEGIN
    FOR n IN 1 .. 9 LOOP PERFORM pg_temp.send(1, 1, 'city', '2024-02-01T00:00:00Z'); ROLLBACK; END LOOP; END $$;
CALL pg_temp.roll_back();
SELECT pg_temp.send(1, 1, 'city', '2024-02-01T00:00:00Z');
SELECT key, change FROM golden_record.schema_drift WHERE feed = 'crm' AND key = 'email';
-- What was wrong with values is settled where they are read in another way from now on; the next that cannot be read is told of again.
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"dateOfBirth": {"kind": "text"}, "score": {"kind": "text"}}}');
SELECT key, change, records FROM golden_record.schema_drift WHERE feed = 'erp' ORDER BY key COLLATE "C", change;
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"dateOfBirth": {"kind": "date"}}}');
SELECT count(*) FROM golden_record.ingest(jsonb_build_object('entityType', 'CUSTOMER', 'externalSystemIds', '[{"systemName": "ERP", "id": "1"}]'::jsonb,
    'attributes', jsonb_build_object('dateOfBirth', 'still unknown', 'born', 'who knows', 'score', '1'), 'timestamp', '2023-03-01T00:00:00Z'), 'erp');
SELECT key, change, records FROM golden_record.schema_drift WHERE feed = 'erp' ORDER BY key COLLATE "C", change;
-- Of a key that gets its attribute too; what another option leaves as it was is not.
SELECT golden_record.map_attribute('CUSTOMER', 'born', 'dateOfBirth');
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"dateOfBirth": {"limit": 20}}}');
SELECT key, change, records FROM golden_record.schema_drift WHERE feed = 'erp' ORDER BY key COLLATE "C", change;
SELECT * FROM golden_record.verify();
