//! Configuration: entity types, mappings, merge rules, policies and sources.

use super::need;
use crate::configuration::change::{self, Caller};
use crate::jsonb::Document;
use crate::model;
use crate::owner::as_owner;
use crate::rebuild::rebuild as rebuild_all;
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;
use serde_json::Value;

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn define_entity(entity_type: Option<&str>, definition: Option<Document>) -> std::result::Result<(), ErrorReport> {
    let (entity_type, definition) = (need(entity_type, "entity_type")?, need(definition, "definition")?.0);
    let caller = Caller::of("define_entity")?;
    Ok(as_owner(|| change::define_entity(entity_type, &definition, &caller))?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn map_attribute(
    entity_type: Option<&str>,
    key: Option<&str>,
    attribute: Option<&str>,
) -> std::result::Result<(), ErrorReport> {
    let (entity_type, key) = (need(entity_type, "entity_type")?, need(key, "key")?);
    let caller = Caller::of("map_attribute")?;
    Ok(as_owner(|| change::map_attribute(entity_type, key, attribute, &caller))?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn set_merge_rules(entity_type: Option<&str>, rules: Option<Document>) -> std::result::Result<(), ErrorReport> {
    let (entity_type, rules) = (need(entity_type, "entity_type")?, need(rules, "rules")?.0);
    Ok(as_owner(|| change::set_merge_rules(entity_type, &rules))?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn set_policy(
    entity_type: Option<&str>,
    policy: Option<&str>,
    options: default!(Option<Document>, "NULL"),
) -> std::result::Result<(), ErrorReport> {
    let (entity_type, policy) = (need(entity_type, "entity_type")?, need(policy, "policy")?);
    Ok(as_owner(|| change::set_policy(entity_type, policy, options.map(|options| options.0)))?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn train(entity_type: Option<&str>) -> std::result::Result<i64, ErrorReport> {
    let entity_type = need(entity_type, "entity_type")?;
    Ok(as_owner(|| model::train(entity_type))?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn use_model(entity_type: Option<&str>, model: Option<i64>) -> std::result::Result<(), ErrorReport> {
    let entity_type = need(entity_type, "entity_type")?;
    Ok(as_owner(|| change::use_model(entity_type, model))?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn register_source(system_name: Option<&str>, options: Option<Document>) -> std::result::Result<(), ErrorReport> {
    let (system_name, options) = (need(system_name, "system_name")?, need(options, "options")?.0);
    Ok(as_owner(|| change::register_source(system_name, &options))?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn rebuild(entity_type: default!(Option<&str>, "'CUSTOMER'")) -> std::result::Result<i64, ErrorReport> {
    let entity_type = need(entity_type, "entity_type")?;
    Ok(as_owner(|| rebuild_all(entity_type, "rebuild", Value::Null))?)
}
