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
use crate::threads::Threads;
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

/// A number for each class.
type ByClass = [f64; CLASSES];

/// A column of values: by record, the number of its value, [`usize::MAX`] where it is not frequent; the hashes of the
/// frequent values, by number.
type Column = (Vec<usize>, Vec<u64>);

/// Finds the classes of `data`; `content` are the hashes of the records' values, which decide the order of work.
pub(crate) fn cultures(data: &Dataset, content: &[u64], threads: Threads) -> Cultures {
    let columns = sample(data, content);
    let mut mixture = Mixture::begin(&columns);
    for _ in 0..ROUNDS {
        threads.look();
        mixture.count(&columns);
        mixture.assign(&columns);
    }
    mixture.cultures(&columns)
}

/// Given name, family name and city of the records that are looked at.
fn sample(data: &Dataset, content: &[u64]) -> [Column; 3] {
    let mut order: Vec<u32> = (0..content.len() as u32).collect();
    order.sort_unstable_by_key(|&record| content[record as usize]);
    order.truncate(SAMPLE);
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
    columns.map(|column| number(&column))
}

/// Classes on their way.
struct Mixture {
    /// By record: how likely it is of each class.
    belongs: Vec<ByClass>,
    /// How many records each class has.
    share: ByClass,
    /// By column and value: how many records of each class have it.
    tables: Vec<Vec<ByClass>>,
}

impl Mixture {
    /// Families begin in a class each, by hash; the other values follow.
    fn begin(columns: &[Column; 3]) -> Mixture {
        let (families, hashes) = &columns[1];
        let class_of = |&family: &usize| {
            if family == usize::MAX {
                return [1.0 / CLASSES as f64; CLASSES];
            }
            let mut out = [0.3 / CLASSES as f64; CLASSES];
            out[(hashes[family] >> 32) as usize % CLASSES] += 0.7;
            out
        };
        Mixture {
            belongs: families.iter().map(class_of).collect(),
            share: [0.0; CLASSES],
            tables: columns.iter().map(|(_, values)| vec![[0.0; CLASSES]; values.len()]).collect(),
        }
    }

    /// Counts classes and their values, as records belong to them.
    fn count(&mut self, columns: &[Column; 3]) {
        self.share = [0.0; CLASSES];
        for table in &mut self.tables {
            table.iter_mut().for_each(|row| *row = [0.0; CLASSES]);
        }
        for (at, part) in self.belongs.iter().enumerate() {
            self.share.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
            for ((column, _), table) in columns.iter().zip(&mut self.tables) {
                if let Some(row) = table.get_mut(column[at]) {
                    row.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
                }
            }
        }
    }

    /// Says to which classes records belong, as those were counted.
    fn assign(&mut self, columns: &[Column; 3]) {
        let records = self.belongs.len();
        let sum = |table: &Vec<ByClass>| {
            table.iter().fold([1.0; CLASSES], |sum, row| std::array::from_fn(|class| sum[class] + row[class]))
        };
        let totals: Vec<ByClass> = self.tables.iter().map(sum).collect();
        for (at, part) in self.belongs.iter_mut().enumerate() {
            let mut chance: ByClass = std::array::from_fn(|class| self.share[class] / records as f64);
            for (((column, values), table), total) in columns.iter().zip(&self.tables).zip(&totals) {
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

    /// The values of which one small class holds nearly all.
    fn cultures(&self, columns: &[Column; 3]) -> Cultures {
        let records = self.belongs.len().max(1) as f64;
        let mut out = Cultures {
            shares: self.share.iter().map(|share| millibits((share / records).max(1e-9))).collect(),
            ..Cultures::default()
        };
        let small: Vec<bool> = self.share.iter().map(|share| share / records <= LARGEST).collect();
        for (((_, values), table), found) in
            columns.iter().zip(&self.tables).zip([&mut out.given, &mut out.family, &mut out.city])
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
}

/// The frequent values of a column by number, in the order of their hashes.
fn number(column: &[u64]) -> Column {
    let mut sorted: Vec<u64> = column.iter().copied().filter(|&key| key != 0).collect();
    sorted.sort_unstable();
    let values: Vec<u64> =
        sorted.chunk_by(|a, b| a == b).filter(|same| same.len() >= LEAST).map(|same| same[0]).collect();
    (column.iter().map(|key| values.binary_search(key).unwrap_or(usize::MAX)).collect(), values)
}
