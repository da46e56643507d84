-- Wakes those who listen. $1 channel, $2 payload.
SELECT pg_catalog.pg_notify($1, $2)
