//! REPEATABLE READ and SERIALIZABLE: never a split identity.
//!
//! A transaction with one snapshot cannot see what another committed after it began, however long it waited for a
//! lock. So, as foreign keys do, what the latest snapshot shows is compared with what the transaction's shows; where
//! they differ, the transaction must be tried again: 40001.

use crate::error::{Failure, Result};
use crate::store;
use golden_record_core::error::Error;
use golden_record_core::record::RecordRef;
use pgrx::datum::DatumWithOid;
use pgrx::pg_sys;

/// Compares the records that hold any of `keys`, are members of `components`, or are `records`, with what stewards decided
/// about them and set on them, in both snapshots. Does nothing under READ COMMITTED.
pub fn check(keys: &[i64], components: &[i64], records: &[i64]) -> Result<()> {
    check_rows([keys, components, records, &[]], None)
}

/// Compares who joined or left some blocks in both snapshots.
pub fn check_blocks(blocks: &[i64]) -> Result<()> {
    check_rows([&[], &[], &[], blocks], None)
}

/// Compares which of some keys or blocks are generic in both snapshots: a value turns without a change of most of its holders.
pub fn check_generic(keys: &[i64]) -> Result<()> {
    let sql = include_str!("../sql/query/isolation/generic_fingerprint.sql");
    compare(sql, || vec![keys.to_vec().into()], "changed records of the same customers")
}

/// Compares which records of some names there are in both snapshots: one that was deleted holds no key that tells.
pub fn check_names(entity_type: &str, names: &[RecordRef]) -> Result<()> {
    let args = || {
        let systems: Vec<&str> = names.iter().map(|name| name.system.as_str()).collect();
        let ids: Vec<&str> = names.iter().map(|name| name.id.as_str()).collect();
        vec![entity_type.into(), systems.into(), ids.into()]
    };
    compare(include_str!("../sql/query/isolation/names_fingerprint.sql"), args, "changed the same records")
}

/// Compares all records of an entity type in both snapshots, and the configuration.
pub fn check_entity(entity_type: &str) -> Result<()> {
    check_rows([&[], &[], &[], &[]], Some(entity_type))
}

/// Compares all decisions in both snapshots: which of them contradict each other may hang on those about others.
pub fn check_decisions() -> Result<()> {
    let sql = include_str!("../sql/query/isolation/decisions_fingerprint.sql");
    compare(sql, Vec::new, "decided about other records, or took a decision back")
}

/// Compares which refused records there are in both snapshots.
pub fn check_letters() -> Result<()> {
    compare(
        include_str!("../sql/query/isolation/letters_fingerprint.sql"),
        Vec::new,
        "added or took away refused records",
    )
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

fn check_rows(rows: [&[i64]; 4], entity_type: Option<&str>) -> Result<()> {
    let args = || {
        let [keys, components, records, blocks] = rows.map(<[i64]>::to_vec);
        vec![keys.into(), components.into(), records.into(), blocks.into(), entity_type.into()]
    };
    compare(include_str!("../sql/query/isolation/fingerprint.sql"), args, "changed records of the same customers")
}

/// Compares a digest of rows in both snapshots; `met`: what another transaction did where they differ. Under READ COMMITTED not
/// even `args` are made.
fn compare<'a>(sql: &'static str, args: impl FnOnce() -> Vec<DatumWithOid<'a>>, met: &str) -> Result<()> {
    if is_fresh() {
        return Ok(());
    }
    let args = args();
    // SAFETY: GetTransactionSnapshot and GetLatestSnapshot give snapshots valid for the calls below.
    let (mine, latest) = unsafe {
        (
            fingerprint(pg_sys::GetTransactionSnapshot(), sql, &args)?,
            fingerprint(pg_sys::GetLatestSnapshot(), sql, &args)?,
        )
    };
    if mine == latest {
        return Ok(());
    }
    Err(try_again(met))
}

/// A digest of rows under a snapshot.
///
/// # Safety
/// `snapshot` must be valid during the call.
unsafe fn fingerprint(snapshot: pg_sys::Snapshot, sql: &'static str, args: &[DatumWithOid]) -> Result<Option<String>> {
    // SAFETY: the caller's snapshot.
    let digest = unsafe { store::query_under(snapshot, sql, args, |row| row.get::<String>(1)) }?;
    Ok(digest.into_iter().next().flatten())
}
