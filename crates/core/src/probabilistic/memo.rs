//! What comparing two words gave, remembered.

/// Remembers what comparing two words gave: the same names meet over and over. It starts small, for those who compare a
/// few records, and a full table forgets; it never errs.
pub struct Memo {
    /// What is left of a question beside its place, and the answer.
    slots: Vec<u64>,
    asked: usize,
}

impl Default for Memo {
    fn default() -> Memo {
        Memo { slots: vec![Memo::FREE; 1 << 6], asked: 0 }
    }
}

impl Memo {
    const FREE: u64 = u64::MAX;
    const LARGEST: usize = 1 << 18;

    /// The answer (less than eight) to question `tag` (less than 256) on words `a` and `b` in either order, found by
    /// `ask` when it is not known.
    pub(crate) fn get(&mut self, tag: u64, a: u32, b: u32, ask: impl FnOnce() -> u8) -> u8 {
        let question = tag << 56 | u64::from(a.min(b)) << 28 | u64::from(a.max(b));
        // No two questions have one product, so that its first bits, the place, and the others tell them apart.
        let product = question.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let bits = self.slots.len().trailing_zeros();
        let (place, rest) = ((product >> (64 - bits)) as usize, product << bits >> bits);
        let slot = &mut self.slots[place];
        if *slot >> 3 == rest {
            return (*slot & 7) as u8;
        }
        let answer = ask();
        *slot = rest << 3 | u64::from(answer & 7);
        self.asked += 1;
        if self.asked > self.slots.len() && self.slots.len() < Memo::LARGEST {
            self.slots = vec![Memo::FREE; self.slots.len() * 4];
            self.asked = 0;
        }
        answer
    }
}
