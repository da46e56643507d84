//! Who was erased stays out.

use super::prepare::Prepared;
use crate::configuration::Entity;
use crate::erasure::said;
use crate::error::Result;
use crate::store::{erasure as store, vault};
use golden_record_core::record::RecordRef;
use golden_record_core::source::SourceOptions;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Takes out of a batch what concerns erased people; gives it by its place.
pub(super) fn keep_out(
    entity: &Entity,
    incoming: Vec<Prepared>,
    source: &dyn Fn(&str) -> Arc<SourceOptions>,
) -> Result<(Vec<Prepared>, Vec<(i32, RecordRef)>)> {
    let name = &entity.entity.name;
    if !store::any(name)? {
        return Ok((incoming, Vec::new()));
    }
    let vault = vault::open()?;
    let mut by_commitment = BTreeMap::<Vec<u8>, BTreeSet<i32>>::new();
    for Prepared { ordinal, version, .. } in &incoming {
        let traits = said(entity, &source(&version.record.system), version);
        for commitment in traits.commitments(&vault, name).into_keys() {
            by_commitment.entry(commitment.to_vec()).or_default().insert(*ordinal);
        }
    }
    let hit = store::hit(name, by_commitment.keys().cloned().collect())?;
    let out: BTreeSet<i32> =
        hit.iter().filter_map(|commitment| by_commitment.get(commitment)).flatten().copied().collect();
    let (out, incoming): (Vec<Prepared>, Vec<Prepared>) =
        incoming.into_iter().partition(|incoming| out.contains(&incoming.ordinal));
    Ok((incoming, out.into_iter().map(|incoming| (incoming.ordinal, incoming.version.record)).collect()))
}
