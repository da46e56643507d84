-- What wraps functions of the library: triggers, an aggregate, SQL functions.

-- The triggers of the view feed: rows are kept while a statement runs and taken in one pass at its end.
ALTER FUNCTION feed_begin() SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION feed_row() SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION feed_end() SET search_path = pg_catalog, pg_temp;
CREATE TRIGGER feed_begin BEFORE INSERT ON feed FOR EACH STATEMENT EXECUTE FUNCTION feed_begin();
CREATE TRIGGER feed_row INSTEAD OF INSERT ON feed FOR EACH ROW EXECUTE FUNCTION feed_row();
CREATE TRIGGER feed_end AFTER INSERT ON feed FOR EACH STATEMENT EXECUTE FUNCTION feed_end();

-- The same as ingest(text): a jsonb literal is a payload too.
CREATE FUNCTION ingest(payload jsonb, feed text DEFAULT 'default')
RETURNS TABLE (ordinal integer, system_name text, source_id text, outcome text, golden_id uuid, detail text)
LANGUAGE plpgsql -- keeps its plan from call to call, as SQL does not
SET search_path = pg_catalog, pg_temp
AS $$ BEGIN RETURN QUERY SELECT i.* FROM golden_record.ingest($1::text, $2) AS i; END $$;

CREATE AGGREGATE merge_golden(record jsonb) (
    SFUNC = pg_catalog.array_append,
    STYPE = jsonb[],
    INITCOND = '{}',
    FINALFUNC = merge_golden_final
);

ALTER FUNCTION attached_change() SET search_path = pg_catalog, pg_temp;

CREATE TYPE customer_match AS (
    golden_id uuid, matched_by text[], certainty text,
    email text, phone_number text, first_name text, last_name text, preferred_language text, last_purchase_date text,
    date_of_birth text, street text, city text, region text, postcode text, country text, company text,
    attributes jsonb, records integer, systems text[], created_at timestamptz, updated_at timestamptz
);
COMMENT ON TYPE customer_match IS 'A row of lookup.';

CREATE FUNCTION lookup(email text DEFAULT NULL, phone text DEFAULT NULL, system_name text DEFAULT NULL,
                       source_id text DEFAULT NULL, name text DEFAULT NULL)
RETURNS SETOF customer_match
LANGUAGE plpgsql STABLE -- keeps its plan from call to call
SET search_path = pg_catalog, pg_temp
AS $$ BEGIN
    RETURN QUERY
    SELECT c.golden_id, found.matched_by,
           CASE WHEN pg_catalog.count(*) OVER () = 1 THEN 'one' ELSE 'many' END,
           c.email, c.phone_number, c.first_name, c.last_name, c.preferred_language, c.last_purchase_date,
           c.date_of_birth, c.street, c.city, c.region, c.postcode, c.country, c.company,
           c.attributes, c.records, c.systems, c.created_at, c.updated_at
    FROM golden_record.lookup_golden($1, $2, $3, $4, $5) AS found
    -- OFFSET 0 keeps the view apart: by index for each hit, where a join with a security barrier reads the whole table.
    CROSS JOIN LATERAL (
        SELECT v.* FROM golden_record.customer AS v WHERE v.golden_id = found.golden_id OFFSET 0) AS c
    ORDER BY pg_catalog.cardinality(found.matched_by) DESC, c.golden_id;
END $$;

CREATE FUNCTION resolve(id uuid) RETURNS uuid
LANGUAGE sql STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
    WITH RECURSIVE chain AS (
        SELECT g.golden_id, g.merged_into, g.status FROM golden_record.golden_record AS g WHERE g.golden_id = $1
        UNION
        SELECT g.golden_id, g.merged_into, g.status
        FROM chain JOIN golden_record.golden_record AS g ON g.golden_id = chain.merged_into)
    SELECT chain.golden_id FROM chain WHERE chain.status = 'live'
$$;

CREATE VIEW progress WITH (security_invoker = true, security_barrier = true) AS
SELECT r.pid, r.command, r.relation, r.phase, r.done, r.total, r.started_at
FROM golden_record.running() AS r;
COMMENT ON VIEW progress IS 'Work on whole sets, and on statements of 1,000 records or more, that goes on now: which backend, what it does, how much of the phase is done. total 0: not known.';
