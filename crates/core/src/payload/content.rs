//! The canonical content of a version: what is stored, hashed and, last of all, ordered by.

use crate::error::Error;
use crate::normalise;
use crate::record::{RecordRef, Version};
use crate::value::{rfc3339, Micros};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

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
        // Cannot fail: every key is a text.
        serde_json::to_string(&content).unwrap_or_default()
    }

    /// SHA-256 of [`Version::content`]: two versions with equal hashes are one.
    pub fn content_hash(&self) -> [u8; 32] {
        content_hash(&self.content())
    }

    /// The version whose content this is. Errors: `XX001` when it is the content of none.
    pub fn from_content(mut content: Value) -> Result<Version, Error> {
        let attributes = content.get_mut("attributes").map(Value::take);
        let content = &content;
        let damaged = |field: &'static str| move || Error::new("XX001", format!("stored version has no valid {field}"));
        let text = |key: &'static str| content.get(key).and_then(Value::as_str).ok_or_else(damaged(key));
        let reference = |value: &Value| {
            let part = |key| value.get(key).and_then(Value::as_str);
            Some(RecordRef::new(part("systemName")?, part("id")?))
        };
        let ids =
            content.get("externalSystemIds").and_then(Value::as_array).ok_or_else(damaged("externalSystemIds"))?;
        let mut ids = ids.iter().map(|id| reference(id).ok_or_else(damaged("externalSystemIds")));
        let record = ids.next().ok_or_else(damaged("externalSystemIds"))??;
        let mut cross_references = ids.collect::<Result<std::collections::BTreeSet<_>, _>>()?;
        if content.get("entityId").is_some() {
            cross_references.insert(RecordRef::new(RecordRef::ENTITY, text("entityId")?));
        }
        let clock = |clock: &Value| {
            let counts = clock.as_object()?.iter();
            counts.map(|(node, count)| Some((node.clone(), count.as_u64()?))).collect::<Option<_>>()
        };
        Ok(Version {
            entity_type: text("entityType")?.to_owned(),
            record,
            cross_references,
            attributes: match attributes {
                Some(Value::Object(attributes)) => attributes.into_iter().collect(),
                _ => return Err(damaged("attributes")()),
            },
            timestamp: normalise::timestamp(text("timestamp")?, "UTC").ok_or_else(damaged("timestamp"))?,
            sequence: optional(content, "sequence", Value::as_i64)?,
            vector_clock: optional(content, "vectorClock", clock)?,
            source_priority: optional(content, "sourcePriority", |value| value.as_i64()?.try_into().ok())?,
            deleted: optional(content, "deleted", Value::as_bool)?.unwrap_or(false),
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
    attributes: &'a BTreeMap<String, Value>,
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

fn optional<'a, T>(content: &'a Value, key: &str, read: impl Fn(&'a Value) -> Option<T>) -> Result<Option<T>, Error> {
    let damaged = || Error::new("XX001", format!("stored version has no valid {key}"));
    content.get(key).map(|value| read(value).ok_or_else(damaged)).transpose()
}
