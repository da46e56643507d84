//! Training without labels: expectation–maximisation (Fellegi and Sunter; Winkler) with three classes of pair: one
//! person, two of one household or company, strangers.
//!
//! Everything that is summed over pairs is first counted in integers by comparison pattern; the floating-point part
//! then runs over the distinct patterns in their order, so that the result does not depend on the order of records or
//! on threads.

use super::dataset::{features_of, Table};
use super::features::{Form, NONE};
use super::keys::Blocks;
use super::levels::{frequency_keys, Measure, MISSING};
use super::model::{millibits, offsets, Comparison, Frequencies, LevelWeight, Model};
use super::score::{Scorer, MOST};
use super::text::{mix, Memo};
use super::Dataset;
use crate::entity::EntityType;
use std::collections::BTreeMap;

/// Rounds of EM; after five little moves.
const ROUNDS: usize = 8;
/// The start values count as much as this many pairs.
const PRIOR_PAIRS: f64 = 20.0;
/// Records whose candidates are looked at; more tell nothing new.
const SAMPLE: usize = 40_000;
/// Random pairs from which the agreement of strangers is counted.
const RANDOM_PAIRS: usize = 300_000;
/// What is left of the observed agreement of random pairs, at the least, when matches are taken out of it.
const UNRELATED_FLOOR: f64 = 0.02;
/// A household's pairs have the same birth date by being twins, or the same identifier by mistake, this often.
const TWINS: f64 = 0.02;

type Pattern = u128;

fn pattern(levels: &[u8; MOST]) -> Pattern {
    levels.iter().rev().fold(0, |out, &level| out << 4 | Pattern::from(level))
}

fn level_of(pattern: Pattern, comparison: usize) -> usize {
    (pattern >> (4 * comparison) & 15) as usize
}

/// Probabilities of the levels of one comparison in the three classes; index 0 is the missing level.
#[derive(Clone)]
struct Class {
    m: Vec<f64>,
    h: Vec<f64>,
    u: Vec<f64>,
}

/// Learns the weights of `entity` from `data`, starting from `start`. Only the values count, neither the order of the
/// records nor `threads`.
pub fn train(entity: &EntityType, data: &Dataset, start: &Model, threads: usize) -> Model {
    let _ = entity;
    let records = data.len();
    if records < 2 {
        return start.clone();
    }
    let blocks = Blocks::new(data, threads);
    let scorer = Scorer::new(start, data);
    let content = content_hashes(data);
    let (patterns, scale) = candidate_patterns(&scorer, &blocks, &content, threads);
    let random = random_levels(&scorer, &content);
    let counts = value_counts(data);
    let total = records as f64 * (records as f64 - 1.0) / 2.0;

    let comparisons: Vec<&Comparison> = start.comparisons.iter().take(MOST).collect();
    // Observed agreement of random pairs, and how many pairs of all are compared at all.
    let observed: Vec<(Vec<f64>, f64)> = comparisons
        .iter()
        .enumerate()
        .map(|(at, comparison)| {
            let seen: f64 = random.iter().skip(1).map(|levels| levels[at] as f64).sum::<f64>().max(1.0);
            let all: f64 = random.iter().map(|levels| levels[at] as f64).sum::<f64>().max(1.0);
            if comparison.measure.frozen() {
                return (
                    std::iter::once(1.0).chain(comparison.levels.iter().map(|level| level.unrelated)).collect(),
                    total,
                );
            }
            let mut u: Vec<f64> = std::iter::once(1.0)
                .chain(comparison.levels.iter().enumerate().map(|(level, weight)| {
                    let count = random[level + 1][at] as f64;
                    let estimate = (count + PRIOR_PAIRS * weight.unrelated) / (seen + PRIOR_PAIRS);
                    estimate.max(weight.unrelated.min(0.5 / seen))
                }))
                .collect();
            // Exact agreement is counted, not sampled.
            if let Some(exact) = counts[at].first().map(ValueCounts::agreement) {
                u[1] = exact.max(1e-12);
            }
            normalise(&mut u);
            (u, seen / all * total)
        })
        .collect();
    let mut classes: Vec<Class> = comparisons
        .iter()
        .zip(&observed)
        .map(|(comparison, (u, _))| {
            let of = |share: fn(&LevelWeight) -> f64| -> Vec<f64> {
                std::iter::once(1.0).chain(comparison.levels.iter().map(share)).collect()
            };
            Class { m: of(|l| l.person), h: of(|l| l.household), u: u.clone() }
        })
        .collect();
    let defaults = classes.clone();
    let (mut match_share, mut home_share) = (records as f64 / total, records as f64 / total);
    let mut agreed: Vec<Vec<f64>> = vec![];
    for _ in 0..ROUNDS {
        for (at, comparison) in comparisons.iter().enumerate() {
            pin(comparison.measure, &mut classes[at]);
        }
        let logs: Vec<[Vec<f64>; 3]> = classes
            .iter()
            .map(|class| [&class.m, &class.h, &class.u].map(|list| list.iter().map(|p| p.max(1e-15).ln()).collect()))
            .collect();
        let log_prior = [match_share, home_share, 1.0 - match_share - home_share].map(|p: f64| p.max(1e-15).ln());
        let mut sums = [0.0f64; 2];
        let mut by_level: Vec<[Vec<f64>; 2]> =
            classes.iter().map(|class| [vec![0.0; class.m.len()], vec![0.0; class.m.len()]]).collect();
        for &(pattern, count) in &patterns {
            let mut score = log_prior;
            for (at, log) in logs.iter().enumerate() {
                let level = level_of(pattern, at);
                if level != MISSING as usize {
                    for (sum, list) in score.iter_mut().zip(log) {
                        *sum += list[level];
                    }
                }
            }
            let top = score.iter().copied().fold(f64::MIN, f64::max);
            let parts = score.map(|s| (s - top).exp());
            let all: f64 = parts.iter().sum();
            let weight = count as f64 * scale;
            for class in 0..2 {
                let share = parts[class] / all * weight;
                sums[class] += share;
                for (at, levels) in by_level.iter_mut().enumerate() {
                    levels[class][level_of(pattern, at)] += share;
                }
            }
        }
        match_share = (sums[0].max(1.0) / total).min(0.3);
        home_share = (sums[1].max(1.0) / total).min(0.3);
        agreed = by_level
            .iter()
            .map(|classes| (0..classes[0].len()).map(|level| classes[0][level] + classes[1][level]).collect())
            .collect();
        for (at, class) in classes.iter_mut().enumerate() {
            if comparisons[at].measure.frozen() {
                continue;
            }
            for (list, (seen, start)) in [
                (&mut class.m, (&by_level[at][0], &defaults[at].m)),
                (&mut class.h, (&by_level[at][1], &defaults[at].h)),
            ] {
                let all: f64 = seen.iter().skip(1).sum();
                for level in 1..list.len() {
                    list[level] = (seen[level] + PRIOR_PAIRS * start[level]) / (all + PRIOR_PAIRS);
                }
                normalise(list);
            }
            // Take the matches and households out of what random pairs showed.
            let (seen, pairs) = &observed[at];
            for level in 1..seen.len() {
                class.u[level] = (seen[level] - agreed[at][level] / pairs).max(UNRELATED_FLOOR * seen[level]);
            }
            normalise(&mut class.u);
        }
    }
    for (at, comparison) in comparisons.iter().enumerate() {
        pin(comparison.measure, &mut classes[at]);
    }
    let matches = match_share * total;
    let mut comparisons: Vec<Comparison> = comparisons
        .iter()
        .enumerate()
        .map(|(at, comparison)| {
            let class = &classes[at];
            let levels = comparison
                .levels
                .iter()
                .enumerate()
                .map(|(level, old)| {
                    LevelWeight::new(&old.level, class.m[level + 1], class.h[level + 1], class.u[level + 1])
                })
                .collect();
            let mut frequencies: Vec<Frequencies> = counts[at]
                .iter()
                .enumerate()
                .map(|(slot, values)| {
                    values.frequencies(
                        comparison.measure,
                        slot,
                        class.u[1],
                        2.0 * agreed[at][1] / values.total.max(1) as f64,
                    )
                })
                .collect();
            frequencies.resize(comparison.measure.frequencies(), Frequencies::default());
            Comparison { field: comparison.field.clone(), measure: comparison.measure, levels, frequencies }
        })
        .collect();
    if let Some(at) = comparisons.iter().position(|comparison| comparison.measure == Measure::Given) {
        let attraction = attraction(
            data,
            &comparisons[at].frequencies[0],
            &comparisons[at + 1].frequencies[0],
            records as f64 / (1.0 + 2.0 * matches / records as f64),
        );
        comparisons[at].frequencies[1] = attraction;
    }
    Model {
        records: records as u64,
        prior_unrelated: millibits(match_share / (1.0 - match_share - home_share)),
        prior_household: millibits(match_share / home_share),
        cultures: super::culture::cultures(data, &content),
        comparisons,
        ..start.clone()
    }
}

/// How often two people of one household bear the same given name, as senior and junior do.
const NAMESAKES: f64 = 0.015;

/// What tells members of a household apart behaves among them as among strangers.
fn pin(measure: Measure, class: &mut Class) {
    match measure {
        Measure::Epithet => class.h = class.u.clone(),
        Measure::Given | Measure::Date | Measure::Identifier => {
            let same = match measure {
                Measure::Given => NAMESAKES,
                Measure::Date => TWINS,
                _ => 0.000_5,
            };
            class.h = class.u.iter().map(|u| u * (1.0 - same)).collect();
            class.h[1] += same;
        }
        // That two people of one name spell it in their addresses is no surprise: given the name, it says little.
        Measure::Email => {
            class.u[SPELLS] = class.m[SPELLS] * 0.8;
            class.h[SPELLS] = class.m[SPELLS] * 0.8;
        }
        _ => {}
    }
}

/// The level of an email whose local part is the same and spells the name.
const SPELLS: usize = 5;

/// Makes levels 1… sum to one.
fn normalise(list: &mut [f64]) {
    let sum: f64 = list.iter().skip(1).sum();
    for p in list.iter_mut().skip(1) {
        *p /= sum.max(1e-300);
    }
}

/// A hash of each record's values.
fn content_hashes(data: &Dataset) -> Vec<u64> {
    let by_field: Vec<Vec<u64>> = data
        .fields
        .iter()
        .map(|field| {
            (0..features_of(&field.table))
                .map(|feature| frequency_keys(&data.tokens, &field.table, feature).into_iter().fold(1, mix))
                .collect()
        })
        .collect();
    (0..data.len())
        .map(|record| {
            let row = data.row(record);
            data.fields.iter().zip(&by_field).fold(7, |hash, (field, hashes)| {
                row[field.slots.clone()]
                    .iter()
                    .fold(mix(hash, 3), |hash, &id| mix(hash, hashes.get(id as usize).copied().unwrap_or(0)))
            })
        })
        .collect()
}

/// Counts of the candidates' patterns in the order of patterns, and what one count stands for.
fn candidate_patterns(scorer: &Scorer, blocks: &Blocks, content: &[u64], threads: usize) -> (Vec<(Pattern, u64)>, f64) {
    let records = content.len();
    let every = records.div_ceil(SAMPLE).max(1) as u64;
    let threads = threads.clamp(1, 64);
    let chunk = records.div_ceil(threads).max(1);
    let mut patterns: Vec<(Pattern, u64)> = vec![];
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads)
            .map(|part| {
                scope.spawn(move || {
                    let (mut seen, mut partners, mut memo) = (vec![], vec![], Memo::new());
                    let mine = (part * chunk).min(records)..((part + 1) * chunk).min(records);
                    for (record, hash) in mine.clone().zip(&content[mine]) {
                        if !hash.is_multiple_of(every) {
                            continue;
                        }
                        // With a sample every pair may be met from either side, so both are looked at.
                        let from = if every == 1 { record + 1 } else { 0 };
                        blocks.partners(record, from, &mut partners);
                        seen.extend(
                            partners.iter().map(|&other| pattern(&scorer.levels(&mut memo, record, other as usize))),
                        );
                    }
                    counted(seen.into_iter().map(|pattern| (pattern, 1)).collect())
                })
            })
            .collect();
        for handle in handles {
            patterns.extend(handle.join().unwrap_or_default());
        }
    });
    let patterns = counted(patterns);
    (patterns, if every == 1 { 1.0 } else { every as f64 / 2.0 })
}

/// The sums of counts by pattern, in the order of patterns.
fn counted(mut list: Vec<(Pattern, u64)>) -> Vec<(Pattern, u64)> {
    list.sort_unstable();
    list.chunk_by(|a, b| a.0 == b.0).map(|same| (same[0].0, same.iter().map(|(_, count)| count).sum())).collect()
}

/// How often random pairs fall into each level, by level and comparison. Records are drawn by the rank of their
/// content, by a generator with a fixed seed.
fn random_levels(scorer: &Scorer, content: &[u64]) -> [[u64; MOST]; 16] {
    let mut order: Vec<u32> = (0..content.len() as u32).collect();
    order.sort_unstable_by_key(|&record| content[record as usize]);
    let mut out = [[0; MOST]; 16];
    let count = order.len() as u64;
    let pairs = (RANDOM_PAIRS as u64).min(count * (count - 1) / 2);
    let mut memo = Memo::new();
    let mut state = 0x5eed;
    let mut next = move || {
        state = mix(state, 0x9e37);
        (state >> 11) % count
    };
    for _ in 0..pairs {
        let (a, b) = (next(), next());
        if a == b {
            continue;
        }
        let levels = scorer.levels(&mut memo, order[a as usize] as usize, order[b as usize] as usize);
        for (at, &level) in levels.iter().enumerate() {
            out[level as usize][at] += 1;
        }
    }
    out
}

/// A stranger holds a rare value as if it had so many holders more.
const RARE_HOLDERS: f64 = 0.5;

/// Full names that are more frequent than their parts let expect, by how much. Counted are people, of whom `people`
/// are in the data: records of one name that share an email, phone, date, street or identifier are one; two groups may
/// be one person who shares nothing, so the third is the first that proves a namesake.
fn attraction(data: &Dataset, given: &Frequencies, family: &Frequencies, people: f64) -> Frequencies {
    let mut out = Frequencies::default();
    let Some(field) = data.fields.iter().find(|field| field.form == Form::Name) else { return out };
    let Table::Names(_) = &field.table else { return out };
    let keys: Vec<[u64; 3]> =
        (0..features_of(&field.table)).map(|feature| frequency_keys(&data.tokens, &field.table, feature)).collect();
    let mut holders: Vec<(u64, u32)> = (0..data.len())
        .filter_map(|record| keys.get(data.row(record)[field.slots.start] as usize).map(|key| (key[2], record as u32)))
        .filter(|(key, _)| *key != 0)
        .collect();
    holders.sort_unstable();
    for group in holders.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 2) {
        let mut owner: Vec<usize> = (0..group.len()).collect();
        let mut told: Vec<bool> = vec![false; group.len()];
        let mut seen: Vec<(usize, u32, usize)> = vec![];
        for (at, (_, record)) in group.iter().enumerate() {
            for (number, other) in data.fields.iter().enumerate() {
                for &id in data.row(*record as usize)[other.slots.clone()].iter().filter(|&&id| id != NONE) {
                    let value = match &other.table {
                        Table::Emails(list) => list[id as usize].local,
                        Table::Phones(list) => list[id as usize].token,
                        Table::Dates(list) => list[id as usize].token,
                        Table::Addresses(list) => list[id as usize].line,
                        Table::Words(list) if other.form == Form::Identifier => list[id as usize].whole,
                        _ => NONE,
                    };
                    if value != NONE {
                        seen.push((number, value, at));
                        told[at] = true;
                    }
                }
            }
        }
        seen.sort_unstable();
        for same in seen.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            for pair in same.windows(2) {
                let (from, to) = (owner[pair[0].2], owner[pair[1].2]);
                if from != to {
                    owner.iter_mut().filter(|slot| **slot == from).for_each(|slot| *slot = to);
                }
            }
        }
        let mut groups: Vec<usize> =
            owner.into_iter().zip(told).filter(|(_, told)| *told).map(|(owner, _)| owner).collect();
        groups.sort_unstable();
        groups.dedup();
        if groups.len() < 3 {
            continue;
        }
        let together = millibits((groups.len() as f64 - 2.0) / people);
        let key = keys[data.row(group[0].1 as usize)[field.slots.start] as usize];
        let apart = given.average - given.rarity(key[0]) + family.average - family.rarity(key[1]);
        if together > apart + 500 {
            out.values.insert(Frequencies::key(group[0].0), together - apart);
        }
    }
    out
}

/// How often each value occurs.
struct ValueCounts {
    counts: BTreeMap<u64, u64>,
    total: u64,
}

impl ValueCounts {
    /// The share of all pairs of holders whose values are equal.
    fn agreement(&self) -> f64 {
        let equal: f64 = self.counts.values().map(|&count| count as f64 * (count as f64 - 1.0)).sum();
        equal / (self.total as f64 * (self.total as f64 - 1.0)).max(1.0)
    }

    /// The frequencies to store. `agreement` of strangers is the average; of a value's holders the record's own person
    /// accounts for itself and `own` further ones.
    fn frequencies(&self, measure: Measure, slot: usize, agreement: f64, own: f64) -> Frequencies {
        let total = self.total.max(1) as f64;
        let share = |count: u64| (count as f64 - 1.0 - own).max(RARE_HOLDERS) / total;
        // Emails, phones and identifiers are personal: only what very many hold is worth a note.
        let least = match measure {
            Measure::Email | Measure::Phone | Measure::Identifier => 16,
            _ => 4,
        };
        let (mut weighed, mut seen) = (0.0, 0.0);
        for &count in self.counts.values().filter(|&&count| count < least) {
            weighed += count as f64 * share(count);
            seen += count as f64;
        }
        let mut rare = millibits(if seen > 0.0 { weighed / seen } else { RARE_HOLDERS / total });
        if least > 4 && slot == 0 {
            rare = rare.min(millibits(agreement));
        }
        let values = self
            .counts
            .iter()
            .filter(|(_, &count)| count >= least)
            .map(|(&hash, &count)| (Frequencies::key(hash), millibits(share(count))))
            .filter(|(_, bits)| *bits > rare + 250)
            .collect();
        let average = if slot == 0 { agreement } else { self.agreement() };
        Frequencies { average: millibits(average), rare, values }
    }
}

/// By comparison, by frequency slot.
fn value_counts(data: &Dataset) -> Vec<Vec<ValueCounts>> {
    let mut out = vec![];
    for field in &data.fields {
        let mut held: Vec<u32> = vec![0; features_of(&field.table)];
        for row in data.rows.chunks_exact(data.width.max(1)) {
            for &id in row[field.slots.clone()].iter().filter(|&&id| id != NONE) {
                held[id as usize] += 1;
            }
        }
        let mut slots: [Vec<(u64, u64)>; 3] = Default::default();
        for (feature, &count) in held.iter().enumerate().filter(|(_, &count)| count > 0) {
            for (slot, key) in slots.iter_mut().zip(frequency_keys(&data.tokens, &field.table, feature)) {
                if key != 0 {
                    slot.push((key, u64::from(count)));
                }
            }
        }
        let mut counts = slots.into_iter().map(|list| {
            let total = list.iter().map(|(_, count)| count).sum();
            let mut counts = BTreeMap::new();
            for (key, count) in list {
                *counts.entry(key).or_default() += count;
            }
            ValueCounts { counts, total }
        });
        let measures = Measure::of(field.form);
        if field.form == Form::Name {
            // Given and family name have one each.
            for measure in measures {
                let one = usize::from(measure.frequencies() > 0);
                out.push(counts.by_ref().take(one).collect());
            }
        } else {
            out.push(counts.take(measures[0].frequencies()).collect());
        }
    }
    debug_assert_eq!(
        out.len(),
        offsets(data.fields.iter().map(|field| field.form)).len()
            + 3 * usize::from(data.fields.iter().any(|f| f.form == Form::Name))
    );
    out
}
