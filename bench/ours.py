#!/usr/bin/env python3
"""golden_record over the table `customers`: from rows to golden records, the weights trained on them.

    ours.py RESULT.json

The user's path as docs/sources.md describes it: choose the policy, attach the table, backfill it with training, which puts the
model in force. With PII masked and sealed, history, lineage, audit log and change feed, which cannot be switched off.
"""
import json
import re
import sys
import time

from accuracy import accuracy
from database import Peak, Stopwatch, connect, truth

COLUMNS = {"email": "email", "phoneNumber": "phone_number", "firstName": "first_name", "lastName": "last_name",
           "preferredLanguage": "preferred_language", "lastPurchaseDate": "last_purchase_date", "dateOfBirth": "date_of_birth",
           "street": "street", "city": "city", "postcode": "postcode", "country": "country", "company": "company"}
ATTACH = """
SELECT golden_record.attach_source({table}, NULL, 'source_id', columns => {columns}, timestamp_column => 'updated_at',
                                   options => '{{"system_column": "system_name"}}')
"""
STEPS = (
    ("set_policy", "SELECT golden_record.set_policy('CUSTOMER', 'probabilistic')"),
    ("attach_source", None),
    ("backfill", "SELECT golden_record.backfill('customers', train => true)"),
)
# After all is there: each finds nothing to change.
CHECKS = (
    ("rebuild", "SELECT golden_record.rebuild()"),
    ("verify", "SELECT count(*) FROM golden_record.verify()"),
    ("digest", "SELECT golden_record.digest()"),
)
COUNTS = {
    "source records": "SELECT count(*) FROM golden_record.crosswalk WHERE kind = 'record'",
    "golden records": "SELECT count(*) FROM golden_record.customer",
    "values with lineage": "SELECT count(*) FROM golden_record.lineage",
    "versions in the history": "SELECT count(*) FROM golden_record.record_history",
    "golden states in the history": "SELECT count(*) FROM golden_record.golden_history",
    "audit entries": "SELECT count(*) FROM golden_record.audit_log",
    "change events": "SELECT count(*) FROM golden_record.change_event",
    "open review items": "SELECT count(*) FROM golden_record.review_queue",
}
PHASE = re.compile(r"golden_record: (.+) \((\d+)\) after (\d+) ms")
# It runs beside the writing of states and keys, so no phase has its length.
RESOLVED = re.compile(r"golden_record: resolved in (\d+) ms")


def attach(connection, table):
    """Attaches a table of several systems."""
    connection.execute(ATTACH.format(table=f"'{table}'", columns=f"'{json.dumps(COLUMNS)}'"))


def phases(lines, seconds):
    """(phase, what it had to do, seconds) of a statement that said these lines and took so long."""
    said = [(found[1], int(found[2]), int(found[3]) / 1000) for found in map(PHASE.fullmatch, lines) if found]
    ends = [begin for _, _, begin in said[1:]] + [seconds]
    return [(name, count, max(0.0, end - begin)) for (name, count, begin), end in zip(said, ends)]


class Session:
    """One backend, watched: what its statements say about their phases, how long they take."""

    def __init__(self):
        self.connection = connect(options="-c client_min_messages=debug1")
        self.lines, self.steps, self.detail, self.resolved = [], {}, {}, {}
        self.connection.add_notice_handler(lambda notice: self.lines.append(notice.message_primary))

    def step(self, name, statement):
        """Runs a statement, or a function; gives the first value of a statement's first row."""
        self.lines.clear()
        begin = time.perf_counter()
        value = statement() if callable(statement) else self.connection.execute(statement).fetchone()[0]
        self.steps[name] = time.perf_counter() - begin
        self.detail[name] = phases(self.lines, self.steps[name])
        self.resolved[name] = sum(int(found[1]) / 1000 for found in map(RESOLVED.fullmatch, self.lines) if found)
        print(f"    {name:<24}{self.steps[name]:8.2f} s", flush=True)
        return value


def run(checks=True):
    """Everything, on the table that is there; gives what came of it as a dictionary."""
    with connect() as connection:
        connection.execute("CREATE EXTENSION golden_record")
    session = Session()
    connection = session.connection
    with Peak(connection.info.backend_pid) as peak:
        for name, statement in STEPS:
            session.step(name, statement or (lambda: attach(connection, "customers")))
    result = {"side": "ours", "steps": dict(session.steps), "seconds": sum(session.steps.values()), "peak_bytes": peak.bytes,
              "detail": dict(session.detail)}
    # Of a phase over pairs the engine tells their number.
    phases_of = session.detail["backfill"]
    result["training_seconds"] = sum(seconds for name, _, seconds in phases_of if name == "learning")
    result["resolving_seconds"] = session.resolved["backfill"]
    result["pairs"] = next((count for name, count, _ in phases_of if "pairs" in name), None)
    people = truth(connection)
    result["records"] = len(people)
    found = {(system, number): golden for system, number, golden in connection.execute(
        "SELECT system_name, source_id, golden_id::text FROM golden_record.crosswalk WHERE kind = 'record'")}
    result["accuracy"] = accuracy(found, people)
    if checks:
        session.steps.clear()
        # As autovacuum would by and by.
        watch = Stopwatch()
        watch.measure("vacuum", connection.execute, "VACUUM (ANALYZE)")
        with Peak(connection.info.backend_pid) as peak:
            values = {name: session.step(name, statement) for name, statement in CHECKS}
        result["checks"] = {"seconds": dict(session.steps), "detail": {name: session.detail[name] for name in values},
                            "rebuilt": values["rebuild"], "differences": values["verify"],
                            "peak_bytes": peak.bytes, "vacuum_seconds": watch.phases["vacuum"]}
        result["counts"] = {name: connection.execute(query).fetchone()[0] for name, query in COUNTS.items()}
        result["database_bytes"] = connection.execute("SELECT pg_database_size(current_database())").fetchone()[0]
    return result


if __name__ == "__main__":
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump(run(), file, indent=1)
