//! What the caller of `attach_source` gave.

use super::Relation;
use crate::configuration::Entity;
use crate::error::Result;
use golden_record_core::error::Error;
use golden_record_core::source::AttachOptions;
use serde_json::Value;
use std::collections::BTreeMap;

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
    /// See [`AttachOptions`].
    pub options: Option<&'a Value>,
}

/// How the rows are to be read, by columns that the table has.
pub(super) fn options(relation: &Relation, request: &Request) -> Result<AttachOptions> {
    let options = AttachOptions::parse(request.options.unwrap_or(&Value::Null))?;
    options.columns().try_for_each(|name| relation.column(name).map(drop))?;
    options.system_column.iter().try_for_each(|name| relation.name_column(name).map(drop))?;
    Ok(options)
}

/// Attribute → column, as given or by name: `phoneNumber` is the column `phonenumber` or `phone_number`. Who gives columns means
/// these: of what else there is now, by attributes and mapped keys, no column says anything.
pub(super) fn columns(
    relation: &Relation,
    Entity { entity, mapping, .. }: &Entity,
    given: Option<&Value>,
) -> Result<BTreeMap<String, Option<String>>> {
    let mut columns = BTreeMap::new();
    match given {
        Some(Value::Object(given)) => {
            for (attribute, column) in given {
                let meant = |error: Error| error.or_hint("columns is an object of attributes with their columns.");
                entity.require(attribute).map_err(meant)?;
                let column = column
                    .as_str()
                    .ok_or_else(|| Error::invalid("columns is an object of attributes with their columns"))?;
                columns.insert(attribute.clone(), Some(relation.column(column)?));
            }
            for name in entity.attributes.iter().map(|attribute| &attribute.name).chain(mapping.keys()) {
                columns.entry(name.clone()).or_insert(None);
            }
        }
        Some(Value::Null) | None => {
            let plain = |name: &str| name.replace('_', "").to_lowercase();
            for attribute in &entity.attributes {
                let mut named = relation.columns.iter().map(|column| &column.name);
                if let Some(column) = named.find(|column| plain(column) == plain(&attribute.name)) {
                    columns.insert(attribute.name.clone(), Some(column.clone()));
                }
            }
        }
        Some(_) => return Err(Error::invalid("columns is not a JSON object").into()),
    }
    Ok(columns)
}
