//! All live records of a type at once, taken apart for comparison: what learning and resolving both look at.

use super::{generic, Generic, Matcher};
use crate::columns::Columns;
use crate::probabilistic::{self as engine, Blocks, Dataset, Edge, Scorer};
use crate::record::Node;

/// What all live records of a type say, taken apart, for learning from them and resolving them.
pub struct Groundwork {
    /// Ascending.
    pub(super) generic: Vec<Generic>,
    pub(super) whole: Whole,
}

impl Groundwork {
    /// `sorted` ascend by reference. With `compared` their features and blocks are made, which nobody needs under
    /// `guide` but to learn from them.
    pub(super) fn of(matcher: &Matcher, sorted: &[Node], compared: bool) -> Groundwork {
        let mut columns = Columns::of(matcher.entity, sorted, matcher.all_threads());
        let generic = generic::generic_values(matcher.entity, sorted, &mut columns);
        let whole = if compared { Whole::of(matcher, columns) } else { Whole::default() };
        Groundwork { generic, whole }
    }

    /// How many records there are.
    pub(super) fn len(&self) -> usize {
        self.whole.order.len()
    }
}

/// All records of a type as they are compared, numbered anew for the caches' sake.
#[derive(Default)]
pub(super) struct Whole {
    pub(super) data: Dataset,
    pub(super) blocks: Blocks,
    /// By record: its number as it was given.
    pub(super) order: Vec<u32>,
}

impl Whole {
    fn of(matcher: &Matcher, mut columns: Columns) -> Whole {
        let order = columns.by_sound(matcher.entity);
        columns.arrange(&order);
        let data = Dataset::of(matcher.entity, &columns);
        drop(columns);
        let blocks = Blocks::new(&data, matcher.all_threads());
        Whole { data, blocks, order }
    }
}

/// The candidate pairs of `blocks` from the weight `lowest` on, where record `x` has the number `order[x]`.
pub(super) fn pairs(scorer: &Scorer, blocks: &Blocks, order: &[u32], lowest: i32) -> Vec<Edge> {
    let mut pairs = engine::edges(scorer, blocks, lowest);
    for edge in &mut pairs {
        let (a, b) = (order[edge.a as usize], order[edge.b as usize]);
        (edge.a, edge.b) = (a.min(b), a.max(b));
    }
    pairs
}
