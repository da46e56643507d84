"""Many rows go into pages as the extension lays them out, past COPY and INSERT: they read as if PostgreSQL had made them, and an
error among them is one as of any statement."""
import json

import psycopg
import pytest
from stories import assert_sound, one

ATTRIBUTES = 40
TEXT = {"kind": "text", "pii": "none", "compare": False, "block": False}
DEFINITION = {"attributes": {f"{'long' * (number % 3)}{number}": TEXT for number in range(ATTRIBUTES)}
              | {"email": {"kind": "email", "pii": "mask"}}}
ROWS = """
CREATE TABLE wide AS
SELECT g AS id, 'p' || g / 2 || '@example.com' AS email, columns.*
FROM generate_series(1, 2000) AS g,
     LATERAL (SELECT {columns}) AS columns
"""
TABLES = ["source_record", "record_version", "source_pii", "golden_record", "golden_pii", "block_key", "change_event", "audit_entry"]


def attach(db):
    names = list(DEFINITION["attributes"])[:ATTRIBUTES]
    columns = ", ".join(f"CASE WHEN g % 7 <> {at % 9} THEN repeat('{at} ä€ ', g % {at + 2}) END AS c{at}" for at in range(ATTRIBUTES))
    db.execute(ROWS.format(columns=columns))
    db.execute("ALTER TABLE wide ADD PRIMARY KEY (id)")
    db.execute("SELECT golden_record.define_entity('WIDE', %s)", (json.dumps(DEFINITION),))
    mapped = {"email": "email"} | {name: f"c{at}" for at, name in enumerate(names)}
    db.execute("SELECT golden_record.attach_source('wide', 'Web', 'id', columns => %s, entity_type => 'WIDE')", (json.dumps(mapped),))


def counts(db):
    return [one(db, f"SELECT count(*) FROM golden_record.{table}") for table in TABLES]


def test_rows_are_as_postgresql_makes_them(db):
    attach(db)
    db.execute("SELECT golden_record.backfill('wide')")
    assert_sound(db)
    assert one(db, "SELECT max((SELECT count(*) FROM jsonb_object_keys(attributes))) FROM golden_record.golden_record") > 32
    # Byte by byte, and where the text is not in order, too.
    for table, columns in (("golden_record", {"attributes": "jsonb", "systems": "text[]", "founders": "bigint[]", "status": "text"}),
                           ("source_record", {"founded": "uuid[]", "golden_id": "uuid", "source_id": "text", "live": "boolean"}),
                           ("change_event", {"attributes": "text[]", "shown_after": "xid8", "at": "timestamptz"})):
        again = ", ".join(f"{column}::text::{kind}" for column, kind in columns.items())
        rows = f"FROM golden_record.{table} WHERE NOT (ROW({', '.join(columns)})::record *= ROW({again})::record)"
        assert one(db, f"SELECT count(*) {rows}") == 0, table
    assert one(db, "SELECT count(*) FROM golden_record.golden_record WHERE email IS DISTINCT FROM attributes ->> 'email'") == 0
    assert one(db, "SELECT count(DISTINCT seq) = count(*) FROM golden_record.golden_record")


@pytest.mark.parametrize("hurdle, error", [
    ("CREATE UNIQUE INDEX hurdle ON golden_record.source_record (system_name)", psycopg.errors.UniqueViolation),
    ("CREATE UNIQUE INDEX hurdle ON golden_record.golden_record USING btree (status)", psycopg.errors.UniqueViolation),
    ("ALTER TABLE golden_record.golden_record ADD CONSTRAINT hurdle CHECK (records < 2)", psycopg.errors.CheckViolation),
    ("ALTER TABLE golden_record.block_key ADD CONSTRAINT hurdle CHECK (1 / (key & 1) > 0)", psycopg.errors.DivisionByZero),
    ("CREATE INDEX hurdle ON golden_record.golden_record ((1 / (records - 2)))", psycopg.errors.DivisionByZero),
])
def test_an_error_among_many_rows_ends_the_statement_and_nothing_else(db, hurdle, error):
    attach(db)
    before = counts(db)
    db.execute(hurdle)
    for _ in range(2):
        with pytest.raises(error):
            db.execute("SELECT golden_record.backfill('wide')")
        assert counts(db) == before
        assert one(db, "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND relation > 16384") == 0
    if "INDEX" in hurdle:
        db.execute("DROP INDEX golden_record.hurdle")
    else:
        db.execute(f"ALTER TABLE {hurdle.split()[2]} DROP CONSTRAINT hurdle")
    db.execute("SELECT golden_record.backfill('wide')")
    assert one(db, "SELECT count(*) FROM golden_record.source_record") == 2000
    assert_sound(db)
