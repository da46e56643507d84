//! The policy `guide`: pairs that share an email, a phone or an identifier, solved component by component.

use super::graph::{Component, Conflicts, Graph, Tier};
use super::why::{Link, Via};
use super::{ReviewPair, Solution};
use crate::block::Key;
use crate::cluster::decision::Decisions;
use crate::cluster::sets::Sets;
use crate::cluster::{self, Edges, Limit, Problem, Reason};
use crate::entity::EntityType;
use crate::record::Node;
use crate::threads::Threads;
use std::collections::{BTreeSet, HashMap};

/// Partitions `sorted`, which ascend by reference, and are numbered by their positions.
pub(super) fn solve(
    entity: &EntityType,
    sorted: &[Node],
    generic: &dyn Fn(&Key) -> bool,
    decisions: &Decisions,
    threads: Threads,
) -> Solution {
    let graph = Graph::new(entity, sorted, generic, threads);
    let mut sets = Sets::new(sorted.len());
    let mut tiers = graph.merging();
    tiers.iter().for_each(|tier| tier.join(&mut sets));
    for (a, b) in decisions.must_links() {
        sets.join(a, b);
    }
    let component = sets.labels();
    let mut cluster: Vec<u32> = (0..sorted.len() as u32).collect();
    let mut review = Vec::new();
    let mut limits = Vec::new();
    // In the order of the components, which is that of their first nodes.
    let first = |tier: &Tier| component[tier.head() as usize];
    tiers.sort_by_key(first);
    let mut tiers = tiers.chunk_by(|x, y| first(x) == first(y)).peekable();
    let mut place = vec![0; sorted.len()];
    for nodes in super::groups(&component) {
        nodes.iter().zip(0..).for_each(|(&x, at)| place[x as usize] = at);
        // What links alone hold together has none.
        let tiers = tiers.next_if(|tiers| first(&tiers[0]) == nodes[0]).unwrap_or_default();
        let conflicts = Conflicts::new(&graph, &nodes);
        let solved = cluster::cluster(&Problem {
            classes: &conflicts.classes,
            conflict: &|c, d| conflicts.between(c, d),
            edges: &Component { graph: &graph, tiers, place: &place },
            decisions: &decisions.of_nodes(&nodes),
            cap: entity.options.cap as usize,
            component_cap: entity.options.component_cap as usize,
            threads,
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
    review.extend(between_thresholds(&graph, &component, &cluster, decisions));
    Solution { component, cluster, review, limits }
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

/// The pairs of `sorted` that score high enough to merge, and whether a guard forbids them.
pub(super) fn links(entity: &EntityType, sorted: &[Node], generic: &dyn Fn(&Key) -> bool) -> Vec<Link> {
    let graph = Graph::new(entity, sorted, generic, Threads::ALONE);
    let nodes: Vec<u32> = (0..sorted.len() as u32).collect();
    let conflicts = Conflicts::new(&graph, &nodes);
    let mut links = Vec::new();
    Component { graph: &graph, tiers: &graph.merging(), place: &nodes }.each(&mut |edge| {
        let class = |x: u32| conflicts.classes[x as usize];
        links.push(Link {
            a: edge.a.min(edge.b),
            b: edge.a.max(edge.b),
            strength: edge.millipoints,
            via: if edge.cross_reference { Via::CrossReference } else { Via::Score },
            vetoed: conflicts.between(class(edge.a), class(edge.b)).is_some(),
        });
    });
    links
}
