//! The configuration in force, read once and kept until it changes.

pub mod change;

use crate::error::{Failure, Result};
use crate::parallel;
use crate::store::configuration as store;
use crate::store::vault;
use golden_record_core::entity::{EntityType, Options, Policy};
use golden_record_core::error::Error;
use golden_record_core::probabilistic::Model;
use golden_record_core::resolve::Matcher;
use golden_record_core::source::SourceOptions;
use golden_record_core::survive::Rules;
use golden_record_core::threads::Threads;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use zeroize::Zeroizing;

/// An entity type with everything that decides about its records.
pub struct Entity {
    /// The number of the configuration that it is part of.
    pub version: i64,
    /// Attributes, policy, options.
    pub entity: EntityType,
    /// Payload key → attribute, where they differ.
    pub mapping: BTreeMap<String, String>,
    /// Merge rules.
    pub rules: Rules,
    /// The weights of the policy `probabilistic`, with the thresholds of the options.
    pub model: Model,
    /// The number of the model in force, where it is not there any more.
    lost: Option<i64>,
}

/// All configuration.
pub struct Configuration {
    version: i64,
    entities: BTreeMap<String, Arc<Entity>>,
    sources: BTreeMap<String, Arc<SourceOptions>>,
    unregistered: Arc<SourceOptions>,
    /// By attached table that says how its values are to be read: the options of sources that are registered, and of those that
    /// are not, with the table's over them.
    attached: BTreeMap<i64, (BTreeMap<String, Arc<SourceOptions>>, Arc<SourceOptions>)>,
    /// Attached tables by id.
    pub attachments: BTreeMap<i64, Arc<store::Attachment>>,
}

thread_local! {
    static KEPT: RefCell<Option<Arc<Configuration>>> = const { RefCell::new(None) };
}

impl Configuration {
    /// The configuration that this transaction sees.
    pub fn current() -> Result<Arc<Configuration>> {
        let version = store::version()?;
        let kept = KEPT.with_borrow(|kept| kept.clone().filter(|kept| kept.version == version));
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let read = Arc::new(Configuration::read(version)?);
        KEPT.set(Some(Arc::clone(&read)));
        Ok(read)
    }

    /// The configuration as this session saw it last, which may be another by now: for what is checked against
    /// [`Configuration::current`] afterwards.
    pub fn latest_known() -> Result<Arc<Configuration>> {
        match KEPT.with_borrow(Clone::clone) {
            Some(kept) => Ok(kept),
            None => Configuration::current(),
        }
    }

    fn read(version: i64) -> Result<Configuration> {
        let mut mappings = BTreeMap::<String, BTreeMap<String, String>>::new();
        for (entity_type, key, attribute) in store::mappings()? {
            mappings.entry(entity_type).or_default().insert(key, attribute);
        }
        let mut rows: BTreeMap<String, store::EntityRow> =
            store::entity_types()?.into_iter().map(|row| (row.name.clone(), row)).collect();
        let shipped = EntityType::customer();
        rows.entry(shipped.name.clone()).or_insert_with(|| store::EntityRow::named(&shipped.name));
        let mut entities = BTreeMap::new();
        for (name, row) in rows {
            let mapping = mappings.remove(&name).unwrap_or_default();
            entities.insert(name, Arc::new(Entity::of(version, &row, mapping)?));
        }
        let mut sources = BTreeMap::new();
        for (system, options) in store::sources()? {
            sources.insert(system, Arc::new(SourceOptions::parse(&options)?));
        }
        let unregistered = Arc::default();
        let attachments: BTreeMap<i64, Arc<store::Attachment>> =
            store::attachments()?.into_iter().map(|attachment| (attachment.id, Arc::new(attachment))).collect();
        let over = |registered: &Arc<SourceOptions>, attachment: &store::Attachment| {
            Arc::new(attachment.options.over(registered))
        };
        let by_source = |attachment: &store::Attachment| {
            sources.iter().map(|(system, options)| (system.clone(), over(options, attachment))).collect()
        };
        let attached = attachments
            .iter()
            .filter(|(_, attachment)| !attachment.options.reads_as_source())
            .map(|(id, attachment)| (*id, (by_source(attachment), over(&unregistered, attachment))))
            .collect();
        Ok(Configuration { version, entities, sources, unregistered, attached, attachments })
    }

    /// The number that this configuration has and no other.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// The entity type of that name. Errors: `42704` where there is none, `XX001` where the model in force is lost.
    pub fn entity(&self, name: &str) -> Result<Arc<Entity>> {
        let entity = self.find(name)?;
        let Some(model) = entity.lost else { return Ok(Arc::clone(entity)) };
        Err(Error::new("XX001", format!("model {model} is in force and not in table golden_record.trained_model"))
            .hint(format!(
                "Bring it back from the dump; or go on by the shipped weights: golden_record.use_model('{name}', NULL)."
            ))
            .into())
    }

    fn find(&self, name: &str) -> Result<&Arc<Entity>> {
        self.entities.get(name).ok_or_else(|| {
            let error = Error::new("42704", format!("entity type \"{name}\" is not defined"));
            let known = self.entities.keys().map(String::as_str);
            Failure::from(error.perhaps(name, known).or_hint("Define it with golden_record.define_entity."))
        })
    }

    /// Whether there is an entity type of that name.
    pub fn knows(&self, name: &str) -> bool {
        self.entities.contains_key(name)
    }

    /// The options by which records of a system are read, when they come from an attached table.
    pub fn source_of(&self, system: &str, attachment: Option<i64>) -> Arc<SourceOptions> {
        match attachment.and_then(|id| self.attached.get(&id)) {
            Some((registered, unregistered)) => Arc::clone(registered.get(system).unwrap_or(unregistered)),
            None => self.source(system),
        }
    }

    /// Whether an entity type has an attribute of that name.
    pub fn has_attribute(&self, name: &str) -> bool {
        self.entities.values().any(|entity| entity.entity.attribute(name).is_some())
    }

    /// The names of all entity types.
    pub fn entity_names(&self) -> impl Iterator<Item = &str> {
        self.entities.keys().map(String::as_str)
    }

    /// Every region that a source or an attached table is of, and US.
    pub fn regions(&self) -> BTreeSet<String> {
        let registered = self.sources.values().filter_map(|options| options.region.clone());
        let attached = self.attachments.keys().filter_map(|id| self.source_of("", Some(*id)).region.clone());
        registered.chain(attached).chain(["US".to_owned()]).collect()
    }

    /// The options of a source system; the defaults for one that is not registered.
    pub fn source(&self, system: &str) -> Arc<SourceOptions> {
        Arc::clone(self.sources.get(system).unwrap_or(&self.unregistered))
    }
}

impl Entity {
    /// How the type's records are told apart, hearing a cancel.
    pub fn matcher(&self) -> Matcher<'_> {
        Matcher { threads: Threads::asking(parallel::heed), ..Matcher::new(&self.entity, &self.model) }
    }

    fn of(version: i64, row: &store::EntityRow, mapping: BTreeMap<String, String>) -> Result<Entity> {
        let mut entity = match &row.definition {
            Some(definition) => EntityType::parse_definition(&row.name, definition)?,
            None => EntityType::customer(),
        };
        if let Some(policy) = &row.policy {
            entity.policy = Policy::read(policy)?;
            entity.options = Options::of(entity.policy);
        }
        if let Some(options) = &row.options {
            entity.options = entity.options.merge(options)?;
        }
        let rules = match &row.merge_rules {
            Some(rules) => Rules::parse(rules, &entity)?,
            None => Rules::shipped(&entity),
        };
        // What another version learnt has other levels: the shipped weights hold until somebody trains again.
        let trained = row.model.map(store::model).transpose()?;
        let lost = row.model.filter(|_| matches!(trained, Some(None)));
        let trained = trained.flatten().flatten();
        let model = trained.map_or_else(|| Model::shipped(&entity), |model| model.fitted(&entity));
        let model = model.with_thresholds(&entity.options);
        Ok(Entity { version, entity, mapping, rules, model, lost })
    }
}

/// The secret under which golden ids, identity keys and block keys are made: made at first use.
///
/// Errors: `55000` when the key file is missing, unreadable or another's.
pub fn identity_secret() -> Result<Zeroizing<Vec<u8>>> {
    Ok(Zeroizing::new(vault::open()?.identity().to_vec()))
}
