-- An attempt that was not granted: one row a minute for the same attempts of a login. Of more than a hundred rows a minute the
-- further ones tell role, object and outcome alone, whatever is tried. Arguments as of access_granted. Gives the refusals of the
-- login within ten minutes, this one among them.
WITH lately AS MATERIALIZED (
    SELECT e.access_id, e.at, e.role, e.object, e.golden_id, e.attribute, e.purpose, e.outcome
    FROM golden_record.access_entry AS e
    WHERE e.login_role = $1 AND e.at > pg_catalog.clock_timestamp() - interval '1 minute' AND e.outcome <> 'granted'),
tried AS (
    SELECT $5::uuid AS golden_id, $6 AS attribute, $7 AS purpose
    WHERE (SELECT pg_catalog.count(*) FROM lately) < 100
       OR EXISTS (
           SELECT FROM lately AS e
           WHERE e.role = $2 AND e.object = $4 AND e.outcome = $8
             AND (e.golden_id, e.attribute, e.purpose) IS NOT DISTINCT FROM ($5::uuid, $6, $7))),
told AS MATERIALIZED (
    SELECT t.golden_id, t.attribute, t.purpose FROM (SELECT) AS one LEFT JOIN tried AS t ON true),
entry AS (
    SELECT e.access_id
    FROM lately AS e JOIN told AS t
      ON (e.golden_id, e.attribute, e.purpose) IS NOT DISTINCT FROM (t.golden_id, t.attribute, t.purpose)
    WHERE e.role = $2 AND e.object = $4 AND e.outcome = $8
    ORDER BY e.at DESC
    LIMIT 1),
counted AS (
    UPDATE golden_record.access_entry AS e SET count = e.count + 1
    FROM entry WHERE e.access_id = entry.access_id),
first AS (
    INSERT INTO golden_record.access_entry (login_role, role, client_addr, object, golden_id, attribute, purpose, outcome)
    SELECT $1, $2, $3::inet, $4, t.golden_id, t.attribute, t.purpose, $8
    FROM told AS t
    WHERE NOT EXISTS (SELECT FROM entry))
SELECT coalesce(pg_catalog.sum(e.count), 0)::bigint + ($8 = 'refused')::integer
FROM golden_record.access_entry AS e
WHERE e.login_role = $1 AND e.at > pg_catalog.clock_timestamp() - interval '10 minutes' AND e.outcome = 'refused'
