//! Source records: how they are named, what one version states, and what all versions together say.

use crate::fold::second;
use crate::value::{Micros, Text, Value};
use litemap::LiteMap;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The name of a source record within its entity type: system and id, as the system gave them.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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

/// The positions of names, in the order of the names.
pub fn in_order(names: &[&RecordRef]) -> Vec<u32> {
    let systems: BTreeSet<&str> = names.iter().map(|name| name.system.as_str()).collect();
    let ranks: BTreeMap<&str, u128> = systems.into_iter().zip(0..).collect();
    // The rank of the system and the first bytes of the id tell most apart without a look at the texts.
    let start = |name: &&RecordRef| {
        let id = name.id.bytes().chain(std::iter::repeat(0)).take(12);
        id.fold(ranks[&*name.system], |start, byte| start << 8 | u128::from(byte))
    };
    let mut keyed: Vec<(u128, u32)> = names.iter().map(start).zip(0..).collect();
    let name = |at: u32| names[at as usize];
    keyed.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| name(a.1).cmp(name(b.1))));
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
    /// True when this version says that the record is gone.
    pub deleted: bool,
}

/// A version is personal data: a debug print names its system only.
impl std::fmt::Debug for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Version({:?})", self.record)
    }
}

/// A value stated for an attribute by a source record.
#[derive(Clone, PartialEq, Eq)]
pub struct Assertion {
    /// The value.
    pub value: Value,
    /// The event time at which the value's unbroken run began.
    pub at: Micros,
    /// `sourcePriority` of the version that began the run, or the source's.
    pub priority: i32,
}

impl Assertion {
    /// Smaller is earlier, as `KEEP_EXISTING` sees it.
    fn earliness(&self) -> (i64, i32, i64) {
        (second(self.at), self.priority, self.at)
    }
}

/// Personal data: a debug print tells when, not what.
impl std::fmt::Debug for Assertion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Assertion(… at {})", self.at)
    }
}

/// What a source record says of one attribute, over all of its versions.
#[derive(Clone, PartialEq, Eq)]
pub struct Held {
    /// What it says now.
    pub current: Assertion,
    /// Where it is another than `current`: see [`Held::earliest`].
    first: Option<Box<Assertion>>,
}

impl Held {
    /// The first that is said.
    pub(crate) fn first(stated: Assertion) -> Held {
        Held { current: stated, first: None }
    }

    /// Takes in what a further version says.
    pub(crate) fn state(&mut self, stated: Assertion) {
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

    /// What it says now, and the assertion with the earliest event time since the last retraction.
    pub fn new(current: Assertion, earliest: Assertion) -> Held {
        let first = (earliest != current).then(|| Box::new(earliest));
        Held { current, first }
    }

    /// The assertion with the earliest event time since the last retraction: what `KEEP_EXISTING` looks at. Equal to
    /// `current` for a state source.
    pub fn earliest(&self) -> &Assertion {
        self.first.as_deref().unwrap_or(&self.current)
    }
}

/// Something by name. A sorted vector: there are millions of them in memory at once, each small.
pub type ByName<V> = LiteMap<Text, V>;

/// The priority of a record when neither it nor its source states one: after every stated one.
pub const DEFAULT_PRIORITY: i32 = 1000;

/// A source record as it stands: the fold of its accepted versions. All later steps work on states alone.
#[derive(Clone, PartialEq, Default)]
pub struct State {
    /// False when the last version deleted the record: it asserts nothing and belongs to no cluster.
    pub live: bool,
    /// ISO 3166-1 alpha-2: the record's `country`, else the source's region, else `US`.
    pub region: Text,
    /// By attribute name: only attributes that the entity type has and that hold a value now.
    pub held: ByName<Held>,
    /// By attribute name: the text of stated values that the attribute's kind could not read.
    pub unreadable: ByName<Text>,
    /// Keys without an attribute, and unreadable values, with the last JSON value stated for each.
    pub raw: ByName<serde_json::Value>,
    /// Further identifiers of the same record in other systems.
    pub cross_references: BTreeSet<RecordRef>,
}

/// Personal data: a debug print tells how much there is of it.
impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "State({} attributes)", self.held.len())
    }
}

impl State {
    /// The canonical value now held for `attribute`.
    pub fn canonical(&self, attribute: &str) -> Option<&str> {
        self.held.get(attribute).map(|held| &*held.current.value.canonical)
    }
}
