//! Who was erased does not come back by a change of configuration: one that would have records say of somebody erased what they
//! did not say before is refused. To erase them as well is for who may answer for it, not for who maps a key.

use super::expected::{Entry, Records};
use crate::configuration::Entity;
use crate::error::Result;
use crate::parallel;
use crate::store::erasure as store;
use crate::store::vault;
use crate::suppress::stated;
use golden_record_core::error::Error;
use golden_record_core::vault::{Commitment, Vault};
use std::collections::BTreeSet;

/// Golden records that the error names.
const NAMED: usize = 3;

/// Errors: `55000` where records that are read anew say who was erased. One of which nobody knows what it said before may.
pub(super) fn refuse(entity: &Entity, records: &Records) -> Result<()> {
    let name = &entity.entity.name;
    let live = |entry: &&Entry| entry.before.as_ref().is_some_and(|before| before.live());
    let anew: Vec<&Entry> = records.changed().filter(live).collect();
    if anew.is_empty() || !store::any(name)? {
        return Ok(());
    }
    let vault = vault::open()?;
    let vault: &Vault = &vault;
    let brought: Vec<BTreeSet<Commitment>> = parallel::map(&anew, |entry| {
        let of = |state| stated(vault, entity, &entry.row.reference, state);
        &of(&entry.state) - &of(entry.said())
    })?;
    let asked: BTreeSet<&Commitment> = brought.iter().flatten().collect();
    let hits: BTreeSet<Commitment> = store::kept_out(asked)?.into_iter().collect();
    let found = anew.iter().zip(&brought).filter(|(_, brought)| !brought.is_disjoint(&hits));
    let found: Vec<&Entry> = found.map(|(entry, _)| *entry).collect();
    if found.is_empty() {
        return Ok(());
    }
    let golden: BTreeSet<String> = found.iter().filter_map(|entry| Some(entry.row.golden?.to_string())).collect();
    let named: Vec<&str> = golden.iter().take(NAMED).map(String::as_str).collect();
    let (records, all, named) = (found.len(), golden.len(), named.join(", "));
    Err(Error::new("55000", format!("records of entity type \"{name}\" would say of erased people who they are"))
        .detail(format!("Number of records: {records}; of golden records: {all}, beginning with {named}."))
        .hint("Erase those with golden_record.erase_subject first, or unsuppress who may come in again.")
        .into())
}
