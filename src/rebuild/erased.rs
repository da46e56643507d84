//! Who was erased does not come back by a change of configuration: a record that is read anew, and says of somebody erased what
//! it did not say before, is erased as he was. Had it been read so at the door, nothing of it would have been kept.

use super::expected::{Entry, Records};
use crate::audit;
use crate::configuration::Entity;
use crate::error::Result;
use crate::parallel;
use crate::store::erasure::{self as store, Letters};
use crate::store::vault;
use crate::suppress::stated;
use golden_record_core::record::State;
use golden_record_core::vault::Commitment;
use std::collections::BTreeSet;

/// Takes such records for gone; gives their rows. One of which nobody knows what it said before stays.
pub(super) fn keep_out(entity: &Entity, records: Records) -> Result<(Records, Vec<i64>)> {
    let name = &entity.entity.name;
    let live = |entry: &&Entry| entry.before.as_ref().is_some_and(|before| before.live());
    let anew: Vec<&Entry> = records.changed().filter(live).collect();
    if anew.is_empty() || !store::any(name)? {
        return Ok((records, Vec::new()));
    }
    let vault = vault::open()?;
    let vault: &golden_record_core::vault::Vault = &vault;
    let brought: Vec<(i64, BTreeSet<Commitment>)> = parallel::map(&anew, |entry| {
        let of = |state| stated(vault, entity, &entry.stored.reference, state);
        (entry.stored.record_id, &of(entry.state()) - &of(entry.said()))
    })?;
    let asked: BTreeSet<&Commitment> = brought.iter().flat_map(|(_, brought)| brought).collect();
    let hits: BTreeSet<Commitment> = store::kept_out(name, asked)?.into_iter().collect();
    store::hit(name, &hits)?;
    let out = brought.into_iter().filter(|(_, brought)| !brought.is_disjoint(&hits)).map(|(row, _)| row);
    let out: BTreeSet<i64> = out.collect();
    let mut entries = records.entries;
    for entry in entries.iter_mut().filter(|entry| out.contains(&entry.stored.record_id)) {
        entry.stored.state = State::default();
    }
    Ok((Records::new(entries)?, out.into_iter().collect()))
}

/// Takes the rows out of every table, once their golden records live without them.
pub(super) fn remove(entity_type: &str, rows: Vec<i64>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let detail = serde_json::json!({"records": rows.len()});
    store::remove(None, rows, Letters::default())?;
    audit::entry("suppress", Some(entity_type), None, None, &detail)
}
