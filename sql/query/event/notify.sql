-- Wakes those who listen to alerts. $1 payload.
SELECT pg_catalog.pg_notify('golden_record_alert', $1)
