//! Values that go together across fields: names and cities of one language among those of another.
//!
//! A rare given name and a rare family name are strong evidence together only if they are independent. Josefa and
//! Sánchez are not: among the few Spanish records both are common. A mixture of `CLASSES` classes over given name,
//! family name and city finds such groups without being told of languages; a value that belongs to one small class
//! is marked with it, and agreement on a second value of the class counts for so much less as the class is small.

use super::dataset::{Field, Table};
use super::features::{Form, NONE};
use super::model::{millibits, Frequencies};
use super::Dataset;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Classes of values, by the stored part of their hashes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cultures {
    /// log2 of each class's share of the records, in thousandths of a bit.
    pub shares: Vec<i32>,
    /// The class of a given name.
    pub given: BTreeMap<u32, u8>,
    /// The class of a family name.
    pub family: BTreeMap<u32, u8>,
    /// The class of a city.
    pub city: BTreeMap<u32, u8>,
}

const CLASSES: usize = 16;
const ROUNDS: usize = 40;
/// Records that are looked at.
const SAMPLE: usize = 60_000;
/// A value in fewer of them belongs to no class.
const LEAST: usize = 20;
/// A larger class is the ordinary case and no class at all.
const LARGEST: f64 = 0.12;
/// A value belongs to a class that holds at least this share of it.
const SURE: f64 = 0.9;

/// The values of a feature that may belong to a class, 0 where there is none: given name, first part of the family name,
/// city.
pub(crate) fn keys(field: &Field, feature: usize) -> [u64; 3] {
    let tokens = &field.tokens;
    match &field.table {
        Table::Names(list) => {
            let name = &list[feature];
            [tokens.hash(name.given[0]), name.family_parts(tokens).next().map_or(0, |part| tokens.hash(part)), 0]
        }
        Table::Addresses(list) => [0, 0, tokens.hash(list[feature].city)],
        _ => [0; 3],
    }
}

/// Finds the classes of `data`; `content` are the hashes of the records' values, which decide the order of work.
pub(crate) fn cultures(data: &Dataset, content: &[u64]) -> Cultures {
    let mut order: Vec<u32> = (0..content.len() as u32).collect();
    order.sort_unstable_by_key(|&record| content[record as usize]);
    order.truncate(SAMPLE);
    // Given name, family name and city of each record as numbers of frequent values.
    let mut columns: [Vec<u64>; 3] = std::array::from_fn(|_| vec![0; order.len()]);
    for field in data.fields.iter().filter(|field| matches!(field.form, Form::Name | Form::Address)) {
        for (at, &record) in order.iter().enumerate() {
            let id = data.row(record as usize)[field.slots.start];
            if id != NONE {
                let said = columns.iter_mut().zip(keys(field, id as usize));
                said.filter(|(_, key)| *key != 0).for_each(|(column, key)| column[at] = key);
            }
        }
    }
    let numbered: Vec<(Vec<usize>, Vec<u64>)> = columns.iter().map(|column| number(column)).collect();
    let records = order.len();
    let mut share = [1.0 / CLASSES as f64; CLASSES];
    let mut tables: Vec<Vec<[f64; CLASSES]>> =
        numbered.iter().map(|(_, values)| vec![[0.0; CLASSES]; values.len()]).collect();
    // Families begin in a class each, by hash; the other values follow.
    let mut belongs: Vec<[f64; CLASSES]> = numbered[1]
        .0
        .iter()
        .map(|&family| {
            let mut out = [0.3 / CLASSES as f64; CLASSES];
            if family != usize::MAX {
                out[(numbered[1].1[family] >> 32) as usize % CLASSES] += 0.7;
            } else {
                out = [1.0 / CLASSES as f64; CLASSES];
            }
            out
        })
        .collect();
    for _ in 0..ROUNDS {
        share = [0.0; CLASSES];
        for table in &mut tables {
            table.iter_mut().for_each(|row| *row = [0.0; CLASSES]);
        }
        for (at, part) in belongs.iter().enumerate() {
            for class in 0..CLASSES {
                share[class] += part[class];
            }
            for ((column, _), table) in numbered.iter().zip(&mut tables) {
                if let Some(row) = table.get_mut(column[at]) {
                    for class in 0..CLASSES {
                        row[class] += part[class];
                    }
                }
            }
        }
        let totals: Vec<[f64; CLASSES]> = tables
            .iter()
            .map(|table| {
                table.iter().fold([1.0; CLASSES], |sum, row| std::array::from_fn(|class| sum[class] + row[class]))
            })
            .collect();
        for (at, part) in belongs.iter_mut().enumerate() {
            let mut chance: [f64; CLASSES] = std::array::from_fn(|class| share[class] / records as f64);
            for (((column, values), table), total) in numbered.iter().zip(&tables).zip(&totals) {
                if let Some(row) = table.get(column[at]) {
                    for class in 0..CLASSES {
                        chance[class] *=
                            (row[class] + 0.1) / (total[class] + 0.1 * values.len() as f64) * values.len() as f64;
                    }
                }
            }
            let sum: f64 = chance.iter().sum::<f64>().max(1e-300);
            *part = chance.map(|p| p / sum);
        }
    }
    let mut out = Cultures {
        shares: share.iter().map(|s| millibits((s / records.max(1) as f64).max(1e-9))).collect(),
        ..Cultures::default()
    };
    let small: Vec<bool> = share.iter().map(|s| s / records.max(1) as f64 <= LARGEST).collect();
    for (((_, values), table), found) in
        numbered.iter().zip(&tables).zip([&mut out.given, &mut out.family, &mut out.city])
    {
        for (value, row) in values.iter().zip(table) {
            let sum: f64 = row.iter().sum();
            if let Some(class) = (0..CLASSES).find(|&class| small[class] && row[class] >= SURE * (sum + 1.0)) {
                found.insert(Frequencies::key(*value), class as u8);
            }
        }
    }
    out
}

/// The frequent values of a column by number, in the order of their hashes; [`usize::MAX`] for the others.
fn number(column: &[u64]) -> (Vec<usize>, Vec<u64>) {
    let mut sorted: Vec<u64> = column.iter().copied().filter(|&key| key != 0).collect();
    sorted.sort_unstable();
    let values: Vec<u64> =
        sorted.chunk_by(|a, b| a == b).filter(|same| same.len() >= LEAST).map(|same| same[0]).collect();
    (column.iter().map(|key| values.binary_search(key).unwrap_or(usize::MAX)).collect(), values)
}
