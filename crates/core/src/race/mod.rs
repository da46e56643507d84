//! Races: where two statements about one thing met, and a rule rather than the network decided.
//!
//! Two kinds are between the versions of one source record: clocks that have not seen each other ([`RaceKind::Concurrent`]),
//! and a version that arrives after one that is later in their order ([`RaceKind::Late`]). [`RaceKind::SameSecond`] is between
//! versions, and between records of two systems that state different values in one event second. A field counts where
//! the two state different values: two that agree, or speak of different fields, have not met.

mod across;
#[cfg(test)]
mod tests;
mod within;

pub use across::{across, Entrant};
pub use within::within;

use crate::record::RecordRef;
use crate::value::{rfc3339, Micros};
use crate::words;
use serde_json::{json, Value};
use std::collections::BTreeSet;

words! {
    /// What made two statements meet.
    pub enum RaceKind {
        /// Both are of one event second.
        SameSecond => "same_second",
        /// Neither has seen the other, by their vector clocks.
        Concurrent => "concurrent",
        /// One arrived after the other and comes before it.
        Late => "late",
    }
}

/// One of the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The source record.
    pub record: RecordRef,
    /// The event time.
    pub at: Micros,
    /// The `sourcePriority`.
    pub priority: i32,
    /// The fields in which this side was preferred.
    pub won: BTreeSet<String>,
}

impl Side {
    /// As the race log shows it, without values.
    pub fn to_json(&self) -> Value {
        json!({"systemName": self.record.system, "id": self.record.id, "eventTime": rfc3339(self.at),
            "sourcePriority": self.priority, "won": self.won})
    }
}

/// One meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// What made them meet.
    pub kind: RaceKind,
    /// The side that was preferred, in most fields.
    pub winner: Side,
    /// The other.
    pub loser: Side,
    /// What decided: the merge rules' actions, or by what versions of one record are put in order: `vectorClock`,
    /// `sequence`, `timestamp`, `sourcePriority`, `content`.
    pub rule: String,
}

impl Meeting {
    /// The fields in which the two met.
    pub fn fields(&self) -> BTreeSet<&str> {
        self.winner.won.iter().chain(&self.loser.won).map(String::as_str).collect()
    }
}
