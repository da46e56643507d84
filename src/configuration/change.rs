//! Changes of the configuration. Each takes effect on what is stored before the call returns.

use super::Configuration;
use crate::access::{Entry, Outcome};
use crate::clearance;
use crate::error::Result;
use crate::isolation::{self, Rows};
use crate::lock;
use crate::model;
use crate::rebuild::{rebuild, resurvive};
use crate::store::configuration::{self as store, EntityRow};
use crate::store::feed;
use golden_record_core::entity::{Attribute, EntityType, Options, Policy};
use golden_record_core::error::{nearest, Error};
use golden_record_core::kind::Pii;
use golden_record_core::payload::refused_system;
use golden_record_core::source::SourceOptions;
use golden_record_core::survive::Rules;
use pgrx::pg_sys;
use serde_json::{json, Value};

/// The longest key of a payload that can be mapped, in bytes: what an index holds together with a type's name.
const LONGEST_KEY: usize = 1_000;

/// Changes the configuration alone among writers, and brings what is stored up to date. `about` is what is on record of it.
fn change(entity_type: &str, action: &str, about: Value, work: impl FnOnce() -> Result<()>) -> Result<()> {
    set(entity_type, work)?;
    rebuild(entity_type, action, about)?;
    Ok(())
}

/// The names in a part of a configuration: what is on record of it.
fn names<'a>(json: &'a Value, part: &str) -> Vec<&'a String> {
    json.get(part).and_then(Value::as_object).into_iter().flat_map(|part| part.keys()).collect()
}

fn set(entity_type: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    lock::entity_exclusive(entity_type);
    isolation::check(Rows::of_type(entity_type))?;
    work()?;
    store::bump()
}

/// Defines an entity type, or adds to one. Errors: `22023` for what is no definition, `42501` where the caller may not show
/// what he would.
pub fn define_entity(entity_type: &str, definition: &Value, caller: &Caller) -> Result<()> {
    let mut defined = Vec::new();
    let about = json!({"attributes": names(definition, "attributes")});
    change(entity_type, "define_entity", about, || {
        let configuration = Configuration::current()?;
        let entity = if configuration.knows(entity_type) {
            let known = configuration.entity(entity_type)?;
            let entity = known.entity.redefine(definition)?;
            for attribute in &entity.attributes {
                let name = &attribute.name;
                let was = known.entity.attribute(name);
                if let Some(to) = known.mapping.get(name).filter(|_| was.is_none()) {
                    return Err(Error::invalid(format!("key \"{name}\" is mapped to attribute \"{to}\""))
                        .hint("Take the mapping back first: golden_record.map_attribute(entity_type, key, NULL).")
                        .into());
                }
                caller.declassify(name, was, attribute)?;
                if was.is_none_or(|was| was.kind != attribute.kind) {
                    defined.push(name.clone());
                }
            }
            entity
        } else {
            EntityType::parse_definition(entity_type, definition)?
        };
        entity.check_comparisons()?;
        store::put_entity(&EntityRow { definition: Some(entity.to_definition()), ..EntityRow::named(entity_type) })
    })?;
    defined.iter().try_for_each(|name| feed::settle_drift(entity_type, name, name))
}

/// Has a key of payloads say what an attribute is; `None` takes that back. Errors: `42703` for an unknown attribute, `42704` for
/// a mapping that is not there, `22023` for a key that cannot be mapped, `42501` as for [`define_entity`].
pub fn map_attribute(entity_type: &str, key: &str, attribute: Option<&str>, caller: &Caller) -> Result<()> {
    change(entity_type, "map_attribute", json!({"key": key, "attribute": attribute}), || {
        let known = Configuration::current()?.entity(entity_type)?;
        let Some(attribute) = attribute else {
            return if store::drop_mapping(entity_type, key)? {
                Ok(())
            } else {
                Err(Error::new("42704", format!("key \"{key}\" of entity type \"{entity_type}\" is not mapped"))
                    .hint("Table golden_record.configuration_history tells which are.")
                    .into())
            };
        };
        let added = |error: Error| error.or_hint("Add it with golden_record.define_entity.");
        let to = known.entity.require(attribute).map_err(added)?;
        if key.len() > LONGEST_KEY {
            return Err(Error::invalid(format!("key is longer than {LONGEST_KEY} bytes"))
                .hint("Name a key that payloads have.")
                .into());
        }
        if known.entity.attribute(key).is_some() {
            return Err(Error::invalid(format!("\"{key}\" is an attribute of entity type \"{entity_type}\""))
                .hint("An attribute's own name cannot be mapped to another.")
                .into());
        }
        caller.declassify(key, known.mapping.get(key).and_then(|name| known.entity.attribute(name)), to)?;
        store::put_mapping(entity_type, key, attribute)
    })?;
    attribute.map_or(Ok(()), |attribute| feed::settle_drift(entity_type, key, attribute))
}

/// Puts merge rules in the place of those in force, and chooses the values of all golden records anew. Errors: `22023`.
pub fn set_merge_rules(entity_type: &str, rules: &Value) -> Result<()> {
    let mut about = Value::Null;
    set(entity_type, || {
        let entity = Configuration::current()?.entity(entity_type)?;
        let rules = Rules::parse(rules, &entity.entity)?;
        misspelt(entity_type, &rules)?;
        let rules = rules.to_json();
        about = json!({"attributes": names(&rules, "mergeRules"), "groups": names(&rules, "groups")});
        store::put_entity(&EntityRow { merge_rules: Some(rules), ..EntityRow::named(entity_type) })
    })?;
    resurvive(entity_type, "set_merge_rules", about)?;
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

/// Has a policy, with its options, tell records of a type apart. Errors: `22023`.
pub fn set_policy(entity_type: &str, policy: &str, mut options: Option<Value>) -> Result<()> {
    let policy = Policy::read(policy)?;
    let about = json!({"policy": policy.name(), "options": options});
    change(entity_type, "set_policy", about, || {
        let entity = Configuration::current()?.entity(entity_type)?;
        EntityType { policy, ..entity.entity.clone() }.check_comparisons()?;
        match &options {
            Some(options) => {
                Options::of(policy).merge(options)?;
            }
            // Thresholds of another policy mean nothing here.
            None if entity.entity.policy != policy => options = Some(json!({})),
            None => {}
        }
        let policy = Some(policy.name().to_owned());
        store::put_entity(&EntityRow { policy, options, ..EntityRow::named(entity_type) })
    })
}

/// Puts a trained model in force; `None`: the weights that ship. Errors: as [`model::check`].
pub fn use_model(entity_type: &str, model: Option<i64>) -> Result<()> {
    // Where the model in force is lost, this is what mends it.
    Configuration::current()?.find(entity_type)?;
    if let Some(model) = model {
        model::check(entity_type, model)?;
    }
    change(entity_type, "use_model", json!({"model": model}), || store::use_model(entity_type, model))
}

/// Sets how records of a system are read. Errors: `22023`.
pub fn register_source(system: &str, options: &Value) -> Result<()> {
    if let Some(reason) = refused_system(system) {
        return Err(Error::invalid(format!("system_name {reason}")).into());
    }
    SourceOptions::parse(options)?;
    // Zone, region and date order are read anew from every version: all types have a say.
    for entity_type in Configuration::current()?.entity_names() {
        lock::entity_exclusive(entity_type);
    }
    store::put_source(system, options)?;
    store::bump()?;
    // Another may have been defined until then.
    for entity_type in Configuration::current()?.entity_names() {
        rebuild(entity_type, "register_source", json!({"system": system}))?;
    }
    Ok(())
}

/// The role that called us, as far as it may lower classes: asked before our code runs as another.
pub struct Caller {
    /// Whether it can read what it shows to others: a member of `golden_record_pii`, or a superuser.
    cleared: bool,
    entry: Entry,
}

impl Caller {
    /// `action` is what is on record.
    pub fn of(action: &str) -> Result<Caller> {
        // SAFETY: a look at the current user.
        let cleared = clearance::is_member() || unsafe { pg_sys::superuser() };
        Ok(Caller { cleared, entry: Entry::of_caller(action, Outcome::Granted)? })
    }

    /// Who shows readers more of what an attribute or a key says than they see now reads it himself: `from` is what it is,
    /// as nobody can change it meanwhile, `None` where it waits among the raw attributes, `to` what it becomes: of a lower
    /// class, or of another kind whose mask shows a part. For those who can read the key, and on record, also where it is
    /// rolled back. What waits is for administrators too, on record as well. Errors: `42501`.
    fn declassify(&self, name: &str, from: Option<&Attribute>, to: &Attribute) -> Result<()> {
        let shows_more = |from: &Attribute| {
            to.pii < from.pii || from.pii != Pii::None && to.kind != from.kind && to.kind.shows_part()
        };
        let may = match from {
            Some(from) if shows_more(from) => self.cleared,
            None if to.pii < Pii::Encrypt && !self.cleared => true,
            _ => return Ok(()),
        };
        let outcome = if may { Outcome::Granted } else { Outcome::Refused };
        Entry { outcome, ..self.entry.clone() }.about(None, Some(name)).record()?;
        if may {
            return Ok(());
        }
        let error = Error::new("42501", format!("readers would see more of \"{name}\" than they do"));
        Err(error
            .hint("To lower its class, or to have its mask show more, takes a member of golden_record_pii.")
            .into())
    }
}
