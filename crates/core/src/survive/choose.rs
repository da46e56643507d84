//! Choosing among assertions: an action is a list of criteria, compared one after the other.
//!
//! Because each action ends with the record's name, the choice is total: the order of the input never decides.

use super::rules::{Action, Rule};
use crate::fold::second;
use crate::kind::Kind;
use crate::normalise;
use crate::record::{Assertion, RecordRef};
use std::cmp::Ordering;

/// One assertion that may become the golden value.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    pub record: &'a RecordRef,
    pub assertion: &'a Assertion,
    pub rank: Rank,
}

/// Trust under a rule, best first: the listed systems in their order, then the others by the priority of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Listed(i64),
    Unlisted(i32),
}

impl Rank {
    pub fn of(rule: &Rule, record: &RecordRef, assertion: &Assertion) -> Rank {
        match rule.order.get(&record.system) {
            Some(order) => Rank::Listed(*order),
            None => Rank::Unlisted(assertion.priority),
        }
    }
}

/// What two assertions are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Criterion {
    Rank,
    NewerSecond,
    OlderSecond,
    NewerTime,
    OlderTime,
    Greater,
    Smaller,
    Record,
}

use Criterion::*;

impl Action {
    /// The criteria, the first one that tells two assertions apart decides. Ties everywhere go by event second, rank,
    /// full event time, record.
    pub(super) fn criteria(self) -> &'static [Criterion] {
        match self {
            Action::UpdateIfNewer => &[Rank, NewerSecond, NewerTime, Record],
            Action::KeepExisting => &[Rank, OlderSecond, OlderTime, Record],
            Action::MaxValue => &[Greater, NewerSecond, Rank, NewerTime, Record],
            Action::MinValue => &[Smaller, NewerSecond, Rank, NewerTime, Record],
        }
    }

    /// Whether the action looks at the first statement since the last retraction instead of the present one.
    pub(super) fn looks_back(self) -> bool {
        self == Action::KeepExisting
    }
}

impl Criterion {
    /// `Less` where `a` is to be preferred.
    pub fn compare(self, kind: Kind, a: &Candidate, b: &Candidate) -> Ordering {
        let (first, last) = (a.assertion, b.assertion);
        let values = || normalise::compare(kind, &first.value.canonical, &last.value.canonical);
        match self {
            Rank => a.rank.cmp(&b.rank),
            NewerSecond => second(last.at).cmp(&second(first.at)),
            OlderSecond => second(first.at).cmp(&second(last.at)),
            NewerTime => last.at.cmp(&first.at),
            OlderTime => first.at.cmp(&last.at),
            Greater => values().reverse(),
            Smaller => values(),
            Record => a.record.cmp(b.record),
        }
    }

    /// The codes for a winner and for a loser between which this criterion decided.
    pub fn reasons(self) -> (&'static str, &'static str) {
        match self {
            Rank => ("best_rank", "lower_rank"),
            NewerSecond => ("newer", "older"),
            OlderSecond => ("earlier", "later"),
            NewerTime => ("newer_within_second", "older_within_second"),
            OlderTime => ("earlier_within_second", "later_within_second"),
            Greater => ("max_value", "smaller_value"),
            Smaller => ("min_value", "greater_value"),
            Record => ("record_order", "record_order"),
        }
    }
}

/// The first criterion that tells two candidates apart, and how.
pub(super) fn decide(
    criteria: &'static [Criterion],
    kind: Kind,
    a: &Candidate,
    b: &Candidate,
) -> Option<(Criterion, Ordering)> {
    let mut told = criteria.iter().map(|criterion| (*criterion, criterion.compare(kind, a, b)));
    told.find(|(_, ordering)| ordering.is_ne())
}
