//! What a table holds, cell by cell: a column of text as it is, one of another type as the JSON that PostgreSQL makes of its
//! value.

use super::relation::Column;
use crate::error::Result;
use crate::guc::Settings;
use crate::parallel;
use crate::store::{self, Row};
use golden_record_core::payload::Told;
use pgrx::spi::quote_identifier;
use pgrx::{pg_sys, PgTupleDesc};
use serde::{Serialize, Serializer};
use std::ops::Range;

/// Rows in one piece of memory.
const PIECE: usize = 1_000;

/// Rows of a table, cell by cell.
#[derive(Default)]
pub struct Cells {
    rows: usize,
    text: String,
    /// Row by row where the text of each cell lies; `None` for NULL.
    cells: Vec<Option<Range<usize>>>,
}

/// Runs `read`, in which PostgreSQL writes values out in one way: what a row says must not depend on how the session that
/// changed it likes dates or numbers written.
pub fn plainly<R>(read: impl FnOnce() -> R) -> R {
    let _settings = Settings::with(&[
        (c"TimeZone", c"UTC"),
        (c"DateStyle", c"ISO, MDY"),
        (c"IntervalStyle", c"postgres"),
        (c"extra_float_digits", c"1"),
        (c"bytea_output", c"hex"),
        (c"xmlbinary", c"base64"),
        (c"lc_monetary", c"C"),
        (c"quote_all_identifiers", c"off"),
    ]);
    read()
}

/// How the values of a column are written out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// Texts as they are.
    Text,
    /// As JSON.
    Json,
    /// As a text in JSON, printed as the type prints it: of types that users made `to_json` asks for a cast to JSON, which
    /// whoever owns the type may add.
    Printed,
    /// As texts in a JSON array, each printed so.
    PrintedArray,
}

impl Written {
    /// Of a type that is no domain.
    pub fn of(base: pg_sys::Oid) -> Written {
        if [pg_sys::TEXTOID, pg_sys::VARCHAROID].contains(&base) {
            Written::Text
        } else if is_plain(base) {
            Written::Json
        // SAFETY: a syscache look-up.
        } else if unsafe { pg_sys::get_element_type(base) } == pg_sys::InvalidOid {
            Written::Printed
        } else {
            Written::PrintedArray
        }
    }

    /// An expression's value in JSON.
    pub fn json(self, value: &str) -> String {
        let printed = |array: &str| {
            format!(
                "CASE WHEN pg_catalog.num_nulls({value}) OPERATOR(pg_catalog.=) 0 \
                 THEN pg_catalog.to_json(pg_catalog.format('%s', {value}){array})::text END"
            )
        };
        match self {
            Written::Text | Written::Json => format!("pg_catalog.to_json({value})::text"),
            Written::Printed => printed(""),
            Written::PrintedArray => printed("::pg_catalog.text[]"),
        }
    }
}

/// Whether a type is made of PostgreSQL's own alone.
fn is_plain(kind: pg_sys::Oid) -> bool {
    // SAFETY: syscache look-ups of a type that exists, and its description, which is given back.
    unsafe {
        let base = pg_sys::getBaseType(kind);
        let element = pg_sys::get_element_type(base);
        if element != pg_sys::InvalidOid {
            return is_plain(element);
        }
        if !pg_sys::type_is_rowtype(base) {
            return base.to_u32() < pg_sys::FirstNormalObjectId;
        }
        let described = PgTupleDesc::from_pg(pg_sys::lookup_rowtype_tupdesc(base, -1));
        let mut fields = described.iter().filter(|field| !field.is_dropped());
        fields.all(|field| is_plain(field.atttypid))
    }
}

impl Cells {
    /// What to select from `r` to get its rows as they are taken here.
    pub fn selected(columns: &[Column]) -> String {
        let expression = |column: &Column| match format!("r.{}", quote_identifier(&column.name)) {
            value if column.written == Written::Text => value,
            value => column.written.json(&value),
        };
        columns.iter().map(expression).collect::<Vec<_>>().join(", ")
    }

    /// The rows that SPI found last, which have so many columns, piece by piece.
    pub fn found(columns: usize) -> Result<Vec<Cells>> {
        let mut pieces: Vec<Cells> = Vec::new();
        store::rows(|row| {
            if pieces.last().is_none_or(|piece| piece.rows == PIECE) {
                pieces.push(Cells::default());
            }
            pieces.last_mut().map_or(Ok(()), |piece| piece.push(row, columns))
        })?;
        Ok(pieces)
    }

    /// How many rows pieces hold.
    pub fn count(pieces: &[Cells]) -> usize {
        pieces.iter().map(|piece| piece.rows).sum()
    }

    /// What `read` makes of the rows of pieces with these columns, on all cores.
    pub fn each<R: Send>(pieces: &[Cells], columns: &[Column], read: impl Fn(&Line) -> R + Sync) -> Result<Vec<R>> {
        let rows = parallel::map_large(pieces, |piece| {
            let row = |at: usize| {
                let cells = &piece.cells[at * columns.len()..(at + 1) * columns.len()];
                read(&Line { columns, text: &piece.text, cells })
            };
            (0..piece.rows).map(row).collect::<Vec<R>>()
        })?;
        Ok(rows.into_iter().flatten().collect())
    }

    fn push(&mut self, row: &Row, columns: usize) -> Result<()> {
        self.rows += 1;
        for column in 1..=columns {
            let cell: Option<&str> = row.get(column)?;
            let from = self.text.len();
            self.text.push_str(cell.unwrap_or_default());
            self.cells.push(cell.map(|_| from..self.text.len()));
        }
        Ok(())
    }
}

/// One row.
pub struct Line<'a> {
    columns: &'a [Column],
    text: &'a str,
    cells: &'a [Option<Range<usize>>],
}

impl<'a> Line<'a> {
    /// What a column says.
    pub fn told(&self, column: usize) -> Told<'a> {
        match self.cells[column].clone().map(|cell| &self.text[cell]) {
            None => Told::Null,
            Some(text) if self.columns[column].written == Written::Text => Told::Text(text),
            // What a column of JSON may hold.
            Some("null") => Told::Null,
            Some(json) => Told::Json(json),
        }
    }
}

/// As `row_to_json` writes it.
impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, into: S) -> std::result::Result<S::Ok, S::Error> {
        into.collect_map(self.columns.iter().enumerate().map(|(at, column)| (&column.name, self.told(at))))
    }
}
