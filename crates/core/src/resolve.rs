//! The conductor of blocking, scoring and clustering: records in, partition and review out. The incremental path
//! ([`Matcher::solve`] on the records a change may touch) and the path from scratch ([`Matcher::resolve_all`]) are one
//! code for each policy.

mod generic;
mod graph;
mod guide;
mod linkage;
mod order;
#[cfg(test)]
mod tests;
mod whole;
mod why;

use order::{groups, Order};

pub use whole::Groundwork;
pub use why::{Comparison, Finding, Shared, Tie, Via};

use crate::block::Key;
use crate::cluster::decision::Decision;
use crate::cluster::{Limit, Reason};
use crate::entity::{EntityType, Policy};
use crate::error::Error;
use crate::probabilistic::{Dataset, Members, Model};
use crate::record::{Node, RecordRef};
use crate::score::features::Features;
use crate::score::{guide as table, Score};
use crate::threads::Threads;
use serde_json::Value as Json;
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

/// What is known beside the records that are looked at.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The keys that count as absent; those that are junk by form should be among them.
    pub generic: &'a dyn Fn(&Key) -> bool,
    /// The blocks over their limit.
    pub over: &'a dyn Fn(u64) -> bool,
    /// The decisions about a living record among them, each side its living records only.
    pub decisions: &'a [Decision],
}

/// Nothing but what is junk by form.
impl Default for Known<'_> {
    fn default() -> Self {
        Known { generic: &|key| key.generic_by_form, over: &|_| false, decisions: &[] }
    }
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
    /// Give every record of every component that a change may touch, in any order, without duplicates.
    pub fn partition(&self, apart: &Apart, known: &Known) -> Solution {
        let Apart { order, data } = apart;
        let decisions = order.bind(known.decisions);
        order.given(match data {
            Some((data, blocks)) => linkage::solve(self, &order.sorted, (data, blocks), known, &decisions),
            None => guide::solve(self.entity, &order.sorted, known.generic, &decisions, self.threads),
        })
    }

    /// Takes `nodes` apart and partitions them.
    pub fn solve(&self, nodes: &[Node], known: &Known) -> Solution {
        self.partition(&self.take_apart(nodes, known.generic), known)
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

fn features<'a>(entity: &'a EntityType, node: &Node<'a>) -> Features<'a> {
    Features::of(entity, Some(node.reference), node.state)
}
