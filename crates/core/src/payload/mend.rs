//! Whether a refused record was sent again, mended.

use super::fields::KNOWN;
use super::record::{beside_name, name, plain_numbers, MAX_ID, MAX_SYSTEM};
use super::{parse_record, Surroundings};
use crate::normalise;
use crate::record::{RecordRef, Version};
use serde_json::Value;

/// Whether a version of the record that was refused for its `field` says all that it says, but for what was wrong. What could be
/// taken as it is, now or later, is not mended: it waits for that. `known_as`: the name under which a record is known.
pub fn mends(
    version: &Version,
    refused: &str,
    field: &str,
    surroundings: &Surroundings,
    known_as: impl Fn(RecordRef) -> RecordRef,
) -> bool {
    if !parse_record(refused, surroundings).is_err_and(|refused| !refused.retryable) {
        return false;
    }
    let Ok(mut record) = serde_json::from_str::<Value>(refused) else { return false };
    plain_numbers(&mut record);
    let Some(record) = record.as_object() else { return false };
    let attributes = match record.get("attributes") {
        Some(Value::Object(attributes)) if field != "attributes" => Some(attributes),
        Some(_) => return false,
        None => None,
    };
    let wrong =
        |path: &str| field.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
    let said = |path: &str, key: &str, value| wrong(path) || version.attributes.get(key) == Some(value);
    let within = attributes.into_iter().flatten().all(|(key, value)| said(&format!("attributes.{key}"), key, value));
    let mut beside = record.iter().filter(|(key, _)| !KNOWN.contains(&key.as_str()));

    let named = |system: Option<&Value>, id: Option<&Value>| {
        let part = |part, longest| name(part, longest, false).ok();
        Some(known_as(RecordRef::new(part(system, MAX_SYSTEM)?, part(id, MAX_ID)?)))
    };
    let entity = Value::from(RecordRef::ENTITY);
    let entries = || record.get("externalSystemIds").and_then(Value::as_array).into_iter().flatten();
    // What an entry says beside its name waits under a key of its own.
    let mut beside_names = entries().enumerate().flat_map(|(at, entry)| {
        let told = entry.as_object().into_iter().flatten();
        told.filter_map(move |(key, value)| Some((format!("externalSystemIds[{at}]"), beside_name(at, key)?, value)))
    });
    let ids = entries().filter_map(|id| named(id.get("systemName"), id.get("id")));
    let mut ids = ids.chain(named(Some(&entity), record.get("entityId")));

    let entity_type = record.get("entityType").and_then(Value::as_str).map(str::trim);
    let of_another = entity_type.is_some_and(|name| name != version.entity_type && (surroundings.known)(name));

    let zone = (surroundings.source)(&version.record.system);
    let at = record.get("timestamp").and_then(|at| normalise::timestamp(at.as_str()?.trim(), zone.zone()));
    within
        && !of_another
        && beside.all(|(key, value)| said(key, key, value))
        && beside_names.all(|(path, key, value)| said(&path, &key, value))
        && ids.all(|id| id == version.record || version.cross_references.contains(&id))
        && at.is_none_or(|at| at == version.timestamp || wrong("timestamp"))
        && (record.get("deleted") == Some(&Value::Bool(true))) <= version.deleted
}
