-- What is known of the keys of a feed's systems, by slot. $1 feed, $2 systems. Of its own slot the caller has the lock: nobody else
-- writes that.
SELECT k.system_name, k.slot, k.records, k.keys::text
FROM golden_record.feed_keys AS k
WHERE k.feed = $1 AND k.system_name = ANY ($2::text[])
ORDER BY k.system_name, k.slot
