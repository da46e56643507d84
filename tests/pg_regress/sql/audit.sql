-- The audit log: an entry a statement, sealed in a chain that shows what was changed, removed, inserted or cut off.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
-- One record in the guide's shape.
CREATE FUNCTION pg_temp.send(id text, attributes jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT outcome FROM golden_record.ingest(jsonb_build_object('entityType', 'CUSTOMER',
        'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', 'CRM', 'id', id)),
        'attributes', attributes, 'timestamp', '2024-01-01T00:00:00Z')) $$;
-- Before the first entry there is no head and nothing to verify.
SELECT * FROM golden_record.audit_head();
SELECT * FROM golden_record.audit_verify();

SELECT pg_temp.send('1', '{"email": "ann@example.com"}'), pg_temp.send('2', '{"email": "bob@example.com"}');
SELECT golden_record.link('{"systemName": "CRM", "id": "1"}', '{"systemName": "CRM", "id": "2"}', 'one person');
SELECT golden_record.revert_decision(1, 'no, two');
SELECT audit_id, actor = session_user AS me, action, entity_type, note, detail - 'decision_id' AS detail, length(entry_hash) AS hash, sealed
FROM golden_record.audit_log ORDER BY audit_id;
-- A statement that changes nothing leaves no entry.
SELECT pg_temp.send('1', '{"email": "ann@example.com"}');
SELECT count(*) FROM golden_record.audit_log;
SELECT * FROM golden_record.audit_verify();

-- The head seals what ended. A transaction does not seal its own entries.
BEGIN;
SELECT pg_temp.send('3', '{"email": "eve@example.com"}');
SELECT seal_id, entries, length(head) AS head FROM golden_record.audit_head();
SELECT audit_id, sealed FROM golden_record.audit_log ORDER BY audit_id;
COMMIT;
SELECT * FROM golden_record.audit_verify();
SELECT seal_id, entries FROM golden_record.audit_head();
SELECT encode(head, 'hex') AS kept FROM golden_record.audit_head() \gset
SELECT * FROM golden_record.audit_verify(decode(:'kept', 'hex'));
-- In a read-only transaction the head is the last one, and nothing is written.
SELECT pg_temp.send('4', '{"email": "joe@example.com"}');
BEGIN READ ONLY;
SELECT seal_id, entries FROM golden_record.audit_head();
ROLLBACK;

-- What a superuser does to a sealed entry is named.
BEGIN;
UPDATE golden_record.audit_entry SET note = 'two people' WHERE action = 'link';
SELECT * FROM golden_record.audit_verify();
ROLLBACK;
BEGIN;
UPDATE golden_record.audit_entry SET actor = 'somebody else' WHERE action = 'link';
SELECT * FROM golden_record.audit_verify();
-- Even with a hash that fits.
UPDATE golden_record.audit_entry AS e SET entry_hash = c.computed FROM golden_record.audit_check AS c WHERE c.audit_id = e.audit_id AND e.action = 'link';
SELECT * FROM golden_record.audit_verify();
ROLLBACK;
BEGIN;
DELETE FROM golden_record.audit_entry WHERE action = 'link';
SELECT * FROM golden_record.audit_verify();
ROLLBACK;
BEGIN;
INSERT INTO golden_record.audit_entry OVERRIDING SYSTEM VALUE
SELECT 1000, generation, transaction_id, at, actor, action, entity_type, golden_id, note, detail, salt, commitment, entry_hash
FROM golden_record.audit_entry WHERE action = 'link';
SELECT * FROM golden_record.audit_verify();
ROLLBACK;
-- So is a seal that was made anew, and a head that is in the chain no longer.
BEGIN;
DELETE FROM golden_record.audit_entry WHERE action = 'link';
UPDATE golden_record.audit_seal SET audit_ids = '{1,2,4}', leaves = substr(leaves, 1, 64) || substr(leaves, 97) WHERE seal_id = 1;
SELECT * FROM golden_record.audit_verify();
ROLLBACK;
BEGIN;
DELETE FROM golden_record.audit_entry WHERE audit_id >= 5;
DELETE FROM golden_record.audit_seal WHERE seal_id = 2;
SELECT * FROM golden_record.audit_verify();
SELECT * FROM golden_record.audit_verify(decode(:'kept', 'hex'));
ROLLBACK;
-- An unsealed entry is held to its own hash alone.
BEGIN;
UPDATE golden_record.audit_entry SET action = 'nothing' WHERE audit_id = 6;
SELECT * FROM golden_record.audit_verify();
ROLLBACK;
-- What a seal says of itself: an entry more, one for another, a moment; and a byte behind the hashes.
CREATE FUNCTION pg_temp.sealed_as(change text) RETURNS TABLE (kind text, audit_id bigint, seal_id bigint) LANGUAGE plpgsql AS $$ BEGIN
    EXECUTE 'UPDATE golden_record.audit_seal SET ' || change || ' WHERE seal_id = 2';
    RETURN QUERY SELECT v.kind, v.audit_id, v.seal_id FROM golden_record.audit_verify() AS v WHERE v.entries IS NULL;
END $$;
BEGIN; SELECT * FROM pg_temp.sealed_as('audit_ids = audit_ids || 999::bigint'); ROLLBACK;
BEGIN; SELECT * FROM pg_temp.sealed_as('audit_ids[1] = 999'); ROLLBACK;
BEGIN; SELECT * FROM pg_temp.sealed_as($$sealed_at = sealed_at - interval '1 microsecond'$$); ROLLBACK;
BEGIN; SELECT * FROM pg_temp.sealed_as($$sealed_at = 'infinity'$$); ROLLBACK;
BEGIN; SELECT * FROM pg_temp.sealed_as($$leaves = leaves || '\x00'$$); ROLLBACK;
-- Nobody but an erasure takes note, detail and salt.
BEGIN;
UPDATE golden_record.audit_entry SET note = NULL, detail = '{}', salt = NULL WHERE action IN ('link', 'ingest');
SELECT * FROM golden_record.audit_verify();
ROLLBACK;
-- What it takes, the entry of the erasure names, and the chain still holds; of what was hers under an id that was merged, too.
-- Without the salt nothing else may stand there.
SELECT pg_temp.send('10', '{"email": "ida@example.com"}'), pg_temp.send('11', '{"email": "ida.b@example.com"}');
SELECT golden_record.override(golden_id, 'city', 'Oslo', note => 'Ida called') IS NOT NULL AS set FROM golden_record.crosswalk WHERE source_id IN ('10', '11') ORDER BY source_id;
SELECT golden_record.link('{"systemName": "CRM", "id": "10"}', '{"systemName": "CRM", "id": "11"}') IS NOT NULL AS linked;
SELECT entries FROM golden_record.audit_head();
SELECT golden_record.erase_subject(golden_id, 'request 1') IS NOT NULL AS erased FROM golden_record.crosswalk WHERE source_id = '10';
SELECT entries FROM golden_record.audit_head();
SELECT audit_id, action, note, detail FROM golden_record.audit_log WHERE action IN ('override', 'erase_subject') ORDER BY audit_id;
SELECT * FROM golden_record.audit_verify();
BEGIN;
UPDATE golden_record.audit_entry SET note = 'forged' WHERE action = 'override';
SELECT * FROM golden_record.audit_verify();
ROLLBACK;
-- Nor does a change of that entry make another's traces go.
BEGIN;
UPDATE golden_record.audit_entry SET note = NULL, detail = '{}', salt = NULL WHERE action = 'revert_decision';
UPDATE golden_record.audit_entry AS e SET detail = jsonb_set(detail, '{audit_ids, 0}', to_jsonb((SELECT audit_id FROM golden_record.audit_entry WHERE action = 'revert_decision')))
WHERE action = 'erase_subject';
SELECT * FROM golden_record.audit_verify();
ROLLBACK;
-- Writers seal now and then by themselves.
SELECT count(pg_temp.send('r' || n, '{}')) FROM generate_series(1, 200) AS n;
SELECT count(*) AS seals FROM golden_record.audit_seal;
SELECT count(pg_temp.send('s' || n, '{}')) FROM generate_series(1, 200) AS n;
SELECT count(*) AS seals, sum(cardinality(audit_ids)) AS entries FROM golden_record.audit_seal;
SELECT * FROM golden_record.audit_verify();

-- Who follows a table, and who no more.
CREATE TABLE audit_followed (id text PRIMARY KEY, email text);
SELECT golden_record.attach_source('audit_followed', 'Followed', 'id');
SELECT golden_record.detach_source('audit_followed');
SELECT actor = session_user AS me, action, entity_type, detail FROM golden_record.audit_log ORDER BY audit_id DESC LIMIT 2;
DROP TABLE audit_followed;
-- A change of the configuration is on record with what it was about, by name.
SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"tier": {"kind": "text"}}}'), golden_record.map_attribute('CUSTOMER', 'level', 'tier'),
    golden_record.set_policy('CUSTOMER', 'guide', '{"review": 85}'), golden_record.use_model('CUSTOMER', NULL), golden_record.register_source('Shop', '{"region": "NO"}'),
    golden_record.set_merge_rules('CUSTOMER', '{"mergeRules": {"email": {"action": "KEEP_EXISTING"}}}');
SELECT action, entity_type, detail - '{golden_records,records,limits}'::text[] AS about FROM golden_record.audit_log
    WHERE action IN ('define_entity', 'map_attribute', 'set_policy', 'use_model', 'register_source', 'set_merge_rules') ORDER BY audit_id DESC LIMIT 6;
