-- The person's rights at their edges: nobody erased comes back by whatever way, and an export is of that person alone.
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
CREATE FUNCTION pg_temp.golden(id text) RETURNS uuid LANGUAGE sql AS $$ SELECT x.golden_id FROM golden_record.crosswalk AS x WHERE x.source_id = id $$;
CREATE FUNCTION pg_temp.erase(id text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT golden_record.erase_subject(pg_temp.golden(id), 'request') - 'at' - 'goldenId' - 'removed' $$;
CREATE TEMP VIEW hits AS SELECT kind, sum(hits) AS hits FROM golden_record.suppression GROUP BY kind ORDER BY kind;
CREATE TEMP VIEW records AS SELECT system_name, source_id FROM golden_record.source_record ORDER BY 1, 2;

-- An export: another's record was merged with hers and has left. Neither what it gave nor what was refused of its system is for
-- who may see hers alone, and nothing of it is hers.
SELECT * FROM pg_temp.send(
    pg_temp.record('CRM', '1', '{"email": "ann@example.com", "firstName": "Ann", "lastName": "Ash"}', '2024-01-01T00:00:00Z'),
    pg_temp.record('ERP', '9', '{"email": "ann@example.com", "street": "9 Secret Lane", "dateOfBirth": "1977-07-07"}', '2024-02-01T00:00:00Z'));
SELECT pg_temp.golden('1') AS ann \gset
SELECT golden_record.unmerge(:'ann', ARRAY['{"systemName": "ERP", "id": "9"}'::jsonb]) IS NOT NULL AS parted;
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '1', '{"firstName": "Anna"}', '2024-03-01T00:00:00Z'));
SELECT golden_record.grant_scope('golden_record_pii', ARRAY['CRM']);
SET ROLE golden_record_pii; SET golden_record.purpose = 'request';
SELECT h -> 'systemName' AS system, h -> 'attributes' AS was, (h ->> 'from')::timestamptz < (h ->> 'to')::timestamptz AS since
FROM jsonb_array_elements(golden_record.export_subject(:'ann') -> 'history') AS h ORDER BY h ->> 'to', h ->> 'systemName';
RESET ROLE;
SELECT outcome FROM golden_record.ingest('{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "ERP", "id": "77"}, {"systemName": "CRM", "id": "1"}], "attributes": {"email": "ann@example.com", "note": "of ERP"}}');
SET ROLE golden_record_pii;
SELECT golden_record.export_subject(:'ann');
RESET ROLE;
SELECT golden_record.grant_scope('golden_record_pii', ARRAY['CRM', 'ERP'], ARRAY['US']);
SET ROLE golden_record_pii;
SELECT golden_record.export_subject(:'ann');
RESET ROLE;
SELECT golden_record.grant_scope('golden_record_pii', ARRAY['CRM', 'ERP']);
SET ROLE golden_record_pii;
SELECT r ->> 'payload' AS payload FROM jsonb_array_elements(golden_record.export_subject(:'ann') -> 'rejected') AS r;
RESET ROLE; RESET golden_record.purpose;
-- Lineage as everywhere, and what stewards set and noted.
SELECT golden_record.override(:'ann', 'city', 'Oslo', note => 'she called') > 0 AS set;
SELECT golden_record.override(:'ann', 'city', 'Bergen', until => '2999-01-01Z', note => 'she called again') > 0 AS set;
SET ROLE golden_record_pii; SET golden_record.purpose = 'request';
SELECT e -> 'profile' -> 'firstName' AS first_name, e #> '{profile,city,lineage}' ->> 'action' AS action,
       (SELECT jsonb_agg(o - 'setAt' - 'endedAt') FROM jsonb_array_elements(e -> 'overrides') AS o) AS overrides
FROM golden_record.export_subject(:'ann') AS e;
RESET ROLE; RESET golden_record.purpose;
SELECT pg_temp.erase('9'), pg_temp.erase('1');
SELECT * FROM records;

-- Under a key that nothing was mapped to, and by a kind that could not be read so: what would have it read is refused, as long as
-- the record is there. What the record of another said before is its own.
SELECT * FROM pg_temp.send(
    pg_temp.record('Web', 'u1', '{"email_address": "Ann@Example.com", "firstName": "Ann"}', '2024-03-01T00:00:00Z'),
    pg_temp.record('Web', 'u2', '{"email_address": "bob@example.com", "firstName": "Bob"}', '2024-03-01T00:00:00Z'),
    pg_temp.record('Web', 'u3', '{"mail": "ann@example.com", "email": "cal@example.com"}', '2024-03-01T00:00:00Z'),
    pg_temp.record('Web', 'u4', '{"email": "cal@example.com"}', '2024-03-01T00:00:00Z'));
CREATE FUNCTION pg_temp.refused(statement text) RETURNS text LANGUAGE plpgsql AS $$ DECLARE detail text; BEGIN EXECUTE statement; RETURN 'not refused';
EXCEPTION WHEN OTHERS THEN GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL; RETURN concat_ws(': ', sqlstate, sqlerrm, detail LIKE '%' || pg_temp.golden('u1') || '%' OR detail LIKE '%' || pg_temp.golden('u3') || '%'); END $$;
SELECT golden_record.digest() AS digest \gset
SELECT pg_temp.refused($$SELECT golden_record.map_attribute('CUSTOMER', 'email_address', 'email')$$);
SELECT pg_temp.refused($$SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"mail": {"kind": "email"}}}')$$);
SELECT golden_record.digest() = :'digest' AS as_before;
SELECT * FROM records;
SELECT pg_temp.erase('u1');
SELECT golden_record.map_attribute('CUSTOMER', 'email_address', 'email');
SELECT pg_temp.erase('u3');
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"mail": {"kind": "email"}}}');
SELECT * FROM records;
SELECT golden_record.digest() AS digest \gset
SELECT golden_record.rebuild() AS changed;
SELECT golden_record.digest() = :'digest' AS as_before;
SELECT * FROM golden_record.verify();
SELECT * FROM golden_record.audit_verify();
-- As if it had been read so at the door.
SELECT * FROM pg_temp.send(pg_temp.record('Web', 'u1', '{"email_address": "Ann@Example.com", "firstName": "Ann"}', '2024-03-01T00:00:00Z'),
    pg_temp.record('Web', 'u3', '{"mail": "ann@example.com", "email": "cal@example.com"}', '2024-03-01T00:00:00Z'));
SELECT count(*) FROM golden_record.lookup(email => 'ann@example.com');

-- In two parts: an email that another has too, and a phone. What comes second is kept out, in one statement and in two, by a
-- feed and by an attached table; what comes after counts as if it had never been.
SELECT * FROM pg_temp.send(
    pg_temp.record('CRM', '11', '{"email": "fam@example.com", "firstName": "Ida", "lastName": "Ude", "phoneNumber": "+12065550143"}', '2024-01-01T00:00:00Z'),
    pg_temp.record('CRM', '12', '{"email": "fam@example.com", "firstName": "Bob", "lastName": "Ude", "phoneNumber": "+12065550188"}', '2024-01-01T00:00:00Z'));
SELECT pg_temp.erase('11');
SELECT * FROM pg_temp.send(pg_temp.record('Web', 'v1', '{"email": "fam@example.com", "firstName": "Ida"}', '2024-03-01T00:00:00Z'));
SELECT * FROM pg_temp.send(pg_temp.record('Web', 'v1', '{"phoneNumber": "206 555 0143"}', '2024-03-02T00:00:00Z'));
SELECT * FROM pg_temp.send(
    pg_temp.record('Web', 'v2', '{"phoneNumber": "206 555 0143", "firstName": "Ida"}', '2024-03-01T00:00:00Z'),
    pg_temp.record('Web', 'v2', '{"email": "fam@example.com"}', '2024-03-02T00:00:00Z'),
    pg_temp.record('Web', 'v2', '{"city": "Oslo"}', '2024-03-03T00:00:00Z'),
    pg_temp.record('Web', 'v2', '{"email": "fam@example.com", "city": "Ulm"}', '2024-03-04T00:00:00Z'));
-- Neither what came later nor what came first is put together with it by a rule.
SELECT * FROM pg_temp.send(pg_temp.record('Web', 'v3', '{"email": "fam@example.com"}', '2024-03-01T00:00:00Z'),
    pg_temp.record('Web', 'v3', '{"email": "gil@example.com"}', '2024-03-02T00:00:00Z'),
    pg_temp.record('Web', 'v3', '{"phoneNumber": "206 555 0143"}', '2024-03-03T00:00:00Z'));
SELECT source_id, state.email, state.phone, state.city FROM golden_record.source_record AS r,
    LATERAL (SELECT c.email, c.phone_number AS phone, c.city FROM golden_record.customer AS c WHERE c.golden_id = r.golden_id) AS state
    WHERE source_id LIKE 'v_' ORDER BY 1;
CREATE TABLE contact (id int PRIMARY KEY, email text, phone_number text, first_name text, changed timestamptz);
SELECT golden_record.attach_source('contact', 'Shop', 'id', timestamp_column => 'changed');
INSERT INTO contact VALUES (1, 'fam@example.com', NULL, 'Ida', '2024-05-01'), (2, 'hal@example.com', '2065550143', 'Hal', '2024-05-01');
SELECT source_id FROM golden_record.crosswalk WHERE system_name = 'Shop' ORDER BY 1;
UPDATE contact SET phone_number = '+12065550143', changed = '2024-05-02';
SELECT source_id FROM golden_record.crosswalk WHERE system_name = 'Shop' ORDER BY 1;
SELECT golden_record.digest() AS digest \gset
SELECT golden_record.backfill('contact');
SELECT golden_record.digest() = :'digest' AS as_before;
UPDATE contact SET phone_number = NULL, changed = '2024-05-03' WHERE id = 1;
SELECT source_id FROM golden_record.crosswalk WHERE system_name = 'Shop' ORDER BY 1;
SELECT * FROM hits;
SELECT * FROM golden_record.verify();
-- Who says as much already is another, of whom more may come.
SELECT * FROM pg_temp.send(
    pg_temp.record('CRM', '13', '{"email": "two@example.com", "firstName": "Kim", "lastName": "Roe", "phoneNumber": "+12065550111"}', '2024-01-01T00:00:00Z'),
    pg_temp.record('CRM', '14', '{"email": "two@example.com", "firstName": "Lou", "lastName": "Roe", "phoneNumber": "+12065550111"}', '2024-01-01T00:00:00Z'));
SELECT pg_temp.erase('13');
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '14', '{"city": "Oslo"}', '2024-02-01T00:00:00Z'),
    pg_temp.record('CRM', '14', '{"email": "two@example.com", "phoneNumber": "+12065550111"}', '2024-02-02T00:00:00Z'),
    pg_temp.record('CRM', '15', '{"email": "two@example.com", "phoneNumber": "+12065550111"}', '2024-02-02T00:00:00Z'));
-- Read anew, it says what it said.
SELECT golden_record.register_source('CRM', '{"region": "CA"}');
SELECT source_id FROM golden_record.crosswalk WHERE source_id IN ('13', '14', '15');
SELECT * FROM golden_record.verify();

-- Refused after the erasure: nothing is kept of it, and the sender is told why it would have been refused.
SELECT outcome, detail FROM golden_record.ingest(pg_temp.record('CRM', '1', '{"firstName": "Ann"}', '2024-05-01T00:00:00Z') - 'timestamp');
SELECT outcome, detail FROM golden_record.ingest('{"entityType": "NOBODY", "attributes": {"email": "ann@example.com"}}');
SELECT outcome, detail FROM golden_record.ingest('{"entityType": "CUSTOMER", "attributes": {"email": "zoe@example.com"}}');
INSERT INTO contact VALUES (3, 'ann@example.com', NULL, 'Ann', NULL), (4, 'zoe@example.com', NULL, 'Zoe', NULL);
SELECT system_name, field, reason FROM golden_record.rejected ORDER BY rejected_id;
SELECT feed, sum(accepted) AS accepted, sum(rejected) AS rejected FROM golden_record.feed_status WHERE feed LIKE '%contact' GROUP BY feed;
DELETE FROM contact WHERE id > 2;
-- One that was there unfound is found when the id is erased once more; of an id that nobody had nothing is.
SELECT pg_temp.golden('14') AS lou \gset
SELECT pg_temp.erase('14');
SELECT count(*) FROM golden_record.ingest('{"entityType": "CUSTOMER", "attributes": {"email": "late@example.com"}}'::text);
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '16', '{"email": "late@example.com"}', '2024-01-01T00:00:00Z'));
SELECT pg_temp.golden('16') AS late \gset
DELETE FROM golden_record.rejected_key;
SELECT pg_temp.erase('16');
SELECT count(*) AS letters FROM golden_record.rejected;
SELECT golden_record.erase_subject(:'late', 'again') -> 'removed' ->> 'rejected_record' AS found;
SELECT golden_record.erase_subject(:'late', 'again') -> 'removed' ->> 'rejected_record' AS found;
SELECT count(*) AS letters FROM golden_record.rejected;
SELECT * FROM golden_record.audit_verify();

-- An email that a steward alone knew of, now or before.
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '21', '{"phoneNumber": "+12065550199", "firstName": "Dot"}', '2024-01-01T00:00:00Z'));
SELECT golden_record.override(pg_temp.golden('21'), 'email', 'dot.was@example.com') > 0 AS set;
SELECT golden_record.override(pg_temp.golden('21'), 'email', 'Dot@Example.com') > 0 AS set;
SELECT count(*) FROM golden_record.ingest('{"entityType": "CUSTOMER", "attributes": {"email": "dot@example.com"}}'::text);
SELECT golden_record.erase_subject(pg_temp.golden('21'), 'request') -> 'removed' ->> 'rejected_record' AS letters;
SELECT * FROM pg_temp.send(pg_temp.record('Web', '22', '{"email": "dot@example.com"}', '2024-02-01T00:00:00Z'),
    pg_temp.record('Web', '23', '{"email": "dot.was@example.com"}', '2024-02-01T00:00:00Z'));

-- Refused records in which an email is legible go with it.
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '31', '{"email": "eve@example.com"}', '2024-01-01T00:00:00Z'));
DELETE FROM golden_record.rejected_record;
SELECT count(*) FROM (VALUES (to_jsonb('{"externalSystemIds": [{"systemName": "CRM", "id": "31"}]}'::text)::text),
    ('{"attributes": {"note": "please write to eve@example.com."}}'), ('{"attributes": {"eve@example.com": "subscribed"}}'),
    ('email=eve@example.com&first=Eve'), ('email=eve%40example.com'), ('{"email": "eve\u0040example.com", '),
    ('{"attributes": {"note": "schreib an „eve@example.com“, oder eve&#64;example.com"}}'),
    ('{"attributes": {"email": "eve@example.com", "email": "else@example.com"}}'),
    ('{"attributes": {"email": "else@example.com"}}')) AS v (payload), LATERAL golden_record.ingest(v.payload);
SELECT golden_record.erase_subject(pg_temp.golden('31'), 'request') -> 'removed' ->> 'rejected_record' AS letters;
SELECT count(*) FROM golden_record.rejected;

-- Where versions of a deleted record met, there is no golden record that the meeting is of.
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '41', '{"email": "may@example.com", "city": "Oslo"}', '2024-01-01T00:00:00Z'));
SELECT * FROM pg_temp.send(pg_temp.record('Web', '42', '{"email": "may@example.com", "city": "Ulm"}', '2024-01-01T00:00:00Z'));
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '41', '{}', '2024-01-05T00:00:00Z', '{"deleted": true}'));
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '41', '{"email": "may@example.com", "city": "Voss"}', '2024-01-03T00:00:00Z'));
SELECT golden_id IS NULL AS of_nobody, count(*) FROM golden_record.race GROUP BY 1 ORDER BY 1;
SELECT golden_record.erase_subject(pg_temp.golden('42'), 'request') -> 'removed' ->> 'race' AS races;
SELECT count(*) FROM golden_record.race;
SELECT * FROM golden_record.verify();

SELECT golden_record.grant_scope('golden_record_pii');
-- What is everybody's: fourteen people at one mailbox, who name the company's account; of what serves too many, of a mailbox that
-- is a role's, and of an id that somebody else names, nobody is found and nobody kept out.
CREATE FUNCTION pg_temp.colleague(n integer, more jsonb DEFAULT '{}', at text DEFAULT '2024-01-01T00:00:00Z') RETURNS jsonb LANGUAGE sql AS $$
    SELECT pg_temp.record('HR', n::text, jsonb_build_object('email', 'hub@acme.example', 'phoneNumber', '206 555 02' || n,
        'firstName', translate(left(md5('given' || n), 8), '0123456789', 'ghijklmnop'),
        'lastName', translate(left(md5('family' || n), 8), '0123456789', 'ghijklmnop')) || more, at, '{"entityId": "ACME"}') $$;
SELECT outcome, count(*) FROM generate_series(11, 24) AS n, LATERAL golden_record.ingest(pg_temp.colleague(n)) GROUP BY 1;
SELECT attribute, kind FROM golden_record.generic_value WHERE holders = 14 ORDER BY 1;
-- Refused: one of hers, and three of strangers.
SELECT outcome FROM unnest(ARRAY[pg_temp.record('Web', 'w1', '{"email": "hub@acme.example", "phoneNumber": "206 555 0213"}', 'soon'),
    pg_temp.colleague(50, '{}', 'soon'), pg_temp.colleague(51, '{"email": "stranger@acme.example"}', 'soon'),
    pg_temp.record('Web', 'w2', '{"email": "office@acme.example", "phoneNumber": "206 555 0252"}', 'soon')]) AS r, LATERAL golden_record.ingest(r);
SET ROLE golden_record_pii; SET golden_record.purpose = 'request';
SELECT r ->> 'payload' LIKE '%w1%' AS hers FROM jsonb_array_elements(golden_record.export_subject(pg_temp.golden('13')) -> 'rejected') AS r;
RESET ROLE; RESET golden_record.purpose;
SELECT golden_record.erase_subject(pg_temp.golden('13'), 'request') -> 'removed' ->> 'rejected_record' AS letters;
SELECT count(*) AS letters FROM golden_record.rejected WHERE source_id IN ('w2', '50', '51');
SELECT * FROM pg_temp.send(pg_temp.colleague(60), pg_temp.colleague(13));
SELECT outcome FROM golden_record.ingest(pg_temp.colleague(61, '{}', 'soon'));
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '61', '{"email": "noreply@shop.example", "firstName": "Ann"}', '2024-01-01T00:00:00Z'));
SELECT pg_temp.erase('61');
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '62', '{"email": "noreply@shop.example", "firstName": "Zoe"}', '2024-01-01T00:00:00Z'));
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '63', '{"email": "kai@example.com", "firstName": "Kai"}', '2024-01-01T00:00:00Z', '{"entityId": "HOUSE-1"}'),
    pg_temp.record('CRM', '64', '{"email": "liv@example.com", "firstName": "Liv"}', '2024-01-01T00:00:00Z', '{"entityId": "HOUSE-1"}'));
SELECT pg_temp.erase('63');
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '65', '{"email": "moe@example.com", "firstName": "Moe"}', '2024-01-01T00:00:00Z', '{"entityId": "HOUSE-1"}'));
-- By the region that a refused record states, and by the entityId that it names.
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '66', '{"email": "uwe@example.com", "phoneNumber": "030 123456", "country": "DE"}', '2024-01-01T00:00:00Z', '{"entityId": "E66"}'));
SELECT outcome FROM unnest(ARRAY[pg_temp.record('Web', 'x1', '{"phoneNumber": "030 123456", "country": "DE"}', 'soon'),
    pg_temp.record('Web', 'x2', '{"phoneNumber": "030 123456"}', 'soon', '{"recordRegion": "DE"}'), pg_temp.record('Web', 'x3', '{"phoneNumber": "030 123456"}', 'soon'),
    pg_temp.record('Web', 'x4', '{"firstName": "Uwe"}', 'soon', '{"entityId": "E66"}')]) AS r, LATERAL golden_record.ingest(r);
SELECT golden_record.erase_subject(pg_temp.golden('66'), 'request') -> 'removed' ->> 'rejected_record' AS letters;
SELECT source_id FROM golden_record.rejected WHERE source_id LIKE 'x_';

-- Records that never lived when a statement ended, and have no golden id: one that came and went in one batch, one that came as a
-- tombstone with the row, and one of somebody else.
SELECT * FROM pg_temp.send(pg_temp.record('CDC', '71', '{"email": "pia@example.com", "street": "1 High St"}', '2024-01-01T00:00:00Z'),
    pg_temp.record('CDC', '71', '{}', '2024-01-02T00:00:00Z', '{"deleted": true}'),
    pg_temp.record('CDC', '72', '{"phoneNumber": "206 555 0172", "street": "1 High St"}', '2024-01-01T00:00:00Z', '{"deleted": true}'),
    pg_temp.record('CDC', '73', '{"email": "ron@example.com", "phoneNumber": "206 555 0172"}', '2024-01-01T00:00:00Z', '{"deleted": true}'),
    pg_temp.record('CRM', '70', '{"email": "pia@example.com", "phoneNumber": "206 555 0172"}', '2024-01-01T00:00:00Z'));
SELECT source_id, golden_id IS NOT NULL AS has_id FROM golden_record.source_record WHERE source_id LIKE '7_' ORDER BY 1;
SET ROLE golden_record_pii; SET golden_record.purpose = 'request';
SELECT r ->> 'id' AS id, r -> 'live' AS live, jsonb_array_length(r -> 'versions') AS versions
FROM jsonb_array_elements(golden_record.export_subject(pg_temp.golden('70')) -> 'records') AS r ORDER BY 1;
RESET ROLE; RESET golden_record.purpose;
SELECT r -> 'suppressed' AS suppressed, r -> 'removed' -> 'source_record' AS records, r -> 'removed' -> 'record_version' AS versions
FROM golden_record.erase_subject(pg_temp.golden('70'), 'request') AS r;
SELECT source_id FROM golden_record.source_record WHERE source_id LIKE '7_';
-- Nor does a tombstone bring her back, of a feed or of a table's row that is marked. Of one of another record it stays that this is
-- gone.
SELECT * FROM pg_temp.send(pg_temp.record('CDC', '71', '{}', '2024-01-03T00:00:00Z', '{"deleted": true}'),
    pg_temp.record('CDC', '74', '{"email": "pia@example.com"}', '2024-01-01T00:00:00Z', '{"deleted": true}'),
    pg_temp.record('CDC', '75', '{}', '2024-01-01T00:00:00Z', '{"deleted": true}'));
CREATE TABLE marked (id int PRIMARY KEY, email text, gone boolean);
SELECT golden_record.attach_source('marked', 'Marked', 'id', options => '{"deleted_column": "gone"}');
INSERT INTO marked VALUES (1, 'pia@example.com', true), (2, 'quin@example.com', false);
UPDATE marked SET gone = true;
SELECT source_id FROM golden_record.source_record WHERE system_name IN ('CDC', 'Marked') ORDER BY 1;

-- That a record that lives is gone holds, though its tombstone speaks of her: without what it says.
SELECT * FROM pg_temp.send(pg_temp.record('CDC', '78', '{"email": "vic@example.com"}', '2024-01-01T00:00:00Z'));
SELECT * FROM pg_temp.send(pg_temp.record('CDC', '78', '{"email": "pia@example.com"}', '2024-01-02T00:00:00Z', '{"deleted": true}'),
    pg_temp.record('CDC', '79', '{"email": "wim@example.com"}', '2024-01-01T00:00:00Z'),
    pg_temp.record('CDC', '79', '{"email": "pia@example.com"}', '2024-01-02T00:00:00Z', '{"deleted": true}'));
SELECT source_id, live FROM golden_record.source_record WHERE source_id IN ('78', '79') ORDER BY 1;
SELECT g.golden_id AS gone FROM golden_record.golden_record AS g
JOIN golden_record.source_record AS r ON r.source_id = '78' AND r.record_id = ANY (g.founders) \gset
SET ROLE golden_record_pii; SET golden_record.purpose = 'request';
SELECT v -> 'deleted' AS deleted, v -> 'attributes' AS attributes
FROM jsonb_array_elements(golden_record.export_subject(:'gone') -> 'records') AS r, jsonb_array_elements(r -> 'versions') AS v;
RESET ROLE; RESET golden_record.purpose;
-- A tombstone that speaks of her has the place among the versions of its record that it has without what it says: a late one ends
-- nothing, by time and by number, and a version that comes later, in that statement or in another, is late.
SELECT * FROM pg_temp.send(pg_temp.record('CDC', '180', '{"email": "xia@example.com"}', '2024-03-01T00:00:00Z'),
    pg_temp.record('CDC', '181', '{"email": "yan@example.com"}', '2024-01-01T00:00:00Z', '{"sequence": 5}'));
SELECT * FROM pg_temp.send(pg_temp.record('CDC', '180', '{"email": "pia@example.com"}', '2024-02-01T00:00:00Z', '{"deleted": true}'),
    pg_temp.record('CDC', '181', '{}', '2024-04-01T00:00:00Z', '{"deleted": true, "sequence": 4, "externalSystemIds": [{"systemName": "CDC", "id": "181"}, {"systemName": "CRM", "id": "70"}]}'),
    pg_temp.record('CDC', '182', '{"email": "pia@example.com"}', '2024-03-01T00:00:00Z', '{"deleted": true}'),
    pg_temp.record('CDC', '182', '{"city": "Oslo"}', '2024-02-01T00:00:00Z'),
    pg_temp.record('CDC', '183', '{"email": "pia@example.com"}', '2024-03-01T00:00:00Z', '{"deleted": true}'));
SELECT * FROM pg_temp.send(pg_temp.record('CDC', '183', '{"city": "Oslo"}', '2024-02-01T00:00:00Z'),
    pg_temp.record('CDC', '183', '{"email": "pia@example.com"}', '2024-03-01T00:00:00Z', '{"deleted": true}'));
SELECT source_id, live FROM golden_record.source_record WHERE source_id IN ('180', '181', '182', '183') ORDER BY 1;
SELECT * FROM golden_record.verify();
-- A record without a golden id that names an email of two is of neither.
SELECT * FROM pg_temp.send(
    pg_temp.record('CRM', '92', '{"email": "days@acme.example", "firstName": "Dan", "lastName": "Ode", "dateOfBirth": "1980-02-03"}', '2024-01-01T00:00:00Z'),
    pg_temp.record('CRM', '93', '{"email": "days@acme.example", "firstName": "Eve", "lastName": "Ude", "dateOfBirth": "1991-05-06"}', '2024-01-01T00:00:00Z'),
    pg_temp.record('CDC', '94', '{"email": "days@acme.example", "street": "1 High St"}', '2024-01-01T00:00:00Z'),
    pg_temp.record('CDC', '94', '{}', '2024-01-02T00:00:00Z', '{"deleted": true}'));
SET ROLE golden_record_pii; SET golden_record.purpose = 'request';
SELECT r ->> 'id' AS id FROM jsonb_array_elements(golden_record.export_subject(pg_temp.golden('93')) -> 'records') AS r;
RESET ROLE; RESET golden_record.purpose;

-- Nor does a golden id lead to one that was deleted when that was forgotten.
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '76', '{"email": "zed@example.com"}', '2024-01-01T00:00:00Z'));
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '77', '{"email": "zed@example.com"}', '2024-01-01T00:00:00Z'));
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '77', '{}', '2024-01-02T00:00:00Z', '{"deleted": true}'));
SELECT golden_record.forget_history(clock_timestamp()) > 0 AS forgot;
SELECT golden_record.erase_subject(pg_temp.golden('76'), 'request') -> 'removed' ->> 'record_version' AS versions;

-- Stewards' words: about either side of a decision, about all that were decided at once, and to take one back.
SELECT * FROM pg_temp.send(
    pg_temp.record('CRM', '81', '{"email": "sue@example.com", "phoneNumber": "206 555 0181", "firstName": "Sue", "lastName": "Stein"}', '2024-01-01T00:00:00Z'),
    pg_temp.record('CRM', '82', '{"email": "sue.stein@example.com", "phoneNumber": "206 555 0181", "firstName": "Sue", "lastName": "Stein"}', '2024-01-01T00:00:00Z'));
SELECT golden_record.decide_all('{"system": "CRM", "reason": "score"}', 'different', 'Sue Stein is the aunt') AS decided;
SELECT golden_record.revert_decision(max(decision_id), 'Sue Stein is not the aunt') FROM golden_record.decisions;
SELECT golden_record.decide(max(review_id), 'different', 'Sue Stein called') > 0 AS decided FROM golden_record.review_queue WHERE reason = 'score';
SELECT golden_record.link('{"systemName": "CRM", "id": "82"}', '{"systemName": "CRM", "id": "81"}', 'Sue Stein called again') > 0 AS linked;
SELECT golden_record.override(pg_temp.golden('82'), 'city', 'Ulm', note => 'Sue Stein moved') > 0 AS set;
SELECT golden_record.unlink('{"systemName": "CRM", "id": "82"}', '{"systemName": "CRM", "id": "81"}', 'Sue Stein is two') > 0 AS unlinked;
SET ROLE golden_record_pii; SET golden_record.purpose = 'request';
SELECT d -> 'decision' AS decision, d -> 'records' AS records, d -> 'note' AS note, d -> 'revertNote' AS reverted
FROM jsonb_array_elements(golden_record.export_subject(pg_temp.golden('82')) -> 'decisions') AS d;
RESET ROLE; RESET golden_record.purpose;
SELECT pg_temp.erase('81'), pg_temp.erase('82');
SELECT action, note FROM golden_record.audit_log WHERE note LIKE '%Sue%';
SELECT * FROM golden_record.audit_verify();
-- Where versions met.
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '83', '{"email": "tom@example.com", "city": "Oslo"}', '2024-01-01T00:00:00Z'),
    pg_temp.record('Web', '84', '{"email": "tom@example.com", "city": "Ulm"}', '2024-01-01T00:00:00Z'));
SET ROLE golden_record_pii; SET golden_record.purpose = 'request';
SELECT r ->> 'kind' AS kind, r -> 'side' ->> 'id' AS id, r -> 'fields' AS fields
FROM jsonb_array_elements(golden_record.export_subject(pg_temp.golden('83')) -> 'races') AS r ORDER BY 1, 2;
RESET ROLE; RESET golden_record.purpose;
-- What was held under an id that is merged into hers, and who looked at it.
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '97', '{"email": "una@example.com", "city": "Oslo"}', '2024-01-01T00:00:00Z'));
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '98', '{"email": "una.b@example.com", "city": "Ulm"}', '2024-01-01T00:00:00Z'));
SELECT * FROM pg_temp.send(pg_temp.record('CRM', '98', '{"city": "Bonn"}', '2024-01-02T00:00:00Z'));
SET ROLE golden_record_pii; SET golden_record.purpose = 'request';
SELECT golden_record.reveal(pg_temp.golden('98'), 'email', 'a call');
RESET ROLE; RESET golden_record.purpose;
SELECT golden_record.link('{"systemName": "CRM", "id": "97"}', '{"systemName": "CRM", "id": "98"}') > 0 AS linked;
SET ROLE golden_record_pii; SET golden_record.purpose = 'request';
SELECT h -> 'attributes' AS was FROM jsonb_array_elements(golden_record.export_subject(pg_temp.golden('97')) -> 'history') AS h ORDER BY h ->> 'to', h ->> 'attributes';
SELECT a ->> 'object' AS object, a ->> 'purpose' AS purpose FROM jsonb_array_elements(golden_record.export_subject(pg_temp.golden('97')) -> 'access') AS a
WHERE a ->> 'object' = 'reveal';
RESET ROLE; RESET golden_record.purpose;
SELECT * FROM golden_record.verify();
DROP TABLE contact, marked;

-- What was deleted while it was wrongly merged is its own person's once that is undone: whichever is the older, of one record or
-- of several.
CREATE FUNCTION pg_temp.held(golden uuid) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(r ->> 'id', ' ' ORDER BY r ->> 'id') FROM jsonb_array_elements(golden_record.export_subject(golden) -> 'records') AS r $$;
CREATE FUNCTION pg_temp.ref(id text) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('systemName', 'CRM', 'id', id) $$;
SELECT outcome, count(*) FROM unnest(ARRAY['a1', 'a2', 'b1', 'b2', 'c1', 'c2', 'd1', 'd2']) AS n,
    pg_temp.send(pg_temp.record('CRM', n, jsonb_build_object('email', n || '@example.org'), '2024-01-01T00:00:00Z')) GROUP BY 1;
SELECT * FROM pg_temp.send(pg_temp.record('CRM', 'c3', '{"email": "c2@example.org", "street": "1 High St"}', '2024-01-01T00:00:00Z'),
    pg_temp.record('CRM', 'd3', '{"email": "d2@example.org"}', '2024-01-01T00:00:00Z'));
CREATE TEMP TABLE was AS SELECT source_id AS id, golden_id AS golden FROM golden_record.crosswalk WHERE source_id ~ '^[abcd][123]$';
GRANT SELECT ON was TO golden_record_pii;
SELECT count(golden_record.link(pg_temp.ref(n || '2'), pg_temp.ref(n || '1'))) AS linked FROM unnest(ARRAY['a', 'b', 'c', 'd']) AS n;
SELECT outcome, count(*) FROM unnest(ARRAY['a2', 'b1', 'c3', 'd2']) AS n, pg_temp.send(pg_temp.record('CRM', n, '{}', '2024-02-01T00:00:00Z', '{"deleted": true}')) GROUP BY 1;
SELECT max(change_id) FROM golden_record.change_event \gset
SELECT count(golden_record.revert_decision(decision_id)) AS undone FROM (SELECT decision_id FROM golden_record.decision ORDER BY decision_id DESC LIMIT 4) AS d;
SELECT id, change FROM golden_record.change_event AS e JOIN was ON was.golden = e.golden_id WHERE change_id > :max AND change = 'retired' ORDER BY id;
SET ROLE golden_record_pii; SET golden_record.purpose = 'request';
SELECT id, pg_temp.held(golden) AS held, golden_record.resolve(golden) = golden AS lives FROM was WHERE id IN ('a1', 'a2', 'b1', 'b2', 'c1', 'c2', 'd1') ORDER BY id;
SELECT pg_temp.held(pg_temp.golden('d3')), golden_record.resolve(golden) = pg_temp.golden('d3') AS leads_there FROM was WHERE id = 'd2';
RESET ROLE; RESET golden_record.purpose;
SELECT pg_temp.send(pg_temp.record('CRM', 'a3', '{"email": "a3@example.org"}', '2024-01-01T00:00:00Z'));
SELECT golden_record.erase_subject(golden, 'request') -> 'removed' ->> 'record_version' AS versions FROM was WHERE id = 'a2';
SELECT source_id FROM records WHERE source_id ~ '^a[123]$';
SELECT * FROM golden_record.verify();

-- A mailbox of two: what was refused of one is not the other's.
SELECT * FROM pg_temp.send(pg_temp.record('CRM', 'mark', '{"email": "webers@example.org", "firstName": "Mark"}', '2024-01-01T00:00:00Z'),
    pg_temp.record('CRM', 'marsha', '{"email": "webers@example.org", "firstName": "Marsha"}', '2024-01-01T00:00:00Z'));
SELECT outcome FROM golden_record.ingest('{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "CRM", "id": "marsha"}], "timestamp": "yesterday", "attributes": {"email": "webers@example.org", "street": "7 Secret Rd"}}');
SET ROLE golden_record_pii; SET golden_record.purpose = 'request';
SELECT id, jsonb_array_length(golden_record.export_subject(pg_temp.golden(id)) -> 'rejected') AS rejected FROM unnest(ARRAY['mark', 'marsha']) AS id;
RESET ROLE; RESET golden_record.purpose;
SELECT id, golden_record.erase_subject(pg_temp.golden(id), 'request') -> 'removed' ->> 'rejected_record' AS rejected FROM unnest(ARRAY['mark', 'marsha']) AS id;
