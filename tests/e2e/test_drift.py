"""The drift drill: a source renames a key without a word."""
import psycopg
import pytest
from stories import assert_sound, cleared, ingest, one, record


def web(number, day, **attributes):
    return record("Web_App", f"web-{number}", f"2024-03-{day:02}T10:00:00Z", attributes)


@pytest.mark.parametrize("sessions", [1, 2])
def test_a_renamed_key_costs_nothing_and_comes_home_without_resending(db, new_database, sessions):
    people = range(60)
    before = [web(n, 1, email=f"person{n}@example.com", firstName=f"Given{n}", lastName=f"Family{n}") for n in people]
    # The same people again under the new key, some with a new address; and people whom no one knew.
    after = [web(n, 2, email_address=f"person{n}@example.com" if n % 2 else f"moved{n}@example.org") for n in people]
    new = [web(n, 2, email_address=f"late{n}@example.com") for n in range(100, 120)]

    ingest(db, *before)
    with psycopg.connect(dbname=db.info.dbname, autocommit=True) as another:
        ingest(another if sessions == 2 else db, *after, *new)

    assert one(db, "SELECT count(*) FROM golden_record.customer WHERE email IS NOT NULL") == len(people)
    drift = {(key, change): guess for key, change, guess in
             db.execute("SELECT key, change, guess FROM golden_record.schema_drift WHERE system_name = 'Web_App'")}
    assert drift["email_address", "new"] == "email"
    assert drift["email", "gone"] == "email_address"
    with cleared(db):
        assert one(db, "SELECT count(*) FROM golden_record.raw_attributes WHERE key = 'email_address'") == len(after + new)

    db.execute("SELECT golden_record.map_attribute('CUSTOMER', 'email_address', 'email')")
    assert one(db, "SELECT count(*) FROM golden_record.customer WHERE email IS NOT NULL") == len(people) + len(new)
    with cleared(db):
        assert one(db, "SELECT count(*) FROM golden_record.raw_attributes WHERE key = 'email_address'") == 0
    assert one(db, "SELECT count(*) FROM golden_record.lookup(email => 'moved0@example.org')") == 1
    assert_sound(db)

    # As if the key had been known from the beginning.
    other = new_database()
    other.execute("SELECT golden_record.map_attribute('CUSTOMER', 'email_address', 'email')")
    ingest(other, *before, *after, *new)
    assert one(db, "SELECT golden_record.digest()") == one(other, "SELECT golden_record.digest()")


def test_a_value_nobody_can_read_keeps_the_record_and_waits(db):
    assert ingest(db, record("Web_App", "1", attributes={"firstName": "Ada", "dateOfBirth": "2023-02-30"})) == ["created"]
    with cleared(db):
        assert db.execute("SELECT key FROM golden_record.raw_attributes").fetchall() == [("dateOfBirth",)]
    assert db.execute("SELECT first_name IS NOT NULL, date_of_birth FROM golden_record.customer").fetchall() == [(True, None)]
    assert db.execute("SELECT key, change FROM golden_record.schema_drift WHERE change = 'rate'").fetchall() == [
        ("dateOfBirth", "rate")]
