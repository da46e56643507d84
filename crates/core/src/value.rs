//! A normalised value, and points in time.

use jiff::{civil::DateTime, SignedDuration};
use serde::Serialize;
use std::fmt;

/// A text of a record. Short ones, which most are, need no memory of their own.
pub use compact_str::CompactString as Text;

/// Microseconds since 1970-01-01 00:00:00 UTC, the unit of PostgreSQL's `timestamptz` on another epoch.
pub type Micros = i64;

/// The years 1 to 9999 in UTC: no event is earlier or later.
pub const TIMES: std::ops::RangeInclusive<Micros> = -62_135_596_800_000_000..=253_402_300_799_999_999;

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// What a clock in UTC shows at a point in time; `None` outside the years -9999 to 9999. Jiff's own points in time end a day
/// before these do.
pub(crate) fn civil(at: Micros) -> Option<DateTime> {
    EPOCH.checked_add(SignedDuration::from_micros(at)).ok()
}

/// When a clock in UTC shows this; what lies between microseconds is cut off.
pub(crate) fn micros(at: DateTime) -> Option<Micros> {
    at.duration_since(EPOCH).as_micros().try_into().ok()
}

/// A point in time as RFC 3339 in UTC, with as many decimals as it needs: `2023-10-15T14:30:00.25Z`.
///
/// Outside the years -9999 to 9999, which no accepted event reaches, the bare number of microseconds.
pub fn rfc3339(at: Micros) -> String {
    civil(at).map_or_else(|| at.to_string(), |at| format!("{at}Z"))
}

/// One value in the two forms that matter: what is compared, and what a person reads.
///
/// `canonical` decides equality, blocking and the digest; `display` is what the golden record shows. For most kinds
/// they are the same; a name keeps its capitals and accents in `display`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Value {
    /// The form in which values are compared.
    #[serde(rename = "c")]
    pub canonical: Text,
    /// The form in which the value is shown.
    #[serde(rename = "d")]
    pub display: Text,
}

impl Value {
    /// A value whose two forms are one.
    pub fn same(text: impl Into<Text>) -> Value {
        let canonical = text.into();
        Value { display: canonical.clone(), canonical }
    }

    /// A value of two forms.
    pub fn new(canonical: impl Into<Text>, display: impl Into<Text>) -> Value {
        Value { canonical: canonical.into(), display: display.into() }
    }
}

/// Values are personal data: a debug print tells that there is one, not which.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Value(…)")
    }
}

/// What a field of a payload turned out to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// A value of the kind.
    Value(Value),
    /// Null, empty, or a placeholder such as `N/A`: the field was stated and says nothing.
    Nothing,
    /// Something that the kind cannot read.
    Unreadable,
}
