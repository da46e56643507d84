-- A read of raw values. $1 login role, $2 role, $3 client, $4 object, $5 golden id, $6 attribute, $7 purpose, $8 outcome.
-- Gives the refusals of the login within ten minutes.
WITH entry AS (
    INSERT INTO golden_record.access_entry (login_role, role, client_addr, object, golden_id, attribute, purpose, outcome)
    VALUES ($1, $2, $3::inet, $4, $5::uuid, $6, $7, $8))
SELECT coalesce(pg_catalog.sum(e.count), 0)::bigint
FROM golden_record.access_entry AS e
WHERE e.login_role = $1 AND e.at > pg_catalog.clock_timestamp() - interval '10 minutes' AND e.outcome = 'refused'
