-- A table that the warehouse already has: attached, reconciled, and from then on followed.
CREATE TABLE contacts (
    id bigint PRIMARY KEY, email text, phone text, first_name text, last_name text, birth_date date,
    street text, city text, postcode text, country text, updated_at timestamptz NOT NULL
);
\copy contacts FROM samples/contacts.csv WITH (FORMAT csv, HEADER)

SELECT golden_record.attach_source('contacts', 'Contacts', 'id',
    columns => '{"email": "email", "phoneNumber": "phone", "firstName": "first_name", "lastName": "last_name",
                 "dateOfBirth": "birth_date", "street": "street", "city": "city", "postcode": "postcode",
                 "country": "country"}',
    timestamp_column => 'updated_at') \g /dev/null
SELECT format('    %s rows of contacts backfilled', golden_record.backfill('contacts')) \gset note_
\qecho :note_format

-- Ordinary statements, resolved when they return.
UPDATE contacts SET phone = '+1 (206) 555-0199', updated_at = '2024-06-01 09:00Z' WHERE id = (SELECT min(id) FROM contacts);
DELETE FROM contacts WHERE id = (SELECT max(id) FROM contacts);
INSERT INTO contacts (id, email, first_name, last_name, updated_at)
VALUES (1, 'JOHN.DOE@example.com', 'John', 'Doe', '2024-06-01 09:05Z');
