//! Sets of small numbers that are compared as wholes, whether they have a few numbers or most of them.

/// A set of numbers. Of each 64 in a row of which some are in it: which ones, as bits.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks(Vec<(u32, u64)>);

impl Marks {
    fn find(&self, number: u32) -> Result<usize, usize> {
        self.0.binary_search_by_key(&(number / 64), |(place, _)| *place)
    }

    pub(super) fn contains(&self, number: u32) -> bool {
        self.find(number).is_ok_and(|at| self.0[at].1 >> (number % 64) & 1 == 1)
    }

    pub(super) fn insert(&mut self, number: u32) {
        match self.find(number) {
            Ok(at) => self.0[at].1 |= 1 << (number % 64),
            Err(at) => self.0.insert(at, (number / 64, 1 << (number % 64))),
        }
    }

    pub(super) fn remove(&mut self, number: u32) {
        if let Ok(at) = self.find(number) {
            self.0[at].1 &= !(1 << (number % 64));
        }
    }

    /// Those of either set.
    pub(super) fn or(&self, other: &Marks) -> Marks {
        self.combine(other, |mine, theirs| mine | theirs)
    }

    /// Those of both sets.
    pub(super) fn and(&self, other: &Marks) -> Marks {
        self.combine(other, |mine, theirs| mine & theirs)
    }

    /// Those of this set alone.
    pub(super) fn without(&self, other: &Marks) -> Marks {
        self.combine(other, |mine, theirs| mine & !theirs)
    }

    fn combine(&self, other: &Marks, of: impl Fn(u64, u64) -> u64) -> Marks {
        let (mut mine, mut theirs) = (self.0.iter().copied().peekable(), other.0.iter().copied().peekable());
        let mut out = Vec::with_capacity(self.0.len().max(other.0.len()));
        while let Some(place) = mine.peek().into_iter().chain(theirs.peek()).map(|(place, _)| *place).min() {
            let word = |found: Option<(u32, u64)>| found.map_or(0, |(_, word)| word);
            let x = word(mine.next_if(|one| one.0 == place));
            let both = of(x, word(theirs.next_if(|one| one.0 == place)));
            if both != 0 {
                out.push((place, both));
            }
        }
        Marks(out)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|(_, word)| *word == 0)
    }

    /// The numbers, ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().flat_map(|&(place, word)| {
            let next = |rest: &u64| Some(rest & (rest - 1)).filter(|rest| *rest != 0);
            let words = std::iter::successors(Some(word).filter(|word| *word != 0), next);
            words.map(move |rest| place * 64 + rest.trailing_zeros())
        })
    }
}

impl FromIterator<u32> for Marks {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Marks {
        let mut marks = Marks::default();
        numbers.into_iter().for_each(|number| marks.insert(number));
        marks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    proptest::proptest! {
        #[test]
        fn they_are_sets(a in proptest::collection::btree_set(0u32..300, 0..40), b in proptest::collection::btree_set(0u32..300, 0..40)) {
            let marks = |set: &BTreeSet<u32>| set.iter().copied().collect::<Marks>();
            let told = |marks: Marks| marks.iter().collect::<BTreeSet<u32>>();
            let (x, y) = (marks(&a), marks(&b));
            assert_eq!(told(x.or(&y)), &a | &b);
            assert_eq!(told(x.and(&y)), &a & &b);
            assert_eq!(told(x.without(&y)), &a - &b);
            let mut left = x.clone();
            b.iter().for_each(|&number| left.remove(number));
            assert_eq!(left.is_empty(), a.is_subset(&b));
            assert_eq!(told(left), &a - &b);
            assert!((0..300).all(|number| x.contains(number) == a.contains(&number)));
        }
    }
}
