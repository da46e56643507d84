-- Drift that is over. Arrays: $1 feeds, $2 systems, $3 keys, $4 changes.
DELETE FROM golden_record.drift AS d
USING (SELECT unnest($1::text[]) AS feed, unnest($2::text[]) AS system_name, unnest($3::text[]) AS key,
              unnest($4::text[]) AS change) AS n
WHERE d.feed = n.feed AND d.system_name = n.system_name AND d.key = n.key AND d.change = n.change
