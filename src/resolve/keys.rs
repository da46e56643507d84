//! The keys of changed records: written, and judged whether they serve too many to count.

use super::Work;
use crate::error::Result;
use crate::isolation;
use crate::store::keys::{self, GenericKey, Holder};
use crate::store::state;
use golden_record_core::block::{Cause, Key, Space};
use golden_record_core::entity::EntityType;
use golden_record_core::kind::Kind;
use golden_record_core::mask::mask;
use hashbrown::{HashMap, HashSet};
use std::collections::{BTreeMap, BTreeSet};

impl Work<'_> {
    /// Writes what the changed records say, and the difference between the keys they held and hold.
    pub(super) fn write_states_and_keys(&self, old_keys: &[Vec<(i64, Key)>]) -> Result<()> {
        let types = &self.entity.entity;
        let states: Vec<state::Said> = self
            .changes
            .iter()
            .filter(|change| !change.row.existing || change.old != change.new)
            .map(|change| (change.row.record_id, &change.row.reference, &change.new))
            .collect();
        state::put(&states)?;
        let related =
            self.changes.iter().filter(|change| change.old.cross_references() != change.new.cross_references());
        let related: Vec<state::Said> =
            related.map(|change| (change.row.record_id, &change.row.reference, &change.new)).collect();
        state::put_cross_references(&related)?;
        let (mut insert, mut put, mut dropped) = (Vec::new(), Vec::new(), Vec::new());
        for (change, old) in self.changes.iter().zip(old_keys) {
            let name_key = self.keyring.name_key(types, &change.new);
            let same_name = name_key == self.keyring.name_key(types, &change.old);
            let before: HashSet<i64> = old.iter().map(|(digest, _)| *digest).collect();
            let now: HashSet<i64> = self
                .seen
                .get(&change.row.record_id)
                .map(|record| record.keys.iter().map(|(digest, _)| *digest).collect())
                .unwrap_or_default();
            let holder = |key: &i64| Holder { key: *key, record_id: change.row.record_id, name_key };
            let written = if change.row.existing { &mut put } else { &mut insert };
            written.extend(now.iter().filter(|key| !same_name || !before.contains(*key)).map(holder));
            dropped.extend(before.difference(&now).map(|key| (*key, change.row.record_id)));
        }
        // As they stand in the index: neighbours share its pages.
        insert.sort_unstable_by_key(|holder| holder.key);
        keys::insert(&insert, Holder::clone)?;
        keys::put(&put)?;
        keys::remove(&dropped)
    }

    /// Decides anew which of the changed records' keys are generic, and gives the holders of those that turned.
    pub(super) fn judge(&mut self, old_keys: &[Vec<(i64, Key)>]) -> Result<BTreeSet<i64>> {
        let mut keys: BTreeMap<i64, Key> = old_keys.iter().flatten().cloned().collect();
        keys.extend(self.seen.values().filter(|record| record.changed).flat_map(|record| record.keys.iter().cloned()));
        keys.retain(|_, key| key.space != Space::Name);
        let block_limit = self.entity.entity.options.block_limit;
        let stored = self.look_up_judged(keys.keys().copied().collect(), block_limit)?;
        let (mut now_generic, mut no_longer) = (Vec::new(), Vec::new());
        let (mut flipped, mut crowded) = (BTreeSet::new(), Vec::new());
        for (digest, key) in &keys {
            let holders = self.holders.get(digest).map(Vec::as_slice).unwrap_or_default();
            let verdict = verdict(&self.entity.entity, *digest, key, holders).filter(|_| !holders.is_empty());
            let (was, is) = (stored.get(digest), verdict.is_some());
            self.generic.insert(*digest, is || key.generic_by_form);
            if is {
                self.generic_keys.insert(key.clone());
            }
            self.was_generic.insert(*digest, was.is_some() || key.generic_by_form);
            if was.is_some() != is && !key.generic_by_form && key.space.scores() {
                if holders.len() > block_limit as usize {
                    crowded.push(*digest);
                }
                flipped.extend(holders.iter().map(|(row, _)| *row));
            }
            match verdict {
                Some(generic) if was != Some(&generic.reason) => now_generic.push(generic),
                None if was.is_some() => no_longer.push(*digest),
                _ => {}
            }
        }
        // Looked up as far as the limit only: those beyond it turned as well.
        flipped.extend(keys::holders(crowded, i64::MAX)?.into_iter().map(|holder| holder.record_id));
        keys::put_generic(&self.entity.entity.name, &now_generic)?;
        keys::drop_generic(no_longer)?;
        Ok(flipped)
    }

    /// Reads who holds keys, all of them or more than `limit`, and why those are generic that are.
    fn look_up_judged(&mut self, keys: Vec<i64>, limit: u32) -> Result<HashMap<i64, Cause>> {
        let mut reasons = HashMap::new();
        for keys::Judged { key, reason, holder } in keys::judged(keys, i64::from(limit) + 1)? {
            self.holders.entry(key).or_default().extend(holder);
            if let Some(reason) = reason {
                reasons.insert(key, reason);
            }
        }
        Ok(reasons)
    }

    /// Reads who holds keys that were not looked up yet: all of them, or more than `limit`.
    pub(super) fn look_up(&mut self, keys: Vec<i64>, limit: u32) -> Result<()> {
        let mut missing: Vec<i64> = keys.into_iter().filter(|key| !self.holders.contains_key(key)).collect();
        // Many records hold the same.
        missing.sort_unstable();
        missing.dedup();
        for key in &missing {
            self.holders.insert(*key, Vec::new());
        }
        for holder in keys::holders(missing, i64::from(limit) + 1)? {
            self.holders.entry(holder.key).or_default().push((holder.record_id, holder.name_key));
        }
        Ok(())
    }

    /// Learns which keys of records are generic, for keys that this statement did not judge.
    pub(super) fn learn_generic(&mut self, rows: &[i64]) -> Result<()> {
        let seen = rows.iter().filter_map(|row| self.seen.get(row));
        let unknown = self.unknown(seen.flat_map(|record| record.keys.iter().filter(|(_, key)| key.space.scores())));
        let judged = ask(&unknown)?;
        self.learn(judged);
        Ok(())
    }

    /// Learns which of `keys` are generic, but for those that this statement judged or asked for.
    pub(super) fn learn_generic_keys<'k>(&mut self, keys: impl Iterator<Item = &'k (i64, Key)>) -> Result<()> {
        let judged = ask(&self.unknown(keys))?;
        self.learn(judged);
        Ok(())
    }

    /// Those of some keys, each once, of which this statement does not know yet whether they are generic.
    fn unknown<'k>(&self, keys: impl Iterator<Item = &'k (i64, Key)>) -> Vec<(i64, &'k Key)> {
        let unknown = keys.filter(|(digest, _)| !self.generic.contains_key(digest));
        let mut unknown: Vec<(i64, &Key)> = unknown.map(|(digest, key)| (*digest, key)).collect();
        unknown.sort_unstable_by_key(|(digest, _)| *digest);
        unknown.dedup_by_key(|(digest, _)| *digest);
        unknown
    }

    fn learn(&mut self, Judged { generic, keys }: Judged) {
        self.generic.extend(generic);
        self.generic_keys.extend(keys);
    }
}

/// What is on record about keys.
struct Judged {
    /// By digest, whether the key is generic.
    generic: Vec<(i64, bool)>,
    /// Those that are, but for those that are by form.
    keys: Vec<Key>,
}

fn ask(keys: &[(i64, &Key)]) -> Result<Judged> {
    let digests: Vec<i64> = keys.iter().map(|(digest, _)| *digest).collect();
    isolation::check_generic(&digests)?;
    let stored = keys::generic(digests)?;
    let is_generic = |(digest, key): &(i64, &Key)| (*digest, key.generic_by_form || stored.contains(digest));
    let listed = keys.iter().filter(|(digest, _)| stored.contains(digest));
    Ok(Judged { generic: keys.iter().map(is_generic).collect(), keys: listed.map(|(_, key)| (*key).clone()).collect() })
}

/// Why a key is generic, if it is.
pub fn verdict(entity: &EntityType, digest: i64, key: &Key, holders: &[(i64, Option<i64>)]) -> Option<GenericKey> {
    let names = holders.iter().filter_map(|(_, name)| *name).collect::<HashSet<i64>>().len();
    let (reason, threshold) = key.space.generic(entity, holders.len(), names, key.generic_by_form)?;
    let masked = mask(&key.value, key.space.kind().unwrap_or(Kind::Identifier));
    Some(GenericKey {
        key: digest,
        attribute: key.space.name().to_owned(),
        masked,
        reason,
        threshold: threshold.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX)),
    })
}
