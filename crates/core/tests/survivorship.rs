//! Properties of the way from payload to golden values: the order of the input never decides, nothing is counted
//! twice, and what is stored is read back as it was.
#![allow(clippy::unwrap_used)]

use golden_record_core::entity::EntityType;
use golden_record_core::fold::{fold, order};
use golden_record_core::merge::merge_golden;
use golden_record_core::pack::{pack_version, unpack_version};
use golden_record_core::payload::{parse, parse_record, Surroundings};
use golden_record_core::record::{ByName, Draft, Node, RecordRef, State, Version};
use golden_record_core::source::SourceOptions;
use golden_record_core::survive::{survive, Action, Choice, Rules};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option::{of, weighted};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{json, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Few different values, so that ties, runs, retractions and contradictions are common.
fn attribute() -> impl Strategy<Value = (String, Value)> {
    let values = |key: &'static str, values: Vec<Value>| select(values).prop_map(move |value| (key.to_owned(), value));
    prop_oneof![
        values(
            "email",
            vec![json!("a@x.org"), json!("B@x.org"), json!("b@X.ORG "), json!(null), json!(""), json!("no")]
        ),
        values("mail", vec![json!("a@x.org"), json!("c@x.org"), json!(7), json!(null)]),
        values("phoneNumber", vec![json!("020 7946 0958"), json!("212 555 0123"), json!("N/A"), json!(null)]),
        values("country", vec![json!("GB"), json!("us"), json!("Atlantis"), json!(null)]),
        values("lastName", vec![json!("Doe"), json!("DOE"), json!("Roe"), json!(null)]),
        values("lastPurchaseDate", vec![json!("2023-10-15"), json!("2022-01-01T00:00:00Z"), json!("2023-02-30")]),
        values("nick", vec![json!("J"), json!({"a": [1, 2.50, true]}), json!(1000), json!(null)]),
    ]
}

fn version() -> impl Strategy<Value = Version> {
    let reference = select(vec![("ERP", "1"), ("ERP", "2"), ("Web", "1"), (RecordRef::ENTITY, "E")])
        .prop_map(|(system, id)| RecordRef::new(system, id));
    let clock = btree_map("[ab]", 0_u64..3, 0..=2);
    (
        vec(attribute(), 0..5),
        (0_i64..3, select(vec![0_i64, 1, 999_999])),
        weighted(0.8, 0_i64..3),
        weighted(0.8, clock),
        of(1_i32..3),
        prop::bool::weighted(0.1),
        btree_set(reference, 0..3),
        (of(select(vec!["GB", "FR", "Narnia"])), prop::bool::weighted(0.1)),
    )
        .prop_map(
            |(
                attributes,
                (second, micros),
                sequence,
                vector_clock,
                source_priority,
                deleted,
                cross_references,
                more,
            )| {
                let (region, no_entity) = more;
                let named = cross_references.iter().any(|reference: &RecordRef| reference.system == RecordRef::ENTITY);
                Version {
                    entity_type: "CUSTOMER".into(),
                    record: RecordRef::new("CRM", "1"),
                    cross_references,
                    attributes: attributes.into_iter().map(|(key, value)| (key.into(), value)).collect(),
                    timestamp: (1_600_000_000 + second) * 1_000_000 + micros,
                    sequence,
                    vector_clock,
                    source_priority,
                    region: region.map(Into::into),
                    no_entity: no_entity && !named,
                    deleted,
                }
            },
        )
}

/// A source's versions: all with sequence and clock, or without, or mixed.
fn versions() -> impl Strategy<Value = Vec<Version>> {
    (vec(version(), 0..8), any::<bool>(), any::<bool>()).prop_map(|(mut versions, clocks, sequences)| {
        for (n, version) in versions.iter_mut().enumerate() {
            if clocks {
                version.vector_clock.get_or_insert_with(|| [("a".to_owned(), n as u64 % 3)].into());
            }
            if sequences {
                version.sequence.get_or_insert(n as i64 % 3);
            }
        }
        versions
    })
}

fn shuffled<T: Clone + std::fmt::Debug>(
    items: impl Strategy<Value = Vec<T>>,
) -> impl Strategy<Value = (Vec<T>, Vec<T>)> {
    items.prop_flat_map(|items| (Just(items.clone()), Just(items).prop_shuffle()))
}

/// Versions print nothing of theirs; failing cases are read from their content.
#[derive(Clone)]
struct Shown(Version);

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.content())
    }
}

fn shown() -> impl Strategy<Value = Vec<Shown>> {
    versions().prop_map(|versions| versions.into_iter().map(Shown).collect())
}

fn folded(versions: &[Version]) -> State {
    let mapping = [("mail".to_owned(), "email".to_owned())].into();
    fold(&EntityType::customer(), &mapping, &SourceOptions::default(), versions)
}

fn bare(versions: &[Shown]) -> Vec<Version> {
    versions.iter().map(|shown| shown.0.clone()).collect()
}

fn surroundings<R>(use_them: impl FnOnce(&Surroundings) -> R) -> R {
    let source = |_: &str| Arc::new(SourceOptions::default());
    use_them(&Surroundings { source: &source, known: &|name| name == "CUSTOMER", now: None })
}

/// The actions for attributes of every kind.
fn choosing() -> Vec<Action> {
    Action::ALL.into_iter().filter(|action| !matches!(action, Action::Consent | Action::Aggregate)).collect()
}

/// Rules for every attribute that is generated here, with some systems listed.
fn rules() -> impl Strategy<Value = Value> {
    let rule = (select(choosing()), Just(vec!["CRM", "Web", "ERP"]).prop_shuffle(), 0_usize..=3).prop_map(
        |(action, systems, listed)| {
            let list: Vec<Value> =
                (1..).zip(&systems[..listed]).map(|(n, s)| json!({"systemName": s, "order": n})).collect();
            json!({"action": action.name(), "sourcePriority": list})
        },
    );
    btree_map(select(vec!["email", "phoneNumber", "lastName", "lastPurchaseDate", "country"]), rule, 0..5)
        .prop_map(|rules| json!(rules))
}

/// Records of a few sources, as text.
fn records() -> impl Strategy<Value = Vec<String>> {
    let named = (version(), select(vec!["CRM", "Web", "ERP", "Tel"]), "[12]")
        .prop_map(|(version, system, id)| Version { record: RecordRef::new(system, id), ..version }.content());
    vec(named, 0..10)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_fold_does_not_depend_on_the_order_of_arrival((versions, other) in shuffled(shown())) {
        prop_assert!(folded(&bare(&versions)) == folded(&bare(&other)));
    }

    #[test]
    fn a_version_counts_once_however_often_it_comes(versions in shown(), again in any::<prop::sample::Index>()) {
        let mut twice = bare(&versions);
        if !twice.is_empty() {
            twice.push(twice[again.index(twice.len())].clone());
        }
        prop_assert!(folded(&bare(&versions)) == folded(&twice));
    }

    #[test]
    fn no_version_comes_before_one_it_has_seen(versions in shown()) {
        let versions = bare(&versions);
        let source = SourceOptions::default();
        let ordered = order(&versions, &source);
        prop_assert_eq!(ordered.len(), versions.len());
        if versions.iter().all(|version| version.vector_clock.is_some()) {
            let count = |version: &Version, node: &str| version.vector_clock.as_ref().unwrap().get(node).copied().unwrap_or(0);
            for (place, later) in ordered.iter().enumerate() {
                for earlier in &ordered[..place] {
                    let seen = ["a", "b"].iter().all(|node| count(earlier, node) >= count(later, node));
                    let more = ["a", "b"].iter().any(|node| count(earlier, node) > count(later, node));
                    prop_assert!(!(seen && more));
                }
            }
        }
    }

    #[test]
    fn a_deleted_record_says_nothing(versions in shown()) {
        let mut versions = bare(&versions);
        for version in &mut versions {
            (version.vector_clock, version.sequence) = (None, None);
        }
        versions.push(deletion(1_700_000_000_000_000));
        let state = folded(&versions);
        let nothing = State::from(Draft { region: "US".into(), ..Draft::default() });
        prop_assert!(state == nothing);
    }

    #[test]
    fn what_is_packed_is_read_back_and_content_accepted_as_it_is(versions in shown()) {
        for version in bare(&versions) {
            let text = version.content();
            prop_assert!(unpack_version(&pack_version(&version)).unwrap().0 == version);
            let parsed = surroundings(|s| parse_record(&text, s));
            prop_assert!(parsed.is_ok_and(|parsed| parsed == version));
        }
    }

    #[test]
    fn a_merge_does_not_depend_on_order_or_repetition((records, other) in shuffled(records()), rules in rules()) {
        let merged = |records: &[String]| {
            merge_golden(&records.iter().map(String::as_str).collect::<Vec<_>>(), &rules).unwrap()
        };
        let golden = merged(&records);
        prop_assert_eq!(&golden, &merged(&other));
        let twice: Vec<String> = records.iter().chain(&other).cloned().collect();
        prop_assert_eq!(&golden, &merged(&twice));
    }

    #[test]
    fn without_its_losers_a_value_still_survives(records in records(), rules in rules()) {
        let entity = EntityType::customer();
        let rules = Rules::parse(&rules, &entity).unwrap();
        let mut by_record: BTreeMap<RecordRef, Vec<Version>> = BTreeMap::new();
        for text in &records {
            let Ok(version) = surroundings(|s| parse_record(text, s)) else { return Err(TestCaseError::fail("refused")) };
            by_record.entry(version.record.clone()).or_default().push(version);
        }
        let states: Vec<_> = by_record.into_iter().map(|(reference, versions)| (reference, folded(&versions))).collect();
        let members: Vec<Node> = states.iter().map(|(reference, state)| Node { reference, state }).collect();
        for (attribute, survivor) in survive(&entity, &rules, &members) {
            if survivor.action == Choice::Rule(Action::Union) {
                continue; // Its losers are part of the value.
            }
            let asserting = members.iter().filter(|m| m.state.live() && m.state.held_of(&attribute).is_some()).count();
            prop_assert_eq!(survivor.losers.len() + 1, asserting);
            let alone: Vec<Node> = members.iter().filter(|m| *m.reference == survivor.winner).copied().collect();
            let again = survive(&entity, &rules, &alone).remove(&attribute).unwrap();
            let same = again.value == survivor.value && again.at == survivor.at;
            prop_assert!(same);
        }
    }

    #[test]
    fn no_text_makes_the_parser_stumble(records in vec(".{0,40}", 1..4), cut in any::<prop::sample::Index>(), junk in ".{0,6}") {
        let record = json!({"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": "CRM", "id": "1"}],
            "attributes": {"notes": records}, "timestamp": "2023-10-27T10:00:00Z"});
        let whole = json!({"records": [record, record]}).to_string();
        let entries = surroundings(|s| parse(&whole, s));
        prop_assert_eq!(entries.len(), 2);
        // Damage the text anywhere: it is refused as a whole, in part, or still right.
        let mut place = cut.index(whole.len());
        while !whole.is_char_boundary(place) {
            place -= 1;
        }
        let damaged = format!("{}{junk}{}", &whole[..place], &whole[place..]);
        for entry in surroundings(|s| parse(&damaged, s)) {
            if let Err(refused) = entry.outcome {
                prop_assert!(!refused.refusal.reason.is_empty() && damaged.contains(&refused.payload));
            }
        }
    }
}

fn deletion(timestamp: i64) -> Version {
    Version {
        entity_type: "CUSTOMER".into(),
        record: RecordRef::new("CRM", "1"),
        cross_references: Default::default(),
        attributes: ByName::new(),
        timestamp,
        sequence: None,
        vector_clock: None,
        source_priority: None,
        region: None,
        no_entity: false,
        deleted: true,
    }
}
