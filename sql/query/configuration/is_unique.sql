-- Whether a unique index, which holds at any time, has no more keys than some columns of a table, whatever it INCLUDEs.
-- $1 table, $2 columns.
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_index AS i
    WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
      AND (SELECT pg_catalog.bool_and(a.attname = ANY ($2::text[]))
           FROM pg_catalog.pg_attribute AS a
           WHERE a.attrelid = $1 AND a.attnum = ANY ((i.indkey::int2[])[:i.indnkeyatts - 1])))
