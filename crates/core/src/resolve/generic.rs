//! Which values serve too many to tell one person from another.

use super::Generic;
use crate::block::{self, Key, Space};
use crate::columns::{Columns, Joined, NONE};
use crate::entity::EntityType;
use crate::kind::Kind;
use crate::normalise::{full_name, is_junk_id};
use crate::record::{Node, RecordRef};
use crate::threads;
use hashbrown::{HashMap, HashSet};
use std::collections::BTreeMap;

/// The values that are generic among `nodes`, which must be all live records of the type; ascending. They are marked as
/// absent in `columns`, the values of the nodes. Where these are `compared`, whatever the policy, identifiers count too.
pub(super) fn generic_values(
    entity: &EntityType,
    nodes: &[Node],
    columns: &mut Columns,
    compared: bool,
) -> Vec<Generic> {
    let (mut generic, absent) = Census::of(entity, nodes, columns).values(compared);
    for (attribute, value) in absent {
        columns.columns[attribute].values[value].absent = true;
    }
    generic.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    generic
}

/// A key that is generic, by its number: how many hold it, under how many full names.
type Found = BTreeMap<u32, (usize, usize)>;

struct Census<'a> {
    entity: &'a EntityType,
    nodes: &'a [Node<'a>],
    columns: &'a Columns<'a>,
    given: Joined<'a>,
    family: Joined<'a>,
    full: Joined<'a>,
}

impl<'a> Census<'a> {
    fn of(entity: &'a EntityType, nodes: &'a [Node<'a>], columns: &'a Columns<'a>) -> Census<'a> {
        let [given, family, full] =
            [Kind::GivenName, Kind::FamilyName, Kind::FullName].map(|kind| columns.joined(&of(entity, kind)));
        Census { entity, nodes, columns, given, family, full }
    }

    /// What is generic, and the values of attributes that are so (attribute, value).
    fn values(&self, compared: bool) -> (Vec<Generic>, Vec<(usize, usize)>) {
        let mut spaces: Vec<(Space, Vec<usize>)> = vec![
            (Space::Address, vec![]),
            (Space::Reference, vec![]),
            (Space::Email, of(self.entity, Kind::Email)),
            (Space::Phone, of(self.entity, Kind::Phone)),
        ];
        if compared {
            // The numbers of two attributes have nothing to do with each other.
            spaces.extend(of(self.entity, Kind::Identifier).into_iter().map(|at| (Space::Identifier, vec![at])));
        }
        let found = threads::map(spaces, self.columns.threads, |(space, attributes)| match space {
            Space::Address => (self.addresses(), vec![]),
            Space::Reference => (self.references(), vec![]),
            _ if attributes.is_empty() => (vec![], vec![]),
            _ => self.values_of(space, &attributes),
        });
        let (generic, absent): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        (generic.into_iter().flatten().collect(), absent.concat())
    }

    /// What is generic of attributes that share a space.
    fn values_of(&self, space: Space, attributes: &[usize]) -> (Vec<Generic>, Vec<(usize, usize)>) {
        let joined = self.columns.joined(attributes);
        let mut junk = vec![false; joined.texts.len()];
        for (at, value, number) in joined.readable(self.columns) {
            junk[number as usize] |= self.columns.columns[at].values[value].junk;
        }
        let held = |x: u32, out: &mut Vec<u32>| joined.each(self.columns, x, |number| out.push(number));
        let found = self.over(space, joined.texts.len(), &held, &|at| junk[at as usize]);
        let generic_ones = joined.readable(self.columns).filter(|(.., number)| found.contains_key(number));
        let absent = generic_ones.map(|(at, value, _)| (at, value)).collect();
        let first = &self.entity.attributes[attributes[0]];
        let generic = found.iter().filter_map(|(&at, &(holders, names))| {
            Some(Generic { key: Key::of_value(first, joined.texts[at as usize])?, holders, names })
        });
        (generic.collect(), absent)
    }

    /// The generic ones among the `count` keys of a space. `held` are the numbers of the keys of a record.
    fn over(
        &self,
        space: Space,
        count: usize,
        held: &dyn Fn(u32, &mut Vec<u32>),
        by_form: &dyn Fn(u32) -> bool,
    ) -> Found {
        let (limit, over) = (space.limit(self.entity), self.entity.options.block_limit);
        let mut holders = vec![0u32; count];
        let each = |visit: &mut dyn FnMut(u32, u32)| {
            let mut mine = Vec::new();
            for x in 0..self.nodes.len() as u32 {
                self.columns.threads.look();
                mine.clear();
                held(x, &mut mine);
                // A record that holds a key twice is one.
                let once = mine.iter().enumerate().filter(|(at, key)| !mine[..*at].contains(key));
                once.for_each(|(_, &key)| visit(x, key));
            }
        };
        each(&mut |_, key| holders[key as usize] += 1);
        // Names are read of those alone whose value may be generic.
        let least = limit.unwrap_or(over).min(over);
        let mut names: HashMap<u32, HashSet<(u32, u32)>> = (0..count as u32)
            .filter(|&key| holders[key as usize] > least || by_form(key))
            .map(|key| (key, HashSet::new()))
            .collect();
        if !names.is_empty() {
            each(&mut |x, key| {
                if let Some(names) = names.get_mut(&key) {
                    names.extend(self.name(x));
                }
            });
        }
        let figures = names.into_iter().map(|(key, names)| {
            // Two parts may spell what two others do.
            let names: HashSet<String> = names.into_iter().filter_map(|name| self.spelt(name)).collect();
            (key, (holders[key as usize] as usize, names.len()))
        });
        let generic = |(key, (holders, names)): &(u32, (usize, usize))| {
            space.generic(self.entity, *holders, *names, by_form(*key)).is_some()
        };
        figures.filter(generic).collect()
    }

    /// What makes the full name of a record: the numbers of its two parts, or of the whole.
    fn name(&self, x: u32) -> Option<(u32, u32)> {
        match (self.given.first(self.columns, x), self.family.first(self.columns, x)) {
            (Some(given), Some(family)) => Some((given, family)),
            _ => self.full.first(self.columns, x).map(|full| (NONE, full)),
        }
    }

    fn spelt(&self, (given, last): (u32, u32)) -> Option<String> {
        match self.given.texts.get(given as usize) {
            Some(given) => full_name(Some(given), Some(self.family.texts[last as usize]), None),
            None => full_name(None, None, Some(self.full.texts[last as usize])),
        }
    }

    /// Streets with their numbers in one place.
    fn addresses(&self) -> Vec<Generic> {
        let (street, postcode, city) =
            (of(self.entity, Kind::Street), of(self.entity, Kind::Postcode), of(self.entity, Kind::City));
        let places: Vec<usize> = postcode.into_iter().chain(city).collect();
        if street.is_empty() || places.is_empty() {
            return Vec::new();
        }
        let (street, place) = (self.columns.joined(&street), self.columns.joined(&places));
        let numbered: Vec<bool> = street.texts.iter().map(|text| block::is_numbered(text)).collect();
        let mut homes: Vec<(u32, u32)> = Vec::new();
        let mut known: HashMap<(u32, u32), u32> = HashMap::new();
        let mut home = |x: u32| {
            self.columns.threads.look();
            let street = street.first(self.columns, x).filter(|&street| numbered[street as usize])?;
            let place = place.first(self.columns, x)?;
            Some(*known.entry((street, place)).or_insert_with(|| {
                homes.push((street, place));
                homes.len() as u32 - 1
            }))
        };
        let of: Vec<Option<u32>> = (0..self.nodes.len() as u32).map(&mut home).collect();
        let found =
            self.over(Space::Address, homes.len(), &|x, out: &mut Vec<u32>| out.extend(of[x as usize]), &|_| false);
        let generic = found.into_iter().map(|(at, (holders, names))| {
            let (one, other) = homes[at as usize];
            let key = block::address_key(street.texts[one as usize], place.texts[other as usize]);
            Generic { key, holders, names }
        });
        generic.collect()
    }

    /// Ids that records name, their own among them.
    fn references(&self) -> Vec<Generic> {
        let mut known: HashMap<&RecordRef, u32> = HashMap::new();
        for reference in self.nodes.iter().flat_map(|node| node.state.cross_references()) {
            self.columns.threads.look();
            let next = known.len() as u32;
            known.entry(reference).or_insert(next);
        }
        if known.is_empty() {
            return Vec::new();
        }
        let held = |x: u32, out: &mut Vec<u32>| {
            let node = &self.nodes[x as usize];
            out.extend(
                node.state.cross_references().iter().chain([node.reference]).filter_map(|one| known.get(one).copied()),
            );
        };
        let mut junk = vec![false; known.len()];
        known.iter().for_each(|(reference, at)| junk[*at as usize] = is_junk_id(&reference.id));
        let found = self.over(Space::Reference, known.len(), &held, &|at| junk[at as usize]);
        let generic = known.iter().filter_map(|(reference, at)| {
            let &(holders, names) = found.get(at)?;
            Some(Generic { key: Key::reference(reference), holders, names })
        });
        generic.collect()
    }
}

/// The attributes of a kind, in order.
fn of(entity: &EntityType, kind: Kind) -> Vec<usize> {
    (0..entity.attributes.len()).filter(|&at| entity.attributes[at].kind == kind).collect()
}
