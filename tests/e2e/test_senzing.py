"""The Senzing truth set: hand-made hard cases, of data that the repository does not carry (see the fixture shared)."""
import collections
import csv
import itertools
import json

import pytest
from stories import assert_sound, golden_ids, load, one, record

COLUMNS = {"email": "email", "phone": "phoneNumber", "first_name": "firstName", "surname": "lastName", "full_name": "fullName",
           "company": "company", "dob": "dateOfBirth", "street": "street", "city": "city", "state": "region",
           "postcode": "postcode", "country": "country", "address_full": "addressFull"}


@pytest.fixture
def truth_set(shared):
    with open(shared / "datasets/senzing_truthset/records.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def loaded(db, truth_set, tmp_path):
    """All three sources, each as a feed file of one payload."""
    for system, rows in itertools.groupby(truth_set, key=lambda row: row["source"]):
        records = [record(system, row["record_id"], attributes={
            attribute: row[column] for column, attribute in COLUMNS.items() if row[column]}) for row in rows]
        path = tmp_path / f"{system}.json"
        path.write_text(json.dumps({"records": records}, indent=1), encoding="utf-8")
        load(db, path, system)
    return db


def pairs(by_key):
    """The unordered pairs of keys that have one value."""
    groups = collections.defaultdict(list)
    for key, value in by_key.items():
        if value:
            groups[value].append(key)
    return {frozenset(pair) for group in groups.values() for pair in itertools.combinations(group, 2)}


def test_no_wrong_merge_and_every_doubt_is_listed(loaded, truth_set, capsys):
    key = lambda row: (row["source"], row["record_id"])
    person = {key(row): row["cluster"] for row in truth_set}
    true = pairs(person)
    share_email = pairs({key(row): row["email"].strip().lower() for row in truth_set})
    assert (len(share_email), len(share_email - true)) == (232, 217), "the truth set as it is known"

    merged = pairs(golden_ids(loaded))
    assert merged - true == set()
    queue = loaded.execute("SELECT golden_a, golden_b FROM golden_record.review_queue").fetchall()
    listed = {frozenset(pair) for pair in queue}
    generic = {value for value, in loaded.execute("SELECT value FROM golden_record.generic_value WHERE attribute = 'email'")}
    ids, email = golden_ids(loaded), {key(row): row["email"] for row in truth_set}
    # A mailbox that is nobody's own (info@) counts for nothing, and is listed as such.
    doubts = [pair for pair in share_email & true - merged
              if one(loaded, "SELECT golden_record.mask(%s, 'email')", (email[min(pair)],)) not in generic]
    assert [pair for pair in doubts if frozenset(ids[each] for each in pair) not in listed] == []
    assert len(merged & share_email & true) >= 9
    assert_sound(loaded)

    recall = len(merged & true) / len(true)
    asked = answer(loaded, person)
    merged = pairs(golden_ids(loaded))
    assert merged - true == set()
    assert_sound(loaded)
    with capsys.disabled():
        print(f"\nSenzing truth set: recall {recall:.3f} by itself, {len(merged & true) / len(true):.3f} "
              f"with {asked} pairs of the review queue answered")


def answer(db, person):
    """Answers the review queue by the truth until it is empty; gives the number of answers."""
    for asked in itertools.count():
        item = db.execute("SELECT review_id, record_a ->> 'systemName', record_a ->> 'id', record_b ->> 'systemName', "
                          "record_b ->> 'id' FROM golden_record.review_queue ORDER BY priority DESC, review_id LIMIT 1").fetchone()
        if item is None:
            return asked
        review_id, *names = item
        same = person[tuple(names[:2])] == person[tuple(names[2:])]
        db.execute("SELECT golden_record.decide(%s, %s)", (review_id, "same" if same else "different"))
        assert asked < 5000, "the queue does not empty"
