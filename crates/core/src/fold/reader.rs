//! Reading the keys of a version as values of attributes.

use crate::entity::{Attribute, EntityType};
use crate::kind::Kind;
use crate::normalise::{self, Context, DateOrder};
use crate::record::Version;
use crate::source::SourceOptions;
use crate::value::{Reading, Text};
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
    /// The record's country now, else the region it is sent with.
    region: Option<Text>,
    /// By position of the version.
    seen: Vec<Seen<'a>>,
}

/// What was found out about a version before it is read.
struct Seen<'a> {
    /// The attribute that each key states.
    attributes: Vec<Option<&'a Attribute>>,
    /// The keys, by place, that state an attribute with another name.
    mapped: Vec<usize>,
    /// What it says of its country, and the place of the key: the alphabetically first of that kind.
    country: Option<(usize, Reading)>,
    /// The country in force with it, and the region that the record was last sent with.
    country_in_force: Option<Text>,
    region_in_force: Option<Text>,
}

impl Seen<'_> {
    /// What its phones are read by.
    fn in_force(&self) -> Option<&str> {
        self.country_in_force.as_deref().or(self.region_in_force.as_deref())
    }
}

impl<'a> Reader<'a> {
    pub fn new(
        entity: &'a EntityType,
        mapping: &'a BTreeMap<String, String>,
        source: &'a SourceOptions,
        ordered: &[&'a Version],
    ) -> Reader<'a> {
        let mut reader = Reader { entity, mapping, source, region: None, seen: Vec::with_capacity(ordered.len()) };
        let (mut country, mut region) = (None, None);
        for version in ordered {
            let seen = reader.seen(version);
            if version.deleted {
                (country, region) = (None, None);
            } else if let Some((_, said)) = &seen.country {
                follow(&mut country, said);
            }
            if let Some(sent) = &version.region {
                follow(&mut region, &read_country(&Value::String(sent.to_string())));
            }
            reader.seen.push(Seen { country_in_force: country.clone(), region_in_force: region.clone(), ..seen });
        }
        reader.region = country.or(region);
        let (mut country, mut region) = (None, None);
        for seen in reader.seen.iter_mut().rev() {
            for (here, later) in [(&mut seen.country_in_force, &mut country), (&mut seen.region_in_force, &mut region)]
            {
                match here {
                    Some(_) => later.clone_from(here),
                    None => here.clone_from(later),
                }
            }
        }
        for (at, version) in ordered.iter().enumerate() {
            let seen @ Seen { attributes, mapped, .. } = &reader.seen[at];
            if !mapped.is_empty() {
                let (mut attributes, context) = (attributes.clone(), reader.context(version, seen.in_force()));
                settle(&mut attributes, mapped, version, |kind, json| normalise::read_json(kind, json, &context));
                reader.seen[at].attributes = attributes;
            }
        }
        reader
    }

    /// The record's region: its country now, else the one that it was last sent with, else the source's.
    pub fn region(&self) -> &str {
        self.region.as_deref().unwrap_or(self.source.region_or_default())
    }

    fn seen(&self, version: &Version) -> Seen<'a> {
        let mut attributes: Vec<_> = version.attributes.keys().map(|key| self.attribute_of(key)).collect();
        let stated = attributes.iter().zip(version.attributes.keys()).enumerate();
        let mapped = stated.filter(|(_, (attribute, key))| attribute.is_some_and(|one| one.name != key.as_str()));
        let mapped: Vec<usize> = mapped.map(|(at, _)| at).collect();
        let is_country = |at: usize| attributes[at].is_some_and(|one| one.kind == Kind::Country);
        // How phones are read depends on it.
        let countries: Vec<usize> = mapped.iter().copied().filter(|at| is_country(*at)).collect();
        settle(&mut attributes, &countries, version, |_, json| read_country(json));
        let mut stated = attributes.iter().zip(version.attributes.values()).enumerate();
        let country = stated.find(|(_, (attribute, _))| attribute.is_some_and(|one| one.kind == Kind::Country));
        let country = country.map(|(at, (_, json))| (at, read_country(json)));
        Seen { attributes, mapped, country, country_in_force: None, region_in_force: None }
    }

    /// What the version at `position` states, key by key. Its phones are read by the country in force with it; where
    /// none is, by the first one stated later; else likewise by the region that the record is sent with; else by the source's.
    pub fn read<'b>(&'b self, position: usize, version: &'a Version) -> impl Iterator<Item = Stated<'a>> + use<'a, 'b> {
        let seen = &self.seen[position];
        let context = self.context(version, seen.in_force());
        version.attributes.iter().zip(&seen.attributes).enumerate().map(move |(at, ((key, json), attribute))| {
            let reading = match (attribute, &seen.country) {
                (None, _) => Reading::Nothing,
                (_, Some((place, reading))) if *place == at => reading.clone(),
                (Some(attribute), _) => normalise::read_json(attribute.kind, json, &context),
            };
            Stated { attribute: attribute.map(|attribute| &*attribute.name), key, json, reading }
        })
    }

    /// The attribute that `key` states: its own, else the one that it is mapped to.
    fn attribute_of(&self, key: &str) -> Option<&'a Attribute> {
        self.entity.attribute(key).or_else(|| self.entity.attribute(self.mapping.get(key)?))
    }

    fn context<'b>(&'b self, version: &Version, in_force: Option<&'b str>) -> Context<'b> {
        Context {
            region: in_force.unwrap_or(self.source.region_or_default()),
            date_order: self.source.date_order.unwrap_or(DateOrder::MonthFirst),
            time_zone: self.source.zone(),
            year: normalise::year_of(version.timestamp),
        }
    }
}

/// Of the keys of a version that state one attribute one counts: one whose value can be read; of those the attribute's own, else
/// the alphabetically first. The others state none. `mapped`: the places of keys with another name than their attribute.
fn settle(
    attributes: &mut [Option<&Attribute>],
    mapped: &[usize],
    version: &Version,
    read: impl Fn(Kind, &Value) -> Reading,
) {
    if mapped.is_empty() {
        return;
    }
    let stated: Vec<(&Text, &Value)> = version.attributes.iter().collect();
    for at in mapped {
        let Some(attribute) = attributes[*at] else { continue };
        let one = |other: &Option<&Attribute>| other.is_some_and(|other| other.name == attribute.name);
        let mut rivals: Vec<usize> = (0..stated.len()).filter(|at| one(&attributes[*at])).collect();
        if rivals.len() > 1 {
            rivals.sort_by_cached_key(|at| {
                let (key, json) = stated[*at];
                (!matches!(read(attribute.kind, json), Reading::Value(_)), attribute.name != key.as_str(), *at)
            });
            rivals[1..].iter().for_each(|loser| attributes[*loser] = None);
        }
    }
}

/// What is in force once that was said; what cannot be read says nothing.
fn follow(in_force: &mut Option<Text>, said: &Reading) {
    match said {
        Reading::Value(value) => *in_force = Some(value.canonical.clone()),
        Reading::Nothing => *in_force = None,
        Reading::Unreadable => {}
    }
}

/// The reading of a country depends on nothing but its text.
fn read_country(json: &Value) -> Reading {
    normalise::read_json(Kind::Country, json, &Context::default())
}
