-- define_entity: other entity types, and attributes that are added later and bring home what waits in raw_attributes.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
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
SELECT golden_record.define_entity('SUPPLIER', '{"attributes": {"name": {"kind": "organization", "pii": "none"},
    "email": {"kind": "email", "pii": "encrypt"}, "city": {"kind": "city", "pii": "none"}}}');
-- Under the policy guide its emails decide.
SELECT golden_record.set_policy('SUPPLIER', 'guide');
CREATE FUNCTION pg_temp.send(id text, attributes jsonb, type text DEFAULT 'SUPPLIER') RETURNS text LANGUAGE sql AS $$
    SELECT outcome FROM golden_record.ingest(jsonb_build_object('entityType', type, 'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', 'ERP', 'id', id)),
        'attributes', attributes, 'timestamp', '2023-01-01T00:00:00Z')) $$;
SELECT pg_temp.send('1', '{"name": "Acme, Inc.", "email": "sales-desk@acme.example", "city": "Ulm", "vatId": "DE123456789"}'),
       pg_temp.send('2', '{"name": "ACME", "email": "Sales-Desk@acme.example", "vatId": "DE987654321"}'), pg_temp.send('3', '{"name": "Bolt", "vatId": "DE123456789"}');
-- The same id in another entity type is another record; values do not meet across types.
SELECT pg_temp.send('1', '{"email": "sales-desk@acme.example"}', 'CUSTOMER');
\pset format unaligned
\pset tuples_only on
SELECT golden_record.digest_text('SUPPLIER');
SELECT golden_record.digest_text('CUSTOMER');
\pset format aligned
\pset tuples_only off
SELECT entity_type, attributes, status, records FROM golden_record.profile ORDER BY entity_type COLLATE "C", records, attributes ->> 'name';
SELECT golden_record.grant_scope('golden_record_pii');
SET ROLE golden_record_pii; SET golden_record.purpose = 'test';
SELECT source_id, key, value FROM golden_record.raw_attributes ORDER BY source_id;
RESET ROLE; RESET golden_record.purpose;
-- The attribute that was missing: what waits is promoted, the others stay as they are. Exclusive, it takes apart what differs.
SELECT golden_record.define_entity('SUPPLIER', '{"attributes": {"vatId": {"kind": "identifier", "pii": "mask", "exclusive": true}}}');
SET ROLE golden_record_pii; SET golden_record.purpose = 'test';
SELECT count(*) AS waiting FROM golden_record.raw_attributes;
RESET ROLE; RESET golden_record.purpose;
SELECT attributes, records FROM golden_record.profile WHERE entity_type = 'SUPPLIER' AND status = 'live' ORDER BY attributes ->> 'name', attributes ->> 'city';
SELECT score, reason FROM golden_record.review_queue WHERE entity_type = 'SUPPLIER';
SELECT * FROM golden_record.verify('SUPPLIER');
-- Each type has rules and policy of its own.
SELECT golden_record.set_merge_rules('SUPPLIER', '{"name": {"action": "LONGEST"}}');
SELECT DISTINCT entity_type, action FROM golden_record.lineage WHERE attribute IN ('name', 'email') ORDER BY 1, 2;
SELECT * FROM golden_record.verify('SUPPLIER');
-- The customers' definition can be added to as well.
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"loyaltyTier": {"kind": "text", "pii": "none"}}}');
SELECT pg_temp.send('9', '{"loyaltyTier": "Gold", "email": "gold@example.com"}', 'CUSTOMER');
SELECT email, attributes ->> 'loyaltyTier' AS tier FROM golden_record.customer WHERE attributes ? 'loyaltyTier';
SELECT r.* FROM (VALUES
    (1, 'S', '{}'), (2, 'S', '[]'), (3, 'S', '{"attributes": {"a": {"kind": "emial"}}}'), (4, 'S', '{"attributes": {"a": {}}}'), (5, 'S', '{"attributes": {"a": {"kind": "text", "pii": "hide"}}}'),
    (6, 'S', '{"attributes": {"a": {"kind": "text", "limit": 0}}}'), (7, 'S', '{"attributes": {"a": {"kind": "text", "colour": 1}}}'), (8, 'S', '{"attribute": {}}'), (9, '', '{"attributes": {"a": {"kind": "text"}}}'),
    (10, 'S', '{"attributes": {"": {"kind": "text"}}}')) AS v (n, type, definition),
    LATERAL pg_temp.refused(format('SELECT golden_record.define_entity(%L, %L)', type, definition)) AS r ORDER BY n;
SELECT r.* FROM (VALUES (1, $$'CUSTOMER', 'giude'$$), (2, $$'CUSTOMERS', 'guide'$$), (3, $$'CUSTOMER', 'guide', '{"auto": "high"}'$$), (4, $$'CUSTOMER', 'guide', '{"otto": 90}'$$)) AS v (n, args),
    LATERAL pg_temp.refused(format('SELECT golden_record.set_policy(%s)', args)) AS r ORDER BY n;
SELECT r.* FROM (VALUES (1, '{"region": "Atlantis"}'), (2, '{"time_zone": "Mars/Base"}'), (3, '{"priorty": 1}'), (4, '{"date_order": "year"}')) AS v (n, options),
    LATERAL pg_temp.refused(format('SELECT golden_record.register_source(%L, %L)', 'X', options)) AS r ORDER BY n;
-- What a source's options say of its values is read anew for what is stored.
SELECT pg_temp.send('uk', '{"phoneNumber": "020 7946 0018", "dateOfBirth": "03/04/1980"}', 'CUSTOMER');
CREATE TEMP VIEW uk AS SELECT trim(line) AS survivor FROM regexp_split_to_table(golden_record.digest_text(), E'\n') AS line WHERE line LIKE '  %"uk"%';
SELECT * FROM uk;
SELECT golden_record.register_source('ERP', '{"region": "GB", "date_order": "day_first"}');
SELECT * FROM uk;
SELECT * FROM golden_record.verify();

-- What a definition does not name stays as it is in force: class, guard, limit; null takes an option back.
CREATE FUNCTION pg_temp.option(name text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT definition #> ARRAY['attributes', name] FROM golden_record.entity_type WHERE entity_type = 'CUSTOMER' $$;
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"diagnosis": {"kind": "text", "pii": "encrypt"}, "ssn": {"kind": "identifier", "pii": "encrypt", "exclusive": true}}}');
SELECT pg_temp.send('10', '{"email": "ten@example.com", "ssn": "A-17", "diagnosis": "hay fever"}', 'CUSTOMER'), pg_temp.send('11', '{"email": "ten@example.com", "ssn": "B-23"}', 'CUSTOMER');
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"diagnosis": {"kind": "text", "compare": false}, "ssn": {"limit": 3}}}');
SELECT pg_temp.option('diagnosis'), pg_temp.option('ssn');
SELECT attributes ->> 'diagnosis' AS diagnosis, attributes ->> 'ssn' AS ssn FROM golden_record.profile WHERE attributes ? 'ssn' ORDER BY 2;
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"ssn": {"limit": null, "exclusive": null}}}');
SELECT pg_temp.option('ssn');
-- Of another kind it is shown no more than before; nor less than its new kind is.
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"ssn": {"kind": "text"}, "loyaltyTier": {"kind": "email"}}}');
SELECT pg_temp.option('ssn'), pg_temp.option('loyaltyTier');
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"loyaltyTier": {"kind": "text", "pii": "none"}}}');
SELECT pg_temp.option('loyaltyTier');
SELECT * FROM golden_record.verify();
-- A key that is mapped is no attribute, unless the mapping goes first.
SELECT golden_record.map_attribute('CUSTOMER', 'mail', 'email');
SELECT * FROM pg_temp.refused($$SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"mail": {"kind": "text"}}}')$$);
SELECT golden_record.map_attribute('CUSTOMER', 'mail', NULL);
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"mail": {"kind": "text"}}}');
-- The same of a source's options.
SELECT golden_record.register_source('ERP', '{"priority": 3, "date_order": null}');
SELECT options FROM golden_record.source WHERE system_name = 'ERP';
SELECT * FROM uk;
SELECT golden_record.register_source('ERP', 'null'), golden_record.register_source('Bare', 'null');
SELECT system_name, options FROM golden_record.source ORDER BY system_name;
SELECT * FROM golden_record.verify();
-- Under probabilistic 32 comparisons count: what needs more is refused, and changes nothing.
CREATE FUNCTION pg_temp.texts(n int, options jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('attributes', jsonb_object_agg('t' || i, '{"kind": "text"}' || options)) FROM generate_series(1, n) AS i $$;
SELECT * FROM pg_temp.refused($$SELECT golden_record.define_entity('WIDE', pg_temp.texts(33))$$);
SELECT golden_record.define_entity('WIDE', pg_temp.texts(32));
SELECT * FROM pg_temp.refused($$SELECT golden_record.define_entity('WIDE', '{"attributes": {"name": {"kind": "full_name"}}}')$$);
SELECT golden_record.define_entity('WIDE', '{"attributes": {"more": {"kind": "text", "compare": false}}}');
-- Under guide, which compares none of them, there may be more, until that policy is left.
SELECT golden_record.set_policy('WIDE', 'guide');
SELECT golden_record.define_entity('WIDE', pg_temp.texts(40));
SELECT * FROM pg_temp.refused($$SELECT golden_record.set_policy('WIDE', 'probabilistic')$$);
SELECT golden_record.define_entity('WIDE', pg_temp.texts(40, '{"compare": false}'));
SELECT golden_record.set_policy('WIDE', 'probabilistic');
