//! Entity types and their options as users write them.

use crate::config::{unknown, Fields};
use crate::entity::{Attribute, EntityType, Options, Policy, Shares};
use crate::error::Error;
use crate::kind::{Kind, Pii};
use crate::probabilistic::{comparisons, Measure, MOST};
use serde_json::{json, Map, Value};
use std::collections::BTreeMap;

/// The most attributes of an entity type.
const MAX_ATTRIBUTES: usize = 500;
/// The longest name of an entity type or attribute, in characters.
const MAX_NAME: usize = 100;
/// The options of an attribute.
const ATTRIBUTE: [&str; 8] = ["kind", "pii", "limit", "exclusive", "compare", "block", "levels", "similar"];
/// Of a level.
const SHARES: [&str; 3] = ["person", "household", "unrelated"];
/// A share of pairs is at least so much: a level that never occurs has no weight.
const RAREST: f64 = 1e-9;

impl EntityType {
    /// Reads the definition of `define_entity`:
    /// `{"attributes": {"surname": {"kind": "family_name", "pii": "mask", "limit": 12, "exclusive": false,
    /// "compare": true, "block": true, "levels": {"exact": {"person": 0.9, "household": 0.01, "unrelated": 0.0001}},
    /// "similar": 0.9}}}`. Only `kind` must be given. Attributes are ordered by name; `CUSTOMER` has the policy `guide`,
    /// every other type `probabilistic`, with the options that ship with it.
    ///
    /// Errors: as [`EntityType::redefine`].
    pub fn parse_definition(name: &str, json: &Value) -> Result<EntityType, Error> {
        let name = checked_name("entity type", name)?;
        let policy = if name == EntityType::CUSTOMER { Policy::Guide } else { Policy::Probabilistic };
        EntityType { name, attributes: Vec::new(), policy, options: Options::of(policy) }.redefine(json)
    }

    /// The type with a definition put over it: attributes that it does not name stay as they are, and so do the options
    /// that it does not name of the others; null takes an option back. Where an attribute becomes one of another kind,
    /// its levels and its threshold of similarity go, and its class is the stricter of what it was and what ships with
    /// the kind.
    ///
    /// Errors: `22023` for an unknown key, kind, class or level, with the nearest right word; for attributes that are
    /// compared as one and say different things of it.
    pub fn redefine(&self, json: &Value) -> Result<EntityType, Error> {
        let fields = Fields::of("definition", json, &["attributes"])?;
        let given = fields.get("attributes").ok_or_else(|| fields.missing("attributes"))?;
        let given = crate::config::object("attributes of definition", given)?;
        if given.is_empty() {
            return Err(Error::invalid("definition has no attributes"));
        }
        let mut attributes: Vec<Attribute> =
            self.attributes.iter().filter(|known| !given.contains_key(&known.name)).cloned().collect();
        for (name, json) in given {
            attributes.push(attribute(name, json, self.attribute(name))?);
        }
        if attributes.len() > MAX_ATTRIBUTES {
            return Err(Error::invalid(format!("definition has more than {MAX_ATTRIBUTES} attributes")));
        }
        attributes.sort_by(|a, b| a.name.cmp(&b.name));
        agree(&attributes)?;
        Ok(EntityType { attributes, ..self.clone() })
    }

    /// Whether all that the policy compares counts.
    ///
    /// Errors: `22023` for more comparisons under `probabilistic` than count.
    pub fn check_comparisons(&self) -> Result<(), Error> {
        let comparisons = match self.policy {
            Policy::Guide => 0,
            Policy::Probabilistic => comparisons(self),
        };
        if comparisons <= MOST {
            return Ok(());
        }
        let message = format!("{comparisons} comparisons, more than the {MOST} that can count");
        Err(Error::invalid(format!("entity type \"{}\" has {message}", self.name))
            .hint("Take out what tells nobody apart: \"compare\": false keeps an attribute and does not compare it."))
    }

    /// The definition that [`EntityType::parse_definition`] reads.
    pub fn to_definition(&self) -> Value {
        let attribute = |attribute: &Attribute| {
            let mut json = json!({
                "kind": attribute.kind.name(),
                "pii": attribute.pii.name(),
                "limit": attribute.limit,
                "exclusive": attribute.exclusive,
            });
            for (key, value) in [("compare", attribute.compare), ("block", attribute.block)] {
                if !value {
                    json[key] = false.into();
                }
            }
            if !attribute.levels.is_empty() {
                json["levels"] = json!(attribute.levels);
            }
            if let Some(similar) = attribute.similar {
                json["similar"] = similar.into();
            }
            (attribute.name.clone(), json)
        };
        let attributes: Map<String, Value> = self.attributes.iter().map(attribute).collect();
        json!({ "attributes": attributes })
    }
}

fn attribute(name: &str, json: &Value, known: Option<&Attribute>) -> Result<Attribute, Error> {
    let name = checked_name("attribute", name)?;
    let fields = Fields::of(format!("attribute \"{name}\""), json, &ATTRIBUTE)?;
    let kind = fields.word("kind", &Kind::ALL.map(Kind::name))?.and_then(Kind::parse);
    let kind = kind.or(known.map(|known| known.kind)).ok_or_else(|| fields.missing("kind"))?;
    let shipped = Attribute::new(name, kind);
    let was = match known {
        None => shipped.clone(),
        Some(known) if known.kind == kind => known.clone(),
        // How values of one kind are compared says nothing of another; and nobody sees more of them unless that is said.
        Some(known) => {
            let pii = known.pii.max(shipped.pii);
            Attribute { kind, pii, levels: BTreeMap::new(), similar: None, ..known.clone() }
        }
    };
    let pii = fields.word("pii", &Pii::ALL.map(Pii::name))?.and_then(Pii::parse);
    let limit = fields.integer("limit", 1, i64::from(u32::MAX))?;
    let limit = limit.map(|limit| u32::try_from(limit).unwrap_or(u32::MAX));
    let measure = Measure::of_kind(kind);
    let told = fields.get("levels").map(|json| levels(&shipped.name, measure, json)).transpose()?;
    let attribute = Attribute {
        kind,
        pii: fields.option("pii", pii, was.pii, shipped.pii),
        limit: fields.option("limit", limit, was.limit, shipped.limit),
        exclusive: fields.option("exclusive", fields.boolean("exclusive")?, was.exclusive, shipped.exclusive),
        compare: fields.option("compare", fields.boolean("compare")?, was.compare, shipped.compare),
        block: fields.option("block", fields.boolean("block")?, was.block, shipped.block),
        levels: fields.option("levels", told, was.levels, shipped.levels),
        similar: fields.option("similar", fields.number("similar", 0.5, 1.0)?.map(Some), was.similar, shipped.similar),
        name: shipped.name,
    };
    if attribute.similar.is_some() && !matches!(measure, Some(Measure::Text | Measure::Organization)) {
        return Err(Error::invalid(format!("attribute \"{}\" has no threshold of similarity", attribute.name))
            .hint("Texts and names of organizations have: what other kinds call similar, their levels say."));
    }
    Ok(attribute)
}

/// The levels whose weights the definition tells.
fn levels(attribute: &str, measure: Option<Measure>, json: &Value) -> Result<BTreeMap<String, Shares>, Error> {
    let what = format!("levels of attribute \"{attribute}\"");
    let measure = measure.ok_or_else(|| {
        Error::invalid(format!("attribute \"{attribute}\" is not compared by itself, so it has no levels"))
            .hint("Give the levels of a name to a given_name or family_name, those of an address to its street.")
    })?;
    let read = |(name, json): (&String, &Value)| {
        let known = || measure.level_names();
        if !known().any(|level| level == name) {
            return Err(unknown(&format!("level of attribute \"{attribute}\""), name, known()));
        }
        let fields = Fields::of(format!("level \"{name}\" of attribute \"{attribute}\""), json, &SHARES)?;
        let share = |key: &str| fields.number(key, RAREST, 1.0);
        let needed = |key: &str| share(key)?.ok_or_else(|| fields.missing(key));
        let (person, unrelated) = (needed("person")?, needed("unrelated")?);
        Ok((name.clone(), Shares { person, household: share("household")?.unwrap_or(unrelated), unrelated }))
    };
    crate::config::object(&what, json)?.iter().map(read).collect()
}

/// Attributes that are compared as one say the same of it, as far as they say anything.
fn agree(attributes: &[Attribute]) -> Result<(), Error> {
    let joined = |kind: Kind| {
        matches!(kind, Kind::Email | Kind::Phone | Kind::Organization | Kind::GivenName | Kind::FamilyName)
    };
    for (at, one) in attributes.iter().enumerate().filter(|(_, one)| joined(one.kind)) {
        for other in attributes[at + 1..].iter().filter(|other| other.kind == one.kind) {
            let levels = !one.levels.is_empty() && !other.levels.is_empty() && one.levels != other.levels;
            let similar = one.similar.zip(other.similar).is_some_and(|(one, other)| one != other);
            if levels || similar {
                let key = if levels { "levels" } else { "similar" };
                return Err(Error::invalid(format!(
                    "attributes \"{}\" and \"{}\" are compared as one and have different {key}",
                    one.name, other.name
                ))
                .hint("Give them to one of the two, or the same to both."));
            }
        }
    }
    Ok(())
}

fn checked_name(what: &str, name: &str) -> Result<String, Error> {
    let length = name.chars().count();
    if name.trim() != name || length == 0 || length > MAX_NAME || name.chars().any(char::is_control) {
        return Err(Error::invalid(format!("name of {what} is empty, padded, or longer than {MAX_NAME} characters")));
    }
    Ok(name.to_owned())
}

impl Policy {
    /// The policy of that name. Errors: `22023` with the nearest right word.
    pub fn read(name: &str) -> Result<Policy, Error> {
        Policy::parse(name).ok_or_else(|| unknown("policy", name, Policy::ALL.map(Policy::name)))
    }
}

impl Options {
    const KEYS: [&'static str; 5] = ["auto", "review", "cap", "component_cap", "block_limit"];

    /// These options with those of `set_policy` put over them; null stands for none.
    ///
    /// Errors: `22023` for an unknown key, a number out of range, or `review` above `auto`.
    pub fn merge(&self, json: &Value) -> Result<Options, Error> {
        let mut options = self.clone();
        if json.is_null() {
            return Ok(options);
        }
        let fields = Fields::of("policy options", json, &Self::KEYS)?;
        options.auto = fields.number("auto", 0.0, 100.0)?.or(options.auto);
        options.review = fields.number("review", 0.0, 100.0)?.unwrap_or(options.review);
        for (key, low, option) in [
            ("cap", 1, &mut options.cap),
            ("component_cap", 1, &mut options.component_cap),
            ("block_limit", 2, &mut options.block_limit),
        ] {
            let given = fields.integer(key, low, i64::from(u32::MAX))?;
            *option = given.and_then(|number| u32::try_from(number).ok()).unwrap_or(*option);
        }
        if options.auto.is_some_and(|auto| options.review > auto) {
            return Err(Error::invalid("review of policy options is above auto")
                .hint("A pair at or above \"auto\" merges by itself; one above \"review\" waits for a steward."));
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_definition_is_read_and_written_back() {
        let json = json!({"attributes": {
            "surname": {"kind": "family_name", "pii": "none", "limit": 3},
            "passport": {"kind": "identifier", "exclusive": true},
            "tier": {"kind": "text", "compare": false},
            "trade": {"kind": "text", "similar": 0.8, "levels": {"exact": {"person": 0.9, "unrelated": 0.25}}},
        }});
        let entity = EntityType::parse_definition("PERSON", &json).unwrap();
        let expected = Attribute { limit: 3, pii: Pii::None, ..Attribute::new("surname", Kind::FamilyName) };
        assert_eq!(entity.attribute("surname"), Some(&expected));
        assert_eq!(entity.attributes[0], Attribute { exclusive: true, ..Attribute::new("passport", Kind::Identifier) });
        assert_eq!(entity.attributes[2], Attribute { compare: false, ..Attribute::new("tier", Kind::Text) });
        let exact = Shares { person: 0.9, household: 0.25, unrelated: 0.25 };
        assert_eq!(entity.attributes[3].levels, BTreeMap::from([("exact".to_owned(), exact)]));
        assert_eq!(entity.attributes[3].similar, Some(0.8));
        assert_eq!(entity.policy, Policy::Probabilistic);
        assert_eq!(EntityType::parse_definition("PERSON", &entity.to_definition()).unwrap(), entity);
    }

    #[test]
    fn what_a_definition_does_not_name_stays() {
        let was = EntityType::parse_definition(
            "PERSON",
            &json!({"attributes": {
                "ssn": {"kind": "identifier", "pii": "encrypt", "exclusive": true, "limit": 3},
                "mail": {"kind": "email", "compare": false},
                "trade": {"kind": "text", "similar": 0.8, "levels": {"exact": {"person": 0.9, "unrelated": 0.25}}},
            }}),
        )
        .unwrap();
        let to = |name: &str, json: Value| {
            let entity = was.redefine(&json!({"attributes": {name: json}})).unwrap();
            entity.attribute(name).unwrap().clone()
        };
        let known = |name: &str| was.attribute(name).unwrap().clone();
        assert_eq!(was.redefine(&json!({"attributes": {"town": {"kind": "city"}}})).unwrap().attributes.len(), 4);
        assert_eq!(to("ssn", json!({"kind": "identifier", "limit": 7})), Attribute { limit: 7, ..known("ssn") });
        assert_eq!(to("ssn", json!({"block": false})), Attribute { block: false, ..known("ssn") });
        assert_eq!(to("trade", json!({"kind": "text"})), known("trade"));
        // Null takes back, and so does what ships said aloud.
        assert_eq!(to("ssn", json!({"limit": null})).limit, crate::entity::DEFAULT_LIMIT);
        assert!(!to("ssn", json!({"exclusive": false})).exclusive);
        assert_eq!(to("trade", json!({"similar": null, "levels": null})), Attribute::new("trade", Kind::Text));
        assert_eq!(to("ssn", json!({"pii": null})).pii, Kind::Identifier.default_pii());
        // Another kind is compared in other ways, and shows no more.
        assert_eq!(to("mail", json!({"kind": "text"})), Attribute { kind: Kind::Text, ..known("mail") });
        assert_eq!(to("trade", json!({"kind": "email"})), Attribute::new("trade", Kind::Email));
    }

    #[test]
    fn a_wrong_definition_names_the_right_word() {
        let of = |attribute: Value| json!({"attributes": {"a": attribute}});
        let cases = [
            (json!(1), "definition is not a JSON object", None),
            (json!({}), "definition has no attributes", None),
            (json!({"attributes": {}}), "definition has no attributes", None),
            (
                json!({"atributes": {}}),
                "unknown key of definition: \"atributes\"",
                Some("Perhaps you meant \"attributes\"."),
            ),
            (of(json!({})), "attribute \"a\" has no kind", None),
            (
                of(json!({"kind": "phon"})),
                "unknown kind of attribute \"a\": \"phon\"",
                Some("Perhaps you meant \"phone\"."),
            ),
            (
                of(json!({"kind": "text", "pii": "masked"})),
                "unknown pii of attribute \"a\": \"masked\"",
                Some("Known: none, mask, encrypt."),
            ),
            (
                of(json!({"kind": "text", "limit": 0})),
                "limit of attribute \"a\" is not a whole number from 1 to 4294967295",
                None,
            ),
            (of(json!({"kind": "text", "exclusive": 1})), "exclusive of attribute \"a\" is not true or false", None),
            (
                json!({"attributes": {" ": {"kind": "text"}}}),
                "name of attribute is empty, padded, or longer than 100 characters",
                None,
            ),
        ];
        for (json, message, hint) in cases {
            let error = EntityType::parse_definition("PERSON", &json).unwrap_err();
            assert_eq!((error.message.as_str(), error.hint.as_deref()), (message, hint));
        }
        assert!(EntityType::parse_definition("", &of(json!({"kind": "text"}))).is_err());
    }

    #[test]
    fn options_are_put_over_those_in_force() {
        let options = Options::default().merge(&json!({"auto": 95.5, "cap": 50})).unwrap();
        assert_eq!(options, Options { auto: Some(95.5), cap: 50, ..Options::default() });
        assert_eq!(options.merge(&Value::Null).unwrap(), options);
        let cases = [
            (json!({"reviev": 1}), "unknown key of policy options: \"reviev\""),
            (json!({"auto": 101}), "auto of policy options is not a number from 0 to 100"),
            (json!({"cap": 0}), "cap of policy options is not a whole number from 1 to 4294967295"),
            (json!({"review": 99.0}), "review of policy options is above auto"),
        ];
        for (json, message) in cases {
            assert_eq!(options.merge(&json).unwrap_err().message, message);
        }
        assert_eq!(Policy::read("guide").unwrap(), Policy::Guide);
        assert_eq!(Policy::read("guid").unwrap_err().hint.as_deref(), Some("Perhaps you meant \"guide\"."));
    }
}
