//! Why a golden value was chosen, and why another was not.

use super::Action;
use crate::words;
use serde::{Serialize, Serializer};

/// What chose a golden value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Choice {
    /// A merge rule's action.
    Rule(Action),
    /// A steward, who set it over what the rules choose.
    Override,
}

impl Choice {
    /// The word that lineage shows: the action's, or `OVERRIDE`.
    pub fn name(self) -> &'static str {
        match self {
            Choice::Rule(action) => action.name(),
            Choice::Override => "OVERRIDE",
        }
    }
}

impl Serialize for Choice {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

words! {
    /// Why an assertion survived, or did not. Lineage is stored with their numbers: only ever added to, at the end.
    pub enum Reason {
        /// It is the only one.
        OnlyValue => "only_value",
        /// All assert the same.
        Agreed => "agreed",
        /// It survived the best of another value by rank.
        BestRank => "best_rank",
        /// … by its event second.
        Newer => "newer",
        /// … by its event second, where the earliest counts.
        Earlier => "earlier",
        /// … by its event time within one second.
        NewerWithinSecond => "newer_within_second",
        /// … by its event time within one second, where the earliest counts.
        EarlierWithinSecond => "earlier_within_second",
        /// … as the greater value.
        MaxValue => "max_value",
        /// … as the smaller value.
        MinValue => "min_value",
        /// … as the value that more assert.
        MostFrequent => "most_frequent",
        /// … as the longer text.
        Longest => "longest",
        /// … as a valid value.
        Valid => "valid",
        /// … as a refusal of consent.
        MostRestrictive => "most_restrictive",
        /// … as a consent given again after every refusal.
        Reconsent => "reconsent",
        /// Nothing but the record's name tells the two apart: of a winner and of a loser.
        RecordOrder => "record_order",
        /// The value is made of all.
        Union => "union",
        /// The value is computed from all.
        Aggregate => "aggregate",
        /// A group's missing part, from a record that agrees.
        Filled => "filled",
        /// A steward set it.
        Override => "override",
        /// It lost by rank.
        LowerRank => "lower_rank",
        /// … by its event second.
        Older => "older",
        /// … by its event second, where the earliest counts.
        Later => "later",
        /// … by its event time within one second.
        OlderWithinSecond => "older_within_second",
        /// … by its event time within one second, where the earliest counts.
        LaterWithinSecond => "later_within_second",
        /// … as the smaller value.
        SmallerValue => "smaller_value",
        /// … as the greater value.
        GreaterValue => "greater_value",
        /// … as a value that fewer assert.
        LessFrequent => "less_frequent",
        /// … as the shorter text.
        Shorter => "shorter",
        /// … as a value that is not valid.
        NotValid => "not_valid",
        /// … as a consent beside a refusal.
        LessRestrictive => "less_restrictive",
        /// … as a refusal before a consent given again.
        Overruled => "overruled",
        /// No candidate: the rule admits listed systems alone.
        NotListed => "not_listed",
        /// No candidate: the rule asks for more trust.
        BelowMinimumTrust => "below_minimum_trust",
        /// It is part of a value that is made of several.
        Included => "included",
        /// No part of a figure, which has counted the thing already.
        CountedAlready => "counted_already",
        /// Passed over for filling a group: it states another part otherwise.
        Contradicts => "contradicts",
        /// What the rules chose, under an override.
        Overridden => "overridden",
    }
}
