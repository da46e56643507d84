//! Source records, their versions and what they say.

use super::bulk::{self, Gradual, List, Rows, Table};
use super::{each_opened, execute, found, in_pieces, now, opened, query, run, whole, Row, Sweep, LOOKED_UP};
use crate::error::{Failure, Result};
use crate::finger::Finger;
use crate::parallel;
use crate::vault::{self, seal_all, sealer, unseal, Sealer};
use golden_record_core::record::{RecordRef, State, Version};
use golden_record_core::value::Text;
use golden_record_core::vault::{Vault, NONCE};
use pgrx::datum::{DatumWithOid, TimestampWithTimeZone, Uuid};
use pgrx::pg_sys;
use std::cell::RefCell;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// A source record as it is stored.
pub struct Stored {
    /// Its row.
    pub record_id: i64,
    /// Its name.
    pub reference: RecordRef,
    /// The attached table it comes from; `None` for a feed.
    pub attachment: Option<i64>,
    /// The golden record it belongs to; `None` when it is not live.
    pub golden: Option<Uuid>,
    /// The component it was resolved in.
    pub component: Option<i64>,
    /// What it says.
    pub state: State,
}

const STATE: &str = "source_pii";
const VERSION: &str = "record_version";
/// The key of a stored version under which ids are that were sent, by their aliases.
const ORIGINALS: &str = "originalIds";

/// The raw attributes of a record as views and exports show them.
pub fn raw_attributes(state: &State) -> serde_json::Value {
    state.raw().map(|(key, value)| (key.to_owned(), value)).collect::<serde_json::Map<_, _>>().into()
}

/// What a record says, packed, from its sealed form.
fn packed_state(
    vault: Option<&Vault>,
    record: i64,
    system: &str,
    region: &str,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>> {
    unseal(vault, STATE, &[&record.to_be_bytes(), system.as_bytes(), region.as_bytes()], sealed)
}

/// What a record says, from its sealed form.
fn state(vault: Option<&Vault>, record: i64, system: &str, region: &str, sealed: &[u8]) -> Result<State> {
    State::unpack(&packed_state(vault, record, system, region, sealed)?)
        .ok_or_else(|| Failure::internal("what a record says cannot be read"))
}

/// The same for one that a reader found.
pub fn open_state(record: i64, system: &str, region: &str, sealed: &[u8]) -> Result<State> {
    state(vault::find()?.as_deref(), record, system, region, sealed)
}

fn stored<'a>(sql: &'static str, pieces: impl ExactSizeIterator<Item = Vec<DatumWithOid<'a>>>) -> Result<Vec<Stored>> {
    let vault = vault::find()?;
    let vault = vault.as_deref();
    let read =
        |row: &Row| Ok((named(row, State::default())?, Text::from(row.need::<&str>(8)?), row.need::<Vec<u8>>(7)?));
    opened(sql, pieces, read, |(row, region, sealed)| {
        let state = state(vault, row.record_id, &row.reference.system, &region, &sealed)?;
        Ok(Stored { state, ..row })
    })
}

/// Ids as the arguments of statements that look up some of them each.
fn pieces(ids: &[i64]) -> impl ExactSizeIterator<Item = Vec<DatumWithOid<'_>>> {
    ids.chunks(LOOKED_UP).map(|piece| vec![piece.to_vec().into()])
}

/// What records say, with what `read` makes of it on all cores.
pub fn states<R: Send>(ids: &[i64], read: impl Fn(&State) -> R + Sync) -> Result<Vec<(i64, State, R)>> {
    let vault = vault::find()?;
    let vault = vault.as_deref();
    let sql = include_str!("../../sql/query/record/states.sql");
    let text = |row: &Row, ordinal| Ok::<_, Failure>(Text::from(row.need::<&str>(ordinal)?));
    let found = |row: &Row| Ok((row.need::<i64>(1)?, text(row, 2)?, text(row, 3)?, row.need::<Vec<u8>>(4)?));
    opened(sql, pieces(ids), found, |(record, system, region, sealed)| {
        let state = state(vault, record, &system, &region, &sealed)?;
        let read = read(&state);
        Ok((record, state, read))
    })
}

fn named(row: &Row, state: State) -> Result<Stored> {
    Ok(Stored {
        record_id: row.need(1)?,
        reference: RecordRef::new(row.need::<&str>(2)?, row.need::<&str>(3)?),
        attachment: row.get(4)?,
        golden: row.get(5)?,
        component: row.get(6)?,
        state,
    })
}

/// The records of those names that exist.
pub fn find(entity_type: &str, references: &[RecordRef]) -> Result<Vec<Stored>> {
    let pieces = references.chunks(LOOKED_UP).map(|references| {
        let systems: Vec<&str> = references.iter().map(|reference| reference.system.as_str()).collect();
        let ids: Vec<&str> = references.iter().map(|reference| reference.id.as_str()).collect();
        vec![entity_type.into(), systems.into(), ids.into()]
    });
    stored(include_str!("../../sql/query/record/find.sql"), pieces)
}

/// The records with those row ids.
pub fn by_id(ids: &[i64]) -> Result<Vec<Stored>> {
    stored(include_str!("../../sql/query/record/by_id.sql"), pieces(ids))
}

/// The members of a golden record, and the deleted records that belonged to it last.
pub fn of_golden(golden: Uuid) -> Result<Vec<Stored>> {
    let vault = vault::find()?;
    query(include_str!("../../sql/query/record/of_golden.sql"), &[golden.into()], |row| {
        named(row, state(vault.as_deref(), row.need(1)?, row.need(2)?, row.need(8)?, row.need(7)?)?)
    })
}

/// The members of components.
pub fn by_component(components: &[i64]) -> Result<Vec<Stored>> {
    stored(include_str!("../../sql/query/record/by_component.sql"), pieces(components))
}

/// The members of a golden record.
pub fn by_golden(golden: Uuid) -> Result<Vec<Stored>> {
    stored(include_str!("../../sql/query/record/by_golden.sql"), std::iter::once(vec![golden.into()]))
}

/// Where the record of a row is, in records that ascend by row: tables lie on disk in about that order.
fn place(records: &[Stored], finger: &Finger, row: i64) -> Option<usize> {
    finger.find(records, |record| record.record_id.cmp(&row))
}

/// Every record of an entity type, by row id, without what it says.
pub fn named_of_entity(entity_type: &str) -> Result<Vec<Stored>> {
    let sql = include_str!("../../sql/query/record/by_entity.sql");
    let mut records = whole(sql, &[entity_type.into()], |row| named(row, State::default()))?;
    records.sort_by_cached_key(|record| record.record_id);
    Ok(records)
}

/// What a record says, as it is stored.
pub struct SealedState {
    region: Text,
    sealed: Vec<u8>,
}

impl SealedState {
    /// A row of `states_of_all.sql`, with the position of its record; `None` for a record of another entity type.
    fn read(records: &[Stored], finger: &Finger, row: &Row) -> Result<Option<(usize, SealedState)>> {
        let Some(at) = place(records, finger, row.need(1)?) else { return Ok(None) };
        Ok(Some((at, SealedState { region: row.need::<&str>(2)?.into(), sealed: row.need(3)? })))
    }
}

/// Every record of an entity type, by row id. A state that somebody damaged is read as one that says nothing, so that
/// `verify` names it and `rebuild` mends it.
///
/// Two tables, each read as it lies on disk: joined by row they would be read by an index, page after page again and again.
pub fn by_entity(entity_type: &str) -> Result<Vec<Stored>> {
    let vault = vault::find()?;
    let vault = vault.as_deref();
    let (records, finger) = (RefCell::new(named_of_entity(entity_type)?), Finger::default());
    let read = |row: &Row| {
        let records = records.borrow();
        let found = SealedState::read(&records, &finger, row)?;
        Ok(found.map(|(at, sealed)| (at, records[at].record_id, records[at].reference.system.clone(), sealed)))
    };
    let open = |(at, record, system, sealed): (usize, i64, Text, SealedState)| {
        (at, state(vault, record, &system, &sealed.region, &sealed.sealed).unwrap_or_default())
    };
    let sql = include_str!("../../sql/query/record/states_of_all.sql");
    each_opened(sql, &[], read, open, |(at, state)| records.borrow_mut()[at].state = state)?;
    Ok(records.into_inner())
}

/// What each of some records, which ascend by row, says, as it is stored.
pub fn sealed_states(records: &[Stored]) -> Result<Vec<Option<SealedState>>> {
    let mut states: Vec<Option<SealedState>> = records.iter().map(|_| None).collect();
    let (finger, sql) = (Finger::default(), include_str!("../../sql/query/record/states_of_all.sql"));
    for piece in found(Sweep::begin(sql, &[], |row: &Row| SealedState::read(records, &finger, row))?) {
        for (at, state) in piece? {
            states[at] = Some(state);
        }
    }
    Ok(states)
}

/// The components that records belong to now.
pub fn components(ids: Vec<i64>) -> Result<Vec<i64>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    run(include_str!("../../sql/query/record/components.sql"), &[ids.into()], |row| row.need(1))
}

/// A version from its sealed form, which is bound to its record and to the commitment to its content.
fn version(vault: Option<&Vault>, record: i64, hash: &[u8], sealed: &[u8]) -> Result<Version> {
    let opened = unseal(vault, VERSION, &[&record.to_be_bytes(), hash], sealed)?;
    Ok(Version::from_content(&opened)?)
}

fn grouped(rows: Vec<(i64, Version)>) -> BTreeMap<i64, Vec<Version>> {
    let mut versions = BTreeMap::<i64, Vec<Version>>::new();
    for (record, version) in rows {
        versions.entry(record).or_default().push(version);
    }
    versions
}

/// The accepted versions of records, oldest first.
pub fn versions(ids: Vec<i64>) -> Result<BTreeMap<i64, Vec<Version>>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let vault = vault::find()?;
    let sql = include_str!("../../sql/query/record/versions.sql");
    let read = |row: &Row| {
        let record = row.need(1)?;
        Ok((record, version(vault.as_deref(), record, row.need(2)?, row.need(3)?)?))
    };
    Ok(grouped(run(sql, &[ids.into()], read)?))
}

/// The contents of the accepted versions of records as they were stored, oldest first, by record.
pub fn contents(ids: Vec<i64>) -> Result<Vec<(i64, serde_json::Value)>> {
    let vault = vault::find()?;
    query(include_str!("../../sql/query/record/versions.sql"), &[ids.into()], |row| {
        let record: i64 = row.need(1)?;
        let opened = unseal(vault.as_deref(), VERSION, &[&record.to_be_bytes(), row.need(2)?], row.need(3)?)?;
        Ok((record, serde_json::from_slice(&opened)?))
    })
}

/// What a record's versions say.
pub enum Folded {
    /// What is stored.
    Same(State),
    /// Something else than what is stored, which comes second.
    Other(State, Box<State>),
    /// Nothing that can be read; what is stored.
    Unreadable(State),
}

/// What `fold` makes of the accepted versions, oldest first, of each of some records, which ascend by row and have these
/// states; on the other cores. Whether it is what is stored shows as it is stored.
pub fn fold_versions(
    records: &[Stored],
    states: &[Option<SealedState>],
    fold: impl Fn(&Stored, &[Version]) -> State + Sync,
) -> Result<Vec<Folded>> {
    let vault = vault::find()?;
    let vault = vault.as_deref();
    let stored = |at: usize| {
        let (Stored { record_id, reference, .. }, SealedState { region, sealed }) =
            (&records[at], states[at].as_ref()?);
        packed_state(vault, *record_id, &reference.system, region, sealed).ok()
    };
    let unpacked =
        |packed: Option<Zeroizing<Vec<u8>>>| packed.and_then(|packed| State::unpack(&packed)).unwrap_or_default();
    let finger = Finger::default();
    let read = |row: &Row| {
        let Some(at) = place(records, &finger, row.need(1)?) else { return Ok(None) };
        Ok(Some((at, row.need(2)?, row.need(3)?)))
    };
    let fold_one = |of_one: &[SealedVersion]| {
        let (at, record) = (of_one[0].0, &records[of_one[0].0]);
        let open = |(_, hash, sealed): &SealedVersion| version(vault, record.record_id, hash, sealed).ok();
        let packed = stored(at);
        let Some(versions) = of_one.iter().map(open).collect::<Option<Vec<Version>>>() else {
            return (at, Folded::Unreadable(unpacked(packed)));
        };
        let state = fold(record, &versions);
        if packed.as_ref().is_some_and(|packed| **packed == *state.packed()) {
            return (at, Folded::Same(state));
        }
        (at, Folded::Other(state, Box::new(unpacked(packed))))
    };
    let fold = |sealed: Vec<SealedVersion>| sealed.chunk_by(|a, b| a.0 == b.0).map(fold_one).collect::<Vec<_>>();
    let mut all = Vec::with_capacity(records.len());
    let sql = include_str!("../../sql/query/record/versions_of_all.sql");
    let pieces = Whole { pieces: found(Sweep::begin(sql, &[], read)?), rest: Vec::new() };
    parallel::pipeline(pieces, fold, |folded| {
        for (at, folded) in folded {
            // Before it are records without a version.
            all.extend((all.len()..at).map(|at| Folded::Unreadable(unpacked(stored(at)))));
            all.push(folded);
        }
        Ok(())
    })?;
    all.extend((all.len()..records.len()).map(|at| Folded::Unreadable(unpacked(stored(at)))));
    Ok(all)
}

/// A version as it is stored: the position of its record, the commitment to its content, the content.
type SealedVersion = (usize, Vec<u8>, Vec<u8>);

/// Pieces of rows, ascending by record, cut between records.
struct Whole<I> {
    pieces: I,
    rest: Vec<SealedVersion>,
}

impl<I: Iterator<Item = Result<Vec<SealedVersion>>>> Iterator for Whole<I> {
    type Item = Result<Vec<SealedVersion>>;

    fn next(&mut self) -> Option<Self::Item> {
        for piece in self.pieces.by_ref() {
            match piece {
                Ok(piece) => self.rest.extend(piece),
                Err(failure) => return Some(Err(failure)),
            }
            // The last record may go on in the next piece.
            let last = self.rest.last().map_or(0, |row| row.0);
            let cut = self.rest.partition_point(|row| row.0 < last);
            if cut > 0 {
                let rest = self.rest.split_off(cut);
                return Some(Ok(std::mem::replace(&mut self.rest, rest)));
            }
        }
        (!self.rest.is_empty()).then(|| Ok(std::mem::take(&mut self.rest)))
    }
}

/// Whether there is any record of an entity type.
pub fn exists(entity_type: &str) -> Result<bool> {
    let found =
        query(include_str!("../../sql/query/record/exists.sql"), &[entity_type.into()], |row| row.need::<bool>(1))?;
    Ok(found == [true])
}

/// Whether an entity type has at most so many records, those that live no longer among them. Reads no more than that.
pub fn at_most(entity_type: &str, records: usize) -> Result<bool> {
    let limit = i64::try_from(records).unwrap_or(i64::MAX).saturating_add(1);
    let rows = query(include_str!("../../sql/query/record/count.sql"), &[entity_type.into(), limit.into()], |row| {
        row.need(1)
    })?;
    Ok(rows.first().is_none_or(|count: &i64| *count < limit))
}

/// Fresh row ids, ascending.
pub fn new_ids(count: usize) -> Result<Vec<i64>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    run(include_str!("../../sql/query/record/new_ids.sql"), &[(count as i32).into()], |row| row.need(1))
}

/// An accepted version on its way into the history.
pub struct NewVersion {
    /// The record's row.
    pub record_id: i64,
    /// Event time.
    pub at: TimestampWithTimeZone,
    /// The canonical content.
    pub content: Zeroizing<String>,
    /// The ids that the content names by an alias, as they were sent: sealed with it.
    pub originals: BTreeMap<Text, Text>,
}

const VERSIONS: Table = Table {
    name: c"record_version",
    columns: &[
        (c"record_id", pg_sys::INT8OID),
        (c"feed", pg_sys::TEXTOID),
        (c"received_at", pg_sys::TIMESTAMPTZOID),
        (c"event_time", pg_sys::TIMESTAMPTZOID),
        (c"content_hash", pg_sys::BYTEAOID),
        (c"content", pg_sys::BYTEAOID),
    ],
    ascending: false,
};

/// Many versions on their way into the history: begun by the backend's own thread, laid out by any.
pub struct Sealing<'a> {
    vault: &'a Vault,
    feed: &'a str,
    now: TimestampWithTimeZone,
    nonces: Vec<[u8; NONCE]>,
}

impl<'a> Sealing<'a> {
    /// For so many versions.
    pub fn begin(vault: &'a Vault, feed: &'a str, count: usize) -> Result<Sealing<'a>> {
        Ok(Sealing { vault, feed, now: now(), nonces: vault::nonces(count)? })
    }

    /// Their rows, sealed.
    pub fn rows(&self, versions: &[NewVersion]) -> Result<Rows> {
        let mut rows = Rows::of(&VERSIONS);
        for (version, nonce) in versions.iter().zip(&self.nonces) {
            let (hash, sealed) = sealed_version(self.vault, version, &sealer(self.vault, VERSION, *nonce))?;
            rows.push(&[&version.record_id, &self.feed, &self.now, &version.at, &hash, &sealed]);
        }
        Ok(rows)
    }
}

/// Writes versions, in their order.
pub fn insert_versions(feed: &str, versions: &[NewVersion]) -> Result<()> {
    let vault = vault::open()?;
    let vault: &Vault = &vault;
    let copy = |versions: &[NewVersion]| {
        let pieces = versions.chunks(bulk::PIECE).map(|piece| Ok((Sealing::begin(vault, feed, piece.len())?, piece)));
        bulk::load(&VERSIONS, pieces, |(sealing, piece)| sealing.rows(piece))
    };
    bulk::insert(versions, |versions| insert_few_versions(vault, feed, versions), copy)
}

fn insert_few_versions(vault: &Vault, feed: &str, versions: &[NewVersion]) -> Result<()> {
    let sealed = seal_all(vault, VERSION, versions, |version, seal| sealed_version(vault, version, seal))?;
    let ids: Vec<i64> = versions.iter().map(|version| version.record_id).collect();
    let times: Vec<TimestampWithTimeZone> = versions.iter().map(|version| version.at).collect();
    let (hashes, contents): (Vec<Vec<u8>>, Vec<Vec<u8>>) = sealed.into_iter().unzip();
    execute(
        include_str!("../../sql/query/record/insert_versions.sql"),
        &[feed.into(), ids.into(), times.into(), hashes.into(), contents.into()],
    )
}

/// The commitment to a version's content, and the content, sealed.
fn sealed_version(vault: &Vault, version: &NewVersion, seal: &Sealer) -> Result<(Vec<u8>, Vec<u8>)> {
    // Keyed: a plain hash of a record would tell whose it is to who can guess.
    let hash = vault.commit(VERSION, version.content.as_bytes()).to_vec();
    let mut text = Zeroizing::new(String::new());
    if !version.originals.is_empty() {
        let mut content: serde_json::Value = serde_json::from_str(&version.content)?;
        content[ORIGINALS] = serde_json::json!(version.originals);
        *text = content.to_string();
    }
    let text = if text.is_empty() { &version.content } else { &text };
    let sealed = seal(&[&version.record_id.to_be_bytes(), &hash], text.as_bytes());
    Ok((hash, sealed))
}

/// A record's row, its name and what it says.
pub type Said<'a> = (i64, &'a RecordRef, &'a State);

const STATES: Table = Table {
    name: c"source_pii",
    columns: &[
        (c"record_id", pg_sys::INT8OID),
        (c"system_name", pg_sys::TEXTOID),
        (c"region", pg_sys::TEXTOID),
        (c"state", pg_sys::BYTEAOID),
    ],
    ascending: false,
};

/// Writes what records say of whom nothing is written yet.
pub fn insert_states(states: &[Said]) -> Result<()> {
    bulk::insert(states, put_piece_of_states, |states| {
        let vault = vault::open()?;
        bulk::write_sealed(&vault, &STATES, STATE, states, lay_state)
    })
}

/// The same bit by bit.
pub fn insert_states_gradually<'a>(vault: &'a Vault, states: &'a [Said<'a>]) -> Result<Gradual<'a, Said<'a>>> {
    Gradual::begin(&STATES, states, |piece| {
        bulk::sealed(vault, &STATES, STATE, piece, vault::nonces(piece.len())?, &lay_state)
    })
}

fn lay_state((id, reference, state): &Said, seal: &Sealer, rows: &mut Rows) -> Result<()> {
    let (system, region) = (reference.system.as_str(), state.region());
    rows.push(&[id, &system, &region, &sealed_state(*id, reference, state, seal)]);
    Ok(())
}

fn sealed_state(id: i64, reference: &RecordRef, state: &State, seal: &Sealer) -> Vec<u8> {
    seal(&[&id.to_be_bytes(), reference.system.as_bytes(), state.region().as_bytes()], state.packed())
}

/// Writes what records say now.
pub fn put_states(states: &[Said]) -> Result<()> {
    in_pieces(states, put_piece_of_states)
}

fn put_piece_of_states(states: &[Said]) -> Result<()> {
    let ids: Vec<i64> = states.iter().map(|(id, ..)| *id).collect();
    let systems: Vec<&str> = states.iter().map(|(_, reference, _)| reference.system.as_str()).collect();
    let regions: Vec<&str> = states.iter().map(|(.., state)| state.region()).collect();
    let vault = vault::open()?;
    let sealed =
        seal_all(&vault, STATE, states, |(id, reference, state), seal| Ok(sealed_state(*id, reference, state, seal)))?;
    execute(
        include_str!("../../sql/query/record/put_states.sql"),
        &[ids.into(), sealed.into(), systems.into(), regions.into()],
    )
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
        include_str!("../../sql/query/record/put_cross_references.sql"),
        &[ids.into(), owners.into(), systems.into(), others.into(), now().into()],
    )
}

/// Where a record belongs.
pub struct Placement<'a> {
    /// The record's row.
    pub record_id: i64,
    /// Its name.
    pub reference: &'a RecordRef,
    /// The attached table it comes from.
    pub attachment: Option<i64>,
    /// Its golden record; `None` when it is not live.
    pub golden: Option<Uuid>,
    /// Whether the golden id was issued for it just now.
    pub founds: bool,
    /// Its component.
    pub component: Option<i64>,
}

impl Placement<'_> {
    /// The golden ids that were issued for a record until now, where it is new; `None` for none.
    fn founded(&self) -> Option<&[Uuid]> {
        self.golden.as_ref().filter(|_| self.founds).map(std::slice::from_ref)
    }
}

const RECORDS: Table = Table {
    name: c"source_record",
    columns: &[
        (c"record_id", pg_sys::INT8OID),
        (c"entity_type", pg_sys::TEXTOID),
        (c"system_name", pg_sys::TEXTOID),
        (c"source_id", pg_sys::TEXTOID),
        (c"attachment_id", pg_sys::INT8OID),
        (c"live", pg_sys::BOOLOID),
        (c"golden_id", pg_sys::UUIDOID),
        (c"component_id", pg_sys::INT8OID),
        (c"founded", pg_sys::UUIDARRAYOID),
        (c"since", pg_sys::TIMESTAMPTZOID),
    ],
    ascending: false,
};

/// Lays out the row of a new record.
fn lay(row: &Placement, entity_type: &str, now: TimestampWithTimeZone, rows: &mut Rows) {
    let (system, id, live) = (row.reference.system.as_str(), row.reference.id.as_str(), row.golden.is_some());
    let (record, component, founded) = (row.record_id, row.component, row.founded());
    rows.push(&[
        &record,
        &entity_type,
        &system,
        &id,
        &row.attachment,
        &live,
        &row.golden,
        &component,
        &founded.map(List),
        &now,
    ]);
}

/// Writes the rows of new records, few of them.
pub fn insert_few(entity_type: &str, rows: &[Placement]) -> Result<()> {
    in_pieces(rows, |rows| insert_piece(entity_type, rows))
}

/// Writes many bit by bit.
pub fn insert_gradually<'a, 'p>(entity_type: &'a str, rows: &'a [Placement<'p>]) -> Result<Gradual<'a, Placement<'p>>> {
    let now = now();
    Gradual::begin(&RECORDS, rows, move |piece| {
        let mut rows = Rows::of(&RECORDS);
        piece.iter().for_each(|row| lay(row, entity_type, now, &mut rows));
        Ok(rows)
    })
}

fn insert_piece(entity_type: &str, rows: &[Placement]) -> Result<()> {
    let ids: Vec<i64> = rows.iter().map(|row| row.record_id).collect();
    let systems: Vec<&str> = rows.iter().map(|row| row.reference.system.as_str()).collect();
    let source_ids: Vec<&str> = rows.iter().map(|row| row.reference.id.as_str()).collect();
    let attachments: Vec<Option<i64>> = rows.iter().map(|row| row.attachment).collect();
    let goldens: Vec<Option<Uuid>> = rows.iter().map(|row| row.golden).collect();
    let components: Vec<Option<i64>> = rows.iter().map(|row| row.component).collect();
    let founds: Vec<bool> = rows.iter().map(|row| row.founds).collect();
    execute(
        include_str!("../../sql/query/record/insert.sql"),
        &[
            entity_type.into(),
            ids.into(),
            systems.into(),
            source_ids.into(),
            attachments.into(),
            goldens.into(),
            components.into(),
            founds.into(),
        ],
    )
}

/// Moves existing records.
pub fn assign(rows: &[Placement]) -> Result<()> {
    let now = now();
    in_pieces(rows, |rows| assign_piece(rows, now))
}

fn assign_piece(rows: &[Placement], now: TimestampWithTimeZone) -> Result<()> {
    let ids: Vec<i64> = rows.iter().map(|row| row.record_id).collect();
    let goldens: Vec<Option<Uuid>> = rows.iter().map(|row| row.golden).collect();
    let attachments: Vec<Option<i64>> = rows.iter().map(|row| row.attachment).collect();
    let components: Vec<Option<i64>> = rows.iter().map(|row| row.component).collect();
    let founds: Vec<bool> = rows.iter().map(|row| row.founds).collect();
    execute(
        include_str!("../../sql/query/record/assign.sql"),
        &[ids.into(), attachments.into(), goldens.into(), components.into(), founds.into(), now.into()],
    )
}

/// The names of an attachment's live records: read from all, since only who goes through the whole attached table asks.
pub fn of_attachment(attachment: i64) -> Result<Vec<RecordRef>> {
    whole(include_str!("../../sql/query/record/of_attachment.sql"), &[attachment.into()], |row| {
        Ok(RecordRef::new(row.need::<&str>(1)?, row.need::<&str>(2)?))
    })
}
