//! Rows of attached tables → records. Whether a value is fit for a record is for the payload's parser to say, row by row.

use super::cells::{Cells, Line};
use super::relation::Column;
use crate::clock;
use crate::error::Result;
use crate::ingest::Table;
use crate::store::configuration::Attachment;
use golden_record_core::entity::EntityType;
use golden_record_core::error::Refusal;
use golden_record_core::normalise::timestamp;
use golden_record_core::payload::{Parts, Refused, Surroundings, Told};
use golden_record_core::record::{RecordRef, Version};
use golden_record_core::value::{rfc3339, Text};
use pgrx::pg_sys;
use serde_json::Value;
use std::collections::BTreeMap;

/// System or id of a row.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    Null,
    Text(Text),
    Json(Text),
}

impl Word {
    /// What a column says of it: a number is the text that it is printed as.
    fn of(told: Told) -> Word {
        match told {
            Told::Null => Word::Null,
            Told::Text(text) => Word::Text(text.into()),
            Told::Json(json) => match serde_json::from_str(json) {
                Ok(Value::String(text)) => Word::Text(text.into()),
                Ok(Value::Number(_)) => Word::Text(json.into()),
                _ => Word::Json(json.into()),
            },
        }
    }

    fn told(&self) -> Told<'_> {
        match self {
            Word::Null => Told::Null,
            Word::Text(text) => Told::Text(text),
            Word::Json(json) => Told::Json(json),
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Word::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A row that was read.
pub struct Read {
    /// Its name.
    pub name: Name,
    /// The version that it is; or why it is none.
    pub version: std::result::Result<Version, Box<Refused>>,
}

/// System and id of a row.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    system: Word,
    id: Word,
}

impl Name {
    /// The name of a stored record.
    pub fn of(record: &RecordRef) -> Name {
        Name { system: Word::Text(record.system.clone()), id: Word::Text(record.id.clone()) }
    }

    /// The record of that name, where it can be one.
    pub fn record(&self) -> Option<RecordRef> {
        Some(RecordRef::new(self.system.text()?, self.id.text()?))
    }
}

/// Attributes, ascending, each with the column that states it; that of a column that is not there is null.
type Attributes = Vec<(Text, Option<usize>)>;

/// Turns rows of one attached table into records.
pub struct Reader<'a> {
    attachment: &'a Attachment,
    entity: &'a EntityType,
    columns: &'a [Column],
    /// The event time of records whose table has no timestamp column, and of deletions.
    now: String,
    system: Word,
    /// Columns by what they are for.
    id: Option<usize>,
    system_column: Option<usize>,
    timestamp: Option<usize>,
    priority: Option<usize>,
    region: Option<usize>,
    deleted: Option<usize>,
    attributes: Attributes,
    /// A column that means something and that is not there.
    missing: Option<&'a str>,
}

impl<'a> Reader<'a> {
    /// A reader of what the transaction that runs now finds or misses.
    pub fn new(attachment: &'a Attachment, entity: &'a EntityType, columns: &'a [Column]) -> Reader<'a> {
        let place = |name: &str| columns.iter().position(|column| column.name == name);
        let optional = |name: &Option<String>| name.as_deref().and_then(place);
        let (options, mapped) = (&attachment.options, &attachment.columns);
        let named = options.columns().chain([attachment.id_column.as_str()]);
        let named =
            named.chain(attachment.timestamp_column.as_deref()).chain(mapped.values().flatten().map(String::as_str));
        let named: Vec<&str> = named.collect();

        let stated = mapped.iter().filter_map(|(name, column)| Some((name.as_str().into(), place(column.as_ref()?))));
        let mut attributes: BTreeMap<Text, Option<usize>> = stated.collect();
        for (at, Column { name, .. }) in
            columns.iter().enumerate().filter(|(_, column)| !named.contains(&&*column.name))
        {
            // One with the name of an attribute that another column says, or none, waits under a name that means nothing.
            let mut key = name.clone();
            while mapped.contains_key(&key) || attributes.contains_key(&*key) || (key != *name && place(&key).is_some())
            {
                key = format!("column {key}");
            }
            attributes.insert(key.into(), Some(at));
        }
        Reader {
            attachment,
            entity,
            columns,
            now: rfc3339(clock::transaction_start()),
            system: attachment.system.as_deref().map_or(Word::Null, |system| Word::Text(system.into())),
            id: place(&attachment.id_column),
            system_column: optional(&options.system_column),
            timestamp: optional(&attachment.timestamp_column),
            priority: optional(&options.priority_column),
            region: optional(&options.region_column),
            deleted: optional(&options.deleted_column),
            attributes: attributes.into_iter().collect(),
            missing: named.into_iter().find(|name| place(name).is_none()),
        }
    }

    /// What each row is refused with where a column that means something is there no more.
    pub fn lack(&self) -> Option<Refusal> {
        let column = self.missing?;
        Some(Refusal {
            field: column.to_owned(),
            reason: "the attached table has no such column any more: detach it and attach it again".into(),
            sqlstate: "42703",
        })
    }

    /// Reads rows, on all cores.
    pub fn read(&self, rows: &[Cells], table: &Table) -> Result<Vec<Read>> {
        table.reading(|surroundings| {
            Cells::each(rows, self.columns, |row| {
                let name = self.name(row);
                let version = self.version(&name, row, surroundings);
                Read { name, version }
            })
        })
    }

    /// The names of rows.
    pub fn names(&self, rows: &[Cells]) -> Result<Vec<Name>> {
        Cells::each(rows, self.columns, |row| self.name(row))
    }

    fn name(&self, row: &Line) -> Name {
        let word = |column: Option<usize>| column.map_or(Word::Null, |column| self.word(row, column));
        let system = if self.system_column.is_some() { word(self.system_column) } else { self.system.clone() };
        Name { system, id: word(self.id) }
    }

    fn word(&self, row: &Line, column: usize) -> Word {
        match Word::of(row.told(column)) {
            // The blanks that fill up a char(n) are none of it.
            Word::Text(text) if self.columns[column].base == pg_sys::BPCHAROID => {
                Word::Text(text.trim_end_matches(' ').into())
            }
            word => word,
        }
    }

    fn version(
        &self,
        name: &Name,
        row: &Line,
        surroundings: &Surroundings,
    ) -> std::result::Result<Version, Box<Refused>> {
        // A column that was renamed or dropped must not read as "has no email now".
        if let Some(refusal) = self.lack() {
            return Err(Box::new(Refused {
                refusal,
                retryable: true,
                system_name: self.attachment.system.clone(),
                source_id: None,
                payload: serde_json::to_string(row).unwrap_or_default(),
            }));
        }
        let told = |column: Option<usize>| column.map_or(Told::Null, |column| row.told(column));
        let timestamp = if self.timestamp.is_some() { told(self.timestamp) } else { Told::Text(&self.now) };
        let attributes = self.attributes.iter().map(|(name, column)| (name, told(*column))).collect();
        Parts {
            attributes: Some(attributes),
            source_priority: told(self.priority),
            region: self.region.map_or(Told::Null, |column| match row.told(column) {
                // The row is whole: it takes back what it said of that before.
                Told::Null => Told::Json("null"),
                told => told,
            }),
            ..self.parts(name, timestamp, deleted(told(self.deleted)))
        }
        .read(surroundings)
    }

    /// The version of a row that is gone; none where no record can have its name, so that none is to be deleted.
    pub fn gone(&self, name: &Name, table: &Table) -> Option<Version> {
        let parts = self.parts(name, Told::Text(&self.now), Told::Json("true"));
        table.reading(|surroundings| parts.read(surroundings)).ok()
    }

    /// A record of that name that says nothing of itself.
    fn parts<'p>(&'p self, name: &'p Name, timestamp: Told<'p>, deleted: Told<'p>) -> Parts<'p> {
        Parts {
            entity_type: &self.entity.name,
            system: name.system.told(),
            id: name.id.told(),
            attributes: None,
            timestamp,
            source_priority: Told::Null,
            region: Told::Null,
            deleted,
        }
    }
}

/// What a deletion mark says: nothing where it is no for an answer, true, or what it is where it cannot be read.
fn deleted(mark: Told<'_>) -> Told<'_> {
    let says = |text: &str| match text.trim().to_lowercase().as_str() {
        "" | "f" | "false" | "n" | "no" | "off" | "0" => Some(false),
        "t" | "true" | "y" | "yes" | "on" | "1" => Some(true),
        // When it was deleted.
        text => timestamp(text, "UTC").map(|_| true),
    };
    let said = match mark {
        Told::Null => Some(false),
        Told::Text(text) => says(text),
        Told::Json(json) => match serde_json::from_str(json) {
            Ok(Value::Bool(mark)) => Some(mark),
            Ok(Value::Number(number)) => Some(number.as_f64() != Some(0.0)),
            Ok(Value::String(text)) => says(&text),
            _ => None,
        },
    };
    match said {
        Some(true) => Told::Json("true"),
        Some(false) => Told::Null,
        None => mark,
    }
}
