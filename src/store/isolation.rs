//! Digests of rows as a snapshot shows them: what [`crate::isolation`] compares.

use super::query_under;
use crate::error::Result;
use golden_record_core::record::RecordRef;
use pgrx::datum::DatumWithOid;
use pgrx::pg_sys::Snapshot;

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

/// Of records, with what stewards decided about them and set on them, and of the configuration.
pub fn records(snapshot: Snapshot, rows: &Rows) -> Result<Option<String>> {
    let Rows { keys, components, records, blocks, entity_type } = rows;
    let [keys, components, records, blocks] = [keys, components, records, blocks].map(|list| list.to_vec().into());
    let args = [keys, components, records, blocks, (*entity_type).into()];
    digest(snapshot, include_str!("../../sql/query/isolation/fingerprint.sql"), &args)
}

/// Of which of some keys or blocks are generic.
pub fn generic(snapshot: Snapshot, keys: &[i64]) -> Result<Option<String>> {
    digest(snapshot, include_str!("../../sql/query/isolation/generic_fingerprint.sql"), &[keys.to_vec().into()])
}

/// Of which records of some names there are.
pub fn names(snapshot: Snapshot, entity_type: &str, names: &[RecordRef]) -> Result<Option<String>> {
    let systems: Vec<&str> = names.iter().map(|name| name.system.as_str()).collect();
    let ids: Vec<&str> = names.iter().map(|name| name.id.as_str()).collect();
    let args = [entity_type.into(), systems.into(), ids.into()];
    digest(snapshot, include_str!("../../sql/query/isolation/names_fingerprint.sql"), &args)
}

/// Of all decisions.
pub fn decisions(snapshot: Snapshot) -> Result<Option<String>> {
    digest(snapshot, include_str!("../../sql/query/isolation/decisions_fingerprint.sql"), &[])
}

/// Of all refused records.
pub fn letters(snapshot: Snapshot) -> Result<Option<String>> {
    digest(snapshot, include_str!("../../sql/query/isolation/letters_fingerprint.sql"), &[])
}

fn digest(snapshot: Snapshot, sql: &'static str, args: &[DatumWithOid]) -> Result<Option<String>> {
    // SAFETY: the snapshot that the caller took just now.
    let rows = unsafe { query_under(snapshot, sql, args, |row| row.get::<String>(1)) }?;
    Ok(rows.into_iter().next().flatten())
}
