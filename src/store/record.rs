//! Source records: their names, and where they belong.

use super::bulk::{Gradual, List, Rows, Target};
use super::vault;
use super::{each_opened, execute, for_whole_tables, in_pieces, opened, query, run, state, whole, Row, LOOKED_UP};
use crate::clock;
use crate::error::{Failure, Result};
use crate::finger::Finger;
use golden_record_core::error::Error;
use golden_record_core::record::{Node, RecordRef, State};
use golden_record_core::value::Text;
use pgrx::datum::{DatumWithOid, TimestampWithTimeZone, Uuid};
use pgrx::pg_sys;

/// `42704` for a record that is not there, or lives no more.
pub fn missing(name: &RecordRef) -> Failure {
    Error::new("42704", "there is no such living source record")
        .detail(format!("Nothing live is known under that id in system \"{}\".", name.system))
        .hint("View golden_record.crosswalk lists those that live: a deleted one is none.")
        .into()
}

/// The row of a source record: which it is, and where it belongs.
#[derive(Clone)]
pub struct RecordRow {
    /// Its id.
    pub record_id: i64,
    /// The record's name.
    pub reference: RecordRef,
    /// The attached table it comes from; `None` for a feed.
    pub attachment: Option<i64>,
    /// The golden record it belongs to; `None` when it is not live.
    pub golden: Option<Uuid>,
    /// The component it was resolved in.
    pub component: Option<i64>,
    /// False when the row is still to be written.
    pub existing: bool,
}

impl RecordRow {
    /// That of a record of which nothing is written yet.
    pub fn new(reference: RecordRef) -> RecordRow {
        RecordRow { record_id: 0, reference, attachment: None, golden: None, component: None, existing: false }
    }

    fn read(row: &Row) -> Result<RecordRow> {
        Ok(RecordRow {
            record_id: row.need(1)?,
            reference: RecordRef::new(row.need::<&str>(2)?, row.need::<&str>(3)?),
            attachment: row.get(4)?,
            golden: row.get(5)?,
            component: row.get(6)?,
            existing: true,
        })
    }
}

/// A source record as it is stored.
pub struct Stored {
    /// Its row.
    pub row: RecordRow,
    /// What it says.
    pub state: State,
}

impl Stored {
    /// The record as the engine takes it.
    pub fn node(&self) -> Node<'_> {
        Node { reference: &self.row.reference, state: &self.state }
    }
}

fn stored<'a>(sql: &'static str, pieces: impl ExactSizeIterator<Item = Vec<DatumWithOid<'a>>>) -> Result<Vec<Stored>> {
    let vault = vault::find()?;
    let vault = vault.as_deref();
    let read = |row: &Row| Ok((RecordRow::read(row)?, Text::from(row.need::<&str>(8)?), row.need::<Vec<u8>>(7)?));
    opened(sql, pieces, read, |(row, region, sealed)| {
        let state = state::unseal(vault, row.record_id, &row.reference.system, &region, &sealed)?;
        Ok(Stored { row, state })
    })
}

/// The statement that reads the records of which a condition holds.
macro_rules! rows {
    ($condition:literal) => {
        concat!(include_str!("../../sql/query/record/rows.sql"), "WHERE ", $condition)
    };
}

/// Ids as the arguments of statements that look up some of them each.
pub(super) fn pieces(ids: &[i64]) -> impl ExactSizeIterator<Item = Vec<DatumWithOid<'_>>> {
    ids.chunks(LOOKED_UP).map(|piece| vec![piece.to_vec().into()])
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
    stored(rows!("r.record_id = ANY ($1::bigint[])"), pieces(ids))
}

/// Whether a golden record has members, or deleted records that belonged to it last.
pub fn any_of_golden(golden: Uuid) -> Result<bool> {
    const ANY: &str = concat!("SELECT EXISTS (\n", include_str!("../../sql/query/record/of_golden.sql"), ")");
    Ok(query(ANY, &[golden.into()], |row| row.need::<bool>(1))? == [true])
}

/// The members of a golden record, and the deleted records that belonged to it last.
pub fn of_golden(golden: Uuid) -> Result<Vec<Stored>> {
    let vault = vault::find()?;
    query(include_str!("../../sql/query/record/of_golden.sql"), &[golden.into()], |row| {
        let state = state::unseal(vault.as_deref(), row.need(1)?, row.need(2)?, row.need(8)?, row.need(7)?)?;
        Ok(Stored { row: RecordRow::read(row)?, state })
    })
}

/// The rows of the records of an entity type that no golden id leads to.
pub fn homeless(entity_type: &str) -> Result<Vec<RecordRow>> {
    whole(include_str!("../../sql/query/record/homeless.sql"), &[entity_type.into()], RecordRow::read)
}

/// The members of components.
pub fn by_component(components: &[i64]) -> Result<Vec<Stored>> {
    stored(rows!("r.component_id = ANY ($1::bigint[])"), pieces(components))
}

/// The members of a golden record.
pub fn by_golden(golden: Uuid) -> Result<Vec<Stored>> {
    stored(rows!("r.golden_id = $1"), std::iter::once(vec![golden.into()]))
}

/// Where the row of an id is, in rows that ascend by id: tables lie on disk in about that order.
pub(super) fn place(rows: &[RecordRow], finger: &Finger, id: i64) -> Option<usize> {
    finger.find(rows, |row| row.record_id.cmp(&id))
}

/// The row of every record of an entity type, by id.
pub fn rows_of_entity(entity_type: &str) -> Result<Vec<RecordRow>> {
    let sql = include_str!("../../sql/query/record/by_entity.sql");
    let mut rows = whole(sql, &[entity_type.into()], RecordRow::read)?;
    rows.sort_by_cached_key(|row| row.record_id);
    Ok(rows)
}

/// Every record of an entity type, by row id. Errors: `XX001` where what a living one says is gone or cannot be opened: taken
/// for nothing it would be a record that was deleted.
///
/// Two tables, each read as it lies on disk: joined by row they would be read by an index, page after page again and again.
pub fn by_entity(entity_type: &str) -> Result<Vec<Stored>> {
    let vault = vault::find()?;
    let vault = vault.as_deref();
    let (rows, finger) = (rows_of_entity(entity_type)?, Finger::default());
    let mut states = vec![State::default(); rows.len()];
    let read = |row: &Row| state::Sealed::read(&rows, &finger, row);
    let open = |(at, state::Sealed { region, sealed }): (usize, state::Sealed)| {
        let RecordRow { record_id, reference, .. } = &rows[at];
        (at, state::unseal(vault, *record_id, &reference.system, &region, &sealed).unwrap_or_default())
    };
    let sql = include_str!("../../sql/query/state/of_all.sql");
    each_opened(sql, &[], read, open, |(at, state)| states[at] = state)?;
    let stored = rows.into_iter().zip(states).map(|(row, state)| match row.golden {
        Some(_) if !state.live() => Err(Failure::damaged("what a source record says is gone or cannot be opened")),
        _ => Ok(Stored { row, state }),
    });
    stored.collect()
}

/// The components that records belong to now.
pub fn components(ids: Vec<i64>) -> Result<Vec<i64>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    run(include_str!("../../sql/query/record/components.sql"), &[ids.into()], |row| row.need(1))
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

/// Where a record belongs from now on.
pub struct Placement<'a> {
    /// Its row, with where it belonged.
    pub row: &'a RecordRow,
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

const RECORDS: Target = Target {
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
    order: Some(c"source_record_entity_type_system_name_source_id_key"),
};

/// Lays out the row of a new record.
fn lay(placement: &Placement, entity_type: &str, now: TimestampWithTimeZone, rows: &mut Rows) {
    let Placement { row: RecordRow { record_id, reference, attachment, .. }, golden, component, .. } = placement;
    let (system, id, live) = (reference.system.as_str(), reference.id.as_str(), golden.is_some());
    let founded = placement.founded().map(List);
    rows.push(&[record_id, &entity_type, &system, &id, attachment, &live, golden, component, &founded, &now]);
}

/// Writes the rows of new records, few of them.
pub fn insert_few(entity_type: &str, placements: &[Placement]) -> Result<()> {
    let now = clock::present();
    in_pieces(placements, |placements| insert_piece(entity_type, placements, now))
}

/// Writes many bit by bit: by name, as a rule.
pub fn insert_gradually<'a, 'p>(
    entity_type: &'a str,
    placements: &'a [Placement<'p>],
) -> Result<Gradual<'a, Placement<'p>>> {
    let now = clock::present();
    Gradual::begin(&RECORDS, placements, move |piece| {
        let mut rows = Rows::of(&RECORDS);
        piece.iter().for_each(|placement| lay(placement, entity_type, now, &mut rows));
        Ok(rows)
    })
}

fn insert_piece(entity_type: &str, placements: &[Placement], now: TimestampWithTimeZone) -> Result<()> {
    let rows = || placements.iter().map(|placement| placement.row);
    let ids: Vec<i64> = rows().map(|row| row.record_id).collect();
    let systems: Vec<&str> = rows().map(|row| row.reference.system.as_str()).collect();
    let source_ids: Vec<&str> = rows().map(|row| row.reference.id.as_str()).collect();
    let attachments: Vec<Option<i64>> = rows().map(|row| row.attachment).collect();
    let goldens: Vec<Option<Uuid>> = placements.iter().map(|placement| placement.golden).collect();
    let components: Vec<Option<i64>> = placements.iter().map(|placement| placement.component).collect();
    let founds: Vec<bool> = placements.iter().map(|placement| placement.founds).collect();
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
            now.into(),
        ],
    )
}

/// Moves existing records.
pub fn assign(placements: &[Placement]) -> Result<()> {
    let now = clock::present();
    in_pieces(placements, |placements| assign_piece(placements, now))
}

fn assign_piece(placements: &[Placement], now: TimestampWithTimeZone) -> Result<()> {
    let ids: Vec<i64> = placements.iter().map(|placement| placement.row.record_id).collect();
    let attachments: Vec<Option<i64>> = placements.iter().map(|placement| placement.row.attachment).collect();
    let goldens: Vec<Option<Uuid>> = placements.iter().map(|placement| placement.golden).collect();
    let components: Vec<Option<i64>> = placements.iter().map(|placement| placement.component).collect();
    let founds: Vec<bool> = placements.iter().map(|placement| placement.founds).collect();
    execute(
        include_str!("../../sql/query/record/assign.sql"),
        &[ids.into(), attachments.into(), goldens.into(), components.into(), founds.into(), now.into()],
    )
}

/// Makes records lead back to golden ids that they inherited.
pub fn inherit(inherited: &[(i64, Uuid)]) -> Result<()> {
    in_pieces(inherited, |inherited| {
        let (rows, ids): (Vec<i64>, Vec<Uuid>) = inherited.iter().copied().unzip();
        execute(include_str!("../../sql/query/record/inherit.sql"), &[rows.into(), ids.into()])
    })
}

/// What is stored for source records, or for golden records, that are not there.
pub struct Orphan {
    /// `key`, `block`, `state`, `version`, `cross_reference` or `golden_id`.
    pub kind: String,
    /// The key or block.
    pub key: Option<i64>,
    /// The golden id.
    pub golden: Option<Uuid>,
}

/// What nobody owns any more, of any entity type: somebody deleted its owner. `keys`: there may be keys among it.
pub fn orphans(keys: bool) -> Result<Vec<Orphan>> {
    whole(include_str!("../../sql/query/record/orphans.sql"), &[keys.into()], |row| {
        Ok(Orphan { kind: row.need(1)?, key: row.get(2)?, golden: row.get(3)? })
    })
}

/// Drops it, but for versions: they are history.
pub fn drop_orphans(keys: bool) -> Result<()> {
    let _settings = for_whole_tables();
    execute(include_str!("../../sql/query/record/drop_orphans.sql"), &[keys.into()])
}

/// The names of the live records that an attached table answers for, also those that came while it was attached before.
pub fn of_table(attachment: i64) -> Result<Vec<RecordRef>> {
    whole(include_str!("../../sql/query/record/of_table.sql"), &[attachment.into()], |row| {
        Ok(RecordRef::new(row.need::<&str>(1)?, row.need::<&str>(2)?))
    })
}

/// The names of an attachment's live records: read from all, since only who goes through the whole attached table asks.
pub fn of_attachment(attachment: i64) -> Result<Vec<RecordRef>> {
    whole(include_str!("../../sql/query/record/of_attachment.sql"), &[attachment.into()], |row| {
        Ok(RecordRef::new(row.need::<&str>(1)?, row.need::<&str>(2)?))
    })
}
