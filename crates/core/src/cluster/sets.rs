//! Disjoint sets (union–find with path halving; the smaller root wins, so that results do not depend on history).

/// A partition of 0…n that only ever gets coarser.
#[derive(Clone)]
pub struct Sets {
    parent: Vec<u32>,
}

impl Sets {
    /// Every element alone.
    pub fn new(n: usize) -> Sets {
        Sets { parent: (0..n as u32).collect() }
    }

    /// The smallest element of the set of `x`.
    pub fn find(&mut self, x: u32) -> u32 {
        let mut x = x;
        while self.parent[x as usize] != x {
            let up = self.parent[self.parent[x as usize] as usize];
            self.parent[x as usize] = up;
            x = up;
        }
        x
    }

    /// Joins the sets of `x` and `y`.
    pub fn join(&mut self, x: u32, y: u32) {
        let (x, y) = (self.find(x), self.find(y));
        self.parent[x.max(y) as usize] = x.min(y);
    }

    /// For every element, the smallest element of its set.
    pub fn labels(mut self) -> Vec<u32> {
        (0..self.parent.len() as u32).map(|x| self.find(x)).collect()
    }
}
