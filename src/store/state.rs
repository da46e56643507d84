//! What source records say now: the fold of their versions, sealed.

use super::bulk::{self, Gradual, Rows, Target};
use super::record::{pieces, place, RecordRow};
use super::vault::{self, seal_all, Sealer};
use super::{execute, found, in_pieces, opened, query, whole, Row, Sweep};
use crate::clock;
use crate::error::{Failure, Result};
use crate::finger::Finger;
use golden_record_core::record::{RecordRef, State};
use golden_record_core::value::Text;
use golden_record_core::vault::Vault;
use hashbrown::HashMap;
use pgrx::pg_sys;
use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// Where states are, for the seal.
const STATE: &str = "source_pii";

/// The raw attributes of a record as views and exports show them.
pub fn raw_attributes(state: &State) -> serde_json::Value {
    state.raw().map(|(key, value)| (key.to_owned(), value)).collect::<serde_json::Map<_, _>>().into()
}

/// What a record says, packed, from its sealed form.
pub(super) fn packed(
    vault: Option<&Vault>,
    record: i64,
    system: &str,
    region: &str,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>> {
    vault::unseal(vault, STATE, &[&record.to_be_bytes(), system.as_bytes(), region.as_bytes()], sealed)
}

/// What a record says, from its sealed form.
pub(super) fn unseal(vault: Option<&Vault>, record: i64, system: &str, region: &str, sealed: &[u8]) -> Result<State> {
    State::unpack(&packed(vault, record, system, region, sealed)?)
        .ok_or_else(|| Failure::damaged("what a source record says cannot be read"))
}

/// What a record says, from its sealed form that a reader found.
pub fn open(record: i64, system: &str, region: &str, sealed: &[u8]) -> Result<State> {
    unseal(vault::find()?.as_deref(), record, system, region, sealed)
}

/// What records say, with what `read` makes of it on all cores.
pub fn of<R: Send>(ids: &[i64], read: impl Fn(&State) -> R + Sync) -> Result<Vec<(i64, State, R)>> {
    let vault = vault::find()?;
    let vault = vault.as_deref();
    let sql = include_str!("../../sql/query/state/of.sql");
    let text = |row: &Row, ordinal| Ok::<_, Failure>(Text::from(row.need::<&str>(ordinal)?));
    let found = |row: &Row| Ok((row.need::<i64>(1)?, text(row, 2)?, text(row, 3)?, row.need::<Vec<u8>>(4)?));
    opened(sql, pieces(ids), found, |(record, system, region, sealed)| {
        let state = unseal(vault, record, &system, &region, &sealed)?;
        let read = read(&state);
        Ok((record, state, read))
    })
}

/// What a record says, as it is stored.
pub struct Sealed {
    pub(super) region: Text,
    pub(super) sealed: Vec<u8>,
}

impl Sealed {
    /// A row of `of_all.sql`, with the position of its record; `None` for a record of another entity type.
    pub(super) fn read(records: &[RecordRow], finger: &Finger, row: &Row) -> Result<Option<(usize, Sealed)>> {
        let Some(at) = place(records, finger, row.need(1)?) else { return Ok(None) };
        // Under the name of another system it would be in that one's scope: as good as damaged.
        let own = row.need::<&str>(4)? == records[at].reference.system.as_str();
        let sealed = if own { row.need(3)? } else { Vec::new() };
        Ok(Some((at, Sealed { region: row.need::<&str>(2)?.into(), sealed })))
    }
}

/// What each of some records, which ascend by row, says, as it is stored.
pub fn sealed(records: &[RecordRow]) -> Result<Vec<Option<Sealed>>> {
    let mut states: Vec<Option<Sealed>> = records.iter().map(|_| None).collect();
    let (finger, sql) = (Finger::default(), include_str!("../../sql/query/state/of_all.sql"));
    for piece in found(Sweep::begin(sql, &[], |row: &Row| Sealed::read(records, &finger, row))?) {
        for (at, state) in piece? {
            states[at] = Some(state);
        }
    }
    Ok(states)
}

/// The regions that records are of.
pub fn regions() -> Result<BTreeSet<String>> {
    Ok(query(include_str!("../../sql/query/state/regions.sql"), &[], |row| row.need(1))?.into_iter().collect())
}

/// A record's row, its name and what it says.
pub type Said<'a> = (i64, &'a RecordRef, &'a State);

const STATES: Target = Target {
    name: c"source_pii",
    columns: &[
        (c"record_id", pg_sys::INT8OID),
        (c"system_name", pg_sys::TEXTOID),
        (c"region", pg_sys::TEXTOID),
        (c"state", pg_sys::BYTEAOID),
    ],
    order: Some(c"source_pii_pkey"),
};

/// Writes what records say of whom nothing is written yet.
pub fn insert(states: &[Said]) -> Result<()> {
    bulk::insert(states, put_piece, |states| {
        let vault = vault::open()?;
        bulk::write_sealed(&vault, &STATES, STATE, states, lay)
    })
}

/// Begins to write, bit by bit, what records say of whom nothing is written yet.
pub fn insert_gradually<'a>(vault: &'a Vault, states: &'a [Said<'a>]) -> Result<Gradual<'a, Said<'a>>> {
    Gradual::begin(&STATES, states, |piece| {
        bulk::sealed(vault, &STATES, STATE, piece, vault::nonces(piece.len())?, &lay)
    })
}

fn lay((id, reference, state): &Said, seal: &Sealer, rows: &mut Rows) -> Result<()> {
    let (system, region) = (reference.system.as_str(), state.region());
    rows.push(&[id, &system, &region, &seal_one(*id, reference, state, seal)?]);
    Ok(())
}

fn seal_one(id: i64, reference: &RecordRef, state: &State, seal: &Sealer) -> Result<Vec<u8>> {
    seal(&[&id.to_be_bytes(), reference.system.as_bytes(), state.region().as_bytes()], state.packed())
}

/// Writes what records say now.
pub fn put(states: &[Said]) -> Result<()> {
    in_pieces(states, put_piece)
}

fn put_piece(states: &[Said]) -> Result<()> {
    let ids: Vec<i64> = states.iter().map(|(id, ..)| *id).collect();
    let systems: Vec<&str> = states.iter().map(|(_, reference, _)| reference.system.as_str()).collect();
    let regions: Vec<&str> = states.iter().map(|(.., state)| state.region()).collect();
    let vault = vault::open()?;
    let sealed = seal_all(&vault, STATE, states, |(id, reference, state), seal| seal_one(*id, reference, state, seal))?;
    execute(include_str!("../../sql/query/state/put.sql"), &[ids.into(), sealed.into(), systems.into(), regions.into()])
}

/// The stored cross-references of the records of any entity type, by row.
pub fn cross_references() -> Result<HashMap<i64, BTreeSet<RecordRef>>> {
    let sql = "SELECT x.record_id, x.system_name, x.source_id FROM golden_record.cross_reference AS x";
    let mut all = HashMap::<i64, BTreeSet<RecordRef>>::new();
    let read = |row: &Row| Ok((row.need::<i64>(1)?, RecordRef::new(row.need::<&str>(2)?, row.need::<&str>(3)?)));
    for (record, other) in whole(sql, &[], read)? {
        all.entry(record).or_default().insert(other);
    }
    Ok(all)
}

/// Writes the cross-references of records that have others than before.
pub fn put_cross_references(states: &[Said]) -> Result<()> {
    if states.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = states.iter().map(|(id, ..)| *id).collect();
    let rows =
        || states.iter().flat_map(|(id, _, state)| state.cross_references().iter().map(move |other| (*id, other)));
    let owners: Vec<i64> = rows().map(|(id, _)| id).collect();
    let systems: Vec<&str> = rows().map(|(_, other)| other.system.as_str()).collect();
    let others: Vec<&str> = rows().map(|(_, other)| other.id.as_str()).collect();
    execute(
        include_str!("../../sql/query/state/put_cross_references.sql"),
        &[ids.into(), owners.into(), systems.into(), others.into(), clock::present().into()],
    )
}
