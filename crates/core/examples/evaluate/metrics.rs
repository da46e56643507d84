//! How good a partition is, given the truth.

use golden_record_core::probabilistic::{key_limit, Calibration, Edge};
use std::collections::{HashMap, HashSet};

/// Figures of one set.
#[derive(Default)]
pub struct Figures {
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
    pub cubed: f64,
}

fn choose2(n: u64) -> f64 {
    n as f64 * (n as f64 - 1.0) / 2.0
}

fn harmonic(p: f64, r: f64) -> f64 {
    2.0 * p * r / (p + r).max(1e-9)
}

/// Pairwise precision, recall and F1, and B-cubed F1.
pub fn partition(truth: &[u32], cluster: &[u32]) -> Figures {
    let mut both: HashMap<(u32, u32), u64> = HashMap::new();
    let mut entities: HashMap<u32, u64> = HashMap::new();
    let mut clusters: HashMap<u32, u64> = HashMap::new();
    for (&entity, &cluster) in truth.iter().zip(cluster) {
        *both.entry((entity, cluster)).or_default() += 1;
        *entities.entry(entity).or_default() += 1;
        *clusters.entry(cluster).or_default() += 1;
    }
    let pairs = |list: &mut dyn Iterator<Item = &u64>| -> f64 { list.map(|&n| choose2(n)).sum() };
    let hits = pairs(&mut both.values());
    let precision = hits / pairs(&mut clusters.values()).max(1.0);
    let recall = hits / pairs(&mut entities.values()).max(1.0);
    let n = truth.len() as f64;
    let cubed = |size: &dyn Fn(&(u32, u32)) -> u64| -> f64 {
        both.iter().map(|(pair, &k)| (k * k) as f64 / size(pair) as f64).sum::<f64>() / n
    };
    let cubed = harmonic(cubed(&|pair| clusters[&pair.1]), cubed(&|pair| entities[&pair.0]));
    Figures { precision, recall, f1: harmonic(precision, recall), cubed }
}

/// What blocking finds and costs.
pub struct Blocking {
    /// The share of the true pairs that share a key which is not generic.
    pub recall: f64,
    /// Keys a record.
    pub keys: f64,
    /// By type of key, in the order of tags: how many records have it.
    pub by_record: Vec<Vec<u64>>,
    pub generic: HashSet<u64>,
}

/// `all` are the blocks of each record.
pub fn blocking(all: Vec<Vec<u64>>, truth: &[u32]) -> Blocking {
    let mut held: Vec<u64> = all.iter().flatten().copied().collect();
    let count = held.len() as f64 / truth.len().max(1) as f64;
    held.sort_unstable();
    let generic: HashSet<u64> =
        held.chunk_by(|a, b| a == b).filter(|block| block.len() > key_limit(block[0])).map(|block| block[0]).collect();
    let mut entities: HashMap<u32, Vec<usize>> = HashMap::new();
    for (at, &entity) in truth.iter().enumerate() {
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
    Blocking { recall: hit as f64 / wanted.max(1) as f64, keys: count, by_record: all, generic }
}

/// For each decile of the score: pairs, mean score and the share of true matches, both in points.
pub fn calibration(truth: &[u32], pairs: &[Edge], known: &Calibration) -> Vec<(u64, f64, f64)> {
    let mut out = vec![(0u64, 0.0, 0.0); 10];
    for pair in pairs {
        let points = known.millipoints(pair.weight) as f64 / 1000.0;
        let slot = &mut out[((points / 10.0) as usize).min(9)];
        slot.0 += 1;
        slot.1 += points;
        slot.2 += if truth[pair.a as usize] == truth[pair.b as usize] { 100.0 } else { 0.0 };
    }
    for slot in &mut out {
        slot.1 /= slot.0.max(1) as f64;
        slot.2 /= slot.0.max(1) as f64;
    }
    out
}
