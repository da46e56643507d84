-- Drift that was noticed. $1 feed; arrays: $2 systems, $3 keys, $4 changes, $5 guesses.
INSERT INTO golden_record.drift AS d (feed, system_name, key, change, guess)
SELECT $1, n.system_name, n.key, n.change, n.guess
FROM (SELECT unnest($2::text[]) AS system_name, unnest($3::text[]) AS key, unnest($4::text[]) AS change,
             unnest($5::text[]) AS guess) AS n
ON CONFLICT (feed, system_name, key, change) DO UPDATE SET guess = coalesce(d.guess, EXCLUDED.guess)
