//! From records to clusters: candidates, weights, components, and each component by itself.

use super::blocks::Blocks;
use super::features::NONE;
use super::levels::{Measure, MISSING};
use super::score::{combine, Scorer};
use super::solve::{solve, Edge, Review, Solution};
use super::text::Memo;
use super::{Dataset, Model};
use crate::entity::EntityType;
use std::cell::RefCell;

/// What one comparison says of a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The field: an attribute, or `name`, `email`, `phone`, `organization`, `address`.
    pub field: String,
    /// What was measured.
    pub measure: Measure,
    /// The level's name.
    pub level: String,
    /// Against strangers, in thousandths of a bit.
    pub unrelated: i32,
    /// Against two of one household, in thousandths of a bit.
    pub household: i32,
}

/// Stewards' links between records (positions), the lower first.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    /// In one cluster, whatever the weight.
    pub same: Vec<(u32, u32)>,
    /// Never in one cluster.
    pub different: Vec<(u32, u32)>,
}

/// The result for a data set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Partition {
    /// By record: its cluster, named by the cluster's first record.
    pub cluster: Vec<u32>,
    /// By record: its component, named by the component's first record.
    pub component: Vec<u32>,
    /// Pairs for review, in order.
    pub reviews: Vec<Review>,
    /// Components over the entity type's cap, by their first record: solved from stewards' links alone.
    pub oversized: Vec<u32>,
    /// How many candidate pairs were scored.
    pub pairs: u64,
}

/// The steps of [`resolve`], for progress and timing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Keys are made and sorted.
    Block,
    /// Candidates are weighed.
    Score,
    /// Components are solved.
    Cluster,
    /// Done.
    Done,
}

/// The weight of two records in thousandths of a bit, and what it is made of, leaving out what says nothing.
pub fn score(model: &Model, data: &Dataset, a: usize, b: usize) -> (i32, Vec<Evidence>) {
    let scorer = Scorer::new(model, data);
    let mut memo = Memo::new();
    let mut evidence = vec![];
    for (at, field) in data.fields.iter().enumerate() {
        let parts = scorer.field(&mut memo, at, data.row(a), data.row(b));
        for (offset, (part, measure)) in parts.iter().zip(Measure::of(field.form)).enumerate() {
            let Some(comparison) = model.comparisons.get(scorer.first[at] + offset) else { continue };
            if let Some(level) =
                (part.level != MISSING).then(|| comparison.levels.get(part.level as usize - 1)).flatten()
            {
                evidence.push(Evidence {
                    field: field.name.clone(),
                    measure: *measure,
                    level: level.level.clone(),
                    unrelated: part.unrelated,
                    household: part.household,
                });
            }
        }
    }
    (scorer.weight(&mut memo, a, b as u32), evidence)
}

/// Clusters the records of `data`. `progress` is told when a step begins. The result does not depend on `threads`, and
/// depends on the order of records only in how they are named.
pub fn resolve(
    entity: &EntityType,
    data: &Dataset,
    model: &Model,
    decisions: &Decisions,
    threads: usize,
    progress: &mut dyn FnMut(Phase),
) -> Partition {
    let records = data.len();
    let threads = threads.clamp(1, 64);
    progress(Phase::Block);
    let blocks = Blocks::new(data, threads);
    let scorer = Scorer::new(model, data);
    progress(Phase::Score);
    let (edges, pairs) = counted_edges(&scorer, &blocks, model.floor, threads, &|| false);
    drop(blocks);
    progress(Phase::Cluster);
    let links = decisions.same.iter().chain(&decisions.different).copied();
    let component = components(records, edges.iter().map(|edge| (edge.a, edge.b)).chain(links));
    let mut partition = Partition { cluster: (0..records as u32).collect(), component, pairs, ..Partition::default() };
    let tasks = tasks(&partition.component, edges, decisions);
    let cap = entity.options.cap as usize;
    let most = entity.options.component_cap as usize;
    // Components are dealt out by turns; each is solved by itself.
    let mut solved: Vec<(u32, bool, Solution)> = vec![];
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads)
            .map(|part| {
                let (tasks, scorer) = (&tasks, &scorer);
                scope.spawn(move || {
                    let memo = RefCell::new(Memo::new());
                    let mine = tasks.iter().skip(part).step_by(threads);
                    mine.map(|task| {
                        let over = task.records.len() > most;
                        let edges = if over { &[][..] } else { &task.edges };
                        (
                            task.records[0],
                            over,
                            solve(scorer, &memo, &task.records, edges, &task.same, &task.different, cap),
                        )
                    })
                    .collect::<Vec<_>>()
                })
            })
            .collect();
        for handle in handles {
            solved.extend(handle.join().unwrap_or_default());
        }
    });
    solved.sort_unstable_by_key(|(first, _, _)| *first);
    for (first, over, solution) in solved {
        if over {
            partition.oversized.push(first);
        }
        for cluster in &solution.clusters {
            for &member in cluster {
                partition.cluster[member as usize] = cluster[0];
            }
        }
        partition.reviews.extend(solution.reviews);
    }
    partition.reviews.sort();
    progress(Phase::Done);
    partition
}

/// The candidate pairs of `data` from the weight `lowest` on, in order.
pub fn candidates(data: &Dataset, model: &Model, lowest: i32, threads: usize) -> Vec<Edge> {
    edges(&Scorer::new(model, data), &Blocks::new(data, threads), lowest, threads, &|| false)
}

/// The candidate pairs from the weight `lowest` on, in order; not all of them once nobody wants them any more.
pub(crate) fn edges(
    scorer: &Scorer,
    blocks: &Blocks,
    lowest: i32,
    threads: usize,
    stopped: &(dyn Fn() -> bool + Sync),
) -> Vec<Edge> {
    counted_edges(scorer, blocks, lowest, threads, stopped).0
}

/// The same, and how many pairs were weighed.
fn counted_edges(
    scorer: &Scorer,
    blocks: &Blocks,
    lowest: i32,
    threads: usize,
    stopped: &(dyn Fn() -> bool + Sync),
) -> (Vec<Edge>, u64) {
    let records = scorer.data.len();
    // Small pieces dealt out by turns keep the threads equally busy.
    const PIECE: usize = 4096;
    let pieces = records.div_ceil(PIECE);
    let mut parts: Vec<(usize, Vec<Edge>, u64)> = vec![];
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads)
            .map(|part| {
                scope.spawn(move || {
                    let mut partners = vec![];
                    let (mut memo, mut sums) = (Memo::new(), vec![]);
                    let mut out = vec![];
                    for piece in (part..pieces).step_by(threads).take_while(|_| !stopped()) {
                        let (mut found, mut pairs) = (vec![], 0);
                        for a in piece * PIECE..((piece + 1) * PIECE).min(records) {
                            blocks.partners(a, a + 1, &mut partners);
                            pairs += partners.len() as u64;
                            scorer.weights(&mut memo, a, &partners, &mut sums);
                            for (&b, &(unrelated, household)) in partners.iter().zip(&sums) {
                                let weight = combine(unrelated, household);
                                if weight >= lowest {
                                    found.push(Edge { a: a as u32, b, weight });
                                }
                            }
                        }
                        out.push((piece, found, pairs));
                    }
                    out
                })
            })
            .collect();
        for handle in handles {
            parts.extend(handle.join().unwrap_or_default());
        }
    });
    parts.sort_unstable_by_key(|(piece, _, _)| *piece);
    let pairs = parts.iter().map(|(_, _, pairs)| pairs).sum();
    (parts.into_iter().flat_map(|(_, found, _)| found).collect(), pairs)
}

/// By record the first record that it is connected to.
fn components(records: usize, pairs: impl Iterator<Item = (u32, u32)>) -> Vec<u32> {
    let mut parent: Vec<u32> = (0..records as u32).collect();
    fn root(parent: &mut [u32], mut node: u32) -> u32 {
        while parent[node as usize] != node {
            parent[node as usize] = parent[parent[node as usize] as usize];
            node = parent[node as usize];
        }
        node
    }
    for (a, b) in pairs {
        let (a, b) = (root(&mut parent, a), root(&mut parent, b));
        // The lower one leads, so that a component is named by its first record.
        parent[a.max(b) as usize] = a.min(b);
    }
    (0..records as u32).map(|node| root(&mut parent, node)).collect()
}

struct Task {
    records: Vec<u32>,
    edges: Vec<Edge>,
    same: Vec<(u32, u32)>,
    different: Vec<(u32, u32)>,
}

/// The components of more than one record with what lies in them, in order.
fn tasks(component: &[u32], edges: Vec<Edge>, decisions: &Decisions) -> Vec<Task> {
    let mut size = vec![0u32; component.len()];
    for &root in component {
        size[root as usize] += 1;
    }
    let mut place = vec![NONE; component.len()];
    let mut tasks: Vec<Task> = vec![];
    for (record, &root) in component.iter().enumerate() {
        if size[root as usize] < 2 {
            continue;
        }
        if place[root as usize] == NONE {
            place[root as usize] = tasks.len() as u32;
            tasks.push(Task { records: vec![], edges: vec![], same: vec![], different: vec![] });
        }
        tasks[place[root as usize] as usize].records.push(record as u32);
    }
    let at = |record: u32| place[component[record as usize] as usize] as usize;
    for edge in edges {
        tasks[at(edge.a)].edges.push(edge);
    }
    for &(a, b) in &decisions.same {
        tasks[at(a)].same.push((a, b));
    }
    for &(a, b) in &decisions.different {
        tasks[at(a)].different.push((a, b));
    }
    tasks
}
