//! Look-ups in sorted lists, in about the order of the list.

use std::cell::Cell;
use std::cmp::Ordering;

/// Finds items of a sorted list where one that is looked for mostly follows the one before: the next is looked at first.
#[derive(Default)]
pub struct Finger(Cell<usize>);

impl Finger {
    /// Where the item is that is equal by `order`, which tells how an item compares with what is looked for.
    pub fn find<T>(&self, sorted: &[T], order: impl Fn(&T) -> Ordering) -> Option<usize> {
        let next = self.0.get();
        let at = match sorted.get(next) {
            Some(item) if order(item).is_eq() => next,
            _ => sorted.binary_search_by(order).ok()?,
        };
        self.0.set(at + 1);
        Some(at)
    }
}
