//! Random numbers with a fixed seed, and what is made of them.

/// splitmix64.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
    /// A number below `n`, small ones more often: as names and cities are distributed.
    pub fn skewed(&mut self, n: usize) -> usize {
        let unit = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        ((n as f64).powf(unit) - 1.0) as usize
    }
    pub fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
    pub fn digits(&mut self, n: usize) -> String {
        (0..n).map(|_| char::from(b'0' + self.below(10) as u8)).collect()
    }
    /// One key missed, doubled, swapped or hit beside.
    pub fn typo(&mut self, text: &str) -> String {
        let mut letters: Vec<char> = text.chars().collect();
        if letters.len() < 3 {
            return text.into();
        }
        let at = 1 + self.below(letters.len() - 2);
        match self.below(4) {
            0 => drop(letters.remove(at)),
            1 => letters.insert(at, letters[at]),
            2 => letters.swap(at, at + 1),
            _ if letters[at].is_ascii_digit() => letters[at] = char::from(b'0' + self.below(10) as u8),
            _ => letters[at] = char::from(b'a' + self.below(26) as u8),
        }
        letters.into_iter().collect()
    }
    /// A word of invented syllables.
    pub fn word(&mut self, syllables: usize) -> String {
        const HEADS: [&str; 16] = ["b", "br", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "w"];
        const TAILS: [&str; 12] = ["a", "e", "i", "o", "an", "en", "in", "on", "ar", "er", "al", "el"];
        (0..syllables).map(|_| format!("{}{}", HEADS[self.below(16)], TAILS[self.below(12)])).collect()
    }
    pub fn dirty(&mut self, text: &str, percent: usize) -> String {
        if self.chance(percent) {
            self.typo(text)
        } else {
            text.into()
        }
    }
    pub fn kept(&mut self, text: String, percent: usize) -> String {
        if self.chance(percent) {
            text
        } else {
            String::new()
        }
    }
}
