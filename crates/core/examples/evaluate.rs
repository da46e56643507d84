//! Matches a CSV file without looking at the truth, then scores the result with it.
//!
//! ```text
//! evaluate records.csv --define first_name=given_name,surname=family_name,dob=date --truth cluster
//!          [--id system+id] [--order column] [--truth-file truth.csv] [--untrained] [--threads 2] [--model out.json]
//! ```
//!
//! `--define` is column=kind for each attribute; `--id` names the columns of the record's id (`unique_id` unless
//! given), of whose rows the one with the greatest `--order` counts; `--truth` is the column that names the entity, in
//! the file itself or in `--truth-file`, which has the id's columns too. Training never sees it.

use golden_record_core::entity::{Attribute, EntityType, Policy};
use golden_record_core::kind::Kind;
use golden_record_core::normalise::{read, Context};
use golden_record_core::probabilistic::{keys, resolve, train, Dataset, Decisions, Model, Phase};
use golden_record_core::value::Reading;
use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::time::Instant;

type Outcome<T> = Result<T, Box<dyn Error>>;

struct Args {
    file: String,
    options: HashMap<String, String>,
}

impl Args {
    fn parse() -> Outcome<Args> {
        let mut file = None;
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
                None => file = Some(arg),
            }
        }
        Ok(Args { file: file.ok_or("usage: evaluate records.csv --define column=kind,… --truth column")?, options })
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(String::as_str)
    }
}

/// Rows of a CSV file as maps from the columns asked for to values.
fn table(path: &str, columns: &[&str]) -> Outcome<Vec<Vec<String>>> {
    let mut reader = csv::Reader::from_path(path)?;
    let header = reader.headers()?.clone();
    let places: Vec<usize> = columns
        .iter()
        .map(|column| header.iter().position(|name| name == *column).ok_or_else(|| format!("no column {column}")))
        .collect::<Result<_, _>>()?;
    let mut rows = vec![];
    for row in reader.records() {
        let row = row?;
        rows.push(places.iter().map(|&at| row.get(at).unwrap_or("").to_owned()).collect());
    }
    Ok(rows)
}

fn main() -> Outcome<()> {
    let args = Args::parse()?;
    let define = args.get("define").ok_or("--define is missing")?;
    let mut attributes = vec![];
    for part in define.split(',') {
        let (column, kind) = part.split_once('=').ok_or("--define takes column=kind")?;
        attributes.push(Attribute::new(column, Kind::parse(kind).ok_or_else(|| format!("no kind {kind}"))?));
    }
    let entity =
        EntityType { policy: Policy::Probabilistic, name: "EVALUATED".into(), attributes, options: Default::default() };
    let id: Vec<&str> = args.get("id").unwrap_or("unique_id").split('+').collect();
    let truth_column = args.get("truth").unwrap_or("cluster");
    let threads: usize = args.get("threads").unwrap_or("2").parse()?;

    let started = Instant::now();
    let mut columns: Vec<&str> = entity.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
    columns.extend(&id);
    columns.extend(args.get("order"));
    if args.get("truth-file").is_none() {
        columns.push(truth_column);
    }
    let rows = table(&args.file, &columns)?;
    let width = entity.attributes.len();
    let id_of = |row: &[String], from: usize| row[from..from + id.len()].join("\u{1}");
    let mut latest: HashMap<String, (u64, usize)> = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        let order = if args.get("order").is_some() { row[width + id.len()].parse()? } else { 0 };
        let slot = latest.entry(id_of(row, width)).or_insert((order, at));
        if order >= slot.0 {
            *slot = (order, at);
        }
    }
    let mut chosen: Vec<(String, usize)> = latest.into_iter().map(|(id, (_, at))| (id, at)).collect();
    chosen.sort_unstable_by_key(|(_, at)| *at);
    let truth: Vec<String> = match args.get("truth-file") {
        None => chosen.iter().map(|(_, at)| rows[*at].last().cloned().unwrap_or_default()).collect(),
        Some(path) => {
            let mut columns = id.clone();
            columns.push(truth_column);
            let known: HashMap<String, String> =
                table(path, &columns)?.into_iter().map(|row| (id_of(&row, 0), row[id.len()].clone())).collect();
            chosen.iter().map(|(id, _)| known.get(id).cloned().unwrap_or_default()).collect()
        }
    };
    println!("{:>10.2} s  read {} records", started.elapsed().as_secs_f64(), chosen.len());

    let started = Instant::now();
    let mut data = Dataset::new(&entity);
    let country = entity.attributes.iter().position(|attribute| attribute.kind == Kind::Country);
    let mut memo: Vec<HashMap<String, Option<String>>> = vec![HashMap::new(); width];
    for (_, at) in &chosen {
        let row = &rows[*at];
        let region = country.map_or("", |column| row[column].as_str());
        let context = Context { region: if region.len() == 2 { region } else { "US" }, ..Context::default() };
        let mut values: Vec<Option<String>> = vec![];
        for (column, attribute) in entity.attributes.iter().enumerate() {
            let raw = &row[column];
            let key = if attribute.kind == Kind::Phone { format!("{region} {raw}") } else { raw.clone() };
            let value = memo[column].entry(key).or_insert_with(|| match read(attribute.kind, raw, &context) {
                Reading::Value(value) => Some(value.canonical),
                Reading::Nothing => None,
                Reading::Unreadable => Some(raw.trim().to_owned()),
            });
            values.push(value.clone());
        }
        data.push_values(&values.iter().map(Option::as_deref).collect::<Vec<_>>());
    }
    drop(memo);
    println!("{:>10.2} s  normalised", started.elapsed().as_secs_f64());
    let started = Instant::now();
    let generic = data.drop_generic(entity.options.block_limit);
    println!("{:>10.2} s  {} generic values", started.elapsed().as_secs_f64(), generic.len());

    let mut model = Model::shipped(&entity);
    if args.get("untrained").is_none() {
        let (started, used) = (Instant::now(), cpu());
        model = train(&entity, &data, &model, threads);
        println!("{:>10.2} s  train ({:.2} s of processor)", started.elapsed().as_secs_f64(), cpu() - used);
    }
    for (name, slot) in [("auto", 0), ("floor", 1)] {
        if let Some(value) = args.get(name) {
            let value = value.parse()?;
            if slot == 0 {
                model.auto = value;
            } else {
                model.floor = value;
            }
        }
    }
    if let Some(path) = args.get("model") {
        std::fs::write(path, serde_json::to_string_pretty(&model)?)?;
    }
    let mut last: Option<(Phase, Instant, f64)> = None;
    let mut progress = |phase: Phase| {
        if let Some((phase, at, used)) = last {
            println!("{:>10.2} s  {phase:?} ({:.2} s of processor)", at.elapsed().as_secs_f64(), cpu() - used);
        }
        last = Some((phase, Instant::now(), cpu()));
    };
    let partition = resolve(&entity, &data, &model, &Decisions::default(), threads, &mut progress);

    let mut sizes: BTreeMap<u32, u64> = BTreeMap::new();
    for &root in &partition.component {
        *sizes.entry(root).or_default() += 1;
    }
    let records = truth.len();
    println!(
        "pairs scored {} ({:.1} a record), components of two and more {}, largest {}, oversized {}",
        partition.pairs,
        partition.pairs as f64 / records as f64,
        sizes.values().filter(|&&size| size > 1).count(),
        sizes.values().max().unwrap_or(&0),
        partition.oversized.len()
    );
    measure(&truth, &partition.cluster);
    println!("blocking recall {:.4}", blocking_recall(&data, &truth));
    let mut reasons: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for review in &partition.reviews {
        let slot = reasons.entry(format!("{:?}", review.reason)).or_default();
        slot.0 += 1;
        slot.1 += u64::from(truth[review.pair.a as usize] == truth[review.pair.b as usize]);
    }
    for (reason, (count, same)) in reasons {
        println!("review {reason}: {count} pairs, {same} of one entity");
    }
    if let Some(pair) = args.get("explain") {
        let (a, b) = pair.split_once(',').ok_or("--explain takes two ids")?;
        let at = |id: &str| chosen.iter().position(|(known, _)| known.replace('\u{1}', ":") == id).ok_or("no such id");
        let (weight, evidence) = golden_record_core::probabilistic::score(&model, &data, at(a)?, at(b)?);
        println!("{weight}");
        for part in evidence {
            println!(
                "  {:<20} {:?} {:<36} {:>7} {:>7}",
                part.field, part.measure, part.level, part.unrelated, part.household
            );
        }
    }
    if let Some(path) = args.get("dump") {
        let mut writer = csv::Writer::from_path(path)?;
        for (at, (id, row)) in chosen.iter().enumerate() {
            let mut out = vec![partition.cluster[at].to_string(), truth[at].clone(), id.replace('\u{1}', ":")];
            out.extend(rows[*row][..width].iter().cloned());
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

fn choose2(n: u64) -> f64 {
    n as f64 * (n as f64 - 1.0) / 2.0
}

/// Pairwise precision, recall and F1, and B-cubed F1.
fn measure(truth: &[String], cluster: &[u32]) {
    let mut both: HashMap<(&str, u32), u64> = HashMap::new();
    let mut entities: HashMap<&str, u64> = HashMap::new();
    let mut clusters: HashMap<u32, u64> = HashMap::new();
    for (entity, &cluster) in truth.iter().zip(cluster) {
        *both.entry((entity, cluster)).or_default() += 1;
        *entities.entry(entity).or_default() += 1;
        *clusters.entry(cluster).or_default() += 1;
    }
    let hits: f64 = both.values().map(|&n| choose2(n)).sum();
    let wanted: f64 = entities.values().map(|&n| choose2(n)).sum();
    let found: f64 = clusters.values().map(|&n| choose2(n)).sum();
    let (p, r) = (hits / found.max(1.0), hits / wanted.max(1.0));
    println!(
        "pairwise P {p:.4} R {r:.4} F1 {:.4}  (true pairs {wanted}, found {found})",
        2.0 * p * r / (p + r).max(1e-9)
    );
    let n = truth.len() as f64;
    let precision: f64 = both.iter().map(|((_, c), &k)| (k * k) as f64 / clusters[c] as f64).sum::<f64>() / n;
    let recall: f64 = both.iter().map(|((e, _), &k)| (k * k) as f64 / entities[e] as f64).sum::<f64>() / n;
    println!("B-cubed  P {precision:.4} R {recall:.4} F1 {:.4}", 2.0 * precision * recall / (precision + recall));
}

/// The share of the true pairs that share a key which is not generic.
fn blocking_recall(data: &Dataset, truth: &[String]) -> f64 {
    let all: Vec<Vec<u64>> = (0..data.len()).map(|record| keys(data, record)).collect();
    let mut held: Vec<u64> = all.iter().flatten().copied().collect();
    held.sort_unstable();
    let generic: std::collections::HashSet<u64> = held
        .chunk_by(|a, b| a == b)
        .filter(|block| block.len() > golden_record_core::probabilistic::key_limit(block[0]))
        .map(|block| block[0])
        .collect();
    let mut entities: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, entity) in truth.iter().enumerate() {
        entities.entry(entity).or_default().push(at);
    }
    let (mut hit, mut wanted) = (0u64, 0u64);
    for members in entities.values() {
        for (at, &a) in members.iter().enumerate() {
            for &b in &members[at + 1..] {
                wanted += 1;
                hit += u64::from(all[a].iter().any(|key| all[b].binary_search(key).is_ok() && !generic.contains(key)));
            }
        }
    }
    hit as f64 / wanted.max(1) as f64
}
