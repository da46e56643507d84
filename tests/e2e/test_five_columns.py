"""A user with five columns writes five kinds and nothing else: matching through SQL against known truth, untrained and
trained. The data is fake_1000, which the repository does not carry (see the fixture shared)."""
import collections
import csv
import itertools
import json

from stories import one

DEFINITION = {"attributes": {"first_name": {"kind": "given_name"}, "surname": {"kind": "family_name"}, "dob": {"kind": "date"},
                             "city": {"kind": "city"}, "email": {"kind": "email"}}}


def pairs(cluster_of):
    groups = collections.defaultdict(list)
    for record, cluster in cluster_of.items():
        groups[cluster].append(record)
    return {pair for members in groups.values() for pair in itertools.combinations(sorted(members), 2)}


def quality(db, truth):
    """Precision and recall of the pairs that are in one golden record."""
    merged = pairs(dict(db.execute("SELECT source_id, golden_id FROM golden_record.crosswalk WHERE kind = 'record'")))
    right = len(merged & truth)
    return right / len(merged), right / len(truth)


def test_five_kinds_are_enough(db, shared, capsys):
    with open(shared / "datasets/fake_1000/records.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    truth = pairs({row["unique_id"]: row["cluster"] for row in rows})
    db.execute("SELECT golden_record.define_entity('PERSON', %s)", (json.dumps(DEFINITION),))
    records = [{"entityType": "PERSON", "externalSystemIds": [{"systemName": "fake", "id": row["unique_id"]}],
                "attributes": {name: row[name] for name in DEFINITION["attributes"] if row[name]},
                "timestamp": "2024-01-01T00:00:00Z"} for row in rows]
    db.execute("SELECT count(*) FROM golden_record.ingest(%s::text)", (json.dumps({"records": records}),))
    for model in (None, one(db, "SELECT golden_record.train('PERSON')")):
        db.execute("SELECT golden_record.use_model('PERSON', %s)", (model,))
        precision, recall = quality(db, truth)
        f1 = 2 * precision * recall / (precision + recall)
        with capsys.disabled():
            print(f"\nfake_1000, {'trained' if model else 'as shipped'}: precision {precision:.4f}, recall {recall:.4f}, "
                  f"F1 {f1:.4f}")
        # The shipped weights expect more than five columns to agree in, and wait where birth dates do not agree at all; what the data
        # teaches makes up for it.
        assert (f1 >= 0.93 and precision >= 0.95) if model else (f1 >= 0.70 and precision >= 0.99)
        assert db.execute("SELECT * FROM golden_record.verify('PERSON')").fetchall() == []
