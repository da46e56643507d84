-- Merge rules: the guide's, changed without touching ingestion, with effect on what is stored.
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
-- What survives, by attribute, and from whom.
CREATE TEMP VIEW survivors AS
    SELECT trim(line) AS survivor FROM regexp_split_to_table(golden_record.digest_text(), E'\n') AS line WHERE line LIKE '  %';
CREATE TEMP VIEW reasons AS
    SELECT attribute, system_name AS winner, action, reason,
           (SELECT string_agg(concat_ws(' ', l -> 'record' ->> 'systemName', l ->> 'systemName', l ->> 'reason'), ', ') FROM jsonb_array_elements(losers) AS l) AS losers
    FROM golden_record.lineage ORDER BY attribute COLLATE "C";

-- One customer in five systems, joined by a shared id. Shop and Blog are in nobody's list.
SELECT count(*) AS accepted FROM (VALUES
    (pg_temp.record('Salesforce_CRM', 's', '{"email": "crm@example.com",  "phoneNumber": "+12025550101", "lastPurchaseDate": "2023-01-10T00:00:00Z", "firstName": "Ann"}',  '2023-01-10T00:00:00Z', '{"entityId": "E"}')),
    (pg_temp.record('Web_App',        'w', '{"email": "web@example.com",  "phoneNumber": "+12025550102", "lastPurchaseDate": "2023-05-01T00:00:00Z", "firstName": "Anne"}', '2023-05-01T00:00:00Z', '{"entityId": "E"}')),
    (pg_temp.record('Telephony_Logs', 't', '{"phoneNumber": "+12025550103"}', '2023-06-01T00:00:00Z', '{"entityId": "E"}')),
    (pg_temp.record('ERP_System',     'e', '{"lastPurchaseDate": "2023-03-01T00:00:00Z"}', '2023-07-01T00:00:00Z', '{"entityId": "E"}')),
    (pg_temp.record('Shop',           'x', '{"email": "shop@example.com", "firstName": "Anna", "city": "Berlin"}', '2023-08-01T00:00:00Z', '{"entityId": "E", "sourcePriority": 5}')),
    (pg_temp.record('Blog',           'y', '{"email": "blog@example.com", "firstName": "Annie", "city": "Paris"}',  '2023-09-01T00:00:00Z', '{"entityId": "E", "sourcePriority": 7}'))
) AS v (record), LATERAL golden_record.ingest(record) AS i WHERE outcome = 'created';

-- The guide's rules ship. email: the listed CRM before the newer web. phoneNumber: Telephony first though it came last.
-- lastPurchaseDate: the latest, whatever the system. No rule: the best sourcePriority (Shop, 5), not the newest.
SELECT * FROM survivors;
SELECT * FROM reasons;

-- A newer value of lower trust never replaces one of higher trust; a newer one of the same system does.
SELECT outcome FROM golden_record.ingest(pg_temp.record('Web_App', 'w', '{"email": "web2@example.com"}', '2023-10-01T00:00:00Z'));
SELECT * FROM survivors WHERE survivor LIKE 'email%';
SELECT outcome FROM golden_record.ingest(pg_temp.record('Salesforce_CRM', 's', '{"email": "crm2@example.com"}', '2023-02-01T00:00:00Z'));
SELECT * FROM survivors WHERE survivor LIKE 'email%';
-- Once the CRM retracts its email, the next in the list has it; unlisted systems come after all listed ones.
SELECT outcome FROM golden_record.ingest(pg_temp.record('Salesforce_CRM', 's', '{"email": null}', '2023-11-01T00:00:00Z'));
SELECT * FROM survivors WHERE survivor LIKE 'email%';
SELECT outcome FROM golden_record.ingest(pg_temp.record('Web_App', 'w', '{"email": null}', '2023-11-01T00:00:00Z'));
SELECT * FROM survivors WHERE survivor LIKE 'email%';

-- KEEP_EXISTING keeps the first phone that Telephony ever stated, over all versions; an earlier statement that arrives late wins.
SELECT outcome FROM golden_record.ingest(pg_temp.record('Telephony_Logs', 't', '{"phoneNumber": "+12025550199"}', '2023-12-01T00:00:00Z'));
SELECT * FROM survivors WHERE survivor LIKE 'phone%';
SELECT outcome FROM golden_record.ingest(pg_temp.record('Telephony_Logs', 't', '{"phoneNumber": "+12025550100"}', '2022-12-01T00:00:00Z'));
SELECT * FROM survivors WHERE survivor LIKE 'phone%';

-- Other rules, effective at once on what is stored.
SELECT golden_record.set_merge_rules('CUSTOMER', '{"mergeRules": {
    "email": {"action": "UPDATE_IF_NEWER", "sourcePriority": [{"systemName": "Blog", "order": 1}]},
    "phoneNumber": {"action": "UPDATE_IF_NEWER", "sourcePriority": [{"systemName": "Web_App", "order": 1}]},
    "lastPurchaseDate": {"action": "KEEP_EXISTING", "sourcePriority": [{"systemName": "Salesforce_CRM", "order": 1}]},
    "firstName": {"action": "MAX_VALUE"}}}');
SELECT * FROM survivors;
-- As much as a change of rules touches is on record: one audit entry, no new history.
SELECT action, count(*) FROM golden_record.audit_log WHERE action = 'set_merge_rules' GROUP BY action;
SELECT attributes FROM golden_record.change_event ORDER BY change_id DESC LIMIT 1;
-- Back again.
SELECT golden_record.set_merge_rules('CUSTOMER', '{}');
SELECT * FROM survivors;
SELECT * FROM golden_record.verify();

-- Ties: the later second; in the same second the better rank; then the later fraction; then the smaller name.
CREATE FUNCTION pg_temp.winner(VARIADIC records jsonb[]) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', m -> 'attributes' ->> 'firstName', m -> 'lineage' -> 'firstName' ->> 'reason')
    FROM golden_record.merge_golden(records, '{"firstName": {"action": "MOST_RECENT", "sourcePriority": [{"systemName": "A", "order": 1}, {"systemName": "B", "order": 2}]}}') AS m $$;
SELECT pg_temp.winner(pg_temp.record('A', '1', '{"firstName": "earlier"}', '2023-01-01T00:00:00Z'), pg_temp.record('B', '1', '{"firstName": "later"}', '2023-01-01T00:00:01Z'));
SELECT pg_temp.winner(pg_temp.record('A', '1', '{"firstName": "ranked"}', '2023-01-01T00:00:00.1Z'), pg_temp.record('B', '1', '{"firstName": "later fraction"}', '2023-01-01T00:00:00.9Z'));
SELECT pg_temp.winner(pg_temp.record('C', '1', '{"firstName": "earlier fraction"}', '2023-01-01T00:00:00.1Z'), pg_temp.record('D', '1', '{"firstName": "later fraction"}', '2023-01-01T00:00:00.9Z'));
SELECT pg_temp.winner(pg_temp.record('C', '2', '{"firstName": "second name"}', '2023-01-01T00:00:00Z'), pg_temp.record('C', '1', '{"firstName": "first name"}', '2023-01-01T00:00:00Z'));

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
-- A system that nobody knows may be new; where it is nearly one that is known, a warning says so.
SELECT golden_record.set_merge_rules('CUSTOMER', '{"email": {"action": "UPDATE_IF_NEWER", "sourcePriority": [{"systemName": "Salesforce_CRN", "order": 1}, {"systemName": "Warehouse", "order": 2}]}}');
-- What cannot be rules is refused, and what was in force stays.
SELECT r.* FROM (VALUES
    (1, 'CUSTOMER', '{"email": {"action": "UPDATE_IF_NEW"}}'), (2, 'CUSTOMER', '{"emial": {"action": "MAX_VALUE"}}'),
    (3, 'CUSTOMER', '{"email": {}}'), (4, 'CUSTOMER', '{"email": {"action": "MAX_VALUE", "sourcePriorities": []}}'), (5, 'CUSTOMER', '[]'),
    (6, 'CUSTOMER', '{"email": {"action": "MAX_VALUE", "sourcePriority": [{"systemName": "A", "order": 1}, {"systemName": "B", "order": 1}]}}'),
    (7, 'CUSTOMER', '{"email": {"action": "MAX_VALUE", "sourcePriority": [{"systemName": "A", "order": "one"}]}}'),
    (8, 'CUSTOMERS', '{}'), (9, 'CUSTOMER', '{"email": {"action": "AGGREGATE", "function": "sum"}}')) AS v (n, entity, rules),
    LATERAL pg_temp.refused(format('SELECT golden_record.set_merge_rules(%L, %L)', entity, rules)) AS r ORDER BY n;
-- A table of several systems is attached, whose names its rows have.
CREATE TABLE rules_union (src text, id text, email text, PRIMARY KEY (src, id));
SELECT golden_record.attach_source('rules_union', NULL, 'id', options => '{"system_column": "src"}');
SELECT golden_record.set_merge_rules('CUSTOMER', '{"email": {"action": "MAX_VALUE"}}');
SELECT golden_record.detach_source('rules_union');
DROP TABLE rules_union;
