"""Bad input: one clear dead letter each, the rest of the batch in, and no personal data in a message or a log."""
import json
import os

import psycopg
import pytest
from stories import assert_sound, cleared, copy, digest, history, ingest, one, record

# Stands for personal data: it is in every bad record, and may be in no message.
SECRET = "zanzibar.quicksilver"


def changed(**changes):
    """A good record but for the changes, as text."""
    good = record("Web_App", SECRET, attributes={"email": f"{SECRET}@example.com"})
    return json.dumps({**good, **changes})


def without(key):
    good = json.loads(changed())
    del good[key]
    return json.dumps(good)


# what is wrong, the line, the field it is found in
BAD = [
    ("no JSON", f"not JSON, {SECRET}", ""),
    ("cut off", changed()[:-9], ""),
    ("not an object", f'["{SECRET}"]', ""),
    ("a string", f'"{SECRET}"', ""),
    ("no records", f'{{"rows": ["{SECRET}"]}}', "records"),
    ("records no array", f'{{"records": "{SECRET}"}}', "records"),
    ("no timestamp", without("timestamp"), "timestamp"),
    ("a day that does not exist", changed(timestamp="2023-02-30T10:00:00Z"), "timestamp"),
    ("no date at all", changed(timestamp=SECRET), "timestamp"),
    ("timestamp a list", changed(timestamp=[SECRET]), "timestamp"),
    ("far in the future", changed(timestamp="2999-01-01T00:00:00Z"), "timestamp"),
    ("no ids", without("externalSystemIds"), "externalSystemIds"),
    ("ids empty", changed(externalSystemIds=[]), "externalSystemIds"),
    ("ids no array", changed(externalSystemIds=SECRET), "externalSystemIds"),
    ("no system", changed(externalSystemIds=[{"id": SECRET}]), "externalSystemIds[0].systemName"),
    ("no id", changed(externalSystemIds=[{"systemName": "Web_App"}]), "externalSystemIds[0].id"),
    ("id an object", changed(externalSystemIds=[{"systemName": "Web_App", "id": {SECRET: 1}}]), "externalSystemIds[0].id"),
    ("unknown entity type", changed(entityType=SECRET), "entityType"),
    ("entity type a number", changed(entityType=7), "entityType"),
    ("attributes no object", changed(attributes=[SECRET]), "attributes"),
    ("priority no number", changed(sourcePriority=SECRET), "sourcePriority"),
    ("priority out of range", changed(sourcePriority=7).replace("7}", "1e308}"), "sourcePriority"),
    ("sequence out of any range", changed(sequence=7).replace("7}", "1e1000000}"), "sequence"),
    ("clock no object", changed(vectorClock=SECRET), "vectorClock"),
    ("deleted no truth", changed(deleted=SECRET), "deleted"),
    ("ten megabytes", changed(attributes={"email": SECRET + "x" * 10_000_000}), "attributes.email"),
    ("NUL", changed(attributes={"lastName": SECRET + "\0"}), "attributes.lastName"),
    ("lone surrogate", changed(attributes={"lastName": SECRET + "\ud800"}), "attributes.lastName"),
    ("a number of a million digits", changed(attributes={"loyalty": 7}).replace(" 7}", " " + "7" * 1_000_000 + "}"),
     "attributes.loyalty"),
    ("deep", changed(attributes={"loyalty": 7}).replace(" 7}", " " + "[" * 100_000 + "]" * 100_000 + "}"), None),
]


def test_each_bad_line_is_one_dead_letter_and_the_others_are_in(db):
    lines = []
    for number, (_, line, _) in enumerate(BAD):
        lines += [json.dumps(record("Web_App", f"good-{number}")), line]
    copy(db, lines, feed="mixed")

    assert one(db, "SELECT count(*) FROM golden_record.customer") == len(BAD)
    rows = db.execute("SELECT ordinal, field, reason, sqlstate FROM golden_record.rejected ORDER BY ordinal, rejected_id").fetchall()
    assert len(rows) == len(BAD)
    for (what, _, field), (ordinal, found, reason, sqlstate) in zip(BAD, rows):
        assert field is None or found == field, what
        assert reason and sqlstate.startswith("22"), what
        assert SECRET not in reason + found, what
    # The ordinal is the line, also of one in which no record could be made out.
    assert [ordinal for ordinal, *_ in rows] == [2 * number for number in range(1, len(BAD) + 1)]
    assert_sound(db)


@pytest.mark.parametrize("line", [pytest.param(line, id=what.replace(" ", "_")) for what, line, _ in BAD])
def test_ingest_says_so_and_nothing_panics(db, line):
    rows = db.execute("SELECT outcome, detail FROM golden_record.ingest(%s::text)", (line,)).fetchall()
    assert [outcome for outcome, _ in rows] == ["rejected"]
    assert rows[0][1] and SECRET not in rows[0][1]
    with open(os.environ["GOLDEN_RECORD_LOG"], encoding="utf-8", errors="replace") as log:
        text = log.read()
    assert SECRET not in text and "panicked" not in text


def test_dead_letters_keep_what_was_sent(db):
    bad = record("Moon_Base", "m-1", attributes={"email": "luna@example.com"}, entityType="ASTRONAUT")
    copy(db, [bad])
    assert one(db, "SELECT payload FROM golden_record.rejected") is None
    with cleared(db):
        assert json.loads(one(db, "SELECT payload FROM golden_record.rejected")) == bad


def test_what_a_table_owns_is_kept_and_told_as_it_was_sent(db):
    db.execute("CREATE TABLE people (id text PRIMARY KEY, email text)")
    db.execute("SELECT golden_record.attach_source('people', 'Shop', 'id')")
    db.execute("INSERT INTO people VALUES ('ann@example.com', 'ann@example.com')")
    sent = record("Shop", "ann@example.com", attributes={"city": "Oslo"})
    sent["externalSystemIds"].append({"systemName": "Forum", "id": "ann@example.org"})

    def told():
        return db.execute("SELECT source_id, outcome FROM golden_record.ingest(%s::text)", (json.dumps(sent),)).fetchall()

    assert told() == [("ann@example.com", "rejected")]
    assert one(db, "SELECT source_id FROM golden_record.rejected").startswith("pii:")
    with cleared(db):
        assert json.loads(one(db, "SELECT payload FROM golden_record.rejected")) == sent

    db.execute("SELECT golden_record.detach_source('people')")
    assert one(db, "SELECT golden_record.retry_rejected()") == 1
    golden = one(db, "SELECT golden_id FROM golden_record.profile")
    with cleared(db):
        versions = one(db, "SELECT golden_record.export_subject(%s) #> '{records,0,versions}'", (golden,))
    assert [set(version["originalIds"].values()) for version in versions] == [
        {"ann@example.com"}, {"ann@example.com", "ann@example.org"}]

    db.execute("SELECT golden_record.erase_subject(%s, 'request')", (golden,))
    assert told() == [("ann@example.com", "suppressed")]
    assert_sound(db)


@pytest.mark.parametrize("refused, alerts", [(100, 0), (101, 1)])
def test_an_alert_from_one_record_over_one_percent(db, refused, alerts):
    listener = psycopg.connect(dbname=db.info.dbname, autocommit=True)
    listener.execute("LISTEN golden_record_alert")
    records = [record("Web_App", f"web-{number}") for number in range(10_000 - refused)]
    # Spread evenly, one in a hundred: the share is over one percent at no time, or at the end.
    for number in range(refused):
        records.insert(number * 100 + 99, {**record("Web_App", f"bad-{number}"), "timestamp": "yesterday"})
    for start in range(0, len(records), 1000):
        copy(db, records[start:start + 1000], feed="shop")

    assert one(db, "SELECT count(*) FROM golden_record.rejected") == refused
    assert one(db, "SELECT count(*) FROM golden_record.alert WHERE feed = 'shop'") == alerts
    assert len(list(listener.notifies(timeout=0.5))) == alerts
    listener.close()


def test_a_rolled_back_batch_leaves_no_trace(db):
    ingest(db, record("Web_App", "1", attributes={"email": "first@example.com"}))
    before = digest(db), history(db)
    with db.transaction(force_rollback=True):
        ingest(db, record("Web_App", "2", attributes={"email": "first@example.com"}))
        copy(db, ["not JSON"])
    assert (digest(db), history(db)) == before
