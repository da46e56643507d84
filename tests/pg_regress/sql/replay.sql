-- Replaying everything, ten times over and in another order, changes nothing: not the digest, not one row of history,
-- audit or changes.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
CREATE TEMP TABLE payload (n int, body text);
INSERT INTO payload VALUES
(1, '{"records": [
  {"entityType": "CUSTOMER", "entityId": "CUST_849201", "externalSystemIds": [{"systemName": "Salesforce_CRM", "id": "s1"}],
   "attributes": {"email": "john.doe@example.com", "phoneNumber": "+1-555-0198", "firstName": "John", "lastName": "Doe"},
   "sourcePriority": 1, "timestamp": "2023-10-27T10:00:00Z"},
  {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "ERP_System", "id": "e1"}],
   "attributes": {"phoneNumber": "555-0198", "firstName": "Jon", "lastName": "Doe"}, "timestamp": "2023-10-27T10:00:00Z"}]}'),
(2, '{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Web_App", "id": "w1"}],
   "attributes": {"email": " John.Doe@Example.COM ", "loyaltyTier": "gold"}, "timestamp": "2023-10-28T10:00:00Z"}'),
-- An update, a late arrival, a deletion.
(3, '{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Web_App", "id": "w1"}],
   "attributes": {"email": "johnny@example.com"}, "timestamp": "2023-10-29T10:00:00Z"}'),
(4, '{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Web_App", "id": "w1"}],
   "attributes": {"email": "old@example.com"}, "timestamp": "2023-10-01T10:00:00Z"}'),
(5, '{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "ERP_System", "id": "e1"}],
   "deleted": true, "timestamp": "2023-11-01T10:00:00Z"}');

SELECT n, i.* FROM payload, LATERAL (SELECT system_name, source_id, outcome FROM golden_record.ingest(body)) AS i ORDER BY n;
CREATE TEMP VIEW counts AS SELECT
    (SELECT count(*) FROM golden_record.record_version) AS history, (SELECT count(*) FROM golden_record.audit_log) AS audit,
    (SELECT count(*) FROM golden_record.change_event) AS changes, (SELECT count(*) FROM golden_record.golden_record) AS golden,
    golden_record.digest();
CREATE TEMP TABLE before AS SELECT * FROM counts;

DO $$ BEGIN FOR i IN 1..10 LOOP
    PERFORM golden_record.ingest(body) FROM (SELECT body FROM payload ORDER BY n) AS x; END LOOP; END $$;
SELECT (counts) = (before) AS as_before FROM counts, before;
DO $$ BEGIN FOR i IN 1..10 LOOP
    PERFORM golden_record.ingest(body) FROM (SELECT body FROM payload ORDER BY n DESC) AS x; END LOOP; END $$;
SELECT (counts) = (before) AS as_before FROM counts, before;
INSERT INTO golden_record.feed (payload) SELECT body FROM payload;
SELECT (counts) = (before) AS as_before FROM counts, before;
SELECT outcome, count(*) FROM payload, LATERAL golden_record.ingest(body) GROUP BY outcome;

-- A database that gets them in the opposite order ends in the same state.
SET client_min_messages = warning;
CREATE TEMP TABLE first_digest AS SELECT digest FROM before;
DROP EXTENSION golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
DO $$ BEGIN PERFORM golden_record.ingest(body) FROM (SELECT body FROM payload ORDER BY n DESC) AS x; END $$;
SELECT golden_record.digest() = digest AS same_state FROM first_digest;
SELECT * FROM golden_record.verify();
