"""The limit of work on whole sets: an error that says so, with nothing changed, and no limit in the way of ordinary work."""
import re

import psycopg
import pytest
from clusters import as_server
from stories import explain_all, ingest, record


def test_work_beyond_work_mem_ends_with_an_error_and_changes_nothing(db):
    db.execute("CREATE TABLE people (id int PRIMARY KEY, email text)")
    db.execute("INSERT INTO people SELECT g, 'p' || g || '@example.com' FROM generate_series(1, 3000) AS g")
    db.execute("SELECT golden_record.attach_source('people', 'Web', 'id')")
    db.execute("SET golden_record.work_mem = '1MB'")
    with pytest.raises(psycopg.errors.OutOfMemory) as refused:
        db.execute("SELECT golden_record.backfill('people')")
    assert "golden_record.work_mem" in refused.value.diag.message_primary
    assert "1 MB" in refused.value.diag.message_detail
    assert db.execute("SELECT count(*) FROM golden_record.source_record").fetchone() == (0,)
    # Few records need no whole set.
    db.execute("UPDATE people SET email = 'x@example.com' WHERE id = 1")
    assert db.execute("SELECT sum(records) FROM golden_record.customer").fetchone() == (1,)
    db.execute("RESET golden_record.work_mem")
    db.execute("SELECT golden_record.backfill('people')")
    assert db.execute("SELECT sum(records) FROM golden_record.customer").fetchone() == (3000,)
    assert db.execute("SELECT count(*) FROM golden_record.verify()").fetchone() == (0,)
    with pytest.raises(psycopg.errors.OutOfMemory):
        db.execute("SET golden_record.work_mem = '1MB'")
        db.execute("SELECT golden_record.rebuild()")


def test_whole_tables_are_read_with_no_less_memory_than_the_user_allows(db):
    ingest(db, record("CRM", "1", attributes={"email": "ann@example.com"}))
    said = []
    db.add_notice_handler(lambda notice: said.append(notice.message_primary))
    explain_all(db, log_settings="on")
    db.execute("SET client_min_messages = log")
    for own, used in (("64kB", {"64kB", "256MB"}), ("1GB", {"1GB"})):
        db.execute(f"SET work_mem = '{own}'")
        said.clear()
        db.execute("SELECT golden_record.verify()")
        assert set(re.findall("work_mem = '(.+?)'", "\n".join(said))) == used


def test_work_that_gets_no_thread_ends_with_an_error_and_changes_nothing(db):
    db.execute("CREATE TABLE people (id int PRIMARY KEY, email text)")
    db.execute("SELECT golden_record.attach_source('people', 'Web', 'id')")
    pid, more = db.info.backend_pid, "INSERT INTO people SELECT g, 'p' || g || '@example.com' FROM generate_series(1, 3000) AS g"
    before = as_server("prlimit", "--pid", pid, "--nproc", "--noheadings", "-o", "SOFT").strip()
    as_server("prlimit", "--pid", pid, "--nproc=1:")
    with pytest.raises(psycopg.errors.InsufficientResources) as refused:
        db.execute(more)
    assert "pids.max" in refused.value.diag.message_hint
    assert db.execute("SELECT count(*) FROM golden_record.source_record").fetchone() == (0,)
    as_server("prlimit", "--pid", pid, f"--nproc={before}:")
    db.execute(more)
    assert db.execute("SELECT sum(records) FROM golden_record.customer").fetchone() == (3000,)
