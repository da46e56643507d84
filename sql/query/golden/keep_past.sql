-- Keeps what golden records are before it is replaced, unless this transaction made it, and takes their values away.
-- $1 golden ids, $2 now.
WITH past AS MATERIALIZED (
    SELECT g.*, greatest($2, g.updated_at + interval '1 microsecond') AS valid_to,
           g.xmin <> pg_catalog.pg_current_xact_id()::xid AS seen
    FROM golden_record.golden_record AS g
    WHERE g.golden_id = ANY ($1::uuid[])),
kept AS (
    INSERT INTO golden_record.golden_history
        (golden_id, valid_from, valid_to, entity_type, status, merged_into, records, systems, attributes, lineage, created_at)
    SELECT p.golden_id, p.updated_at, p.valid_to, p.entity_type, p.status, p.merged_into, p.records, p.systems, p.attributes,
           p.lineage, p.created_at
    FROM past AS p
    WHERE p.seen),
gone AS (
    DELETE FROM golden_record.golden_pii AS v WHERE v.golden_id = ANY ($1::uuid[]) RETURNING v.*)
INSERT INTO golden_record.golden_history_pii
SELECT gone.*, p.valid_to FROM gone JOIN past AS p ON p.golden_id = gone.golden_id WHERE p.seen
