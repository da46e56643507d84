//! What two records share or differ in beyond all weights: ids that they name, and exclusive attributes.

use crate::block::Key;
use crate::cluster::Reason;
use crate::entity::{Attribute, EntityType};
use crate::record::{Node, RecordRef};
use crate::score::features::stated;
use crate::threads::Threads;
use std::collections::{BTreeMap, HashMap};

/// Whether two records name a common id that is not generic.
pub(super) fn same_reference(a: &Node, b: &Node, generic: &dyn Fn(&Key) -> bool) -> bool {
    let counts = |reference: &RecordRef| !generic(&Key::reference(reference));
    let named = |one: &Node, other: &Node| one.state.cross_references().contains(other.reference);
    (named(a, b) && counts(b.reference))
        || (named(b, a) && counts(a.reference))
        || a.state.cross_references().intersection(b.state.cross_references()).any(counts)
}

/// The records that name a common id, as groups of two or more, in order.
pub(super) fn references(nodes: &[Node], generic: &dyn Fn(&Key) -> bool, threads: Threads) -> Vec<Vec<u32>> {
    let mut holders: BTreeMap<&RecordRef, Vec<u32>> = BTreeMap::new();
    for (x, node) in nodes.iter().enumerate() {
        threads.look();
        for reference in node.state.cross_references() {
            holders.entry(reference).or_default().push(x as u32);
        }
    }
    for (x, node) in nodes.iter().enumerate() {
        if let Some(list) = holders.get_mut(node.reference).filter(|list| !list.contains(&(x as u32))) {
            list.push(x as u32);
        }
    }
    holders.retain(|reference, list| list.len() > 1 && !generic(&Key::reference(reference)));
    holders.into_values().collect()
}

/// The first exclusive attribute of which two records hold different values.
pub(super) fn exclusive<'a>(entity: &'a EntityType, a: &Node, b: &Node) -> Option<&'a str> {
    let differs = |one: &&Attribute| stated(one, a.state).zip(stated(one, b.state)).is_some_and(|(x, y)| x != y);
    let mut attributes = entity.attributes.iter().filter(|attribute| attribute.exclusive);
    attributes.find(differs).map(|attribute| attribute.name.as_str())
}

/// The exclusive attributes of some nodes: what a guard is asked about them.
pub(super) struct Exclusive<'a> {
    /// By node its class: nodes of one class hold the same.
    pub classes: Vec<u32>,
    /// By class what it holds.
    held: Vec<Vec<Option<&'a str>>>,
}

impl<'a> Exclusive<'a> {
    pub fn of(entity: &EntityType, nodes: impl Iterator<Item = Node<'a>>) -> Exclusive<'a> {
        let attributes: Vec<&Attribute> = entity.attributes.iter().filter(|attribute| attribute.exclusive).collect();
        let (mut known, mut held) = (HashMap::new(), Vec::new());
        let classes = nodes.map(|node| {
            let values: Vec<Option<&str>> = attributes.iter().map(|one| stated(one, node.state)).collect();
            *known.entry(values).or_insert_with_key(|values| {
                held.push(values.clone());
                held.len() as u32 - 1
            })
        });
        Exclusive { classes: classes.collect(), held }
    }

    /// What keeps two classes apart.
    pub fn between(&self, c: u32, d: u32) -> Option<Reason> {
        let mut both = self.held[c as usize].iter().zip(&self.held[d as usize]).filter_map(|(x, y)| x.zip(*y));
        both.any(|(x, y)| x != y).then_some(Reason::Exclusive)
    }
}
