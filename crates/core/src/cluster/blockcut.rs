//! Which edges of a connected graph lie on a simple path between two conflicting vertices: the ambiguity rule.
//!
//! An edge lies on a simple path from s to t exactly when its biconnected component (block) lies on the path from s
//! to t in the block-cut tree. Blocks: Hopcroft and Tarjan, "Algorithm 447: efficient algorithms for graph
//! manipulation", CACM 16 (1973). Everything is iterative: a chain may be as long as a component.

use super::bits::BitMatrix;

/// The blocks of a connected graph on 0…n, each as its vertices. A single vertex has none.
pub(super) fn blocks(graph: &BitMatrix, n: usize) -> Vec<Vec<usize>> {
    const UNSEEN: usize = usize::MAX;
    let mut order = vec![UNSEEN; n];
    let mut low = vec![0; n];
    let mut open: Vec<usize> = Vec::new();
    let mut found = Vec::new();
    // (vertex, its parent, the next neighbour to look at)
    let mut stack: Vec<(usize, usize, usize)> = Vec::new();
    let mut clock = 0;
    if n > 0 {
        stack.push((0, UNSEEN, 0));
    }
    while let Some(frame) = stack.last_mut() {
        let (v, parent, from) = *frame;
        if from == 0 && order[v] == UNSEEN {
            order[v] = clock;
            low[v] = clock;
            clock += 1;
            open.push(v);
        }
        if let Some(next) = graph.next(v, from) {
            frame.2 = next + 1;
            if order[next] == UNSEEN {
                stack.push((next, v, 0));
            } else if next != parent {
                low[v] = low[v].min(order[next]);
            }
            continue;
        }
        stack.pop();
        if parent == UNSEEN {
            continue;
        }
        low[parent] = low[parent].min(low[v]);
        if low[v] >= order[parent] {
            // Nothing below v reaches above its parent: what is open from v on, with the parent, is a block.
            let mut block = vec![parent];
            while let Some(w) = open.pop() {
                block.push(w);
                if w == v {
                    break;
                }
            }
            found.push(block);
        }
    }
    found
}

/// For each block of a connected graph on 0…n, whether it lies on the block-cut tree's path between two vertices
/// that `conflicts` connects.
pub(super) fn between_conflicts(n: usize, blocks: &[Vec<usize>], conflicts: &BitMatrix) -> Vec<bool> {
    let size = n + blocks.len();
    let mut blocks_of: Vec<Vec<usize>> = vec![Vec::new(); n];
    for (b, block) in blocks.iter().enumerate() {
        block.iter().for_each(|&v| blocks_of[v].push(n + b));
    }
    // The tree on vertices (0…n) and blocks (n…), rooted at vertex 0: parents, and nodes from the root down.
    let mut parent = vec![usize::MAX; size];
    let mut down = Vec::with_capacity(size);
    if n > 0 {
        down.push(0);
    }
    let mut done = 0;
    while let Some(&node) = down.get(done) {
        done += 1;
        let next = if node < n { &blocks_of[node] } else { &blocks[node - n] };
        let up = parent[node];
        for &child in next.iter().filter(|&&child| child != up) {
            parent[child] = node;
            down.push(child);
        }
    }
    let mut marked = vec![false; blocks.len()];
    let mut below = vec![0u32; size];
    for s in 0..n {
        // The paths from s to everything it conflicts with are the smallest subtree that spans them all: an edge of
        // the tree belongs to it when some but not all of them lie below.
        below.fill(0);
        let mut all = 0;
        for t in conflicts.ones(s).filter(|&t| t > s) {
            below[t] += 1;
            all += 1;
        }
        if all == 0 {
            continue;
        }
        below[s] += 1;
        all += 1;
        for &node in down.iter().skip(1).rev() {
            let inside = below[node];
            below[parent[node]] += inside;
            if inside > 0 && inside < all {
                marked[node.max(parent[node]) - n] = true;
            }
        }
    }
    marked
}
