//! Scores with their evidence: what each comparison adds to the match probability of a pair.

use super::dataset;
use super::reference::{exclusive, same_reference};
use crate::block::Key;
use crate::probabilistic::{self as engine, Memo, Scorer};
use crate::record::Node;
use crate::resolve::Matcher;
use crate::score::{Evidence, Score};
use crate::threads;

/// Scores pairs, each with its evidence.
pub(in crate::resolve) fn explain(
    matcher: &Matcher,
    nodes: &[Node],
    generic: &dyn Fn(&Key) -> bool,
    pairs: &[(u32, u32)],
) -> Vec<Score> {
    let (data, threads) = (dataset(matcher, nodes, generic), matcher.threads);
    let scorer = Scorer::on(matcher.model, &data, threads);
    let share = threads.share(pairs.len());
    let linked = |&(a, b): &(u32, u32)| same_reference(&nodes[a as usize], &nodes[b as usize], generic);
    let linked: Vec<bool> = pairs.iter().map(linked).collect();
    let parts = pairs.chunks(share).zip(linked.chunks(share)).collect();
    let scores = threads::map(parts, threads, |(pairs, linked): (&[(u32, u32)], &[bool])| {
        let mut memo = Memo::default();
        let score = |(&(a, b), &cross_reference): (&(u32, u32), &bool)| {
            let (x, y) = (&nodes[a as usize], &nodes[b as usize]);
            let mut evidence = waterfall(&scorer, &mut memo, a, b);
            let points = if cross_reference {
                let sum: f64 = evidence.iter().map(|line| line.points).sum();
                let line = Evidence { points: 100.0 - sum, weight: 0.0, ..line("cross_reference", "exact", "equal") };
                evidence.push(line);
                100_000
            } else {
                matcher.model.calibration.millipoints(scorer.weight(&mut memo, a as usize, b))
            };
            evidence.extend(exclusive(matcher.entity, x, y).map(|attribute| line(attribute, "guard", "exclusive")));
            Score { millipoints: points, cross_reference, evidence }
        };
        pairs.iter().zip(linked).map(score).collect::<Vec<Score>>()
    });
    scores.into_iter().flatten().collect()
}

fn line(attribute: &str, comparison: &'static str, level: &'static str) -> Evidence {
    Evidence { attribute: attribute.into(), comparison, level, similarity: None, weight: 0.0, points: 0.0 }
}

/// From the odds of two records picked at random to those of the pair, comparison by comparison: `weight` is what each
/// adds in bits, `points` what it adds to the match probability in hundredths. Both add up.
fn waterfall(scorer: &Scorer, memo: &mut Memo, a: u32, b: u32) -> Vec<Evidence> {
    let (mut unrelated, mut household) = (scorer.model.prior_unrelated, scorer.model.prior_household);
    let mut before = engine::combine(unrelated, household);
    let points = |weight: i32| scorer.model.calibration.millipoints(weight) as f64 / 1000.0;
    let mut lines = vec![Evidence {
        weight: f64::from(before) / 1000.0,
        points: points(before),
        ..line("prior", "prior", "two records at random")
    }];
    for part in scorer.evidence(memo, a as usize, b as usize) {
        unrelated += part.unrelated;
        household += part.household;
        let now = engine::combine(unrelated, household);
        lines.push(Evidence {
            weight: f64::from(now - before) / 1000.0,
            points: points(now) - points(before),
            ..line(&part.field, part.measure.name(), part.level)
        });
        before = now;
    }
    lines
}
