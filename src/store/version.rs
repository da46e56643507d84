//! The accepted versions of source records, sealed: the history that what records say is folded from.

use super::bulk::{self, Rows, Target};
use super::record::{place, RecordRow};
use super::vault::{self, seal_all, sealer, unseal, Sealer};
use super::{execute, found, query, run, state, Row, Sweep};
use crate::clock;
use crate::error::{Failure, Result};
use crate::finger::Finger;
use crate::parallel;
use golden_record_core::pack::{pack_originals, unpack_version};
use golden_record_core::record::{State, Version};
use golden_record_core::value::{Micros, Text};
use golden_record_core::vault::{Vault, NONCE};
use pgrx::datum::TimestampWithTimeZone;
use pgrx::pg_sys;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// Where versions are, for the seal.
const VERSION: &str = "record_version";
/// The key of a shown version under which ids are that were sent, by their aliases.
const ORIGINALS: &str = "originalIds";

/// A version from its sealed form, which is bound to its record and to the commitment to its content, and the ids that it
/// names by an alias.
fn version(vault: Option<&Vault>, record: i64, hash: &[u8], sealed: &[u8]) -> Result<(Version, BTreeMap<Text, Text>)> {
    let opened = unseal(vault, VERSION, &[&record.to_be_bytes(), hash], sealed)?;
    unpack_version(&opened).ok_or_else(|| Failure::damaged("a stored version is damaged"))
}

/// The versions of a record that count, oldest first: a row of an attached table is the whole record, and what came before it
/// is history.
#[derive(Default)]
pub struct Counting {
    /// From the last row of an attached table on.
    pub versions: Vec<Version>,
    /// Whether the last of them is such a row.
    pub is_row: bool,
}

/// The versions that count of records, each with whether it is a row of an attached table.
pub fn counting(records: impl Iterator<Item = (i64, bool)>) -> Result<BTreeMap<i64, Counting>> {
    let (ids, are_rows): (Vec<i64>, Vec<bool>) = records.unzip();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let vault = vault::find()?;
    let read = |row: &Row| {
        let record = row.need(1)?;
        Ok((record, version(vault.as_deref(), record, row.need(2)?, row.need(3)?)?.0, row.need::<bool>(4)?))
    };
    let mut counting = BTreeMap::<i64, Counting>::new();
    let sql = include_str!("../../sql/query/version/counting.sql");
    for (record, version, is_row) in run(sql, &[ids.into(), are_rows.into()], read)? {
        let of_one = counting.entry(record).or_default();
        if is_row {
            of_one.versions.clear();
        }
        of_one.versions.push(version);
        of_one.is_row = is_row;
    }
    Ok(counting)
}

fn grouped(rows: Vec<(i64, Version)>) -> BTreeMap<i64, Vec<Version>> {
    let mut versions = BTreeMap::<i64, Vec<Version>>::new();
    for (record, version) in rows {
        versions.entry(record).or_default().push(version);
    }
    versions
}

/// The accepted versions of records, oldest first.
pub fn of(ids: Vec<i64>) -> Result<BTreeMap<i64, Vec<Version>>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let vault = vault::find()?;
    let sql = include_str!("../../sql/query/version/of.sql");
    let read = |row: &Row| {
        let record = row.need(1)?;
        Ok((record, version(vault.as_deref(), record, row.need(2)?, row.need(3)?)?.0))
    };
    Ok(grouped(run(sql, &[ids.into()], read)?))
}

/// Those of them that can be read: what somebody damaged is left out.
pub fn readable(ids: Vec<i64>) -> Result<BTreeMap<i64, Vec<Version>>> {
    let vault = vault::find()?;
    let sql = include_str!("../../sql/query/version/of.sql");
    let read = |row: &Row| {
        let record = row.need(1)?;
        Ok(version(vault.as_deref(), record, row.need(2)?, row.need(3)?).ok().map(|(version, _)| (record, version)))
    };
    Ok(grouped(query(sql, &[ids.into()], read)?.into_iter().flatten().collect()))
}

/// The contents of the accepted versions of records, with the ids that were sent where they name aliases, oldest first, by
/// record.
pub fn contents(ids: Vec<i64>) -> Result<Vec<(i64, serde_json::Value)>> {
    let vault = vault::find()?;
    query(include_str!("../../sql/query/version/of.sql"), &[ids.into()], |row| {
        let record: i64 = row.need(1)?;
        let (version, originals) = version(vault.as_deref(), record, row.need(2)?, row.need(3)?)?;
        let mut content: serde_json::Value = serde_json::from_str(&version.content())?;
        if !originals.is_empty() {
            content[ORIGINALS] = serde_json::json!(originals);
        }
        Ok((record, content))
    })
}

/// What a record's versions say.
pub struct Folded {
    /// That; what is stored where it cannot be read.
    pub state: State,
    /// What is stored, where that is another.
    pub before: Option<Box<State>>,
    /// Whether all versions can be read, and each is of the time that is shown of it.
    pub sound: bool,
}

impl Folded {
    fn unreadable(stored: State) -> Folded {
        Folded { state: stored, before: None, sound: false }
    }
}

/// What `fold` makes of the versions that count, oldest first, of each of some records, which ascend by row and have these
/// states; on the other cores. Whether it is what is stored shows as it is stored.
pub fn fold_all(
    records: &[RecordRow],
    states: &[Option<state::Sealed>],
    fold: impl Fn(&RecordRow, &[Version]) -> State + Sync,
) -> Result<Vec<Folded>> {
    let vault = vault::find()?;
    let vault = vault.as_deref();
    let stored = |at: usize| {
        let (RecordRow { record_id, reference, .. }, state::Sealed { region, sealed }) =
            (&records[at], states[at].as_ref()?);
        state::packed(vault, *record_id, &reference.system, region, sealed).ok()
    };
    let unpacked =
        |packed: Option<Zeroizing<Vec<u8>>>| packed.and_then(|packed| State::unpack(&packed)).unwrap_or_default();
    let finger = Finger::default();
    let read = |row: &Row| {
        let Some(at) = place(records, &finger, row.need(1)?) else { return Ok(None) };
        Ok(Some(Sealed {
            at,
            shown: clock::micros(row.need(2)?),
            hash: row.need(3)?,
            sealed: row.need(4)?,
            is_row: row.need(5)?,
        }))
    };
    let fold_one = |of_one: &[Sealed]| {
        let (at, record) = (of_one[0].at, &records[of_one[0].at]);
        let open = |Sealed { hash, sealed, .. }: &Sealed| Some(version(vault, record.record_id, hash, sealed).ok()?.0);
        let packed = stored(at);
        let Some(versions) = of_one.iter().map(open).collect::<Option<Vec<Version>>>() else {
            return (at, Folded::unreadable(unpacked(packed)));
        };
        let from = of_one.iter().rposition(|version| version.is_row).unwrap_or(0);
        let state = fold(record, &versions[from..]);
        let same = packed.as_ref().is_some_and(|packed| **packed == *state.packed());
        let before = (!same).then(|| Box::new(unpacked(packed)));
        let sound = of_one.iter().zip(&versions).all(|(stored, version)| stored.shown == version.timestamp);
        (at, Folded { state, before, sound })
    };
    let fold = |sealed: Vec<Sealed>| sealed.chunk_by(|a, b| a.at == b.at).map(fold_one).collect::<Vec<_>>();
    let mut all = Vec::with_capacity(records.len());
    let sql = include_str!("../../sql/query/version/of_all.sql");
    let pieces = Whole { pieces: found(Sweep::begin(sql, &[], read)?), rest: Vec::new() };
    parallel::pipeline(pieces, fold, |folded| {
        for (at, folded) in folded {
            // Before it are records without a version.
            all.extend((all.len()..at).map(|at| Folded::unreadable(unpacked(stored(at)))));
            all.push(folded);
        }
        Ok(())
    })?;
    all.extend((all.len()..records.len()).map(|at| Folded::unreadable(unpacked(stored(at)))));
    Ok(all)
}

/// A version as it is stored.
struct Sealed {
    /// The position of its record.
    at: usize,
    /// The event time that is shown of it.
    shown: Micros,
    /// The commitment to its content.
    hash: Vec<u8>,
    /// The content.
    sealed: Vec<u8>,
    /// Whether it was a row of an attached table.
    is_row: bool,
}

/// Pieces of rows, ascending by record, cut between records.
struct Whole<I> {
    pieces: I,
    rest: Vec<Sealed>,
}

impl<I: Iterator<Item = Result<Vec<Sealed>>>> Iterator for Whole<I> {
    type Item = Result<Vec<Sealed>>;

    fn next(&mut self) -> Option<Self::Item> {
        for piece in self.pieces.by_ref() {
            match piece {
                Ok(piece) => self.rest.extend(piece),
                Err(failure) => return Some(Err(failure)),
            }
            // The last record may go on in the next piece.
            let last = self.rest.last().map_or(0, |row| row.at);
            let cut = self.rest.partition_point(|row| row.at < last);
            if cut > 0 {
                let rest = self.rest.split_off(cut);
                return Some(Ok(std::mem::replace(&mut self.rest, rest)));
            }
        }
        (!self.rest.is_empty()).then(|| Ok(std::mem::take(&mut self.rest)))
    }
}

/// An accepted version on its way into the history.
pub struct New {
    /// The record's row.
    pub record_id: i64,
    /// Event time.
    pub at: TimestampWithTimeZone,
    /// The version, packed.
    pub packed: Zeroizing<Vec<u8>>,
    /// The hash of that.
    pub hash: [u8; 32],
    /// The ids that it names by an alias, as they were sent: sealed with it.
    pub originals: BTreeMap<Text, Text>,
    /// The attached table whose row it is.
    pub attachment: Option<i64>,
}

const VERSIONS: Target = Target {
    name: c"record_version",
    columns: &[
        (c"record_id", pg_sys::INT8OID),
        (c"feed", pg_sys::TEXTOID),
        (c"received_at", pg_sys::TIMESTAMPTZOID),
        (c"event_time", pg_sys::TIMESTAMPTZOID),
        (c"content_hash", pg_sys::BYTEAOID),
        (c"content", pg_sys::BYTEAOID),
        (c"attachment_id", pg_sys::INT8OID),
    ],
    order: None,
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
        Ok(Sealing { vault, feed, now: clock::present(), nonces: vault::nonces(count)? })
    }

    /// Their rows, sealed.
    pub fn rows(&self, versions: &[New]) -> Result<Rows> {
        let mut rows = Rows::of(&VERSIONS);
        for (version, nonce) in versions.iter().zip(&self.nonces) {
            let (hash, sealed) = seal_one(self.vault, version, &sealer(self.vault, VERSION, *nonce))?;
            rows.push(&[&version.record_id, &self.feed, &self.now, &version.at, &hash, &sealed, &version.attachment]);
        }
        Ok(rows)
    }
}

/// Writes versions, in their order.
pub fn insert(feed: &str, versions: &[New]) -> Result<()> {
    let vault = vault::open()?;
    let vault: &Vault = &vault;
    let copy = |versions: &[New]| {
        let pieces = versions.chunks(bulk::PIECE).map(|piece| Ok((Sealing::begin(vault, feed, piece.len())?, piece)));
        bulk::load(&VERSIONS, pieces, |(sealing, piece)| sealing.rows(piece))
    };
    bulk::insert(versions, |versions| insert_few(vault, feed, versions), copy)
}

fn insert_few(vault: &Vault, feed: &str, versions: &[New]) -> Result<()> {
    let sealed = seal_all(vault, VERSION, versions, |version, seal| seal_one(vault, version, seal))?;
    let ids: Vec<i64> = versions.iter().map(|version| version.record_id).collect();
    let times: Vec<TimestampWithTimeZone> = versions.iter().map(|version| version.at).collect();
    let attachments: Vec<Option<i64>> = versions.iter().map(|version| version.attachment).collect();
    let (hashes, contents): (Vec<Vec<u8>>, Vec<Vec<u8>>) = sealed.into_iter().unzip();
    execute(
        include_str!("../../sql/query/version/insert.sql"),
        &[feed.into(), ids.into(), times.into(), hashes.into(), contents.into(), attachments.into()],
    )
}

/// The commitment to a version's content, and the content, sealed.
fn seal_one(vault: &Vault, version: &New, seal: &Sealer) -> Result<(Vec<u8>, Vec<u8>)> {
    // Keyed: a plain hash of a record would tell whose it is to who can guess.
    let commitment = vault.commit(VERSION, &version.hash).to_vec();
    let place: [&[u8]; 2] = [&version.record_id.to_be_bytes(), &commitment];
    let sealed = if version.originals.is_empty() {
        seal(&place, &version.packed)?
    } else {
        let mut whole = version.packed.clone();
        pack_originals(&mut whole, &version.originals);
        seal(&place, &whole)?
    };
    Ok((commitment, sealed))
}
