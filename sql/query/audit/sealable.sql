-- The entries of ended transactions that no seal covers, with the range of transactions that they are all of.
-- $1 system identifier, $2 database.
WITH here AS MATERIALIZED (
    SELECT ARRAY (SELECT g.generation FROM golden_record.generation AS g
                  WHERE g.system_identifier = $1 AND g.database_oid = $2) AS generations,
           pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot()) AS ended),
sealed AS MATERIALIZED (
    SELECT g.generation, coalesce(pg_catalog.max(s.to_transaction), '0'::xid8) AS to_transaction
    FROM golden_record.generation AS g
    LEFT JOIN golden_record.audit_seal AS s ON s.generation = g.generation
    GROUP BY g.generation)
SELECT e.generation, sealed.to_transaction::text,
       CASE WHEN e.generation = ANY (here.generations) THEN here.ended::text
            ELSE (pg_catalog.max(e.transaction_id::text::bigint) OVER (PARTITION BY e.generation) + 1)::text END,
       e.audit_id, e.entry_hash
FROM here
CROSS JOIN sealed
JOIN golden_record.audit_entry AS e ON e.generation = sealed.generation AND e.transaction_id >= sealed.to_transaction
WHERE e.transaction_id < here.ended OR e.generation <> ALL (here.generations)
ORDER BY e.generation, e.transaction_id, e.audit_id
