//! Survivorship: the assertions of a golden record's source records → its values, with their lineage.

mod choose;
mod rules;

pub use rules::{Action, Rule, Rules};

use crate::entity::{Attribute, EntityType};
use crate::record::{RecordRef, State};
use crate::value::{Micros, Value};
use choose::{decide, Candidate, Rank};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A source record of a golden record.
#[derive(Clone, Copy)]
pub struct Member<'a> {
    /// Its name.
    pub reference: &'a RecordRef,
    /// What it says.
    pub state: &'a State,
}

/// A golden value and where it comes from.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survivor {
    /// The value.
    #[serde(flatten)]
    pub value: Value,
    /// The source record that it was taken from.
    pub winner: RecordRef,
    /// Its event time.
    pub at: Micros,
    /// Its `sourcePriority`.
    pub priority: i32,
    /// The action that chose it.
    pub action: String,
    /// Why it was chosen, as a code: `only_value`, `agreed` (all assert the same), or what told it from the best
    /// assertion of another value: `best_rank`, `newer`, `earlier`, `newer_within_second`, `earlier_within_second`,
    /// `max_value`, `min_value`, `record_order`.
    pub reason: String,
    /// The other assertions, best first.
    pub losers: Vec<Loser>,
}

/// An assertion that did not survive. It holds no value: lineage can be shown to whom values cannot.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loser {
    /// The source record.
    pub record: RecordRef,
    /// The assertion's event time.
    pub at: Micros,
    /// The assertion's `sourcePriority`.
    pub priority: i32,
    /// Whether it asserts the very value that survived.
    pub agrees: bool,
    /// What told it from the winner: `lower_rank`, `older`, `later`, `older_within_second`, `later_within_second`,
    /// `smaller_value`, `greater_value`, `record_order`.
    pub reason: String,
}

/// The golden values of a cluster, by attribute. An attribute that no live member asserts has no entry.
///
/// The order of `members` does not matter; a record must not occur in it twice.
pub fn survive(entity: &EntityType, rules: &Rules, members: &[Member]) -> BTreeMap<String, Survivor> {
    let survivor = |attribute: &Attribute| {
        let rule = rules.rule(&attribute.name, attribute.kind);
        Some((attribute.name.clone(), choose(attribute, &rule, members)?))
    };
    entity.attributes.iter().filter_map(survivor).collect()
}

fn choose(attribute: &Attribute, rule: &Rule, members: &[Member]) -> Option<Survivor> {
    let mut candidates: Vec<Candidate> = members
        .iter()
        .filter_map(|member| {
            let held = member.state.held.get(&attribute.name).filter(|_| member.state.live)?;
            let assertion = if rule.action.looks_back() { &held.earliest } else { &held.current };
            Some(Candidate { record: member.reference, assertion, rank: Rank::of(rule, member.reference, assertion) })
        })
        .collect();
    let criteria = rule.action.criteria();
    let told = |a: &Candidate, b: &Candidate| decide(criteria, attribute.kind, a, b);
    candidates.sort_by(|a, b| told(a, b).map_or(Ordering::Equal, |(_, ordering)| ordering));
    let (winner, others) = candidates.split_first()?;
    let agrees = |other: &Candidate| other.assertion.value.canonical == winner.assertion.value.canonical;
    let reason = match others.iter().find(|other| !agrees(other)) {
        Some(rival) => told(winner, rival).map_or("record_order", |(criterion, _)| criterion.reasons().0),
        None if others.is_empty() => "only_value",
        None => "agreed",
    };
    let losers = others.iter().map(|other| Loser {
        record: other.record.clone(),
        at: other.assertion.at,
        priority: other.assertion.priority,
        agrees: agrees(other),
        reason: told(winner, other).map_or("record_order", |(criterion, _)| criterion.reasons().1).to_owned(),
    });
    Some(Survivor {
        value: winner.assertion.value.clone(),
        winner: winner.record.clone(),
        at: winner.assertion.at,
        priority: winner.assertion.priority,
        action: rule.action.name().to_owned(),
        reason: reason.to_owned(),
        losers: losers.collect(),
    })
}

#[cfg(test)]
mod tests;
