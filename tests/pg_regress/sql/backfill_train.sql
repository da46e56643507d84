-- backfill(…, train => true) is backfill, train and use_model in one pass: one model, in force, and the digest that the
-- three would leave.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS golden_record CASCADE;
CREATE EXTENSION golden_record;
RESET client_min_messages;
CREATE TABLE guests AS
    SELECT g AS id, 'guest' || g / 2 || '@example.com' AS email, initcap(translate(md5(chr(97 + g / 2 % 26) || g / 52), '0123456789', 'ghijklmnop')) AS last_name,
           CASE g % 2 WHEN 0 THEN 'Robert' ELSE 'Bob' END AS first_name, date '1950-01-01' + g / 2 * 37 AS date_of_birth,
           timestamptz '2024-01-01' + g * interval '1 minute' AS changed_at
    FROM generate_series(0, 399) AS g;
ALTER TABLE guests ADD PRIMARY KEY (id);
SELECT golden_record.attach_source('guests', 'Hotel', 'id', timestamp_column => 'changed_at');
-- The policy guide has nothing to learn.
SELECT golden_record.backfill('guests', train => true);
SELECT golden_record.set_policy('CUSTOMER', 'probabilistic');
SELECT golden_record.backfill('guests', train => true);
SELECT in_force, records FROM golden_record.model;
SELECT count(*) AS people, sum(records) AS records FROM golden_record.customer;
SELECT count(*) AS differences FROM golden_record.verify();
SELECT golden_record.digest() AS digest \gset
-- In three steps, over what is there now: the same.
SELECT golden_record.use_model('CUSTOMER', NULL);
SELECT golden_record.train('CUSTOMER') AS model \gset
SELECT golden_record.use_model('CUSTOMER', :model);
SELECT golden_record.digest() = :'digest' AS same;
SELECT count(*) AS models, count(DISTINCT m.weights::text) AS different FROM golden_record.trained_model AS m;
-- A second pass learns anew from what is there by then.
DELETE FROM guests WHERE id < 100;
SELECT golden_record.backfill('guests', train => true);
SELECT in_force, records FROM golden_record.model ORDER BY model;
SELECT count(*) AS differences FROM golden_record.verify();
DROP TABLE guests;
