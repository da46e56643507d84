#![allow(clippy::unwrap_used)]
use super::*;
use crate::record::Assertion;
use serde_json::{json, Value as Json};

/// A version of CRM:1, `at` in seconds (or fractions) after some day.
fn version(at: f64, attributes: Json) -> Version {
    Version {
        entity_type: "CUSTOMER".into(),
        record: RecordRef::new("CRM", "1"),
        cross_references: BTreeSet::new(),
        no_entity: false,
        attributes: attributes.as_object().unwrap().iter().map(|(key, value)| (key.into(), value.clone())).collect(),
        timestamp: 1_600_000_000_000_000 + (at * 1e6) as i64,
        sequence: None,
        vector_clock: None,
        source_priority: None,
        region: None,
        deleted: false,
    }
}

fn deletion(at: f64) -> Version {
    Version { deleted: true, ..version(at, json!({})) }
}

fn folded(versions: &[Version]) -> State {
    let mapping = [("mail", "email"), ("email_address", "email"), ("lastName", "company")];
    let mapping = mapping.map(|(key, attribute)| (key.to_owned(), attribute.to_owned())).into();
    fold(&EntityType::customer(), &mapping, &SourceOptions::default(), versions)
}

fn raw_of(state: &State) -> serde_json::Value {
    state.raw().map(|(key, value)| (key.to_owned(), value)).collect::<serde_json::Map<_, _>>().into()
}

/// What the record says of an attribute: value and seconds of the run, and of the earliest statement.
fn held(state: &State, attribute: &str) -> Option<(String, i64, String, i64)> {
    let held = state.held_of(attribute)?;
    let (current, earliest) = (held.current, held.earliest());
    let seconds = |assertion: Assertion| second(assertion.at) - 1_600_000_000;
    Some((current.canonical.into(), seconds(current), earliest.canonical.into(), seconds(earliest)))
}

#[test]
fn the_last_version_that_carries_the_key_counts() {
    let email = |text: &str| json!({ "email": text });
    // versions → (current value, its time, earliest value, its time)
    type Case = (&'static str, Vec<Version>, Option<(&'static str, i64, &'static str, i64)>);
    let cases: Vec<Case> = vec![
        ("one statement", vec![version(1.0, email("a@x.org"))], Some(("a@x.org", 1, "a@x.org", 1))),
        (
            "a newer one replaces it",
            vec![version(1.0, email("a@x.org")), version(2.0, email("b@x.org"))],
            Some(("b@x.org", 2, "a@x.org", 1)),
        ),
        (
            "an unbroken run keeps its beginning",
            vec![version(1.0, email("a@x.org")), version(2.0, email("A@X.ORG"))],
            Some(("a@x.org", 1, "a@x.org", 1)),
        ),
        (
            "an absent key says nothing",
            vec![version(1.0, email("a@x.org")), version(2.0, json!({"city": "Ulm"})), version(3.0, email("a@x.org"))],
            Some(("a@x.org", 1, "a@x.org", 1)),
        ),
        (
            "a broken run begins anew",
            vec![version(1.0, email("a@x.org")), version(2.0, email("b@x.org")), version(3.0, email("a@x.org"))],
            Some(("a@x.org", 3, "a@x.org", 1)),
        ),
        ("null retracts", vec![version(1.0, email("a@x.org")), version(2.0, json!({"email": null}))], None),
        ("empty retracts", vec![version(1.0, email("a@x.org")), version(2.0, email(" "))], None),
        ("a placeholder retracts", vec![version(1.0, email("a@x.org")), version(2.0, email("N/A"))], None),
        (
            "after a retraction all begins anew",
            vec![version(1.0, email("a@x.org")), version(2.0, json!({"email": null})), version(3.0, email("a@x.org"))],
            Some(("a@x.org", 3, "a@x.org", 3)),
        ),
        (
            "what cannot be read says nothing",
            vec![version(1.0, email("a@x.org")), version(2.0, email("no address"))],
            Some(("a@x.org", 1, "a@x.org", 1)),
        ),
        ("a deletion retracts all", vec![version(1.0, email("a@x.org")), deletion(2.0)], None),
        (
            "a deletion before it does not",
            vec![deletion(0.0), version(1.0, email("a@x.org"))],
            Some(("a@x.org", 1, "a@x.org", 1)),
        ),
        (
            "a revived record says what is stated from then on",
            vec![version(1.0, email("a@x.org")), deletion(2.0), version(3.0, json!({"city": "Ulm"}))],
            None,
        ),
    ];
    for (title, versions, expected) in cases {
        let expected = expected.map(|(now, at, first, since)| (now.to_owned(), at, first.to_owned(), since));
        assert_eq!(held(&folded(&versions), "email"), expected, "{title}");
        let reversed: Vec<Version> = versions.into_iter().rev().collect();
        assert_eq!(held(&folded(&reversed), "email"), expected, "{title}, in reverse");
    }
}

#[test]
fn the_strongest_key_that_all_carry_orders() {
    let clock = |counts: &[(&str, u64)]| Some(counts.iter().map(|(node, n)| ((*node).to_owned(), *n)).collect());
    let stated = |name: &str, at: f64| version(at, json!({ "city": name }));
    let sequenced = |name: &str, at: f64, sequence| Version { sequence: Some(sequence), ..stated(name, at) };
    let clocked =
        |name: &str, at: f64, counts: &[(&str, u64)]| Version { vector_clock: clock(counts), ..stated(name, at) };
    let trusted = |name: &str, at: f64, priority| Version { source_priority: Some(priority), ..stated(name, at) };
    let cases: Vec<(&str, Vec<Version>, &str)> = vec![
        ("time", vec![stated("b", 2.0), stated("a", 1.0), stated("c", 3.0)], "abc"),
        ("sequence before time", vec![sequenced("b", 1.0, 2), sequenced("a", 2.0, 1)], "ab"),
        ("a sequence that one lacks does not count", vec![sequenced("b", 2.0, 1), stated("a", 1.0)], "ab"),
        (
            "clock before sequence",
            {
                let first = Version { sequence: Some(2), ..clocked("a", 2.0, &[("n", 1)]) };
                vec![Version { sequence: Some(1), ..clocked("b", 1.0, &[("n", 2)]) }, first]
            },
            "ab",
        ),
        ("a clock that one lacks does not count", vec![clocked("b", 2.0, &[("n", 1)]), stated("a", 1.0)], "ab"),
        ("within a second the lower sourcePriority is later", vec![trusted("b", 1.1, 1), trusted("a", 1.9, 2)], "ab"),
        ("within a second of one priority the time decides", vec![trusted("b", 1.9, 1), trusted("a", 1.1, 1)], "ab"),
        ("across seconds the time decides", vec![trusted("b", 2.0, 2), trusted("a", 1.9, 1)], "ab"),
        ("all equal: the content decides", vec![stated("b", 1.0), stated("a", 1.0)], "ab"),
        (
            "concurrent clocks: the smaller tail first",
            vec![clocked("b", 2.0, &[("n", 1)]), clocked("a", 1.0, &[("m", 1)])],
            "ab",
        ),
        (
            "dominance before tails",
            vec![clocked("c", 1.0, &[("n", 2)]), clocked("b", 5.0, &[("n", 1)]), clocked("a", 3.0, &[("m", 1)])],
            "abc",
        ),
    ];
    for (title, mut versions, expected) in cases {
        for _ in 0..versions.len() {
            versions.rotate_left(1);
            let source = SourceOptions::default();
            let names: String = order(&versions, &source)
                .iter()
                .map(|version| version.attributes.get("city").unwrap().as_str().unwrap())
                .collect();
            assert_eq!(names, expected, "{title}");
        }
    }
    assert!(concurrent(&clocked("a", 1.0, &[("n", 1)]), &clocked("b", 1.0, &[("m", 1)])));
    assert!(!concurrent(&clocked("a", 1.0, &[("n", 1)]), &clocked("b", 1.0, &[("n", 1), ("m", 1)])));
}

#[test]
fn the_run_has_the_priority_of_its_first_version_and_the_spelling_of_its_last() {
    let first = Version { source_priority: Some(3), ..version(1.0, json!({"lastName": "DOE"})) };
    let last = Version { source_priority: Some(1), ..version(2.0, json!({"lastName": "Doe"})) };
    let state = folded(&[last, first]);
    let held = state.held_of("lastName").unwrap();
    assert_eq!((held.current.priority, held.current.display), (3, "Doe"));
    assert_eq!(held.earliest().display, "DOE");
    let source = SourceOptions { priority: Some(5), ..SourceOptions::default() };
    let state = fold(&EntityType::customer(), &BTreeMap::new(), &source, &[version(1.0, json!({"city": "Ulm"}))]);
    assert_eq!(state.held_of("city").unwrap().current.priority, 5);
    assert_eq!(
        folded(&[version(1.0, json!({"city": "Ulm"}))]).held_of("city").unwrap().current.priority,
        DEFAULT_PRIORITY
    );
}

#[test]
fn a_mapped_key_states_its_attribute_unless_another_key_has_precedence() {
    // attributes → (email, raw)
    let cases = [
        (json!({"mail": "a@x.org"}), Some("a@x.org"), json!({})),
        (json!({"mail": "a@x.org", "email": "b@x.org"}), Some("b@x.org"), json!({"mail": "a@x.org"})),
        (json!({"mail": "a@x.org", "email_address": "b@x.org"}), Some("b@x.org"), json!({"mail": "a@x.org"})),
        // A value that can be read comes before none.
        (json!({"mail": "a@x.org", "email": null}), Some("a@x.org"), json!({})),
        (json!({"mail": "a@x.org", "email": "see mail"}), Some("a@x.org"), json!({"email": "see mail"})),
        (json!({"mail": "a@x.org", "email_address": "N/A"}), Some("a@x.org"), json!({"email_address": "N/A"})),
        (json!({"mail": null, "email": null}), None, json!({})),
        (json!({"mail": "nowhere", "email": null}), None, json!({"mail": "nowhere"})),
        (json!({"mail": "unreadable"}), None, json!({"mail": "unreadable"})),
        (json!({"nick": "J", "loyalty": {"level": 2.50}}), None, json!({"nick": "J", "loyalty": {"level": 2.50}})),
    ];
    for (attributes, email, raw) in cases {
        let state = folded(&[version(1.0, attributes)]);
        assert_eq!(state.canonical("email"), email);
        assert_eq!(raw_of(&state), raw);
    }
    // Of countries too, by which phones are read.
    let mapping = [("land", "country"), ("tel", "phoneNumber")].map(|(a, b)| (a.to_owned(), b.to_owned())).into();
    let said = json!({"country": null, "land": "GB", "phoneNumber": "none", "tel": "020 7946 0958"});
    let state = fold(&EntityType::customer(), &mapping, &SourceOptions::default(), &[version(1.0, said)]);
    assert_eq!((state.region(), state.canonical("phoneNumber")), ("GB", Some("+442079460958")));
    // An attribute's own name cannot be mapped away.
    let state = folded(&[version(1.0, json!({"lastName": "Doe"}))]);
    assert!(state.held_of("lastName").is_some() && state.held_of("company").is_none());
}

#[test]
fn what_cannot_be_read_waits_until_the_attribute_is_stated_again() {
    let unreadable = version(1.0, json!({"dateOfBirth": "2023-02-30"}));
    let state = folded(std::slice::from_ref(&unreadable));
    assert!(state.live());
    assert_eq!(state.unreadable().collect::<Vec<_>>(), [("dateOfBirth", "2023-02-30")]);
    assert_eq!(raw_of(&state), json!({"dateOfBirth": "2023-02-30"}));
    for later in [json!({"dateOfBirth": "1980-02-28"}), json!({"dateOfBirth": null})] {
        let state = folded(&[version(2.0, later), unreadable.clone()]);
        assert!(state.unreadable().count() + state.raw().count() == 0);
    }
    // Under another key of the same attribute too.
    let state = folded(&[version(1.0, json!({"mail": "nowhere"})), version(2.0, json!({"email": "a@x.org"}))]);
    assert!(state.unreadable().count() + state.raw().count() == 0);
}

#[test]
fn raw_keys_keep_their_last_statement() {
    let state = folded(&[version(1.0, json!({"a": 1, "b": 1, "c": 1})), version(2.0, json!({"a": 2, "b": null}))]);
    assert_eq!(raw_of(&state), json!({"a": 2, "c": 1}));
}

#[test]
fn cross_references_are_those_last_stated_for_their_system() {
    let naming = |at, references: &[(&str, &str)]| Version {
        cross_references: references.iter().map(|(system, id)| RecordRef::new(*system, *id)).collect(),
        ..version(at, json!({}))
    };
    let names = |versions: &[Version]| -> Vec<String> {
        folded(versions).cross_references().iter().map(|r| format!("{}:{}", r.system, r.id)).collect()
    };
    let first = naming(1.0, &[("ERP", "1"), ("ERP", "2"), ("entity", "E")]);
    assert_eq!(names(std::slice::from_ref(&first)), ["ERP:1", "ERP:2", "entity:E"]);
    assert_eq!(names(&[naming(2.0, &[("ERP", "3")]), first.clone()]), ["ERP:3", "entity:E"]);
    assert_eq!(names(&[naming(2.0, &[]), first.clone()]), ["ERP:1", "ERP:2", "entity:E"]);
    let without = |at| Version { no_entity: true, ..naming(at, &[]) };
    assert_eq!(names(&[without(2.0), first.clone()]), ["ERP:1", "ERP:2"]);
    assert_eq!(names(&[without(0.0), first.clone()]), ["ERP:1", "ERP:2", "entity:E"]);
    assert_eq!(names(&[without(2.0), first.clone(), naming(3.0, &[("entity", "F")])]), ["ERP:1", "ERP:2", "entity:F"]);
    assert_eq!(names(&[first, deletion(3.0)]), [] as [&str; 0]);
}

#[test]
fn a_phone_is_read_by_the_country_in_force_when_it_was_stated() {
    let phone = |at| version(at, json!({"phoneNumber": "020 7946 0958"}));
    let country = |at, code: &str| version(at, json!({ "country": code }));
    let british = "+442079460958";
    let cases = [
        ("stated together", vec![version(1.0, json!({"phoneNumber": "020 7946 0958", "country": "GB"}))], "GB", true),
        ("stated before", vec![country(1.0, "GB"), phone(2.0)], "GB", true),
        ("stated first afterwards", vec![phone(1.0), country(2.0, "GB")], "GB", true),
        ("moved since", vec![country(1.0, "GB"), phone(2.0), country(3.0, "FR")], "FR", true),
        ("no country", vec![phone(1.0)], "US", false),
        ("retracted before", vec![country(1.0, "GB"), version(2.0, json!({"country": null})), phone(3.0)], "US", false),
    ];
    for (title, versions, region, expected) in cases {
        let state = folded(&versions);
        assert_eq!(state.region(), region, "{title}");
        assert_eq!(state.canonical("phoneNumber") == Some(british), expected, "{title}");
    }
    let source = SourceOptions { region: Some("GB".into()), ..SourceOptions::default() };
    let state = fold(&EntityType::customer(), &BTreeMap::new(), &source, &[phone(1.0)]);
    assert_eq!((state.region(), state.canonical("phoneNumber")), ("GB", Some(british)));
    // The version's own region comes between the two, and states no country.
    for (country, own, region) in [
        (json!(null), "France", "FR"),
        (json!("Narnia"), "FRA", "FR"),
        (json!("DE"), "FR", "DE"),
        (json!(null), "", "GB"),
        (json!(null), "Narnia", "GB"),
    ] {
        let stated = version(1.0, json!({"phoneNumber": "01 42 68 53 00", "country": country}));
        let stated = Version { region: Some(own.into()), ..stated };
        let state = fold(&EntityType::customer(), &BTreeMap::new(), &source, &[stated]);
        assert_eq!((state.region(), state.canonical("country").is_some()), (region, region == "DE"), "{own}");
        assert_eq!(state.canonical("phoneNumber") == Some("+33142685300"), region == "FR", "{own}");
    }
}

#[test]
fn the_region_it_was_last_sent_with_counts() {
    let phone = |at| version(at, json!({"phoneNumber": "030 123456"}));
    let sent = |at, region: &str| Version { region: Some(region.into()), ..version(at, json!({})) };
    let berlin = Some("+4930123456");
    for (title, versions, region, number) in [
        ("a later version says nothing of it", vec![sent(1.0, "DE"), phone(2.0)], "DE", berlin),
        ("sent first afterwards", vec![phone(1.0), sent(2.0, "DE")], "DE", berlin),
        ("another since", vec![sent(1.0, "DE"), phone(2.0), sent(3.0, "FR")], "FR", berlin),
        ("taken back before", vec![sent(1.0, "DE"), sent(2.0, ""), phone(3.0)], "US", Some("+1030123456")),
        ("one that is none says nothing", vec![sent(1.0, "DE"), sent(2.0, "Narnia"), phone(3.0)], "DE", berlin),
        ("deleted since", vec![sent(1.0, "DE"), deletion(2.0), phone(3.0)], "US", Some("+1030123456")),
    ] {
        let state = folded(&versions);
        assert_eq!((state.region(), state.canonical("phoneNumber")), (region, number), "{title}");
        let reversed: Vec<Version> = versions.into_iter().rev().collect();
        assert!(folded(&reversed) == state, "{title}, in reverse");
    }
}

#[test]
fn ten_thousand_versions_fold_at_once() {
    let versions: Vec<Version> = (0..10_000)
        .map(|n| version(f64::from(n % 100), json!({"city": format!("c{n}"), "email": "a@x.org"})))
        .collect();
    assert_eq!(folded(&versions).held_of("email").unwrap().current.at, 1_600_000_000_000_000);
    let chain = |n: u64| Some([("n".to_owned(), n)].into());
    let chained: Vec<Version> = (0..).zip(versions).map(|(n, v)| Version { vector_clock: chain(n), ..v }).collect();
    assert_eq!(folded(&chained).canonical("city"), Some("c9999"));
}
