//! Attached tables: the warehouse's own rows as source records, by statement triggers with transition tables.
//!
//! A COPY of any number of rows is one call. Rows are read and turned to JSON as the table's owner under
//! SECURITY_RESTRICTED_OPERATION, so that casts and types of the table never run as ours; what is ours runs as
//! golden_record_owner.

use crate::configuration::Configuration;
use crate::error::{self, Failure};
use crate::ingest::{accept_rows, now, Row};
use crate::owner::{as_extension_owner, as_owner, as_relation_owner};
use crate::store::configuration::{self as store, Attachment};
use crate::store::record;
use golden_record_core::entity::EntityType;
use golden_record_core::error::{nearest, Error};
use golden_record_core::kind::Kind;
use golden_record_core::source::SourceOptions;
use golden_record_core::value::rfc3339;
use pgrx::prelude::*;
use pgrx::{pg_sys, PgRelation, Spi, WhoAllocated};
use serde_json::{json, Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Rows taken in one pass by `backfill`.
const BATCH: i64 = 20_000;
const OPTIONS: [&str; 7] =
    ["system_column", "priority_column", "region_column", "deleted_column", "time_zone", "region", "date_order"];

/// A user's table.
pub struct Relation {
    oid: pg_sys::Oid,
    owner: pg_sys::Oid,
    /// Qualified and quoted.
    name: String,
    columns: BTreeSet<String>,
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

    fn open(relation: &PgRelation) -> Relation {
        let name = pgrx::spi::quote_qualified_identifier(relation.namespace(), relation.name());
        let described = relation.tuple_desc();
        let columns = described.iter().filter(|column| !column.is_dropped()).map(|column| column.name().to_owned());
        let columns = columns.collect();
        // SAFETY: the relation is open.
        let owner = unsafe { (*relation.rd_rel).relowner };
        Relation { oid: relation.oid(), owner, name, columns }
    }

    fn column(&self, name: &str) -> error::Result<String> {
        if self.columns.contains(name) {
            return Ok(name.to_owned());
        }
        let error = Error::new("42703", format!("column \"{name}\" of {} does not exist", self.name));
        Err(match nearest(name, self.columns.iter().map(String::as_str)) {
            Some(known) => error.hint(format!("Perhaps you meant \"{known}\".")),
            None => error,
        }
        .into())
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
    if attachment_of(relation.oid)?.is_some() {
        return Err(Error::new("42710", format!("{} is attached already", relation.name))
            .hint("Detach it first with golden_record.detach_source.")
            .into());
    }
    let id = as_owner(|| {
        let id = store::put_attachment(&attachment)?;
        store::bump()?;
        Ok(id)
    })?;
    as_extension_owner(|| {
        for (event, tables) in [
            ("insert", "REFERENCING NEW TABLE AS golden_new"),
            ("update", "REFERENCING OLD TABLE AS golden_old NEW TABLE AS golden_new"),
            ("delete", "REFERENCING OLD TABLE AS golden_old"),
            ("truncate", ""),
        ] {
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

/// Follows the table no more. Its records stay as they are.
pub fn detach(relation: &Relation) -> error::Result<()> {
    let id = attachment_of(relation.oid)?.ok_or_else(|| not_attached(&relation.name))?;
    as_extension_owner(|| {
        for event in ["insert", "update", "delete", "truncate"] {
            Spi::run(&format!("DROP TRIGGER golden_record_{event} ON {}", relation.name))?;
        }
        Ok(())
    })?;
    as_owner(|| {
        store::drop_attachment(id)?;
        store::bump()
    })
}

fn not_attached(name: &str) -> Failure {
    Error::new("55000", format!("{name} is not attached")).hint("Attach it with golden_record.attach_source.").into()
}

/// The attachment that a table's triggers name.
fn attachment_of(relation: pg_sys::Oid) -> error::Result<Option<i64>> {
    let ids =
        crate::store::query(include_str!("../sql/query/configuration/attachment_of.sql"), &[relation.into()], |row| {
            row.need::<i64>(1)
        })?;
    Ok(ids.into_iter().next())
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
            return Err(match nearest(key, OPTIONS) {
                Some(known) => error.hint(format!("Perhaps you meant \"{known}\".")),
                None => error.hint(format!("Options are {}.", OPTIONS.join(", "))),
            }
            .into());
        }
        if key.ends_with("_column") {
            relation.column(value.as_str().unwrap_or_default())?;
        }
    }
    let options = Value::Object(given);
    source_options(&SourceOptions::default(), &options)?;
    Ok(options)
}

/// The options of the source with what the attachment adds.
fn source_options(registered: &SourceOptions, options: &Value) -> error::Result<SourceOptions> {
    let mut added = Map::new();
    for key in ["time_zone", "region", "date_order"] {
        added.extend(options.get(key).map(|value| (key.to_owned(), value.clone())));
    }
    let added = SourceOptions::parse(&Value::Object(added))?;
    let mut merged = registered.clone();
    merged.time_zone = added.time_zone.or(merged.time_zone);
    merged.region = added.region.or(merged.region);
    merged.date_order = added.date_order.or(merged.date_order);
    Ok(merged)
}

/// Attribute → column, as given or by name: `phoneNumber` is the column `phonenumber` or `phone_number`.
fn columns(relation: &Relation, entity: &EntityType, given: Option<&Value>) -> error::Result<Map<String, Value>> {
    let mut columns = Map::new();
    match given {
        Some(Value::Object(given)) => {
            for (attribute, column) in given {
                if entity.attribute(attribute).is_none() {
                    let error = Error::new("42704", format!("{} has no attribute \"{attribute}\"", entity.name));
                    let names = entity.attributes.iter().map(|known| known.name.as_str());
                    return Err(match nearest(attribute, names) {
                        Some(known) => error.hint(format!("Perhaps you meant \"{known}\".")),
                        None => error.hint("columns is an object of attribute → column."),
                    }
                    .into());
                }
                let column =
                    column.as_str().ok_or_else(|| Error::invalid("columns is an object of attribute → column"))?;
                columns.insert(attribute.clone(), relation.column(column)?.into());
            }
        }
        Some(Value::Null) | None => {
            let plain = |name: &str| name.replace('_', "").to_lowercase();
            for attribute in &entity.attributes {
                if let Some(column) = relation.columns.iter().find(|column| plain(column) == plain(&attribute.name)) {
                    columns.insert(attribute.name.clone(), column.clone().into());
                }
            }
        }
        Some(_) => return Err(Error::invalid("columns is not a JSON object").into()),
    }
    Ok(columns)
}

/// Turns rows of an attached table into records of the guide's shape.
struct Reader<'a> {
    attachment: &'a Attachment,
    entity: &'a EntityType,
    /// Of records whose table has no timestamp column.
    now: String,
}

impl Reader<'_> {
    fn option(&self, name: &str) -> Option<&str> {
        self.attachment.options.get(name).and_then(Value::as_str)
    }

    /// (system, id) of a row, as far as it has them.
    fn name(&self, row: &Map<String, Value>) -> (Value, Value) {
        let system = match self.option("system_column") {
            Some(column) => row.get(column).cloned().unwrap_or_default(),
            None => self.attachment.system.clone().into(),
        };
        (system, row.get(&self.attachment.id_column).cloned().unwrap_or_default())
    }

    fn record(&self, mut row: Map<String, Value>) -> Value {
        let (system, id) = self.name(&row);
        row.remove(&self.attachment.id_column);
        let mut take = |option: &str| self.option(option).and_then(|column| row.remove(column));
        take("system_column");
        let priority = take("priority_column").filter(|value| !value.is_null());
        let region = take("region_column").filter(|value| !value.is_null());
        let deleted = take("deleted_column").is_some_and(|value| match value {
            Value::Null | Value::Bool(false) => false,
            Value::String(text) => !matches!(text.to_lowercase().as_str(), "" | "f" | "false" | "n" | "no" | "0"),
            Value::Number(number) => number.to_string() != "0",
            _ => true,
        });
        let timestamp = match &self.attachment.timestamp_column {
            Some(column) => row.remove(column).unwrap_or_default(),
            None => self.now.clone().into(),
        };
        let mut attributes = Map::new();
        for (attribute, column) in &self.attachment.columns {
            let value = column.as_str().and_then(|column| row.get(column)).cloned();
            attributes.insert(attribute.clone(), value.unwrap_or_default());
        }
        if let (Some(region), Some(country)) = (region, self.entity.of_kind(Kind::Country).next()) {
            attributes.entry(country.name.clone()).or_insert(region);
        }
        for column in self.attachment.columns.values().filter_map(Value::as_str) {
            row.remove(column);
        }
        for (column, value) in row {
            attributes.entry(column).or_insert(value);
        }
        let mut record = json!({
            "entityType": self.entity.name,
            "externalSystemIds": [{"systemName": system, "id": id}],
            "attributes": attributes,
            "timestamp": timestamp,
        });
        if let Some(priority) = priority {
            record["sourcePriority"] = priority;
        }
        if deleted {
            record["deleted"] = true.into();
        }
        record
    }

    fn gone(&self, (system, id): (Value, Value)) -> Value {
        json!({
            "entityType": self.entity.name,
            "externalSystemIds": [{"systemName": system, "id": id}],
            "timestamp": self.now,
            "deleted": true,
        })
    }
}

fn rows(texts: &[String]) -> error::Result<Vec<Map<String, Value>>> {
    Ok(texts.iter().map(|text| serde_json::from_str(text)).collect::<Result<_, _>>()?)
}

/// Takes in what became of some rows: `before` as they were, `after` as they are.
fn changed(attachment: &Arc<Attachment>, before: &[String], after: &[String], all_gone: bool) -> error::Result<()> {
    as_owner(|| {
        let configuration = Configuration::current()?;
        let entity = configuration.entity(&attachment.entity_type)?;
        let reader = Reader { attachment, entity: &entity.entity, now: rfc3339(now()) };
        let mut records = BTreeMap::new();
        for row in rows(before)? {
            let name = reader.name(&row);
            records.insert(format!("{}/{}", name.0, name.1), reader.gone(name));
        }
        if all_gone {
            for name in record::of_attachment(attachment.id)? {
                let name = (name.system.into(), name.id.into());
                records.insert(format!("{}/{}", name.0, name.1), reader.gone(name));
            }
        }
        let mut unnamed = Vec::new();
        for row in rows(after)? {
            let name = reader.name(&row);
            let record = reader.record(row);
            if name.1.is_null() {
                unnamed.push(record);
            } else {
                records.insert(format!("{}/{}", name.0, name.1), record);
            }
        }
        let records: Vec<Row> = records
            .into_values()
            .chain(unnamed)
            .zip(1..)
            .map(|(record, ordinal)| Row { ordinal, record: record.to_string() })
            .collect();
        take(&configuration, attachment, records)
    })
}

fn take(configuration: &Configuration, attachment: &Attachment, records: Vec<Row>) -> error::Result<()> {
    let mut options = BTreeMap::new();
    for system in configuration.systems().map(str::to_owned).chain(attachment.system.clone()) {
        let merged = source_options(&configuration.source(&system), &attachment.options)?;
        options.insert(system, Arc::new(merged));
    }
    let other = Arc::new(source_options(&SourceOptions::default(), &attachment.options)?);
    let source = |system: &str| Arc::clone(options.get(system).unwrap_or(&other));
    accept_rows(configuration, attachment, records, &source)
}

fn attachment(id: i64) -> error::Result<Arc<Attachment>> {
    as_owner(|| {
        let configuration = Configuration::current()?;
        let found = configuration.attachments.get(&id).cloned();
        found.ok_or_else(|| {
            Error::new("55000", "the table's triggers belong to an attachment that does not exist")
                .hint("Drop the triggers golden_record_* of the table and attach it again.")
                .into()
        })
    })
}

/// The rows of a transition table as JSON, read as the table's owner.
fn transition(trigger: &PgTrigger, relation: &Relation, table: &str) -> error::Result<Vec<String>> {
    as_relation_owner(relation.owner, || {
        Spi::connect(|client| {
            // SAFETY: the trigger data of the call that runs now, registered with this SPI connection only.
            let status =
                unsafe { pg_sys::SPI_register_trigger_data(std::ptr::from_ref(trigger.trigger_data()).cast_mut()) };
            Spi::check_status(status)?;
            let sql = format!("SELECT pg_catalog.row_to_json(r)::text FROM {table} AS r");
            let mut texts = Vec::new();
            for row in client.select(sql.as_str(), None, &[])? {
                texts.extend(row.get::<String>(1)?);
            }
            Ok(texts)
        })
    })
}

fn follow(trigger: &PgTrigger) -> error::Result<()> {
    let arguments = trigger.extra_args().map_err(|_| Failure::internal("trigger arguments cannot be read"))?;
    let id = arguments.first().and_then(|id| id.parse().ok()).ok_or_else(|| {
        Error::new("39P01", "attached_change is the trigger of golden_record.attach_source")
            .hint("Do not create it by hand.")
    })?;
    let attachment = attachment(id)?;
    let opened = trigger.relation().map_err(|_| Failure::internal("the trigger's table cannot be opened"))?;
    let relation = Relation::open(&opened);
    let event = trigger.event();
    if event.fired_by_truncate() {
        return changed(&attachment, &[], &[], true);
    }
    let before = if event.fired_by_insert() { vec![] } else { transition(trigger, &relation, "golden_old")? };
    let after = if event.fired_by_delete() { vec![] } else { transition(trigger, &relation, "golden_new")? };
    if before.is_empty() && after.is_empty() {
        return Ok(());
    }
    changed(&attachment, &before, &after, false)
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

/// Makes the source's records exactly the table's rows; gives their number. Writers of the table wait meanwhile.
pub fn backfill(relation: &Relation) -> error::Result<i64> {
    let id = attachment_of(relation.oid)?.ok_or_else(|| not_attached(&relation.name))?;
    let attachment = attachment(id)?;
    let cursor = as_relation_owner(relation.owner, || {
        Spi::run(&format!("LOCK TABLE {} IN SHARE MODE", relation.name))?;
        Spi::connect(|client| {
            let sql = format!("SELECT pg_catalog.row_to_json(r)::text FROM {} AS r", relation.name);
            Ok(client.try_open_cursor(sql.as_str(), &[])?.detach_into_name())
        })
    })?;
    let mut left: BTreeSet<_> = as_owner(|| record::of_attachment(id))?.into_iter().collect();
    let mut count = 0;
    loop {
        let texts: Vec<String> = as_relation_owner(relation.owner, || {
            Spi::connect(|client| {
                let mut found = client.find_cursor(&cursor)?;
                let mut texts = Vec::new();
                for row in found.fetch(BATCH)? {
                    texts.extend(row.get::<String>(1)?);
                }
                if !texts.is_empty() {
                    found.detach_into_name();
                }
                Ok(texts)
            })
        })?;
        if texts.is_empty() {
            break;
        }
        count += texts.len() as i64;
        for row in rows(&texts)? {
            let reader = Reader { attachment: &attachment, entity: &EntityType::customer(), now: String::new() };
            let (system, id) = reader.name(&row);
            let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            left.remove(&golden_record_core::record::RecordRef::new(text(system), text(id)));
        }
        changed(&attachment, &[], &texts, false)?;
    }
    if !left.is_empty() {
        as_owner(|| {
            let configuration = Configuration::current()?;
            let entity = configuration.entity(&attachment.entity_type)?;
            let now = rfc3339(now());
            let reader = Reader { attachment: &attachment, entity: &entity.entity, now };
            let gone = left.into_iter().map(|name| reader.gone((name.system.into(), name.id.into())));
            let rows = gone.zip(1..).map(|(record, ordinal)| Row { ordinal, record: record.to_string() }).collect();
            take(&configuration, &attachment, rows)
        })?;
    }
    Ok(count)
}
