-- Overrides: a steward's value beats the rules, goes with the founding record, and ends in the open.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
CREATE FUNCTION pg_temp.send(system text, id text, attributes jsonb, at text DEFAULT '2024-01-01T00:00:00Z', extra jsonb DEFAULT '{}') RETURNS text
LANGUAGE sql AS $$
    SELECT outcome FROM golden_record.ingest(jsonb_build_object('entityType', 'CUSTOMER',
        'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', system, 'id', id)),
        'attributes', attributes, 'timestamp', at) || extra) $$;
CREATE FUNCTION pg_temp.ref(system text, id text) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('systemName', system, 'id', id) $$;
CREATE FUNCTION pg_temp.golden(id text) RETURNS uuid LANGUAGE sql AS $$
    SELECT golden_id FROM golden_record.crosswalk WHERE source_id = id AND kind = 'record' $$;
CREATE FUNCTION pg_temp.city(id text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', value, action, reason) FROM golden_record.lineage WHERE golden_id = pg_temp.golden(id) AND attribute = 'city' $$;
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
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"city": {"kind": "city", "pii": "none"}}}');

-- Ann in two systems; the web is newer, the CRM more trusted.
SELECT pg_temp.send('CRM', 'ann', '{"email": "ann@example.com", "city": "Oslo"}', '2024-01-01T00:00:00Z', '{"sourcePriority": 1}'),
       pg_temp.send('Web', 'web', '{"email": "ann@example.com", "city": "Bergen"}', '2024-02-01T00:00:00Z', '{"sourcePriority": 2}');
SELECT pg_temp.city('ann');
SELECT golden_record.digest() AS before \gset
SELECT golden_record.override(pg_temp.golden('ann'), 'city', 'Trondheim', note => 'she told us') AS override_id;
SELECT pg_temp.city('ann');
SELECT place, outcome, value, system_name, source_id, source_priority, action, reason FROM golden_record.why_value(pg_temp.golden('ann'), 'city');
-- It beats whatever comes, and verify and rebuild know of it.
SELECT pg_temp.send('CRM', 'ann', '{"city": "Hamar"}', '2024-03-01T00:00:00Z', '{"sourcePriority": 1}');
SELECT pg_temp.city('ann');
SELECT * FROM golden_record.verify();
SELECT golden_record.rebuild();
SELECT attributes FROM golden_record.change_event ORDER BY change_id DESC LIMIT 1;
SELECT golden_record.digest() <> :'before' AS differs;
-- Cleared, the rules speak again: as if there had been none.
SELECT golden_record.clear_override(pg_temp.golden('ann'), 'city', 'her mother''s');
SELECT pg_temp.city('ann');
SELECT golden_record.digest() AS before \gset
SELECT golden_record.override(pg_temp.golden('ann'), 'city', 'Trondheim') AS a, golden_record.override(pg_temp.golden('ann'), 'phoneNumber', '+47 21 09 87 65') AS b;
SELECT golden_record.override(pg_temp.golden('ann'), 'city', 'Moss') AS again;
SELECT attribute, value, action FROM golden_record.lineage WHERE action = 'OVERRIDE' ORDER BY attribute COLLATE "C";
SELECT golden_record.clear_override(pg_temp.golden('ann'), a) FROM unnest('{city,phoneNumber}'::text[]) AS a;
SELECT golden_record.digest() = :'before' AS as_before;
SELECT override_id, attribute, value, record ->> 'id' AS on_record, note, actor = session_user AS mine, ended_at IS NOT NULL AS ended, end_reason FROM golden_record.overrides ORDER BY override_id;

-- It sits on the founding record: it goes into a merge with it, and out of a split.
SELECT pg_temp.send('Shop', 'bob', '{"email": "bob@example.com", "city": "Rome"}');
SELECT golden_record.override(pg_temp.golden('bob'), 'city', 'Paris') IS NOT NULL AS set;
SELECT golden_record.link(pg_temp.ref('Shop', 'bob'), pg_temp.ref('CRM', 'ann')) AS decision \gset
SELECT pg_temp.city('ann'), pg_temp.city('bob');
-- Of two that meet the newer speaks.
SELECT golden_record.override(pg_temp.golden('ann'), 'city', 'Narvik') IS NOT NULL AS set;
SELECT pg_temp.city('ann'), count(*) FILTER (WHERE ended_at IS NULL) AS in_force FROM golden_record.overrides;
SELECT golden_record.revert_decision(:decision);
SELECT pg_temp.city('ann'), pg_temp.city('bob');
SELECT * FROM golden_record.verify();
-- While its record is deleted it sleeps.
SELECT golden_record.override(pg_temp.golden('bob'), 'city', 'Lyon') IS NOT NULL AS set;
SELECT pg_temp.send('Shop', 'bob', '{}', '2024-02-01T00:00:00Z', '{"deleted": true}'), pg_temp.send('Shop', 'bob', '{"city": "Rome"}', '2024-03-01T00:00:00Z');
SELECT pg_temp.city('bob');
-- Where others are left of the golden record, it stays with them, and not with an id that its system gives to somebody else.
SELECT pg_temp.send('Shop', 'uma', '{"email": "uma@example.com"}', '2024-01-01T00:00:00Z'), pg_temp.send('Web', 'uma', '{"email": "uma@example.com", "city": "Bonn"}', '2024-01-01T00:00:00Z');
SELECT golden_record.override(golden_id, 'city', 'Ulm') IS NOT NULL AS set FROM golden_record.crosswalk WHERE system_name = 'Web' AND source_id = 'uma';
SELECT pg_temp.send('Shop', 'uma', '{}', '2024-02-01T00:00:00Z', '{"deleted": true}');
SELECT pg_temp.send('Shop', 'uma', '{"email": "vic@example.com"}', '2024-03-01T00:00:00Z');
SELECT x.system_name, c.email, c.city FROM golden_record.crosswalk AS x JOIN golden_record.customer AS c USING (golden_id) WHERE x.source_id = 'uma' ORDER BY 1;
SELECT golden_record.rebuild() AS changed;
SELECT golden_record.erase_subject(golden_id, 'asked for it') -> 'removed' ->> 'value_override' AS overrides FROM golden_record.crosswalk WHERE system_name = 'Web' AND source_id = 'uma';

-- Until a date: what is due ends at the next write on the golden record, or with rebuild, and that is on record. Until then it
-- stands, for readers, digest and verify alike.
SELECT golden_record.override(pg_temp.golden('ann'), 'city', 'Skien', until => now() + interval '1 hour') AS id \gset
UPDATE golden_record.value_override SET until = now() - interval '1 hour' WHERE override_id = :id;
SELECT pg_temp.city('ann');
SELECT * FROM golden_record.verify();
SELECT pg_temp.send('Web', 'web', '{"preferredLanguage": "no"}', '2024-04-01T00:00:00Z', '{"sourcePriority": 2}');
SELECT pg_temp.city('ann');
SELECT attribute, ended_at IS NOT NULL AS ended, end_reason FROM golden_record.overrides WHERE override_id = :id;
SELECT action, golden_id = pg_temp.golden('ann') AS of_hers, detail - 'override_ids' AS detail FROM golden_record.audit_log WHERE action = 'override_ended';
SELECT golden_record.override(pg_temp.golden('ann'), 'city', 'Skien', until => now() + interval '1 hour') AS id \gset
UPDATE golden_record.value_override SET until = now() - interval '1 hour' WHERE override_id = :id;
SELECT golden_record.rebuild();
SELECT pg_temp.city('ann');
-- Until the sources change: a newer value that the rules choose takes its place; one that they do not choose does not.
SELECT golden_record.override(pg_temp.golden('ann'), 'city', 'Bodø', until_changed => true) AS id \gset
SELECT pg_temp.send('Web', 'web', '{"city": "Drammen"}', '2024-05-01T00:00:00Z', '{"sourcePriority": 2}');
SELECT pg_temp.city('ann');
SELECT pg_temp.send('CRM', 'ann', '{"city": "Asker"}', '2024-06-01T00:00:00Z', '{"sourcePriority": 1}');
SELECT pg_temp.city('ann');
SELECT end_reason FROM golden_record.overrides WHERE override_id = :id;
SELECT * FROM golden_record.verify();

-- An attribute of a group, one that no record states, a value in another spelling.
SELECT golden_record.override(pg_temp.golden('ann'), 'company', 'Fjord AS') IS NOT NULL AS set, golden_record.override(pg_temp.golden('ann'), 'email', ' ANN@Example.com ') IS NOT NULL AS set;
SELECT attribute, value, reason, jsonb_path_query_array(losers, '$[*].agrees') AS agrees FROM golden_record.lineage WHERE action = 'OVERRIDE' ORDER BY 1;
-- What cannot be set. No message holds the value.
SELECT r.* FROM (VALUES
    (1, $$override(pg_temp.golden('ann'), 'email', 'not an email')$$), (2, $$override(pg_temp.golden('ann'), 'emial', 'x@example.com')$$),
    (3, $$override(pg_temp.golden('ann'), 'city', NULL)$$), (4, $$override(pg_temp.golden('ann'), 'city', ' ')$$),
    (5, $$override(pg_temp.golden('ann'), 'city', 'Oslo', until => now() - interval '1 day')$$),
    (6, $$override('00000000-0000-0000-0000-000000000000', 'city', 'Oslo')$$), (7, $$clear_override(pg_temp.golden('ann'), 'street')$$),
    (8, $$clear_override(pg_temp.golden('ann'), 'streat')$$)) AS v (n, call), LATERAL pg_temp.refused('SELECT golden_record.' || call) AS r ORDER BY n;
-- Readers see that there is one, not who set it or why.
SELECT has_table_privilege('golden_record_reader', 'golden_record.overrides', 'SELECT') AS reader, has_table_privilege('golden_record_steward', 'golden_record.overrides', 'SELECT') AS steward,
       has_table_privilege('golden_record_admin', 'golden_record.value_override_pii', 'SELECT') AS raw;

-- Under UNION it is one value, or several as an array in JSON; what is shown is an array either way.
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"alt": {"kind": "email", "pii": "none"}}}');
SELECT golden_record.set_merge_rules('CUSTOMER', '{"alt": {"action": "UNION"}}');
SELECT pg_temp.send('CRM', 'una', '{"alt": "one@una.example"}');
CREATE FUNCTION pg_temp.alt() RETURNS text LANGUAGE sql AS $$ SELECT concat_ws(' ', value, action) FROM golden_record.lineage WHERE golden_id = pg_temp.golden('una') AND attribute = 'alt' $$;
SELECT pg_temp.alt();
SELECT golden_record.override(pg_temp.golden('una'), 'alt', 'Two@una.example') IS NOT NULL AS set;
SELECT pg_temp.alt();
SELECT golden_record.override(pg_temp.golden('una'), 'alt', '["two@una.example", "three@una.example"]') IS NOT NULL AS set;
SELECT pg_temp.alt(), attributes ->> 'alt' AS shown FROM golden_record.profile WHERE golden_id = pg_temp.golden('una');
SELECT r.* FROM (VALUES (1, '[]'), (2, '["two@una.example", "nobody"]')) AS v (n, value),
    LATERAL pg_temp.refused(format('SELECT golden_record.override(pg_temp.golden(%L), %L, %L)', 'una', 'alt', value)) AS r ORDER BY n;
SELECT * FROM golden_record.verify();
SELECT golden_record.rebuild();
-- Nobody is found by it: look-ups go by what records say.
SELECT golden_record.override(pg_temp.golden('una'), 'email', 'una@set.example') IS NOT NULL AS set;
SELECT count(*) FROM golden_record.lookup(email => 'una@set.example');
-- It stays what it was when it was set: whatever becomes of its record's region, and of the rule.
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"phoneNumber": {"kind": "phone", "pii": "none"}}}');
SELECT pg_temp.send('Shop', 'ida', '{"email": "ida@example.com"}', extra => '{"recordRegion": "DE"}');
SELECT golden_record.override(pg_temp.golden('ida'), 'phoneNumber', '030 123456') IS NOT NULL AS set;
CREATE FUNCTION pg_temp.phone_of(id text) RETURNS text LANGUAGE sql AS $$ SELECT phone_number FROM golden_record.customer WHERE golden_id = pg_temp.golden(id) $$;
SELECT pg_temp.phone_of('ida');
SELECT pg_temp.send('Shop', 'ida', '{"country": "FR"}', '2024-02-01T00:00:00Z'), pg_temp.phone_of('ida');
SELECT golden_record.set_merge_rules('CUSTOMER', '{"phoneNumber": {"action": "UNION"}, "alt": {"action": "UNION"}}');
SELECT pg_temp.phone_of('ida');
SELECT golden_record.override(pg_temp.golden('ida'), 'phoneNumber', '["01 42 68 53 00", "+49 30 123456"]') IS NOT NULL AS set;
SELECT pg_temp.phone_of('ida');
SELECT pg_temp.send('Shop', 'ida', '{"country": "US", "phoneNumber": "206 555 0143"}', '2024-03-01T00:00:00Z'), pg_temp.phone_of('ida');
-- Of several the first speaks where the rule is another: it beats all rules.
SELECT golden_record.set_merge_rules('CUSTOMER', '{"alt": {"action": "UNION"}}');
SELECT pg_temp.phone_of('ida');
SELECT * FROM golden_record.verify();
SELECT golden_record.rebuild();
-- By what was set it is kept out and looked for, once it is erased.
SELECT golden_record.override(pg_temp.golden('ida'), 'phoneNumber', '(206) 555-0177') IS NOT NULL AS set;
SELECT pg_temp.send('Shop', 'ida', '{"country": "DE"}', '2024-04-01T00:00:00Z'), pg_temp.phone_of('ida');
SELECT outcome FROM golden_record.ingest('{"entityType": "CUSTOMER", "attributes": {"phoneNumber": "+12065550177"}}'::text);
SELECT golden_record.erase_subject(golden_id, 'asked for it') -> 'removed' ->> 'rejected_record' AS rejected FROM golden_record.crosswalk WHERE source_id = 'ida';
SELECT pg_temp.send('Web', 'ida2', '{"email": "ida@example.com", "phoneNumber": "+1 206 555 0177"}');
-- An end beyond what microseconds count is none.
SELECT golden_record.override(pg_temp.golden('una'), 'city', 'Oslo', until => '294276-12-31Z') IS NOT NULL AS set, pg_temp.city('una');
SELECT pg_temp.send('CRM', 'una', '{"city": "Bergen"}', '2024-02-01T00:00:00Z'), pg_temp.city('una');
SELECT * FROM golden_record.verify();
-- An id that was merged leads to the golden record that has its records, for whatever a steward does.
SELECT pg_temp.send('CRM', 'm1', '{"email": "m1@example.com"}'), pg_temp.send('CRM', 'm2', '{"email": "m2@example.com"}');
SELECT pg_temp.golden('m2') AS merged \gset
SELECT golden_record.link('{"systemName": "CRM", "id": "m1"}', '{"systemName": "CRM", "id": "m2"}') > 0 AS linked;
SELECT golden_record.override(:'merged', 'city', 'Oslo') IS NOT NULL AS set, pg_temp.city('m1'), (SELECT count(*) FROM golden_record.why(:'merged')) AS bonds;
SELECT golden_record.clear_override(:'merged', 'city');
SELECT golden_record.unmerge(:'merged', ARRAY['{"systemName": "CRM", "id": "m2"}'::jsonb]) = :'merged' AS its_own_again;
