-- Counts a statement's records, and tells whether it is the first of a minute, and whether the alert of the feed's error rate
-- is open. $1 feed, $2 slot, $3 accepted, $4 refused, $5 that alert's kind.
INSERT INTO golden_record.feed_window AS w (feed, window_start, slot, accepted, rejected, last_at)
VALUES ($1, pg_catalog.date_trunc('minute', pg_catalog.clock_timestamp()), $2, $3, $4, pg_catalog.clock_timestamp())
ON CONFLICT (feed, window_start, slot) DO UPDATE
SET accepted = w.accepted + EXCLUDED.accepted, rejected = w.rejected + EXCLUDED.rejected, last_at = EXCLUDED.last_at
RETURNING xmax = 0, EXISTS (
    SELECT FROM golden_record.alert AS a WHERE a.kind = $5 AND a.feed = $1 AND a.closed_at IS NULL)
