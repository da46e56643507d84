//! Rows into a table as COPY puts them there: a page at a time, and without the arrays that a statement takes, which are
//! copied several times on their way.
//!
//! Any thread lays rows out, in COPY's binary format; the backend's own hands them over.

use super::in_pieces;
use super::load::Load;
use crate::error::{Failure, Result};
use crate::parallel;
use crate::vault::{self, sealer, Sealer};
use golden_record_core::vault::Vault;
use pgrx::datum::{TimestampWithTimeZone, Uuid};
use pgrx::pg_sys;
use std::ffi::CStr;

/// So many rows, or fewer, go by a statement whose plan is kept: to begin a COPY costs more.
pub const FEW: usize = 256;

/// Writes rows: few of them by `statement`, none by nothing, more by `copy`.
pub fn insert<T>(
    rows: &[T],
    statement: impl Fn(&[T]) -> Result<()>,
    copy: impl FnOnce(&[T]) -> Result<()>,
) -> Result<()> {
    if rows.len() <= FEW {
        in_pieces(rows, statement)
    } else {
        copy(rows)
    }
}

/// Rows that are laid out at a time.
pub const PIECE: usize = 8_192;

/// Where rows go.
pub struct Table {
    /// The table, in our schema.
    pub name: &'static CStr,
    /// The columns that rows give; the others have their defaults.
    pub columns: &'static [&'static CStr],
}

/// Rows on their way into a table.
pub struct Rows {
    table: &'static Table,
    bytes: Vec<u8>,
    count: usize,
}

/// The signature, no flags, no further header.
const HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// In the place of a row's number of columns.
const END: i16 = -1;
/// In the place of a value's length.
const NULL: i32 = -1;

impl Rows {
    /// No rows yet.
    pub fn of(table: &'static Table) -> Rows {
        Rows { table, bytes: HEAD.to_vec(), count: 0 }
    }

    /// Adds a row: a value for each column of the table's.
    pub fn push(&mut self, row: &[&dyn Field]) {
        debug_assert_eq!(row.len(), self.table.columns.len());
        self.count += 1;
        self.bytes.extend((row.len() as i16).to_be_bytes());
        row.iter().for_each(|field| put_sized(*field, &mut self.bytes));
    }

    /// Writes them.
    pub fn write(self) -> Result<()> {
        let mut load = Load::begin(self.table);
        self.add_to(&mut load)?;
        load.end();
        Ok(())
    }

    /// Adds them to others of their table.
    pub fn add_to(mut self, load: &mut Load) -> Result<()> {
        if self.count == 0 {
            return Ok(());
        }
        self.bytes.extend(END.to_be_bytes());
        if load.add(&self.bytes)? == self.count as u64 {
            Ok(())
        } else {
            Err(Failure::internal("rows were lost on their way into a table"))
        }
    }
}

/// Adds a value with its length before it.
fn put_sized(field: &dyn Field, bytes: &mut Vec<u8>) {
    let length = bytes.len();
    bytes.extend(NULL.to_be_bytes());
    if field.put(bytes) {
        let size = (bytes.len() - length - size_of::<i32>()) as i32;
        bytes[length..length + size_of::<i32>()].copy_from_slice(&size.to_be_bytes());
    }
}

/// Writes a row for each item: laid out on the other cores, in the order of the items.
pub fn write<T: Sync>(table: &'static Table, items: &[T], lay: impl Fn(&T, &mut Rows) + Sync) -> Result<()> {
    let lay_out = |piece: &[T]| {
        let mut rows = Rows::of(table);
        piece.iter().for_each(|item| lay(item, &mut rows));
        rows
    };
    load(table, items.chunks(PIECE).map(Ok), |piece| Ok(lay_out(piece)))
}

/// The same with a value in each row that is sealed for its place.
pub fn write_sealed<T: Sync>(
    vault: &Vault,
    table: &'static Table,
    place: &str,
    items: &[T],
    lay: impl Fn(&T, &Sealer, &mut Rows) -> Result<()> + Sync,
) -> Result<()> {
    let pieces = items.chunks(PIECE).map(|piece| Ok((piece, vault::nonces(piece.len())?)));
    let lay_out = |(piece, nonces): (&[T], Vec<_>)| {
        let mut rows = Rows::of(table);
        for (item, nonce) in piece.iter().zip(nonces) {
            lay(item, &sealer(vault, place, nonce), &mut rows)?;
        }
        Ok(rows)
    };
    load(table, pieces, lay_out)
}

/// Writes rows that are laid out piece by piece on the other cores.
pub fn load<T: Send>(
    table: &'static Table,
    pieces: impl IntoIterator<Item = Result<T>>,
    lay_out: impl Fn(T) -> Result<Rows> + Sync,
) -> Result<()> {
    let mut load = Load::begin(table);
    parallel::pipeline(pieces, lay_out, |rows: Result<Rows>| rows?.add_to(&mut load))?;
    load.end();
    Ok(())
}

/// A value in COPY's binary format, which is that of the type's receive function.
pub trait Field {
    /// Adds it; false for NULL, which adds nothing.
    fn put(&self, bytes: &mut Vec<u8>) -> bool;
}

macro_rules! number {
    ($($number:ty),*) => {$(
        impl Field for $number {
            fn put(&self, bytes: &mut Vec<u8>) -> bool {
                bytes.extend(self.to_be_bytes());
                true
            }
        }
    )*};
}
number!(i32, i64);

macro_rules! bytes {
    ($($kind:ty),*) => {$(
        impl Field for $kind {
            fn put(&self, bytes: &mut Vec<u8>) -> bool {
                let own: &[u8] = self.as_ref();
                bytes.extend_from_slice(own);
                true
            }
        }
    )*};
}
bytes!(&str, String, &[u8], Vec<u8>);

impl Field for bool {
    fn put(&self, bytes: &mut Vec<u8>) -> bool {
        bytes.push(u8::from(*self));
        true
    }
}

impl Field for Uuid {
    fn put(&self, bytes: &mut Vec<u8>) -> bool {
        bytes.extend_from_slice(self.as_bytes());
        true
    }
}

impl Field for TimestampWithTimeZone {
    fn put(&self, bytes: &mut Vec<u8>) -> bool {
        i64::from(*self).put(bytes)
    }
}

impl<T: Field> Field for Option<T> {
    fn put(&self, bytes: &mut Vec<u8>) -> bool {
        self.as_ref().is_some_and(|value| value.put(bytes))
    }
}

/// A jsonb value, as text.
pub struct Json<'a>(pub &'a str);

impl Field for Json<'_> {
    fn put(&self, bytes: &mut Vec<u8>) -> bool {
        const VERSION: u8 = 1;
        bytes.push(VERSION);
        bytes.extend_from_slice(self.0.as_bytes());
        true
    }
}

/// What an array may hold.
pub trait Element: Field {
    /// Its type in the database.
    const TYPE: pg_sys::Oid;
}

impl Element for String {
    const TYPE: pg_sys::Oid = pg_sys::TEXTOID;
}

impl Element for i64 {
    const TYPE: pg_sys::Oid = pg_sys::INT8OID;
}

impl Element for Uuid {
    const TYPE: pg_sys::Oid = pg_sys::UUIDOID;
}

/// An array, of one dimension, without NULL.
pub struct List<'a, T>(pub &'a [T]);

impl<T: Element> Field for List<'_, T> {
    fn put(&self, bytes: &mut Vec<u8>) -> bool {
        // Dimensions, no NULL in it, the type of the elements; of a dimension its length and where it begins.
        let head = [i32::from(!self.0.is_empty()), 0, u32::from(T::TYPE) as i32];
        let dimension = [self.0.len() as i32, 1];
        for number in head.iter().chain(dimension.iter().filter(|_| !self.0.is_empty())) {
            number.put(bytes);
        }
        self.0.iter().for_each(|element| put_sized(element, bytes));
        true
    }
}
