//! REPEATABLE READ and SERIALIZABLE: never a split identity.
//!
//! A transaction with one snapshot cannot see what another committed after it began, however long it waited for a
//! lock. So, as foreign keys do, what the latest snapshot shows is compared with what the transaction's shows; where
//! they differ, the transaction must be tried again: 40001.

use crate::error::{Failure, Result};
use golden_record_core::error::Error;
use pgrx::{pg_sys, IntoDatum, Spi};

/// Compares the records that hold any of `keys`, are members of `components`, or are `records`, in both snapshots.
/// Does nothing under READ COMMITTED.
pub fn check(keys: &[i64], components: &[i64], records: &[i64]) -> Result<()> {
    compare([keys, components, records, &[]], None)
}

/// Compares who joined or left some blocks in both snapshots.
pub fn check_blocks(blocks: &[i64]) -> Result<()> {
    compare([&[], &[], &[], blocks], None)
}

/// Compares all records of an entity type in both snapshots, and the configuration.
pub fn check_entity(entity_type: &str) -> Result<()> {
    compare([&[], &[], &[], &[]], Some(entity_type))
}

fn compare(rows: [&[i64]; 4], entity_type: Option<&str>) -> Result<()> {
    // SAFETY: a plain global of the backend.
    if unsafe { pg_sys::XactIsoLevel } < pg_sys::XACT_REPEATABLE_READ as i32 {
        return Ok(());
    }
    // SAFETY: GetTransactionSnapshot and GetLatestSnapshot give snapshots valid for the calls below.
    let (mine, latest) = unsafe {
        (
            fingerprint(pg_sys::GetTransactionSnapshot(), rows, entity_type)?,
            fingerprint(pg_sys::GetLatestSnapshot(), rows, entity_type)?,
        )
    };
    if mine == latest {
        return Ok(());
    }
    Err(Failure::from(
        Error::new("40001", "could not serialize access: another transaction changed records of the same customers")
            .hint("The transaction might succeed if retried."),
    ))
}

/// A digest of the rows' versions under a snapshot.
///
/// # Safety
/// `snapshot` must be valid during the call.
unsafe fn fingerprint(
    snapshot: pg_sys::Snapshot,
    rows: [&[i64]; 4],
    entity_type: Option<&str>,
) -> Result<Option<String>> {
    let sql = std::ffi::CString::new(include_str!("../sql/query/matching/fingerprint.sql"))
        .map_err(|_| Failure::internal("a statement contains NUL"))?;
    Spi::connect(|_| {
        // SAFETY: the plan lives until SPI_finish; four bigint[] arguments and a text as prepared.
        unsafe {
            let array = pg_sys::INT8ARRAYOID;
            let mut types = [array, array, array, array, pg_sys::TEXTOID];
            let plan = pg_sys::SPI_prepare(sql.as_ptr(), 5, types.as_mut_ptr());
            let ids = rows.map(|ids| ids.to_vec().into_datum().unwrap_or(0usize.into()));
            let mut values = ids.to_vec();
            values.push(entity_type.into_datum().unwrap_or(0usize.into()));
            let mut nulls = [b' ' as std::ffi::c_char; 5];
            if entity_type.is_none() {
                nulls[4] = b'n' as std::ffi::c_char;
            }
            let status = pg_sys::SPI_execute_snapshot(
                plan,
                values.as_mut_ptr(),
                nulls.as_ptr(),
                snapshot,
                std::ptr::null_mut(),
                true,
                false,
                1,
            );
            Spi::check_status(status)?;
            let table = pg_sys::SPI_tuptable;
            let text = pg_sys::SPI_getvalue(*(*table).vals, (*table).tupdesc, 1);
            Ok(if text.is_null() { None } else { Some(std::ffi::CStr::from_ptr(text).to_string_lossy().into_owned()) })
        }
    })
}
