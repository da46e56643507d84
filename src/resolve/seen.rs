//! The records that a statement sees: the changed ones as they are now, and those that it loads.

use super::{OldKeys, Work};
use crate::error::{Failure, Result};
use crate::lock::Held;
use crate::parallel;
use crate::store::golden;
use crate::store::record::{self, RecordRow, Stored};
use golden_record_core::block::Key;
use golden_record_core::record::{Node, State};
use hashbrown::{HashMap, HashSet};
use std::collections::BTreeSet;

/// A record as this statement sees it.
pub(super) struct Seen {
    pub(super) row: RecordRow,
    pub(super) state: State,
    pub(super) changed: bool,
    pub(super) keys: Vec<(i64, Key)>,
}

/// Somebody took records away, and left their keys.
pub(super) fn keys_of_none() -> Failure {
    Failure::damaged("keys are stored for a source record that is not there")
}

impl Work<'_> {
    /// Takes the changed records in as they are now, and gives the keys that each held before.
    pub(super) fn take_changes(&mut self) -> Result<OldKeys> {
        let (types, keyring) = (&self.entity.entity, self.keyring);
        let keys = parallel::map(&self.changes, |change| {
            [&change.old, &change.new].map(|state| keyring.keys(types, &change.row.reference, state))
        })?;
        let mut old_keys = Vec::with_capacity(self.changes.len());
        for (change, [old, keys]) in self.changes.iter().zip(keys) {
            old_keys.push(old);
            if change.new.live() {
                let seen = Seen { row: change.row.clone(), state: change.new.clone(), changed: true, keys };
                self.seen.insert(change.row.record_id, seen);
            }
        }
        Ok(old_keys)
    }

    /// Takes loaded records in; a changed one stays as the change made it.
    pub(super) fn add(&mut self, rows: Vec<Stored>) -> Result<()> {
        let (types, keyring) = (&self.entity.entity, self.keyring);
        let others = rows
            .into_iter()
            .filter(|record| record.row.golden.is_some() && !self.changed.contains_key(&record.row.record_id));
        let others: Vec<Stored> = others.collect();
        let keys = parallel::map(&others, |record| keyring.keys(types, &record.row.reference, &record.state))?;
        for (Stored { row, state }, keys) in others.into_iter().zip(keys) {
            self.seen.entry(row.record_id).or_insert(Seen { row, state, changed: false, keys });
        }
        Ok(())
    }

    pub(super) fn load(&mut self, rows: &BTreeSet<i64>) -> Result<()> {
        let missing: Vec<i64> = rows.iter().filter(|row| !self.seen.contains_key(row)).copied().collect();
        if !missing.is_empty() {
            self.add(record::by_id(&missing)?)?;
        }
        Ok(())
    }

    pub(super) fn node(&self, row: i64) -> Result<Node<'_>> {
        let record = self.seen.get(&row).ok_or_else(keys_of_none)?;
        Ok(Node { reference: &record.row.reference, state: &record.state })
    }

    pub(super) fn nodes(&self, rows: &[i64]) -> Result<Vec<Node<'_>>> {
        rows.iter().map(|row| self.node(*row)).collect()
    }

    /// Locks the components of the anchors and of the changed records, and loads their members. Reads again after
    /// each wait, until no component is new.
    pub(super) fn lock_components(&mut self, held: &mut Held, anchors: &BTreeSet<i64>) -> Result<BTreeSet<i64>> {
        let concerned = anchors.iter().chain(self.changes.iter().map(|change| &change.row.record_id));
        let rows: BTreeSet<i64> = concerned.filter(|row| !self.new.contains(*row)).copied().collect();
        let (seen, unseen): (Vec<i64>, Vec<i64>) = rows.iter().partition(|row| self.seen.contains_key(row));
        let mut components: BTreeSet<i64> = seen.iter().filter_map(|row| self.seen[row].row.component).collect();
        components.extend(record::components(unseen)?);
        // Who returns as somebody else than before founds the id no longer that stands for others meanwhile.
        let living = self.changes.iter().filter(|change| change.new.live()).map(|change| &change.row);
        let returned = living.filter(|row| row.existing && row.golden.is_none()).map(|row| row.record_id);
        let returned: Vec<i64> = returned.collect();
        held.goldens(golden::founded(returned.clone())?);
        let loaded = loop {
            held.components(components.iter().copied());
            let loaded = record::by_component(&components.iter().copied().collect::<Vec<_>>())?;
            let there: HashSet<i64> = loaded.iter().map(|record| record.row.record_id).collect();
            // Those that another writer moved until they were locked, and those for whom the ids stand by now.
            let wanted = rows.iter().copied().chain(golden::standing(returned.clone())?);
            let elsewhere = wanted.filter(|row| !there.contains(row)).collect();
            let before = components.len();
            components.extend(record::components(elsewhere)?);
            if components.len() == before {
                break loaded;
            }
        };
        let mut members: BTreeSet<i64> = loaded.iter().map(|record| record.row.record_id).collect();
        // Another writer may have resolved a changed record's component until it was locked.
        let now: HashMap<i64, &RecordRow> = loaded.iter().map(|record| (record.row.record_id, &record.row)).collect();
        for change in &mut self.changes {
            if let Some(row) = now.get(&change.row.record_id) {
                (change.row.golden, change.row.component) = (row.golden, row.component);
            }
        }
        // And changed a member that is no candidate of ours: what is loaded now counts.
        for Stored { row, .. } in &loaded {
            if let Some(seen) = self.seen.get_mut(&row.record_id).filter(|seen| seen.changed) {
                (seen.row.golden, seen.row.component) = (row.golden, row.component);
            }
            if self.seen.get(&row.record_id).is_some_and(|seen| !seen.changed) {
                self.seen.remove(&row.record_id);
            }
        }
        drop(now);
        self.add(loaded)?;
        members.extend(self.changes.iter().map(|change| change.row.record_id));
        members.retain(|row| self.seen.contains_key(row));
        Ok(members)
    }
}
