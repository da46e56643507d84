-- The look-ups of a login that found nothing within the last minute. $1 login role.
SELECT coalesce(pg_catalog.sum(e.count), 0)::bigint
FROM golden_record.access_entry AS e
WHERE e.login_role = $1 AND e.at > pg_catalog.clock_timestamp() - interval '1 minute' AND e.outcome = 'missed'
