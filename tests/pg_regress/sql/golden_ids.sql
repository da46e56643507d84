-- Golden ids last: a merge keeps the older, a split leaves it with most of the founders, what returns has its id again.
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
CREATE FUNCTION pg_temp.send(id text, attributes jsonb, at text DEFAULT '2023-01-01T00:00:00Z', extra jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT outcome FROM golden_record.ingest(pg_temp.record('S', id, attributes, at, extra)) $$;
CREATE FUNCTION pg_temp.golden(id text) RETURNS uuid LANGUAGE sql AS $$ SELECT golden_id FROM golden_record.crosswalk WHERE source_id = id AND kind = 'record' $$;
-- Golden ids by the record that they were first seen with.
CREATE TEMP TABLE name (golden_id uuid PRIMARY KEY, name text UNIQUE);
CREATE FUNCTION pg_temp.remember(label text, id text) RETURNS void LANGUAGE sql AS $$ INSERT INTO name VALUES (pg_temp.golden(id), label) $$;
CREATE TEMP VIEW now AS SELECT coalesce(name, 'new') AS golden, string_agg(source_id, ' ' ORDER BY source_id) AS records
    FROM golden_record.crosswalk LEFT JOIN name USING (golden_id) GROUP BY golden_id, name ORDER BY 2;
-- What happened since the last look.
CREATE TEMP TABLE looked AS SELECT 0::bigint AS at;
CREATE FUNCTION pg_temp.news() RETURNS TABLE (change text, golden text, into_golden text, attributes text[]) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT e.change, coalesce(a.name, 'new'), CASE WHEN e.into_id IS NOT NULL THEN coalesce(b.name, 'new') END, e.attributes
        FROM looked JOIN golden_record.change_event AS e ON e.change_id > looked.at
        LEFT JOIN name AS a ON a.golden_id = e.golden_id LEFT JOIN name AS b ON b.golden_id = e.into_id ORDER BY 1, 2, 3;
    UPDATE looked SET at = (SELECT max(change_id) FROM golden_record.change_event);
END $$;

SELECT pg_temp.send('zero', '{"city": "Ulm"}');
SELECT pg_temp.send('a', '{"email": "ann@example.com", "city": "Ulm"}'), pg_temp.send('b', '{"email": "bob@example.com"}');
SELECT pg_temp.remember('zero', 'zero'), pg_temp.remember('A', 'a'), pg_temp.remember('B', 'b');
SELECT * FROM pg_temp.news();
-- Version 8 of RFC 9562, made from the founding record's identity.
SELECT count(*) FILTER (WHERE substr(golden_id::text, 15, 1) = '8' AND substr(golden_id::text, 20, 1) IN ('8', '9', 'a', 'b')) = count(*) AS version_8 FROM golden_record.golden_record;
-- A record that belongs to both merges them: the older id lives, the other redirects.
SELECT pg_temp.send('c', '{"email": "bob@example.com"}', '2023-02-01T00:00:00Z', '{"externalSystemIds": [{"systemName": "S", "id": "c"}, {"systemName": "S", "id": "a"}]}');
SELECT * FROM now;
SELECT * FROM pg_temp.news();
SELECT n.name, r.name AS resolves_to FROM name AS n LEFT JOIN name AS r ON r.golden_id = golden_record.resolve(n.golden_id) ORDER BY 1;
-- It goes: what was merged is apart again, each under its own id.
SELECT pg_temp.send('c', '{}', '2023-03-01T00:00:00Z', '{"deleted": true}');
SELECT * FROM now;
SELECT * FROM pg_temp.news();
-- It returns and goes, again and again: ids are not used up.
SELECT pg_temp.send('c', '{"email": "bob@example.com"}', '2023-04-01T00:00:00Z', '{"externalSystemIds": [{"systemName": "S", "id": "c"}, {"systemName": "S", "id": "a"}]}');
SELECT pg_temp.send('c', '{}', '2023-05-01T00:00:00Z', '{"deleted": true}');
SELECT * FROM now;
SELECT count(*) AS issued FROM golden_record.golden_record;
-- A golden record of three that splits: the id stays with the two of its founders.
SELECT count(*) FROM golden_record.ingest(jsonb_build_object('records', jsonb_build_array(pg_temp.record('S', 'p', '{"email": "pat@example.com"}', '2023-01-01T00:00:00Z'),
    pg_temp.record('S', 'q', '{"email": "pat@example.com"}', '2023-01-01T00:00:00Z'), pg_temp.record('S', 'r', '{"email": "pat@example.com"}', '2023-01-01T00:00:00Z'))));
SELECT pg_temp.remember('P', 'p');
SELECT pg_temp.send('p', '{"email": "else@example.com"}', '2023-02-01T00:00:00Z');
SELECT * FROM now WHERE records ~ '^[pqr]';
SELECT pg_temp.remember('Else', 'p');
SELECT change, golden, into_golden FROM pg_temp.news() WHERE golden IN ('P', 'Else') OR into_golden = 'P';
-- The customer whose last record goes is retired, and revived when a record returns.
SELECT pg_temp.send('b', '{}', '2023-02-01T00:00:00Z', '{"deleted": true}');
SELECT change, golden FROM pg_temp.news();
SELECT status, records, attributes FROM golden_record.profile JOIN name USING (golden_id) WHERE name = 'B';
SELECT pg_temp.send('b', '{"email": "bob@example.com"}', '2023-03-01T00:00:00Z');
SELECT * FROM now WHERE records = 'b';
-- Another record with the email that a retired customer had is somebody new: it does not inherit the id.
SELECT pg_temp.send('b', '{}', '2023-04-01T00:00:00Z', '{"deleted": true}'), pg_temp.send('b2', '{"email": "bob@example.com"}', '2023-04-02T00:00:00Z');
SELECT * FROM now WHERE records = 'b2';
-- An id does not follow a founder that left it: when those that stayed are deleted or erased, nobody else becomes them.
SELECT count(*) FROM golden_record.ingest(jsonb_build_object('records', jsonb_build_array(pg_temp.record('S', 'u', '{"email": "una@example.com"}', '2023-01-01T00:00:00Z'),
    pg_temp.record('S', 'v', '{"email": "una@example.com"}', '2023-01-01T00:00:00Z'))));
SELECT pg_temp.remember('U', 'u');
SELECT pg_temp.send('v', '{"email": "vera@example.com"}', '2023-02-01T00:00:00Z');
SELECT pg_temp.remember('V', 'v');
SELECT pg_temp.send('u', '{}', '2023-03-01T00:00:00Z', '{"deleted": true}');
SELECT pg_temp.send('v', '{"city": "Oslo"}', '2023-03-02T00:00:00Z');
SELECT * FROM now WHERE records ~ '[uv]';
SELECT pg_temp.send('u', '{"email": "una@example.com"}', '2023-04-01T00:00:00Z');
SELECT * FROM now WHERE records ~ '[uv]';
SELECT golden_record.erase_subject(golden_id, 'asked for it') IS NOT NULL AS erased FROM name WHERE name = 'U';
SELECT pg_temp.send('v', '{"city": "Bergen"}', '2023-05-01T00:00:00Z');
SELECT * FROM now WHERE records ~ '[uv]';
SELECT name, status, founders FROM name JOIN golden_record.golden_record USING (golden_id) WHERE name IN ('U', 'V') ORDER BY name;
-- Nor does one that redirects: of three that a steward joined with an older one, one is parted again.
SELECT pg_temp.send('w', '{"firstName": "Wim", "lastName": "Old"}');
SELECT pg_temp.remember('W', 'w');
SELECT count(*) FROM golden_record.ingest(jsonb_build_object('records', jsonb_build_array(pg_temp.record('S', 'x', '{"email": "xan@example.com"}', '2023-01-01T00:00:00Z'),
    pg_temp.record('S', 'y', '{"email": "xan@example.com"}', '2023-01-01T00:00:00Z'))));
SELECT pg_temp.remember('XY', 'x');
SELECT golden_record.link('{"systemName": "S", "id": "w"}', '{"systemName": "S", "id": "x"}') > 0 AS linked;
SELECT golden_record.unmerge(pg_temp.golden('w'), ARRAY['{"systemName": "S", "id": "y"}'::jsonb]) IS NOT NULL AS parted;
SELECT pg_temp.remember('Y', 'y');
SELECT * FROM now WHERE records ~ '[wxy]';
SELECT golden_record.erase_subject(pg_temp.golden('w'), 'asked for it') IS NOT NULL AS erased;
SELECT pg_temp.send('y', '{"city": "Oslo"}', '2023-03-01T00:00:00Z');
SELECT * FROM now WHERE records ~ '[wxy]';
-- Who founded an id that lives on without them, and returns as somebody else, has no claim to it: neither at once, nor when
-- all is resolved anew.
SELECT pg_temp.send('k', '{"email": "kim@example.com"}'), pg_temp.send('l', '{"email": "kim@example.com"}'), pg_temp.send('m', '{"email": "max@example.com"}');
SELECT pg_temp.remember('K', 'k'), pg_temp.remember('M', 'm');
SELECT pg_temp.send('k', '{}', '2023-02-01T00:00:00Z', '{"deleted": true}');
SELECT pg_temp.send('k', '{"email": "max@example.com"}', '2023-03-01T00:00:00Z');
SELECT * FROM now WHERE records ~ '[klm]';
SELECT golden_record.rebuild() AS changed;
SELECT pg_temp.send('l', '{}', '2023-03-01T00:00:00Z', '{"deleted": true}');
SELECT pg_temp.send('k', '{"city": "Oslo"}', '2023-04-01T00:00:00Z');
SELECT pg_temp.send('l', '{"email": "kim@example.com"}', '2023-04-01T00:00:00Z');
SELECT * FROM now WHERE records ~ '[klm]';
-- The same where that id was merged into another meanwhile.
SELECT pg_temp.send('g', '{"email": "gil@example.com"}'), pg_temp.send('h', '{"email": "hal@example.com"}'), pg_temp.send('i', '{"email": "hal@example.com"}');
SELECT pg_temp.remember('G', 'g'), pg_temp.remember('H', 'h');
SELECT golden_record.link('{"systemName": "S", "id": "g"}', '{"systemName": "S", "id": "i"}') > 0 AS linked;
SELECT pg_temp.send('h', '{}', '2023-02-01T00:00:00Z', '{"deleted": true}');
SELECT pg_temp.send('h', '{"email": "ida@example.com"}', '2023-03-01T00:00:00Z');
SELECT * FROM now WHERE records ~ '[ghi]';
SELECT n.name, r.name AS resolves_to FROM name AS n LEFT JOIN name AS r ON r.golden_id = golden_record.resolve(n.golden_id) WHERE n.name IN ('G', 'H') ORDER BY 1;
-- Who returns as they were is its founder again.
SELECT pg_temp.send('g', '{}', '2023-02-01T00:00:00Z', '{"deleted": true}'), pg_temp.send('g', '{"email": "gil@example.com"}', '2023-03-01T00:00:00Z');
SELECT * FROM now WHERE records ~ '[ghi]';
-- An id whose founder is gone stays, when its members part, with who was there with the founder, whatever they are called.
SELECT pg_temp.send('ea', '{"email": "eva@example.com"}'), pg_temp.send('zy', '{"email": "cy@example.com"}');
SELECT pg_temp.remember('Eva', 'ea'), pg_temp.remember('Cy', 'zy');
SELECT golden_record.link('{"systemName": "S", "id": "ea"}', '{"systemName": "S", "id": "zy"}') > 0 AS linked;
SELECT pg_temp.send('ea', '{}', '2023-02-01T00:00:00Z', '{"deleted": true}'), pg_temp.send('bo', '{"email": "cy@example.com"}');
SELECT golden_record.unmerge(pg_temp.golden('zy'), ARRAY['{"systemName": "S", "id": "zy"}'::jsonb]) = pg_temp.golden('zy') AS parted;
SELECT * FROM now WHERE records ~ 'ea|zy|bo';
SELECT pg_temp.send('ea', '{"email": "eva@example.com"}', '2023-03-01T00:00:00Z');
SELECT * FROM now WHERE records ~ 'ea|zy|bo';
-- Where those are gone too, it is inherited by who was there then.
SELECT pg_temp.send('fa', '{"email": "fay@example.com"}'), pg_temp.send('fb', '{"email": "fay@example.com"}');
SELECT pg_temp.remember('Fay', 'fa');
SELECT pg_temp.send('fa', '{}', '2023-02-01T00:00:00Z', '{"deleted": true}'), pg_temp.send('fc', '{"email": "fay@example.com"}'), pg_temp.send('fd', '{"email": "fay@example.com"}');
SELECT pg_temp.send('fb', '{}', '2023-02-01T00:00:00Z', '{"deleted": true}');
SELECT * FROM now WHERE records ~ 'f[abcd]';
SELECT golden_record.unlink('{"systemName": "S", "id": "fc"}', '{"systemName": "S", "id": "fd"}') > 0 AS parted;
SELECT * FROM now WHERE records ~ 'f[abcd]';
-- A customer whose system gives it another id stays the same by email and phone, where one statement says so …
SELECT pg_temp.send('o1', '{"email": "lea@example.com", "phoneNumber": "+49 30 901821", "firstName": "Lea"}');
SELECT pg_temp.remember('Lea', 'o1');
SELECT max(change_id) FROM golden_record.change_event \gset
SELECT count(*) FROM golden_record.ingest(jsonb_build_object('records', jsonb_build_array(pg_temp.record('S', 'o1', '{}', '2023-02-01T00:00:00Z', '{"deleted": true}'),
    pg_temp.record('S', 'o2', '{"email": "Lea@example.com", "phoneNumber": "+4930901821", "firstName": "Lea", "city": "Ulm"}', '2023-02-01T00:00:00Z'))));
SELECT * FROM now WHERE records ~ '^o';
SELECT change, name, attributes FROM golden_record.change_event LEFT JOIN name USING (golden_id) WHERE change_id > :max;
-- … it is its founder, and returns as any …
SELECT pg_temp.send('o2', '{}', '2023-03-01T00:00:00Z', '{"deleted": true}'), pg_temp.send('o2', '{"email": "lea@example.com"}', '2023-04-01T00:00:00Z', '{"deleted": false}');
SELECT * FROM now WHERE records ~ '^o';
-- … and not who states another name, nor one of two.
SELECT pg_temp.send('o2', '{"phoneNumber": "+49 30 901821", "firstName": "Lea"}', '2023-05-01T00:00:00Z');
SELECT count(*) FROM golden_record.ingest(jsonb_build_object('records', jsonb_build_array(pg_temp.record('S', 'o2', '{}', '2023-06-01T00:00:00Z', '{"deleted": true}'),
    pg_temp.record('S', 'o3', '{"email": "lea@example.com", "phoneNumber": "+4930901821", "firstName": "Tim"}', '2023-06-01T00:00:00Z'))));
SELECT * FROM now WHERE records ~ '^o';
SELECT pg_temp.send('o5', '{"email": "lia@example.com", "phoneNumber": "+49 30 901824", "firstName": "Lia"}');
SELECT pg_temp.remember('Lia', 'o5');
SELECT count(*) FROM golden_record.ingest(jsonb_build_object('records', jsonb_build_array(pg_temp.record('S', 'o5', '{}', '2023-06-01T00:00:00Z', '{"deleted": true}'),
    pg_temp.record('S', 'o6', '{"email": "lia@example.com", "phoneNumber": "+49 30 901824", "firstName": "Lia"}', '2023-06-01T00:00:00Z'),
    pg_temp.record('S', 'o7', '{"email": "lia@example.com", "phoneNumber": "+49 30 901824", "firstName": "Max"}', '2023-06-01T00:00:00Z'))));
SELECT * FROM now WHERE records ~ '^o';
-- The same in an attached table.
CREATE TABLE crm (id text PRIMARY KEY, email text, phone_number text, ts timestamptz);
SELECT golden_record.attach_source('crm', 'T', 'id', timestamp_column => 'ts');
INSERT INTO crm VALUES ('t1', 'tea@example.com', '+49 30 901822', '2024-01-01Z'), ('t2', 'tom@example.com', '+49 30 901823', '2024-01-01Z');
SELECT pg_temp.remember('Tea', 't1'), pg_temp.remember('Tom', 't2');
UPDATE crm SET id = 'new-' || id;
SELECT * FROM now WHERE records ~ 't[12]';
SELECT golden_record.detach_source('crm');
DROP TABLE crm;
-- Nothing of this is lost or made by a rebuild.
SELECT golden_record.rebuild() AS changed;
SELECT * FROM now;
SELECT * FROM golden_record.verify();
