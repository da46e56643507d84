//! The only place with SQL and SPI: typed rows in and out, one statement a call, every plan kept.
//!
//! The statements are files in `sql/query`. Every object in them is qualified, and the functions that get here pin
//! `search_path`, so a plan is good for the life of the backend.

pub mod access;
pub mod audit;
pub mod blocks;
pub mod bulk;
pub mod configuration;
pub mod erasure;
pub mod event;
pub mod golden;
pub mod load;
pub mod matching;
pub mod overrides;
pub mod record;
pub mod scope;
pub mod state;
pub mod vault;
pub mod version;

use crate::error::{Failure, Result};
use crate::guc::Settings;
use crate::{memory, parallel, transaction};
use pgrx::datum::{Array, DatumWithOid, TimestampWithTimeZone, UnboxDatum, Uuid};
use pgrx::spi::{OwnedPreparedStatement, SpiClient};
use pgrx::{pg_sys, FromDatum, PgOid, Spi};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ffi::{c_char, CString};
use std::mem::ManuallyDrop;

thread_local! {
    // A backend has one thread. ManuallyDrop: at exit the plans' memory is gone before thread-locals are dropped.
    static PLANS: RefCell<HashMap<usize, Plan>> = RefCell::new(HashMap::new());
    static READING: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work`, in which every statement only reads: none assigns a transaction id, so that it works on a standby.
pub fn reading<R>(work: impl FnOnce() -> R) -> R {
    struct Until;
    impl Drop for Until {
        fn drop(&mut self) {
            READING.set(false);
        }
    }
    READING.set(true);
    let _until = Until;
    work()
}

/// A row of a result.
pub struct Row<'a> {
    values: &'a [pg_sys::Datum],
    nulls: &'a [bool],
}

/// What a column may be read as. What borrows from the row ends with it.
pub trait Column<'r>: FromDatum {}

macro_rules! columns {
    ($($kind:ty),*) => {$(impl Column<'_> for $kind {})*};
}
columns!(bool, i16, i32, i64, f64, pg_sys::Oid, String, Uuid, TimestampWithTimeZone, Vec<u8>, Vec<i64>, Vec<String>);
impl<'r> Column<'r> for &'r str {}
impl<'r> Column<'r> for &'r [u8] {}
impl<'r, T: Column<'r> + UnboxDatum> Column<'r> for Array<'r, T> {}

impl Row<'_> {
    /// Column `ordinal` (from 1), NULL as `None`; the statement must give it the type that `T` stands for.
    ///
    /// Read in the memory of the SPI call, which ends with it: pgrx's own `get` copies into the transaction's.
    pub fn get<'r, T: Column<'r>>(&'r self, ordinal: usize) -> Result<Option<T>> {
        let column = ordinal - 1;
        let (Some(value), Some(null)) = (self.values.get(column), self.nulls.get(column)) else {
            return Err(Failure::internal("a statement of golden_record lacks a column"));
        };
        // SAFETY: a datum of a row that lives as long as this borrow, of the type the statement names.
        Ok(unsafe { T::from_datum(*value, *null) })
    }

    /// Column `ordinal`, which the statement promises not to be NULL.
    pub fn need<'r, T: Column<'r>>(&'r self, ordinal: usize) -> Result<T> {
        self.get(ordinal)?.ok_or_else(|| Failure::internal("unexpected NULL in a table of golden_record"))
    }
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

/// Runs a statement that writes, or reads what this transaction must see fresh, and maps its rows.
///
/// Under READ COMMITTED each call takes a new snapshot: what another session committed while this one waited for a
/// lock is seen.
pub fn run<R>(sql: &'static str, args: &[DatumWithOid], read: impl FnMut(&Row) -> Result<R>) -> Result<Vec<R>> {
    if !READING.get() {
        // The transaction id is what makes pgrx run statements with read_only = false.
        transaction::write();
    }
    query(sql, args, read)
}

type Plan = &'static ManuallyDrop<OwnedPreparedStatement>;

/// The kept plan of a statement.
fn plan(client: &SpiClient, sql: &'static str, args: &[DatumWithOid]) -> Result<Plan> {
    let key = sql.as_ptr() as usize;
    if let Some(plan) = PLANS.with_borrow(|plans| plans.get(&key).copied()) {
        return Ok(plan);
    }
    let types: Vec<PgOid> = args.iter().map(|arg| PgOid::from(arg.oid())).collect();
    let kept = client.prepare(sql, &types)?.keep();
    let plan: Plan = Box::leak(Box::new(ManuallyDrop::new(kept)));
    PLANS.with_borrow_mut(|plans| plans.insert(key, plan));
    Ok(plan)
}

/// Runs a statement that only reads. Assigns no transaction id, so that it works on a standby.
pub fn query<R>(sql: &'static str, args: &[DatumWithOid], read: impl FnMut(&Row) -> Result<R>) -> Result<Vec<R>> {
    Spi::connect(|client| {
        let plan = plan(client, sql, args)?;
        client.select(&**plan, None, args)?;
        rows(read)
    })
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
    thread_local! {
        static KEPT: RefCell<HashMap<usize, pg_sys::SPIPlanPtr>> = RefCell::new(HashMap::new());
    }
    let prepared = || {
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
        KEPT.with_borrow_mut(|kept| kept.insert(sql.as_ptr() as usize, plan));
        Ok::<_, Failure>(plan)
    };
    let given = |arg: &DatumWithOid| arg.datum().map(|datum| datum.sans_lifetime());
    let mut values: Vec<pg_sys::Datum> = args.iter().map(|arg| given(arg).unwrap_or(pg_sys::Datum::null())).collect();
    let nulls: Vec<c_char> = args.iter().map(|arg| if given(arg).is_some() { b' ' } else { b'n' } as c_char).collect();
    Spi::connect(|_| {
        let plan = KEPT.with_borrow(|kept| kept.get(&(sql.as_ptr() as usize)).copied()).map_or_else(prepared, Ok)?;
        // SAFETY: a kept plan, values and nulls of its arguments, the caller's snapshot.
        let status = unsafe {
            let (values, nulls) = (values.as_mut_ptr(), nulls.as_ptr());
            pg_sys::SPI_execute_snapshot(plan, values, nulls, snapshot, std::ptr::null_mut(), true, false, 0)
        };
        Spi::check_status(status)?;
        rows(read)
    })
}

/// Rows of a whole entity type that are in memory at once as PostgreSQL gives them.
const PIECE: i64 = 4_096;

/// Plans for whole tables, which may be new and not analysed yet: what the functions of this extension set is for statements
/// that look up a few rows.
fn for_whole_tables() -> Settings {
    Settings::with(&[
        (c"enable_seqscan", c"on"),
        (c"enable_hashjoin", c"on"),
        (c"enable_mergejoin", c"on"),
        (c"enable_nestloop", c"off"),
        // Compiling takes longer than it saves.
        (c"jit", c"off"),
        (c"work_mem", c"256MB"),
    ])
}

/// The rows of a whole entity type, piece by piece.
struct Sweep<F> {
    cursor: Option<String>,
    read: F,
    _settings: Settings,
}

impl<F> Sweep<F> {
    fn begin(sql: &'static str, args: &[DatumWithOid], read: F) -> Result<Sweep<F>> {
        let settings = for_whole_tables();
        let cursor = Spi::connect(|client| {
            let plan = plan(client, sql, args)?;
            Ok::<_, Failure>(client.try_open_cursor(&**plan, args)?.detach_into_name())
        })?;
        Ok(Sweep { cursor: Some(cursor), read, _settings: settings })
    }

    fn fetch<T>(&self, cursor: &str) -> Result<Vec<T>>
    where
        F: Fn(&Row) -> Result<T>,
    {
        pgrx::check_for_interrupts!();
        // What a piece takes is given back with its connection.
        Spi::connect(|client| {
            let mut cursor = client.find_cursor(cursor)?;
            cursor.fetch(PIECE)?;
            let piece = rows(&self.read)?;
            if !piece.is_empty() {
                cursor.detach_into_name();
            }
            Ok(piece)
        })
    }
}

impl<T, F: Fn(&Row) -> Result<T>> Iterator for Sweep<F> {
    type Item = Result<Vec<T>>;

    fn next(&mut self) -> Option<Result<Vec<T>>> {
        let cursor = self.cursor.take()?;
        match self.fetch(&cursor) {
            Ok(piece) if piece.is_empty() => None,
            Ok(piece) => {
                self.cursor = Some(cursor);
                Some(Ok(piece))
            }
            Err(failure) => Some(Err(failure)),
        }
    }
}

/// Runs a statement that reads the rows of a whole entity type, and maps them.
pub fn whole<R>(sql: &'static str, args: &[DatumWithOid], read: impl Fn(&Row) -> Result<R>) -> Result<Vec<R>> {
    let mut rows = Vec::new();
    for piece in Sweep::begin(sql, args, read)? {
        rows.append(&mut piece?);
    }
    Ok(rows)
}

/// Of pieces of rows those that were found to concern somebody.
fn found<T>(pieces: impl Iterator<Item = Result<Vec<Option<T>>>>) -> impl Iterator<Item = Result<Vec<T>>> {
    pieces.map(|piece| Ok(piece?.into_iter().flatten().collect()))
}

/// The same where much is to be done with what `read` takes out of a row that concerns somebody: `open` does it, on the other
/// cores, and `take` hears of each in turn.
pub fn each_opened<T: Send, R: Send>(
    sql: &'static str,
    args: &[DatumWithOid],
    read: impl Fn(&Row) -> Result<Option<T>>,
    open: impl Fn(T) -> R + Sync,
    take: impl FnMut(R),
) -> Result<()> {
    open_pieces(found(Sweep::begin(sql, args, read)?), |row| Ok(open(row)), take)
}

/// What `open` makes of the rows of pieces, on the other cores, in their order; the next piece is read meanwhile.
fn open_pieces<T: Send, R: Send>(
    pieces: impl IntoIterator<Item = Result<Vec<T>>>,
    open: impl Fn(T) -> Result<R> + Sync,
    mut take: impl FnMut(R),
) -> Result<()> {
    let open_all = |piece: Vec<T>| piece.into_iter().map(&open).collect::<Result<Vec<R>>>();
    parallel::pipeline(pieces, open_all, |opened: Result<Vec<R>>| {
        opened?.into_iter().for_each(&mut take);
        Ok(())
    })
}

/// Ids that one statement looks up. Of more, the other cores open what was found while the next is.
const LOOKED_UP: usize = 512;

/// What `open` makes of the rows that a statement finds for pieces of its arguments; it works on the other cores.
fn opened<'a, T: Send, R: Send>(
    sql: &'static str,
    mut pieces: impl ExactSizeIterator<Item = Vec<DatumWithOid<'a>>>,
    read: impl Fn(&Row) -> Result<T>,
    open: impl Fn(T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    if pieces.len() < 2 {
        return pieces.next().map_or(Ok(Vec::new()), |args| run(sql, &args, |row| open(read(row)?)));
    }
    let mut all = Vec::new();
    open_pieces(pieces.map(|args| memory::scoped(|| run(sql, &args, &read))), open, |row| all.push(row))?;
    Ok(all)
}

/// The present, from PostgreSQL's clock: one time for all rows of a statement.
pub fn now() -> TimestampWithTimeZone {
    // SAFETY: reads the clock.
    let now = unsafe { pg_sys::GetCurrentTimestamp() };
    TimestampWithTimeZone::try_from(now).unwrap_or_else(|_| TimestampWithTimeZone::positive_infinity())
}

/// Values as PostgreSQL writes an array of them: an array of arrays is no parameter, an array of such literals is.
pub fn array_literal<T: ToString>(values: &[T]) -> String {
    let quoted = |value: &T| format!("\"{}\"", value.to_string().replace('\\', "\\\\").replace('"', "\\\""));
    format!("{{{}}}", values.iter().map(quoted).collect::<Vec<_>>().join(","))
}

/// Rows that one statement writes: the arrays it takes are copied several times on their way into the table.
const WRITTEN: usize = 4_096;

/// Writes rows piece by piece, in their order.
fn in_pieces<T>(rows: &[T], write: impl Fn(&[T]) -> Result<()>) -> Result<()> {
    rows.chunks(WRITTEN).try_for_each(|piece| {
        pgrx::check_for_interrupts!();
        memory::scoped(|| write(piece))
    })
}

/// Runs a statement for its effect.
pub fn execute(sql: &'static str, args: &[DatumWithOid]) -> Result<()> {
    run(sql, args, |_| Ok(())).map(|_| ())
}
