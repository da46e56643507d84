-- Blocking keys, generic values, review pairs and stewards' decisions.

-- key is a keyed 64-bit hash of (entity type, key space, canonical value): equal values meet, values stay out of the
-- table. name_key is the same of the record's full name, so that one index scan counts the names a value serves.
CREATE TABLE block_key (
    key bigint NOT NULL,
    record_id bigint NOT NULL,
    name_key bigint,
    PRIMARY KEY (key, record_id)
);
-- The last two bits of a key tell phones (1) and addresses (2) from the rest: whose holders are related.
CREATE INDEX block_key_related ON block_key (record_id) WHERE key & 3::bigint <> 0;
COMMENT ON TABLE block_key IS 'The keys under which source records become candidates of each other.';

CREATE TABLE generic_key (
    key bigint PRIMARY KEY,
    entity_type text NOT NULL,
    attribute text NOT NULL,
    value text NOT NULL,
    reason text NOT NULL CHECK (reason IN ('names', 'records', 'form')),
    threshold integer,
    since timestamptz NOT NULL DEFAULT pg_catalog.now()
);
COMMENT ON TABLE generic_key IS 'Values that count for nothing in matching: held under too many names, by too many records, or junk by form. attribute: what kind of key it is, email, phone, identifier or cross_reference, or address, which counts for nothing in view relation alone. value is masked.';

-- Blocks of the policy probabilistic, some twenty a record: packed by work on the whole set (crates/core/src/segment.rs),
-- a row a change since.
CREATE TABLE block_base (
    entity_type text PRIMARY KEY,
    shift smallint NOT NULL,
    packed_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);
COMMENT ON TABLE block_base IS 'How the blocks of an entity type are spread over block_segment: a block shifted right by shift bits is its segment. Written whenever the segments are.';

CREATE TABLE block_segment (
    entity_type text NOT NULL,
    segment integer NOT NULL,
    members bytea NOT NULL,
    PRIMARY KEY (entity_type, segment)
);
ALTER TABLE block_segment ALTER COLUMN members SET STORAGE EXTERNAL;
COMMENT ON TABLE block_segment IS 'Who is in which block, packed, but for what block_change says. Blocks are keyed hashes.';

CREATE TABLE block_change (
    block bigint NOT NULL,
    record_id bigint NOT NULL,
    joined boolean NOT NULL,
    PRIMARY KEY (block, record_id)
);
COMMENT ON TABLE block_change IS 'Records that joined a block, or left it, since block_segment was written.';

CREATE TABLE crowded_block (
    block bigint PRIMARY KEY,
    entity_type text NOT NULL,
    members bigint NOT NULL,
    threshold integer NOT NULL
) WITH (fillfactor = 70);
COMMENT ON TABLE crowded_block IS 'Blocks with more members than threshold: they bring nobody together.';

CREATE TABLE review_pair (
    review_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entity_type text NOT NULL,
    record_a bigint NOT NULL,
    record_b bigint NOT NULL,
    score double precision NOT NULL,
    reason text NOT NULL,
    evidence jsonb NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
    UNIQUE (record_a, record_b),
    CHECK (record_a < record_b)
);
CREATE INDEX review_pair_b ON review_pair (record_b);
COMMENT ON TABLE review_pair IS 'Open doubts, by pair of source records; review_queue folds them to pairs of golden records.';

CREATE TABLE review_closed (
    review_id bigint PRIMARY KEY,
    entity_type text NOT NULL,
    record_a bigint NOT NULL,
    record_b bigint NOT NULL,
    score double precision NOT NULL,
    reason text NOT NULL,
    evidence jsonb NOT NULL,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
    outcome text NOT NULL
);
CREATE INDEX review_closed_a ON review_closed (record_a);
CREATE INDEX review_closed_b ON review_closed (record_b);
COMMENT ON TABLE review_closed IS 'Review pairs that are closed, and why: decided, or their evidence went away.';

CREATE TABLE decision (
    decision_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entity_type text NOT NULL,
    decision text NOT NULL CHECK (decision IN ('same', 'different')),
    record_a bigint NOT NULL,
    record_b bigint NOT NULL,
    note text,
    actor text NOT NULL DEFAULT SESSION_USER,
    decided_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
    reverted_at timestamptz,
    reverted_by text,
    revert_note text
);
COMMENT ON TABLE decision IS 'What stewards decided. record_a and record_b are the pair that gave the evidence; decision_member has the sides.';

CREATE TABLE decision_member (
    record_id bigint NOT NULL,
    decision_id bigint NOT NULL,
    side "char" NOT NULL CHECK (side IN ('a', 'b')),
    PRIMARY KEY (record_id, decision_id)
);
CREATE INDEX decision_member_decision ON decision_member (decision_id);
COMMENT ON TABLE decision_member IS 'The source records on the two sides of a decision, as they stood when it was made.';

CREATE TABLE limit_reached (
    entity_type text NOT NULL,
    component_id bigint NOT NULL,
    what text NOT NULL,
    figure bigint NOT NULL,
    threshold bigint NOT NULL,
    PRIMARY KEY (component_id, what)
);
COMMENT ON TABLE limit_reached IS 'Components in which a limit stopped automatic merges.';
