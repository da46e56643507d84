//! Where records of different systems meet.

use super::{Meeting, RaceKind, Side};
use crate::fold::second;
use crate::record::{Node, RecordRef, State};
use crate::survive::{Choice, Reason, Survivor};
use crate::value::{Micros, Text};
use std::collections::{BTreeMap, BTreeSet};

/// A member of a golden record as a write found it.
#[derive(Clone, Copy)]
pub struct Entrant<'a> {
    /// Its name and what it says now.
    pub member: Node<'a>,
    /// What it said before the write, where the write changed it.
    pub before: Option<&'a State>,
    /// The golden record that it belonged to before: any number, the same for members of one; `None` for a new record.
    pub group: Option<u32>,
}

impl Entrant<'_> {
    fn is_new(&self, field: &str) -> bool {
        self.before.is_some_and(|before| before.held_of(field) != self.member.state.held_of(field))
    }

    fn has_met(&self, other: &Entrant) -> bool {
        self.group.is_some() && self.group == other.group
    }

    /// The value that the record stated at that time.
    fn stated(&self, field: &str, at: Micros) -> Option<&str> {
        let held = self.member.state.held_of(field)?;
        let assertion = if held.current.at == at { held.current } else { held.earliest() };
        Some(assertion.canonical)
    }
}

/// One system's place in the contest for a field.
#[derive(Clone, Copy)]
struct Place<'a> {
    entrant: &'a Entrant<'a>,
    at: Micros,
    priority: i32,
}

/// Where records of different systems meet in one event second with different values, and what they state is new, or
/// they became one golden record with this write.
///
/// In each field a record meets the one that was preferred to it, and a new best the one that it replaced.
pub fn across(survivors: &BTreeMap<Text, Survivor>, entrants: &[Entrant]) -> Vec<Meeting> {
    let mut met: BTreeMap<(&RecordRef, &RecordRef), (Meeting, BTreeSet<&str>)> = BTreeMap::new();
    for (field, survivor) in survivors.iter().filter(|(_, survivor)| !survivor.losers.is_empty()) {
        for (winner, loser) in pairs(field, survivor, entrants) {
            let (a, b) = (winner.entrant.member.reference, loser.entrant.member.reference);
            let side = |place: &Place| Side {
                record: place.entrant.member.reference.clone(),
                at: place.at,
                priority: place.priority,
                won: BTreeSet::new(),
            };
            let (meeting, rules) = met.entry((a.min(b), a.max(b))).or_insert_with(|| {
                let rule = String::new();
                (
                    Meeting { kind: RaceKind::SameSecond, winner: side(&winner), loser: side(&loser), rule },
                    BTreeSet::new(),
                )
            });
            let won = if meeting.winner.record == *a { &mut meeting.winner } else { &mut meeting.loser };
            won.won.insert(field.to_string());
            rules.insert(survivor.action.name());
        }
    }
    let finish = |(mut meeting, rules): (Meeting, BTreeSet<&str>)| {
        let order = |side: &Side| (side.won.len(), std::cmp::Reverse(side.record.clone()));
        if order(&meeting.loser) > order(&meeting.winner) {
            std::mem::swap(&mut meeting.winner, &mut meeting.loser);
        }
        meeting.rule = rules.into_iter().collect::<Vec<_>>().join(", ");
        meeting
    };
    met.into_values().map(finish).collect()
}

/// (preferred, other) of every meeting in a field.
fn pairs<'a>(field: &str, survivor: &Survivor, entrants: &'a [Entrant<'a>]) -> Vec<(Place<'a>, Place<'a>)> {
    if matches!(survivor.reason, Reason::Union | Reason::Aggregate) {
        return Vec::new(); // Nobody lost.
    }
    let find = |record: &RecordRef| entrants.iter().find(|entrant| entrant.member.reference == record);
    let best = (survivor.action != Choice::Override).then_some((&survivor.winner, survivor.at, survivor.priority));
    let others =
        survivor.losers.iter().filter(|loser| !matches!(loser.reason, Reason::NotListed | Reason::BelowMinimumTrust));
    let ranked = best.into_iter().chain(others.map(|loser| (&loser.record, loser.at, loser.priority)));
    let mut all: Vec<i64> = ranked.clone().map(|(_, at, _)| second(at)).collect();
    all.sort_unstable();
    // Mostly each is of a second of its own.
    if all.windows(2).all(|two| two[0] != two[1]) {
        return Vec::new();
    }
    let mut seconds: BTreeMap<i64, Vec<Place>> = BTreeMap::new();
    for (record, at, priority) in ranked {
        if let Some(entrant) = find(record) {
            seconds.entry(second(at)).or_default().push(Place { entrant, at, priority });
        }
    }
    let value = |place: &Place<'a>| place.entrant.stated(field, place.at);
    let differ = |a: &Place<'a>, b: &Place<'a>| {
        a.entrant.member.reference.system != b.entrant.member.reference.system && value(a) != value(b)
    };
    let mut found = Vec::new();
    for places in seconds.values() {
        let mut replaced = places.first().is_some_and(|best| best.entrant.is_new(field));
        for (at, place) in places.iter().enumerate().skip(1) {
            let Some(best) = places[..at].iter().find(|best| differ(best, place)) else { continue };
            let first = std::mem::replace(&mut replaced, false);
            if first || place.entrant.is_new(field) || !place.entrant.has_met(best.entrant) {
                found.push((*best, *place));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::tests::{told, version};
    use super::*;
    use crate::entity::EntityType;
    use crate::fold::fold;
    use crate::record::Version;
    use crate::source::SourceOptions;
    use crate::survive::{survive, Rules};
    use serde_json::json;

    #[test]
    fn records_of_two_systems_meet_in_one_second_with_different_values() {
        let entity = EntityType::customer();
        let state = |version: &Version| {
            fold(&entity, &BTreeMap::new(), &SourceOptions::default(), std::slice::from_ref(version))
        };
        let a = version(
            "A",
            "2024-01-01T00:00:01.5Z",
            json!({"sourcePriority": 1}),
            json!({"city": "Oslo", "email": "a@x.com"}),
        );
        let b = version(
            "B",
            "2024-01-01T00:00:01Z",
            json!({"sourcePriority": 2}),
            json!({"city": "Bergen", "email": "a@x.com"}),
        );
        let later = version("C", "2024-01-01T00:00:02Z", json!({}), json!({"city": "Rome"}));
        let states = [state(&a), state(&b), state(&later)];
        let names = [&a.record, &b.record, &later.record];
        let before = State::default();
        let meet = |new: [bool; 3], group: [Option<u32>; 3]| {
            let entrant = |at: usize| Entrant {
                member: Node { reference: names[at], state: &states[at] },
                before: new[at].then_some(&before),
                group: group[at],
            };
            let entrants: Vec<Entrant> = (0..3).map(entrant).collect();
            let members: Vec<Node> = entrants.iter().map(|entrant| entrant.member).collect();
            told(&across(&survive(&entity, &Rules::default(), &members), &entrants))
        };
        let met = ["same_second city A 2024-01-01T00:00:01.500Z beats B 2024-01-01T00:00:01Z by UPDATE_IF_NEWER"
            .replace(".500", ".5")];
        let together = [Some(1); 3];
        assert_eq!(meet([true, false, false], together), met);
        assert_eq!(meet([false, true, false], together), met);
        assert_eq!(meet([true, true, true], [None; 3]), met);
        assert_eq!(meet([false; 3], [Some(1), Some(2), Some(1)]), met, "they became one");
        assert_eq!(meet([false, false, true], together), [""; 0], "nothing new");
    }
}
