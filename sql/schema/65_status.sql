-- Who saw what, and what needs looking after.

CREATE VIEW access_log WITH (security_invoker = true, security_barrier = true) AS
SELECT e.access_id, e.at, e.login_role, e.role, e.client_addr, e.object, e.golden_id, e.attribute, e.purpose, e.outcome, e.count
FROM golden_record.access_entry AS e;
COMMENT ON VIEW access_log IS 'Who saw raw values and what for, one row a statement and view, and who was refused (outcome refused) or looked up what is not there (missed): one row a minute with a count for the same attempts; beyond a hundred rows a minute of a login without golden_id, attribute and purpose. Committed before the answer is given.';

CREATE VIEW access_report WITH (security_invoker = true, security_barrier = true) AS
SELECT pg_catalog.date_trunc('day', e.at, 'UTC')::date AS day, e.login_role, e.role, e.object, e.purpose, e.outcome,
       pg_catalog.sum(e.count)::bigint AS count, pg_catalog.count(DISTINCT e.golden_id) AS golden_records,
       pg_catalog.min(e.at) AS first_at, pg_catalog.max(e.at) AS last_at
FROM golden_record.access_entry AS e
GROUP BY 1, 2, 3, 4, 5, 6;
COMMENT ON VIEW access_report IS 'The access log by day (UTC), login, role, object, purpose and outcome, for the regular audit. golden_records: how many were named; a bulk read names none.';

-- By the function that they run and not by their names, which anybody may give; on whatever name and schema the table has now.
CREATE VIEW attached_trigger WITH (security_invoker = true, security_barrier = true) AS
-- The argument is stored with a NUL behind it.
SELECT pg_catalog.substring(pg_catalog.encode(t.tgargs, 'escape'), E'^([0-9]{1,18})\\\\000$')::bigint AS attachment_id,
       t.tgrelid::regclass AS relation, t.tgname AS name, t.tgenabled IN ('O', 'A') AS enabled
FROM pg_catalog.pg_trigger AS t
WHERE t.tgfoid = 'golden_record.attached_change()'::regprocedure::oid;
COMMENT ON VIEW attached_trigger IS 'The triggers by which attached tables are followed, four a table: which attachment they name, and whether they are enabled.';

CREATE VIEW attached_table WITH (security_invoker = true, security_barrier = true) AS
SELECT a.attachment_id, a.relation, a.system_name,
       a.attached AND EXISTS (
           SELECT FROM golden_record.attached_trigger AS t WHERE t.attachment_id = a.attachment_id) AS followed
FROM golden_record.attachment AS a;
COMMENT ON VIEW attached_table IS 'Attached tables, those detached later too, and whether a table is followed still: it was not detached, and triggers are there that name the attachment.';

-- Settings as this session has them: some of them differ by role and database.
CREATE VIEW status WITH (security_invoker = true, security_barrier = true) AS
SELECT checked.name, checked.value, checked.ok, CASE WHEN NOT checked.ok THEN checked.hint END AS hint
FROM (
    SELECT 'key_file' AS name, k.value, k.ok, k.hint FROM golden_record.key_status() AS k
    UNION ALL
    SELECT s.name, s.value, s.value = ANY (s.good), 'Set it to ' || s.good[1] || ': ' || s.why
    FROM (
        SELECT wanted.name, pg_catalog.current_setting(wanted.name, true) AS value, wanted.good, wanted.why
        FROM (VALUES
            ('log_statement', ARRAY['none', 'ddl'], 'statements carry payloads'),
            ('log_min_error_statement', ARRAY['panic', 'fatal', 'log'], 'a failed statement is logged with its text'),
            ('log_min_duration_statement', ARRAY['-1'], 'slow statements are logged with their text'),
            ('log_min_duration_sample', ARRAY['-1'], 'slow statements are logged with their text'),
            ('log_transaction_sample_rate', ARRAY['0'], 'statements are logged with their text'),
            ('log_parameter_max_length', ARRAY['0'], 'logged statements come with their parameters'),
            ('log_parameter_max_length_on_error', ARRAY['0'], 'failed statements come with their parameters'),
            ('log_error_verbosity', ARRAY['terse'], 'details of errors in your own statements and casts quote values'),
            ('auto_explain.log_min_duration', ARRAY['-1'], 'plans are logged with their constants'),
            ('pg_stat_statements.track_utility', ARRAY['off'], 'utility statements are kept with their constants, in a file too'),
            ('pgaudit.log_parameter', ARRAY['off'], 'audited statements come with their parameters'),
            ('fsync', ARRAY['on'], 'an access entry must outlive a crash'),
            ('debug_print_parse', ARRAY['off'], 'constants are logged'),
            ('debug_print_rewritten', ARRAY['off'], 'constants are logged'),
            ('debug_print_plan', ARRAY['off'], 'constants are logged')) AS wanted (name, good, why)) AS s
    WHERE s.value IS NOT NULL
    UNION ALL
    SELECT 'row_security', coalesce(pg_catalog.string_agg(c.relname, ', ' ORDER BY c.relname), 'forced'),
           pg_catalog.count(*) = 0, 'Row-level security of these tables was taken off: ALTER TABLE ... ENABLE, FORCE ROW LEVEL SECURITY.'
    FROM pg_catalog.pg_policy AS p
    JOIN pg_catalog.pg_class AS c ON c.oid = p.polrelid AND c.relnamespace = 'golden_record'::regnamespace::oid
    WHERE p.polname = 'owner' AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
    UNION ALL
    SELECT 'owner', CASE WHEN r.rolsuper OR r.rolbypassrls OR r.rolcanlogin THEN 'too powerful'
                         WHEN m.members IS NOT NULL THEN 'has members: ' || m.members ELSE 'apart' END,
           NOT (r.rolsuper OR r.rolbypassrls OR r.rolcanlogin) AND m.members IS NULL,
           'golden_record_owner must be NOLOGIN, NOSUPERUSER, NOBYPASSRLS and nobody may be a member of it.'
    FROM pg_catalog.pg_roles AS r
    CROSS JOIN LATERAL (
        SELECT pg_catalog.string_agg(pg_catalog.pg_get_userbyid(a.member), ', ' ORDER BY a.member) AS members
        FROM pg_catalog.pg_auth_members AS a
        -- From version 16 on, who creates a role is given it with ADMIN OPTION and without its rights.
        WHERE a.roleid = r.oid AND pg_catalog.pg_has_role(a.member, r.oid, 'USAGE')
          AND NOT (SELECT s.rolsuper FROM pg_catalog.pg_roles AS s WHERE s.oid = a.member)) AS m
    WHERE r.rolname = 'golden_record_owner'
    UNION ALL
    SELECT 'extension_owner', coalesce(pg_catalog.string_agg(DISTINCT r.rolname, ', '), 'apart'), pg_catalog.count(*) = 0,
           'The extension, its schema or what is in it belongs to these roles, who are no superusers: attach_source and detach_source cannot make triggers, or code of theirs could run as golden_record_owner. REASSIGN OWNED BY ... TO a superuser.'
    FROM (SELECT e.extowner, false FROM pg_catalog.pg_extension AS e WHERE e.extname = 'golden_record'
          UNION ALL
          SELECT n.nspowner, false FROM pg_catalog.pg_namespace AS n WHERE n.oid = 'golden_record'::regnamespace::oid
          UNION ALL
          SELECT c.relowner, true FROM pg_catalog.pg_class AS c WHERE c.relnamespace = 'golden_record'::regnamespace::oid
          UNION ALL
          SELECT p.proowner, true FROM pg_catalog.pg_proc AS p WHERE p.pronamespace = 'golden_record'::regnamespace::oid)
         AS owned (owner, may_be_ours)
    JOIN pg_catalog.pg_roles AS r ON r.oid = owned.owner
    WHERE NOT (r.rolsuper OR owned.may_be_ours AND r.rolname = 'golden_record_owner')
    UNION ALL
    SELECT 'createrole', coalesce(pg_catalog.string_agg(r.rolname, ', ' ORDER BY r.rolname), 'nobody'), pg_catalog.count(*) = 0,
           'Before version 16 these roles can make themselves members of golden_record_owner: take CREATEROLE away.'
    FROM pg_catalog.pg_roles AS r
    WHERE r.rolcreaterole AND NOT r.rolsuper AND pg_catalog.current_setting('server_version_num')::integer < 160000
    UNION ALL
    SELECT 'bypassrls', coalesce(pg_catalog.string_agg(r.rolname, ', ' ORDER BY r.rolname), 'nobody'), pg_catalog.count(*) = 0,
           'These roles pass row-level security by: what they read of the sealed tables is sealed still, but scopes do not hold for them.'
    FROM pg_catalog.pg_roles AS r
    WHERE r.rolbypassrls AND NOT r.rolsuper
    UNION ALL
    SELECT 'grants', coalesce(pg_catalog.string_agg(DISTINCT CASE WHEN g.grantee = 0::oid THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(g.grantee)::text END, ', '), 'as installed'),
           pg_catalog.count(*) = 0, 'These roles have rights on tables of golden_record themselves, or may CREATE in its schema: REVOKE them, and grant views, or its roles.'
    FROM (SELECT g.grantee
          FROM pg_catalog.pg_class AS c
          CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) AS g
          WHERE c.relnamespace = 'golden_record'::regnamespace::oid AND c.relkind IN ('r', 'S') AND g.grantee <> c.relowner
            AND pg_catalog.pg_get_userbyid(g.grantee) NOT IN (
              'golden_record_admin', 'golden_record_steward', 'golden_record_ingest', 'golden_record_reader', 'golden_record_pii')
          UNION ALL
          SELECT g.grantee
          FROM pg_catalog.pg_namespace AS n
          CROSS JOIN LATERAL pg_catalog.aclexplode(n.nspacl) AS g
          WHERE n.oid = 'golden_record'::regnamespace::oid AND g.privilege_type = 'CREATE' AND g.grantee <> n.nspowner) AS g
    UNION ALL
    SELECT 'scopes', coalesce(pg_catalog.string_agg(s.role, ', ' ORDER BY s.role), 'of roles'), pg_catalog.count(*) = 0,
           'These roles are gone, and whoever is given such a name next has what the scope holds: revoke_scope.'
    FROM golden_record.scope AS s
    WHERE pg_catalog.to_regrole(pg_catalog.quote_ident(s.role)) IS NULL
    UNION ALL
    SELECT 'models', coalesce(pg_catalog.string_agg(e.entity_type, ', ' ORDER BY e.entity_type), 'there'), pg_catalog.count(*) = 0,
           'The models in force of these entity types are not in table trained_model, and nothing of these types is written without: bring them back from the dump; or go on by the shipped weights: use_model(entity_type, NULL).'
    FROM golden_record.entity_type AS e
    WHERE e.model_id IS NOT NULL
      AND NOT EXISTS (SELECT FROM golden_record.trained_model AS m WHERE m.model_id = e.model_id)
    UNION ALL
    -- By the name that a table has now, where it is known.
    SELECT 'attached_tables', coalesce(pg_catalog.string_agg(coalesce(now.name, a.relation), ', ' ORDER BY a.relation), 'followed'), pg_catalog.count(*) = 0,
           'What happens to these tables is not all seen: they are gone, a column that was attached is gone, their triggers golden_record_* are gone or disabled, a copy has them too, or they are partitions now. ALTER TABLE ... ENABLE TRIGGER, RENAME COLUMN, or attach_source (after detach_source where a column is gone), and then backfill; detach_source where that is meant, and for the copy; the next attach_source forgets what is gone.'
    FROM golden_record.attachment AS a
    CROSS JOIN LATERAL (
        SELECT CASE WHEN pg_catalog.count(DISTINCT t.relation::oid) = 1
                    THEN pg_catalog.min(pg_catalog.format('%I.%I', n.nspname, c.relname)) END AS name
        FROM golden_record.attached_trigger AS t
        JOIN pg_catalog.pg_class AS c ON c.oid = t.relation::oid
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE t.attachment_id = a.attachment_id) AS now
    WHERE a.attached AND NOT (
        SELECT pg_catalog.count(*) FILTER (WHERE t.enabled) = 4 AND pg_catalog.count(DISTINCT t.relation::oid) = 1
               AND NOT pg_catalog.bool_or(c.relispartition) AND NOT pg_catalog.bool_or(EXISTS (
                   SELECT a.id_column UNION ALL SELECT a.timestamp_column WHERE a.timestamp_column IS NOT NULL
                   UNION ALL SELECT m.value FROM pg_catalog.jsonb_each_text(a.columns) AS m WHERE m.value IS NOT NULL
                   UNION ALL SELECT o.value FROM pg_catalog.jsonb_each_text(a.options) AS o WHERE o.key LIKE '%\_column'
                   EXCEPT
                   SELECT k.attname FROM pg_catalog.pg_attribute AS k
                   WHERE k.attrelid = t.relation::oid AND k.attnum > 0 AND NOT k.attisdropped))
        FROM golden_record.attached_trigger AS t
        JOIN pg_catalog.pg_class AS c ON c.oid = t.relation::oid
        WHERE t.attachment_id = a.attachment_id)
    UNION ALL
    SELECT 'max_worker_processes', s.setting, s.setting::integer >= 4,
           'Set it to 8 or more: each read of raw values needs a background worker for a moment.'
    FROM pg_catalog.pg_settings AS s
    WHERE s.name = 'max_worker_processes'
    UNION ALL
    -- What was written behind the oldest transaction is as old as its hold at least; when others' began not every caller may see.
    SELECT 'oldest_transaction', coalesce(pg_catalog.max(o.name), 'none'),
           coalesce(pg_catalog.max(pg_catalog.now() - o.since), '0'::interval) <= '1 hour'::interval,
           'changes_since and audit_head go no further than this transaction, of whatever database: end it, by pg_terminate_backend or, in its database, ROLLBACK PREPARED.'
    FROM (SELECT open.name, least(open.since, behind.since) AS since
          FROM (SELECT a.backend_xid, pg_catalog.format('pid %s of %s', a.pid, a.usename), a.xact_start
                FROM pg_catalog.pg_stat_activity AS a
                WHERE a.backend_xid IS NOT NULL AND a.pid <> pg_catalog.pg_backend_pid()
                UNION ALL
                SELECT p.transaction, pg_catalog.format('prepared transaction %L of %s', p.gid, p.owner), p.prepared
                FROM pg_catalog.pg_prepared_xacts AS p) AS open (xid, name, since)
          CROSS JOIN (SELECT pg_catalog.min(e.at) AS since
                      FROM (SELECT generation, transaction_id, at FROM golden_record.audit_entry
                            UNION ALL
                            SELECT generation, shown_after, at FROM golden_record.change_event) AS e
                      WHERE e.generation = (SELECT pg_catalog.max(last.generation) FROM golden_record.audit_entry AS last)
                        AND e.transaction_id > pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())
                        AND e.transaction_id < pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())) AS behind
          ORDER BY pg_catalog.age(open.xid) DESC
          LIMIT 1) AS o
) AS checked;
COMMENT ON VIEW status IS 'What of the server, its settings and this database needs looking after: value, whether it is as it should be, and a hint where it is not. Settings are those of the session that asks.';
