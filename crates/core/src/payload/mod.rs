//! Payloads: the text that a feed sends → versions of source records, or refusals.
//!
//! A payload is an envelope `{"records": […]}` or one bare record. Each record stands for itself: the payload is cut
//! into the records' own texts before any of them is looked into, so that nothing in one can harm its neighbours.
//!
//! Ordinals count from 1. Ordinal 0 is the payload as a whole, refused because it could not be cut: it is not JSON, not
//! an object, or has no array `records`. An object with a key that occurs twice is refused, lest a value be lost; within a
//! value, it counts as it last occurs, as in `jsonb`.

mod content;
mod fields;
mod mend;
mod parts;
mod record;
mod scan;

pub use mend::mends;
pub use parts::{Parts, Told};
pub use record::{refused_system, MAX_ID, MAX_NODES, MAX_SYSTEM};
pub use scan::{MAX_DEPTH, MAX_DIGITS, MAX_STRING};

use crate::error::Refusal;
use crate::record::Version;
use crate::source::SourceOptions;
use crate::value::Micros;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::sync::Arc;

/// What the parser must know from outside.
pub struct Surroundings<'a> {
    /// The options of a source system, by its name.
    pub source: &'a (dyn Fn(&str) -> Arc<SourceOptions> + Sync),
    /// Whether an entity type of that name is defined.
    pub known: &'a (dyn Fn(&str) -> bool + Sync),
    /// The present: what lies further ahead of it than the source's `future_tolerance` is refused. `None`: no limit.
    pub now: Option<Micros>,
}

/// One record of a payload.
#[derive(Clone, PartialEq)]
pub struct Entry {
    /// Its place in `records` from 1; 0 for the payload as a whole.
    pub ordinal: u32,
    /// What became of it.
    pub outcome: Result<Version, Box<Refused>>,
}

/// A record that is refused, with what a dead letter keeps of it.
#[derive(Clone, PartialEq)]
pub struct Refused {
    /// The field, the reason and the SQLSTATE.
    pub refusal: Refusal,
    /// Whether the same text may be accepted later: its `timestamp` is in the future.
    pub retryable: bool,
    /// `externalSystemIds[0].systemName`, where it could be read.
    pub system_name: Option<String>,
    /// `externalSystemIds[0].id`, where it could be read.
    pub source_id: Option<String>,
    /// The record as it was sent.
    pub payload: String,
}

/// Reads a payload: one entry for each record in it, in order, or one with ordinal 0 when it cannot be cut.
pub fn parse(payload: &str, surroundings: &Surroundings) -> Vec<Entry> {
    match cut(payload) {
        Ok(Cut::Record(text)) => vec![entry(1, text, surroundings)],
        Ok(Cut::Records(texts)) => {
            (1..).zip(texts).map(|(ordinal, text)| entry(ordinal, text.get(), surroundings)).collect()
        }
        Err(refusal) => {
            let refused =
                Refused { refusal, retryable: false, system_name: None, source_id: None, payload: payload.to_owned() };
            vec![Entry { ordinal: 0, outcome: Err(Box::new(refused)) }]
        }
    }
}

/// Reads one record, which is not in an envelope. Used for the records of `merge_golden`.
pub fn parse_record(text: &str, surroundings: &Surroundings) -> Result<Version, Box<Refused>> {
    record::read(record::fields(text), surroundings).map_err(|(refusal, retryable)| {
        let (system_name, source_id) = record::names(text);
        Box::new(Refused { refusal, retryable, system_name, source_id, payload: text.to_owned() })
    })
}

fn entry(ordinal: u32, text: &str, surroundings: &Surroundings) -> Entry {
    Entry { ordinal, outcome: parse_record(text, surroundings) }
}

enum Cut<'a> {
    Record(&'a str),
    Records(Vec<&'a RawValue>),
}

fn cut(payload: &str) -> Result<Cut<'_>, Refusal> {
    let refuse = |field: &str, reason: &str, sqlstate| Refusal { field: field.into(), reason: reason.into(), sqlstate };
    // Files that Windows writes begin with a byte order mark, which is no JSON and means nothing.
    let payload = payload.strip_prefix('\u{feff}').unwrap_or(payload);
    if payload.trim().is_empty() {
        return Err(refuse("", "is empty", "22023"));
    }
    // Only the grammar is checked here: neither depth nor the size of numbers nor escapes in values.
    let whole: &RawValue = serde_json::from_str(payload).map_err(|_| refuse("", "is not JSON", "22P02"))?;
    if !whole.get().starts_with('{') {
        return Err(refuse("", "is not an object", "22023"));
    }
    let Members(members) =
        serde_json::from_str(whole.get()).map_err(|_| refuse("", "has a key that is not valid Unicode", "22P05"))?;
    let mut arrays = members.iter().filter(|(key, _)| key == "records");
    match (arrays.next(), arrays.next()) {
        (Some((_, records)), None) => serde_json::from_str(records.get())
            .map(Cut::Records)
            .map_err(|_| refuse("records", "is not an array", "22023")),
        (Some(_), Some(_)) => Err(refuse("records", "is there twice", "22030")),
        (None, _) if members.iter().any(|(key, _)| fields::KNOWN.contains(&key.as_str())) => {
            Ok(Cut::Record(whole.get()))
        }
        (None, _) => Err(refuse("records", "is missing", "22023")),
    }
}

/// The members of an object, as they are written.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Members<'de>, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = object.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        from.deserialize_map(Each)
    }
}

#[cfg(test)]
mod tests;
