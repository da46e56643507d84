//! What one value that every record holds costs: `cargo bench -p golden_record_core --bench junk [-- RECORDS [ATTRIBUTE…]]`,
//! a million unless said.
//!
//! By attribute: learning and resolving the records where all state one junk value in it, beside the same records where
//! none states anything in it; seconds, peak memory and their ratios, and as what it is reported. Each is measured in a
//! process of its own; Linux, since memory is read from `/proc`.

#[path = "../tests/support/random.rs"]
#[allow(dead_code)]
mod random;

use golden_record_core::entity::{EntityType, Options, Policy};
use golden_record_core::kind::Kind;
use golden_record_core::probabilistic::{key_limit, Model};
use golden_record_core::record::{Draft, Node, RecordRef, Run, State, Stated};
use golden_record_core::resolve::Matcher;
use golden_record_core::value::Value;
use random::Random;
use std::collections::HashMap;
use std::process::Command;
use std::time::Instant;

/// Junk that no list of junk knows.
const JUNK: [(&str, &str); 7] = [
    ("phoneNumber", "+15550100199"),
    ("email", "someone@shop.example"),
    ("firstName", "valued"),
    ("lastName", "client"),
    ("dateOfBirth", "1980-05-05"),
    ("street", "1 main street"),
    ("company", "private person"),
];

/// Letters that spell a word of their own for each number.
fn word(mut number: usize) -> String {
    const SYLLABLES: [&str; 16] =
        ["ba", "ro", "lin", "ker", "ta", "mo", "ves", "dun", "ha", "zel", "pi", "gor", "sa", "wen", "jo", "fri"];
    let mut out = String::new();
    loop {
        out.push_str(SYLLABLES[number % 16]);
        number /= 16;
        if number == 0 {
            return out;
        }
    }
}

struct Person {
    values: Vec<(&'static str, String)>,
}

impl Person {
    fn new(random: &mut Random) -> Person {
        let (given, family) = (word(16 + random.skewed(2_000)), word(300 + random.skewed(60_000)));
        let (year, month, day) = (1940 + random.below(65), 1 + random.below(12), 1 + random.below(28));
        let town = random.skewed(3_000);
        let mailbox = format!("{given}.{family}{}@mail{}.example", random.below(10_000), random.below(9));
        Person {
            values: vec![
                ("email", mailbox),
                ("phoneNumber", format!("+1{}", 2_000_000_000 + random.next() % 8_000_000_000)),
                ("dateOfBirth", format!("{year}-{month:02}-{day:02}")),
                ("street", format!("{} {} street", 1 + random.below(400), word(20 + random.skewed(5_000)))),
                ("city", word(40 + town)),
                ("postcode", format!("{:05}", 10_000 + town * 7 + random.below(7))),
                ("company", format!("{} {}", word(random.skewed(9_000)), word(random.below(300)))),
                ("firstName", given),
                ("lastName", family),
            ],
        }
    }

    /// A record of the person: most values, some with a slip.
    fn state(&self, random: &mut Random) -> Draft {
        let mut state = Draft { live: true, region: "US".into(), ..Draft::default() };
        for (name, value) in &self.values {
            let kept = if *name == "company" { 15 } else { 70 };
            if random.chance(kept) {
                let slip = random.chance(3) && !matches!(*name, "dateOfBirth" | "phoneNumber");
                put(&mut state, name, &if slip { random.typo(value) } else { value.clone() });
            }
        }
        state
    }
}

fn put(state: &mut Draft, name: &str, value: &str) {
    let stated = Stated { value: Value::same(value), at: 0, priority: 1 };
    state.held.insert(name.into(), Run::of(stated));
}

fn records(count: usize, attribute: &str, junk: Option<&str>) -> Vec<(RecordRef, State)> {
    let mut random = Random(5);
    let mut out = Vec::with_capacity(count);
    while out.len() < count {
        let person = Person::new(&mut random);
        for _ in 0..(1 + random.skewed(6)).min(count - out.len()) {
            let mut state = person.state(&mut random);
            state.held.remove(attribute);
            if let Some(junk) = junk {
                put(&mut state, attribute, junk);
            }
            out.push((RecordRef::new("set", format!("{:09}", out.len())), state.into()));
        }
    }
    out
}

/// Kilobytes of `/proc/self/status`.
fn kilobytes(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(f64::NAN)
}

/// One side, in this process: prints seconds, peak memory in MiB, that of the records alone, and what is reported.
fn measure(count: usize, attribute: &str, junk: Option<&str>) {
    let entity = EntityType {
        policy: Policy::Probabilistic,
        options: Options::of(Policy::Probabilistic),
        ..EntityType::customer()
    };
    let records = records(count, attribute, junk);
    let nodes: Vec<Node> = records.iter().map(|(reference, state)| Node { reference, state }).collect();
    let held = kilobytes("VmRSS");
    let begin = Instant::now();
    let model = Matcher::new(&entity, &Model::shipped(&entity)).train(&nodes).with_thresholds(&entity.options);
    let matcher = Matcher::new(&entity, &model);
    let resolution = matcher.resolve_all(&nodes, &[]);
    let seconds = begin.elapsed().as_secs_f64();
    let peak = kilobytes("VmHWM");
    let mut reported: Vec<String> = resolution
        .generic
        .iter()
        .filter(|value| value.holders == count)
        .map(|value| format!("generic {} of {} records", value.key.space.name(), value.holders))
        .collect();
    let mut members: HashMap<u64, usize> = HashMap::new();
    let generic: Vec<_> = resolution.generic.iter().map(|value| &value.key).collect();
    for piece in nodes.chunks(4_096) {
        let blocks = matcher.blocks(piece, &|key| generic.binary_search(&key).is_ok());
        blocks.into_iter().flatten().for_each(|block| *members.entry(block).or_default() += 1);
    }
    members.retain(|block, members| *members > key_limit(*block));
    let largest = members.values().max().copied().unwrap_or(0);
    reported.push(format!("{} blocks over their limit, the largest of {largest}", members.len()));
    let golden = resolution.solution.cluster.iter().zip(0..).filter(|(head, node)| **head == *node).count();
    println!("{seconds}\t{}\t{}\t{golden} golden records; {}", peak / 1024.0, held / 1024.0, reported.join("; "));
}

/// The same in a process of its own.
fn measured(count: usize, attribute: &str, with: &str) -> Option<(f64, f64, f64, String)> {
    let this = std::env::current_exe().ok()?;
    let output = Command::new(this).args(["one", &count.to_string(), attribute, with]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut fields = text.trim().split('\t');
    let mut figure = || fields.next()?.parse::<f64>().ok();
    Some((figure()?, figure()?, figure()?, fields.next()?.to_owned()))
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    if let ["one", count, attribute, with] = words[..] {
        let junk = JUNK.iter().find(|(name, _)| *name == attribute).map(|(_, junk)| *junk);
        return measure(count.parse().unwrap_or(0), attribute, junk.filter(|_| with == "with"));
    }
    let count: usize = words.first().and_then(|count| count.parse().ok()).unwrap_or(1_000_000);
    let entity = EntityType::customer();
    println!("{count} records; all hold one junk value, or none holds any\n");
    println!(
        "{:<14} {:>9} {:>9} {:>6} {:>9} {:>9} {:>6}   reported",
        "attribute", "without s", "with s", "ratio", "MiB", "MiB", "ratio"
    );
    for (attribute, _) in JUNK.iter().filter(|(name, _)| words.len() < 2 || words[1..].contains(name)) {
        debug_assert!(entity.attribute(attribute).is_some_and(|one| one.kind != Kind::Timestamp));
        match (measured(count, attribute, "without"), measured(count, attribute, "with")) {
            (Some(one), Some(other)) => println!(
                "{attribute:<14} {:>9.2} {:>9.2} {:>6.2} {:>9.0} {:>9.0} {:>6.2}   {}",
                one.0,
                other.0,
                other.0 / one.0,
                one.1,
                other.1,
                other.1 / one.1,
                other.3
            ),
            _ => println!("{attribute:<14} could not be measured"),
        }
    }
}
