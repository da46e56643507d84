//! Configuration: entity types, mappings, merge rules, policies and sources. Every change takes effect on what is
//! stored before the call returns.

use super::need;
use crate::access::{Entry, Outcome};
use crate::clearance;
use crate::configuration::Configuration;
use crate::error::Result;
use crate::isolation;
use crate::jsonb::Document;
use crate::lock;
use crate::model;
use crate::owner::as_owner;
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
fn define_entity(entity_type: Option<&str>, definition: Option<Document>) -> std::result::Result<(), ErrorReport> {
    let (entity_type, definition) = (need(entity_type, "entity_type")?, need(definition, "definition")?.0);
    let caller = Caller::of("define_entity")?;
    as_owner(|| {
        change(entity_type, "define_entity", || {
            let configuration = Configuration::current()?;
            let entity = if configuration.knows(entity_type) {
                let known = configuration.entity(entity_type)?;
                let entity = known.entity.redefine(&definition)?;
                for Attribute { name, pii, .. } in &entity.attributes {
                    let was = known.entity.attribute(name);
                    if let Some(to) = known.mapping.get(name).filter(|_| was.is_none()) {
                        return Err(Error::invalid(format!("key \"{name}\" is mapped to attribute \"{to}\""))
                            .hint("Take the mapping back first: golden_record.map_attribute(entity_type, key, NULL).")
                            .into());
                    }
                    caller.declassify(name, was.map(|was| was.pii), *pii)?;
                }
                entity
            } else {
                EntityType::parse_definition(entity_type, &definition)?
            };
            entity.check_comparisons()?;
            store::put_entity(&EntityRow { definition: Some(entity.to_definition()), ..unchanged(entity_type) })
        })
    })?;
    Ok(())
}

/// The role that called us, as far as it may lower classes: asked before our code runs as another.
struct Caller {
    /// Whether it can read what it shows to others: a member of `golden_record_pii`, or a superuser.
    cleared: bool,
    entry: Entry,
}

impl Caller {
    fn of(action: &str) -> Result<Caller> {
        // SAFETY: a look at the current user.
        let cleared = clearance::is_member() || unsafe { pg_sys::superuser() };
        Ok(Caller { cleared, entry: Entry::of_caller(action, Outcome::Granted)? })
    }

    /// Who shows readers more of what an attribute or a key says than they see now reads it himself: `from` is the class
    /// that it has, as nobody can change it meanwhile, `None` where it waits among the raw attributes, `to` the class that it
    /// gets. For those who can read the key, and on record, also where it is rolled back. What waits is for administrators
    /// too, on record as well. Errors: `42501`.
    fn declassify(&self, name: &str, from: Option<Pii>, to: Pii) -> Result<()> {
        let may = match from {
            Some(from) if to < from => self.cleared,
            None if to < Pii::Encrypt && !self.cleared => true,
            _ => return Ok(()),
        };
        let outcome = if may { Outcome::Granted } else { Outcome::Refused };
        Entry { outcome, ..self.entry.clone() }.about(None, Some(name)).record()?;
        if may {
            return Ok(());
        }
        let error = Error::new("42501", format!("\"{name}\" would be shown to more readers than it is"));
        Err(error.hint("To lower its class takes a member of golden_record_pii.").into())
    }
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
    as_owner(|| {
        change(entity_type, "map_attribute", || {
            let known = Configuration::current()?.entity(entity_type)?;
            let Some(attribute) = attribute else {
                return if store::drop_mapping(entity_type, key)? {
                    Ok(())
                } else {
                    Err(Error::new("42704", format!("key \"{key}\" of {entity_type} is not mapped")).into())
                };
            };
            let class = |name: &str| known.entity.attribute(name).map(|attribute| attribute.pii);
            let added = |error: Error| error.or_hint("Add it with golden_record.define_entity.");
            let to = known.entity.require(attribute).map_err(added)?.pii;
            if key.len() > LONGEST_KEY {
                return Err(Error::invalid(format!("key is longer than {LONGEST_KEY} bytes")).into());
            }
            if class(key).is_some() {
                return Err(Error::invalid(format!("\"{key}\" is an attribute of {entity_type}"))
                    .hint("An attribute's own name cannot be mapped to another.")
                    .into());
            }
            caller.declassify(key, known.mapping.get(key).and_then(|name| class(name)), to)?;
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
            EntityType { policy, ..entity.entity.clone() }.check_comparisons()?;
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
fn train(entity_type: Option<&str>) -> std::result::Result<i64, ErrorReport> {
    Ok(as_owner(|| model::train(need(entity_type, "entity_type")?))?)
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
fn register_source(system_name: Option<&str>, options: Option<Document>) -> std::result::Result<(), ErrorReport> {
    as_owner(|| {
        let (system_name, options) = (need(system_name, "system_name")?, need(options, "options")?.0);
        if let Some(reason) = refused_system(system_name) {
            return Err(Error::invalid(format!("system_name {reason}")).into());
        }
        SourceOptions::parse(&options)?;
        // Zone, region and date order are read anew from every version: all types have a say.
        for entity_type in Configuration::current()?.entity_names() {
            lock::entity_exclusive(entity_type);
        }
        store::put_source(system_name, &options)?;
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
fn rebuild(entity_type: default!(Option<&str>, "'CUSTOMER'")) -> std::result::Result<i64, ErrorReport> {
    Ok(as_owner(|| rebuild_all(need(entity_type, "entity_type")?, "rebuild", None))?)
}
