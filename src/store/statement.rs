//! Statements of ours, each prepared once a backend, and the snapshots they run under.
//!
//! Every object in them is qualified, and the functions that get here pin `search_path`, so a plan is good for the life of the
//! backend.
//!
//! A reader, whatever number of statements it takes, must see one state: that of the statement that called it. A writer must
//! see, after it waited for a lock, what the lock's holder committed, and what itself wrote.

use super::Row;
use crate::error::{Failure, Result};
use crate::transaction;
use pgrx::datum::DatumWithOid;
use pgrx::{pg_sys, Spi};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ffi::{c_char, CStr, CString};
use std::ptr;

thread_local! {
    // A backend has one thread. By the address and length of their text: one may be the beginning of another.
    static PLANS: RefCell<HashMap<(usize, usize), pg_sys::SPIPlanPtr>> = RefCell::new(HashMap::new());
    static READING: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work`, in which every statement only reads, and sees what the statement of the caller sees. None assigns a
/// transaction id, so that it works on a standby.
pub fn reading<R>(work: impl FnOnce() -> R) -> R {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            READING.set(self.0);
        }
    }
    let _restore = Restore(READING.replace(true));
    work()
}

/// What `read` makes of the rows of the statement that this connection ran last. Each is taken apart once: pgrx would begin
/// with the first column for every column.
pub fn rows<R>(mut read: impl FnMut(&Row) -> Result<R>) -> Result<Vec<R>> {
    // SAFETY: what SPI says of its last result, which is there until the next statement; none for a statement without rows.
    let result = unsafe { pg_sys::SPI_tuptable.as_ref() };
    let Some(result) = result else { return Ok(Vec::new()) };
    // SAFETY: as above.
    let (tuples, columns) =
        unsafe { (std::slice::from_raw_parts(result.vals, result.numvals as usize), (*result.tupdesc).natts as usize) };
    let (mut values, mut nulls) = (vec![pg_sys::Datum::null(); columns], vec![false; columns]);
    let mut rows = Vec::with_capacity(tuples.len());
    for tuple in tuples {
        if rows.len() % 1024 == 1023 {
            pgrx::check_for_interrupts!();
        }
        // SAFETY: a tuple of that description; there is room for its columns.
        unsafe { pg_sys::heap_deform_tuple(*tuple, result.tupdesc, values.as_mut_ptr(), nulls.as_mut_ptr()) };
        rows.push(read(&Row { values: &values, nulls: &nulls })?);
    }
    Ok(rows)
}

/// A kept plan with the arguments of one call, as SPI takes them.
struct Call {
    plan: pg_sys::SPIPlanPtr,
    values: Vec<pg_sys::Datum>,
    nulls: Vec<c_char>,
}

impl Call {
    /// Within `Spi::connect`.
    fn of(sql: &'static str, args: &[DatumWithOid]) -> Result<Call> {
        let given = |arg: &DatumWithOid| arg.datum().map(|datum| datum.sans_lifetime());
        Ok(Call {
            plan: plan(sql, args)?,
            values: args.iter().map(|arg| given(arg).unwrap_or(pg_sys::Datum::null())).collect(),
            nulls: args.iter().map(|arg| if given(arg).is_some() { b' ' } else { b'n' } as c_char).collect(),
        })
    }
}

/// The kept plan of a statement.
fn plan(sql: &'static str, args: &[DatumWithOid]) -> Result<pg_sys::SPIPlanPtr> {
    let key = (sql.as_ptr() as usize, sql.len());
    if let Some(plan) = PLANS.with_borrow(|plans| plans.get(&key).copied()) {
        return Ok(plan);
    }
    let text = CString::new(sql).map_err(|_| Failure::internal("a statement contains NUL"))?;
    let mut types: Vec<pg_sys::Oid> = args.iter().map(DatumWithOid::oid).collect();
    // SAFETY: as many types as arguments; what is kept outlives the connection.
    let plan = unsafe {
        let plan = pg_sys::SPI_prepare(text.as_ptr(), types.len() as i32, types.as_mut_ptr());
        if plan.is_null() {
            Spi::check_status(pg_sys::SPI_result)?;
        }
        pg_sys::SPI_keepplan(plan);
        plan
    };
    PLANS.with_borrow_mut(|plans| plans.insert(key, plan));
    Ok(plan)
}

/// Runs a statement that writes, or reads what this transaction must see fresh, and maps its rows.
///
/// Under READ COMMITTED each call takes a new snapshot: what another session committed while this one waited for a
/// lock is seen.
pub fn run<R>(sql: &'static str, args: &[DatumWithOid], read: impl FnMut(&Row) -> Result<R>) -> Result<Vec<R>> {
    if !READING.get() {
        transaction::write();
    }
    query(sql, args, read)
}

/// Runs a statement for its effect.
pub fn execute(sql: &'static str, args: &[DatumWithOid]) -> Result<()> {
    run(sql, args, |_| Ok(())).map(|_| ())
}

/// Runs a statement that writes what no isolation level is about, as counters are, and maps its rows: under the latest snapshot.
/// Of rows that one transaction at a time writes it sees the last version, and so fails by none.
pub fn run_latest<R>(sql: &'static str, args: &[DatumWithOid], read: impl FnMut(&Row) -> Result<R>) -> Result<Vec<R>> {
    transaction::write();
    // SAFETY: a snapshot that is valid until the next one is taken; SPI copies it.
    unsafe { execute_under(pg_sys::GetLatestSnapshot(), false, sql, args, read) }
}

/// The same, for its effect.
pub fn execute_latest(sql: &'static str, args: &[DatumWithOid]) -> Result<()> {
    run_latest(sql, args, |_| Ok(())).map(|_| ())
}

/// Runs a statement that only reads, and maps its rows. Assigns no transaction id.
pub fn query<R>(sql: &'static str, args: &[DatumWithOid], read: impl FnMut(&Row) -> Result<R>) -> Result<Vec<R>> {
    // SAFETY: without a snapshot, what is read only stays under the caller's, and all else takes a new one.
    unsafe { execute_under(ptr::null_mut(), READING.get(), sql, args, read) }
}

/// Runs a statement that only reads under the latest snapshot: what is committed now, whatever the statement or transaction
/// under way sees.
pub fn latest<R>(sql: &'static str, args: &[DatumWithOid], read: impl FnMut(&Row) -> Result<R>) -> Result<Vec<R>> {
    // SAFETY: a snapshot that is valid until the next one is taken.
    unsafe { query_under(pg_sys::GetLatestSnapshot(), sql, args, read) }
}

/// Runs a statement that only reads under a snapshot.
///
/// # Safety
/// `snapshot` must be valid during the call.
pub unsafe fn query_under<R>(
    snapshot: pg_sys::Snapshot,
    sql: &'static str,
    args: &[DatumWithOid],
    read: impl FnMut(&Row) -> Result<R>,
) -> Result<Vec<R>> {
    // SAFETY: the caller's snapshot.
    unsafe { execute_under(snapshot, true, sql, args, read) }
}

/// # Safety
/// `snapshot` must be valid during the call, or null: then it is that of the caller, or where more than reading is allowed a
/// new one.
unsafe fn execute_under<R>(
    snapshot: pg_sys::Snapshot,
    read_only: bool,
    sql: &'static str,
    args: &[DatumWithOid],
    read: impl FnMut(&Row) -> Result<R>,
) -> Result<Vec<R>> {
    Spi::connect(|_| {
        let mut call = Call::of(sql, args)?;
        let (values, nulls) = (call.values.as_mut_ptr(), call.nulls.as_ptr());
        // SAFETY: a kept plan, values and nulls of its arguments, the caller's snapshot.
        let status = unsafe {
            pg_sys::SPI_execute_snapshot(call.plan, values, nulls, snapshot, ptr::null_mut(), read_only, true, 0)
        };
        Spi::check_status(status)?;
        rows(read)
    })
}

/// Opens a cursor of a statement that only reads; gives its name.
pub fn cursor(sql: &'static str, args: &[DatumWithOid]) -> Result<String> {
    Spi::connect(|_| {
        let mut call = Call::of(sql, args)?;
        let (values, nulls) = (call.values.as_mut_ptr(), call.nulls.as_ptr());
        // SAFETY: as in `execute_under`; SPI gives a portal or raises an error, and names it.
        let name = unsafe {
            let portal = pg_sys::SPI_cursor_open(ptr::null(), call.plan, values, nulls, READING.get());
            CStr::from_ptr((*portal).name)
        };
        Ok(name.to_string_lossy().into_owned())
    })
}
