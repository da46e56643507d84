"""A table of 10,000 contacts: attached, backfilled, and followed through everything that happens to a table."""
import contextlib
import io
import subprocess
import sys

import psycopg
import pytest
from stories import ATTACH, CONTACTS, SAMPLES, assert_same, assert_sound, cleared, copy_csv, one

ROWS = 10_000


@pytest.fixture(scope="module")
def rows():
    return subprocess.run([sys.executable, SAMPLES / "make_feeds.py", "contacts", "--rows", str(ROWS)], check=True,
                          capture_output=True, text=True).stdout


def attach(db):
    db.execute(ATTACH)
    return one(db, "SELECT golden_record.backfill('contacts')")


@pytest.fixture
def attached(db, rows):
    db.execute(CONTACTS)
    copy_csv(db, rows)
    assert attach(db) == ROWS
    return db


@pytest.fixture
def assert_as_if_fresh(new_database):
    """A function that compares a database with one into which the table as it is now was backfilled at once."""
    def check(db):
        assert_sound(db)
        other = new_database()
        other.execute(CONTACTS)
        buffer = io.BytesIO()
        with db.cursor() as cursor, cursor.copy("COPY contacts TO STDOUT") as out:
            for block in out:
                buffer.write(block)
        with other.cursor() as cursor, cursor.copy("COPY contacts FROM STDIN") as rows:
            rows.write(buffer.getvalue())
        attach(other)
        assert_same(db, other)
    return check


def test_every_way_to_change_a_table(attached, assert_as_if_fresh):
    db = attached
    assert one(db, "SELECT count(*) FROM golden_record.crosswalk WHERE kind = 'record'") == ROWS

    db.execute("INSERT INTO contacts SELECT id + 500000, email, NULL, first_name, NULL, NULL, NULL, NULL, NULL, country, "
               "updated_at + interval '1 day' FROM contacts ORDER BY id LIMIT 200")
    db.execute("UPDATE contacts SET phone = '+1 215 555 ' || (1000 + id % 9000), updated_at = updated_at + interval '1 hour' "
               "WHERE id % 97 = 0")
    db.execute("UPDATE contacts SET email = 'new.' || trim(email), updated_at = updated_at + interval '1 hour' WHERE id % 89 = 0")
    db.execute("UPDATE contacts SET id = id + 900000 WHERE id % 83 = 0")
    db.execute("UPDATE contacts SET last_name = upper(last_name), updated_at = updated_at - interval '400 days' WHERE id % 79 = 0")
    db.execute("UPDATE contacts SET street = NULL, birth_date = NULL WHERE id % 73 = 0")
    with db.transaction(force_rollback=True):
        db.execute("UPDATE contacts SET email = 'one@example.com'")
        db.execute("DELETE FROM contacts WHERE id % 2 = 0")
    with contextlib.suppress(psycopg.errors.UniqueViolation):
        db.execute("INSERT INTO contacts SELECT * FROM contacts")
    db.execute("CREATE TABLE gone AS SELECT * FROM contacts WHERE id % 71 = 0")
    db.execute("DELETE FROM contacts WHERE id % 71 = 0")
    assert_sound(db)
    db.execute("INSERT INTO contacts SELECT * FROM gone WHERE id % 2 = 0")
    assert_as_if_fresh(db)


def test_truncate_and_copy(attached, assert_as_if_fresh, rows):
    db = attached
    with db.transaction(force_rollback=True):
        db.execute("TRUNCATE contacts")
    assert one(db, "SELECT count(*) FROM golden_record.crosswalk WHERE kind = 'record'") == ROWS
    db.execute("TRUNCATE contacts")
    assert one(db, "SELECT count(*) FROM golden_record.customer") == 0
    header, *lines = rows.splitlines(keepends=True)
    copy_csv(db, header + "".join(lines[:4000]))
    with db.transaction(force_rollback=True):
        copy_csv(db, header + "".join(lines[4000:5000]))
    copy_csv(db, header + "".join(lines[6000:]))
    assert one(db, "SELECT count(*) FROM golden_record.crosswalk WHERE kind = 'record'") == 8000
    assert_as_if_fresh(db)


def test_every_index_leads_to_every_row(db, rows):
    """Many rows go into pages first and into the indexes in the end: amcheck looks for each row in each index. Indexes that
    somebody adds, of whatever kind, get theirs too."""
    db.execute("CREATE INDEX by_system ON golden_record.source_record USING hash (system_name)")
    db.execute("CREATE INDEX shown ON golden_record.golden_record USING gin (attributes)")
    db.execute("CREATE INDEX upper_id ON golden_record.source_record (upper(source_id)) WHERE live")
    db.execute(CONTACTS)
    copy_csv(db, rows)
    assert attach(db) == ROWS
    system, upper = db.execute("SELECT system_name, upper(max(source_id)) FROM golden_record.source_record GROUP BY 1").fetchone()
    country = one(db, "SELECT attributes ->> 'country' FROM golden_record.golden_record WHERE attributes ? 'country' LIMIT 1")
    wheres = [(f"source_record WHERE system_name = '{system}'", "by_system"),
              (f"source_record WHERE upper(source_id) = '{upper}' AND live", "upper_id"),
              (f"golden_record WHERE attributes @> '{{\"country\": \"{country}\"}}'", "shown")]
    for where, index in wheres:
        query = f"SELECT count(*) FROM golden_record.{where}"
        whole = one(db, query)
        with db.transaction():
            db.execute("SET LOCAL enable_seqscan = off")
            assert index in str(db.execute("EXPLAIN " + query).fetchall())
            assert one(db, query) == whole > 0
    if not one(db, "SELECT count(*) FROM pg_available_extensions WHERE name = 'amcheck'"):
        pytest.skip("this PostgreSQL has no amcheck")
    db.execute("UPDATE contacts SET phone = '+1 215 555 ' || (1000 + id % 9000), updated_at = updated_at + interval '1 hour' "
               "WHERE id % 3 = 0")
    db.execute("CREATE EXTENSION amcheck")
    checked = db.execute("""
        SELECT i.relname, bt_index_check(x.indexrelid, heapallindexed => true)
        FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid JOIN pg_am AS a ON a.oid = i.relam
        WHERE i.relnamespace = 'golden_record'::regnamespace AND a.amname = 'btree'""").fetchall()
    assert {"source_record_pkey", "block_key_related", "golden_record_pkey"} <= {name for name, _ in checked}


def test_a_detached_table_is_followed_no_more(attached):
    db = attached
    db.execute("SELECT golden_record.detach_source('contacts')")
    db.execute("DELETE FROM contacts")
    assert one(db, "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'contacts'::regclass") == 0


READ = """SELECT c.relname, sum(pg_stat_get_xact_tuples_returned(i.indexrelid))::int FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
          WHERE c.relnamespace = 'golden_record'::regnamespace GROUP BY 1 HAVING sum(pg_stat_get_xact_tuples_returned(i.indexrelid)) > 0"""


def test_plans_made_for_empty_tables_read_what_is_asked_for_in_full_ones(attached):
    """Nothing has been analysed, and the session is the one that filled the tables."""
    db = attached
    for statement in ("INSERT INTO contacts SELECT id + 700000, 'x' || email, NULL, first_name, last_name, NULL, NULL, NULL, NULL, "
                      "country, updated_at FROM contacts ORDER BY id LIMIT 1500",
                      "UPDATE contacts SET email = 'y' || email, updated_at = updated_at + interval '1 hour' WHERE id > 700000",
                      "UPDATE contacts SET email = NULL, updated_at = updated_at + interval '1 hour' WHERE id IN "
                      "(SELECT id FROM contacts ORDER BY id LIMIT 1500)",
                      "DELETE FROM contacts WHERE id > 700000"):
        # What was read before is no longer counted in this session.
        db.execute("SELECT pg_stat_force_next_flush()")
        with db.transaction():
            db.execute(statement)
            read = dict(db.execute(READ).fetchall())
        assert max(read.values()) < 16 * 1500, (statement, read)


def test_a_column_of_any_type_says_what_row_to_json_says(db):
    db.execute("""
        CREATE DOMAIN word AS varchar(80);
        CREATE TABLE odd (id uuid PRIMARY KEY, email text, free word, code char(6), amount numeric, share float8, flag boolean, day date,
                          at timestamptz, doc jsonb, raw json, tags text[], gone text, updated_at timestamptz);
        ALTER TABLE odd DROP COLUMN gone;
        SELECT golden_record.attach_source('odd', 'Table', 'id', timestamp_column => 'updated_at')""")
    db.execute("""
        INSERT INTO odd SELECT md5('odd' || n)::uuid, 'odd' || n || '@example.com', free, 'ab', amount, share, n % 2 = 0, '2024-02-29',
                               '2024-02-29 12:00+02', doc, raw, tags, '2024-03-01'
        FROM (VALUES (1, E'"quoted" \\\\ back\tslash\nand é😀', 1.50, 1e20::float8, '{"b": [1, null], "a": "é"}'::jsonb, '{"x" :  1}'::json,
                      ARRAY['a', NULL, 'c"d']),
                     (2, '', -0.0, 1e-7, 'null', 'null', '{}'),
                     (3, 'null', 12345678901234567890.5, 0.1, '"text"', ' "\\u00e9" ', NULL),
                     (4, NULL, NULL, NULL, NULL, NULL, NULL)) AS v (n, free, amount, share, doc, raw, tags)""")
    db.execute("""
        SELECT golden_record.ingest(json_build_object(
            'entityType', 'CUSTOMER', 'externalSystemIds', json_build_array(json_build_object('systemName', 'Posts', 'id', id)),
            'timestamp', updated_at, 'attributes', (SELECT json_object_agg(key, value) FROM json_each(row_to_json(odd))
                                                    WHERE key NOT IN ('id', 'updated_at')))::text)
        FROM odd""")
    said = "SELECT source_id, key, value FROM golden_record.raw_attributes WHERE system_name = %s ORDER BY 1, 2"
    with cleared(db):
        table, posts = (db.execute(said, (system,)).fetchall() for system in ("Table", "Posts"))
    assert table == posts and len(table) > 20
    assert one(db, "SELECT count(*) FROM golden_record.rejected") == 0
    assert one(db, "SELECT count(*) FROM golden_record.customer") == 4


def test_a_virtual_generated_column_is_none(db):
    """A trigger is shown NULL in its place, a backfill its value: the two would differ."""
    if db.info.server_version < 180000:
        pytest.skip("PostgreSQL has virtual generated columns since 18")
    db.execute("""
        CREATE TABLE computed (id int PRIMARY KEY, raw text, email text GENERATED ALWAYS AS (lower(raw)) VIRTUAL,
                               company text GENERATED ALWAYS AS (upper(raw)) STORED, updated_at timestamptz)""")
    with pytest.raises(psycopg.errors.FeatureNotSupported, match='column "email" of public.computed is a virtual generated column'):
        db.execute("""SELECT golden_record.attach_source('computed', 'Table', 'id', columns => '{"email": "email"}')""")
    db.execute("""
        SELECT golden_record.attach_source('computed', 'Table', 'id', columns => '{"company": "company"}', timestamp_column => 'updated_at');
        INSERT INTO computed (id, raw, updated_at) VALUES (1, 'Ann@Example.com', '2024-01-01')""")
    said = "SELECT attribute, value FROM golden_record.lineage"
    assert db.execute(said).fetchall() == [("company", "ANN@EXAMPLE.COM")]
    with cleared(db):
        assert db.execute("SELECT key, value FROM golden_record.raw_attributes").fetchall() == [("raw", "Ann@Example.com")]
    db.execute("SELECT golden_record.backfill('computed')")
    assert one(db, "SELECT count(*) FROM golden_record.record_history") == 1
    assert_sound(db)
