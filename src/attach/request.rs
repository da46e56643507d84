//! What the caller of `attach_source` gave.

use super::Relation;
use crate::configuration::attached_options;
use crate::error::Result;
use golden_record_core::entity::EntityType;
use golden_record_core::error::Error;
use golden_record_core::source::SourceOptions;
use serde_json::{Map, Value};

const OPTIONS: [&str; 7] =
    ["system_column", "priority_column", "region_column", "deleted_column", "time_zone", "region", "date_order"];

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

pub(super) fn options(relation: &Relation, request: &Request) -> Result<Value> {
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
pub(super) fn columns(relation: &Relation, entity: &EntityType, given: Option<&Value>) -> Result<Map<String, Value>> {
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
