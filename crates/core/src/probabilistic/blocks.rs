//! The blocks of a data set and the candidates in them.

use super::keys::{key_limit, keys};
use super::Dataset;
use crate::threads;

/// A key in two halves, so that no memory is lost between it and the record that holds it.
type Holder = (u32, u32, u32);

fn key((high, low, _): &Holder) -> u64 {
    u64::from(*high) << 32 | u64::from(*low)
}

/// The blocks of a data set: who shares a key that is not generic.
pub struct Blocks {
    /// Members of all blocks, ascending in each.
    members: Vec<u32>,
    /// By record: first entry in `blocks_of`.
    record_start: Vec<u32>,
    /// By record: the ranges of `members` it lies in.
    blocks_of: Vec<(u32, u32)>,
}

impl Blocks {
    /// Sorts the keys of all records; `threads` only shortens the wait.
    pub fn new(data: &Dataset, threads: usize) -> Blocks {
        let records = data.len();
        let threads = threads.clamp(1, 64);
        // Each thread takes the keys of one part of the key space, so that memory stays that of the keys.
        let chunk = records.div_ceil(threads).max(1);
        let lists = threads::map((0..threads).collect(), threads, |part| {
            let mut shards: Vec<Vec<Holder>> = vec![vec![]; SHARDS];
            for record in (part * chunk).min(records)..((part + 1) * chunk).min(records) {
                for key in keys(data, record) {
                    shards[(key >> 58) as usize].push(((key >> 32) as u32, key as u32, record as u32));
                }
            }
            shards
        });
        let mut shards: Vec<Vec<Holder>> = vec![vec![]; SHARDS];
        for list in lists {
            for (shard, mut more) in shards.iter_mut().zip(list) {
                if shard.is_empty() {
                    *shard = more;
                } else {
                    shard.append(&mut more);
                }
            }
        }
        let shards = threads::map(shards, threads, |mut shard| {
            shard.sort_unstable();
            let mut kept: Vec<Holder> = Vec::with_capacity(shard.len() / 4);
            for block in shard.chunk_by(|a, b| key(a) == key(b)) {
                if (2..=key_limit(key(&block[0]))).contains(&block.len()) {
                    kept.extend_from_slice(block);
                }
            }
            kept
        });
        let total: usize = shards.iter().map(Vec::len).sum();
        let mut members = Vec::with_capacity(total);
        let mut record_start = vec![0u32; records + 1];
        for &(.., record) in shards.iter().flatten() {
            record_start[record as usize + 1] += 1;
        }
        for at in 0..records {
            record_start[at + 1] += record_start[at];
        }
        let mut next = record_start.clone();
        let mut blocks_of = vec![(0, 0); total];
        for shard in &shards {
            for block in shard.chunk_by(|a, b| key(a) == key(b)) {
                let start = members.len() as u32;
                let end = start + block.len() as u32;
                for &(.., record) in block {
                    members.push(record);
                    let slot = &mut next[record as usize];
                    blocks_of[*slot as usize] = (start, end);
                    *slot += 1;
                }
            }
        }
        Blocks { members, record_start, blocks_of }
    }

    /// The candidates of `record` from position `from` on, ascending, each once, the record itself not.
    pub fn partners(&self, record: usize, from: usize, out: &mut Vec<u32>) {
        out.clear();
        let (first, last) = (self.record_start[record] as usize, self.record_start[record + 1] as usize);
        for &(start, end) in &self.blocks_of[first..last] {
            let block = &self.members[start as usize..end as usize];
            let at = block.partition_point(|&member| (member as usize) < from);
            out.extend(block[at..].iter().filter(|&&member| member as usize != record));
        }
        out.sort_unstable();
        out.dedup();
    }
}

const SHARDS: usize = 64;
