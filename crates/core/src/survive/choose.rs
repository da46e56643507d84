//! Choosing among assertions: an action is a list of criteria, compared one after the other.
//!
//! Because each list ends with the record's name, the choice is total: the order of the input never decides.

use super::rules::{Action, Rule};
use super::Reason;
use crate::fold::second;
use crate::kind::Kind;
use crate::normalise;
use crate::record::{Assertion, RecordRef, State};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// One assertion that may become the golden value.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    pub record: &'a RecordRef,
    pub state: &'a State,
    pub assertion: Assertion<'a>,
    pub rank: Rank,
    /// What the action weighs besides the assertion itself: how often the value is asserted, or the class of consent.
    pub standing: usize,
}

/// Trust under a rule, best first: the listed systems in their order, then the others by the priority of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Listed(i64),
    Unlisted(i32),
}

impl Rank {
    pub fn of(rule: &Rule, record: &RecordRef, assertion: Assertion) -> Rank {
        match rule.order.get(record.system.as_str()) {
            Some(order) => Rank::Listed(*order),
            None => Rank::Unlisted(assertion.priority),
        }
    }
}

/// What two assertions are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Criterion {
    Trust,
    NewerSecond,
    OlderSecond,
    NewerTime,
    OlderTime,
    Greater,
    Smaller,
    Frequent,
    Longer,
    Valid,
    Restrictive,
    Record,
}

use Criterion::*;

/// The criteria of a rule: the first one that tells two assertions apart decides. Ties everywhere go by event second,
/// rank, full event time, record.
#[derive(Clone, Copy)]
pub(super) struct Criteria {
    valid_first: bool,
    then: &'static [Criterion],
}

impl Criteria {
    pub fn of(rule: &Rule) -> Criteria {
        let valid_first = rule.action == Action::ValidFirst;
        Criteria { valid_first, then: of(if valid_first { rule.then } else { rule.action }) }
    }

    fn each(self) -> impl Iterator<Item = Criterion> {
        self.valid_first.then_some(Valid).into_iter().chain(self.then.iter().copied())
    }
}

fn of(action: Action) -> &'static [Criterion] {
    match action {
        Action::UpdateIfNewer | Action::SourcePriority | Action::ValidFirst | Action::Union | Action::Aggregate => {
            &[Trust, NewerSecond, NewerTime, Record]
        }
        Action::KeepExisting => &[Trust, OlderSecond, OlderTime, Record],
        Action::MaxValue => &[Greater, NewerSecond, Trust, NewerTime, Record],
        Action::MinValue => &[Smaller, NewerSecond, Trust, NewerTime, Record],
        Action::MostRecent => &[NewerSecond, Trust, NewerTime, Record],
        Action::Earliest => &[OlderSecond, Trust, OlderTime, Record],
        Action::MostFrequent => &[Frequent, NewerSecond, Trust, NewerTime, Record],
        Action::Longest => &[Longer, NewerSecond, Trust, NewerTime, Record],
        Action::Consent => &[Restrictive, NewerSecond, Trust, NewerTime, Record],
    }
}

/// Whether the rule looks at the first statement since the last retraction instead of the present one.
pub(super) fn looks_back(rule: &Rule) -> bool {
    let action = if rule.action == Action::ValidFirst { rule.then } else { rule.action };
    matches!(action, Action::KeepExisting | Action::Earliest)
}

impl Criterion {
    /// `Less` where `a` is to be preferred.
    pub fn compare(self, kind: Kind, a: &Candidate, b: &Candidate) -> Ordering {
        let (first, last) = (a.assertion, b.assertion);
        let values = || normalise::compare(kind, first.canonical, last.canonical);
        let valid = |assertion: Assertion| normalise::is_valid(kind, assertion.canonical);
        let length = |assertion: Assertion| assertion.display.chars().count();
        match self {
            Trust => a.rank.cmp(&b.rank),
            NewerSecond => second(last.at).cmp(&second(first.at)),
            OlderSecond => second(first.at).cmp(&second(last.at)),
            NewerTime => last.at.cmp(&first.at),
            OlderTime => first.at.cmp(&last.at),
            Greater => values().reverse(),
            Smaller => values(),
            Frequent => b.standing.cmp(&a.standing),
            Longer => length(last).cmp(&length(first)),
            Valid => valid(last).cmp(&valid(first)),
            Restrictive => a.standing.cmp(&b.standing),
            Record => a.record.cmp(b.record),
        }
    }

    /// The codes for a winner and for a loser between which this criterion decided.
    pub fn reasons(self, winner: &Candidate) -> (Reason, Reason) {
        match self {
            Trust => (Reason::BestRank, Reason::LowerRank),
            NewerSecond => (Reason::Newer, Reason::Older),
            OlderSecond => (Reason::Earlier, Reason::Later),
            NewerTime => (Reason::NewerWithinSecond, Reason::OlderWithinSecond),
            OlderTime => (Reason::EarlierWithinSecond, Reason::LaterWithinSecond),
            Greater => (Reason::MaxValue, Reason::SmallerValue),
            Smaller => (Reason::MinValue, Reason::GreaterValue),
            Frequent => (Reason::MostFrequent, Reason::LessFrequent),
            Longer => (Reason::Longest, Reason::Shorter),
            Valid => (Reason::Valid, Reason::NotValid),
            Restrictive if winner.standing == RECONSENT => (Reason::Reconsent, Reason::Overruled),
            Restrictive => (Reason::MostRestrictive, Reason::LessRestrictive),
            Record => (Reason::RecordOrder, Reason::RecordOrder),
        }
    }
}

/// Puts candidates in the order of preference.
pub(super) fn rank(criteria: Criteria, kind: Kind, candidates: &mut [Candidate]) {
    let told = |a: &Candidate, b: &Candidate| decide(criteria, kind, a, b);
    candidates.sort_by(|a, b| told(a, b).map_or(Ordering::Equal, |(_, ordering)| ordering));
}

/// The first criterion that tells two candidates apart, and how.
pub(super) fn decide(criteria: Criteria, kind: Kind, a: &Candidate, b: &Candidate) -> Option<(Criterion, Ordering)> {
    let mut told = criteria.each().map(|criterion| (criterion, criterion.compare(kind, a, b)));
    told.find(|(_, ordering)| ordering.is_ne())
}

const RECONSENT: usize = 0;
const REFUSAL: usize = 1;
const CONSENT: usize = 2;

/// Fills in [`Candidate::standing`] where the action of the rule needs it.
pub(super) fn weigh(rule: &Rule, candidates: &mut [Candidate]) {
    match rule.action {
        Action::MostFrequent => {
            let mut holders: BTreeMap<&str, BTreeSet<(&str, &str)>> = BTreeMap::new();
            for candidate in candidates.iter() {
                let id = if rule.count_systems { "" } else { &candidate.record.id };
                let canonical = candidate.assertion.canonical;
                holders.entry(canonical).or_default().insert((&candidate.record.system, id));
            }
            for candidate in candidates {
                let canonical = candidate.assertion.canonical;
                candidate.standing = holders.get(canonical).map_or(0, BTreeSet::len);
            }
        }
        Action::Consent => {
            let refuses = |candidate: &Candidate| candidate.assertion.canonical == "false";
            let refused = candidates.iter().filter(|candidate| refuses(candidate));
            let last_refusal = refused.map(|candidate| second(candidate.assertion.at)).max();
            for candidate in candidates {
                let later = last_refusal.is_some_and(|refusal| second(candidate.assertion.at) > refusal);
                candidate.standing = if refuses(candidate) {
                    REFUSAL
                } else if later && rule.authoritative.contains(candidate.record.system.as_str()) {
                    RECONSENT
                } else {
                    CONSENT
                };
            }
        }
        _ => {}
    }
}
