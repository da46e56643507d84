//! The canonical content of a version: what is shown of it and, last of all, ordered by. It is stored as
//! [`crate::pack::pack_version`] packs it.

use crate::record::{ByName, RecordRef, Version};
use crate::value::rfc3339;
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::collections::BTreeMap;

impl Version {
    /// The version as the guide's record object, compact JSON with sorted keys, with every optional field that says nothing
    /// left out.
    ///
    /// One version has one content: the time is in UTC, numbers are as they were accepted, and who sends it again sends the
    /// same version. `timestamp` must lie in [`TIMES`](crate::value::TIMES).
    pub fn content(&self) -> String {
        let entity = self.cross_references.iter().find(|reference| reference.system == RecordRef::ENTITY);
        let others = self.cross_references.iter().filter(|reference| entity != Some(reference));
        let content = Content {
            attributes: &self.attributes,
            deleted: self.deleted,
            entity_id: match entity {
                None if self.no_entity => Some(None),
                entity => entity.map(|reference| Some(reference.id.as_str())),
            },
            entity_type: &self.entity_type,
            external_system_ids: [&self.record].into_iter().chain(others).map(Id::of).collect(),
            record_region: self.region.as_deref().map(|region| Some(region).filter(|region| !region.is_empty())),
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
    entity_id: Option<Option<&'a str>>,
    entity_type: &'a str,
    external_system_ids: Vec<Id<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record_region: Option<Option<&'a str>>,
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
