-- Opens an alert, or brings the open one up to date; tells whether it is new. $1 kind, $2 feed, $3 figure, $4 threshold,
-- $5 detail.
INSERT INTO golden_record.alert AS a (kind, feed, figure, threshold, detail)
VALUES ($1, $2, $3, $4, $5::jsonb)
ON CONFLICT (kind, feed) WHERE closed_at IS NULL DO UPDATE
SET figure = EXCLUDED.figure, detail = EXCLUDED.detail
RETURNING a.alert_id, xmax = 0
