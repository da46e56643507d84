"""A dump carries everything, and a restore runs nothing again."""
import subprocess

from stories import ATTACH, CONTACTS, assert_same, assert_sound, copy, digest, generator, history, ingest, one, record


def test_a_restored_database_is_in_the_same_state_and_goes_on(db, new_database):
    copy(db, generator().stream(people_count=100, count=500, seed=3))
    copy(db, ["not JSON"])
    db.execute(CONTACTS)
    db.execute("INSERT INTO contacts (id, email, last_name, updated_at) VALUES (1, 'ann@example.com', 'Ash', '2024-01-01')")
    db.execute(ATTACH)
    db.execute("SELECT golden_record.backfill('contacts')")
    ids = db.execute("SELECT * FROM golden_record.crosswalk ORDER BY 1, 2, 3, 4, 5").fetchall()

    dump = subprocess.run(["pg_dump", "-d", db.info.dbname], check=True, capture_output=True).stdout
    other = new_database(extension=False)
    subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-d", other.info.dbname], input=dump, check=True, capture_output=True)

    assert_same(db, other)
    assert_sound(other)
    assert history(other) == history(db)
    assert other.execute("SELECT * FROM golden_record.crosswalk ORDER BY 1, 2, 3, 4, 5").fetchall() == ids

    # Both go on alike, the attached table included.
    for each in (db, other):
        each.execute("UPDATE contacts SET email = 'ann.ash@example.com', updated_at = '2024-02-01'")
        ingest(each, record("Web_App", "new", "2024-02-02T00:00:00Z", {"email": "Ann.Ash@example.com"}))
        assert one(each, "SELECT count(*) FROM golden_record.lookup(email => 'ann.ash@example.com')") == 1
        assert_sound(each)
    assert digest(db) == digest(other)
