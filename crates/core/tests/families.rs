//! Families that tempt a matcher to glue two people together: eight kinds, a thousand of each, with truth.
//!
//! Every family is made by a generator with its own random numbers, so the test is the same everywhere. All are matched
//! together, as a warehouse holds them; what is checked is that no two people are joined, and that most of the true
//! pairs are.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use golden_record_core::entity::{Attribute, EntityType};
use golden_record_core::kind::Kind;
use golden_record_core::probabilistic::{resolve, train, Dataset, Decisions, Model, Partition};
use std::collections::BTreeMap;

/// splitmix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
    fn word(&mut self, syllables: usize) -> String {
        const HEADS: [&str; 16] = ["b", "br", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "w"];
        const TAILS: [&str; 12] = ["a", "e", "i", "o", "an", "en", "in", "on", "ar", "er", "al", "el"];
        (0..syllables).map(|_| format!("{}{}", HEADS[self.below(16)], TAILS[self.below(12)])).collect()
    }
}

#[derive(Clone, Default)]
struct Person {
    given: String,
    family: String,
    suffix: &'static str,
    email: String,
    phone: String,
    born: String,
    street: String,
    city: String,
    postcode: String,
}

/// email, phone, given, family, birth date, street, city, postcode.
type Row = [Option<String>; 8];

const KINDS: [&str; 8] = [
    "household", "twins", "junior and senior", "shared mailbox", "switchboard", "recycled phone", "junk values",
    "contradicting chain",
];

struct Maker {
    random: Random,
    given: Vec<String>,
    family: Vec<String>,
    rows: Vec<Row>,
    /// By row: kind, person.
    truth: Vec<(usize, usize)>,
    people: usize,
}

impl Maker {
    fn new(seed: u64) -> Maker {
        let mut random = Random(seed);
        let given = (0..600).map(|_| random.word(2)).collect();
        let family = (0..4000).map(|_| random.word(3)).collect();
        Maker { random, given, family, rows: vec![], truth: vec![], people: 0 }
    }

    fn phone(&mut self) -> String {
        format!("+1212{:07}", 2_000_000 + self.random.below(7_900_000))
    }

    fn person(&mut self, family: &str) -> Person {
        let given = self.given[self.random.below(600)].clone();
        let number = self.random.below(100_000);
        Person {
            email: format!("{}{number}@{}.com", self.random.word(2), self.random.word(2)),
            phone: self.phone(),
            born: format!(
                "{}-{:02}-{:02}",
                1940 + self.random.below(60),
                1 + self.random.below(12),
                2 + self.random.below(27)
            ),
            street: format!("{} {} st", 1 + self.random.below(9000), self.random.word(2)),
            city: self.random.word(2),
            postcode: format!("{:05}", self.random.below(100_000)),
            given,
            family: family.to_owned(),
            suffix: "",
        }
    }

    fn surname(&mut self) -> String {
        self.family[self.random.below(4000)].clone()
    }

    /// A member of the household of `of`: one address and landline, another given name.
    fn member(&mut self, of: &Person) -> Person {
        let mut person = self.person(&of.family);
        while person.given.get(..2) == of.given.get(..2) {
            person.given = self.given[self.random.below(600)].clone();
        }
        Person {
            phone: of.phone.clone(),
            street: of.street.clone(),
            city: of.city.clone(),
            postcode: of.postcode.clone(),
            ..person
        }
    }

    /// Two to four records of a person, of which the first is complete; some values are missing or mistyped.
    fn records(&mut self, kind: usize, person: &Person) {
        let who = self.people;
        self.people += 1;
        for at in 0..2 + self.random.below(3) {
            let keep = |random: &mut Random, value: &str, percent: usize| {
                (at == 0 || random.chance(percent)).then(|| value.to_owned())
            };
            let mut given = person.given.clone();
            if at > 0 && self.random.chance(8) {
                let place = 1 + self.random.below(given.len() - 1);
                given.remove(place);
            }
            let family = if person.suffix.is_empty() {
                person.family.clone()
            } else {
                format!("{} {}", person.family, person.suffix)
            };
            let row = [
                keep(&mut self.random, &person.email, 75),
                keep(&mut self.random, &person.phone, 75),
                Some(given),
                Some(family),
                keep(&mut self.random, &person.born, 50),
                keep(&mut self.random, &person.street, 60),
                keep(&mut self.random, &person.city, 80),
                keep(&mut self.random, &person.postcode, 70),
            ];
            self.rows.push(row);
            self.truth.push((kind, who));
        }
    }

    fn family(&mut self, kind: usize) {
        let surname = self.surname();
        let a = self.person(&surname);
        let mut b = self.member(&a);
        match kind {
            0 => {
                let c = self.member(&a);
                if c.given.get(..2) != b.given.get(..2) {
                    self.records(kind, &c);
                }
            }
            1 => b.born = a.born.clone(),
            2 => {
                b.given = a.given.clone();
                b.suffix = "jr";
                let mut senior = a.clone();
                senior.suffix = "sr";
                self.records(kind, &senior);
                self.records(kind, &b);
                return;
            }
            3 => {
                b.email = a.email.clone();
                b.phone = self.phone();
            }
            4 => {
                for _ in 0..14 {
                    let surname = self.surname();
                    let mut colleague = self.person(&surname);
                    colleague.phone = a.phone.clone();
                    self.records(kind, &colleague);
                }
                return;
            }
            5 => {
                let surname = self.surname();
                b = Person { phone: a.phone.clone(), ..self.person(&surname) };
            }
            6 => {
                let surname = self.surname();
                b = self.person(&surname);
                let junk = Person {
                    email: "noreply@example.com".into(),
                    phone: "+10000000000".into(),
                    born: "1900-01-01".into(),
                    ..Person::default()
                };
                for person in [&a, &b] {
                    let mut junky = person.clone();
                    junky.phone = junk.phone.clone();
                    if self.random.chance(50) {
                        junky.email = junk.email.clone();
                        junky.phone = person.phone.clone();
                    }
                    junky.born = junk.born.clone();
                    self.records(kind, &junky);
                }
                return;
            }
            _ => {
                // a and c are two people; b has the email of one and the phone of the other, and no given name.
                let c = Person { phone: self.phone(), ..b.clone() };
                self.records(kind, &a);
                self.records(kind, &c);
                let bridge = [
                    Some(a.email.clone()),
                    Some(c.phone.clone()),
                    None,
                    Some(a.family.clone()),
                    None,
                    None,
                    None,
                    None,
                ];
                self.rows.push(bridge);
                self.truth.push((kind, usize::MAX));
                return;
            }
        }
        self.records(kind, &a);
        self.records(kind, &b);
    }
}

fn entity() -> EntityType {
    let kinds = [
        ("email", Kind::Email),
        ("phone", Kind::Phone),
        ("given", Kind::GivenName),
        ("family", Kind::FamilyName),
        ("born", Kind::Date),
        ("street", Kind::Street),
        ("city", Kind::City),
        ("postcode", Kind::Postcode),
    ];
    EntityType {
        attributes: kinds.into_iter().map(|(name, kind)| Attribute::new(name, kind)).collect(),
        ..EntityType::customer()
    }
}

fn dataset(entity: &EntityType, rows: &[&Row]) -> Dataset {
    let mut data = Dataset::new(entity);
    for row in rows {
        data.push_values(&row.iter().map(Option::as_deref).collect::<Vec<_>>());
    }
    data.drop_generic(entity.options.block_limit);
    data
}

fn run(entity: &EntityType, data: &Dataset, model: &Model, threads: usize) -> Partition {
    resolve(entity, data, model, &Decisions::default(), threads, &mut |_| {})
}

#[test]
fn no_two_people_are_joined_in_a_thousand_families_of_each_kind() {
    let mut maker = Maker::new(7);
    for kind in 0..KINDS.len() {
        for _ in 0..1000 {
            maker.family(kind);
        }
    }
    let entity = entity();
    let data = dataset(&entity, &maker.rows.iter().collect::<Vec<_>>());
    let model = train(&entity, &data, &Model::shipped(&entity), 2);
    let partition = run(&entity, &data, &model, 2);
    let mut wrong = [0; KINDS.len()];
    let (mut found, mut wanted) = ([0u32; KINDS.len()], [0u32; KINDS.len()]);
    let mut clusters: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (at, &cluster) in partition.cluster.iter().enumerate() {
        clusters.entry(cluster).or_default().push(at);
    }
    for members in clusters.values() {
        let mut people: Vec<(usize, usize)> =
            members.iter().map(|&at| maker.truth[at]).filter(|(_, who)| *who != usize::MAX).collect();
        people.sort_unstable();
        for same in people.chunk_by(|a, b| a == b) {
            found[same[0].0] += (same.len() * (same.len() - 1) / 2) as u32;
        }
        people.dedup();
        for person in people.iter().skip(1) {
            wrong[person.0] += 1;
        }
    }
    let mut sizes: BTreeMap<(usize, usize), u32> = BTreeMap::new();
    for person in &maker.truth {
        *sizes.entry(*person).or_default() += 1;
    }
    for (&(kind, who), size) in &sizes {
        if who != usize::MAX {
            wanted[kind] += size * (size - 1) / 2;
        }
    }
    for (kind, name) in KINDS.iter().enumerate() {
        println!(
            "{name:<20} wrong joins {} recall {:.4}",
            wrong[kind],
            f64::from(found[kind]) / f64::from(wanted[kind])
        );
    }
    for (kind, name) in KINDS.iter().enumerate() {
        assert_eq!(wrong[kind], 0, "{name}: two people joined");
        assert!(f64::from(found[kind]) >= 0.9 * f64::from(wanted[kind]), "{name}: recall");
    }
}

#[test]
fn neither_the_order_of_records_nor_threads_change_anything() {
    let mut maker = Maker::new(11);
    for kind in 0..KINDS.len() {
        for _ in 0..40 {
            maker.family(kind);
        }
    }
    let entity = entity();
    let rows: Vec<&Row> = maker.rows.iter().collect();
    let data = dataset(&entity, &rows);
    let model = train(&entity, &data, &Model::shipped(&entity), 1);
    assert_eq!(model, train(&entity, &data, &Model::shipped(&entity), 3), "threads change the model");
    let partition = run(&entity, &data, &model, 1);
    assert_eq!(partition, run(&entity, &data, &model, 3), "threads change the partition");

    let mut order: Vec<usize> = (0..rows.len()).collect();
    let mut random = Random(3);
    for at in (1..order.len()).rev() {
        order.swap(at, random.below(at + 1));
    }
    let shuffled: Vec<&Row> = order.iter().map(|&at| rows[at]).collect();
    let other = dataset(&entity, &shuffled);
    assert_eq!(model, train(&entity, &other, &Model::shipped(&entity), 2), "order changes the model");
    let moved = run(&entity, &other, &model, 2);
    let groups = |cluster: &dyn Fn(usize) -> u32| -> Vec<Vec<usize>> {
        let mut map: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for at in 0..rows.len() {
            map.entry(cluster(at)).or_default().push(at);
        }
        let mut out: Vec<Vec<usize>> = map.into_values().collect();
        out.sort();
        out
    };
    let mut place = vec![0; order.len()];
    for (new, &old) in order.iter().enumerate() {
        place[old] = new;
    }
    assert_eq!(
        groups(&|at| partition.cluster[at]),
        groups(&|at| moved.cluster[place[at]]),
        "order changes the clusters"
    );
    assert_eq!(
        groups(&|at| partition.component[at]),
        groups(&|at| moved.component[place[at]]),
        "order changes the components"
    );
    assert_eq!(partition.reviews.len(), moved.reviews.len());
}

#[test]
fn a_model_survives_json() {
    let entity = EntityType::customer();
    let model = Model::shipped(&entity);
    let text = serde_json::to_string(&model).unwrap();
    assert_eq!(serde_json::from_str::<Model>(&text).unwrap(), model);
}

#[test]
fn stewards_links_bind() {
    let mut maker = Maker::new(5);
    let person = maker.person("tester");
    let stranger = maker.person("quill");
    maker.records(0, &person);
    maker.records(0, &stranger);
    let entity = entity();
    let data = dataset(&entity, &maker.rows.iter().collect::<Vec<_>>());
    let model = Model::shipped(&entity);
    let last = maker.rows.len() as u32 - 1;
    let alone = run(&entity, &data, &model, 1);
    assert_eq!(alone.cluster[0], alone.cluster[1]);
    assert_ne!(alone.cluster[0], alone.cluster[last as usize]);
    let same = Decisions { same: vec![(0, last)], different: vec![] };
    let joined = resolve(&entity, &data, &model, &same, 1, &mut |_| {});
    assert_eq!(joined.cluster[0], joined.cluster[last as usize]);
    let apart = Decisions { same: vec![], different: vec![(0, 1)] };
    let parted = resolve(&entity, &data, &model, &apart, 1, &mut |_| {});
    assert_ne!(parted.cluster[0], parted.cluster[1]);
}
