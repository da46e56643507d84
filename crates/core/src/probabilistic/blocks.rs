//! The blocks of a data set and the candidates in them.

use super::keys::{key_limit, keys};
use super::Dataset;
use crate::segment::Member;
use crate::threads::{self, Threads};
use std::ops::Range;

/// A key in two halves, so that no memory is lost between it and the record that holds it.
type Holder = (u32, u32, u32);

fn key((high, low, _): &Holder) -> u64 {
    u64::from(*high) << 32 | u64::from(*low)
}

/// Who is in which block, however many they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// Ascending.
    keys: Vec<u64>,
    /// By key: where its records end.
    ends: Vec<u32>,
    records: Vec<u32>,
}

/// Who is in which block, as it is stored.
pub struct Named {
    /// Ascending by block, then record.
    pub members: Vec<Member>,
    /// The blocks over their limit: how many records are in each, and the limit.
    pub over: Vec<(i64, usize, usize)>,
}

impl Named {
    fn room_for(members: usize) -> Named {
        Named { members: Vec::with_capacity(members), over: Vec::new() }
    }
}

impl Members {
    /// Those of keys in order.
    fn of(holders: &[Holder]) -> Members {
        let mut out = Members { records: holders.iter().map(|&(.., record)| record).collect(), ..Members::default() };
        for block in holders.chunk_by(|a, b| key(a) == key(b)) {
            out.keys.push(key(&block[0]));
            out.ends.push(out.ends.last().copied().unwrap_or(0) + block.len() as u32);
        }
        out
    }

    /// All together, whose keys ascend from one to the next.
    fn joined(parts: Vec<Members>) -> Members {
        let (blocks, records) =
            parts.iter().fold((0, 0), |sum, one| (sum.0 + one.keys.len(), sum.1 + one.records.len()));
        let mut out = Members {
            keys: Vec::with_capacity(blocks),
            ends: Vec::with_capacity(blocks),
            records: Vec::with_capacity(records),
        };
        for part in parts {
            let before = out.records.len() as u32;
            out.keys.extend(part.keys);
            out.ends.extend(part.ends.iter().map(|end| before + end));
            out.records.extend(part.records);
        }
        out
    }

    /// The members under other names of blocks and records.
    pub fn named(&self, block: impl Fn(u64) -> i64 + Sync, records: &[i64], threads: Threads) -> Named {
        // By the first two bits of the new name; each part goes through all blocks, and keeps its own.
        let parts = (i64::MIN >> 62..=i64::MAX >> 62).collect();
        let parts = threads::map(parts, threads, |part: i64| {
            let renamed = self.each().map(|(key, members)| {
                threads.look();
                (block(key), key, members)
            });
            let mut renamed: Vec<(i64, u64, &[u32])> = renamed.filter(|(name, ..)| name >> 62 == part).collect();
            renamed.sort_unstable_by_key(|(name, ..)| *name);
            let mut named = Named::room_for(renamed.iter().map(|(.., members)| members.len()).sum());
            for (name, key, members) in renamed {
                let limit = key_limit(key);
                named.over.extend((members.len() > limit).then_some((name, members.len(), limit)));
                let from = named.members.len();
                named.members.extend(members.iter().map(|at| (name, records[*at as usize])));
                named.members[from..].sort_unstable();
            }
            named
        });
        let mut all = Named::room_for(self.records.len());
        for part in parts {
            all.members.extend(part.members);
            all.over.extend(part.over);
        }
        all
    }

    /// Each block with its records, in the order of the blocks.
    pub fn each(&self) -> impl Iterator<Item = (u64, &[u32])> {
        self.keys.iter().enumerate().map(|(at, &key)| (key, self.at(at)))
    }

    fn range(&self, at: usize) -> Range<u32> {
        at.checked_sub(1).map_or(0, |before| self.ends[before])..self.ends[at]
    }

    fn at(&self, at: usize) -> &[u32] {
        let Range { start, end } = self.range(at);
        &self.records[start as usize..end as usize]
    }

    /// Gives record `x` the number `numbers[x]`.
    pub(crate) fn renumber(&mut self, numbers: &[u32]) {
        self.records.iter_mut().for_each(|record| *record = numbers[*record as usize]);
    }
}

/// The blocks of a data set: who shares a key that is not generic.
#[derive(Default)]
pub struct Blocks {
    /// The records ascend in each block.
    members: Members,
    /// By record: first entry in `blocks_of`.
    record_start: Vec<u32>,
    /// By record: where the records of the blocks begin and end that bring it together with others.
    blocks_of: Vec<(u32, u32)>,
}

impl Blocks {
    /// Sorts the keys of all records; `threads` only shortens the wait.
    pub fn new(data: &Dataset, threads: Threads) -> Blocks {
        let records = data.len();
        // Each thread takes the keys of one part of the key space, so that memory stays that of the keys.
        let lists = threads::map(threads::parts(records, threads), threads, |part| {
            let mut shards: Vec<Vec<Holder>> = vec![vec![]; SHARDS];
            for record in part {
                threads.look();
                for key in keys(data, record) {
                    shards[(key >> 58) as usize].push(((key >> 32) as u32, key as u32, record as u32));
                }
            }
            shards
        });
        let mut shards: Vec<Vec<Vec<Holder>>> = vec![vec![]; SHARDS];
        for list in lists {
            shards.iter_mut().zip(list).for_each(|(shard, part)| shard.push(part));
        }
        let sorted = threads::map(shards, threads, |parts| {
            let mut shard = parts.concat();
            drop(parts);
            // Stable: the records of a key stay in their order.
            shard.sort_by_key(key);
            Members::of(&shard)
        });
        let members = Members::joined(sorted);
        let counts = |at: &usize| {
            let range = members.range(*at);
            (2..=key_limit(members.keys[*at])).contains(&range.len())
        };
        let mut record_start = vec![0u32; records + 1];
        for at in (0..members.keys.len()).filter(counts) {
            threads.look();
            for &record in members.at(at) {
                record_start[record as usize + 1] += 1;
            }
        }
        for at in 0..records {
            record_start[at + 1] += record_start[at];
        }
        let mut next = record_start.clone();
        let mut blocks_of = vec![(0, 0); record_start.last().map_or(0, |&total| total as usize)];
        for at in (0..members.keys.len()).filter(counts) {
            threads.look();
            let Range { start, end } = members.range(at);
            for &record in members.at(at) {
                let slot = &mut next[record as usize];
                blocks_of[*slot as usize] = (start, end);
                *slot += 1;
            }
        }
        Blocks { members, record_start, blocks_of }
    }

    /// The candidates of `record` from position `from` on, ascending, each once, the record itself not.
    pub fn partners(&self, record: usize, from: usize, out: &mut Vec<u32>) {
        self.meetings(record, from, out);
        out.dedup();
    }

    /// The candidates of `record` from position `from` on, each as often as they share a block.
    pub(super) fn meetings(&self, record: usize, from: usize, out: &mut Vec<u32>) {
        out.clear();
        let (first, last) = (self.record_start[record] as usize, self.record_start[record + 1] as usize);
        for &(start, end) in &self.blocks_of[first..last] {
            let block = &self.members.records[start as usize..end as usize];
            let at = block.partition_point(|&member| (member as usize) < from);
            out.extend(block[at..].iter().filter(|&&member| member as usize != record));
        }
        out.sort_unstable();
    }

    /// Who is in which block, those over their limit among them.
    pub(crate) fn into_members(self) -> Members {
        self.members
    }
}

const SHARDS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn under_other_names_blocks_and_records_are_in_the_order_of_these() {
        // Of every kind of key; some over their limit.
        let holders: Vec<Holder> =
            (0..600_u32).flat_map(|key| (0..key % 61).map(move |record| (key / 30, key % 30, record))).collect();
        let listed = Members::of(&holders);
        let name = |key: u64| key.wrapping_mul(0x9e37_79b9_7f4a_7c15) as i64;
        let records: Vec<i64> = (0..61).map(|record| 1_000 - 7 * record).collect();
        let named = listed.named(name, &records, Threads::ALONE.all());

        let mut members: Vec<Member> = listed
            .each()
            .flat_map(|(key, members)| members.iter().map(move |at| (key, *at)))
            .map(|(key, at)| (name(key), records[at as usize]))
            .collect();
        members.sort_unstable();
        assert!(named.members == members && members.iter().any(|(block, _)| *block < 0));
        let over = |(key, members): (u64, &[u32])| {
            (members.len() > key_limit(key)).then(|| (name(key), members.len(), key_limit(key)))
        };
        let mut crowded: Vec<_> = listed.each().filter_map(over).collect();
        crowded.sort_unstable();
        assert!(named.over == crowded && !crowded.is_empty());
    }
}
