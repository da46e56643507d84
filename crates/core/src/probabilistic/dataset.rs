//! The records of one entity type as features in compact columns.

use super::features::{Address, Date, Email, Form, Name, Phone, Tokens, Words, NONE};
use super::parse;
use crate::columns::{Columns, Joined};
use crate::entity::EntityType;
use crate::kind::Kind;
use crate::threads;
use hashbrown::HashMap;

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
    /// From which similarity on two of its texts are similar, in thousandths.
    pub(crate) similar: u32,
    pub(crate) table: Table,
    pub(crate) tokens: Tokens,
}

/// Records of one entity type, taken apart for comparison. Records are known by their position.
#[derive(Default)]
pub struct Dataset {
    pub(crate) fields: Vec<Field>,
    /// Feature ids, `width` a record.
    pub(crate) rows: Vec<u32>,
    pub(crate) width: usize,
}

/// Texts are similar from here on unless the definition tells otherwise.
const SIMILAR: u32 = 900;

/// The fields of records of `entity`, empty, and how many features a record has.
pub(crate) fn fields(entity: &EntityType) -> (Vec<Field>, usize) {
    let mut fields: Vec<Field> = vec![];
    let mut width = 0;
    let of = |kind: Kind| -> Vec<usize> {
        let counts = |at: &usize| entity.attributes[*at].compare && entity.attributes[*at].kind == kind;
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
        let told = attributes.iter().flatten().find_map(|&at| entity.attributes[at].similar);
        let similar = told.map_or(SIMILAR, |share| (share * 1000.0).round() as u32);
        let slots = width..width + slots;
        width = slots.end;
        let tokens = Tokens::new(form);
        fields.push(Field { name: name.into(), form, slots, attributes, kind, blocks, similar, table, tokens });
    };
    let (given, family, full) = (of(Kind::GivenName), of(Kind::FamilyName), of(Kind::FullName));
    if !(given.is_empty() && family.is_empty() && full.is_empty()) {
        add("name", Form::Name, Kind::FullName, vec![given, family, full], 1);
    }
    for (name, form, kind) in [
        ("email", Form::Email, Kind::Email),
        ("phone", Form::Phone, Kind::Phone),
        ("organization", Form::Organization, Kind::Organization),
    ] {
        let attributes = of(kind);
        if !attributes.is_empty() {
            let count = attributes.len();
            add(name, form, kind, vec![attributes], count);
        }
    }
    let (street, city, postcode) = (of(Kind::Street), of(Kind::City), of(Kind::Postcode));
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
            Kind::Number => Form::Number,
            Kind::Text | Kind::Boolean | Kind::Locale => Form::Text,
            Kind::Region | Kind::Country => Form::Text,
            Kind::Street | Kind::City | Kind::Postcode if further => Form::Text,
            // When something happened is behaviour, not identity.
            _ => continue,
        };
        add(&attribute.name, form, attribute.kind, vec![vec![at]], 1);
    }
    (fields, width)
}

impl Dataset {
    /// The records of `entity` whose values these are.
    pub(crate) fn of(entity: &EntityType, columns: &Columns) -> Dataset {
        let (fields, width) = fields(entity);
        // The parse of an email looks at the holder's name, so one follows the other.
        let (joint, others): (Vec<_>, Vec<_>) =
            fields.into_iter().enumerate().partition(|(_, field)| matches!(field.form, Form::Name | Form::Email));
        let tasks = std::iter::once(joint).chain(others.into_iter().map(|one| vec![one])).collect();
        let read = threads::map(tasks, columns.threads, |fields: Vec<(usize, Field)>| {
            let mut read: Vec<(usize, Field, Vec<u32>)> = vec![];
            for (at, mut field) in fields {
                let names = read.first().filter(|(_, field, _)| field.form == Form::Name);
                let ids = match field.form {
                    Form::Name | Form::Address => joint_features(&mut field, columns),
                    Form::Email => emails(&mut field, columns, names.map(|(_, field, ids)| (field, &ids[..]))),
                    _ => features(&mut field, columns),
                };
                field.tokens.finish();
                read.push((at, field, ids));
            }
            read
        });
        let mut read: Vec<(usize, Field, Vec<u32>)> = read.into_iter().flatten().collect();
        read.sort_unstable_by_key(|(at, ..)| *at);
        let mut rows = vec![NONE; columns.records * width];
        for (record, row) in rows.chunks_exact_mut(width.max(1)).enumerate() {
            columns.threads.look();
            for (_, field, ids) in &read {
                let slots = field.slots.len();
                row[field.slots.clone()].copy_from_slice(&ids[record * slots..(record + 1) * slots]);
            }
        }
        Dataset { fields: read.into_iter().map(|(_, field, _)| field).collect(), rows, width }
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.rows.len().checked_div(self.width).unwrap_or(0)
    }

    /// True when there is no record.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) fn row(&self, record: usize) -> &[u32] {
        &self.rows[record * self.width..(record + 1) * self.width]
    }
}

/// Reads each value of the field's attributes once; gives the features of each record, as many as the field has slots.
fn features(field: &mut Field, columns: &Columns) -> Vec<u32> {
    let joined = columns.joined(&field.attributes[0]);
    // Features are numbered as they are met, so that those of records that stand together do so too.
    let mut read: Vec<Option<u32>> = vec![None; joined.texts.len()];
    slots(field.slots.len(), columns, &joined, |_, number| {
        *read[number as usize].get_or_insert_with(|| parse(field, &[&[joined.texts[number as usize]]]))
    })
}

/// By record the different features of what it says, where `feature` tells that of a record and the number of a text.
fn slots(width: usize, columns: &Columns, joined: &Joined, mut feature: impl FnMut(usize, u32) -> u32) -> Vec<u32> {
    let mut out = vec![NONE; columns.records * width];
    let mut told = vec![];
    for (record, row) in out.chunks_exact_mut(width.max(1)).enumerate() {
        columns.threads.look();
        told.clear();
        joined.told(columns, record, &mut told);
        let mut next = 0;
        for &number in &told {
            let id = feature(record, number);
            if id != NONE && !row[..next].contains(&id) {
                row[next] = id;
                next += 1;
            }
        }
    }
    out
}

/// An email taken apart, and its letters; `None` for a text that is none.
type Parsed = Option<(Email, Box<str>)>;

/// By record the different emails: the words of the holder's name are part of what one is, since it may spell them.
fn emails(field: &mut Field, columns: &Columns, names: Option<(&Field, &[u32])>) -> Vec<u32> {
    let joined = columns.joined(&field.attributes[0]);
    let Table::Emails(list) = &mut field.table else { return vec![] };
    let tokens = &mut field.tokens;
    let mut read: Vec<Option<Parsed>> = vec![None; joined.texts.len()];
    let holder = names.and_then(|(field, of)| match &field.table {
        Table::Names(list) => Some((&field.tokens, list, of)),
        _ => None,
    });
    // What a name is to an email: its words.
    let mut words: HashMap<([u32; 3], [u32; 3]), u32> = HashMap::new();
    let mut word_of = |name: &Name| {
        let next = words.len() as u32;
        *words.entry((name.given, name.family)).or_insert(next)
    };
    let known: Vec<u32> = holder.map_or(vec![], |(_, names, _)| names.iter().map(&mut word_of).collect());
    let mut ids: HashMap<(u32, u32), u32> = HashMap::new();
    slots(field.slots.len(), columns, &joined, |record, number| {
        let parsed = || parse::email(tokens, joined.texts[number as usize]);
        let Some((email, letters)) = read[number as usize].get_or_insert_with(parsed) else { return NONE };
        let name = holder.map_or(NONE, |(_, _, of)| of[record]);
        let next = list.len() as u32;
        *ids.entry((number, known.get(name as usize).copied().unwrap_or(NONE))).or_insert_with(|| {
            let spells = holder.is_some_and(|(tokens, names, _)| {
                names.get(name as usize).is_some_and(|name| parse::spells(tokens, name, letters))
            });
            list.push(Email { spells, ..email.clone() });
            next
        })
    })
}

/// By record the different features that several attributes make together.
fn joint_features(field: &mut Field, columns: &Columns) -> Vec<u32> {
    let parts: Vec<Joined> = field.attributes.iter().map(|attributes| columns.joined(attributes)).collect();
    // What a record says is a path: the values of one part after the other, [`NONE`] up to its length where there are
    // fewer.
    let mut paths: Vec<HashMap<(u32, u32), u32>> = vec![];
    let mut read: Vec<u32> = vec![];
    let (mut path, mut told) = (vec![], vec![]);
    let mut out = Vec::with_capacity(columns.records);
    for record in 0..columns.records {
        columns.threads.look();
        path.clear();
        for (part, attributes) in parts.iter().zip(&field.attributes) {
            told.clear();
            part.told(columns, record, &mut told);
            told.resize(attributes.len(), NONE);
            path.extend_from_slice(&told);
        }
        if path.iter().all(|&number| number == NONE) {
            out.push(NONE);
            continue;
        }
        paths.resize_with(path.len().max(2) - 1, HashMap::new);
        let last = paths.len() - 1;
        let mut here = path[0];
        for (step, known) in paths.iter_mut().enumerate() {
            let next = known.len() as u32;
            let mut new = false;
            here = *known.entry((here, path.get(step + 1).copied().unwrap_or(NONE))).or_insert_with(|| {
                new = true;
                next
            });
            if new && step == last {
                let mut rest = &path[..];
                let texts: Vec<Vec<&str>> = parts
                    .iter()
                    .zip(&field.attributes)
                    .map(|(part, attributes)| {
                        let (mine, others) = rest.split_at(attributes.len());
                        rest = others;
                        mine.iter().filter_map(|&number| part.texts.get(number as usize).copied()).collect()
                    })
                    .collect();
                let texts: Vec<&[&str]> = texts.iter().map(|list| &list[..]).collect();
                read.push(parse(field, &texts));
            }
        }
        out.push(read[here as usize]);
    }
    out
}

fn parse(field: &mut Field, parts: &[&[&str]]) -> u32 {
    let part = |at: usize| parts.get(at).copied().unwrap_or_default();
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
    let tokens = &mut field.tokens;
    match &mut field.table {
        Table::Names(list) => add(list, parse::name(tokens, part(0), part(1), part(2))),
        Table::Emails(_) => NONE,
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
