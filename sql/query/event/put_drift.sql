-- Drift that was noticed. $1 feed; arrays: $2 systems, $3 keys, $4 changes, $5 guesses.
INSERT INTO golden_record.drift AS d (feed, system_name, key, change, guess)
SELECT $1, n.system_name, n.key, n.change, n.guess
FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS n (system_name, key, change, guess)
ON CONFLICT (feed, system_name, key, change) DO UPDATE SET guess = coalesce(d.guess, EXCLUDED.guess)
