//! What is on record about the records that a statement speaks of.

use super::prepare::Prepared;
use crate::configuration::Entity;
use crate::error::Result;
use crate::finger::Finger;
use crate::keyring::Keyring;
use crate::lock::Held;
use crate::resolve::Change;
use crate::store::{record, version};
use golden_record_core::block::Key;
use golden_record_core::pack::{pack_version, version_hash};
use golden_record_core::record::{RecordRef, State, Version};
use pgrx::datum::Uuid;
use std::collections::{HashMap, HashSet};

/// A source record that a statement touches.
pub(super) struct Touched {
    pub reference: RecordRef,
    pub record_id: i64,
    pub attachment: Option<i64>,
    pub existing: bool,
    pub golden: Option<Uuid>,
    pub component: Option<i64>,
    pub old: State,
    /// What it says now, where a version was accepted.
    pub new: Option<State>,
    pub versions: Vec<Version>,
    /// The hashes of the versions, once they are asked for.
    known: Option<HashSet<[u8; 32]>>,
    /// The hash of the last version.
    pub last: Option<[u8; 32]>,
}

impl Touched {
    fn new(reference: RecordRef) -> Touched {
        Touched {
            reference,
            record_id: 0,
            attachment: None,
            existing: false,
            golden: None,
            component: None,
            old: State::default(),
            new: None,
            versions: Vec::new(),
            known: None,
            last: None,
        }
    }

    fn of(stored: record::Stored, versions: Vec<Version>) -> Touched {
        Touched {
            record_id: stored.record_id,
            attachment: stored.attachment,
            existing: true,
            golden: stored.golden,
            component: stored.component,
            old: stored.state,
            last: versions.last().map(hash_of),
            versions,
            ..Touched::new(stored.reference)
        }
    }

    /// Notes the hash of a version; tells whether it was there.
    pub fn knows(&mut self, hash: [u8; 32]) -> bool {
        let known = || self.versions.iter().map(hash_of).collect();
        !self.known.get_or_insert_with(known).insert(hash)
    }
}

fn hash_of(version: &Version) -> [u8; 32] {
    version_hash(&pack_version(version))
}

/// The records that a statement touches, ascending.
pub(super) struct AllTouched {
    pub records: Vec<Touched>,
    finger: Finger,
}

impl AllTouched {
    /// Locks the records that versions speak of, and reads them. [`crate::resolve`] locks their keys.
    pub fn load(entity: &Entity, keyring: &Keyring, held: &mut Held, incoming: &[Prepared]) -> Result<AllTouched> {
        let mut references: Vec<RecordRef> = incoming.iter().map(|incoming| incoming.version.record.clone()).collect();
        references.sort_unstable();
        references.dedup();
        let name = &entity.entity.name;
        held.records(references.iter().map(|reference| keyring.digest(&Key::reference(reference))));
        let mut stored = record::find(name, &references)?;
        stored.sort_unstable_by(|a, b| a.reference.cmp(&b.reference));
        let mut versions = version::of(stored.iter().map(|stored| stored.record_id).collect())?;
        let mut stored = stored.into_iter().peekable();
        let record = |reference| match stored.next_if(|stored| stored.reference == reference) {
            Some(stored) => {
                let versions = versions.remove(&stored.record_id).unwrap_or_default();
                Touched::of(stored, versions)
            }
            None => Touched::new(reference),
        };
        Ok(AllTouched { records: references.into_iter().map(record).collect(), finger: Finger::default() })
    }

    /// Row ids for records that have none.
    pub fn number_new(&mut self) -> Result<()> {
        let new: Vec<&mut Touched> = self.records.iter_mut().filter(|record| !record.existing).collect();
        let ids = record::new_ids(new.len())?;
        for (record, id) in new.into_iter().zip(ids) {
            record.record_id = id;
        }
        Ok(())
    }

    /// What changed; and of the records that did not, their golden records.
    pub fn changes(self) -> (Vec<Change>, HashMap<RecordRef, Option<Uuid>>) {
        let (mut changes, mut unchanged) = (Vec::with_capacity(self.records.len()), HashMap::new());
        for record in self.records {
            let Touched { reference, record_id, attachment, existing, golden, component, old, new, .. } = record;
            match new {
                Some(new) => {
                    changes.push(Change { record_id, reference, attachment, existing, golden, component, old, new });
                }
                None => {
                    unchanged.insert(reference, golden);
                }
            }
        }
        (changes, unchanged)
    }

    fn place(&self, reference: &RecordRef) -> Option<usize> {
        self.finger.find(&self.records, |record| record.reference.cmp(reference))
    }

    /// The record of that name.
    pub fn find(&self, reference: &RecordRef) -> Option<&Touched> {
        self.records.get(self.place(reference)?)
    }

    /// The record of that name, to be changed.
    pub fn find_mut(&mut self, reference: &RecordRef) -> Option<&mut Touched> {
        let at = self.place(reference)?;
        self.records.get_mut(at)
    }
}
