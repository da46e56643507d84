//! All live records of a type at once, taken apart for comparison: what learning and resolving both look at.

use super::order::Order;
use super::{generic, guide, linkage, Generic, Matcher, Resolution};
use crate::block::Key;
use crate::cluster::decision::Decision;
use crate::columns::Columns;
use crate::probabilistic::{self as engine, Blocks, Dataset, Edge, Members, Model, Scorer};
use crate::record::{Node, RecordRef};
use std::collections::HashSet;

/// What all live records of a type say, taken apart, for learning from them and resolving them.
pub struct Groundwork {
    /// Ascending.
    generic: Vec<Generic>,
    whole: Whole,
}

impl Groundwork {
    /// `sorted` ascend by reference. With `compared` their features and blocks are made, which nobody needs under
    /// `guide` but to learn from them.
    fn of(matcher: &Matcher, sorted: &[Node], compared: bool) -> Groundwork {
        let mut columns = Columns::of(matcher.entity, sorted, matcher.all_threads());
        let generic = generic::generic_values(matcher.entity, sorted, &mut columns, compared);
        let whole = if compared { Whole::of(matcher, columns) } else { Whole::default() };
        Groundwork { generic, whole }
    }

    /// How many records there are.
    fn len(&self) -> usize {
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

impl Matcher<'_> {
    /// All live records of a type taken apart, for [`Matcher::learn`] and [`Matcher::resolve`].
    pub fn prepare(&self, nodes: &[Node]) -> Groundwork {
        Groundwork::of(self, &Order::of(nodes, self.threads).sorted, true)
    }

    /// Learns weights from all live records of a type, without labels.
    pub fn train(&self, nodes: &[Node]) -> Model {
        self.learn(&self.prepare(nodes))
    }

    /// Learns weights from records that are taken apart already.
    pub fn learn(&self, groundwork: &Groundwork) -> Model {
        linkage::train(self, &groundwork.whole)
    }

    /// What [`Matcher::resolve_all`] compares under `probabilistic`, taken apart. For measuring.
    pub fn dataset(&self, nodes: &[Node]) -> Dataset {
        self.prepare(nodes).whole.data
    }

    /// What [`Matcher::resolve_all`] compares under `probabilistic`: every pair of candidates (by position) and what it
    /// weighs, in thousandths of a bit. For measuring; under `guide`, which lists no pairs, there are none.
    pub fn candidates(&self, nodes: &[Node]) -> Vec<Edge> {
        if !self.is_probabilistic() {
            return Vec::new();
        }
        let Whole { data, blocks, order } = Groundwork::of(self, nodes, true).whole;
        let scorer = Scorer::on(self.model, &data, self.all_threads());
        let mut pairs = pairs(&scorer, &blocks, &order, i32::MIN);
        pairs.sort_unstable();
        pairs
    }

    /// Partitions all live records of a type from nothing but their states and the decisions.
    pub fn resolve_all(&self, nodes: &[Node], decisions: &[Decision]) -> Resolution {
        let order = Order::of(nodes, self.threads);
        let groundwork = Groundwork::of(self, &order.sorted, self.is_probabilistic());
        self.resolve_in(&order, groundwork, decisions)
    }

    /// Partitions all live records of a type that are taken apart already, under the policy and the definition in force now.
    pub fn resolve(&self, nodes: &[Node], groundwork: Groundwork, decisions: &[Decision]) -> Resolution {
        if groundwork.len() == nodes.len() {
            self.resolve_in(&Order::of(nodes, self.threads), groundwork, decisions)
        } else {
            self.resolve_all(nodes, decisions)
        }
    }

    fn resolve_in(&self, order: &Order, groundwork: Groundwork, decisions: &[Decision]) -> Resolution {
        let Groundwork { generic, whole } = groundwork;
        let living = |members: &[RecordRef]| -> Vec<RecordRef> {
            members.iter().filter(|member| order.number(member).is_some()).cloned().collect()
        };
        let decisions: Vec<Decision> = decisions
            .iter()
            .map(|decision| Decision {
                side_a: living(&decision.side_a),
                side_b: living(&decision.side_b),
                ..decision.clone()
            })
            .collect();
        let decisions = order.bind(&decisions);
        let known: HashSet<&Key> = generic.iter().map(|value| &value.key).collect();
        let is_generic = |key: &Key| known.contains(key);
        let (solution, mut blocks) = if self.is_probabilistic() {
            linkage::solve_all(self, &order.sorted, whole, &is_generic, &decisions)
        } else {
            (guide::solve(self.entity, &order.sorted, &is_generic, &decisions, self.threads), Members::default())
        };
        blocks.renumber(&order.position);
        Resolution { solution: order.given(solution), blocks, generic }
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
