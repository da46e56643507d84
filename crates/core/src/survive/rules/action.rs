//! The words of the merge rules.

use crate::config::unknown;
use crate::error::Error;
use crate::kind::Kind;

/// How the value of one attribute is chosen among the assertions of a golden record's source records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// The best ranked system's newest value: a newer value of lower trust never replaces one of higher trust.
    UpdateIfNewer,
    /// The best ranked system's earliest value.
    KeepExisting,
    /// The greatest value in the kind's own order, whatever the system.
    MaxValue,
    /// The smallest value in the kind's own order, whatever the system.
    MinValue,
    /// The newest value, whatever the system.
    MostRecent,
    /// The earliest value, whatever the system.
    Earliest,
    /// The value that most source records assert, or most systems with `"count": "systems"`.
    MostFrequent,
    /// The value with the most characters.
    Longest,
    /// The best ranked system's value, its newest where it has several: what `UPDATE_IF_NEWER` does, under the name
    /// that other products use.
    SourcePriority,
    /// A valid value before one that is not (a phone that no plan knows, junk by form); among equals the action `then`.
    ValidFirst,
    /// Every different value, the best ranked and newest first.
    Union,
    /// Refusal (`false`) before consent (`true`), whatever the time and the system, unless one of the systems in
    /// `authoritative` states a consent in a later second than every refusal. Kind `boolean` only.
    Consent,
    /// `function` (`sum`, `count`, `min`, `max`, `average`) over the values; of those that agree in the attribute
    /// `countOnce` only the best ranked and newest counts. Kind `number` only.
    Aggregate,
}

impl Action {
    /// Every action, in the order of the documentation.
    pub const ALL: [Action; 13] = [
        Action::UpdateIfNewer,
        Action::KeepExisting,
        Action::MaxValue,
        Action::MinValue,
        Action::MostRecent,
        Action::Earliest,
        Action::MostFrequent,
        Action::Longest,
        Action::SourcePriority,
        Action::ValidFirst,
        Action::Union,
        Action::Consent,
        Action::Aggregate,
    ];

    /// The word of the rules: `UPDATE_IF_NEWER`.
    pub fn name(self) -> &'static str {
        match self {
            Action::UpdateIfNewer => "UPDATE_IF_NEWER",
            Action::KeepExisting => "KEEP_EXISTING",
            Action::MaxValue => "MAX_VALUE",
            Action::MinValue => "MIN_VALUE",
            Action::MostRecent => "MOST_RECENT",
            Action::Earliest => "EARLIEST",
            Action::MostFrequent => "MOST_FREQUENT",
            Action::Longest => "LONGEST",
            Action::SourcePriority => "SOURCE_PRIORITY",
            Action::ValidFirst => "VALID_FIRST",
            Action::Union => "UNION",
            Action::Consent => "CONSENT",
            Action::Aggregate => "AGGREGATE",
        }
    }

    /// The action of that name, in capitals as the guide writes it. Errors: `22023` with the nearest right word.
    pub fn parse(name: &str) -> Result<Action, Error> {
        let all = Action::ALL.into_iter();
        all.clone().find(|action| action.name() == name).ok_or_else(|| unknown("action", name, all.map(Action::name)))
    }

    /// The keys of a rule that only this action has.
    pub(super) fn own_keys(self) -> &'static [&'static str] {
        match self {
            Action::MostFrequent => &["count"],
            Action::ValidFirst => &["then"],
            Action::Consent => &["authoritative"],
            Action::Aggregate => &["function", "countOnce"],
            _ => &[],
        }
    }

    /// The one kind that the action is for, where there is one.
    pub(super) fn only_kind(self) -> Option<Kind> {
        match self {
            Action::Consent => Some(Kind::Boolean),
            Action::Aggregate => Some(Kind::Number),
            _ => None,
        }
    }

    /// Whether the action can choose the record that a group of attributes is taken from: by rank or by time, and
    /// among what the records say now.
    pub(super) fn suits_groups(self) -> bool {
        matches!(self, Action::UpdateIfNewer | Action::SourcePriority | Action::MostRecent)
    }
}

/// What `AGGREGATE` computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// The sum of the values.
    Sum,
    /// How many values there are.
    Count,
    /// The smallest.
    Min,
    /// The greatest.
    Max,
    /// The mean, rounded half to even to sixteen decimals.
    Average,
}

impl Function {
    /// Every function.
    pub const ALL: [Function; 5] = [Function::Sum, Function::Count, Function::Min, Function::Max, Function::Average];

    /// The word of the rules.
    pub fn name(self) -> &'static str {
        match self {
            Function::Sum => "sum",
            Function::Count => "count",
            Function::Min => "min",
            Function::Max => "max",
            Function::Average => "average",
        }
    }
}
