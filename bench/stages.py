#!/usr/bin/env python3
"""stages.py RESULT.json: what the running database does once `customers` is in, with the records of `later`: look-ups while nobody
writes, while much is written and under a feed, records one by one, by COPY, by two clients. After ours.py, in the same database."""
import json
import multiprocessing
import sys
import threading
import time

from database import TABLE, connect
from ours import COLUMNS, attach

LOOKUPS, BATCH = 1000, 10_000
# Mailboxes that are nobody's own.
SHARED = "^ *(info|sales|office|noreply|none|nomail|test|x)@"
LOOKUP = "SELECT golden_id, certainty FROM golden_record.lookup(email => %s)"
INGEST = "SELECT outcome FROM golden_record.ingest(%s::jsonb)"


def quantile(times, share):
    """The time that this share of all stays within, in milliseconds."""
    times = sorted(times)
    return 1000 * times[min(len(times) - 1, int(share * len(times)))]


def timed(connection, statement, values):
    """The seconds of the statement with each of the values, one transaction each."""
    times = []
    for value in values:
        begin = time.perf_counter()
        connection.execute(statement, (value,), prepare=True).fetchall()
        times.append(time.perf_counter() - begin)
    return times


def payloads(rows):
    """Rows of the table as posts of one record."""
    names = list(COLUMNS)
    return [json.dumps({"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": row[0], "id": row[1]}],
                        "timestamp": row[-1].isoformat(), "attributes": {name: value for name, value in zip(names, row[2:-1]) if value}})
            for row in rows]


def client(posts, ready, times):
    """One writer in a process of its own."""
    with connect() as connection:
        timed(connection, "SELECT %s::text", ["x"] * 6)
        ready.wait()
        begin = time.perf_counter()
        timed(connection, INGEST, posts)
        times.put((begin, time.perf_counter()))


def clients(parts):
    """Records a second of several writers at once."""
    context = multiprocessing.get_context("fork")
    ready, times = context.Barrier(len(parts)), context.Queue()
    writers = [context.Process(target=client, args=(part, ready, times)) for part in parts]
    for writer in writers:
        writer.start()
    spans = [times.get() for _ in writers]
    for writer in writers:
        writer.join()
    return sum(map(len, parts)) / (max(end for _, end in spans) - min(begin for begin, _ in spans))


def during(connection, emails, statement):
    """The times of look-ups, again and again, while another session runs a statement; and how long that took."""
    with connect() as other:
        took = []

        def work():
            begin = time.perf_counter()
            other.execute(statement)
            took.append(time.perf_counter() - begin)

        thread = threading.Thread(target=work)
        thread.start()
        times = []
        while thread.is_alive():
            times += timed(connection, LOOKUP, [emails[len(times) % len(emails)]])
        thread.join()
    if not took:
        raise RuntimeError(f"{statement} failed")
    return times, took[0]


def under_a_feed(connection, emails, posts):
    """The times of look-ups, again and again, while another process writes as fast as it can; and its records a second."""
    context = multiprocessing.get_context("fork")
    ready, spans = context.Barrier(2), context.Queue()
    writer = context.Process(target=client, args=(posts, ready, spans))
    writer.start()
    ready.wait()
    times = []
    while spans.empty():
        times += timed(connection, LOOKUP, [emails[len(times) % len(emails)]])
    begin, end = spans.get()
    writer.join()
    return times, len(posts) / (end - begin)


def copied(connection, rows):
    """Records a second of COPY into the attached table, in batches."""
    begin = time.perf_counter()
    for start in range(0, len(rows), BATCH):
        with connection.cursor() as cursor, cursor.copy("COPY customers FROM STDIN") as copy:
            for row in rows[start:start + BATCH]:
                copy.write_row(row)
    return len(rows) / (time.perf_counter() - begin)


def run():
    """All stages; gives (what, figure) rows."""
    connection = connect()
    records = connection.execute("SELECT count(*) FROM customers").fetchone()[0]
    mails = "SELECT email FROM customers WHERE email LIKE '%%@%%.%%' AND {} ORDER BY md5(source_id) LIMIT %s"
    emails, shared = ([email for email, in connection.execute(mails.format(test), (LOOKUPS,))]
                      for test in (f"email !~* '{SHARED}'", f"email ~* '{SHARED}'"))
    later = connection.execute("SELECT * FROM later ORDER BY updated_at, system_name, source_id").fetchall()
    tenth = len(later) // 10
    export, one, first, second, fed = (later[at * tenth:(at + 1) * tenth] for at in range(5))
    rest = later[5 * tenth:]
    figures = []

    def tell(what, figure):
        figures.append((what, figure))
        print(f"    {what}: {figure}", flush=True)

    def tell_lookups(what, times):
        tell(f"`lookup` {what}, {len(times):,} times", f"p50 {quantile(times, .5):.2f} ms, p99 {quantile(times, .99):.2f} ms")

    timed(connection, LOOKUP, emails)
    tell_lookups("by email, nobody writing", timed(connection, LOOKUP, emails))
    tell_lookups("by a mailbox of many, nobody writing", timed(connection, LOOKUP, shared))
    connection.execute(TABLE.format(name="export"))
    with connection.cursor() as cursor, cursor.copy("COPY export FROM STDIN") as copy:
        for row in export:
            copy.write_row(row)
    connection.execute("ALTER TABLE export ADD PRIMARY KEY (system_name, source_id)")
    attach(connection, "export")
    times, took = during(connection, emails, "SELECT golden_record.backfill('export')")
    tell_lookups("during a backfill", times)
    tell(f"`backfill` of {len(export):,} further records meanwhile", f"{took:.1f} s")
    times, took = during(connection, emails, "SELECT golden_record.rebuild()")
    tell_lookups("during a rebuild", times)
    connection.execute("VACUUM (ANALYZE)")
    times = timed(connection, INGEST, payloads(one))
    tell("`ingest`, one record a transaction, one client", f"{len(one) / sum(times):,.0f} records/s; p50 {quantile(times, .5):.2f} ms, "
                                                          f"p99 {quantile(times, .99):.2f} ms")
    rate = clients([payloads(first), payloads(second)])
    tell("the same, two clients", f"{rate:,.0f} records/s: {rate * sum(times) / len(one):.2f} ×")
    times, rate = under_a_feed(connection, emails, payloads(fed))
    tell_lookups(f"under a feed of {rate:,.0f} records/s", times)
    tell(f"`COPY` into the attached table, {min(BATCH, len(rest)):,} rows a statement", f"{copied(connection, rest):,.0f} records/s")
    return {"side": "stages", "records": records, "figures": figures}


if __name__ == "__main__":
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump(run(), file, indent=1)
