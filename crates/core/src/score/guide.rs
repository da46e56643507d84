//! The policy `guide`: same email (or an equal cross-reference) 100, same phone 80, with a similar full name up to
//! 99; and what vetoes an automatic merge.

use super::features::{Features, Named};
use super::{Evidence, Score};
use crate::block::{Key, Space};
use crate::entity::EntityType;
use crate::kind::Kind;
use crate::normalise::{self, date::dates_contradict, name::given_names_contradict, Context};
use crate::record::{Draft, Run, State, Stated};
use crate::similarity::name_similarity;
use crate::value::Reading;
use serde_json::{Map, Value as Json};

/// Points for the same normalised email or an equal cross-reference, in 1/1000.
pub const SAME_EMAIL: i64 = 100_000;
/// Points for the same phone, in 1/1000.
pub const SAME_PHONE: i64 = 80_000;
/// What an equal full name adds to the same phone, in 1/1000; a similar one adds in proportion.
const SAME_NAME: f64 = 19_000.0;
/// From this similarity on a full name adds to the same phone.
const SIMILAR_NAME: f64 = 0.95;

/// What a full name of similarity `s` (`None`: one is missing) adds to the same phone, in 1/1000 points.
pub fn name_bonus(s: Option<f64>) -> i64 {
    // Rounded: one part in a thousand of a point is below anything a threshold tells apart.
    s.filter(|s| *s >= SIMILAR_NAME).map_or(0, |s| (SAME_NAME * s).round() as i64)
}

/// The score of two records by the guide's table. `generic` tells which keys count as absent.
pub fn score(generic: &dyn Fn(&Key) -> bool, a: &Features, b: &Features) -> Score {
    let reference = same_reference(generic, a, b);
    let email = compare(generic, Space::Email, &a.emails, &b.emails);
    let phone = compare(generic, Space::Phone, &a.phones, &b.phones);
    let equal = |compared: &Option<(&str, &str)>| compared.is_some_and(|(_, level)| level == "equal");
    // The first row of the table that applies gives the points.
    let by_reference = reference == Some("equal");
    let by_email = !by_reference && equal(&email);
    let by_phone = !by_reference && !by_email && equal(&phone);
    let similarity = a.full_name.as_deref().zip(b.full_name.as_deref()).map(|(x, y)| name_similarity(x, y));
    let bonus = if by_phone { name_bonus(similarity) } else { 0 };
    let given = |applies: bool, points: i64| if applies { points } else { 0 };
    let mut evidence = Vec::new();
    evidence
        .extend(reference.map(|level| exact("cross_reference", level, SAME_EMAIL, given(by_reference, SAME_EMAIL))));
    evidence.extend(email.map(|(name, level)| exact(name, level, SAME_EMAIL, given(by_email, SAME_EMAIL))));
    evidence.extend(phone.map(|(name, level)| exact(name, level, SAME_PHONE, given(by_phone, SAME_PHONE))));
    evidence.push(Evidence {
        attribute: "full_name".into(),
        comparison: "name_similarity",
        level: match similarity {
            None => "missing",
            Some(s) if s >= 1.0 => "equal",
            Some(s) if s >= SIMILAR_NAME => "similar",
            Some(_) => "different",
        },
        similarity,
        weight: SAME_NAME / 1000.0,
        points: bonus as f64 / 1000.0,
    });
    evidence.extend(guards(a, b));
    let millipoints = given(by_reference || by_email, SAME_EMAIL) + given(by_phone, SAME_PHONE) + bonus;
    Score { millipoints, cross_reference: by_reference, evidence }
}

/// `equal` or `generic` when the two have an identifier in common.
fn same_reference(generic: &dyn Fn(&Key) -> bool, a: &Features, b: &Features) -> Option<&'static str> {
    let mut common = a.references.iter().filter(|reference| b.references.binary_search(reference).is_ok()).peekable();
    common.peek()?;
    Some(if common.any(|reference| !generic(&Key::reference(reference))) { "equal" } else { "generic" })
}

fn exact(attribute: &str, level: &'static str, weight: i64, points: i64) -> Evidence {
    Evidence {
        attribute: attribute.into(),
        comparison: "exact",
        level,
        similarity: match level {
            "equal" | "generic" => Some(1.0),
            "different" => Some(0.0),
            _ => None,
        },
        weight: weight as f64 / 1000.0,
        points: points as f64 / 1000.0,
    }
}

/// The best of the comparisons of every value with every value: level and attribute, the same from either side. `None` when
/// neither has a value.
fn compare<'a>(
    generic: &dyn Fn(&Key) -> bool,
    space: Space,
    a: &[Named<'a>],
    b: &[Named<'a>],
) -> Option<(&'a str, &'static str)> {
    let kind = space.kind()?;
    let counts = |value: &str| {
        let generic_by_form = normalise::is_junk(kind, value);
        !generic(&Key { space, value: value.to_owned(), generic_by_form })
    };
    // Of the attributes that hold what is told of, the first by name.
    let equal = a
        .iter()
        .flat_map(|(name, x)| b.iter().filter(move |(_, y)| x == y).map(move |(other, _)| (*name.min(other), *x)));
    if let Some((generic, name)) = equal.map(|(name, value)| (!counts(value), name)).min() {
        return Some((name, if generic { "generic" } else { "equal" }));
    }
    let first = a.iter().chain(b).map(|(name, _)| *name).min()?;
    Some((first, if a.is_empty() || b.is_empty() { "missing" } else { "different" }))
}

/// What contradicts that two records are one person: `given_name`, `generational_suffix` or `birth_date`. Strict,
/// since under `guide` review is all it costs. Symmetric.
pub fn contradiction(a: &Features, b: &Features) -> Option<&'static str> {
    if given_names_contradict(a.given, a.family, b.given, b.family) {
        Some("given_name")
    } else if generations_contradict(a.generation, b.generation) {
        Some("generational_suffix")
    } else if birth_dates(a, b).any(|(_, x, y)| dates_contradict(x, y)) {
        Some("birth_date")
    } else {
        None
    }
}

/// Generational suffixes of two generations.
pub fn generations_contradict(a: Option<u8>, b: Option<u8>) -> bool {
    a.zip(b).is_some_and(|(x, y)| x != y)
}

fn same_attribute<'a>(a: &'a [Named], b: &'a [Named]) -> impl Iterator<Item = (&'a str, &'a str, &'a str)> {
    a.iter().filter_map(|(name, x)| b.iter().find(|(other, _)| other == name).map(|(_, y)| (*name, *x, *y)))
}

/// The dates that both hold: attribute, first value, second value.
pub fn birth_dates<'a>(a: &'a Features, b: &'a Features) -> impl Iterator<Item = (&'a str, &'a str, &'a str)> {
    same_attribute(&a.dates, &b.dates)
}

/// The first exclusive attribute of which the two hold different values.
pub fn exclusive<'a>(a: &'a Features, b: &'a Features) -> Option<&'a str> {
    same_attribute(&a.exclusive, &b.exclusive).find(|(_, x, y)| x != y).map(|(name, _, _)| name)
}

fn guards(a: &Features, b: &Features) -> Vec<Evidence> {
    let found = |attribute: &str, level| Evidence {
        attribute: attribute.into(),
        comparison: "guard",
        level,
        similarity: None,
        weight: 0.0,
        points: 0.0,
    };
    let exclusive = exclusive(a, b).map(|attribute| found(attribute, "exclusive"));
    let contradiction = contradiction(a, b).map(|what| match what {
        "birth_date" => {
            let pair = birth_dates(a, b).find(|(_, x, y)| dates_contradict(x, y));
            found(pair.map_or("", |(attribute, _, _)| attribute), "contradiction")
        }
        what => found(what, "contradiction"),
    });
    exclusive.into_iter().chain(contradiction).collect()
}

/// A live state from a bare attributes object: unknown keys and unreadable values are left out.
pub fn state_of(entity: &EntityType, attributes: &Map<String, Json>) -> State {
    let read = |kind: Kind, value: &Json, region: &str| match normalise::read_json(
        kind,
        value,
        &Context { region, ..Context::default() },
    ) {
        Reading::Value(value) => Some(value),
        Reading::Nothing | Reading::Unreadable => None,
    };
    let stated = |kind: Kind| entity.of_kind(kind).find_map(|attribute| attributes.get(&attribute.name));
    let country = stated(Kind::Country).and_then(|value| read(Kind::Country, value, "US"));
    let region = country.map_or_else(|| "US".into(), |country| country.canonical);
    let held = entity.attributes.iter().filter_map(|attribute| {
        let value = read(attribute.kind, attributes.get(&attribute.name)?, &region)?;
        let stated = Stated { value, at: 0, priority: crate::record::DEFAULT_PRIORITY };
        Some((attribute.name.as_str().into(), Run::of(stated)))
    });
    Draft { live: true, held: held.collect(), region, ..Draft::default() }.into()
}
