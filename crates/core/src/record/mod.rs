//! Source records: how they are named, what one version states, and what all versions together say.

mod draft;
mod state;

pub use draft::{Draft, Run, Stated};
pub use state::{Assertion, Held, State};

use crate::threads::{self, Threads};
use crate::value::{Micros, Text};
use litemap::LiteMap;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The name of a source record within its entity type: system and id, as the system gave them.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct RecordRef {
    /// The system's name, e.g. `Salesforce_CRM`.
    #[serde(rename = "systemName")]
    pub system: Text,
    /// The record's id in it.
    pub id: Text,
}

impl RecordRef {
    /// The reserved system of `entityId` cross-references.
    pub const ENTITY: &'static str = "entity";

    /// The record `id` of `system`.
    pub fn new(system: impl Into<Text>, id: impl Into<Text>) -> RecordRef {
        RecordRef { system: system.into(), id: id.into() }
    }
}

/// A source record as the engine looks at it.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    /// Its name.
    pub reference: &'a RecordRef,
    /// What it says.
    pub state: &'a State,
}

/// The positions of names, in the order of the names; `threads` only shorten the wait.
pub fn in_order(names: &[&RecordRef], threads: Threads) -> Vec<u32> {
    let systems: BTreeSet<&str> = names.iter().map(|name| name.system.as_str()).collect();
    let ranks: BTreeMap<&str, u128> = systems.into_iter().zip(0..).collect();
    // The rank of the system and the first bytes of the id tell most apart without a look at the texts.
    let start = |name: &RecordRef| {
        let id = name.id.bytes().chain(std::iter::repeat(0)).take(12);
        id.fold(ranks[&*name.system], |start, byte| start << 8 | u128::from(byte))
    };
    let name = |at: u32| names[at as usize];
    let by_name = |a: &(u128, u32), b: &(u128, u32)| {
        a.0.cmp(&b.0).then_with(|| {
            threads.look();
            name(a.1).cmp(name(b.1))
        })
    };
    let parts = threads::map(threads::parts(names.len(), threads), threads, |part| {
        let keyed = part.map(|at| (start(names[at]), at as u32));
        let mut keyed: Vec<(u128, u32)> = keyed.collect();
        keyed.sort_unstable_by(by_name);
        keyed
    });
    let mut keyed = parts.concat();
    // Finds that the parts are in order, and merges them.
    keyed.sort_by(by_name);
    keyed.into_iter().map(|(_, at)| at).collect()
}

/// Source ids may be an email or a phone: a debug print names the system only.
impl std::fmt::Debug for RecordRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:…", self.system)
    }
}

/// One accepted state of a source record, as it was sent.
#[derive(Clone, PartialEq)]
pub struct Version {
    /// `CUSTOMER`, or another entity type.
    pub entity_type: String,
    /// `externalSystemIds[0]`.
    pub record: RecordRef,
    /// The further `externalSystemIds`, and `entityId` under the system [`RecordRef::ENTITY`]; sorted, no duplicates.
    pub cross_references: BTreeSet<RecordRef>,
    /// Whether it says that there is no `entityId`: an explicit null, which takes an earlier one back.
    pub no_entity: bool,
    /// The attributes object, verbatim. JSON null is an explicit null.
    pub attributes: ByName<serde_json::Value>,
    /// Event time.
    pub timestamp: Micros,
    /// The source's own numbering of its versions.
    pub sequence: Option<i64>,
    /// Events seen by node.
    pub vector_clock: Option<BTreeMap<String, u64>>,
    /// Trust stated by the record: 1 is the most trusted. `None`: the source's.
    pub source_priority: Option<i32>,
    /// The record's region where it states no country, as it was sent; empty: it has none (any more).
    pub region: Option<Text>,
    /// True when this version says that the record is gone.
    pub deleted: bool,
}

impl Version {
    /// Whether another says the same, at whatever time.
    pub fn says_as(&self, other: &Version) -> bool {
        let Version {
            entity_type,
            record,
            cross_references,
            no_entity,
            attributes,
            timestamp: _,
            sequence,
            vector_clock,
            source_priority,
            region,
            deleted,
        } = self;
        *deleted == other.deleted
            && *no_entity == other.no_entity
            && *entity_type == other.entity_type
            && *record == other.record
            && *source_priority == other.source_priority
            && *sequence == other.sequence
            && *vector_clock == other.vector_clock
            && *region == other.region
            && *cross_references == other.cross_references
            && *attributes == other.attributes
    }

    /// The version that says that its record is gone, and nothing else.
    pub fn retraction(&self, timestamp: Micros) -> Version {
        Version {
            entity_type: self.entity_type.clone(),
            record: self.record.clone(),
            cross_references: BTreeSet::new(),
            no_entity: false,
            attributes: ByName::new(),
            timestamp,
            sequence: None,
            vector_clock: None,
            source_priority: None,
            region: None,
            deleted: true,
        }
    }
}

/// A version is personal data: a debug print names its system only.
impl std::fmt::Debug for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Version({:?})", self.record)
    }
}

/// Something by name. A sorted vector: there are millions of them in memory at once, each small.
pub type ByName<V> = LiteMap<Text, V>;

/// The priority of a record when neither it nor its source states one: after every stated one.
pub const DEFAULT_PRIORITY: i32 = 1000;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn names_come_in_order_on_any_number_of_threads(
            names in prop::collection::btree_set(("[ab]", "[a-c]{0,14}"), 0..40),
            threads in 1_usize..5,
        ) {
            let sorted: Vec<RecordRef> = names.into_iter().map(|(system, id)| RecordRef::new(system, id)).collect();
            let mixed: Vec<&RecordRef> = sorted.iter().rev().step_by(2).chain(sorted.iter().rev().skip(1).step_by(2)).collect();
            let threads = Threads { count: threads, ..Threads::ALONE };
            let ordered: Vec<&RecordRef> = in_order(&mixed, threads).into_iter().map(|at| mixed[at as usize]).collect();
            prop_assert!(ordered.into_iter().eq(&sorted));
        }
    }
}
