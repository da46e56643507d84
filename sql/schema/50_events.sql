-- What happened: audit, change events, alerts, and the counters of feeds.

-- Transaction ids mean something within one cluster's history alone. A restored database, a copy and a promoted standby
-- start a new generation with their first write; within one, transaction ids tell what can still come.
CREATE TABLE generation (
    generation integer PRIMARY KEY,
    system_identifier bigint NOT NULL,
    database_oid bigint NOT NULL,
    timeline integer NOT NULL,
    since timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
COMMENT ON TABLE generation IS 'The clusters, databases and timelines that this database has lived in, oldest first: (generation, shown_after) orders change events, and (generation, transaction id) audit entries, across a restore.';

-- The commitment covers note and detail, and the entry's own hash covers the commitment: an erasure takes note, detail
-- and salt away and the chain still holds. The entry of the erasure itself, which keeps all of it, names those that it wiped.
CREATE TABLE audit_entry (
    audit_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    generation integer NOT NULL,
    transaction_id xid8 NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    entity_type text,
    golden_id uuid,
    note text,
    detail jsonb NOT NULL,
    salt bytea,
    commitment bytea NOT NULL,
    entry_hash bytea NOT NULL
);
CREATE INDEX audit_entry_golden ON audit_entry (golden_id) WHERE golden_id IS NOT NULL;
CREATE INDEX audit_entry_wiped ON audit_entry USING gin ((detail -> 'audit_ids')) WHERE action = 'erase_subject';
CREATE INDEX audit_entry_about ON audit_entry (audit_id)
    WHERE detail ?| ARRAY['decision_id', 'decision_ids', 'override_id', 'override_ids'];
CREATE INDEX audit_entry_transaction ON audit_entry (generation, transaction_id);
COMMENT ON TABLE audit_entry IS 'One entry a statement that changed anything: who, when, what, why. No values. entry_hash covers all columns, note and detail through commitment; a NULL salt says that an erasure took note and detail away: detail.audit_ids of the entry of erase_subject names the entries.';

-- Writers lock nothing: what is sealed are ranges of transactions that have ended, so that none of their entries can
-- come later.
CREATE TABLE audit_seal (
    seal_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    generation integer NOT NULL,
    from_transaction xid8 NOT NULL,
    to_transaction xid8 NOT NULL,
    sealed_at timestamptz NOT NULL,
    audit_ids bigint[] NOT NULL,
    leaves bytea NOT NULL,
    merkle_root bytea NOT NULL,
    previous bytea NOT NULL UNIQUE,
    seal_hash bytea NOT NULL,
    UNIQUE (generation, to_transaction)
);
COMMENT ON TABLE audit_seal IS 'Seals over the entries of the transactions from from_transaction to before to_transaction, all ended: their ids and hashes, the Merkle root of the hashes, and the hash of the seal before. seal_hash covers all of it.';

-- Writers store by these what the view audit_check holds the entries to. A search_path of their own would keep PostgreSQL from
-- putting them in line.
CREATE FUNCTION audit_commitment(salt bytea, note text, detail jsonb) RETURNS bytea
LANGUAGE sql STABLE
AS $$
    SELECT pg_catalog.sha256($1 OPERATOR(pg_catalog.||)
                             pg_catalog.convert_to(pg_catalog.jsonb_build_array($2, $3)::pg_catalog.text, 'UTF8'))
$$;

CREATE FUNCTION audit_hash(audit_id bigint, generation integer, transaction_id xid8, at timestamptz, actor text, action text,
                           entity_type text, golden_id uuid, commitment bytea) RETURNS bytea
LANGUAGE sql STABLE
AS $$
    SELECT pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.jsonb_build_array(
        $1, $2, $3::pg_catalog.text, (EXTRACT(epoch FROM $4) OPERATOR(pg_catalog.*) 1000000)::pg_catalog.int8, $5, $6,
        $7, $8, pg_catalog.encode($9, 'hex'))::pg_catalog.text, 'UTF8'))
$$;

-- What an entry's hash should be; NULL where note and detail do not fit what was committed to, or are gone without an erasure
-- that took them.
CREATE VIEW audit_check WITH (security_invoker = true) AS
SELECT e.audit_id, e.generation, e.transaction_id, e.entry_hash,
       CASE WHEN CASE WHEN e.salt IS NULL THEN e.note IS NULL AND e.detail = '{}' AND EXISTS (
                          SELECT FROM golden_record.audit_entry AS x
                          WHERE x.action = 'erase_subject' AND x.detail -> 'audit_ids' @> pg_catalog.jsonb_build_array(e.audit_id))
                      ELSE golden_record.audit_commitment(e.salt, e.note, e.detail) = e.commitment END
            THEN golden_record.audit_hash(e.audit_id, e.generation, e.transaction_id, e.at, e.actor, e.action, e.entity_type,
                                          e.golden_id, e.commitment)
       END AS computed
FROM golden_record.audit_entry AS e;
COMMENT ON VIEW audit_check IS 'The hash that each audit entry should have, from its columns, beside the one it has.';

-- The key is the order in which consumers are shown the events.
CREATE TABLE change_event (
    change_id bigint GENERATED ALWAYS AS IDENTITY,
    generation integer NOT NULL,
    shown_after xid8 NOT NULL,
    at timestamptz NOT NULL DEFAULT pg_catalog.now(),
    entity_type text NOT NULL,
    golden_id uuid NOT NULL,
    change text NOT NULL CHECK (change IN ('created', 'updated', 'merged', 'split', 'retired', 'erased')),
    into_id uuid,
    attributes text[] NOT NULL,
    PRIMARY KEY (generation, shown_after, change_id)
);
COMMENT ON TABLE change_event IS 'Every change of a golden record, shown by changes_since. attributes names what changed, without values. It is shown once transaction shown_after and all before that have ended: its own, or the last that had ended when it was written, so that no change is shown before one that it came of.';

CREATE TABLE race (
    race_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entity_type text NOT NULL,
    golden_id uuid,
    kind text NOT NULL CHECK (kind IN ('same_second', 'concurrent', 'late')),
    fields text[] NOT NULL,
    winner jsonb NOT NULL,
    loser jsonb NOT NULL,
    rule text NOT NULL,
    at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
CREATE INDEX race_golden ON race (golden_id);
CREATE INDEX race_winner ON race ((winner ->> 'id'), (winner ->> 'systemName'));
CREATE INDEX race_loser ON race ((loser ->> 'id'), (loser ->> 'systemName'));
COMMENT ON TABLE race IS 'Where two statements about one thing met, one row a meeting. winner and loser name record, event time, sourcePriority and the fields each won; no values.';

CREATE TABLE alert (
    alert_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    feed text NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
    closed_at timestamptz,
    figure double precision NOT NULL,
    threshold double precision NOT NULL,
    detail jsonb NOT NULL
);
CREATE UNIQUE INDEX alert_open ON alert (kind, feed) WHERE closed_at IS NULL;
COMMENT ON TABLE alert IS 'Alerts about what column feed names: error_rate of a feed, component_cap of an entity type, access_refused of a login. One open row a kind and feed; each opening is also a NOTIFY golden_record_alert.';

-- Counters are spread over slots (each transaction writes one that no other under way does) so that no writer of a feed waits for
-- another's row.
CREATE TABLE feed_window (
    feed text NOT NULL,
    window_start timestamptz NOT NULL,
    slot smallint NOT NULL,
    accepted bigint NOT NULL,
    rejected bigint NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (feed, window_start, slot)
) WITH (fillfactor = 50);
CREATE INDEX feed_window_past ON feed_window (window_start);
COMMENT ON TABLE feed_window IS 'Records accepted and refused, by feed and minute.';

CREATE TABLE feed_keys (
    feed text NOT NULL,
    system_name text NOT NULL,
    slot smallint NOT NULL,
    records bigint NOT NULL,
    keys jsonb NOT NULL,
    PRIMARY KEY (feed, system_name, slot)
) WITH (fillfactor = 50);
COMMENT ON TABLE feed_keys IS 'For each key of a system''s payloads: n records that carried it, absent in so many of the latest, bad values that its kind could not read, last seen (seconds since 1970), JSON type.';

CREATE TABLE drift (
    feed text NOT NULL,
    system_name text NOT NULL,
    key text NOT NULL,
    change text NOT NULL CHECK (change IN ('new', 'gone', 'type', 'rate')),
    first_seen timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    guess text,
    PRIMARY KEY (feed, system_name, key, change)
);
COMMENT ON TABLE drift IS 'Schema drift: keys that are new, gone, of another type, or whose values their kind cannot read. feed_keys counts the records.';
