//! A state in the making: what a record says, before it is packed.

use super::{ByName, RecordRef, State};
use crate::fold::second;
use crate::value::{Micros, Text, Value};
use std::collections::BTreeSet;

/// A value stated for an attribute, as [`super::Assertion`] shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// The value.
    pub value: Value,
    /// The event time at which the value's unbroken run began.
    pub at: Micros,
    /// `sourcePriority` of the version that began the run, or the source's.
    pub priority: i32,
}

impl Stated {
    /// Smaller is earlier, as `KEEP_EXISTING` sees it.
    fn earliness(&self) -> (i64, i32, i64) {
        (second(self.at), self.priority, self.at)
    }
}

/// What a record says of one attribute, as [`super::Held`] shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub(super) current: Stated,
    /// Where it is another than `current`.
    pub(super) first: Option<Box<Stated>>,
}

impl Run {
    /// What it says now, and the statement with the earliest event time since the last retraction.
    pub fn new(current: Stated, earliest: Stated) -> Run {
        let first = (earliest != current).then(|| Box::new(earliest));
        Run { current, first }
    }

    /// One statement.
    pub fn of(stated: Stated) -> Run {
        Run { current: stated, first: None }
    }

    /// Takes in what a further version says.
    pub(crate) fn state(&mut self, stated: Stated) {
        let mut earliest = self.first.take().unwrap_or_else(|| Box::new(self.current.clone()));
        if stated.earliness() < earliest.earliness() {
            *earliest = stated.clone();
        }
        if self.current.value.canonical == stated.value.canonical {
            self.current.value = stated.value;
        } else {
            self.current = stated;
        }
        self.first = (*earliest != self.current).then_some(earliest);
    }

    /// What the version that was taken in last says.
    pub(crate) fn into_current(self) -> Stated {
        self.current
    }
}

/// What a record says, in parts that can be changed: see [`State`].
#[derive(Clone, PartialEq, Default)]
pub struct Draft {
    /// See [`State::live`].
    pub live: bool,
    /// See [`State::region`].
    pub region: Text,
    /// See [`State::held`].
    pub held: ByName<Run>,
    /// See [`State::unreadable`].
    pub unreadable: ByName<Text>,
    /// See [`State::raw`].
    pub raw: ByName<serde_json::Value>,
    /// See [`State::cross_references`].
    pub cross_references: BTreeSet<RecordRef>,
}

/// Personal data: a debug print tells how much there is of it.
impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Draft({} attributes)", self.held.len())
    }
}

impl From<Draft> for State {
    fn from(draft: Draft) -> State {
        let Draft { live, region, held, unreadable, raw, cross_references } = draft;
        let held = held.iter().map(|(name, run)| (name.as_str(), run));
        let unreadable = unreadable.iter().map(|(name, said)| (name.as_str(), said.as_str()));
        State::pack(
            live,
            &region,
            held,
            unreadable,
            raw.iter().map(|(name, json)| (name.as_str(), json)),
            cross_references,
        )
    }
}

impl From<&State> for Draft {
    fn from(state: &State) -> Draft {
        let stated = |said: super::Assertion| Stated { value: said.value(), at: said.at, priority: said.priority };
        let run = |held: super::Held| Run::new(stated(held.current), stated(held.earliest()));
        Draft {
            live: state.live(),
            region: state.region().into(),
            held: state.held().map(|(name, held)| (name.into(), run(held))).collect(),
            unreadable: state.unreadable().map(|(name, said)| (name.into(), said.into())).collect(),
            raw: state.raw().map(|(name, json)| (name.into(), json)).collect(),
            cross_references: state.cross_references().clone(),
        }
    }
}
