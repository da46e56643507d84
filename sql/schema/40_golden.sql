-- Golden records: what readers see, masked, and the values themselves, apart.

CREATE TABLE golden_record (
    golden_id uuid PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    entity_type text NOT NULL,
    status text NOT NULL CHECK (status IN ('live', 'retired')),
    merged_into uuid,
    records integer NOT NULL,
    systems text[] NOT NULL,
    attributes jsonb NOT NULL,
    lineage jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
    updated_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);
CREATE INDEX golden_record_merged ON golden_record (merged_into) WHERE merged_into IS NOT NULL;
COMMENT ON TABLE golden_record IS 'One row a golden id ever issued. attributes holds masked values; lineage says for each attribute which record won, why, and who lost. seq is the order of issue: the smaller is the older.';

CREATE TABLE golden_pii (
    golden_id uuid NOT NULL,
    system_name text NOT NULL,
    region text NOT NULL,
    attributes bytea NOT NULL,
    PRIMARY KEY (golden_id, system_name, region)
);
COMMENT ON TABLE golden_pii IS 'The golden values of live golden records, sealed, by the system and region of the record that won.';

CREATE TABLE founding_member (
    record_id bigint NOT NULL,
    golden_id uuid NOT NULL,
    PRIMARY KEY (record_id, golden_id)
);
CREATE INDEX founding_member_golden ON founding_member (golden_id);
COMMENT ON TABLE founding_member IS 'The source records that a golden id was issued for: they decide who keeps the id after a split.';
