//! Schema drift: which keys a source sends, and what changed about them.
//!
//! Counters only, outside the digest. They live in slots so that two writers of one feed do not wait for each other; a session
//! in whose records nothing is new adds them up and writes them now and then (`drift/kept.rs`).

mod kept;

use crate::configuration::Entity;
use crate::error::Result;
use crate::store::event;
use golden_record_core::drift::{guess_attribute, guess_key};
use golden_record_core::record::{State, Version};
use kept::Kept;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A key that at least this share of a system's records carried is expected in each.
const EXPECTED_SHARE: f64 = 0.5;
/// An expected key is gone once so many records in a row did without it.
const GONE_AFTER: u64 = 10;

/// Longer keys, and more of a system, are not watched: they wait in `raw_attributes` all the same.
const LONGEST_KEY: usize = 255;
const MOST_KEYS: usize = 1000;

/// What is known of one key of one system, in one slot.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct KeyCount {
    /// Records that carried it.
    n: u64,
    /// The latest records in a row that did not.
    #[serde(default)]
    absent: u64,
    /// Values that the attribute's kind could not read.
    #[serde(default)]
    bad: u64,
    /// When it was last carried, in seconds since 1970.
    last: i64,
    /// JSON type of its values.
    #[serde(default)]
    json: Option<String>,
}

/// All keys of one system.
#[derive(Clone, Debug, Default)]
pub struct SystemKeys {
    /// Records counted.
    pub records: u64,
    /// By key.
    pub keys: BTreeMap<String, KeyCount>,
}

impl SystemKeys {
    /// Adds the counts of another slot.
    fn add(&mut self, other: SystemKeys) {
        self.records += other.records;
        for (key, count) in other.keys {
            let sum = self.keys.entry(key).or_default();
            sum.n += count.n;
            sum.json = sum.json.take().or(count.json);
        }
    }

    /// Whether a key is expected in every record, by what this slot and the others saw before it went missing.
    fn expects(&self, others: &SystemKeys, key: &str, count: &KeyCount) -> bool {
        let n = count.n + others.keys.get(key).map_or(0, |other| other.n);
        let records = (self.records + others.records).saturating_sub(count.absent);
        n > 0 && n as f64 >= EXPECTED_SHARE * records as f64
    }
}

/// One drift row.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub struct Drift {
    /// The system.
    pub system: String,
    /// The key.
    pub key: String,
    /// `new`, `gone`, `type` or `rate`.
    pub change: &'static str,
    /// What the key probably stands for, or what replaced it.
    pub guess: Option<String>,
}

/// Counts the keys of accepted versions and writes what drifted. `now` is in seconds since 1970.
pub fn observe(feed: &str, slot: i16, entity: &Entity, accepted: &[(&Version, &State)], now: i64) -> Result<()> {
    let mut by_system = BTreeMap::<&str, Vec<(&Version, &State)>>::new();
    for (version, state) in accepted.iter().filter(|(version, _)| !version.deleted) {
        by_system.entry(&version.record.system).or_default().push((version, state));
    }
    by_system.retain(|system, versions| !kept::add(feed, system, entity, versions, now));
    if by_system.is_empty() {
        return Ok(());
    }
    let (mut mine, mut others) = (BTreeMap::<String, SystemKeys>::new(), BTreeMap::<String, SystemKeys>::new());
    for (system, of_slot, keys) in event::feed_keys(feed, by_system.keys().copied().collect())? {
        if of_slot == slot {
            mine.insert(system, keys);
        } else {
            others.entry(system).or_default().add(keys);
        }
    }
    let (mut found, mut over) = (BTreeSet::new(), BTreeSet::new());
    for (system, versions) in &by_system {
        let keys = mine.entry((*system).to_owned()).or_default();
        kept::give_back(feed, system, keys);
        let (new, gone) = count(system, keys, others.entry((*system).to_owned()).or_default(), entity, versions, now);
        found.extend(new);
        over.extend(gone);
    }
    event::put_feed_keys(feed, slot, &mine)?;
    event::put_drift(feed, &found)?;
    event::drop_drift(feed, &over)?;
    let mut gone = event::keys_gone(feed, by_system.keys().copied().collect())?;
    for (system, keys) in mine {
        let (others, gone) = (others.remove(&*system).unwrap_or_default(), gone.remove(&*system).unwrap_or_default());
        kept::keep(feed, &system, entity, Kept::new(keys, others, gone, now));
    }
    Ok(())
}

fn count(
    system: &str,
    counts: &mut SystemKeys,
    others: &SystemKeys,
    entity: &Entity,
    versions: &[(&Version, &State)],
    now: i64,
) -> (Vec<Drift>, Vec<Drift>) {
    let (mut found, mut over) = (Vec::new(), Vec::new());
    let drift = |key: &str, change, guess| Drift { system: system.to_owned(), key: key.to_owned(), change, guess };
    let attribute_of = |key: &str| attribute_of(entity, key);
    // What other slots know is missed here as well.
    for (key, count) in &others.keys {
        let known = KeyCount { json: count.json.clone(), ..KeyCount::default() };
        counts.keys.entry(key.clone()).or_insert(known);
    }
    let mut unmapped = BTreeSet::new();
    for (version, state) in versions {
        counts.records += 1;
        // Both ascend by key.
        let mut stated = version.attributes.keys().peekable();
        for (key, count) in &mut counts.keys {
            while stated.next_if(|other| other.as_str() < key.as_str()).is_some() {}
            if stated.next_if(|other| other.as_str() == key).is_none() {
                count.absent += 1;
            }
        }
        let all_read = state.unreadable().next().is_none();
        for (key, value) in version.attributes.iter() {
            let full = counts.keys.len() >= MOST_KEYS;
            let count = match counts.keys.get_mut(key.as_str()) {
                Some(count) => count,
                None if full || key.len() > LONGEST_KEY => continue,
                None => {
                    if attribute_of(key).is_none() {
                        unmapped.insert(key.to_string());
                        found.push(drift(key, "new", guess_attribute(&entity.entity, key, value)));
                    }
                    counts.keys.entry(key.to_string()).or_default()
                }
            };
            if count.absent >= GONE_AFTER || (count.absent > 0 && attribute_of(key).is_some()) {
                over.push(drift(key, "gone", None));
            }
            count.n += 1;
            count.absent = 0;
            count.last = now;
            let unread = |attribute: &String| state.unreadable().any(|(name, _)| name == attribute);
            if !all_read && attribute_of(key).is_some_and(unread) {
                count.bad += 1;
                if count.bad == 1 {
                    found.push(drift(key, "rate", None));
                }
            }
            match (json_type(value), &count.json) {
                (None, _) => {}
                (Some(now), Some(before)) if before == now => {}
                (Some(now), before) => {
                    if before.is_some() {
                        found.push(drift(key, "type", None));
                    }
                    count.json = Some(now.to_owned());
                }
            }
        }
    }
    let here = versions.len() as u64;
    for (key, count) in counts.keys.iter().filter(|(_, count)| count.absent >= here) {
        if !counts.expects(others, key, count) {
            continue;
        }
        let replaced = guess_key(key, unmapped.iter().map(String::as_str));
        // A key that appears in the very records in which an expected one is missing is a renaming: no need to wait.
        // Otherwise it is told once, when the run of records without it gets long enough.
        if replaced.is_some() || (count.absent >= GONE_AFTER && count.absent < GONE_AFTER + here) {
            let guess = replaced.or_else(|| {
                let present = counts
                    .keys
                    .iter()
                    .filter(|(other, seen)| seen.absent < count.absent && attribute_of(other).is_none());
                guess_key(key, present.map(|(other, _)| other.as_str()))
            });
            found.push(drift(key, "gone", guess));
        }
    }
    (found, over)
}

/// The attribute that a key stands for.
fn attribute_of<'a>(entity: &'a Entity, key: &str) -> Option<&'a String> {
    entity.entity.attribute(key).map(|known| &known.name).or(entity.mapping.get(key))
}

fn json_type(value: &Value) -> Option<&'static str> {
    match value {
        Value::Null => None,
        Value::Bool(_) => Some("boolean"),
        Value::Number(_) => Some("number"),
        Value::String(_) => Some("string"),
        Value::Array(_) => Some("array"),
        Value::Object(_) => Some("object"),
    }
}
