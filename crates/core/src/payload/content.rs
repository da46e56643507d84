//! The canonical content of a version: what is stored, hashed and, last of all, ordered by.

use crate::error::Error;
use crate::normalise;
use crate::record::{RecordRef, Version};
use crate::value::{rfc3339, Micros};
use serde_json::{json, Map, Value};
use sha2::{Digest, Sha256};

/// 0001-01-01 00:00:00 UTC: no event is earlier.
pub const MIN_TIME: Micros = -62_135_596_800_000_000;
/// The last microsecond of the year 9999 UTC: no event is later.
pub const MAX_TIME: Micros = 253_402_300_799_999_999;

impl Version {
    /// The version as the guide's record object, with every optional field that says nothing left out.
    ///
    /// One version has one content: keys are sorted, the time is in UTC, numbers are as they were accepted, and
    /// [`Version::from_content`] gives the same version back. `timestamp` must lie in [`MIN_TIME`]`..=`[`MAX_TIME`].
    pub fn content(&self) -> Value {
        let mut content = Map::new();
        let mut put = |key: &str, value: Value| content.insert(key.to_owned(), value);
        let mut entity_id = None;
        let mut ids = vec![json!(self.record)];
        for reference in &self.cross_references {
            if entity_id.is_none() && reference.system == RecordRef::ENTITY {
                entity_id = Some(reference.id.as_str());
            } else {
                ids.push(json!(reference));
            }
        }
        put("entityType", json!(self.entity_type));
        put("externalSystemIds", Value::Array(ids));
        put("attributes", json!(self.attributes));
        put("timestamp", json!(rfc3339(self.timestamp)));
        if let Some(id) = entity_id {
            put("entityId", json!(id));
        }
        if let Some(sequence) = self.sequence {
            put("sequence", json!(sequence));
        }
        if let Some(clock) = &self.vector_clock {
            put("vectorClock", json!(clock));
        }
        if let Some(priority) = self.source_priority {
            put("sourcePriority", json!(priority));
        }
        if self.deleted {
            put("deleted", json!(true));
        }
        Value::Object(content)
    }

    /// The bytes of [`Version::content`]: compact JSON with sorted keys.
    pub fn content_bytes(&self) -> Vec<u8> {
        self.content().to_string().into_bytes()
    }

    /// SHA-256 of [`Version::content_bytes`]: two versions with equal hashes are one.
    pub fn content_hash(&self) -> [u8; 32] {
        Sha256::digest(self.content_bytes()).into()
    }

    /// The version whose content this is. Errors: `XX001` when it is the content of none.
    pub fn from_content(content: &Value) -> Result<Version, Error> {
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
        let attributes = content.get("attributes").and_then(Value::as_object).ok_or_else(damaged("attributes"))?;
        let clock = |clock: &Value| {
            let counts = clock.as_object()?.iter();
            counts.map(|(node, count)| Some((node.clone(), count.as_u64()?))).collect::<Option<_>>()
        };
        Ok(Version {
            entity_type: text("entityType")?.to_owned(),
            record,
            cross_references,
            attributes: attributes.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
            timestamp: normalise::timestamp(text("timestamp")?, "UTC").ok_or_else(damaged("timestamp"))?,
            sequence: optional(content, "sequence", Value::as_i64)?,
            vector_clock: optional(content, "vectorClock", clock)?,
            source_priority: optional(content, "sourcePriority", |value| value.as_i64()?.try_into().ok())?,
            deleted: optional(content, "deleted", Value::as_bool)?.unwrap_or(false),
        })
    }
}

fn optional<'a, T>(content: &'a Value, key: &str, read: impl Fn(&'a Value) -> Option<T>) -> Result<Option<T>, Error> {
    let damaged = || Error::new("XX001", format!("stored version has no valid {key}"));
    content.get(key).map(|value| read(value).ok_or_else(damaged)).transpose()
}
