"""The change feed under eight writers that commit out of order, with a dump and a restore in the middle."""
import json
import os
import random
import subprocess
import threading
import time
from datetime import datetime, timezone

import psycopg
from stories import ingest, one, record

# A minute where there is time for it.
SECONDS = float(os.environ.get("GOLDEN_RECORD_FEED_SECONDS", 8))


class Writers:
    """Eight sessions that write something of their own, wait a moment, ingest, wait, and commit or roll back."""

    def __init__(self, dbname, seed):
        self.stop, self.failures = threading.Event(), []
        self.threads = [threading.Thread(target=self.write, args=(dbname, seed * 8 + n)) for n in range(8)]
        for thread in self.threads:
            thread.start()

    def write(self, dbname, seed):
        rng = random.Random(seed)
        try:
            with psycopg.connect(dbname=dbname) as session:
                while not self.stop.is_set():
                    payload = record("CRM", f"c{rng.randrange(100)}", datetime.now(timezone.utc).isoformat(),
                                     {"email": f"c{rng.randrange(80)}@example.com", "city": rng.choice("ABCD")},
                                     deleted=rng.random() < 0.3)
                    session.execute("SELECT pg_current_xact_id()")
                    time.sleep(rng.random() * 0.05)
                    session.execute("SELECT count(*) FROM golden_record.ingest(%s::text)", (json.dumps(payload),))
                    time.sleep(rng.random() * 0.05)
                    session.rollback() if rng.random() < 0.1 else session.commit()
        except Exception as failure:
            self.failures.append(failure)

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join()
        assert self.failures == []


class Consumer:
    """Polls from where it was; keeps every row that it was shown."""

    def __init__(self):
        self.cursor, self.rows = None, []

    def poll(self, session):
        shown = session.execute("SELECT * FROM golden_record.changes_since(%s, 50)", (self.cursor,)).fetchall()
        self.rows += shown
        self.cursor = shown[-1][0] if shown else self.cursor
        return len(shown)

    def follow(self, session, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not self.poll(session):
                time.sleep(0.01)


def living(rows):
    """Whom a consumer has in the end that does what it is shown, in the order in which it is: nothing is told of whom it has not
    been shown yet, and nobody begins twice."""
    known, golden = set(), set()
    for _, _, _, golden_id, change, into_id, _ in rows:
        begins = {"created": golden_id, "split": into_id}.get(change)
        known.add(begins)
        assert golden_id in known and begins not in golden
        if begins:
            golden.add(begins)
        elif change != "updated":
            golden.discard(golden_id)
    return golden


def everything(session):
    """What was committed, in its order."""
    return session.execute("""
        SELECT generation || '.' || shown_after || '.' || change_id, at, entity_type, golden_id, change, into_id, attributes
        FROM golden_record.change_event ORDER BY generation, shown_after, change_id""").fetchall()


def test_every_change_is_seen_once_across_a_restore(db, new_database):
    consumer = Consumer()
    writers = Writers(db.info.dbname, 1)
    consumer.follow(db, SECONDS / 2)
    # The consumer rests; the writers go on while the dump is taken, and what they do after it is lost with the cluster.
    dump = subprocess.run(["pg_dump", "-d", db.info.dbname], check=True, capture_output=True).stdout
    writers.end()
    before = len(consumer.rows)
    other = new_database(extension=False)
    subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-d", other.info.dbname], input=dump, check=True, capture_output=True)

    writers = Writers(other.info.dbname, 2)
    consumer.follow(other, SECONDS / 2)
    writers.end()
    while consumer.poll(other):
        pass
    assert consumer.rows == everything(other)
    assert living(consumer.rows) == {row[0] for row in other.execute("SELECT golden_id FROM golden_record.customer")}
    assert before > 50 and len(consumer.rows) > 2 * 50
    assert one(other, "SELECT array_agg(DISTINCT generation ORDER BY generation) FROM golden_record.change_event") == [1, 2]
    # The audit log went on across the restore as well.
    other.execute("SELECT * FROM golden_record.audit_head()")
    kinds = other.execute("SELECT kind, entries FROM golden_record.audit_verify() ORDER BY kind").fetchall()
    assert kinds == [("sealed", one(other, "SELECT count(*) FROM golden_record.audit_entry")), ("unsealed", 0)]


def test_a_late_committer_is_waited_for(db):
    """What commits later than a younger transaction is shown before it, not lost."""
    consumer = Consumer()
    # The first write of all begins the generation, which others wait for.
    ingest(db, record("CRM", "0"))
    assert consumer.poll(db) == 1
    with psycopg.connect(dbname=db.info.dbname) as early, psycopg.connect(dbname=db.info.dbname) as late:
        send = "SELECT outcome FROM golden_record.ingest(%s::text)"
        early.execute(send, (json.dumps(record("CRM", "1")),))
        late.execute(send, (json.dumps(record("CRM", "2")),))
        late.commit()
        assert consumer.poll(db) == 0
        early.commit()
        assert consumer.poll(db) == 2
    assert consumer.rows == everything(db)


def test_listeners_are_woken_where_that_is_wanted(db):
    with psycopg.connect(dbname=db.info.dbname, autocommit=True) as listener:
        listener.execute("LISTEN golden_record_change")
        ingest(db, record("CRM", "1"))
        db.execute("SET golden_record.notify = on")
        ingest(db, record("CRM", "2"))
        assert [notice.payload for notice in listener.notifies(timeout=5, stop_after=1)] == ["CUSTOMER"]
        assert list(listener.notifies(timeout=0.2)) == []


def test_status_names_what_holds_the_feed_back(new_cluster):
    """Whoever it is, in whatever database, and for how long, also to those who may not see when others began."""
    cluster = new_cluster(max_prepared_transactions="2")

    def status(db):
        db.execute("SET ROLE golden_record_admin")
        row = db.execute("SELECT value, ok FROM golden_record.status WHERE name = 'oldest_transaction'").fetchone()
        db.execute("RESET ROLE")
        return row

    with cluster.connect() as db, cluster.connect("template1") as other:
        db.execute("CREATE EXTENSION golden_record")
        db.execute("CREATE ROLE nobody LOGIN")
        assert status(db) == ("none", True)
        other.execute("SET ROLE nobody")
        other.execute("BEGIN")
        other.execute("SELECT pg_current_xact_id()")
        assert ingest(db, record("CRM", "1")) == ["created"]
        assert one(db, "SELECT count(*) FROM golden_record.changes_since(NULL)") == 0
        session = f"pid {other.info.backend_pid} of postgres"
        assert status(db) == (session, True)
        # What could not be shown for an hour tells.
        db.execute("UPDATE golden_record.audit_entry SET at = at - interval '2 hours'")
        assert status(db) == (session, False)
        other.execute("PREPARE TRANSACTION 'held back'")
        assert status(db) == ("prepared transaction 'held back' of nobody", False)
        other.execute("ROLLBACK PREPARED 'held back'")
        assert status(db) == ("none", True)
        assert one(db, "SELECT count(*) FROM golden_record.changes_since(NULL)") == 1
        # Also a change of an older transaction, written when a younger one than the oldest had ended.
        with cluster.connect() as early:
            early.execute("BEGIN")
            early.execute("SELECT pg_current_xact_id()")
            other.execute("BEGIN")
            other.execute("SELECT pg_current_xact_id()")
            db.execute("SELECT pg_current_xact_id()")
            assert ingest(early, record("CRM", "2")) == ["created"]
            early.execute("COMMIT")
        assert one(db, "SELECT count(*) FROM golden_record.changes_since(NULL)") == 1
        assert status(db) == (session, True)
        db.execute("UPDATE golden_record.change_event SET at = at - interval '2 hours'")
        assert status(db) == (session, False)
        other.execute("ROLLBACK")
        assert one(db, "SELECT count(*) FROM golden_record.changes_since(NULL)") == 2
