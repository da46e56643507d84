//! How often two strangers agree at each level. Random pairs tell of what many share; of what few share (a street, a
//! postcode, the area of a phone) they meet next to nothing, so there pairs of holders of one value are drawn, whose
//! number is known (stratified sampling, Cochran 1977, chapter 5).

use super::dataset::{Field, Table};
use super::features::NONE;
use super::levels::MISSING;
use super::measure::{frequency_keys, Measure};
use super::memo::Memo;
use super::model::Comparison;
use super::patterns::{by_feature, hashes};
use super::score::{Part, Scorer, MOST};
use super::values::{held, ValueCounts};
use super::Dataset;
use crate::text::mix;
use crate::threads;

/// Random pairs.
const PAIRS: usize = 300_000;
/// Pairs of holders of one value, by field and place of the value.
const SHARING: u64 = 30_000;
/// The weights that are shipped count as much as this many pairs.
pub(super) const PRIOR_PAIRS: f64 = 20.0;

/// How pairs of strangers compare.
pub(super) struct Strangers {
    /// By level, the share of the pairs that are compared; 1 for the missing level.
    pub levels: Vec<f64>,
    /// How many pairs of all are compared.
    pub pairs: f64,
}

/// By comparison. Records and values are drawn by their ranks, by a generator with a fixed seed.
pub(super) fn strangers(
    scorer: &Scorer,
    comparisons: &[&Comparison],
    counts: &[Vec<ValueCounts>],
    content: &[u64],
) -> Vec<Strangers> {
    let records = scorer.data.len() as f64;
    let total = records * (records - 1.0) / 2.0;
    let details = by_feature(scorer.data, scorer.threads, details);
    let random = random(scorer, content, &details);
    let sharing = sharing(scorer, &details);
    let of_one = |(at, comparison): (usize, &&Comparison)| {
        let count = |level: usize| random.levels[level][at] as f64;
        let seen = (1..16).map(count).sum::<f64>() + random.shared[at] as f64;
        let compared = (seen / (seen + count(usize::from(MISSING))).max(1.0)).max(1.0 / total);
        if comparison.measure.frozen() {
            let levels = std::iter::once(1.0).chain(comparison.levels.iter().map(|level| level.unrelated)).collect();
            return Strangers { levels, pairs: total };
        }
        let mut levels = vec![1.0];
        for (level, shipped) in comparison.levels.iter().enumerate() {
            let strata = sharing.iter().filter(|stratum| stratum.comparison == at);
            let held: f64 = strata.map(|stratum| stratum.share(level + 1)).sum::<f64>() / (compared * total);
            let count = count(level + 1) + held * seen;
            let estimate = (count + PRIOR_PAIRS * shipped.unrelated) / (seen.max(1.0) + PRIOR_PAIRS);
            levels.push(if held > 0.0 { estimate } else { estimate.max(shipped.unrelated.min(0.5 / seen.max(1.0))) });
        }
        // Exact agreement is counted, not sampled.
        if let Some(exact) = counts[at].first().map(ValueCounts::agreement) {
            levels[1] = exact.max(1e-12);
        }
        normalise(&mut levels);
        Strangers { levels, pairs: compared * total }
    };
    comparisons.iter().enumerate().map(of_one).collect()
}

/// Makes levels 1… sum to one.
pub(super) fn normalise(list: &mut [f64]) {
    let sum: f64 = list.iter().skip(1).sum();
    for p in list.iter_mut().skip(1) {
        *p /= sum.max(1e-300);
    }
}

/// A generator of numbers, always the same.
struct Draw(u64);

impl Draw {
    fn below(&mut self, count: u64) -> u64 {
        self.0 = mix(self.0, 0x9e37);
        (self.0 >> 11) % count
    }
}

/// How many random pairs there are of each kind.
#[derive(Default)]
struct Random {
    /// Those that share no value that [`sharing`] draws by, by level and comparison.
    levels: [[u64; MOST]; 16],
    /// The others, by comparison.
    shared: [u64; MOST],
}

fn random(scorer: &Scorer, content: &[u64], details: &[Vec<u64>]) -> Random {
    let (data, threads) = (scorer.data, scorer.threads);
    let detail = hashes(data, details, threads);
    let mut order: Vec<(u64, u64, u32)> =
        content.iter().zip(detail).zip(0..).map(|((&content, detail), record)| (content, detail, record)).collect();
    order.sort_unstable();
    let count = order.len() as u64;
    let mut draw = Draw(0x5eed);
    let mut next = || order[draw.below(count) as usize].2 as usize;
    let mut pairs: Vec<(usize, usize)> =
        (0..(PAIRS as u64).min(count * (count - 1) / 2)).map(|_| (next(), next())).collect();
    // Neighbours are alike, and what they say lies together.
    pairs.sort_unstable();
    let parts = threads::map(threads::parts(pairs.len(), threads), threads, |part| {
        let (mut counted, mut memo) = (Random::default(), Memo::default());
        for &(a, b) in pairs[part].iter().filter(|(a, b)| a != b) {
            let levels = scorer.levels(&mut memo, a, b);
            for (field, &first) in data.fields.iter().zip(&scorer.first) {
                let shared = share(data, field, a, b).then_some(first + drawn(field).1);
                let own = levels.iter().enumerate().skip(first).take(Measure::of(field.form).len());
                for (at, &level) in own {
                    if shared == Some(at) {
                        counted.shared[at] += 1;
                    } else {
                        counted.levels[usize::from(level)][at] += 1;
                    }
                }
            }
        }
        counted
    });
    let mut out = Random::default();
    for part in parts {
        let (sums, counts) = (out.levels.iter_mut().flatten(), part.levels.iter().flatten());
        let (sums, counts) = (sums.chain(&mut out.shared), counts.chain(&part.shared));
        sums.zip(counts).for_each(|(sum, count)| *sum += count);
    }
    out
}

/// How many values of a field pairs are drawn by, and for which of its measures: agreement in an only one is counted. Of
/// names it is the parts of the family name, since many share a given name.
fn drawn(field: &Field) -> (usize, usize) {
    match Measure::of(field.form) {
        [_, Measure::Family, ..] => (1, 1),
        [measure, ..] if measure.frequencies() > 1 => (measure.frequencies(), 0),
        _ => (0, 0),
    }
}

/// The values of a feature at a place by which pairs are drawn; 0 for none.
fn values(field: &Field, feature: usize, place: usize) -> [u64; 3] {
    match &field.table {
        Table::Names(list) => {
            let mut parts = list[feature].family_parts(&field.tokens).map(|part| field.tokens.hash(part));
            std::array::from_fn(|_| parts.next().unwrap_or(0))
        }
        _ => [frequency_keys(field, feature)[place], 0, 0],
    }
}

/// The first place at which two features have one of the values by which pairs are drawn in common, and the least of these.
fn first_shared(field: &Field, a: usize, b: usize) -> Option<(usize, u64)> {
    let at = |place: usize| {
        let (x, y) = (values(field, a, place), values(field, b, place));
        x.into_iter().filter(|value| *value != 0 && y.contains(value)).min().map(|value| (place, value))
    };
    (0..drawn(field).0).find_map(at)
}

fn share(data: &Dataset, field: &Field, a: usize, b: usize) -> bool {
    let ids = |record: usize| data.row(record)[field.slots.clone()].iter().copied().filter(|&id| id != NONE);
    ids(a).any(|x| ids(b).any(|y| first_shared(field, x as usize, y as usize).is_some()))
}

/// Pairs of holders of one value.
struct Stratum {
    comparison: usize,
    /// How many there are.
    pairs: f64,
    drawn: u64,
    /// How many of those that were drawn fall into each level and share no value of an earlier place.
    levels: [u64; 16],
}

impl Stratum {
    /// How many pairs fall into a level, of all there are.
    fn share(&self, level: usize) -> f64 {
        self.pairs * self.levels[level] as f64 / self.drawn.max(1) as f64
    }
}

fn sharing(scorer: &Scorer, details: &[Vec<u64>]) -> Vec<Stratum> {
    let threads = scorer.threads;
    let fields = scorer.data.fields.iter().enumerate().filter(|(_, field)| drawn(field).0 > 0);
    let held = threads::map(fields.collect(), threads, |(at, field): (usize, &Field)| (at, held(scorer.data, field)));
    let of_field = |(at, held)| (0..drawn(&scorer.data.fields[at]).0).map(move |place| (at, held, place));
    let places = held.iter().map(|(at, held)| (*at, held)).flat_map(of_field).collect();
    threads::map(places, threads, |(at, held, place): (usize, &Vec<u32>, usize)| {
        stratum(scorer, at, place, held, &details[at])
    })
}

/// `held`: how many hold each feature.
fn stratum(scorer: &Scorer, at: usize, place: usize, held: &[u32], details: &[u64]) -> Stratum {
    let field = &scorer.data.fields[at];
    // By value, then by all that is compared: the number of a feature depends on the order of records.
    let of_one = |(&detail, feature): (&u64, u32)| {
        values(field, feature as usize, place).into_iter().map(move |value| (value, detail, feature))
    };
    let mut holders: Vec<(u64, u64, u32)> =
        details.iter().zip(0..).flat_map(of_one).filter(|(value, ..)| *value != 0).collect();
    holders.sort_unstable();
    holders.dedup();
    // By feature: how many hold those before it. By value: its features, and how many pairs there are up to its own.
    let (mut before, mut values, mut pairs): (Vec<u64>, Vec<(u64, usize, usize)>, u64) = (vec![0], vec![], 0);
    for same in holders.chunk_by(|a, b| a.0 == b.0) {
        let from = before.len() - 1;
        for (.., feature) in same {
            before.push(before[before.len() - 1] + u64::from(held[*feature as usize]));
        }
        let count = before[before.len() - 1] - before[from];
        if count > 1 {
            pairs += count * (count - 1) / 2;
            values.push((pairs, from, before.len() - 1));
        }
    }
    let measure = drawn(field).1;
    let mut out = Stratum {
        comparison: scorer.first[at] + measure,
        pairs: pairs as f64,
        drawn: SHARING.min(pairs.saturating_mul(64)),
        levels: [0; 16],
    };
    let (mut draw, mut memo) = (Draw(0x5eed + place as u64), Memo::default());
    for _ in 0..out.drawn {
        scorer.threads.look();
        let pair = draw.below(pairs);
        let (_, from, until) = values[values.partition_point(|(upto, ..)| *upto <= pair)];
        let count = before[until] - before[from];
        let (one, other) = (draw.below(count), draw.below(count - 1));
        let feature = |holder: u64| {
            let holder = before[from] + holder;
            holders[from + before[from + 1..=until].partition_point(|upto| *upto <= holder)].2
        };
        let (a, b) = (feature(one), feature(other + u64::from(other >= one)));
        if first_shared(field, a as usize, b as usize) == Some((place, holders[from].0)) {
            let mut parts = [Part::default(); 4];
            scorer.parts(&mut memo, at, a, b, &mut parts);
            out.levels[usize::from(parts[measure].level)] += 1;
        }
    }
    out
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::values::value_counts;
    use super::super::Model;
    use super::*;
    use crate::columns::Columns;
    use crate::entity::EntityType;
    use crate::record::{Node, RecordRef};
    use crate::score::guide::state_of;
    use crate::threads::Threads;
    use serde_json::json;

    #[test]
    fn what_one_pair_in_thousands_shares_is_estimated_to_a_twentieth() {
        let entity = EntityType::customer();
        let mut letters = Draw(4);
        let mut word = || -> String { (0..7).map(|_| (b'a' + letters.below(26) as u8) as char).collect() };
        let parts: Vec<String> = (0..4_000).map(|_| word()).collect();
        let mut draw = Draw(7);
        let records: Vec<_> = (0..1_000)
            .map(|at| {
                let mut said = json!({"postcode": format!("{:05}", 13_000 + draw.below(3_000))});
                if draw.below(2) == 0 {
                    said["street"] = format!("{} Elm Street", 1 + draw.below(900)).into();
                }
                let mut part = || &parts[draw.below(4_000) as usize];
                said["lastName"] = format!("{} {}", part(), part()).into();
                said["firstName"] = "Ana".into();
                (RecordRef::new("s", format!("{at:05}")), state_of(&entity, said.as_object().unwrap()))
            })
            .collect();
        let nodes: Vec<Node> = records.iter().map(|(reference, state)| Node { reference, state }).collect();
        let data = Dataset::of(&entity, &Columns::of(&entity, &nodes, Threads::ALONE));
        let model = Model::shipped(&entity);
        let (scorer, content) =
            (Scorer::new(&model, &data), super::super::patterns::content_hashes(&data, Threads::ALONE));
        let comparisons: Vec<&Comparison> = model.comparisons.iter().collect();
        let estimated = strangers(&scorer, &comparisons, &value_counts(&data, Threads::ALONE), &content);

        let (mut counted, mut memo, mut pairs) = ([[0u32; MOST]; 16], Memo::default(), 0);
        for a in 0..nodes.len() {
            for b in 0..a {
                let levels = scorer.levels(&mut memo, a, b).into_iter().enumerate();
                levels.for_each(|(at, level)| counted[usize::from(level)][at] += 1);
                pairs += 1;
            }
        }
        for (measure, least) in [(Measure::Address, 2), (Measure::Family, 1)] {
            let at = comparisons.iter().position(|one| one.measure == measure).unwrap();
            assert_eq!((counted[usize::from(MISSING)][at], estimated[at].pairs), (0, f64::from(pairs)));
            let mut rare = 0;
            for (level, one) in (1..).zip(&comparisons[at].levels) {
                let (count, share) = (f64::from(counted[level][at]), estimated[at].levels[level]);
                if count >= 20.0 {
                    let error = (share / count * f64::from(pairs) - 1.0).abs();
                    assert!(error < 0.05, "{}: {count} of {pairs}, error {error:.3}", one.level);
                    rare += u32::from(count < 600.0);
                }
            }
            assert!(rare >= least, "{counted:?}");
        }
    }
}
