-- What happened: audit, change events, alerts, and the counters of feeds.

CREATE TABLE audit_entry (
    audit_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    actor text NOT NULL DEFAULT SESSION_USER,
    action text NOT NULL,
    entity_type text,
    golden_id uuid,
    note text,
    detail jsonb NOT NULL
);
COMMENT ON TABLE audit_entry IS 'One entry a statement that changed anything: who, when, what, why. No values.';

CREATE TABLE change_event (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    generation integer NOT NULL DEFAULT 1,
    transaction_id xid8 NOT NULL DEFAULT pg_catalog.pg_current_xact_id(),
    at timestamptz NOT NULL DEFAULT pg_catalog.now(),
    entity_type text NOT NULL,
    golden_id uuid NOT NULL,
    change text NOT NULL CHECK (change IN ('created', 'updated', 'merged', 'split', 'retired', 'erased')),
    into_id uuid,
    attributes text[] NOT NULL
);
COMMENT ON TABLE change_event IS 'Every change of a golden record. attributes names what changed, without values.';

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
COMMENT ON TABLE alert IS 'Alerts: a feed''s error rate, a limit. One open row a kind and feed; each opening is also a NOTIFY golden_record_alert.';

-- Counters are spread over slots (a backend writes the slot of its pid) so that two writers of one feed do not wait
-- for each other's row.
CREATE TABLE feed_window (
    feed text NOT NULL,
    window_start timestamptz NOT NULL,
    slot smallint NOT NULL,
    accepted bigint NOT NULL,
    rejected bigint NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (feed, window_start, slot)
) WITH (fillfactor = 50);
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
