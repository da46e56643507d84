//! Who was erased stays out: commitments to what must not come in, and what a record says that it did not say before.

use crate::configuration::Entity;
use golden_record_core::fold::fold;
use golden_record_core::record::{RecordRef, State, Version};
use golden_record_core::source::SourceOptions;
use golden_record_core::vault::{Commitment, Traits, Vault};
use std::collections::BTreeSet;

/// What one version says of who it is about, be it that the record is gone.
pub fn said(entity: &Entity, source: &SourceOptions, version: &Version) -> Traits {
    let stating = version.deleted.then(|| Version { deleted: false, ..version.clone() });
    let stating = std::slice::from_ref(stating.as_ref().unwrap_or(version));
    let state = fold(&entity.entity, &entity.mapping, source, stating);
    said_by(entity, version, &state)
}

/// What one version says of who it is about, where its `state`, what it says by itself, is known.
pub fn said_by(entity: &Entity, version: &Version, state: &State) -> Traits {
    let mut traits = Traits::of(&entity.entity, &version.record, state);
    traits.refer(&version.cross_references);
    traits
}

/// What of somebody must not come in once he is erased.
pub fn commitments(vault: &Vault, entity: &Entity, traits: &Traits) -> BTreeSet<Commitment> {
    traits.commitments(vault, &entity.entity.name).into_keys().collect()
}

/// By what a record itself is kept out, whatever it says.
pub fn named(vault: &Vault, entity: &Entity, reference: &RecordRef) -> BTreeSet<Commitment> {
    commitments(vault, entity, &Traits { references: BTreeSet::from([reference.clone()]), ..Traits::default() })
}

/// What of who a record says it is about must not come in once he is erased: nothing, where the record does not live.
pub fn stated(vault: &Vault, entity: &Entity, reference: &RecordRef, state: &State) -> BTreeSet<Commitment> {
    if !state.live() {
        return BTreeSet::new();
    }
    commitments(vault, entity, &Traits::of(&entity.entity, reference, state))
}
