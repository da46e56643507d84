-- A feed file from standard input into the feed :feed, in one statement; prints what became of its lines.
-- A file in which more than one line begins with { has one payload or record a line; any other is one payload.
-- COPY's text format would eat JSON's backslashes, hence CSV with a quote and a delimiter that JSON never holds.
CREATE TEMPORARY TABLE line (n bigint GENERATED ALWAYS AS IDENTITY, payload text);
\copy line (payload) FROM pstdin WITH (FORMAT csv, QUOTE e'\x01', DELIMITER e'\x02')

CREATE TEMPORARY TABLE part AS
SELECT n, payload FROM line WHERE (SELECT count(*) > 1 FROM line WHERE payload LIKE '{%')
UNION ALL
SELECT 1, string_agg(payload, e'\n' ORDER BY n) FROM line HAVING count(*) FILTER (WHERE payload LIKE '{%') <= 1;

SELECT coalesce(max(rejected_id), 0) AS refused_before FROM golden_record.rejected \gset
INSERT INTO golden_record.feed (payload, feed) SELECT payload, :'feed' FROM part WHERE payload IS NOT NULL ORDER BY n;
SELECT format('%s line(s), %s refused', (SELECT count(*) FROM line),
              (SELECT count(*) FROM golden_record.rejected WHERE rejected_id > :refused_before));
