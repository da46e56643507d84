//! Candidates: under `guide` the holders of a common value, under `probabilistic` the members of a common block.
//!
//! Blocks are made of what a record says without its generic values, so they follow once values are judged. A block
//! over its limit counts for nothing; when a record's coming or going takes one across, exactly the pairs that it
//! brings together or no longer does are weighed again.

use super::weigh::{counts_for_nothing, Partners};
use super::Work;
use crate::configuration::Entity;
use crate::error::Result;
use crate::isolation::{self, Rows};
use crate::keyring::Keyring;
use crate::lock::Held;
use crate::parallel;
use crate::store::blocks::{self, Crowded};
use crate::store::keys;
use golden_record_core::block::{Key, Space};
use golden_record_core::entity::Policy;
use golden_record_core::probabilistic::key_limit;
use golden_record_core::record::Node;
use golden_record_core::resolve::Apart;
use hashbrown::{HashMap, HashSet};
use std::collections::{BTreeMap, BTreeSet};

/// Records whose blocks one thread finds at a time.
const PIECE: usize = 512;

type Pairs = BTreeSet<(i64, i64)>;

/// The blocks that records are in as values are judged now, for who holds their keys.
pub fn current_blocks(entity: &Entity, keyring: &Keyring, nodes: &[Node]) -> Result<Vec<i64>> {
    if entity.entity.policy != Policy::Probabilistic {
        return Ok(Vec::new());
    }
    let keys = nodes.iter().flat_map(|node| keyring.keys(&entity.entity, node.reference, node.state));
    let keys: BTreeSet<i64> = keys.map(|(digest, _)| digest).collect();
    let stored = keys::generic(keys.into_iter().collect())?;
    let generic = |key: &Key| key.generic_by_form || stored.contains(&keyring.digest(key));
    Ok(entity.matcher().blocks(nodes, &generic).iter().flatten().map(|block| keyring.block(*block)).collect())
}

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
        let (after, limits) = self.digests(&rows, &self.nodes(&rows)?, &counts_for_nothing(&self.generic_keys))?;
        let limits: HashMap<i64, u32> = limits_before.into_iter().chain(limits).collect();
        // Who changes what a record says holds its blocks, so that two halves of one customer meet on one.
        let touched: Vec<i64> = limits.keys().copied().collect();
        held.blocks(touched.iter().copied());
        isolation::check(Rows { blocks: &touched, ..Rows::default() })?;

        let none = Vec::new();
        let (mut joined, mut left) = (Vec::new(), Vec::new());
        let everyone: BTreeSet<i64> = before.keys().chain(after.keys()).copied().collect();
        for row in everyone {
            let old: BTreeSet<i64> = before.get(&row).unwrap_or(&none).iter().copied().collect();
            let new: BTreeSet<i64> = after.get(&row).unwrap_or(&none).iter().copied().collect();
            left.extend(old.difference(&new).map(|block| (*block, row)));
            joined.extend(new.difference(&old).map(|block| (*block, row)));
        }
        blocks::join(&joined, |row| self.new.contains(&row))?;
        blocks::leave(&left)?;
        self.blocks.extend(after);
        let pairs = self.cross(touched, &limits, &joined, &left, rescored)?;
        Ok(pairs)
    }

    /// The blocks that rescored and departed records were in, and the limits of these blocks.
    fn blocks_before(&self, rows: &[i64]) -> Result<(BTreeMap<i64, Vec<i64>>, HashMap<i64, u32>)> {
        let (keyring, before, now) = (self.keyring, &self.was_generic, &self.generic);
        let was = |key: &Key| {
            let digest = keyring.digest(key);
            let known = before.get(&digest).or_else(|| now.get(&digest));
            key.generic_by_form || known.copied().unwrap_or(false)
        };
        let mut nodes: Vec<(i64, Node)> = Vec::with_capacity(rows.len());
        for row in rows.iter().filter(|row| !self.changed.contains_key(*row)) {
            nodes.push((*row, self.node(*row)?));
        }
        let old = self.changes.iter().filter(|change| change.old.live());
        nodes.extend(
            old.map(|change| (change.row.record_id, Node { reference: &change.row.reference, state: &change.old })),
        );
        let (rows, nodes): (Vec<i64>, Vec<Node>) = nodes.into_iter().unzip();
        self.digests(&rows, &nodes, &was)
    }

    fn digests(
        &self,
        rows: &[i64],
        nodes: &[Node],
        generic: &(dyn Fn(&Key) -> bool + Sync),
    ) -> Result<(BTreeMap<i64, Vec<i64>>, HashMap<i64, u32>)> {
        let mut limits = HashMap::new();
        let mut digests = BTreeMap::new();
        let (pieces, matcher) = (nodes.chunks(PIECE).collect::<Vec<_>>(), self.entity.matcher());
        let blocks = parallel::map_large(&pieces, |piece| matcher.blocks(piece, &generic))?;
        for (row, blocks) in rows.iter().zip(blocks.into_iter().flatten()) {
            let list = blocks.iter().map(|block| {
                let digest = self.keyring.block(*block);
                limits.insert(digest, key_limit(*block) as u32);
                digest
            });
            digests.insert(*row, list.collect());
        }
        Ok((digests, limits))
    }

    /// Reads the members of the touched blocks that count, judges those whose members changed, and gives the pairs that
    /// a crossing concerns: the members, but for those that are rescored anyway.
    fn cross(
        &mut self,
        touched: Vec<i64>,
        limits: &HashMap<i64, u32>,
        joined: &[(i64, i64)],
        left: &[(i64, i64)],
        rescored: &BTreeSet<i64>,
    ) -> Result<Pairs> {
        let name = &self.entity.entity.name;
        let mut change: BTreeMap<i64, i64> = BTreeMap::new();
        joined.iter().for_each(|(block, _)| *change.entry(*block).or_default() += 1);
        left.iter().for_each(|(block, _)| *change.entry(*block).or_default() -= 1);
        let limit = |block: &i64| limits.get(block).copied().unwrap_or(u32::MAX);
        // How many there are in a crowded block is on record: nobody reads thousands to learn that one more came.
        let blocks::Found { mut crowded, mut members } = blocks::look_up(name, &touched, false)?;
        crowded.iter_mut().for_each(|(block, members)| *members += change.get(block).copied().unwrap_or(0));
        let is_over = |block: &i64, members: i64| members > i64::from(limit(block));
        let emptied = |(block, members): (&i64, &i64)| (!is_over(block, *members)).then_some(*block);
        let emptied: Vec<i64> = crowded.iter().filter_map(emptied).collect();
        members.extend(blocks::look_up(name, &emptied, true)?.members);
        members.sort_unstable();
        self.members = members;
        self.generic.extend(touched.iter().map(|block| (*block, crowded.contains_key(block))));

        let (mut put, mut dropped, mut pairs) = (Vec::new(), Vec::new(), Pairs::new());
        let new: HashSet<&(i64, i64)> = joined.iter().collect();
        for block in change.keys() {
            let before = crowded.get(block).copied();
            let members = before.unwrap_or_else(|| self.members_of(*block).len() as i64);
            let over = is_over(block, members);
            self.generic.insert(*block, over);
            if over {
                put.push(Crowded { block: *block, members, limit: limit(block) });
            } else if before.is_some() {
                dropped.push(*block);
            }
            if over != before.is_some() {
                let rows = self.members_of(*block).iter().map(|(_, row)| *row);
                let others: Vec<i64> =
                    rows.filter(|row| !new.contains(&(*block, *row)) && !rescored.contains(row)).collect();
                pairs.extend(pairs_of(&others));
            }
        }
        blocks::put_crowded(name, &put)?;
        blocks::drop_crowded(dropped)?;
        Ok(pairs)
    }

    /// The members of a touched block, if it counts.
    fn members_of(&self, block: i64) -> &[(i64, i64)] {
        let from = &self.members[self.members.partition_point(|(other, _)| *other < block)..];
        &from[..from.iter().take_while(|(other, _)| *other == block).count()]
    }

    /// The pairs of a rescored record, all of which are seen, and a candidate of it.
    pub(super) fn partners(&mut self, rescored: &BTreeSet<i64>) -> Result<Partners> {
        let rows: Vec<i64> = rescored.iter().copied().collect();
        self.learn_generic(&rows)?;
        let keys: BTreeMap<i64, Vec<(i64, bool)>> = rows.iter().map(|row| (*row, self.counting(*row))).collect();
        let wanted = keys.values().flatten().map(|(key, _)| *key).collect();
        self.look_up(wanted, self.entity.entity.options.block_limit)?;
        let mut found = Partners { pairs: Vec::new(), named: Pairs::new() };
        for (row, keys) in &keys {
            pgrx::check_for_interrupts!();
            // What two rescored records share is found by both: their pair is listed by the first.
            let listed = |other: &i64| *other == *row || *other < *row && rescored.contains(other);
            let pair = |other: &i64| (!listed(other)).then(|| (*row.min(other), *row.max(other)));
            let mut of_one = Vec::new();
            for (key, reference) in keys {
                let holders = self.holders.get(key).map(Vec::as_slice).unwrap_or_default();
                let pairs = holders.iter().filter_map(|(other, _)| pair(other));
                if *reference {
                    found.named.extend(pairs);
                } else {
                    of_one.extend(pairs);
                }
            }
            for block in
                self.blocks.get(row).into_iter().flatten().filter(|block| self.generic.get(*block) != Some(&true))
            {
                of_one.extend(self.members_of(*block).iter().filter_map(|(_, other)| pair(other)));
            }
            of_one.sort_unstable();
            of_one.dedup();
            found.pairs.append(&mut of_one);
        }
        found.pairs.sort_unstable();
        Ok(found)
    }

    /// The keys of a rescored record that count, and whether each is an id that it names.
    fn counting(&self, row: i64) -> Vec<(i64, bool)> {
        let Some(record) = self.seen.get(&row) else { return Vec::new() };
        let by_value = |space: Space| match space {
            Space::Reference => true,
            space => space.scores() && !self.blocks_count(),
        };
        let keys = record.keys.iter().filter(|(_, key)| by_value(key.space));
        let keys = keys.map(|(digest, key)| (*digest, key.space == Space::Reference));
        keys.filter(|(digest, _)| self.generic.get(digest) != Some(&true)).collect()
    }

    /// Which of some pairs share a block that counts now.
    pub(super) fn candidates(&self, pairs: &Pairs) -> Result<Pairs> {
        let rows: BTreeSet<i64> = pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
        let rows: Vec<i64> = rows.into_iter().collect();
        let shared = self.shared(&rows, &self.take_apart(&rows)?);
        let over = self.over(&shared)?;
        let mut found = Pairs::new();
        for (_, members) in shared.iter().filter(|(block, _)| !over.contains(block)) {
            found.extend(pairs_of(members).filter(|pair| pairs.contains(pair)));
        }
        Ok(found)
    }

    /// The blocks that two or more of some records share, with these.
    pub(super) fn shared(&self, rows: &[i64], apart: &Apart) -> Vec<(i64, Vec<i64>)> {
        let blocks = self.entity.matcher().blocks_of(apart);
        let of_one =
            |(row, blocks): (&i64, Vec<u64>)| blocks.into_iter().map(|block| (block, *row)).collect::<Vec<_>>();
        let mut members: Vec<(u64, i64)> = rows.iter().zip(blocks).flat_map(of_one).collect();
        members.sort_unstable();
        let shared = members.chunk_by(|a, b| a.0 == b.0).filter(|members| members.len() > 1);
        let row = |&(_, row): &(u64, i64)| row;
        shared.map(|members| (self.keyring.block(members[0].0), members.iter().map(row).collect())).collect()
    }

    /// Which of some blocks are over their limit.
    pub(super) fn over(&self, blocks: &[(i64, Vec<i64>)]) -> Result<HashSet<i64>> {
        let blocks = blocks.iter().map(|(block, _)| *block);
        let (known, unknown): (Vec<i64>, Vec<i64>) = blocks.partition(|block| self.generic.contains_key(block));
        isolation::check_generic(&unknown)?;
        let mut over: HashSet<i64> = known.into_iter().filter(|block| self.generic[block]).collect();
        over.extend(blocks::crowded(unknown)?);
        Ok(over)
    }
}

/// The pairs of some rows, the smaller first.
fn pairs_of(rows: &[i64]) -> impl Iterator<Item = (i64, i64)> + '_ {
    rows.iter().enumerate().flat_map(|(at, a)| rows[at + 1..].iter().map(|b| (*a.min(b), *a.max(b))))
}
