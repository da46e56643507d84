"""The guide's own payload and what it says must come of it."""
import pytest
from stories import SAMPLES, assert_sound, digest, golden_ids, history, ingest, one, record

CRM_ID = ("Salesforce_CRM", "0015000000ABCDEF")


@pytest.fixture
def guide(db):
    assert ingest(db, (SAMPLES / "feeds/01_feed_post.json").read_text()) == ["created"]
    return db


def customers(db):
    return one(db, "SELECT count(*) FROM golden_record.customer")


def review(db):
    return db.execute("SELECT review_id, score, reason FROM golden_record.review_queue").fetchall()


def test_one_payload_is_one_customer(guide):
    assert customers(guide) == 1
    assert guide.execute("SELECT preferred_language, records, systems FROM golden_record.customer").fetchall() == [
        ("en-US", 1, ["Salesforce_CRM"])]
    assert sorted(guide.execute("SELECT system_name, source_id, kind FROM golden_record.crosswalk")) == [
        (*CRM_ID, "record"), ("entity", "CUST_849201", "cross_reference")]


def test_another_spelling_of_the_address_joins(guide):
    ingest(guide, record("Web_App", "w-1", attributes={"email": " John.Doe@Example.COM "}))
    assert customers(guide) == 1 and review(guide) == []


def test_a_phone_alone_stays_apart(guide):
    ingest(guide, record("Salesforce_CRM", "p-1", attributes={"phoneNumber": "(555) 123-4567"}),
           record("Telephony_Logs", "p-2", attributes={"phoneNumber": "+15551234567"}))
    assert customers(guide) == 3 and review(guide) == []


def test_phone_and_nearly_the_name_wait_for_a_steward_who_merges_them(guide):
    ingest(guide, record("Salesforce_CRM", "p-1", attributes={
        "phoneNumber": "(555) 123-4567", "firstName": "Catherine", "lastName": "Winterbourne"}))
    ingest(guide, record("Telephony_Logs", "p-2", attributes={
        "phoneNumber": "+15551234567", "firstName": "Catharine", "lastName": "Winterbourne"}))
    assert customers(guide) == 3
    (review_id, score, _), = review(guide)
    assert 80 < score < 100
    assert one(guide, "SELECT evidence FROM golden_record.review_queue")
    guide.execute("SELECT golden_record.decide(%s, 'same', 'called back')", (review_id,))
    assert customers(guide) == 2 and review(guide) == []
    ids = golden_ids(guide)
    assert ids["Salesforce_CRM", "p-1"] == ids["Telephony_Logs", "p-2"]
    assert_sound(guide)


def test_different_holds_for_good(guide):
    ingest(guide, record("Salesforce_CRM", "p-1", attributes={
        "phoneNumber": "(555) 123-4567", "firstName": "Catherine", "lastName": "Winterbourne"}),
        record("Telephony_Logs", "p-2", attributes={
            "phoneNumber": "+15551234567", "firstName": "Catharine", "lastName": "Winterbourne"}))
    guide.execute("SELECT golden_record.decide((SELECT review_id FROM golden_record.review_queue), 'different')")
    # Not even a common address later joins them.
    for system, source_id in (("Salesforce_CRM", "p-1"), ("Telephony_Logs", "p-2")):
        ingest(guide, record(system, source_id, "2024-02-01T00:00:00Z", {"email": "c@example.com"}))
    ids = golden_ids(guide)
    assert ids["Salesforce_CRM", "p-1"] != ids["Telephony_Logs", "p-2"]
    assert_sound(guide)


def test_a_changed_id_and_a_second_id_are_the_same_customer(guide):
    golden = golden_ids(guide)[CRM_ID]
    changed = record("Salesforce_CRM", "0035000000NEW", attributes={"email": "other@example.org"})
    changed["externalSystemIds"].append({"systemName": CRM_ID[0], "id": CRM_ID[1]})
    second = record("ERP_System", "erp-1", attributes={"lastName": "Doe"})
    second["externalSystemIds"].append({"systemName": "Salesforce_CRM", "id": "0035000000NEW"})
    ingest(guide, changed)
    ingest(guide, second)
    assert set(golden_ids(guide).values()) == {golden}
    assert one(guide, "SELECT golden_id FROM golden_record.lookup(system_name => 'ERP_System', source_id => 'erp-1')") == golden


def test_replaying_ten_times_changes_nothing(guide):
    before = digest(guide), history(guide)
    for _ in range(10):
        assert ingest(guide, (SAMPLES / "feeds/01_feed_post.json").read_text()) == ["unchanged"]
    assert (digest(guide), history(guide)) == before


def test_trust_decides_and_not_who_wrote_last(guide):
    ingest(guide, record("Web_App", "w-1", "2024-05-01T00:00:00Z", {
        "email": "john.doe@example.com", "phoneNumber": "+1 212 555 0123", "lastPurchaseDate": "2024-04-30"}, sourcePriority=3))
    lineage = {attribute: (system, action) for attribute, system, action in guide.execute(
        "SELECT attribute, system_name, action FROM golden_record.lineage")}
    assert lineage["email"] == ("Salesforce_CRM", "UPDATE_IF_NEWER")
    assert lineage["phoneNumber"] == ("Salesforce_CRM", "KEEP_EXISTING")
    assert lineage["lastPurchaseDate"] == ("Web_App", "MAX_VALUE")


def test_other_rules_take_effect_on_what_is_there(guide):
    ingest(guide, record("Web_App", "w-1", "2024-05-01T00:00:00Z", {
        "email": "john.doe@example.com", "lastPurchaseDate": "2024-04-30"}, sourcePriority=3))
    guide.execute("""SELECT golden_record.set_merge_rules('CUSTOMER', '{"mergeRules": {
        "email": {"sourcePriority": [{"systemName": "Web_App", "order": 1}], "action": "UPDATE_IF_NEWER"},
        "lastPurchaseDate": {"sourcePriority": [], "action": "MIN_VALUE"}}}')""")
    assert dict(guide.execute("SELECT attribute, system_name FROM golden_record.lineage WHERE attribute IN "
                              "('email', 'lastPurchaseDate')").fetchall()) == {
        "email": "Web_App", "lastPurchaseDate": "Salesforce_CRM"}
    assert_sound(guide)
