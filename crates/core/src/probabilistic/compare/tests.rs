#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::columns::Columns;
use crate::entity::{Attribute, EntityType, Options, Policy};
use crate::kind::Kind;
use crate::normalise::{read, Context};
use crate::probabilistic::features::NONE;
use crate::probabilistic::levels::{address, date, email, family, given, number, MISSING};
use crate::probabilistic::Dataset;
use crate::record::{Draft, Node, RecordRef, Run, State, Stated};
use crate::threads::Threads;
use crate::value::Reading;
use proptest::prelude::*;

/// A type of records with an attribute of each of `kinds`.
fn entity(kinds: &[Kind]) -> EntityType {
    let attributes = kinds.iter().map(|kind| Attribute::new(kind.name(), *kind)).collect();
    EntityType {
        name: "X".into(),
        attributes,
        policy: Policy::Probabilistic,
        options: Options::of(Policy::Probabilistic),
    }
}

fn state(kinds: &[Kind], said: &[&str]) -> State {
    let mut draft = Draft { live: true, ..Draft::default() };
    for (kind, text) in kinds.iter().zip(said) {
        match read(*kind, text, &Context::default()) {
            Reading::Value(value) => {
                draft.held.insert(kind.name().into(), Run::of(Stated { value, at: 0, priority: 0 }));
            }
            Reading::Unreadable => {
                draft.unreadable.insert(kind.name().into(), (*text).into());
            }
            Reading::Nothing => {}
        }
    }
    draft.into()
}

/// The levels of the first comparison of two records that say so of `kinds`.
fn levels(kinds: &[Kind], a: &[&str], b: &[&str]) -> [u8; 4] {
    let (entity, reference) = (entity(kinds), RecordRef::new("s", "1"));
    let states = [a, b].map(|said| state(kinds, said));
    let nodes = states.each_ref().map(|state| Node { reference: &reference, state });
    let columns = Columns::of(&entity, &nodes, Threads::ALONE).judge(&entity, &|_| false);
    let data = Dataset::of(&entity, &columns);
    let mut out = [MISSING; 4];
    let [x, y] = [0, 1].map(|record| data.row(record).first().copied().unwrap_or(NONE));
    if x != NONE && y != NONE {
        compare(&data.fields[0], 0, &mut Memo::default(), x, y, &mut out);
    }
    out
}

fn level(kind: Kind, a: &str, b: &str) -> u8 {
    levels(&[kind], &[a], &[b])[0]
}

proptest! {
    #[test]
    fn two_values_agree_as_well_from_either_side(
        kind in proptest::sample::select(Kind::ALL.to_vec()),
        a in ["[a-c0-2 ]{0,6}", "([ab]{1,2} ?){0,5}"], b in ["[a-c0-2 ]{0,6}", "([ab]{1,2} ?){0,5}"],
    ) {
        for (a, b) in a.iter().zip(&b) {
            prop_assert_eq!(level(kind, a, b), level(kind, b, a), "{:?}: {:?} {:?}", kind, a, b);
        }
    }

    #[test]
    fn two_names_agree_as_well_from_either_side(
        a in ["[ab]{0,3}( [ab]{1,2})?", "[ab]{0,3}( [ab]{1,2})?", "([ab]{1,3} ?){0,3}"],
        b in ["[ab]{0,3}( [ab]{1,2})?", "[ab]{0,3}( [ab]{1,2})?", "([ab]{1,3} ?){0,3}"],
    ) {
        let kinds = [Kind::GivenName, Kind::FamilyName, Kind::FullName];
        let [a, b] = [&a, &b].map(|said| said.each_ref().map(String::as_str));
        prop_assert_eq!(levels(&kinds, &a, &b), levels(&kinds, &b, &a));
    }

    #[test]
    fn two_addresses_agree_as_well_from_either_side(
        a in ["[12]? ?([ab]{1,2} ?){0,2}(st|rd)?", "[ab]{0,2}", "[12]{0,5}"],
        b in ["[12]? ?([ab]{1,2} ?){0,2}(st|rd)?", "[ab]{0,2}", "[12]{0,5}"],
    ) {
        let kinds = [Kind::Street, Kind::City, Kind::Postcode];
        let [a, b] = [&a, &b].map(|said| said.each_ref().map(String::as_str));
        prop_assert_eq!(levels(&kinds, &a, &b), levels(&kinds, &b, &a));
    }
}

#[test]
fn a_number_that_begins_a_text_is_like_it_from_either_side() {
    for (a, b) in [("1822direkt", "1822"), ("1822", "1822direkt"), ("12b", "12")] {
        assert_eq!(level(Kind::Organization, a, b), text::SIMILAR, "{a} {b}");
    }
    assert_eq!(level(Kind::Text, "12", "1234"), text::DIFFERENT);
}

#[test]
fn a_word_that_is_said_twice_is_shared_once_from_either_side() {
    let (a, b) = ("New York New Jersey Ferry", "New Harbour Ferry");
    for kind in [Kind::Organization, Kind::Text] {
        assert_eq!([level(kind, a, b), level(kind, b, a)], [text::DIFFERENT; 2]);
    }
}

#[test]
fn long_texts_are_equal_or_different_at_once() {
    let long = |last: &str| "a note ".repeat(10_000) + last;
    let words = |from: usize| (from..from + 15_000).map(|word| format!("{word} ")).collect::<String>();
    assert_eq!(level(Kind::Text, &long("x"), &long("x")), text::EXACT);
    assert_eq!(level(Kind::Text, &long("x"), &long("y")), text::DIFFERENT);
    assert_eq!(level(Kind::Text, &words(0), &words(7_000)), text::DIFFERENT);
    // What is too long to be read is no slip of a name.
    let name = |letter: &str| letter.repeat(1_000_000);
    assert_eq!(level(Kind::GivenName, &name("ab"), &name("abc")), MISSING);
    assert_eq!(level(Kind::GivenName, &name("ab"), &name("ab")), MISSING);
}

#[test]
fn tags_of_a_mailbox_count_where_its_provider_may_know_them() {
    assert_eq!(level(Kind::Email, "amazon+302@shop.example", "amazon+303@shop.example"), email::SAME_LOCAL);
    assert_eq!(level(Kind::Email, "amazon+302@shop.example", "amazon+302@shop.example"), email::EXACT);
    assert_eq!(level(Kind::Email, "john.doe+news@x.example", "john.doe@x.example"), email::EXACT);
    assert_eq!(level(Kind::Email, "john.doe+news@gmail.com", "johndoe+shop@gmail.com"), email::EXACT);
}

#[test]
fn streets_without_a_city_are_told_apart() {
    let kinds = [Kind::Street, Kind::City, Kind::Postcode];
    let street = |a: &str, b: &str| levels(&kinds, &[a, "", "10115"], &[b, "", "10115"])[0];
    assert_eq!(street("Lange Straße 5", "Lange Straße 77"), address::POSTCODE);
    assert_eq!(street("12 St James Road", "12 St Marys Road"), address::POSTCODE);
    assert_eq!(street("Calle Santa Ana 5", "Calle Santa Clara 9"), address::POSTCODE);
    // A whole address in one line.
    let place = levels(&kinds, &["12 Main Street Springfield", "", ""], &["12 Main St", "Springfield", ""]);
    assert_eq!(place[0], address::EXACT);
}

#[test]
fn whoever_acts_for_somebody_lends_him_no_name() {
    let name = |a: &str, b: &str| levels(&[Kind::FullName], &[a], &[b]);
    for full in ["The Executors of the late John Smith", "Estate of Mr. John Smith"] {
        assert_eq!(name(full, "John Smith")[..2], [given::EXACT, family::EXACT], "{full}");
        assert_eq!(name(full, "The Executors of James Brown")[..2], [given::DIFFERENT, family::DIFFERENT], "{full}");
    }
    // A Vietnamese name.
    assert_eq!(name("The Anh Nguyen", "Anh Nguyen")[0], given::NICKNAME);
    for nobody in ["The Occupier", "Current Resident", "Occupant"] {
        assert_eq!(name(nobody, nobody), [MISSING; 4], "{nobody}");
    }
    let twin = |number: &str| levels(&[Kind::GivenName, Kind::FamilyName], &["Twin 1", "Roe"], &[number, "Roe"])[0];
    assert_eq!(["Twin 1", "Twin 2", "Twin"].map(twin), [given::EXACT, given::DIFFERENT, given::EXACT]);
}

#[test]
fn numbers_have_a_sign_and_a_point() {
    for (a, b, expected) in [
        ("1.5", "15", number::DIFFERENT),
        ("-5", "5", number::DIFFERENT),
        ("33.8", "-33.8", number::TYPO),
        ("1.5", "1.7", number::TYPO),
        ("-1", "1", number::NEAR),
        ("1,500", "1500.0", number::EXACT),
        ("38", "40", number::NEAR),
    ] {
        assert_eq!(level(Kind::Number, a, b), expected, "{a} {b}");
    }
}

#[test]
fn a_date_that_no_calendar_has_is_compared_from_its_year_on() {
    for impossible in ["31/04/1980", "04/31/1980", "1980-04-31"] {
        assert_eq!(level(Kind::Date, impossible, "1980-04-30"), date::TYPO, "{impossible}");
    }
}
