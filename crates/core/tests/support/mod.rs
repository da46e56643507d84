//! What tests, benchmarks and `evaluate` share: sets of records with known truth.
#![allow(dead_code, clippy::unwrap_used)]

pub mod families;
pub mod made;
pub mod random;

use golden_record_core::entity::EntityType;
use golden_record_core::kind::Kind;
use golden_record_core::normalise::{read, Context};
use golden_record_core::record::{Draft, Node, RecordRef, Run, State, Stated};
use golden_record_core::value::Reading;
use std::collections::HashMap;

/// Records with their truth.
pub struct Set {
    pub entity: EntityType,
    /// By record, by attribute, as written.
    pub rows: Vec<Vec<String>>,
    pub ids: Vec<String>,
    /// By record: the number of its entity.
    pub truth: Vec<u32>,
}

/// A source record.
pub type Record = (RecordRef, State);

impl Set {
    /// The source records, their values made canonical by their kinds. Their references ascend, as the rows do.
    pub fn records(&self) -> Vec<Record> {
        let entity = &self.entity;
        let country = entity.attributes.iter().position(|attribute| attribute.kind == Kind::Country);
        let mut memo: Vec<HashMap<String, Reading>> = vec![HashMap::new(); entity.attributes.len()];
        let mut record = |(at, row): (usize, &Vec<String>)| {
            let region = country.map_or("", |column| row[column].as_str());
            let region = if region.len() == 2 { region } else { "US" };
            let context = Context { region, ..Context::default() };
            let mut state = Draft { live: true, region: region.into(), ..Draft::default() };
            for (column, attribute) in entity.attributes.iter().enumerate() {
                let raw = &row[column];
                let key = if attribute.kind == Kind::Phone { format!("{region} {raw}") } else { raw.clone() };
                match memo[column].entry(key).or_insert_with(|| read(attribute.kind, raw, &context)) {
                    Reading::Value(value) => {
                        let stated = Stated { value: value.clone(), at: 0, priority: 1 };
                        state.held.insert(attribute.name.as_str().into(), Run::of(stated));
                    }
                    Reading::Nothing => {}
                    Reading::Unreadable => {
                        state.unreadable.insert(attribute.name.as_str().into(), raw.trim().into());
                    }
                }
            }
            (RecordRef::new("set", format!("{at:09}")), state.into())
        };
        self.rows.iter().enumerate().map(&mut record).collect()
    }
}

/// Records as the matcher takes them.
pub fn nodes(records: &[Record]) -> Vec<Node<'_>> {
    records.iter().map(|(reference, state)| Node { reference, state }).collect()
}
