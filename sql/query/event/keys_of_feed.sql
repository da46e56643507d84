-- What is known of the keys of a feed's systems in a slot. $1 feed, $2 systems, $3 slot.
SELECT k.system_name, k.records, k.keys::text
FROM golden_record.feed_keys AS k
WHERE k.feed = $1 AND k.system_name = ANY ($2::text[]) AND k.slot = $3
ORDER BY k.system_name
FOR UPDATE
