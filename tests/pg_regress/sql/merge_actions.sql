-- The further actions of merge rules, each on the same few records.
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
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"consent": {"kind": "boolean", "pii": "none"}, "spent": {"kind": "number", "pii": "none"},
    "invoice": {"kind": "identifier", "pii": "none"}, "tag": {"kind": "text", "pii": "none"}}}');
-- The records: three systems, A the most trusted; A speaks in January, B in February, C in March.
CREATE FUNCTION pg_temp.survives(attribute text, rule jsonb, a jsonb, b jsonb, c jsonb DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', m -> 'attributes' -> attribute, '(' || (m -> 'lineage' -> attribute ->> 'reason') || ')')
    FROM golden_record.merge_golden(array_remove(ARRAY[
        pg_temp.record('A', '1', jsonb_build_object(attribute, a), '2023-01-01T00:00:00Z', '{"sourcePriority": 1}'),
        pg_temp.record('B', '1', jsonb_build_object(attribute, b), '2023-02-01T00:00:00Z', '{"sourcePriority": 2}'),
        CASE WHEN c IS NOT NULL THEN pg_temp.record('C', '1', jsonb_build_object(attribute, c), '2023-03-01T00:00:00Z', '{"sourcePriority": 3}') END], NULL),
        jsonb_build_object(attribute, rule)) AS m $$;
SELECT action, pg_temp.survives('city', jsonb_build_object('action', action), '"Ulm"', '"Berlin"', '"Ulm"') AS city FROM (VALUES
    (1, 'UPDATE_IF_NEWER'), (2, 'KEEP_EXISTING'), (3, 'MAX_VALUE'), (4, 'MIN_VALUE'), (5, 'MOST_RECENT'), (6, 'EARLIEST'), (7, 'MOST_FREQUENT'), (8, 'LONGEST'), (9, 'SOURCE_PRIORITY'), (10, 'UNION')) AS v (n, action) ORDER BY n;
SELECT action, pg_temp.survives('lastPurchaseDate', jsonb_build_object('action', action), '"2023-01-05T00:00:00Z"', '"2023-01-09T00:00:00+02:00"', '"2023-01-01T12:00:00Z"') AS purchase
FROM (VALUES (1, 'MAX_VALUE'), (2, 'MIN_VALUE')) AS v (n, action) ORDER BY n;
-- A valid phone before one that no plan knows, though that one is of higher trust; where nothing is valid, the action `then`.
SELECT pg_temp.survives('phoneNumber', '{"action": "VALID_FIRST"}', '"+1-555-0198"', '"+1 202 555 0143"') AS one_valid,
       pg_temp.survives('phoneNumber', '{"action": "VALID_FIRST", "then": "MOST_RECENT"}', '"+1-555-0198"', '"+1-555-0197"') AS none_valid;
-- The rest on stored records.
SELECT count(*) FROM (VALUES
    (pg_temp.record('A', 'a', '{"consent": true,  "spent": 10.5, "invoice": "i-1", "tag": "vip",   "street": "1 High St", "city": "Leeds", "postcode": "LS1 1AA"}', '2023-01-01T00:00:00Z', '{"entityId": "E", "sourcePriority": 1}')),
    (pg_temp.record('B', 'b', '{"consent": false, "spent": "2",  "invoice": "i-2", "tag": "Press", "city": "Leeds"}', '2023-02-01T00:00:00Z', '{"entityId": "E", "sourcePriority": 2}')),
    (pg_temp.record('C', 'c', '{"consent": true,  "spent": 10.5, "invoice": "i-1", "tag": "VIP",   "city": "York", "region": "Yorkshire"}', '2023-03-01T00:00:00Z', '{"entityId": "E", "sourcePriority": 3}'))) AS v (r), LATERAL golden_record.ingest(r) WHERE outcome = 'created';
CREATE FUNCTION pg_temp.now_is(rules jsonb) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT golden_record.set_merge_rules('CUSTOMER', rules);
    SELECT trim(line) FROM regexp_split_to_table(golden_record.digest_text(), E'\n') AS line
    WHERE split_part(trim(line), ' ', 1) IN (SELECT jsonb_object_keys(coalesce(rules -> 'mergeRules', rules)) UNION SELECT jsonb_array_elements_text(rules #> '{groups,address,attributes}'));
$$;
-- Consent: a refusal holds, unless an authoritative system states a consent later.
SELECT pg_temp.now_is('{"consent": {"action": "CONSENT"}}');
SELECT pg_temp.now_is('{"consent": {"action": "CONSENT", "authoritative": ["C"]}}');
SELECT pg_temp.now_is('{"consent": {"action": "CONSENT", "authoritative": ["A"]}}');
-- Sums: 10.5 + 2 + 10.5; with each invoice counted once 12.5.
SELECT pg_temp.now_is('{"spent": {"action": "AGGREGATE", "function": "sum"}}');
SELECT pg_temp.now_is('{"spent": {"action": "AGGREGATE", "function": "sum", "countOnce": "invoice"}}');
SELECT pg_temp.now_is('{"spent": {"action": "AGGREGATE", "function": "count"}}');
SELECT pg_temp.now_is('{"spent": {"action": "AGGREGATE", "function": "average", "countOnce": "invoice"}}');
SELECT pg_temp.now_is('{"spent": {"action": "AGGREGATE", "function": "max"}}');
SELECT pg_temp.now_is('{"tag": {"action": "UNION"}}');
SELECT pg_temp.now_is('{"tag": {"action": "MOST_FREQUENT", "count": "systems"}}');
-- Filters and fallbacks: only listed systems, only trusted enough; then what the fallback says.
SELECT pg_temp.now_is('{"city": {"action": "MOST_RECENT", "listedOnly": true, "sourcePriority": [{"systemName": "B", "order": 1}]}}');
SELECT pg_temp.now_is('{"city": {"action": "MOST_RECENT", "minimumTrust": 2}}');
SELECT pg_temp.now_is('{"region": {"action": "MOST_RECENT", "minimumTrust": 2}}');
SELECT pg_temp.now_is('{"region": {"action": "MOST_RECENT", "minimumTrust": 2, "fallback": ["UPDATE_IF_NEWER"]}}');
-- A group survives from one record: the parts of an address are not mixed. `fill` takes
-- what is missing from records that agree: A's street and postcode, not C's region.
SELECT pg_temp.now_is('{"mergeRules": {}, "groups": {"address": {"attributes": ["street", "city", "region", "postcode"], "action": "MOST_RECENT"}}}');
SELECT pg_temp.now_is('{"mergeRules": {}, "groups": {"address": {"attributes": ["street", "city", "region", "postcode"], "action": "UPDATE_IF_NEWER"}}}');
SELECT pg_temp.now_is('{"mergeRules": {}, "groups": {"address": {"attributes": ["street", "city", "region", "postcode"], "action": "UPDATE_IF_NEWER", "sourcePriority": [{"systemName": "B", "order": 1}], "fill": true}}}');
SELECT * FROM golden_record.verify();
