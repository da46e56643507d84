//! The partition of a component's records into golden records.
//!
//! The result is a function of the edges, conflicts, decisions and limits alone, never of the numbering of nodes.
//! Levels of equal evidence are taken from the top, on the clusters as they stand:
//!
//! 1. Edges between conflicting clusters are dropped.
//! 2. In each connected part of the rest, clusters that conflict with exactly the same others of the part (and with
//!    at least one) are on the same side of every choice: linked ones among them go together. Then every edge on a
//!    simple path between two conflicting clusters is refused: to follow it would be to choose between them.
//! 3. What the remaining edges connect joins, unless it would exceed the cap: then nothing of it does.
//!
//! A steward's `same` is applied to the partition without it, in the order of decisions: its two clusters join and the
//! levels are taken again on what then stands, so that it never splits what was together. Where its clusters conflict
//! beyond what it covers (records that came after it), links prevail over scores: the component is solved again from
//! the links made so far.

mod bits;
mod blockcut;
pub mod decision;
mod guard;
mod level;
pub mod sets;
mod spanning;
#[cfg(test)]
mod tests;

pub(crate) use guard::{Conflict, Guards};
pub(crate) use level::without_choice;

use crate::threads::Threads;
use crate::words;
use decision::Decisions;
use std::collections::{BTreeSet, HashMap, HashSet};

words! {
    /// Why two records that score high enough are in different golden records, or wait for a steward.
    pub enum Reason {
        /// The score is between the thresholds: the weakest, so the first.
        Score => "score",
        /// A steward's `different` keeps their golden records apart.
        CannotLink => "cannot_link",
        /// Two values of an exclusive attribute.
        Exclusive => "exclusive",
        /// Given names, birth dates or generational suffixes that cannot be one person's.
        Contradiction => "contradiction",
        /// Equal evidence leaves a choice between things that conflict.
        Ambiguous => "ambiguous",
        /// As wholes the two golden records do not fit, though records of theirs do.
        Cohesion => "cohesion",
        /// The golden record would have more members than `cap`.
        Cap => "cap",
        /// The component has more records than `component_cap`.
        ComponentCap => "component_cap",
    }
}

/// A pair whose score is at or above the threshold for automatic merges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// One node.
    pub a: u32,
    /// The other.
    pub b: u32,
    /// The score in 1/1000 points (1/1000 bits under `probabilistic`).
    pub millipoints: i64,
    /// Equal cross-references: a level above all scores.
    pub cross_reference: bool,
}

impl Edge {
    /// Edges of one level are equal evidence: whole points (or bits).
    pub fn level(&self) -> i64 {
        if self.cross_reference {
            i64::MAX
        } else {
            self.millipoints.div_euclid(1000)
        }
    }

    /// The same with the smaller end first.
    fn ascending(self) -> Edge {
        Edge { a: self.a.min(self.b), b: self.a.max(self.b), ..self }
    }
}

/// The edges of a component, as often as they are asked for: a clique of thousands need not be stored.
pub trait Edges {
    /// Calls `visit` for every edge, at least once each, always with the same score.
    fn each(&self, visit: &mut dyn FnMut(Edge));
}

impl Edges for Vec<Edge> {
    fn each(&self, visit: &mut dyn FnMut(Edge)) {
        self.iter().for_each(|edge| visit(*edge));
    }
}

/// One component. Nodes are numbered in the order of their references (it decides only which of several equally good
/// pairs stands for the others in review).
pub struct Problem<'a> {
    /// By node: its class. Nodes of one class are alike in everything that conflicts look at.
    pub classes: &'a [u32],
    /// What forbids that records of two different classes are one person.
    pub conflict: &'a Conflict<'a>,
    /// Every pair at or above the threshold.
    pub edges: &'a dyn Edges,
    /// The decisions, bound to the same nodes.
    pub decisions: &'a Decisions,
    /// The most nodes of a cluster.
    pub cap: usize,
    /// With more nodes than this, only must-links count.
    pub component_cap: usize,
    /// Who solve it.
    pub threads: Threads<'a>,
}

/// A pair of clusters that an edge connects and that stay apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refused {
    /// The highest-scored of the pairs across on which no decision speaks, then the first: one end.
    pub a: u32,
    /// The other, larger end.
    pub b: u32,
    /// Its score.
    pub millipoints: i64,
    /// What keeps the clusters apart.
    pub reason: Reason,
}

/// A limit that stopped a merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Limit {
    /// [`Reason::Cap`] or [`Reason::ComponentCap`].
    pub what: Reason,
    /// How many nodes there would have been.
    pub figure: usize,
    /// The smallest node concerned.
    pub node: u32,
}

/// A solved component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clustering {
    /// By node: the smallest node of its cluster.
    pub cluster: Vec<u32>,
    /// By pair of clusters, ascending; of many clusters that a limit keeps from joining the pairs that connect them.
    pub refused: Vec<Refused>,
    /// Limits met, ascending.
    pub limits: Vec<Limit>,
}

/// Solves one component.
pub fn cluster(problem: &Problem) -> Clustering {
    let mut solver = Solver::new(problem);
    let links = problem.decisions.links();
    let n = problem.classes.len();
    if n > problem.component_cap {
        solver.stage = problem.decisions.len();
        solver.join_links(&links);
        solver.limits.insert(Limit { what: Reason::ComponentCap, figure: n, node: 0 });
        return solver.finish(Some(Reason::ComponentCap));
    }
    solver.join_levels(problem.edges);
    if !links.is_empty() {
        let mut rest = solver.fold(problem.edges);
        for (done, &(index, a, b)) in links.iter().enumerate() {
            solver.stage = index + 1;
            let (x, y) = (solver.of[a as usize], solver.of[b as usize]);
            if x != y && solver.conflict_between(x, y).is_some() {
                solver.take_apart(a, &links);
                solver.join_links(&links[..=done]);
                rest = solver.fold(problem.edges);
            } else {
                solver.join_links(&links[done..=done]);
            }
            solver.join_levels(&rest);
        }
    }
    // A decision without a link of its own, its evidence being spoken for by a newer one, exempts pairs all the same.
    solver.stage = problem.decisions.len();
    if !problem.decisions.is_empty() {
        let rest = solver.fold(problem.edges);
        solver.join_levels(&rest);
    }
    solver.finish(None)
}

struct Solver<'a> {
    problem: &'a Problem<'a>,
    guards: Guards<'a>,
    /// By node: the smallest node of its cluster.
    of: Vec<u32>,
    /// How many decisions of the kind `same` count by now.
    stage: usize,
    /// Groups of clusters (by a node of each) that the cap kept from joining.
    capped: Vec<Vec<u32>>,
    limits: BTreeSet<Limit>,
}

impl<'a> Solver<'a> {
    fn new(problem: &'a Problem<'a>) -> Solver<'a> {
        let guards = Guards::new(problem.classes, problem.conflict, problem.decisions);
        let of = (0..problem.classes.len() as u32).collect();
        Solver { problem, guards, of, stage: 0, capped: Vec::new(), limits: BTreeSet::new() }
    }

    /// What keeps two clusters apart: the first reason by the order of [`Reason`].
    fn conflict_between(&self, x: u32, y: u32) -> Option<Reason> {
        let numbers = |x: u32| self.guards.numbers((0..self.of.len() as u32).filter(|&m| self.of[m as usize] == x));
        self.conflict_of(&numbers(x), &numbers(y))
    }

    /// The same of the numbers that their nodes have among the guards.
    fn conflict_of(&self, left: &[u32], right: &[u32]) -> Option<Reason> {
        self.problem.threads.look();
        self.guards.reasons(left, right, self.stage).min()
    }

    /// Joins must-links, oldest first; a cannot-link or the cap refuses, nothing else does.
    fn join_links(&mut self, links: &[(usize, u32, u32)]) {
        for &(_, a, b) in links {
            let (x, y) = (self.of[a as usize], self.of[b as usize]);
            if x == y || self.conflict_between(x, y) == Some(Reason::CannotLink) {
                continue;
            }
            let size = self.of.iter().filter(|&&c| c == x || c == y).count();
            if size > self.problem.cap {
                self.limits.insert(Limit { what: Reason::Cap, figure: size, node: x.min(y) });
                continue;
            }
            self.of.iter_mut().filter(|c| **c == x || **c == y).for_each(|c| *c = x.min(y));
        }
    }

    /// Back to single nodes: everything that edges and links connect with `a`.
    fn take_apart(&mut self, a: u32, links: &[(usize, u32, u32)]) {
        let mut sets = sets::Sets::new(self.of.len());
        self.problem.edges.each(&mut |edge| sets.join(edge.a, edge.b));
        links.iter().for_each(|&(_, a, b)| sets.join(a, b));
        let component = sets.labels();
        for x in (0..self.of.len()).filter(|&x| component[x] == component[a as usize]) {
            self.of[x] = x as u32;
        }
    }

    /// The edges between different clusters: one for each pair of clusters and level.
    fn fold(&self, edges: &dyn Edges) -> Vec<Edge> {
        let mut kept: HashMap<(u32, u32, i64), Edge> = HashMap::new();
        edges.each(&mut |edge| {
            let (x, y) = (self.of[edge.a as usize], self.of[edge.b as usize]);
            if x != y {
                kept.entry((x.min(y), x.max(y), edge.level())).or_insert(edge);
            }
        });
        let mut kept: Vec<_> = kept.into_iter().collect();
        kept.sort_unstable_by_key(|(key, _)| *key);
        kept.into_iter().map(|(_, edge)| edge).collect()
    }

    /// The result; `reason` overrides what kept clusters apart.
    fn finish(self, reason: Option<Reason>) -> Clustering {
        let capped = Capped::of(&self.capped, &self.of);
        let all = reason.is_some() && self.of.iter().collect::<BTreeSet<_>>().len() > spanning::LISTED;
        let is_spanned = |(x, y): (u32, u32)| all || capped.are_many(x, y);
        let ends = |edge: &Edge| {
            let (x, y) = (self.of[edge.a as usize], self.of[edge.b as usize]);
            let told = x != y && self.problem.decisions.speaks(edge.a, edge.b).is_none();
            told.then_some((x.min(y), x.max(y)))
        };
        let rank = |edge: &Edge| (std::cmp::Reverse((edge.cross_reference, edge.millipoints)), edge.a, edge.b);
        let mut best: HashMap<(u32, u32), Edge> = HashMap::new();
        self.problem.edges.each(&mut |edge| {
            let edge = edge.ascending();
            let Some(between) = ends(&edge).filter(|between| !is_spanned(*between)) else { return };
            let kept = best.entry(between).or_insert(edge);
            if rank(&edge) < rank(kept) {
                *kept = edge;
            }
        });
        let mut best: Vec<((u32, u32), Edge)> = best.into_iter().collect();
        if all || !capped.many.is_empty() {
            let spanned = |edge: &Edge| ends(edge).filter(|between| is_spanned(*between));
            best.extend(spanning::strongest(self.problem.edges, self.of.len(), spanned, rank));
        }
        best.sort_unstable_by_key(|(between, _)| *between);
        let mut members: HashMap<u32, Vec<u32>> = HashMap::new();
        if !best.is_empty() {
            (0..).zip(&self.of).for_each(|(x, &c)| members.entry(c).or_default().push(x));
        }
        let numbers: HashMap<u32, Vec<u32>> =
            members.into_iter().map(|(c, members)| (c, self.guards.numbers(members))).collect();
        let why = |x: u32, y: u32| {
            let conflict = numbers.get(&x).zip(numbers.get(&y)).and_then(|(p, q)| self.conflict_of(p, q));
            conflict.unwrap_or_else(|| if capped.meet(x, y) { Reason::Cap } else { Reason::Ambiguous })
        };
        let refused = best
            .into_iter()
            .map(|((x, y), edge)| Refused {
                a: edge.a,
                b: edge.b,
                millipoints: edge.millipoints,
                reason: reason.unwrap_or_else(|| why(x, y)),
            })
            .collect();
        Clustering { cluster: self.of, refused, limits: self.limits.into_iter().collect() }
    }
}

/// The groups of clusters that the cap kept from joining, by cluster.
struct Capped {
    groups: HashMap<u32, BTreeSet<usize>>,
    /// Those of many clusters.
    many: HashSet<usize>,
}

impl Capped {
    fn of(capped: &[Vec<u32>], of: &[u32]) -> Capped {
        let (mut groups, mut many) = (HashMap::<u32, BTreeSet<usize>>::new(), HashSet::new());
        for (group, nodes) in capped.iter().enumerate() {
            let clusters: BTreeSet<u32> = nodes.iter().map(|&x| of[x as usize]).collect();
            if clusters.len() > spanning::LISTED {
                many.insert(group);
            }
            for cluster in clusters {
                groups.entry(cluster).or_default().insert(group);
            }
        }
        Capped { groups, many }
    }

    /// The groups that two clusters are both in.
    fn common(&self, x: u32, y: u32) -> impl Iterator<Item = &usize> {
        let (left, right) = (self.groups.get(&x), self.groups.get(&y));
        left.zip(right).into_iter().flat_map(|(left, right)| left.intersection(right))
    }

    fn meet(&self, x: u32, y: u32) -> bool {
        self.common(x, y).next().is_some()
    }

    fn are_many(&self, x: u32, y: u32) -> bool {
        !self.many.is_empty() && self.common(x, y).any(|group| self.many.contains(group))
    }
}
