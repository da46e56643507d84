//! One level of equal evidence, on the clusters as they stand.

use super::bits::BitMatrix;
use super::sets::Sets;
use super::{blockcut, Edges, Limit, Reason, Solver};
use std::collections::{BTreeMap, BTreeSet, HashMap};

const NONE: u32 = u32::MAX;

impl Solver<'_> {
    /// Takes every level of `edges` from the top, until nothing more joins: what weaker evidence has brought together
    /// may leave only one of the clusters that stronger evidence fitted equally well.
    pub(super) fn join_levels(&mut self, edges: &dyn Edges) {
        loop {
            self.capped.clear();
            let mut levels = BTreeSet::new();
            let mut last = None;
            edges.each(&mut |edge| {
                let level = Some(edge.level());
                if level != last && self.of[edge.a as usize] != self.of[edge.b as usize] {
                    levels.insert(edge.level());
                    last = level;
                }
            });
            let mut changed = false;
            for &level in levels.iter().rev() {
                changed |= self.join_level(edges, level);
            }
            // One level alone has nothing to learn from another.
            if !changed || levels.len() == 1 {
                break;
            }
        }
    }

    /// Takes one level; whether anything joined.
    fn join_level(&mut self, edges: &dyn Edges, level: i64) -> bool {
        // Number the clusters that have an edge of this level.
        let mut local = vec![NONE; self.of.len()];
        let between = |edge: super::Edge, of: &[u32]| {
            let (x, y) = (of[edge.a as usize] as usize, of[edge.b as usize] as usize);
            (x != y && edge.level() == level).then_some((x, y))
        };
        edges.each(&mut |edge| {
            if let Some((x, y)) = between(edge, &self.of) {
                local[x] = 0;
                local[y] = 0;
            }
        });
        let mut active = Vec::new();
        for (x, number) in local.iter_mut().enumerate().filter(|(_, number)| **number != NONE) {
            *number = active.len() as u32;
            active.push(x as u32);
        }
        let mut linked = BitMatrix::new(active.len());
        edges.each(&mut |edge| {
            if let Some((x, y)) = between(edge, &self.of) {
                linked.connect(local[x] as usize, local[y] as usize);
            }
        });
        let mut members: Vec<Vec<u32>> = vec![Vec::new(); active.len()];
        for (x, &cluster) in (0..).zip(&self.of) {
            if let Some(members) = members.get_mut(local[cluster as usize] as usize) {
                members.push(x);
            }
        }
        let size: Vec<usize> = members.iter().map(Vec::len).collect();
        let numbers: Vec<Vec<u32>> = members.into_iter().map(|members| self.guards.numbers(members)).collect();
        // Drop the edges between conflicting clusters, then look at what is still connected.
        let mut conflicts = BitMatrix::new(active.len());
        for part in linked.parts(active.len()) {
            for (i, &x) in part.iter().enumerate() {
                self.problem.threads.look();
                for &y in &part[i + 1..] {
                    if self.guards.reasons(&numbers[x], &numbers[y], self.stage).next().is_some() {
                        conflicts.connect(x, y);
                        linked.disconnect(x, y);
                    }
                }
            }
        }
        let mut joined = Sets::new(active.len());
        for part in linked.parts(active.len()) {
            for group in groups(&part, &linked, &conflicts) {
                let total: usize = group.iter().map(|&x| size[x]).sum();
                if total <= self.problem.cap {
                    group.iter().for_each(|&x| joined.join(group[0] as u32, x as u32));
                } else {
                    let nodes: Vec<u32> = group.iter().map(|&x| active[x]).collect();
                    self.limits.insert(Limit { what: Reason::Cap, figure: total, node: nodes[0] });
                    self.capped.push(nodes);
                }
            }
        }
        let mut changed = false;
        let labels = joined.labels();
        for cluster in &mut self.of {
            if let Some(&label) = labels.get(local[*cluster as usize] as usize) {
                changed |= *cluster != active[label as usize];
                *cluster = active[label as usize];
            }
        }
        changed
    }
}

/// The groups of two and more of some clusters that may join without choosing between clusters that conflict, each
/// ascending. `part` are clusters that `links` connect, ascending; no link is between two that conflict.
pub(crate) fn without_choice(part: &[u32], links: &[(u32, u32)], conflict: impl Fn(u32, u32) -> bool) -> Vec<Vec<u32>> {
    let place = |cluster: &u32| part.binary_search(cluster).unwrap_or_default();
    let (mut linked, mut conflicts) = (BitMatrix::new(part.len()), BitMatrix::new(part.len()));
    links.iter().for_each(|(a, b)| linked.connect(place(a), place(b)));
    for (i, &a) in part.iter().enumerate() {
        for (j, &b) in part.iter().enumerate().skip(i + 1) {
            if conflict(a, b) {
                conflicts.connect(i, j);
            }
        }
    }
    let places: Vec<usize> = (0..part.len()).collect();
    let found = groups(&places, &linked, &conflicts).into_iter();
    found.map(|group| group.into_iter().map(|at| part[at]).collect()).collect()
}

/// The groups of two and more clusters of a connected part that may join without choosing between clusters that
/// conflict; `part` and every group ascend. No edge of `linked` connects clusters that conflict.
fn groups(part: &[usize], linked: &BitMatrix, conflicts: &BitMatrix) -> Vec<Vec<usize>> {
    if part.len() < 2 {
        return Vec::new();
    }
    // The conflicts of each inside the part. Linked clusters with equal ones are on the same side of every choice.
    let mut mask = vec![0u64; conflicts.row(0).len()];
    part.iter().for_each(|&x| mask[x / 64] |= 1 << (x % 64));
    let mut sides: HashMap<Vec<u64>, u32> = HashMap::new();
    let mut side = Vec::with_capacity(part.len());
    for &x in part {
        let row: Vec<u64> = conflicts.row(x).iter().zip(&mask).map(|(row, mask)| row & mask).collect();
        if row.iter().all(|&word| word == 0) {
            side.push(NONE);
        } else {
            let next = sides.len() as u32;
            side.push(*sides.entry(row).or_insert(next));
        }
    }
    if sides.is_empty() {
        return vec![part.to_vec()];
    }
    let position: HashMap<usize, usize> = part.iter().enumerate().map(|(i, &x)| (x, i)).collect();
    let mut joined = Sets::new(part.len());
    let pairs = |matrix: &BitMatrix, visit: &mut dyn FnMut(usize, usize)| {
        for (i, &x) in part.iter().enumerate() {
            for j in matrix.ones(x).filter_map(|y| position.get(&y)).filter(|&&j| j > i) {
                visit(i, *j);
            }
        }
    };
    pairs(linked, &mut |i, j| {
        if side[i] != NONE && side[i] == side[j] {
            joined.join(i as u32, j as u32);
        }
    });
    // Contract them, and refuse every block between two that conflict.
    let label = joined.clone().labels();
    let mut number = vec![0usize; part.len()];
    let mut heads = Vec::new();
    for i in 0..part.len() {
        if label[i] as usize == i {
            number[i] = heads.len();
            heads.push(i as u32);
        }
        number[i] = number[label[i] as usize];
    }
    let (mut graph, mut apart) = (BitMatrix::new(heads.len()), BitMatrix::new(heads.len()));
    pairs(linked, &mut |i, j| {
        if number[i] != number[j] {
            graph.connect(number[i], number[j]);
        }
    });
    pairs(conflicts, &mut |i, j| apart.connect(number[i], number[j]));
    let blocks = blockcut::blocks(&graph, heads.len());
    let between = blockcut::between_conflicts(heads.len(), &blocks, &apart);
    for (block, _) in blocks.iter().zip(between).filter(|(_, between)| !between) {
        block.iter().for_each(|&v| joined.join(heads[block[0]], heads[v]));
    }
    let mut groups: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (i, label) in joined.labels().into_iter().enumerate() {
        groups.entry(label).or_default().push(part[i]);
    }
    groups.into_values().filter(|group| group.len() > 1).collect()
}
