-- Errors carry an SQLSTATE of the right class and say what to do; none tells a value.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
-- What a statement is refused with.
CREATE FUNCTION pg_temp.refused(statement text) RETURNS TABLE (state text, message text, detail text, hint text)
LANGUAGE plpgsql AS $$ BEGIN
    EXECUTE statement;
    message := 'not refused';
    RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN NEXT;
END $$;
SELECT call, r.* FROM (VALUES
    (1, $$lookup()$$), (2, $$lookup(system_name => 'CRM')$$), (3, $$lookup(source_id => 'jane@example.com')$$),
    (4, $$digest('CUSTOMRE')$$), (5, $$digest_text('X')$$), (6, $$verify('CUSTOMRE')$$), (7, $$rebuild('CUSTOMRE')$$), (8, $$mask('jane@example.com', 'mail')$$),
    (9, $$link('{"systemName": "CRM", "id": "jane@example.com"}', '{"systemName": "CRM", "id": "2"}')$$), (10, $$link('{"systemName": "CRM", "id": "1"}', '{"systemName": "CRM", "id": "2"}', NULL, 'CUSTOMRE')$$),
    (11, $$link('"jane@example.com"', '{"systemName": "CRM", "id": "2"}')$$), (12, $$unmerge('00000000-0000-8000-8000-000000000000', '{}')$$),
    (13, $$attach_source('pg_class', 'CRM', 'oid')$$), (14, $$attach_source(NULL, 'CRM', 'id')$$),
    (15, $$match_explain('"jane@example.com"', '{}')$$), (16, $$merge_golden(ARRAY['"jane@example.com"'::jsonb], '{}')$$), (17, $$register_source('CRM', '["jane@example.com"]')$$),
    (18, $$grant_scope('golden_record_pii', NULL, ARRAY['NO', 'Narnia'])$$),
    (19, $$normalize('email', 'jane@example.com')$$), (20, $$mask('email', 'jane@example.com')$$), (21, $$similarity('jaro', 'jane', 'jane@example.com')$$),
    (22, $$decide(1, 'jane@example.com', 'same')$$), (23, $$attach_source(999999::regclass, 'CRM', 'id')$$), (24, $$backfill(999999::regclass)$$),
    (25, $$detach_source(999999::regclass)$$)
) AS v (n, call), LATERAL pg_temp.refused('SELECT golden_record.' || call) AS r ORDER BY n;
-- Functions of values give NULL for NULL; those that do something say what they need.
SELECT golden_record.mask(NULL, 'email') IS NULL AND golden_record.similarity(NULL, 'a') IS NULL AND golden_record.match_score(NULL, '{}') IS NULL
   AND golden_record.resolve(NULL) IS NULL AND golden_record.open_payload(NULL, 'CRM', '\x00') IS NULL AS nulls;
SELECT call, r.* FROM (VALUES (1, $$decide(NULL, 'same')$$), (2, $$link(NULL, '{"systemName": "CRM", "id": "2"}')$$), (3, 'revert_decision(NULL)'), (4, $$set_merge_rules('CUSTOMER', NULL)$$),
    (5, $$define_entity('CUSTOMER', NULL)$$), (6, 'train(NULL)'), (7, $$register_source('ERP', NULL)$$), (8, 'rebuild(NULL)'), (9, 'detach_source(NULL)'), (10, 'backfill(NULL)'), (11, $$backfill('pg_class', NULL)$$),
    (12, 'digest(NULL)'), (13, 'digest_text(NULL)'), (14, 'verify(NULL)'), (15, $$why_value(NULL, 'city')$$), (16, $$why_value('00000000-0000-8000-8000-000000000000', NULL)$$),
    (17, $$profile_as_of('00000000-0000-8000-8000-000000000000', NULL)$$), (18, 'crosswalk_as_of(NULL)'), (19, $$score_pair('{}', NULL, 'CUSTOMER')$$)) AS v (n, call),
    LATERAL pg_temp.refused('SELECT golden_record.' || call) AS r ORDER BY n;
-- What was given is quoted in part: the log keeps messages.
SELECT call, r.state, length(r.message) AS message, r.hint FROM (VALUES (1, $$verify(repeat('x', 2000000))$$), (2, $$set_policy('CUSTOMER', repeat('x', 2000000))$$)) AS v (n, call),
    LATERAL pg_temp.refused('SELECT golden_record.' || call) AS r ORDER BY n;
-- An id that was never issued resolves to nothing.
SELECT golden_record.resolve('00000000-0000-8000-8000-000000000000') IS NULL AS unknown;
-- The settings: what they may be. PostgreSQL 17 and newer name the unit of a range's ends.
SELECT name, setting, unit, context FROM pg_settings WHERE name LIKE 'golden\_record.%' ORDER BY name COLLATE "C";
SELECT r.state, regexp_replace(r.message, '(60|86400) s', '\1', 'g') AS message, r.detail, r.hint
FROM (VALUES (1, 'golden_record.alert_error_rate', '2'), (2, 'golden_record.alert_window', '1'), (3, 'golden_record.alert_windo', '60')) AS v (n, name, value),
    LATERAL pg_temp.refused(format('SET %s = %L', name, value)) AS r ORDER BY n;
-- JSON that is nested too deep to be read.
SELECT call, r.state, r.message FROM (VALUES (1, 'match_score(%s, %s)'), (2, 'score_pair(%s, %s, ''CUSTOMER'')'), (3, 'merge_golden(ARRAY[%s], %s)'), (4, 'define_entity(''CUSTOMER'', %s)'),
    (5, 'set_merge_rules(''CUSTOMER'', %s)'), (6, 'retry_rejected(%s)'), (7, 'link(%s, %s)'), (8, 'unmerge(gen_random_uuid(), ARRAY[%s])'), (9, 'decide_all(%s, ''same'', NULL)')) AS v (n, call),
    LATERAL pg_temp.refused('SELECT golden_record.' || format(replace(call, '%s', '%1$s'), quote_literal('{"a": ' || repeat('[', 200) || repeat(']', 200) || '}') || '::jsonb')) AS r ORDER BY n;
-- Nor an attribute that may be the value.
SELECT outcome FROM golden_record.ingest('{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "CRM", "id": "1"}], "timestamp": "2024-01-01T00:00:00Z", "attributes": {"city": "Oslo"}}');
SELECT r.* FROM golden_record.customer AS c, LATERAL pg_temp.refused(format('SELECT golden_record.override(%L, %L, %L)', c.golden_id, 'jane@example.com', 'email')) AS r;
