-- Who may see which raw values. Policies are part of the installation; what differs by deployment is rows they read, because
-- pg_dump drops what is done to the policies of an extension's tables.

CREATE TABLE scope (
    role text NOT NULL,
    systems text[],
    regions text[],
    granted_by text NOT NULL DEFAULT SESSION_USER,
    granted_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (role)
);
COMMENT ON TABLE scope IS 'What cleared roles may see: values of records of these systems and regions; NULL stands for all. Set by grant_scope. A value of the golden record has the system and region of the record it was taken from.';

CREATE TABLE access_entry (
    access_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    login_role text NOT NULL,
    role text NOT NULL,
    client_addr inet,
    object text NOT NULL,
    golden_id uuid,
    attribute text,
    purpose text,
    outcome text NOT NULL CHECK (outcome IN ('granted', 'refused', 'missed')),
    count bigint NOT NULL DEFAULT 1
);
CREATE INDEX access_entry_login ON access_entry (login_role, at);
CREATE INDEX access_entry_golden ON access_entry (golden_id) WHERE golden_id IS NOT NULL;
COMMENT ON TABLE access_entry IS 'Every statement that showed raw values, and every attempt that was refused, committed before the answer was given.';

-- What an erasure leaves: that it was, and what must not come back, as keyed commitments.
CREATE TABLE erasure (
    erasure_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    actor text NOT NULL DEFAULT SESSION_USER,
    entity_type text NOT NULL,
    golden_id uuid NOT NULL,
    reason text NOT NULL,
    removed jsonb NOT NULL,
    lifted_at timestamptz,
    lifted_by text,
    lift_reason text
);
COMMENT ON TABLE erasure IS 'Receipts of erase_subject: who erased which golden record when and why, and how many rows of what. removed: rows by table. No personal data. lifted: by unsuppress.';

CREATE TABLE suppression (
    commitment bytea NOT NULL,
    erasure_id bigint NOT NULL,
    entity_type text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('record', 'identity', 'email', 'shared_email')),
    hits bigint NOT NULL DEFAULT 0,
    last_hit_at timestamptz,
    PRIMARY KEY (commitment, erasure_id)
);
CREATE INDEX suppression_erasure ON suppression (erasure_id);
CREATE INDEX suppression_entity_type ON suppression (entity_type);
COMMENT ON TABLE suppression IS 'What of erased people must not come in again: commitments to (system, id), to email and phone together, and to an email that nobody else held; one that others held (shared_email) keeps nobody out by itself. hits: how often it was kept out; of writers at one moment, one counts.';

-- By what erasures find refused records: keyed commitments to what could be read of them.
CREATE TABLE rejected_key (
    key bigint NOT NULL,
    rejected_id bigint NOT NULL,
    kind "char" NOT NULL CHECK (kind IN ('r', 'e', 'p')),
    PRIMARY KEY (key, rejected_id)
);
CREATE INDEX rejected_key_rejected ON rejected_key (rejected_id);
COMMENT ON TABLE rejected_key IS 'Keyed hashes of the (system, id) (r), emails (e) and phones (p) that could be read of refused records.';
