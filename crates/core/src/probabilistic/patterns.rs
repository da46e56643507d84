//! Comparison patterns: the levels of candidates, counted.

use super::blocks::Blocks;
use super::dataset::{features_of, Field};
use super::measure::frequency_keys;
use super::memo::Memo;
use super::score::{Scorer, MOST};
use super::Dataset;
use crate::text::mix;
use crate::threads::{self, Threads};

/// Records whose candidates are looked at; more tell nothing new.
const SAMPLE: usize = 40_000;

/// The levels of a pair, four bits each.
pub(crate) type Pattern = u128;

fn pattern(levels: &[u8; MOST]) -> Pattern {
    levels.iter().rev().fold(0, |out, &level| out << 4 | Pattern::from(level))
}

pub(crate) fn level_of(pattern: Pattern, comparison: usize) -> usize {
    (pattern >> (4 * comparison) & 15) as usize
}

/// A hash of what counts of each record's values.
pub(crate) fn content_hashes(data: &Dataset, threads: Threads) -> Vec<u64> {
    let of = |field: &Field, feature: usize| frequency_keys(field, feature).into_iter().fold(1, mix);
    hashes(data, &by_feature(data, threads, of), threads)
}

/// A hash of each feature, by field.
pub(super) fn by_feature(data: &Dataset, threads: Threads, of: impl Fn(&Field, usize) -> u64 + Sync) -> Vec<Vec<u64>> {
    threads::map(data.fields.iter().collect(), threads, |field: &Field| {
        (0..features_of(&field.table)).map(|feature| of(field, feature)).collect()
    })
}

/// A hash of each record from one of each feature.
pub(super) fn hashes(data: &Dataset, by_field: &[Vec<u64>], threads: Threads) -> Vec<u64> {
    let of = |record: usize| {
        threads.look();
        let row = data.row(record);
        data.fields.iter().zip(by_field).fold(7, |hash, (field, hashes)| {
            row[field.slots.clone()]
                .iter()
                .fold(mix(hash, 3), |hash, &id| mix(hash, hashes.get(id as usize).copied().unwrap_or(0)))
        })
    };
    let parts = threads::parts(data.len(), threads);
    threads::map(parts, threads, |part| part.map(of).collect::<Vec<u64>>()).concat()
}

/// Counts of the candidates' patterns in the order of patterns, and what one count stands for.
pub(crate) fn candidate_patterns(scorer: &Scorer, blocks: &Blocks, content: &[u64]) -> (Vec<(Pattern, u64)>, f64) {
    let (records, threads) = (content.len(), scorer.threads);
    let every = records.div_ceil(SAMPLE).max(1) as u64;
    let parts = threads::map(threads::parts(records, threads), threads, |mine| {
        let (mut seen, mut partners, mut memo) = (vec![], vec![], Memo::default());
        for (record, hash) in mine.clone().zip(&content[mine]) {
            if !hash.is_multiple_of(every) {
                continue;
            }
            // With a sample every pair may be met from either side, so both are looked at.
            let from = if every == 1 { record + 1 } else { 0 };
            blocks.partners(record, from, &mut partners);
            seen.extend(partners.iter().map(|&other| pattern(&scorer.levels(&mut memo, record, other as usize))));
        }
        counted(seen.into_iter().map(|pattern| (pattern, 1)).collect())
    });
    let patterns = counted(parts.into_iter().flatten().collect());
    (patterns, if every == 1 { 1.0 } else { every as f64 / 2.0 })
}

/// The sums of counts by pattern, in the order of patterns.
fn counted(mut list: Vec<(Pattern, u64)>) -> Vec<(Pattern, u64)> {
    list.sort_unstable();
    list.chunk_by(|a, b| a.0 == b.0).map(|same| (same[0].0, same.iter().map(|(_, count)| count).sum())).collect()
}
