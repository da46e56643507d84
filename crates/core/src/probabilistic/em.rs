//! Training without labels: expectation–maximisation (Fellegi and Sunter; Winkler) with three classes of pair: one
//! person, two of one household or company, strangers.
//!
//! Everything that is summed over pairs is first counted in integers by comparison pattern; the floating-point part
//! then runs over the distinct patterns in their order, so that the result does not depend on the order of records or
//! on threads.

use super::blocks::Blocks;
use super::calibration::Calibration;
use super::culture::cultures;
use super::levels::{Measure, MISSING};
use super::model::{millibits, Comparison, Frequencies, LevelWeight, Model};
use super::patterns::{candidate_patterns, content_hashes, level_of};
use super::score::{Scorer, MOST};
use super::strangers::{normalise, strangers, Strangers, PRIOR_PAIRS};
use super::values::{attraction, value_counts};
use super::Dataset;
use crate::threads;

/// Rounds of EM; after five little moves.
const ROUNDS: usize = 8;
/// What is left of the observed agreement of random pairs, at the least, when matches are taken out of it.
const UNRELATED_FLOOR: f64 = 0.02;
/// A household's pairs have the same birth date by being twins, or the same identifier by mistake, this often.
const TWINS: f64 = 0.02;

/// Probabilities of the levels of one comparison in the three classes; index 0 is the missing level.
#[derive(Clone)]
struct Class {
    m: Vec<f64>,
    h: Vec<f64>,
    u: Vec<f64>,
}

/// Learns weights from `data`, whose blocks these are, starting from `start`. Only the values count, neither the order of
/// the records nor `threads`.
pub(crate) fn train(data: &Dataset, blocks: &Blocks, start: &Model, threads: usize) -> Model {
    if data.len() < 2 {
        return start.clone();
    }
    let content = content_hashes(data, threads);
    let (cultures, learnt) =
        threads::both(threads, || cultures(data, &content), || weights(data, blocks, start, &content, threads));
    let model = Model { cultures, ..learnt };
    let calibration = Calibration::learn(&Scorer::on(&model, data, threads), blocks, &content, threads);
    // What is more likely two people than one is not joined.
    let auto = model.auto.max(calibration.weight(0));
    Model { calibration, auto, ..model }
}

/// Priors, levels and frequencies.
fn weights(data: &Dataset, blocks: &Blocks, start: &Model, content: &[u64], threads: usize) -> Model {
    let records = data.len();
    let scorer = Scorer::on(start, data, threads);
    let (patterns, scale) = candidate_patterns(&scorer, blocks, content, threads);
    let counts = value_counts(data, threads);
    let total = records as f64 * (records as f64 - 1.0) / 2.0;

    let comparisons: Vec<&Comparison> = start.comparisons.iter().take(MOST).collect();
    let observed = strangers(&scorer, &comparisons, &counts, content, threads);
    let mut classes: Vec<Class> = comparisons
        .iter()
        .zip(&observed)
        .map(|(comparison, Strangers { levels, .. })| {
            let of = |share: fn(&LevelWeight) -> f64| -> Vec<f64> {
                std::iter::once(1.0).chain(comparison.levels.iter().map(share)).collect()
            };
            Class { m: of(|l| l.person), h: of(|l| l.household), u: levels.clone() }
        })
        .collect();
    let defaults = classes.clone();
    let (mut match_share, mut home_share) = (records as f64 / total, records as f64 / total);
    let mut agreed: Vec<Vec<f64>> = vec![];
    for _ in 0..ROUNDS {
        for (at, comparison) in comparisons.iter().enumerate() {
            pin(comparison, &mut classes[at]);
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
            let Strangers { levels: seen, pairs } = &observed[at];
            for level in 1..seen.len() {
                class.u[level] = (seen[level] - agreed[at][level] / pairs).max(UNRELATED_FLOOR * seen[level]);
            }
            normalise(&mut class.u);
        }
    }
    for (at, comparison) in comparisons.iter().enumerate() {
        pin(comparison, &mut classes[at]);
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
                    let [m, h, u] = [&class.m, &class.h, &class.u].map(|list| list[level + 1]);
                    LevelWeight { told: old.told, ..LevelWeight::new(&old.level, m, h, u) }
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
        comparisons,
        ..start.clone()
    }
}

/// How often two people of one household bear the same given name, as senior and junior do.
const NAMESAKES: f64 = 0.015;

/// How much rarer two known names are in records of one person than in those of two, at the least.
const BOTH_NAMES: f64 = 0.002;

/// What tells members of a household apart behaves among them as among strangers, and what is told is so.
fn pin(comparison: &Comparison, class: &mut Class) {
    let measure = comparison.measure;
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
            if measure == Measure::Given {
                // Twins and couples would teach that one person bears two names.
                let two = usize::from(Measure::TWO_NAMES);
                class.m[two] = class.m[two].min(class.u[two] * BOTH_NAMES);
            }
        }
        // That two people of one name spell it in their addresses is no surprise: given the name, it says little.
        Measure::Email => {
            class.u[SPELLS] = class.m[SPELLS] * 0.8;
            class.h[SPELLS] = class.m[SPELLS] * 0.8;
        }
        _ => {}
    }
    for (at, level) in comparison.levels.iter().enumerate().filter(|(_, level)| level.told) {
        (class.m[at + 1], class.h[at + 1], class.u[at + 1]) = (level.person, level.household, level.unrelated);
    }
}

/// The level of an email whose local part is the same and spells the name.
const SPELLS: usize = 5;
