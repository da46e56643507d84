-- Takes away dead letters, with everything that belongs to them. $1 ids.
WITH keys AS (
    DELETE FROM golden_record.rejected_key AS k WHERE k.rejected_id = ANY ($1::bigint[])),
payload AS (
    DELETE FROM golden_record.rejected_payload AS p WHERE p.rejected_id = ANY ($1::bigint[]))
DELETE FROM golden_record.rejected_record AS r WHERE r.rejected_id = ANY ($1::bigint[])
