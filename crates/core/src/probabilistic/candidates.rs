//! Candidates and their weights.

use super::blocks::Blocks;
use super::memo::Memo;
use super::odds::combine;
use super::score::Scorer;
use super::solve::Edge;
use crate::threads;

/// The candidate pairs from the weight `lowest` on, in order.
pub(crate) fn edges(scorer: &Scorer, blocks: &Blocks, lowest: i32) -> Vec<Edge> {
    let (records, threads) = (scorer.data.len(), scorer.threads);
    // Small pieces dealt out by turns keep the threads equally busy.
    const PIECE: usize = 4096;
    let pieces = records.div_ceil(PIECE);
    let parts = threads::map((0..threads.count).collect(), threads, |part| {
        let mut partners = vec![];
        let (mut memo, mut sums) = (Memo::default(), vec![]);
        let mut out: Vec<(usize, Vec<Edge>)> = vec![];
        for piece in (part..pieces).step_by(threads.count) {
            let mut found = vec![];
            for a in piece * PIECE..((piece + 1) * PIECE).min(records) {
                blocks.partners(a, a + 1, &mut partners);
                scorer.weights(&mut memo, a, &partners, &mut sums);
                for (&b, &(unrelated, household)) in partners.iter().zip(&sums) {
                    let weight = combine(unrelated, household);
                    if weight >= lowest {
                        found.push(Edge { a: a as u32, b, weight });
                    }
                }
            }
            out.push((piece, found));
        }
        out
    });
    let mut parts: Vec<(usize, Vec<Edge>)> = parts.into_iter().flatten().collect();
    parts.sort_unstable_by_key(|(piece, _)| *piece);
    parts.into_iter().flat_map(|(_, found)| found).collect()
}
