//! Normalisation: a value as it was sent → the form in which it is compared and the form in which it is shown.
//!
//! One file per family of kinds; `clean` holds what all of them share. Everything here is a function of its
//! arguments: no clock, no locale, no system time zone files. `docs/normalisation.md` is the reference.

mod address;
mod clean;
pub mod date;
mod email;
mod junk;
pub mod name;
pub(crate) mod nicknames;
mod organization;
mod phone;
mod place;
mod scalar;
mod timestamp;

pub use clean::typed;
pub(crate) use junk::is_filler;
pub use junk::{is_junk, is_junk_id, is_placeholder};
pub use scalar::compare;

use crate::kind::Kind;
use crate::value::{self, Micros, Reading, Value};
use clean::clean;
use serde::{Deserialize, Serialize};

/// The longest value, in bytes, that a kind other than `text` reads; anything longer is unreadable.
pub const MAX_BYTES: usize = 1_000;

/// The longest value, in bytes, that the kind `text` reads.
const MAX_TEXT_BYTES: usize = 100_000;

/// Which of two numbers is the month where a date leaves it open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// 4/9/1956 is the ninth of April.
    #[default]
    MonthFirst,
    /// 4/9/1956 is the fourth of September.
    DayFirst,
}

/// What a value means depends on: where it was written, and when.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The record's region, ISO 3166-1 alpha-2: the plan of national phone numbers, the table of state names.
    pub region: &'a str,
    /// How to read a date that leaves it open.
    pub date_order: DateOrder,
    /// The zone of a timestamp that names none: an IANA name, `UTC` or an offset.
    pub time_zone: &'a str,
    /// The year of the event: a two-digit year falls within the last hundred years of it.
    pub year: i32,
}

impl Default for Context<'static> {
    /// US, month first, UTC, [`FIXED_YEAR`].
    fn default() -> Self {
        Context { region: "US", date_order: DateOrder::MonthFirst, time_zone: "UTC", year: FIXED_YEAR }
    }
}

/// The year where none is known: fixed, because an immutable SQL function must not read the clock.
const FIXED_YEAR: i32 = 2026;

/// The year, in UTC, of a time: "within the last 100 years" must not depend on when a value is read.
pub fn year_of(at: Micros) -> i32 {
    value::civil(at).map_or(FIXED_YEAR, |at| i32::from(at.year()))
}

/// Reads `text` as a value of `kind`.
///
/// Empty text and placeholders (`N/A`, `-`, `null`) are [`Reading::Nothing`]. What the kind cannot read, or is longer
/// than the kind allows, is [`Reading::Unreadable`]. Linear in the length of the text.
pub fn read(kind: Kind, text: &str, context: &Context) -> Reading {
    let limit = if kind == Kind::Text { MAX_TEXT_BYTES } else { MAX_BYTES };
    if text.len() > limit {
        // Ten megabytes of blanks are still nothing.
        return if text.trim().is_empty() { Reading::Nothing } else { Reading::Unreadable };
    }
    let text = clean(text);
    if junk::says_nothing(kind, &text) {
        return Reading::Nothing;
    }
    let value = match kind {
        Kind::Email => email::read(&text).map(Value::same),
        Kind::Phone => phone::read(&text, context.region).map(Value::same),
        Kind::GivenName | Kind::FamilyName | Kind::FullName => {
            name::canonical(kind, &text).map(|canonical| shown(canonical, &text))
        }
        Kind::Date => date::read(&text, context).map(Value::same),
        Kind::Timestamp => timestamp::read(&text, context).map(Value::same),
        Kind::Postcode => address::postcode(&text).map(|canonical| shown(canonical, &text.to_ascii_uppercase())),
        Kind::Street => address::street(&text).map(|canonical| shown(canonical, &text)),
        Kind::City => address::city(&text).map(|canonical| shown(canonical, &text)),
        Kind::Region => place::region(&text, context.region).map(|canonical| shown(canonical, &text)),
        Kind::Country => place::country(&text).map(Value::same),
        Kind::Organization => organization::canonical(&text).map(|canonical| shown(canonical, &text)),
        Kind::Identifier => scalar::identifier(&text).map(|canonical| shown(canonical, &text)),
        Kind::Locale => scalar::locale(&text).map(Value::same),
        Kind::Number => scalar::number(&text).map(Value::same),
        Kind::Boolean => scalar::boolean(&text).map(Value::same),
        Kind::Text => scalar::text(&text).map(|canonical| shown(canonical, &text)),
    };
    match value {
        // `Mr. None`
        Some(value) if *value.canonical != *text && junk::says_nothing(kind, &value.canonical) => Reading::Nothing,
        Some(value) => Reading::Value(value),
        None => Reading::Unreadable,
    }
}

fn shown(canonical: String, display: &str) -> Value {
    Value::new(canonical, display)
}

/// Reads a JSON value: strings, numbers and booleans by their text, null as nothing. Objects and arrays are
/// unreadable for every kind.
pub fn read_json(kind: Kind, value: &serde_json::Value, context: &Context) -> Reading {
    use serde_json::Value as Json;
    match value {
        Json::Null => Reading::Nothing,
        Json::String(text) => read(kind, text, context),
        Json::Number(number) => read(kind, number.as_str(), context),
        Json::Bool(flag) => read(kind, if *flag { "true" } else { "false" }, context),
        Json::Array(_) | Json::Object(_) => Reading::Unreadable,
    }
}

/// The canonical form of `text`, or `None` where it says nothing or cannot be read. Idempotent.
pub fn normalize(kind: Kind, text: &str, context: &Context) -> Option<String> {
    match read(kind, text, context) {
        Reading::Value(value) => Some(value.canonical.to_string()),
        Reading::Nothing | Reading::Unreadable => None,
    }
}

/// Whether a canonical value is more than readable: a phone that a numbering plan knows, and for every kind no junk by
/// form. `VALID_FIRST` prefers such values.
pub fn is_valid(kind: Kind, canonical: &str) -> bool {
    !is_junk(kind, canonical) && (kind != Kind::Phone || phone::is_planned(canonical))
}

/// The point in time that `text` states: ISO 8601 or RFC 3339, in `time_zone` where it names no zone of its own.
///
/// `None` for anything else, days that do not exist (`2023-02-30`) and unknown zones. Years 1 to 9999 in UTC;
/// what lies between microseconds is cut off.
pub fn timestamp(text: &str, time_zone: &str) -> Option<Micros> {
    if text.len() > MAX_BYTES {
        return None;
    }
    timestamp::iso(&clean(text), time_zone)
}

/// The canonical full name of a record that has one: given and family name, else the attribute of kind `full_name`.
/// Takes and gives canonical forms.
pub fn full_name(given: Option<&str>, family: Option<&str>, full: Option<&str>) -> Option<String> {
    match (given, family) {
        (Some(given), Some(family)) => Some(format!("{given} {family}")),
        _ => full.map(str::to_string),
    }
}
