//! Erasures, what they keep out, and what they find.

use super::{execute, query, run};
use crate::error::{Failure, Result};
use pgrx::datum::Uuid;
use serde_json::Value;
use std::collections::BTreeMap;

/// Takes a golden record's person out of every table: the rows of source records, those of the golden ids that stand for
/// it, and refused records by their keys. Gives the rows by table, and the audit entries that were wiped.
pub fn remove(golden: Uuid, records: Vec<i64>, letters: &[(i64, u8)]) -> Result<(Value, Vec<i64>)> {
    let (keys, kinds) = split(letters);
    let rows = run(
        include_str!("../../sql/query/privacy/erase.sql"),
        &[golden.into(), records.into(), keys.into(), kinds.into()],
        |row| Ok((row.need::<String>(1)?, row.need(2)?)),
    )?;
    let (text, wiped) = rows.into_iter().next().ok_or_else(|| Failure::internal("an erasure counted nothing"))?;
    Ok((serde_json::from_str(&text)?, wiped))
}

/// Keys of refused records as two arrays.
pub fn split(letters: &[(i64, u8)]) -> (Vec<i64>, Vec<String>) {
    letters.iter().map(|(key, kind)| (*key, (*kind as char).to_string())).unzip()
}

/// Keeps a receipt, and what must not come in again. Gives the receipt's id and time.
pub fn put(
    entity_type: &str,
    golden: Uuid,
    reason: &str,
    removed: &Value,
    commitments: &BTreeMap<[u8; 32], &'static str>,
) -> Result<(i64, String)> {
    let rows = run(
        include_str!("../../sql/query/privacy/put_erasure.sql"),
        &[entity_type.into(), golden.into(), reason.into(), removed.to_string().into()],
        |row| Ok((row.need::<i64>(1)?, row.need::<String>(2)?)),
    )?;
    let (id, at) = rows.into_iter().next().ok_or_else(|| Failure::internal("a receipt was not stored"))?;
    let hashes: Vec<Vec<u8>> = commitments.keys().map(|hash| hash.to_vec()).collect();
    let kinds: Vec<&str> = commitments.values().copied().collect();
    execute(
        include_str!("../../sql/query/privacy/suppress.sql"),
        &[id.into(), entity_type.into(), hashes.into(), kinds.into()],
    )?;
    Ok((id, at))
}

/// Lifts the suppressions of an erasure; false when there are none.
pub fn lift(erasure: i64, reason: &str) -> Result<bool> {
    let lifted = run(include_str!("../../sql/query/privacy/lift.sql"), &[erasure.into(), reason.into()], |row| {
        row.need::<i64>(1)
    })?;
    Ok(!lifted.is_empty())
}

/// Whether anything is kept out of an entity type.
pub fn any(entity_type: &str) -> Result<bool> {
    Ok(run(
        "SELECT EXISTS (SELECT FROM golden_record.suppression AS s WHERE s.entity_type = $1)",
        &[entity_type.into()],
        |row| row.need::<bool>(1),
    )? == [true])
}

/// Which of some commitments are kept out; each is counted.
pub fn hit(entity_type: &str, commitments: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>> {
    run(include_str!("../../sql/query/privacy/hit.sql"), &[entity_type.into(), commitments.into()], |row| row.need(1))
}

/// Who saw raw values of a golden record.
pub fn accesses(golden: Uuid) -> Result<Value> {
    let rows =
        query(include_str!("../../sql/query/privacy/accesses.sql"), &[golden.into()], |row| row.need::<String>(1))?;
    Ok(rows.first().map(|text| serde_json::from_str(text)).transpose()?.unwrap_or_default())
}
