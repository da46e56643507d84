#![allow(clippy::unwrap_used, clippy::panic)]

mod decided;
mod shared;
mod shown;

use super::graph::{Conflicts, Graph};
use super::*;
use crate::block::Space;
use crate::cluster::decision::{Decisions, Ruling};
use crate::entity::{Attribute, Options};
use crate::kind::Kind;
use crate::record::{Draft, State};
use crate::score::guide::state_of;
use proptest::prelude::*;
use serde_json::{json, Value as Json};
use std::cell::Cell;
use std::collections::BTreeSet;

/// What keeps two records apart under `guide`, asked of them alone.
fn conflict(a: &Features, b: &Features) -> Option<Reason> {
    let veto = table::exclusive(a, b).map(|_| Reason::Exclusive);
    veto.or_else(|| table::contradiction(a, b).map(|_| Reason::Contradiction))
}

#[derive(Clone, Debug)]
struct World {
    entity: EntityType,
    model: Model,
    records: Vec<(RecordRef, State)>,
}

impl World {
    fn of(records: impl IntoIterator<Item = Json>) -> World {
        let entity = EntityType::customer();
        let records = records.into_iter().enumerate().map(|(x, attributes)| {
            (RecordRef::new("s", format!("r{x:05}")), state_of(&entity, attributes.as_object().unwrap()))
        });
        let model = Model::shipped(&entity);
        World { records: records.collect(), model, entity }
    }

    /// The same records under another policy, with the options and weights that ship with it.
    fn under(mut self, policy: Policy) -> World {
        self.entity.policy = policy;
        self.entity.options = Options::of(policy);
        self.model = Model::shipped(&self.entity).with_thresholds(&self.entity.options);
        self
    }

    /// Has a record name another.
    fn refer(&mut self, record: usize, other: RecordRef) {
        let state = &mut self.records[record].1;
        let mut draft = Draft::from(&*state);
        draft.cross_references.insert(other);
        *state = draft.into();
    }

    fn nodes(&self) -> Vec<Node<'_>> {
        self.records.iter().map(|(reference, state)| Node { reference, state }).collect()
    }

    fn matcher(&self) -> Matcher<'_> {
        Matcher::new(&self.entity, &self.model)
    }

    fn resolve(&self, decisions: &[Decision]) -> Resolution {
        self.matcher().resolve_all(&self.nodes(), decisions)
    }

    fn numbers(&self) -> Vec<usize> {
        (0..self.records.len()).collect()
    }

    fn bound(&self, decisions: &[Decision]) -> Decisions {
        Decisions::bind(self.records.len(), decisions, &|record| Some(number(record) as u32))
    }

    /// The same records under other names: record `x` has that of `to[x]`.
    fn renamed(&self, to: &[usize]) -> World {
        let mut records = self.records.clone();
        to.iter().enumerate().for_each(|(x, &y)| records[y].1 = self.records[x].1.clone());
        World { entity: self.entity.clone(), model: self.model.clone(), records }
    }
}

/// The number of a record.
fn number(record: &RecordRef) -> usize {
    record.id[1..].parse().unwrap()
}

/// What is decided of two sides, each by the numbers of its records; the first of each give the evidence.
fn decision(order: i64, ruling: Ruling, a: &[usize], b: &[usize]) -> Decision {
    let name = |x: &usize| RecordRef::new("s", format!("r{x:05}"));
    let side = |side: &[usize]| side.iter().map(name).collect();
    Decision { order, ruling, side_a: side(a), side_b: side(b), evidence: (name(&a[0]), name(&b[0])) }
}

/// A solution as it is whatever the records are called: `back` gives the record of a node.
#[derive(Debug, PartialEq)]
struct Told {
    clusters: BTreeSet<BTreeSet<usize>>,
    /// The records of both sides, the reason and the score.
    review: BTreeSet<(BTreeSet<BTreeSet<usize>>, Reason, i64)>,
    limits: BTreeSet<(Reason, usize)>,
}

fn told(solution: &Solution, back: &[usize]) -> Told {
    let cluster = |head: u32| -> BTreeSet<usize> {
        (0..back.len()).filter(|&x| solution.cluster[x] == head).map(|x| back[x]).collect()
    };
    let side = |x: u32| cluster(solution.cluster[x as usize]);
    Told {
        clusters: solution.cluster.iter().map(|&head| cluster(head)).collect(),
        review: solution
            .review
            .iter()
            .map(|pair| (BTreeSet::from([side(pair.a), side(pair.b)]), pair.reason, pair.millipoints))
            .collect(),
        limits: solution.limits.iter().map(|limit| (limit.what, limit.figure)).collect(),
    }
}

fn person(email: &str, phone: &str, first: &str, last: &str) -> Json {
    json!({"email": email, "phoneNumber": phone, "firstName": first, "lastName": last})
}

#[test]
fn of_two_doubts_about_a_pair_the_stronger_is_told() {
    // By what they say they are in doubt; the id that both name would join them, if the passports did not differ.
    let said = |email: &str, passport: &str, city: &str| json!({"email": email, "phoneNumber": "202 555 0144", "passport": passport, "dateOfBirth": "1980-02-03", "city": city});
    let records = vec![said("m4@x.example", "P2222", "Bonn"), said("m0@x.example", "P1111", "Ulm")];
    let mut world = with_passport(records, |records| World::of(records).under(Policy::Probabilistic));
    let nodes = world.nodes();
    let doubt = world.matcher().resolve_all(&nodes, &[]).solution.review;
    assert_eq!(doubt.iter().map(|pair| pair.reason).collect::<Vec<_>>(), [Reason::Score]);
    (0..2).for_each(|record| world.refer(record, RecordRef::new("Y", "y0")));
    let nodes = world.nodes();
    let review = world.matcher().resolve_all(&nodes, &[]).solution.review;
    assert_eq!(review, [ReviewPair { a: 0, b: 1, millipoints: 100_000, reason: Reason::Exclusive }]);
    let told = world.matcher().compare(&nodes, &Known::default(), (0, 1)).finding;
    assert_eq!(told, Finding::Kept(Reason::Exclusive));
}

#[test]
fn the_guides_examples() {
    let world = World::of([
        person("john.doe@example.com", "+1-555-0198", "John", "Doe"),
        person(" John.Doe@Example.COM ", "", "", ""),
        person("", "(555) 123-4567", "Jane", "Roe"),
        person("", "+15551234567", "Zoe", "Poe"),
        person("", "555.123.4567", "Jane", "Roe"),
    ]);
    let solution = world.resolve(&[]).solution;
    assert_eq!(solution.cluster, [0, 0, 2, 3, 4]);
    // 80 is not above 80; with the same name it is 99.
    assert_eq!(solution.review, [ReviewPair { a: 2, b: 4, millipoints: 99_000, reason: Reason::Score }]);
    let same = Decision {
        order: 1,
        ruling: Ruling::Same,
        side_a: vec![world.records[2].0.clone()],
        side_b: vec![world.records[4].0.clone()],
        evidence: (world.records[2].0.clone(), world.records[4].0.clone()),
    };
    let solution = world.resolve(&[same]).solution;
    assert_eq!((solution.cluster, solution.component), (vec![0, 0, 2, 3, 2], vec![0, 0, 2, 3, 2]));
    assert!(solution.review.is_empty());
}

#[test]
fn a_cross_reference_joins_what_shares_nothing_else() {
    let mut world = World::of([json!({"email": "a@example.com"}), json!({"email": "b@example.com"}), json!({})]);
    let own = world.records[0].0.clone();
    world.refer(1, own);
    world.refer(2, RecordRef::new(RecordRef::ENTITY, "C1"));
    world.refer(1, RecordRef::new(RecordRef::ENTITY, "C1"));
    assert_eq!(world.resolve(&[]).solution.cluster, [0, 0, 0]);
}

#[test]
fn an_id_that_names_nobody_or_too_many_joins_nobody() {
    let strangers = [person("", "", "Ann", "Roe"), person("", "", "Zed", "Quinn"), json!({"company": "Fjord AS"})];
    for policy in [Policy::Guide, Policy::Probabilistic] {
        for id in ["N/A", "null", "unknown", "-", "?", "0", "00000", "xxx", "1234567890", "00000000-0000-0000"] {
            let mut world = World::of(strangers.clone()).under(policy);
            (0..3).for_each(|x| world.refer(x, RecordRef::new(RecordRef::ENTITY, id)));
            let resolution = world.resolve(&[]);
            assert_eq!(resolution.solution.cluster, [0, 1, 2], "{id}");
            assert_eq!((resolution.generic.len(), resolution.generic[0].holders), (1, 3), "{id}");
        }
        // An id that many records of few people name goes on joining them; one that is many people's does not.
        for (people, joined) in [(12, true), (13, false)] {
            let families =
                ["Abel", "Berg", "Cole", "Dietz", "Ebner", "Falk", "Graf", "Holm", "Iten", "Jung", "Kern", "Lund"];
            let families = [&families[..], &["Mohn"]].concat();
            let record = |x: usize| json!({"firstName": "Pat", "lastName": families[x % people]});
            let mut world = World::of((0..39).map(record)).under(policy);
            (0..39).for_each(|x| world.refer(x, RecordRef::new("CRM", "c1")));
            let resolution = world.resolve(&[]);
            assert_eq!(resolution.generic.is_empty(), joined);
            assert_eq!(resolution.solution.cluster[1] == 0, joined);
        }
    }
    // What one record alone is called by, or names, is nothing in common, and not listed.
    let mut world = World::of(strangers);
    world.records[0].0.id = "11111".into();
    world.refer(1, RecordRef::new(RecordRef::ENTITY, "N/A"));
    assert!(world.resolve(&[]).generic.is_empty());
    let other = world.records[0].0.clone();
    world.refer(2, other);
    assert_eq!(world.resolve(&[]).generic.len(), 1);
}

#[test]
fn a_value_of_many_people_is_generic_and_one_of_many_records_of_one_is_not() {
    let firsts = ["Ann", "Bob", "Cid", "Dora", "Egon", "Fay", "Gil", "Hugo", "Ines", "Jack", "Kurt", "Lola", "Mona"];
    let shared = |n: usize| World::of(firsts[..n].iter().map(|first| person("roe.home@example.com", "", first, "Roe")));
    assert!(shared(12).resolve(&[]).generic.is_empty());
    let resolution = shared(13).resolve(&[]);
    assert_eq!((resolution.generic[0].holders, resolution.generic[0].names), (13, 13));
    assert!(resolution.solution.review.is_empty());
    let mut records: Vec<Json> = (0..40).map(|_| person("ann@example.com", "", "Ann", "Roe")).collect();
    records.push(person("noreply@example.com", "", "Ann", "Roe"));
    records.push(person("noreply@example.com", "", "Ann", "Roe"));
    let resolution = World::of(records).resolve(&[]);
    assert_eq!(resolution.solution.cluster[39], 0);
    assert_ne!(resolution.solution.cluster[40], resolution.solution.cluster[41]);
}

#[test]
fn two_people_of_one_mailbox_wait_whatever_their_names_are_held_in() {
    let entity = EntityType {
        attributes: [("email", Kind::Email), ("first", Kind::GivenName), ("last", Kind::FamilyName)]
            .into_iter()
            .chain([("name", Kind::FullName)])
            .map(|(name, kind)| Attribute::new(name, kind))
            .collect(),
        ..EntityType::customer()
    };
    let guard = |a: Json, b: Json| {
        let model = Model::shipped(&entity);
        let score = Matcher::new(&entity, &model).score_of(&a, &b).unwrap();
        assert_eq!(score.millipoints, 100_000);
        let guard = score.evidence.iter().find(|line| line.comparison == "guard");
        guard.map(|line| line.attribute.to_string())
    };
    let first = |first: &str| json!({"email": "home@example.com", "first": first, "last": "Smith"});
    let name = |name: &str| json!({"email": "home@example.com", "name": name});
    let both = |name: &str| json!({"email": "home@example.com", "name": name, "last": "Weber"});
    for (a, b) in [
        (first("Paul"), first("Paula")),
        (first("Tim"), first("Tom")),
        (name("Suharto"), name("Wati")),
        (name("山田太郎"), name("山田花子")),
        (name("王小明"), name("王小芳")),
        (both("Mark Weber"), both("Marsha Weber")),
        (both("Weber Mark"), both("Marsha Weber")),
    ] {
        assert_eq!(guard(a.clone(), b.clone()).as_deref(), Some("given_name"), "{a} {b}");
    }
    for (a, b) in [
        (first("John Jr."), first("John Sr.")),
        (first("John II"), first("John III")),
        (name("John Smith Jr."), name("John Smith III")),
    ] {
        assert_eq!(guard(a.clone(), b.clone()).as_deref(), Some("generational_suffix"), "{a} {b}");
    }
    for (a, b) in [
        (first("Jon"), first("John")),
        (first("John Jr."), first("John")),
        (first("John Jr."), first("John II")),
        (name("Suharto"), name("Suharo")),
        (both("Weber Mark"), both("Mark Weber")),
        (both("Weber"), both("Mark Weber")),
    ] {
        assert_eq!(guard(a.clone(), b.clone()), None, "{a} {b}");
    }
}

#[test]
fn brothers_of_one_home_are_two_under_the_weights_that_ship() {
    let home = |first: &str| json!({"firstName": first, "lastName": "Weber", "street": "7 Oak Lane", "city": "Salem", "postcode": "97301"});
    for (a, b, one) in [("Tim", "Tom", false), ("Ron", "Ryan", false), ("Mia", "Maya", false), ("Sara", "Sarah", true)]
    {
        let world = World::of([home(a), home(b)]).under(Policy::Probabilistic);
        let cluster = world.resolve(&[]).solution.cluster;
        assert_eq!(cluster[0] == cluster[1], one, "{a} {b}");
    }
}

#[test]
fn what_is_learnt_does_not_depend_on_the_policy_in_force() {
    let mut entity = EntityType::customer();
    entity.attributes.push(Attribute::new("card", Kind::Identifier));
    let (firsts, lasts) = (["Ann", "Bob", "Cid", "Dora", "Egon"], ["Abel", "Brandt", "Cole"]);
    let record = |x: usize| {
        let card = if x.is_multiple_of(3) { format!("C{x}") } else { "UNKNOWN1".into() };
        json!({"firstName": firsts[x % 5], "lastName": lasts[x / 5 % 3], "card": card,
            "dateOfBirth": format!("19{:02}-04-0{}", 40 + x % 50, 1 + x % 9)})
    };
    let world = World { entity, ..World::of([]) };
    let records = (0..200).map(|x| {
        let state = state_of(&world.entity, record(x / 2).as_object().unwrap());
        (RecordRef::new("s", format!("r{x:05}")), state)
    });
    let world = World { records: records.collect(), ..world };
    let learnt = |policy| {
        let world = world.clone().under(policy);
        let model = Model::shipped(&world.entity);
        Matcher::new(&world.entity, &model).train(&world.nodes())
    };
    assert_eq!(learnt(Policy::Guide), learnt(Policy::Probabilistic));
}

#[test]
fn junk_by_form_neither_contradicts_nor_excludes_nor_agrees() {
    let mail = |key: &str, value: &str| json!({"email": "roe.home@example.com", key: value});
    let stated = [
        ("dateOfBirth", "1900-01-01", "1980-04-07"),
        ("firstName", "Test", "Robert"),
        ("passport", "000000", "123-45"),
    ];
    for (key, junk, value) in stated {
        for policy in [Policy::Guide, Policy::Probabilistic] {
            let records = vec![mail(key, value), mail(key, junk)];
            let mut world = with_passport(records, |records| World::of(records).under(policy));
            (0..2).for_each(|x| world.refer(x, RecordRef::new(RecordRef::ENTITY, "E1")));
            assert_eq!(world.resolve(&[]).solution.cluster, [0, 0], "{key}");
        }
    }
    let test = person("", "+1 206 555 0143", "Test", "Test");
    let entity = EntityType::customer();
    let score = Matcher::new(&entity, &Model::shipped(&entity)).score_of(&test, &test).unwrap();
    assert_eq!(score.millipoints, table::SAME_PHONE);
}

#[test]
fn lower_thresholds_merge_by_phone() {
    let mut world = World::of([
        person("", "+1 212 555 0123", "Jane", "Roe"),
        person("", "+1 212 555 0123", "Jane", "Roe"),
        person("", "+1 212 555 0123", "", ""),
        person("", "+1 212 555 0123", "Marc", "Poe"),
    ]);
    world.entity.options.auto = Some(95.0);
    assert_eq!(world.resolve(&[]).solution.cluster, [0, 0, 2, 3]);
    world.entity.options.auto = Some(80.0);
    // The nameless record fits Jane and Marc alike.
    assert_eq!(world.resolve(&[]).solution.cluster, [0, 0, 2, 3]);
    world.records.pop();
    assert_eq!(world.resolve(&[]).solution.cluster, [0, 0, 0]);
}

/// 5,000 records that share one mailbox, under twelve names that conflict.
fn mailbox() -> World {
    let firsts = ["Ann", "Bob", "Cid", "Dora", "Egon", "Fay", "Gil", "Hugo", "Ines", "Jack", "Kurt", "Lola"];
    let record = |x: usize| {
        json!({"email": "roe.home@example.com", "phoneNumber": format!("+1212555{x:04}"),
               "firstName": firsts[x % 12], "lastName": "Roe"})
    };
    World::of((0..5000).map(record))
}

#[test]
fn five_thousand_records_of_one_mailbox() {
    let solution = mailbox().resolve(&[]).solution;
    assert!(solution.component.iter().all(|&x| x == 0));
    assert_eq!(solution.cluster.iter().collect::<BTreeSet<_>>().len(), 12);
    assert_eq!(solution.review.len(), 66);
    assert!(solution.review.iter().all(|pair| pair.reason == Reason::Contradiction));
}

fn records() -> impl Strategy<Value = Vec<Json>> {
    let field = |values: &'static [&'static str]| prop::sample::select(values);
    let record = (
        field(&["", "", "a@example.com", "b@example.com", "c@example.com", "info@example.com"]),
        field(&["", "+12125550123", "+12125550124", "0000000000"]),
        field(&["", "Mark", "Marsha", "Markus", "Bob", "Robert"]),
        field(&["", "Roe", "Roe", "Roe Jr", "Roe Sr", "Poe"]),
        field(&["", "", "1980-02-03", "1980-03-02", "1991-12-30"]),
    )
        .prop_map(|(email, phone, first, last, born)| {
            let mut record = person(email, phone, first, last);
            record["dateOfBirth"] = json!(born);
            record
        });
    prop::collection::vec(record, 2..14)
}

/// Records that state parts of a name in either place, and little else.
fn partial_records() -> impl Strategy<Value = Vec<Json>> {
    let part = || {
        let parts =
            ["", "Wilson", "Wilsen", "Susan", "Sue", "S.", "Susan Marie", "Marie Wilson", "Ngo", "Wilson Jr", "王"];
        prop::sample::select(parts.to_vec())
    };
    let date = prop::sample::select(vec!["", "1993-12-26", "1993-12-16", "1993-01-01", "26.12.1993"]);
    let street = prop::sample::select(vec!["", "12 Elm Street", "12 Elm St Apt 4", "21 Elm Street", "Elm"]);
    let email =
        prop::sample::select(vec!["", "susan.wilson@example.com", "wilson.home@example.org", "swilson@example.com"]);
    let phone = prop::sample::select(vec!["", "+12065550143", "+12065550134", "+442079460018"]);
    let (mail, mobile) = (email.clone(), phone.clone());
    let record = (part(), part(), date, street, [email, mail], [phone, mobile]);
    let record = record.prop_map(|(first, last, date, street, [email, mail], [phone, mobile])| {
        json!({"firstName": first, "lastName": last, "dateOfBirth": date, "street": street, "email": email,
               "phoneNumber": phone, "mail": mail, "mobile": mobile})
    });
    prop::collection::vec(record, 2..8)
}

/// Ways to resolve records: the guide at three thresholds, and the probabilistic policy.
fn worlds() -> impl Strategy<Value = fn(Vec<Json>) -> World> {
    fn at(auto: f64, records: Vec<Json>) -> World {
        let mut world = World::of(records);
        world.entity.options.auto = Some(auto);
        world
    }
    let ways: Vec<fn(Vec<Json>) -> World> =
        vec![|records| at(80.0, records), |records| at(98.5, records), |records| at(100.0, records), |records| {
            World::of(records).under(Policy::Probabilistic)
        }];
    prop::sample::select(ways)
}

/// The same under a definition with an exclusive attribute `passport`.
fn with_passport(records: Vec<Json>, world: impl Fn(Vec<Json>) -> World) -> World {
    let passport = Attribute { exclusive: true, ..Attribute::new("passport", Kind::Identifier) };
    with_attributes([passport], records, world)
}

/// The same under a definition with further attributes.
fn with_attributes(
    attributes: impl IntoIterator<Item = Attribute>,
    records: Vec<Json>,
    world: impl Fn(Vec<Json>) -> World,
) -> World {
    let mut world = world(records.clone());
    world.entity.attributes.extend(attributes);
    for ((_, state), attributes) in world.records.iter_mut().zip(records) {
        *state = state_of(&world.entity, attributes.as_object().unwrap());
    }
    world.model = Model::shipped(&world.entity).with_thresholds(&world.entity.options);
    world
}

/// Records of which some hold a passport, which is exclusive, and what is decided of them: sides by number. At times few may
/// be one.
fn guarded() -> impl Strategy<Value = (World, Vec<Decision>)> {
    let passports = prop::collection::vec(prop::sample::select(vec!["", "P1", "P2", "P3"]), 14);
    let sides =
        prop::collection::vec((prop::sample::select(Ruling::ALL.to_vec()), prop::collection::vec(0u8..5, 14)), 0..5);
    let cap = prop::sample::select(vec![1000, 1000, 1000, 2, 3]);
    let thresholds = prop::sample::select(vec![None, Some((60.0, 5.0)), Some((95.0, 20.0))]);
    let given = (records(), worlds(), passports, sides, cap, thresholds);
    given.prop_map(|(mut records, world, passports, sides, cap, thresholds)| {
        records.iter_mut().zip(passports).for_each(|(record, passport)| record["passport"] = json!(passport));
        let world = with_passport(records, |records| {
            let mut world = world(records);
            let options = &mut world.entity.options;
            options.cap = cap;
            if let Some((auto, review)) = thresholds.filter(|_| world.entity.policy == Policy::Probabilistic) {
                (options.auto, options.review) = (Some(auto), review);
            }
            world
        });
        let mut decisions: Vec<Decision> = Vec::new();
        for (order, (ruling, homes)) in (0..).zip(sides) {
            let side = |home| -> Vec<usize> { (0..world.records.len()).filter(|&x| homes[x] == home).collect() };
            if let (a @ [_, ..], b @ [_, ..]) = (&side(0)[..], &side(1)[..]) {
                decisions.push(decision(order, ruling, a, b));
            }
        }
        (world, decisions)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn renaming_records_renames_the_result(((world, decisions), to) in guarded().prop_flat_map(|(world, decisions)| {
        let names = world.numbers();
        (Just((world, decisions)), Just(names).prop_shuffle())
    })) {
        let names = world.numbers();
        let mut back = names.clone();
        to.iter().zip(&names).for_each(|(&y, &x)| back[y] = x);
        let renamed: Vec<Decision> = decisions.iter().map(|one| {
            let name = |record: &RecordRef| world.records[to[number(record)]].0.clone();
            let side = |side: &[RecordRef]| side.iter().map(name).collect();
            Decision {
                side_a: side(&one.side_a), side_b: side(&one.side_b),
                evidence: (name(&one.evidence.0), name(&one.evidence.1)), ..*one
            }
        }).collect();
        let before = told(&world.resolve(&decisions).solution, &names);
        prop_assert_eq!(before, told(&world.renamed(&to).resolve(&renamed).solution, &back));
    }

    #[test]
    fn what_links_hold_together_is_in_one_golden_record((mut world, mut decisions) in guarded()) {
        world.entity.options.cap = 1000;
        decisions.retain(|one| one.ruling == Ruling::Same);
        let solution = world.resolve(&decisions).solution;
        let of = |record: &RecordRef| solution.cluster[number(record)];
        for Decision { evidence: (a, b), .. } in &decisions {
            prop_assert_eq!(of(a), of(b));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn interned_scores_and_conflicts_are_those_of_the_policy(records in records()) {
        let world = World::of(records);
        let nodes = world.nodes();
        let generic = |key: &Key| key.generic_by_form;
        let graph = Graph::new(&world.entity, &nodes, &generic, Threads::ALONE);
        let all: Vec<u32> = (0..nodes.len() as u32).collect();
        let conflicts = Conflicts::new(&graph, &all);
        for a in &all {
            for b in &all {
                let (x, y) = (&nodes[*a as usize], &nodes[*b as usize]);
                let told = world.matcher().explain(&nodes, &generic, &[(*a, *b)]).remove(0);
                let sum: f64 = told.evidence.iter().map(|one| one.points).sum();
                prop_assert!((sum - told.points()).abs() < 1e-9);
                if a != b {
                    let found = graph.score(*a, *b).unwrap_or((0, false));
                    prop_assert_eq!(found, (told.millipoints, told.cross_reference));
                }
                let (x, y) = (
                    Features::of(&world.entity, None, x.state), Features::of(&world.entity, None, y.state));
                prop_assert_eq!(conflict(&x, &y), conflict(&y, &x));
                let (c, d) = (conflicts.classes[*a as usize], conflicts.classes[*b as usize]);
                prop_assert_eq!(if c == d { None } else { conflicts.between(c, d) }, conflict(&x, &y));
            }
        }
    }

    #[test]
    fn a_pair_weighs_the_same_from_either_side(records in partial_records(), world in worlds()) {
        let further = [Attribute::new("mail", Kind::Email), Attribute::new("mobile", Kind::Phone)];
        let mut world = with_attributes(further, records, world);
        // So that several of a record's values often say the same of a pair.
        for level in world.model.comparisons.iter_mut().flat_map(|one| &mut one.levels) {
            level.against_unrelated -= level.against_unrelated % 8_000;
        }
        let nodes = world.nodes();
        let all = 0..nodes.len() as u32;
        let pairs: Vec<(u32, u32)> = all.clone().flat_map(|a| all.clone().map(move |b| (a, b))).collect();
        let back: Vec<(u32, u32)> = pairs.iter().map(|&(a, b)| (b, a)).collect();
        let scores = |pairs: &[(u32, u32)]| world.matcher().explain(&nodes, &|_| false, pairs);
        for (one, other) in scores(&pairs).iter().zip(scores(&back)) {
            prop_assert_eq!(one, &other);
        }
    }

    #[test]
    fn any_order_of_records_gives_the_same((records, order) in records().prop_flat_map(|r| {
        let order: Vec<usize> = (0..r.len()).collect();
        (Just(r), Just(order).prop_shuffle())
    }), world in worlds()) {
        let world = world(records);
        let nodes = world.nodes();
        let shuffled: Vec<Node> = order.iter().map(|&at| nodes[at]).collect();
        let (straight, mixed) = (world.matcher().resolve_all(&nodes, &[]), world.matcher().resolve_all(&shuffled, &[]));
        for (at, &x) in order.iter().enumerate() {
            prop_assert_eq!(order[mixed.solution.cluster[at] as usize] as u32, straight.solution.cluster[x]);
            prop_assert_eq!(order[mixed.solution.component[at] as usize] as u32, straight.solution.component[x]);
        }
        let back = mixed.solution.review.iter().map(|p| ReviewPair {
            a: order[p.a as usize] as u32, b: order[p.b as usize] as u32, ..*p });
        prop_assert_eq!(back.collect::<Vec<_>>(), straight.solution.review);
        prop_assert_eq!(mixed.generic, straight.generic);
    }

    #[test]
    fn whole_components_alone_give_the_same_as_all_together(records in records(), world in worlds()) {
        let world = world(records);
        let nodes = world.nodes();
        let all = world.matcher().resolve_all(&nodes, &[]);
        let generic = |key: &Key| all.generic.iter().any(|value| value.key == *key);
        let known = Known { generic: &generic, ..Known::default() };
        // Why tells of every cluster what connects it, and of every pair what resolve_all did.
        for cluster in groups(&all.solution.cluster) {
            let members: Vec<Node> = cluster.iter().map(|&x| nodes[x as usize]).collect();
            let ties = world.matcher().ties(&members, &known, false);
            prop_assert_eq!(ties.len(), members.len() - 1);
            prop_assert!(ties.iter().all(|tie| tie.a < tie.b && tie.via != Via::Decision));
        }
        for (a, b) in (1..nodes.len() as u32).map(|b| (0, b)) {
            let told = world.matcher().compare(&nodes, &known, (a, b)).finding;
            let label = |labels: &[u32]| (labels[a as usize], labels[b as usize]);
            let ((x, y), (c, d)) = (label(&all.solution.cluster), label(&all.solution.component));
            prop_assert_eq!(told == Finding::Together, x == y);
            prop_assert!(c == d || matches!(told, Finding::NoCandidate | Finding::Generic | Finding::LowScore
                | Finding::Kept(Reason::Score)));
            if let Some(pair) = all.solution.review.iter().find(|pair| (pair.a, pair.b) == (a, b)) {
                prop_assert_eq!(told, Finding::Kept(pair.reason));
            }
        }
        for head in all.solution.component.iter().collect::<BTreeSet<_>>() {
            let members: Vec<usize> =
                (0..nodes.len()).filter(|&x| all.solution.component[x] == *head).collect();
            let some: Vec<Node> = members.iter().map(|&x| nodes[x]).collect();
            let alone = world.matcher().solve(&some, &known);
            for (at, &x) in members.iter().enumerate() {
                prop_assert_eq!(members[alone.cluster[at] as usize] as u32, all.solution.cluster[x]);
            }
            let inside = all.solution.review.iter().filter(|pair| {
                all.solution.component[pair.a as usize] == *head && all.solution.component[pair.b as usize] == *head
            }).copied();
            let told = alone.review.iter().map(|p| ReviewPair {
                a: members[p.a as usize] as u32, b: members[p.b as usize] as u32, ..*p });
            prop_assert_eq!(told.collect::<Vec<_>>(), inside.collect::<Vec<_>>());
        }
    }
}

#[test]
fn under_probabilistic_spellings_meet_and_a_household_stays_apart() {
    let home = |first: &str, date: &str, email: &str| {
        json!({"firstName": first, "lastName": "Weber", "dateOfBirth": date, "email": email, "phoneNumber": "+12065550143",
               "street": "12 Elm Street", "city": "Bonn", "postcode": "53111"})
    };
    let world = World::of([
        home("Mark", "1980-03-04", "mark.weber@example.com"),
        home("Marc", "1980-03-04", ""),
        home("Marsha", "1982-11-23", "marsha.weber@example.com"),
    ])
    .under(Policy::Probabilistic);
    let nodes = world.nodes();
    let solution = world.resolve(&[]).solution;
    assert_eq!(solution.cluster, [0, 0, 2]);
    let score = world.matcher().explain(&nodes, &|_| false, &[(0, 1)]).remove(0);
    assert!(score.points() > 95.0);
    let sum: f64 = score.evidence.iter().map(|line| line.points).sum();
    assert!((sum - score.points()).abs() < 0.01, "{sum} {}", score.points());
}

#[test]
fn under_probabilistic_values_of_a_kind_are_compared_as_a_steward_would() {
    let level = |kind: Kind, a: &str, b: &str| {
        let attributes = vec![Attribute::new("v", kind), Attribute::new("family", Kind::FamilyName)];
        let options = Options::of(Policy::Probabilistic);
        let entity = EntityType { policy: Policy::Probabilistic, name: "T".into(), attributes, options };
        let records = [a, b].map(|v| {
            let said = json!({"v": v, "family": "Weber"});
            (RecordRef::new("s", v), state_of(&entity, said.as_object().unwrap()))
        });
        let world = World { model: Model::shipped(&entity), records: records.to_vec(), entity };
        let score = world.matcher().explain(&world.nodes(), &|_| false, &[(0, 1)]).remove(0);
        score.evidence.iter().find(|line| line.comparison == kind.name()).map(|line| line.level)
    };
    for (kind, a, b, expected) in [
        (Kind::Number, "1889", "1889", Some("exact")),
        (Kind::Number, "1889", "1890", Some("near")),
        (Kind::Number, "1866", "1836", Some("one edit apart")),
        (Kind::Number, "1866", "1901", Some("different")),
        (Kind::Organization, "AS", "Atlantic Solutions", Some("similar")),
        (Kind::Organization, "AS", "Pacific Solutions", Some("different")),
        (Kind::GivenName, "Jin-woo", "Jinwoo", Some("exact")),
        (Kind::GivenName, "Sir", "Arthur", None),
    ] {
        assert_eq!(level(kind, a, b), expected, "{a} {b}");
    }
}

#[test]
fn under_probabilistic_decisions_and_identifiers_come_first() {
    let mut world = World::of([
        person("a@example.com", "", "Ann", "Roe"),
        person("b@example.com", "", "Bob", "Poe"),
        person("c@example.com", "", "Cid", "Doe"),
    ])
    .under(Policy::Probabilistic);
    let own: Vec<RecordRef> = world.records.iter().map(|(reference, _)| reference.clone()).collect();
    world.refer(1, own[0].clone());
    let solution = world.resolve(&[]).solution;
    assert_eq!(solution.cluster, [0, 0, 2]);
    let decision = |order, ruling, a: usize, b: usize| Decision {
        order,
        ruling,
        side_a: vec![own[a].clone()],
        side_b: vec![own[b].clone()],
        evidence: (own[a].clone(), own[b].clone()),
    };
    let (apart, linked) = (decision(1, Ruling::Different, 0, 1), decision(2, Ruling::Same, 1, 2));
    assert_eq!(world.resolve(std::slice::from_ref(&apart)).solution.cluster, [0, 1, 2]);
    assert_eq!(world.resolve(std::slice::from_ref(&linked)).solution.cluster, [0, 0, 0]);
    assert_eq!(world.resolve(&[apart, linked]).solution.cluster, [0, 1, 1]);
    // An exclusive attribute keeps what a score joins apart, and says so.
    let at = |city: &str| json!({"email": "ann.roe@example.com", "firstName": "Ann", "lastName": "Roe", "city": city});
    let mut world = World::of([at("Bonn"), at("Ulm")]);
    world.entity.attributes.iter_mut().filter(|one| one.name == "city").for_each(|one| one.exclusive = true);
    let world = world.under(Policy::Probabilistic);
    let solution = world.resolve(&[]).solution;
    assert_eq!(solution.cluster, [0, 1]);
    assert_eq!(solution.review.iter().map(|pair| pair.reason).collect::<Vec<_>>(), [Reason::Exclusive]);
}

#[test]
fn under_probabilistic_links_hold_whatever_lies_between_their_ends() {
    // Two passports that the same record was linked with, one while the other was away.
    let with = |passport: &str| {
        let mut mara = person("mara@example.com", "", "Mara", "Lindqvist");
        mara["passport"] = json!(passport);
        mara
    };
    let links = [decision(1, Ruling::Same, &[0], &[2]), decision(2, Ruling::Same, &[1], &[2])];
    let world = with_passport(vec![with("P1"), with("P2"), with("")], |records| {
        World::of(records).under(Policy::Probabilistic)
    });
    assert_eq!(world.resolve(&links).solution.cluster, [0, 0, 0]);
    assert_eq!(world.renamed(&[1, 0, 2]).resolve(&links).solution.cluster, [0, 0, 0]);
}

#[test]
fn under_probabilistic_a_limit_tells_how_many_there_would_have_been() {
    let mara = person("mara@example.com", "", "Mara", "Lindqvist");
    let mut world = World::of(vec![mara.clone(), mara.clone(), mara]).under(Policy::Probabilistic);
    world.entity.options.cap = 2;
    let figures = |decisions: &[Decision]| -> BTreeSet<(Reason, usize)> {
        world.resolve(decisions).solution.limits.iter().map(|limit| (limit.what, limit.figure)).collect()
    };
    assert_eq!(figures(&[]), BTreeSet::from([(Reason::Cap, 3)]));
    // Links that the cap stops are told of as well.
    let links = [decision(1, Ruling::Same, &[0], &[1]), decision(2, Ruling::Same, &[0, 1], &[2])];
    assert_eq!(figures(&links), BTreeSet::from([(Reason::Cap, 3)]));
}

#[test]
fn under_probabilistic_what_hangs_together_by_weak_pairs_alone_is_solved_in_parts() {
    let home = |first: &str, date: &str| {
        json!({"firstName": first, "lastName": "Weber", "dateOfBirth": date, "phoneNumber": "+12065550143",
               "street": "12 Elm Street", "city": "Bonn", "postcode": "53111"})
    };
    let (mark, marsha) = (home("Mark", "1980-03-04"), home("Marsha", "1982-11-23"));
    let mut world = World::of([mark.clone(), mark, marsha.clone(), marsha]).under(Policy::Probabilistic);
    world.model.floor = -60_000;
    let solve = |world: &mut World, component_cap: u32| {
        world.entity.options.component_cap = component_cap;
        let Solution { component, cluster, review, limits } = world.resolve(&[]).solution;
        let reasons = review.iter().map(|pair| pair.reason).collect::<Vec<_>>();
        (component, cluster, reasons, limits.iter().map(|limit| (limit.what, limit.figure)).collect::<Vec<_>>())
    };
    let whole = solve(&mut world, 4);
    assert_eq!((&whole.0[..], &whole.1[..], &whole.3[..]), (&[0; 4][..], &[0, 0, 2, 2][..], &[][..]));
    // The parts are within the cap, and what lies between them waits as it does in the whole.
    assert_eq!(solve(&mut world, 3), whole);
    let capped = Reason::ComponentCap;
    assert_eq!(solve(&mut world, 1), (vec![0; 4], vec![0, 1, 2, 3], vec![capped; 2], vec![(capped, 2); 2]));
    // What pairs at or above auto make too large is parted by ever stronger ones.
    let (auto, floor) = (world.model.auto, world.model.floor);
    (world.model.auto, world.model.floor) = (-60_000, -60_000);
    let parted = (vec![0; 4], vec![0, 0, 2, 2], vec![capped], vec![(capped, 4)]);
    assert_eq!(solve(&mut world, 2), parted);
    assert_eq!(solve(&mut world, 3), parted);
    (world.model.auto, world.model.floor) = (auto, floor);
    // Why tells of a part within the cap what connected it, and of what is over it which links did.
    let nodes = world.nodes();
    let link = |order: i64, a: usize, b: usize| {
        let [a, b] = [a, b].map(|at| nodes[at].reference.clone());
        Decision { order, ruling: Ruling::Same, side_a: vec![a.clone()], side_b: vec![b.clone()], evidence: (a, b) }
    };
    let links = [link(1, 0, 2), link(2, 1, 2)];
    let via = |records: usize, decisions: &[Decision], over_cap| {
        let ties = world.matcher().ties(&nodes[..records], &Known { decisions, ..Known::default() }, over_cap);
        ties.into_iter().map(|tie| tie.via).collect::<Vec<_>>()
    };
    assert_eq!(via(2, &[], true), [Via::Score]);
    assert_eq!(via(3, &links, true), [Via::Decision, Via::Decision]);
    assert_eq!(via(3, &links, false), [Via::Score, Via::Decision]);
}

#[test]
fn a_caller_with_hundreds_of_records_is_one_and_a_switchboard_is_nobody() {
    // One person calls three systems again and again, now with this told and now with that.
    let call = |n: usize| {
        let mut said = json!({"phoneNumber": "+1 206 555 0143"});
        for (key, value, every) in [
            ("firstName", "Ingrid", 1),
            ("lastName", "Lindqvist", 2),
            ("email", "ingrid.l@example.com", 3),
            ("city", "Seattle", 4),
        ] {
            if usize::is_multiple_of(n, every) {
                said[key] = value.into();
            }
        }
        said
    };
    let others = (0..40).map(|n| {
        person(
            &format!("p{n}@example.com"),
            &format!("+1 206 555 {:04}", 2000 + n),
            &format!("Per{n}"),
            &format!("Berg{n}"),
        )
    });
    let world = World::of((0..300).map(call).chain(others)).under(Policy::Probabilistic);
    let heads: BTreeSet<u32> = world.resolve(&[]).solution.cluster[..300].iter().copied().collect();
    assert_eq!(heads.len(), 1, "one caller");

    let given =
        ["Ann", "Ben", "Cleo", "Dag", "Eva", "Finn", "Gus", "Hal", "Ida", "Jon", "Kai", "Lea", "Mia", "Ned", "Ola"];
    let family = [
        "Abel", "Brandt", "Cole", "Dietz", "Ebner", "Falk", "Graf", "Hahn", "Iversen", "Jung", "Krol", "Lopez",
        "Moreau", "Novak", "Okafor", "Petrov", "Quist", "Rossi", "Schwarz", "Tanaka",
    ];
    let staff = (0..300).map(|n| {
        let (first, last) = (given[n % 15], family[n / 15]);
        json!({"phoneNumber": "+1 206 555 0100", "firstName": first, "lastName": last, "company": "Acme"})
    });
    let world = World::of(staff).under(Policy::Probabilistic);
    let resolution = world.resolve(&[]);
    assert!(resolution.generic.iter().any(|value| value.key.space == Space::Phone), "the phone is generic");
    let people = resolution.solution.cluster.iter().collect::<BTreeSet<_>>().len();
    assert_eq!(people, 300, "of 300 names nobody is another");
}

#[test]
fn who_states_neither_mailbox_nor_number_is_one_however_often_he_comes() {
    for (more, said) in [("dateOfBirth", "1952-02-17"), ("postcode", "98101")] {
        let visit = json!({"firstName": "Ingrid", "lastName": "Lindqvist", "city": "Seattle", more: said});
        let world = World::of((0..120).map(|_| visit.clone())).under(Policy::Probabilistic);
        let people: BTreeSet<u32> = world.resolve(&[]).solution.cluster.into_iter().collect();
        assert_eq!(people.len(), 1, "{more}");
    }
}

#[test]
fn two_names_that_people_bear_wait_for_a_steward_where_little_speaks_for_one() {
    let joined = |prior: i32, further: Option<&str>| {
        let twin = |first: &str| {
            let mut said = json!({"firstName": first, "lastName": "Bradoncroft", "dateOfBirth": "1954-05-02"});
            further.iter().for_each(|number| said["taxNumber"] = (*number).into());
            said
        };
        let mut entity = EntityType::customer();
        entity.attributes.push(Attribute::new("taxNumber", Kind::Identifier));
        let state = |said: Json| state_of(&entity, said.as_object().unwrap());
        let records = ["Jennifer", "Ashley"].map(|first| (RecordRef::new("s", first), state(twin(first))));
        let mut world =
            World { records: records.into(), model: Model::shipped(&entity), entity }.under(Policy::Probabilistic);
        world.model.prior_unrelated = prior;
        world.model.prior_household = i32::from(i16::MAX);
        let solution = world.resolve(&[]).solution;
        (
            solution.cluster[0] == solution.cluster[1],
            solution.review.first().map(|pair| (pair.reason, pair.millipoints)),
        )
    };
    let twins = joined(-12_000, None);
    assert!(matches!(twins, (false, Some((Reason::Contradiction, 80_000..88_000)))), "{twins:?}");
    assert_eq!(joined(-11_000, None), (true, None), "more than 8 to 1");
    assert_eq!(joined(-12_000, Some("X77412")), (true, None), "one number");
}

#[test]
fn records_that_weigh_alike_are_weighed_once_each_against_each() {
    thread_local! {
        static LOOKS: Cell<usize> = const { Cell::new(0) };
    }
    /// Who looks once a weighing gives up after ten for each pair.
    fn count() {
        LOOKS.set(LOOKS.get() + 1);
        assert!(LOOKS.get() < 10 * 400 * 400 / 2, "too many weighings");
    }
    // Another mailbox each time: no two records say the same, and all pairs of one birth date weigh the same.
    for born in [["1980-02-03"; 2], ["1980-02-03", "1951-11-28"]] {
        let order = |at: usize| {
            let mut said = person(&format!("order{at:03}@shop.example"), "202 555 0144", "John", "Lindqvist");
            said["dateOfBirth"] = born[at % 2].into();
            said
        };
        let world = World::of((0..400).map(order)).under(Policy::Probabilistic);
        LOOKS.set(0);
        let matcher = Matcher { threads: Threads::asking(count), ..world.matcher() };
        let found = matcher.resolve_all(&world.nodes(), &[]).solution.cluster;
        assert_eq!(BTreeSet::from_iter(found).len(), BTreeSet::from(born).len());
    }
}

#[test]
fn two_records_tell_little_of_how_rare_one_persons_are() {
    let one = || person("ann@x.example", "202 555 0144", "Ann", "Lindqvist");
    let world = World::of([one(), one()]).under(Policy::Probabilistic);
    // One pair of one is no reason to take a third of all to come for one person's.
    assert!(world.matcher().train(&world.nodes()).prior_unrelated < -4_000);
}
