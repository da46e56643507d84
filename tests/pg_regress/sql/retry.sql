-- Refused records tried again: what was in their way may be gone.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
-- What a statement is refused with.
CREATE FUNCTION pg_temp.refused(statement text) RETURNS TABLE (state text, message text, hint text)
LANGUAGE plpgsql AS $$ BEGIN
    EXECUTE statement;
    message := 'not refused';
    RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
    RETURN NEXT;
END $$;
CREATE TEMP VIEW letters AS SELECT rejected_id, feed, system_name, source_id, field, reason, sqlstate, attempts, retried_at IS NOT NULL AS retried FROM golden_record.rejected ORDER BY rejected_id;
SELECT golden_record.retry_rejected() AS nothing_to_do;

-- Two of an entity type that is not defined yet, one of the future, one that is no JSON, one without an id.
SELECT count(*) FROM golden_record.ingest(replace('{"records": [
    {"entityType": "SUPPLIER", "externalSystemIds": [{"systemName": "ERP", "id": "s1"}], "timestamp": "2024-01-01T00:00:00Z", "attributes": {"name": "Fjord AS"}},
    {"entityType": "SUPPLIER", "externalSystemIds": [{"systemName": "ERP", "id": "s2"}], "timestamp": "2024-01-01T00:00:00Z", "attributes": {"name": "Fjell AS"}},
    {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Web", "id": "c1"}], "timestamp": "in ten days", "attributes": {"city": "Oslo"}}]}',
    'in ten days', to_char(now() + interval '10 days', 'YYYY-MM-DD"T"HH24:MI:SSOF')), 'a');
SELECT count(*) FROM golden_record.ingest('{"records": [', 'b');
SELECT count(*) FROM golden_record.ingest('{"entityType": "CUSTOMER", "timestamp": "2024-01-01T00:00:00Z"}'::text, 'b');
SELECT * FROM letters;
-- Nothing has changed: all stay, with one attempt more; no letter is written twice, and the feed's counters stand.
SELECT golden_record.retry_rejected('{}');
SELECT * FROM letters;
SELECT feed, sum(accepted) AS accepted, sum(rejected) AS rejected FROM golden_record.feed_status GROUP BY feed ORDER BY feed;
-- A letter without a system, an id or a field is none that a filter by them means.
SELECT golden_record.retry_rejected(jsonb_build_object(key, 'none')) FROM unnest(ARRAY['system_name', 'source_id', 'field']) AS key;
SELECT count(*), max(attempts) FROM letters;
-- The type is defined: by filter, one of the two; then by feed, the other.
SELECT golden_record.define_entity('SUPPLIER', '{"attributes": {"name": {"kind": "organization", "pii": "none"}}}');
SELECT golden_record.retry_rejected('{"feed": "b"}') AS feed_b, golden_record.retry_rejected('{"system_name": "ERP", "source_id": "s1"}') AS one;
SELECT golden_record.retry_rejected('{"feed": "a", "sqlstate": "22023"}') AS the_other;
SELECT * FROM letters;
SELECT attributes FROM golden_record.profile WHERE entity_type = 'SUPPLIER' ORDER BY attributes ->> 'name';
-- The source may look further ahead now.
SELECT golden_record.register_source('Web', '{"future_tolerance": 1000000}');
SELECT rejected_id AS letter FROM letters WHERE system_name = 'Web' \gset
SELECT golden_record.retry_rejected(format('{"rejected_id": [%s, 4711]}', :letter)::jsonb) AS accepted;
SELECT count(*) AS letters, (SELECT count(*) FROM golden_record.rejected_payload) AS payloads FROM letters;
SELECT action, detail FROM golden_record.audit_log WHERE action = 'retry_rejected' ORDER BY audit_id;
-- Filters are checked.
SELECT r.* FROM (VALUES (1, '{"feeds": "a"}'), (2, '{"feed": 1}'), (3, '{"rejected_id": "1"}'), (4, '[]'), (5, '{"rejected_id": 1}')) AS v (n, filter),
    LATERAL pg_temp.refused(format('SELECT golden_record.retry_rejected(%L)', filter)) AS r ORDER BY n;
SELECT * FROM golden_record.verify();

-- Rows of an attached table come again by backfill, and by that alone; what a feed of that name sent is a feed's all the same.
SET client_min_messages = error;
CREATE TABLE first (id int PRIMARY KEY, email text, seen timestamptz);
CREATE TABLE second (id int PRIMARY KEY, email text, seen timestamptz);
SELECT golden_record.attach_source(t, 'Tables', 'id', timestamp_column => 'seen') IS NOT NULL AS attached FROM unnest(ARRAY['first', 'second']::regclass[]) AS t;
INSERT INTO first VALUES (1, 'ann@example.com', '2024-01-01Z');
INSERT INTO second VALUES (1, 'ann@example.org', '2024-01-02Z');
SELECT outcome FROM golden_record.ingest('{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Tables", "id": 1}], "attributes": {"email": "ann@example.net"}, "timestamp": "2024-01-03T00:00:00Z"}'::text, 'public.second');
SELECT feed, reason, attempts FROM letters;
SELECT golden_record.retry_rejected('{}');
SELECT golden_record.backfill('second');
SELECT feed, reason, attempts FROM letters;
-- A table of that name that is attached anew knows its rows' dead letters.
SELECT golden_record.detach_source('second');
SELECT golden_record.attach_source('second', 'Tables', 'id', timestamp_column => 'seen') IS NOT NULL AS attached;
SELECT golden_record.backfill('second'), golden_record.retry_rejected('{}');
SELECT feed, reason, attempts FROM letters;
-- Of a detached table nothing comes by itself any more.
SELECT golden_record.detach_source('second'), golden_record.detach_source('first');
SELECT golden_record.retry_rejected('{"feed": "public.second"}');
SELECT * FROM letters;
SELECT attributes ->> 'email' AS email, systems FROM golden_record.golden_record WHERE 'Tables' = ANY (systems);
SELECT * FROM golden_record.verify();
DROP TABLE first, second;

-- A row that is mended or deleted has no dead letter any more; one that is refused has one, that of its present state.
CREATE TEMP VIEW of_rows AS SELECT source_id, field, attempts FROM letters WHERE feed = 'public.third' ORDER BY source_id;
CREATE TABLE third (id int PRIMARY KEY, email text, seen text);
SELECT golden_record.attach_source('third', 'Third', 'id', timestamp_column => 'seen') IS NOT NULL AS attached;
INSERT INTO third VALUES (1, 'ann@example.com', 'yesterday'), (2, 'ben@example.com', 'soon'), (3, 'cyd@example.com', '2024-01-01Z'), (4, 'dan@example.com', 'later');
SELECT * FROM of_rows;
UPDATE third SET seen = '2024-01-01T00:00:00Z' WHERE id = 1;
UPDATE third SET email = 'ben@example.org' WHERE id = 2;
UPDATE third SET seen = 'never' WHERE id = 3;
DELETE FROM third WHERE id = 4;
SELECT * FROM of_rows;
SELECT golden_record.backfill('third');
SELECT * FROM of_rows;
-- What the triggers did not see, backfill does.
ALTER TABLE third DISABLE TRIGGER USER;
UPDATE third SET seen = '2024-01-01T00:00:00Z' WHERE id = 2;
ALTER TABLE third ENABLE TRIGGER USER;
SELECT golden_record.backfill('third');
SELECT * FROM of_rows;
-- Refused rows without a name, while a column was gone.
ALTER TABLE third RENAME seen TO seen_at;
UPDATE third SET seen_at = '2024-02-01T00:00:00Z';
SELECT count(*), count(source_id) AS named FROM of_rows;
-- Nothing can be made of them: they keep their reason until the table is attached again.
SELECT golden_record.detach_source('third');
SELECT golden_record.retry_rejected('{"feed": "public.third", "sqlstate": "42703"}');
SELECT field, reason, sqlstate, max(attempts) FROM letters WHERE source_id IS NULL AND feed = 'public.third' GROUP BY 1, 2, 3;
SELECT golden_record.attach_source('third', 'Third', 'id', timestamp_column => 'seen_at') IS NOT NULL AS attached;
SELECT golden_record.backfill('third');
SELECT * FROM of_rows;

-- A feed's record that is sent again and says all that was refused, but for what was wrong with it; not another event of it.
CREATE FUNCTION pg_temp.send(attributes jsonb, extra jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT outcome FROM golden_record.ingest(jsonb_build_object('entityType', 'CUSTOMER', 'externalSystemIds', '[{"systemName": "Web", "id": "ann@example.com"}]'::jsonb, 'attributes', attributes) || extra) $$;
SELECT pg_temp.send('{"city": "Oslo"}'), pg_temp.send('{"city": "Rome", "tier": 1}', '{"timestamp": "yesterday"}');
SELECT pg_temp.send('{"city": "Oslo", "tier": 1}', '{"timestamp": "2024-05-01T00:00:00Z"}');
SELECT field, reason, attempts FROM letters WHERE system_name = 'Web' ORDER BY rejected_id;
SELECT pg_temp.send('{"city": "Rome", "tier": 1}', '{"timestamp": "2024-06-01T00:00:00Z"}');
SELECT count(*) FROM letters WHERE system_name = 'Web';
SELECT action, detail FROM golden_record.audit_log WHERE action = 'mend_rejected' ORDER BY audit_id;
-- The rest an administrator forgets, by filter and age, with all that belongs to them.
SET ROLE golden_record_steward;
SELECT state, message FROM pg_temp.refused($$SELECT golden_record.forget_rejected('{}')$$);
SET ROLE golden_record_admin;
SELECT r.* FROM (VALUES (1, 'NULL'), (2, $$'{"feeds": "a"}'$$)) AS v (n, filter), LATERAL pg_temp.refused(format('SELECT golden_record.forget_rejected(%s)', filter)) AS r ORDER BY n;
SELECT golden_record.forget_rejected('{}', before => '2020-01-01'), golden_record.forget_rejected('{"feed": "none", "source_id": "7"}');
SELECT golden_record.forget_rejected('{"feed": "b"}', clock_timestamp());
RESET ROLE;
INSERT INTO third VALUES (9, 'eve@example.com', 'soon');
DELETE FROM golden_record.rejected_payload WHERE rejected_id = (SELECT max(rejected_id) FROM golden_record.rejected);  -- a superuser's
SELECT golden_record.forget_rejected('{"feed": "public.third", "source_id": "9"}');
SELECT count(*) FROM golden_record.rejected WHERE feed IN ('b', 'public.third');
SELECT golden_record.forget_rejected('{}') AS rest;
SELECT (SELECT count(*) FROM golden_record.rejected) AS letters, (SELECT count(*) FROM golden_record.rejected_payload) AS payloads, (SELECT count(*) FROM golden_record.rejected_key) AS keys;
SELECT detail - 'before' AS detail, detail ->> 'before' IS NOT NULL AS by_age FROM golden_record.audit_log WHERE action = 'forget_rejected' ORDER BY audit_id;
SELECT kind FROM golden_record.audit_verify() WHERE kind NOT IN ('sealed', 'unsealed');
SELECT * FROM golden_record.verify();
DROP TABLE third;

-- One that somebody damaged stops nobody: it is named, stays, and can be forgotten.
SELECT golden_record.forget_rejected('{}') > 0 AS forgotten;
SELECT count(*) FROM golden_record.ingest('{"records": [
    {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Web", "id": "damaged"}], "timestamp": "soon", "attributes": {"email": "dee@example.com"}},
    {"entityType": "PARTNER", "externalSystemIds": [{"systemName": "Web", "id": "d2"}], "timestamp": "2024-01-01T00:00:00Z", "attributes": {"email": "dee@example.com"}},
    {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "Web", "id": "d3"}], "timestamp": "2024-01-01T00:00:00Z", "attributes": {"email": "dee@example.com"}}]}'::text);
SELECT rejected_id AS damaged FROM letters WHERE source_id = 'damaged' \gset
UPDATE golden_record.rejected_payload SET payload = '\x00' WHERE rejected_id = :damaged;
SELECT golden_record.define_entity('PARTNER', '{"attributes": {"email": {"kind": "email"}}}');
RESET client_min_messages;
SELECT golden_record.retry_rejected('{}') AS accepted;
SELECT source_id, attempts FROM letters;
SELECT golden_record.grant_scope('golden_record_pii');
SET ROLE golden_record_pii; SET golden_record.purpose = 'request';
SELECT letter -> 'field' AS field, letter -> 'payload' AS payload
FROM golden_record.crosswalk, jsonb_array_elements(golden_record.export_subject(golden_id) -> 'rejected') AS letter WHERE source_id = 'd3';
RESET ROLE; RESET golden_record.purpose;
SELECT golden_record.forget_rejected(format('{"rejected_id": %s}', :damaged)::jsonb);
