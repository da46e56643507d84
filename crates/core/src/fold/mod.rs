//! All accepted versions of one source record → the record as it stands.
//!
//! The result depends on the set of versions alone, never on the order in which they arrived. Versions are put in
//! their own order first ([`order`]); then, attribute by attribute, the last version that carries the key counts:
//!
//! - a value that can be read is asserted;
//! - an explicit null, an empty text or a placeholder retracts what was asserted;
//! - an absent key says nothing, and neither does a value that the attribute's kind cannot read: it waits in
//!   [`State::raw`] and [`State::unreadable`] until a later version states the attribute again;
//! - `deleted` retracts everything; a later version revives the record with what is stated from then on.

mod order;
mod reader;

pub use order::{concurrent, is_newest, order};
pub(crate) use order::{key, Ordering};
pub(crate) use reader::Reader;

use crate::entity::EntityType;
use crate::record::{ByName, RecordRef, Run, State, Stated, Version, DEFAULT_PRIORITY};
use crate::source::SourceOptions;
use crate::value::Reading;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Folds the versions of one source record.
///
/// `mapping` gives the attribute for a payload's key (`map_attribute`). An attribute's own name is always its key. Of
/// several keys of one attribute in one version one wins: of those with a value that can be read, else of all, the
/// attribute's own, else the alphabetically first. Keys that do not win stay in [`State::raw`].
///
/// The **run** of a value is the stretch of consecutive versions, in their order, that state the same canonical value,
/// versions that do not carry the key left out; [`Held::current`] has the time and the priority of the run's first
/// version and the spelling of its last. [`Held::earliest`] is the single statement with the earliest event second
/// since the last retraction (then the better priority, the earlier full time, the earlier version).
///
/// For a state source, an attached table, give the latest version alone.
pub fn fold(
    entity: &EntityType,
    mapping: &BTreeMap<String, String>,
    source: &SourceOptions,
    versions: &[Version],
) -> State {
    let ordered = order(versions, source);
    let reader = Reader::new(entity, mapping, source, &ordered);
    let mut fold = Fold::default();
    for (position, version) in ordered.iter().enumerate() {
        if version.deleted {
            fold = Fold::default();
            continue;
        }
        fold.live = true;
        if fold.held.is_empty() {
            fold.held.reserve(version.attributes.values().filter(|json| !json.is_null()).count());
        }
        let priority = priority(version, source);
        for stated in reader.read(position, version) {
            match stated.attribute {
                Some(attribute) => fold.state(attribute, stated.key, stated.json, stated.reading, version, priority),
                None => fold.keep_raw(stated.key, stated.json),
            }
        }
        fold.refer(version);
    }
    fold.finish(reader.region())
}

/// The priority of a version: its own, else its source's.
pub(crate) fn priority(version: &Version, source: &SourceOptions) -> i32 {
    version.source_priority.or(source.priority).unwrap_or(DEFAULT_PRIORITY)
}

/// What has been stated so far. Borrows from the versions: nothing is copied until the end.
#[derive(Default)]
struct Fold<'a> {
    live: bool,
    held: ByName<Run>,
    /// By attribute: the payload's key and the value that could not be read.
    unreadable: BTreeMap<&'a str, (&'a str, &'a serde_json::Value)>,
    raw: BTreeMap<&'a str, &'a serde_json::Value>,
    references: BTreeMap<&'a str, BTreeSet<&'a RecordRef>>,
}

impl<'a> Fold<'a> {
    fn state(
        &mut self,
        attribute: &'a str,
        key: &'a str,
        json: &'a serde_json::Value,
        reading: Reading,
        version: &Version,
        priority: i32,
    ) {
        // Under another key it may have been left aside in an earlier version.
        self.raw.remove(key);
        match reading {
            Reading::Unreadable => {
                self.unreadable.insert(attribute, (key, json));
                return;
            }
            Reading::Nothing => {
                self.held.remove(attribute);
            }
            Reading::Value(value) => self.assert(attribute, Stated { value, at: version.timestamp, priority }),
        }
        self.unreadable.remove(attribute);
    }

    fn assert(&mut self, attribute: &str, stated: Stated) {
        // Attributes come in the order of their names, as a rule.
        let Some((name, run)) = self.held.try_append(attribute.into(), Run::of(stated)) else { return };
        match self.held.get_mut(&name) {
            Some(known) => known.state(run.into_current()),
            None => {
                self.held.insert(name, run);
            }
        }
    }

    fn keep_raw(&mut self, key: &'a str, json: &'a serde_json::Value) {
        if json.is_null() {
            self.raw.remove(key);
        } else {
            self.raw.insert(key, json);
        }
    }

    /// Per system, the last version that names any of its records counts, or says that there is none.
    fn refer(&mut self, version: &'a Version) {
        let mut fresh: BTreeMap<&str, BTreeSet<&RecordRef>> = BTreeMap::new();
        if version.no_entity {
            fresh.insert(RecordRef::ENTITY, BTreeSet::new());
        }
        for reference in &version.cross_references {
            fresh.entry(&reference.system).or_default().insert(reference);
        }
        self.references.extend(fresh);
    }

    fn finish(self, region: &str) -> State {
        let text = |json: &'a serde_json::Value| json.as_str().map_or_else(|| json.to_string().into(), Cow::from);
        let Fold { live, held, unreadable, mut raw, references } = self;
        raw.extend(unreadable.values().copied());
        let held = held.iter().map(|(name, run)| (name.as_str(), run));
        let unreadable = unreadable.into_iter().map(|(name, (_, json))| (name, text(json)));
        State::pack(
            live,
            region,
            held,
            unreadable,
            raw.into_iter(),
            references.into_values().flatten().cloned().collect(),
        )
    }
}

/// The UTC second of a time.
pub(crate) fn second(at: i64) -> i64 {
    at.div_euclid(1_000_000)
}

#[cfg(test)]
mod tests;
