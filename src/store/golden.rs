//! Golden records, their values and the records they were issued for.

use super::{execute, query, run, Row};
use crate::error::Result;
use golden_record_core::value::Value;
use pgrx::datum::Uuid;
use std::collections::BTreeMap;

/// A golden id as it is stored, with its values.
pub struct Stored {
    /// The id.
    pub id: Uuid,
    /// Order of issue: the smaller is the older.
    pub seq: i64,
    /// False once it is retired or redirected.
    pub live: bool,
    /// The id it redirects to.
    pub merged_into: Option<Uuid>,
    /// Masked values by attribute.
    pub attributes: serde_json::Value,
    /// Lineage by attribute.
    pub lineage: serde_json::Value,
    /// The record rows it was issued for.
    pub founders: Vec<i64>,
    /// Values by attribute.
    pub values: BTreeMap<String, Value>,
    /// How many source records it has.
    pub records: i32,
    /// Their systems.
    pub systems: Vec<String>,
    /// By attribute, the system and region its value is kept under.
    pub scopes: BTreeMap<String, (String, String)>,
}

fn stored(row: &Row) -> Result<Stored> {
    Ok(Stored {
        id: row.need(1)?,
        seq: row.need(2)?,
        live: row.need(3)?,
        merged_into: row.get(4)?,
        attributes: serde_json::from_str(row.need(5)?)?,
        lineage: serde_json::from_str(row.need(6)?)?,
        founders: row.get(7)?.unwrap_or_default(),
        values: match row.get::<&str>(8)? {
            Some(values) => read_values(values)?,
            None => BTreeMap::new(),
        },
        records: row.need(9)?,
        systems: row.need(10)?,
        scopes: match row.get::<&str>(11)? {
            Some(scopes) => serde_json::from_str(scopes)?,
            None => BTreeMap::new(),
        },
    })
}

/// Values by attribute. One that somebody damaged is read as one that cannot be right, so that `verify` names it and
/// `rebuild` mends it.
fn read_values(text: &str) -> Result<BTreeMap<String, Value>> {
    let values: BTreeMap<String, serde_json::Value> = serde_json::from_str(text)?;
    let read = |value: serde_json::Value| serde_json::from_value(value).unwrap_or_else(|_| Value::same(String::new()));
    Ok(values.into_iter().map(|(name, value)| (name, read(value))).collect())
}

/// The golden ids in `ids`, and those issued for any of `records`.
pub fn involved(ids: Vec<Uuid>, records: Vec<i64>) -> Result<Vec<Stored>> {
    run(include_str!("../../sql/query/golden/involved.sql"), &[ids.into(), records.into()], stored)
}

/// Every golden id of an entity type.
pub fn of_entity(entity_type: &str) -> Result<Vec<Stored>> {
    query(include_str!("../../sql/query/golden/of_entity.sql"), &[entity_type.into()], stored)
}

/// Which of some ids were ever issued.
pub fn issued(ids: Vec<Uuid>) -> Result<Vec<Uuid>> {
    run(include_str!("../../sql/query/golden/issued.sql"), &[ids.into()], |row| row.need(1))
}

/// A golden record as it is to be stored.
pub struct Content {
    /// The id.
    pub id: Uuid,
    /// How many source records it has.
    pub records: i32,
    /// Their systems, sorted.
    pub systems: Vec<String>,
    /// Masked values by attribute.
    pub attributes: serde_json::Value,
    /// Lineage by attribute.
    pub lineage: serde_json::Value,
    /// Values by attribute, in groups by system and region of the record that won.
    pub values: BTreeMap<(String, String), BTreeMap<String, Value>>,
}

/// Writes golden records: rows of new ids, or new content of old ones.
pub fn put(entity_type: &str, contents: &[Content], new: bool) -> Result<()> {
    if contents.is_empty() {
        return Ok(());
    }
    let json = |value: &serde_json::Value| value.to_string();
    let ids: Vec<Uuid> = contents.iter().map(|content| content.id).collect();
    let records: Vec<i32> = contents.iter().map(|content| content.records).collect();
    let systems: Vec<String> = contents.iter().map(|content| json(&content.systems.clone().into())).collect();
    let attributes: Vec<String> = contents.iter().map(|content| json(&content.attributes)).collect();
    let lineage: Vec<String> = contents.iter().map(|content| json(&content.lineage)).collect();
    if new {
        execute(
            include_str!("../../sql/query/golden/insert.sql"),
            &[entity_type.into(), ids.into(), records.into(), systems.into(), attributes.into(), lineage.into()],
        )?;
    } else {
        execute(
            include_str!("../../sql/query/golden/update.sql"),
            &[ids.clone().into(), records.into(), systems.into(), attributes.into(), lineage.into()],
        )?;
        drop_values(ids)?;
    }
    let (mut owners, mut value_systems, mut regions, mut values) = (vec![], vec![], vec![], vec![]);
    for content in contents {
        for ((system, region), group) in &content.values {
            owners.push(content.id);
            value_systems.push(system.as_str());
            regions.push(region.as_str());
            values.push(serde_json::to_string(group)?);
        }
    }
    execute(
        include_str!("../../sql/query/golden/put_values.sql"),
        &[owners.into(), value_systems.into(), regions.into(), values.into()],
    )
}

fn drop_values(ids: Vec<Uuid>) -> Result<()> {
    execute(include_str!("../../sql/query/golden/drop_values.sql"), &[ids.into()])
}

/// Retires golden ids: (id, the id it redirects to).
pub fn retire(rows: &[(Uuid, Option<Uuid>)]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.0).collect();
    let into: Vec<Option<Uuid>> = rows.iter().map(|row| row.1).collect();
    execute(include_str!("../../sql/query/golden/retire.sql"), &[ids.clone().into(), into.into()])?;
    drop_values(ids)
}

/// Remembers the records that new ids were issued for.
pub fn put_founders(rows: &[(Uuid, i64)]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.0).collect();
    let records: Vec<i64> = rows.iter().map(|row| row.1).collect();
    execute(include_str!("../../sql/query/golden/put_founders.sql"), &[ids.into(), records.into()])
}

/// The entity type of a living golden record.
pub fn entity_type(id: Uuid) -> Result<Option<String>> {
    let types = run(include_str!("../../sql/query/golden/entity_type.sql"), &[id.into()], |row| row.need(1))?;
    Ok(types.into_iter().next())
}

/// The golden records with a member that holds any of some keys, and the words of the keys that hit.
pub fn holding(keys: Vec<i64>, words: Vec<&str>) -> Result<Vec<(Uuid, Vec<String>)>> {
    query(include_str!("../../sql/query/serve/holding.sql"), &[keys.into(), words.into()], |row| {
        Ok((row.need(1)?, row.need(2)?))
    })
}
