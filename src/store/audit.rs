//! The audit log, its seals, and the generations by which transactions of different clusters are told apart.

use super::{execute, query, run, Row};
use crate::clock;
use crate::error::{Failure, Result};
use golden_record_core::audit::{Hash, Seal};
use pgrx::datum::{TimestampWithTimeZone, Uuid};
use pgrx::pg_sys;
use std::cell::Cell;

/// What tells this cluster and database from those that a dump of it was restored into.
pub fn here() -> (i64, i64) {
    // SAFETY: reads of what is fixed while a backend lives.
    unsafe { (pg_sys::GetSystemIdentifier() as i64, i64::from(u32::from(pg_sys::MyDatabaseId))) }
}

thread_local! {
    // A transaction, and its generation where another made it.
    static KNOWN: Cell<(u64, i32)> = const { Cell::new((0, 0)) };
}

/// The generation of transactions that this one belongs to, begun where it is the first of it. Only for writers.
pub fn generation() -> Result<i32> {
    // SAFETY: gives a writer's transaction its id, or the one it has.
    let transaction = unsafe { pg_sys::GetTopFullTransactionId() }.value;
    let (of, known) = KNOWN.get();
    if of == transaction && known > 0 {
        return Ok(known);
    }
    let (system, database) = here();
    // SAFETY: reads shared memory; a transaction that writes runs on no standby.
    let timeline = unsafe { pg_sys::GetWALInsertionTimeLine() } as i32;
    let find = || {
        let sql = include_str!("../../sql/query/audit/generation.sql");
        run(sql, &[system.into(), database.into(), timeline.into()], |row| row.need::<i32>(1))
    };
    if let Some(found) = find()?.first() {
        if of != transaction {
            KNOWN.set((transaction, *found));
        }
        return Ok(*found);
    }
    // What this transaction makes itself may be taken back: it looks again each time.
    KNOWN.set((transaction, 0));
    let sql = include_str!("../../sql/query/audit/new_generation.sql");
    execute(sql, &[system.into(), database.into(), timeline.into()])?;
    find()?.first().copied().ok_or_else(|| Failure::internal("the generation of transactions was not stored"))
}

/// Writes an audit entry with its own hash and gives its id.
pub fn put(
    action: &str,
    entity_type: Option<&str>,
    golden: Option<Uuid>,
    note: Option<&str>,
    detail: &serde_json::Value,
) -> Result<i64> {
    let detail = detail.to_string();
    let values =
        [generation()?.into(), action.into(), entity_type.into(), golden.into(), note.into(), detail.as_str().into()];
    let ids = run(include_str!("../../sql/query/audit/put_entry.sql"), &values, |row| row.need(1))?;
    ids.first().copied().ok_or_else(|| Failure::internal("an audit entry was not stored"))
}

/// Entries that can be sealed: all of the transactions of a range.
pub struct Sealable {
    /// Their generation.
    pub generation: i32,
    /// The first transaction of the range.
    pub from: u64,
    /// The first behind it.
    pub to: u64,
    /// Ids and hashes, by transaction and id.
    pub entries: Vec<(i64, Hash)>,
}

fn hash(bytes: &[u8]) -> Result<Hash> {
    bytes.try_into().map_err(|_| Failure::internal("a hash of the audit log has not 32 bytes"))
}

fn transaction(row: &Row, ordinal: usize) -> Result<u64> {
    let text: &str = row.need(ordinal)?;
    text.parse().map_err(|_| Failure::internal("a transaction id is no number"))
}

/// What can be sealed now, by generation.
pub fn sealable() -> Result<Vec<Sealable>> {
    let (system, database) = here();
    let sql = include_str!("../../sql/query/audit/sealable.sql");
    let rows = run(sql, &[system.into(), database.into()], |row| {
        let range = (row.need::<i32>(1)?, transaction(row, 2)?, transaction(row, 3)?);
        Ok((range, (row.need::<i64>(4)?, hash(row.need(5)?)?)))
    })?;
    let mut found: Vec<Sealable> = Vec::new();
    for ((generation, from, to), entry) in rows {
        match found.last_mut().filter(|last| last.generation == generation) {
            Some(last) => last.entries.push(entry),
            None => found.push(Sealable { generation, from, to, entries: vec![entry] }),
        }
    }
    Ok(found)
}

/// Stores a seal over entries with these hashes.
pub fn put_seal(seal: &Seal, leaves: &[Hash]) -> Result<()> {
    execute(
        include_str!("../../sql/query/audit/put_seal.sql"),
        &[
            seal.generation.into(),
            seal.from.to_string().into(),
            seal.to.to_string().into(),
            seal.entries.clone().into(),
            leaves.concat().into(),
            seal.root.to_vec().into(),
            seal.previous.to_vec().into(),
            seal.hash().to_vec().into(),
            clock::timestamp(seal.at).into(),
        ],
    )
}

/// The last seal.
pub struct Head {
    /// Its number.
    pub seal_id: i64,
    /// When it was made.
    pub sealed_at: TimestampWithTimeZone,
    /// How many entries all seals cover.
    pub entries: i64,
    /// Its hash.
    pub hash: Hash,
}

/// The last seal; `None` before the first.
pub fn head() -> Result<Option<Head>> {
    let heads = query(include_str!("../../sql/query/audit/audit_head.sql"), &[], |row| {
        let (seal_id, sealed_at, entries) = (row.need(1)?, row.need(2)?, row.need(3)?);
        Ok(Head { seal_id, sealed_at, entries, hash: hash(row.need(4)?)? })
    })?;
    Ok(heads.into_iter().next())
}

/// A seal as it is stored.
pub struct StoredSeal {
    /// Its number.
    pub seal_id: i64,
    /// What it says, and the hash it has.
    pub seal: Seal,
    /// That hash.
    pub hash: Hash,
    /// The hashes of the entries when they were sealed, one after the other.
    pub leaves: Vec<u8>,
}

/// Every seal, oldest first.
pub fn seals() -> Result<Vec<StoredSeal>> {
    query(include_str!("../../sql/query/audit/seals.sql"), &[], |row| {
        let (generation, from, to) = (row.need(2)?, transaction(row, 3)?, transaction(row, 4)?);
        let seal = Seal {
            previous: hash(row.need(8)?)?,
            generation,
            from,
            to,
            at: clock::micros(row.need(10)?),
            entries: row.need(5)?,
            root: hash(row.need(7)?)?,
        };
        Ok(StoredSeal { seal_id: row.need(1)?, seal, hash: hash(row.need(9)?)?, leaves: row.need(6)? })
    })
}

/// An audit entry's hashes.
pub struct Entry {
    /// Its id.
    pub audit_id: i64,
    /// The hash of what it says; `None` where note and detail do not fit what was committed to.
    pub computed: Option<Hash>,
    /// The hash it has.
    pub stored: Hash,
}

fn entry(row: &Row) -> Result<Entry> {
    let computed = row.get::<&[u8]>(2)?.map(hash).transpose()?;
    Ok(Entry { audit_id: row.need(1)?, computed, stored: hash(row.need(3)?)? })
}

/// The entries in the range of a seal.
pub fn entries(seal: &Seal) -> Result<Vec<Entry>> {
    let (from, to) = (seal.from.to_string(), seal.to.to_string());
    let sql = include_str!("../../sql/query/audit/audit_entries.sql");
    query(sql, &[seal.generation.into(), from.as_str().into(), to.as_str().into()], entry)
}

/// The entries in the range of no seal.
pub fn unsealed() -> Result<Vec<Entry>> {
    query(include_str!("../../sql/query/audit/unsealed.sql"), &[], entry)
}
