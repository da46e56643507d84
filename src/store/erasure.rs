//! Erasures, what they keep out, and what they find.

use super::{execute, execute_latest, query, run};
use crate::error::{Failure, Result};
use golden_record_core::vault::{Commitment, KeptOut};
use hashbrown::HashSet;
use pgrx::datum::{DatumWithOid, Uuid};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The tables of whose rows, which are not sealed, the planner's statistics show samples.
macro_rules! sampled {
    () => {
        "golden_record.source_record, golden_record.cross_reference, golden_record.cross_reference_history, \
         golden_record.golden_record, golden_record.golden_history, golden_record.value_override, golden_record.decision, \
         golden_record.race, golden_record.rejected_record, golden_record.audit_entry"
    };
}

/// Waits for whoever makes statistics of these tables or a VACUUM of them: before an erasure holds what writers wait for.
pub fn await_statistics() -> Result<()> {
    execute(concat!("LOCK TABLE ", sampled!(), " IN SHARE UPDATE EXCLUSIVE MODE"), &[])
}

/// Those of these tables that have no row any more since [`remove`], and statistics still: ANALYZE leaves them as they were.
pub fn emptied() -> Result<Vec<String>> {
    let tables = concat!("{", sampled!(), "}");
    run(include_str!("../../sql/query/erasure/emptied.sql"), &[tables.into()], |row| row.need(1))
}

/// Takes the statistics of tables away, and those of their indexes. For a superuser.
pub fn forget_statistics(tables: Vec<String>) -> Result<()> {
    execute(include_str!("../../sql/query/erasure/forget_statistics.sql"), &[tables.into()])
}

/// Takes a person out of every table: the rows of source records, those of the golden ids that stand for the golden record,
/// and refused records. Gives the rows by table, and the audit entries that were wiped.
///
/// What was there lies in the planner's statistics too, which readers and stewards may see: they are made anew.
pub fn remove(golden: Uuid, records: Vec<i64>, letters: Vec<i64>) -> Result<(Value, Vec<i64>)> {
    let rows = run(
        include_str!("../../sql/query/erasure/erase.sql"),
        &[golden.into(), records.into(), letters.into()],
        |row| Ok((row.need::<String>(1)?, row.need(2)?)),
    )?;
    execute(concat!("ANALYZE ", sampled!()), &[])?;
    let (text, wiped) = rows.into_iter().next().ok_or_else(|| Failure::internal("an erasure counted nothing"))?;
    Ok((serde_json::from_str(&text)?, wiped))
}

/// Keeps a receipt, and what must not come in again. Gives the receipt's id and time.
pub fn put(
    entity_type: &str,
    golden: Uuid,
    reason: &str,
    removed: &Value,
    commitments: &BTreeMap<Commitment, KeptOut>,
) -> Result<(i64, String)> {
    let rows = run(
        include_str!("../../sql/query/erasure/put_erasure.sql"),
        &[entity_type.into(), golden.into(), reason.into(), removed.to_string().into()],
        |row| Ok((row.need::<i64>(1)?, row.need::<String>(2)?)),
    )?;
    let (id, at) = rows.into_iter().next().ok_or_else(|| Failure::internal("a receipt was not stored"))?;
    let hashes: Vec<Vec<u8>> = commitments.keys().map(|hash| hash.to_vec()).collect();
    let kinds: Vec<&str> = commitments.values().map(|kind| kind.name()).collect();
    execute(
        include_str!("../../sql/query/erasure/suppress.sql"),
        &[id.into(), entity_type.into(), hashes.into(), kinds.into()],
    )?;
    Ok((id, at))
}

/// Lifts the suppressions of an erasure; false when there are none.
pub fn lift(erasure: i64, reason: &str) -> Result<bool> {
    let lifted = run(include_str!("../../sql/query/erasure/lift.sql"), &[erasure.into(), reason.into()], |row| {
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

/// Which of some commitments, each of one entity type, are kept out.
pub fn kept_out<'a>(commitments: impl IntoIterator<Item = &'a Commitment>) -> Result<HashSet<Commitment>> {
    let asked: Vec<Vec<u8>> = commitments.into_iter().map(|commitment| commitment.to_vec()).collect();
    if asked.is_empty() {
        return Ok(HashSet::new());
    }
    let sql = include_str!("../../sql/query/erasure/kept_out.sql");
    let found = run(sql, &[asked.into()], |row| commitment(row.need(1)?))?;
    Ok(found.into_iter().collect())
}

/// Counts that each of some commitments kept somebody out.
pub fn hit(commitments: &BTreeSet<Commitment>) -> Result<()> {
    if commitments.is_empty() {
        return Ok(());
    }
    let hits: Vec<Vec<u8>> = commitments.iter().map(|commitment| commitment.to_vec()).collect();
    execute_latest(include_str!("../../sql/query/erasure/hit.sql"), &[hits.into()])
}

/// The entity type of a golden record that was erased, and what is kept out for it; `None` where that is nothing.
pub fn erased(golden: Uuid) -> Result<Option<(String, HashSet<Commitment>)>> {
    let rows = run(include_str!("../../sql/query/erasure/erased.sql"), &[golden.into()], |row| {
        Ok((row.need::<String>(1)?, commitment(row.need(2)?)?))
    })?;
    let Some((entity_type, _)) = rows.first() else { return Ok(None) };
    Ok(Some((entity_type.clone(), rows.into_iter().map(|(_, commitment)| commitment).collect())))
}

fn commitment(stored: &[u8]) -> Result<Commitment> {
    stored.try_into().map_err(|_| Failure::internal("a commitment is of another length"))
}

/// Who saw raw values of a golden record, or of one merged into it.
pub fn accesses(golden: Uuid) -> Result<Value> {
    told(include_str!("../../sql/query/erasure/accesses.sql"), golden.into())
}

/// What stewards decided about records.
pub fn decided(records: Vec<i64>) -> Result<Value> {
    told(include_str!("../../sql/query/erasure/decided.sql"), records.into())
}

/// Where statements about records met others.
pub fn raced(records: Vec<i64>) -> Result<Value> {
    told(include_str!("../../sql/query/erasure/raced.sql"), records.into())
}

/// What one statement tells as JSON.
fn told(sql: &'static str, of: DatumWithOid) -> Result<Value> {
    let rows = query(sql, &[of], |row| row.need::<String>(1))?;
    Ok(rows.first().map(|text| serde_json::from_str(text)).transpose()?.unwrap_or_default())
}
