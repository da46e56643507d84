//! One component → clusters: by the profiles of clusters, under what stewards decided, guards and limits.

use super::reference::exclusive;
use super::{keep_stronger, pending};
use crate::cluster::decision::{Decisions, Ruling};
use crate::cluster::sets::Sets;
use crate::cluster::{self, Limit, Problem, Reason};
use crate::entity::Attribute;
use crate::probabilistic::{self as engine, Edge, Memo, Scorer};
use crate::record::Node;
use crate::resolve::{groups, Matcher, ReviewPair};
use crate::score::features::stated;
use crate::threads::{self, Threads};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

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
        if task.nodes.len() > options.component_cap as usize {
            return self.links_alone(task, &local);
        }
        let vetoes = self.vetoes(task, &local);
        if task.named.is_empty() && local.is_empty() {
            return self.agglomerate(memo, task, &[], &local, &vetoes);
        }
        let parted = local.without_same();
        let mut linked = self.by_levels(task, &parted, Vec::new(), u32::MAX);
        let mut solved = self.agglomerate(memo, task, &linked.cluster, &parted, &vetoes);
        if local.must_links().next().is_some() {
            // A steward's `same` comes on top of what is together without it, so that it never splits that; where the two
            // sides have come to conflict beyond what it covers, links prevail over scores.
            linked = self.by_levels(task, &local, Vec::new(), u32::MAX);
            let start = self.together(task, &[&solved.cluster, &linked.cluster], &linked.cluster, &local);
            solved = self.agglomerate(memo, task, &start, &local, &vetoes);
        }
        solved.limits.extend(linked.limits);
        // What an id in common would join, whatever the two weigh, comes before what else was found between the same.
        let ends = |pair: &ReviewPair| {
            let [x, y] = [pair.a, pair.b].map(|node| solved.cluster[task.position(node) as usize]);
            (x.min(y), x.max(y))
        };
        let named: Vec<ReviewPair> = linked.review.into_iter().filter(|pair| ends(pair).0 != ends(pair).1).collect();
        let between: BTreeSet<(u32, u32)> = named.iter().map(ends).collect();
        let found = solved.review.iter().filter(|pair| pair.reason == Reason::Score || !between.contains(&ends(pair)));
        solved.review = found.copied().chain(named).collect();
        solved
    }

    /// What cross-references, must-links and `edges` alone hold together.
    fn by_levels(&self, task: &Task, decisions: &Decisions, edges: Vec<cluster::Edge>, component_cap: u32) -> Solved {
        let (classes, examples) = self.classes(task);
        let example = |class: u32| &self.nodes[examples[class as usize] as usize];
        let conflict =
            |c: u32, d: u32| exclusive(self.matcher.entity, example(c), example(d)).map(|_| Reason::Exclusive);
        let solved = cluster::cluster(&Problem {
            classes: &classes,
            conflict: &conflict,
            edges: &Named { task, edges, threads: self.scorer.threads },
            decisions,
            cap: self.matcher.entity.options.cap as usize,
            component_cap: component_cap as usize,
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

    /// Classes of nodes that hold the same exclusive values, and a node of each.
    fn classes(&self, task: &Task) -> (Vec<u32>, Vec<u32>) {
        let exclusive: Vec<&Attribute> = self.matcher.entity.attributes.iter().filter(|one| one.exclusive).collect();
        let (mut known, mut examples) = (HashMap::new(), Vec::new());
        let classes = task.nodes.iter().map(|&x| {
            let values: Vec<Option<&str>> =
                exclusive.iter().map(|one| stated(one, self.nodes[x as usize].state)).collect();
            *known.entry(values).or_insert_with(|| {
                examples.push(x);
                examples.len() as u32 - 1
            })
        });
        (classes.collect(), examples)
    }

    /// A component over its cap is solved from links alone.
    fn links_alone(&self, task: &Task, decisions: &Decisions) -> Solved {
        let strong = task.edges.iter().filter(|edge| edge.weight >= self.matcher.model.auto);
        let edges = strong.map(|edge| cluster::Edge {
            a: task.position(edge.a),
            b: task.position(edge.b),
            millipoints: self.matcher.model.calibration.millipoints(edge.weight),
            cross_reference: false,
        });
        self.by_levels(task, decisions, edges.collect(), self.matcher.entity.options.component_cap)
    }

    /// The partition that `partitions` together make, but for clusters with a veto inside: those are as in `fallback`.
    fn together(&self, task: &Task, partitions: &[&[u32]], fallback: &[u32], decisions: &Decisions) -> Vec<u32> {
        let mut sets = Sets::new(task.nodes.len());
        for partition in partitions {
            for (x, &head) in partition.iter().enumerate() {
                sets.join(x as u32, task.position(head));
            }
        }
        let labels = sets.labels();
        let mut start: Vec<u32> = labels.iter().map(|&label| task.nodes[label as usize]).collect();
        let cap = self.matcher.entity.options.cap as usize;
        for group in groups(&labels) {
            let spoilt = group.len() > cap
                || group
                    .iter()
                    .enumerate()
                    .any(|(at, &a)| group[at + 1..].iter().any(|&b| self.veto(task, decisions, a, b).is_some()));
            if spoilt {
                group.iter().for_each(|&x| start[x as usize] = fallback[x as usize]);
            }
        }
        start
    }

    /// What keeps two nodes (by position) apart, whatever they weigh.
    fn veto(&self, task: &Task, decisions: &Decisions, a: u32, b: u32) -> Option<Reason> {
        match decisions.speaks(a, b) {
            Some(Ruling::Same) => None,
            Some(Ruling::Different) => Some(Reason::CannotLink),
            None => {
                let node = |x: u32| &self.nodes[task.nodes[x as usize] as usize];
                exclusive(self.matcher.entity, node(a), node(b)).map(|_| Reason::Exclusive)
            }
        }
    }

    /// All vetoes, by nodes.
    fn vetoes(&self, task: &Task, decisions: &Decisions) -> BTreeMap<(u32, u32), Reason> {
        let mut found = BTreeMap::new();
        if decisions.is_empty() && !self.matcher.entity.attributes.iter().any(|attribute| attribute.exclusive) {
            return found;
        }
        for a in 0..task.nodes.len() as u32 {
            self.scorer.threads.look();
            for b in a + 1..task.nodes.len() as u32 {
                if let Some(reason) = self.veto(task, decisions, a, b) {
                    found.insert((task.nodes[a as usize], task.nodes[b as usize]), reason);
                }
            }
        }
        found
    }

    /// Joins clusters by their profiles, from the clusters of `start` on (by position; empty: single nodes).
    fn agglomerate(
        &self,
        memo: &RefCell<Memo>,
        task: &Task,
        start: &[u32],
        decisions: &Decisions,
        vetoes: &BTreeMap<(u32, u32), Reason>,
    ) -> Solved {
        let cap = self.matcher.entity.options.cap as usize;
        let labels: Vec<u32> = start.iter().map(|&head| task.position(head)).collect();
        let node = |x: u32| task.nodes[x as usize];
        let wholes: Vec<Vec<u32>> =
            groups(&labels).into_iter().map(|group| group.into_iter().map(node).collect()).collect();
        let cannot: Vec<(u32, u32)> = vetoes.keys().copied().collect();
        let solution = engine::solve((self.scorer, self.places), memo, &task.nodes, &task.edges, &wholes, &cannot, cap);
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
        for ((x, y, _), edge) in best {
            let reason = match reasons[&(edge.a, edge.b)] {
                engine::Reason::Score => Reason::Score,
                engine::Reason::Cohesion => Reason::Cohesion,
                engine::Reason::Contradiction => Reason::Contradiction,
                engine::Reason::Ambiguous => Reason::Ambiguous,
                engine::Reason::Limit(figure) => {
                    solved.limits.push(Limit { what: Reason::Cap, figure, node: x });
                    Reason::Cap
                }
                engine::Reason::CannotLink => {
                    let across = members(x).iter().flat_map(|&a| members(y).iter().map(move |&b| (a.min(b), a.max(b))));
                    across.filter_map(|pair| vetoes.get(&pair)).min().copied().unwrap_or(Reason::CannotLink)
                }
            };
            solved.review.push(pending(self.matcher.model, &edge, reason));
        }
        solved
    }
}

/// The pairs of a component that name a common id, and others given.
struct Named<'a> {
    task: &'a Task,
    edges: Vec<cluster::Edge>,
    threads: Threads<'a>,
}

impl cluster::Edges for Named<'_> {
    fn each(&self, visit: &mut dyn FnMut(cluster::Edge)) {
        for group in &self.task.named {
            for (at, &a) in group.iter().enumerate() {
                self.threads.look();
                for &b in &group[at + 1..] {
                    let (a, b) = (self.task.position(a), self.task.position(b));
                    visit(cluster::Edge { a, b, millipoints: 100_000, cross_reference: true });
                }
            }
        }
        self.edges.iter().for_each(|edge| visit(*edge));
    }
}
