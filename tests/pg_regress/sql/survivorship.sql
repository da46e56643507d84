-- What survives: every action on the same stories, in one table, to be read against docs/merging.md. Each story is told
-- four ways: record by record, in the order given and in reverse, and by merge_golden in both orders. All must agree.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
CREATE TEMP TABLE attribute (n serial, kind text, name text, rule jsonb);
INSERT INTO attribute (kind, name, rule)
SELECT 'text', action, jsonb_build_object('action', action, 'sourcePriority', '[{"systemName": "CRM", "order": 1}, {"systemName": "Web", "order": 2}]'::jsonb)
FROM unnest('{UPDATE_IF_NEWER,KEEP_EXISTING,MAX_VALUE,MIN_VALUE,MOST_RECENT,EARLIEST,MOST_FREQUENT,LONGEST,SOURCE_PRIORITY,UNION}'::text[]) AS action;
INSERT INTO attribute (kind, name, rule) VALUES
    ('text', 'listed_only', '{"action": "MOST_RECENT", "listedOnly": true, "sourcePriority": [{"systemName": "CRM", "order": 1}]}'),
    ('text', 'trusted_else_any', '{"action": "MOST_RECENT", "minimumTrust": 3, "fallback": ["EARLIEST"]}'),
    ('text', 'no_rule', NULL),
    ('phone', 'VALID_FIRST', '{"action": "VALID_FIRST"}'), ('phone', 'then_MOST_RECENT', '{"action": "VALID_FIRST", "then": "MOST_RECENT"}'),
    ('boolean', 'CONSENT', '{"action": "CONSENT"}'), ('boolean', 'authoritative_CRM', '{"action": "CONSENT", "authoritative": ["CRM"]}'),
    ('number', 'sum', '{"action": "AGGREGATE", "function": "sum"}'), ('number', 'count', '{"action": "AGGREGATE", "function": "count"}'),
    ('number', 'min', '{"action": "AGGREGATE", "function": "min"}'), ('number', 'max', '{"action": "AGGREGATE", "function": "max"}'),
    ('number', 'average', '{"action": "AGGREGATE", "function": "average"}'), ('number', 'once_each_bill', '{"action": "AGGREGATE", "function": "sum", "countOnce": "bill"}'),
    ('number', 'MAX_VALUE_of_numbers', '{"action": "MAX_VALUE"}');
SELECT golden_record.define_entity('CUSTOMER', jsonb_build_object('attributes', jsonb_object_agg(name, jsonb_build_object('kind', kind, 'pii', 'none')) || '{"bill": {"kind": "identifier", "pii": "none"}}')) FROM attribute;
SELECT golden_record.set_merge_rules('CUSTOMER', jsonb_object_agg(name, rule)) FROM attribute WHERE rule IS NOT NULL;

-- A statement: system, event time in seconds, the value stated for every attribute of the kind (null: an explicit null; gone: the record is deleted),
-- and where it is given, p and the record's sourcePriority, or # and the bill it is about.
CREATE TEMP TABLE story (n serial, kind text, title text, statements text[]);
INSERT INTO story (kind, title, statements) VALUES
    ('text', 'a newer value of lower trust',     '{CRM 10 crm,Web 20 webby,Shop 30 a}'),
    ('text', 'one second, better rank',          '{Web 10.9 z,CRM 10.1 b}'),
    ('text', 'one second, one rank: full time',  '{Shop 10.1 x,Till 10.9 y}'),
    ('text', 'one time, one rank: the name',     '{Till 10 y,Shop 10 x}'),
    ('text', 'null and N/A assert nothing',      '{CRM 10 null,Web 5 N/A,Shop 1 shop}'),
    ('text', 'unlisted after listed',            '{Shop 20 shop p1,Web 10 web p9}'),
    ('text', 'only sourcePriority decides',      '{Shop 10 five p5,Till 20 seven p7}'),
    ('text', 'a late arrival takes its place',   '{CRM 20 second,CRM 10 first,Web 15 web}'),
    ('text', 'said again it is no newer',        '{CRM 10 crm,Web 20 web,CRM 30 crm}'),
    ('text', 'a value in between',               '{CRM 10 a,CRM 20 b,CRM 30 a,Web 25 web}'),
    ('text', 'a retraction',                     '{CRM 10 crm,Web 5 web,CRM 20 null}'),
    ('text', 'stated anew after it',             '{CRM 10 crm,CRM 20 null,CRM 30 new,Web 25 web}'),
    ('text', 'a deletion',                       '{CRM 10 crm,Web 5 web,CRM 20 gone}'),
    ('text', 'the majority',                     '{CRM 10 one,Web 20 two,Shop 15 two,Till 5 three}'),
    ('phone', 'valid before invalid',            '{CRM 10 +1-555-0198 p1,Web 20 +12025550143 p2}'),
    ('phone', 'both valid',                      '{CRM 10 +12025550144 p1,Web 20 +12025550143 p2}'),
    ('phone', 'none valid',                      '{CRM 10 +1-555-0198 p1,Web 20 +1-555-0197 p2}'),
    ('phone', 'the valid one is deleted',        '{CRM 10 +1-555-0198 p1,Web 20 +12025550143 p2,Web 30 gone}'),
    ('boolean', 'all consent',                   '{CRM 10 true,Web 20 true}'),
    ('boolean', 'a refusal holds',               '{Web 10 false,Shop 20 true}'),
    ('boolean', 'the authority consents later',  '{Web 10 false,CRM 20 true}'),
    ('boolean', 'in the same second it does not', '{Web 10.1 false,CRM 10.9 true}'),
    ('boolean', 'another refuses after it',      '{Web 10 false,CRM 20 true,Shop 30 false}'),
    ('boolean', 'the refusal is retracted',      '{Web 10 false,Shop 20 true,Web 30 null}'),
    ('number', 'three bills, one told twice',    '{CRM 10 10.5 #1,ERP 20 10.5 #1,Web 30 2 #2,Shop 40 1e2 #3}'),
    ('number', 'a corrected bill',               '{CRM 10 5 #1,CRM 20 7 #1}'),
    ('number', 'numbers by value',               '{CRM 10 9,Web 20 10}');

CREATE FUNCTION pg_temp.told(whose text, kind text, statement text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('entityType', 'CUSTOMER', 'entityId', whose, 'timestamp', to_char(timestamp '2024-01-01' + make_interval(secs => w[2]::float8), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'externalSystemIds', jsonb_build_array(jsonb_build_object('systemName', w[1], 'id', whose)), 'deleted', w[3] = 'gone',
        'attributes', CASE w[3] WHEN 'gone' THEN '{}' ELSE coalesce((SELECT jsonb_object_agg(a.name, CASE w[3] WHEN 'null' THEN 'null' ELSE to_jsonb(w[3]) END) FROM attribute AS a WHERE a.kind = $2), '{}') END
            || CASE WHEN w[4] LIKE '#%' THEN jsonb_build_object('bill', substr(w[4], 2)) ELSE '{}' END)
        || CASE WHEN w[4] LIKE 'p%' THEN jsonb_build_object('sourcePriority', substr(w[4], 2)::integer) ELSE '{}' END
    FROM string_to_array($3, ' ') AS w $$;
-- Record by record: f forwards, b backwards.
DO $$ DECLARE s record; BEGIN
    FOR s IN SELECT 'f' || n AS whose, kind, statement FROM story, unnest(statements) WITH ORDINALITY AS u (statement, i) ORDER BY n, i LOOP
        PERFORM golden_record.ingest(pg_temp.told(s.whose, s.kind, s.statement));
    END LOOP;
    FOR s IN SELECT 'b' || n AS whose, kind, statement FROM story, unnest(statements) WITH ORDINALITY AS u (statement, i) ORDER BY n, i DESC LOOP
        PERFORM golden_record.ingest(pg_temp.told(s.whose, s.kind, s.statement));
    END LOOP;
END $$;
CREATE TEMP VIEW stored AS
    SELECT left(x.source_id, 1) AS way, substr(x.source_id, 2)::integer AS n, l.attribute AS name, concat(l.value, ' ', l.system_name, ', ', l.reason) AS outcome
    FROM (SELECT DISTINCT source_id, golden_id FROM golden_record.crosswalk WHERE kind = 'record') AS x JOIN golden_record.lineage AS l USING (golden_id);
CREATE TEMP VIEW merged AS
    SELECT m.way, m.n, l.key AS name, concat(CASE jsonb_typeof(v.value) WHEN 'string' THEN v.value #>> '{}' ELSE replace(v.value::text, '", "', '","') END, ' ', l.value ->> 'systemName', ', ', l.value ->> 'reason') AS outcome
    FROM (SELECT 'mf' AS way, n, golden_record.merge_golden(pg_temp.told('m' || n, kind, statement) ORDER BY i) AS m FROM story, unnest(statements) WITH ORDINALITY AS u (statement, i) GROUP BY n
          UNION ALL SELECT 'mb', n, golden_record.merge_golden(pg_temp.told('m' || n, kind, statement) ORDER BY i DESC) FROM story, unnest(statements) WITH ORDINALITY AS u (statement, i) GROUP BY n) AS m,
         LATERAL jsonb_each(m.m -> 'lineage') AS l, LATERAL (SELECT m.m -> 'attributes' -> l.key AS value) AS v;
-- The outcome of every story: value, system of the winner, and why.
SELECT n, title, array_to_string(statements, ' · ') AS statements FROM story ORDER BY n;
SELECT s.title, o.name, o.outcome FROM story AS s JOIN stored AS o USING (n) JOIN attribute AS a USING (name) WHERE o.way = 'f' AND s.kind = 'text' AND a.n <= 5 ORDER BY s.n, a.n \crosstabview
SELECT s.title, o.name, o.outcome FROM story AS s JOIN stored AS o USING (n) JOIN attribute AS a USING (name) WHERE o.way = 'f' AND s.kind = 'text' AND a.n > 5 AND a.n <= 10 ORDER BY s.n, a.n \crosstabview
SELECT s.title, o.name, o.outcome FROM story AS s JOIN stored AS o USING (n) JOIN attribute AS a USING (name) WHERE o.way = 'f' AND s.kind = 'text' AND a.n > 10 ORDER BY s.n, a.n \crosstabview
SELECT s.title, o.name, o.outcome FROM story AS s JOIN stored AS o USING (n) JOIN attribute AS a USING (name) WHERE o.way = 'f' AND s.kind = 'phone' ORDER BY s.n, a.n \crosstabview
SELECT s.title, o.name, o.outcome FROM story AS s JOIN stored AS o USING (n) JOIN attribute AS a USING (name) WHERE o.way = 'f' AND s.kind = 'boolean' ORDER BY s.n, a.n \crosstabview
SELECT s.title, o.name, o.outcome FROM story AS s JOIN stored AS o USING (n) JOIN attribute AS a USING (name) WHERE o.way = 'f' AND s.kind = 'number' ORDER BY s.n, a.n \crosstabview
-- All four ways agree.
SELECT count(*) > 200 AS many, count(DISTINCT way) AS ways FROM (TABLE stored UNION ALL TABLE merged) AS w;
SELECT n, name, array_agg(way || ': ' || outcome ORDER BY way) FROM (TABLE stored UNION ALL TABLE merged) AS w GROUP BY n, name HAVING count(DISTINCT outcome) > 1 OR count(*) <> 4;
SELECT * FROM golden_record.verify();
-- An override beats every action, and cleared leaves no trace.
SELECT golden_record.digest() AS before \gset
SELECT count(golden_record.override(x.golden_id, a.name, 'steward')) FROM golden_record.crosswalk AS x, attribute AS a WHERE x.source_id = 'f1' AND x.system_name = 'CRM' AND a.kind = 'text';
SELECT outcome, count(*) FROM stored JOIN attribute AS a USING (name) WHERE way = 'f' AND stored.n = 1 GROUP BY outcome;
SELECT count(golden_record.clear_override(x.golden_id, a.name)::text) FROM golden_record.crosswalk AS x, attribute AS a WHERE x.source_id = 'f1' AND x.system_name = 'CRM' AND a.kind = 'text';
SELECT golden_record.digest() = :'before' AS as_before;
