//! Calibration: what a weight is worth on the data a model was learnt from.
//!
//! Fellegi–Sunter weights add up as if comparisons were independent given the class of the pair; on real data they are
//! not quite, and a middling weight says too much or too little, which of the two depends on the data. Third records
//! tell, without labels: the records that surely belong to either side of a doubtful pair bring further evidence on it,
//! and two clusters compare far more surely than two records. What that evidence makes of the pairs of one weight, on
//! average, is the match probability of the weight.

use super::blocks::Blocks;
use super::memo::Memo;
use super::odds::combine;
use super::profile::{profile, weigh, Profile};
use super::score::Scorer;
use crate::threads;
use serde::{Deserialize, Serialize};

/// Weights, in thousandths of a bit, and what they are worth. Both ascend; an empty one leaves weights as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Calibration(Vec<(i32, i32)>);

/// Doubtful pairs are those of weights in between.
const DOUBTFUL: std::ops::RangeInclusive<i32> = -4_000..=6_000;
/// Beyond ± this weights are as they are: that much evidence is past doubt.
const SURE: i32 = 8_000;
/// Records with so much evidence that they are one belong to a side of the pair, this many at most.
const ONE_PERSON: i32 = 6_000;
const MOST_OF_SIDE: usize = 8;
/// … and share so many blocks, as records of one person do: most candidates share one and are weighed for nothing.
const MEETINGS: usize = 2;
/// Records whose doubtful pairs are looked at.
const SAMPLE: usize = 100_000;
/// The width of the weights that are counted together.
const STEP: i32 = 500;
/// The weight as it is counts as much as this many pairs.
const PRIOR_PAIRS: i64 = 20;
/// The evidence of clusters overstates as that of pairs does: each round weighs it by the calibration of the last.
const ROUNDS: usize = 4;

impl Calibration {
    /// What `weight` is worth, in thousandths of a bit; rises with it.
    pub fn worth(&self, weight: i32) -> i32 {
        let (Some(first), Some(last)) = (self.0.first(), self.0.last()) else { return weight };
        let before = (weight > -SURE && weight < first.0).then_some(((-SURE, -SURE), *first));
        let after = (weight >= last.0 && weight < SURE).then_some((*last, (SURE, SURE)));
        let within =
            || self.0.windows(2).map(|pair| (pair[0], pair[1])).find(|(from, to)| (from.0..to.0).contains(&weight));
        match before.or(after).or_else(within) {
            Some((from, to)) => {
                let share = i64::from(to.1 - from.1) * i64::from(weight - from.0) / i64::from(to.0 - from.0);
                from.1 + share as i32
            }
            None => weight,
        }
    }

    /// The lowest weight that is worth `worth`.
    pub fn weight(&self, worth: i32) -> i32 {
        let (mut low, mut high) = (worth.min(-SURE), worth.max(SURE));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.worth(middle) < worth {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The match probability of `weight`, in 1/1000 points.
    pub fn millipoints(&self, weight: i32) -> i64 {
        let odds = (f64::from(self.worth(weight)) / 1000.0).exp2();
        (odds / (1.0 + odds) * 100_000.0).round() as i64
    }

    /// Learns what the weights of `scorer` are worth from a sample of records, by their content.
    pub(crate) fn learn(scorer: &Scorer, blocks: &Blocks, content: &[u64]) -> Calibration {
        let doubtful = doubtful(scorer, blocks, content);
        let mut known = Calibration::default();
        for _ in 0..ROUNDS {
            known = known.next(&doubtful);
        }
        known
    }

    /// What the doubtful pairs make of weights where their further evidence is worth what this calibration says.
    fn next(&self, doubtful: &[Doubtful]) -> Calibration {
        let mut steps = vec![Step::default(); ((DOUBTFUL.end() - DOUBTFUL.start()) / STEP + 1) as usize];
        for pair in doubtful {
            let step = &mut steps[((pair.weight - DOUBTFUL.start()) / STEP) as usize];
            step.pairs += 1;
            step.weight += i64::from(pair.weight);
            step.points += match pair.sides {
                [Some(one), Some(other)] => (self.millipoints(one) + self.millipoints(other)) / 2,
                [Some(one), None] | [None, Some(one)] => self.millipoints(one),
                [None, None] => 100_000,
            };
        }
        // Isotonic regression by pooling neighbours that descend (Ayer et al. 1955).
        let mut pools: Vec<(Step, Vec<i32>)> = vec![];
        for step in steps.into_iter().filter(|step| step.pairs > 0) {
            let at = (step.weight / step.pairs) as i32;
            let mut pool = (step.with_prior(at), vec![at]);
            while let Some((before, knots)) = pools.pop_if(|(before, _)| before.mean() > pool.0.mean()) {
                pool.0 = before.and(&pool.0);
                pool.1 = [knots, pool.1].concat();
            }
            pools.push(pool);
        }
        let worth = |pool: &Step| {
            let share = pool.mean() / 100_000.0;
            super::model::millibits(share / (1.0 - share)).clamp(-SURE, SURE)
        };
        Calibration(pools.iter().flat_map(|(pool, knots)| knots.iter().map(|&at| (at, worth(pool)))).collect())
    }
}

/// Pairs of like weight together.
#[derive(Clone, Default)]
struct Step {
    pairs: i64,
    weight: i64,
    /// 1/1000 points.
    points: i64,
}

impl Step {
    fn with_prior(&self, weight: i32) -> Step {
        let prior = PRIOR_PAIRS * Calibration::default().millipoints(weight);
        Step { pairs: self.pairs + PRIOR_PAIRS, weight: self.weight, points: self.points + prior }
    }

    fn and(&self, other: &Step) -> Step {
        Step { pairs: self.pairs + other.pairs, weight: self.weight + other.weight, points: self.points + other.points }
    }

    fn mean(&self) -> f64 {
        self.points as f64 / self.pairs as f64
    }
}

/// A doubtful pair with third records.
struct Doubtful {
    weight: i32,
    /// What the cluster of either record weighs against the records that are with the other alone; none where there
    /// are no such, since they are with both.
    sides: [Option<i32>; 2],
}

/// The doubtful pairs of a sample of records that third records say something on. In no order that counts.
fn doubtful(scorer: &Scorer, blocks: &Blocks, content: &[u64]) -> Vec<Doubtful> {
    let every = content.len().div_ceil(SAMPLE).max(1) as u64;
    let count = scorer.threads.count.min(64);
    let parts = threads::map((0..count).collect(), scorer.threads, |part| {
        let mut sides = Sides { scorer, blocks, content, memo: Memo::default() };
        let sampled = (part..content.len()).step_by(count).filter(|&at| content[at].is_multiple_of(every));
        sampled.flat_map(|record| sides.doubtful(record as u32)).collect::<Vec<_>>()
    });
    parts.into_iter().flatten().collect()
}

/// A candidate of a record.
struct Partner {
    record: u32,
    /// How many blocks they share.
    meetings: usize,
    weight: i32,
}

struct Sides<'a> {
    scorer: &'a Scorer<'a>,
    blocks: &'a Blocks,
    content: &'a [u64],
    memo: Memo,
}

impl Sides<'_> {
    fn doubtful(&mut self, record: u32) -> Vec<Doubtful> {
        let partners = self.partners(record, 1);
        let mut found = vec![];
        for doubted in partners.iter().filter(|partner| DOUBTFUL.contains(&partner.weight)) {
            let around = self.partners(doubted.record, MEETINGS);
            let (one, two) = (self.side(record, &partners, doubted.record), self.side(doubted.record, &around, record));
            if one.len() + two.len() == 2 {
                continue;
            }
            let alone = |side: &[u32], other: &[u32]| -> Vec<u32> {
                side.iter().copied().filter(|record| !other.contains(record)).collect()
            };
            let sides = [self.against(&one, &alone(&two, &one)), self.against(&two, &alone(&one, &two))];
            found.push(Doubtful { weight: doubted.weight, sides });
        }
        found
    }

    /// The candidates of a record that share so many blocks with it.
    fn partners(&mut self, record: u32, least: usize) -> Vec<Partner> {
        let mut met = vec![];
        self.blocks.meetings(record as usize, 0, &mut met);
        let met = met.chunk_by(|a, b| a == b).filter(|same| same.len() >= least);
        let (partners, meetings): (Vec<u32>, Vec<usize>) = met.map(|same| (same[0], same.len())).unzip();
        let mut sums = vec![];
        self.scorer.weights(&mut self.memo, record as usize, &partners, &mut sums);
        let weighed = partners.into_iter().zip(meetings).zip(sums);
        weighed.map(|((record, meetings), (u, h))| Partner { record, meetings, weight: combine(u, h) }).collect()
    }

    /// A record and those that are surely one with it, without the other record of the pair: which of them, if there are
    /// many, is decided by weight and content, not by their order.
    fn side(&self, record: u32, partners: &[Partner], without: u32) -> Vec<u32> {
        let mut sure: Vec<(i32, u64, u32)> = partners
            .iter()
            .filter(|other| other.record != without && other.weight >= ONE_PERSON && other.meetings >= MEETINGS)
            .map(|other| (-other.weight, self.content[other.record as usize], other.record))
            .collect();
        sure.sort_unstable();
        std::iter::once(record).chain(sure.into_iter().take(MOST_OF_SIDE - 1).map(|(.., other)| other)).collect()
    }

    /// What the clusters of two lists of records weigh against each other.
    fn against(&mut self, one: &[u32], other: &[u32]) -> Option<i32> {
        let (one, other) = (self.cluster(one)?, self.cluster(other)?);
        Some(weigh(self.scorer, &mut self.memo, &one, &other).weight)
    }

    fn cluster(&self, records: &[u32]) -> Option<Profile> {
        let profiles = records.iter().map(|&record| profile(self.scorer, record));
        profiles.reduce(|mut joined, further| {
            joined.take_in(further);
            joined
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Calibration {
        Calibration(vec![(-3_000, -2_000), (0, -600), (2_000, 500), (2_500, 500), (5_000, 3_000)])
    }

    #[test]
    fn what_a_weight_is_worth_rises_with_it_and_ends_where_nothing_is_in_doubt() {
        let all = (-20_000..20_000).step_by(7).map(|weight| known().worth(weight));
        assert!(all.clone().zip(all.skip(1)).all(|(one, next)| one <= next));
        assert_eq!((known().worth(-9_000), known().worth(9_000)), (-9_000, 9_000));
        assert_eq!((known().worth(1_000), known().worth(2_200), known().worth(6_500)), (-50, 500, 5_500));
        assert_eq!(Calibration::default().worth(1_234), 1_234);
    }

    #[test]
    fn a_threshold_is_the_lowest_weight_that_is_worth_it() {
        for worth in (-12_000..12_000).step_by(13) {
            let weight = known().weight(worth);
            assert!(known().worth(weight) >= worth && known().worth(weight - 1) < worth, "{worth}");
            assert_eq!(Calibration::default().weight(worth), worth);
        }
        assert_eq!(known().weight(500), 2_000);
    }

    #[test]
    fn pairs_whose_third_records_speak_against_them_are_worth_less() {
        let pair = |weight, side| Doubtful { weight, sides: [Some(side), None] };
        let doubtful: Vec<Doubtful> =
            (0..400).map(|at| pair(1_750, if at % 4 == 0 { 9_000 } else { -9_000 })).collect();
        let learnt = Calibration::default().next(&doubtful);
        assert!((22_000..30_000).contains(&learnt.millipoints(1_750)), "{}", learnt.millipoints(1_750));
        assert_eq!(learnt.millipoints(10_000), Calibration::default().millipoints(10_000));
    }
}
