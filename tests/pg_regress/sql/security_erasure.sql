-- The person's rights: everything held on one, and out of everything; kept out afterwards; the housemate untouched.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
SET TIME ZONE 'UTC';
CREATE FUNCTION pg_temp.record(system text, id text, attributes jsonb, at text, extra jsonb DEFAULT '{}') RETURNS jsonb
LANGUAGE sql AS $$
    SELECT jsonb_build_object('entityType', 'CUSTOMER',
        'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', system, 'id', id)),
        'attributes', attributes, 'timestamp', at) || extra
$$;
CREATE FUNCTION pg_temp.send(VARIADIC records jsonb[]) RETURNS TABLE (source_id text, outcome text) LANGUAGE sql AS $$
    SELECT i.source_id, i.outcome FROM golden_record.ingest(jsonb_build_object('records', to_jsonb(records))) AS i ORDER BY i.ordinal $$;
-- Ann, with three records, one deleted since, and another mailbox before; Bob at the same phone.
SELECT * FROM pg_temp.send(
    pg_temp.record('CRM', '1', '{"email": "ann.ash@example.com", "phoneNumber": "(206) 555-0143", "firstName": "Ann"}', '2023-03-01T00:00:00Z'),
    pg_temp.record('CRM', '1', '{"email": "ann@example.com", "phoneNumber": "(206) 555-0143", "firstName": "Ann", "lastName": "Ash", "tier": "gold"}', '2024-01-01T00:00:00Z'),
    pg_temp.record('Web', '2', '{"email": "ann@example.com", "firstName": "Ann", "city": "Oslo"}', '2024-01-02T00:00:00Z'),
    pg_temp.record('Web', '2b', '{"email": "ann@example.com", "firstName": "Ann"}', '2024-01-02T00:00:00Z'),
    pg_temp.record('CRM', '3', '{"email": "bob@example.com", "phoneNumber": "206 555 0143", "firstName": "Bob", "lastName": "Ash"}', '2024-01-01T00:00:00Z'));
SELECT * FROM pg_temp.send(pg_temp.record('Web', '2b', '{}', '2024-01-03T00:00:00Z', '{"deleted": true}'),
    pg_temp.record('CRM', '1', '{"city": "Oslo"}', '2024-03-01T00:00:00Z'));
-- Refused records of hers, one that cannot be read at all, and one of his.
SELECT count(*) FROM golden_record.ingest('{"records": [{"entityType": "CUSTOMER", "attributes": {"email": "Ann@Example.com"}},
    {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "CRM", "id": "1"}], "attributes": {}, "timestamp": "yesterday"},
    {"entityType": "CUSTOMER", "attributes": {"email": "bob@example.com", "phoneNumber": "(206) 555-0143"}}]}'::text);
SELECT count(*) FROM golden_record.ingest('{"email": "ann@example.com", '::text);
SELECT golden_id AS ann FROM golden_record.crosswalk WHERE source_id = '1' \gset
SELECT golden_id AS bob FROM golden_record.crosswalk WHERE source_id = '3' \gset
SELECT count(*) FROM golden_record.rejected;
SELECT score, reason FROM golden_record.review_queue;

-- Export: for who is cleared, says what for, and may see all of it.
SELECT golden_record.export_subject(:'ann');
SELECT golden_record.grant_scope('golden_record_pii', ARRAY['CRM']);
SET ROLE golden_record_pii; SET golden_record.purpose = 'request 12';
SELECT golden_record.export_subject(:'ann');
RESET ROLE;
SELECT golden_record.grant_scope('golden_record_pii');
SET ROLE golden_record_pii;
SELECT golden_record.export_subject(:'ann') AS export \gset
RESET ROLE; RESET golden_record.purpose;
SELECT key, jsonb_typeof(value) FROM jsonb_each(:'export') ORDER BY key COLLATE "C";
SELECT key, value ->> 'value' AS value FROM jsonb_each(:'export'::jsonb -> 'profile') ORDER BY key COLLATE "C";
SELECT r ->> 'id' AS id, r -> 'live' AS live, r -> 'attributes' AS attributes, r -> 'rawAttributes' AS raw, jsonb_array_length(r -> 'versions') AS versions FROM jsonb_array_elements(:'export'::jsonb -> 'records') AS r;
SELECT h -> 'attributes' AS was FROM jsonb_array_elements(:'export'::jsonb -> 'history') AS h WHERE h -> 'attributes' ? 'email' ORDER BY h ->> 'from';
SELECT r ->> 'payload' AS payload FROM jsonb_array_elements(:'export'::jsonb -> 'rejected') AS r;

-- Erasure: the receipt says how much of what.
SELECT golden_record.erase_subject(:'ann', ' ');
SELECT golden_record.erase_subject(:'ann', 'request 12') AS receipt \gset
SELECT :'receipt'::jsonb - 'at' - 'goldenId' - 'removed' AS receipt;
SELECT jsonb_object_agg(key, value) AS removed FROM jsonb_each(:'receipt'::jsonb -> 'removed') WHERE value <> '0';
SELECT (SELECT count(*) FROM golden_record.customer WHERE golden_id = :'ann') AS customers, (SELECT count(*) FROM golden_record.source_record) AS records,
    (SELECT count(*) FROM golden_record.record_version) AS versions, (SELECT count(*) FROM golden_record.golden_pii WHERE golden_id = :'ann') AS values,
    (SELECT count(*) FROM golden_record.golden_history_pii) AS history, (SELECT count(*) FROM golden_record.block_key WHERE record_id NOT IN (SELECT record_id FROM golden_record.source_record)) AS keys;
SELECT * FROM golden_record.lookup(email => 'ann@example.com');
SELECT golden_record.resolve(:'ann') IS NULL AS gone;
SELECT kind, hits FROM golden_record.suppression ORDER BY kind, hits;
-- Bob is as he was, his refused record too; the chain of the audit log holds, and the state is what the records say.
SELECT records, golden_id = :'bob' AS same FROM golden_record.customer;
SELECT system_name, source_id, field FROM golden_record.rejected;
SELECT * FROM golden_record.verify();
SELECT * FROM golden_record.audit_verify();
SELECT change, golden_id = :'ann' AS ann FROM golden_record.changes_since(NULL) ORDER BY cursor DESC LIMIT 2;
SELECT action, note, detail FROM golden_record.audit_log WHERE golden_id = :'ann' ORDER BY audit_id;

-- What comes again is kept out, by id, by email with phone, by email; the phone alone keeps nobody out.
SELECT * FROM pg_temp.send(
    pg_temp.record('CRM', '1', '{"firstName": "Ann"}', '2024-05-01T00:00:00Z'),
    pg_temp.record('Shop', 'x', '{"email": "ANN@example.com", "firstName": "Ann"}', '2024-05-01T00:00:00Z'),
    pg_temp.record('Shop', 'y', '{"email": "ann.ash@example.com", "phoneNumber": "206-555-0143"}', '2024-05-01T00:00:00Z'),
    pg_temp.record('Shop', 'z', '{"phoneNumber": "206-555-0143", "firstName": "Bob", "lastName": "Ash"}', '2024-05-01T00:00:00Z'),
    pg_temp.record('Shop', 'w', '{"email": "new@example.com"}', '2024-05-01T00:00:00Z', '{"entityId": "1"}'));
SELECT kind, sum(hits) FROM golden_record.suppression GROUP BY kind ORDER BY kind;
SELECT count(*) FROM golden_record.record_version;
-- An email that another holds is not kept out alone.
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '5', '{"email": "days@acme.example", "firstName": "Dan", "lastName": "Day"}', '2024-01-01T00:00:00Z'),
    pg_temp.record('CRM', '6', '{"email": "days@acme.example", "firstName": "Eve", "lastName": "Eck"}', '2024-01-01T00:00:00Z'));
SELECT erased.r ->> 'suppressed' AS suppressed FROM (SELECT golden_record.erase_subject((SELECT golden_id FROM golden_record.crosswalk WHERE source_id = '5'), 'request 13') AS r) AS erased;
SELECT * FROM pg_temp.send(pg_temp.record('Web', '7', '{"email": "days@acme.example"}', '2024-05-01T00:00:00Z'));
-- Let in again.
SELECT golden_record.unsuppress((:'receipt'::jsonb ->> 'erasureId')::bigint, 'she is a customer again');
SELECT golden_record.unsuppress((:'receipt'::jsonb ->> 'erasureId')::bigint, 'twice');
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '1', '{"firstName": "Ann"}', '2024-05-01T00:00:00Z'));
SELECT entity_type, reason, lift_reason FROM golden_record.erasure ORDER BY erasure_id;
SELECT golden_record.erase_subject('00000000-0000-0000-0000-000000000000', 'nobody');
SELECT * FROM golden_record.verify();
SELECT * FROM golden_record.audit_verify();

-- Deleted first, erased later: what was deleted is exported and erased as what lives.
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '20', '{"email": "dora@example.com", "phoneNumber": "206 555 0199", "firstName": "Dora"}', '2024-01-01T00:00:00Z'),
    pg_temp.record('Web', '21', '{"email": "dora@example.com", "city": "Oslo"}', '2024-01-01T00:00:00Z'));
SELECT count(*) FROM golden_record.ingest('{"records": [{"entityType": "CUSTOMER", "attributes": {"email": "Dora@Example.com"}}]}'::text);
SELECT golden_id AS dora FROM golden_record.crosswalk WHERE source_id = '20' \gset
SELECT * FROM pg_temp.send(pg_temp.record('Web', '21', '{}', '2024-02-01T00:00:00Z', '{"deleted": true}'));
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '20', '{}', '2024-02-01T00:00:00Z', '{"deleted": true}'));
SELECT status FROM golden_record.profile WHERE golden_id = :'dora';
SET ROLE golden_record_pii; SET golden_record.purpose = 'request 14';
SELECT golden_record.export_subject(:'dora') AS export \gset
RESET ROLE; RESET golden_record.purpose;
SELECT :'export'::jsonb -> 'profile' AS profile, jsonb_array_length(:'export'::jsonb -> 'rejected') AS rejected;
SELECT r ->> 'id' AS id, r -> 'live' AS live, jsonb_array_length(r -> 'versions') AS versions FROM jsonb_array_elements(:'export'::jsonb -> 'records') AS r ORDER BY 1;
SELECT h -> 'attributes' ->> 'email' AS was FROM jsonb_array_elements(:'export'::jsonb -> 'history') AS h WHERE h -> 'attributes' ? 'email';
SELECT golden_record.erase_subject(:'dora', 'request 14') AS receipt \gset
SELECT :'receipt'::jsonb -> 'suppressed' AS suppressed, jsonb_object_agg(key, value) AS removed FROM jsonb_each(:'receipt'::jsonb -> 'removed') WHERE value <> '0';
SELECT count(*) AS left FROM golden_record.source_record WHERE source_id IN ('20', '21');
SELECT status, attributes, lineage FROM golden_record.profile_as_of(:'dora', clock_timestamp());
SELECT (SELECT count(*) FROM golden_record.golden_history WHERE golden_id = :'dora') AS history, (SELECT count(*) FROM golden_record.golden_history_pii WHERE golden_id = :'dora') AS values,
    (SELECT count(*) FROM golden_record.membership_history WHERE golden_id = :'dora') AS members, (SELECT count(*) FROM golden_record.rejected WHERE sqlstate <> '22P02') AS rejected;
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '20', '{"firstName": "Dora"}', '2024-05-01T00:00:00Z'), pg_temp.record('Shop', '22', '{"email": "dora@example.com"}', '2024-05-01T00:00:00Z'));
-- Once more: nothing is left of her.
SELECT golden_record.erase_subject(:'dora', 'again') - 'at' - 'goldenId' - 'removed' AS receipt;
-- One that came and went in one transaction, and one whose history was forgotten.
BEGIN;
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '23', '{"email": "finn@example.com"}', '2024-01-01T00:00:00Z'));
SELECT golden_id AS finn FROM golden_record.crosswalk WHERE source_id = '23' \gset
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '23', '{}', '2024-02-01T00:00:00Z', '{"deleted": true}'));
COMMIT;
SELECT golden_record.erase_subject(:'finn', 'request 15') -> 'removed' ->> 'record_version' AS versions;
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '24', '{"email": "gus@example.com"}', '2024-01-01T00:00:00Z'));
SELECT golden_id AS gus FROM golden_record.crosswalk WHERE source_id = '24' \gset
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '24', '{}', '2024-02-01T00:00:00Z', '{"deleted": true}'));
SELECT golden_record.forget_history(clock_timestamp()) > 0 AS forgot;
SELECT golden_record.erase_subject(:'gus', 'request 16') -> 'removed' ->> 'record_version' AS versions;
-- What a steward decided about others beside an erased one holds: of three at one mailbox two stay apart.
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '50', '{"email": "fam@example.com"}', '2024-01-01T00:00:00Z'),
    pg_temp.record('CRM', '51', '{"email": "fam@example.com"}', '2024-01-01T00:00:00Z'), pg_temp.record('Web', '52', '{"email": "fam@example.com"}', '2024-01-01T00:00:00Z'));
SELECT golden_record.unlink('{"systemName": "Web", "id": "52"}', '{"systemName": "CRM", "id": "50"}', 'Iris is another person') > 0 AS unlinked;
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '50', '{"email": "iris@example.com"}', '2024-02-01T00:00:00Z'));
SELECT golden_record.erase_subject(golden_id, 'request 19') -> 'removed' ->> 'decision' AS decisions FROM golden_record.crosswalk WHERE source_id = '50';
SELECT decision, record_a ->> 'id' AS a, record_b ->> 'id' AS b, note FROM golden_record.decisions WHERE record_b ->> 'id' = '51' OR record_a ->> 'id' = '51';
SELECT * FROM golden_record.verify();
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '51', '{"city": "Oslo"}', '2024-03-01T00:00:00Z'));
SELECT count(DISTINCT golden_id) AS people FROM golden_record.crosswalk WHERE source_id IN ('51', '52');
-- One of whose sides nobody is left goes; of a link that has members of both sides left the smallest are linked.
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '60', '{"email": "jo@example.com"}', '2024-01-01T00:00:00Z'), pg_temp.record('CRM', '61', '{"email": "jo@example.com"}', '2024-01-01T00:00:00Z'),
    pg_temp.record('Web', '62', '{"firstName": "Jo", "lastName": "Kern"}', '2024-01-01T00:00:00Z'));
SELECT golden_record.link('{"systemName": "CRM", "id": "60"}', '{"systemName": "Web", "id": "62"}', 'asked Jo') > 0 AS linked;
SELECT golden_record.unmerge(golden_id, ARRAY['{"systemName": "CRM", "id": "60"}'::jsonb]) IS NOT NULL AS parted FROM golden_record.crosswalk WHERE source_id = '60';
SELECT golden_record.erase_subject(golden_id, 'request 20') -> 'removed' ->> 'decision' AS decisions FROM golden_record.crosswalk WHERE source_id = '60';
SELECT decision, record_a ->> 'id' AS a, record_b ->> 'id' AS b, note FROM golden_record.decisions WHERE record_a ->> 'id' = '61' ORDER BY 1;
SELECT count(DISTINCT golden_id) AS people, count(*) AS records FROM golden_record.crosswalk WHERE source_id IN ('61', '62');
SELECT * FROM golden_record.verify();
-- A merged id redirects, and the hint says where.
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '25', '{"email": "hal@example.com"}', '2024-01-01T00:00:00Z'), pg_temp.record('CRM', '26', '{"email": "hal2@example.com"}', '2024-01-01T00:00:00Z'));
SELECT golden_id AS hal FROM golden_record.crosswalk WHERE source_id = '26' \gset
SELECT golden_record.link('{"systemName": "CRM", "id": "25"}', '{"systemName": "CRM", "id": "26"}') > 0 AS linked;
SELECT golden_id AS into FROM golden_record.crosswalk WHERE source_id = '25' \gset
CREATE FUNCTION pg_temp.refused(id uuid, into_id uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE hint text;
BEGIN
    PERFORM golden_record.erase_subject(id, 'request 17');
EXCEPTION WHEN undefined_object THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN replace(hint, into_id::text, 'INTO');
END $$;
SELECT pg_temp.refused(:'hal', :'into');
SELECT * FROM golden_record.verify();
SELECT * FROM golden_record.audit_verify();
-- Under probabilistic she is taken out of the packed blocks too, and other records are not.
SELECT golden_record.set_policy('CUSTOMER', 'probabilistic');
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '40', '{"email": "fay@example.com", "firstName": "Fay", "lastName": "Frost"}', '2024-05-01T00:00:00Z'),
    pg_temp.record('CRM', '41', '{"email": "fred@example.com", "firstName": "Fred", "lastName": "Frost"}', '2024-05-01T00:00:00Z'));
SELECT golden_record.rebuild() >= 0 AS packed;
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '40', '{"email": "fay2@example.com"}', '2024-05-02T00:00:00Z'));
SELECT record_id AS fay FROM golden_record.source_record WHERE source_id = '40' \gset
SELECT golden_record.erase_subject((SELECT golden_id FROM golden_record.crosswalk WHERE source_id = '40' AND kind = 'record'), 'request 18') IS NOT NULL AS erased;
SELECT count(*) FROM golden_record.block_change WHERE record_id = :fay;
SELECT * FROM golden_record.verify();
SELECT golden_record.rebuild() AS changed;
SELECT golden_record.set_policy('CUSTOMER', 'guide');
-- An id that names nobody keeps nobody out.
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '70', '{"email": "gil@example.com"}', '2024-05-02T00:00:00Z', '{"entityId": "N/A"}'));
SELECT golden_record.erase_subject((SELECT golden_id FROM golden_record.crosswalk WHERE source_id = '70' AND kind = 'record'), 'request 19') IS NOT NULL AS erased;
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '71', '{"email": "hal@example.com"}', '2024-05-02T00:00:00Z', '{"entityId": "N/A"}'));
-- A steward's value, so that each sealed table has a row.
SELECT golden_record.override(golden_id, 'firstName', 'Hale') IS NOT NULL AS set FROM golden_record.crosswalk WHERE source_id = '71' AND kind = 'record';
-- A new data key: what older ones sealed is read still, and sealed again by rebuild.
SELECT golden_record.digest() AS digest \gset
SELECT golden_record.rotate_key();
SELECT key_id FROM golden_record.key_ring ORDER BY key_id;
SELECT golden_record.digest() = :'digest' AS as_before;
-- The tables whose rows are kept from all but cleared readers, as the schema lists them: each has a sealed value.
CREATE FUNCTION pg_temp.sealed() RETURNS TABLE (name text, key bytea) LANGUAGE plpgsql AS $$
DECLARE
    sealed record;
BEGIN
    FOR sealed IN
        SELECT c.relname, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'golden_record'::regnamespace AND c.relforcerowsecurity
          AND a.atttypid = 'bytea'::regtype AND a.attname <> 'content_hash'
    LOOP
        RETURN QUERY EXECUTE format('SELECT %L, substr(%I, 2, 4) FROM golden_record.%I', sealed.relname, sealed.attname, sealed.relname);
    END LOOP;
END $$;
SELECT relname AS without_a_row FROM pg_class
WHERE relnamespace = 'golden_record'::regnamespace AND relforcerowsecurity AND relname NOT IN (SELECT name FROM pg_temp.sealed());
SELECT DISTINCT key FROM pg_temp.sealed();
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '9', '{"email": "new@example.com"}', '2024-05-01T00:00:00Z'));
SELECT DISTINCT key FROM pg_temp.sealed() ORDER BY key;
SELECT golden_record.rebuild();
SELECT DISTINCT key FROM pg_temp.sealed();
SELECT * FROM golden_record.verify();
-- What cannot be opened is said, though verify does not know of it: its key must be kept.
UPDATE golden_record.golden_history_pii SET attributes = set_byte(attributes, 30, get_byte(attributes, 30) # 1)
WHERE ctid = (SELECT min(ctid) FROM golden_record.golden_history_pii);
SELECT golden_record.rotate_key();
SELECT golden_record.rebuild();
SELECT name, key FROM pg_temp.sealed() WHERE key <> '\x00000003';
