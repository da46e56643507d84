//! The conductor of blocking, scoring and clustering: records in, partition and review out. The incremental path
//! ([`Matcher::solve`] on the records a change may touch) and the path from scratch ([`Matcher::resolve_all`]) are one
//! code for each policy.

mod generic;
mod graph;
mod guide;
mod linkage;
#[cfg(test)]
mod tests;
mod whole;
mod why;

use whole::Whole;

pub use whole::Groundwork;
pub use why::{Comparison, Finding, Shared, Tie, Via};

use crate::block::Key;
use crate::cluster::decision::{Decision, Decisions};
use crate::cluster::{Limit, Reason};
use crate::entity::{EntityType, Policy};
use crate::error::Error;
use crate::probabilistic::{Dataset, Edge, Members, Model, Scorer};
use crate::record::{in_order, Node, RecordRef};
use crate::score::features::Features;
use crate::score::{guide as table, Score};
use crate::threads::Threads;
use serde_json::Value as Json;
use std::collections::HashSet;
use std::sync::atomic::AtomicBool;

/// A pair of records that waits for a steward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReviewPair {
    /// The record with the smaller reference: its position among the nodes.
    pub a: u32,
    /// The other.
    pub b: u32,
    /// Its score, in 1/1000 points.
    pub millipoints: i64,
    /// [`Reason::Score`] between the thresholds, else what keeps the two apart.
    pub reason: Reason,
}

/// The partition of the nodes given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Solution {
    /// By node: the node with the smallest reference of its component.
    pub component: Vec<u32>,
    /// By node: the node with the smallest reference of its cluster.
    pub cluster: Vec<u32>,
    /// Every pair of the nodes that waits, each once, in the order of references. Of the pairs between two clusters of one
    /// component one stands for all of the same reason: the highest score, then the smallest references. Pairs of
    /// different components are all there.
    pub review: Vec<ReviewPair>,
    /// Limits that stopped a merge, by the smallest node concerned.
    pub limits: Vec<Limit>,
}

/// A value that counts for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generic {
    /// The key.
    pub key: Key,
    /// How many records hold it.
    pub holders: usize,
    /// Under how many different full names.
    pub names: usize,
}

/// The partition of all live records, and the generic values it rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolution {
    /// Ascending.
    pub generic: Vec<Generic>,
    /// The partition.
    pub solution: Solution,
    /// Who is in which block, by position; empty under `guide`.
    pub blocks: Members,
}

/// What a pair of records is to clustering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Apart,
    /// It waits for a steward and connects nothing.
    Doubtful,
    /// It connects: its records are of one component.
    Connected,
}

/// How the records of an entity type are told apart.
#[derive(Clone, Copy)]
pub struct Matcher<'a> {
    /// Attributes, policy and options.
    pub entity: &'a EntityType,
    /// The weights of the policy `probabilistic`, with the thresholds of the options; unused under `guide`.
    pub model: &'a Model,
    /// Who work with it.
    pub threads: Threads<'a>,
}

/// Records taken apart once, for several questions about the same ones.
pub struct Apart<'n> {
    order: Order<'n>,
    /// Under `probabilistic`, with the blocks of each record, in order.
    data: Option<(Dataset, Vec<Vec<u64>>)>,
}

impl<'a> Matcher<'a> {
    /// The matcher of an entity type under a model.
    pub fn new(entity: &'a EntityType, model: &'a Model) -> Matcher<'a> {
        Matcher { entity, model, threads: Threads::ALONE }
    }

    /// The matcher on all cores, for a caller who waits elsewhere and may want no result any more: then he sets `stop`, and
    /// what it does unwinds with [`Stopped`](crate::threads::Stopped).
    pub fn stopping(self, stop: &'a AtomicBool) -> Matcher<'a> {
        Matcher { threads: Threads::until(stop), ..self }
    }

    /// Who work on all records of a type.
    fn all_threads(&self) -> Threads<'a> {
        self.threads.all()
    }

    fn is_probabilistic(&self) -> bool {
        self.entity.policy == Policy::Probabilistic
    }

    /// The blocks that each node is in: two nodes with a common block that is not over its limit are candidates.
    /// Empty under `guide`, where the keys of values ([`block::keys`]) are what candidates share.
    pub fn blocks(&self, nodes: &[Node], generic: &dyn Fn(&Key) -> bool) -> Vec<Vec<u64>> {
        if self.is_probabilistic() {
            linkage::blocks(self, nodes, generic)
        } else {
            vec![Vec::new(); nodes.len()]
        }
    }

    /// What pairs of nodes (by position) are to clustering, cross-references included.
    pub fn weigh(&self, nodes: &[Node], generic: &dyn Fn(&Key) -> bool, pairs: &[(u32, u32)]) -> Vec<Verdict> {
        if self.is_probabilistic() {
            return linkage::weigh(self, nodes, generic, pairs);
        }
        let features: Vec<Features> = nodes.iter().map(|node| features(self.entity, node)).collect();
        let (auto, review) = graph::thresholds(&self.entity.options);
        let verdict = |&(a, b): &(u32, u32)| {
            let score = table::score(generic, &features[a as usize], &features[b as usize]);
            match score.millipoints {
                points if points >= auto => Verdict::Connected,
                points if points > review => Verdict::Doubtful,
                _ => Verdict::Apart,
            }
        };
        pairs.iter().map(verdict).collect()
    }

    /// The score from which a pair merges by itself, and the one above which it waits, in 1/1000 points.
    pub(crate) fn thresholds(&self) -> (i64, i64) {
        if self.is_probabilistic() {
            let points = |weight| self.model.calibration.millipoints(weight);
            (points(self.model.auto), points(self.model.review))
        } else {
            graph::thresholds(&self.entity.options)
        }
    }

    /// The scores of pairs of nodes (by position) with their evidence and guards: what review items show.
    pub fn explain(&self, nodes: &[Node], generic: &dyn Fn(&Key) -> bool, pairs: &[(u32, u32)]) -> Vec<Score> {
        if self.is_probabilistic() {
            return linkage::explain(self, nodes, generic, pairs);
        }
        let of = |x: u32| features(self.entity, &nodes[x as usize]);
        pairs.iter().map(|&(a, b)| table::score(generic, &of(a), &of(b))).collect()
    }

    /// The score of two attributes objects with its evidence: junk by form is generic, counts are not known.
    ///
    /// # Errors
    /// 22023 when an argument is not a JSON object.
    pub fn score_of(&self, a: &Json, b: &Json) -> Result<Score, Error> {
        let state = |value: &Json| match value {
            Json::Object(attributes) => Ok(table::state_of(self.entity, attributes)),
            _ => Err(Error::invalid("attributes must be a JSON object")
                .hint("Pass an object such as {\"email\": \"...\", \"phoneNumber\": \"...\"}.")),
        };
        let (a, b) = (state(a)?, state(b)?);
        // Two records that nothing names.
        let (x, y) = (RecordRef::new("", "a"), RecordRef::new("", "b"));
        let nodes = [Node { reference: &x, state: &a }, Node { reference: &y, state: &b }];
        let mut scores = self.explain(&nodes, &|key| key.generic_by_form, &[(0, 1)]);
        Ok(scores.remove(0))
    }

    /// Takes `nodes` apart: [`Matcher::blocks_of`] and [`Matcher::partition`] tell of them under the same `generic`.
    pub fn take_apart<'n>(&self, nodes: &[Node<'n>], generic: &dyn Fn(&Key) -> bool) -> Apart<'n> {
        let order = Order::of(nodes, self.threads);
        let data = self.is_probabilistic().then(|| linkage::dataset(self, &order.sorted, generic));
        let data = data.map(|data| {
            let blocks = linkage::blocks_in(&data, order.sorted.len(), self.threads);
            (data, blocks)
        });
        Apart { order, data }
    }

    /// What [`Matcher::blocks`] gives for the nodes that were taken apart.
    pub fn blocks_of(&self, apart: &Apart) -> Vec<Vec<u64>> {
        let mut blocks = vec![Vec::new(); apart.order.sorted.len()];
        if let Some((_, of)) = &apart.data {
            apart.order.position.iter().zip(of).for_each(|(&at, of)| blocks[at as usize].clone_from(of));
        }
        blocks
    }

    /// Partitions the nodes that were taken apart.
    ///
    /// Give every record of every component that a change may touch, in any order, without duplicates; `generic` tells
    /// the keys that count as absent (it should hold for those that are so by form), `over` the blocks over their
    /// limit; `decisions` are those with a living record among the nodes, each side listing its living records only.
    pub fn partition(
        &self,
        apart: &Apart,
        generic: &dyn Fn(&Key) -> bool,
        over: &dyn Fn(u64) -> bool,
        decisions: &[Decision],
    ) -> Solution {
        let Apart { order, data } = apart;
        let decisions = order.bind(decisions);
        order.given(match data {
            Some((data, blocks)) => linkage::solve(self, &order.sorted, (data, blocks), generic, over, &decisions),
            None => guide::solve(self.entity, &order.sorted, generic, &decisions, self.threads),
        })
    }

    /// Takes `nodes` apart and partitions them.
    pub fn solve(
        &self,
        nodes: &[Node],
        generic: &dyn Fn(&Key) -> bool,
        over: &dyn Fn(u64) -> bool,
        decisions: &[Decision],
    ) -> Solution {
        self.partition(&self.take_apart(nodes, generic), generic, over, decisions)
    }

    /// All live records of a type taken apart, for [`Matcher::learn`] and [`Matcher::resolve`].
    pub fn prepare(&self, nodes: &[Node]) -> Groundwork {
        Groundwork::of(self, &Order::of(nodes, self.threads).sorted, true)
    }

    /// Learns weights from all live records of a type, without labels.
    pub fn train(&self, nodes: &[Node]) -> Model {
        self.learn(&self.prepare(nodes))
    }

    /// Learns weights from records that are taken apart already.
    pub fn learn(&self, groundwork: &Groundwork) -> Model {
        linkage::train(self, &groundwork.whole)
    }

    /// What [`Matcher::resolve_all`] compares under `probabilistic`, taken apart. For measuring.
    pub fn dataset(&self, nodes: &[Node]) -> Dataset {
        self.prepare(nodes).whole.data
    }

    /// What [`Matcher::resolve_all`] compares under `probabilistic`: every pair of candidates (by position) and what it
    /// weighs, in thousandths of a bit. For measuring; under `guide`, which lists no pairs, there are none.
    pub fn candidates(&self, nodes: &[Node]) -> Vec<Edge> {
        if !self.is_probabilistic() {
            return Vec::new();
        }
        let Whole { data, blocks, order } = Groundwork::of(self, nodes, true).whole;
        let scorer = Scorer::on(self.model, &data, self.all_threads());
        let mut pairs = whole::pairs(&scorer, &blocks, &order, i32::MIN);
        pairs.sort_unstable();
        pairs
    }

    /// Partitions all live records of a type from nothing but their states and the decisions.
    pub fn resolve_all(&self, nodes: &[Node], decisions: &[Decision]) -> Resolution {
        let order = Order::of(nodes, self.threads);
        let groundwork = Groundwork::of(self, &order.sorted, self.is_probabilistic());
        self.resolve_in(&order, groundwork, decisions)
    }

    /// Partitions all live records of a type that are taken apart already, under the policy and the definition in force now.
    pub fn resolve(&self, nodes: &[Node], groundwork: Groundwork, decisions: &[Decision]) -> Resolution {
        if groundwork.len() == nodes.len() {
            self.resolve_in(&Order::of(nodes, self.threads), groundwork, decisions)
        } else {
            self.resolve_all(nodes, decisions)
        }
    }

    fn resolve_in(&self, order: &Order, groundwork: Groundwork, decisions: &[Decision]) -> Resolution {
        let Groundwork { generic, whole } = groundwork;
        let living = |members: &[RecordRef]| -> Vec<RecordRef> {
            members.iter().filter(|member| order.number(member).is_some()).cloned().collect()
        };
        let decisions: Vec<Decision> = decisions
            .iter()
            .map(|decision| Decision {
                side_a: living(&decision.side_a),
                side_b: living(&decision.side_b),
                ..decision.clone()
            })
            .collect();
        let decisions = order.bind(&decisions);
        let known: HashSet<&Key> = generic.iter().map(|value| &value.key).collect();
        let is_generic = |key: &Key| known.contains(key);
        let (solution, mut blocks) = if self.is_probabilistic() {
            linkage::solve_all(self, &order.sorted, whole, &is_generic, &decisions)
        } else {
            (guide::solve(self.entity, &order.sorted, &is_generic, &decisions, self.threads), Members::default())
        };
        blocks.renumber(&order.position);
        Resolution { solution: order.given(solution), blocks, generic }
    }
}

impl Apart<'_> {
    /// How many records there are.
    pub fn len(&self) -> usize {
        self.order.sorted.len()
    }

    /// True when there is no record.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Nodes in the order of their references, which decides how they are numbered.
struct Order<'n> {
    sorted: Vec<Node<'n>>,
    /// By node in that order: its position as it was given.
    position: Vec<u32>,
}

impl<'n> Order<'n> {
    fn of(nodes: &[Node<'n>], threads: Threads) -> Order<'n> {
        let position = in_order(&nodes.iter().map(|node| node.reference).collect::<Vec<_>>(), threads);
        Order { sorted: position.iter().map(|&at| nodes[at as usize]).collect(), position }
    }

    fn number(&self, record: &RecordRef) -> Option<u32> {
        self.sorted.binary_search_by(|node| node.reference.cmp(record)).ok().map(|at| at as u32)
    }

    fn bind(&self, decisions: &[Decision]) -> Decisions {
        Decisions::bind(self.sorted.len(), decisions, &|record| self.number(record))
    }

    /// A solution in the numbers of the nodes as they were given.
    fn given(&self, mut solution: Solution) -> Solution {
        solution.review.sort_unstable();
        // A pair may be in doubt by its score and by a guard: the stronger, which comes last, is told.
        solution.review.dedup_by(|next, kept| {
            let same = (next.a, next.b) == (kept.a, kept.b);
            if same {
                *kept = *next;
            }
            same
        });
        let position = &self.position;
        let given = |labels: &[u32]| {
            let mut out = vec![0; labels.len()];
            labels.iter().enumerate().for_each(|(x, &label)| out[position[x] as usize] = position[label as usize]);
            out
        };
        solution.component = given(&solution.component);
        solution.cluster = given(&solution.cluster);
        for pair in &mut solution.review {
            (pair.a, pair.b) = (position[pair.a as usize], position[pair.b as usize]);
        }
        solution.limits.iter_mut().for_each(|limit| limit.node = position[limit.node as usize]);
        solution
    }
}

fn features<'a>(entity: &'a EntityType, node: &Node<'a>) -> Features<'a> {
    Features::of(entity, Some(node.reference), node.state)
}

/// The groups of more than one node that labels tell, which are numbers of nodes; each ascending, in the order of their
/// labels.
fn groups(labels: &[u32]) -> Vec<Vec<u32>> {
    let mut size = vec![0u32; labels.len()];
    labels.iter().for_each(|&label| size[label as usize] += 1);
    let several = size.iter().filter(|&&size| size > 1);
    let mut groups: Vec<Vec<u32>> = several.clone().map(|&size| Vec::with_capacity(size as usize)).collect();
    let mut next = 0;
    let place: Vec<Option<u32>> = size
        .iter()
        .map(|&size| {
            next += u32::from(size > 1);
            (size > 1).then(|| next - 1)
        })
        .collect();
    for (x, &label) in labels.iter().enumerate() {
        if let Some(at) = place[label as usize] {
            groups[at as usize].push(x as u32);
        }
    }
    groups
}
