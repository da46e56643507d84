//! Stewards' decisions: they speak for every record pair across their two sides, and on each pair the newest speaks.

use super::sets::Sets;
use crate::record::RecordRef;
use crate::words;
use std::collections::{BTreeMap, VecDeque};

words! {
    /// What a steward says of two golden records.
    pub enum Ruling {
        /// One customer.
        Same => "same",
        /// Two.
        Different => "different",
    }
}

/// A steward's decision about two golden records, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Decisions are numbered as they are made: of two that speak for a pair, the larger number counts.
    pub order: i64,
    /// What it says of them.
    pub ruling: Ruling,
    /// The living records of one golden record at the time of the decision.
    pub side_a: Vec<RecordRef>,
    /// Those of the other.
    pub side_b: Vec<RecordRef>,
    /// The pair the steward looked at, one of each side. Need not be living.
    pub evidence: (RecordRef, RecordRef),
}

#[derive(Clone, Copy)]
struct Bound {
    order: i64,
    ruling: Ruling,
    link: Option<(u32, u32)>,
}

/// Decisions on numbered nodes, ready to be asked about pairs.
#[derive(Clone, Default)]
pub struct Decisions {
    /// Ascending by order.
    list: Vec<Bound>,
    /// By node: the decisions it is part of (index into `list`, on side b), ascending.
    of: Vec<Vec<(u32, bool)>>,
}

impl Decisions {
    /// Binds `decisions` to nodes 0…`n`, which are numbered in the order of their references; `node` gives the number
    /// of a record, or `None` for one that is not among them. The sides must list living records only: where the
    /// record of the evidence is not listed, the smallest of its side takes its place.
    pub fn bind(n: usize, decisions: &[Decision], node: &dyn Fn(&RecordRef) -> Option<u32>) -> Decisions {
        let mut sorted: Vec<&Decision> = decisions.iter().collect();
        sorted.sort_by_key(|decision| decision.order);
        let mut bound = Decisions { list: Vec::with_capacity(sorted.len()), of: vec![Vec::new(); n] };
        for (index, decision) in sorted.into_iter().enumerate() {
            for (side, members) in [(false, &decision.side_a), (true, &decision.side_b)] {
                for x in members.iter().filter_map(node) {
                    bound.of[x as usize].push((index as u32, side));
                }
            }
            let end = |record: &RecordRef, side: &[RecordRef]| {
                if side.contains(record) {
                    node(record)
                } else {
                    side.iter().min().and_then(node)
                }
            };
            let link = end(&decision.evidence.0, &decision.side_a).zip(end(&decision.evidence.1, &decision.side_b));
            let (order, ruling) = (decision.order, decision.ruling);
            bound.list.push(Bound { order, ruling, link: link.filter(|_| ruling == Ruling::Same) });
        }
        bound
    }

    /// The decisions that matter to some of the nodes, which ascend and are renumbered by position.
    pub fn of_nodes(&self, nodes: &[u32]) -> Decisions {
        let mut kept: Vec<u32> = nodes.iter().flat_map(|&x| self.memberships(x)).map(|&(index, _)| index).collect();
        if kept.is_empty() {
            return Decisions::default();
        }
        kept.sort_unstable();
        kept.dedup();
        let position = |x: u32| nodes.binary_search(&x).ok().map(|at| at as u32);
        let list = kept.iter().map(|&index| {
            let bound = self.list[index as usize];
            Bound { link: bound.link.and_then(|(a, b)| position(a).zip(position(b))), ..bound }
        });
        let of = nodes.iter().map(|&x| {
            let renumber = |&(index, side): &(u32, bool)| (kept.partition_point(|&k| k < index) as u32, side);
            self.memberships(x).iter().map(renumber).collect()
        });
        Decisions { list: list.collect(), of: of.collect() }
    }

    /// The same without the decisions `same`.
    pub fn without_same(&self) -> Decisions {
        let mut kept = self.clone();
        kept.list.iter_mut().filter(|bound| bound.ruling == Ruling::Same).for_each(|bound| bound.link = None);
        let silent: Vec<bool> = kept.list.iter().map(|bound| bound.ruling == Ruling::Same).collect();
        kept.of.iter_mut().for_each(|list| list.retain(|(index, _)| !silent[*index as usize]));
        kept
    }

    /// Whether one of them is a `same`.
    pub fn any_same(&self) -> bool {
        self.list.iter().any(|bound| bound.ruling == Ruling::Same)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The decisions of which a node is part: nodes with equal memberships are treated alike by all of them.
    pub(super) fn memberships(&self, x: u32) -> &[(u32, bool)] {
        self.of.get(x as usize).map_or(&[], Vec::as_slice)
    }

    /// What the newest decision about the pair says.
    pub fn speaks(&self, a: u32, b: u32) -> Option<Ruling> {
        self.speaks_at(a, b, self.list.len())
    }

    /// The order of the newest decision about the pair, and what it says.
    pub fn speaker(&self, a: u32, b: u32) -> Option<(i64, Ruling)> {
        self.newest_at(a, b, self.list.len()).map(|bound| (bound.order, bound.ruling))
    }

    /// What the newest decision about the pair says, when of the `same` decisions only the first `stage` decisions count.
    pub(super) fn speaks_at(&self, a: u32, b: u32, stage: usize) -> Option<Ruling> {
        self.newest_at(a, b, stage).map(|bound| bound.ruling)
    }

    fn newest_at(&self, a: u32, b: u32, stage: usize) -> Option<&Bound> {
        let (mut left, mut right) = (self.memberships(a), self.memberships(b));
        while let (Some(&(x, side_x)), Some(&(y, side_y))) = (left.last(), right.last()) {
            if x == y {
                let bound = &self.list[x as usize];
                if side_x != side_y && (bound.ruling == Ruling::Different || (x as usize) < stage) {
                    return Some(bound);
                }
            }
            if x >= y {
                left = &left[..left.len() - 1];
            } else {
                right = &right[..right.len() - 1];
            }
        }
        None
    }

    /// The must-links in force, oldest first: (index of the decision, its two ends). A link is out of force when a
    /// newer `different` speaks for its pair.
    pub(super) fn links(&self) -> Vec<(usize, u32, u32)> {
        let ends = self.list.iter().enumerate().filter_map(|(index, bound)| bound.link.map(|(a, b)| (index, a, b)));
        ends.filter(|&(index, a, b)| self.speaks_at(a, b, index + 1) == Some(Ruling::Same)).collect()
    }

    /// The pairs of nodes that must-links in force connect directly.
    pub fn must_links(&self) -> impl Iterator<Item = (u32, u32)> {
        self.links().into_iter().map(|(_, a, b)| (a, b))
    }

    /// Whether the decisions can hold together: no cannot-link inside a group that must-links connect.
    ///
    /// # Errors
    /// A shortest chain of must-linked nodes whose two ends must not be together.
    pub fn check(&self) -> Result<(), Vec<u32>> {
        let mut sets = Sets::new(self.of.len());
        let mut next: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (a, b) in self.must_links() {
            sets.join(a, b);
            next.entry(a).or_default().push(b);
            next.entry(b).or_default().push(a);
        }
        let mut groups: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for &x in next.keys() {
            groups.entry(sets.find(x)).or_default().push(x);
        }
        for group in groups.values() {
            for (i, &x) in group.iter().enumerate() {
                if let Some(&y) = group[i + 1..].iter().find(|&&y| self.speaks(x, y) == Some(Ruling::Different)) {
                    return Err(chain(&next, x, y));
                }
            }
        }
        Ok(())
    }
}

/// The golden records on either side of each of several `same`, said in turn: what those before it joined is one, so that
/// each speaks for all that it brings together. Those that were joined before, or would have over `cap` records, stay as
/// they are.
pub fn in_turn<K: Copy + Ord>(pairs: &[(K, K)], size: &dyn Fn(&K) -> usize, cap: usize) -> Vec<[Vec<K>; 2]> {
    let ends = || pairs.iter().flat_map(|&(a, b)| [a, b]);
    // By golden record, the one that stands for all it is joined with; and by this one, all of them.
    let mut head: BTreeMap<K, K> = ends().map(|one| (one, one)).collect();
    let mut joined: BTreeMap<K, Vec<K>> = ends().map(|one| (one, vec![one])).collect();
    let sides = pairs.iter().map(|(a, b)| {
        let (x, y) = (head[a], head[b]);
        let sides = [joined[&x].clone(), joined[&y].clone()];
        if x == y || sides.iter().flatten().map(size).sum::<usize>() > cap {
            return [vec![*a], vec![*b]];
        }
        head.extend(sides[1].iter().map(|&one| (one, x)));
        joined.insert(x, sides.concat());
        sides
    });
    sides.collect()
}

/// A shortest path from `x` to `y`.
fn chain(next: &BTreeMap<u32, Vec<u32>>, x: u32, y: u32) -> Vec<u32> {
    let mut before = BTreeMap::from([(y, y)]);
    let mut queue = VecDeque::from([y]);
    while let Some(v) = queue.pop_front() {
        for &w in next.get(&v).into_iter().flatten() {
            if let std::collections::btree_map::Entry::Vacant(free) = before.entry(w) {
                free.insert(v);
                queue.push_back(w);
            }
        }
    }
    let mut path = vec![x];
    let mut at = x;
    while at != y {
        match before.get(&at) {
            Some(&step) => at = step,
            None => break,
        }
        path.push(at);
    }
    path
}
