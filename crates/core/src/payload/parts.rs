//! A record that is known part by part, such as a table's row → a version, without a text in between.

use super::fields::{Fields, Shape, REGION};
use super::record::{self, plain_numbers};
use super::scan::{self, Frame, MAX_STRING};
use super::{Refused, Surroundings, MAX_ID, MAX_SYSTEM};
use crate::error::Refusal;
use crate::record::{ByName, Version};
use crate::value::Text;
use serde::ser::{Error, Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;
use serde_json::Value;

/// What is stated of one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told<'a> {
    /// That there is none.
    Null,
    /// A text.
    Text(&'a str),
    /// A value as grammatical JSON.
    Json(&'a str),
}

impl Told<'_> {
    /// The value, which is found in the record at `place`.
    fn value(self, place: &[Frame]) -> Result<Value, Refusal> {
        match self {
            Told::Null => Ok(Value::Null),
            Told::Text(text) if text.len() <= MAX_STRING => Ok(Value::String(text.to_owned())),
            Told::Text(_) => Err(scan::too_long(place)),
            Told::Json(text) => {
                scan::check(text, place)?;
                let mut value = serde_json::from_str(text).map_err(|_| scan::refuse(place, "22P02", "is not JSON"))?;
                plain_numbers(&mut value);
                Ok(value)
            }
        }
    }

    /// The value, which is found in the record at `place`; nothing where it is null.
    fn some(self, place: &[Frame]) -> Result<Option<Value>, Refusal> {
        Ok(Some(self.value(place)?).filter(|value| !value.is_null()))
    }
}

impl Serialize for Told<'_> {
    fn serialize<S: Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
        match self {
            Told::Null => into.serialize_unit(),
            Told::Text(text) => into.serialize_str(text),
            Told::Json(text) => serde_json::from_str::<&RawValue>(text).map_err(S::Error::custom)?.serialize(into),
        }
    }
}

/// A record in its parts.
pub struct Parts<'a> {
    /// The entity type.
    pub entity_type: &'a str,
    /// The source system.
    pub system: Told<'a>,
    /// The record's id in it.
    pub id: Told<'a>,
    /// The attributes by name, ascending, each once; none of a record that is gone.
    pub attributes: Option<Vec<(&'a Text, Told<'a>)>>,
    /// The event time.
    pub timestamp: Told<'a>,
    /// The priority of the record, where it states one.
    pub source_priority: Told<'a>,
    /// Its region where it states no country; null in JSON takes an earlier one back.
    pub region: Told<'a>,
    /// Whether it is gone: true, or nothing.
    pub deleted: Told<'a>,
}

impl Parts<'_> {
    /// The version that the record is; or why it is none, with the record as JSON.
    pub fn read(&self, surroundings: &Surroundings) -> Result<Version, Box<Refused>> {
        record::read(self.fields(), surroundings).map_err(|(refusal, retryable)| {
            let part = |told: Told, longest| {
                let name = record::name(told.value(&[]).ok().as_ref(), longest, true);
                name.ok().map(Text::into_string)
            };
            Box::new(Refused {
                refusal,
                retryable,
                system_name: part(self.system, MAX_SYSTEM),
                source_id: part(self.id, MAX_ID),
                payload: serde_json::to_string(self).unwrap_or_default(),
            })
        })
    }

    fn fields(&self) -> Result<Fields, Refusal> {
        let member = |key| Frame::Object { key, key_next: false };
        let id = |key| [member("externalSystemIds"), Frame::Array(0), member(key)];
        let system = self.system.value(&id("systemName"))?;
        let name = vec![(Text::from("id"), self.id.value(&id("id"))?), (Text::from("systemName"), system)];
        let attributes = self.attributes.as_deref().map(attributes).transpose()?;
        Ok(Fields {
            entity_type: Some(self.entity_type.into()),
            external_system_ids: Some(Shape::List(vec![Shape::Object(name.into_iter().collect())])),
            attributes: attributes.map(Shape::Object),
            timestamp: self.timestamp.some(&[member("timestamp")])?,
            source_priority: self.source_priority.some(&[member("sourcePriority")])?,
            // That there is none is said, too.
            region: match self.region {
                Told::Null => None,
                region => Some(region.value(&[member(REGION)])?),
            },
            deleted: self.deleted.some(&[member("deleted")])?,
            // Two rows whose names differ by a blank are two records.
            verbatim: true,
            ..Fields::default()
        })
    }
}

fn attributes(told: &[(&Text, Told)]) -> Result<ByName<Value>, Refusal> {
    let outer = Frame::Object { key: "attributes", key_next: false };
    let read = |(name, told): &(&Text, Told)| {
        if scan::reserved(name) {
            return Err(scan::refuse(&[outer], "22023", "has a key that is reserved"));
        }
        Ok(((*name).clone(), told.value(&[outer, Frame::Object { key: name, key_next: false }])?))
    };
    // They ascend.
    Ok(ByName::from_sorted_store_unchecked(told.iter().map(read).collect::<Result<_, _>>()?))
}

/// As who sends the record would write it.
impl Serialize for Parts<'_> {
    fn serialize<S: Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
        let mut record = into.serialize_map(None)?;
        record.serialize_entry("entityType", self.entity_type)?;
        record.serialize_entry("externalSystemIds", &[Named { system: self.system, id: self.id }])?;
        if let Some(attributes) = &self.attributes {
            record.serialize_entry("attributes", &Attributes(attributes))?;
        }
        record.serialize_entry("timestamp", &self.timestamp)?;
        if self.source_priority != Told::Null {
            record.serialize_entry("sourcePriority", &self.source_priority)?;
        }
        if self.region != Told::Null {
            record.serialize_entry(REGION, &self.region)?;
        }
        if self.deleted != Told::Null {
            record.serialize_entry("deleted", &self.deleted)?;
        }
        record.end()
    }
}

struct Named<'a> {
    system: Told<'a>,
    id: Told<'a>,
}

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
        into.collect_map([("systemName", self.system), ("id", self.id)])
    }
}

struct Attributes<'a>(&'a [(&'a Text, Told<'a>)]);

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
        into.collect_map(self.0.iter().map(|(name, told)| (name.as_str(), told)))
    }
}
