//! The keys of one system's records, counted.

use super::guess::{guess_attribute, guess_key};
use crate::entity::EntityType;
use crate::record::{State, Version};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A key that at least this share of a system's records carried is expected in each.
const EXPECTED_SHARE: f64 = 0.5;
/// An expected key is gone once so many records in a row did without it.
const GONE_AFTER: u64 = 10;

/// Longer keys, and more of a system, are not watched: they wait in [`State::raw`] all the same.
const LONGEST_KEY: usize = 255;
const MOST_KEYS: usize = 1000;

/// What is known of one key of one system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

/// All keys of one system, as one slot counted them: several writers of a feed count side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SystemKeys {
    /// Records counted.
    pub records: u64,
    /// By key.
    pub keys: BTreeMap<String, KeyCount>,
}

/// What changed about a key.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Drift {
    /// The key.
    pub key: String,
    /// `new`, `gone`, `type` or `rate`.
    pub change: &'static str,
    /// What the key probably stands for, or what replaced it.
    pub guess: Option<String>,
}

impl Drift {
    fn of(key: &str, change: &'static str, guess: Option<String>) -> Drift {
        Drift { key: key.to_owned(), change, guess }
    }
}

/// What some records came to.
#[derive(Default)]
pub struct Observed {
    /// What drifted.
    pub found: Vec<Drift>,
    /// Drift that is over.
    pub over: Vec<Drift>,
}

/// What keys stand for.
#[derive(Clone, Copy)]
pub struct Meaning<'a> {
    /// Its attributes have keys of their own.
    pub entity: &'a EntityType,
    /// The attributes of other keys.
    pub mapping: &'a BTreeMap<String, String>,
}

impl<'a> Meaning<'a> {
    /// The attribute that a key stands for.
    fn of(&self, key: &str) -> Option<&'a String> {
        self.entity.attribute(key).map(|known| &known.name).or(self.mapping.get(key))
    }
}

impl SystemKeys {
    /// Adds the counts of another slot.
    pub fn add(&mut self, other: SystemKeys) {
        self.records += other.records;
        for (key, count) in other.keys {
            let sum = self.keys.entry(key).or_default();
            sum.n += count.n;
            sum.json = sum.json.take().or(count.json);
        }
    }

    /// Adds what was counted in this slot since the counts were `before`.
    pub fn add_since(&mut self, before: &SystemKeys, now: SystemKeys) {
        self.records += now.records - before.records;
        for (key, now) in now.keys {
            let before = before.keys.get(&key).map_or(0, |before| before.n);
            let sum = self.keys.entry(key).or_default();
            sum.n += now.n - before;
            (sum.absent, sum.last) = (now.absent, now.last.max(sum.last));
            sum.json = sum.json.take().or(now.json);
        }
    }

    /// Whether a key that was not met yet is watched from now on.
    fn watches(&self, key: &str) -> bool {
        key.len() <= LONGEST_KEY && self.keys.len() < MOST_KEYS
    }

    /// Whether a key is expected in every record, by what this slot and the others saw before it went missing.
    fn expects(&self, others: &SystemKeys, key: &str, count: &KeyCount) -> bool {
        let n = count.n + others.keys.get(key).map_or(0, |other| other.n);
        let records = (self.records + others.records).saturating_sub(count.absent);
        n > 0 && n as f64 >= EXPECTED_SHARE * records as f64
    }

    /// Counts records, none of them deleted, in whose keys nothing is new: `None` where something may be. `others`: what
    /// other slots counted; `gone`: keys that are noted as gone; `now` in seconds since 1970.
    pub fn with(
        &self,
        others: &SystemKeys,
        gone: &BTreeSet<String>,
        meaning: Meaning,
        versions: &[(&Version, &State)],
        now: i64,
    ) -> Option<SystemKeys> {
        let mut counted = self.clone();
        for (version, state) in versions {
            counted.records += 1;
            let is_new = |key: &str| !counted.keys.contains_key(key) && counted.watches(key);
            if version.attributes.keys().any(|key| is_new(key.as_str())) {
                return None;
            }
            for (key, count) in &mut counted.keys {
                let Some(value) = version.attributes.get(key.as_str()) else {
                    count.absent += 1;
                    continue;
                };
                let bad = meaning.of(key).is_some_and(|attribute| is_unread(state, attribute));
                let other = json_type(value).is_some_and(|json| count.json.as_deref() != Some(json));
                if bad || other || gone.contains(key) {
                    return None;
                }
                (count.n, count.absent, count.last) = (count.n + 1, 0, now);
            }
        }
        let turned = |(key, count): (&String, &KeyCount)| {
            let before = self.keys.get(key).map_or(0, |before| before.absent);
            count.absent >= GONE_AFTER && before < GONE_AFTER && counted.expects(others, key, count)
        };
        (!counted.keys.iter().any(turned)).then_some(counted)
    }

    /// Counts records, none of them deleted, and tells what changed about their keys. `others`: what other slots counted;
    /// `now` in seconds since 1970.
    pub fn observe(
        &mut self,
        others: &SystemKeys,
        meaning: Meaning,
        versions: &[(&Version, &State)],
        now: i64,
    ) -> Observed {
        let mut observed = Observed::default();
        // What other slots know is missed here as well.
        for (key, count) in &others.keys {
            let known = KeyCount { json: count.json.clone(), ..KeyCount::default() };
            self.keys.entry(key.clone()).or_insert(known);
        }
        let mut unmapped = BTreeSet::new();
        for (version, state) in versions {
            self.records += 1;
            self.miss(version);
            let all_read = state.unreadable().next().is_none();
            for (key, value) in version.attributes.iter() {
                let attribute = meaning.of(key);
                let watched = self.watches(key);
                let count = match self.keys.get_mut(key.as_str()) {
                    Some(count) => count,
                    None if !watched => continue,
                    None => {
                        if attribute.is_none() {
                            unmapped.insert(key.to_string());
                            let guess = guess_attribute(meaning.entity, key, value);
                            observed.found.push(Drift::of(key, "new", guess));
                        }
                        self.keys.entry(key.to_string()).or_default()
                    }
                };
                if count.absent >= GONE_AFTER || (count.absent > 0 && attribute.is_some()) {
                    observed.over.push(Drift::of(key, "gone", None));
                }
                (count.n, count.absent, count.last) = (count.n + 1, 0, now);
                if !all_read && attribute.is_some_and(|attribute| is_unread(state, attribute)) {
                    count.bad += 1;
                    if count.bad == 1 {
                        observed.found.push(Drift::of(key, "rate", None));
                    }
                }
                if let Some(json) = json_type(value).filter(|json| count.json.as_deref() != Some(json)) {
                    if count.json.replace(json.to_owned()).is_some() {
                        observed.found.push(Drift::of(key, "type", None));
                    }
                }
            }
        }
        observed.found.extend(self.gone(others, meaning, &unmapped, versions.len() as u64));
        observed
    }

    /// Counts the keys that a record does without.
    fn miss(&mut self, version: &Version) {
        // Both ascend by key.
        let mut stated = version.attributes.keys().peekable();
        for (key, count) in &mut self.keys {
            while stated.next_if(|other| other.as_str() < key.as_str()).is_some() {}
            if stated.next_if(|other| other.as_str() == key).is_none() {
                count.absent += 1;
            }
        }
    }

    /// Whether records that do without a key have another of its attribute.
    fn is_replaced(&self, meaning: Meaning, key: &str, count: &KeyCount) -> bool {
        let Some(attribute) = meaning.of(key) else { return false };
        self.keys.iter().any(|(other, seen)| seen.absent < count.absent && meaning.of(other) == Some(attribute))
    }

    /// The expected keys that the last `here` records did without, and that are gone; of them came `unmapped` keys.
    fn gone(&self, others: &SystemKeys, meaning: Meaning, unmapped: &BTreeSet<String>, here: u64) -> Vec<Drift> {
        let mut gone = Vec::new();
        for (key, count) in self.keys.iter().filter(|(_, count)| count.absent >= here) {
            if !self.expects(others, key, count) || self.is_replaced(meaning, key, count) {
                continue;
            }
            let replaced = guess_key(key, unmapped.iter().map(String::as_str));
            // A key that appears in the very records in which an expected one is missing is a renaming: no need to wait.
            // Otherwise it is told once, when the run of records without it gets long enough.
            if replaced.is_some() || (count.absent >= GONE_AFTER && count.absent < GONE_AFTER + here) {
                let guess = replaced.or_else(|| {
                    let present = self
                        .keys
                        .iter()
                        .filter(|(other, seen)| seen.absent < count.absent && meaning.of(other).is_none());
                    guess_key(key, present.map(|(other, _)| other.as_str()))
                });
                gone.push(Drift::of(key, "gone", guess));
            }
        }
        gone
    }
}

fn is_unread(state: &State, attribute: &str) -> bool {
    state.unreadable().any(|(name, _)| name == attribute)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::fold;
    use crate::record::RecordRef;
    use crate::source::SourceOptions;
    use serde_json::json;

    fn version(attributes: Value) -> Version {
        let attributes = attributes.as_object().cloned().unwrap_or_default();
        Version {
            entity_type: "CUSTOMER".into(),
            record: RecordRef::new("CRM", "1"),
            cross_references: BTreeSet::new(),
            attributes: attributes.into_iter().map(|(key, value)| (key.into(), value)).collect(),
            timestamp: 0,
            sequence: None,
            vector_clock: None,
            no_entity: false,
            source_priority: None,
            region: None,
            deleted: false,
        }
    }

    /// Counts records one by one, and beside that by [`SystemKeys::with`]: which, where it counts them, counts alike.
    fn counted(keys: &mut SystemKeys, records: &[Value]) -> Vec<(String, &'static str, Option<String>)> {
        let (entity, mapping, others) = (EntityType::customer(), BTreeMap::new(), SystemKeys::default());
        let meaning = Meaning { entity: &entity, mapping: &mapping };
        let mut found = Vec::new();
        for record in records {
            let version = version(record.clone());
            let state = fold(&entity, &mapping, &SourceOptions::default(), std::slice::from_ref(&version));
            let quietly = keys.with(&others, &BTreeSet::new(), meaning, &[(&version, &state)], 7);
            let observed = keys.observe(&others, meaning, &[(&version, &state)], 7);
            assert!(quietly.is_none_or(|quietly| observed.found.is_empty() && quietly == *keys), "{record}");
            found.extend(observed.found.into_iter().map(|drift| (drift.key, drift.change, drift.guess)));
        }
        found
    }

    #[test]
    fn what_changed_about_keys_is_told_once() {
        let mut keys = SystemKeys::default();
        let usual = json!({"email": "a@example.com", "tier": "gold"});
        assert_eq!(counted(&mut keys, &[usual.clone(), usual.clone()]), [("tier".into(), "new", None)]);
        assert_eq!(
            counted(&mut keys, &[json!({"email": "a@example.com", "tier": 2})]),
            [("tier".into(), "type", None)]
        );
        assert_eq!(counted(&mut keys, &[json!({"email": ["?"], "tier": 2})])[0].1, "rate");
        let renamed = json!({"email_address": "a@example.com", "tier": 2});
        let found = counted(&mut keys, &vec![renamed; 30]);
        let told = |key: &str, change, guess: &str| (key.to_owned(), change, Some(guess.to_owned()));
        assert_eq!(found[..2], [told("email_address", "new", "email"), told("email", "gone", "email_address")]);
        assert_eq!(found.iter().filter(|drift| drift.1 == "new").count(), 1);
    }

    #[test]
    fn keys_that_are_not_watched_are_nothing_new() {
        let long = json!({"x".repeat(LONGEST_KEY + 1): 1});
        let more = |from: usize| Value::from_iter((from..from + MOST_KEYS).map(|n| (format!("key{n}"), json!(1))));
        for (first, next) in [(long.clone(), long), (more(0), more(1))] {
            let mut keys = SystemKeys::default();
            counted(&mut keys, &[first]);
            let version = version(next);
            let (entity, mapping, others) = (EntityType::customer(), BTreeMap::new(), SystemKeys::default());
            let state = fold(&entity, &mapping, &SourceOptions::default(), std::slice::from_ref(&version));
            let meaning = Meaning { entity: &entity, mapping: &mapping };
            assert!(keys.with(&others, &BTreeSet::new(), meaning, &[(&version, &state)], 7).is_some());
        }
    }

    #[test]
    fn what_was_counted_beside_others_adds_up() {
        let (mut written, mut stored) = (SystemKeys::default(), SystemKeys::default());
        counted(&mut written, &[json!({"email": "a@example.com"})]);
        stored.add(written.clone());
        let mut now = written.clone();
        counted(&mut now, &vec![json!({"email": "a@example.com"}); 3]);
        stored.add_since(&written, now.clone());
        assert_eq!((stored.records, stored.keys["email"].n), (4, 4));
    }
}
