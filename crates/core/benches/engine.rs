//! How fast the engine's steps are on one core: `cargo bench -p golden_record_core`.
//!
//! The records are made here, by rule, so that the figures of two machines speak of the same work.

#[path = "../tests/support/mod.rs"]
mod support;

use criterion::{criterion_group, criterion_main, BatchSize, Criterion, Throughput};
use golden_record_core::entity::EntityType;
use golden_record_core::fold::fold;
use golden_record_core::kind::Kind;
use golden_record_core::normalise::{normalize, Context};
use golden_record_core::payload::{parse, Surroundings};
use golden_record_core::probabilistic::{Blocks, Memo, Model, Scorer};
use golden_record_core::record::{Node, RecordRef, State, Version};
use golden_record_core::resolve::Matcher;
use golden_record_core::score::features::Features;
use golden_record_core::score::guide;
use golden_record_core::source::SourceOptions;
use golden_record_core::survive::{survive, Rules};
use golden_record_core::threads::Threads;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;

const GIVEN: [&str; 8] = ["Maria", "John", "Wei", "Ingrid", "Bob", "Robert", "Anna-Maria", "Peggy"];
const FAMILY: [&str; 8] = ["Doe", "García", "O'Hare", "Müller", "Smith", "Nguyen", "Sanchez Mendoza", "Lee"];

/// Record `n`: about one in three is of a person that another record has too.
fn payload(n: usize) -> String {
    let person = n * 2 / 3;
    let (given, family) = (GIVEN[person % 8], FAMILY[person / 8 % 8]);
    format!(
        r#"{{"entityType":"CUSTOMER","externalSystemIds":[{{"systemName":"S{}","id":"{n}"}}],"attributes":{{
        "email":" Person{person}.{}@Example.COM ","phoneNumber":"(555) {:03}-{:04}","firstName":"{given}","lastName":"{family}",
        "lastPurchaseDate":"2023-10-15T14:30:00Z","street":"{} Main Street"}},"timestamp":"2023-10-27T10:00:00Z"}}"#,
        n % 4,
        family.len(),
        200 + person % 700,
        person % 9000 + 1000,
        person % 300
    )
}

fn versions(count: usize) -> Vec<Version> {
    let source = |_: &str| Arc::new(SourceOptions::default());
    let around = Surroundings { source: &source, known: &|_| true, now: None };
    (0..count).flat_map(|n| parse(&payload(n), &around)).filter_map(|entry| entry.outcome.ok()).collect()
}

fn states(entity: &EntityType, versions: &[Version]) -> Vec<(RecordRef, State)> {
    let (mapping, source) = (BTreeMap::new(), SourceOptions::default());
    let state = |version: &Version| fold(entity, &mapping, &source, std::slice::from_ref(version));
    versions.iter().map(|version| (version.record.clone(), state(version))).collect()
}

fn engine(c: &mut Criterion) {
    let entity = EntityType::customer();
    let context = Context::default();

    let mut group = c.benchmark_group("normalise");
    group.throughput(Throughput::Elements(1));
    for (kind, text) in [
        (Kind::Email, " John.Doe@Example.COM "),
        (Kind::Phone, "(555) 123-4567"),
        (Kind::GivenName, "Anna-Maria"),
        (Kind::Date, "10/15/1983"),
        (Kind::Street, "1801 Jasmine Way Apt. 4"),
    ] {
        group.bench_function(kind.name(), |b| b.iter(|| normalize(kind, black_box(text), &context)));
    }
    group.finish();

    let versions = versions(2000);
    let states = states(&entity, &versions);
    let model = Model::shipped(&entity);
    let matcher = Matcher::new(&entity, &model);
    let nodes: Vec<Node> = states.iter().map(|(reference, state)| Node { reference, state }).collect();
    let mut group = c.benchmark_group("records");
    group.throughput(Throughput::Elements(versions.len() as u64));
    group.bench_function("parse and fold", |b| {
        b.iter_batched(|| (), |()| self::states(&entity, &self::versions(2000)), BatchSize::SmallInput)
    });
    group.bench_function("block, score and cluster", |b| b.iter(|| matcher.resolve_all(black_box(&nodes), &[])));
    group.finish();

    let features: Vec<Features> = nodes.iter().map(|node| Features::of(&entity, None, node.state)).collect();
    let mut group = c.benchmark_group("pairs");
    group.throughput(Throughput::Elements(features.len() as u64 - 1));
    group.bench_function("score by the guide", |b| {
        b.iter(|| features.windows(2).map(|pair| guide::score(&|_| false, &pair[0], &pair[1]).millipoints).sum::<i64>())
    });
    group.finish();

    // Names, dates, addresses, phones and emails of 30,000 records: their candidates, given, then found as well.
    let set = support::made::people();
    let people = set.records();
    let model = Model::shipped(&set.entity);
    let data = Matcher::new(&set.entity, &model).dataset(&support::nodes(&people));
    let blocks = Blocks::new(&data, Threads::ALONE);
    let partners = |record: usize| {
        let mut found = Vec::new();
        blocks.partners(record, record + 1, &mut found);
        found
    };
    let listed: Vec<Vec<u32>> = (0..data.len()).map(partners).collect();
    let scorer = Scorer::new(&model, &data);
    let mut group = c.benchmark_group("probabilistic");
    group.throughput(Throughput::Elements(listed.iter().map(|list| list.len() as u64).sum()));
    group.bench_function("score pairs that are listed", |b| {
        b.iter(|| {
            let (mut memo, mut sums, mut sum) = (Memo::default(), Vec::new(), 0i64);
            for (record, list) in listed.iter().enumerate() {
                scorer.weights(&mut memo, record, list, &mut sums);
                sum += sums.iter().map(|(unrelated, _)| i64::from(*unrelated)).sum::<i64>();
            }
            sum
        })
    });
    group.bench_function("list and score pairs", |b| {
        b.iter(|| {
            let (mut memo, mut sums, mut sum, mut found) = (Memo::default(), Vec::new(), 0i64, Vec::new());
            for record in 0..data.len() {
                blocks.partners(record, record + 1, &mut found);
                scorer.weights(&mut memo, record, &found, &mut sums);
                sum += sums.iter().map(|(unrelated, _)| i64::from(*unrelated)).sum::<i64>();
            }
            sum
        })
    });
    group.finish();

    let rules = Rules::shipped(&entity);
    let members: Vec<Node> =
        nodes[..5].iter().map(|node| Node { reference: node.reference, state: node.state }).collect();
    let mut group = c.benchmark_group("golden records");
    group.throughput(Throughput::Elements(1));
    group.bench_function("survive, five members", |b| b.iter(|| survive(&entity, &rules, black_box(&members))));
    group.finish();
}

criterion_group!(benches, engine);
criterion_main!(benches);
