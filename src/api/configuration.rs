//! Configuration: entity types, mappings, merge rules, policies and sources. Every change takes effect on what is
//! stored before the call returns.

use super::need;
use crate::access::{Entry, Outcome};
use crate::clearance;
use crate::configuration::{Configuration, Entity};
use crate::error::{Failure, Result};
use crate::isolation;
use crate::jsonb::Document;
use crate::lock;
use crate::model;
use crate::owner::{as_owner, as_reader};
use crate::rebuild::rebuild as rebuild_all;
use crate::rebuild::resurvive;
use crate::store::configuration::{self as store, EntityRow};
use golden_record_core::entity::{Attribute, EntityType, Options, Policy};
use golden_record_core::error::{nearest, Error};
use golden_record_core::kind::Pii;
use golden_record_core::payload::refused_system;
use golden_record_core::source::SourceOptions;
use golden_record_core::survive::Rules;
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;
use std::sync::Arc;

/// The longest key of a payload that can be mapped, in bytes: what an index holds together with a type's name.
const LONGEST_KEY: usize = 1_000;

/// Changes the configuration alone among writers, and brings what is stored up to date.
fn change(entity_type: &str, action: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    set(entity_type, work)?;
    rebuild_all(entity_type, action, None)?;
    Ok(())
}

fn set(entity_type: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    lock::entity_exclusive(entity_type);
    isolation::check_entity(entity_type)?;
    work()?;
    store::bump()
}

fn unchanged(name: &str) -> EntityRow {
    EntityRow { name: name.to_owned(), definition: None, policy: None, options: None, merge_rules: None, model: None }
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn define_entity(entity_type: &str, definition: Document) -> std::result::Result<(), ErrorReport> {
    let given = EntityType::parse_definition(entity_type, &definition.0).map_err(Failure::from)?;
    if let Some(known) = defined(entity_type)? {
        for Attribute { name, pii, .. } in &given.attributes {
            declassify("define_entity", name, known.entity.attribute(name).map(|known| known.pii), *pii)?;
        }
    }
    as_owner(|| {
        change(entity_type, "define_entity", || {
            // Attributes of an existing type stay; those given are added or changed.
            let configuration = Configuration::current()?;
            let merged = if configuration.knows(entity_type) {
                let mut merged = configuration.entity(entity_type)?.entity.clone();
                for attribute in given.attributes {
                    match merged.attributes.iter_mut().find(|known| known.name == attribute.name) {
                        Some(known) => *known = attribute,
                        None => merged.attributes.push(attribute),
                    }
                }
                merged
            } else {
                given
            };
            store::put_entity(&EntityRow { definition: Some(merged.to_definition()), ..unchanged(entity_type) })
        })
    })?;
    Ok(())
}

/// Who shows readers more of what an attribute or a key says than they see now reads it himself: `from` is the class that it has,
/// `None` where it waits among the raw attributes, `to` the class that it gets. For members of `golden_record_pii` and superusers,
/// who can read the key, and on record, also where it is rolled back. What waits is for administrators too, on record as well.
/// Errors: `42501`.
fn declassify(action: &str, name: &str, from: Option<Pii>, to: Pii) -> Result<()> {
    // SAFETY: a look at the current user.
    let cleared = clearance::is_member() || unsafe { pg_sys::superuser() };
    let may = match from {
        Some(from) if to < from => cleared,
        None if to < Pii::Encrypt && !cleared => true,
        _ => return Ok(()),
    };
    let outcome = if may { Outcome::Granted } else { Outcome::Refused };
    Entry::of_caller(action, outcome)?.about(None, Some(name)).record()?;
    if may {
        return Ok(());
    }
    let error = Error::new("42501", format!("\"{name}\" would be shown to more readers than it is"));
    Err(error.hint("To lower its class takes a member of golden_record_pii.").into())
}

/// The entity type of that name, where it is defined.
fn defined(entity_type: &str) -> Result<Option<Arc<Entity>>> {
    as_reader(|| {
        let configuration = Configuration::current()?;
        configuration.knows(entity_type).then(|| configuration.entity(entity_type)).transpose()
    })
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn map_attribute(
    entity_type: Option<&str>,
    key: Option<&str>,
    attribute: Option<&str>,
) -> std::result::Result<(), ErrorReport> {
    let (entity_type, key) = (need(entity_type, "entity_type")?, need(key, "key")?);
    if let Some(known) = defined(entity_type)? {
        let class = |name: &str| known.entity.attribute(name).map(|attribute| attribute.pii);
        if let Some(to) = attribute.and_then(class) {
            declassify("map_attribute", key, known.mapping.get(key).and_then(|name| class(name)), to)?;
        }
    }
    as_owner(|| {
        change(entity_type, "map_attribute", || {
            let entity = Configuration::current()?.entity(entity_type)?;
            let Some(attribute) = attribute else {
                return if store::drop_mapping(entity_type, key)? {
                    Ok(())
                } else {
                    Err(Error::new("42704", format!("key \"{key}\" of {entity_type} is not mapped")).into())
                };
            };
            let names = || entity.entity.attributes.iter().map(|known| known.name.as_str());
            if !names().any(|name| name == attribute) {
                let error = Error::new("42704", format!("{entity_type} has no attribute \"{attribute}\""));
                let error = error.perhaps(attribute, names());
                return Err(error.or_hint("Add it with golden_record.define_entity.").into());
            }
            if key.len() > LONGEST_KEY {
                return Err(Error::invalid(format!("key is longer than {LONGEST_KEY} bytes")).into());
            }
            if names().any(|name| name == key) {
                return Err(Error::invalid(format!("\"{key}\" is an attribute of {entity_type}"))
                    .hint("An attribute's own name cannot be mapped to another.")
                    .into());
            }
            store::put_mapping(entity_type, key, attribute)
        })
    })?;
    Ok(())
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn set_merge_rules(entity_type: Option<&str>, rules: Option<Document>) -> std::result::Result<(), ErrorReport> {
    as_owner(|| {
        let (entity_type, rules) = (need(entity_type, "entity_type")?, need(rules, "rules")?);
        set(entity_type, || {
            let entity = Configuration::current()?.entity(entity_type)?;
            let rules = Rules::parse(&rules.0, &entity.entity)?;
            misspelt(entity_type, &rules)?;
            store::put_entity(&EntityRow { merge_rules: Some(rules.to_json()), ..unchanged(entity_type) })
        })?;
        resurvive(entity_type, "set_merge_rules")
    })?;
    Ok(())
}

/// Warns of systems that nobody knows where one of nearly that name is known. A system may be named before it sends its first
/// record, so that it is no error.
fn misspelt(entity_type: &str, rules: &Rules) -> Result<()> {
    let known = store::systems(entity_type)?;
    for system in rules.systems().into_iter().filter(|system| !known.iter().any(|known| known == system)) {
        let long = known.iter().map(String::as_str).filter(|known| known.len() > 3);
        if let Some(near) = nearest(system, long) {
            pgrx::warning!("no record of system \"{system}\" is known; perhaps \"{near}\" is meant");
        }
    }
    Ok(())
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn set_policy(
    entity_type: Option<&str>,
    policy: Option<&str>,
    options: default!(Option<Document>, "NULL"),
) -> std::result::Result<(), ErrorReport> {
    as_owner(|| {
        let entity_type = need(entity_type, "entity_type")?;
        let policy = Policy::read(need(policy, "policy")?)?;
        change(entity_type, "set_policy", || {
            let entity = Configuration::current()?.entity(entity_type)?;
            let mut options = options.map(|options| options.0);
            match &options {
                Some(options) => {
                    Options::of(policy).merge(options)?;
                }
                // Thresholds of another policy mean nothing here.
                None if entity.entity.policy != policy => options = Some(serde_json::json!({})),
                None => {}
            }
            store::put_entity(&EntityRow { policy: Some(policy.name().to_owned()), options, ..unchanged(entity_type) })
        })
    })?;
    Ok(())
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn train(entity_type: &str) -> std::result::Result<i64, ErrorReport> {
    Ok(as_owner(|| model::train(entity_type))?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn use_model(entity_type: Option<&str>, model: Option<i64>) -> std::result::Result<(), ErrorReport> {
    as_owner(|| {
        let entity_type = need(entity_type, "entity_type")?;
        Configuration::current()?.entity(entity_type)?;
        if let Some(model) = model {
            model::check(entity_type, model)?;
        }
        change(entity_type, "use_model", || store::use_model(entity_type, model))
    })?;
    Ok(())
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn register_source(system_name: &str, options: Document) -> std::result::Result<(), ErrorReport> {
    as_owner(|| {
        if let Some(reason) = refused_system(system_name) {
            return Err(Error::invalid(format!("system_name {reason}")).into());
        }
        SourceOptions::parse(&options.0)?;
        // Zone, region and date order are read anew from every version: all types have a say.
        for entity_type in Configuration::current()?.entity_names() {
            lock::entity_exclusive(entity_type);
        }
        store::put_source(system_name, &options.0)?;
        store::bump()?;
        // Another may have been defined until then.
        for entity_type in Configuration::current()?.entity_names() {
            rebuild_all(entity_type, "register_source", None)?;
        }
        Ok(())
    })?;
    Ok(())
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn rebuild(entity_type: default!(&str, "'CUSTOMER'")) -> std::result::Result<i64, ErrorReport> {
    Ok(as_owner(|| rebuild_all(entity_type, "rebuild", None))?)
}
