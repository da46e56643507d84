-- Source records: their name, their versions as accepted, and what they say now.

CREATE TABLE source_record (
    record_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entity_type text NOT NULL,
    system_name text NOT NULL,
    source_id text NOT NULL,
    attachment_id bigint,
    live boolean NOT NULL,
    golden_id uuid,
    component_id bigint,
    founded uuid[],
    since timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    UNIQUE (entity_type, system_name, source_id),
    CHECK (live = (golden_id IS NOT NULL) AND live = (component_id IS NOT NULL))
);
CREATE INDEX source_record_golden ON source_record (golden_id);
CREATE INDEX source_record_component ON source_record (component_id);
COMMENT ON TABLE source_record IS 'One row a source record. component_id is the smallest record_id of the component it was resolved in; both ids are NULL once the record is deleted. founded: the golden ids that were issued for it or that it inherited, NULL for none. since: when golden_id was written.';

CREATE TABLE record_version (
    version_id bigint GENERATED ALWAYS AS IDENTITY,
    record_id bigint NOT NULL,
    feed text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    event_time timestamptz NOT NULL,
    content_hash bytea NOT NULL,
    content bytea NOT NULL,
    attachment_id bigint,
    PRIMARY KEY (record_id, version_id)
);
COMMENT ON TABLE record_version IS 'Every accepted version of every source record, verbatim, sealed: the history from which all else follows. content_hash is a keyed commitment to the content. attachment_id: of a row of an attached table, which is the whole record: what came before it is history.';

CREATE TABLE source_pii (
    record_id bigint PRIMARY KEY,
    system_name text NOT NULL,
    region text NOT NULL,
    state bytea NOT NULL
);
-- lookup asks for the regions that there are.
CREATE INDEX source_pii_region ON source_pii (region COLLATE "C");
COMMENT ON TABLE source_pii IS 'What each source record says now, sealed: the fold of its versions, with raw_attributes.';

CREATE TABLE cross_reference (
    record_id bigint NOT NULL,
    system_name text NOT NULL,
    source_id text NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (record_id, system_name, source_id)
);
-- The view crosswalk is asked for an id.
CREATE INDEX cross_reference_id ON cross_reference (source_id, system_name);
COMMENT ON TABLE cross_reference IS 'Further ids that source records name: what the crosswalk shows of them.';

CREATE TABLE rejected_record (
    rejected_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed text NOT NULL,
    system_name text,
    source_id text,
    ordinal integer NOT NULL,
    field text NOT NULL,
    reason text NOT NULL,
    sqlstate text NOT NULL,
    at timestamptz NOT NULL DEFAULT pg_catalog.now(),
    retried_at timestamptz,
    attempts integer NOT NULL DEFAULT 1,
    attachment_id bigint
);
COMMENT ON TABLE rejected_record IS 'Dead letters: every record that was refused, with its reason. attachment_id: of a row, the attached table.';

CREATE TABLE rejected_payload (
    rejected_id bigint PRIMARY KEY,
    system_name text,
    payload bytea NOT NULL
);
COMMENT ON TABLE rejected_payload IS 'The refused records, whole, as they came, sealed. Shown to golden_record_pii alone.';
