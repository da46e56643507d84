//! Which values count for nothing, because they serve too many.

use super::*;
use crate::block::{full_name, keys, Cause};
use std::collections::BTreeMap;

/// The entity type `CUSTOMER` where a value may serve so many names, with further attributes.
fn limited(limit: u32, further: impl IntoIterator<Item = Attribute>) -> EntityType {
    let mut entity = EntityType::customer();
    entity.attributes.extend(further);
    entity.attributes.iter_mut().for_each(|one| one.limit = limit);
    entity
}

fn world(entity: EntityType, records: &[Json]) -> World {
    let state = |attributes: &Json| state_of(&entity, attributes.as_object().unwrap());
    let named = records.iter().zip(0..).map(|(one, x)| (RecordRef::new("s", format!("r{x:05}")), state(one)));
    World { records: named.collect(), model: Model::shipped(&entity), entity }
}

#[test]
fn what_is_at_its_limit_counts() {
    // The lowest limit of the attributes that share the space.
    let mut entity = limited(12, [Attribute::new("mail", Kind::Email)]);
    entity.attributes.last_mut().unwrap().limit = 3;
    entity.options.block_limit = 20;
    let generic = |holders, names| Space::Email.generic(&entity, holders, names, false);
    assert_eq!(generic(20, 3), None);
    assert_eq!(generic(21, 3), Some((Cause::Records, Some(20))));
    assert_eq!(generic(21, 4), Some((Cause::Records, Some(20))));
    assert_eq!(generic(20, 4), Some((Cause::Names, Some(3))));
}

#[test]
fn an_id_that_looks_like_junk_is_the_own_of_one_record() {
    let generic = |space: Space, holders| space.generic(&EntityType::customer(), holders, 1, true);
    assert_eq!(generic(Space::Email, 1), Some((Cause::Form, None)));
    assert_eq!(generic(Space::Reference, 1), None);
    assert_eq!(generic(Space::Reference, 2), Some((Cause::Form, None)));
}

#[test]
fn a_record_holds_a_value_once_however_often_it_states_it() {
    let mut entity = limited(12, [Attribute::new("mail", Kind::Email)]);
    entity.options.block_limit = 2;
    let mut ann = person("ann@example.com", "", "Ann", "Roe");
    ann["mail"] = json!("ann@example.com");
    assert!(world(entity, &[ann.clone(), ann]).resolve(&[]).generic.is_empty());
}

#[test]
fn names_are_counted_as_they_are_spelt() {
    let roe = |first: &str, last: &str| person("roe@example.com", "", first, last);
    let one = world(limited(1, []), &[roe("Ann Mary", "Roe"), roe("Ann", "Mary Roe")]);
    assert!(one.resolve(&[]).generic.is_empty());
}

#[test]
fn what_too_many_records_hold_is_generic_however_many_names_it_may_serve() {
    let mut entity = limited(100, []);
    entity.options.block_limit = 2;
    let generic = world(
        entity,
        &[
            json!({"email": "ann@example.com"}),
            json!({"email": "ann@example.com"}),
            json!({"email": "ann@example.com"}),
        ],
    )
    .resolve(&[])
    .generic;
    assert_eq!(generic.iter().map(|one| one.holders).collect::<Vec<_>>(), [3]);
}

#[test]
fn the_numbers_of_two_attributes_have_nothing_to_do_with_each_other() {
    let entity = limited(1, ["card", "badge"].map(|name| Attribute::new(name, Kind::Identifier)));
    let said = |number: &str, first: &str| json!({number: "X77412", "firstName": first, "lastName": "Roe"});
    let world = world(entity, &[said("card", "Ann"), said("badge", "Bob")]).under(Policy::Probabilistic);
    assert!(world.resolve(&[]).generic.is_empty());
    let shared = world.matcher().compare(&world.nodes(), &Known::default(), (0, 1)).shared;
    assert!(shared.iter().all(|one| one.key != "identifier"));
}

#[test]
fn what_is_generic_when_all_are_counted_is_so_by_the_keys_of_each_record() {
    let firsts = ["Ann", "Bob", "Cid", "Dora"];
    let home = |n: usize| {
        json!({"firstName": firsts[n % 4], "lastName": "Roe", "street": (["12 Elm Street", "Elm"][n % 7 / 6]),
            "postcode": (["53111", ""][n % 3 / 2]), "city": (["Bonn", "Ulm"][n % 2]), "email": format!("m{}@x.example", n % 5),
            "phoneNumber": format!("+1206555010{}", n % 3)})
    };
    let homes: Vec<Json> = (0..40).map(home).collect();
    for policy in [Policy::Guide, Policy::Probabilistic] {
        let world = world(limited(2, []), &homes).under(policy);
        let mut held: BTreeMap<Key, (usize, BTreeSet<String>)> = BTreeMap::new();
        for (reference, state) in &world.records {
            for key in keys(&world.entity, reference, state) {
                let (holders, names) = held.entry(key).or_default();
                *holders += 1;
                names.extend(full_name(&world.entity, state));
            }
        }
        let found = held.into_iter().map(|(key, (holders, names))| Generic { key, holders, names: names.len() });
        let is_generic = |one: &Generic| {
            one.key.space.generic(&world.entity, one.holders, one.names, one.key.generic_by_form).is_some()
        };
        let expected: Vec<Generic> = found.filter(is_generic).collect();
        // A home of two villages is one by its postcode.
        assert!(expected.iter().any(|one| one.key.space == Space::Address));
        assert_eq!(world.resolve(&[]).generic, expected, "{policy:?}");
    }
}
