//! What forbids that records are one person whatever they score: asked of a few numbers instead of every pair of records.

use super::decision::{Decisions, Ruling};
use super::Reason;
use std::collections::HashMap;

/// What forbids that records of two different classes are one person.
pub type Conflict<'a> = dyn Fn(u32, u32) -> Option<Reason> + 'a;

/// Conflicts and decisions on the nodes of one component.
pub struct Guards<'a> {
    classes: &'a [u32],
    conflict: &'a Conflict<'a>,
    decisions: &'a Decisions,
    /// By node: a number that tells apart what classes and decisions tell apart.
    numbers: Vec<u32>,
    /// By number: a node that has it.
    example: Vec<u32>,
}

impl<'a> Guards<'a> {
    /// By node its class: nodes of one class are alike in everything that `conflict` looks at.
    pub fn new(classes: &'a [u32], conflict: &'a Conflict<'a>, decisions: &'a Decisions) -> Guards<'a> {
        let (mut numbers, mut example) = (Vec::with_capacity(classes.len()), Vec::new());
        let mut known = HashMap::new();
        for (x, &class) in (0..).zip(classes) {
            numbers.push(*known.entry((class, decisions.memberships(x))).or_insert_with(|| {
                example.push(x);
                example.len() as u32 - 1
            }));
        }
        Guards { classes, conflict, decisions, numbers, example }
    }

    /// The numbers of some nodes, ascending, each once: what is kept of a cluster.
    pub fn numbers(&self, nodes: impl IntoIterator<Item = u32>) -> Vec<u32> {
        let mut numbers: Vec<u32> = nodes.into_iter().map(|x| self.numbers[x as usize]).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// Whether there may be two nodes that something keeps apart.
    pub fn any(&self) -> bool {
        self.example.len() > 1
    }

    /// What keeps nodes with some numbers apart from those with others, pair by pair. Of the `same` decisions only the first
    /// `stage` decisions count.
    pub fn reasons<'s>(&'s self, left: &'s [u32], right: &'s [u32], stage: usize) -> impl Iterator<Item = Reason> + 's {
        left.iter().flat_map(move |&p| right.iter().filter_map(move |&q| self.apart(p, q, stage)))
    }

    /// The first of them by the order of [`Reason`] where all decisions count.
    pub fn between(&self, left: &[u32], right: &[u32]) -> Option<Reason> {
        self.reasons(left, right, self.decisions.len()).min()
    }

    /// What keeps nodes of two numbers apart.
    fn apart(&self, p: u32, q: u32, stage: usize) -> Option<Reason> {
        if p == q {
            return None;
        }
        let (x, y) = (self.example[p as usize], self.example[q as usize]);
        match self.decisions.speaks_at(x, y, stage) {
            Some(Ruling::Same) => None,
            Some(Ruling::Different) => Some(Reason::CannotLink),
            None => {
                let (c, d) = (self.classes[x as usize], self.classes[y as usize]);
                if c == d {
                    None
                } else {
                    (self.conflict)(c, d)
                }
            }
        }
    }
}
