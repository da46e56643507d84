//! What happened to golden records: change events, and where versions met.

use super::audit::{generation, here};
use super::bulk::{self, List, Rows, Target, Xid8};
use super::{array_literal, execute, query};
use crate::error::{Failure, Result};
use crate::guc;
use golden_record_core::race::Meeting;
use golden_record_core::value::Text;
use golden_record_core::words;
use pgrx::datum::{TimestampWithTimeZone, Uuid};
use pgrx::pg_sys;

words! {
    /// What happened to a golden record.
    pub enum Change {
        /// It is new.
        Created => "created",
        /// Values of it are others.
        Updated => "updated",
        /// It became part of another.
        Merged => "merged",
        /// Another came out of it.
        Split => "split",
        /// It lost all its records.
        Retired => "retired",
        /// Its person was erased.
        Erased => "erased",
    }
}

/// A change of a golden record.
pub struct ChangeEvent {
    /// The golden record.
    pub golden: Uuid,
    /// What happened to it.
    pub change: Change,
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
    let (generation, shown_after) = (generation()?, shown_after());
    let lay = |row: &ChangeEvent, rows: &mut Rows| {
        let (change, attributes) = (row.change.name(), List(&row.attributes));
        rows.push(&[
            &generation,
            &Xid8(shown_after as i64),
            &entity_type,
            &row.golden,
            &change,
            &row.other,
            &attributes,
        ]);
    };
    let few = |rows: &[ChangeEvent]| write_few_changes(generation, shown_after, entity_type, rows);
    bulk::insert(rows, few, |rows| bulk::write(&CHANGES, rows, lay))?;
    if guc::NOTIFY.get() {
        notify("golden_record_change", entity_type)?;
    }
    Ok(())
}

/// The transaction that changes written now are shown after, once it and all before it have ended: this one, or the last that
/// has ended by now. Not this one alone: it may be older than one whose work it saw, and went on from, since, and what comes
/// of a change would be shown before it. Not one that is still open, whose id a crash might give out again.
fn shown_after() -> u64 {
    // SAFETY: a transaction that writes has an id, and may look at who is under way.
    let (own, unended, next) = unsafe {
        let own = pg_sys::GetTopFullTransactionId().value;
        let unended = (*pg_sys::GetLatestSnapshot()).xmax.into_inner();
        (own, unended, pg_sys::ReadNextFullTransactionId().value)
    };
    // Of the first id behind all that have ended a snapshot keeps the lower half.
    let ahead = (next as u32).wrapping_sub(unended);
    own.max(next - u64::from(ahead) - 1)
}

const CHANGES: Target = Target {
    name: c"change_event",
    columns: &[
        (c"generation", pg_sys::INT4OID),
        (c"shown_after", pg_sys::XID8OID),
        (c"entity_type", pg_sys::TEXTOID),
        (c"golden_id", pg_sys::UUIDOID),
        (c"change", pg_sys::TEXTOID),
        (c"into_id", pg_sys::UUIDOID),
        (c"attributes", pg_sys::TEXTARRAYOID),
    ],
    order: Some(c"change_event_pkey"),
};

fn write_few_changes(generation: i32, shown_after: u64, entity_type: &str, rows: &[ChangeEvent]) -> Result<()> {
    let goldens: Vec<Uuid> = rows.iter().map(|row| row.golden).collect();
    let changes: Vec<&str> = rows.iter().map(|row| row.change.name()).collect();
    let others: Vec<Option<Uuid>> = rows.iter().map(|row| row.other).collect();
    let attributes: Vec<String> = rows.iter().map(|row| array_literal(&row.attributes)).collect();
    execute(
        include_str!("../../sql/query/event/put_changes.sql"),
        &[
            generation.into(),
            shown_after.to_string().into(),
            entity_type.into(),
            goldens.into(),
            changes.into(),
            others.into(),
            attributes.into(),
        ],
    )
}

/// Wakes those who listen to a channel, once this transaction commits.
pub(super) fn notify(channel: &str, payload: &str) -> Result<()> {
    execute(include_str!("../../sql/query/event/notify.sql"), &[channel.into(), payload.into()])
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
        include_str!("../../sql/query/event/put_races.sql"),
        &[entity_type.into(), goldens.into(), kinds.into(), fields.into(), winners.into(), losers.into(), rules.into()],
    )
}

/// A place in the order of change events: generation, the transaction that they are shown after, event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The generation of transactions.
    pub generation: i32,
    /// The transaction that the event is shown after.
    pub transaction: u64,
    /// The event.
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
