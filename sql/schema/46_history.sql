-- What was, by system time: the states that a write replaced, each with the time it was written and the time it was
-- replaced, [valid_from, valid_to). What is now stands in the tables themselves, with the time it was written; so a
-- record that never changes costs nothing here.

-- Planned into the statements that call it. A state lasts a microsecond at the least, whatever the clock does, so that a
-- moment has one state.
CREATE FUNCTION ended(since timestamptz, at timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN greatest(at, since + interval '1 microsecond');

CREATE TABLE golden_history (
    golden_id uuid NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    entity_type text NOT NULL,
    status text NOT NULL,
    merged_into uuid,
    records integer NOT NULL,
    systems text[] NOT NULL,
    attributes jsonb NOT NULL,
    lineage bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (golden_id, valid_to)
);
COMMENT ON TABLE golden_history IS 'States that golden records had, masked, with their lineage. A state that a transaction replaced itself was never seen and is not kept.';

CREATE TABLE golden_history_pii (
    LIKE golden_pii,
    valid_to timestamptz NOT NULL,
    PRIMARY KEY (golden_id, valid_to, system_name, region)
);
COMMENT ON TABLE golden_history_pii IS 'Golden values until valid_to, moved here as they were sealed in golden_pii when others took their place. At a moment those of the first valid_to after it held; where there is none, those of golden_pii.';

CREATE TABLE membership_history (
    record_id bigint NOT NULL,
    golden_id uuid NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    PRIMARY KEY (record_id, valid_to)
);
CREATE INDEX membership_history_golden ON membership_history (golden_id);
COMMENT ON TABLE membership_history IS 'The golden records that source records belonged to. Between two rows, or a row and now, a record was deleted. One that a transaction began and that led to another golden record of before it was never seen and is not kept.';

CREATE TABLE cross_reference_history (
    record_id bigint NOT NULL,
    system_name text NOT NULL,
    source_id text NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    PRIMARY KEY (record_id, system_name, source_id, valid_to)
);
COMMENT ON TABLE cross_reference_history IS 'Further ids that source records named.';

CREATE TABLE history_horizon (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    at timestamptz NOT NULL
);
COMMENT ON TABLE history_horizon IS 'Since when history is complete, where forget_history removed what was before; no row: since ever.';

CREATE TABLE configuration_history (
    object text NOT NULL,
    name jsonb NOT NULL,
    content jsonb NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz,
    PRIMARY KEY (object, name, valid_from)
);
COMMENT ON TABLE configuration_history IS 'Every state of the configuration: rows of entity_type, attribute_map, source and attachment. valid_to NULL: in force.';
