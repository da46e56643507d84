-- merge_golden: the guide's merge as a function of records and rules, and as an aggregate under the stored rules.
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

CREATE TEMP TABLE part AS SELECT * FROM (VALUES
    (1, pg_temp.record('Salesforce_CRM', 's1', '{"email": "john.doe@example.com", "phoneNumber": "+1-555-0198", "lastPurchaseDate": "2023-10-15T14:30:00Z"}', '2023-10-27T10:00:00Z', '{"sourcePriority": 1}')),
    (2, pg_temp.record('Web_App', 'w1', '{"email": "jonny@example.com", "phoneNumber": "555-0100"}', '2023-11-01T00:00:00Z')),
    (3, pg_temp.record('Telephony_Logs', 't1', '{"phoneNumber": "+1 202 555 0143"}', '2023-11-02T00:00:00Z')),
    (4, pg_temp.record('ERP_System', 'e1', '{"lastPurchaseDate": "2023-01-01T00:00:00Z", "firstName": "John"}', '2023-11-03T00:00:00Z'))) AS v (n, record);
CREATE TEMP TABLE guide AS SELECT '{"mergeRules": {
"email": {"sourcePriority": [{"systemName": "Salesforce_CRM", "order": 1}, {"systemName": "Web_App", "order": 2}], "action": "UPDATE_IF_NEWER"},
"phoneNumber": {"sourcePriority": [{"systemName": "Telephony_Logs", "order": 1}, {"systemName": "Salesforce_CRM", "order": 2}], "action": "KEEP_EXISTING"},
"lastPurchaseDate": {"sourcePriority": [{"systemName": "ERP_System", "order": 1}], "action": "MAX_VALUE"}}}'::jsonb AS rules;

-- The CRM's email although the web's is newer; telephony's phone; the latest purchase whatever the system.
SELECT jsonb_pretty(golden_record.merge_golden(array_agg(record ORDER BY n), rules)) FROM part, guide GROUP BY rules;
-- The order in which the records come in does not matter, nor does one given twice.
SELECT golden_record.merge_golden(array_agg(record ORDER BY n), rules) = golden_record.merge_golden(array_agg(record ORDER BY n DESC), rules) AS reversed,
       golden_record.merge_golden(array_agg(record ORDER BY n), rules) = golden_record.merge_golden(array_agg(record) || array_agg(record), rules) AS twice
FROM part, guide GROUP BY rules;
-- The aggregate: CUSTOMER ships with the guide's rules.
SELECT golden_record.merge_golden(record ORDER BY n DESC) = golden_record.merge_golden(array_agg(record ORDER BY n), rules) AS same FROM part, guide GROUP BY rules;
SELECT golden_record.set_merge_rules('CUSTOMER', '{"email": {"action": "MOST_RECENT"}}');
SELECT golden_record.merge_golden(record) -> 'attributes' ->> 'email' AS email_by_stored_rules FROM part;
-- The guide's records of one source record are versions of it: the last one counts.
SELECT golden_record.merge_golden(ARRAY[
    pg_temp.record('A', '1', '{"email": "new@example.com"}', '2023-02-01T00:00:00Z'),
    pg_temp.record('A', '1', '{"email": "old@example.com"}', '2023-01-01T00:00:00Z')], '{}') -> 'attributes' AS attributes;
-- Nothing in, nothing out; NULLs are passed over by the aggregate.
SELECT golden_record.merge_golden('{}'::jsonb[], '{}') AS no_records, golden_record.merge_golden(NULL::jsonb[], '{}') IS NULL AS null_in,
       (SELECT golden_record.merge_golden(record) IS NULL FROM part WHERE false) AS aggregate_of_none;
SELECT golden_record.merge_golden(record) -> 'attributes' ->> 'firstName' AS first_name FROM (SELECT record FROM part UNION ALL SELECT NULL) AS x;
-- The rules are those of the records' entity type.
SELECT golden_record.define_entity('PARTNER', '{"attributes": {"town": {"kind": "city"}}}'), golden_record.set_merge_rules('PARTNER', '{"town": {"action": "LONGEST"}}');
SELECT golden_record.merge_golden(record) -> 'attributes' AS attributes FROM (VALUES
    (pg_temp.record('A', '1', '{"town": "Bonn"}', '2023-02-01T00:00:00Z') || '{"entityType": "PARTNER"}'),
    (pg_temp.record('B', '1', '{"town": "Bad Godesberg"}', '2023-01-01T00:00:00Z') || '{"entityType": "PARTNER"}')) AS v (record);

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
\x on
SELECT * FROM pg_temp.refused($$SELECT golden_record.merge_golden(ARRAY['{"entityType": "CUSTOMER"}'::jsonb], '{}')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.merge_golden(ARRAY['[]'::jsonb], '{}')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.merge_golden('{}'::jsonb[], '{"email": {"action": "UPDATE_IF_NEW"}}')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.merge_golden(record) FROM (SELECT record FROM part UNION ALL SELECT record || '{"entityType": "PARTNER"}' FROM part) AS x$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.merge_golden('{"entityType": "PARTNRE"}'::jsonb)$$);
