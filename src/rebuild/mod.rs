//! The whole set: what the state should be, from nothing but accepted versions, decisions and configuration.
//!
//! `rebuild` writes the difference to what is stored, `verify` lists it, `digest` hashes what is stored. All three use
//! the same pure steps as a writer's statement.

mod difference;
mod digest;
mod erased;
mod expected;
mod holders;
mod past;
mod resurvive;
mod verify;

pub use digest::{digest, digest_text};
pub use resurvive::resurvive;
pub use verify::verify;

use crate::audit;
use crate::configuration::{identity_secret, Configuration, Entity};
use crate::error::Result;
use crate::isolation::{self, Rows};
use crate::keyring::Keyring;
use crate::lock;
use crate::memory;
use crate::progress::{self, Progress};
use crate::publish::{publish, Overrides, Placed, Published, Reconsidered, Resurvive};
use crate::resolve::{limits, reconcile, Change};
use crate::store::blocks;
use crate::store::keys::{self, GenericKey, Holder};
use crate::store::record::{self, RecordRow, Stored};
use crate::store::review::Closing;
use crate::store::{golden, limit, review, state, vault};
use expected::{Entry, Expected, Records};
use golden_record_core::resolve::Groundwork;
use holders::Holders;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// Makes the state of an entity type what it should be and gives the number of golden records and limits
/// written. Alone among the writers of the type; readers go on. `about`, an object or null, is what is on record of `action`.
pub fn rebuild(entity_type: &str, action: &str, about: Value) -> Result<i64> {
    let _progress = Progress::begin(action, entity_type);
    lock::entity_exclusive(entity_type);
    isolation::check(Rows::of_type(entity_type))?;
    let configuration = Configuration::current()?;
    let entity = configuration.entity(entity_type)?;
    let keyring = Keyring::new(&identity_secret()?, entity_type);
    let records = expected::read(&configuration, &entity)?;
    erased::refuse(&entity, &records)?;
    let changed = records.changed().count();
    let rebuild = Rebuild { entity: &entity, keyring: &keyring };
    let published = rebuild.bring_about(records, None, true)?;
    past::hide(&entity)?;
    vault::reseal()?;
    let written = published.created + published.updated + published.merged + published.retired;
    let mut detail = about;
    for (what, count) in [("golden_records", written), ("records", changed), ("limits", published.limits)] {
        detail[what] = count.into();
    }
    audit::entry(action, Some(entity_type), None, None, &detail)?;
    Ok((written + published.limits) as i64)
}

/// Takes many changed records in at once: what follows from them is computed for the whole type, which no other writer
/// may touch meanwhile.
pub fn take_in(
    entity: &Entity,
    keyring: &Keyring,
    changes: Vec<Change>,
    groundwork: Option<Groundwork>,
) -> Result<Published> {
    let name = &entity.entity.name;
    let _progress = Progress::begin("ingest", name);
    progress::phase("reading records", 0)?;
    let changed: HashSet<i64> = changes.iter().map(|change| change.row.record_id).collect();
    let mut entries: Vec<Entry> = Vec::with_capacity(changes.len());
    let stored = record::by_entity(name)?.into_iter().filter(|record| !changed.contains(&record.row.record_id));
    entries.extend(stored.map(|Stored { row, state }| Entry::unchanged(row, state)));
    entries.extend(changes.into_iter().map(Entry::change));
    let rebuild = Rebuild { entity, keyring };
    rebuild.bring_about(Records::new(entries)?, groundwork, false)
}

/// A whole set that is made what it should be.
struct Rebuild<'a> {
    entity: &'a Entity,
    keyring: &'a Keyring,
}

impl Rebuild<'_> {
    /// Makes what is stored what is expected. It may be damaged where it is to be mended; else records are all that changed.
    fn bring_about(&self, records: Records, groundwork: Option<Groundwork>, mend: bool) -> Result<Published> {
        let Rebuild { entity, keyring } = *self;
        let entity_type = &entity.entity.name;
        // Who laid it wrote what new ones say.
        let told = groundwork.is_some();
        let (mut expected, goldens) = Expected::of(entity, keyring, records, groundwork, |records, holders| {
            let others = self.write_said(records, holders, told)?;
            // Where it is to be mended, what is stored is looked at; else what records said tells.
            let related = if mend { records.misnamed()? } else { records.related().collect() };
            state::put_cross_references(&said(&related))?;
            if !mend {
                return Ok(None);
            }
            record::drop_orphans(others)?;
            golden::lead_back(entity_type)?;
            // While they are resolved, the backend's own thread has time for it.
            progress::phase("reading golden records", 0)?;
            golden::of_entity(entity_type).map(Some)
        })?;
        progress::phase("writing blocks", expected.blocks.members.len())?;
        blocks::put_all(entity_type, &expected.blocks.members)?;
        blocks::put_all_crowded(entity_type, &expected.blocks.over)?;
        write_generic(entity, keyring, &expected)?;
        // Some three hundred bytes a record, which nobody needs from here on.
        (expected.blocks, expected.holders) = Default::default();
        memory::give_back();

        let components = expected.components();
        let clusters = &expected.resolution.solution.cluster;
        let living = expected.records.living().zip(clusters.iter().zip(&components));
        let placed: Vec<Placed> = living
            .map(|(entry, (cluster, component))| Placed {
                row: &entry.row,
                state: &entry.state,
                changed: entry.changed,
                // Where it is mended, nothing is said anew.
                before: (!mend && entry.changed).then(|| entry.said()),
                cluster: *cluster,
                component: *component,
            })
            .collect();
        let gone = expected.records.entries.iter().filter(|entry| !entry.state.live()).map(|entry| &entry.row);
        let departed: Vec<&RecordRow> = gone.filter(|row| row.golden.is_some() || !row.existing).collect();
        let overrides = Overrides::of_entity(entity_type)?;
        let none = Reconsidered::default();
        let resurvive = goldens.map_or(Resurvive::Of(&none), |goldens| Resurvive::All(goldens.all));
        let mut published = publish(entity, keyring, &placed, &departed, resurvive, overrides)?;
        progress::phase("writing doubts", expected.reviews.len())?;
        let stored = review::of_entity(entity_type)?;
        let limits = limits(&entity.entity, &expected.resolution.solution, &components);
        published.limits = limit::put(entity_type, None, &limits)?;
        reconcile(entity_type, stored, expected.reviews, |_| Closing::Superseded)?;
        Ok(published)
    }

    /// Writes what does not wait for how records are resolved: what they say, new ones unless that is `told`, and their
    /// keys. Gives whether there may be keys of other records than these.
    fn write_said(&self, records: &Records, holders: &Holders, told: bool) -> Result<bool> {
        let (known, new): (Vec<&Entry>, Vec<&Entry>) = records.changed().partition(|entry| entry.row.existing);
        progress::phase("writing states", new.len() + known.len())?;
        if !told {
            state::insert(&said(&new))?;
        }
        state::put(&said(&known))?;
        progress::phase("writing keys", holders.keys.len())?;
        write_keys(records, holders)
    }
}

/// The rows and names of records with what they should say.
fn said<'r>(entries: &[&'r Entry]) -> Vec<state::Said<'r>> {
    entries.iter().copied().map(Entry::says).collect()
}

/// Gives whether there may be keys of other records than these.
fn write_keys(records: &Records, holders: &Holders) -> Result<bool> {
    if !records.entries.iter().any(|entry| entry.row.existing) {
        keys::insert(&holders.keys, |held| holders.holder(records, held))?;
        return Ok(true);
    }
    let stored = keys::all()?;
    let (mut insert, mut put, mut dropped) = (Vec::new(), Vec::new(), Vec::new());
    let others = holders.compare(records, stored, |stored, held| match (stored, held) {
        (Some(stored), Some((held, ..))) if stored.name_key == held.name_key => {}
        (_, Some((held, _, entry))) => if entry.row.existing { &mut put } else { &mut insert }.push(held),
        (Some(gone), None) => dropped.push((gone.key, gone.record_id)),
        (None, None) => {}
    });
    keys::insert(&insert, Holder::clone)?;
    keys::put(&put)?;
    keys::remove(&dropped)?;
    Ok(others)
}

fn write_generic(entity: &Entity, keyring: &Keyring, expected: &Expected) -> Result<()> {
    let name = &entity.entity.name;
    let stored = keys::generic_of_entity(name)?;
    let stored: HashMap<i64, GenericKey> = stored.into_iter().map(|generic| (generic.key, generic)).collect();
    let wanted = expected.holders.generic(entity, keyring, &expected.records);
    let keys: HashSet<i64> = wanted.iter().map(|generic| generic.key).collect();
    keys::drop_generic(stored.keys().filter(|key| !keys.contains(key)).copied().collect())?;
    let new: Vec<_> = wanted.into_iter().filter(|generic| stored.get(&generic.key) != Some(generic)).collect();
    keys::put_generic(name, &new)
}
