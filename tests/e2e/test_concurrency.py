"""Two sessions that bring one customer in at once: one golden record, or a conflict that says so."""
import random
import threading

import psycopg
import pytest
from stories import assert_sound, ingest, one, record, side_by_side
from test_random import Story

LEVELS = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]


def halves(number):
    """Two records of one customer."""
    email = f"customer{number}@example.com"
    return (record("Web_App", f"web-{number}", attributes={"email": email, "firstName": "Ada"}),
            record("ERP_System", f"erp-{number}", attributes={"email": email, "lastName": "Byron"}))


@pytest.mark.parametrize("level", LEVELS)
def test_the_second_sees_the_first_or_is_told_to_retry(db, level):
    """The second begins, with a snapshot from before, while the first is under way."""
    mine, theirs = halves(1)
    with psycopg.connect(dbname=db.info.dbname) as first, psycopg.connect(dbname=db.info.dbname) as second:
        for session in (first, second):
            session.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
            session.execute("SELECT count(*) FROM golden_record.customer")
        ingest(first, mine)
        outcome = []

        def follow():
            try:
                ingest(second, theirs)
                second.commit()
            except psycopg.errors.SerializationFailure as conflict:
                outcome.append(conflict)
                second.rollback()

        thread = threading.Thread(target=follow)
        thread.start()
        thread.join(0.5)
        first.commit()
        thread.join(20)
        assert not thread.is_alive()
        if level == "READ COMMITTED":
            assert outcome == []
        if outcome:
            ingest(second, theirs)
            second.commit()
    assert one(db, "SELECT count(*) FROM golden_record.customer") == 1
    assert_sound(db)


@pytest.mark.parametrize("level", LEVELS)
def test_an_erasure_misses_no_refused_record(db, level):
    ingest(db, record("CRM", "1", attributes={"email": "ann@example.com"}))
    golden_id = one(db, "SELECT golden_id FROM golden_record.customer")
    with psycopg.connect(dbname=db.info.dbname) as first:
        first.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
        one(first, "SELECT count(*) FROM golden_record.rejected")
        ingest(db, record("CRM", "2", "soon", attributes={"email": "ann@example.com"}))
        erase = "SELECT golden_record.erase_subject(%s, 'request') -> 'removed' ->> 'rejected_record'"
        if level == "READ COMMITTED":
            assert first.execute(erase, (golden_id,)).fetchone() == ("1",)
        else:
            with pytest.raises(psycopg.errors.SerializationFailure):
                first.execute(erase, (golden_id,))
            first.rollback()
            assert first.execute(erase, (golden_id,)).fetchone() == ("1",)
    assert one(db, "SELECT count(*) FROM golden_record.rejected") == 0


def test_two_first_writers_of_a_database(db):
    """The second finds no keys, waits, and then finds a record: the keys came with it."""
    ours, theirs = halves(1)
    outcome = []
    with psycopg.connect(dbname=db.info.dbname) as first, psycopg.connect(dbname=db.info.dbname, autocommit=True) as second:
        first.execute("LOCK TABLE golden_record.source_record IN ACCESS EXCLUSIVE MODE")

        def follow():
            try:
                ingest(second, theirs)
            except psycopg.Error as failure:
                outcome.append(failure)

        thread = threading.Thread(target=follow)
        thread.start()
        waits = "SELECT count(*) FROM pg_locks WHERE relation = 'golden_record.source_record'::regclass AND NOT granted"
        for _ in range(100):
            if one(db, waits):
                break
            thread.join(0.1)
        else:
            pytest.fail("nobody waits")
        ingest(first, ours)
        first.commit()
        thread.join(20)
        assert not thread.is_alive()
    assert outcome == []
    assert one(db, "SELECT count(*) FROM golden_record.customer") == 1
    assert_sound(db)


def test_nobody_waits_for_a_counter_of_a_feed(db):
    """More transactions are under way than a feed's counters had places once, and one that is prepared; each finds counters that
    are a week old, a key that is new, and a record to refuse."""
    # The first use makes the secret, for which others wait.
    ingest(db, record("Web_App", "web-99", attributes={"email": "customer99@example.com"}))
    db.execute("INSERT INTO golden_record.feed_window VALUES ('over', now() - interval '8 days', 0, 1, 0, now())")
    sessions = [psycopg.connect(dbname=db.info.dbname) for _ in range(66)]

    def write(session, number):
        session.execute("SET lock_timeout = '5s'")
        person = {"email": f"customer{number}@example.com", "tier": "gold"}
        assert ingest(session, record("Web_App", f"web-{number}", attributes=person),
                      record("Web_App", f"bad-{number}", "yesterday")) == ["created", "rejected"]

    try:
        for number, session in enumerate(sessions):
            write(session, number)
        # The first raised the alert, which is a NOTIFY.
        sessions[1].execute("PREPARE TRANSACTION 'apart'")
        write(sessions[1], 100)
        for session in sessions:
            session.commit()
        db.execute("COMMIT PREPARED 'apart'")
    finally:
        for session in sessions:
            session.close()
    assert one(db, "SELECT sum(accepted) FROM golden_record.feed_window") == 68
    assert one(db, "SELECT count(*) FROM golden_record.feed_window WHERE window_start < now() - interval '7 days'") == 0
    assert db.execute("SELECT key, change FROM golden_record.schema_drift").fetchall() == [("tier", "new")]
    assert one(db, "SELECT count(*) FROM golden_record.alert WHERE closed_at IS NULL") == 1
    # One noted the new key; the others would have waited for it, and leave it to the next.
    assert one(db, "SELECT sum(records) FROM golden_record.feed_keys") == 2
    ingest(db, record("Web_App", "web-101", attributes={"email": "customer101@example.com", "tier": "gold"}))
    assert one(db, "SELECT sum(records) FROM golden_record.feed_keys") == 3
    assert_sound(db)


def test_of_a_transaction_that_is_undone_another_notes_the_drift(db):
    """The key was passed by while somebody else noted it."""
    ingest(db, record("Web_App", "web-0"))
    db.execute("SET lock_timeout = '5s'")
    with psycopg.connect(dbname=db.info.dbname) as undone:
        ingest(undone, record("Web_App", "web-1", attributes={"tier": "gold"}))
        ingest(db, record("Web_App", "web-2", attributes={"tier": "gold"}))
        undone.rollback()
    ingest(db, record("Web_App", "web-3", attributes={"tier": "gold"}))
    assert db.execute("SELECT key, change FROM golden_record.schema_drift").fetchall() == [("tier", "new")]


def test_nobody_waits_for_drift_that_is_being_settled(db):
    """Another type's writer comes upon the key of the same system, which counts of it had lost."""
    db.execute("""SELECT golden_record.define_entity('MEMBER', '{"attributes": {"mail": {"kind": "email"}}}')""")
    ingest(db, record("Web_App", "web-0", attributes={"e_mail": "ann@example.com"}))
    db.execute("DELETE FROM golden_record.feed_keys")
    with psycopg.connect(dbname=db.info.dbname) as settling, psycopg.connect(dbname=db.info.dbname, autocommit=True) as another:
        settling.execute("""SELECT golden_record.define_entity('CUSTOMER', '{"attributes": {"e_mail": {"kind": "email"}}}')""")
        another.execute("SET lock_timeout = '5s'")
        ingest(another, {**record("Web_App", "web-1", attributes={"e_mail": "bea@example.com"}), "entityType": "MEMBER"})
    assert one(db, "SELECT count(*) FROM golden_record.schema_drift") == 0


def test_counters_of_a_feed_are_no_conflict(db):
    """Under REPEATABLE READ, writers of other customers have counted, found drift and been refused since the snapshot was taken."""
    ingest(db, record("Web_App", "web-99", attributes={"email": "customer99@example.com"}))
    db.execute("INSERT INTO golden_record.feed_window VALUES ('default', now() - interval '8 days', 0, 1, 0, now())")

    def write(session, number):
        person = {"email": f"customer{number}@example.com", f"key{number % 3}": number}
        ingest(session, record("Web_App", f"web-{number}", attributes=person), record("Web_App", f"bad-{number}", "yesterday"))

    with psycopg.connect(dbname=db.info.dbname) as one_snapshot:
        one_snapshot.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        one_snapshot.execute("SELECT count(*) FROM golden_record.customer")
        for number in range(16):
            # One after the other, and whichever slot they come to.
            with psycopg.connect(dbname=db.info.dbname, autocommit=True) as session:
                write(session, number)
        for number in range(16, 19):
            write(one_snapshot, number)
    assert one(db, "SELECT sum(accepted) FROM golden_record.feed_window") == 20
    assert one(db, "SELECT sum(records) FROM golden_record.feed_keys") == 20
    assert_sound(db)


@pytest.mark.parametrize("level", LEVELS)
def test_many_writers_of_the_same_customers(db, level):
    customers, writers, failures = 40, 4, []

    def write(writer):
        try:
            with psycopg.connect(dbname=db.info.dbname, autocommit=True) as session:
                session.execute(f"SET default_transaction_isolation = '{level.lower()}'")
                for number in range(customers):
                    half = halves((number + writer * 7) % customers)[writer % 2]
                    while True:
                        try:
                            ingest(session, half)
                            break
                        except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected):
                            continue
        except Exception as failure:
            failures.append(failure)

    side_by_side(write, range(writers))
    assert failures == []
    assert one(db, "SELECT count(*) FROM golden_record.customer") == customers
    assert_sound(db)


@pytest.mark.parametrize("policy", ["guide", "probabilistic"])
def test_one_at_a_time_no_deadlock_under_read_committed(db, policy):
    """Single statements in their own transactions take their locks in one order."""
    db.execute("SELECT golden_record.set_policy('CUSTOMER', %s)", (policy,))
    failures = []

    def write(seed):
        rng = random.Random(seed)
        with psycopg.connect(dbname=db.info.dbname, autocommit=True) as session:
            for _ in range(60):
                numbers = rng.sample(range(30), 5)
                try:
                    ingest(session, *[halves(number)[rng.randrange(2)] for number in numbers])
                except psycopg.Error as failure:
                    failures.append(failure)

    side_by_side(write, range(4))
    assert failures == []
    assert_sound(db)


@pytest.mark.parametrize("policy", ["guide", "probabilistic"])
def test_writers_and_stewards_at_once_leave_a_sound_state(db, policy):
    """Four sessions tell random stories about the same customers. What is refused is refused for a reason: an item that is
    gone, a decision that contradicts another, a deadlock where a value crossed its limit on the way."""
    first = Story(db, policy, 1)
    unexpected = []

    def tell(seed):
        try:
            with psycopg.connect(dbname=db.info.dbname, autocommit=True) as session:
                story = first.another(session, seed)
                steps = [story.some, story.some, story.table, story.crowd, story.decide, story.revert, story.decide_all]
                for _ in range(30):
                    try:
                        story.rng.choice(steps)()
                    except psycopg.Error as failure:
                        if failure.sqlstate not in ("40P01", "23514", "42704", "55000"):
                            raise
        except Exception as failure:
            unexpected.append(failure)

    side_by_side(tell, range(4))
    assert unexpected == []
    assert_sound(db)
