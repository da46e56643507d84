//! Source ids that are an email or a phone go by another name from the door on: ids are in many tables, and shown.

use golden_record_core::record::{RecordRef, Version};
use golden_record_core::value::Text;
use golden_record_core::vault::Vault;
use std::collections::BTreeMap;

/// A version under the ids that were sent, by their aliases: as it came.
pub fn take_back(version: &Version, sent: &BTreeMap<Text, Text>) -> Version {
    let named = |reference: &RecordRef| RecordRef {
        id: sent.get(&reference.id).unwrap_or(&reference.id).clone(),
        ..reference.clone()
    };
    Version {
        record: named(&version.record),
        cross_references: version.cross_references.iter().map(named).collect(),
        ..version.clone()
    }
}

/// Replaces such ids in a version; gives those that were sent, by their aliases.
pub fn give(vault: &Vault, version: &mut Version) -> BTreeMap<Text, Text> {
    let mut sent = BTreeMap::new();
    let mut replace = |reference: &RecordRef| -> Option<RecordRef> {
        let alias = vault.alias(reference)?;
        sent.insert(alias.id.clone(), reference.id.clone());
        Some(alias)
    };
    if let Some(alias) = replace(&version.record) {
        version.record = alias;
    }
    let references = version.cross_references.iter();
    let aliases: Vec<(RecordRef, RecordRef)> =
        references.filter_map(|reference| Some((reference.clone(), replace(reference)?))).collect();
    for (reference, alias) in aliases {
        version.cross_references.remove(&reference);
        version.cross_references.insert(alias);
    }
    sent
}
