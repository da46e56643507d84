-- Whether $1 lies before what history holds, and since when that is.
SELECT o.at::text FROM golden_record.history_horizon AS o WHERE $1 < o.at
