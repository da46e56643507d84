-- Models of the policy probabilistic: train, use_model, the view model.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
CREATE FUNCTION pg_temp.refused(statement text) RETURNS TABLE (state text, message text, detail text, hint text)
LANGUAGE plpgsql AS $$ BEGIN
    EXECUTE statement;
    message := 'not refused';
    RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN NEXT;
END $$;
-- Five columns, five kinds, and nothing else.
SELECT golden_record.define_entity('MEMBER', '{"attributes": {"given": {"kind": "given_name"}, "surname": {"kind": "family_name"},
    "born": {"kind": "date"}, "town": {"kind": "city"}, "mail": {"kind": "email"}}}');
SELECT * FROM pg_temp.refused($$SELECT golden_record.train('MEMBER')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.train('MEMBERS')$$);
-- A club of 200 people, half of them known twice, the second time with a typing error here and there.
CREATE TEMP VIEW club AS
    SELECT n, who, jsonb_build_object('given', left(given, 1) || CASE WHEN n > 200 AND who % 5 = 0 THEN '' ELSE substr(given, 2) END,
        'surname', CASE WHEN n > 200 AND who % 3 = 0 THEN overlay(surname PLACING 'x' FROM 3 FOR 1) ELSE surname END,
        'born', date '1950-01-01' + who * 97, 'town', town, 'mail', CASE WHEN n % 2 = 0 THEN lower(given || '.' || surname) || who || '@example.com' END) AS attributes
    FROM (SELECT n, who, (ARRAY['Ann', 'Bea', 'Carl', 'Dora', 'Edgar', 'Fritz', 'Gerda', 'Hugo', 'Irma', 'Jakob', 'Klara'])[1 + who % 11] AS given,
                 (ARRAY['Abel', 'Brandt', 'Claasen', 'Dietz', 'Ebner', 'Falk', 'Graf', 'Hansen', 'Illner', 'Jung', 'Kern', 'Lang', 'Moser'])[1 + who % 13] AS surname,
                 (ARRAY['Bonn', 'Ulm', 'Kiel', 'Mainz', 'Trier'])[1 + who % 5] AS town
          FROM (SELECT n, CASE WHEN n <= 200 THEN n ELSE n - 200 END AS who FROM generate_series(1, 300) AS n) AS w) AS p;
SELECT count(*) FROM golden_record.ingest((SELECT jsonb_build_object('records', jsonb_agg(jsonb_build_object('entityType', 'MEMBER',
    'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', 'Club', 'id', n)), 'attributes', attributes, 'timestamp', '2024-01-01T00:00:00Z'))) FROM club));
CREATE FUNCTION pg_temp.quality() RETURNS TABLE (merged_pairs bigint, wrong bigint) LANGUAGE sql AS $$
    SELECT count(*), count(*) FILTER (WHERE a.who <> b.who)
    FROM golden_record.crosswalk AS x JOIN golden_record.crosswalk AS y ON y.golden_id = x.golden_id AND x.source_id::int < y.source_id::int
    JOIN club AS a ON a.n = x.source_id::int JOIN club AS b ON b.n = y.source_id::int WHERE x.kind = 'record' AND y.kind = 'record' $$;
SELECT merged_pairs BETWEEN 95 AND 100 AS most, wrong FROM pg_temp.quality();
SELECT * FROM golden_record.verify('MEMBER');

-- To train changes nothing: the model is there and not in force.
CREATE TEMP TABLE was AS SELECT golden_record.digest('MEMBER') AS digest;
SELECT golden_record.train('MEMBER') AS model;
SELECT entity_type, model, in_force, records, trained_by = current_user AS by_me, weights -> 'comparisons' IS NOT NULL AS weighs FROM golden_record.model;
SELECT golden_record.digest('MEMBER') = digest AS same FROM was;
-- The same records give the same model, to the bit, under another number.
SELECT golden_record.train('MEMBER') AS model;
SELECT count(DISTINCT weights::text) AS models FROM golden_record.model;
-- In force it decides, for what is stored and for what comes.
SELECT golden_record.use_model('MEMBER', 1);
SELECT model, in_force FROM golden_record.model ORDER BY model;
SELECT merged_pairs BETWEEN 95 AND 100 AS most, wrong FROM pg_temp.quality();
SELECT outcome FROM golden_record.ingest('{"entityType": "MEMBER", "externalSystemIds": [{"systemName": "Web", "id": "1"}], "timestamp": "2024-02-01T00:00:00Z",
    "attributes": {"given": "Bea", "surname": "Brandt", "born": "1950-04-08", "town": "Ulm"}}');
SELECT * FROM golden_record.verify('MEMBER');
SELECT golden_record.rebuild('MEMBER') AS written;
-- Back to what ships.
SELECT golden_record.use_model('MEMBER', NULL);
SELECT count(*) AS in_force FROM golden_record.model WHERE in_force;
SELECT * FROM golden_record.verify('MEMBER');
-- An attribute that came after the training weighs as shipped.
SELECT golden_record.use_model('MEMBER', 2);
SELECT golden_record.define_entity('MEMBER', '{"attributes": {"passport": {"kind": "identifier"}}}');
SELECT round(golden_record.score_pair('{"passport": "X1234567"}', '{"passport": "X1234567"}', 'MEMBER')) > 50 AS counts;
SELECT * FROM golden_record.verify('MEMBER');

-- Nobody changes a model: administrators may not write the table, and no function does.
SET ROLE golden_record_admin;
SELECT * FROM pg_temp.refused($$UPDATE golden_record.trained_model SET records = 1$$);
SELECT * FROM pg_temp.refused($$DELETE FROM golden_record.trained_model$$);
RESET ROLE;
-- What there is not, and what is another's.
SELECT * FROM pg_temp.refused($$SELECT golden_record.use_model('MEMBER', 4711)$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.use_model('CUSTOMER', 1)$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.use_model('MEMBERS', 1)$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.use_model(NULL, 1)$$);
SET ROLE golden_record_steward;
SELECT * FROM pg_temp.refused($$SELECT golden_record.train('MEMBER')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.use_model('MEMBER', 1)$$);
RESET ROLE;
-- One in force that was lost, as by half a restore, is named, and nothing is done by other weights in its place.
BEGIN;
DELETE FROM golden_record.trained_model WHERE model_id = 2;
SELECT value, ok, hint FROM golden_record.status WHERE name = 'models';
SELECT * FROM pg_temp.refused($$SELECT golden_record.map_attribute('MEMBER', 'mail_2', 'mail')$$);
-- Other types are as they were; and the type goes on by the shipped weights where somebody says so.
SELECT * FROM golden_record.verify();
SELECT golden_record.use_model('MEMBER', NULL);
SELECT value, ok FROM golden_record.status WHERE name = 'models';
SELECT * FROM golden_record.verify('MEMBER');
ROLLBACK;
SELECT value, ok FROM golden_record.status WHERE name = 'models';
SELECT action, entity_type, detail FROM golden_record.audit_log WHERE action IN ('train', 'use_model') ORDER BY audit_id;
