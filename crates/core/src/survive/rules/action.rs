//! The words of the merge rules.

use crate::config::unknown;
use crate::error::Error;
use crate::kind::Kind;
use crate::words;

words! {
    /// How the value of one attribute is chosen among the assertions of a golden record's source records. Lineage is stored
    /// with their numbers: only ever added to, at the end.
    pub enum Action {
        /// The best ranked system's newest value: a newer value of lower trust never replaces one of higher trust.
        UpdateIfNewer => "UPDATE_IF_NEWER",
        /// The best ranked system's earliest value.
        KeepExisting => "KEEP_EXISTING",
        /// The greatest value in the kind's own order, whatever the system.
        MaxValue => "MAX_VALUE",
        /// The smallest value in the kind's own order, whatever the system.
        MinValue => "MIN_VALUE",
        /// The newest value, whatever the system.
        MostRecent => "MOST_RECENT",
        /// The earliest value, whatever the system.
        Earliest => "EARLIEST",
        /// The value that most source records assert, or most systems with `"count": "systems"`.
        MostFrequent => "MOST_FREQUENT",
        /// The value with the most characters.
        Longest => "LONGEST",
        /// The best ranked system's value, its newest where it has several: what `UPDATE_IF_NEWER` does, under the name
        /// that other products use.
        SourcePriority => "SOURCE_PRIORITY",
        /// A valid value before one that is not (a phone that no plan knows, junk by form); among equals the action `then`.
        ValidFirst => "VALID_FIRST",
        /// Every different value, the best ranked and newest first.
        Union => "UNION",
        /// Refusal (`false`) before consent (`true`), whatever the time and the system, unless one of the systems in
        /// `authoritative` states a consent in a later second than every refusal. Kind `boolean` only.
        Consent => "CONSENT",
        /// `function` (`sum`, `count`, `min`, `max`, `average`) over the values; of those that agree in the attribute
        /// `countOnce` only the best ranked and newest counts. Kind `number` only.
        Aggregate => "AGGREGATE",
    }
}

impl Action {
    /// The action of that name, in capitals as the guide writes it. Errors: `22023` with the nearest right word.
    pub fn read(name: &str) -> Result<Action, Error> {
        Action::parse(name).ok_or_else(|| unknown("action", name, Action::ALL.into_iter().map(Action::name)))
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

words! {
    /// What `AGGREGATE` computes.
    pub enum Function {
        /// The sum of the values.
        Sum => "sum",
        /// How many values there are.
        Count => "count",
        /// The smallest.
        Min => "min",
        /// The greatest.
        Max => "max",
        /// The mean, rounded half to even to sixteen decimals.
        Average => "average",
    }
}
