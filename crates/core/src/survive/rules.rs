//! Merge rules: which value of an attribute survives.

use crate::config::{object, unknown, Fields};
use crate::entity::EntityType;
use crate::error::Error;
use crate::kind::Kind;
use crate::record::RecordRef;
use serde_json::{json, Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// How the value of one attribute is chosen among the assertions of a golden record's source records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// The best ranked system's newest value: a newer value of lower trust never replaces one of higher trust.
    UpdateIfNewer,
    /// The best ranked system's earliest value.
    KeepExisting,
    /// The greatest value in the kind's own order, whatever the system.
    MaxValue,
    /// The smallest value in the kind's own order, whatever the system.
    MinValue,
}

impl Action {
    /// Every action, in the order of the documentation.
    pub const ALL: [Action; 4] = [Action::UpdateIfNewer, Action::KeepExisting, Action::MaxValue, Action::MinValue];

    /// The word of the rules: `UPDATE_IF_NEWER`.
    pub fn name(self) -> &'static str {
        match self {
            Action::UpdateIfNewer => "UPDATE_IF_NEWER",
            Action::KeepExisting => "KEEP_EXISTING",
            Action::MaxValue => "MAX_VALUE",
            Action::MinValue => "MIN_VALUE",
        }
    }

    /// The action of that name, in capitals as the guide writes it. Errors: `22023` with the nearest right word.
    pub fn parse(name: &str) -> Result<Action, Error> {
        let all = Action::ALL.into_iter();
        all.clone().find(|action| action.name() == name).ok_or_else(|| unknown("action", name, all.map(Action::name)))
    }
}

/// The rule of one attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What decides.
    pub action: Action,
    /// The order of each listed system, the lowest first. Systems that are not listed rank after all of them.
    pub order: BTreeMap<String, i64>,
}

impl Rule {
    /// The rule of an attribute that has none: the most trusted record's newest value by `sourcePriority`, and for
    /// points in time the latest (behaviour keeps the latest, identity the most trusted).
    pub fn default_for(kind: Kind) -> Rule {
        let action = if kind == Kind::Timestamp { Action::MaxValue } else { Action::UpdateIfNewer };
        Rule { action, order: BTreeMap::new() }
    }

    fn parse(attribute: &str, json: &Value) -> Result<Rule, Error> {
        let what = format!("merge rule of \"{attribute}\"");
        let fields = Fields::of(&what, json, &["sourcePriority", "action"])?;
        let action = Action::parse(fields.text("action")?.ok_or_else(|| fields.missing("action"))?)?;
        let mut order = BTreeMap::new();
        let mut taken = BTreeSet::new();
        for entry in fields.list("sourcePriority")? {
            let entry = Fields::of(format!("sourcePriority in the {what}"), entry, &["systemName", "order"])?;
            let system = entry.text("systemName")?.ok_or_else(|| entry.missing("systemName"))?;
            let place = entry.integer("order", 0, i64::from(i32::MAX))?.ok_or_else(|| entry.missing("order"))?;
            if system == RecordRef::ENTITY {
                return Err(Error::invalid(format!("the {what} lists the reserved system \"{system}\"")));
            }
            if !taken.insert(place) {
                return Err(Error::invalid(format!("the {what} gives the order {place} twice"))
                    .hint("Give each system an order of its own."));
            }
            if order.insert(system.to_owned(), place).is_some() {
                return Err(Error::invalid(format!("the {what} lists the system \"{system}\" twice")));
            }
        }
        Ok(Rule { action, order })
    }

    fn to_json(&self) -> Value {
        let mut systems: Vec<_> = self.order.iter().collect();
        systems.sort_by_key(|(_, order)| **order);
        let list: Vec<Value> =
            systems.iter().map(|(system, order)| json!({"systemName": system, "order": order})).collect();
        json!({"sourcePriority": list, "action": self.action.name()})
    }
}

/// The merge rules of an entity type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    rules: BTreeMap<String, Rule>,
}

/// The guide's own rules, which `CUSTOMER` ships with.
const GUIDE: &str = include_str!("guide_rules.json");

impl Rules {
    /// Reads rules in the guide's form, `{"mergeRules": {…}}` or the inner object alone.
    ///
    /// Errors: `22023` for an attribute the entity type has not, an unknown action or key (each with the nearest
    /// right word as HINT), and for a system or an order that occurs twice in one rule.
    pub fn parse(json: &Value, entity: &EntityType) -> Result<Rules, Error> {
        let outer = object("merge rules", json)?;
        let inner = match outer.get("mergeRules") {
            Some(inner) => {
                Fields::of("merge rules", json, &["mergeRules"])?;
                object("mergeRules", inner)?
            }
            None => outer,
        };
        let names = entity.attributes.iter().map(|attribute| attribute.name.as_str());
        let mut rules = BTreeMap::new();
        for (name, rule) in inner {
            if entity.attribute(name).is_none() {
                return Err(unknown(&format!("attribute of {}", entity.name), name, names));
            }
            rules.insert(name.clone(), Rule::parse(name, rule)?);
        }
        Ok(Rules { rules })
    }

    /// The rules a new entity type starts with: the guide's, for those of its attributes that the guide names in an
    /// entity type that has them all; otherwise none, so that the default of each kind holds.
    pub fn shipped(entity: &EntityType) -> Rules {
        serde_json::from_str(GUIDE).ok().and_then(|json| Rules::parse(&json, entity).ok()).unwrap_or_default()
    }

    /// The rules as [`Rules::parse`] reads them, systems in their order.
    pub fn to_json(&self) -> Value {
        let rules: Map<String, Value> = self.rules.iter().map(|(name, rule)| (name.clone(), rule.to_json())).collect();
        json!({ "mergeRules": rules })
    }

    /// The rule in force for an attribute.
    pub fn rule(&self, attribute: &str, kind: Kind) -> Rule {
        self.rules.get(attribute).cloned().unwrap_or_else(|| Rule::default_for(kind))
    }

    /// Every system that a rule names.
    pub fn systems(&self) -> BTreeSet<&str> {
        self.rules.values().flat_map(|rule| rule.order.keys().map(String::as_str)).collect()
    }
}
