//! A change of the merge rules: the values of every golden record chosen again, from the records and the partition as they
//! stand. Nothing is matched anew.

use crate::audit;
use crate::configuration::{identity_secret, Configuration};
use crate::error::Result;
use crate::isolation::{self, Rows};
use crate::keyring::Keyring;
use crate::lock;
use crate::publish::{publish, Overrides, Placed, Resurvive};
use crate::rebuild::rebuild;
use crate::store::golden;
use crate::store::record::{self, Stored};
use pgrx::datum::Uuid;
use serde_json::Value;
use std::collections::BTreeMap;

/// Chooses all values of an entity type again, writes those that differ, and gives the number of golden records written.
/// Alone among the writers of the type; readers go on. `about` is as for [`rebuild`].
pub fn resurvive(entity_type: &str, action: &str, mut about: Value) -> Result<i64> {
    lock::entity_exclusive(entity_type);
    isolation::check(Rows::of_type(entity_type))?;
    let entity = Configuration::current()?.entity(entity_type)?;
    let mut records = match record::by_entity(entity_type) {
        // From their versions, then.
        Err(failure) if failure.is_damage() => return rebuild(entity_type, action, about),
        records => records?,
    };
    records.retain(|record| record.row.golden.is_some());
    records.sort_by(|a, b| a.row.reference.cmp(&b.row.reference));
    let mut clusters = BTreeMap::<Option<Uuid>, u32>::new();
    let placed: Vec<Placed> = records
        .iter()
        .map(|Stored { row, state }| {
            let next = clusters.len() as u32;
            Placed {
                row,
                state,
                changed: false,
                before: None,
                cluster: *clusters.entry(row.golden).or_insert(next),
                component: row.component.unwrap_or(row.record_id),
            }
        })
        .collect();
    pgrx::check_for_interrupts!();
    let keyring = Keyring::new(&identity_secret()?, entity_type);
    let overrides = Overrides::on(placed.iter().map(|record| record.row.record_id).collect())?;
    let mut stored = golden::of_entity(entity_type)?.all;
    // The partition stays as it is, damaged or not: one that has no members gets none.
    stored.retain(|golden| !golden.live || clusters.contains_key(&Some(golden.id)));
    let published = publish(&entity, &keyring, &placed, &[], Resurvive::All(stored), overrides)?;
    about["golden_records"] = published.updated.into();
    audit::entry(action, Some(entity_type), None, None, &about)?;
    Ok(published.updated as i64)
}
