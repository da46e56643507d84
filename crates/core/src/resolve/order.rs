//! How nodes are numbered: in the order of their references, whatever order they are given in.

use super::Solution;
use crate::cluster::decision::{Decision, Decisions};
use crate::record::{in_order, Node, RecordRef};
use crate::threads::Threads;

/// Nodes in the order of their references, which decides how they are numbered.
pub(super) struct Order<'n> {
    pub(super) sorted: Vec<Node<'n>>,
    /// By node in that order: its position as it was given.
    pub(super) position: Vec<u32>,
}

impl<'n> Order<'n> {
    pub(super) fn of(nodes: &[Node<'n>], threads: Threads) -> Order<'n> {
        let position = in_order(&nodes.iter().map(|node| node.reference).collect::<Vec<_>>(), threads);
        Order { sorted: position.iter().map(|&at| nodes[at as usize]).collect(), position }
    }

    /// Of nodes that are in that order already.
    pub(super) fn sorted(nodes: &[Node<'n>]) -> Order<'n> {
        Order { sorted: nodes.to_vec(), position: (0..nodes.len() as u32).collect() }
    }

    pub(super) fn number(&self, record: &RecordRef) -> Option<u32> {
        self.sorted.binary_search_by(|node| node.reference.cmp(record)).ok().map(|at| at as u32)
    }

    pub(super) fn bind(&self, decisions: &[Decision]) -> Decisions {
        Decisions::bind(self.sorted.len(), decisions, &|record| self.number(record))
    }

    /// A solution in the numbers of the nodes as they were given.
    pub(super) fn given(&self, mut solution: Solution) -> Solution {
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

/// The groups of more than one node that labels tell, which are numbers of nodes; each ascending, in the order of their
/// labels.
pub(super) fn groups(labels: &[u32]) -> Vec<Vec<u32>> {
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
