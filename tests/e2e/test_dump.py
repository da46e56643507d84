"""A dump carries everything, and a restore runs nothing again; so does pg_upgrade."""
import subprocess

import psycopg
import pytest

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


def test_a_restore_by_several_jobs_loads_the_tables_in_any_order(db, new_database, tmp_path):
    db.execute("""SELECT golden_record.define_entity('SUPPLIER', '{"attributes": {"name": {"kind": "organization"}}}')""")
    assert ingest(db, *({**record("ERP", n, attributes={"name": f"Acme {n}"}), "entityType": "SUPPLIER"} for n in range(60))) == ["created"] * 60
    # Many, as of years of nightly training: what names one of them is loaded long before.
    db.execute("SELECT golden_record.train('SUPPLIER')")
    db.execute("""INSERT INTO golden_record.trained_model (entity_type, records, weights)
                  SELECT m.entity_type, m.records, m.weights FROM golden_record.trained_model AS m, generate_series(2, 5000)""")
    db.execute("SELECT golden_record.use_model('SUPPLIER', 365)")
    # What is kept out for each is more than its receipt: it is loaded first.
    ann = {"email": "ann@example.com", "phoneNumber": "206 555 0101"}
    ids = [{"systemName": system, "id": 1} for system in ("CRM", "ERP", "Web_App", "Shop", "Telephony")]
    ingest(db, {**record("CRM", 1, attributes=ann), "externalSystemIds": ids})
    db.execute("SELECT golden_record.erase_subject(golden_id, 'request 1') FROM golden_record.crosswalk WHERE kind = 'record' AND entity_type = 'CUSTOMER'")
    archive, other = tmp_path / "archive", new_database(extension=False)
    subprocess.run(["pg_dump", "-Fc", "-f", archive, "-d", db.info.dbname], check=True, capture_output=True)
    subprocess.run(["pg_restore", "-j", "2", "-e", "-d", other.info.dbname, archive], check=True, capture_output=True)

    assert one(other, "SELECT golden_record.digest('SUPPLIER')") == one(db, "SELECT golden_record.digest('SUPPLIER')")
    assert one(other, "SELECT model FROM golden_record.model WHERE in_force") == 365
    assert ingest(other, record("Web_App", 2, attributes=ann)) == ["suppressed"]


def test_pg_upgrade_carries_everything_but_the_key_file(new_cluster):
    old, new = new_cluster(), new_cluster(start=False)
    with old.connect() as db:
        db.execute("CREATE EXTENSION golden_record")
        copy(db, generator().stream(people_count=40, count=200, seed=4))
        db.execute(CONTACTS)
        db.execute("INSERT INTO contacts (id, email, last_name, updated_at) VALUES (1, 'ann@example.com', 'Ash', '2024-01-01')")
        db.execute(ATTACH)
        db.execute("SELECT golden_record.backfill('contacts')")
        before, past = digest(db), history(db)
        head, events = one(db, "SELECT head FROM golden_record.audit_head()"), one(db, "SELECT max(change_id) FROM golden_record.change_event")
    old.stop()
    new.upgrade(old)

    with new.connect() as db:
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
            digest(db)
    new.key = old.key
    with new.connect() as db:
        assert (digest(db), history(db)) == (before, past)
        assert_sound(db)
        # It goes on: writers, attached tables, the audit chain, the change feed.
        db.execute("UPDATE contacts SET email = 'ann.ash@example.com', updated_at = '2024-02-01'")
        assert ingest(db, record("Web_App", "new", "2024-02-02T00:00:00Z", {"email": "Ann.Ash@example.com"})) == ["created"]
        assert one(db, "SELECT count(*) FROM golden_record.lookup(email => 'ann.ash@example.com')") == 1
        assert_sound(db)
        db.execute("SELECT FROM golden_record.audit_head()")
        assert {kind for kind, in db.execute("SELECT kind FROM golden_record.audit_verify(%s)", [head])} == {"sealed", "unsealed"}
        assert one(db, "SELECT max(change_id) FROM golden_record.change_event") > events
