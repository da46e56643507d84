//! The trigger of attached tables: what a statement did to the table's rows, taken in.

use super::cells::{plainly, Cells};
use super::overtaken::{self, Statement};
use super::relation::{Column, Relation};
use super::rows::{Name, Read, Reader};
use super::{attachment, check_speaks, is_unique, unhidden, NEW, OLD};
use crate::configuration::Configuration;
use crate::error::{self, Failure};
use crate::ingest::{writers, Resolve, Row, Table};
use crate::isolation::{self, Rows};
use crate::keyring::Keyring;
use crate::owner::{as_owner, as_relation_owner};
use crate::store::configuration::Attachment;
use crate::store::{record, vault};
use golden_record_core::block::Key;
use golden_record_core::error::Error;
use golden_record_core::record::RecordRef;
use pgrx::prelude::*;
use pgrx::{pg_sys, Spi, WhoAllocated};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a statement did to an attached table.
#[derive(Default)]
pub(super) struct Changed {
    /// The names of rows as they were.
    pub(super) before: Vec<Name>,
    /// Rows as they are.
    pub(super) after: Vec<Read>,
    /// Records that are gone though no row says so.
    pub(super) gone: Vec<RecordRef>,
}

/// Takes in what became of rows. Where what the statement says of them is not all, `again` reads what there is of their ids
/// now: once nobody else writes their records.
fn changed(
    attachment: &Arc<Attachment>,
    columns: &[Column],
    before: &[Cells],
    after: &[Cells],
    gone: Vec<RecordRef>,
    again: Option<&dyn Fn() -> error::Result<Vec<Cells>>>,
) -> error::Result<()> {
    as_owner(|| {
        let (mut held, way) =
            writers(&attachment.entity_type, Cells::count(before).max(Cells::count(after)).max(gone.len()))?;
        let (configuration, vault) = (Configuration::current()?, vault::open()?);
        let entity = configuration.entity(&attachment.entity_type)?;
        let reader = Reader::new(attachment, &entity.entity, columns);
        let table = Table::new(&configuration, attachment, &entity, &vault);
        let mut before = reader.names(before)?;
        let after = match again {
            None => reader.read(after, &table)?,
            Some(again) => {
                before.extend(reader.names(after)?);
                let keyring = Keyring::new(vault.identity(), &attachment.entity_type);
                let named = before.iter().filter_map(Name::record).map(|name| table.known_as(name));
                held.records(named.map(|name| keyring.digest(&Key::reference(&name))));
                let touched: BTreeSet<&Name> = before.iter().collect();
                let mut after = reader.read(&again()?, &table)?;
                // Another system's row of that id is none of this statement's.
                after.retain(|row| touched.contains(&row.name));
                after
            }
        };
        let changed = Changed { before, after, gone };
        let readings = table.prepare(rows(&reader, &table, changed))?;
        let (_, letters) = table.accept(&mut held, readings, Resolve::Now(way))?;
        table.reject(letters)?;
        Ok(())
    })
}

/// What a statement did, as rows to take in. Of rows with one name the last that is fit to be a record counts, each that is
/// not fit is refused, and the record that no fit row names is gone: it must not say what the table says no more.
pub(super) fn rows(reader: &Reader, table: &Table, changed: Changed) -> Vec<Row> {
    let Changed { before, after, mut gone } = changed;
    let mut fit = BTreeMap::new();
    let mut refused = Vec::new();
    // A table without a column that it had says nothing of its rows.
    let (lacking, mut spared) = (reader.lack().is_some(), BTreeSet::new());
    for (at, Read { name, version }) in after.iter().enumerate() {
        if version.is_ok() {
            fit.insert(name, at);
            continue;
        }
        refused.push(at);
        if lacking {
            spared.insert(name);
        }
    }
    if !gone.is_empty() {
        let present: BTreeSet<RecordRef> =
            fit.keys().chain(&spared).filter_map(|name| Some(table.known_as(name.record()?))).collect();
        gone.retain(|record| !present.contains(record));
    }
    let gone: BTreeSet<Name> = before.into_iter().chain(gone.iter().map(Name::of)).collect();
    let gone = gone.iter().filter(|name| !(fit.contains_key(name) || spared.contains(name)));
    let gone = gone.filter_map(|name| reader.gone(name, table));
    let mut rows: Vec<Row> = gone.map(|version| Row { ordinal: 0, version: Ok(version) }).collect();
    let order: Vec<usize> = fit.into_values().chain(refused).collect();
    let mut versions: Vec<_> = after.into_iter().map(|row| Some(row.version)).collect();
    rows.extend(order.into_iter().filter_map(|at| Some(Row { ordinal: at as i32 + 1, version: versions[at].take()? })));
    rows
}

/// Rows that a statement finds, which may read the transition tables, read as the table's owner.
fn found(trigger: &PgTrigger, relation: &Relation, sql: &str) -> error::Result<Vec<Cells>> {
    as_relation_owner(relation.owner, || {
        Spi::connect(|client| {
            // SAFETY: the trigger data of the call that runs now, registered with this SPI connection only.
            let status =
                unsafe { pg_sys::SPI_register_trigger_data(std::ptr::from_ref(trigger.trigger_data()).cast_mut()) };
            Spi::check_status(status)?;
            plainly(|| client.select(sql, None, &[]).map(|_| ()))?;
            Cells::found(relation.columns.len())
        })
    })
}

fn follow(trigger: &PgTrigger) -> error::Result<()> {
    let statement = Statement::now();
    let arguments = trigger.extra_args().map_err(|_| Failure::internal("trigger arguments cannot be read"))?;
    let id = arguments.first().and_then(|id| id.parse().ok()).ok_or_else(|| {
        Error::new("39P01", "attached_change is the trigger of golden_record.attach_source")
            .hint("Do not create it by hand.")
    })?;
    let attachment = attachment(id)?;
    let opened = trigger.relation().map_err(|_| Failure::internal("the trigger's table cannot be opened"))?;
    let relation = Relation::open(&opened);
    check_speaks(&relation, &attachment)?;
    let event = trigger.event();
    let selected = Cells::selected(&relation.columns);
    let all_of = |table: &str| found(trigger, &relation, &format!("SELECT {selected} FROM {table} AS r"));
    let overtaken = statement.is_overtaken(id);
    if event.fired_by_truncate() {
        // The statement itself is bound to no snapshot: it took away rows that this transaction does not see.
        let gone = as_owner(|| {
            isolation::check(Rows::of_type(&attachment.entity_type))?;
            record::of_attachment(id)
        })?;
        // With ONLY the rows of tables that inherit from it stay.
        // SAFETY: the catalog's row of a relation that is open.
        let some_stay = overtaken || unsafe { (*opened.rd_rel).relhassubclass };
        let after = if some_stay { unhidden(|| all_of(&relation.name))? } else { vec![] };
        changed(&attachment, &relation.columns, &[], &after, gone, None)?;
    } else {
        let before = if event.fired_by_insert() { vec![] } else { all_of(OLD)? };
        let after = if event.fired_by_delete() { vec![] } else { all_of(NEW)? };
        if before.is_empty() && after.is_empty() {
            return Ok(());
        }
        // Where ids are not unique, another row may have the id of one that is gone.
        let present = if overtaken || !(before.is_empty() || is_unique(&relation, &attachment)?) {
            let tables: &[&str] = match (before.is_empty(), after.is_empty()) {
                (false, false) => &[OLD, NEW],
                (false, true) => &[OLD],
                _ => &[NEW],
            };
            overtaken::present(&relation, &attachment, tables)
        } else {
            None
        };
        let read = &|sql: &str| unhidden(|| found(trigger, &relation, sql));
        let again = present.as_deref().map(|sql| move || read(sql));
        let again = again.as_ref().map(|again| again as &dyn Fn() -> error::Result<Vec<Cells>>);
        changed(&attachment, &relation.columns, &before, &after, vec![], again)?;
    }
    statement.note(id);
    Ok(())
}

/// The trigger of attached tables, after every statement that changed rows.
#[pg_trigger]
fn attached_change<'a>(
    trigger: &'a PgTrigger<'a>,
) -> Result<Option<PgHeapTuple<'a, impl WhoAllocated>>, PgTriggerError> {
    if let Err(failure) = follow(trigger) {
        failure.raise();
    }
    Ok(None::<PgHeapTuple<'a, pgrx::AllocatedByPostgres>>)
}
