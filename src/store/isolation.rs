//! Digests of rows as a snapshot shows them: what [`crate::isolation`] compares.

use super::{latest, query_under, Row};
use crate::error::Result;
use golden_record_core::record::RecordRef;
use pgrx::datum::DatumWithOid;
use pgrx::pg_sys;

/// What is seen of the rows.
#[derive(Clone, Copy)]
pub enum Sight {
    /// What the transaction sees.
    Transaction,
    /// What is committed now.
    Latest,
}

/// Of which records: of all of these together.
#[derive(Default)]
pub struct Rows<'a> {
    /// Those that hold any of these keys.
    pub keys: &'a [i64],
    /// The members of these components.
    pub components: &'a [i64],
    /// These.
    pub records: &'a [i64],
    /// Those that joined or left one of these blocks.
    pub blocks: &'a [i64],
    /// All of an entity type.
    pub entity_type: Option<&'a str>,
}

impl<'a> Rows<'a> {
    /// All records of an entity type.
    pub fn of_type(entity_type: &'a str) -> Rows<'a> {
        Rows { entity_type: Some(entity_type), ..Rows::default() }
    }
}

/// Of records, with what stewards decided about them and set on them, and of the configuration.
pub fn records(sight: Sight, rows: &Rows) -> Result<Option<String>> {
    let Rows { keys, components, records, blocks, entity_type } = rows;
    let [keys, components, records, blocks] = [keys, components, records, blocks].map(|list| list.to_vec().into());
    let args = [keys, components, records, blocks, (*entity_type).into()];
    digest(sight, include_str!("../../sql/query/isolation/fingerprint.sql"), &args)
}

/// Of which of some keys or blocks are generic.
pub fn generic(sight: Sight, keys: &[i64]) -> Result<Option<String>> {
    digest(sight, include_str!("../../sql/query/isolation/generic_fingerprint.sql"), &[keys.to_vec().into()])
}

/// Of which records of some names there are.
pub fn names(sight: Sight, entity_type: &str, names: &[RecordRef]) -> Result<Option<String>> {
    let systems: Vec<&str> = names.iter().map(|name| name.system.as_str()).collect();
    let ids: Vec<&str> = names.iter().map(|name| name.id.as_str()).collect();
    let args = [entity_type.into(), systems.into(), ids.into()];
    digest(sight, include_str!("../../sql/query/isolation/names_fingerprint.sql"), &args)
}

/// Of all decisions.
pub fn decisions(sight: Sight) -> Result<Option<String>> {
    digest(sight, include_str!("../../sql/query/isolation/decisions_fingerprint.sql"), &[])
}

/// Of all refused records.
pub fn letters(sight: Sight) -> Result<Option<String>> {
    digest(sight, include_str!("../../sql/query/isolation/letters_fingerprint.sql"), &[])
}

fn digest(sight: Sight, sql: &'static str, args: &[DatumWithOid]) -> Result<Option<String>> {
    let read = |row: &Row| row.get::<String>(1);
    let rows = match sight {
        // SAFETY: a snapshot that is valid until the next one is taken.
        Sight::Transaction => unsafe { query_under(pg_sys::GetTransactionSnapshot(), sql, args, read) },
        Sight::Latest => latest(sql, args, read),
    };
    Ok(rows?.into_iter().next().flatten())
}
