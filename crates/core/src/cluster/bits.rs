//! A square matrix of bits: adjacency without a list of edges, n²/8 bytes however dense the graph is.

/// `n` rows of `n` bits.
#[derive(Clone)]
pub(super) struct BitMatrix {
    words: usize,
    bits: Vec<u64>,
}

impl BitMatrix {
    pub fn new(n: usize) -> BitMatrix {
        let words = n.div_ceil(64);
        BitMatrix { words, bits: vec![0; words * n] }
    }

    pub fn row(&self, x: usize) -> &[u64] {
        &self.bits[x * self.words..(x + 1) * self.words]
    }

    fn word(&mut self, x: usize, y: usize) -> &mut u64 {
        &mut self.bits[x * self.words + y / 64]
    }

    /// Sets the bits (x, y) and (y, x).
    pub fn connect(&mut self, x: usize, y: usize) {
        *self.word(x, y) |= 1 << (y % 64);
        *self.word(y, x) |= 1 << (x % 64);
    }

    /// Clears the bits (x, y) and (y, x).
    pub fn disconnect(&mut self, x: usize, y: usize) {
        *self.word(x, y) &= !(1 << (y % 64));
        *self.word(y, x) &= !(1 << (x % 64));
    }

    /// The first column at or after `from` that is set in row `x`.
    pub fn next(&self, x: usize, from: usize) -> Option<usize> {
        let row = self.row(x);
        let mut at = from / 64;
        let mut word = *row.get(at)? & (!0 << (from % 64));
        while word == 0 {
            at += 1;
            word = *row.get(at)?;
        }
        Some(at * 64 + word.trailing_zeros() as usize)
    }

    /// The columns set in row `x`, ascending.
    pub fn ones(&self, x: usize) -> impl Iterator<Item = usize> + '_ {
        let mut from = 0;
        std::iter::from_fn(move || {
            let found = self.next(x, from)?;
            from = found + 1;
            Some(found)
        })
    }

    /// The connected parts of the graph, each ascending, in order of their smallest vertex.
    pub fn parts(&self, n: usize) -> Vec<Vec<usize>> {
        let mut unseen: Vec<u64> = vec![0; self.words];
        (0..n).for_each(|v| unseen[v / 64] |= 1 << (v % 64));
        let mut parts = Vec::new();
        for start in 0..n {
            if unseen[start / 64] >> (start % 64) & 1 == 0 {
                continue;
            }
            unseen[start / 64] &= !(1 << (start % 64));
            let mut part = vec![start];
            let mut done = 0;
            while let Some(&v) = part.get(done) {
                done += 1;
                for (at, (word, unseen)) in self.row(v).iter().zip(unseen.iter_mut()).enumerate() {
                    let mut found = word & *unseen;
                    *unseen &= !found;
                    while found != 0 {
                        part.push(at * 64 + found.trailing_zeros() as usize);
                        found &= found - 1;
                    }
                }
            }
            part.sort_unstable();
            parts.push(part);
        }
        parts
    }
}
