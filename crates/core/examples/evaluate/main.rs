//! How good and how fast the matcher is on sets with known truth, which it never sees.
//!
//! ```text
//! evaluate DIR [--only name]         one line for each known set in the folders of DIR, and for each made set
//! evaluate records.csv --define first_name=given_name,surname=family_name,dob=date --truth cluster
//!          [--id system+id] [--order column] [--truth-file truth.csv]
//! ```
//!
//! `--define` is column=kind for each attribute; `--id` names the columns of the record's id (`unique_id` unless
//! given), of whose rows the one with the greatest `--order` counts; `--truth` is the column that names the entity, in
//! the file itself or in `--truth-file`, which has the id's columns too. Further options: `--untrained`,
//! `--details 1`, `--digest 1`, `--keys 1`, `--model out.json`, `--dump out.csv`, `--explain id,id`.
//!
//! Seconds are of processor time: learning, listing and weighing the candidates, resolving everything; the last column
//! is wall clock for resolving everything.

mod metrics;
mod sets;
#[path = "../../tests/support/mod.rs"]
mod support;

use golden_record_core::block::Key;
use golden_record_core::probabilistic::{Edge, Model};
use golden_record_core::record::Node;
use golden_record_core::resolve::{Generic, Matcher, Solution};
use sets::{Outcome, Source};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Instant;
use support::{made, Set};

struct Args {
    path: String,
    options: HashMap<String, String>,
}

impl Args {
    fn parse() -> Outcome<Args> {
        let mut path = None;
        let mut options = HashMap::new();
        let mut args = std::env::args().skip(1);
        while let Some(arg) = args.next() {
            match arg.strip_prefix("--") {
                Some("untrained") => {
                    options.insert("untrained".to_owned(), String::new());
                }
                Some(name) => {
                    options.insert(name.to_owned(), args.next().ok_or("an option lacks its value")?);
                }
                None => path = Some(arg),
            }
        }
        Ok(Args { path: path.ok_or("usage: evaluate DIR | records.csv --define column=kind,…")?, options })
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(String::as_str)
    }
}

fn main() -> Outcome<()> {
    let args = Args::parse()?;
    println!(
        "{:<16} {:>8} {:>6} {:>6} {:>6} {:>6} {:>6} {:>5} {:>6} {:>5} {:>7} {:>7} {:>7} {:>7}",
        "set",
        "records",
        "F1",
        "P",
        "R",
        "B3 F1",
        "block",
        "keys",
        "pairs",
        "calib",
        "train s",
        "pairs s",
        "all s",
        "wall s"
    );
    if std::path::Path::new(&args.path).is_dir() {
        let only = |name: &str| args.get("only").is_none_or(|wanted| wanted.split(',').any(|part| name == part));
        for source in sets::known(&args.path).iter().filter(|source| only(&source.name)) {
            evaluate(&args, &source.name, &sets::load(source)?, source.untrained)?;
        }
        for (name, make) in made::ALL.iter().filter(|(name, _)| only(name)) {
            evaluate(&args, name, &make(), false)?;
        }
        return Ok(());
    }
    let source = Source {
        file: args.path.clone(),
        define: args.get("define").ok_or("--define is missing")?.into(),
        id: args.get("id").unwrap_or("unique_id").into(),
        order: args.get("order").map(str::to_owned),
        truth: args.get("truth").unwrap_or("cluster").into(),
        truth_file: args.get("truth-file").map(str::to_owned),
        ..Source::default()
    };
    evaluate(&args, "file", &sets::load(&source)?, false)
}

fn evaluate(args: &Args, name: &str, set: &Set, untrained: bool) -> Outcome<()> {
    let records = set.records();
    let nodes = support::nodes(&records);
    let options = &set.entity.options;
    let mut model = Model::shipped(&set.entity);
    let mut seconds: Vec<f64> = vec![];
    let mut used = cpu();
    let mut lap = || {
        let now = cpu();
        now - std::mem::replace(&mut used, now)
    };
    if !untrained && args.get("untrained").is_none() {
        model = Matcher::new(&set.entity, &model).train(&nodes);
    }
    seconds.push(lap());
    model = model.with_thresholds(options);
    if let Some(value) = args.get("auto") {
        model.auto = value.parse()?;
    }
    if let Some(path) = args.get("model") {
        std::fs::write(path, serde_json::to_string_pretty(&model)?)?;
    }
    let matcher = Matcher::new(&set.entity, &model);
    lap();
    let started = Instant::now();
    let resolved = matcher.resolve_all(&nodes, &[]);
    let wall = started.elapsed().as_secs_f64();
    let all = lap();
    let candidates = matcher.candidates(&nodes);
    seconds.extend([lap(), all, wall]);
    let figures = metrics::partition(&set.truth, &resolved.solution.cluster);
    let generic: HashSet<&Key> = resolved.generic.iter().map(|value| &value.key).collect();
    let blocking = metrics::blocking(matcher.blocks(&nodes, &|key| generic.contains(key)), &set.truth);
    let calibration = metrics::calibration(&set.truth, &candidates, &model.calibration);
    let worst = calibration.iter().filter(|slot| slot.0 >= 500).map(|slot| (slot.1 - slot.2).abs()).fold(0.0, f64::max);
    println!(
        "{name:<16} {:>8} {:.4} {:.4} {:.4} {:.4} {:.4} {:>5.1} {:>6.1} {worst:>5.1} {:>7.2} {:>7.2} {:>7.2} {:>7.2}",
        nodes.len(),
        figures.f1,
        figures.precision,
        figures.recall,
        figures.cubed,
        blocking.recall,
        blocking.keys,
        candidates.len() as f64 / nodes.len() as f64,
        seconds[0],
        seconds[1],
        seconds[2],
        seconds[3],
    );
    if args.get("digest").is_some() {
        println!("    digest {:016x}", digest(&candidates, &resolved.solution));
    }
    if args.get("details").is_some() {
        details(set, &resolved.solution, &resolved.generic, &calibration);
    }
    if args.get("keys").is_some() {
        key_types(set, &blocking);
    }
    if let Some(pair) = args.get("explain") {
        explain(set, &matcher, &nodes, &|key| generic.contains(key), pair)?;
    }
    dump(args, set, &resolved.solution.cluster)
}

/// Of every weight and of what came of them: two versions of the engine that differ in speed alone agree in it.
fn digest(candidates: &[Edge], solution: &Solution) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    let mut add = |value: i64| hash = (hash ^ value as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    for edge in candidates {
        [edge.a.into(), edge.b.into(), i64::from(edge.weight)].into_iter().for_each(&mut add);
    }
    solution.component.iter().chain(&solution.cluster).for_each(|&label| add(label.into()));
    for pair in &solution.review {
        [pair.a.into(), pair.b.into(), pair.millipoints, pair.reason as i64].into_iter().for_each(&mut add);
    }
    hash
}

fn details(set: &Set, solution: &Solution, generic: &[Generic], calibration: &[(u64, f64, f64)]) {
    let mut sizes: BTreeMap<u32, u64> = BTreeMap::new();
    for &root in &solution.component {
        *sizes.entry(root).or_default() += 1;
    }
    println!(
        "    components of two and more {}, largest {}; limits reached {}; generic values {}",
        sizes.values().filter(|&&size| size > 1).count(),
        sizes.values().max().unwrap_or(&0),
        solution.limits.len(),
        generic.len()
    );
    let mut reasons: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for review in &solution.review {
        let slot = reasons.entry(review.reason.name()).or_default();
        slot.0 += 1;
        slot.1 += u64::from(set.truth[review.a as usize] == set.truth[review.b as usize]);
    }
    for (reason, (count, same)) in reasons {
        println!("    review {reason}: {count} pairs, {same} of one entity");
    }
    for (at, (pairs, points, share)) in calibration.iter().enumerate().filter(|(_, slot)| slot.0 > 0) {
        println!("    score {:>2}0…: {pairs:>9} pairs, mean {points:5.1}, true {share:5.1}", at);
    }
}

/// What each type of key finds that no other does, for tests with keys that show their type in the low byte.
fn key_types(set: &Set, blocking: &metrics::Blocking) {
    let mut holders: BTreeMap<u8, u64> = BTreeMap::new();
    let mut alone: BTreeMap<u8, u64> = BTreeMap::new();
    let mut finds: BTreeMap<u8, u64> = BTreeMap::new();
    let mut entities: HashMap<u32, Vec<usize>> = HashMap::new();
    for (at, &entity) in set.truth.iter().enumerate() {
        entities.entry(entity).or_default().push(at);
    }
    for key in blocking.by_record.iter().flatten() {
        *holders.entry(*key as u8 & 63).or_default() += 1;
    }
    for members in entities.values() {
        for (at, &a) in members.iter().enumerate() {
            for &b in &members[at + 1..] {
                let mut types: Vec<u8> = blocking.by_record[a]
                    .iter()
                    .filter(|key| blocking.by_record[b].binary_search(key).is_ok() && !blocking.generic.contains(key))
                    .map(|key| *key as u8 & 63)
                    .collect();
                types.dedup();
                types.sort_unstable();
                types.dedup();
                types.iter().for_each(|tag| *finds.entry(*tag).or_default() += 1);
                if let [only] = types[..] {
                    *alone.entry(only).or_default() += 1;
                }
            }
        }
    }
    let mut pairs: BTreeMap<u8, u64> = BTreeMap::new();
    let mut held: Vec<u64> = blocking.by_record.iter().flatten().copied().collect();
    held.sort_unstable();
    for block in held.chunk_by(|a, b| a == b).filter(|block| !blocking.generic.contains(&block[0])) {
        *pairs.entry(block[0] as u8 & 63).or_default() += (block.len() * (block.len() - 1) / 2) as u64;
    }
    let records = set.truth.len() as f64;
    for (tag, count) in &holders {
        println!(
            "    key {tag:>3}: {:5.2} a record, {:6.2} pairs a record, finds {:>8}, alone {:>6}",
            *count as f64 / records,
            pairs.get(tag).copied().unwrap_or(0) as f64 / records,
            finds.get(tag).copied().unwrap_or(0),
            alone.get(tag).copied().unwrap_or(0)
        );
    }
}

fn explain(set: &Set, matcher: &Matcher, nodes: &[Node], generic: &dyn Fn(&Key) -> bool, pair: &str) -> Outcome<()> {
    let (a, b) = pair.split_once(',').ok_or("--explain takes two ids")?;
    let at = |id: &str| set.ids.iter().position(|known| known == id).ok_or("no such id");
    for score in matcher.explain(nodes, generic, &[(at(a)? as u32, at(b)? as u32)]) {
        println!("{}", score.points());
        for line in score.evidence {
            println!("  {:<20} {:<20} {:<36} {:>7.3}", line.attribute, line.comparison, line.level, line.weight);
        }
    }
    Ok(())
}

fn dump(args: &Args, set: &Set, cluster: &[u32]) -> Outcome<()> {
    if let Some(path) = args.get("dump") {
        let mut writer = csv::Writer::from_path(path)?;
        for (at, (id, row)) in set.ids.iter().zip(&set.rows).enumerate() {
            let mut out = vec![cluster[at].to_string(), set.truth[at].to_string(), id.clone()];
            out.extend(row.iter().cloned());
            writer.write_record(&out)?;
        }
        writer.flush()?;
    }
    Ok(())
}

/// Seconds of processor time that this process has used, where the system tells.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}
