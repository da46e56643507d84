-- Attached tables: code of who owns the table, or a type of one of its columns, gains nothing.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
CREATE ROLE regress_app;
CREATE SCHEMA app AUTHORIZATION regress_app;
CREATE SCHEMA evil AUTHORIZATION regress_app;
GRANT USAGE ON SCHEMA app, evil TO PUBLIC;
RESET client_min_messages;
SET ROLE regress_app;
CREATE TABLE app.ran (what text, who text);
GRANT INSERT ON app.ran TO PUBLIC;
CREATE TYPE app.mood AS ENUM ('well');
CREATE TYPE app.pair AS (mood app.mood, n integer);
CREATE TYPE app.plain AS (n integer, t text);
CREATE TYPE app.span AS RANGE (subtype = integer);
CREATE DOMAIN app.felt AS app.mood;
-- A cast to JSON, which to_json would ask for.
CREATE FUNCTION app.mood_json(app.mood) RETURNS json LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO app.ran VALUES ('cast', current_user);
    PERFORM set_config('search_path', 'evil, pg_catalog', false);
    EXECUTE 'ALTER ROLE regress_app SUPERUSER';
    RETURN '"hacked"';
END $$;
CREATE CAST (app.mood AS json) WITH FUNCTION app.mood_json(app.mood);
CREATE FUNCTION evil.equal(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO app.ran VALUES ('operator', current_user); RETURN $1 OPERATOR(pg_catalog.=) $2; END $$;
CREATE OPERATOR evil.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = evil.equal);
RESET ROLE;
CREATE TABLE public.feeling (id integer PRIMARY KEY, email text, mood app.mood, felt app.felt, moods app.mood[], pair app.pair, pairs app.pair[], plain app.plain, span app.span, t timestamptz);
GRANT INSERT, UPDATE ON public.feeling TO regress_app;
SELECT golden_record.attach_source('public.feeling', 'App', 'id', '{"email": "email"}', timestamp_column => 't');
SET ROLE regress_app;
INSERT INTO public.feeling VALUES
    (1, 'ann@example.com', 'well', 'well', '{well,NULL}', '(well,1)', '{"(well,2)"}', '(3,"a,b")', '[1,2]', '2024-01-01Z'),
    (2, 'bob@example.com', NULL, NULL, NULL, ROW (NULL, NULL), NULL, NULL, NULL, '2024-01-01Z');
RESET ROLE;
SELECT golden_record.backfill('public.feeling');
SELECT * FROM app.ran;
SELECT rolsuper FROM pg_roles WHERE rolname = 'regress_app';
SHOW search_path;
-- What the columns say is read all the same.
GRANT golden_record_pii TO regress_app;
SELECT golden_record.grant_scope('regress_app');
SET ROLE regress_app; SET golden_record.purpose = 'test';
SELECT source_id, key, value FROM golden_record.raw_attributes ORDER BY source_id, key;
RESET ROLE; RESET golden_record.purpose;
SET client_min_messages = warning;
SELECT golden_record.revoke_scope('regress_app');
DROP TABLE public.feeling;
DROP OWNED BY regress_app CASCADE;
DROP ROLE regress_app;
