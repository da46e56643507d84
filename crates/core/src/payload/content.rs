//! The canonical content of a version: what is stored, hashed and, last of all, ordered by.

use super::fields::{Fields, Shape};
use crate::error::Error;
use crate::normalise;
use crate::record::{ByName, RecordRef, Version};
use crate::value::{rfc3339, Micros};
use serde::{Serialize, Serializer};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// 0001-01-01 00:00:00 UTC: no event is earlier.
pub const MIN_TIME: Micros = -62_135_596_800_000_000;
/// The last microsecond of the year 9999 UTC: no event is later.
pub const MAX_TIME: Micros = 253_402_300_799_999_999;

impl Version {
    /// The version as the guide's record object, compact JSON with sorted keys, with every optional field that says nothing
    /// left out.
    ///
    /// One version has one content: the time is in UTC, numbers are as they were accepted, and [`Version::from_content`]
    /// gives the same version back. `timestamp` must lie in [`MIN_TIME`]`..=`[`MAX_TIME`].
    pub fn content(&self) -> String {
        let entity = self.cross_references.iter().find(|reference| reference.system == RecordRef::ENTITY);
        let others = self.cross_references.iter().filter(|reference| entity != Some(reference));
        let content = Content {
            attributes: &self.attributes,
            deleted: self.deleted,
            entity_id: entity.map(|reference| reference.id.as_str()),
            entity_type: &self.entity_type,
            external_system_ids: [&self.record].into_iter().chain(others).map(Id::of).collect(),
            sequence: self.sequence,
            source_priority: self.source_priority,
            timestamp: rfc3339(self.timestamp),
            vector_clock: self.vector_clock.as_ref(),
        };
        let mut text = Vec::with_capacity(512);
        // Neither can fail: every key is a text, and JSON is UTF-8.
        let _ = serde_json::to_writer(&mut text, &content);
        String::from_utf8(text).unwrap_or_default()
    }

    /// SHA-256 of [`Version::content`]: two versions with equal hashes are one.
    pub fn content_hash(&self) -> [u8; 32] {
        content_hash(&self.content())
    }

    /// The version whose content this is. Errors: `XX001` when it is the content of none.
    pub fn from_content(content: &[u8]) -> Result<Version, Error> {
        let text = std::str::from_utf8(content).ok();
        let fields =
            text.and_then(|text| serde_json::from_str::<Fields>(text).ok()).ok_or_else(|| damaged("content"))?;
        let mut ids = match fields.external_system_ids {
            Some(Shape::List(ids)) => {
                ids.into_iter().map(|id| reference(id).ok_or_else(|| damaged("externalSystemIds")))
            }
            _ => return Err(damaged("externalSystemIds")),
        };
        let record = ids.next().ok_or_else(|| damaged("externalSystemIds"))??;
        let mut cross_references = ids.collect::<Result<BTreeSet<_>, _>>()?;
        if let Some(id) = optional(fields.entity_id, "entityId", text_of)? {
            cross_references.insert(RecordRef::new(RecordRef::ENTITY, id));
        }
        let clock = |clock| {
            let Shape::Object(clock) = clock else { return None };
            clock.into_iter().map(|(node, count)| Some((node.into(), count.as_u64()?))).collect()
        };
        let at = fields.timestamp.as_ref().and_then(Value::as_str);
        Ok(Version {
            entity_type: fields.entity_type.and_then(text_of).ok_or_else(|| damaged("entityType"))?,
            record,
            cross_references,
            attributes: match fields.attributes {
                Some(Shape::Object(attributes)) => attributes,
                _ => return Err(damaged("attributes")),
            },
            timestamp: at.and_then(|at| normalise::timestamp(at, "UTC")).ok_or_else(|| damaged("timestamp"))?,
            sequence: optional(fields.sequence, "sequence", |value| value.as_i64())?,
            vector_clock: optional(fields.vector_clock, "vectorClock", clock)?,
            source_priority: optional(fields.source_priority, "sourcePriority", |value| {
                value.as_i64()?.try_into().ok()
            })?,
            deleted: optional(fields.deleted, "deleted", |value| value.as_bool())?.unwrap_or(false),
        })
    }
}

/// SHA-256 of a version's content.
pub fn content_hash(content: &str) -> [u8; 32] {
    Sha256::digest(content.as_bytes()).into()
}

/// The fields of a record, in the order of their names.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content<'a> {
    #[serde(serialize_with = "by_name")]
    attributes: &'a ByName<Value>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    deleted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    entity_id: Option<&'a str>,
    entity_type: &'a str,
    external_system_ids: Vec<Id<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_priority: Option<i32>,
    timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    vector_clock: Option<&'a BTreeMap<String, u64>>,
}

fn by_name<S: Serializer>(members: &ByName<Value>, into: S) -> Result<S::Ok, S::Error> {
    into.collect_map(members.iter())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Id<'a> {
    id: &'a str,
    system_name: &'a str,
}

impl<'a> Id<'a> {
    fn of(reference: &'a RecordRef) -> Id<'a> {
        Id { id: &reference.id, system_name: &reference.system }
    }
}

fn damaged(field: &str) -> Error {
    Error::new("XX001", format!("stored version has no valid {field}"))
}

fn optional<V, T>(value: Option<V>, field: &str, read: impl FnOnce(V) -> Option<T>) -> Result<Option<T>, Error> {
    value.map(|value| read(value).ok_or_else(|| damaged(field))).transpose()
}

fn text_of(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn reference(id: Shape) -> Option<RecordRef> {
    let Shape::Object(id) = id else { return None };
    let part = |key: &str| id.get(key).and_then(Value::as_str);
    Some(RecordRef::new(part("systemName")?, part("id")?))
}
