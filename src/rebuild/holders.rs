//! Who holds which key, of a whole entity type.

use super::expected::{Entry, Records};
use crate::configuration::Entity;
use crate::error::Result;
use crate::keyring::Keyring;
use crate::parallel;
use crate::resolve::verdict;
use crate::store::keys::{GenericKey, Holder};
use golden_record_core::block::{Key, Space};

/// Records whose keys one thread finds at a time.
const PIECE: usize = 512;

/// A key that a record holds.
#[derive(Clone, Copy)]
pub(super) struct HeldKey {
    pub key: i64,
    /// The record's place among all.
    at: u32,
    pub space: Space,
    generic_by_form: bool,
}

/// The keys that the living hold.
#[derive(Default)]
pub(super) struct Holders {
    /// Ascending by key, then row.
    pub keys: Vec<HeldKey>,
    /// By record: the key of its full name.
    names: Vec<Option<i64>>,
}

impl Holders {
    pub fn of(entity: &Entity, keyring: &Keyring, records: &Records) -> Result<Holders> {
        let pieces: Vec<(usize, &[Entry])> = (0..).step_by(PIECE).zip(records.entries.chunks(PIECE)).collect();
        let found = parallel::map_large(&pieces, |(from, entries)| {
            let (mut keys, mut names) = (Vec::new(), Vec::with_capacity(entries.len()));
            for (at, Entry { row, state, .. }) in (*from as u32..).zip(*entries) {
                let of_one = keyring.keys(&entity.entity, &row.reference, state);
                names.push(of_one.iter().find(|(_, key)| key.space == Space::Name).map(|(digest, _)| *digest));
                let held = |(key, Key { space, generic_by_form, .. })| HeldKey { key, at, space, generic_by_form };
                keys.extend(of_one.into_iter().map(held));
            }
            (keys, names)
        })?;
        let mut all = Holders::default();
        all.keys.reserve_exact(found.iter().map(|(keys, _)| keys.len()).sum());
        for (keys, names) in found {
            all.keys.extend(keys);
            all.names.extend(names);
        }
        // The records ascend by row.
        all.keys.sort_unstable_by_key(|held| (held.key, held.at));
        Ok(all)
    }

    /// A key as it is stored.
    pub fn holder(&self, records: &Records, held: &HeldKey) -> Holder {
        let record_id = records.entries[held.at as usize].row.record_id;
        Holder { key: held.key, record_id, name_key: self.names[held.at as usize] }
    }

    /// Goes through the keys as they are stored and as they should be, in their order: `each` hears of one that is stored, of
    /// one that should be, with its record, or of both. Keys stored for other records than `records` are others' business, or
    /// nobody's: gives whether there are any.
    pub fn compare(
        &self,
        records: &Records,
        mut stored: Vec<Holder>,
        mut each: impl FnMut(Option<Holder>, Option<(Holder, Space, &Entry)>),
    ) -> bool {
        stored.sort_unstable_by_key(|holder| (holder.key, holder.record_id));
        let wanted = |held: &HeldKey| (self.holder(records, held), held.space, &records.entries[held.at as usize]);
        let place = |holder: &Holder| (holder.key, holder.record_id);
        let mut all = self.keys.iter().map(wanted).peekable();
        let mut others = false;
        for stored in stored {
            while let Some(missing) = all.next_if(|(held, ..)| place(held) < place(&stored)) {
                each(None, Some(missing));
            }
            match all.next_if(|(held, ..)| place(held) == place(&stored)) {
                Some(held) => each(Some(stored), Some(held)),
                None if records.find(stored.record_id).is_some() => each(Some(stored), None),
                None => others = true,
            }
        }
        all.for_each(|missing| each(None, Some(missing)));
        others
    }

    /// The keys that should be generic.
    pub fn generic(&self, entity: &Entity, keyring: &Keyring, records: &Records) -> Vec<GenericKey> {
        let keys = self.keys.chunk_by(|a, b| a.key == b.key).filter(|held| held[0].space != Space::Name);
        keys.filter_map(|held| {
            let first = &held[0];
            if held.len() < 2 && !first.generic_by_form {
                return None;
            }
            let holders: Vec<(i64, Option<i64>)> = held
                .iter()
                .map(|held| self.holder(records, held))
                .map(|Holder { record_id, name_key, .. }| (record_id, name_key))
                .collect();
            // Its value, which is needed of few, is told by who holds it.
            let key = |key| Key { space: first.space, value: key, generic_by_form: first.generic_by_form };
            verdict(&entity.entity, first.key, &key(String::new()), &holders)?;
            let entry = &records.entries[first.at as usize];
            let keys = keyring.keys(&entity.entity, &entry.row.reference, &entry.state);
            let (_, key) = keys.into_iter().find(|(digest, _)| *digest == first.key)?;
            verdict(&entity.entity, first.key, &key, &holders)
        })
        .collect()
    }
}
