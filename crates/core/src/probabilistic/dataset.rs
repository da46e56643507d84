//! The records of one entity type as features in compact columns.

use super::features::{Address, Date, Email, Form, Name, Phone, Tokens, Words, NONE};
use super::parse;
use crate::entity::EntityType;
use crate::kind::Kind;
use crate::normalise::is_junk;
use std::collections::HashMap;

/// The features of one form that occur in a data set, each once.
pub(crate) enum Table {
    Names(Vec<Name>),
    Emails(Vec<Email>),
    Phones(Vec<Phone>),
    Dates(Vec<Date>),
    Addresses(Vec<Address>),
    Words(Vec<Words>),
}

/// What is compared as one: some attributes, read together into at most `slots.len()` features a record.
pub(crate) struct Field {
    /// The attribute's name, or `name`, `email`, `phone`, `address` for those that join several.
    pub(crate) name: String,
    pub(crate) form: Form,
    /// The columns of [`Dataset::rows`] that hold its features.
    pub(crate) slots: std::ops::Range<usize>,
    /// Positions of its attributes in the entity type; for names given, family, full; for addresses street, city,
    /// postcode.
    attributes: Vec<Vec<usize>>,
    pub(crate) kind: Kind,
    /// Whether records find each other by it: unless none of its attributes is for that.
    pub(crate) blocks: bool,
    pub(crate) table: Table,
    ids: HashMap<Box<str>, u32>,
}

/// Records of one entity type, taken apart for comparison. Records are known by their position.
pub struct Dataset {
    pub(crate) tokens: Tokens,
    pub(crate) fields: Vec<Field>,
    /// Feature ids, `width` a record.
    pub(crate) rows: Vec<u32>,
    pub(crate) width: usize,
    attributes: Vec<(String, Kind)>,
}

impl Dataset {
    /// An empty data set of records of `entity`.
    pub fn new(entity: &EntityType) -> Dataset {
        let mut fields: Vec<Field> = vec![];
        let mut width = 0;
        let of = |kinds: &[Kind]| -> Vec<usize> {
            let counts = |at: &usize| entity.attributes[*at].compare && kinds.contains(&entity.attributes[*at].kind);
            (0..entity.attributes.len()).filter(counts).collect()
        };
        let mut add = |name: &str, form: Form, kind: Kind, attributes: Vec<Vec<usize>>, slots: usize| {
            let table = match form {
                Form::Name => Table::Names(vec![]),
                Form::Email => Table::Emails(vec![]),
                Form::Phone => Table::Phones(vec![]),
                Form::Date => Table::Dates(vec![]),
                Form::Address => Table::Addresses(vec![]),
                _ => Table::Words(vec![]),
            };
            let blocks = attributes.iter().flatten().any(|&at| entity.attributes[at].block);
            let slots = width..width + slots;
            width = slots.end;
            fields.push(Field { name: name.into(), form, slots, attributes, kind, blocks, table, ids: HashMap::new() });
        };
        let (given, family, full) = (of(&[Kind::GivenName]), of(&[Kind::FamilyName]), of(&[Kind::FullName]));
        if !(given.is_empty() && family.is_empty() && full.is_empty()) {
            add("name", Form::Name, Kind::FullName, vec![given, family, full], 1);
        }
        for (name, form, kind) in [
            ("email", Form::Email, Kind::Email),
            ("phone", Form::Phone, Kind::Phone),
            ("organization", Form::Organization, Kind::Organization),
        ] {
            let attributes = of(&[kind]);
            if !attributes.is_empty() {
                let count = attributes.len();
                add(name, form, kind, attributes.into_iter().map(|at| vec![at]).collect(), count);
            }
        }
        let (street, city, postcode) = (of(&[Kind::Street]), of(&[Kind::City]), of(&[Kind::Postcode]));
        let place = !(street.is_empty() && city.is_empty() && postcode.is_empty());
        if place {
            let first = |list: &[usize]| list.iter().take(1).copied().collect::<Vec<_>>();
            add("address", Form::Address, Kind::Street, vec![first(&street), first(&city), first(&postcode)], 1);
        }
        for (at, attribute) in entity.attributes.iter().enumerate() {
            let further = [&street, &city, &postcode].iter().any(|list| list.iter().skip(1).any(|&other| other == at));
            let form = match attribute.kind {
                _ if !attribute.compare => continue,
                Kind::Date => Form::Date,
                Kind::Identifier => Form::Identifier,
                Kind::Text | Kind::Boolean | Kind::Number | Kind::Locale => Form::Text,
                Kind::Region | Kind::Country => Form::Text,
                Kind::Street | Kind::City | Kind::Postcode if further => Form::Text,
                // When something happened is behaviour, not identity.
                _ => continue,
            };
            add(&attribute.name, form, attribute.kind, vec![vec![at]], 1);
        }
        let attributes = entity.attributes.iter().map(|attribute| (attribute.name.clone(), attribute.kind)).collect();
        Dataset { tokens: Tokens::default(), fields, rows: vec![], width, attributes }
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.rows.len().checked_div(self.width).unwrap_or(0)
    }

    /// True when there is no record.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds a record by its canonical values in the order of the entity type's attributes; missing ones are `None`.
    pub fn push_values(&mut self, values: &[Option<&str>]) {
        // Junk by form names nobody.
        let told =
            |(value, (_, kind)): (&Option<&'_ str>, &(String, Kind))| value.is_some_and(|value| !is_junk(*kind, value));
        let values: Vec<Option<&str>> =
            values.iter().zip(&self.attributes).map(|pair| if told(pair) { *pair.0 } else { None }).collect();
        let row = intern_row(&mut self.tokens, &mut self.fields, self.width, &values);
        self.rows.extend(row);
    }

    pub(crate) fn row(&self, record: usize) -> &[u32] {
        &self.rows[record * self.width..(record + 1) * self.width]
    }
}

/// Reads the values of one record into features, each new one once.
fn intern_row(tokens: &mut Tokens, fields: &mut [Field], width: usize, values: &[Option<&str>]) -> Vec<u32> {
    let mut row = vec![NONE; width];
    let get = |list: &[usize]| -> Vec<&str> {
        list.iter().filter_map(|&at| values.get(at).copied().flatten()).filter(|v| !v.is_empty()).collect()
    };
    let mut key = String::new();
    let mut name_at: Option<(usize, u32)> = None;
    for index in 0..fields.len() {
        let (before, rest) = fields.split_at_mut(index);
        let Some(field) = rest.first_mut() else { continue };
        let holder = match name_at {
            Some((at, id)) => match &before[at].table {
                Table::Names(list) => list.get(id as usize),
                _ => None,
            },
            None => None,
        };
        let joint = matches!(field.form, Form::Name | Form::Address);
        let parts: Vec<Vec<&str>> = field.attributes.iter().map(|list| get(list)).collect();
        let groups: Vec<&[Vec<&str>]> = if joint { vec![&parts[..]] } else { parts.chunks(1).collect() };
        let mut slot = field.slots.start;
        for group in groups {
            if group.iter().all(Vec::is_empty) {
                continue;
            }
            key.clear();
            for part in group {
                for value in part {
                    key.push_str(value);
                    key.push('\u{1}');
                }
                key.push('\u{2}');
            }
            // The parse of an email looks at the holder's name, so that is part of what it is known by.
            if let (Form::Email, Some(name)) = (field.form, holder) {
                for &id in name.given.iter().chain(&name.family) {
                    key.push_str(tokens.text(id));
                    key.push('\u{3}');
                }
            }
            let id = match field.ids.get(key.as_str()) {
                Some(&id) => id,
                None => {
                    let id = parse(tokens, field, group, holder);
                    field.ids.insert(key.as_str().into(), id);
                    id
                }
            };
            if id != NONE && !row[field.slots.start..slot].contains(&id) {
                row[slot] = id;
                slot += 1;
            }
        }
        if field.form == Form::Name {
            let id = row[field.slots.start];
            name_at = (id != NONE).then_some((index, id));
        }
    }
    row
}

fn parse(tokens: &mut Tokens, field: &mut Field, parts: &[Vec<&str>], holder: Option<&Name>) -> u32 {
    let part = |at: usize| parts.get(at).map_or(&[][..], |list| &list[..]);
    let first = |at: usize| part(at).first().copied().unwrap_or("");
    fn add<T>(list: &mut Vec<T>, feature: Option<T>) -> u32 {
        match feature {
            Some(feature) => {
                list.push(feature);
                list.len() as u32 - 1
            }
            None => NONE,
        }
    }
    match &mut field.table {
        Table::Names(list) => add(list, parse::name(tokens, part(0), part(1), part(2))),
        Table::Emails(list) => add(list, parse::email(tokens, first(0), holder)),
        Table::Phones(list) => add(list, parse::phone(tokens, first(0))),
        Table::Dates(list) => add(list, parse::date(tokens, first(0))),
        Table::Addresses(list) => add(list, parse::address(tokens, first(0), first(1), first(2))),
        Table::Words(list) => add(list, parse::text(tokens, field.kind, first(0))),
    }
}

/// How many features a table holds.
pub(crate) fn features_of(table: &Table) -> usize {
    match table {
        Table::Names(list) => list.len(),
        Table::Emails(list) => list.len(),
        Table::Phones(list) => list.len(),
        Table::Dates(list) => list.len(),
        Table::Addresses(list) => list.len(),
        Table::Words(list) => list.len(),
    }
}
