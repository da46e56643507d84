//! Candidates: under `guide` the holders of a common value, under `probabilistic` the members of a common block.
//!
//! Blocks are made of what a record says without its generic values, so they follow once values are judged. A block
//! over its limit counts for nothing; when a record's coming or going takes one across, exactly the pairs that it
//! brings together or no longer does are weighed again.

use super::Work;
use crate::error::Result;
use crate::isolation;
use crate::lock::Held;
use crate::store::matching::{self, GenericKey, Holder};
use golden_record_core::block::{Key, Space};
use golden_record_core::entity::Policy;
use golden_record_core::probabilistic::key_limit;
use golden_record_core::resolve::Node;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// No block may have more members than this: what look-ups read of one.
const MOST_MEMBERS: u32 = 100;

type Pairs = BTreeSet<(i64, i64)>;

impl Work<'_> {
    fn blocks_count(&self) -> bool {
        self.entity.entity.policy == Policy::Probabilistic
    }

    /// Brings the blocks of rescored records up to date. Gives the pairs of other records whose common block crossed
    /// its limit.
    pub(super) fn reblock(&mut self, held: &mut Held, rescored: &BTreeSet<i64>) -> Result<Pairs> {
        if !self.blocks_count() {
            return Ok(Pairs::new());
        }
        let rows: Vec<i64> = rescored.iter().filter(|row| self.seen.contains_key(row)).copied().collect();
        self.learn_generic(&rows)?;
        let (before, limits_before) = self.blocks_before(&rows)?;
        let (after, limits) = self.digests(&rows, &self.nodes(&rows)?, &|key| self.is_generic(key));
        let limits: HashMap<i64, u32> = limits_before.into_iter().chain(limits).collect();
        // Who changes what a record says holds its blocks, so that two halves of one customer meet on one.
        let touched: Vec<i64> = limits.keys().copied().collect();
        held.keys(touched.iter().copied());
        isolation::check(&touched, &[], &[])?;

        let none = Vec::new();
        let (mut put, mut dropped) = (Vec::new(), Vec::new());
        let mut added: HashMap<i64, HashSet<i64>> = HashMap::new();
        let everyone: BTreeSet<i64> = before.keys().chain(after.keys()).copied().collect();
        for row in everyone {
            let old: BTreeSet<i64> = before.get(&row).unwrap_or(&none).iter().copied().collect();
            let new: BTreeSet<i64> = after.get(&row).unwrap_or(&none).iter().copied().collect();
            dropped.extend(old.difference(&new).map(|block| (*block, row)));
            for block in new.difference(&old) {
                put.push(Holder { key: *block, record_id: row, name_key: None });
                added.entry(*block).or_default().insert(row);
            }
        }
        matching::put_keys(&put)?;
        matching::drop_keys(&dropped)?;
        self.blocks.extend(after);
        let changed: BTreeSet<i64> =
            put.iter().map(|holder| holder.key).chain(dropped.iter().map(|(key, _)| *key)).collect();
        self.look_up(touched.clone(), MOST_MEMBERS)?;
        let stored: HashSet<i64> = matching::generic(touched.clone())?.into_iter().map(|(block, _)| block).collect();
        for block in touched {
            self.generic.insert(block, stored.contains(&block));
        }
        self.cross(&changed, &limits, &added, rescored)
    }

    /// The blocks that rescored and departed records were in, and the limits of these blocks.
    fn blocks_before(&self, rows: &[i64]) -> Result<(BTreeMap<i64, Vec<i64>>, HashMap<i64, u32>)> {
        let was = |key: &Key| {
            let digest = self.keyring.digest(key);
            let known = self.was_generic.get(&digest).or_else(|| self.generic.get(&digest));
            key.generic_by_form || known.copied().unwrap_or(false)
        };
        let mut nodes: Vec<(i64, Node)> = Vec::with_capacity(rows.len());
        for row in rows.iter().filter(|row| !self.changed.contains_key(row)) {
            nodes.push((*row, self.node(*row)?));
        }
        let old = self.changes.iter().filter(|change| change.old.live);
        nodes.extend(old.map(|change| (change.record_id, Node { reference: &change.reference, state: &change.old })));
        let (rows, nodes): (Vec<i64>, Vec<Node>) = nodes.into_iter().unzip();
        Ok(self.digests(&rows, &nodes, &was))
    }

    fn digests(
        &self,
        rows: &[i64],
        nodes: &[Node],
        generic: &dyn Fn(&Key) -> bool,
    ) -> (BTreeMap<i64, Vec<i64>>, HashMap<i64, u32>) {
        let mut limits = HashMap::new();
        let mut digests = BTreeMap::new();
        for (row, blocks) in rows.iter().zip(self.entity.matcher().blocks(nodes, generic)) {
            let list = blocks.iter().map(|block| {
                let digest = self.keyring.block(*block);
                limits.insert(digest, key_limit(*block) as u32);
                digest
            });
            digests.insert(*row, list.collect());
        }
        (digests, limits)
    }

    /// Judges the blocks whose members changed, and gives the pairs that a crossing concerns: the members, but for
    /// those that are rescored anyway.
    fn cross(
        &mut self,
        changed: &BTreeSet<i64>,
        limits: &HashMap<i64, u32>,
        added: &HashMap<i64, HashSet<i64>>,
        rescored: &BTreeSet<i64>,
    ) -> Result<Pairs> {
        let (mut now_over, mut no_longer) = (Vec::new(), Vec::new());
        for block in changed {
            let limit = limits.get(block).copied().unwrap_or(MOST_MEMBERS);
            let over = self.holders.get(block).map_or(0, Vec::len) > limit as usize;
            let was_over = self.generic.insert(*block, over) == Some(true);
            if over && !was_over {
                now_over.push(GenericKey::of_block(*block, limit));
            } else if was_over && !over {
                no_longer.push(*block);
            }
        }
        let crossed: Vec<i64> = now_over.iter().map(|block| block.key).chain(no_longer.iter().copied()).collect();
        let mut members: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for holder in matching::holders(crossed, i64::MAX)? {
            let is_new = added.get(&holder.key).is_some_and(|rows| rows.contains(&holder.record_id));
            if !is_new && !rescored.contains(&holder.record_id) {
                members.entry(holder.key).or_default().push(holder.record_id);
            }
        }
        matching::put_generic(&self.entity.entity.name, &now_over)?;
        matching::drop_generic(no_longer)?;
        let mut pairs = Pairs::new();
        for rows in members.values() {
            pairs.extend(pairs_of(rows));
        }
        Ok(pairs)
    }

    /// The pairs of a rescored record and a candidate of it.
    pub(super) fn partners(&mut self, rescored: &BTreeSet<i64>) -> Result<Pairs> {
        let rows: Vec<i64> = rescored.iter().copied().collect();
        self.learn_generic(&rows)?;
        let keys: BTreeMap<i64, Vec<i64>> = rows.iter().map(|row| (*row, self.counting(*row))).collect();
        self.look_up(keys.values().flatten().copied().collect(), self.entity.entity.options.block_limit)?;
        let mut pairs = Pairs::new();
        for (row, keys) in &keys {
            for key in keys {
                let holders = self.holders.get(key).map(Vec::as_slice).unwrap_or_default();
                let others = holders.iter().map(|(other, _)| other).filter(|other| *other != row);
                pairs.extend(others.map(|other| (*row.min(other), *row.max(other))));
            }
        }
        Ok(pairs)
    }

    /// The keys and blocks of a rescored record that count.
    fn counting(&self, row: i64) -> Vec<i64> {
        let Some(record) = self.seen.get(&row) else { return Vec::new() };
        let by_value = |space: Space| match space {
            Space::Name => false,
            Space::Reference => true,
            _ => !self.blocks_count(),
        };
        let keys = record.keys.iter().filter(|(_, key)| by_value(key.space)).map(|(digest, _)| *digest);
        let blocks = self.blocks.get(&row).into_iter().flatten().copied();
        keys.chain(blocks).filter(|digest| self.generic.get(digest) != Some(&true)).collect()
    }

    /// Which of some pairs share a block that counts now.
    pub(super) fn candidates(&mut self, pairs: &Pairs) -> Result<Pairs> {
        let rows: BTreeSet<i64> = pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
        let rows: Vec<i64> = rows.into_iter().collect();
        let shared = self.learn_shared_blocks(&rows)?;
        let mut found = Pairs::new();
        for (block, members) in shared {
            if self.generic.get(&block) != Some(&true) {
                found.extend(pairs_of(&members).filter(|pair| pairs.contains(pair)));
            }
        }
        Ok(found)
    }

    /// The blocks that two or more of some loaded records share; learns which of them are over their limit.
    pub(super) fn learn_shared_blocks(&mut self, rows: &[i64]) -> Result<BTreeMap<i64, Vec<i64>>> {
        let mut members: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        if !self.blocks_count() || rows.len() < 2 {
            return Ok(members);
        }
        let (digests, _) = self.digests(rows, &self.nodes(rows)?, &|key| self.is_generic(key));
        for (row, blocks) in digests {
            for block in blocks {
                members.entry(block).or_default().push(row);
            }
        }
        members.retain(|_, rows| rows.len() > 1);
        let unknown: Vec<i64> = members.keys().filter(|block| !self.generic.contains_key(block)).copied().collect();
        let over: HashSet<i64> = matching::generic(unknown.clone())?.into_iter().map(|(block, _)| block).collect();
        for block in unknown {
            self.generic.insert(block, over.contains(&block));
        }
        Ok(members)
    }
}

/// The pairs of some rows, the smaller first.
fn pairs_of(rows: &[i64]) -> impl Iterator<Item = (i64, i64)> + '_ {
    rows.iter().enumerate().flat_map(|(at, a)| rows[at + 1..].iter().map(|b| (*a.min(b), *a.max(b))))
}
