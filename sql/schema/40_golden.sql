-- Golden records: what readers see, masked, and the values themselves, apart.

CREATE TABLE golden_record (
    golden_id uuid PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    entity_type text NOT NULL,
    status text NOT NULL CHECK (status IN ('live', 'retired')),
    merged_into uuid,
    records integer NOT NULL,
    systems text[] NOT NULL,
    founders bigint[] NOT NULL,
    heirs bigint[],
    attributes jsonb NOT NULL,
    lineage bytea NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- What the view customer shows, so that it reads like a table.
    email text GENERATED ALWAYS AS (attributes ->> 'email') STORED,
    phone_number text GENERATED ALWAYS AS (attributes ->> 'phoneNumber') STORED,
    first_name text GENERATED ALWAYS AS (attributes ->> 'firstName') STORED,
    last_name text GENERATED ALWAYS AS (attributes ->> 'lastName') STORED,
    preferred_language text GENERATED ALWAYS AS (attributes ->> 'preferredLanguage') STORED,
    last_purchase_date text GENERATED ALWAYS AS (attributes ->> 'lastPurchaseDate') STORED,
    date_of_birth text GENERATED ALWAYS AS (attributes ->> 'dateOfBirth') STORED,
    street text GENERATED ALWAYS AS (attributes ->> 'street') STORED,
    city text GENERATED ALWAYS AS (attributes ->> 'city') STORED,
    region text GENERATED ALWAYS AS (attributes ->> 'region') STORED,
    postcode text GENERATED ALWAYS AS (attributes ->> 'postcode') STORED,
    country text GENERATED ALWAYS AS (attributes ->> 'country') STORED,
    company text GENERATED ALWAYS AS (attributes ->> 'company') STORED
);
CREATE INDEX golden_record_merged ON golden_record (merged_into) WHERE merged_into IS NOT NULL;
COMMENT ON TABLE golden_record IS 'One row a golden id ever issued. attributes holds masked values; lineage, packed, says for each attribute which record won, why, and who lost: open_lineage reads it. seq is the order of issue: the smaller is the older. founders: the source records that the id was issued for, but for those that left it while others stayed: they decide who keeps it after a split, and their return revives it; where none of them lives, heirs do: its members when it was merged, or when the last who spoke for it were gone (NULL: none yet). source_record.founded leads back from both.';

CREATE TABLE golden_pii (
    golden_id uuid NOT NULL,
    system_name text NOT NULL,
    region text NOT NULL,
    attributes bytea NOT NULL,
    PRIMARY KEY (golden_id, system_name, region)
);
COMMENT ON TABLE golden_pii IS 'The golden values of live golden records, sealed, by the system and region of the record that gave them. Of a value that several gave (UNION, AGGREGATE) by all of theirs: a line break and a JSON array, which only a scope that has each of them opens.';

-- An override sits on a source record, so that it goes where the record goes when golden records merge and split.
CREATE TABLE value_override (
    override_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entity_type text NOT NULL,
    record_id bigint NOT NULL,
    attribute text NOT NULL,
    shown text NOT NULL,
    until timestamptz,
    until_changed boolean NOT NULL,
    note text,
    actor text NOT NULL DEFAULT SESSION_USER,
    set_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_by text,
    end_reason text CHECK (end_reason IN ('cleared', 'replaced', 'expired', 'source_changed')),
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX value_override_record ON value_override (record_id);
COMMENT ON TABLE value_override IS 'Values that stewards set over what the rules choose. shown is masked. In force until ended_at is set: by clear_override, by another override, or at the first write or rebuild after until, or that finds the rules choosing otherwise (until_changed).';

CREATE TABLE value_override_pii (
    override_id bigint PRIMARY KEY,
    value bytea NOT NULL
);
COMMENT ON TABLE value_override_pii IS 'What stewards set, and what the rules chose then, sealed. No role may select it.';
