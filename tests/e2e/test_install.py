"""The extension as a whole: where it lives, and what it may leave behind."""
import subprocess


def test_extension_is_in_its_own_schema(db):
    assert db.execute("SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'golden_record'"
                      ).fetchone() == ("golden_record",)


def test_dump_of_an_empty_installation_restores(db, new_database):
    dump = subprocess.run(["pg_dump", "-d", db.info.dbname], check=True, capture_output=True, text=True).stdout
    other = new_database(extension=False)
    subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-d", other.info.dbname], input=dump, check=True, text=True,
                   capture_output=True)
    assert other.execute("SELECT count(*) FROM pg_extension WHERE extname = 'golden_record'").fetchone() == (1,)
