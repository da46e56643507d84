//! Overrides: values that a steward set over what the rules choose.

use super::combine::array;
use super::{Choice, Loser, Reason, Rules, Survivor};
use crate::entity::EntityType;
use crate::normalise::{self, Context};
use crate::record::{Node, RecordRef};
use crate::value::{Micros, Reading, Text, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One override in force.
#[derive(Clone, PartialEq, Eq)]
pub struct Override {
    /// Of two for one attribute the greater speaks.
    pub order: i64,
    /// The source record it sits on: it goes where that record goes, and sleeps while the record is deleted.
    pub record: RecordRef,
    /// The attribute.
    pub attribute: String,
    /// What the steward set; `None` where it is damaged.
    pub given: Option<Given>,
    /// When it was set.
    pub at: Micros,
}

/// A value as a steward wrote it, and how it was read then: it stays what it was whatever becomes of its record and the rules.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// As it was written.
    pub text: String,
    /// Whether an array in JSON is several values: the attribute's rule was `UNION`.
    pub several: bool,
    /// The region of the record it was set on.
    pub region: String,
}

impl Override {
    /// The value in the form of the attribute's kind; `None` where that cannot be. Under `UNION` it is an array; else the first
    /// of several speaks.
    pub fn read(&self, entity: &EntityType, rules: &Rules) -> Option<Value> {
        made_of(&self.values(entity)?, rules.unites(&self.attribute))
    }

    /// The values, one at least, each once.
    pub fn values(&self, entity: &EntityType) -> Option<Vec<Value>> {
        let (kind, Given { text, several, region }) = (entity.attribute(&self.attribute)?.kind, self.given.as_ref()?);
        // A year of two digits is as of the time at which it was set.
        let context = Context { region, year: normalise::year_of(self.at), ..Context::default() };
        let given: Option<Vec<serde_json::Value>> =
            several.then(|| serde_json::from_str(text).ok()).flatten().filter(|given: &Vec<_>| !given.is_empty());
        let mut values: Vec<Value> = Vec::new();
        for json in given.unwrap_or_else(|| vec![text.as_str().into()]) {
            match normalise::read_json(kind, &json, &context) {
                Reading::Value(value) if values.iter().all(|other| other.canonical != value.canonical) => {
                    values.push(value);
                }
                Reading::Value(_) => {}
                Reading::Nothing | Reading::Unreadable => return None,
            }
        }
        Some(values)
    }
}

/// The value that values make; of several an array where the rule unites them.
fn made_of(values: &[Value], unites: bool) -> Option<Value> {
    if unites {
        return Some(array(values.iter().map(|value| (&*value.canonical, &*value.display))));
    }
    values.first().cloned()
}

/// Puts the overrides that sit on living members over what [`super::survive`] chose. Their order does not matter.
pub fn overrule(
    entity: &EntityType,
    rules: &Rules,
    members: &[Node],
    overrides: &[Override],
    survivors: &mut BTreeMap<Text, Survivor>,
) {
    let mut newest: BTreeMap<&str, (&Override, &Node)> = BTreeMap::new();
    for set in overrides {
        let Some(member) = members.iter().find(|member| member.state.live() && *member.reference == set.record) else {
            continue;
        };
        let kept = newest.entry(&set.attribute).or_insert((set, member));
        if kept.0.order < set.order {
            *kept = (set, member);
        }
    }
    for (attribute, (set, on)) in newest {
        let unites = rules.unites(attribute);
        let Some(values) = set.values(entity) else { continue };
        let Some(value) = made_of(&values, unites) else { continue };
        let beaten = survivors.remove(attribute);
        // Only what is united tells where each element is from.
        let sources = values.iter().filter(|_| unites).map(|_| vec![on.reference.clone()]).collect();
        survivors.insert(attribute.into(), Survivor { sources, ..overridden(set, on, value, beaten) });
    }
}

fn overridden(set: &Override, on: &Node, value: Value, beaten: Option<Survivor>) -> Survivor {
    // Of no loser is it told whether it agrees: who may set a value, and not read any, could ask by setting guesses.
    let mut losers = Vec::new();
    if let Some(beaten) = beaten {
        let best = Loser {
            agrees: false,
            record: beaten.winner,
            at: beaten.at,
            priority: beaten.priority,
            reason: Reason::Overridden,
        };
        losers.push(best);
        losers.extend(beaten.losers.into_iter().map(|loser| Loser { agrees: false, ..loser }));
    }
    Survivor {
        value,
        winner: on.reference.clone(),
        at: set.at,
        // Above every record.
        priority: 0,
        action: Choice::Override,
        reason: Reason::Override,
        sources: Vec::new(),
        losers,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::survive;
    use super::*;
    use crate::record::{Draft, Run, State, Stated};

    fn state(live: bool, email: &str, at: Micros) -> State {
        let run = Run::of(Stated { value: Value::same(email), at, priority: 5 });
        let held = [("email".into(), run)].into_iter().collect();
        Draft { live, region: "US".into(), held, ..Draft::default() }.into()
    }

    fn set(order: i64, on: &RecordRef, attribute: &str, text: &str) -> Override {
        let given = Given { text: text.into(), several: false, region: "US".into() };
        Override { order, record: on.clone(), attribute: attribute.into(), given: Some(given), at: 77 }
    }

    /// One that was set under `UNION`.
    fn united(on: &RecordRef, attribute: &str, text: &str) -> Override {
        let set = set(1, on, attribute, text);
        Override { given: set.given.map(|given| Given { several: true, ..given }), ..set }
    }

    #[test]
    fn the_newest_override_on_a_living_member_beats_the_rules() {
        let entity = EntityType::customer();
        let (a, b, dead) = (RecordRef::new("A", "1"), RecordRef::new("B", "1"), RecordRef::new("C", "1"));
        let states =
            [state(true, "a@x.com", 2_000_000), state(true, "b@x.com", 1_000_000), state(false, "c@x.com", 3_000_000)];
        let members: Vec<Node> =
            [&a, &b, &dead].into_iter().zip(&states).map(|(reference, state)| Node { reference, state }).collect();
        let outcome = |overrides: &[Override]| {
            let mut survivors = survive(&entity, &Rules::default(), &members);
            overrule(&entity, &Rules::default(), &members, overrides, &mut survivors);
            let email = survivors.remove("email").unwrap();
            let losers: Vec<String> = email
                .losers
                .iter()
                .map(|loser| format!("{} {} {}", loser.record.system, loser.agrees, loser.reason.name()))
                .collect();
            (
                email.value.canonical.to_string(),
                format!("{} {} {}", email.winner.system, email.action.name(), losers.join(", ")),
            )
        };
        let (old, new) = (set(1, &a, "email", "old@x.com"), set(2, &b, "email", "B@X.com "));
        let expected = ("b@x.com".to_owned(), "B OVERRIDE A false overridden, B false older".to_owned());
        assert_eq!(outcome(&[old.clone(), new.clone()]), expected);
        assert_eq!(outcome(&[new, old.clone()]), expected);
        assert_eq!(outcome(&[old]).0, "old@x.com");
        // On a deleted record, of a value that is none or damaged, for an attribute that is none: nothing happens.
        let damaged = Override { given: None, ..set(3, &a, "email", "x@x.com") };
        let none = [set(3, &dead, "email", "x@x.com"), set(3, &a, "email", "nobody"), set(3, &a, "emial", "x@x.com")];
        for idle in none.into_iter().chain([damaged]) {
            assert_eq!(outcome(&[idle]).0, "a@x.com");
        }
        // Where no record states the attribute, it stands alone.
        let mut survivors = survive(&entity, &Rules::default(), &members);
        overrule(&entity, &Rules::default(), &members, &[set(1, &a, "city", "Oslo")], &mut survivors);
        let city = survivors.remove("city").unwrap();
        assert_eq!((&*city.value.display, city.at, city.priority, city.losers.len()), ("Oslo", 77, 0, 0));
    }

    #[test]
    fn under_union_it_is_an_array_too() {
        let (entity, a) = (EntityType::customer(), RecordRef::new("A", "1"));
        let said = state(true, "a@x.com", 1_000_000);
        let members = [Node { reference: &a, state: &said }];
        let rules = Rules::parse(&serde_json::json!({"email": {"action": "UNION"}}), &entity).unwrap();
        let outcome = |rules: &Rules, text: &str| {
            let mut survivors = survive(&entity, rules, &members);
            overrule(&entity, rules, &members, &[united(&a, "email", text)], &mut survivors);
            let email = survivors.remove("email").unwrap();
            (email.action.name(), email.shown(), email.sources.len())
        };
        let over = |value: serde_json::Value, elements| (Choice::Override.name(), value, elements);
        assert_eq!(outcome(&rules, "B@x.com"), over(serde_json::json!(["b@x.com"]), 1));
        let several = r#"["b@x.com", " c@x.com", "B@X.COM"]"#;
        assert_eq!(outcome(&rules, several), over(serde_json::json!(["b@x.com", "c@x.com"]), 2));
        for none in ["[]", r#"["b@x.com", "nobody"]"#, r#"[["b@x.com"]]"#] {
            assert_eq!(outcome(&rules, none).0, "UNION", "{none}");
        }
        // Where the rule is another in the meantime, the first of several still beats it; and one that was set then is one.
        assert_eq!(outcome(&Rules::default(), several), over(serde_json::json!("b@x.com"), 0));
        let text = set(1, &a, "city", r#"["Oslo", "Bergen"]"#);
        let rules = Rules::parse(&serde_json::json!({"city": {"action": "UNION"}}), &entity).unwrap();
        assert_eq!(text.values(&entity).unwrap().len(), 1);
        assert_eq!(&*text.read(&entity, &rules).unwrap().display, r#"["[\"Oslo\", \"Bergen\"]"]"#);
        let text = united(&a, "city", r#"["Oslo", "Bergen"]"#);
        assert_eq!(&*text.read(&entity, &Rules::default()).unwrap().display, "Oslo");
    }

    #[test]
    fn a_year_of_two_digits_is_as_of_when_it_was_set() {
        let (entity, a) = (EntityType::customer(), RecordRef::new("A", "1"));
        let set = |at| Override { at, ..set(1, &a, "dateOfBirth", "01/02/28") };
        let read = |at| set(at).read(&entity, &Rules::default()).unwrap().canonical.to_string();
        let year = 31_556_952_000_000;
        assert_eq!((read(56 * year).as_str(), read(59 * year).as_str()), ("1928-01-02", "2028-01-02"));
    }
}
