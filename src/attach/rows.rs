//! Rows of attached tables as JSON → records of the guide's shape.
//!
//! A column's value is carried over as the text it is: whether it is fit for a record is for the payload's parser to
//! say, row by row.

use crate::error::Result;
use crate::ingest::transaction_start;
use crate::parallel;
use crate::store::configuration::Attachment;
use golden_record_core::entity::EntityType;
use golden_record_core::error::Refusal;
use golden_record_core::kind::Kind;
use golden_record_core::record::RecordRef;
use golden_record_core::value::rfc3339;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::Value;
use std::borrow::Cow;

/// A row: its columns, each with its JSON text. There are few: to look through them is faster than a map.
struct Columns<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Columns<'a> {
    fn get(&self, column: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|(name, _)| name == column).map(|(_, value)| *value)
    }
}

impl<'de> Deserialize<'de> for Columns<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Columns<'de>, D::Error> {
        struct Row;
        impl<'de> Visitor<'de> for Row {
            type Value = Columns<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("a row")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut row: A) -> std::result::Result<Columns<'de>, A::Error> {
                let mut columns = Vec::with_capacity(16);
                while let Some((Name(name), value)) = row.next_entry()? {
                    columns.push((name, value));
                }
                Ok(Columns(columns))
            }
        }
        /// Borrowed where it has no escapes.
        #[derive(Deserialize)]
        struct Name<'a>(#[serde(borrow)] Cow<'a, str>);
        from.deserialize_map(Row)
    }
}

/// A row that was read.
pub struct Read {
    /// Its name.
    pub name: Name,
    /// The record that it is; or why it is none, with the row.
    pub record: std::result::Result<String, (Refusal, String)>,
}

/// System and id of a row, as JSON texts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    system: String,
    id: String,
}

impl Name {
    /// The name of a stored record.
    pub fn of(record: &RecordRef) -> Name {
        let text = |text: &str| Value::from(text).to_string();
        Name { system: text(&record.system), id: text(&record.id) }
    }

    /// The record of that name, where it can be one.
    pub fn record(&self) -> Option<RecordRef> {
        let text = |json: &str| serde_json::from_str::<String>(json).ok().map(|text| text.trim().to_owned());
        Some(RecordRef::new(text(&self.system)?, text(&self.id)?))
    }

    /// Whether the row has no id.
    pub fn is_nameless(&self) -> bool {
        self.id == NULL
    }
}

const NULL: &str = "null";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    entity_type: &'a str,
    external_system_ids: [Id; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<Attributes<'a>>,
    timestamp: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_priority: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    deleted: bool,
}

/// Attributes by name, ascending.
struct Attributes<'a>(Vec<(&'a str, &'a RawValue)>);

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, into: S) -> std::result::Result<S::Ok, S::Error> {
        into.collect_map(self.0.iter().copied())
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Id {
    system_name: Box<RawValue>,
    id: Box<RawValue>,
}

/// Turns rows of one attached table into records.
pub struct Reader<'a> {
    attachment: &'a Attachment,
    entity: &'a EntityType,
    /// The event time of records whose table has no timestamp column, and of deletions: JSON text.
    now: Box<RawValue>,
    null: Box<RawValue>,
    /// Attribute and column.
    mapped: Vec<(&'a str, &'a str)>,
    /// The columns that mean something, which a row must have.
    named: Vec<&'a str>,
}

impl<'a> Reader<'a> {
    /// A reader of what the transaction that runs now finds or misses.
    pub fn new(attachment: &'a Attachment, entity: &'a EntityType) -> Result<Reader<'a>> {
        let now = RawValue::from_string(Value::from(rfc3339(transaction_start())).to_string())?;
        let null = RawValue::from_string(NULL.to_owned())?;
        let columns = attachment.columns.iter();
        let mapped: Vec<(&str, &str)> =
            columns.filter_map(|(name, column)| Some((name.as_str(), column.as_str()?))).collect();
        let own = ["system_column", "priority_column", "region_column", "deleted_column"];
        let own = own.iter().filter_map(|option| attachment.options.get(*option).and_then(Value::as_str));
        let named = own.chain([attachment.id_column.as_str()]).chain(attachment.timestamp_column.as_deref());
        let named = named.chain(mapped.iter().map(|(_, column)| *column)).collect();
        Ok(Reader { attachment, entity, now, null, mapped, named })
    }

    fn option(&self, name: &str) -> Option<&str> {
        self.attachment.options.get(name).and_then(Value::as_str)
    }

    /// Reads rows as `row_to_json` gives them, on all cores.
    pub fn read(&self, texts: &[String]) -> Result<Vec<Read>> {
        let read = parallel::map(texts, |text| {
            let row: Columns = serde_json::from_str(text)?;
            let name = self.name(&row);
            let record = self.record(&name, &row)?.map_err(|refusal| (refusal, text.clone()));
            Ok(Read { name, record })
        });
        read?.into_iter().collect()
    }

    /// The name of a row. An id of a numeric type is the text it is printed as.
    fn name(&self, row: &Columns) -> Name {
        let text = |column: &str| match row.get(column).map(RawValue::get) {
            Some(number) if number.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => format!("\"{number}\""),
            Some(text) => text.to_owned(),
            None => NULL.to_owned(),
        };
        let system = match self.option("system_column") {
            Some(column) => text(column),
            None => Value::from(self.attachment.system.clone()).to_string(),
        };
        Name { system, id: text(&self.attachment.id_column) }
    }

    /// The record that a row is, or why it is none.
    fn record(&self, name: &Name, row: &Columns) -> Result<std::result::Result<String, Refusal>> {
        // A column that was renamed or dropped must not read as "has no email now".
        if let Some(column) = self.named.iter().find(|column| row.get(column).is_none()) {
            return Ok(Err(Refusal {
                field: (*column).to_owned(),
                reason: "the attached table has no such column any more: detach it and attach it again".into(),
                sqlstate: "42703",
            }));
        }
        let value = |option: &str| row.get(self.option(option)?).filter(|value| value.get() != NULL);
        let country = self.entity.of_kind(Kind::Country).next().map(|country| country.name.as_str());
        let rest = row.0.iter().filter(|(column, _)| !self.named.contains(&&**column));
        // Of two that are stated for one attribute the first counts.
        let mut attributes: Vec<(&str, &RawValue)> = Vec::with_capacity(row.0.len());
        attributes.extend(self.mapped.iter().map(|(name, column)| (*name, row.get(column).unwrap_or(&self.null))));
        attributes.extend(country.zip(value("region_column")));
        attributes.extend(rest.map(|(column, value)| (&**column, *value)));
        attributes.sort_by_key(|(name, _)| *name);
        attributes.dedup_by_key(|(name, _)| *name);
        let timestamp = self.attachment.timestamp_column.as_deref().and_then(|column| row.get(column));
        let deleted = value("deleted_column").is_some_and(is_true);
        let (timestamp, priority) = (timestamp.unwrap_or(&self.now), value("priority_column"));
        self.json(name, Some(Attributes(attributes)), timestamp, priority, deleted).map(Ok)
    }

    /// The record of a row that is gone.
    pub fn gone(&self, name: &Name) -> Result<String> {
        self.json(name, None, &self.now, None, true)
    }

    fn json(
        &self,
        name: &Name,
        attributes: Option<Attributes>,
        timestamp: &RawValue,
        source_priority: Option<&RawValue>,
        deleted: bool,
    ) -> Result<String> {
        let id = Id {
            system_name: RawValue::from_string(name.system.clone())?,
            id: RawValue::from_string(name.id.clone())?,
        };
        Ok(serde_json::to_string(&Record {
            entity_type: &self.entity.name,
            external_system_ids: [id],
            attributes,
            timestamp,
            source_priority,
            deleted,
        })?)
    }
}

/// Whether a deletion mark says so: true, a number other than zero, or a text that is not a word for no.
fn is_true(value: &RawValue) -> bool {
    match serde_json::from_str::<Value>(value.get()) {
        Ok(Value::Bool(mark)) => mark,
        Ok(Value::Number(number)) => number.to_string() != "0",
        Ok(Value::String(text)) => !matches!(text.to_lowercase().as_str(), "" | "f" | "false" | "n" | "no" | "0"),
        Ok(Value::Null) => false,
        _ => true,
    }
}
