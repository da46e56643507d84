-- What privacy costs: masked and cleared reads, erasure. In a throw-away cluster, since it makes the extension anew:
--     scripts/with-cluster psql -qX -v n=100000 -f bench/privacy.sql
-- n: customers, one record each; 100,000 take half a minute to load. Prints milliseconds, the best of seven runs.
\set ON_ERROR_STOP on
\if :{?n}
\else
    \set n 100000
\endif
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
SET maintenance_work_mem = '256MB';

\echo loading :n customers
INSERT INTO golden_record.feed (payload)
SELECT json_build_object('entityType', 'CUSTOMER', 'timestamp', to_char(timestamp '2024-01-01' + n * interval '1 second', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'externalSystemIds', json_build_array(json_build_object('systemName', (ARRAY['CRM', 'ERP', 'Web'])[n % 3 + 1], 'id', n::text)),
    'attributes', json_build_object('email', 'person' || n || '@example.com', 'phoneNumber', '+1206' || 2000000 + n,
        'firstName', initcap(translate((n % 977)::text, '0123456789', 'aeioubdglm')), 'lastName', initcap(translate(n::text, '0123456789', 'aeiourstnm')),
        'preferredLanguage', 'en-US', 'lastPurchaseDate', '2023-10-15T14:30:00Z', 'dateOfBirth', date '1950-01-01' + n % 18000,
        'street', n % 200 || ' High Street', 'city', 'Seattle', 'region', 'WA', 'postcode', lpad((n % 100000)::text, 5, '0'),
        'country', 'US', 'company', 'Company ' || n % 5000))::text
FROM generate_series(1, :n) AS n;
-- One of them with 50 versions.
INSERT INTO golden_record.feed (payload)
SELECT json_build_object('entityType', 'CUSTOMER', 'timestamp', to_char(timestamp '2024-06-01' + v * interval '1 hour', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'externalSystemIds', json_build_array(json_build_object('systemName', 'CRM', 'id', '3')),
    'attributes', json_build_object('email', 'person3@example.com', 'city', 'City ' || v))::text
FROM generate_series(1, 49) AS v;

-- The same rows unmasked in plain columns.
SELECT golden_record.grant_scope('golden_record_pii') \g /dev/null
GRANT pg_write_server_files TO golden_record_reader, golden_record_pii;
SET golden_record.purpose = 'benchmark';
SET ROLE golden_record_pii;
CREATE TEMP TABLE plain AS SELECT * FROM golden_record.customer;
RESET ROLE;
CREATE TABLE public.plain AS TABLE pg_temp.plain;
DROP TABLE pg_temp.plain;
GRANT SELECT ON public.plain TO golden_record_reader;
VACUUM (ANALYZE);

CREATE TEMP TABLE run (what text, ms float8);
CREATE FUNCTION pg_temp.read(what text, role text, statement text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    start timestamptz;
BEGIN
    PERFORM set_config('role', role, true);
    start := clock_timestamp();
    EXECUTE format('COPY (%s) TO %L', statement, '/dev/null');
    PERFORM set_config('role', 'none', true);
    INSERT INTO run VALUES (what, 1000 * extract(epoch FROM clock_timestamp() - start));
END $$;
\echo reading
DO $$
BEGIN
    FOR i IN 1..7 LOOP
        PERFORM pg_temp.read('plain columns', 'golden_record_reader', 'SELECT * FROM public.plain');
        PERFORM pg_temp.read('customer, masked', 'golden_record_reader', 'SELECT * FROM golden_record.customer');
        PERFORM pg_temp.read('customer, cleared', 'golden_record_pii', 'SELECT * FROM golden_record.customer');
    END LOOP;
END $$;
SELECT what, round(min(ms)) AS ms, round((min(ms) / (SELECT min(ms) FROM run WHERE what LIKE 'plain%'))::numeric, 2) AS "to plain",
       round((min(ms) / (SELECT min(ms) FROM run WHERE what LIKE '%masked'))::numeric, 2) AS "to masked"
FROM run GROUP BY what ORDER BY 2;

SELECT golden_id FROM golden_record.crosswalk WHERE source_id = '3' \gset
\timing on
\echo erasing a person of 50 versions
SELECT golden_record.erase_subject(:'golden_id', 'benchmark') -> 'removed' ->> 'record_version' AS versions;
