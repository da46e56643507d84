//! Overrides: values that a steward set over what the rules choose.

use super::{Choice, Loser, Member, Reason, Survivor};
use crate::entity::EntityType;
use crate::normalise::{self, Context};
use crate::record::RecordRef;
use crate::value::{Micros, Reading, Text, Value};
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
    /// The value as the steward wrote it; `None` where it is damaged.
    pub text: Option<String>,
    /// When it was set.
    pub at: Micros,
}

impl Override {
    /// The value in the form of the attribute's kind, for a record of `region`; `None` where that cannot be.
    pub fn read(&self, entity: &EntityType, region: &str) -> Option<Value> {
        let attribute = entity.attribute(&self.attribute)?;
        match normalise::read(attribute.kind, self.text.as_deref()?, &Context { region, ..Context::default() }) {
            Reading::Value(value) => Some(value),
            Reading::Nothing | Reading::Unreadable => None,
        }
    }
}

/// Puts the overrides that sit on living members over what [`super::survive`] chose. Their order does not matter.
pub fn overrule(
    entity: &EntityType,
    members: &[Member],
    overrides: &[Override],
    survivors: &mut BTreeMap<Text, Survivor>,
) {
    let mut newest: BTreeMap<&str, (&Override, &Member)> = BTreeMap::new();
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
        let Some(value) = set.read(entity, on.state.region()) else { continue };
        let beaten = survivors.remove(attribute);
        survivors.insert(attribute.into(), overridden(set, on, value, beaten));
    }
}

fn overridden(set: &Override, on: &Member, value: Value, beaten: Option<Survivor>) -> Survivor {
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
    use super::super::{survive, Rules};
    use super::*;
    use crate::record::{Draft, Run, State, Stated};

    fn state(live: bool, email: &str, at: Micros) -> State {
        let run = Run::of(Stated { value: Value::same(email), at, priority: 5 });
        let held = [("email".into(), run)].into_iter().collect();
        Draft { live, region: "US".into(), held, ..Draft::default() }.into()
    }

    fn set(order: i64, on: &RecordRef, attribute: &str, text: &str) -> Override {
        Override { order, record: on.clone(), attribute: attribute.into(), text: Some(text.into()), at: 77 }
    }

    #[test]
    fn the_newest_override_on_a_living_member_beats_the_rules() {
        let entity = EntityType::customer();
        let (a, b, dead) = (RecordRef::new("A", "1"), RecordRef::new("B", "1"), RecordRef::new("C", "1"));
        let states =
            [state(true, "a@x.com", 2_000_000), state(true, "b@x.com", 1_000_000), state(false, "c@x.com", 3_000_000)];
        let members: Vec<Member> =
            [&a, &b, &dead].into_iter().zip(&states).map(|(reference, state)| Member { reference, state }).collect();
        let outcome = |overrides: &[Override]| {
            let mut survivors = survive(&entity, &Rules::default(), &members);
            overrule(&entity, &members, overrides, &mut survivors);
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
        let damaged = Override { text: None, ..set(3, &a, "email", "x@x.com") };
        let none = [set(3, &dead, "email", "x@x.com"), set(3, &a, "email", "nobody"), set(3, &a, "emial", "x@x.com")];
        for idle in none.into_iter().chain([damaged]) {
            assert_eq!(outcome(&[idle]).0, "a@x.com");
        }
        // Where no record states the attribute, it stands alone.
        let mut survivors = survive(&entity, &Rules::default(), &members);
        overrule(&entity, &members, &[set(1, &a, "city", "Oslo")], &mut survivors);
        let city = survivors.remove("city").unwrap();
        assert_eq!((&*city.value.display, city.at, city.priority, city.losers.len()), ("Oslo", 77, 0, 0));
    }
}
