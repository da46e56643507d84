//! Source ids that are an email or a phone go by another name from the door on: ids are in many tables, and shown.

use crate::error::Result;
use crate::ingest::Incoming;
use crate::vault;
use golden_record_core::record::{RecordRef, Version};
use std::collections::{BTreeMap, HashMap};

/// The ids of a batch that were replaced, by their aliases.
pub struct Aliases(HashMap<RecordRef, String>);

impl Aliases {
    /// Replaces such ids in a batch.
    pub fn give(incoming: &mut [Incoming]) -> Result<Aliases> {
        let vault = vault::open()?;
        let mut sent = HashMap::new();
        let mut replace = |reference: &RecordRef| -> Option<RecordRef> {
            let alias = vault.alias(reference)?;
            sent.insert(alias.clone(), reference.id.clone());
            Some(alias)
        };
        for version in incoming.iter_mut().map(|incoming| &mut incoming.version) {
            if let Some(alias) = replace(&version.record) {
                version.record = alias;
            }
            let aliases: Vec<(RecordRef, RecordRef)> = version
                .cross_references
                .iter()
                .filter_map(|reference| Some((reference.clone(), replace(reference)?)))
                .collect();
            for (reference, alias) in aliases {
                version.cross_references.remove(&reference);
                version.cross_references.insert(alias);
            }
        }
        Ok(Aliases(sent))
    }

    /// The id that was sent for an alias of this batch.
    pub fn sent(&self, reference: &RecordRef) -> Option<&String> {
        self.0.get(reference)
    }

    /// The ids that were sent for the aliases of a version.
    pub fn originals(&self, version: &Version) -> BTreeMap<String, String> {
        let references = version.cross_references.iter().chain([&version.record]);
        references.filter_map(|reference| Some((reference.id.clone(), self.sent(reference)?.clone()))).collect()
    }
}
