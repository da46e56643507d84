-- Options of an attribute: compare, block, limit, exclusive.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
CREATE FUNCTION pg_temp.send(type text, id text, attributes jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT outcome FROM golden_record.ingest(jsonb_build_object('entityType', type,
        'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', 'S', 'id', id)), 'attributes', attributes, 'timestamp', '2023-01-01T00:00:00Z')) $$;
CREATE FUNCTION pg_temp.people(type text) RETURNS TABLE (records text) LANGUAGE sql AS $$
    SELECT string_agg(source_id, ' ' ORDER BY source_id COLLATE "C")
    FROM golden_record.crosswalk WHERE kind = 'record' AND entity_type = type GROUP BY golden_id ORDER BY 1 $$;
CREATE FUNCTION pg_temp.refused(statement text) RETURNS TABLE (state text, message text, hint text)
LANGUAGE plpgsql AS $$ BEGIN
    EXECUTE statement;
    message := 'not refused';
    RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
    RETURN NEXT;
END $$;

-- Five columns, five kinds, and nothing else.
SELECT golden_record.define_entity('MEMBER', '{"attributes": {"given": {"kind": "given_name"}, "surname": {"kind": "family_name"},
    "born": {"kind": "date"}, "town": {"kind": "city"}, "mail": {"kind": "email"}}}');
SELECT pg_temp.send('MEMBER', 'a', '{"given": "Bob", "surname": "Ray", "born": "1971-04-09", "town": "Seattle", "mail": "office@ray.example.com"}'),
       pg_temp.send('MEMBER', 'b', '{"given": "Robert", "surname": "Rae", "born": "1971-09-04", "town": "Seattle"}'),
       pg_temp.send('MEMBER', 'c', '{"given": "Zoe", "surname": "Lund", "born": "1990-12-24", "town": "Austin", "mail": "zoe.lund@example.com"}'),
       pg_temp.send('MEMBER', 'd', '{"given": "Z", "surname": "Lund", "mail": "zoe.lund@example.com"}');
SELECT pg_temp.people('MEMBER');
SELECT * FROM golden_record.verify('MEMBER');

-- compare false: it is kept and survives, and counts for nothing when records are compared.
SELECT golden_record.define_entity('MEMBER', '{"attributes": {"mail": {"kind": "email", "compare": false}}}');
SELECT pg_temp.people('MEMBER');
SELECT DISTINCT attribute FROM golden_record.why_not('{"systemName": "S", "id": "c"}', '{"systemName": "S", "id": "d"}', 'MEMBER'), jsonb_to_recordset(evidence) AS e (attribute text) ORDER BY 1;
SELECT attributes ->> 'mail' AS mail FROM golden_record.profile WHERE attributes ->> 'mail' LIKE 'z***%' ORDER BY 1;
SELECT * FROM golden_record.verify('MEMBER');
-- block false: it is compared, and records do not find each other by it. c and d have the name to meet by.
SELECT golden_record.define_entity('MEMBER', '{"attributes": {"mail": {"compare": null, "block": false}}}');
SELECT pg_temp.people('MEMBER');
SELECT pg_temp.send('MEMBER', 'e', '{"mail": "anna.lang@example.com", "given": "Anna"}'), pg_temp.send('MEMBER', 'f', '{"mail": "anna.lang@example.com", "town": "Kiel"}');
SELECT reason, score > 0 AS compared FROM golden_record.why_not('{"systemName": "S", "id": "e"}', '{"systemName": "S", "id": "f"}', 'MEMBER');
SELECT * FROM golden_record.verify('MEMBER');

-- Under guide, which compares nothing but what records find each other by, both say that it does not count.
SELECT pg_temp.send('CUSTOMER', 'x', '{"email": "x@example.com", "firstName": "Ann"}'), pg_temp.send('CUSTOMER', 'y', '{"email": "x@example.com", "firstName": "Ann"}');
SELECT pg_temp.people('CUSTOMER');
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"email": {"kind": "email", "compare": false}}}');
SELECT pg_temp.people('CUSTOMER');
SELECT reason, score FROM golden_record.why_not('{"systemName": "S", "id": "x"}', '{"systemName": "S", "id": "y"}');
-- Customers are looked up by it all the same.
SELECT count(*) FROM golden_record.lookup(email => 'x@example.com');
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"email": {"kind": "email", "compare": true, "block": false}}}');
SELECT pg_temp.people('CUSTOMER');
-- A guard looks at what is not compared too.
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"email": {"block": null}, "tier": {"kind": "text", "compare": false, "exclusive": true}}}');
SELECT pg_temp.send('CUSTOMER', 'z', '{"email": "x@example.com", "tier": "gold"}'), pg_temp.send('CUSTOMER', 'w', '{"email": "x@example.com", "tier": "iron"}');
SELECT reason FROM golden_record.why_not('{"systemName": "S", "id": "z"}', '{"systemName": "S", "id": "w"}');
SELECT * FROM golden_record.verify();

-- levels: what the definition tells weighs, before training and after it; what it no longer tells is as it ships or is learnt anew.
CREATE FUNCTION pg_temp.town() RETURNS TABLE (level text, bits numeric) LANGUAGE sql AS $$
    SELECT e.level, round(e.weight::numeric, 2)
    FROM golden_record.why_not('{"systemName": "S", "id": "a"}', '{"systemName": "S", "id": "b"}', 'MEMBER'), jsonb_to_recordset(evidence) AS e (attribute text, level text, weight float8)
    WHERE attribute = 'trade' $$;
SELECT golden_record.define_entity('MEMBER', '{"attributes": {"trade": {"kind": "text"}}}');
SELECT pg_temp.send('MEMBER', 'a', '{"given": "Bob", "surname": "Ray", "town": "Seattle", "trade": "saddlery"}'),
       pg_temp.send('MEMBER', 'b', '{"given": "Ann", "surname": "Ray", "town": "Seattle", "trade": "saddelries"}');
SELECT * FROM pg_temp.town();
SELECT golden_record.define_entity('MEMBER', '{"attributes": {"trade": {"kind": "text", "similar": 0.8}}}');
SELECT * FROM pg_temp.town();
SELECT golden_record.define_entity('MEMBER', '{"attributes": {"trade": {"kind": "text", "similar": 0.8, "levels": {"similar": {"person": 0.5, "unrelated": 0.03125}}}}}');
SELECT * FROM pg_temp.town();
SELECT golden_record.train('MEMBER') AS model \gset
SELECT golden_record.use_model('MEMBER', :model);
SELECT * FROM pg_temp.town();
SELECT * FROM golden_record.verify('MEMBER');
SELECT * FROM pg_temp.refused($$SELECT golden_record.define_entity('MEMBER', '{"attributes": {"trade": {"kind": "text", "levels": {"simular": {"person": 0.5, "unrelated": 0.1}}}}}')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.define_entity('MEMBER', '{"attributes": {"trade": {"kind": "text", "levels": {"similar": {"person": 0.5}}}}}')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.define_entity('MEMBER', '{"attributes": {"town": {"kind": "city", "levels": {"exact": {"person": 0.5, "unrelated": 0.1}}}}}')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.define_entity('MEMBER', '{"attributes": {"born": {"kind": "date", "similar": 0.8}}}')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.define_entity('MEMBER', '{"attributes": {"mail": {"kind": "email", "levels": {"exact": {"person": 0.9, "unrelated": 0.1}}},
    "mail2": {"kind": "email", "levels": {"exact": {"person": 0.8, "unrelated": 0.1}}}}}')$$);

-- What is written wrong is refused by name, and nothing changes.
SELECT * FROM pg_temp.refused($$SELECT golden_record.define_entity('MEMBER', '{"attributes": {"mail": {"kind": "email", "compares": false}}}')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.define_entity('MEMBER', '{"attributes": {"mail": {"kind": "email", "block": "no"}}}')$$);
SELECT * FROM golden_record.verify('MEMBER');
