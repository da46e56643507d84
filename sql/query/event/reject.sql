-- Dead letters. $1 feed; arrays: $2 systems, $3 ids, $4 ordinals, $5 fields, $6 reasons, $7 SQLSTATEs, $8 payloads.
WITH letter AS MATERIALIZED (
    SELECT pg_catalog.nextval('golden_record.rejected_record_rejected_id_seq'::regclass) AS rejected_id, n.*
    FROM (
        SELECT n.*
        FROM unnest($2::text[], $3::text[], $4::integer[], $5::text[], $6::text[], $7::text[], $8::text[])
            AS n (system_name, source_id, ordinal, field, reason, sqlstate, payload)
        ORDER BY n.ordinal) AS n),
payload AS (
    INSERT INTO golden_record.rejected_payload (rejected_id, payload)
    SELECT letter.rejected_id, letter.payload FROM letter)
INSERT INTO golden_record.rejected_record (rejected_id, feed, system_name, source_id, ordinal, field, reason, sqlstate)
OVERRIDING SYSTEM VALUE
SELECT letter.rejected_id, $1, letter.system_name, letter.source_id, letter.ordinal, letter.field, letter.reason, letter.sqlstate
FROM letter
