//! Schema drift: which keys a source sends, and what changed about them.
//!
//! Counters only, outside the digest. They live in slots so that two writers of one feed do not wait for each other; a session
//! in whose records nothing is new adds them up and writes them now and then (`drift/kept.rs`). What is drift, the engine says.

mod kept;

use crate::configuration::Entity;
use crate::error::Result;
use crate::lock;
use crate::store::feed;
use golden_record_core::drift::{Meaning, Observed, SystemKeys};
use golden_record_core::record::{State, Version};
use kept::Kept;
use std::collections::{BTreeMap, BTreeSet};

/// Counts the keys of accepted versions and writes what drifted. `now` is in seconds since 1970.
pub fn observe(feed: &str, entity: &Entity, accepted: &[(&Version, &State)], now: i64) -> Result<()> {
    let mut by_system = BTreeMap::<&str, Vec<(&Version, &State)>>::new();
    for (version, state) in accepted.iter().filter(|(version, _)| !version.deleted) {
        by_system.entry(&version.record.system).or_default().push((version, state));
    }
    by_system.retain(|system, versions| !kept::add(feed, system, entity, versions, now));
    if by_system.is_empty() {
        return Ok(());
    }
    let Some(slot) = lock::slot(feed) else { return Ok(()) };
    let (mut mine, mut others) = (BTreeMap::<String, SystemKeys>::new(), BTreeMap::<String, SystemKeys>::new());
    for (system, of_slot, keys) in feed::keys(feed, by_system.keys().copied().collect())? {
        if of_slot == slot {
            mine.insert(system, keys);
        } else {
            others.entry(system).or_default().add(keys);
        }
    }
    let (mut counted, mut found, mut over) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
    for (system, versions) in &by_system {
        let mut keys = mine.remove(*system).unwrap_or_default();
        kept::give_back(feed, system, &mut keys);
        let others = others.entry((*system).to_owned()).or_default();
        let Observed { found: new, over: gone } = keys.observe(others, meaning(entity), versions, now);
        // Where another transaction notes drift of this system, these records are not counted: the next find what they found.
        let drifted = !new.is_empty() || !gone.is_empty();
        if drifted && !lock::note(&["drift", feed, system]) {
            continue;
        }
        counted.insert((*system).to_owned(), keys);
        found.extend(new.into_iter().map(|drift| (*system, drift)));
        over.extend(gone.into_iter().map(|drift| (*system, drift)));
    }
    feed::put_keys(feed, slot, &counted)?;
    feed::put_drift(feed, &found)?;
    feed::drop_drift(feed, &over)?;
    let mut gone = feed::keys_gone(feed, by_system.keys().copied().collect())?;
    for (system, keys) in counted {
        let (others, gone) = (others.remove(&*system).unwrap_or_default(), gone.remove(&*system).unwrap_or_default());
        kept::keep(feed, &system, entity, Kept::new(keys, others, gone, now));
    }
    Ok(())
}

fn meaning(entity: &Entity) -> Meaning<'_> {
    Meaning { entity: &entity.entity, mapping: &entity.mapping }
}
