//! Entity types: which attributes there are, of which kind, and by which policy records are matched.

use crate::error::Error;
use crate::kind::{Kind, Pii};
use crate::mask::mask;
use crate::record::State;
use crate::value::Value;
use crate::words;
use serde::Serialize;
use std::collections::BTreeMap;

/// How often pairs fall into a level of comparison, by what they are of.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Shares {
    /// Of the pairs of one person.
    pub person: f64,
    /// Of the pairs of two members of a household.
    pub household: f64,
    /// Of the pairs of strangers.
    pub unrelated: f64,
}

/// One attribute of an entity type.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// The payload's key, e.g. `phoneNumber`.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// How far it is kept from readers.
    pub pii: Pii,
    /// How many different full names one value may serve before it is generic.
    pub limit: u32,
    /// A golden record never holds two different values of it.
    pub exclusive: bool,
    /// Whether it counts when records are compared. One that does not is kept, survives and may be exclusive.
    pub compare: bool,
    /// Whether records find each other by it.
    pub block: bool,
    /// Levels whose weights are told, and neither those that ship nor learnt, by name.
    pub levels: BTreeMap<String, Shares>,
    /// From which Jaro–Winkler similarity on two texts are similar; none: as the kind has it.
    pub similar: Option<f64>,
}

words! {
    /// How pairs are scored.
    pub enum Policy {
        /// The guide's table: same email 100, same phone 80 (+19·name similarity), else 0.
        Guide => "guide",
        /// Fellegi–Sunter with comparison levels.
        Probabilistic => "probabilistic",
    }
}

/// Thresholds and limits of an entity type. Scores are in points, 0 to 100.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// A pair at or above this merges by itself. Without one, the policy decides: under `guide` only certainty merges,
    /// under `probabilistic` the weight that the model holds for it.
    pub auto: Option<f64>,
    /// A pair above this and below `auto` waits for a steward.
    pub review: f64,
    /// The most source records an automatic merge may put into one golden record.
    pub cap: u32,
    /// A component with more records is solved from stewards' links alone.
    pub component_cap: u32,
    /// A value held by more records is generic.
    pub block_limit: u32,
}

impl Options {
    /// What ships with a policy.
    pub fn of(policy: Policy) -> Options {
        let review = match policy {
            Policy::Guide => 80.0,
            Policy::Probabilistic => 50.0,
        };
        Options { auto: None, review, cap: 1000, component_cap: 10_000, block_limit: 5000 }
    }
}

impl Default for Options {
    fn default() -> Options {
        Options::of(Policy::Guide)
    }
}

/// An entity type as it is configured.
#[derive(Clone, Debug, PartialEq)]
pub struct EntityType {
    /// Its name, upper case by custom: `CUSTOMER`.
    pub name: String,
    /// Its attributes by name; the shipped ones of `CUSTOMER` in their own order, until a definition is put over them.
    pub attributes: Vec<Attribute>,
    /// How pairs are scored.
    pub policy: Policy,
    /// Thresholds and limits.
    pub options: Options,
}

/// How many different full names a value may serve unless the attribute says otherwise.
pub const DEFAULT_LIMIT: u32 = 12;

impl Attribute {
    /// An attribute with the defaults of its kind.
    pub fn new(name: impl Into<String>, kind: Kind) -> Attribute {
        Attribute {
            name: name.into(),
            kind,
            pii: kind.default_pii(),
            limit: DEFAULT_LIMIT,
            exclusive: false,
            compare: true,
            block: true,
            levels: BTreeMap::new(),
            similar: None,
        }
    }

    /// Whether it counts under the policy `guide`, which compares nothing but what records find each other by.
    pub fn counts_by_guide(&self) -> bool {
        self.compare && self.block
    }

    /// A value of it as every reader may see it.
    pub fn shown(&self, value: &Value) -> String {
        match self.pii {
            Pii::None => value.display.to_string(),
            Pii::Mask | Pii::Encrypt => mask(&value.display, self.kind),
        }
    }
}

impl EntityType {
    /// The name of the entity type that is shipped.
    pub const CUSTOMER: &str = "CUSTOMER";

    /// The shipped entity type: the guide's six attributes, then birth date, address and company.
    pub fn customer() -> EntityType {
        let attributes = [
            ("email", Kind::Email),
            ("phoneNumber", Kind::Phone),
            ("firstName", Kind::GivenName),
            ("lastName", Kind::FamilyName),
            ("preferredLanguage", Kind::Locale),
            ("lastPurchaseDate", Kind::Timestamp),
            ("dateOfBirth", Kind::Date),
            ("street", Kind::Street),
            ("city", Kind::City),
            ("region", Kind::Region),
            ("postcode", Kind::Postcode),
            ("country", Kind::Country),
            ("company", Kind::Organization),
        ];
        EntityType {
            name: EntityType::CUSTOMER.into(),
            attributes: attributes.into_iter().map(|(name, kind)| Attribute::new(name, kind)).collect(),
            policy: Policy::Guide,
            options: Options::default(),
        }
    }

    /// The attribute of that name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The attribute that a caller names. Errors: `42703`, with the nearest right name.
    pub fn require(&self, name: &str) -> Result<&Attribute, Error> {
        self.attribute(name).ok_or_else(|| {
            let known = self.attributes.iter().map(|known| known.name.as_str());
            Error::new("42703", format!("entity type \"{}\" has no attribute \"{name}\"", self.name))
                .perhaps(name, known)
        })
    }

    /// The attributes of one kind, in order.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(move |attribute| attribute.kind == kind)
    }

    /// Of the attributes of a kind the canonical value of the first that a state holds one of.
    pub fn first_of<'s>(&self, kind: Kind, state: &'s State) -> Option<&'s str> {
        self.of_kind(kind).find_map(|attribute| state.canonical(&attribute.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_list_the_attributes_that_ship() {
        let document = include_str!("../../../docs/sources.md");
        let section = document.split("## The attributes of CUSTOMER").nth(1).unwrap_or_default();
        let section = section.split("\n## ").next().unwrap_or_default();
        let cells = |row: &str| row.split('`').skip(1).step_by(2).take(3).collect::<Vec<_>>().join(" ");
        let listed: Vec<String> = section.lines().filter(|line| line.starts_with("| `")).map(cells).collect();
        let word =
            |attribute: &Attribute| format!("{} {} {}", attribute.name, attribute.kind.name(), attribute.pii.name());
        assert_eq!(listed, EntityType::customer().attributes.iter().map(word).collect::<Vec<_>>());
    }

    /// What ships is not stored: the view has a constant for its limits.
    #[test]
    fn the_view_relation_has_the_limit_that_ships() {
        let views = include_str!("../../../sql/schema/60_views.sql");
        assert!(views.contains(&format!("coalesce(allowed.threshold, {DEFAULT_LIMIT})")));
        let related = [Kind::Phone, Kind::Street];
        let shipped = EntityType::customer();
        let mut related = shipped.attributes.iter().filter(|attribute| related.contains(&attribute.kind));
        assert!(related.all(|attribute| attribute.limit == DEFAULT_LIMIT));
    }
}
