"""The extension as a whole: where it lives, and what it may leave behind."""
import pathlib
import subprocess
import sys


def test_extension_is_in_its_own_schema(db):
    assert db.execute("SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'golden_record'"
                      ).fetchone() == ("golden_record",)


def test_dump_of_an_empty_installation_restores(db, new_database):
    dump = subprocess.run(["pg_dump", "-d", db.info.dbname], check=True, capture_output=True, text=True).stdout
    other = new_database(extension=False)
    subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-d", other.info.dbname], input=dump, check=True, text=True,
                   capture_output=True)
    assert other.execute("SELECT count(*) FROM pg_extension WHERE extname = 'golden_record'").fetchone() == (1,)


def test_pgspot_finds_nothing_in_the_installation_script():
    directory = pathlib.Path(subprocess.run(["pg_config", "--sharedir"], check=True, capture_output=True, text=True).stdout.strip())
    # Unqualified operators (PS001), CASE (PS009) and relations (PS017): CREATE EXTENSION resolves them, once, in pg_catalog,
    # golden_record and pg_temp, in that order, and nobody else may create anything in the first two (00_guard.sql).
    explained = [word for code in ("PS001", "PS009", "PS017") for word in ("--ignore", code)]
    # A search_path of their own would keep these from being put in line; all names in them are qualified.
    for function in ("audit_commitment(salt bytea,note text,detail jsonb)",
                     "audit_hash(audit_id bigint,generation integer,transaction_id xid8,at timestamptz,actor text,action text,"
                     "entity_type text,golden_id uuid,commitment bytea)"):
        explained += ["--proc-without-search-path", function]
    done = subprocess.run([pathlib.Path(sys.executable).parent / "pgspot", *explained,
                           *(directory / "extension").glob("golden_record--*.sql")], check=False, capture_output=True, text=True)
    assert "Errors: 0 Warnings: 0 Unknown: 0" in done.stdout, done.stdout + done.stderr


def test_the_installation_script_is_ascii():
    """So that a database of any encoding gets as far as the message that asks for UTF8."""
    directory = pathlib.Path(subprocess.run(["pg_config", "--sharedir"], check=True, capture_output=True, text=True).stdout.strip())
    scripts = [*(directory / "extension").glob("golden_record--*.sql")]
    assert scripts
    for script in scripts:
        assert [line for line in script.read_text(encoding="utf-8").splitlines() if not line.isascii()] == []
