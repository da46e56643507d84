-- Scopes follow lineage: also where a value is made of several records' values.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"spent": {"kind": "number", "pii": "mask"}, "alias": {"kind": "text", "pii": "mask"}}}');
SELECT golden_record.set_merge_rules('CUSTOMER', '{"mergeRules": {"email": {"action": "UNION"}, "alias": {"action": "UNION"}, "spent": {"action": "AGGREGATE", "function": "sum"}}}');
SELECT count(*) FROM golden_record.ingest('{"records": [
  {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "CRM", "id": "1"}], "timestamp": "2024-01-01T00:00:00Z",
   "attributes": {"email": "crm@x.example", "phoneNumber": "+1 206 555 0143", "alias": "Annie", "spent": 10, "country": "US"}},
  {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Web", "id": "2"}], "timestamp": "2024-02-01T00:00:00Z",
   "attributes": {"email": "web@x.example", "phoneNumber": "+1 206 555 0144", "alias": "Annie", "spent": 5, "country": "NO"}}]}'::text);
SELECT golden_record.link('{"systemName": "CRM", "id": "1"}', '{"systemName": "Web", "id": "2"}') > 0 AS linked;
SELECT golden_id AS ann FROM golden_record.crosswalk WHERE source_id = '1' \gset
CREATE ROLE regress_officer; GRANT golden_record_pii TO regress_officer;
-- What a reader of a scope sees of them, wherever it looks.
CREATE FUNCTION pg_temp.seen(id uuid) RETURNS TABLE (place text, value text) LANGUAGE sql AS $$
    SELECT 'customer', concat_ws(' | ', email, phone_number, attributes ->> 'alias', attributes ->> 'spent') FROM golden_record.customer
    UNION ALL SELECT 'lineage ' || attribute, l.value FROM golden_record.lineage AS l WHERE attribute IN ('email', 'alias', 'spent')
    UNION ALL SELECT 'why', string_agg(w.value, ' | ' ORDER BY w.place) FROM golden_record.why_value($1, 'email') AS w
    UNION ALL SELECT 'as of', attributes ->> 'email' FROM golden_record.profile_as_of($1, clock_timestamp())
    UNION ALL SELECT 'sealed', count(*)::text FROM golden_record.golden_pii
    ORDER BY 1
$$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pg_temp TO PUBLIC;
SET golden_record.purpose = 'scopes';
SELECT golden_record.grant_scope('regress_officer', ARRAY['CRM']);
SET ROLE regress_officer;
SELECT * FROM pg_temp.seen(:'ann');
SELECT golden_record.reveal(:'ann', 'email', 'call back');
SELECT golden_record.reveal(:'ann', 'spent', 'call back');
RESET ROLE;
SELECT golden_record.grant_scope('regress_officer', ARRAY['Web'], ARRAY['no', 'USA']);
SET ROLE regress_officer;
SELECT * FROM pg_temp.seen(:'ann');
RESET ROLE;
SELECT golden_record.grant_scope('regress_officer', ARRAY['CRM', 'Web', 'ERP'], ARRAY['NO']);
SET ROLE regress_officer;
SELECT * FROM pg_temp.seen(:'ann');
RESET ROLE;
SELECT golden_record.grant_scope('regress_officer', ARRAY['CRM', 'Web', 'ERP'], ARRAY['NO', 'US']);
SET ROLE regress_officer;
SELECT * FROM pg_temp.seen(:'ann');
SELECT golden_record.reveal(:'ann', 'email', 'call back');
RESET ROLE;
-- The past is kept by the same scopes, and taken out for the person with the systems' names.
SELECT clock_timestamp() AS then \gset
SELECT outcome FROM golden_record.ingest('{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Web", "id": "2"}], "timestamp": "2024-03-01T00:00:00Z", "attributes": {"email": null, "alias": null, "spent": null, "country": "US"}}'::text);
SELECT golden_record.grant_scope('regress_officer', ARRAY['CRM']);
SET ROLE regress_officer;
SELECT attributes ->> 'email' AS was FROM golden_record.profile_as_of(:'ann', :'then');
SELECT attributes ->> 'email' AS "is" FROM golden_record.customer;
RESET ROLE;
SELECT golden_record.grant_scope('regress_officer');
SET ROLE regress_officer;
SELECT attributes ->> 'email' AS was FROM golden_record.profile_as_of(:'ann', :'then');
SELECT h ->> 'systemName' AS systems, h -> 'attributes' ->> 'email' AS email FROM jsonb_array_elements(golden_record.export_subject(:'ann') -> 'history') AS h WHERE h -> 'attributes' ? 'email' ORDER BY 1, 2;
RESET ROLE;
SELECT count(*) AS differences FROM golden_record.verify();
SELECT golden_record.digest() AS before \gset
SELECT golden_record.rebuild('CUSTOMER') AS rebuilt;
SELECT golden_record.digest() = :'before' AS same;
-- Many at a time, each with values of one and values of several.
SELECT count(*) FROM golden_record.ingest((SELECT jsonb_build_object('records', jsonb_agg(jsonb_build_object('entityType', 'CUSTOMER',
    'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', s, 'id', i::text), jsonb_build_object('systemName', 'shop', 'id', i::text)),
    'timestamp', '2024-01-01T00:00:00Z',
    'attributes', jsonb_build_object('email', format('%s%s@y.example', s, i), 'alias', s, 'spent', i, CASE s WHEN 'A' THEN 'firstName' ELSE 'lastName' END, 'Q' || i))))::text
    FROM generate_series(1, 3000) AS i, unnest(ARRAY['A', 'B']) AS s));
SELECT count(DISTINCT golden_id), count(*) FROM golden_record.golden_pii WHERE golden_id <> :'ann';
SELECT count(*) AS differences FROM golden_record.verify();
-- Somebody moves a value into a scope that does not hold all it was made of.
UPDATE golden_record.golden_pii SET system_name = 'C' WHERE golden_id = (SELECT golden_id FROM golden_record.crosswalk WHERE source_id = '77' AND system_name = 'A') AND system_name ~ 'B' AND system_name ~ 'A';
SELECT kind, attribute, stored, expected FROM golden_record.verify() ORDER BY kind, attribute;
SELECT golden_record.rebuild('CUSTOMER') AS rebuilt;
SELECT count(*) AS differences FROM golden_record.verify();
DROP OWNED BY regress_officer;
DROP ROLE regress_officer;
-- A scope is a name's: whoever has it next has the scope.
SELECT * FROM golden_record.status WHERE name = 'scopes';
SELECT golden_record.revoke_scope('regress_officer');
SELECT * FROM golden_record.status WHERE name = 'scopes';
