//! Rows into a table as COPY puts them there: a page at a time, and without the arrays that a statement takes, which are
//! copied several times on their way.
//!
//! Any thread lays rows out, in the form that values have in a tuple; the backend's own hands them over.

use super::in_pieces;
use super::load::Load;
use super::vault::{self, sealer, Sealer};
use crate::error::Result;
use crate::{jsonb, parallel};
use golden_record_core::value::Text;
use golden_record_core::vault::{Vault, NONCE};
use pgrx::datum::{TimestampWithTimeZone, Uuid};
use pgrx::pg_sys;
use std::collections::BTreeMap;
use std::ffi::CStr;
use std::slice::Chunks;

/// So many rows, or fewer, go by a statement whose plan is kept: to open the table and its indexes costs more.
pub const FEW: usize = 256;

/// Writes rows: few of them by `statement`, none by nothing, more by `load`.
pub fn insert<T>(
    rows: &[T],
    statement: impl Fn(&[T]) -> Result<()>,
    load: impl FnOnce(&[T]) -> Result<()>,
) -> Result<()> {
    if rows.len() <= FEW {
        in_pieces(rows, statement)
    } else {
        load(rows)
    }
}

/// Rows that are laid out at a time.
pub const PIECE: usize = 8_192;
/// Rows that are laid out at a time where others wait for the thread that does it.
const BIT: usize = 1_024;

/// Where rows go.
pub struct Target {
    /// The table, in our schema.
    pub name: &'static CStr,
    /// The columns that rows give, with their types; the others have their defaults.
    pub columns: &'static [(&'static CStr, pg_sys::Oid)],
    /// The index in whose order rows come.
    pub order: Option<&'static CStr>,
}

/// Rows on their way into a table, as PostgreSQL has values in memory: so it takes them as they are.
pub struct Rows {
    table: &'static Target,
    values: Vec<Value>,
    beside: Beside,
}

impl Rows {
    /// No rows yet.
    pub fn of(table: &'static Target) -> Rows {
        Rows { table, values: Vec::new(), beside: Beside(Vec::new()) }
    }

    /// Adds a row: a value for each column of the table's.
    pub fn push(&mut self, row: &[&dyn Field]) {
        // PostgreSQL believes what it is told of a value's type.
        let kinds = self.table.columns.iter().map(|(_, kind)| *kind);
        assert!(kinds.eq(row.iter().map(|field| field.kind())), "a row is another than its table");
        self.values.extend(row.iter().map(|field| field.put(&mut self.beside)));
    }

    /// The values of all rows, and where those are that do not stand in the row.
    pub(super) fn laid_out(&self) -> (&[Value], *const u64) {
        (&self.values, self.beside.0.as_ptr())
    }

    /// Writes them.
    pub fn write(&self) -> Result<()> {
        let mut load = Load::begin(self.table)?;
        load.add(self);
        load.end();
        Ok(())
    }
}

/// A value of a row.
#[derive(Clone, Copy)]
pub enum Value {
    /// NULL.
    Null,
    /// One that stands in the row.
    Own(u64),
    /// One that stands beside the rows: its first word there.
    Beside(usize),
}

/// Values that do not stand in the row: in words, so that each begins where any type may.
pub struct Beside(Vec<u64>);

impl Beside {
    /// Room for a value of so many bytes, all 0.
    fn room(&mut self, size: usize) -> (Value, &mut [u8]) {
        const WORD: usize = size_of::<u64>();
        let at = self.0.len();
        self.0.resize(at + size.div_ceil(WORD), 0);
        let words = &mut self.0[at..];
        // SAFETY: the words have so many bytes, and any bytes are words.
        (Value::Beside(at), unsafe { std::slice::from_raw_parts_mut(words.as_mut_ptr().cast(), size) })
    }

    /// Room for a value of so many bytes with its length before it.
    fn sized(&mut self, size: usize) -> (Value, &mut [u8]) {
        let whole = size + size_of::<u32>();
        let (value, bytes) = self.room(whole);
        let (length, rest) = bytes.split_at_mut(size_of::<u32>());
        length.copy_from_slice(&sized_by(whole));
        (value, rest)
    }
}

/// What stands before a value of so many bytes, these four among them.
fn sized_by(whole: usize) -> [u8; size_of::<u32>()] {
    let mut length = 0_u32;
    // SAFETY: a value begins with four bytes that tell its length.
    unsafe { pgrx::set_varsize_4b((&raw mut length).cast(), whole as i32) };
    length.to_ne_bytes()
}

/// Writes a row for each item: laid out on the other cores, in the order of the items.
pub fn write<T: Sync>(table: &'static Target, items: &[T], lay: impl Fn(&T, &mut Rows) + Sync) -> Result<()> {
    let lay_out = |piece: &[T]| {
        let mut rows = Rows::of(table);
        piece.iter().for_each(|item| lay(item, &mut rows));
        rows
    };
    load(table, items.chunks(PIECE).map(Ok), |piece| Ok(lay_out(piece)))
}

/// Writes a row for each item, with a value in it that is sealed for its place.
pub fn write_sealed<T: Sync>(
    vault: &Vault,
    table: &'static Target,
    place: &str,
    items: &[T],
    lay: impl Fn(&T, &Sealer, &mut Rows) -> Result<()> + Sync,
) -> Result<()> {
    let pieces = items.chunks(PIECE).map(|piece| Ok((piece, vault::nonces(piece.len())?)));
    load(table, pieces, |(piece, nonces)| sealed(vault, table, place, piece, nonces, &lay))
}

/// The rows of items, with a value in each that is sealed for its place.
pub fn sealed<T>(
    vault: &Vault,
    table: &'static Target,
    place: &str,
    items: &[T],
    nonces: Vec<[u8; NONCE]>,
    lay: &dyn Fn(&T, &Sealer, &mut Rows) -> Result<()>,
) -> Result<Rows> {
    let mut rows = Rows::of(table);
    for (item, nonce) in items.iter().zip(nonces) {
        lay(item, &sealer(vault, place, nonce), &mut rows)?;
    }
    Ok(rows)
}

/// Writes rows that are laid out piece by piece on the other cores.
pub fn load<T: Send>(
    table: &'static Target,
    pieces: impl IntoIterator<Item = Result<T>>,
    lay_out: impl Fn(T) -> Result<Rows> + Sync,
) -> Result<()> {
    let mut load = Load::begin(table)?;
    parallel::pipeline(pieces, lay_out, |rows: Result<Rows>| {
        load.add(&rows?);
        Ok(())
    })?;
    load.end();
    Ok(())
}

/// Rows that are written bit by bit, while the backend's own thread waits for others.
pub struct Gradual<'a, T> {
    load: Load,
    left: Chunks<'a, T>,
    lay_out: Box<dyn FnMut(&[T]) -> Result<Rows> + 'a>,
}

impl<'a, T> Gradual<'a, T> {
    /// Opens the table.
    pub fn begin(
        table: &'static Target,
        items: &'a [T],
        lay_out: impl FnMut(&[T]) -> Result<Rows> + 'a,
    ) -> Result<Gradual<'a, T>> {
        Ok(Gradual { load: Load::begin(table)?, left: items.chunks(BIT), lay_out: Box::new(lay_out) })
    }

    /// Does a bit; false where all is done.
    pub fn go_on(&mut self) -> Result<bool> {
        let Some(piece) = self.left.next() else { return Ok(self.load.fill()) };
        self.load.add(&(self.lay_out)(piece)?);
        Ok(true)
    }

    /// Does what is left.
    pub fn end(mut self) -> Result<()> {
        while self.go_on()? {}
        self.load.end();
        Ok(())
    }
}

/// What a row has in a column.
pub trait Field {
    /// The type of the column.
    fn kind(&self) -> pg_sys::Oid;
    /// Its value; what does not stand in the row is added to what is beside.
    fn put(&self, beside: &mut Beside) -> Value;
}

impl<T: Typed> Field for T {
    fn kind(&self) -> pg_sys::Oid {
        T::TYPE
    }

    fn put(&self, beside: &mut Beside) -> Value {
        self.lay(beside)
    }
}

/// A value of a type of the database.
pub trait Typed {
    /// The type.
    const TYPE: pg_sys::Oid;
    /// Lays the value out.
    fn lay(&self, beside: &mut Beside) -> Value;
}

impl<T: Typed> Typed for Option<T> {
    const TYPE: pg_sys::Oid = T::TYPE;

    fn lay(&self, beside: &mut Beside) -> Value {
        self.as_ref().map_or(Value::Null, |value| value.lay(beside))
    }
}

macro_rules! own {
    ($($kind:ty: $oid:expr, $word:expr;)*) => {$(
        impl Typed for $kind {
            const TYPE: pg_sys::Oid = $oid;

            fn lay(&self, _: &mut Beside) -> Value {
                let word: fn($kind) -> i64 = $word;
                Value::Own(word(*self) as u64)
            }
        }
    )*};
}
own! {
    bool: pg_sys::BOOLOID, i64::from;
    i32: pg_sys::INT4OID, i64::from;
    i64: pg_sys::INT8OID, |number| number;
    Xid8: pg_sys::XID8OID, |transaction| transaction.0;
    TimestampWithTimeZone: pg_sys::TIMESTAMPTZOID, i64::from;
}

/// A transaction.
#[derive(Clone, Copy)]
pub struct Xid8(pub i64);

macro_rules! bytes {
    ($($kind:ty: $oid:expr;)*) => {$(
        impl Typed for $kind {
            const TYPE: pg_sys::Oid = $oid;

            fn lay(&self, beside: &mut Beside) -> Value {
                let own: &[u8] = self.as_ref();
                let (value, bytes) = beside.sized(own.len());
                bytes.copy_from_slice(own);
                value
            }
        }
    )*};
}
bytes! {
    &str: pg_sys::TEXTOID;
    &[u8]: pg_sys::BYTEAOID;
    Vec<u8>: pg_sys::BYTEAOID;
}

impl Typed for Uuid {
    const TYPE: pg_sys::Oid = pg_sys::UUIDOID;

    fn lay(&self, beside: &mut Beside) -> Value {
        let (value, bytes) = beside.room(self.as_bytes().len());
        bytes.copy_from_slice(self.as_bytes());
        value
    }
}

/// A jsonb object of texts.
pub struct Texts<'a>(pub &'a BTreeMap<Text, String>);

impl Typed for Texts<'_> {
    const TYPE: pg_sys::Oid = pg_sys::JSONBOID;

    fn lay(&self, beside: &mut Beside) -> Value {
        jsonb::pack_texts(self.0).as_slice().lay(beside)
    }
}

/// Puts bytes at the beginning of some room, which is what is left of it from then on.
fn fill(room: &mut &mut [u8], bytes: &[u8]) {
    let (here, rest) = std::mem::take(room).split_at_mut(bytes.len());
    here.copy_from_slice(bytes);
    *room = rest;
}

/// What an array may hold.
pub trait Element {
    /// Its type in the database.
    const TYPE: pg_sys::Oid;
    /// The type of the array.
    const ARRAY: pg_sys::Oid;
    /// Each begins at a multiple of so many bytes.
    const ALIGNED: usize;
    /// How many bytes it has in the array.
    fn size(&self) -> usize;
    /// Lays it out there.
    fn fill(&self, room: &mut &mut [u8]);
}

impl Element for Text {
    const TYPE: pg_sys::Oid = pg_sys::TEXTOID;
    const ARRAY: pg_sys::Oid = pg_sys::TEXTARRAYOID;
    const ALIGNED: usize = size_of::<u32>();

    fn size(&self) -> usize {
        size_of::<u32>() + self.len()
    }

    fn fill(&self, room: &mut &mut [u8]) {
        fill(room, &sized_by(self.size()));
        fill(room, self.as_bytes());
    }
}

impl Element for i64 {
    const TYPE: pg_sys::Oid = pg_sys::INT8OID;
    const ARRAY: pg_sys::Oid = pg_sys::INT8ARRAYOID;
    const ALIGNED: usize = size_of::<i64>();

    fn size(&self) -> usize {
        size_of::<i64>()
    }

    fn fill(&self, room: &mut &mut [u8]) {
        fill(room, &self.to_ne_bytes());
    }
}

impl Element for Uuid {
    const TYPE: pg_sys::Oid = pg_sys::UUIDOID;
    const ARRAY: pg_sys::Oid = pg_sys::UUIDARRAYOID;
    const ALIGNED: usize = 1;

    fn size(&self) -> usize {
        self.as_bytes().len()
    }

    fn fill(&self, room: &mut &mut [u8]) {
        fill(room, self.as_bytes());
    }
}

/// An array, of one dimension, without NULL.
pub struct List<'a, T>(pub &'a [T]);

impl<T: Element> Typed for List<'_, T> {
    const TYPE: pg_sys::Oid = T::ARRAY;

    fn lay(&self, beside: &mut Beside) -> Value {
        // Dimensions, no NULL in it, the type of the elements; of a dimension its length and where it begins.
        let head = [i32::from(!self.0.is_empty()), 0, u32::from(T::TYPE) as i32];
        let dimension = [self.0.len() as i32, 1];
        let head = || head.iter().chain(dimension.iter().filter(|_| !self.0.is_empty()));
        // With the length before it the head ends where any type may begin.
        let size = self.0.iter().map(|element| element.size().next_multiple_of(T::ALIGNED)).sum::<usize>();
        let (value, mut rest) = beside.sized(head().count() * size_of::<i32>() + size);
        head().for_each(|number| fill(&mut rest, &number.to_ne_bytes()));
        for element in self.0 {
            element.fill(&mut rest);
            let gap = element.size().next_multiple_of(T::ALIGNED) - element.size();
            fill(&mut rest, &[0; pg_sys::MAXIMUM_ALIGNOF as usize][..gap]);
        }
        value
    }
}
