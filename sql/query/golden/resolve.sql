-- The living golden record that an id leads to. $1 id.
SELECT golden_record.resolve($1)
