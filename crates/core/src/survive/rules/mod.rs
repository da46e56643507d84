//! Merge rules: which value of an attribute survives.

mod action;

pub use action::{Action, Function};

use crate::config::{object, unknown, Fields};
use crate::entity::{Attribute, EntityType};
use crate::error::Error;
use crate::kind::Kind;
use crate::record::RecordRef;
use serde_json::{json, Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// The rule of one attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What decides.
    pub action: Action,
    /// The order of each listed system, the lowest first. Systems that are not listed rank after all of them.
    pub order: BTreeMap<String, i64>,
    /// Systems that are not listed assert nothing here.
    pub listed_only: bool,
    /// Assertions with a higher `sourcePriority` number assert nothing here.
    pub minimum_trust: Option<i32>,
    /// What decides among equally valid values under [`Action::ValidFirst`].
    pub then: Action,
    /// Under [`Action::MostFrequent`]: count systems, not records.
    pub count_systems: bool,
    /// Under [`Action::Consent`]: the systems whose later consent overrules a refusal.
    pub authoritative: BTreeSet<String>,
    /// Under [`Action::Aggregate`]: what is computed.
    pub function: Function,
    /// Under [`Action::Aggregate`]: the attribute by which one thing stated twice is known.
    pub count_once: Option<String>,
    /// What decides instead, one after the other, where nothing is left to choose from; under [`Action::ValidFirst`]
    /// also where nothing is valid.
    pub fallback: Vec<Rule>,
}

/// The keys that every rule may have.
const COMMON: [&str; 5] = ["sourcePriority", "action", "listedOnly", "minimumTrust", "fallback"];

impl Rule {
    /// A rule that needs no more than its action.
    pub fn new(action: Action) -> Rule {
        Rule {
            action,
            order: BTreeMap::new(),
            listed_only: false,
            minimum_trust: None,
            then: Action::UpdateIfNewer,
            count_systems: false,
            authoritative: BTreeSet::new(),
            function: Function::Sum,
            count_once: None,
            fallback: Vec::new(),
        }
    }

    /// The rule of an attribute that has none: the most trusted record's newest value by `sourcePriority`, and for
    /// points in time the latest (behaviour keeps the latest, identity the most trusted).
    fn default_for(kind: Kind) -> &'static Rule {
        static TRUST: LazyLock<Rule> = LazyLock::new(|| Rule::new(Action::UpdateIfNewer));
        static LATEST: LazyLock<Rule> = LazyLock::new(|| Rule::new(Action::MaxValue));
        if kind == Kind::Timestamp {
            &LATEST
        } else {
            &TRUST
        }
    }

    /// The rule itself, then its fallbacks.
    pub(super) fn steps(&self) -> impl Iterator<Item = &Rule> {
        std::iter::once(self).chain(&self.fallback)
    }

    /// Reads a rule; `kind` is that of its attribute, `extra` the keys that belong to something around it.
    fn parse(what: &str, json: &Value, entity: &EntityType, kind: Option<Kind>, extra: &[&str]) -> Result<Rule, Error> {
        let name = object(what, json)?.get("action").and_then(Value::as_str);
        let action = name.map(Action::read).transpose()?;
        let own = action.map_or(&[][..], Action::own_keys);
        let fields = Fields::of(what, json, &[&COMMON, own, extra].concat())?;
        fields.text("action")?; // What is no text is wrong, not missing.
        let mut rule = Rule::new(action.ok_or_else(|| fields.missing("action"))?);
        if let Some(only) = rule.action.only_kind().filter(|only| kind != Some(*only)) {
            let (action, kind) = (rule.action.name(), only.name());
            return Err(Error::invalid(format!("{action} in the {what} needs an attribute of kind {kind}")));
        }
        rule.order = order(what, fields.list("sourcePriority")?)?;
        rule.listed_only = fields.boolean("listedOnly")?.unwrap_or(false);
        let trust = fields.integer("minimumTrust", 0, i64::from(i32::MAX))?;
        rule.minimum_trust = trust.and_then(|trust| i32::try_from(trust).ok());
        if let Some(then) = fields.text("then")? {
            rule.then = Action::read(then)?;
            if rule.then.own_keys() != [""; 0] || rule.then == Action::Union {
                return Err(Error::invalid(format!("then of {what} does not order values"))
                    .hint("Give an action such as \"UPDATE_IF_NEWER\"."));
            }
        }
        rule.count_systems = fields.word("count", &["records", "systems"])? == Some("systems");
        rule.authoritative = fields.texts("authoritative")?.into_iter().collect();
        if rule.action == Action::Aggregate {
            let function = fields.word("function", &Function::ALL.map(Function::name))?.and_then(Function::parse);
            rule.function = function.ok_or_else(|| fields.missing("function"))?;
        }
        if let Some(name) = fields.text("countOnce")? {
            rule.count_once = Some(attribute(entity, name)?.name.clone());
        }
        for step in fields.list("fallback")? {
            let spelled_out = step.as_str().map(|action| json!({ "action": action }));
            let what = format!("fallback in the {what}");
            let step = Rule::parse(&what, spelled_out.as_ref().unwrap_or(step), entity, kind, &[])?;
            if !step.fallback.is_empty() {
                return Err(
                    Error::invalid(format!("{what} has a fallback of its own")).hint("Give all steps in one list.")
                );
            }
            rule.fallback.push(step);
        }
        Ok(rule)
    }

    fn to_json(&self) -> Map<String, Value> {
        let mut systems: Vec<_> = self.order.iter().collect();
        systems.sort_by_key(|(_, order)| **order);
        let list = systems.iter().map(|(system, order)| json!({"systemName": system, "order": order})).collect();
        let mut json = Map::from_iter([("sourcePriority".to_owned(), Value::Array(list))]);
        let mut put = |key: &str, value: Value| json.insert(key.to_owned(), value);
        put("action", json!(self.action.name()));
        if self.listed_only {
            put("listedOnly", json!(true));
        }
        if let Some(trust) = self.minimum_trust {
            put("minimumTrust", json!(trust));
        }
        match self.action {
            Action::ValidFirst => put("then", json!(self.then.name())),
            Action::MostFrequent => put("count", json!(if self.count_systems { "systems" } else { "records" })),
            Action::Consent => put("authoritative", json!(self.authoritative)),
            Action::Aggregate => put("function", json!(self.function.name())),
            _ => None,
        };
        if let Some(name) = &self.count_once {
            put("countOnce", json!(name));
        }
        if !self.fallback.is_empty() {
            put("fallback", self.fallback.iter().map(|step| Value::Object(step.to_json())).collect());
        }
        json
    }
}

fn order(what: &str, entries: &[Value]) -> Result<BTreeMap<String, i64>, Error> {
    let mut order = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for entry in entries {
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
    Ok(order)
}

fn attribute<'a>(entity: &'a EntityType, name: &str) -> Result<&'a Attribute, Error> {
    let names = entity.attributes.iter().map(|attribute| attribute.name.as_str());
    entity.attribute(name).ok_or_else(|| unknown(&format!("attribute of {}", entity.name), name, names))
}

/// Attributes that survive from one record, such as the parts of an address, which must never be mixed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its attributes, each in one group only and without a rule of its own.
    pub attributes: BTreeSet<String>,
    /// Which record they are taken from.
    pub rule: Rule,
    /// Whether attributes that the record lacks are filled from records that state at least one of the others alike
    /// and none differently.
    pub fill: bool,
}

/// The merge rules of an entity type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    rules: BTreeMap<String, Rule>,
    groups: BTreeMap<String, Group>,
}

/// The guide's own rules, which `CUSTOMER` ships with.
const GUIDE: &str = include_str!("guide.json");

impl Rules {
    /// Reads rules in the guide's form, `{"mergeRules": {…}}` or the inner object alone; with the outer one there may
    /// be `"groups": {name: {"attributes": […], "action": …, "sourcePriority": […], "fill": true}}` too.
    ///
    /// Errors: `22023` for an attribute the entity type has not, an unknown action or key (each with the nearest
    /// right word as HINT), for a system or an order that occurs twice in one rule, and for an attribute with two
    /// rules.
    pub fn parse(json: &Value, entity: &EntityType) -> Result<Rules, Error> {
        let outer = object("merge rules", json)?;
        let nothing = Map::new();
        let (inner, grouped) = if outer.contains_key("mergeRules") || outer.contains_key("groups") {
            let fields = Fields::of("merge rules", json, &["mergeRules", "groups"])?;
            let part = |key| fields.get(key).map_or(Ok(&nothing), |part| object(key, part));
            (part("mergeRules")?, part("groups")?)
        } else {
            (outer, &nothing)
        };
        let mut rules = Rules::default();
        for (name, json) in inner {
            let kind = attribute(entity, name)?.kind;
            let rule = Rule::parse(&format!("merge rule of \"{name}\""), json, entity, Some(kind), &[])?;
            rules.rules.insert(name.clone(), rule);
        }
        for (name, json) in grouped {
            let group = rules.parse_group(name, json, entity)?;
            rules.groups.insert(name.clone(), group);
        }
        Ok(rules)
    }

    fn parse_group(&self, name: &str, json: &Value, entity: &EntityType) -> Result<Group, Error> {
        let what = format!("group \"{name}\"");
        let rule = Rule::parse(&what, json, entity, None, &["attributes", "fill"])?;
        if let Some(step) = rule.steps().find(|step| !step.action.suits_groups()) {
            return Err(Error::invalid(format!("{} does not choose a record for the {what}", step.action.name()))
                .hint("Groups take UPDATE_IF_NEWER, SOURCE_PRIORITY or MOST_RECENT."));
        }
        let fields = Fields::of(&what, json, &[&COMMON[..], &["attributes", "fill"]].concat())?;
        let mut attributes = BTreeSet::new();
        for member in fields.texts("attributes")? {
            attribute(entity, &member)?;
            let elsewhere = self.rules.contains_key(&member) || self.group_of(&member).is_some();
            if elsewhere || !attributes.insert(member.clone()) {
                return Err(Error::invalid(format!("\"{member}\" in the {what} has another rule too")));
            }
        }
        if attributes.len() < 2 {
            return Err(Error::invalid(format!("the {what} has fewer than two attributes")));
        }
        Ok(Group { attributes, rule, fill: fields.boolean("fill")?.unwrap_or(false) })
    }

    /// The rules a new entity type starts with: the guide's where it has all the attributes that they name; otherwise
    /// none, so that the default of each kind holds.
    pub fn shipped(entity: &EntityType) -> Rules {
        serde_json::from_str(GUIDE).ok().and_then(|json| Rules::parse(&json, entity).ok()).unwrap_or_default()
    }

    /// The rules as [`Rules::parse`] reads them, systems in their order.
    pub fn to_json(&self) -> Value {
        let rules: Map<String, Value> =
            self.rules.iter().map(|(name, rule)| (name.clone(), Value::Object(rule.to_json()))).collect();
        let group = |(name, group): (&String, &Group)| {
            let mut json = group.rule.to_json();
            json.insert("attributes".into(), json!(group.attributes));
            json.insert("fill".into(), json!(group.fill));
            (name.clone(), Value::Object(json))
        };
        if self.groups.is_empty() {
            return json!({ "mergeRules": rules });
        }
        json!({"mergeRules": rules, "groups": self.groups.iter().map(group).collect::<Map<_, _>>()})
    }

    /// The rule in force for an attribute that is in no group.
    pub fn rule(&self, attribute: &str, kind: Kind) -> &Rule {
        self.rules.get(attribute).unwrap_or_else(|| Rule::default_for(kind))
    }

    /// The groups of attributes.
    pub(super) fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }

    /// The group that an attribute is in.
    pub fn group_of(&self, attribute: &str) -> Option<&Group> {
        self.groups.values().find(|group| group.attributes.contains(attribute))
    }

    /// Whether the value of an attribute may be an array of several.
    pub fn unites(&self, attribute: &str) -> bool {
        self.rules.get(attribute).is_some_and(|rule| rule.steps().any(|step| step.action == Action::Union))
    }

    /// How many attributes may have a value made of several.
    pub fn combining(&self) -> usize {
        let combines = |rule: &Rule| matches!(rule.action, Action::Union | Action::Aggregate);
        self.rules.values().filter(|rule| rule.steps().any(combines)).count()
    }

    /// Every system that a rule names.
    pub fn systems(&self) -> BTreeSet<&str> {
        let rules = self.rules.values().chain(self.groups.values().map(|group| &group.rule));
        let steps = rules.flat_map(Rule::steps);
        steps.flat_map(|rule| rule.order.keys().chain(&rule.authoritative)).map(String::as_str).collect()
    }
}
