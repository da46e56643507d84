"""The state is a function of the records: not of their order, of batches, of paths, of repetition."""
import random

import pytest
from stories import assert_same, assert_sound, copy, digest, doubts, generator, history, ingest, one, record

RECORDS = 2000


# Two emails and two phones: what two records have in common need not stand in the same place.
SEVERAL = """SELECT golden_record.define_entity('CUSTOMER',
    '{"attributes": {"mail": {"kind": "email"}, "mobile": {"kind": "phone"}}}')"""


@pytest.fixture(scope="module")
def records():
    rng, records = random.Random(11), generator().stream(people_count=300, count=RECORDS, seed=7)
    for key, other in (("email", "mail"), ("phoneNumber", "mobile")):
        values = [each["attributes"][key] for each in records if key in each["attributes"]]
        # What is sent again is sent as it was.
        for attributes in {id(each): each["attributes"] for each in records}.values():
            if key in attributes and rng.random() < 0.3:
                attributes[other] = attributes.pop(key)
            elif rng.random() < 0.03:
                attributes[other] = rng.choice(values)
    return records


@pytest.fixture(scope="module", params=["guide", "probabilistic"])
def policy(request):
    return request.param


def under(db, policy):
    """A fresh database whose customers are resolved by a policy."""
    db.execute(SEVERAL)
    if policy != "guide":
        db.execute("SELECT golden_record.set_policy('CUSTOMER', %s)", (policy,))
    return db


@pytest.fixture(scope="module")
def at_once(module_database, records, policy):
    """All records in one payload: what every other way must agree with."""
    db = under(module_database(), policy)
    ingest(db, *records)
    assert_sound(db)
    return db


def test_one_at_a_time_backwards(at_once, new_database, records, policy):
    other = under(new_database(), policy)
    for each in reversed(records):
        ingest(other, each)
    assert_sound(other)
    assert_same(other, at_once)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_shuffled_in_batches_of_any_size_on_any_path(at_once, new_database, records, policy, seed):
    rng = random.Random(seed)
    shuffled = rng.sample(records, len(records))
    other = under(new_database(), policy)
    while shuffled:
        size = rng.choice([1, 2, 7, 50, 300])
        batch, shuffled = shuffled[:size], shuffled[size:]
        way = rng.choice([lambda: ingest(other, *batch), lambda: copy(other, batch)])
        # A statement that is rolled back leaves nothing behind.
        if rng.random() < 0.2:
            with other.transaction(force_rollback=True):
                way()
        way()
    assert_sound(other)
    assert_same(other, at_once)


def test_replaying_ten_times_changes_nothing(at_once, records):
    before = digest(at_once), history(at_once)
    for _ in range(10):
        ingest(at_once, *records)
    assert (digest(at_once), history(at_once)) == before


def test_rebuild_changes_nothing(at_once):
    before = digest(at_once), doubts(at_once)
    at_once.execute("SELECT golden_record.rebuild()")
    assert (digest(at_once), doubts(at_once)) == before


def test_a_trained_model_holds_for_what_comes_after(new_database, records):
    """A model in force is frozen: records that come later, one at a time, are weighed as all at once would be."""
    db = under(new_database(), "probabilistic")
    ingest(db, *records[:1500])
    model = one(db, "SELECT golden_record.train('CUSTOMER')")
    before = digest(db)
    assert_sound(db)
    db.execute("SELECT golden_record.use_model('CUSTOMER', %s)", (model,))
    assert digest(db) != before
    assert_sound(db)
    for each in records[1500:1600]:
        ingest(db, each)
    ingest(db, *records[1600:])
    assert_sound(db)
    trained = digest(db)
    db.execute("SELECT golden_record.use_model('CUSTOMER', NULL)")
    assert digest(db) != trained
    assert_sound(db)


def test_the_digest_sees_a_change_of_one_letter(new_database):
    one, other = new_database(), new_database()
    ingest(one, record("Web_App", "1", attributes={"lastName": "Berg"}))
    ingest(other, record("Web_App", "1", attributes={"lastName": "Bergs"}))
    assert digest(one) != digest(other)
