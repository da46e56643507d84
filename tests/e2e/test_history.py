"""Races, undo, and the past: what a profile is depends on what was said and decided, never on who was first; what is done can
be undone to the letter; and what was is what a replay up to then would give."""
import json
import random

import psycopg
from stories import assert_sound, ingest, one, record, side_by_side

RULES = {"mergeRules": {
    "email": {"action": "UPDATE_IF_NEWER", "sourcePriority": [{"systemName": "CRM", "order": 1}, {"systemName": "Web", "order": 2}]},
    "city": {"action": "MOST_RECENT", "sourcePriority": [{"systemName": "Web", "order": 1}]},
    "phoneNumber": {"action": "KEEP_EXISTING", "sourcePriority": [{"systemName": "Web", "order": 1}, {"systemName": "CRM", "order": 2}]}}}
MEETINGS = 1000


def test_a_thousand_races_end_by_the_rules(db):
    """Two sessions at once, in the same event second, through two systems; sometimes with nothing to meet in."""
    rng = random.Random(5)
    db.execute("SELECT golden_record.set_merge_rules('CUSTOMER', %s)", (json.dumps(RULES),))
    ingest(db, *[record(system, str(n), "2024-01-01T00:00:00Z", {}, entityId=f"e{n}")
                 for n in range(MEETINGS) for system in ("CRM", "Web")])
    told = {"CRM": [], "Web": []}
    expected = {}
    for n in range(MEETINGS):
        fields = {"CRM": rng.sample(["email", "city", "phoneNumber"], rng.randint(1, 3)),
                  "Web": rng.sample(["email", "city", "phoneNumber"], rng.randint(1, 3))}
        for system in told:
            values = {"email": f"{system}{n}@example.com", "city": f"{system} town",
                      "phoneNumber": f"+1{202 if system == 'CRM' else 312}555{n:04}"}
            told[system].append(record(system, str(n), f"2024-01-02T00:00:00.{rng.randrange(1000):03}Z",
                                       {field: values[field] for field in fields[system]}))
        both = set(fields["CRM"]) & set(fields["Web"])
        if both:
            expected[f"e{n}"] = {field: {"email": "CRM", "city": "Web", "phoneNumber": "Web"}[field] for field in both}
    failures = []

    def send(system):
        order = random.Random(system).sample(range(MEETINGS), MEETINGS) if rng.random() < 0.3 else range(MEETINGS)
        try:
            with psycopg.connect(dbname=db.info.dbname, autocommit=True) as session:
                for n in order:
                    ingest(session, told[system][n])
        except psycopg.Error as failure:
            failures.append(failure)

    side_by_side(send, told)
    assert failures == []
    won = {}
    for entity, winner, loser in db.execute("""
            SELECT x.source_id, r.winner, r.loser FROM golden_record.race_log AS r
            JOIN (SELECT DISTINCT source_id, golden_id FROM golden_record.crosswalk WHERE system_name = 'entity') AS x USING (golden_id)
            WHERE r.kind = 'same_second'"""):
        assert entity not in won
        won[entity] = {field: side["systemName"] for side in (winner, loser) for field in side["won"]}
    assert won == expected
    winners = {(entity, attribute): system for entity, attribute, system in db.execute("""
        SELECT x.source_id, l.attribute, l.system_name FROM golden_record.lineage AS l
        JOIN golden_record.crosswalk AS x ON x.golden_id = l.golden_id AND x.system_name = 'entity'""")}
    for entity, fields in expected.items():
        for field, system in fields.items():
            assert winners[entity, field] == system
    assert one(db, "SELECT count(*) FROM golden_record.race_log") == len(expected)
    assert_sound(db)


ACTIONS = ["UPDATE_IF_NEWER", "KEEP_EXISTING", "MAX_VALUE", "MIN_VALUE", "MOST_RECENT", "EARLIEST", "MOST_FREQUENT", "LONGEST",
           "SOURCE_PRIORITY", "UNION", "VALID_FIRST"]
SYSTEMS = ["CRM", "Web", "ERP", "Shop"]


def some_rules(rng):
    rules = {}
    for attribute in ["email", "phoneNumber", "city", "lastName", "lastPurchaseDate"]:
        listed = rng.sample(SYSTEMS, rng.randint(0, 3))
        rules[attribute] = {"action": rng.choice(ACTIONS), "sourcePriority": [
            {"systemName": system, "order": place} for place, system in enumerate(listed)]}
        if rng.random() < 0.3:
            rules[attribute] |= {"listedOnly": True, "fallback": [rng.choice(ACTIONS)]}
    return {"mergeRules": rules}


def some_record(rng, entity):
    values = {"email": [f"a@{entity}.example", f"b@{entity}.example", None], "phoneNumber": ["+12025550143", "+1-555-0198"],
              "city": ["Oslo", "oslo", "Rome", "N/A"], "lastName": ["Doe", "Roe", "O'Neil"],
              "lastPurchaseDate": ["2023-01-05", "2023-02-05T10:00:00Z"]}
    stated = {key: rng.choice(values[key]) for key in rng.sample(sorted(values), rng.randint(0, 5))}
    more = {"sourcePriority": rng.randint(1, 3)} if rng.random() < 0.7 else {}
    return record(rng.choice(SYSTEMS), f"{entity}-{rng.randint(1, 2)}", f"2024-01-01T00:00:{rng.randrange(4):02}.{rng.randrange(3)}Z",
                  stated, entityId=entity, deleted=rng.random() < 0.05, **more)


def test_merge_golden_gives_what_the_pipeline_gives(db):
    """Random rules, records and orders: the aggregate over the records, in any order and with repetitions, has the lineage of
    the golden record that they make when they come one by one."""
    rng = random.Random(31)
    for turn in range(6):
        db.execute("SELECT golden_record.set_merge_rules('CUSTOMER', %s)", (json.dumps(some_rules(rng)),))
        for n in range(25):
            entity = f"e{turn}-{n}"
            told = [some_record(rng, entity) for _ in range(rng.randint(1, 8))]
            for each in told:
                ingest(db, each)
            goldens = db.execute("SELECT DISTINCT golden_id FROM golden_record.crosswalk WHERE system_name = 'entity' AND source_id = %s",
                                 (entity,)).fetchall()
            assert len(goldens) <= 1
            stored = {} if not goldens else {attribute: rest for attribute, *rest in db.execute("""
                SELECT attribute, system_name, source_id, extract(epoch FROM event_time), source_priority, action, reason,
                       (SELECT array_agg(concat_ws(' ', l ->> 'systemName', l ->> 'id', l ->> 'agrees', l ->> 'reason')) FROM jsonb_array_elements(losers) AS l)
                FROM golden_record.lineage WHERE golden_id = %s""", goldens[0])}
            again = rng.sample(told, len(told)) + rng.sample(told, 1)
            merged = {attribute: rest for attribute, *rest in db.execute("""
                SELECT e.key, v ->> 'systemName', v ->> 'id', extract(epoch FROM (v ->> 'eventTime')::timestamptz), (v ->> 'sourcePriority')::integer,
                       v ->> 'action', v ->> 'reason',
                       (SELECT array_agg(concat_ws(' ', l ->> 'systemName', l ->> 'id', l ->> 'agrees', l ->> 'reason')) FROM jsonb_array_elements(v -> 'losers') AS l)
                FROM (SELECT golden_record.merge_golden(r) AS m FROM unnest(%s::jsonb[]) AS r) AS m, jsonb_each(m -> 'lineage') AS e (key, v)""",
                ([json.dumps(each) for each in again],))}
            assert merged == stored
    assert_sound(db)


def people(db, count):
    """Customers in three systems, joined by shared emails."""
    rng = random.Random(count)
    ingest(db, *[record(rng.choice(["CRM", "Web", "Shop"]), f"r{n}", f"2024-01-{rng.randrange(1, 28):02}T00:00:00Z",
                        {"email": f"p{n % (count // 3)}@example.com", "city": rng.choice(["Oslo", "Rome", "Bern"])})
                 for n in range(count)])


def test_what_is_done_can_be_undone_to_the_letter(db):
    """Random nests of decisions and overrides, taken back in reverse, give every digest text again."""
    people(db, 60)
    rng = random.Random(11)
    for _ in range(12):
        undo = []
        for _ in range(rng.randint(1, 4)):
            before = one(db, "SELECT golden_record.digest_text()")
            members = db.execute("SELECT golden_id, system_name, source_id FROM golden_record.crosswalk WHERE kind = 'record' "
                                 "ORDER BY system_name, source_id").fetchall()
            by_golden = {}
            for golden, system, source in members:
                by_golden.setdefault(golden, []).append({"systemName": system, "id": source})
            several = [records for records in by_golden.values() if len(records) > 1]
            kind = rng.choice(["link", "unlink", "override", "unmerge"])
            if kind == "link":
                a, b = rng.sample(list(by_golden.values()), 2)
                call = ("link", json.dumps(a[0]), json.dumps(b[0]))
            elif kind == "unlink" and several:
                a, b = rng.choice(several)[:2]
                call = ("unlink", json.dumps(a), json.dumps(b))
            elif kind == "unmerge" and several:
                golden, records = rng.choice([item for item in by_golden.items() if len(item[1]) > 1])
                db.execute("SELECT golden_record.unmerge(%s, %s::jsonb[])", (golden, [json.dumps(records[0])]))
                call = None
            else:
                golden = rng.choice(list(by_golden))
                db.execute("SELECT golden_record.override(%s, 'city', 'Paris')", (golden,))
                undo.append((before, "SELECT golden_record.clear_override(golden_record.resolve(%s), 'city')", golden))
                continue
            if call:
                try:
                    db.execute(f"SELECT golden_record.{call[0]}(%s::jsonb, %s::jsonb)", call[1:])
                except psycopg.errors.CheckViolation:
                    continue  # It contradicts a decision in force.
            decision = one(db, "SELECT max(decision_id) FROM golden_record.decisions")
            undo.append((before, "SELECT golden_record.revert_decision(%s)", decision))
        for before, statement, argument in reversed(undo):
            db.execute(statement, (argument,))
            assert one(db, "SELECT golden_record.digest_text()") == before
    assert_sound(db)


def test_the_past_is_what_a_replay_up_to_then_gives(db, new_database):
    """Random histories of records, decisions and rules; at random moments profile_as_of and crosswalk_as_of are what another
    database says that was told the same up to that moment."""
    rng = random.Random(23)
    told, moments = [], []

    def tell(each):
        told.append(each)
        each(db)
        if rng.random() < 0.25:
            moments.append((len(told), one(db, "SELECT clock_timestamp()")))

    def said():
        n = rng.randrange(30)
        attributes = {"email": f"p{rng.randrange(12)}@example.com", "city": rng.choice(["Oslo", "Rome", None]), "firstName": "Ann"}
        gone = rng.random() < 0.1
        payload = record(rng.choice(["CRM", "Web"]), f"r{n}", f"2024-{rng.randrange(1, 12):02}-01T00:00:00Z", {} if gone else attributes, deleted=gone)
        return lambda session: ingest(session, payload)

    def ruled():
        rules = {"city": {"action": rng.choice(["MOST_RECENT", "EARLIEST", "LONGEST"])}}
        return lambda session: session.execute("SELECT golden_record.set_merge_rules('CUSTOMER', %s)", (json.dumps(rules),))

    for _ in range(150):
        tell(ruled() if rng.random() < 0.05 else said())
    assert len(moments) > 20
    members = """SELECT golden_id::text, array_agg(system_name || '/' || source_id ORDER BY system_name, source_id)
                 FROM {} WHERE kind = 'record' GROUP BY golden_id"""
    other, done = new_database(), 0
    for count, at in moments:
        for each in told[done:count]:
            each(other)
        done = count
        then = {tuple(names): golden for golden, names in db.execute(members.format("golden_record.crosswalk_as_of(%s)"), (at,))}
        replayed = {tuple(names): golden for golden, names in other.execute(members.format("golden_record.crosswalk"))}
        assert then.keys() == replayed.keys()
        for names, golden in replayed.items():
            columns = "attributes, status, records, systems, "
            past = db.execute(f"SELECT {columns} lineage FROM golden_record.profile_as_of(%s, %s)", (then[names], at)).fetchall()
            present = other.execute(f"SELECT {columns} golden_record.open_lineage(lineage) FROM golden_record.golden_record WHERE golden_id = %s", (golden,)).fetchall()
            assert past == present
