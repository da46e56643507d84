//! What is told of records that a limit keeps from joining, where they are many.

use super::sets::Sets;
use super::{Edge, Edges};
use std::collections::{BTreeMap, HashMap};

/// Of so many clusters that a limit keeps from being one every pair is told; of more those alone that connect them: the pairs of
/// a few thousand records with one mailbox are millions, and no steward can decide them.
pub(super) const LISTED: usize = 64;

/// The strongest of the edges between clusters that connect what all of them do, one fewer than clusters that hang together
/// (Borůvka 1926, in a pass a round: the edges are not stored). `ends` gives the clusters of an edge that counts, of `nodes` in
/// all, and `rank` a total order, the strongest first.
pub(super) fn strongest<R: Ord>(
    edges: &dyn Edges,
    nodes: usize,
    ends: impl Fn(&Edge) -> Option<(u32, u32)>,
    rank: impl Fn(&Edge) -> R,
) -> BTreeMap<(u32, u32), Edge> {
    let (mut joined, mut kept) = (Sets::new(nodes), BTreeMap::new());
    loop {
        let mut best: HashMap<u32, ((u32, u32), Edge)> = HashMap::new();
        edges.each(&mut |edge| {
            let edge = edge.ascending();
            let Some((x, y)) = ends(&edge) else { return };
            let (left, right) = (joined.find(x), joined.find(y));
            for set in [left, right].into_iter().filter(|_| left != right) {
                let known = best.entry(set).or_insert(((x, y), edge));
                if rank(&edge) < rank(&known.1) {
                    *known = ((x, y), edge);
                }
            }
        });
        if best.is_empty() {
            return kept;
        }
        for ((x, y), edge) in best.into_values() {
            joined.join(x, y);
            kept.insert((x, y), edge);
        }
    }
}
