-- What users configured. Nothing is seeded: what ships is in the code, rows here override it, so that a dump carries
-- exactly what was changed. No table has a foreign key: parallel restores load an extension's tables in any order.

-- The number that kept configurations are valid for. From a sequence, which no rollback turns back: a number is
-- never used for two contents.
CREATE TABLE configuration (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    version bigint NOT NULL
);
CREATE SEQUENCE configuration_version_seq;
COMMENT ON SEQUENCE configuration_version_seq IS 'Makes two versions of the configuration differ, though one was rolled back.';
COMMENT ON TABLE configuration IS 'One row: the version of the configuration in force, bumped by every change of it.';

CREATE TABLE trained_model (
    model_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entity_type text NOT NULL,
    records bigint NOT NULL,
    weights json NOT NULL,
    trained_by text NOT NULL DEFAULT SESSION_USER,
    trained_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);
COMMENT ON TABLE trained_model IS 'Weights of the policy probabilistic, learnt by train; never changed. Frequent values are known by 24 bits of their hash, too few to tell a value from.';

CREATE TABLE entity_type (
    entity_type text PRIMARY KEY,
    definition jsonb,
    policy text,
    options jsonb,
    merge_rules jsonb,
    model_id bigint
);
COMMENT ON TABLE entity_type IS 'Entity types as configured; a NULL column stands for what ships.';

CREATE TABLE attribute_map (
    entity_type text NOT NULL,
    key text NOT NULL,
    attribute text NOT NULL,
    PRIMARY KEY (entity_type, key)
);
COMMENT ON TABLE attribute_map IS 'Payload keys that mean an attribute of another name; set by map_attribute.';

CREATE TABLE source (
    system_name text PRIMARY KEY,
    options jsonb NOT NULL
);
COMMENT ON TABLE source IS 'Options of source systems: priority, region, time zone, date order; set by register_source.';

CREATE TABLE attachment (
    attachment_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    relation text NOT NULL,
    system_name text,
    id_column text NOT NULL,
    columns jsonb NOT NULL,
    entity_type text NOT NULL,
    timestamp_column text,
    options jsonb NOT NULL,
    attached boolean NOT NULL DEFAULT true
);
COMMENT ON TABLE attachment IS 'Attached tables, those detached later too: their options tell how the records are read. attachment_id is the argument of the table''s triggers and identifies it; relation is its name when it was attached and, once it is detached, its name then. columns: attribute -> column; null for the attributes and mapped keys of that time that no column says, whatever it is called.';

-- Wrapped by the master key in golden_record.key_file, without which they are of no use. Made at first use.
CREATE TABLE key_ring (
    key_id integer PRIMARY KEY CHECK (key_id >= 0),
    wrapped bytea NOT NULL,
    fingerprint bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);
COMMENT ON TABLE key_ring IS 'Keys of this database, wrapped by the master key with that fingerprint. key_id 0 is the identity secret, the key of golden ids, identity keys and block keys; 1, 2, ... are data keys, of which the last seals.';
