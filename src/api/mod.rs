//! Every SQL function, by subject: each checks its arguments, switches to the owner role and makes one call, or does there what is
//! a few lines.

mod configuration;
mod history;
mod ingest;
mod privacy;
mod profile;
mod progress;
mod steward;
mod trust;
mod value;
mod why;

use crate::access;
use crate::error::{Failure, Result};
use crate::jsonb::Document;
use crate::owner::as_reader;
use crate::store::vault;
use golden_record_core::error::Error;
use golden_record_core::kind::Kind;
use golden_record_core::record::RecordRef;
use golden_record_core::vault::is_alias;
use pgrx::JsonB;
use serde_json::Value;

/// The kind of that name, or `22023` with the nearest right word, but without what was given: that may be the value.
fn kind(name: &str) -> Result<Kind> {
    Ok(Kind::parse(name).ok_or_else(|| {
        let names = Kind::ALL.map(Kind::name);
        let all = format!("Kinds are {}.", names.join(", "));
        Error::invalid("unknown kind").perhaps(name, names).or_hint(all)
    })?)
}

/// An argument that must not be NULL, or `22004` with its name.
fn need<T>(argument: Option<T>, name: &str) -> Result<T> {
    Ok(argument.ok_or_else(|| Error::new("22004", format!("{name} is null")))?)
}

/// A record's name in the guide's shape, `{"systemName": "…", "id": "…"}`, or `22023`.
fn record_ref(json: &Document) -> Result<RecordRef> {
    const SHAPE: &str = "Write {\"systemName\": \"...\", \"id\": \"...\"}.";
    let mut keys = json.0.as_object().into_iter().flat_map(|object| object.keys());
    if let Some(key) = keys.find(|key| !["systemName", "id"].contains(&key.as_str())) {
        // To overlook an entity type would be to take another record.
        return Err(Error::invalid(format!("a record's name has no key \"{key}\""))
            .hint(format!("{SHAPE} The entity type is an argument of its own."))
            .into());
    }
    let text = |key: &str| match json.0.get(key) {
        Some(Value::String(text)) => Some(text.clone()),
        // As in payloads: the text that it is printed as.
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    match (text("systemName"), text("id")) {
        (Some(system), Some(id)) => as_reader(|| vault::known_as(RecordRef::new(system, id))),
        _ => Err(Error::invalid("a record is named by its system and id").hint(SHAPE).into()),
    }
}

/// Runs `work` on records that the caller names. A name that is personal data and nobody's is a look-up that found nothing:
/// whoever may ask why two records are not one must not try numbers until one is held.
fn on_named<'a, R>(names: impl IntoIterator<Item = &'a RecordRef>, work: impl FnOnce() -> Result<R>) -> Result<R> {
    if !names.into_iter().any(|name| is_alias(&name.id)) {
        return work();
    }
    access::check_misses()?;
    let done = work();
    if done.as_ref().is_err_and(Failure::is_missing) {
        access::missed()?;
    }
    done
}

/// A record's name in the guide's shape.
fn record_json(record: &RecordRef) -> JsonB {
    JsonB(serde_json::json!({"systemName": record.system, "id": record.id}))
}
