"""Personal data stays out of reach: in no file, under the right key only, on record when it is read, and gone when erased."""
import json
import threading
import time

import psycopg
import pytest
from clusters import as_server, spellings
from stories import COPY_FEED, assert_sound, cleared, copy, digest, generator, ingest, one, record, side_by_side

PEOPLE = [
    # email as sent, normalised; phone as sent, normalised
    ("  Zora.Quicksilver@Example.COM ", "zora.quicksilver@example.com", "(206) 555-0143", "+12065550143"),
    ("ivo+shop@quicksilver.example", "ivo+shop@quicksilver.example", "206.555.0187", "+12065550187"),
    ("ünal@quicksilver.example", "ünal@quicksilver.example", "+44 20 7946 0958", "+442079460958"),
]
QUIET = {"log_parameter_max_length": "0", "log_parameter_max_length_on_error": "0", "log_min_messages": "debug1",
         "log_error_verbosity": "terse"}


def needles():
    """Everything that must be nowhere: every spelling of every value in every code."""
    for email, canonical, phone, number in PEOPLE:
        for value in {email.strip(), canonical, phone, number, number[1:]}:
            for code, spelled in spellings(value):
                yield f"{value} as {code}", spelled
    for code, spelled in spellings("quicksilver"):
        yield f"quicksilver as {code}", spelled


def search(files):
    """Where the needles are found."""
    wanted = list(needles())
    return [(name, what) for name, content in files for what, needle in wanted if needle in content]


def feed_in(db):
    """People, their later versions, refused records of theirs, and the generator's crowd."""
    for number, (email, _, phone, _) in enumerate(PEOPLE):
        contact = {"email": email, "phoneNumber": phone, "firstName": "Zora", "lastName": f"Q{number}", "country": "US"}
        assert ingest(db, record("CRM", f"c-{number}", attributes=contact)) == ["created"]
        assert ingest(db, record("Web", f"w-{number}", "2024-02-01T00:00:00Z", {"email": email, "second": phone})) == ["created"]
        assert ingest(db, record("CRM", f"c-{number}", "2024-03-01T00:00:00Z", {**contact, "city": "Oslo"})) == ["updated"]
        assert ingest(db, {**record("CRM", email), "timestamp": phone}) == ["rejected"]
        assert ingest(db, f'{{"email": "{email}", "phone": "{phone}"') == ["rejected"]
    copy(db, generator().stream(people_count=50, count=300, seed=5))


def storm(db):
    """Everything a user can do wrong with values as bind parameters."""
    for email, canonical, phone, number in PEOPLE:
        for statement in (
                "SELECT golden_record.ingest(%s::text, repeat('x', 2000))",
                "SELECT golden_record.ingest(%s::jsonb)",
                "SELECT golden_record.normalize_phone(%s, 'XX')",
                "SELECT golden_record.normalize(%s, 'emial')",
                "SELECT golden_record.similarity(%s, 'x', 'nothing')",
                "SELECT golden_record.lookup(email => %s, system_name => 'CRM')",
                "SELECT golden_record.reveal('00000000-0000-0000-0000-000000000000', %s, '')",
                "SELECT 1 / count(*) FROM golden_record.lookup(phone => %s) WHERE golden_id IS NULL",
                "SELECT golden_record.link(jsonb_build_object('systemName', 'CRM', 'id', %s::text), '{}')",
                "SELECT golden_record.link(jsonb_build_object('systemName', 'CRM', 'id', %s::text), '{\"systemName\": \"CRM\", \"id\": \"none\"}')",
                "SELECT golden_record.define_entity('T', jsonb_build_object('attributes', %s::text))",
                "SELECT email::integer FROM golden_record.customer WHERE email = %s OR true"):
            for value in (email, canonical, phone, number):
                with pytest.raises(psycopg.Error):
                    db.execute(statement, (value,))
    for line in ("{", '{"a": 1'):
        with pytest.raises(psycopg.Error), db.cursor() as cursor, cursor.copy(COPY_FEED) as lines:
            lines.write(f"{line}{PEOPLE[0][0]}\x02{'x' * 2000}\n")


def test_no_email_and_no_phone_lies_in_any_file(new_cluster):
    cluster = new_cluster(**QUIET)
    with cluster.connect() as db:
        db.execute("CREATE EXTENSION golden_record")
        feed_in(db)
        storm(db)
        feed_in_again = digest(db)
        db.execute("SELECT golden_record.rebuild()")
        assert digest(db) == feed_in_again
        with cleared(db):
            assert one(db, "SELECT count(*) FROM golden_record.customer WHERE email LIKE '%%quicksilver%%'") == len(PEOPLE)
        db.execute("VACUUM ANALYZE")
        db.execute("CHECKPOINT")
    dump = cluster.dump()
    cluster.stop()
    assert search([("dump", dump), *cluster.files()]) == []
    # The search finds what is there.
    assert search([("mail", PEOPLE[0][1].encode().hex().encode())])


def test_without_its_key_nothing_is_read_or_written(new_cluster):
    cluster = new_cluster()
    db = cluster.connect()
    db.execute("CREATE EXTENSION golden_record")
    ingest(db, record("CRM", "1", attributes={"email": "ann@example.com"}))
    before = digest(db)
    key = cluster.key
    other = f"{'ab' * 32}\n"

    def refused(statement, *parameters):
        with cluster.connect() as session:
            with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState) as raised:
                session.execute(statement, parameters)
            assert raised.value.diag.message_hint
            # What is masked needs no key.
            assert one(session, "SELECT email FROM golden_record.customer") == "a***@e***.com"
            return raised.value.diag.message_primary

    payload = json.dumps(record("CRM", "2", attributes={"email": "bob@example.com"}))
    path = cluster.data / "golden_record.key"
    for what, harm in (("does not hold the key", lambda: setattr(cluster, "key", other)),
                       ("is missing", lambda: as_server("rm", path)),
                       ("is open to others", lambda: (setattr(cluster, "key", key), as_server("chmod", "644", path))),
                       ("cannot be read", lambda: as_server("sh", "-c", f"rm {path}; mkdir {path}")),
                       ("is not one", lambda: (as_server("rmdir", path), setattr(cluster, "key", "password\n")))):
        harm()
        for statement, parameters in (("SELECT golden_record.ingest(%s::text)", (payload,)), ("SELECT golden_record.digest()", ()),
                                      ("SELECT golden_record.rebuild()", ()), ("SELECT golden_record.rotate_key()", ()),
                                      ("SELECT * FROM golden_record.verify()", ())):
            assert what in refused(statement, *parameters) or what == "cannot be read"
        with cluster.connect() as session:
            value, ok = session.execute("SELECT value, ok FROM golden_record.status WHERE name = 'key_file'").fetchone()
            assert not ok and "ab" * 32 not in value
    cluster.key = key
    with cluster.connect() as session:
        assert digest(session) == before
        assert one(session, "SELECT count(*) FROM golden_record.record_version") == 1
        assert_sound(session)
    assert "ab" * 32 not in cluster.log.read_text() and key.splitlines()[-1] not in cluster.log.read_text()


def test_status_tells_what_will_become_of_a_key_file(new_cluster):
    cluster = new_cluster()
    cluster.connect().execute("CREATE EXTENSION golden_record")
    payload = json.dumps(record("CRM", "1", attributes={"email": "ann@example.com"}))

    def status():
        with cluster.connect() as session:
            return session.execute("SELECT value, ok FROM golden_record.status WHERE name = 'key_file'").fetchone()

    def key_file(path):
        cluster.stop()
        cluster.settings["golden_record.key_file"] = path
        cluster.start()

    assert status() == ("not made yet, in the data directory", False)
    key_file(cluster.home / "nowhere" / "x.key")
    assert status() == ("the key file of golden_record cannot be made: entity not found", False)
    with cluster.connect() as session, pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState) as raised:
        session.execute("SELECT golden_record.ingest(%s::text)", (payload,))
    assert raised.value.diag.message_primary == status()[0]

    keys = cluster.home / "keys"
    as_server("mkdir", keys)
    key_file(keys / "x.key")
    assert status() == ("not made yet", True)
    with cluster.connect() as session:
        session.execute("SELECT golden_record.ingest(%s::text)", (payload,))
        assert status() == ("present", True)
        # Made for another database, or before the extension was made anew.
        session.execute("DROP EXTENSION golden_record CASCADE")
        session.execute("CREATE EXTENSION golden_record")
    assert status() == ("present", True)
    as_server("chmod", "644", keys / "x.key")
    assert status() == ("the key file of golden_record is open to others", False)


def test_a_dump_is_of_use_with_the_key_and_of_none_without(new_cluster):
    cluster, other = new_cluster(), new_cluster()
    with cluster.connect() as db:
        db.execute("CREATE EXTENSION golden_record")
        feed_in(db)
        before = digest(db)
    dump = cluster.dump()
    other.restore(dump)
    with other.connect() as db:
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
            ingest(db, record("CRM", "new"))
        assert one(db, "SELECT count(*) FROM golden_record.customer") > 0
    assert not (other.data / "golden_record.key").exists()
    other.key = cluster.key
    with other.connect() as db:
        assert digest(db) == before
        assert_sound(db)
        assert ingest(db, record("CRM", "new")) == ["created"]


def test_a_rotation_may_be_killed_at_any_point(new_cluster):
    cluster = new_cluster(fsync="on", synchronous_commit="on")
    db = cluster.connect()
    db.execute("CREATE EXTENSION golden_record")
    feed_in(db)
    before, old = digest(db), cluster.key
    new = "# the new one\n" + "5e" * 32 + "\n"
    # The new master key is above the old one; the server dies in the middle of the transaction.
    cluster.key = new + old
    busy = cluster.connect()
    busy.execute("BEGIN")
    assert one(busy, "SELECT golden_record.rotate_key()") == 2
    ingest(busy, record("CRM", "lost", attributes={"email": "lost@example.com"}))
    cluster.stop("immediate")
    cluster.start()
    with cluster.connect() as db:
        assert digest(db) == before
        assert one(db, "SELECT max(key_id) FROM golden_record.key_ring") == 1
        assert_sound(db)
        assert one(db, "SELECT golden_record.rotate_key()") == 2
        with pytest.raises(psycopg.errors.QueryCanceled):
            db.execute("SET statement_timeout = 1")
            db.execute("SELECT golden_record.rebuild(), pg_sleep(1)")
        db.execute("RESET statement_timeout")
        assert digest(db) == before
        db.execute("SELECT golden_record.rebuild()")
        assert digest(db) == before
        stale = one(db, "SELECT count(*) FROM golden_record.record_version WHERE substr(content, 2, 4) <> '\\x00000002'")
        assert stale == 0
    # The old line is of no use any more, and the new one is enough.
    cluster.key = old
    with cluster.connect() as db, pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
        digest(db)
    cluster.key = new
    with cluster.connect() as db:
        assert digest(db) == before
        assert_sound(db)


def test_reads_of_raw_values_are_on_record_before_they_are_given(new_cluster):
    cluster = new_cluster(fsync="on", synchronous_commit="on", wal_writer_delay="10s")
    db = cluster.connect()
    db.execute("CREATE EXTENSION golden_record")
    ingest(db, record("CRM", "1", attributes={"email": "ann@example.com"}))
    db.execute("SELECT golden_record.grant_scope('golden_record_pii')")
    golden_id = one(db, "SELECT golden_id FROM golden_record.customer")
    # Also where the database's own transactions may be lost.
    db.execute("ALTER DATABASE postgres SET synchronous_commit = off")
    reader = cluster.connect()
    reader.execute("BEGIN")
    reader.execute("SET LOCAL ROLE golden_record_pii")
    assert one(reader, "SELECT golden_record.reveal(%s, 'email', 'a call')", (golden_id,)) == "ann@example.com"
    # Another session sees it while the reader's transaction is open, and a crash does not take it away.
    assert one(db, "SELECT purpose FROM golden_record.access_log") == "a call"
    cluster.stop("immediate")
    cluster.start()
    with cluster.connect() as db:
        assert db.execute("SELECT object, attribute, purpose, outcome FROM golden_record.access_log").fetchall() == [
            ("reveal", "email", "a call", "granted")]


def test_the_access_log_is_written_whatever_the_defaults_of_the_database(db):
    ingest(db, record("CRM", "1", attributes={"email": "ann@example.com"}))
    db.execute("SELECT golden_record.grant_scope('golden_record_pii')")
    golden_id = one(db, "SELECT golden_id FROM golden_record.customer")
    for default in ("default_transaction_read_only = on", "default_transaction_isolation = serializable", "lock_timeout = '1ms'"):
        db.execute(f"ALTER DATABASE {db.info.dbname} SET {default}")
    errors = []

    def look_up(name):
        with psycopg.connect(dbname=db.info.dbname, autocommit=True, options="-c default_transaction_read_only=off") as session:
            for number in range(8):
                try:
                    session.execute("SELECT golden_record.lookup(email => %s)", (f"{name}.{number}@example.com",))
                except psycopg.Error as error:
                    errors.append(error)

    side_by_side(look_up, ("ann", "bob", "cleo", "dan", "eve", "fay"))
    assert errors == []
    with psycopg.connect(dbname=db.info.dbname, autocommit=True) as reader:
        reader.execute("SET ROLE golden_record_pii")
        assert one(reader, "SELECT golden_record.reveal(%s, 'email', 'a call')", (golden_id,)) == "ann@example.com"
    assert db.execute("SELECT outcome, sum(count) FROM golden_record.access_log GROUP BY outcome ORDER BY outcome").fetchall() == [
        ("granted", 1), ("missed", 48)]


def test_a_look_up_that_finds_nothing_ends_soon_though_others_wait(new_cluster):
    cluster = new_cluster(synchronous_commit="on")
    with cluster.connect() as db, cluster.connect(options="-c synchronous_commit=local") as clerk, cluster.connect() as other:
        db.execute("CREATE EXTENSION golden_record")
        ingest(db, record("CRM", "1", attributes={"email": "ann@example.com"}))

        def look_up(undo):
            """Looks somebody up; `undo` ends what that waits for, should it do so for long."""
            timer, began = threading.Timer(20, undo), time.perf_counter()
            timer.start()
            try:
                clerk.execute("SELECT golden_record.lookup(email => 'nobody@example.com')")
            finally:
                timer.cancel()
                assert time.perf_counter() - began < 15

        def standby(name):
            other.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
            other.execute("SELECT pg_reload_conf()")
            time.sleep(1)

        # A standby that is away keeps commits waiting.
        standby("away")
        look_up(lambda: standby(""))
        standby("")
        clerk.execute("SET statement_timeout = '1s'")
        other.execute("BEGIN")
        other.execute("LOCK TABLE golden_record.access_entry IN SHARE MODE")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            look_up(other.rollback)
        other.rollback()
        # What could not be recorded counts in the session that asked.
        clerk.execute("SET golden_record.lookup_misses = 2")
        with pytest.raises(psycopg.errors.ConfigurationLimitExceeded):
            look_up(lambda: None)


def test_no_open_transaction_of_a_writer_keeps_an_alert_about_refusals_away(new_cluster):
    """By the hash that names a note, that of alerts about this feed is the one of alerts about refusals of this login."""
    login, feed = "both", "f9KWzAo"
    cluster = new_cluster()
    with cluster.connect() as db:
        db.execute("CREATE EXTENSION golden_record")
        db.execute(f'CREATE ROLE "{login}" LOGIN IN ROLE golden_record_ingest, golden_record_reader')
        with cluster.connect(user=login) as writer, cluster.connect(user=login) as reader:
            writer.execute("BEGIN")
            assert ingest(writer, {**record("CRM", "1"), "timestamp": "never"}, feed=feed) == ["rejected"]
            for _ in range(12):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    reader.execute("SELECT golden_record.reveal('00000000-0000-0000-0000-000000000000', 'email', 'x')")
            alerts = "SELECT feed, figure FROM golden_record.alert WHERE kind = 'access_refused'"
            assert db.execute(alerts).fetchall() == [(login, 12)]
            writer.execute("ROLLBACK")


def test_where_it_cannot_be_recorded_it_is_refused(new_cluster):
    cluster = new_cluster(max_worker_processes="0", max_parallel_workers="0")
    with cluster.connect() as db:
        db.execute("CREATE EXTENSION golden_record")
        ingest(db, record("CRM", "1", attributes={"email": "ann@example.com"}))
        golden_id = one(db, "SELECT golden_id FROM golden_record.customer")
        with cleared(db):
            for statement in ("SELECT golden_record.reveal(%s, 'email', 'a call')", "SELECT email FROM golden_record.customer "
                              "WHERE golden_id = %s", "SELECT golden_record.export_subject(%s)"):
                with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
                    db.execute(statement, (golden_id,))
        assert one(db, "SELECT email FROM golden_record.customer") == "a***@e***.com"
        assert not one(db, "SELECT ok FROM golden_record.status WHERE name = 'max_worker_processes'")


def test_more_readers_than_there_are_slots_wait_for_one(new_cluster):
    cluster = new_cluster(max_worker_processes="2", max_parallel_workers="0")
    with cluster.connect() as db:
        db.execute("CREATE EXTENSION golden_record")
        ingest(db, record("CRM", "1", attributes={"email": "ann@example.com"}))
        db.execute("SELECT golden_record.grant_scope('golden_record_pii')")
        golden_id = one(db, "SELECT golden_id FROM golden_record.customer")
        logins = [f"officer{n}" for n in range(6)]
        for login in logins:
            db.execute(f"CREATE ROLE {login} LOGIN IN ROLE golden_record_pii")
    read = []

    def reveal(login):
        with cluster.connect(user=login) as other:
            for _ in range(3):
                read.append(one(other, "SELECT golden_record.reveal(%s, 'email', 'a call')", (golden_id,)))

    side_by_side(reveal, logins)
    assert read == ["ann@example.com"] * 18
    with cluster.connect() as db:
        assert one(db, "SELECT sum(count) FROM golden_record.access_log WHERE object = 'reveal' AND outcome = 'granted'") == 18


def test_look_ups_that_no_worker_can_count_are_refused_slowly(new_cluster):
    """A login that holds all slots by a parallel query of its own is told at the pace of refusals that a value is not held."""
    cluster = new_cluster(max_worker_processes="2", max_parallel_workers="2")
    with cluster.connect() as db:
        db.execute("CREATE EXTENSION golden_record")
        db.execute("CREATE ROLE desk LOGIN IN ROLE golden_record_reader")
    told = []

    def guess(number):
        with cluster.connect(user="desk") as other:
            asked = time.monotonic()
            with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
                other.execute("SELECT * FROM golden_record.lookup(email => %s)", (f"guess{number}@example.com",))
            told.append(time.monotonic() - asked)

    with cluster.connect(user="desk") as hog:
        for setting in ("max_parallel_workers_per_gather = 2", "parallel_setup_cost = 0", "parallel_tuple_cost = 0",
                        "min_parallel_table_scan_size = 0", "parallel_leader_participation = off"):
            hog.execute(f"SET {setting}")
        query = threading.Thread(target=lambda: pytest.raises(
            psycopg.errors.QueryCanceled, hog.execute, "SELECT count(*) FROM pg_attribute WHERE pg_sleep(0.1) IS NULL"))
        query.start()
        with cluster.connect() as db:
            while not one(db, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'parallel worker'"):
                time.sleep(0.05)
        side_by_side(guess, range(2))
        hog.cancel()
        query.join()
    # Each waited for a slot, and not for the other.
    assert len(told) == 2 and all(4 < seconds < 30 for seconds in told)


def test_a_standby_serves_masked_values_alone(new_cluster):
    primary = new_cluster(wal_level="replica", max_wal_senders="4")
    with primary.connect() as db:
        db.execute("CREATE EXTENSION golden_record")
        ingest(db, record("CRM", "1", attributes={"email": "ann@example.com"}))
        db.execute("CREATE TABLE contact (id text PRIMARY KEY)")
        db.execute("SELECT golden_record.attach_source('contact', 'Web', 'id')")
        db.execute("SELECT golden_record.grant_scope('golden_record_pii')")
        before = digest(db)
        golden_id = one(db, "SELECT golden_id FROM golden_record.customer")
    standby = new_cluster(start=False, hot_standby="on")
    as_server("pg_basebackup", "-h", primary.home, "-p", "5432", "-U", "postgres", "-D", standby.data, "-R", "-X", "stream", "-c", "fast")
    standby.start()
    with standby.connect() as db:
        assert one(db, "SELECT email FROM golden_record.customer") == "a***@e***.com"
        assert one(db, "SELECT count(*) FROM golden_record.lookup(email => 'ann@example.com')") == 1
        assert one(db, "SELECT count(*) FROM golden_record.lookup(email => 'bob@example.com')") == 0
        assert digest(db) == before
        # A write is refused as PostgreSQL refuses one there, for poolers and drivers that look for the primary then.
        for statement in ("SELECT golden_record.rebuild()", "SELECT golden_record.rotate_key()",
                          "SELECT golden_record.backfill('contact')", "SELECT golden_record.detach_source('contact')",
                          """SELECT golden_record.ingest('{"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "CRM", "id": "2"}],
                             "timestamp": "2024-01-01T00:00:00Z", "attributes": {}}'::text)"""):
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                db.execute(statement)
        db.execute("SET ROLE golden_record_pii")
        db.execute("SET golden_record.purpose = 'test'")
        for statement in ("SELECT golden_record.reveal(%s, 'email', 'x')", "SELECT email FROM golden_record.customer WHERE golden_id = %s"):
            with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
                db.execute(statement, (golden_id,))


def test_an_erased_person_is_in_no_table_and_stays_out(db):
    marked = {"email": "vera@quicksilver.example", "phoneNumber": "(206) 555-0143", "firstName": "Vera", "lastName": "Vog"}
    for number in range(50):
        ingest(db, record("CRM", "vera", f"2024-01-01T00:{number:02}:00Z", {**marked, "city": f"City {number}"}))
    ingest(db, record("Web", "housemate", attributes={"phoneNumber": "(206) 555-0143", "firstName": "Ulf", "lastName": "Vog"}))
    ingest(db, {**record("CRM", "vera"), "timestamp": "never"})
    golden_id = one(db, "SELECT golden_id FROM golden_record.crosswalk WHERE source_id = 'vera'")
    housemate = db.execute("SELECT c.* FROM golden_record.customer AS c JOIN golden_record.crosswalk AS x USING (golden_id) "
                           "WHERE x.source_id = 'housemate'").fetchall()
    receipt = one(db, "SELECT golden_record.erase_subject(%s, 'request 1')", (golden_id,))
    assert receipt["removed"]["record_version"] == 50 and "quicksilver" not in json.dumps(receipt)
    # No row names her id.
    for (table,) in db.execute("SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'golden_record'::regnamespace "
                               "AND relkind = 'r'").fetchall():
        for (row,) in db.execute(f"SELECT t::text FROM {table} AS t").fetchall():
            assert "vera" not in row.lower(), table
    assert one(db, "SELECT attributes FROM golden_record.golden_record WHERE golden_id = %s", (golden_id,)) == {}
    assert one(db, "SELECT count(*) FROM golden_record.record_version") == 1
    # As if she had never been, but for what is kept out.
    assert_sound(db)
    assert {kind for (kind,) in db.execute("SELECT kind FROM golden_record.audit_verify()")} <= {"sealed", "unsealed"}
    assert ingest(db, record("CRM", "vera", "2025-01-01T00:00:00Z", marked)) == ["suppressed"]
    assert db.execute("SELECT c.* FROM golden_record.customer AS c").fetchall() == housemate


def traces(cluster, values):
    """The files with the beginning of one of some sealed values, behind its head."""
    return [name for name, content in cluster.files() if any(value[17:900] in content for value in values)]


def test_what_was_erased_leaves_the_files_too(new_cluster):
    cluster = new_cluster(**QUIET, wal_recycle="off")
    sealed = {"record_version": "content", "source_pii": "state", "golden_pii": "attributes", "golden_history_pii": "attributes",
              "rejected_payload": "payload"}
    with cluster.connect() as db:
        db.execute("CREATE EXTENSION golden_record")
        feed_in(db)
        held = {table: {bytes(value) for (value,) in db.execute(f"SELECT {column} FROM golden_record.{table}").fetchall()}
                for table, column in sealed.items()}
        assert all(held.values())
        for (golden_id,) in db.execute("SELECT DISTINCT golden_id FROM golden_record.crosswalk WHERE source_id ~ '^[cw]-'").fetchall():
            db.execute("SELECT golden_record.erase_subject(%s, 'request 1')", (golden_id,))
        # What nothing could be read of is nobody's.
        db.execute("DELETE FROM golden_record.rejected_payload")
        gone = set()
        for table, column in sealed.items():
            left = {bytes(value) for (value,) in db.execute(f"SELECT {column} FROM golden_record.{table}").fetchall()}
            gone |= held[table] - left
        db.execute("CHECKPOINT")
        assert traces(cluster, gone)
        db.execute("VACUUM FULL")
        db.execute("CHECKPOINT")
        db.execute("SELECT pg_switch_wal()")
        db.execute("CHECKPOINT")
        assert {kind for (kind,) in db.execute("SELECT kind FROM golden_record.audit_verify()")} <= {"sealed", "unsealed"}
        assert_sound(db)
    cluster.stop()
    assert search(cluster.files()) == []
    # Nor what was sealed.
    assert len(gone) > 12 and traces(cluster, gone) == []


def test_erasure_and_writers_at_once_leave_nobody_behind(db):
    person = {"email": "vera@quicksilver.example", "phoneNumber": "(206) 555-0143"}
    ingest(db, record("CRM", "0", attributes=person))
    outcomes, stop = [], threading.Event()

    def write(system):
        with psycopg.connect(dbname=db.info.dbname, autocommit=True) as session:
            for number in range(1, 200):
                try:
                    outcomes.extend(ingest(session, record(system, str(number), attributes=person)))
                except psycopg.errors.DeadlockDetected:
                    outcomes.append("deadlock")
                if stop.is_set() and number > 40:
                    break

    writers = [threading.Thread(target=write, args=(system,)) for system in ("A", "B")]
    for writer in writers:
        writer.start()
    while len(outcomes) < 20:
        pass
    golden_id = one(db, "SELECT golden_id FROM golden_record.customer")
    db.execute("SELECT golden_record.erase_subject(%s, 'request 1')", (golden_id,))
    stop.set()
    for writer in writers:
        writer.join()
    assert outcomes[-1] == "suppressed" and "suppressed" in outcomes
    assert one(db, "SELECT count(*) FROM golden_record.source_record") == 0
    assert_sound(db)
