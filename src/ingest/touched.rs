//! What is on record about the records that a statement speaks of.

use super::prepare::Prepared;
use crate::configuration::Entity;
use crate::error::Result;
use crate::finger::Finger;
use crate::isolation::{self, Rows};
use crate::keyring::Keyring;
use crate::lock::Held;
use crate::resolve::Change;
use crate::store::record::{self, RecordRow, Stored};
use crate::store::version::{self, Counting};
use golden_record_core::block::Key;
use golden_record_core::pack::{pack_version, version_hash};
use golden_record_core::record::{RecordRef, State, Version};
use pgrx::datum::Uuid;
use std::collections::{HashMap, HashSet};

/// A source record that a statement touches.
pub(super) struct Touched {
    pub row: RecordRow,
    pub old: State,
    /// What it says now, where a version was accepted.
    pub new: Option<State>,
    /// The versions that count.
    pub versions: Vec<Version>,
    /// The hashes of the versions, once they are asked for.
    known: Option<HashSet<[u8; 32]>>,
    /// Whether the last of the versions that count is a row of an attached table.
    is_row: bool,
    /// The hash of the row of an attached table that this statement took last.
    pub taken: Option<[u8; 32]>,
}

impl Touched {
    fn new(reference: RecordRef) -> Touched {
        Touched::of(Stored { row: RecordRow::new(reference), state: State::default() }, Counting::default())
    }

    fn of(Stored { row, state }: Stored, Counting { versions, is_row }: Counting) -> Touched {
        Touched { row, old: state, new: None, versions, known: None, is_row, taken: None }
    }

    /// Notes the hash of a version; tells whether it was there.
    pub fn knows(&mut self, hash: [u8; 32]) -> bool {
        let known = || self.versions.iter().map(hash_of).collect();
        !self.known.get_or_insert_with(known).insert(hash)
    }

    /// Whether the row of an attached table says what the last version, one that is such a row, said; at whatever time, where the
    /// table is not `timed`: then it is the start of the transaction that found the row so.
    pub fn repeats(&self, row: &Prepared, timed: bool) -> bool {
        match (self.taken, self.versions.last()) {
            // Of the same transaction.
            (Some(taken), _) => taken == row.hash,
            (None, Some(last)) if self.is_row => {
                last.says_as(&row.version) && (!timed || last.timestamp == row.version.timestamp)
            }
            _ => false,
        }
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
        // What comes as it was is compared with what it was: by no means as of an older snapshot.
        isolation::check_names(name, &references)?;
        let found: Vec<i64> = stored.iter().map(|stored| stored.row.record_id).collect();
        isolation::check(Rows { records: &found, ..Rows::default() })?;
        stored.sort_unstable_by(|a, b| a.row.reference.cmp(&b.row.reference));
        let mut versions =
            version::counting(stored.iter().map(|stored| (stored.row.record_id, stored.row.attachment.is_some())))?;
        let mut stored = stored.into_iter().peekable();
        let record = |reference| match stored.next_if(|stored| stored.row.reference == reference) {
            Some(stored) => {
                let versions = versions.remove(&stored.row.record_id).unwrap_or_default();
                Touched::of(stored, versions)
            }
            None => Touched::new(reference),
        };
        Ok(AllTouched { records: references.into_iter().map(record).collect(), finger: Finger::default() })
    }

    /// Row ids for records that have none.
    pub fn number_new(&mut self) -> Result<()> {
        let new: Vec<&mut Touched> = self.records.iter_mut().filter(|record| !record.row.existing).collect();
        let ids = record::new_ids(new.len())?;
        for (record, id) in new.into_iter().zip(ids) {
            record.row.record_id = id;
        }
        Ok(())
    }

    /// What changed; and of the records that did not, their golden records.
    pub fn changes(self) -> (Vec<Change>, HashMap<RecordRef, Option<Uuid>>) {
        let (mut changes, mut unchanged) = (Vec::with_capacity(self.records.len()), HashMap::new());
        for record in self.records {
            let Touched { row, old, new, .. } = record;
            match new {
                Some(new) => changes.push(Change { row, old, new }),
                None => {
                    unchanged.insert(row.reference, row.golden);
                }
            }
        }
        (changes, unchanged)
    }

    fn place(&self, reference: &RecordRef) -> Option<usize> {
        self.finger.find(&self.records, |record| record.row.reference.cmp(reference))
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
