//! Attached tables: the warehouse's own rows as source records, by statement triggers with transition tables.
//!
//! A COPY of any number of rows is one call. Rows are read as the table's owner under SECURITY_RESTRICTED_OPERATION, and no
//! cast that a user made is asked what a value is: code of others never runs as ours, nor as the owner's. What is ours runs
//! as golden_record_owner.

mod backfill;
mod cells;
mod overtaken;
mod rows;

pub use backfill::backfill;

use crate::configuration::{attached_options, Configuration};
use crate::error::{self, Failure};
use crate::guc::Settings;
use crate::ingest::{writers, Resolve, Row, Table};
use crate::isolation;
use crate::owner::{as_extension_owner, as_owner, as_relation_owner};
use crate::store::configuration::{self as store, Attachment};
use crate::store::{record, vault};
use cells::{plainly, Cells, Written};
use golden_record_core::entity::EntityType;
use golden_record_core::error::Error;
use golden_record_core::payload::refused_system;
use golden_record_core::record::RecordRef;
use golden_record_core::source::SourceOptions;
use overtaken::Statement;
use pgrx::prelude::*;
use pgrx::{pg_sys, PgRelation, Spi, WhoAllocated};
use rows::{Name, Read, Reader};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The transition tables of our triggers.
const OLD: &str = "golden_old";
const NEW: &str = "golden_new";

const OPTIONS: [&str; 7] =
    ["system_column", "priority_column", "region_column", "deleted_column", "time_zone", "region", "date_order"];

/// A user's table.
pub struct Relation {
    oid: pg_sys::Oid,
    owner: pg_sys::Oid,
    /// Qualified and quoted.
    name: String,
    /// In their order.
    columns: Vec<Column>,
}

/// A column of a user's table.
struct Column {
    name: String,
    /// Its type; of a domain, the one beneath.
    base: pg_sys::Oid,
    /// How its values are read.
    written: Written,
}

impl Column {
    fn of(attribute: &pg_sys::FormData_pg_attribute) -> Column {
        // SAFETY: a syscache look-up of a type that the open table has.
        let base = unsafe { pg_sys::getBaseType(attribute.atttypid) };
        Column { name: attribute.name().to_owned(), base, written: Written::of(base) }
    }
}

impl Relation {
    /// The table, checked: the caller owns it, and it is one whose rows triggers can follow.
    pub fn of_caller(relation: &PgRelation) -> error::Result<Relation> {
        let checked = Relation::open(relation);
        // SAFETY: a syscache look-up on the current user.
        let owns = unsafe { pg_sys::has_privs_of_role(pg_sys::GetUserId(), checked.owner) };
        if !owns {
            return Err(Error::new("42501", format!("must be owner of table {}", checked.name)).into());
        }
        // SAFETY: the relation is open.
        let temporary = unsafe { (*relation.rd_rel).relpersistence } as u8 == pg_sys::RELPERSISTENCE_TEMP;
        if !(relation.is_table() || relation.is_partitioned_table()) || temporary {
            return Err(Error::new("42809", format!("{} is not an ordinary or partitioned table", checked.name))
                .hint("Views, foreign and temporary tables cannot be attached: send their rows to golden_record.feed.")
                .into());
        }
        Ok(checked)
    }

    /// The table, checked, to be attached: neither ours nor PostgreSQL's own, and no partition, of whose rows statements on the
    /// partitioned table say nothing to its triggers.
    pub fn to_attach(relation: &PgRelation) -> error::Result<Relation> {
        let checked = Relation::of_caller(relation)?;
        if relation.namespace() == "golden_record" || relation.oid().to_u32() < pg_sys::FirstNormalObjectId {
            return Err(Error::new(
                "42809",
                format!("{} is a table of golden_record or of PostgreSQL itself", checked.name),
            )
            .hint("Attach tables that hold the records of a source.")
            .into());
        }
        // SAFETY: the catalog's row of a relation that is open.
        let row = unsafe { &*relation.rd_rel };
        if row.relispartition {
            return Err(Error::new("42809", format!("{} is a partition", checked.name))
                .hint("Attach the partitioned table: statements on it run none of its partitions' triggers.")
                .into());
        }
        if row.relpersistence as u8 == pg_sys::RELPERSISTENCE_UNLOGGED {
            pgrx::warning!("{} is unlogged: after a crash it is empty, which is not seen: backfill then", checked.name);
        }
        Ok(checked)
    }

    fn open(relation: &PgRelation) -> Relation {
        let name = pgrx::spi::quote_qualified_identifier(relation.namespace(), relation.name());
        let described = relation.tuple_desc();
        let columns = described.iter().filter(|column| !column.is_dropped()).map(Column::of).collect();
        // SAFETY: the relation is open.
        let owner = unsafe { (*relation.rd_rel).relowner };
        Relation { oid: relation.oid(), owner, name, columns }
    }

    fn column(&self, name: &str) -> error::Result<String> {
        if self.columns.iter().any(|column| column.name == name) {
            return Ok(name.to_owned());
        }
        let error = Error::new("42703", format!("column \"{name}\" of {} does not exist", self.name));
        Err(error.perhaps(name, self.columns.iter().map(|column| column.name.as_str())).into())
    }
}

/// What the caller of `attach_source` gave.
pub struct Request<'a> {
    /// The system of all rows.
    pub system: Option<&'a str>,
    /// The column with the source id.
    pub id_column: &'a str,
    /// Attribute → column.
    pub columns: Option<&'a Value>,
    /// The entity type.
    pub entity_type: &'a str,
    /// The column with the event time.
    pub timestamp_column: Option<&'a str>,
    /// See `OPTIONS`.
    pub options: Option<&'a Value>,
}

/// Attaches a table: checks, triggers, configuration. Gives the attachment's id.
pub fn attach(relation: &Relation, request: &Request) -> error::Result<i64> {
    let attachment = as_owner(|| {
        let configuration = Configuration::current()?;
        let entity = configuration.entity(request.entity_type)?;
        let options = options(relation, request)?;
        if request.system.is_none() && options.get("system_column").is_none() {
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
            id_column: relation.column(request.id_column)?,
            columns: columns(relation, &entity.entity, request.columns)?,
            entity_type: request.entity_type.to_owned(),
            timestamp_column: request.timestamp_column.map(|name| relation.column(name)).transpose()?,
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
        store::end_lost()?;
        let id = store::put_attachment(&attachment)?;
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
    Ok(id)
}

/// Two tables may share a system as long as they share no ids.
fn warn_of_others(attachment: &Attachment) -> error::Result<()> {
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
pub fn detach(relation: &Relation) -> error::Result<()> {
    let triggers = triggers_of(relation)?;
    drop_triggers(relation, &triggers)?;
    let ended = as_owner(|| {
        let ended = store::end_lost()?;
        store::bump()?;
        Ok::<_, Failure>(ended)
    })?;
    // One that lost all its triggers says nothing of its attachment, which has its name.
    if triggers.is_empty() && !ended.contains(&relation.name) {
        return Err(not_attached(&relation.name));
    }
    Ok(())
}

/// The triggers of ours that a table has, and the attachment that each names.
fn triggers_of(relation: &Relation) -> error::Result<Vec<(String, i64)>> {
    as_owner(|| store::triggers_of(relation.oid))
}

fn drop_triggers(relation: &Relation, triggers: &[(String, i64)]) -> error::Result<()> {
    as_extension_owner(|| {
        for (name, _) in triggers {
            Spi::run(&format!("DROP TRIGGER {} ON {}", pgrx::spi::quote_identifier(name), relation.name))?;
        }
        Ok(())
    })
}

/// Whether an index keeps two rows from having one (system and) id.
fn is_unique(relation: &Relation, attachment: &Attachment) -> error::Result<bool> {
    let mut columns = vec![attachment.id_column.as_str()];
    columns.extend(attachment.options.get("system_column").and_then(Value::as_str));
    let sql = include_str!("../../sql/query/configuration/is_unique.sql");
    Ok(crate::store::query(sql, &[relation.oid.into(), columns.into()], |row| row.need(1))?.first() == Some(&true))
}

fn not_attached(name: &str) -> Failure {
    Error::new("55000", format!("{name} is not attached")).hint("Attach it with golden_record.attach_source.").into()
}

/// That a table may speak for the attachment that its triggers name. Of several that have them (one was copied, or restored
/// beside what it was) it is the one with the name that was attached.
fn check_speaks(relation: &Relation, attachment: &Attachment) -> error::Result<()> {
    if relation.name == attachment.relation || !as_owner(|| store::is_elsewhere(attachment.id, relation.oid))? {
        return Ok(());
    }
    let message = format!("{} and another table have the triggers of one attachment", relation.name);
    Err(Error::new("55000", message).hint("golden_record.detach_source takes them off the one that is a copy.").into())
}

fn options(relation: &Relation, request: &Request) -> error::Result<Value> {
    let given = match request.options {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(options)) => options.clone(),
        Some(_) => return Err(Error::invalid("options of attach_source is not a JSON object").into()),
    };
    for (key, value) in &given {
        if !OPTIONS.contains(&key.as_str()) {
            let error = Error::invalid(format!("unknown option \"{key}\" of attach_source"));
            let all = format!("Options are {}.", OPTIONS.join(", "));
            return Err(error.perhaps(key, OPTIONS).or_hint(all).into());
        }
        if key.ends_with("_column") {
            relation.column(value.as_str().unwrap_or_default())?;
        }
    }
    let options = Value::Object(given);
    attached_options(&SourceOptions::default(), &options)?;
    Ok(options)
}

/// Attribute → column, as given or by name: `phoneNumber` is the column `phonenumber` or `phone_number`.
fn columns(relation: &Relation, entity: &EntityType, given: Option<&Value>) -> error::Result<Map<String, Value>> {
    let mut columns = Map::new();
    match given {
        Some(Value::Object(given)) => {
            for (attribute, column) in given {
                let meant = |error: Error| error.or_hint("columns is an object of attributes with their columns.");
                entity.require(attribute).map_err(meant)?;
                let column = column
                    .as_str()
                    .ok_or_else(|| Error::invalid("columns is an object of attributes with their columns"))?;
                columns.insert(attribute.clone(), relation.column(column)?.into());
            }
        }
        Some(Value::Null) | None => {
            let plain = |name: &str| name.replace('_', "").to_lowercase();
            for attribute in &entity.attributes {
                let mut named = relation.columns.iter().map(|column| &column.name);
                if let Some(column) = named.find(|column| plain(column) == plain(&attribute.name)) {
                    columns.insert(attribute.name.clone(), column.clone().into());
                }
            }
        }
        Some(_) => return Err(Error::invalid("columns is not a JSON object").into()),
    }
    Ok(columns)
}

/// What a statement did to an attached table.
#[derive(Default)]
struct Changed {
    /// The names of rows as they were.
    before: Vec<Name>,
    /// Rows as they are.
    after: Vec<Read>,
    /// Records that are gone though no row says so.
    gone: Vec<RecordRef>,
}

/// Takes in what became of rows.
fn changed(
    attachment: &Arc<Attachment>,
    columns: &[Column],
    before: &[Cells],
    after: &[Cells],
    mut gone: Vec<RecordRef>,
) -> error::Result<()> {
    as_owner(|| {
        let (mut held, way) =
            writers(&attachment.entity_type, Cells::count(before).max(Cells::count(after)).max(gone.len()))?;
        let (configuration, vault) = (Configuration::current()?, vault::open()?);
        let entity = configuration.entity(&attachment.entity_type)?;
        let reader = Reader::new(attachment, &entity.entity, columns);
        let table = Table::new(&configuration, attachment, &entity, &vault);
        let after = reader.read(after, &table)?;
        if !gone.is_empty() {
            let names = after.iter().filter_map(|row| row.name.record());
            let present: BTreeSet<RecordRef> = names.map(|name| vault.known_as(name)).collect();
            gone.retain(|record| !present.contains(record));
        }
        let changed = Changed { before: reader.names(before)?, after, gone };
        let readings = table.prepare(rows(&reader, &table, changed))?;
        let (_, letters) = table.accept(&mut held, readings, Resolve::Now(way))?;
        table.reject(letters)?;
        Ok(())
    })
}

/// What a statement did, as rows to take in. Of rows with one name the last that is fit to be a record counts, each that is
/// not fit is refused, and the record that no fit row names is gone: it must not say what the table says no more.
fn rows(reader: &Reader, table: &Table, changed: Changed) -> Vec<Row> {
    let Changed { before, after, gone } = changed;
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
    let gone: BTreeSet<Name> = before.into_iter().chain(gone.iter().map(Name::of)).collect();
    let gone = gone.iter().filter(|name| !(fit.contains_key(name) || spared.contains(name)));
    let gone = gone.filter_map(|name| reader.gone(name, table));
    let mut rows: Vec<Row> = gone.map(|version| Row { ordinal: 0, version: Ok(version) }).collect();
    let order: Vec<usize> = fit.into_values().chain(refused).collect();
    let mut versions: Vec<_> = after.into_iter().map(|row| Some(row.version)).collect();
    rows.extend(order.into_iter().filter_map(|at| Some(Row { ordinal: at as i32 + 1, version: versions[at].take()? })));
    rows
}

fn attachment(id: i64) -> error::Result<Arc<Attachment>> {
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
        let gone = as_owner(|| record::of_attachment(id))?;
        // With ONLY the rows of tables that inherit from it stay.
        // SAFETY: the catalog's row of a relation that is open.
        let some_stay = overtaken || unsafe { (*opened.rd_rel).relhassubclass };
        let after = if some_stay { unhidden(|| all_of(&relation.name))? } else { vec![] };
        changed(&attachment, &relation.columns, &[], &after, gone)?;
    } else {
        let mut before = if event.fired_by_insert() { vec![] } else { all_of(OLD)? };
        let mut after = if event.fired_by_delete() { vec![] } else { all_of(NEW)? };
        if before.is_empty() && after.is_empty() {
            return Ok(());
        }
        // Where ids are not unique, another row may have the id of one that is gone.
        if overtaken || !(before.is_empty() || is_unique(&relation, &attachment)?) {
            let tables: &[&str] = match (before.is_empty(), after.is_empty()) {
                (false, false) => &[OLD, NEW],
                (false, true) => &[OLD],
                _ => &[NEW],
            };
            if let Some(sql) = overtaken::present(&relation, &attachment, tables) {
                before.append(&mut after);
                after = unhidden(|| found(trigger, &relation, &sql))?;
            }
        }
        changed(&attachment, &relation.columns, &before, &after, vec![])?;
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
