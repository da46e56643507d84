"""What the end-to-end tests say in common: feeding records in, and looking at the whole of what came of them."""
import contextlib
import importlib.util
import json
import pathlib
import subprocess
import threading

import psycopg
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "samples"

# An attached table of contacts, in the shape of `make_feeds.py contacts`.
CONTACTS = """
CREATE TABLE contacts (
    id bigint PRIMARY KEY, email text, phone text, first_name text, last_name text, birth_date date,
    street text, city text, postcode text, country text, updated_at timestamptz NOT NULL)
"""
ATTACH = """
SELECT golden_record.attach_source('contacts', 'Contacts', 'id', timestamp_column => 'updated_at', columns =>
    '{"email": "email", "phoneNumber": "phone", "firstName": "first_name", "lastName": "last_name",
      "dateOfBirth": "birth_date", "street": "street", "city": "city", "postcode": "postcode", "country": "country"}')
"""
# COPY's text format would eat JSON's backslashes.
COPY_FEED = "COPY golden_record.feed (payload, feed) FROM STDIN WITH (FORMAT csv, QUOTE e'\\x01', DELIMITER e'\\x02')"


def generator():
    """samples/make_feeds.py as a module."""
    spec = importlib.util.spec_from_file_location("make_feeds", SAMPLES / "make_feeds.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def record(system, source_id, timestamp="2024-01-08T09:00:00Z", attributes=None, **more):
    """A record in the guide's shape."""
    return {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": system, "id": source_id}],
            "attributes": attributes or {}, "timestamp": timestamp, **more}


def ingest(db, *records, feed="default"):
    """One payload of these records (dicts) or this payload (text); gives the outcomes in order."""
    payload = records[0] if isinstance(records[0], str) else json.dumps({"records": records})
    return [row[0] for row in db.execute("SELECT outcome FROM golden_record.ingest(%s::text, %s) ORDER BY ordinal",
                                         (payload, feed))]


def copy(db, records, feed="default"):
    """The same records as one COPY into the view feed, one a line."""
    with db.cursor() as cursor, cursor.copy(COPY_FEED) as lines:
        for record in records:
            line = record if isinstance(record, str) else json.dumps(record)
            lines.write(f"{line}\x02{feed}\n")


def load(db, path, feed):
    """A feed file, in the way of ./demo."""
    with open(path, "rb") as file:
        done = subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-v", f"feed={feed}", "-d", db.info.dbname, "-f",
                               SAMPLES / "sql/load.sql"], stdin=file, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def copy_csv(db, text):
    """Rows of `make_feeds.py contacts` into the table contacts."""
    with db.cursor() as cursor, cursor.copy("COPY contacts FROM STDIN WITH (FORMAT csv, HEADER)") as rows:
        rows.write(text)


def side_by_side(work, arguments):
    """Calls `work` with each of the arguments, all at once, and waits for the last to end."""
    threads = [threading.Thread(target=work, args=(argument,)) for argument in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def one(db, query, parameters=()):
    """The only column of the only row."""
    rows = db.execute(query, parameters).fetchall()
    assert len(rows) == 1 and len(rows[0]) == 1, rows
    return rows[0][0]


@contextlib.contextmanager
def cleared(db):
    """Inside, the connection reads as a cleared role with every scope."""
    db.execute("SELECT golden_record.grant_scope('golden_record_pii')")
    db.execute("SET ROLE golden_record_pii")
    db.execute("SET golden_record.purpose = 'test'")
    yield
    db.execute("RESET ROLE")
    db.execute("RESET golden_record.purpose")


def digest(db):
    """The digest of CUSTOMER."""
    return one(db, "SELECT golden_record.digest()")


def doubts(db):
    """The review queue: who is in doubt, which two come in the order of golden ids, by how much and why."""
    rows = db.execute("SELECT record_a, record_b, score, reason, evidence FROM golden_record.review_queue").fetchall()
    return sorted((sorted((a["systemName"], a["id"]) for a in row[:2]), *row[2:4], json.dumps(row[4])) for row in rows)


def assert_same(db, other):
    """Both databases are in one state, the evidence of doubts included; shows where they first differ."""
    if digest(db) != digest(other):
        left, right = (one(each, "SELECT golden_record.digest_text()").splitlines() for each in (db, other))
        differences = [pair for pair in zip(left, right) if pair[0] != pair[1]]
        raise AssertionError(f"{len(left)} and {len(right)} lines, first different: {differences[:3]}")
    assert doubts(db) == doubts(other)


def assert_sound(db):
    """verify() finds nothing."""
    assert db.execute("SELECT * FROM golden_record.verify()").fetchall() == []


def golden_ids(db):
    """Golden id by (system, id), of source records."""
    return {(system, source_id): golden_id for system, source_id, golden_id in db.execute(
        "SELECT system_name, source_id, golden_id FROM golden_record.crosswalk WHERE kind = 'record'")}


def explain_all(db, **settings):
    """Has the plans of all statements of the session told, those inside functions too; skips where that cannot be."""
    try:
        db.execute("LOAD 'auto_explain'")
    except psycopg.errors.UndefinedFile:
        pytest.skip("this PostgreSQL has no auto_explain")
    for name, value in {"log_min_duration": "0", "log_nested_statements": "on", **settings}.items():
        db.execute(f"SET auto_explain.{name} = '{value}'")


def history(db):
    """Row counts of everything that only ever grows."""
    return {table: one(db, f"SELECT count(*) FROM golden_record.{table}")
            for table in ("record_version", "audit_entry", "change_event", "rejected_record")}
