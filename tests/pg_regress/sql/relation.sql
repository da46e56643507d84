-- The view relation: golden records that share a phone or an address are related, not the same.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
CREATE FUNCTION pg_temp.send(id text, attributes jsonb, at text DEFAULT '2023-01-01T00:00:00Z') RETURNS text LANGUAGE sql AS $$
    SELECT outcome FROM golden_record.ingest(jsonb_build_object('entityType', 'CUSTOMER',
        'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', 'S', 'id', id)), 'attributes', attributes, 'timestamp', at)) $$;
-- Golden records go by the smallest id of their source records.
CREATE TEMP VIEW who AS SELECT golden_id, min(source_id COLLATE "C") AS name FROM golden_record.crosswalk WHERE kind = 'record' GROUP BY golden_id;
CREATE TEMP VIEW related AS
    SELECT least(a.name, b.name) AS one, greatest(a.name, b.name) AS other, via, holders
    FROM golden_record.relation AS r JOIN who AS a ON a.golden_id = golden_a JOIN who AS b ON b.golden_id = golden_b
    ORDER BY via, one, other;

-- A family: one address in three spellings, one telephone; each of two records of Ann counts once.
SELECT pg_temp.send('ann', '{"email": "ann@example.com", "firstName": "Ann", "lastName": "Roe", "phoneNumber": "+12025550143", "street": "12 Elm Street", "postcode": "53111", "city": "Bonn"}'),
       pg_temp.send('ann2', '{"email": "ann@example.com", "phoneNumber": "202 555 0143", "street": "12 ELM ST", "postcode": "53111"}'),
       pg_temp.send('bob', '{"email": "bob@example.com", "firstName": "Bob", "lastName": "Roe", "phoneNumber": "(202) 555-0143", "street": "12 Elm St.", "postcode": "53111"}'),
       pg_temp.send('cid', '{"email": "cid@example.com", "firstName": "Cid", "lastName": "Roe", "street": "12 Elm Street", "city": "Bonn", "postcode": "53111"}'),
       pg_temp.send('dan', '{"email": "dan@example.com", "firstName": "Dan", "street": "14 Elm Street", "postcode": "53111"}'),
       pg_temp.send('eve', '{"email": "eve@example.com", "firstName": "Eve", "street": "Elm Street", "postcode": "53111", "phoneNumber": "+12025550144"}');
SELECT * FROM related;
SELECT count(*) FILTER (WHERE golden_a < golden_b) = count(*) AS one_row_a_pair, bool_and(entity_type = 'CUSTOMER') AS typed FROM golden_record.relation;
-- They are not merged and nobody is asked.
SELECT reason, count(*) FROM golden_record.review_queue GROUP BY reason;

-- It follows every change: Bob moves out, with another number; Ann and Cid become one.
SELECT pg_temp.send('bob', '{"street": "3 Oak Lane", "phoneNumber": "+12025550199"}', '2023-02-01T00:00:00Z');
SELECT * FROM related;
SELECT golden_record.link('{"systemName": "S", "id": "ann"}', '{"systemName": "S", "id": "cid"}') AS decision;
SELECT * FROM related;
SELECT golden_record.revert_decision(1);
SELECT * FROM related;
-- Under the other policy the same.
SELECT golden_record.set_policy('CUSTOMER', 'probabilistic');
SELECT * FROM related;
SELECT * FROM golden_record.verify();
SELECT golden_record.set_policy('CUSTOMER', 'guide');

-- A value held by more golden records than its limit relates nobody: by too many names it is generic, and listed as such.
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"phoneNumber": {"kind": "phone", "limit": 3}, "street": {"kind": "street", "limit": 3}}}');
SELECT count(pg_temp.send('n' || n, jsonb_build_object('email', n || '@example.org', 'phoneNumber', '+12025550100', 'street', '1 Tower Road', 'postcode', '10001'))) FROM generate_series(1, 3) AS n;
SELECT * FROM related WHERE one LIKE 'n%';
SELECT pg_temp.send('n4', '{"email": "4@example.org", "phoneNumber": "+12025550100", "street": "1 Tower Rd", "postcode": "10001"}');
SELECT * FROM related WHERE one LIKE 'n%';
SELECT attribute, kind, holders, threshold FROM golden_record.generic_value;
SELECT pg_temp.send('n' || n, jsonb_build_object('firstName', chr(64 + n) || 'nna', 'lastName', 'Low'), '2023-02-01T00:00:00Z') FROM generate_series(1, 4) AS n;
SELECT attribute, kind, holders, threshold FROM golden_record.generic_value ORDER BY attribute;
-- Of the address it is no limit: that is compared as before.
SELECT what, figure, threshold, detail ->> 'attribute' AS attribute FROM golden_record.limits;
-- They come back when one leaves.
SELECT pg_temp.send('n4', '{"phoneNumber": null, "street": null}', '2023-03-01T00:00:00Z');
SELECT count(*) FROM golden_record.generic_value;
SELECT * FROM related WHERE one LIKE 'n%';
SELECT * FROM golden_record.verify();

-- By index, from a golden record; stewards may, readers may not, and nobody sees by which names.
CREATE FUNCTION pg_temp.plan(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$ DECLARE line text; BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || statement LOOP RETURN NEXT line; END LOOP; END $$;
SET enable_seqscan = off;
SELECT count(*) FILTER (WHERE line ~ 'Seq Scan') AS whole_tables, bool_or(line ~ 'block_key_related') AS by_index
FROM who, pg_temp.plan(format('SELECT * FROM golden_record.relation WHERE golden_a = %L', golden_id)) AS line WHERE name = 'ann';
RESET enable_seqscan;
SET ROLE golden_record_steward;
SELECT count(*) FROM golden_record.relation;
SELECT count(*) FROM golden_record.block_key WHERE name_key IS NOT NULL;
SET ROLE golden_record_reader;
SELECT count(*) FROM golden_record.relation;
RESET ROLE;
