//! Reading the keys of a version as values of attributes.

use crate::entity::{Attribute, EntityType};
use crate::kind::Kind;
use crate::normalise::{self, Context, DateOrder};
use crate::record::Version;
use crate::source::SourceOptions;
use crate::value::Reading;
use serde_json::Value;
use std::collections::BTreeMap;

/// One key of a version: what it says of which attribute.
pub(crate) struct Stated<'a> {
    /// `None`: the key has no attribute; `reading` then means nothing.
    pub attribute: Option<&'a str>,
    pub key: &'a str,
    pub json: &'a Value,
    pub reading: Reading,
}

/// Reads versions in the light of all of them: a phone is read by the country that was in force when it was stated.
pub(crate) struct Reader<'a> {
    entity: &'a EntityType,
    mapping: &'a BTreeMap<String, String>,
    source: &'a SourceOptions,
    /// The record's country now.
    region: Option<String>,
    /// By position of the version: the country its phones are read by.
    in_force: Vec<Option<String>>,
}

impl<'a> Reader<'a> {
    pub fn new(
        entity: &'a EntityType,
        mapping: &'a BTreeMap<String, String>,
        source: &'a SourceOptions,
        ordered: &[&'a Version],
    ) -> Reader<'a> {
        let mut reader = Reader { entity, mapping, source, region: None, in_force: Vec::with_capacity(ordered.len()) };
        let mut region: Option<String> = None;
        for version in ordered {
            match reader.country(version) {
                _ if version.deleted => region = None,
                Some(Reading::Value(value)) => region = Some(value.canonical.to_string()),
                Some(Reading::Nothing) => region = None,
                Some(Reading::Unreadable) | None => {}
            }
            reader.in_force.push(region.clone());
        }
        reader.region = region;
        let mut later: Option<String> = None;
        for region in reader.in_force.iter_mut().rev() {
            match region {
                Some(_) => later.clone_from(region),
                None => region.clone_from(&later),
            }
        }
        reader
    }

    /// The record's region: its country now, else the source's.
    pub fn region(&self) -> &str {
        self.region.as_deref().unwrap_or(self.source.region_or_default())
    }

    /// Where a version's phones are read: the country in force with it; where none is, the first one stated later;
    /// else the source's region.
    fn region_at(&self, position: usize) -> &str {
        self.in_force.get(position).and_then(Option::as_deref).unwrap_or(self.source.region_or_default())
    }

    /// What the version says of its country: the alphabetically first key of that kind.
    fn country(&self, version: &Version) -> Option<Reading> {
        let context = self.context(version, "US");
        let attribute = |key: &str| self.attribute_of(key, version).filter(|attribute| attribute.kind == Kind::Country);
        let (_, json) = version.attributes.iter().find(|(key, _)| attribute(key).is_some())?;
        Some(normalise::read_json(Kind::Country, json, &context))
    }

    /// What the version at `position` states, key by key.
    pub fn read(&self, position: usize, version: &'a Version) -> Vec<Stated<'a>> {
        let context = self.context(version, self.region_at(position));
        let stated = |(key, json): (&'a String, &'a Value)| match self.attribute_of(key, version) {
            None => Stated { attribute: None, key, json, reading: Reading::Nothing },
            Some(attribute) => {
                let reading = normalise::read_json(attribute.kind, json, &context);
                Stated { attribute: Some(&attribute.name), key, json, reading }
            }
        };
        version.attributes.iter().map(stated).collect()
    }

    /// The attribute that `key` states in this version, unless another key has precedence for it.
    fn attribute_of(&self, key: &str, version: &Version) -> Option<&'a Attribute> {
        if let Some(own) = self.entity.attribute(key) {
            return Some(own);
        }
        let attribute = self.entity.attribute(self.mapping.get(key)?)?;
        let taken = version.attributes.contains_key(&attribute.name)
            || version.attributes.keys().take_while(|other| *other != key).any(|other| {
                self.mapping.get(other).is_some_and(|name| *name == attribute.name)
                    && self.entity.attribute(other).is_none()
            });
        (!taken).then_some(attribute)
    }

    fn context<'b>(&'b self, version: &Version, region: &'b str) -> Context<'b> {
        Context {
            region,
            date_order: self.source.date_order.unwrap_or(DateOrder::MonthFirst),
            time_zone: self.source.zone(),
            year: year(version),
        }
    }
}

/// The year of the event: "within the last 100 years" must not depend on when it is read.
fn year(version: &Version) -> i32 {
    let at = jiff::Timestamp::from_microsecond(version.timestamp).unwrap_or_default();
    i32::from(jiff::tz::Offset::UTC.to_datetime(at).year())
}
