//! Comparison patterns: the levels of candidates and of random pairs, counted.

use super::blocks::Blocks;
use super::dataset::{features_of, Field, Table};
use super::levels::frequency_keys;
use super::score::{Scorer, MOST};
use super::text::{mix, Memo};
use super::Dataset;
use crate::threads;

/// Records whose candidates are looked at; more tell nothing new.
const SAMPLE: usize = 40_000;
/// Random pairs from which the agreement of strangers is counted.
const RANDOM_PAIRS: usize = 300_000;

/// The levels of a pair, four bits each.
pub(crate) type Pattern = u128;

fn pattern(levels: &[u8; MOST]) -> Pattern {
    levels.iter().rev().fold(0, |out, &level| out << 4 | Pattern::from(level))
}

pub(crate) fn level_of(pattern: Pattern, comparison: usize) -> usize {
    (pattern >> (4 * comparison) & 15) as usize
}

/// A hash of what counts of each record's values.
pub(crate) fn content_hashes(data: &Dataset, threads: usize) -> Vec<u64> {
    hashes(data, threads, |field, feature| frequency_keys(field, feature).into_iter().fold(1, mix))
}

/// A hash of each record from one of each feature.
fn hashes(data: &Dataset, threads: usize, of: impl Fn(&Field, usize) -> u64 + Sync) -> Vec<u64> {
    let by_field: Vec<Vec<u64>> = threads::map(data.fields.iter().collect(), threads, |field: &Field| {
        (0..features_of(&field.table)).map(|feature| of(field, feature)).collect()
    });
    let of = |record: usize| {
        let row = data.row(record);
        data.fields.iter().zip(&by_field).fold(7, |hash, (field, hashes)| {
            row[field.slots.clone()]
                .iter()
                .fold(mix(hash, 3), |hash, &id| mix(hash, hashes.get(id as usize).copied().unwrap_or(0)))
        })
    };
    let parts = threads::parts(data.len(), threads);
    threads::map(parts, threads, |part| part.map(of).collect::<Vec<u64>>()).concat()
}

/// A hash of all that is compared of a feature.
fn details(field: &Field, feature: usize) -> u64 {
    let tokens = &field.tokens;
    let all = |ids: &[u32], more: u64| ids.iter().fold(mix(more, 5), |hash, &id| mix(hash, tokens.hash(id)));
    match &field.table {
        Table::Names(list) => {
            let name = &list[feature];
            let parts = all(&name.family, all(&name.given, u64::from(name.suffix)));
            all(&name.extra, all(&[name.given_all, name.family_all], parts))
        }
        Table::Emails(list) => {
            let email = &list[feature];
            all(&[email.local, email.domain], u64::from(email.spells))
        }
        Table::Phones(list) => all(&[list[feature].token], 0),
        Table::Dates(list) => all(&[list[feature].token], 0),
        Table::Addresses(list) => {
            let address = &list[feature];
            let place = [address.number, address.unit, address.street, address.city, address.postcode];
            all(&address.words, all(&place, u64::from(address.own)))
        }
        Table::Words(list) => all(&list[feature].words, mix(1, tokens.hash(list[feature].whole))),
    }
}

/// Counts of the candidates' patterns in the order of patterns, and what one count stands for.
pub(crate) fn candidate_patterns(
    scorer: &Scorer,
    blocks: &Blocks,
    content: &[u64],
    threads: usize,
) -> (Vec<(Pattern, u64)>, f64) {
    let records = content.len();
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

/// How often random pairs fall into each level, by level and comparison. Records are drawn by the rank of their
/// values, by a generator with a fixed seed; `threads` only shorten the wait.
pub(crate) fn random_levels(scorer: &Scorer, content: &[u64], threads: usize) -> [[u64; MOST]; 16] {
    let detail = hashes(scorer.data, threads, details);
    let mut order: Vec<(u64, u64, u32)> =
        content.iter().zip(detail).zip(0..).map(|((&content, detail), record)| (content, detail, record)).collect();
    order.sort_unstable();
    let count = order.len() as u64;
    let mut state = 0x5eed;
    let mut next = move || {
        state = mix(state, 0x9e37);
        order[((state >> 11) % count) as usize].2 as usize
    };
    let mut pairs: Vec<(usize, usize)> =
        (0..(RANDOM_PAIRS as u64).min(count * (count - 1) / 2)).map(|_| (next(), next())).collect();
    // Neighbours are alike, and what they say lies together.
    pairs.sort_unstable();
    let parts = threads::map(threads::parts(pairs.len(), threads), threads, |part| {
        let (mut levels, mut memo) = ([[0; MOST]; 16], Memo::default());
        for &(a, b) in pairs[part].iter().filter(|(a, b)| a != b) {
            for (at, &level) in scorer.levels(&mut memo, a, b).iter().enumerate() {
                levels[level as usize][at] += 1;
            }
        }
        levels
    });
    let mut out = [[0; MOST]; 16];
    for part in parts {
        out.iter_mut().flatten().zip(part.iter().flatten()).for_each(|(sum, count)| *sum += count);
    }
    out
}
