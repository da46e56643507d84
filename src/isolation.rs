//! REPEATABLE READ and SERIALIZABLE: never a split identity.
//!
//! A transaction with one snapshot cannot see what another committed after it began, however long it waited for a
//! lock. So, as foreign keys do, what the latest snapshot shows is compared with what the transaction's shows; where
//! they differ, the transaction must be tried again: 40001.

use crate::error::{Failure, Result};
use crate::store::isolation::{self as store, Sight};
use golden_record_core::error::Error;
use golden_record_core::record::RecordRef;
use pgrx::pg_sys;

pub use store::Rows;

/// Compares records, with what stewards decided about them and set on them, and the configuration.
pub fn check(rows: Rows) -> Result<()> {
    compare(|sight| store::records(sight, &rows), "changed records of the same customers")
}

/// Compares which of some keys or blocks are generic: a value turns without a change of most of its holders.
pub fn check_generic(keys: &[i64]) -> Result<()> {
    compare(|sight| store::generic(sight, keys), "changed records of the same customers")
}

/// Compares which records of some names there are: one that was deleted holds no key that tells.
pub fn check_names(entity_type: &str, names: &[RecordRef]) -> Result<()> {
    compare(|sight| store::names(sight, entity_type, names), "changed the same records")
}

/// Compares all decisions: which of them contradict each other may hang on those about others.
pub fn check_decisions() -> Result<()> {
    compare(store::decisions, "decided about other records, or took a decision back")
}

/// Compares which refused records there are.
pub fn check_letters() -> Result<()> {
    compare(store::letters, "added or took away refused records")
}

/// Whether the transaction sees all that was committed before each of its statements.
pub fn is_fresh() -> bool {
    // SAFETY: a plain global of the backend.
    unsafe { pg_sys::XactIsoLevel < pg_sys::XACT_REPEATABLE_READ as i32 }
}

/// What a transaction is told that has met what it cannot see.
pub fn try_again(met: &str) -> Failure {
    let message = format!("could not serialize access: another transaction {met}");
    Error::new("40001", message).hint("The transaction might succeed if retried.").into()
}

/// Compares a digest of rows in both snapshots; `met`: what another transaction did where they differ. Under READ COMMITTED none
/// is made.
fn compare(digest: impl Fn(Sight) -> Result<Option<String>>, met: &str) -> Result<()> {
    if is_fresh() {
        return Ok(());
    }
    if digest(Sight::Transaction)? == digest(Sight::Latest)? {
        return Ok(());
    }
    Err(try_again(met))
}
