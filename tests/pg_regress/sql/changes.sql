-- The change feed: every change once, in an order that no later commit can disturb.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
CREATE FUNCTION pg_temp.send(id text, attributes jsonb, at text DEFAULT '2024-01-01T00:00:00Z') RETURNS text LANGUAGE sql AS $$
    SELECT outcome FROM golden_record.ingest(jsonb_build_object('entityType', 'CUSTOMER',
        'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', 'CRM', 'id', id)),
        'attributes', attributes, 'timestamp', at)) $$;
CREATE FUNCTION pg_temp.golden(id text) RETURNS uuid LANGUAGE sql AS $$
    SELECT golden_id FROM golden_record.crosswalk WHERE source_id = id AND kind = 'record' $$;
CREATE TEMP TABLE person (golden_id uuid, name text);
-- The feed with names for golden ids, from a cursor on.
CREATE FUNCTION pg_temp.feed(after text, rows integer DEFAULT 1000) RETURNS TABLE (golden text, change text, into_golden text, attributes text[])
LANGUAGE sql AS $$
    SELECT p.name, c.change, i.name, c.attributes
    FROM golden_record.changes_since($1, $2) WITH ORDINALITY AS c
    LEFT JOIN person AS p USING (golden_id) LEFT JOIN person AS i ON i.golden_id = c.into_id ORDER BY c.ordinality $$;
SELECT * FROM golden_record.changes_since(NULL);

-- Created, updated, merged, split, retired.
SELECT pg_temp.send('ann', '{"email": "ann@example.com"}'), pg_temp.send('bob', '{"email": "bob@example.com"}');
INSERT INTO person SELECT pg_temp.golden(name), name FROM unnest('{ann,bob}'::text[]) AS name;
SELECT pg_temp.send('ann', '{"email": "ann@example.com", "city": "Oslo"}', '2024-02-01T00:00:00Z');
SELECT golden_record.link('{"systemName": "CRM", "id": "ann"}', '{"systemName": "CRM", "id": "bob"}') AS decision \gset
SELECT golden_record.revert_decision(:decision);
SELECT outcome FROM golden_record.ingest('{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "CRM", "id": "bob"}], "timestamp": "2024-03-01T00:00:00Z", "deleted": true}');
SELECT * FROM pg_temp.feed(NULL);
-- In pieces it is the same: the cursor of the last row leads on.
CREATE TEMP TABLE got (n serial, cursor text, change text);
DO $$ DECLARE last text := ''; more integer := 1; BEGIN
    WHILE more > 0 LOOP
        INSERT INTO got (cursor, change) SELECT c.cursor, c.change FROM golden_record.changes_since(last, 2) AS c;
        GET DIAGNOSTICS more = ROW_COUNT;
        SELECT g.cursor INTO last FROM got AS g ORDER BY n DESC LIMIT 1;
    END LOOP; END $$;
SELECT string_agg(change, ' ' ORDER BY n) AS changes, count(DISTINCT cursor) AS cursors FROM got;
SELECT string_agg(change, ' ' ORDER BY ordinality) AS changes FROM golden_record.changes_since('') WITH ORDINALITY;
-- A transaction's own changes, and those behind an open one, wait.
SELECT cursor AS last FROM got ORDER BY n DESC LIMIT 1 \gset
BEGIN;
SELECT pg_temp.send('eve', '{"email": "eve@example.com"}');
SELECT * FROM pg_temp.feed(:'last');
COMMIT;
SELECT change, attributes FROM pg_temp.feed(:'last');
-- What is no cursor.
SELECT * FROM golden_record.changes_since('yesterday');
SELECT * FROM golden_record.changes_since('1.2');
SELECT * FROM golden_record.changes_since('1.2.3', 0);
-- Listeners are woken where that is wanted.
SELECT setting FROM pg_settings WHERE name = 'golden_record.notify';

-- Another cluster, as after a restore: the events of the one before have ended, and a new generation begins.
SELECT cursor AS last FROM golden_record.changes_since(NULL) WITH ORDINALITY ORDER BY ordinality DESC LIMIT 1 \gset
UPDATE golden_record.generation SET system_identifier = 1;
UPDATE golden_record.change_event SET shown_after = (shown_after::text::bigint + 1000000000)::text::xid8;
SELECT count(*) FROM golden_record.changes_since(NULL);
SELECT pg_temp.send('joe', '{"email": "joe@example.com"}');
SELECT generation, count(*) FROM golden_record.change_event GROUP BY generation ORDER BY generation;
SELECT cursor AS last FROM golden_record.changes_since(NULL, 7) WITH ORDINALITY ORDER BY ordinality DESC LIMIT 1 \gset
SELECT change, attributes FROM pg_temp.feed(:'last');
