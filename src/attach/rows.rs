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
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A row: column → JSON text.
type Columns<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

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
    attributes: Option<BTreeMap<&'a str, &'a RawValue>>,
    timestamp: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_priority: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    deleted: bool,
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
}

impl<'a> Reader<'a> {
    /// A reader of what the transaction that runs now finds or misses.
    pub fn new(attachment: &'a Attachment, entity: &'a EntityType) -> Result<Reader<'a>> {
        let now = Value::from(rfc3339(transaction_start())).to_string();
        Ok(Reader { attachment, entity, now: RawValue::from_string(now)? })
    }

    fn option(&self, name: &str) -> Option<&str> {
        self.attachment.options.get(name).and_then(Value::as_str)
    }

    /// Reads rows as `row_to_json` gives them, on all cores.
    pub fn read(&self, texts: &[String]) -> Result<Vec<Read>> {
        let read = parallel::map(texts, |text| {
            let row: Columns = serde_json::from_str(text)?;
            let record = self.record(&row)?.map_err(|refusal| (refusal, text.clone()));
            Ok(Read { name: self.name(&row), record })
        });
        read?.into_iter().collect()
    }

    /// The name of a row. An id of a numeric type is the text it is printed as.
    fn name(&self, row: &Columns) -> Name {
        let text = |column: &str| match row.get(column).map(|value| value.get()) {
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
    fn record(&self, row: &Columns) -> Result<std::result::Result<String, Refusal>> {
        let null = RawValue::from_string(NULL.to_owned())?;
        let mapped = self.attachment.columns.iter().filter_map(|(name, column)| Some((name, column.as_str()?)));
        let own = ["system_column", "priority_column", "region_column", "deleted_column"];
        let named = own.iter().filter_map(|option| self.option(option));
        let named =
            named.chain([self.attachment.id_column.as_str()]).chain(self.attachment.timestamp_column.as_deref());
        let mut rest: BTreeMap<&str, &RawValue> = row.iter().map(|(column, value)| (&**column, *value)).collect();
        // A column that was renamed or dropped must not read as "has no email now".
        for column in named.chain(mapped.clone().map(|(_, column)| column)) {
            if rest.remove(column).is_none() && !row.contains_key(column) {
                return Ok(Err(Refusal {
                    field: column.to_owned(),
                    reason: "the attached table has no such column any more: detach it and attach it again".into(),
                    sqlstate: "42703",
                }));
            }
        }
        let value = |option: &str| {
            let value = self.option(option).and_then(|column| row.get(column))?;
            (value.get() != NULL).then_some(*value)
        };
        let mut attributes: BTreeMap<&str, &RawValue> = BTreeMap::new();
        for (attribute, column) in mapped {
            attributes.insert(attribute, row.get(column).map_or(&*null, |value| value));
        }
        if let (Some(region), Some(country)) = (value("region_column"), self.entity.of_kind(Kind::Country).next()) {
            attributes.entry(&country.name).or_insert(region);
        }
        for (column, value) in rest {
            attributes.entry(column).or_insert(value);
        }
        let timestamp = self.attachment.timestamp_column.as_deref().and_then(|column| row.get(column));
        self.json(
            &self.name(row),
            Some(attributes),
            timestamp.copied().unwrap_or(&self.now),
            value("priority_column"),
            value("deleted_column").is_some_and(is_true),
        )
        .map(Ok)
    }

    /// The record of a row that is gone.
    pub fn gone(&self, name: &Name) -> Result<String> {
        self.json(name, None, &self.now, None, true)
    }

    fn json(
        &self,
        name: &Name,
        attributes: Option<BTreeMap<&str, &RawValue>>,
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
