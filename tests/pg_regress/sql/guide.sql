-- The guide, step by step: its own payload, its two spellings of one email, its two spellings of one phone number, its
-- review above 80 %, and a CRM id that changes.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
CREATE TEMP VIEW people AS
    SELECT string_agg(format('%s/%s', system_name, source_id), ' + ' ORDER BY kind DESC, system_name COLLATE "C", source_id COLLATE "C")
           AS records
    FROM golden_record.crosswalk GROUP BY golden_id ORDER BY 1;

-- 1. The guide's payload, verbatim.
SELECT ordinal, system_name, source_id, outcome, golden_id IS NOT NULL AS golden, detail FROM golden_record.ingest($$
{
"records": [
{
"entityType": "CUSTOMER",
"entityId": "CUST_849201",
"externalSystemIds": [
{
"systemName": "Salesforce_CRM",
"id": "0015000000ABCDEF"
}
],
"attributes": {
"email": "john.doe@example.com",
"phoneNumber": "+1-555-0198",
"firstName": "John",
"lastName": "Doe",
"preferredLanguage": "en-US",
"lastPurchaseDate": "2023-10-15T14:30:00Z"
},
"sourcePriority": 1,
"timestamp": "2023-10-27T10:00:00Z"
}
]
}
$$);
-- One customer, masked for everybody; the values themselves are in the digest's text, for administrators.
SELECT email, phone_number, first_name, last_name, preferred_language, last_purchase_date, records, systems
FROM golden_record.customer;
SELECT attribute, value, system_name, source_id, event_time AT TIME ZONE 'UTC' AS event_time_utc, source_priority, action, reason, losers
FROM golden_record.lineage ORDER BY attribute COLLATE "C";
SELECT * FROM people;

-- 2. The same email from the web, with capitals and spaces: 100, one customer.
SELECT golden_record.match_score('{"email": "john.doe@example.com"}', '{"email": " John.Doe@Example.COM "}');
SELECT outcome FROM golden_record.ingest('{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Web_App", "id": "web-1"}],
    "attributes": {"email": " John.Doe@Example.COM "}, "timestamp": "2023-10-28T10:00:00Z"}'::jsonb);
SELECT * FROM people;
SELECT count(*) AS customers FROM golden_record.customer;

-- 3. Two spellings of one phone number: 80 is not above 80, so these two stay apart and nobody is asked.
SELECT golden_record.normalize_phone('(555) 123-4567') = golden_record.normalize_phone('+15551234567') AS same_number,
       golden_record.match_score('{"phoneNumber": "(555) 123-4567"}', '{"phoneNumber": "+15551234567"}');
SELECT outcome FROM golden_record.ingest('{"records": [
    {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "ERP_System", "id": "7001"}],
     "attributes": {"phoneNumber": "(555) 123-4567"}, "timestamp": "2023-11-01T00:00:00Z"},
    {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Telephony_Logs", "id": "call-1"}],
     "attributes": {"phoneNumber": "+15551234567"}, "timestamp": "2023-11-01T00:00:00Z"}]}'::jsonb);
SELECT * FROM people;
SELECT count(*) AS in_review FROM golden_record.review_queue;

-- With names at 95 % or more beside the number they are in the review queue, with the evidence, and still apart.
SELECT round(golden_record.similarity('Maria Gonzalez', 'Maria Gonzales')::numeric, 4) AS similarity;
SELECT outcome FROM golden_record.ingest('{"records": [
    {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "ERP_System", "id": "7001"}],
     "attributes": {"firstName": "Maria", "lastName": "Gonzalez"}, "timestamp": "2023-11-02T00:00:00Z"},
    {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Telephony_Logs", "id": "call-1"}],
     "attributes": {"firstName": "Maria", "lastName": "Gonzales"}, "timestamp": "2023-11-02T00:00:00Z"}]}'::jsonb);
SELECT * FROM people;
SELECT score, reason,
       (SELECT string_agg(r ->> 'id', ' ~ ' ORDER BY r ->> 'id') FROM (VALUES (record_a), (record_b)) AS x (r)) AS records
FROM golden_record.review_queue;
SELECT jsonb_pretty(evidence) AS evidence FROM golden_record.review_queue;

-- A steward says that they are the same.
SELECT golden_record.decide(review_id, 'same', 'called back') IS NOT NULL AS decided FROM golden_record.review_queue;
SELECT * FROM people;
SELECT count(*) AS in_review FROM golden_record.review_queue;
SELECT outcome, count(*) FROM golden_record.review_history GROUP BY outcome;

-- 4. The CRM gives John a new id, and says so by naming the old one second. All three resolve to one golden id.
SELECT outcome FROM golden_record.ingest('{"entityType": "CUSTOMER", "externalSystemIds": [
        {"systemName": "Salesforce_CRM", "id": "0035000000NEWID"}, {"systemName": "Salesforce_CRM", "id": "0015000000ABCDEF"}],
    "attributes": {"firstName": "John"}, "sourcePriority": 1, "timestamp": "2023-12-01T00:00:00Z"}'::jsonb);
SELECT * FROM people;
SELECT count(DISTINCT golden_id) AS golden_ids, array_agg(DISTINCT matched_by::text) AS matched_by
FROM (SELECT * FROM golden_record.lookup(system_name => 'Salesforce_CRM', source_id => '0015000000ABCDEF')
      UNION ALL SELECT * FROM golden_record.lookup(system_name => 'Salesforce_CRM', source_id => '0035000000NEWID')
      UNION ALL SELECT * FROM golden_record.lookup(system_name => 'entity', source_id => 'CUST_849201')) AS found;
-- An id that no record of its own carries resolves too: the order system's, named by the web shop.
SELECT outcome FROM golden_record.ingest('{"entityType": "CUSTOMER", "externalSystemIds": [
        {"systemName": "Web_App", "id": "web-1"}, {"systemName": "Orders", "id": "o-55"}],
    "attributes": {}, "timestamp": "2023-12-02T00:00:00Z"}'::jsonb);
SELECT first_name, last_name, certainty FROM golden_record.lookup(system_name => 'Orders', source_id => 'o-55');

\pset tuples_only on
\pset format unaligned
SELECT golden_record.digest_text();
SELECT * FROM golden_record.verify();
