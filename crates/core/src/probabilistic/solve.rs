//! Clustering one component: agglomeration by the profiles of clusters.
//!
//! The highest weight joins first; after a join the weights to its neighbours are those of the joined profile. All
//! joins of equal weight are taken at once, so that no order of records and no spelling of ids decides anything.

mod doubt;

use super::memo::Memo;
use super::profile::{profile, weigh, Profile, Weighed};
use super::score::Scorer;
use crate::cluster::{self, without_choice, Guards};
use doubt::Excluding;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// A candidate pair of records (positions in the data set, the lower first) and its weight in thousandths of a bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The lower position.
    pub a: u32,
    /// The higher position.
    pub b: u32,
    /// Thousandths of a bit.
    pub weight: i32,
}

/// Why a pair waits for a steward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Its weight lies between the thresholds.
    Score,
    /// The clusters as wholes contradict it.
    Cohesion,
    /// What a person has once in life differs.
    Contradiction,
    /// Equal evidence for things that do not go together.
    Ambiguous,
    /// A guard, whatever they weigh.
    Guard(cluster::Reason),
    /// The joined cluster would exceed the cap, with so many records.
    Limit(usize),
}

/// A pair of records in different clusters that deserves a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Review {
    /// The pair.
    pub pair: Edge,
    /// Why it was not joined.
    pub reason: Reason,
}

/// A solved component.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Solution {
    /// Clusters by ascending members, in the order of their first members.
    pub clusters: Vec<Vec<u32>>,
    /// Pairs for review, in order.
    pub reviews: Vec<Review>,
}

/// A third cluster is a rival within this many thousandths of a bit: a pair must be twice as likely.
const RIVAL: i32 = 1_000;

struct Solver<'a, 'b> {
    scorer: &'a Scorer<'b>,
    /// The numbers of the component's records, which are the first numbers of clusters.
    index: BTreeMap<u32, u32>,
    clusters: Vec<Option<Profile>>,
    /// By record, the cluster that it is in.
    owner: Vec<u32>,
    /// By cluster, its neighbours with their weights.
    neighbours: Vec<BTreeMap<u32, i32>>,
    /// The weights that were not judged yet, the highest last, the lower number first.
    queue: BTreeSet<(i32, u32, u32)>,
    guards: &'a Guards<'a>,
    /// By cluster, the numbers that its records have among the guards.
    guarded: Vec<Vec<u32>>,
    /// Why clusters that stand as they did may not be joined.
    refused: BTreeMap<(u32, u32), Reason>,
    excluding: Excluding,
    cap: usize,
    memo: &'a RefCell<Memo>,
}

/// Partitions the records of one component, whose numbers in the scorer are their `places`; `edges` are its candidate
/// pairs from the model's floor on; the groups of `start` are one from the beginning, and stay so whatever the `guards`, who
/// know the records by their positions, forbid; `cap` is the most records an automatic join may put together.
pub(crate) fn solve(
    (scorer, places): (&Scorer, &[u32]),
    memo: &RefCell<Memo>,
    records: &[u32],
    edges: &[Edge],
    start: &[Vec<u32>],
    guards: &Guards,
    cap: usize,
) -> Solution {
    if let ([a, b], [edge], []) = (records, edges, start) {
        if cap > 1 && guards.between(&guards.numbers([0]), &guards.numbers([1])).is_none() {
            return solve_pair(scorer, &mut memo.borrow_mut(), [*a, *b].map(|record| places[record as usize]), edge);
        }
    }
    let mut solver = Solver::new(scorer, places, memo, records, edges, guards, cap);
    for group in start {
        let group: Vec<u32> = group.iter().map(|record| solver.index[record]).collect();
        solver.join(&group);
    }
    // Records that say the same are on the same side of every choice.
    let equal = solver.equal();
    for group in solver.groups(&equal, |a, b| solver.forbidden(a, b).is_some()) {
        if solver.size(&group) <= solver.cap {
            solver.join(&group);
        }
    }
    while let Some((top, level)) = solver.next_level() {
        solver.take_level(top, &level);
    }
    let mut clusters: Vec<Vec<u32>> = solver.clusters.iter().flatten().map(|profile| profile.members.clone()).collect();
    clusters.sort();
    Solution { clusters, reviews: solver.reviews(edges) }
}

/// A component of two records at `places`, with nothing but its weight to go by: most components are such.
fn solve_pair(scorer: &Scorer, memo: &mut Memo, [x, y]: [u32; 2], edge: &Edge) -> Solution {
    let strong = edge.weight >= scorer.model.auto;
    let equal = || scorer.data.row(x as usize) == scorer.data.row(y as usize);
    if strong && (equal() || !scorer.vetoed(memo, x, y, edge.weight)) {
        return Solution { clusters: vec![vec![edge.a, edge.b]], reviews: vec![] };
    }
    let reason = if strong { Reason::Contradiction } else { Reason::Score };
    let reviewed = edge.weight > scorer.model.review;
    let reviews = reviewed.then_some(Review { pair: *edge, reason }).into_iter().collect();
    Solution { clusters: vec![vec![edge.a], vec![edge.b]], reviews }
}

/// The connected parts of a set of pairs, each ascending, in order.
fn connected(pairs: &BTreeSet<(u32, u32)>) -> Vec<Vec<u32>> {
    if let (Some((a, b)), 1) = (pairs.first(), pairs.len()) {
        return vec![vec![*a, *b]];
    }
    let mut next: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for &(a, b) in pairs {
        next.entry(a).or_default().push(b);
        next.entry(b).or_default().push(a);
    }
    let mut seen = BTreeSet::new();
    let mut out = vec![];
    for &start in next.keys() {
        if !seen.insert(start) {
            continue;
        }
        let (mut part, mut at) = (vec![start], 0);
        while let Some(here) = part.get(at).copied() {
            for &other in next.get(&here).into_iter().flatten() {
                if seen.insert(other) {
                    part.push(other);
                }
            }
            at += 1;
        }
        part.sort_unstable();
        out.push(part);
    }
    out
}

impl<'a, 'b> Solver<'a, 'b> {
    /// Every record alone, with its candidates as neighbours.
    fn new(
        scorer: &'a Scorer<'b>,
        places: &[u32],
        memo: &'a RefCell<Memo>,
        records: &[u32],
        edges: &[Edge],
        guards: &'a Guards<'a>,
        cap: usize,
    ) -> Solver<'a, 'b> {
        let index: BTreeMap<u32, u32> = records.iter().enumerate().map(|(at, &record)| (record, at as u32)).collect();
        let single = |record: u32| Profile { members: vec![record], ..profile(scorer, places[record as usize]) };
        let mut neighbours = vec![BTreeMap::new(); records.len()];
        // Pairs and links are between records of the component.
        let ends = |edge: &Edge| {
            scorer.threads.look();
            (index[&edge.a], index[&edge.b])
        };
        let queue: BTreeSet<(i32, u32, u32)> =
            edges.iter().map(|edge| (edge.weight, ends(edge).0, ends(edge).1)).collect();
        for &(weight, a, b) in &queue {
            neighbours[a as usize].insert(b, weight);
            neighbours[b as usize].insert(a, weight);
        }
        Solver {
            scorer,
            clusters: records.iter().map(|&record| Some(single(record))).collect(),
            owner: (0..records.len() as u32).collect(),
            neighbours,
            queue,
            guards,
            guarded: (0..records.len() as u32).map(|at| guards.numbers([at])).collect(),
            refused: BTreeMap::new(),
            excluding: Excluding::among(records.len()),
            cap,
            memo,
            index,
        }
    }

    /// The pairs of the highest weight that were not judged yet, where that joins.
    fn next_level(&mut self) -> Option<(i32, Vec<(u32, u32)>)> {
        let &(top, _, _) = self.queue.last().filter(|(top, _, _)| *top >= self.scorer.model.auto)?;
        let mut level: Vec<(u32, u32)> = vec![];
        while let Some(&(weight, a, b)) = self.queue.last() {
            if weight < top {
                break;
            }
            self.queue.pop_last();
            level.push((a, b));
        }
        Some((top, level))
    }

    /// Joins what the pairs of a level connect, or notes why not. All are judged as the clusters stand before any of the level
    /// joins.
    fn take_level(&mut self, top: i32, level: &[(u32, u32)]) {
        let barred = self.barred(top, level);
        let mut open: BTreeSet<(u32, u32)> = BTreeSet::new();
        for (&pair, reason) in level.iter().zip(barred) {
            match reason {
                Some(reason) => {
                    self.refused.insert(pair, reason);
                }
                None => {
                    open.insert(pair);
                }
            }
        }
        let groups = self.groups(&open, |a, b| self.conflict(a, b, &open));
        let sizes: Vec<usize> = groups.iter().map(|group| self.size(group)).collect();
        let of: BTreeMap<u32, usize> =
            groups.iter().zip(0..).flat_map(|(group, at)| group.iter().map(move |&id| (id, at))).collect();
        for (a, b) in open {
            let reason = match of.get(&a).filter(|at| of.get(&b) == Some(at)) {
                Some(&at) if sizes[at] <= self.cap => continue,
                Some(&at) => Reason::Limit(sizes[at]),
                None => Reason::Ambiguous,
            };
            self.refused.insert((a, b), reason);
        }
        let cap = self.cap;
        for (group, _) in groups.iter().zip(&sizes).filter(|(_, size)| **size <= cap) {
            self.join(group);
        }
    }

    /// The groups of clusters that `pairs` connect and that may become one without a choice between two that conflict.
    fn groups(&self, pairs: &BTreeSet<(u32, u32)>, conflict: impl Fn(u32, u32) -> bool) -> Vec<Vec<u32>> {
        let mut groups = vec![];
        for part in connected(pairs) {
            if part.len() == 2 {
                groups.push(part);
                continue;
            }
            let inside: Vec<(u32, u32)> =
                part.iter().flat_map(|&a| pairs.range((a, 0)..=(a, u32::MAX)).copied()).collect();
            groups.append(&mut without_choice(&part, &inside, &conflict));
        }
        groups
    }

    /// The pairs across clusters that deserve a look, in order.
    fn reviews(&self, edges: &[Edge]) -> Vec<Review> {
        let model = self.scorer.model;
        let mut reviews: Vec<Review> = vec![];
        for edge in edges.iter().filter(|edge| edge.weight > model.review) {
            self.scorer.threads.look();
            let [a, b] = [edge.a, edge.b].map(|record| self.owner[self.index[&record] as usize]);
            if a == b {
                continue;
            }
            let reason = if let Some(reason) = self.forbidden(a, b) {
                Reason::Guard(reason)
            } else if let Some(&reason) = self.refused.get(&(a.min(b), a.max(b))) {
                reason
            } else if edge.weight < model.auto {
                Reason::Score
            } else if self.weigh(a, b).conflict {
                Reason::Contradiction
            } else {
                Reason::Cohesion
            };
            reviews.push(Review { pair: *edge, reason });
        }
        reviews.sort();
        reviews
    }

    fn cluster(&self, id: u32) -> Option<&Profile> {
        self.clusters.get(id as usize).and_then(Option::as_ref)
    }

    /// What forbids that two are one, whatever they weigh.
    fn forbidden(&self, a: u32, b: u32) -> Option<cluster::Reason> {
        self.guards.between(&self.guarded[a as usize], &self.guarded[b as usize])
    }

    /// How many records some clusters have together.
    fn size(&self, group: &[u32]) -> usize {
        group.iter().filter_map(|&id| self.cluster(id)).map(|profile| profile.members.len()).sum()
    }

    /// Makes one cluster of `group` and weighs it against its neighbours anew.
    fn join(&mut self, group: &[u32]) {
        let Some((&first, rest)) = group.split_first() else { return };
        let mut around: BTreeSet<u32> = BTreeSet::new();
        for &id in group {
            self.excluding.forget(id);
            for (&other, &weight) in &self.neighbours[id as usize] {
                let key = (id.min(other), id.max(other));
                self.queue.remove(&(weight, key.0, key.1));
                self.refused.remove(&key);
                around.insert(other);
            }
        }
        for id in group {
            around.remove(id);
        }
        let Some(mut joined) = self.clusters[first as usize].take() else { return };
        for &id in rest {
            if let Some(other) = self.clusters[id as usize].take() {
                joined.take_in(other);
            }
        }
        joined.members.sort_unstable();
        for record in &joined.members {
            self.owner[self.index[record] as usize] = first;
        }
        let guarded: BTreeSet<u32> =
            group.iter().flat_map(|&id| std::mem::take(&mut self.guarded[id as usize])).collect();
        self.guarded[first as usize] = guarded.into_iter().collect();
        self.clusters[first as usize] = Some(joined);
        self.neighbours[first as usize].clear();
        for other in around {
            let weight = self.weigh(first, other).weight;
            self.neighbours[first as usize].insert(other, weight);
            let list = &mut self.neighbours[other as usize];
            for id in group {
                list.remove(id);
            }
            list.insert(first, weight);
            self.queue.insert((weight, first.min(other), first.max(other)));
        }
    }

    /// Two clusters side by side.
    fn weigh(&self, a: u32, b: u32) -> Weighed {
        match (self.cluster(a), self.cluster(b)) {
            (Some(a), Some(b)) => weigh(self.scorer, &mut self.memo.borrow_mut(), a, b),
            _ => Weighed { weight: i32::MIN, conflict: false, veto: false },
        }
    }
}
