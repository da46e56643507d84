//! One component → clusters: by the profiles of clusters, under what stewards decided, guards and limits.

use super::reference::Exclusive;
use super::{keep_stronger, pending};
use crate::cluster::decision::Decisions;
use crate::cluster::{self, Guards, Limit, Problem, Reason};
use crate::probabilistic::{self as engine, Edge, Memo, Scorer};
use crate::record::Node;
use crate::resolve::{groups, Matcher, ReviewPair};
use crate::threads::{self, Threads};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// One component.
pub(super) struct Task {
    /// Ascending.
    pub nodes: Vec<u32>,
    /// Its pairs from the floor on.
    pub edges: Vec<Edge>,
    /// Records that name a common id.
    pub named: Vec<Vec<u32>>,
}

impl Task {
    /// One without pairs yet.
    pub fn of(nodes: Vec<u32>) -> Task {
        Task { nodes, edges: Vec::new(), named: Vec::new() }
    }

    /// The position of a node. Pairs and links of a component are between its own nodes.
    fn position(&self, node: u32) -> u32 {
        let at = self.nodes.partition_point(|known| *known < node);
        assert_eq!(self.nodes.get(at), Some(&node), "a node of another component");
        at as u32
    }

    fn positions(&self, nodes: &[u32]) -> Vec<u32> {
        nodes.iter().map(|&node| self.position(node)).collect()
    }
}

/// A solved component, in the numbers of all nodes.
#[derive(Default)]
pub(super) struct Solved {
    /// By position, the smallest node of its cluster.
    pub cluster: Vec<u32>,
    pub review: Vec<ReviewPair>,
    pub limits: Vec<Limit>,
}

/// What all components have in common.
pub(super) struct Components<'a> {
    pub matcher: &'a Matcher<'a>,
    pub scorer: &'a Scorer<'a>,
    /// The numbers of the nodes in the scorer.
    pub places: &'a [u32],
    pub nodes: &'a [Node<'a>],
    pub decisions: &'a Decisions,
}

impl Components<'_> {
    /// Every component by itself.
    pub fn solve_all(&self, tasks: &[Task]) -> Vec<Solved> {
        let (threads, count) = (self.scorer.threads, self.scorer.threads.count);
        if count < 2 || tasks.len() < 2 {
            let memo = RefCell::new(Memo::default());
            return tasks.iter().map(|task| self.solve(&memo, task)).collect();
        }
        let parts = threads::map((0..count).collect(), threads, |first| {
            let memo = RefCell::new(Memo::default());
            tasks.iter().skip(first).step_by(count).map(|task| self.solve(&memo, task)).collect::<Vec<Solved>>()
        });
        let mut parts: Vec<_> = parts.into_iter().map(Vec::into_iter).collect();
        (0..tasks.len()).map(|at| parts[at % count].next().unwrap_or_default()).collect()
    }

    fn solve(&self, memo: &RefCell<Memo>, task: &Task) -> Solved {
        self.scorer.threads.look();
        let options = &self.matcher.entity.options;
        let local = self.decisions.of_nodes(&task.nodes);
        let exclusive = Exclusive::of(self.matcher.entity, task.nodes.iter().map(|&x| self.nodes[x as usize]));
        if task.nodes.len() > options.component_cap as usize {
            return self.links_alone(task, &exclusive, &local);
        }
        let conflict = |c, d| exclusive.between(c, d);
        let parted = local.without_same();
        let guards = Guards::new(&exclusive.classes, &conflict, &parted);
        if task.named.is_empty() && local.is_empty() {
            return self.agglomerate(memo, task, &[], &parted, &guards);
        }
        let mut linked = self.by_levels(task, &exclusive, &parted, &vec![]);
        let mut solved = self.agglomerate(memo, task, &linked.cluster, &parted, &guards);
        if local.any_same() {
            // A steward's `same` comes on top of what is together without it, so that it never splits that; where the two
            // sides have come to conflict beyond what it covers, links prevail over scores.
            let together = self.within(groups(&task.positions(&solved.cluster)), TOGETHER);
            linked = self.by_levels(task, &exclusive, &local, &together);
            let guards = Guards::new(&exclusive.classes, &conflict, &local);
            solved = self.agglomerate(memo, task, &linked.cluster, &local, &guards);
        }
        solved.limits.extend(linked.limits);
        // What an id in common would join, whatever the two weigh, comes before what else was found between the same.
        let ends = |pair: &ReviewPair| {
            let [x, y] = [pair.a, pair.b].map(|node| solved.cluster[task.position(node) as usize]);
            (x.min(y), x.max(y))
        };
        let named = linked.review.into_iter().filter(|pair| pair.millipoints == NAMED && ends(pair).0 != ends(pair).1);
        let named: Vec<ReviewPair> = named.collect();
        let between: BTreeSet<(u32, u32)> = named.iter().map(ends).collect();
        let found = solved.review.iter().filter(|pair| pair.reason == Reason::Score || !between.contains(&ends(pair)));
        solved.review = found.copied().chain(named).collect();
        solved
    }

    /// What cross-references, must-links and `weaker` evidence alone hold together.
    fn by_levels(
        &self,
        task: &Task,
        exclusive: &Exclusive,
        decisions: &Decisions,
        weaker: &dyn cluster::Edges,
    ) -> Solved {
        let named = self.within(task.named.iter().map(|group| task.positions(group)).collect(), NAMED);
        let solved = cluster::cluster(&Problem {
            classes: &exclusive.classes,
            conflict: &|c, d| exclusive.between(c, d),
            edges: &Both(&named, weaker),
            decisions,
            cap: self.matcher.entity.options.cap as usize,
            component_cap: self.matcher.entity.options.component_cap as usize,
            threads: self.scorer.threads,
        });
        let node = |x: u32| task.nodes[x as usize];
        let pair = |pair: &cluster::Refused| ReviewPair {
            a: node(pair.a),
            b: node(pair.b),
            millipoints: pair.millipoints,
            reason: pair.reason,
        };
        Solved {
            cluster: solved.cluster.iter().map(|&head| node(head)).collect(),
            review: solved.refused.iter().map(pair).collect(),
            limits: solved.limits.iter().map(|limit| Limit { node: node(limit.node), ..*limit }).collect(),
        }
    }

    /// A component over its cap is solved from links alone.
    fn links_alone(&self, task: &Task, exclusive: &Exclusive, decisions: &Decisions) -> Solved {
        let strong = task.edges.iter().filter(|edge| edge.weight >= self.matcher.model.auto);
        let edges = strong.map(|edge| cluster::Edge {
            a: task.position(edge.a),
            b: task.position(edge.b),
            millipoints: self.matcher.model.calibration.millipoints(edge.weight),
            cross_reference: false,
        });
        self.by_levels(task, exclusive, decisions, &edges.collect::<Vec<_>>())
    }

    /// The pairs within `groups`, all with this score.
    fn within(&self, groups: Vec<Vec<u32>>, millipoints: i64) -> Within<'_> {
        Within { groups, millipoints, threads: self.scorer.threads }
    }

    /// Joins clusters by their profiles, from the clusters of `start` on (by position; empty: single nodes).
    fn agglomerate(
        &self,
        memo: &RefCell<Memo>,
        task: &Task,
        start: &[u32],
        decisions: &Decisions,
        guards: &Guards,
    ) -> Solved {
        let cap = self.matcher.entity.options.cap as usize;
        let node = |x: u32| task.nodes[x as usize];
        let wholes: Vec<Vec<u32>> =
            groups(&task.positions(start)).into_iter().map(|group| group.into_iter().map(node).collect()).collect();
        let solution = engine::solve((self.scorer, self.places), memo, &task.nodes, &task.edges, &wholes, guards, cap);
        // By position: its cluster.
        let mut of: Vec<&[u32]> = vec![&[]; task.nodes.len()];
        for cluster in &solution.clusters {
            cluster.iter().for_each(|&x| of[task.position(x) as usize] = cluster);
        }
        let members = |x: u32| of[task.position(x) as usize];
        let mut best: BTreeMap<(u32, u32, bool), Edge> = BTreeMap::new();
        let mut reasons: BTreeMap<(u32, u32), engine::Reason> = BTreeMap::new();
        for review in &solution.reviews {
            self.scorer.threads.look();
            let edge = review.pair;
            if decisions.speaks(task.position(edge.a), task.position(edge.b)).is_some() {
                continue;
            }
            let (x, y) = (members(edge.a)[0], members(edge.b)[0]);
            reasons.insert((edge.a, edge.b), review.reason);
            let doubtful = review.reason == engine::Reason::Score;
            keep_stronger(&mut best, (x.min(y), x.max(y), doubtful), edge);
        }
        let mut solved = Solved { cluster: of.iter().map(|cluster| cluster[0]).collect(), ..Solved::default() };
        for ((x, ..), edge) in best {
            let reason = match reasons[&(edge.a, edge.b)] {
                engine::Reason::Score => Reason::Score,
                engine::Reason::Cohesion => Reason::Cohesion,
                engine::Reason::Contradiction => Reason::Contradiction,
                engine::Reason::Ambiguous => Reason::Ambiguous,
                engine::Reason::Limit(figure) => {
                    solved.limits.push(Limit { what: Reason::Cap, figure, node: x });
                    Reason::Cap
                }
                engine::Reason::Guard(reason) => reason,
            };
            solved.review.push(pending(self.matcher.model, &edge, reason));
        }
        solved
    }
}

/// The score of a common id, a level of its own above all others.
const NAMED: i64 = 100_000;
/// What is together already has no score of its own.
const TOGETHER: i64 = 0;

/// The pairs within groups of positions, all with one score.
struct Within<'a> {
    groups: Vec<Vec<u32>>,
    millipoints: i64,
    threads: Threads<'a>,
}

impl cluster::Edges for Within<'_> {
    fn each(&self, visit: &mut dyn FnMut(cluster::Edge)) {
        let (millipoints, cross_reference) = (self.millipoints, self.millipoints == NAMED);
        for group in &self.groups {
            for (at, &a) in group.iter().enumerate() {
                self.threads.look();
                group[at + 1..].iter().for_each(|&b| visit(cluster::Edge { a, b, millipoints, cross_reference }));
            }
        }
    }
}

/// One after the other.
struct Both<'a>(&'a dyn cluster::Edges, &'a dyn cluster::Edges);

impl cluster::Edges for Both<'_> {
    fn each(&self, visit: &mut dyn FnMut(cluster::Edge)) {
        self.0.each(visit);
        self.1.each(visit);
    }
}
