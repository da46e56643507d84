"""A cancel ends work on a whole entity type soon, wherever it stands, and leaves everything as it was."""
import json
import threading
import time

import psycopg
import psycopg.sql
import pytest

PHASES = ["taking rows in", "learning", "resolving", "writing keys", "writing golden records"]
ROWS = """
CREATE TABLE people AS
SELECT g AS id, 'p' || g % 9000 || '@example.com' AS email, '+1206' || 5550000 + g % 11000 AS phone,
       initcap(translate((g % 977)::text, '0123456789', 'aeioubdglm')) AS first_name,
       initcap(translate((g % 8000)::text, '0123456789', 'aeiourstnm')) AS last_name,
       g % 200 || ' High Street' AS street, 'Seattle' AS city, lpad((g % 10000)::text, 5, '0') AS postcode
FROM generate_series(1, 15000) AS g
"""
TABLES = ["source_record", "record_version", "golden_record", "block_key", "block_segment", "review_pair", "trained_model", "audit_entry"]


def attach(db):
    db.execute(ROWS)
    db.execute("ALTER TABLE people ADD PRIMARY KEY (id)")
    db.execute("SELECT golden_record.attach_source('people', 'Web', 'id')")


def counts(db):
    return [db.execute(f"SELECT count(*) FROM golden_record.{table}").fetchone()[0] for table in TABLES]


def cancelled_in(db, dbname, phase):
    """Runs a backfill, cancels it in a phase or after it, and gives the seconds from there to its end."""
    with psycopg.connect(dbname=dbname, autocommit=True) as other:
        pid, ended, errors = other.info.backend_pid, [], []

        def work():
            try:
                other.execute("SELECT golden_record.backfill('people', train => true)")
            except psycopg.Error as error:
                errors.append(error)
            ended.append(time.perf_counter())

        worker = threading.Thread(target=work)
        worker.start()
        reached = set(PHASES[PHASES.index(phase):])
        while worker.is_alive() and not {now for now, in db.execute("SELECT phase FROM golden_record.progress")} & reached:
            time.sleep(0.002)
        asked = time.perf_counter()
        db.execute("SELECT pg_cancel_backend(%s)", (pid,))
        worker.join()
    assert [type(error) for error in errors] == [psycopg.errors.QueryCanceled], f"in phase {phase}: {errors}"
    return ended[0] - asked


def test_a_cancel_ends_a_backfill_within_a_second_and_changes_nothing(db):
    db.execute("SELECT golden_record.set_policy('CUSTOMER', 'probabilistic')")
    attach(db)
    before, dbname = counts(db), db.info.dbname
    for phase in PHASES:
        assert cancelled_in(db, dbname, phase) < 1, f"in phase {phase}"
        assert counts(db) == before
        assert db.execute("SELECT count(*) FROM golden_record.progress").fetchone() == (0,)
    db.execute("SELECT golden_record.backfill('people')")
    assert counts(db)[0] == 15000
    assert db.execute("SELECT count(*) FROM golden_record.verify()").fetchone() == (0,)


def test_a_large_statement_tells_how_far_it_is_and_can_be_cancelled(db, new_database):
    db.execute("SELECT golden_record.set_policy('CUSTOMER', 'probabilistic')")
    attach(db)
    db.execute("SELECT golden_record.backfill('people')")
    before, seen, errors = counts(db), set(), []
    elsewhere = new_database()
    more = "INSERT INTO people SELECT id + 100000, email, phone, first_name, last_name, street, city, postcode FROM people LIMIT 2000"
    with psycopg.connect(dbname=db.info.dbname, autocommit=True) as other:

        def work():
            try:
                other.execute(more)
            except psycopg.Error as error:
                errors.append(error)

        def watch(until):
            worker = threading.Thread(target=work)
            worker.start()
            while worker.is_alive() and until not in seen:
                seen.update(phase for phase, in db.execute("SELECT phase FROM golden_record.progress WHERE command = 'ingest'"))
                assert elsewhere.execute("SELECT count(*) FROM golden_record.progress").fetchone() == (0,)
                time.sleep(0.002)
            return worker

        worker, asked = watch("weighing candidates"), time.perf_counter()
        db.execute("SELECT pg_cancel_backend(%s)", (other.info.backend_pid,))
        worker.join()
        assert time.perf_counter() - asked < 1
        assert [type(error) for error in errors] == [psycopg.errors.QueryCanceled]
        assert counts(db) == before
        watch("none").join()
    assert {"taking records in", "finding candidates", "weighing candidates", "resolving", "writing golden records"} <= seen
    assert len(errors) == 1 and counts(db)[0] == before[0] + 2000
    assert db.execute("SELECT count(*) FROM golden_record.progress").fetchone() == (0,)


def test_a_killed_backfill_leaves_nothing_behind(db):
    attach(db)
    before = counts(db)
    with psycopg.connect(dbname=db.info.dbname, autocommit=True) as other:
        pid = other.info.backend_pid
        timer = threading.Timer(0.5, lambda: db.execute("SELECT pg_terminate_backend(%s)", (pid,)))
        timer.start()
        with pytest.raises(psycopg.OperationalError):
            other.execute("SELECT golden_record.backfill('people')")
        timer.join()
    assert counts(db) == before
    assert db.execute("SELECT count(*) FROM golden_record.progress").fetchone() == (0,)


def test_a_cancel_ends_the_reading_of_a_refused_record(db):
    """Numbers, each of them a phone in many countries."""
    countries = ["DE", "FR", "GB", "ES", "IT", "PT", "NL", "BE", "AT", "CH", "PL", "CZ", "SE", "NO", "DK", "FI"]
    numbers = [" ".join(str(2000000000 + i * 7919) for i in range(start, start + 80000)) for start in range(0, 160000, 80000)]
    payload = json.dumps({"entityType": "CUSTOMER", "note": numbers, "countries": countries})
    db.execute("SET statement_timeout = '1s'")
    began = time.perf_counter()
    with pytest.raises(psycopg.errors.QueryCanceled):
        db.execute("SELECT outcome FROM golden_record.ingest(%s::text)", (payload,))
    assert time.perf_counter() - began < 3


def test_what_a_crash_left_is_not_taken_for_the_work_of_who_has_the_number_now(db):
    state = json.dumps({"pid": db.info.backend_pid, "database": db.execute("SELECT oid::int FROM pg_database WHERE datname = current_database()").fetchone()[0],
                        "command": "backfill", "relation": "people", "phase": "resolving", "done": 1, "total": 2, "started_at": 0})
    path = db.execute("SELECT current_setting('data_directory')").fetchone()[0] + f"/pg_stat_tmp/golden_record_progress.{db.info.backend_pid}"
    db.execute(psycopg.sql.SQL("COPY (SELECT {}::text FROM generate_series(1, 2)) TO {}").format(state, path))
    assert db.execute("SELECT count(*) FROM golden_record.progress").fetchone() == (0,)
    assert db.execute("SELECT count(*) FROM pg_ls_dir('pg_stat_tmp') AS name WHERE name = split_part(%s, '/pg_stat_tmp/', 2)", (path,)).fetchone() == (0,)
