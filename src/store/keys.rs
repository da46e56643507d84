//! The keys by which records are found and counted, and which of them are generic.

use super::bulk::{self, Rows, Target};
use super::{execute, in_pieces, run, whole, Row};
use crate::error::{Failure, Result};
use golden_record_core::block::Cause;
use pgrx::pg_sys;
use std::collections::HashSet;

/// A record that holds a key.
#[derive(Clone)]
pub struct Holder {
    /// The key.
    pub key: i64,
    /// The record's row.
    pub record_id: i64,
    /// The keyed hash of its full name, when it has one.
    pub name_key: Option<i64>,
}

fn holder(row: &Row) -> Result<Holder> {
    Ok(Holder { key: row.need(1)?, record_id: row.need(2)?, name_key: row.get(3)? })
}

/// Who holds some keys: at most `limit` records a key, those with the smallest row ids.
pub fn holders(keys: Vec<i64>, limit: i64) -> Result<Vec<Holder>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    run(include_str!("../../sql/query/keys/holders.sql"), &[keys.into(), limit.into()], holder)
}

/// What is on record about a key: whether it is generic, and why; who holds it.
pub struct Judged {
    /// The key.
    pub key: i64,
    /// Why it is stored as generic.
    pub reason: Option<Cause>,
    /// A record that holds it, with the keyed hash of its full name.
    pub holder: Option<(i64, Option<i64>)>,
}

/// What is on record about some keys, one row a holder: at most `limit` a key, those with the smallest row ids.
pub fn judged(keys: Vec<i64>, limit: i64) -> Result<Vec<Judged>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    run(include_str!("../../sql/query/keys/judged.sql"), &[keys.into(), limit.into()], |row| {
        let record: Option<i64> = row.get(3)?;
        let holder = record.map(|record| Ok::<_, Failure>((record, row.get(4)?))).transpose()?;
        Ok(Judged { key: row.need(1)?, reason: row.get(2)?.map(cause).transpose()?, holder })
    })
}

/// Every stored key of the records of any entity type: to tell them apart costs less than to join them with their records.
pub fn all() -> Result<Vec<Holder>> {
    whole(include_str!("../../sql/query/keys/all_keys.sql"), &[], holder)
}

/// Writes keys that records hold now, or hold under another name.
pub fn put(rows: &[Holder]) -> Result<()> {
    in_pieces(rows, |rows| put_piece(include_str!("../../sql/query/keys/put_keys.sql"), rows))
}

const KEYS: Target = Target {
    name: c"block_key",
    columns: &[(c"key", pg_sys::INT8OID), (c"record_id", pg_sys::INT8OID), (c"name_key", pg_sys::INT8OID)],
    order: Some(c"block_key_pkey"),
};

/// Writes keys of records that held none: of each row what `holder` makes of it.
pub fn insert<T: Sync>(rows: &[T], holder: impl Fn(&T) -> Holder + Sync) -> Result<()> {
    let lay = |row: &T, rows: &mut Rows| {
        let Holder { key, record_id, name_key } = holder(row);
        rows.push(&[&key, &record_id, &name_key]);
    };
    let few = |rows: &[T]| {
        let rows: Vec<Holder> = rows.iter().map(&holder).collect();
        put_piece(include_str!("../../sql/query/keys/insert_keys.sql"), &rows)
    };
    bulk::insert(rows, few, |rows| bulk::write(&KEYS, rows, lay))
}

fn put_piece(sql: &'static str, rows: &[Holder]) -> Result<()> {
    let keys: Vec<i64> = rows.iter().map(|row| row.key).collect();
    let records: Vec<i64> = rows.iter().map(|row| row.record_id).collect();
    let names: Vec<Option<i64>> = rows.iter().map(|row| row.name_key).collect();
    execute(sql, &[keys.into(), records.into(), names.into()])
}

/// Takes keys away: (key, record).
pub fn remove(rows: &[(i64, i64)]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let keys: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let records: Vec<i64> = rows.iter().map(|row| row.1).collect();
    execute(include_str!("../../sql/query/keys/drop_keys.sql"), &[keys.into(), records.into()])
}

/// The statement that reads the generic keys of which a condition holds.
macro_rules! generic {
    ($condition:literal) => {
        concat!(include_str!("../../sql/query/keys/generic.sql"), "WHERE ", $condition)
    };
}

/// Which of some keys are stored as generic.
pub fn generic(keys: Vec<i64>) -> Result<HashSet<i64>> {
    if keys.is_empty() {
        return Ok(HashSet::new());
    }
    let found = run(generic!("g.key = ANY ($1::bigint[])"), &[keys.into()], |row| row.need(1))?;
    Ok(found.into_iter().collect())
}

fn cause(stored: &str) -> Result<Cause> {
    Cause::parse(stored).ok_or_else(|| Failure::damaged("why a value is generic is not what this version stores"))
}

/// Every key of an entity type that is stored as generic.
pub fn generic_of_entity(entity_type: &str) -> Result<Vec<GenericKey>> {
    whole(generic!("g.entity_type = $1"), &[entity_type.into()], |row| {
        Ok(GenericKey {
            key: row.need(1)?,
            attribute: row.need(2)?,
            masked: row.need(3)?,
            reason: cause(row.need(4)?)?,
            threshold: row.get(5)?,
        })
    })
}

/// A key that counts for nothing, and why.
#[derive(PartialEq)]
pub struct GenericKey {
    /// The key.
    pub key: i64,
    /// The attribute or key space it belongs to.
    pub attribute: String,
    /// The value, masked.
    pub masked: String,
    /// Why.
    pub reason: Cause,
    /// The limit it passed; `None` for `form`.
    pub threshold: Option<i32>,
}

/// Writes keys that became generic.
pub fn put_generic(entity_type: &str, rows: &[GenericKey]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let keys: Vec<i64> = rows.iter().map(|row| row.key).collect();
    let attributes: Vec<&str> = rows.iter().map(|row| row.attribute.as_str()).collect();
    let values: Vec<&str> = rows.iter().map(|row| row.masked.as_str()).collect();
    let reasons: Vec<&str> = rows.iter().map(|row| row.reason.name()).collect();
    let thresholds: Vec<Option<i32>> = rows.iter().map(|row| row.threshold).collect();
    execute(
        include_str!("../../sql/query/keys/put_generic.sql"),
        &[entity_type.into(), keys.into(), attributes.into(), values.into(), reasons.into(), thresholds.into()],
    )
}

/// Forgets keys that are generic no longer.
pub fn drop_generic(keys: Vec<i64>) -> Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    execute(include_str!("../../sql/query/keys/drop_generic.sql"), &[keys.into()])
}
