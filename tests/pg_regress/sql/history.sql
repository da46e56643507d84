-- History: what profiles, memberships and configuration were at any past moment.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
CREATE FUNCTION pg_temp.send(id text, attributes jsonb, at text DEFAULT '2024-01-01T00:00:00Z', extra jsonb DEFAULT '{}') RETURNS text
LANGUAGE sql AS $$
    SELECT outcome FROM golden_record.ingest(jsonb_build_object('entityType', 'CUSTOMER',
        'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', 'CRM', 'id', id)),
        'attributes', attributes, 'timestamp', at) || extra) $$;
CREATE FUNCTION pg_temp.golden(id text) RETURNS uuid LANGUAGE sql AS $$
    SELECT golden_id FROM golden_record.crosswalk WHERE source_id = id AND kind = 'record' $$;
-- What everybody sees at a moment, to compare with later.
CREATE TEMP TABLE moment (n serial, what text, at timestamptz);
CREATE TEMP TABLE seen AS SELECT 0 AS n, p.*, NULL::uuid AS merged_into, NULL::text[] AS systems, NULL::jsonb AS lineage FROM golden_record.profile AS p;
CREATE TEMP TABLE crossed AS SELECT 0 AS n, c.* FROM golden_record.crosswalk AS c;
CREATE FUNCTION pg_temp.look(what text) RETURNS void LANGUAGE plpgsql AS $$ DECLARE now_n integer; BEGIN
    INSERT INTO moment (what, at) VALUES (what, clock_timestamp()) RETURNING n INTO now_n;
    INSERT INTO seen SELECT now_n, p.*, g.merged_into, g.systems, golden_record.open_lineage(g.lineage)
        FROM golden_record.profile AS p JOIN golden_record.golden_record AS g USING (golden_id);
    INSERT INTO crossed SELECT now_n, c.* FROM golden_record.crosswalk AS c;
END $$;

SELECT pg_temp.look('nothing');
SELECT pg_temp.send('ann', '{"email": "ann@example.com", "city": "Oslo"}', extra => '{"entityId": "E1"}'), pg_temp.send('bob', '{"email": "bob@example.com"}');
CREATE TEMP TABLE person AS SELECT name, pg_temp.golden(name) AS golden_id FROM unnest('{ann,bob}'::text[]) AS name;
SELECT pg_temp.look('two people');
SELECT pg_temp.send('ann', '{"city": "Bergen"}', '2024-02-01T00:00:00Z', '{"entityId": "E2"}');
SELECT pg_temp.look('ann moved');
SELECT golden_record.link('{"systemName": "CRM", "id": "ann"}', '{"systemName": "CRM", "id": "bob"}') AS decision \gset
SELECT pg_temp.look('one person');
SELECT golden_record.set_merge_rules('CUSTOMER', '{"mergeRules": {"email": {"action": "LONGEST"}, "city": {"action": "EARLIEST"}}}');
SELECT pg_temp.look('other rules');
SELECT golden_record.revert_decision(:decision);
SELECT pg_temp.look('two again');
SELECT pg_temp.send('bob', '{}', '2024-03-01T00:00:00Z', '{"deleted": true}');
SELECT pg_temp.look('bob is gone');
SELECT pg_temp.send('bob', '{"email": "bob@example.com", "city": "Rome"}', '2024-04-01T00:00:00Z');
SELECT pg_temp.look('bob is back');

-- Lineage reads as in the view.
SELECT l.attribute, (h.lineage -> l.attribute) - 'losers' - 'id' AS lineage,
       (h.lineage -> l.attribute ->> 'eventTime')::timestamptz = l.event_time AND h.lineage -> l.attribute ->> 'id' = l.source_id AND h.lineage -> l.attribute -> 'losers' = l.losers AS as_the_view
FROM golden_record.lineage AS l, golden_record.profile_as_of(l.golden_id, now()) AS h WHERE l.golden_id = pg_temp.golden('ann') ORDER BY 1;
-- One profile through time.
SELECT m.what, p.name, h.status, h.records, h.attributes ->> 'city' AS city, i.name AS merged_into
FROM moment AS m CROSS JOIN person AS p CROSS JOIN LATERAL golden_record.profile_as_of(p.golden_id, m.at) AS h
LEFT JOIN person AS i ON i.golden_id = h.merged_into ORDER BY p.name, m.n;
-- Before it was created there is none.
SELECT count(*) FROM moment AS m, person AS p, LATERAL golden_record.profile_as_of(p.golden_id, m.at) WHERE m.n = 1;
-- The same at every moment as was seen then: no row.
SELECT m.what, n, golden_id FROM (
    (SELECT s.* FROM seen AS s EXCEPT
     SELECT m.n, h.entity_type, h.golden_id, h.attributes, h.status, h.records, h.created_at, h.updated_at, h.merged_into, h.systems, h.lineage
     FROM moment AS m, person AS p, LATERAL golden_record.profile_as_of(p.golden_id, m.at) AS h)
    UNION ALL
    (SELECT m.n, h.entity_type, h.golden_id, h.attributes, h.status, h.records, h.created_at, h.updated_at, h.merged_into, h.systems, h.lineage
     FROM moment AS m, person AS p, LATERAL golden_record.profile_as_of(p.golden_id, m.at) AS h
     EXCEPT SELECT s.* FROM seen AS s)) AS differences JOIN moment AS m USING (n);
SELECT m.what, c.source_id, c.kind, p.name FROM moment AS m CROSS JOIN LATERAL golden_record.crosswalk_as_of(m.at) AS c JOIN person AS p USING (golden_id)
ORDER BY m.n, c.source_id, c.kind;
SELECT count(*) FROM ((TABLE crossed EXCEPT SELECT m.n, c.* FROM moment AS m, LATERAL golden_record.crosswalk_as_of(m.at) AS c)
    UNION ALL (SELECT m.n, c.* FROM moment AS m, LATERAL golden_record.crosswalk_as_of(m.at) AS c EXCEPT TABLE crossed)) AS differences;
SELECT count(*) AS moments_with_members FROM (SELECT n FROM crossed GROUP BY n) AS c;

-- Values move when others take their place: every living state has its own, here or where they still stand. None of them is in a
-- table that readers may select.
SELECT golden_record.open_lineage(h.lineage) -> 'city' ->> 'action' AS city_by, v.valid_to = h.valid_to AS left_with_the_state, v.valid_to IS NULL AS still_there
FROM golden_record.golden_history AS h JOIN person AS p USING (golden_id)
LEFT JOIN LATERAL (SELECT min(v.valid_to) AS valid_to FROM golden_record.golden_history_pii AS v WHERE v.golden_id = h.golden_id AND v.valid_to > h.valid_from) AS v ON true
WHERE h.status = 'live' ORDER BY p.name, h.valid_to;
SELECT has_table_privilege('golden_record_admin', 'golden_record.value_override_pii', 'SELECT') AS admin,
       has_table_privilege('golden_record_reader', 'golden_record.golden_history', 'SELECT') AS reader;
-- Validity has no gaps and no overlaps.
SELECT count(*) FROM (SELECT valid_to, lead(valid_from) OVER (PARTITION BY golden_id ORDER BY valid_to) AS next FROM (
    SELECT golden_id, valid_from, valid_to FROM golden_record.golden_history UNION ALL
    SELECT golden_id, updated_at, 'infinity' FROM golden_record.golden_record) AS h) AS h WHERE valid_to <> next;
-- A state that its own transaction replaced was never seen.
BEGIN;
SELECT pg_temp.send('eve', '{"city": "A"}'), pg_temp.send('eve', '{"city": "B"}', '2024-02-01T00:00:00Z');
COMMIT;
SELECT count(*) FROM golden_record.golden_history WHERE golden_id = pg_temp.golden('eve');
-- Nor was a record where its own transaction took it away from: for a moment in between it is where it was left.
BEGIN;
SELECT pg_temp.send('fay', '{"email": "fay@example.com"}');
SELECT clock_timestamp() AS between, pg_temp.golden('fay') AS brief \gset
SELECT pg_temp.send('fay', '{"email": "ann@example.com"}', '2024-06-01T00:00:00Z');
COMMIT;
SELECT golden_id = pg_temp.golden('ann') AS with_ann FROM golden_record.crosswalk_as_of(:'between') WHERE source_id = 'fay';
SELECT status, records FROM golden_record.profile_as_of(:'brief', :'between');
BEGIN;
SELECT golden_record.link('{"systemName": "CRM", "id": "bob"}', '{"systemName": "CRM", "id": "eve"}') AS decision \gset
SELECT clock_timestamp() AS between \gset
SELECT golden_record.revert_decision(:decision);
COMMIT;
SELECT source_id, golden_id = pg_temp.golden(source_id) AS at_home FROM golden_record.crosswalk_as_of(:'between') WHERE source_id IN ('bob', 'eve') ORDER BY 1;
-- A golden record that the transaction made later was not there yet: the record was where it was brought first.
BEGIN;
SELECT pg_temp.send('fay', '{"email": "eve@example.com"}', '2024-06-02T00:00:00Z'), pg_temp.send('hal', '{"email": "bob@example.com"}');
SELECT clock_timestamp() AS between \gset
SELECT pg_temp.send('hal', '{"email": "hal@example.com"}', '2024-06-02T00:00:00Z');
COMMIT;
SELECT c.source_id, p.status FROM golden_record.crosswalk_as_of(:'between') AS c
LEFT JOIN golden_record.profile_as_of(c.golden_id, :'between') AS p ON true WHERE c.source_id = 'hal';
-- All that one statement leaves is of one moment.
SELECT pg_temp.send('gil', '{"email": "bob@example.com"}');
SELECT r.since = g.updated_at AS one_moment FROM golden_record.source_record AS r JOIN golden_record.golden_record AS g USING (golden_id) WHERE r.source_id = 'gil';

-- Versions of source records, and configuration.
SELECT source_id, event_time AT TIME ZONE 'UTC' AS event_time, valid_from < coalesce(valid_to, 'infinity') AS ordered, valid_to IS NULL AS last
FROM golden_record.record_history ORDER BY version_id;
SELECT golden_record.register_source('CRM', '{"region": "NO"}');
SELECT golden_record.register_source('CRM', '{"region": "SE"}');
SELECT golden_record.map_attribute('CUSTOMER', 'mail', 'email');
SELECT golden_record.set_merge_rules('CUSTOMER', '{}');
SELECT object, name, content, valid_to IS NULL AS in_force FROM golden_record.configuration_history ORDER BY valid_from, object;
SELECT count(*) AS rules_then FROM moment AS m JOIN golden_record.configuration_history AS h ON m.at >= h.valid_from AND (m.at < h.valid_to OR h.valid_to IS NULL)
WHERE m.what = 'other rules' AND h.object = 'entity_type';
-- The past is kept until it is removed: then what was before is an error, not a guess.
SELECT at AS early FROM moment ORDER BY at LIMIT 1 \gset
SELECT clock_timestamp() AS cut \gset
SELECT golden_record.forget_history(now() + interval '1 day');
SELECT golden_record.forget_history(NULL);
CREATE TEMP TABLE kept AS SELECT p.* FROM golden_record.profile AS g, golden_record.profile_as_of(g.golden_id, :'cut') AS p;
SELECT golden_record.forget_history(:'cut') > 0 AS removed;
SELECT golden_record.forget_history(:'early') AS removed;
SELECT (SELECT count(*) FROM golden_record.golden_history) + (SELECT count(*) FROM golden_record.golden_history_pii)
     + (SELECT count(*) FROM golden_record.membership_history) + (SELECT count(*) FROM golden_record.cross_reference_history) AS rows;
\set VERBOSITY terse
SELECT count(*) FROM golden_record.profile_as_of(pg_temp.golden('eve'), :'early');
SELECT count(*) FROM golden_record.crosswalk_as_of(:'early');
\set VERBOSITY default
SELECT count(*) FROM (TABLE kept EXCEPT SELECT p.* FROM golden_record.profile AS g, golden_record.profile_as_of(g.golden_id, :'cut') AS p) AS lost;
SELECT action, detail - 'before' AS detail FROM golden_record.audit_log WHERE action = 'forget_history' ORDER BY audit_id;
SELECT * FROM golden_record.verify();
-- What one transaction replaces itself is no past, whatever savepoints it set.
SELECT pg_temp.send('sue', '{"email": "sue@example.com", "city": "Oslo"}');
BEGIN;
SAVEPOINT a; SELECT pg_temp.send('sue', '{"city": "Rome"}', '2024-02-01T00:00:00Z'); RELEASE a;
SAVEPOINT b; SELECT pg_temp.send('sue', '{"city": "Bonn"}', '2024-03-01T00:00:00Z'); ROLLBACK TO b;
SAVEPOINT c; SELECT pg_temp.send('sue', '{"email": "su@example.com", "city": "Kiel"}', '2024-04-01T00:00:00Z'); RELEASE c;
SELECT pg_temp.send('sue', '{"city": "Ulm"}', '2024-05-01T00:00:00Z');
COMMIT;
SELECT h.attributes ->> 'city' AS city FROM golden_record.golden_history AS h WHERE golden_id = pg_temp.golden('sue') ORDER BY valid_from;
SELECT count(*) AS values_kept FROM golden_record.golden_history_pii WHERE golden_id = pg_temp.golden('sue');
-- An id that several records of one golden record name is one row of the crosswalk, then too.
SELECT pg_temp.send('dup', '{"email": "dup@example.com"}', extra => '{"entityId": "D"}'), pg_temp.send('pud', '{"email": "dup@example.com"}', extra => '{"entityId": "D"}');
SELECT count(*) AS now FROM golden_record.crosswalk WHERE source_id = 'D';
SELECT count(*) AS then FROM golden_record.crosswalk_as_of(clock_timestamp()) WHERE source_id = 'D';
