//! Overrides: values that stewards set.

use super::vault::{self, seal, unseal};
use super::{execute, query, run, Row};
use crate::clock;
use crate::error::{Failure, Result};
use golden_record_core::record::RecordRef;
use golden_record_core::survive::{Given, Override};
use golden_record_core::value::Micros;
use golden_record_core::vault::Vault;
use golden_record_core::words;
use pgrx::datum::TimestampWithTimeZone;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// An override as it is stored. One that is damaged sets nothing until it is cleared, and `verify` names it.
pub struct Stored {
    /// The row of the record it sits on.
    pub record_id: i64,
    /// What it sets.
    pub set: Override,
    /// When it ends, at the next write.
    pub until: Option<Micros>,
    /// It ends when the rules no longer choose what they chose when it was set (`None`: nothing).
    pub until_other_than: Option<Option<String>>,
}

/// What is kept of an override's value.
#[derive(Serialize, Deserialize)]
struct Kept {
    given: Given,
    /// The canonical value that the rules chose then.
    chosen: Option<String>,
}

const VALUES: &str = "value_override_pii";

/// What is kept of an override's value, from its sealed form; `None` where that is damaged or gone.
fn kept(vault: Option<&Vault>, id: i64, sealed: Option<&[u8]>) -> Result<Option<Kept>> {
    match unseal(vault, VALUES, &[&id.to_be_bytes()], sealed.unwrap_or_default()) {
        Ok(opened) => Ok(serde_json::from_slice(&opened).ok()),
        Err(failure) if failure.is_damage() => Ok(None),
        Err(failure) => Err(failure),
    }
}

fn stored(vault: Option<&Vault>, row: &Row) -> Result<Stored> {
    let id: i64 = row.need(1)?;
    let kept = kept(vault, id, row.get(9)?)?;
    let (given, chosen) = kept.map(|kept| (kept.given, kept.chosen)).unzip();
    let until_changed: bool = row.need(7)?;
    Ok(Stored {
        record_id: row.need(2)?,
        set: Override {
            order: id,
            record: RecordRef::new(row.need::<&str>(3)?, row.need::<&str>(4)?),
            attribute: row.need(5)?,
            given,
            at: row.need(8)?,
        },
        until: row.get(6)?,
        until_other_than: chosen.filter(|_| until_changed),
    })
}

/// The statement that reads the overrides of which a condition holds.
macro_rules! rows {
    ($condition:literal) => {
        concat!(include_str!("../../sql/query/overrides/rows.sql"), "WHERE ", $condition)
    };
}

/// The overrides in force that sit on records.
pub fn of_records(rows: Vec<i64>) -> Result<Vec<Stored>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let vault = vault::find()?;
    run(rows!("o.ended_at IS NULL AND o.record_id = ANY ($1::bigint[])"), &[rows.into()], |row| {
        stored(vault.as_deref(), row)
    })
}

/// What was ever set on records; what somebody damaged is left out.
pub fn ever_set(rows: Vec<i64>) -> Result<Vec<Override>> {
    let vault = vault::find()?;
    let sql = rows!("v.override_id IS NOT NULL AND o.record_id = ANY ($1::bigint[])");
    let read = |row: &Row| Ok(stored(vault.as_deref(), row).ok().map(|stored| stored.set));
    Ok(query(sql, &[rows.into()], read)?.into_iter().flatten().collect())
}

/// What was ever set on records, with the stewards' notes, for the person's own request.
pub fn told(rows: Vec<i64>) -> Result<Vec<serde_json::Value>> {
    let vault = vault::find()?;
    query(include_str!("../../sql/query/overrides/told.sql"), &[rows.into()], |row| {
        let mut told: serde_json::Value = serde_json::from_str(row.need(2)?)?;
        told["value"] = kept(vault.as_deref(), row.need(1)?, row.get(3)?)?.map(|kept| kept.given.text).into();
        Ok(told)
    })
}

/// The overrides in force of an entity type.
pub fn of_entity(entity_type: &str) -> Result<Vec<Stored>> {
    let vault = vault::find()?;
    let sql = rows!("o.ended_at IS NULL AND o.entity_type = $1");
    query(sql, &[entity_type.into()], |row| stored(vault.as_deref(), row))
}

/// An override to be set.
pub struct New<'a> {
    /// The entity type.
    pub entity_type: &'a str,
    /// The row of the record it sits on.
    pub record_id: i64,
    /// The attribute.
    pub attribute: &'a str,
    /// The value.
    pub given: Given,
    /// The same, masked.
    pub shown: &'a str,
    /// The canonical value that the rules choose.
    pub chosen: Option<String>,
    /// When it ends.
    pub until: Option<TimestampWithTimeZone>,
    /// Whether it ends when the rules choose otherwise.
    pub until_changed: bool,
    /// The steward's words.
    pub note: Option<&'a str>,
}

/// Stores an override and gives its id.
pub fn put(new: New) -> Result<i64> {
    let ids = run(include_str!("../../sql/query/overrides/new_id.sql"), &[], |row| row.need::<i64>(1))?;
    let id = ids.first().copied().ok_or_else(|| Failure::internal("an override got no id"))?;
    let kept = Kept { given: new.given, chosen: new.chosen };
    let kept = Zeroizing::new(serde_json::to_vec(&kept)?);
    let vault = vault::open()?;
    let sealed = seal(&vault, VALUES, &[&id.to_be_bytes()], &kept)?;
    execute(
        include_str!("../../sql/query/overrides/put.sql"),
        &[
            id.into(),
            new.entity_type.into(),
            new.record_id.into(),
            new.attribute.into(),
            new.shown.into(),
            new.until.into(),
            new.until_changed.into(),
            new.note.into(),
            clock::present().into(),
            sealed.into(),
        ],
    )?;
    Ok(id)
}

/// Moves what sits on records to others: (from, to).
pub fn hand_on(rows: &[(i64, i64)]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let (from, to): (Vec<i64>, Vec<i64>) = rows.iter().copied().unzip();
    execute(include_str!("../../sql/query/overrides/hand_on.sql"), &[from.into(), to.into()])
}

words! {
    /// Why an override is in force no longer.
    pub enum End {
        /// A steward took it back.
        Cleared => "cleared",
        /// Another was set.
        Replaced => "replaced",
        /// Its time was over.
        Expired => "expired",
        /// The rules choose another value than when it was set.
        SourceChanged => "source_changed",
    }
}

/// Ends overrides: (id, why).
pub fn end(ended: &[(i64, End)]) -> Result<()> {
    if ended.is_empty() {
        return Ok(());
    }
    let (ids, reasons): (Vec<i64>, Vec<&str>) = ended.iter().map(|(id, end)| (*id, end.name())).unzip();
    execute(include_str!("../../sql/query/overrides/end.sql"), &[ids.into(), reasons.into(), clock::present().into()])
}
