//! The only place with SQL on our tables, users' tables being for `attach`: typed rows in and out, one statement a call, every
//! plan kept. The statements are files in `sql/query`.

pub mod access;
pub mod alert;
pub mod audit;
pub mod blocks;
pub mod bulk;
pub mod configuration;
pub mod decision;
pub mod erasure;
pub mod event;
pub mod feed;
pub mod golden;
pub mod history;
pub mod isolation;
pub mod keys;
pub mod letters;
pub mod limit;
pub mod load;
pub mod overrides;
pub mod record;
pub mod review;
pub mod scope;
pub mod state;
mod statement;
pub mod vault;
pub mod version;

use crate::error::{Failure, Result};
use crate::guc::Settings;
use crate::{memory, parallel};
use pgrx::datum::{Array, DatumWithOid, TimestampWithTimeZone, UnboxDatum, Uuid};
use pgrx::{pg_sys, FromDatum, Spi};
pub use statement::{execute, execute_latest, latest, query, query_under, reading, rows, run, run_latest};

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

/// Rows of a whole entity type that are in memory at once as PostgreSQL gives them.
const PIECE: i64 = 4_096;

/// Plans for whole tables, which may be new and not analysed yet: what the functions of this extension set is for statements
/// that look up a few rows.
fn for_whole_tables() -> Settings {
    let mut settings = vec![
        (c"enable_seqscan", c"on"),
        (c"enable_hashjoin", c"on"),
        (c"enable_mergejoin", c"on"),
        (c"enable_nestloop", c"off"),
        // Compiling takes longer than it saves.
        (c"jit", c"off"),
    ];
    // Raised alone: who allows more has it. SAFETY: PostgreSQL's own setting, in kB.
    if unsafe { pg_sys::work_mem } < 256 * 1024 {
        settings.push((c"work_mem", c"256MB"));
    }
    Settings::with(&settings)
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
        Ok(Sweep { cursor: Some(statement::cursor(sql, args)?), read, _settings: settings })
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

/// Runs a statement that reads the rows of a whole entity type, where much is to be done with what `read` takes out of a row that
/// concerns somebody: `open` does it, on the other cores, and `take` hears of each in turn.
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
