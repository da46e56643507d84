-- Runs last: who owns what, what a dump carries, who may do what.

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
        WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_extension'::regclass
          AND d.deptype = 'e' AND c.relkind IN ('r', 'v', 'S')
        ORDER BY c.relkind DESC, c.oid
    LOOP
        -- An identity column's sequence follows its table.
        IF member.relkind <> 'S' OR NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend AS d
            WHERE d.objid = member.name AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'i')
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
        WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.refclassid = 'pg_catalog.pg_extension'::regclass
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
        FROM (SELECT c.relacl AS acl, c.relowner AS owner FROM pg_catalog.pg_class AS c WHERE c.relnamespace = 'golden_record'::regnamespace
              UNION ALL
              SELECT p.proacl, p.proowner FROM pg_catalog.pg_proc AS p WHERE p.pronamespace = 'golden_record'::regnamespace
              UNION ALL
              SELECT n.nspacl, n.nspowner FROM pg_catalog.pg_namespace AS n WHERE n.oid = 'golden_record'::regnamespace) AS object
        CROSS JOIN LATERAL pg_catalog.aclexplode(object.acl) AS granted
        WHERE granted.grantee NOT IN (0, object.owner)
    LOOP
        EXECUTE pg_catalog.format('REVOKE ALL ON SCHEMA golden_record FROM %s', grantee);
        EXECUTE pg_catalog.format('REVOKE ALL ON ALL TABLES IN SCHEMA golden_record FROM %s', grantee);
        EXECUTE pg_catalog.format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA golden_record FROM %s', grantee);
        EXECUTE pg_catalog.format('REVOKE ALL ON ALL ROUTINES IN SCHEMA golden_record FROM %s', grantee);
    END LOOP;
END
$finish$;

-- The statements of the real-time path are kept for the life of a backend and take arrays. Planned anew for each array
-- they would cost more than they do; planned once while tables are small they would scan whole tables for ever.
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
GRANT EXECUTE ON FUNCTION why_value(uuid, text), changes_since(text, integer), profile_as_of(uuid, timestamptz),
    crosswalk_as_of(timestamptz), remembered(timestamptz), values_until(uuid, timestamptz)
    TO golden_record_reader;
GRANT SELECT ON record_history, value_override, overrides, race, race_log TO golden_record_steward;
GRANT EXECUTE ON FUNCTION override(uuid, text, text, timestamptz, text, boolean), clear_override(uuid, text, text),
    retry_rejected(jsonb)
    TO golden_record_steward;
GRANT SELECT ON configuration_history TO golden_record_admin;
GRANT SELECT ON access_entry, access_log, access_report, status, attachment, attached_trigger, scope, erasure, suppression, audit_entry, audit_seal,
    audit_check, audit_log TO golden_record_admin;
GRANT EXECUTE ON FUNCTION audit_head(), audit_verify(bytea) TO golden_record_admin;

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
    backfill(regclass, boolean), forget_history(timestamptz), erase_subject(uuid, text), unsuppress(bigint, text), key_status(), rotate_key(), grant_scope(text, text[], text[]), revoke_scope(text)
    TO golden_record_admin;
GRANT EXECUTE ON FUNCTION identity_key(text, text) TO golden_record_admin, golden_record_ingest;
GRANT EXECUTE ON FUNCTION merge_golden(jsonb), merge_golden_final(jsonb[])
    TO golden_record_admin;

-- Cleared for personal data.
GRANT SELECT ON scope, source_pii, golden_pii, rejected_record, rejected_payload, rejected, raw_attributes TO golden_record_pii;
