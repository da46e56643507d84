//! Training without labels: expectation–maximisation (Fellegi and Sunter; Winkler) with three classes of pair: one
//! person, two of one household or company, strangers.
//!
//! Everything that is summed over pairs is first counted in integers by comparison pattern; the floating-point part
//! then runs over the distinct patterns in their order, so that the result does not depend on the order of records or
//! on threads.

use super::blocks::Blocks;
use super::calibration::Calibration;
use super::culture::cultures;
use super::levels::{email, given, phone, MISSING};
use super::measure::Measure;
use super::model::{millibits, Comparison, Frequencies, LevelWeight, Model};
use super::patterns::{candidate_patterns, content_hashes, level_of, Pattern};
use super::score::{Scorer, MOST};
use super::strangers::{normalise, strangers, Strangers, PRIOR_PAIRS};
use super::values::{attraction, value_counts, ValueCounts};
use super::Dataset;
use crate::threads::{self, Threads};

/// Rounds of EM; after five little moves.
const ROUNDS: usize = 8;
/// What is left of the observed agreement of random pairs, at the least, when matches are taken out of it.
const UNRELATED_FLOOR: f64 = 0.02;
/// Pairs that differ more often than this in what a person has once in life are not one person's: where hardly anybody is there
/// twice, relatives and namesakes are the likest pairs there are. Then that weighs as shipped.
const APART: f64 = 0.5;
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
pub(crate) fn train(data: &Dataset, blocks: &Blocks, start: &Model, threads: Threads) -> Model {
    if data.len() < 2 {
        return start.clone();
    }
    let content = content_hashes(data, threads);
    let (cultures, learnt) = threads::both(
        threads,
        || cultures(data, &content, threads),
        || weights(data, blocks, start, &content, threads),
    );
    let model = Model { cultures, ..learnt };
    let calibration = Calibration::learn(&Scorer::on(&model, data, threads), blocks, &content);
    // What is more likely two people than one is not joined.
    let auto = model.auto.max(calibration.weight(0));
    Model { calibration, auto, ..model }
}

/// Priors, levels and frequencies.
fn weights(data: &Dataset, blocks: &Blocks, start: &Model, content: &[u64], threads: Threads) -> Model {
    let scorer = Scorer::on(start, data, threads);
    let (patterns, scale) = candidate_patterns(&scorer, blocks, content);
    let counts = value_counts(data, threads);
    let comparisons: Vec<&Comparison> = start.comparisons.iter().take(MOST).collect();
    let observed = strangers(&scorer, &comparisons, &counts, content);
    let mut mixture = Mixture::new(comparisons, observed, data.len() as f64, threads);
    let mut expected = Expected::default();
    for _ in 0..ROUNDS {
        mixture.pin();
        expected = mixture.expect(&patterns, scale);
        mixture.maximise(&expected);
    }
    mixture.pin();
    mixture.model(data, &counts, &expected, start)
}

/// A mixture of three classes of pair, as far as it is learnt.
struct Mixture<'a> {
    records: f64,
    /// All pairs of the records.
    total: f64,
    comparisons: Vec<&'a Comparison>,
    /// How strangers compare, matches and households among them.
    observed: Vec<Strangers>,
    classes: Vec<Class>,
    /// The classes as they were shipped.
    defaults: Vec<Class>,
    /// The shares of all pairs that are of one person, and of one household.
    shares: [f64; 2],
    /// No record names a person: they are about firms.
    firms: bool,
    /// Something tells the members of a household apart.
    households: bool,
    threads: Threads<'a>,
}

/// What candidates are taken for, in pairs of one person and of one household.
#[derive(Default)]
struct Expected {
    pairs: [f64; 2],
    /// By comparison and level.
    levels: Vec<[Vec<f64>; 2]>,
}

impl Expected {
    /// Pairs of either kind at a level of a comparison.
    fn agreed(&self, comparison: usize, level: usize) -> f64 {
        let [persons, households] = &self.levels[comparison];
        persons[level] + households[level]
    }
}

/// The share of some pairs in all: a few records tell little of how rare one person's are among those to come.
fn share(pairs: f64, total: f64) -> f64 {
    (pairs / (total + PRIOR_PAIRS)).min(0.3)
}

impl<'a> Mixture<'a> {
    fn new(
        comparisons: Vec<&'a Comparison>,
        observed: Vec<Strangers>,
        records: f64,
        threads: Threads<'a>,
    ) -> Mixture<'a> {
        let class = |(comparison, Strangers { levels, .. }): (&&Comparison, &Strangers)| {
            let of = |share: fn(&LevelWeight) -> f64| -> Vec<f64> {
                std::iter::once(1.0).chain(comparison.levels.iter().map(share)).collect()
            };
            Class { m: of(|l| l.person), h: of(|l| l.household), u: levels.clone() }
        };
        let classes: Vec<Class> = comparisons.iter().zip(&observed).map(class).collect();
        let total = records * (records - 1.0) / 2.0;
        let firms = comparisons.iter().all(|comparison| comparison.measure != Measure::Given);
        let households = comparisons.iter().any(|comparison| tells_members_apart(comparison.measure, firms));
        let shares = [share(records, total), if households { share(records, total) } else { NO_HOUSEHOLDS }];
        let defaults = classes.clone();
        Mixture { records, total, comparisons, observed, classes, defaults, shares, firms, households, threads }
    }

    fn pin(&mut self) {
        for ((comparison, class), start) in self.comparisons.iter().zip(&mut self.classes).zip(&self.defaults) {
            pin(comparison, class, start, self.firms);
        }
    }

    /// The E step: by how much each pattern is of either class. A count stands for `scale` pairs.
    fn expect(&self, patterns: &[(Pattern, u64)], scale: f64) -> Expected {
        let logs: Vec<[Vec<f64>; 3]> = self
            .classes
            .iter()
            .map(|class| [&class.m, &class.h, &class.u].map(|list| list.iter().map(|p| p.max(1e-15).ln()).collect()))
            .collect();
        let [matches, households] = self.shares;
        let log_prior = [matches, households, 1.0 - matches - households].map(|p: f64| p.max(1e-15).ln());
        let levels = self.classes.iter().map(|class| [vec![0.0; class.m.len()], vec![0.0; class.m.len()]]).collect();
        let mut expected = Expected { pairs: [0.0; 2], levels };
        for &(pattern, count) in patterns {
            self.threads.look();
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
                expected.pairs[class] += share;
                for (at, levels) in expected.levels.iter_mut().enumerate() {
                    levels[class][level_of(pattern, at)] += share;
                }
            }
        }
        expected
    }

    /// The M step: the shares and probabilities that make what was expected the most likely.
    fn maximise(&mut self, expected: &Expected) {
        let [matches, households] = expected.pairs.map(|pairs| share(pairs.max(1.0), self.total));
        self.shares = [matches, if self.households { households } else { NO_HOUSEHOLDS }];
        for (at, class) in self.classes.iter_mut().enumerate() {
            if self.comparisons[at].measure.frozen() {
                continue;
            }
            let [persons, households] = &expected.levels[at];
            for (list, seen, start) in
                [(&mut class.m, persons, &self.defaults[at].m), (&mut class.h, households, &self.defaults[at].h)]
            {
                let all: f64 = seen.iter().skip(1).sum();
                for level in 1..list.len() {
                    list[level] = (seen[level] + PRIOR_PAIRS * start[level]) / (all + PRIOR_PAIRS);
                }
                normalise(list);
            }
            // Take the matches and households out of what random pairs showed.
            let Strangers { levels: seen, pairs } = &self.observed[at];
            for (level, share) in seen.iter().enumerate().skip(1) {
                class.u[level] = (share - expected.agreed(at, level) / pairs).max(UNRELATED_FLOOR * share);
            }
            normalise(&mut class.u);
        }
    }

    /// The model that this is, with the frequencies of values that were counted.
    fn model(&self, data: &Dataset, counts: &[Vec<ValueCounts>], expected: &Expected, start: &Model) -> Model {
        let [matches, households] = self.shares;
        let comparison = |(at, comparison): (usize, &&Comparison)| {
            let Class { m, h, u } = &self.classes[at];
            let level = |(level, old): (usize, &LevelWeight)| {
                let weight = LevelWeight::new(&old.level, m[level + 1], h[level + 1], u[level + 1]);
                LevelWeight { told: old.told, ..weight }
            };
            let frequencies = |(slot, values): (usize, &ValueCounts)| {
                let related = 2.0 * expected.agreed(at, 1) / values.total.max(1) as f64;
                values.frequencies(comparison.measure, slot, u[1], related)
            };
            let mut frequencies: Vec<Frequencies> = counts[at].iter().enumerate().map(frequencies).collect();
            frequencies.resize(comparison.measure.frequencies(), Frequencies::default());
            Comparison {
                field: comparison.field.clone(),
                measure: comparison.measure,
                levels: comparison.levels.iter().enumerate().map(level).collect(),
                frequencies,
            }
        };
        let mut comparisons: Vec<Comparison> = self.comparisons.iter().enumerate().map(comparison).collect();
        if let Some(at) = comparisons.iter().position(|comparison| comparison.measure == Measure::Given) {
            let people = self.records / (1.0 + 2.0 * (matches * self.total) / self.records);
            let [given, family] = [at, at + 1].map(|at| &comparisons[at].frequencies[0]);
            comparisons[at].frequencies[1] = attraction(data, given, family, people, self.threads);
        }
        Model {
            records: data.len() as u64,
            prior_unrelated: millibits(matches / (1.0 - matches - households)),
            prior_household: millibits(matches / households),
            comparisons,
            ..start.clone()
        }
    }
}

/// How often two people of one household bear the same given name, as senior and junior do.
const NAMESAKES: f64 = 0.015;

/// How much rarer two known names are in records of one person than in those of two, at the least.
const BOTH_NAMES: f64 = 0.002;

/// The share of households where nothing tells their members apart: nor could it be told from that of persons, and the two
/// classes would change places.
const NO_HOUSEHOLDS: f64 = 1e-12;

/// Whether two members of a household agree on it as strangers do; members of one of `firms` are firms in one building or
/// of one owner.
fn tells_members_apart(measure: Measure, firms: bool) -> bool {
    match measure {
        Measure::Given | Measure::Date | Measure::Identifier => true,
        Measure::Organization => firms,
        _ => false,
    }
}

/// What tells people apart is as it was at the `start` where it was learnt of others than persons; what tells members of a
/// household apart behaves among them as among strangers, and what is told is so.
fn pin(comparison: &Comparison, class: &mut Class, start: &Class, firms: bool) {
    let measure = comparison.measure;
    let levels = class.m[1..].iter().zip(measure.levels());
    let apart: f64 = levels.filter(|(_, shipped)| shipped.m < shipped.u).map(|(share, _)| share).sum();
    if measure.tells_people_apart() && apart > APART {
        class.m.clone_from(&start.m);
    }
    match measure {
        Measure::Epithet => class.h = class.u.clone(),
        Measure::Organization if firms => class.h = class.u.clone(),
        // Many firms of a town have phones of its area: as in scoring, that says little.
        Measure::Phone if firms => {
            let area = usize::from(phone::SAME_AREA);
            class.u[area] = class.u[area].max(class.m[area] / 2.0);
            class.h[area] = class.h[area].max(class.m[area] / 2.0);
        }
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
                let two = usize::from(given::TWO_NAMES);
                class.m[two] = class.m[two].min(class.u[two] * BOTH_NAMES);
            }
        }
        // That two people of one name spell it in their addresses is no surprise: given the name, it says little.
        Measure::Email => {
            let spells = usize::from(email::SPELLS_NAME);
            class.u[spells] = class.m[spells] * 0.8;
            class.h[spells] = class.m[spells] * 0.8;
        }
        _ => {}
    }
    for (at, level) in comparison.levels.iter().enumerate().filter(|(_, level)| level.told) {
        (class.m[at + 1], class.h[at + 1], class.u[at + 1]) = (level.person, level.household, level.unrelated);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::entity::EntityType;

    #[test]
    fn pairs_that_mostly_differ_in_their_birth_dates_are_no_persons() {
        let model = Model::shipped(&EntityType::customer());
        let comparisons: Vec<&Comparison> = model.comparisons.iter().collect();
        let observed = comparisons.iter().map(|comparison| {
            let levels = std::iter::once(1.0).chain(comparison.levels.iter().map(|level| level.unrelated)).collect();
            Strangers { levels, pairs: 1e6 }
        });
        let mut mixture = Mixture::new(comparisons.clone(), observed.collect(), 4_000.0, Threads::ALONE);
        let at = comparisons.iter().position(|comparison| comparison.measure == Measure::Date).unwrap();
        let shipped = mixture.classes[at].m.clone();
        let last = shipped.len() - 1;
        // Learnt of siblings, as of records without doubles; and of dates that are often wrong.
        for (different, stays) in [(0.957, false), (0.4, true)] {
            let mut learnt = vec![0.0; shipped.len()];
            (learnt[0], learnt[1], learnt[last]) = (1.0, 1.0 - different, different);
            mixture.classes[at].m.clone_from(&learnt);
            mixture.pin();
            assert_eq!(mixture.classes[at].m, if stays { learnt } else { shipped.clone() });
        }
    }
}
