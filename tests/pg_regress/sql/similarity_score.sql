-- How alike two texts are, and what the guide's policy makes of two records.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
SELECT a, b, method, round(golden_record.similarity(a, b, method)::numeric, 4) AS similarity FROM (VALUES
    (1, 'MARTHA', 'MARHTA', 'jaro_winkler'), (2, 'DIXON', 'DICKSONX', 'jaro_winkler'),
    (3, 'kitten', 'sitting', 'levenshtein'), (4, 'ab', 'ba', 'levenshtein'), (5, 'ab', 'ba', 'damerau_levenshtein'), (6, 'night', 'nacht', 'dice'),
    (7, 'John Doe', 'Doe, John', 'name'), (8, 'John Doe', 'Jon Doe', 'name'), (9, 'Bob Smith', 'Robert Smith', 'name'),
    (10, 'same', 'same', 'dice'), (11, 'abc', 'xyz', 'jaro_winkler'), (12, '', '', 'levenshtein'), (13, '', 'x', 'jaro_winkler')) AS v (n, a, b, method) ORDER BY n;
-- Symmetric, in 0…1, NULL for NULL.
SELECT bool_and(golden_record.similarity(a, b, m) = golden_record.similarity(b, a, m)) AS symmetric,
       bool_and(golden_record.similarity(a, b, m) BETWEEN 0 AND 1) AS bounded, golden_record.similarity('a', NULL) IS NULL AS null_in_null_out
FROM (VALUES ('Marhta', 'martha'), ('José', 'Jose'), ('', 'x'), ('a', 'ab'), ('🙂', '🙃')) AS v (a, b),
     unnest(ARRAY['jaro_winkler', 'levenshtein', 'damerau_levenshtein', 'dice', 'name']) AS m;

-- The guide: email 100, phone 80, above it only with names at 95 % or more, else 0.
SELECT why, golden_record.match_score(a, b) AS score, golden_record.match_score(a, b) = golden_record.match_score(b, a) AS symmetric FROM (VALUES
    (1, 'same email', '{"email": "JOHN@example.com"}'::jsonb, '{"email": " john@Example.com"}'::jsonb),
    (2, 'other email', '{"email": "john@example.com"}', '{"email": "jon@example.com"}'),
    (3, 'same phone', '{"phoneNumber": "(555) 123-4567"}', '{"phoneNumber": "+15551234567"}'),
    (4, 'same phone, one name', '{"phoneNumber": "5551234567", "firstName": "John", "lastName": "Doe"}', '{"phoneNumber": "5551234567"}'),
    (5, 'same phone, same name', '{"phoneNumber": "5551234567", "firstName": "John", "lastName": "Doe"}', '{"phoneNumber": "5551234567", "firstName": "JOHN", "lastName": "doe"}'),
    (6, 'same phone, name at 97.5 %', '{"phoneNumber": "5551234567", "firstName": "Maria", "lastName": "Gonzalez"}', '{"phoneNumber": "5551234567", "firstName": "Maria", "lastName": "Gonzales"}'),
    (7, 'same phone, other name', '{"phoneNumber": "5551234567", "firstName": "John", "lastName": "Doe"}', '{"phoneNumber": "5551234567", "firstName": "Mary", "lastName": "Smith"}'),
    (8, 'same phone, half a name', '{"phoneNumber": "5551234567", "lastName": "Doe"}', '{"phoneNumber": "5551234567", "lastName": "Doe"}'),
    (9, 'same name alone', '{"firstName": "John", "lastName": "Doe"}', '{"firstName": "John", "lastName": "Doe"}'),
    (10, 'email and phone', '{"email": "a@example.com", "phoneNumber": "5551234567"}', '{"email": "a@example.com", "phoneNumber": "5551234567"}'),
    (11, 'junk email', '{"email": "noreply@example.com"}', '{"email": "noreply@example.com"}'),
    (12, 'junk phone', '{"phoneNumber": "000-0000"}', '{"phoneNumber": "000-0000"}'),
    (13, 'repeated digit', '{"phoneNumber": "9999999999"}', '{"phoneNumber": "9999999999"}'),
    (14, 'nothing', '{}', '{}'),
    (15, 'null', '{"email": null}', '{"email": null}'),
    (16, 'no email at all', '{"email": "n/a"}', '{"email": "n/a"}')) AS v (n, why, a, b) ORDER BY n;

SELECT * FROM golden_record.match_explain('{"phoneNumber": "(555) 123-4567", "firstName": "Maria", "lastName": "Gonzalez"}',
    '{"phoneNumber": "+15551234567", "firstName": "Maria", "lastName": "Gonzales"}');
SELECT * FROM golden_record.match_explain('{"email": "john.doe@example.com", "firstName": "John"}', '{"email": "JOHN.DOE@example.com", "firstName": "Jane"}');
SELECT * FROM golden_record.match_explain('{"email": "a@example.com"}', '{"email": "b@example.com"}');
-- The points of an explanation add up to the score.
SELECT sum(points) = golden_record.match_score('{"phoneNumber": "5551234567", "firstName": "Maria", "lastName": "Gonzalez"}', '{"phoneNumber": "5551234567", "firstName": "Maria", "lastName": "Gonzales"}') AS adds_up
FROM golden_record.match_explain('{"phoneNumber": "5551234567", "firstName": "Maria", "lastName": "Gonzalez"}', '{"phoneNumber": "5551234567", "firstName": "Maria", "lastName": "Gonzales"}');

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
\x on
SELECT * FROM pg_temp.refused($$SELECT golden_record.similarity('a', 'b', 'jaro')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.match_score('{}', '{}', 'giude')$$);
SELECT * FROM pg_temp.refused($$SELECT golden_record.match_score('[]', '{}')$$);
