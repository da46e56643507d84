//! What is stored and should be another: what `verify` tells of it.

use super::expected::Records;
use crate::error::{Failure, Result};
use crate::store::record::Orphan;
use golden_record_core::record::RecordRef;
use golden_record_core::words;
use pgrx::datum::Uuid;

words! {
    /// What differs.
    pub enum Kind {
        /// A version that cannot be read or is shown with another time, or whose record is not there.
        Version => "version",
        /// What a record says.
        State => "state",
        /// The ids that it names.
        CrossReference => "cross_reference",
        /// A key of its values.
        Key => "key",
        /// A block that it is in.
        Block => "block",
        /// A limit that was reached.
        Limit => "limit",
        /// The keys of all values, which are lost.
        KeyRing => "key_ring",
        /// A key that counts for nothing.
        Generic => "generic",
        /// A record's component.
        Component => "component",
        /// A record's golden record.
        Membership => "membership",
        /// How many records a golden record has, or of which systems.
        Members => "members",
        /// What a steward set.
        Override => "override",
        /// Where a value is kept.
        Scope => "scope",
        /// A value.
        Value => "value",
        /// Where a value is from.
        Lineage => "lineage",
        /// A review item.
        Review => "review",
        /// A golden id.
        GoldenId => "golden_id",
        /// A record that a golden id was issued for, and that does not know of it.
        Founder => "founder",
    }
}

/// One difference between what is stored and what should be.
pub struct Difference {
    /// What differs.
    pub kind: Kind,
    /// The golden record concerned.
    pub golden: Option<Uuid>,
    /// The source record concerned.
    pub record: Option<RecordRef>,
    /// The attribute concerned, or the second record of a review pair.
    pub attribute: Option<String>,
    /// What is stored, without personal data.
    pub stored: Option<String>,
    /// What should be.
    pub expected: Option<String>,
}

pub(super) fn difference(kind: Kind, golden: Option<Uuid>, record: Option<&RecordRef>) -> Difference {
    Difference { kind, golden, record: record.cloned(), attribute: None, stored: None, expected: None }
}

/// What is stored for nobody: of which entity type it was, nobody can say, so each names it.
pub(super) fn orphan(Orphan { kind, key, golden }: Orphan) -> Result<Difference> {
    let kind = Kind::parse(&kind).ok_or_else(|| Failure::internal("an orphan is of no kind"))?;
    Ok(Difference { stored: key.map(|key| key.to_string()), ..difference(kind, golden, None) })
}

/// A difference that concerns the record of a row.
pub(super) fn about(kind: Kind, records: &Records, row: i64) -> Difference {
    let row = records.find(row).map(|entry| &entry.row);
    difference(kind, row.and_then(|row| row.golden), row.map(|row| &row.reference))
}
