//! Groups: attributes that survive from one record.

use super::rules::{Group, Rule};
use super::{loser, rank, won, Candidate, Field, Reason, Survivor};
use crate::kind::Kind;
use crate::record::{Assertion, Node};
use crate::value::Text;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The golden values of a group's attributes.
///
/// A record competes with the newest of its parts: that part's event time and priority. The winner gives all parts it
/// has; a part it lacks has no golden value, unless the group is filled.
pub(super) fn survivors(group: &Group, members: &[Node]) -> BTreeMap<Text, Survivor> {
    let live = members.iter().filter(|member| member.state.live());
    let wholes: Vec<(Node, Assertion)> = live.filter_map(|member| Some((*member, whole(group, member)?))).collect();
    for step in group.rule.steps() {
        let mut field = Field::admit(Kind::Text, step, wholes.iter().copied());
        rank(field.criteria, field.kind, &mut field.candidates);
        if let Some((winner, others)) = field.candidates.split_first() {
            return parts(group, step, &field, winner, others);
        }
    }
    BTreeMap::new()
}

/// The group as a record states it. It has no value of its own to compare.
fn whole<'a>(group: &Group, member: &Node<'a>) -> Option<Assertion<'a>> {
    let held = group.attributes.iter().filter_map(|name| member.state.held_of(name)).map(|held| held.current);
    let newest = held.max_by_key(|part| (part.at, Reverse(part.priority)))?;
    Some(Assertion { canonical: "", display: "", ..newest })
}

fn parts(
    group: &Group,
    step: &Rule,
    field: &Field,
    winner: &Candidate,
    others: &[Candidate],
) -> BTreeMap<Text, Survivor> {
    let mut givers: BTreeMap<&str, &Candidate> = held(group, winner).map(|name| (name, winner)).collect();
    if group.fill {
        // One that agrees with what another filled in alone may mean another place.
        let agreeing = others.iter().filter(|other| agrees(group, winner, other));
        for other in agreeing {
            if !contradicts(group, &givers, other) {
                for name in held(group, other) {
                    givers.entry(name).or_insert(other);
                }
            }
        }
    }
    let part = |(name, giver): (&&str, &&Candidate)| {
        let given = giver.state.held_of(name)?.current;
        let same = |other: &Candidate| other.state.canonical(name) == Some(given.canonical);
        let stating: Vec<&Candidate> = field
            .candidates
            .iter()
            .filter(|other| other.record != giver.record && other.state.canonical(name).is_some())
            .collect();
        let reason = match stating.iter().find(|other| !same(other)) {
            _ if giver.record != winner.record => Reason::Filled,
            Some(rival) => field.told(winner, rival).0,
            None if stating.is_empty() => Reason::OnlyValue,
            None => Reason::Agreed,
        };
        // A record's part, where it states it.
        let of_part = |other: &Candidate<'_>, agrees: bool, reason: Reason| {
            let assertion = other.state.held_of(name)?.current;
            Some(loser(&Candidate { assertion, ..*other }, agrees, reason))
        };
        let lost = |other: &&Candidate| {
            let passed_over = giver.record != winner.record && field.prefers(other, giver);
            let reason = if passed_over { Reason::Contradicts } else { field.told(giver, other).1 };
            of_part(other, same(other), reason)
        };
        let excluded = field.excluded.iter().filter_map(|(other, reason)| of_part(other, false, *reason));
        let losers = stating.iter().filter_map(lost).chain(excluded).collect();
        let giver = Candidate { assertion: given, ..**giver };
        Some(((*name).into(), won(&giver, given.value(), step, reason, losers)))
    };
    givers.iter().filter_map(part).collect()
}

fn held<'a>(group: &'a Group, candidate: &'a Candidate) -> impl Iterator<Item = &'a str> {
    let names = group.attributes.iter().map(String::as_str);
    names.filter(|name| candidate.state.canonical(name).is_some())
}

/// Whether the two state a part alike.
fn agrees(group: &Group, winner: &Candidate, other: &Candidate) -> bool {
    held(group, other).any(|name| winner.state.canonical(name) == other.state.canonical(name))
}

/// Whether `other` states a part otherwise than it was given.
fn contradicts(group: &Group, givers: &BTreeMap<&str, &Candidate>, other: &Candidate) -> bool {
    let given = |name| givers.get(name).and_then(|giver| giver.state.canonical(name));
    held(group, other).any(|name| given(name).is_some_and(|given| other.state.canonical(name) != Some(given)))
}
