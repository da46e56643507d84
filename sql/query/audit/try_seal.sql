-- Whether this transaction is the one that seals: nobody waits for another. $1 and $2 the lock's number.
SELECT pg_catalog.pg_try_advisory_xact_lock($1, $2)
