//! Ingest: payloads and rows → accepted versions of source records, or dead letters.
//!
//! What is accepted goes on to [`crate::resolve`], or is resolved with all of its type by [`crate::rebuild`]; this module ends
//! with the states that changed.

mod accept;
mod apply;
mod mend;
mod payloads;
mod prepare;
mod refuse;
mod suppress;
mod table;
mod touched;

pub use apply::{apply, Way};
pub use payloads::{lock_types, payloads, take};
pub use table::{Readings, Row, Table};

use crate::error::Result;
use crate::isolation::{self, Rows};
use crate::lock::Held;
use crate::resolve::Change;
use crate::store::{record, version};
use golden_record_core::outcome::Outcome;
use golden_record_core::value::Text;
use pgrx::datum::Uuid;
use prepare::Prepared;

/// What became of one record of a payload.
pub struct Report {
    /// Its place, from 1.
    pub ordinal: i32,
    /// Its system, where it could be read.
    pub system: Option<Text>,
    /// Its id, where it could be read.
    pub id: Option<Text>,
    /// What became of it.
    pub outcome: Outcome,
    /// The golden record it belongs to now.
    pub golden: Option<Uuid>,
    /// Field and reason of a refusal.
    pub detail: Option<String>,
}

/// A statement of this many records may be taken in with the whole set …
const MANY: usize = 1_000;
/// … when the type has at most so many times as many records: then to compute all anew is less work than to look up
/// each.
const OUTWEIGHED: usize = 4;

/// Whether to compute an entity type anew is less work than to look up so many records.
pub fn outweighs(entity_type: &str, records: usize) -> Result<bool> {
    Ok(records > 0 && record::at_most(entity_type, OUTWEIGHED.saturating_mul(records))?)
}

/// Locks an entity type for a statement of `records` records, and tells how they are to be resolved.
pub fn writers(entity_type: &str, records: usize) -> Result<(Held, Way)> {
    if records >= MANY && outweighs(entity_type, records)? {
        return Ok((alone(entity_type)?, Way::Whole(None)));
    }
    Ok((Held::writing(entity_type, records), Way::Each))
}

/// Locks an entity type for a pass over everything that a table holds.
pub fn alone(entity_type: &str) -> Result<Held> {
    let held = Held::alone(entity_type);
    isolation::check(Rows::of_type(entity_type))?;
    Ok(held)
}

/// When the records that changed are resolved.
pub enum Resolve<'a> {
    /// At once.
    Now(Way),
    /// By the caller, all together.
    Later(&'a mut Later),
}

/// What is left to the caller.
#[derive(Default)]
pub struct Later {
    /// The changes to resolve.
    pub changes: Vec<Change>,
    /// The versions to write before.
    pub versions: Vec<version::New>,
    /// What is done with: to be freed at leisure.
    pub spent: Vec<Prepared>,
}
