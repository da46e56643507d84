//! The text of one record → a version.

use super::fields::{Fields, Shape};
use super::{scan, Surroundings};
use crate::error::Refusal;
use crate::normalise;
use crate::record::{ByName, RecordRef, Version};
use crate::source::SourceOptions;
use crate::value::{Micros, Text};
use serde_json::value::RawValue;
use serde_json::{Number, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The longest source id, in bytes: what PostgreSQL's indexes hold together with a system name.
pub const MAX_ID: usize = 1000;
/// The longest system name, in bytes.
pub const MAX_SYSTEM: usize = 255;
/// The most `externalSystemIds` of one record.
const MAX_REFERENCES: usize = 1000;
/// The most nodes of one vector clock.
pub const MAX_NODES: usize = 1000;

/// Why no system can be called so, if none can.
pub fn refused_system(system: &str) -> Option<&'static str> {
    if system.is_empty() {
        Some("is empty")
    } else if system.len() > MAX_SYSTEM {
        Some("is longer than 255 bytes")
    } else if system == RecordRef::ENTITY {
        Some("is reserved for entityId")
    } else if system.starts_with('\n') {
        // So begins what the systems of one value are called together, which scopes take apart.
        Some("begins with a line break")
    } else {
        None
    }
}

/// See [`external_ids`].
type Ids = (RecordRef, BTreeSet<RecordRef>, Vec<(Text, Value)>);

/// A refusal, and whether it can be retried.
type Refused = (Refusal, bool);

fn refuse<T>(field: impl Into<String>, sqlstate: &'static str, reason: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal { field: field.into(), reason: reason.into(), sqlstate })
}

/// The version that a record states, whose fields have been found.
pub(super) fn read(fields: Result<Fields, Refusal>, surroundings: &Surroundings) -> Result<Version, Refused> {
    let version = fields.and_then(|fields| structure(fields, surroundings));
    let (version, source) = version.map_err(|refusal| (refusal, false))?;
    let tolerance = source.future_tolerance;
    match surroundings.now {
        Some(now) if version.timestamp.saturating_sub(now) > tolerance.saturating_mul(1_000_000) => {
            let reason = format!("lies more than {tolerance} seconds in the future");
            Err((Refusal { field: "timestamp".into(), reason, sqlstate: "22008" }, true))
        }
        _ => Ok(version),
    }
}

/// A key that is there twice: neither value may be lost, and which of them is meant nobody knows.
fn twice<T>(object: &str, key: &str) -> Result<T, Refusal> {
    let key: String = key.chars().take(64).collect();
    let field = if object.is_empty() { key } else { format!("{object}.{key}") };
    refuse(field, "22030", "is there twice")
}

fn structure(fields: Fields, surroundings: &Surroundings) -> Result<(Version, Arc<SourceOptions>), Refusal> {
    if let Some(key) = fields.twice {
        return twice("", &key);
    }
    let entity_type = match fields.entity_type {
        Some(Value::String(name)) if (surroundings.known)(name.trim()) => name.trim().to_owned(),
        Some(Value::String(_)) => return refuse("entityType", "22023", "is not a known entity type"),
        Some(_) => return refuse("entityType", "22023", "is not a text"),
        None => return refuse("entityType", "22023", "is missing"),
    };
    let (record, mut cross_references, of_ids) = external_ids(fields.external_system_ids, fields.verbatim)?;
    let no_entity = fields.entity_id.as_ref().is_some_and(Value::is_null);
    if let Some(id) = fields.entity_id.filter(|id| !id.is_null()) {
        let id = name(Some(&id), MAX_ID, false).or_else(|(sqlstate, reason)| refuse("entityId", sqlstate, reason))?;
        cross_references.insert(RecordRef::new(RecordRef::ENTITY, id));
    }
    let source = (surroundings.source)(&record.system);
    let deleted = match fields.deleted {
        Some(Value::Bool(deleted)) => deleted,
        Some(_) => return refuse("deleted", "22023", "is not true or false"),
        None => false,
    };
    let version = Version {
        entity_type,
        record,
        cross_references,
        no_entity,
        timestamp: timestamp(fields.timestamp, source.zone())?,
        sequence: integer("sequence", fields.sequence.as_ref(), i64::MIN, i64::MAX)?,
        vector_clock: vector_clock(fields.vector_clock)?,
        source_priority: integer("sourcePriority", fields.source_priority.as_ref(), 0, i64::from(i32::MAX))?
            .and_then(|priority| i32::try_from(priority).ok()),
        region: fields.region.map(|region| match region {
            Value::String(text) => text.into(),
            Value::Null => Text::default(),
            other => other.to_string().into(),
        }),
        deleted,
        attributes: attributes(fields.attributes, fields.beside.into_iter().chain(of_ids).collect(), deleted)?,
    };
    Ok((version, source))
}

/// The members of the record, with every number in plain notation.
pub(super) fn fields(text: &str) -> Result<Fields, Refusal> {
    if !text.trim_start().starts_with('{') {
        return refuse("", "22023", "is not an object");
    }
    scan::check(text, &[])?;
    let Ok(mut fields) = serde_json::from_str::<Fields>(text) else { return refuse("", "22P02", "is not JSON") };
    fields.each(plain_numbers);
    Ok(fields)
}

/// Nesting is at most [`scan::MAX_DEPTH`] here.
pub(super) fn plain_numbers(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let text = number.as_str();
            if text.contains(['e', 'E']) || text.starts_with("-0") {
                if let Some(plain) = scan::plain(text).and_then(|plain| plain.parse::<Number>().ok()) {
                    *number = plain;
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(plain_numbers),
        Value::Object(members) => members.values_mut().for_each(plain_numbers),
        _ => {}
    }
}

/// A system name or an id: a text that is not blank, without the blanks around it unless it is `verbatim`, or a whole number.
/// Else the SQLSTATE and the reason.
pub(super) fn name(value: Option<&Value>, longest: usize, verbatim: bool) -> Result<Text, (&'static str, String)> {
    let text = match value {
        Some(Value::String(text)) if verbatim && !text.trim().is_empty() => text,
        Some(Value::String(text)) => text.trim(),
        Some(Value::Number(number)) if !number.as_str().contains('.') => number.as_str(),
        Some(Value::Null) | None => return Err(("22023", "is missing".into())),
        Some(_) => return Err(("22023", "is neither a text nor a whole number".into())),
    };
    match text.len() {
        0 => Err(("22023", "is empty".into())),
        length if length > longest => Err(("22001", format!("is longer than {longest} bytes"))),
        _ => Ok(text.into()),
    }
}

/// The key under which waits what an entry of `externalSystemIds` says by one of its own; `None` for those of its name.
pub(super) fn beside_name(index: usize, key: &str) -> Option<String> {
    (!["systemName", "id"].contains(&key)).then(|| format!("externalSystemIds[{index}].{key}"))
}

/// The record's own name, its further ones, and what else is said of them, by keys such as `externalSystemIds[0].type`.
fn external_ids(value: Option<Shape>, verbatim: bool) -> Result<Ids, Refusal> {
    let field = "externalSystemIds";
    let entries = match value {
        Some(Shape::List(entries)) => entries,
        Some(_) => return refuse(field, "22023", "is not an array"),
        None => return refuse(field, "22023", "is missing"),
    };
    if entries.len() > MAX_REFERENCES {
        return refuse(field, "22023", format!("has more than {MAX_REFERENCES} entries"));
    }
    let mut references = entries.iter().enumerate().map(|(index, entry)| {
        let entry = match entry {
            Shape::Object(entry) => entry,
            Shape::Twice(key) => return twice(&format!("{field}[{index}]"), key),
            _ => return refuse(format!("{field}[{index}]"), "22023", "is not an object"),
        };
        let part = |key: &str, longest| {
            let wrong = |(sqlstate, reason)| refuse(format!("{field}[{index}].{key}"), sqlstate, reason);
            name(entry.get(key), longest, verbatim).or_else(wrong)
        };
        let system = part("systemName", MAX_SYSTEM)?;
        if let Some(reason) = refused_system(&system) {
            return refuse(format!("{field}[{index}].systemName"), "22023", reason);
        }
        let id = part("id", MAX_ID)?;
        // Whoever has no id is not all of those who have none. What others are called is evidence, and weighed as such.
        if index == 0 && normalise::is_placeholder(&id) {
            return refuse(format!("{field}[0].id"), "22023", "is a placeholder");
        }
        Ok(RecordRef { system, id })
    });
    let Some(record) = references.next().transpose()? else { return refuse(field, "22023", "is empty") };
    let mut others = references.collect::<Result<BTreeSet<_>, _>>()?;
    others.remove(&record);
    let mut beside = Vec::new();
    for (index, entry) in entries.into_iter().enumerate() {
        let Shape::Object(entry) = entry else { continue };
        beside.extend(entry.into_iter().filter_map(|(key, value)| Some((beside_name(index, &key)?.into(), value))));
    }
    Ok((record, others, beside))
}

fn timestamp(value: Option<Value>, zone: &str) -> Result<Micros, Refusal> {
    let field = "timestamp";
    let text = match value {
        Some(Value::String(text)) => text,
        Some(_) => return refuse(field, "22007", "is not a text"),
        None => return refuse(field, "22007", "is missing"),
    };
    normalise::timestamp(text.trim(), zone)
        .map_or_else(|| refuse(field, "22007", "is not a date and time that exists"), Ok)
}

fn integer(field: &str, value: Option<&Value>, low: i64, high: i64) -> Result<Option<i64>, Refusal> {
    match value {
        None => Ok(None),
        Some(Value::Number(number)) if number.as_str().contains('.') => refuse(field, "22023", "is not a whole number"),
        Some(Value::Number(number)) => match number.as_i64().filter(|number| (low..=high).contains(number)) {
            Some(number) => Ok(Some(number)),
            None => refuse(field, "22003", "is out of range"),
        },
        Some(_) => refuse(field, "22023", "is not a whole number"),
    }
}

fn vector_clock(value: Option<Shape>) -> Result<Option<BTreeMap<String, u64>>, Refusal> {
    let clock = match value {
        None => return Ok(None),
        Some(Shape::Object(clock)) => clock,
        Some(Shape::Twice(key)) => return twice("vectorClock", &key),
        Some(_) => return refuse("vectorClock", "22023", "is not an object"),
    };
    if clock.len() > MAX_NODES {
        return refuse("vectorClock", "22023", format!("has more than {MAX_NODES} nodes"));
    }
    let events = |(node, count): (Text, Value)| {
        let field = format!("vectorClock.{}", node.chars().take(64).collect::<String>());
        let events = integer(&field, Some(&count), 0, i64::MAX)?.unwrap_or_default();
        Ok((node.into(), events.unsigned_abs()))
    };
    clock.into_iter().map(events).collect::<Result<_, _>>().map(Some)
}

/// The attributes object, and with it the keys that stand beside the known fields of the record.
fn attributes(value: Option<Shape>, beside: ByName<Value>, deleted: bool) -> Result<ByName<Value>, Refusal> {
    let attributes = match value {
        Some(Shape::Object(attributes)) => attributes,
        Some(Shape::Twice(key)) => return twice("attributes", &key),
        Some(_) => return refuse("attributes", "22023", "is not an object"),
        None if deleted => ByName::new(),
        None => return refuse("attributes", "22023", "is missing"),
    };
    if beside.is_empty() {
        return Ok(attributes);
    }
    for (key, value) in beside.iter() {
        if attributes.get(key).is_some_and(|stated| stated != value) {
            let field: String = key.chars().take(64).collect();
            return refuse(field, "22023", "is stated differently beside attributes and in them");
        }
    }
    Ok(attributes.into_iter().chain(beside).collect())
}

/// System name and id of a record that was refused, as far as they can be read: a dead letter must be found by them.
pub(super) fn names(text: &str) -> (Option<String>, Option<String>) {
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).unwrap_or_default();
    let ids = members.get("externalSystemIds").map_or("", |ids| ids.get());
    let entries: Vec<&RawValue> = serde_json::from_str(ids).unwrap_or_default();
    match entries.first().map(|entry| fields(entry.get())) {
        Some(Ok(Fields { beside: entry, .. })) => {
            let part = |key: &str, longest| name(entry.get(key), longest, false).ok().map(Text::into_string);
            (part("systemName", MAX_SYSTEM), part("id", MAX_ID))
        }
        _ => (None, None),
    }
}
