//! The configuration tables.

use super::{execute, query, run};
use crate::clock;
use crate::error::Result;
use golden_record_core::probabilistic::Model;
use golden_record_core::source::AttachOptions;
use pgrx::pg_sys;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The version of the configuration in force.
pub fn version() -> Result<i64> {
    let rows = query(include_str!("../../sql/query/configuration/version.sql"), &[], |row| row.need(1))?;
    Ok(rows.first().copied().unwrap_or(0))
}

/// Marks the configuration as changed, and keeps what it was.
pub fn bump() -> Result<()> {
    execute(include_str!("../../sql/query/configuration/bump.sql"), &[])?;
    execute(include_str!("../../sql/query/configuration/keep.sql"), &[clock::present().into()])
}

/// An entity type as configured: what is `None` is as shipped.
#[derive(Default)]
pub struct EntityRow {
    /// Its name.
    pub name: String,
    /// The definition.
    pub definition: Option<Value>,
    /// The policy.
    pub policy: Option<String>,
    /// Options of the policy.
    pub options: Option<Value>,
    /// Merge rules.
    pub merge_rules: Option<Value>,
    /// The model in force.
    pub model: Option<i64>,
}

impl EntityRow {
    /// A type of which nothing is configured.
    pub fn named(name: &str) -> EntityRow {
        EntityRow { name: name.to_owned(), ..EntityRow::default() }
    }
}

fn json(text: Option<&str>) -> Result<Option<Value>> {
    Ok(text.map(serde_json::from_str).transpose()?)
}

/// Every configured entity type.
pub fn entity_types() -> Result<Vec<EntityRow>> {
    query(include_str!("../../sql/query/configuration/entity_types.sql"), &[], |row| {
        Ok(EntityRow {
            name: row.need(1)?,
            definition: json(row.get(2)?)?,
            policy: row.get(3)?,
            options: json(row.get(4)?)?,
            merge_rules: json(row.get(5)?)?,
            model: row.get(6)?,
        })
    })
}

/// The attributes of a configured entity type whose values were ever shown as they are.
pub fn ever_open(entity_type: &str) -> Result<Vec<String>> {
    run(include_str!("../../sql/query/configuration/ever_open.sql"), &[entity_type.into()], |row| row.need(1))
}

/// A trained model; `Some(None)` when another version of the extension learnt it.
pub fn model(id: i64) -> Result<Option<Option<Model>>> {
    let sql = include_str!("../../sql/query/configuration/model.sql");
    let rows = query(sql, &[id.into()], |row| row.need::<String>(1))?;
    Ok(rows.first().map(|text| Model::read(text)).transpose()?)
}

/// Stores a trained model, which is never changed again, and gives its number.
pub fn put_model(entity_type: &str, model: &Model) -> Result<i64> {
    let text = serde_json::to_string(model)?;
    let rows = run(
        include_str!("../../sql/query/configuration/put_model.sql"),
        &[entity_type.into(), (model.records as i64).into(), text.into()],
        |row| row.need(1),
    )?;
    rows.first().copied().ok_or_else(|| crate::error::Failure::internal("a model was not stored"))
}

/// Puts a model in force, or with `None` the shipped weights.
pub fn use_model(entity_type: &str, model: Option<i64>) -> Result<()> {
    execute(include_str!("../../sql/query/configuration/use_model.sql"), &[entity_type.into(), model.into()])
}

/// The entity type that a model was trained for.
pub fn model_of(id: i64) -> Result<Option<String>> {
    let sql = include_str!("../../sql/query/configuration/model_of.sql");
    Ok(query(sql, &[id.into()], |row| row.need(1))?.into_iter().next())
}

/// (entity type, key, attribute) of every mapping.
pub fn mappings() -> Result<Vec<(String, String, String)>> {
    query(include_str!("../../sql/query/configuration/attribute_map.sql"), &[], |row| {
        Ok((row.need(1)?, row.need(2)?, row.need(3)?))
    })
}

/// (system, options) of every registered source.
pub fn sources() -> Result<Vec<(String, Value)>> {
    query(include_str!("../../sql/query/configuration/sources.sql"), &[], |row| {
        Ok((row.need(1)?, serde_json::from_str(row.need(2)?)?))
    })
}

/// The systems that are registered, attached or have records of an entity type.
pub fn systems(entity_type: &str) -> Result<Vec<String>> {
    query(include_str!("../../sql/query/configuration/systems.sql"), &[entity_type.into()], |row| row.need(1))
}

/// Sets parts of an entity type's configuration; `None` leaves a part as it is.
pub fn put_entity(row: &EntityRow) -> Result<()> {
    let text = |part: &Option<Value>| part.as_ref().map(Value::to_string);
    execute(
        include_str!("../../sql/query/configuration/put_entity.sql"),
        &[
            row.name.as_str().into(),
            text(&row.definition).into(),
            row.policy.as_deref().into(),
            text(&row.options).into(),
            text(&row.merge_rules).into(),
        ],
    )
}

/// Maps a payload's key to an attribute.
pub fn put_mapping(entity_type: &str, key: &str, attribute: &str) -> Result<()> {
    execute(
        include_str!("../../sql/query/configuration/put_mapping.sql"),
        &[entity_type.into(), key.into(), attribute.into()],
    )
}

/// Takes the mapping of a payload's key back; tells whether there was one.
pub fn drop_mapping(entity_type: &str, key: &str) -> Result<bool> {
    let sql = include_str!("../../sql/query/configuration/drop_mapping.sql");
    Ok(!run(sql, &[entity_type.into(), key.into()], |row| row.need::<bool>(1))?.is_empty())
}

/// Sets options of a source; those that are not named stay, and null takes one back.
pub fn put_source(system: &str, options: &Value) -> Result<()> {
    execute(include_str!("../../sql/query/configuration/put_source.sql"), &[system.into(), options.to_string().into()])
}

/// An attached table.
pub struct Attachment {
    /// Its id, the argument of the table's triggers; 0 before it is stored.
    pub id: i64,
    /// The table's name when it was attached; once it is detached, its name then.
    pub relation: String,
    /// The system of its records; `None` when a column says it.
    pub system: Option<String>,
    /// The column with the source id.
    pub id_column: String,
    /// Attribute → column; `None` for what no column says, whatever it is called.
    pub columns: BTreeMap<String, Option<String>>,
    /// The entity type of its records.
    pub entity_type: String,
    /// The column with the event time.
    pub timestamp_column: Option<String>,
    /// How its rows are read.
    pub options: AttachOptions,
}

/// Every attached table.
pub fn attachments() -> Result<Vec<Attachment>> {
    query(include_str!("../../sql/query/configuration/attachments.sql"), &[], |row| {
        let columns: Map<String, Value> = serde_json::from_str(row.need(5)?)?;
        let columns = columns.into_iter().map(|(name, column)| (name, column.as_str().map(str::to_owned)));
        Ok(Attachment {
            id: row.need(1)?,
            relation: row.need(2)?,
            system: row.get(3)?,
            id_column: row.need(4)?,
            columns: columns.collect(),
            entity_type: row.need(6)?,
            timestamp_column: row.get(7)?,
            options: AttachOptions::stored(&serde_json::from_str(row.need(8)?)?),
        })
    })
}

/// Stores an attachment, with its options as they were `given`, and gives its id.
pub fn put_attachment(attachment: &Attachment, given: &Value) -> Result<i64> {
    let rows = run(
        include_str!("../../sql/query/configuration/put_attachment.sql"),
        &[
            attachment.relation.as_str().into(),
            attachment.system.as_deref().into(),
            attachment.id_column.as_str().into(),
            serde_json::to_string(&attachment.columns)?.into(),
            attachment.entity_type.as_str().into(),
            attachment.timestamp_column.as_deref().into(),
            given.to_string().into(),
        ],
        |row| row.need(1),
    )?;
    rows.first().copied().ok_or_else(|| crate::error::Failure::internal("an attachment was not stored"))
}

/// The triggers of ours that a table has, and the attachment that each names.
pub fn triggers_of(table: pg_sys::Oid) -> Result<Vec<(String, i64)>> {
    let sql = include_str!("../../sql/query/configuration/triggers_of.sql");
    run(sql, &[table.into()], |row| Ok((row.need(1)?, row.need(2)?)))
}

/// Whether another table has triggers of an attachment too.
pub fn is_elsewhere(id: i64, table: pg_sys::Oid) -> Result<bool> {
    let sql = include_str!("../../sql/query/configuration/is_elsewhere.sql");
    Ok(run(sql, &[id.into(), table.into()], |row| row.need::<bool>(1))? == [true])
}

/// An attachment that has ended.
pub struct Ended {
    /// Its id.
    pub id: i64,
    /// The table's name when it was attached.
    pub relation: String,
    /// Whether another table is followed by that name.
    pub taken: bool,
}

/// Ends the attachments of tables that were dropped, or have lost all their triggers.
pub fn end_lost() -> Result<Vec<Ended>> {
    run(include_str!("../../sql/query/configuration/end_lost.sql"), &[], |row| {
        Ok(Ended { id: row.need(1)?, relation: row.need(2)?, taken: row.need(3)? })
    })
}

/// Has attachments that have ended, and the dead letters of their rows, go by the name that their table has now.
pub fn rename(ids: Vec<i64>, relation: &str) -> Result<()> {
    execute(include_str!("../../sql/query/configuration/rename.sql"), &[ids.into(), relation.into()])
}

/// Which of some attachments have a table that is followed still.
pub fn followed(ids: Vec<i64>) -> Result<Vec<i64>> {
    run(include_str!("../../sql/query/configuration/followed.sql"), &[ids.into()], |row| row.need(1))
}
