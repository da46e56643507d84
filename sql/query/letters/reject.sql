-- Dead letters. $1 feed, $10 the attached table whose rows they are; arrays: $2 systems, $3 ids, $4 ordinals, $5 fields, $6 reasons, $7 SQLSTATEs, $8 sealed
-- payloads, $9 ids of the letters.
WITH letter AS MATERIALIZED (
    SELECT n.*
    FROM (SELECT unnest($2::text[]) AS system_name, unnest($3::text[]) AS source_id, unnest($4::integer[]) AS ordinal,
                 unnest($5::text[]) AS field, unnest($6::text[]) AS reason, unnest($7::text[]) AS sqlstate,
                 unnest($8::bytea[]) AS payload, unnest($9::bigint[]) AS rejected_id) AS n),
payload AS (
    INSERT INTO golden_record.rejected_payload (rejected_id, system_name, payload)
    SELECT letter.rejected_id, letter.system_name, letter.payload FROM letter)
INSERT INTO golden_record.rejected_record (rejected_id, feed, system_name, source_id, ordinal, field, reason, sqlstate, attachment_id)
OVERRIDING SYSTEM VALUE
SELECT letter.rejected_id, $1, letter.system_name, letter.source_id, letter.ordinal, letter.field, letter.reason, letter.sqlstate,
       $10
FROM letter
