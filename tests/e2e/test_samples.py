"""The sample feeds as ./demo loads them, against the truth that comes with them."""
import collections
import csv

import pytest
from stories import ATTACH, CONTACTS, SAMPLES, assert_sound, cleared, copy_csv, golden_ids, load, one


@pytest.fixture(scope="module")
def samples(module_database):
    """A database with all samples in it, loaded once for all tests, which only look."""
    db = module_database()
    for path in sorted((SAMPLES / "feeds").iterdir()):
        load(db, path, path.stem.split("_", 1)[1])
    db.execute(CONTACTS)
    copy_csv(db, (SAMPLES / "contacts.csv").read_text(encoding="utf-8"))
    db.execute(ATTACH)
    db.execute("SELECT golden_record.backfill('contacts')")
    return db


def truth():
    with open(SAMPLES / "truth.csv", encoding="utf-8", newline="") as file:
        return {(row["system_name"], row["source_id"]): row["person"] for row in csv.DictReader(file)}


def test_no_two_people_share_a_golden_record(samples):
    people = collections.defaultdict(set)
    person_of = truth()
    for key, golden_id in golden_ids(samples).items():
        people[golden_id].add(person_of[key])
    assert [sorted(found) for found in people.values() if len(found) > 1] == []


def test_most_records_find_their_person(samples):
    golden = collections.defaultdict(set)
    person_of = truth()
    for key, golden_id in golden_ids(samples).items():
        golden[person_of[key]].add(golden_id)
    # The others are known by a telephone alone somewhere, share a mailbox, or sent it under a key that nobody mapped.
    assert sum(len(found) == 1 for found in golden.values()) >= len(golden) / 4


def test_the_renamed_key_of_the_web_shop_comes_home(samples):
    before = one(samples, "SELECT count(*) FROM golden_record.customer")
    with samples.transaction(force_rollback=True):
        samples.execute("SELECT golden_record.map_attribute('CUSTOMER', 'email_address', 'email')")
        assert one(samples, "SELECT count(*) FROM golden_record.customer") < before - 10
        assert_sound(samples)
        test_no_two_people_share_a_golden_record(samples)


def test_every_telephone_number_is_read(samples):
    with cleared(samples):
        assert samples.execute("SELECT system_name, source_id, value FROM golden_record.raw_attributes WHERE key = 'phoneNumber'"
                               ).fetchall() == []


def test_state_is_sound(samples):
    assert_sound(samples)


def test_every_bad_line_is_kept_with_its_reason(samples):
    # 15 lines, of which the first and the last are good.
    assert samples.execute("SELECT count(*), count(DISTINCT (field, reason)) >= 8 FROM golden_record.rejected "
                           "WHERE feed = 'bad_records'").fetchone() == (13, True)


def test_the_changed_id_of_the_crm_is_the_same_customer(samples):
    ids = golden_ids(samples)
    assert ids["Salesforce_CRM", "0035000000QRSTUV"] == ids["Salesforce_CRM", "0015000000ABCDEF"] == ids["Web_App", "web|00001"]


def test_a_phone_alone_joins_nobody_and_with_the_name_goes_to_review(samples):
    ids = golden_ids(samples)
    crm, call, caller = (ids[key] for key in (("Salesforce_CRM", "0015000000PHONE1"), ("Telephony_Logs", "tel-90001"),
                                              ("Telephony_Logs", "tel-90002")))
    assert len({crm, call, caller}) == 3
    pairs = {frozenset(row) for row in samples.execute("SELECT golden_a, golden_b FROM golden_record.review_queue")}
    assert frozenset((crm, call)) in pairs and frozenset((crm, caller)) not in pairs


def test_an_initial_in_a_shared_mailbox_is_left_to_a_steward(samples):
    ids = golden_ids(samples)
    mine = ids["Web_App", "web|90010"]
    assert sum(golden_id == mine for golden_id in ids.values()) == 1
    assert one(samples, "SELECT count(*) > 0 FROM golden_record.review_queue WHERE %s IN (golden_a, golden_b) "
                        "AND reason = 'ambiguous'", (mine,))


def test_mailboxes_of_many_are_generic(samples):
    kinds = dict(samples.execute("SELECT kind, count(*) FROM golden_record.generic_value GROUP BY kind").fetchall())
    assert kinds.get("names", 0) >= 2, "the hotel's mailbox and switchboard"
