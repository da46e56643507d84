//! Dead letters: records that were refused, sealed.

use super::vault::{self, seal, unseal};
use super::{execute, query, run, whole};
use crate::error::Result;
use crate::parallel;
use golden_record_core::block::Key;
use golden_record_core::error::Refusal;
use golden_record_core::record::RecordRef;
use golden_record_core::vault::{Traits, Vault};
use pgrx::datum::TimestampWithTimeZone;
use serde_json::{json, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A record that was refused.
pub struct DeadLetter {
    /// Its system, where it could be read.
    pub system: Option<String>,
    /// Its id, where it could be read.
    pub id: Option<String>,
    /// Its place in the payload, from 1.
    pub ordinal: i32,
    /// What is wrong with it.
    pub refusal: Refusal,
    /// The record as it came.
    pub payload: String,
}

const PAYLOAD: &str = "rejected_payload";

fn system(name: Option<&str>) -> &[u8] {
    name.unwrap_or_default().as_bytes()
}

impl DeadLetter {
    /// What can be read of it; `regions`: those whose phones are looked for.
    pub fn traits(&self, regions: &BTreeSet<String>) -> Traits {
        let mut traits = Traits::read(&self.payload, regions, &parallel::heed);
        if let (Some(system), Some(id)) = (&self.system, &self.id) {
            traits.references.insert(RecordRef::new(system.as_str(), id.as_str()));
        }
        traits
    }
}

/// Writes dead letters, in the order of their places in the payload, of rows of an attached table where that is given;
/// `regions`: those whose phones are looked for in them.
pub fn reject(
    feed: &str,
    attachment: Option<i64>,
    mut rows: Vec<DeadLetter>,
    regions: &BTreeSet<String>,
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    rows.sort_by_key(|row| row.ordinal);
    let (mut systems, mut ids, mut ordinals, mut fields) = (vec![], vec![], vec![], vec![]);
    let (mut reasons, mut sqlstates, mut payloads) = (vec![], vec![], vec![]);
    let vault = vault::open()?;
    let letters: Vec<i64> =
        run(include_str!("../../sql/query/letters/new_letters.sql"), &[(rows.len() as i32).into()], |row| row.need(1))?;
    let (mut keys, mut kinds, mut keyed) = (vec![], vec![], vec![]);
    for (row, letter) in rows.into_iter().zip(&letters) {
        for (key, kind) in row.traits(regions).keys(&vault) {
            keys.push(key);
            kinds.push((kind as char).to_string());
            keyed.push(*letter);
        }
        payloads.push(seal(
            &vault,
            PAYLOAD,
            &[&letter.to_be_bytes(), system(row.system.as_deref())],
            row.payload.as_bytes(),
        )?);
        let system_name = row.system.clone().unwrap_or_default();
        ids.push(row.id.map(|id| vault.known_as(RecordRef::new(system_name, id)).id.to_string()));
        systems.push(row.system);
        ordinals.push(row.ordinal);
        fields.push(row.refusal.field);
        reasons.push(row.refusal.reason);
        sqlstates.push(row.refusal.sqlstate);
    }
    execute(
        include_str!("../../sql/query/letters/reject.sql"),
        &[
            feed.into(),
            systems.into(),
            ids.into(),
            ordinals.into(),
            fields.into(),
            reasons.into(),
            sqlstates.into(),
            payloads.into(),
            letters.into(),
            attachment.into(),
        ],
    )?;
    execute(include_str!("../../sql/query/letters/put_keys.sql"), &[keys.into(), keyed.into(), kinds.into()])
}

/// The refused records about a person, by keys of what could be read of them, each with its kind; beside keys of emails `of_many`,
/// which tell nobody apart, a phone tells.
pub fn about(keys: BTreeMap<i64, u8>, of_many: Vec<i64>) -> Result<Vec<i64>> {
    let (keys, kinds): (Vec<i64>, Vec<String>) =
        keys.into_iter().map(|(key, kind)| (key, (kind as char).to_string())).unzip();
    let arguments = [keys.into(), kinds.into(), of_many.into()];
    query(include_str!("../../sql/query/letters/letters_of.sql"), &arguments, |row| row.need(1))
}

/// Refused records as their person is shown them, each with its system, where that could be read; without its payload where
/// somebody damaged that.
pub fn shown(ids: Vec<i64>) -> Result<Vec<(Option<String>, Value)>> {
    query(include_str!("../../sql/query/letters/letters_shown.sql"), &[ids.into()], |row| {
        let letter: i64 = row.need(1)?;
        let system: Option<String> = row.get(6)?;
        let payload = readable(letter, system.as_deref(), row.need(7)?)?;
        let shown = json!({
            "rejectedId": letter, "feed": row.need::<String>(2)?, "field": row.need::<String>(3)?,
            "reason": row.need::<String>(4)?,
            "at": serde_json::from_str::<Value>(&row.need::<String>(5)?)?, "payload": payload,
        });
        Ok((system, shown))
    })
}

/// A dead letter that is to be tried again.
pub struct Letter {
    /// Its row.
    pub id: i64,
    /// The feed it came by.
    pub feed: String,
    /// The record as it came.
    pub payload: String,
}

const SELECTED: &str = include_str!("../../sql/query/letters/selected.sql");

/// The dead letters that a filter chooses, but for those of tables that are attached, oldest first; and those of them that
/// somebody damaged.
pub fn selected(filter: &Value) -> Result<(Vec<Letter>, Vec<i64>)> {
    let (mut letters, mut damaged) = (Vec::new(), Vec::new());
    let arguments = [filter.to_string().into(), None::<TimestampWithTimeZone>.into(), false.into()];
    run(SELECTED, &arguments, |row| {
        let id = row.need(1)?;
        match readable(id, row.get(3)?, row.need(4)?)? {
            Some(payload) => letters.push(Letter { id, feed: row.need(2)?, payload }),
            None => damaged.push(id),
        }
        Ok(())
    })?;
    Ok((letters, damaged))
}

/// All dead letters that a filter chooses, or those of them that were refused before a moment.
pub fn all_selected(filter: &Value, before: Option<TimestampWithTimeZone>) -> Result<Vec<i64>> {
    run(SELECTED, &[filter.to_string().into(), before.into(), true.into()], |row| row.need(1))
}

/// Whether there is any dead letter.
pub fn any() -> Result<bool> {
    Ok(run("SELECT EXISTS (SELECT FROM golden_record.rejected_record)", &[], |row| row.need::<bool>(1))? == [true])
}

/// A dead letter that an accepted record may mend.
pub struct Mendable {
    /// The place of that record.
    pub place: usize,
    /// Its row.
    pub id: i64,
    /// What was wrong with it.
    pub field: String,
    /// The record as it came; `None` where somebody damaged it.
    pub payload: Option<String>,
}

/// The dead letters of records, by their names: of the rows of a table, by its name and attachment where that is given, else of
/// what feeds sent.
pub fn mendable(vault: &Vault, names: &[&RecordRef], feed: &str, attachment: Option<i64>) -> Result<Vec<Mendable>> {
    let keys: Vec<i64> = names.iter().map(|name| Key::reference(name).digest(vault.identity())).collect();
    let systems: Vec<&str> = names.iter().map(|name| name.system.as_str()).collect();
    let ids: Vec<&str> = names.iter().map(|name| name.id.as_str()).collect();
    let arguments = [keys.into(), systems.into(), ids.into(), feed.into(), attachment.into()];
    run(include_str!("../../sql/query/letters/mendable.sql"), &arguments, |row| {
        let id = row.need(2)?;
        let payload = readable(id, row.get(4)?, row.need(5)?)?;
        Ok(Mendable { place: row.need::<i32>(1)? as usize - 1, id, field: row.need(3)?, payload })
    })
}

/// The dead letters of the rows of a table, by its name and attachment, that can be read, also while it was attached before, the
/// latest first.
pub fn of_table(feed: &str, attachment: i64) -> Result<Vec<Letter>> {
    let sql = include_str!("../../sql/query/letters/letters_of_table.sql");
    let letters = query(sql, &[feed.into(), attachment.into()], |row| {
        let id = row.need(1)?;
        let payload = readable(id, row.get(2)?, row.need(3)?)?;
        Ok(payload.map(|payload| Letter { id, feed: feed.to_owned(), payload }))
    })?;
    Ok(letters.into_iter().flatten().collect())
}

/// Locks dead letters; gives those of them that are there still.
pub fn hold(ids: Vec<i64>) -> Result<BTreeSet<i64>> {
    let held = run(include_str!("../../sql/query/letters/hold_letters.sql"), &[ids.into()], |row| row.need(1))?;
    Ok(held.into_iter().collect())
}

/// The rows of all dead letters whose payload `test` finds; one that somebody damaged is none of them.
pub fn containing(test: impl Fn(&str) -> bool) -> Result<Vec<i64>> {
    let found = whole(include_str!("../../sql/query/letters/all_letters.sql"), &[], |row| {
        let id: i64 = row.need(1)?;
        let payload = readable(id, row.get(2)?, row.need(3)?)?;
        Ok(payload.is_some_and(|payload| test(&payload)).then_some(id))
    })?;
    Ok(found.into_iter().flatten().collect())
}

/// Takes away dead letters, with everything that belongs to them.
pub fn remove(ids: Vec<i64>) -> Result<()> {
    execute(include_str!("../../sql/query/letters/drop_letters.sql"), &[ids.into()])
}

/// A dead letter that was refused again.
pub struct Again {
    /// Its row.
    pub id: i64,
    /// Why.
    pub reason: Refusal,
}

/// Notes that dead letters were refused again, rows of an attached table where that is given.
pub fn refused_again(rows: &[Again], attachment: Option<i64>) -> Result<()> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let fields: Vec<&str> = rows.iter().map(|row| row.reason.field.as_str()).collect();
    let reasons: Vec<&str> = rows.iter().map(|row| row.reason.reason.as_str()).collect();
    let sqlstates: Vec<&str> = rows.iter().map(|row| row.reason.sqlstate).collect();
    execute(
        include_str!("../../sql/query/letters/refused_again.sql"),
        &[ids.into(), fields.into(), reasons.into(), sqlstates.into(), attachment.into()],
    )
}

/// A refused record as it came, from its sealed form.
pub fn open_payload(letter: i64, system_name: Option<&str>, sealed: &[u8]) -> Result<String> {
    let row: [&[u8]; 2] = [&letter.to_be_bytes(), system(system_name)];
    let opened = unseal(vault::find()?.as_deref(), PAYLOAD, &row, sealed)?;
    Ok(String::from_utf8_lossy(&opened).into_owned())
}

/// The same; `None` where somebody damaged it.
fn readable(letter: i64, system_name: Option<&str>, sealed: &[u8]) -> Result<Option<String>> {
    match open_payload(letter, system_name, sealed) {
        Err(failure) if failure.is_damage() => Ok(None),
        opened => opened.map(Some),
    }
}
