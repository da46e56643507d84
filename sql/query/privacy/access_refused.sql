-- An attempt that was not granted: one row a minute for the same attempts of a login. Arguments as of access_granted.
-- Gives the refusals of the login within ten minutes, this one among them.
WITH entry AS (
    SELECT e.access_id
    FROM golden_record.access_entry AS e
    WHERE e.login_role = $1 AND e.at > pg_catalog.clock_timestamp() - interval '1 minute'
      AND e.role = $2 AND e.object = $4 AND e.outcome = $8 AND e.purpose IS NOT DISTINCT FROM $7
    ORDER BY e.at DESC
    LIMIT 1),
counted AS (
    UPDATE golden_record.access_entry AS e SET count = e.count + 1
    FROM entry WHERE e.access_id = entry.access_id),
first AS (
    INSERT INTO golden_record.access_entry (login_role, role, client_addr, object, golden_id, attribute, purpose, outcome)
    SELECT $1, $2, $3::inet, $4, $5::uuid, $6, $7, $8 WHERE NOT EXISTS (SELECT FROM entry))
SELECT coalesce(pg_catalog.sum(e.count), 0)::bigint + ($8 = 'refused')::integer
FROM golden_record.access_entry AS e
WHERE e.login_role = $1 AND e.at > pg_catalog.clock_timestamp() - interval '10 minutes' AND e.outcome = 'refused'
