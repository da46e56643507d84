//! Every SQL function, by subject: each checks its arguments, switches to the owner role and makes one call.

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

use crate::error::Result;
use crate::owner::as_owner;
use crate::store::vault;
use golden_record_core::error::{nearest, Error};
use golden_record_core::kind::Kind;
use golden_record_core::record::RecordRef;
use pgrx::JsonB;

/// The kind of that name, or `22023` with the nearest right word.
fn kind(name: &str) -> Result<Kind> {
    Ok(Kind::parse(name).ok_or_else(|| {
        let names = Kind::ALL.map(Kind::name);
        let error = Error::invalid(format!("unknown kind \"{name}\""));
        match nearest(name, names) {
            Some(known) => error.hint(format!("Perhaps you meant \"{known}\".")),
            None => error.hint(format!("Kinds are {}.", names.join(", "))),
        }
    })?)
}

/// An argument that must not be NULL, or `22004` with its name.
fn need<T>(argument: Option<T>, name: &str) -> Result<T> {
    Ok(argument.ok_or_else(|| Error::new("22004", format!("{name} is null")))?)
}

/// A record's name in the guide's shape, `{"systemName": "…", "id": "…"}`, or `22023`.
fn record_ref(json: &JsonB) -> Result<RecordRef> {
    let text = |key: &str| json.0.get(key).and_then(|value| value.as_str()).map(str::to_owned);
    match (text("systemName"), text("id")) {
        (Some(system), Some(id)) => as_owner(|| vault::known_as(RecordRef::new(system, id))),
        _ => Err(Error::invalid("a record is named by its system and id")
            .hint("Write {\"systemName\": \"…\", \"id\": \"…\"}.")
            .into()),
    }
}

/// The same in SQL's terms.
fn record_json(record: &RecordRef) -> JsonB {
    JsonB(serde_json::json!({"systemName": record.system, "id": record.id}))
}
