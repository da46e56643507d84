-- Runs last: what each function takes and gives, who owns what, what a dump carries, who may do what.

COMMENT ON FUNCTION normalize_email(text) IS
    'The canonical form of an email: trimmed, lower case, domain in ASCII; NULL for what cannot be one.';
COMMENT ON FUNCTION normalize_phone(text, text) IS
    'The E.164 form of a phone number of a region (ISO 3166-1 code, default US); +, country digits, digits for a number that no plan knows; NULL for what cannot be one. Error 22023: unknown region.';
COMMENT ON FUNCTION normalize_name(text) IS
    'The canonical form of a full name: case and accents folded, titles dropped; NULL for what cannot be one.';
COMMENT ON FUNCTION golden_record.normalize(text, text) IS
    'The canonical form of a value of a kind (email, phone, given_name, ...), read for region US, month first, times without a zone in UTC, two-digit years up to 2026; NULL for what cannot be one. Error 22023: unknown kind.';
COMMENT ON FUNCTION similarity(text, text, text) IS
    'The similarity of two texts, 0 to 1, by jaro_winkler, levenshtein, damerau_levenshtein, dice or name. Error 22023: unknown method.';
COMMENT ON FUNCTION mask(text, text) IS
    'A value of a kind as it is shown where its attribute is masked or encrypted. Error 22023: unknown kind.';
COMMENT ON FUNCTION match_score(jsonb, jsonb, text) IS
    'The score of two attributes objects under the shipped CUSTOMER and a policy (guide or probabilistic, with the weights that ship), 0 to 100 points. Error 22023: unknown policy, or no object.';
COMMENT ON FUNCTION match_explain(jsonb, jsonb, text) IS
    'The comparisons that match_score is made of, without values: points add up to the score. weight: the most points a comparison gives under guide, bits (log2 of odds) under probabilistic.';
COMMENT ON FUNCTION merge_golden(jsonb[], jsonb) IS
    'Merges records, the guide''s record objects of one customer, under merge rules (NULL: the shipped ones): {"attributes": {...}, "lineage": {...}}. A function of its arguments alone; their order does not matter.';
COMMENT ON FUNCTION merge_golden_final(jsonb[]) IS
    'The final step of the aggregate merge_golden.';
COMMENT ON FUNCTION identity_key(text, text) IS
    'The composite identity key of an email and a phone: HMAC-SHA-256 under the identity secret of this database; NULL where neither can be read.';
COMMENT ON FUNCTION ingest(text, text) IS
    'Takes a payload, {"records": [...]} or one record, into a feed; a row a record with its outcome: created, updated, unchanged, stale, deleted, suppressed or rejected. Who may not read is told no golden_id, and updated or stale by the order of versions alone.';
COMMENT ON FUNCTION ingest(jsonb, text) IS
    'The same as ingest(text, text) for a payload that is JSON already.';
COMMENT ON FUNCTION feed_begin() IS
    'Trigger of the view feed.';
COMMENT ON FUNCTION feed_row() IS
    'Trigger of the view feed.';
COMMENT ON FUNCTION feed_end() IS
    'Trigger of the view feed.';
COMMENT ON FUNCTION attached_change() IS
    'Trigger of attached tables, made by attach_source.';
COMMENT ON FUNCTION define_entity(text, jsonb) IS
    'Defines an entity type, or adds and changes attributes of one: {"attributes": {name: {"kind": ..., "pii": ..., "limit": ..., "exclusive": ..., "compare": ..., "block": ..., "levels": ..., "similar": ...}}}; compare false: it counts for nothing when records are compared, block false: records do not find each other by it; levels: shares of pairs by level of comparison, which are then not learnt; similar: the least similarity of like texts, 0.5 to 1. What is not named stays as it is, null takes an option back. What waits in raw_attributes is promoted. Error 22023 with the nearest right word; for a key that is mapped; for more than 32 comparisons under probabilistic. 42501: lowers a class, and the caller is not cleared.';
COMMENT ON FUNCTION map_attribute(text, text, text) IS
    'Makes a payload''s key mean an attribute, for records already here too; NULL takes that back. Error 42703: no such attribute; 42704: no such mapping; 22023: the key is an attribute, or too long; 42501: lowers a class, and the caller is not cleared.';
COMMENT ON FUNCTION set_merge_rules(text, jsonb) IS
    'Sets the merge rules of an entity type in the guide''s form and applies them to every golden record. Error 22023 with the nearest right word; then nothing changes.';
COMMENT ON FUNCTION set_policy(text, text, jsonb) IS
    'Sets the policy of an entity type and its options: auto, review (points), cap, component_cap, block_limit (records); resolves all records again.';
COMMENT ON FUNCTION train(text) IS
    'Learns a model of the policy probabilistic from the living records of an entity type, without labels, and gives its number. It is never changed; use_model puts it in force. Error 55000: fewer than two records.';
COMMENT ON FUNCTION use_model(text, bigint) IS
    'Puts a trained model in force for an entity type (NULL: the weights that ship) and resolves all records again. Error 42704: no such model; 22023: it was trained for another entity type; 55000: another version of the extension learnt it.';
COMMENT ON FUNCTION score_pair(jsonb, jsonb, text) IS
    'The score of two attributes objects under the policy and the model in force of an entity type, 0 to 100 points; under probabilistic 100 times the match probability (Fellegi and Sunter 1969).';
COMMENT ON FUNCTION register_source(text, jsonb) IS
    'Sets options of a source system: region, priority, time_zone, date_order, future_tolerance (seconds); those not named stay, null takes one back. Reads its records again.';
COMMENT ON FUNCTION running() IS
    'What view progress shows: work on whole sets and large statements that goes on now, from files that each backend keeps while it works.';
COMMENT ON FUNCTION rebuild(text) IS
    'Makes the state of an entity type what records, decisions and configuration say, and gives the number of golden records and limits written.';
COMMENT ON FUNCTION attach_source(regclass, text, text, jsonb, text, text, jsonb) IS
    'Attaches a table of the caller''s: its rows become source records, followed by statement triggers. columns: attributes with their columns (NULL: by name); options: system_column, priority_column, region_column, deleted_column, time_zone, region, date_order. Error 22004: neither system_name nor system_column; 42501: the caller does not own it; 42703: no such column or attribute; 42710: it is attached; 42804: timestamp_column holds no times; 42809: not a table that triggers can follow.';
COMMENT ON FUNCTION detach_source(regclass) IS
    'Follows an attached table no more; its records stay, and it is known by the name it has now.';
COMMENT ON FUNCTION backfill(regclass, boolean) IS
    'Makes the records of an attached table exactly its rows and gives their number; records of its system whose table is attached no more are deleted where no row names them, those that only a feed sent stay. With train, a model is learnt from all records of the type, put in force, and decides (policy probabilistic alone). Writers of the table wait meanwhile. Error 55000: nothing to learn; 42703: a column is gone that was attached.';
COMMENT ON FUNCTION decide(bigint, text, text) IS
    'Decides an item of review_queue: same or different. Gives the decision''s id. Error 42704: the item is not open; 23514: it contradicts earlier decisions.';
COMMENT ON FUNCTION decide_all(jsonb, text, text) IS
    'Decides all items of review_queue that a filter selects, as same or different, and gives their number: {"entity_type": ..., "reason": ..., "min_score": ..., "max_score": ..., "system": ...}, any of these; reason may be an array, system is that of either record. Error 22023 with the nearest right word; 23514: they contradict earlier decisions. After an error nothing is decided.';
COMMENT ON FUNCTION why(uuid) IS
    'What holds the records of a golden record together: the strongest links that connect them all, a row a link, strongest first. via: cross_reference, score, profile (the two score lower than merges by itself, the records they were joined with by then do not), decision (decision_id). score is in points, evidence without values. The golden id may be one that was merged. Error 42704: no such living golden record.';
COMMENT ON FUNCTION why_not(jsonb, jsonb, text) IS
    'Why two source records are not in one golden record, as a word (reason) and a sentence (detail): together (they are in one), a reason of review_queue, low_score, generic (what they share serves too many), no_candidate (nothing in common). shared: by what they could find each other, counts false where it serves too many. entity_type is that of both. Error 42704: no such living record or entity type; 53400: too many look-ups of the login found nothing.';
COMMENT ON FUNCTION link(jsonb, jsonb, text, text) IS
    'Decides that the golden records of two source records, both of entity_type, are the same. Gives the decision''s id. Error 42704: no such living record or entity type; 55000: they are in one golden record already; 23514: it contradicts earlier decisions.';
COMMENT ON FUNCTION unlink(jsonb, jsonb, text, text) IS
    'Takes source record a, of entity_type, out of the golden record it shares with b. Gives the decision''s id. Error 42704: no such living record or entity type; 55000: they are not in one golden record; 23514: it contradicts earlier decisions.';
COMMENT ON FUNCTION unmerge(uuid, jsonb[], text) IS
    'Takes the named source records out of a golden record together and gives their golden id. The id may be one that was merged. Error 42704: no such living golden record or source record; 55000: not all of them belong to it, or nothing else does; 23514: it contradicts earlier decisions.';
COMMENT ON FUNCTION revert_decision(bigint, text) IS
    'Takes a decision back: what it kept together or apart is resolved again.';
COMMENT ON FUNCTION lookup_golden(text, text, text, text, text) IS
    'What lookup asks: the golden ids that hold a value given in full, and by which values.';
COMMENT ON FUNCTION lookup(text, text, text, text, text) IS
    'The customers that hold an email, phone, (system_name, source_id) or name given in full, best match first, masked (raw for cleared readers with a purpose, within their scope). Error 22023: nothing given, or system_name without source_id; 53400: too many look-ups of the login found nothing.';
COMMENT ON FUNCTION resolve(uuid) IS
    'The living golden id that an id stands for: itself, or what it was merged into; NULL when none.';
COMMENT ON FUNCTION generic_holders(bigint, boolean) IS
    'How many records, or names, hold a key of generic_key.';
COMMENT ON FUNCTION cleared() IS
    'Whether the caller sees raw values: it is a member of golden_record_pii (a superuser only by a grant) and golden_record.purpose is set.';
COMMENT ON FUNCTION rotate_key() IS
    'Wraps the keys of this database under the first key of the key file and adds a data key, whose id it gives and by which values are sealed from now on; older ones open still, and rebuild seals them again. Error 55000: the key file is missing or another''s.';
COMMENT ON FUNCTION open_values(text, uuid, text, text, bytea) IS
    'What views show of golden_pii to cleared readers, by attribute; object names the view in access_log. Error 42501: the caller is not cleared. NULL: outside its scope.';
COMMENT ON FUNCTION unmask(jsonb, jsonb) IS
    'Masked values, by attribute, with those of the second object in their place. For views.';
COMMENT ON FUNCTION open_lineage(bytea) IS
    'The lineage of a golden record, as JSON by attribute: systemName, id, eventTime and sourcePriority of the record that won, action, reason and losers. Error XX001: the bytes were changed.';
COMMENT ON FUNCTION reveal(uuid, text, text) IS
    'One raw value of a golden record, for a purpose. For members of golden_record_pii within their scope; every attempt is in access_log before this returns, whatever becomes of the transaction. NULL: the record has no such value. Error 42501: refused; 22023: no purpose; 42703: no such attribute; 55000: the access cannot be recorded.';
COMMENT ON FUNCTION export_subject(uuid) IS
    'Everything held on the person of a golden record, as JSON: profile with lineage, records with all their versions, history, overrides and decisions, races, refused records, access history. For members of golden_record_pii whose scope holds all of it, with golden_record.purpose set; recorded in access_log. Error 42501: refused; 42704: nothing is held under that id.';
COMMENT ON FUNCTION erase_subject(uuid, text) IS
    'Erases the person of a golden record from every table and gives the receipt, which table erasure keeps. Its records, its email with its phone, and an email that nobody else holds do not come in again, but for generic values: outcome suppressed. Records that no golden id leads to go with it where they speak of the same person. reason is kept: it must not name the person. Of an id that was erased before, refused records that speak of who is kept out. Error 42704: no such golden record; 22023: no reason.';
COMMENT ON FUNCTION unsuppress(bigint, text) IS
    'Lets the person of an erasure come in again: id is erasureId of the receipt. Error 42704: nothing is suppressed by it.';
COMMENT ON FUNCTION key_status() IS
    'How the key file is: what view status shows of it.';
COMMENT ON FUNCTION grant_scope(text, text[], text[]) IS
    'Lets a role, and its members, see raw values of records of these systems and regions (ISO codes); NULL stands for all. Takes the place of what the role had. It must be a member of golden_record_pii too. Error 42704: no such role.';
COMMENT ON FUNCTION revoke_scope(text) IS
    'Takes a role''s scope away.';
COMMENT ON FUNCTION open_payload(bigint, text, bytea) IS
    'What view rejected shows as payload. Error 42501: the caller is not cleared. NULL: outside its scope.';
COMMENT ON FUNCTION open_raw(bigint, text, text, bytea) IS
    'What view raw_attributes shows. Error 42501: the caller is not cleared. NULL: outside its scope.';
COMMENT ON FUNCTION digest(text) IS
    'SHA-256 of the state of an entity type: clusters, golden values with winner and rule, open review items.';
COMMENT ON FUNCTION digest_text(text) IS
    'The text that digest hashes. Holds personal data.';
COMMENT ON FUNCTION verify(text) IS
    'Every difference between what is stored and what records, decisions and configuration say; no row when all is well.';
COMMENT ON FUNCTION changes_since(text, integer) IS
    'The changes of golden records after a cursor (NULL or empty: from the first), oldest first, at most max_rows: each exactly once to a consumer who passes the last cursor on, also across a restore. A change is shown when no transaction that may still add an earlier one is open. Error 22023: not a cursor, max_rows below 1.';
COMMENT ON FUNCTION why_value(uuid, text) IS
    'Who competed for a golden value, the winner first: every assertion with its event time, action and reason, masked (raw for cleared readers with a purpose, within their scope). The golden id may be one that was merged. Error 42704: no such living golden record; 42703: its type has no such attribute.';
COMMENT ON FUNCTION whose_value(uuid, text) IS
    'The living golden record that an id leads to, whose type has that attribute: what why_value asks first. Error 42704: no such living golden record; 42703: its type has no such attribute.';
COMMENT ON FUNCTION retry_rejected(jsonb) IS
    'Takes dead letters in again, those that agree with all keys of the filter (rejected_id: a number or a list, feed, system_name, source_id, field, sqlstate; {}: all), and gives how many were accepted: they leave rejected, the others stay with their new reason. Rows of tables that are attached come again by backfill; those refused because a column was gone (42703) are passed by. Error 22023: unknown key.';
COMMENT ON FUNCTION forget_rejected(jsonb, timestamptz) IS
    'Removes dead letters for good, those that agree with all keys of the filter (as of retry_rejected; {}: all) and, where before is given, were refused earlier; rows of attached tables too. Gives their number, and is in the audit log.';
COMMENT ON FUNCTION override(uuid, text, text, timestamptz, text, boolean) IS
    'Sets a value over what the merge rules choose, and gives the override''s id. It sits on the golden record''s founding member, ends with clear_override, and, as a recorded event at the next write on the golden record or rebuild, after until or (until_changed) once the rules choose another value than now. The golden id may be one that was merged. Error 42704: no such living golden record; 42703: its type has no such attribute; 22023: a value that the attribute''s kind cannot read. Under the action UNION the value is one, or several as an array in JSON. It stays as it is read now, whatever becomes of the record''s region and the rules.';
COMMENT ON FUNCTION clear_override(uuid, text, text) IS
    'Ends the override of an attribute: what the rules choose stands again. The golden id may be one that was merged. Error 42704: no such living golden record, or no override is in force; 42703: its type has no such attribute.';
COMMENT ON FUNCTION profile_as_of(uuid, timestamptz) IS
    'What a golden record was at a moment of system time: its values (masked; raw for cleared readers with a purpose, within their scope), lineage and status, and the id it redirected to. No row before it was created. Error 22004: at is NULL; 22023: before what forget_history left. A change counts from the moment it was written, and is seen once its transaction commits.';
COMMENT ON FUNCTION crosswalk_as_of(timestamptz) IS
    'What the view crosswalk showed at a moment of system time. Error 22004: at is NULL; 22023: before what forget_history left.';
COMMENT ON FUNCTION forget_history(timestamptz) IS
    'Removes states of golden records, memberships and further ids that were over at a moment, and gives the number of rows. What holds, versions of source records and the audit log stay. From then on profile_as_of and crosswalk_as_of refuse earlier moments. Error 22023: in the future.';
COMMENT ON FUNCTION written_here(xid) IS
    'Whether the transaction under way, or a part of it that was not rolled back, wrote the row that has this xmin.';
COMMENT ON FUNCTION ended(timestamptz, timestamptz) IS
    'When a state that began at the first time ended, where another took its place at the second: then, or a microsecond after it began.';
COMMENT ON FUNCTION remembered(timestamptz) IS
    'True. Error 22023: the moment lies before what forget_history left.';
COMMENT ON FUNCTION values_until(uuid, timestamptz) IS
    'When the values that a golden record had at a moment were replaced; NULL: it has them still.';
COMMENT ON FUNCTION audit_head() IS
    'Seals the audit entries of ended transactions (not on a standby or in a read-only transaction) and gives the last seal: its hash, kept outside, shows a tail cut off. No row before the first seal.';
COMMENT ON FUNCTION audit_commitment(bytea, text, jsonb) IS
    'What an audit entry commits to by its salt: note and detail.';
COMMENT ON FUNCTION audit_hash(bigint, integer, xid8, timestamptz, text, text, text, uuid, bytea) IS
    'The hash of an audit entry, over its columns, note and detail through their commitment.';
COMMENT ON FUNCTION audit_verify(bytea) IS
    'Checks the audit log: a row for each changed, removed or inserted entry, wiped ones that no erasure names among the changed, and each seal that is not as it was made, cut where the head given is in the chain no longer; then how many entries are sealed and intact, and how many unsealed.';
COMMENT ON AGGREGATE merged(jsonb) IS
    'The members of all objects as one object; of equal names the last. For views.';
COMMENT ON AGGREGATE merge_golden(jsonb) IS
    'Merges the records of a group under the stored merge rules of their entity type, which is one, as merge_golden(jsonb[], jsonb) does. Error 22023: they are of several.';

-- Ownership comes before any grant. That of functions too: whoever owns one that our statements call can have code of theirs
-- run as the owner, and what the installing superuser owns is some day REASSIGNed. They run as their caller all the same, and
-- switch to the owner role themselves, after the caller was checked.
DO $finish$
DECLARE
    member record;
BEGIN
    FOR member IN
        SELECT c.oid::regclass AS name, c.relkind
        FROM pg_catalog.pg_depend AS d
        JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'golden_record'
        JOIN pg_catalog.pg_class AS c ON c.oid = d.objid
        WHERE d.classid = 'pg_catalog.pg_class'::regclass::oid AND d.refclassid = 'pg_catalog.pg_extension'::regclass::oid
          AND d.deptype = 'e' AND c.relkind IN ('r', 'v', 'S')
        ORDER BY c.relkind DESC, c.oid
    LOOP
        -- An identity column's sequence follows its table.
        IF member.relkind <> 'S' OR NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend AS d
            WHERE d.objid = member.name::oid AND d.refclassid = 'pg_catalog.pg_class'::regclass::oid AND d.deptype = 'i')
        THEN
            EXECUTE pg_catalog.format('ALTER %s %s OWNER TO golden_record_owner',
                CASE member.relkind WHEN 'r' THEN 'TABLE' WHEN 'v' THEN 'VIEW' ELSE 'SEQUENCE' END, member.name);
        END IF;
        IF member.relkind IN ('r', 'S') THEN
            PERFORM pg_catalog.pg_extension_config_dump(member.name, '');
        END IF;
    END LOOP;
    FOR member IN
        SELECT p.oid::regprocedure AS name, p.prokind, p.provolatile
        FROM pg_catalog.pg_depend AS d
        JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'golden_record'
        JOIN pg_catalog.pg_proc AS p ON p.oid = d.objid
        WHERE d.classid = 'pg_catalog.pg_proc'::regclass::oid AND d.refclassid = 'pg_catalog.pg_extension'::regclass::oid
    LOOP
        EXECUTE pg_catalog.format('ALTER ROUTINE %s OWNER TO golden_record_owner', member.name);
        -- Only what is a function of its arguments alone is for everybody.
        IF member.provolatile <> 'i' OR member.prokind = 'a' THEN
            EXECUTE pg_catalog.format('REVOKE ALL ON ROUTINE %s FROM PUBLIC', member.name);
        END IF;
    END LOOP;
END
$finish$;

-- What default privileges of this database would give to others they do not get.
REVOKE ALL ON SCHEMA golden_record FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA golden_record FROM PUBLIC;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA golden_record FROM PUBLIC;
DO $finish$
DECLARE
    grantee text;
BEGIN
    FOR grantee IN
        SELECT DISTINCT pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(granted.grantee))
        FROM (SELECT c.relacl AS acl, c.relowner AS owner FROM pg_catalog.pg_class AS c WHERE c.relnamespace = 'golden_record'::regnamespace::oid
              UNION ALL
              SELECT p.proacl, p.proowner FROM pg_catalog.pg_proc AS p WHERE p.pronamespace = 'golden_record'::regnamespace::oid
              UNION ALL
              SELECT n.nspacl, n.nspowner FROM pg_catalog.pg_namespace AS n WHERE n.oid = 'golden_record'::regnamespace::oid) AS object
        CROSS JOIN LATERAL pg_catalog.aclexplode(object.acl) AS granted
        WHERE granted.grantee NOT IN (0::oid, object.owner)
    LOOP
        EXECUTE pg_catalog.format('REVOKE ALL ON SCHEMA golden_record FROM %s', grantee);
        EXECUTE pg_catalog.format('REVOKE ALL ON ALL TABLES IN SCHEMA golden_record FROM %s', grantee);
        EXECUTE pg_catalog.format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA golden_record FROM %s', grantee);
        EXECUTE pg_catalog.format('REVOKE ALL ON ALL ROUTINES IN SCHEMA golden_record FROM %s', grantee);
    END LOOP;
END
$finish$;

-- The statements of the real-time path are kept for the life of a backend and take arrays. Planned anew for each array
-- they would cost more than they do; planned once while tables are small they would scan whole tables for ever, or, of tables that
-- were never analysed, read the whole index of few pages for each row, if a page had its price.
DO $finish$
DECLARE
    routine regprocedure;
BEGIN
    FOREACH routine IN ARRAY ARRAY[
        'ingest(text, text)', 'feed_row()', 'feed_end()', 'attached_change()', 'backfill(regclass, boolean)',
        'decide(bigint, text, text)', 'decide_all(jsonb, text, text)', 'link(jsonb, jsonb, text, text)', 'unlink(jsonb, jsonb, text, text)',
        'unmerge(uuid, jsonb[], text)', 'revert_decision(bigint, text)',
        'retry_rejected(jsonb)', 'erase_subject(uuid, text)', 'export_subject(uuid)', 'override(uuid, text, text, timestamptz, text, boolean)', 'clear_override(uuid, text, text)',
        'lookup_golden(text, text, text, text, text)']::regprocedure[]
    LOOP
        EXECUTE pg_catalog.format('ALTER FUNCTION %s SET plan_cache_mode = force_generic_plan', routine);
        EXECUTE pg_catalog.format('ALTER FUNCTION %s SET enable_seqscan = off', routine);
        EXECUTE pg_catalog.format('ALTER FUNCTION %s SET enable_bitmapscan = off', routine);
        EXECUTE pg_catalog.format('ALTER FUNCTION %s SET enable_hashjoin = off', routine);
        EXECUTE pg_catalog.format('ALTER FUNCTION %s SET enable_mergejoin = off', routine);
        EXECUTE pg_catalog.format('ALTER FUNCTION %s SET random_page_cost = 0', routine);
        EXECUTE pg_catalog.format('ALTER FUNCTION %s SET jit = off', routine);
    END LOOP;
END
$finish$;

-- A value given in full is held by one customer, rarely by a few.
ALTER FUNCTION lookup_golden(text, text, text, text, text) ROWS 1;

-- Personal data lies sealed in these tables, and its rows are kept from all but cleared readers.
DO $finish$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['source_pii', 'golden_pii', 'golden_history_pii', 'value_override_pii', 'rejected_payload',
                              'record_version'] LOOP
        EXECUTE pg_catalog.format('ALTER TABLE golden_record.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE pg_catalog.format('ALTER TABLE golden_record.%I FORCE ROW LEVEL SECURITY', name);
        EXECUTE pg_catalog.format('CREATE POLICY owner ON golden_record.%I TO golden_record_owner USING (true) WITH CHECK (true)', name);
    END LOOP;
END
$finish$;
-- The role is looked up by name, since one that is gone must not break every read, and as the reader: no policy calls a
-- definer function. A refused record has no region that could be read: it is for scopes that have all regions.
-- Whether somebody may see all is asked once a statement, not once a row. A value that records of several systems or
-- regions gave is for scopes that have all of them.
DO $finish$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['source_pii', 'golden_pii', 'golden_history_pii'] LOOP
        EXECUTE pg_catalog.format($policy$
            CREATE POLICY cleared ON golden_record.%1$I FOR SELECT TO golden_record_pii USING (EXISTS (
                SELECT FROM golden_record.scope AS s
                WHERE pg_catalog.pg_has_role(current_user, pg_catalog.to_regrole(pg_catalog.quote_ident(s.role)), 'USAGE')
                  AND s.systems IS NULL AND s.regions IS NULL)
            OR EXISTS (
                SELECT FROM golden_record.scope AS s
                WHERE pg_catalog.pg_has_role(current_user, pg_catalog.to_regrole(pg_catalog.quote_ident(s.role)), 'USAGE')
                  AND (s.systems IS NULL OR CASE WHEN pg_catalog.starts_with(%1$I.system_name, E'\n')
                       THEN pg_catalog.substr(%1$I.system_name, 2)::jsonb <@ pg_catalog.to_jsonb(s.systems)
                       ELSE %1$I.system_name = ANY (s.systems) END)
                  AND (s.regions IS NULL OR CASE WHEN pg_catalog.starts_with(%1$I.region, E'\n')
                       THEN pg_catalog.substr(%1$I.region, 2)::jsonb <@ pg_catalog.to_jsonb(s.regions)
                       ELSE %1$I.region = ANY (s.regions) END)))$policy$, name);
    END LOOP;
END
$finish$;
CREATE POLICY cleared ON rejected_payload FOR SELECT TO golden_record_pii USING (EXISTS (
    SELECT FROM golden_record.scope AS s
    WHERE pg_catalog.pg_has_role(current_user, pg_catalog.to_regrole(pg_catalog.quote_ident(s.role)), 'USAGE')
      AND (s.systems IS NULL OR rejected_payload.system_name = ANY (s.systems))
      AND s.regions IS NULL));

GRANT USAGE ON SCHEMA golden_record TO PUBLIC;
GRANT golden_record_reader TO golden_record_steward, golden_record_pii;
GRANT golden_record_steward, golden_record_ingest TO golden_record_admin;

-- Readers: masked profiles and how they came about.
-- Sealed values for the views: their policies leave no row to who is not cleared.
GRANT SELECT ON golden_record, golden_pii, golden_history_pii, source_record, cross_reference, profile, customer, lineage, crosswalk
    TO golden_record_reader;
-- Views call these for whoever reads them; they check the caller themselves.
GRANT EXECUTE ON FUNCTION cleared(), open_payload(bigint, text, bytea), open_raw(bigint, text, text, bytea),
    open_values(text, uuid, text, text, bytea), merged(jsonb) TO golden_record_reader;
GRANT EXECUTE ON FUNCTION reveal(uuid, text, text), export_subject(uuid) TO golden_record_reader, golden_record_ingest;
GRANT EXECUTE ON FUNCTION lookup_golden(text, text, text, text, text), lookup(text, text, text, text, text), resolve(uuid)
    TO golden_record_reader;

-- What happened, and why.
GRANT SELECT ON golden_history, membership_history, cross_reference_history TO golden_record_reader;
GRANT EXECUTE ON FUNCTION why_value(uuid, text), whose_value(uuid, text), changes_since(text, integer), profile_as_of(uuid, timestamptz),
    crosswalk_as_of(timestamptz), remembered(timestamptz), values_until(uuid, timestamptz)
    TO golden_record_reader;
GRANT SELECT ON record_history, value_override, overrides, race, race_log TO golden_record_steward;
GRANT EXECUTE ON FUNCTION override(uuid, text, text, timestamptz, text, boolean), clear_override(uuid, text, text),
    retry_rejected(jsonb)
    TO golden_record_steward;
GRANT SELECT ON configuration_history TO golden_record_admin;
GRANT SELECT ON access_entry, access_log, access_report, status, attachment, attached_table, attached_trigger, scope, erasure, suppression, audit_entry, audit_seal,
    audit_check, audit_log, change_event TO golden_record_admin;
GRANT EXECUTE ON FUNCTION audit_head(), audit_verify(bytea), audit_commitment(bytea, text, jsonb),
    audit_hash(bigint, integer, xid8, timestamptz, text, text, text, uuid, bytea) TO golden_record_admin;

-- Stewards: what is doubtful, and their decisions.
-- Keyed hashes tell who shares something with whom, and nothing else.
GRANT SELECT (key, record_id) ON block_key TO golden_record_steward;
GRANT EXECUTE ON FUNCTION score_pair(jsonb, jsonb, text), running() TO golden_record_steward;
GRANT SELECT ON progress TO golden_record_steward;
GRANT SELECT ON crowded_block, trained_model, entity_type, model, review_pair, review_closed, decision, decision_member, generic_key, limit_reached, rejected_record,
    rejected_payload, alert, feed_window, feed_keys, drift, review_queue, review_history, decisions, relation, generic_value, limits,
    rejected, feed_status, schema_drift
    TO golden_record_steward;
GRANT EXECUTE ON FUNCTION why(uuid), why_not(jsonb, jsonb, text), decide_all(jsonb, text, text), decide(bigint, text, text), link(jsonb, jsonb, text, text), unlink(jsonb, jsonb, text, text),
    unmerge(uuid, jsonb[], text), revert_decision(bigint, text), generic_holders(bigint, boolean)
    TO golden_record_steward;

-- Writers: they put records in and read nothing.
GRANT EXECUTE ON FUNCTION ingest(text, text), ingest(jsonb, text) TO golden_record_ingest;
GRANT INSERT ON feed TO golden_record_ingest;

-- Administrators: configuration and proof.
GRANT EXECUTE ON FUNCTION define_entity(text, jsonb), map_attribute(text, text, text), set_merge_rules(text, jsonb),
    set_policy(text, text, jsonb), train(text), use_model(text, bigint), register_source(text, jsonb), rebuild(text), digest(text), digest_text(text),
    verify(text), attach_source(regclass, text, text, jsonb, text, text, jsonb), detach_source(regclass),
    backfill(regclass, boolean), forget_history(timestamptz), forget_rejected(jsonb, timestamptz), erase_subject(uuid, text), unsuppress(bigint, text), key_status(), rotate_key(), grant_scope(text, text[], text[]), revoke_scope(text)
    TO golden_record_admin;
GRANT EXECUTE ON FUNCTION identity_key(text, text) TO golden_record_admin, golden_record_ingest;
GRANT EXECUTE ON FUNCTION merge_golden(jsonb), merge_golden_final(jsonb[])
    TO golden_record_admin;

-- Cleared for personal data.
GRANT SELECT ON scope, source_pii, golden_pii, rejected_record, rejected_payload, rejected, raw_attributes TO golden_record_pii;
