//! Attached tables: the warehouse's own rows as source records, by statement triggers with transition tables.
//!
//! A COPY of any number of rows is one call. Rows are read as the table's owner under SECURITY_RESTRICTED_OPERATION, and no
//! cast that a user made is asked what a value is: code of others never runs as ours, nor as the owner's. What is ours runs
//! as golden_record_owner.

mod backfill;
mod cells;
mod overtaken;
mod relation;
mod request;
mod rows;
mod trigger;

pub use backfill::backfill;
pub use relation::Relation;
pub use request::Request;

use crate::configuration::Configuration;
use crate::error::{Failure, Result};
use crate::guc::Settings;
use crate::isolation;
use crate::owner::{as_extension_owner, as_owner};
use crate::store::alert::{self, Kind};
use crate::store::configuration::{self as store, Attachment};
use golden_record_core::error::Error;
use golden_record_core::payload::refused_system;
use pgrx::Spi;
use request::{columns, options};
use serde_json::{json, Map, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The transition tables of our triggers.
const OLD: &str = "golden_old";
const NEW: &str = "golden_new";

/// Attaches a table: checks, triggers, configuration.
pub fn attach(relation: &Relation, request: &Request) -> Result<()> {
    let attachment = as_owner(|| {
        let configuration = Configuration::current()?;
        let entity = configuration.entity(request.entity_type)?;
        let options = options(relation, request)?;
        if request.system.is_none() && options.system_column.is_none() {
            return Err(Error::new("22004", "the system of the rows is not known")
                .hint("Give system_name, or the option system_column.")
                .into());
        }
        if let Some(reason) = request.system.and_then(refused_system) {
            return Err(Error::invalid(format!("system_name {reason}")).into());
        }
        Ok(Attachment {
            id: 0,
            relation: relation.name.clone(),
            system: request.system.map(str::to_owned),
            id_column: relation.name_column(request.id_column)?,
            columns: columns(relation, &entity, request.columns)?,
            entity_type: request.entity_type.to_owned(),
            timestamp_column: request.timestamp_column.map(|name| relation.time_column(name)).transpose()?,
            options,
        })
    })?;
    let wanted = [
        ("insert", format!("REFERENCING NEW TABLE AS {NEW}")),
        ("update", format!("REFERENCING OLD TABLE AS {OLD} NEW TABLE AS {NEW}")),
        ("delete", format!("REFERENCING OLD TABLE AS {OLD}")),
        ("truncate", String::new()),
    ];
    // A table that lost some of its triggers is attached anew.
    let remains = triggers_of(relation)?;
    if remains.len() == wanted.len() {
        return Err(Error::new("42710", format!("{} is attached already", relation.name))
            .hint("Detach it first with golden_record.detach_source.")
            .into());
    }
    if !is_unique(relation, &attachment)? {
        pgrx::warning!(
            "no unique index on column {} of {}: of rows with one id, only one is taken",
            pgrx::spi::quote_identifier(&attachment.id_column),
            relation.name
        );
    }
    drop_triggers(relation, &remains)?;
    as_owner(|| warn_of_others(&attachment))?;
    let id = as_owner(|| {
        end_lost(relation, &remains)?;
        let given = request.options.filter(|options| !options.is_null());
        let id = store::put_attachment(&attachment, given.unwrap_or(&Value::Object(Map::new())))?;
        store::bump()?;
        Ok(id)
    })?;
    as_extension_owner(|| {
        for (event, tables) in wanted {
            Spi::run(&format!(
                "CREATE TRIGGER golden_record_{event} AFTER {event} ON {} {tables} FOR EACH STATEMENT \
                 EXECUTE FUNCTION golden_record.attached_change('{id}')",
                relation.name
            ))?;
        }
        Ok(())
    })?;
    audit("attach_source", relation, Some(request.entity_type), &[id])
}

/// Puts on record that a table is followed, or no more.
fn audit(action: &str, relation: &Relation, entity_type: Option<&str>, ids: &[i64]) -> Result<()> {
    let detail = json!({"relation": relation.name, "attachment_ids": ids});
    as_owner(|| crate::audit::entry(action, entity_type, None, None, &detail))
}

/// Two tables may share a system as long as they share no ids.
fn warn_of_others(attachment: &Attachment) -> Result<()> {
    let configuration = Configuration::current()?;
    let same = |other: &&Arc<Attachment>| {
        other.system.is_some() && other.system == attachment.system && other.entity_type == attachment.entity_type
    };
    let others = configuration.attachments.values().filter(same).map(|other| other.id).collect();
    for id in store::followed(others)? {
        let Some(other) = configuration.attachments.get(&id) else { continue };
        pgrx::warning!(
            "{} is attached to the same system: of two rows with one id, the one that came first counts, the other is refused",
            other.relation
        );
    }
    Ok(())
}

/// Follows the table no more. Its records stay as they are.
pub fn detach(relation: &Relation) -> Result<()> {
    let triggers = triggers_of(relation)?;
    drop_triggers(relation, &triggers)?;
    let ended = as_owner(|| {
        let ended = end_lost(relation, &triggers)?;
        store::bump()?;
        Ok::<_, Failure>(ended)
    })?;
    // One that lost all its triggers says nothing of its attachment, which has its name.
    if triggers.is_empty() && !ended.contains(&relation.name) {
        return Err(not_attached(&relation.name)
            .hint("View golden_record.attached_table lists the tables that are.")
            .into());
    }
    let ids: BTreeSet<i64> = triggers.iter().map(|(_, id)| *id).collect();
    audit("detach_source", relation, None, &ids.into_iter().collect::<Vec<_>>())
}

/// Ends the attachments of tables that nothing of ours follows any more, and gives the names they were attached by. No row will
/// close an alert that is open by such a name. Those of `relation`, which has lost `triggers`, go by its name of today.
fn end_lost(relation: &Relation, triggers: &[(String, i64)]) -> Result<Vec<String>> {
    let ended = store::end_lost()?;
    let mut free = ended.iter().filter(|ended| !ended.taken);
    free.try_for_each(|ended| alert::close(Kind::ErrorRate, &ended.relation))?;
    let own = ended.iter().map(|ended| ended.id).filter(|id| triggers.iter().any(|(_, named)| named == id));
    store::rename(own.collect(), &relation.name)?;
    Ok(ended.into_iter().map(|ended| ended.relation).collect())
}

/// The triggers of ours that a table has, and the attachment that each names.
fn triggers_of(relation: &Relation) -> Result<Vec<(String, i64)>> {
    as_owner(|| store::triggers_of(relation.oid))
}

fn drop_triggers(relation: &Relation, triggers: &[(String, i64)]) -> Result<()> {
    as_extension_owner(|| {
        for (name, _) in triggers {
            Spi::run(&format!("DROP TRIGGER {} ON {}", pgrx::spi::quote_identifier(name), relation.name))?;
        }
        Ok(())
    })
}

/// Whether an index keeps two rows from having one (system and) id.
fn is_unique(relation: &Relation, attachment: &Attachment) -> Result<bool> {
    let mut columns = vec![attachment.id_column.as_str()];
    columns.extend(attachment.options.system_column.as_deref());
    let sql = include_str!("../../sql/query/configuration/is_unique.sql");
    Ok(crate::store::query(sql, &[relation.oid.into(), columns.into()], |row| row.need(1))?.first() == Some(&true))
}

fn not_attached(name: &str) -> Error {
    Error::new("55000", format!("{name} is not attached"))
}

/// That a table may speak for the attachment that its triggers name. Of several that have them (one was copied, or restored
/// beside what it was) it is the one with the name that was attached.
fn check_speaks(relation: &Relation, attachment: &Attachment) -> Result<()> {
    if relation.name == attachment.relation || !as_owner(|| store::is_elsewhere(attachment.id, relation.oid))? {
        return Ok(());
    }
    let message = format!("{} and another table have the triggers of one attachment", relation.name);
    Err(Error::new("55000", message).hint("golden_record.detach_source takes them off the one that is a copy.").into())
}

fn attachment(id: i64) -> Result<Arc<Attachment>> {
    as_owner(|| {
        let configuration = Configuration::current()?;
        let found = configuration.attachments.get(&id).cloned();
        found.ok_or_else(|| {
            if !isolation::is_fresh() {
                return isolation::try_again("attached the table");
            }
            Error::new("55000", "the table's triggers belong to an attachment that does not exist")
                .hint("golden_record.detach_source takes them off the table; attach it again.")
                .into()
        })
    })
}

/// Reads a table, by any plan: that our own statements go by indexes alone is no rule for a user's table. A row that a policy
/// hides from its owner must not read as one that is gone, and is an error (42501).
fn unhidden<R>(read: impl FnOnce() -> R) -> R {
    let _settings = Settings::with(&[
        (c"row_security", c"off"),
        (c"enable_seqscan", c"on"),
        (c"enable_bitmapscan", c"on"),
        (c"enable_hashjoin", c"on"),
        (c"enable_mergejoin", c"on"),
    ]);
    read()
}
