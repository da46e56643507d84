//! Survivorship: the assertions of a golden record's source records → its values, with their lineage.

mod choose;
mod combine;
mod group;
pub mod origin;
mod overrule;
mod reason;
mod rules;

pub use overrule::{overrule, Given, Override};
pub use reason::{Choice, Reason};
pub use rules::{Action, Function, Group, Rule, Rules};

use crate::entity::{Attribute, EntityType};
use crate::kind::Kind;
use crate::normalise;
use crate::record::{Assertion, Held, Node, RecordRef};
use crate::value::{Micros, Text, Value};
use choose::{decide, looks_back, rank, weigh, Candidate, Criteria, Rank};
use std::collections::BTreeMap;

/// A golden value and where it comes from.
#[derive(Clone, PartialEq, Eq)]
pub struct Survivor {
    /// The value.
    pub value: Value,
    /// The source record that it was taken from.
    pub winner: RecordRef,
    /// Its event time.
    pub at: Micros,
    /// Its `sourcePriority`.
    pub priority: i32,
    /// What chose it.
    pub action: Choice,
    /// Why it was chosen.
    pub reason: Reason,
    /// Under `UNION`: for each element of the value, a JSON array, the records that assert it.
    pub sources: Vec<Vec<RecordRef>>,
    /// The other assertions, best first.
    pub losers: Vec<Loser>,
}

impl Survivor {
    /// The value as JSON: a text, or the array of texts that `UNION` gives.
    pub fn shown(&self) -> serde_json::Value {
        let text = || serde_json::Value::from(&*self.value.display);
        if self.sources.is_empty() {
            return text();
        }
        serde_json::from_str(&self.value.display).unwrap_or_else(|_| text())
    }
}

/// A value is personal data: a debug print tells where it is from.
impl std::fmt::Debug for Survivor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Survivor({:?} {} {})", self.winner, self.action.name(), self.reason.name())
    }
}

/// An assertion that did not survive. It holds no value: lineage can be shown to whom values cannot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loser {
    /// The source record.
    pub record: RecordRef,
    /// The assertion's event time.
    pub at: Micros,
    /// The assertion's `sourcePriority`.
    pub priority: i32,
    /// Whether it asserts the very value that survived.
    pub agrees: bool,
    /// What told it from the winner, or why it was no candidate.
    pub reason: Reason,
}

/// The golden values of a cluster, by attribute. An attribute that no live member asserts has no entry.
///
/// The order of `members` does not matter; a record must not occur in it twice.
pub fn survive(entity: &EntityType, rules: &Rules, members: &[Node]) -> BTreeMap<Text, Survivor> {
    // What a record says lies together in memory: it is gone through once.
    let place = |name: &str| entity.attributes.iter().position(|attribute| attribute.name == name);
    let live = members.iter().filter(|member| member.state.live());
    let mut stated: Vec<Stated> = live
        .flat_map(|member| {
            let held = member.state.held();
            held.filter_map(|(name, held)| Some(Stated { attribute: place(name)?, member: *member, held }))
        })
        .collect();
    stated.sort_by_key(|stated| stated.attribute);
    let mut survivors = BTreeMap::new();
    for stated in stated.chunk_by(|a, b| a.attribute == b.attribute) {
        let attribute = &entity.attributes[stated[0].attribute];
        if rules.group_of(&attribute.name).is_some() {
            continue;
        }
        if let Some(survivor) = survivor(attribute, rules.rule(&attribute.name, attribute.kind), stated) {
            survivors.insert(attribute.name.as_str().into(), survivor);
        }
    }
    for group in rules.groups() {
        survivors.extend(group::survivors(group, members));
    }
    survivors
}

/// What a member says of an attribute.
struct Stated<'a> {
    /// The attribute's position in the entity type.
    attribute: usize,
    member: Node<'a>,
    held: Held<'a>,
}

/// The survivor of the first step of the rule that finds one.
fn survivor(attribute: &Attribute, rule: &Rule, stated: &[Stated]) -> Option<Survivor> {
    let mut steps = rule.steps().peekable();
    while let Some(step) = steps.next() {
        let mut field = Field::of(attribute.kind, step, stated);
        let valid = |candidate: &Candidate| normalise::is_valid(attribute.kind, candidate.assertion.canonical);
        if step.action == Action::ValidFirst && steps.peek().is_some() && !field.candidates.iter().any(valid) {
            continue;
        }
        weigh(step, &mut field.candidates);
        rank(field.criteria, field.kind, &mut field.candidates);
        let survivor = match step.action {
            Action::Union => combine::union(&field, step),
            Action::Aggregate => combine::aggregate(&field, step),
            _ => chosen(&field, step),
        };
        if let Some(mut survivor) = survivor {
            survivor.losers.extend(field.excluded.iter().map(|(other, reason)| loser(other, false, *reason)));
            return Some(survivor);
        }
    }
    None
}

/// Everything that is asserted for one attribute, or for one group, as one step of a rule sees it.
struct Field<'a> {
    kind: Kind,
    criteria: Criteria,
    /// What there is to choose from, the best first once ranked.
    candidates: Vec<Candidate<'a>>,
    /// What the step does not admit.
    excluded: Vec<(Candidate<'a>, Reason)>,
}

impl<'a> Field<'a> {
    fn of(kind: Kind, step: &Rule, stated: &[Stated<'a>]) -> Field<'a> {
        let back = looks_back(step);
        let assertion = |held: Held<'a>| if back { held.earliest() } else { held.current };
        Field::admit(kind, step, stated.iter().map(|stated| (stated.member, assertion(stated.held))))
    }

    fn admit(kind: Kind, step: &Rule, asserted: impl Iterator<Item = (Node<'a>, Assertion<'a>)>) -> Field<'a> {
        let mut field = Field { kind, criteria: Criteria::of(step), candidates: Vec::new(), excluded: Vec::new() };
        for (Node { reference: record, state }, assertion) in asserted {
            let rank = Rank::of(step, record, assertion);
            let candidate = Candidate { record, state, assertion, rank, standing: 0 };
            if step.listed_only && matches!(rank, Rank::Unlisted(_)) {
                field.excluded.push((candidate, Reason::NotListed));
            } else if step.minimum_trust.is_some_and(|trust| assertion.priority > trust) {
                field.excluded.push((candidate, Reason::BelowMinimumTrust));
            } else {
                field.candidates.push(candidate);
            }
        }
        field.excluded.sort_by(|(a, _), (b, _)| a.record.cmp(b.record));
        field
    }

    /// Why the best candidate is the best, and why `other` is not.
    fn told(&self, winner: &Candidate, other: &Candidate) -> (Reason, Reason) {
        let decided = decide(self.criteria, self.kind, winner, other);
        decided.map_or((Reason::RecordOrder, Reason::RecordOrder), |(criterion, _)| criterion.reasons(winner))
    }

    fn prefers(&self, a: &Candidate, b: &Candidate) -> bool {
        decide(self.criteria, self.kind, a, b).is_some_and(|(_, ordering)| ordering.is_lt())
    }
}

/// The best candidate as it stands.
fn chosen(field: &Field, step: &Rule) -> Option<Survivor> {
    let (winner, others) = field.candidates.split_first()?;
    let agrees = |other: &Candidate| other.assertion.canonical == winner.assertion.canonical;
    let reason = match others.iter().find(|other| !agrees(other)) {
        Some(rival) => field.told(winner, rival).0,
        None if others.is_empty() => Reason::OnlyValue,
        None => Reason::Agreed,
    };
    let losers = others.iter().map(|other| loser(other, agrees(other), field.told(winner, other).1)).collect();
    Some(won(winner, winner.assertion.value(), step, reason, losers))
}

fn won(winner: &Candidate, value: Value, step: &Rule, reason: Reason, losers: Vec<Loser>) -> Survivor {
    Survivor {
        value,
        winner: winner.record.clone(),
        at: winner.assertion.at,
        priority: winner.assertion.priority,
        action: Choice::Rule(step.action),
        reason,
        sources: Vec::new(),
        losers,
    }
}

fn loser(candidate: &Candidate, agrees: bool, reason: Reason) -> Loser {
    Loser {
        record: candidate.record.clone(),
        at: candidate.assertion.at,
        priority: candidate.assertion.priority,
        agrees,
        reason,
    }
}

#[cfg(test)]
mod tests;
