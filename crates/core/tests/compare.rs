//! Similarity, contradiction and masks: what a steward would expect, and what must hold for every pair.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use golden_record_core::kind::Kind;
use golden_record_core::mask::mask;
use golden_record_core::normalise::compare;
use golden_record_core::normalise::date::dates_contradict;
use golden_record_core::normalise::name::{are_nicknames, generation_of, given_names_contradict};
use golden_record_core::score::guide::name_bonus;
use golden_record_core::similarity::{name_similarity, similarity, Method};
use proptest::prelude::*;
use std::cmp::Ordering;

#[test]
fn names_that_a_steward_should_see_are_similar() {
    for (a, b) in [
        ("john doe", "jon doe"),
        ("john doe", "doe john"),
        ("john doe", "john michael doe"),
        ("robert doe", "bob doe"),
        ("j doe", "john doe"),
        ("mary ann smith", "maryann smith"),
        ("john smith", "john smith jr"),
        ("john smith", "john smyth"),
        ("katherine oneil", "kate oneil"),
    ] {
        let s = name_similarity(a, b);
        assert!((0.95..=1.0).contains(&s), "{a} / {b}: {s}");
    }
    for (a, b) in [
        ("john doe", "jane doe"),
        ("mark doe", "marsha doe"),
        ("mary smith", "mark smith"),
        ("john smith jr", "john smith sr"),
        ("john doe", "john smith"),
        ("john", "john doe"),
        ("maria garcia", "jose garcia"),
    ] {
        let s = name_similarity(a, b);
        assert!(s < 0.945, "{a} / {b}: {s}");
    }
    assert_eq!(similarity("Dr. John Doe", "DOE, JOHN", Method::Name), 1.0);
    // Father and son whose suffixes are nearly one word.
    assert_eq!(name_similarity("john smith ii", "john smith iii"), 0.9);
    // A name that is similar enough adds to the same phone, from 0.95 on.
    assert!(name_bonus(Some(0.95)) > 0 && name_bonus(Some(0.949_999)) == 0);
}

#[test]
fn measures() {
    let near = |a: f64, b: f64| (a - b).abs() < 1e-3;
    // The examples of Winkler (1990) and Jaro (1989).
    assert!(near(similarity("MARTHA", "MARHTA", Method::JaroWinkler), 0.961));
    assert!(near(similarity("DWAYNE", "DUANE", Method::JaroWinkler), 0.840));
    assert!(near(similarity("kitten", "sitting", Method::Levenshtein), 1.0 - 3.0 / 7.0));
    assert!(near(similarity("ca", "ac", Method::DamerauLevenshtein), 0.5));
    assert!(near(similarity("night", "nacht", Method::Dice), 0.25));
    for method in Method::ALL {
        assert_eq!(similarity("", "", method), 1.0);
        assert_eq!(similarity("", "a", method), 0.0);
        assert_eq!(Method::parse(method.name()), Some(method));
        let long = "a".repeat(10_000_000);
        assert_eq!(similarity(&long, "a", method), 0.0);
        assert_eq!(similarity(&long, &long, method), 1.0);
    }
    assert_eq!(Method::parse("soundex"), None);
}

#[test]
fn nicknames() {
    for (a, b) in [
        ("bob", "robert"),
        ("bob", "rob"),
        ("peggy", "margaret"),
        ("bill", "william"),
        ("liz", "elizabeth"),
        ("alex", "alexander"),
        ("alex", "alexandra"),
        ("pepe", "jose"),
        ("sepp", "josef"),
        ("uschi", "ursula"),
        ("sasha", "alexander"),
        ("jack", "john"),
        ("dick", "richard"),
        ("pat", "patricia"),
        ("kate", "catherine"),
    ] {
        assert!(are_nicknames(a, b) && are_nicknames(b, a), "{a} {b}");
    }
    for (a, b) in [
        ("alexander", "alexandra"),
        ("john", "jane"),
        ("mark", "marsha"),
        ("robert", "robert"),
        ("bob", "bill"),
        ("patrick", "patricia"),
        ("christopher", "christine"),
        ("samuel", "samantha"),
        ("", ""),
        ("daniel", "danielle"),
    ] {
        assert!(!are_nicknames(a, b), "{a} {b}");
    }
}

#[test]
fn given_names() {
    let contradict = |a: &str, b: &str| given_names_contradict(Some(a), Some("doe"), Some(b), Some("doe"));
    for (a, b) in [
        ("john", "john"),
        ("john", "jon"),
        ("jhon", "john"),
        ("robert", "bob"),
        ("j", "john"),
        ("j m", "john"),
        ("anna", "anna maria"),
        ("maria", "anna maria"),
        ("mary", "mary ann"),
        ("maryann", "mary ann"),
        ("johann sebastian", "sebastian"),
        ("bob", "robert james"),
        ("elisabeth", "elizabteh"),
        ("sara", "sarah"),
        ("catherine", "katherine"),
        ("cristina", "christina"),
        ("kelli", "kelly"),
        ("michael", "micheal"),
        ("paul", "pault"),
    ] {
        assert!(!contradict(a, b), "{a} / {b}");
    }
    for (a, b) in [
        ("mark", "marsha"),
        ("john", "jane"),
        ("john", "peter"),
        ("anna maria", "anna sophie"),
        ("j", "peter"),
        ("william", "wendell"),
        ("maria", "marcus"),
        // A typo of neither: people bear both.
        ("paul", "paula"),
        ("daniel", "daniela"),
        ("simon", "simone"),
        ("andre", "andrea"),
        ("tim", "tom"),
        ("dan", "don"),
        ("christian", "christina"),
        ("anna lena", "anna lina"),
    ] {
        assert!(contradict(a, b), "{a} / {b}");
    }
    // Two slips take eight letters, and one letter out of its place takes five.
    let alone = |a: &str, b: &str| given_names_contradict(Some(a), None, Some(b), None);
    assert!(alone("bertild", "bretold") && !alone("bertilda", "bretolda"));
    assert!(alone("lisu", "lsui") && !alone("lisuk", "lsuik"));
    let swapped = given_names_contradict(Some("doe"), Some("john"), Some("john"), Some("doe"));
    assert!(!swapped);
    assert!(given_names_contradict(Some("doe"), None, Some("john"), Some("doe")));
    assert!(!given_names_contradict(None, Some("doe"), Some("john"), Some("doe")));
    assert_eq!(generation_of("John Smith, Jr."), Some(2));
    assert_eq!(generation_of("smith iii"), Some(3));
    assert_eq!(generation_of("smith"), None);
    assert_eq!(generation_of("junior"), None);
}

#[test]
fn birth_dates() {
    for (a, b) in [
        ("1956-04-09", "1956-04-09"),
        ("1956-04-09", "1956-04-08"),
        ("1956-04-09", "1965-04-09"),
        ("1956-04-09", "1956-09-04"),
        ("1956-04-09", "1956"),
        ("1956-04-09", ""),
    ] {
        assert!(!dates_contradict(a, b), "{a} / {b}");
    }
    for (a, b) in [("1956-04-09", "1956-05-08"), ("1956-04-09", "1984-12-31"), ("1956-04-09", "1957-09-04")] {
        assert!(dates_contradict(a, b), "{a} / {b}");
    }
}

#[test]
fn order() {
    for (kind, less, more) in [
        (Kind::Number, "9", "10"),
        (Kind::Number, "-10", "-9"),
        (Kind::Number, "-1", "0.5"),
        (Kind::Number, "1.05", "1.5"),
        (Kind::Number, "123456789012345678901234567890", "123456789012345678901234567891"),
        (Kind::Timestamp, "2023-10-15T14:30:00Z", "2023-10-15T14:30:00.5Z"),
        (Kind::Timestamp, "2023-10-15T14:30:00.05Z", "2023-10-15T14:30:00.5Z"),
        (Kind::Date, "1956-04-09", "1956-10-01"),
        (Kind::Text, "a", "b"),
    ] {
        assert_eq!(compare(kind, less, more), Ordering::Less, "{less} < {more}");
        assert_eq!(compare(kind, more, less), Ordering::Greater, "{more} > {less}");
        assert_eq!(compare(kind, less, less), Ordering::Equal);
    }
}

#[test]
fn masks() {
    for (kind, value, masked) in [
        (Kind::Email, "john.doe@example.com", "j***@e***.com"),
        (Kind::Email, "j@e.com", "j***@e***.com"),
        (Kind::Email, "nonsense", "***"),
        (Kind::Phone, "+15550198", "***98"),
        (Kind::Phone, "+1 (555) 123-4567", "***67"),
        (Kind::Phone, "12345", "***"),
        (Kind::GivenName, "John", "J***"),
        (Kind::GivenName, "Émile", "É***"),
        (Kind::GivenName, "J", "***"),
        (Kind::FullName, "J Doe", "*** D***"),
        (Kind::FullName, "J D", "***"),
        (Kind::FullName, "John Michael Doe", "J*** D***"),
        (Kind::Date, "1956-04-09", "1956-***"),
        (Kind::Date, "4/9/1956", "***"),
        (Kind::Street, "12 Main Street", "***"),
        (Kind::Postcode, "10115", "***"),
        (Kind::Text, "", "***"),
    ] {
        assert_eq!(mask(value, kind), masked, "{} {value}", kind.name());
    }
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-e]{1,9}( [a-e]{1,9}){0,3}",
        "(john|jon|bob|robert|anna maria|anna|mary|j|alex|doe|smith)( (doe|jr|sr|smith|ii))?",
        any::<String>()
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn both_ways_the_same(a in name(), b in name(), c in name(), d in name()) {
        for method in Method::ALL {
            let s = similarity(&a, &b, method);
            prop_assert_eq!(s.to_bits(), similarity(&b, &a, method).to_bits(), "{:?}", method);
            prop_assert!((0.0..=1.0).contains(&s));
            prop_assert_eq!(similarity(&a, &a, method), 1.0);
        }
        prop_assert_eq!(are_nicknames(&a, &b), are_nicknames(&b, &a));
        prop_assert_eq!(
            given_names_contradict(Some(&a), Some(&c), Some(&b), Some(&d)),
            given_names_contradict(Some(&b), Some(&d), Some(&a), Some(&c))
        );
        prop_assert!(!given_names_contradict(Some(&a), Some(&c), Some(&a), Some(&d)));
    }

    #[test]
    fn dates_both_ways_the_same(a in "[12][09][0-9]{2}-[01][0-9]-[0-3][0-9]", b in "[12][09][0-9]{2}-[01][0-9]-[0-3][0-9]") {
        prop_assert_eq!(dates_contradict(&a, &b), dates_contradict(&b, &a));
    }

    #[test]
    fn a_mask_hides(value in any::<String>()) {
        for kind in Kind::ALL {
            let masked = mask(&value, kind);
            prop_assert!(masked.contains("***"));
            prop_assert_eq!(&masked, &mask(&value, kind));
        }
    }
}
