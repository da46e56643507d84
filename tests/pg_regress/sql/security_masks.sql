-- An attribute is masked later: what was is masked as what is, in every table and in the planner's statistics.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
CREATE FUNCTION pg_temp.send(id text, attributes jsonb, at text) RETURNS text LANGUAGE sql AS $$
    SELECT outcome FROM golden_record.ingest(jsonb_build_object('entityType', 'CUSTOMER', 'timestamp', at, 'attributes', attributes,
        'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', 'CRM', 'id', id)))) $$;
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"mobile": {"kind": "phone", "pii": "none"}, "hobby": {"kind": "text", "pii": "none"}}}');
SELECT pg_temp.send('1', '{"email": "ann@example.com", "city": "Oslotown", "mobile": "+1 206 555 0143", "hobby": "Curling", "tier": "gold"}', '2024-01-01T00:00:00Z');
SELECT golden_id AS ann FROM golden_record.crosswalk \gset
SELECT clock_timestamp() AS first \gset
SELECT pg_temp.send('1', '{"city": "Bergentown", "mobile": "+1 206 555 0144", "hobby": "Chess"}', '2024-02-01T00:00:00Z');
SELECT golden_record.override(:'ann', 'hobby', 'Curling') > 0 AS set;
SELECT golden_record.clear_override(:'ann', 'hobby');
ANALYZE golden_record.golden_record, golden_record.golden_history, golden_record.value_override;
-- Every table that anybody may read, as text, and what is known of its columns; with the number of places.
CREATE FUNCTION pg_temp.found(what text) RETURNS TABLE (place text) LANGUAGE plpgsql AS $$
DECLARE held regclass; hits bigint;
BEGIN
    FOR held IN SELECT c.oid FROM pg_class AS c WHERE c.relnamespace = 'golden_record'::regnamespace AND c.relkind = 'r' ORDER BY c.relname LOOP
        EXECUTE format('SELECT count(*) FROM %s AS t WHERE t::text ~* %L', held, what) INTO hits;
        IF hits > 0 THEN place := held::text; RETURN NEXT; END IF;
        IF EXISTS (SELECT FROM pg_statistic AS s WHERE s.starelid = held AND concat_ws(' ', s.stavalues1, s.stavalues2, s.stavalues3, s.stavalues4, s.stavalues5) ~* what) THEN
            place := held::text || ' (statistics)'; RETURN NEXT;
        END IF;
    END LOOP;
END $$;
SELECT place FROM pg_temp.found('oslotown|bergentown|2065550143|2065550144|curling|chess');
SELECT attributes ->> 'city' AS city, attributes ->> 'mobile' AS mobile, attributes ->> 'hobby' AS hobby FROM golden_record.profile_as_of(:'ann', :'first');
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"city": {"kind": "city", "pii": "mask"}, "mobile": {"kind": "phone", "pii": "encrypt"}, "hobby": {"kind": "text", "pii": "mask"}}}');
SELECT place FROM pg_temp.found('oslotown|bergentown|2065550143|2065550144|curling|chess');
SELECT attributes ->> 'city' AS city, attributes ->> 'mobile' AS mobile, attributes ->> 'hobby' AS hobby, attributes ->> 'email' AS email FROM golden_record.profile_as_of(:'ann', :'first');
SELECT attribute, value FROM golden_record.overrides;
SELECT count(*) AS differences FROM golden_record.verify();
-- Who is cleared sees what was.
GRANT golden_record_pii TO CURRENT_USER;
SELECT golden_record.grant_scope('golden_record_pii');
SET golden_record.purpose = 'past';
SELECT attributes ->> 'city' AS city, attributes ->> 'mobile' AS mobile, attributes ->> 'hobby' AS hobby FROM golden_record.profile_as_of(:'ann', :'first');
RESET golden_record.purpose;
DO $$ BEGIN EXECUTE format('REVOKE golden_record_pii FROM %I', current_user); END $$;
-- A rebuild takes out what an earlier version, or somebody, left; masks stay as they are.
UPDATE golden_record.golden_history SET attributes = attributes || '{"city": "Oslotown"}';
SELECT golden_record.rebuild();
SELECT place FROM pg_temp.found('oslotown');
SELECT DISTINCT attributes ->> 'mobile' AS mobile FROM golden_record.golden_history ORDER BY 1;

-- Who is erased is in no table and in no statistics of what is left: of others there is as much.
CREATE FUNCTION pg_temp.send_all(attributes text, at text) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(outcome) FROM generate_series(1, 30) AS n, golden_record.ingest(jsonb_build_object('entityType', 'CUSTOMER',
        'timestamp', format(at, 10 + n), 'attributes', format(attributes, n)::jsonb, 'externalSystemIds', jsonb_build_array(
            jsonb_build_object('systemName', 'CRM', 'id', 'e' || n), jsonb_build_object('systemName', 'Old', 'id', 'e' || n)))) $$;
SELECT pg_temp.send_all('{"city": "Erasedtown%s"}', '2024-03-01T00:00:%sZ');
SELECT count(golden_record.override(golden_id, 'company', 'Erased & Sons ' || source_id, note => 'erased ' || source_id)) FROM golden_record.crosswalk WHERE kind = 'record' AND source_id ~ '^e';
SELECT count(golden_record.link(jsonb_build_object('systemName', 'CRM', 'id', 'e' || n), jsonb_build_object('systemName', 'CRM', 'id', 'e' || n + 1), 'erased e' || n)) FROM generate_series(1, 29, 2) AS n;
SELECT pg_temp.send_all('{"city": "Erased%s"}', '2024-03-01T00:00:%sZ'), pg_temp.send_all('{"tier": %s}', 'soon');
ANALYZE;
SELECT place FROM pg_temp.found('erased ?(& Sons e|e|town)?(7|8)\M|\me(7|8)\M');
SELECT golden_record.erase_subject(golden_id, 'request') IS NOT NULL AS gone FROM golden_record.crosswalk WHERE kind = 'record' AND source_id = 'e7';
SELECT place FROM pg_temp.found('erased ?(& Sons e|e|town)?(7|8)\M|\me(7|8)\M');
-- ANALYZE leaves the statistics of a table without rows as they were.
SELECT count(golden_record.erase_subject(golden_id, 'request')) > 20 AS gone FROM golden_record.crosswalk WHERE kind = 'record' AND source_id ~ '^e';
SELECT (SELECT count(*) FROM golden_record.cross_reference) AS rows, count(*) AS samples FROM pg_stats WHERE schemaname = 'golden_record' AND tablename = 'cross_reference';
