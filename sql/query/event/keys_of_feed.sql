-- What is known of the keys of a feed's systems, by slot. $1 feed, $2 systems. Nothing is locked: two backends in one
-- slot may overwrite each other's count of a statement, which costs a little accuracy and no waiting.
SELECT k.system_name, k.slot, k.records, k.keys::text
FROM golden_record.feed_keys AS k
WHERE k.feed = $1 AND k.system_name = ANY ($2::text[])
ORDER BY k.system_name, k.slot
