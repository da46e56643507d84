//! What happened: audit entries, change events, dead letters, counters and alerts.

use super::audit::{generation, here};
use super::bulk::{self, List, Rows, Target, Xid8};
use super::vault::{self, seal, unseal};
use super::{array_literal, execute, query, run, whole};
use crate::error::{Failure, Result};
use crate::guc;
use golden_record_core::drift::{Drift, SystemKeys};
use golden_record_core::error::Refusal;
use golden_record_core::race::Meeting;
use golden_record_core::record::RecordRef;
use golden_record_core::value::Text;
use golden_record_core::vault::Traits;
use pgrx::datum::{TimestampWithTimeZone, Uuid};
use pgrx::pg_sys;
use std::collections::{BTreeMap, BTreeSet};

/// A change of a golden record.
pub struct ChangeEvent {
    /// The golden record.
    pub golden: Uuid,
    /// `created`, `updated`, `merged`, `split`, `retired` or `erased`.
    pub change: &'static str,
    /// The other golden record of a merge or split.
    pub other: Option<Uuid>,
    /// The attributes whose value changed.
    pub attributes: Vec<Text>,
}

/// Writes change events, in their order.
pub fn changes(entity_type: &str, rows: &[ChangeEvent]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let generation = generation()?;
    // SAFETY: in a transaction.
    let transaction = Xid8(unsafe { pg_sys::GetCurrentFullTransactionId() }.value as i64);
    let lay = |row: &ChangeEvent, rows: &mut Rows| {
        let (change, attributes) = (row.change, List(&row.attributes));
        rows.push(&[&generation, &transaction, &entity_type, &row.golden, &change, &row.other, &attributes]);
    };
    let few = |rows: &[ChangeEvent]| write_few_changes(generation, entity_type, rows);
    bulk::insert(rows, few, |rows| bulk::write(&CHANGES, rows, lay))?;
    if guc::NOTIFY.get() {
        notify("golden_record_change", entity_type)?;
    }
    Ok(())
}

const CHANGES: Target = Target {
    name: c"change_event",
    columns: &[
        (c"generation", pg_sys::INT4OID),
        (c"transaction_id", pg_sys::XID8OID),
        (c"entity_type", pg_sys::TEXTOID),
        (c"golden_id", pg_sys::UUIDOID),
        (c"change", pg_sys::TEXTOID),
        (c"into_id", pg_sys::UUIDOID),
        (c"attributes", pg_sys::TEXTARRAYOID),
    ],
    order: Some(c"change_event_pkey"),
};

fn write_few_changes(generation: i32, entity_type: &str, rows: &[ChangeEvent]) -> Result<()> {
    let goldens: Vec<Uuid> = rows.iter().map(|row| row.golden).collect();
    let changes: Vec<&str> = rows.iter().map(|row| row.change).collect();
    let others: Vec<Option<Uuid>> = rows.iter().map(|row| row.other).collect();
    let attributes: Vec<String> = rows.iter().map(|row| array_literal(&row.attributes)).collect();
    execute(
        include_str!("../../sql/query/event/change.sql"),
        &[generation.into(), entity_type.into(), goldens.into(), changes.into(), others.into(), attributes.into()],
    )
}

/// Wakes those who listen to a channel, once this transaction commits.
fn notify(channel: &str, payload: &str) -> Result<()> {
    run(include_str!("../../sql/query/event/notify.sql"), &[channel.into(), payload.into()], |_| Ok(())).map(|_| ())
}

/// Writes races: (the golden record, where there is one; the meeting).
pub fn races(entity_type: &str, rows: &[(Option<Uuid>, Meeting)]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let goldens: Vec<Option<Uuid>> = rows.iter().map(|row| row.0).collect();
    let kinds: Vec<&str> = rows.iter().map(|row| row.1.kind.name()).collect();
    let fields: Vec<String> = rows.iter().map(|row| serde_json::json!(row.1.fields()).to_string()).collect();
    let winners: Vec<String> = rows.iter().map(|row| row.1.winner.to_json().to_string()).collect();
    let losers: Vec<String> = rows.iter().map(|row| row.1.loser.to_json().to_string()).collect();
    let rules: Vec<&str> = rows.iter().map(|row| row.1.rule.as_str()).collect();
    execute(
        include_str!("../../sql/query/event/races.sql"),
        &[entity_type.into(), goldens.into(), kinds.into(), fields.into(), winners.into(), losers.into(), rules.into()],
    )
}

/// A place in the order of change events: generation, transaction, event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The generation of transactions.
    pub generation: i32,
    /// The transaction.
    pub transaction: u64,
    /// The event in it.
    pub event: i64,
}

/// A change event as a consumer sees it.
pub struct Seen {
    /// Its place.
    pub cursor: Cursor,
    /// When its transaction began.
    pub at: TimestampWithTimeZone,
    /// The entity type.
    pub entity_type: String,
    /// The golden record.
    pub golden: Uuid,
    /// What happened to it.
    pub change: String,
    /// The other golden record of a merge or split.
    pub other: Option<Uuid>,
    /// The attributes whose value changed.
    pub attributes: Vec<String>,
}

/// The change events after a place, at most so many, as far as nothing can come before them any more.
pub fn changes_since(after: &Cursor, limit: i32) -> Result<Vec<Seen>> {
    let (system, database) = here();
    let transaction = after.transaction.to_string();
    query(
        include_str!("../../sql/query/event/changes_since.sql"),
        &[
            after.generation.into(),
            transaction.as_str().into(),
            after.event.into(),
            limit.into(),
            system.into(),
            database.into(),
        ],
        |row| {
            let transaction: &str = row.need(2)?;
            let transaction = transaction.parse().map_err(|_| Failure::internal("a transaction id is no number"))?;
            Ok(Seen {
                cursor: Cursor { generation: row.need(1)?, transaction, event: row.need(3)? },
                at: row.need(4)?,
                entity_type: row.need(5)?,
                golden: row.need(6)?,
                change: row.need(7)?,
                other: row.get(8)?,
                attributes: row.need(9)?,
            })
        },
    )
}

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
        let mut traits = Traits::read(&self.payload, regions);
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
        run(include_str!("../../sql/query/event/new_letters.sql"), &[(rows.len() as i32).into()], |row| row.need(1))?;
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
        include_str!("../../sql/query/event/reject.sql"),
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
    execute(include_str!("../../sql/query/event/letter_keys.sql"), &[keys.into(), keyed.into(), kinds.into()])
}

/// The refused records about a person, by keys of what could be read of them, each with its system, where that could be read.
pub fn letters_of(keys: &[(i64, u8)]) -> Result<Vec<(Option<String>, serde_json::Value)>> {
    let (keys, kinds) = super::erasure::split(keys);
    query(include_str!("../../sql/query/event/letters_of.sql"), &[keys.into(), kinds.into()], |row| {
        let letter: i64 = row.need(1)?;
        let system: Option<String> = row.get(6)?;
        let payload = open_payload(letter, system.as_deref(), row.need(7)?)?;
        let shown = serde_json::json!({
            "rejectedId": letter, "feed": row.need::<String>(2)?, "field": row.need::<String>(3)?,
            "reason": row.need::<String>(4)?,
            "at": serde_json::from_str::<serde_json::Value>(&row.need::<String>(5)?)?, "payload": payload,
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

/// The dead letters that a filter chooses, but for those of tables that are attached, oldest first.
pub fn letters(filter: &serde_json::Value) -> Result<Vec<Letter>> {
    let filter = filter.to_string();
    run(include_str!("../../sql/query/event/letters.sql"), &[filter.as_str().into()], |row| {
        let id = row.need(1)?;
        let payload = open_payload(id, row.get(3)?, row.need(4)?)?;
        Ok(Letter { id, feed: row.need(2)?, payload })
    })
}

/// The dead letters of the rows of a table, also while it was attached before, the latest first.
pub fn letters_of_table(feed: &str) -> Result<Vec<Letter>> {
    query(include_str!("../../sql/query/event/letters_of_table.sql"), &[feed.into()], |row| {
        let id = row.need(1)?;
        let payload = open_payload(id, row.get(2)?, row.need(3)?)?;
        Ok(Letter { id, feed: feed.to_owned(), payload })
    })
}

/// Locks dead letters; gives those of them that are there still.
pub fn hold_letters(ids: Vec<i64>) -> Result<BTreeSet<i64>> {
    let held = run(include_str!("../../sql/query/event/hold_letters.sql"), &[ids.into()], |row| row.need(1))?;
    Ok(held.into_iter().collect())
}

/// The rows of all dead letters whose payload `test` finds; one that somebody damaged is none of them.
pub fn letters_with(test: impl Fn(&str) -> bool) -> Result<Vec<i64>> {
    let found = whole(include_str!("../../sql/query/event/all_letters.sql"), &[], |row| {
        let id: i64 = row.need(1)?;
        let payload = open_payload(id, row.get::<String>(2)?.as_deref(), row.need(3)?);
        Ok(payload.is_ok_and(|payload| test(&payload)).then_some(id))
    })?;
    Ok(found.into_iter().flatten().collect())
}

/// Takes away dead letters that were accepted.
pub fn drop_letters(ids: Vec<i64>) -> Result<()> {
    execute(include_str!("../../sql/query/event/drop_letters.sql"), &[ids.into()])
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
        include_str!("../../sql/query/event/refused_again.sql"),
        &[ids.into(), fields.into(), reasons.into(), sqlstates.into(), attachment.into()],
    )
}

/// A refused record as it came, from its sealed form.
pub fn open_payload(letter: i64, system_name: Option<&str>, sealed: &[u8]) -> Result<String> {
    let row: [&[u8]; 2] = [&letter.to_be_bytes(), system(system_name)];
    let opened = unseal(vault::find()?.as_deref(), PAYLOAD, &row, sealed)?;
    Ok(String::from_utf8_lossy(&opened).into_owned())
}

/// Adds to the counters of a feed; tells whether its error rate's alert is open.
pub fn count(feed: &str, slot: i16, accepted: i64, rejected: i64) -> Result<bool> {
    let rows = run(
        include_str!("../../sql/query/event/feed_window.sql"),
        &[feed.into(), slot.into(), accepted.into(), rejected.into()],
        |row| Ok((row.need::<bool>(1)?, row.need::<bool>(2)?)),
    )?;
    let (first, open) = rows.first().copied().unwrap_or_default();
    if first {
        execute(include_str!("../../sql/query/event/prune_window.sql"), &[feed.into()])?;
    }
    Ok(open)
}

/// The accepted and refused records of a feed in the last `seconds`.
pub fn rate(feed: &str, seconds: i32) -> Result<(i64, i64)> {
    let rows =
        run(include_str!("../../sql/query/event/feed_rate.sql"), &[feed.into(), f64::from(seconds).into()], |row| {
            Ok((row.need(1)?, row.need(2)?))
        })?;
    Ok(rows.into_iter().next().unwrap_or((0, 0)))
}

/// Opens an alert or updates the open one; listeners are woken when it is new.
pub fn open_alert(kind: &str, feed: &str, figure: f64, threshold: f64, detail: &serde_json::Value) -> Result<()> {
    let opened = run(
        include_str!("../../sql/query/event/open_alert.sql"),
        &[kind.into(), feed.into(), figure.into(), threshold.into(), detail.to_string().into()],
        |row| Ok((row.need::<i64>(1)?, row.need::<bool>(2)?)),
    )?;
    for (alert_id, _) in opened.into_iter().filter(|(_, new)| *new) {
        let payload = serde_json::json!({"alert_id": alert_id, "kind": kind, "feed": feed}).to_string();
        notify("golden_record_alert", &payload)?;
    }
    Ok(())
}

/// Closes the open alert of a feed.
pub fn close_alert(kind: &str, feed: &str) -> Result<()> {
    execute(include_str!("../../sql/query/event/close_alert.sql"), &[kind.into(), feed.into()])
}

/// What is known of the keys of a feed's systems: (system, slot, keys).
pub fn feed_keys(feed: &str, systems: Vec<&str>) -> Result<Vec<(String, i16, SystemKeys)>> {
    run(include_str!("../../sql/query/event/keys_of_feed.sql"), &[feed.into(), systems.into()], |row| {
        let keys = serde_json::from_str(row.need(4)?)?;
        Ok((row.need(1)?, row.need(2)?, SystemKeys { records: row.need::<i64>(3)?.unsigned_abs(), keys }))
    })
}

/// The keys of a feed's systems that are noted as gone, by system.
pub fn keys_gone(feed: &str, systems: Vec<&str>) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let mut gone = BTreeMap::<String, BTreeSet<String>>::new();
    let sql = include_str!("../../sql/query/event/keys_gone.sql");
    for (system, key) in run(sql, &[feed.into(), systems.into()], |row| Ok((row.need::<String>(1)?, row.need(2)?)))? {
        gone.entry(system).or_default().insert(key);
    }
    Ok(gone)
}

/// Writes what is known of the keys of a feed's systems in a slot.
pub fn put_feed_keys(feed: &str, slot: i16, systems: &BTreeMap<String, SystemKeys>) -> Result<()> {
    let names: Vec<&str> = systems.keys().map(String::as_str).collect();
    let records: Vec<i64> = systems.values().map(|keys| keys.records as i64).collect();
    let keys =
        systems.values().map(|keys| serde_json::to_string(&keys.keys)).collect::<std::result::Result<Vec<_>, _>>()?;
    execute(
        include_str!("../../sql/query/event/put_keys_of_feed.sql"),
        &[feed.into(), slot.into(), names.into(), records.into(), keys.into()],
    )
}

/// Notes drift.
pub fn put_drift(feed: &str, rows: &BTreeSet<(&str, Drift)>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    // One row a (system, key, change): a guess beats none.
    let best: BTreeMap<_, _> =
        rows.iter().map(|(system, row)| ((*system, &*row.key, row.change), row.guess.as_deref())).collect();
    let systems: Vec<&str> = best.keys().map(|key| key.0).collect();
    let keys: Vec<&str> = best.keys().map(|key| key.1).collect();
    let changes: Vec<&str> = best.keys().map(|key| key.2).collect();
    let guesses: Vec<Option<&str>> = best.into_values().collect();
    execute(
        include_str!("../../sql/query/event/put_drift.sql"),
        &[feed.into(), systems.into(), keys.into(), changes.into(), guesses.into()],
    )
}

/// Forgets drift that is over.
pub fn drop_drift(feed: &str, rows: &BTreeSet<(&str, Drift)>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let systems: Vec<&str> = rows.iter().map(|(system, _)| *system).collect();
    let keys: Vec<&str> = rows.iter().map(|(_, row)| row.key.as_str()).collect();
    let changes: Vec<&str> = rows.iter().map(|(_, row)| row.change).collect();
    execute(
        include_str!("../../sql/query/event/drop_drift.sql"),
        &[feed.into(), systems.into(), keys.into(), changes.into()],
    )
}
