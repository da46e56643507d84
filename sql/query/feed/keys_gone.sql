-- The keys of a feed's systems that are noted as gone. $1 feed, $2 systems.
SELECT d.system_name, d.key
FROM golden_record.drift AS d
WHERE d.feed = $1 AND d.system_name = ANY ($2::text[]) AND d.change = 'gone'
