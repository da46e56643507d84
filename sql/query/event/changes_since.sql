-- Change events after a place in their order, as far as no transaction that may still add earlier ones is open: what one adds
-- is shown after itself at least. Those of another cluster or database ended with it. $1 generation, $2 transaction, $3 event
-- of the place, $4 how many at most, $5 system identifier, $6 database.
SELECT e.generation, e.shown_after::text, e.change_id, e.at, e.entity_type, e.golden_id, e.change, e.into_id, e.attributes
FROM golden_record.change_event AS e
WHERE (e.generation, e.shown_after, e.change_id) > ($1, $2::text::xid8, $3)
  AND (e.shown_after < pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())
       OR e.generation <> ALL (ARRAY (
           SELECT g.generation FROM golden_record.generation AS g WHERE g.system_identifier = $5 AND g.database_oid = $6)))
ORDER BY e.generation, e.shown_after, e.change_id
LIMIT $4::integer
