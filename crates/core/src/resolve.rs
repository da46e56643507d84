//! The conductor of blocking, scoring and clustering: records in, partition and review out. The incremental path
//! ([`solve`] on the records a change may touch) and the path from scratch ([`resolve_all`]) are one code.

mod graph;
#[cfg(test)]
mod tests;

use crate::block::{self, Key};
use crate::cluster::decision::{Decision, Decisions};
use crate::cluster::sets::Sets;
use crate::cluster::{self, Limit, Problem, Reason};
use crate::entity::EntityType;
use crate::record::{RecordRef, State};
use crate::score::features::Features;
use crate::score::{guide, Score};
use graph::{Component, Conflicts, Graph};
use std::collections::{BTreeSet, HashMap};

/// A live source record.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    /// Its name.
    pub reference: &'a RecordRef,
    /// What it says.
    pub state: &'a State,
}

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
    /// Every pair of the nodes that waits, in the order of references. Of the pairs between two clusters of one
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
}

/// Partitions `nodes`, under the policy `guide`.
///
/// Give every record of every component that a change may touch, in any order, without duplicates; `generic` tells
/// the keys that count as absent (it should hold for those that are so by form); `decisions` are those with a living
/// record among the nodes, each side listing its living records only.
pub fn solve(entity: &EntityType, nodes: &[Node], generic: &dyn Fn(&Key) -> bool, decisions: &[Decision]) -> Solution {
    let mut position: Vec<u32> = (0..nodes.len() as u32).collect();
    position.sort_unstable_by_key(|&at| nodes[at as usize].reference);
    let sorted: Vec<Node> = position.iter().map(|&at| nodes[at as usize]).collect();
    let number =
        |record: &RecordRef| sorted.binary_search_by(|node| node.reference.cmp(record)).ok().map(|found| found as u32);
    let decisions = Decisions::bind(sorted.len(), decisions, &number);
    let graph = Graph::new(entity, &sorted, generic);
    let mut sets = Sets::new(sorted.len());
    graph.join(&mut sets);
    for (a, b) in decisions.must_links() {
        sets.join(a, b);
    }
    let component = sets.labels();
    let mut members: HashMap<u32, Vec<u32>> = HashMap::new();
    for (x, &head) in component.iter().enumerate() {
        members.entry(head).or_default().push(x as u32);
    }
    let mut heads: Vec<(&u32, &Vec<u32>)> = members.iter().filter(|(_, nodes)| nodes.len() > 1).collect();
    heads.sort_unstable();
    let mut cluster: Vec<u32> = (0..sorted.len() as u32).collect();
    let mut review = Vec::new();
    let mut limits = Vec::new();
    for (_, nodes) in heads {
        let conflicts = Conflicts::new(&graph, nodes);
        let solved = cluster::cluster(&Problem {
            classes: &conflicts.classes,
            conflict: &|c, d| conflicts.between(c, d),
            edges: &Component::new(&graph, nodes),
            decisions: &decisions.of_nodes(nodes),
            cap: entity.options.cap as usize,
            component_cap: entity.options.component_cap as usize,
        });
        for (x, head) in solved.cluster.iter().enumerate() {
            cluster[nodes[x] as usize] = nodes[*head as usize];
        }
        review.extend(solved.refused.iter().map(|pair| ReviewPair {
            a: nodes[pair.a as usize],
            b: nodes[pair.b as usize],
            millipoints: pair.millipoints,
            reason: pair.reason,
        }));
        limits.extend(solved.limits.iter().map(|limit| Limit { node: nodes[limit.node as usize], ..*limit }));
    }
    review.extend(between_thresholds(&graph, &component, &cluster, &decisions));
    review.sort_unstable();
    // Back to the caller's numbering.
    let given = |labels: &[u32]| {
        let mut out = vec![0; labels.len()];
        labels.iter().enumerate().for_each(|(x, &label)| out[position[x] as usize] = position[label as usize]);
        out
    };
    for pair in &mut review {
        (pair.a, pair.b) = (position[pair.a as usize], position[pair.b as usize]);
    }
    limits.iter_mut().for_each(|limit| limit.node = position[limit.node as usize]);
    Solution { component: given(&component), cluster: given(&cluster), review, limits }
}

/// The pairs that score between the thresholds and on which no decision speaks.
fn between_thresholds(
    graph: &Graph,
    component: &[u32],
    cluster: &[u32],
    decisions: &Decisions,
) -> impl Iterator<Item = ReviewPair> {
    let mut across = BTreeSet::new();
    let mut best: HashMap<(u32, u32), (i64, u32, u32)> = HashMap::new();
    graph.between_thresholds(&mut |a, b, millipoints| {
        let (a, b) = (a.min(b), a.max(b));
        let (x, y) = (cluster[a as usize], cluster[b as usize]);
        if x == y || decisions.speaks(a, b).is_some() {
            return;
        }
        if component[a as usize] != component[b as usize] {
            across.insert((a, b, millipoints));
            return;
        }
        let kept = best.entry((x.min(y), x.max(y))).or_insert((millipoints, a, b));
        if (-millipoints, a, b) < (-kept.0, kept.1, kept.2) {
            *kept = (millipoints, a, b);
        }
    });
    let folded = best.into_values().map(|(millipoints, a, b)| (a, b, millipoints));
    let all: Vec<_> = across.into_iter().chain(folded).collect();
    all.into_iter().map(|(a, b, millipoints)| ReviewPair { a, b, millipoints, reason: Reason::Score })
}

/// Partitions all live records of a type from nothing but their states and the decisions.
pub fn resolve_all(entity: &EntityType, nodes: &[Node], decisions: &[Decision]) -> Resolution {
    let generic = generic_values(entity, nodes);
    let known: std::collections::HashSet<&Key> = generic.iter().map(|value| &value.key).collect();
    let living: std::collections::HashSet<&RecordRef> = nodes.iter().map(|node| node.reference).collect();
    let side = |members: &[RecordRef]| -> Vec<RecordRef> {
        members.iter().filter(|member| living.contains(member)).cloned().collect()
    };
    let decisions: Vec<Decision> = decisions
        .iter()
        .map(|decision| Decision { side_a: side(&decision.side_a), side_b: side(&decision.side_b), ..decision.clone() })
        .collect();
    let solution = solve(entity, nodes, &|key| known.contains(key), &decisions);
    Resolution { generic, solution }
}

/// The values that are generic among `nodes`, which must be all live records of the type; ascending.
pub fn generic_values(entity: &EntityType, nodes: &[Node]) -> Vec<Generic> {
    let mut holders: HashMap<Key, Vec<u32>> = HashMap::new();
    let mut names: HashMap<String, u32> = HashMap::new();
    let mut name_of = Vec::with_capacity(nodes.len());
    for (x, node) in nodes.iter().enumerate() {
        for key in block::keys(entity, node.reference, node.state) {
            holders.entry(key).or_default().push(x as u32);
        }
        let next = names.len() as u32;
        name_of.push(block::full_name(entity, node.state).map(|name| *names.entry(name).or_insert(next)));
    }
    let mut generic: Vec<Generic> = holders
        .into_iter()
        .filter_map(|(key, holders)| {
            let names = holders.iter().filter_map(|&x| name_of[x as usize]).collect::<BTreeSet<u32>>().len();
            let limit = key.space.limit(entity);
            block::is_generic(limit, entity.options.block_limit, holders.len(), names, key.generic_by_form)
                .then_some(Generic { key, holders: holders.len(), names })
        })
        .collect();
    generic.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    generic
}

/// The score of two records with its evidence and guards: what a review item shows.
pub fn explain(entity: &EntityType, generic: &dyn Fn(&Key) -> bool, a: &Node, b: &Node) -> Score {
    let a = Features::of(entity, Some(a.reference), a.state);
    let b = Features::of(entity, Some(b.reference), b.state);
    guide::score(generic, &a, &b)
}
