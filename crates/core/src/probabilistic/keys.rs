//! Blocking: the keys under which two records become candidates.
//!
//! A key is a hash whose lowest bits tell its type. Each type has its own limit: a whole value that is nearly one
//! person's may be held by many records, a combination of approximations by few, because a finer key of the same record
//! finds the pair. Every key of a record is stored and probed at each insert, so that there are some twenty of a record
//! that says everything and fewer of one that says little.

use super::dataset::Table;
use super::features::{Address, Date, Email, Form, Name, Tokens, Words, NONE};
use super::Dataset;
use crate::kind::Kind;
use crate::normalise::nicknames::formal;
use crate::text::{hash, mix};

/// What a key is made of. `Who` is the family name by sound; without one the given name, and without a name the
/// organization.
#[derive(Clone, Copy)]
enum Type {
    /// Both names by sound in either order, nicknames by the name they stand for.
    Names,
    /// First letter and family name.
    InitialFamily,
    /// First letter, family name and city.
    InitialFamilyCity,
    /// A free word of a full name, and who.
    WordWho,
    /// Number and street.
    Line,
    /// The house number in one postcode.
    NumberPostcode,
    WhoPostcode,
    WhoCity,
    WhoStreet,
    Email,
    /// What stands before the @.
    Local,
    /// The first letters of that, and who.
    LocalWho,
    /// The last seven digits.
    Phone,
    /// Half of those, and who.
    HalfPhoneWho,
    Date,
    /// Two of its three parts, and who.
    PartsWho,
    /// Two of its three parts, and the given name by sound.
    PartsGiven,
    /// The first letters of an email, and the given name by sound.
    LocalGiven,
    GivenCity,
    GivenPostcode,
    Identifier,
    HalfIdentifierWho,
    Organization,
    OrganizationWho,
    /// A word of an organization in a place, for records without a personal name.
    WordPlace,
    /// Two neighbouring words of an organization.
    Words,
    Text,
    TextWho,
    /// Two texts, or a text and a date, for records without a personal name.
    Texts,
    /// Both names and a whole date.
    NamesDate,
    NamesPostcode,
}

/// How many types there are.
const TYPES: usize = Type::NamesPostcode as usize + 1;

/// The bits of a key that tell its type.
const TYPE: u64 = 63;

/// The most records that may hold `key`: held by more it tells nothing.
pub fn key_limit(key: u64) -> usize {
    const LIMITS: [usize; TYPES] = limits();
    LIMITS.get((key & TYPE) as usize).copied().unwrap_or(0)
}

const fn limits() -> [usize; TYPES] {
    let mut out = [15; TYPES];
    out[Type::Names as usize] = 50;
    out[Type::Line as usize] = 50;
    // Whole values that are one person's: the person may have as many records as a golden record holds. Those that
    // serve several people are generic by the names they serve, and their holders meet in other blocks.
    out[Type::Email as usize] = 1000;
    out[Type::Local as usize] = 50;
    out[Type::Phone as usize] = 1000;
    out[Type::Date as usize] = 30;
    out[Type::Identifier as usize] = 1000;
    // Nearly so: who states neither number nor mailbox has records that fill every other block.
    out[Type::NamesDate as usize] = 1000;
    out[Type::NamesPostcode as usize] = 1000;
    out[Type::Organization as usize] = 50;
    out[Type::Text as usize] = 30;
    out
}

/// The keys of one record as they are found.
struct Keys {
    out: Vec<u64>,
}

impl Keys {
    /// A key of two hashes; none where either is missing.
    fn pair(&mut self, kind: Type, salt: u64, a: u64, b: u64) {
        if a != 0 && b != 0 {
            self.out.push(mix(mix(kind as u64 + 1 + (salt << 8), a), b) & !TYPE | kind as u64);
        }
    }

    fn single(&mut self, kind: Type, salt: u64, a: u64) {
        self.pair(kind, salt, a, 1);
    }
}

/// What a record offers to be found by, together with its other values.
#[derive(Default)]
struct Person {
    initial: u64,
    given_sound: u64,
    family: u64,
    /// Both names, as for [`Type::Names`].
    names: u64,
    /// Who it is, roughly.
    who: u64,
    named: bool,
}

/// The blocking keys of a record, sorted, each once. They depend on its values alone.
pub fn keys(data: &Dataset, record: usize) -> Vec<u64> {
    let row = data.row(record);
    let mut keys = Keys { out: Vec::with_capacity(32) };
    let mut person = Person::default();
    let mut address = None;
    for field in data.fields.iter().filter(|field| field.blocks) {
        let id = row[field.slots.start];
        match &field.table {
            _ if id == NONE => {}
            Table::Names(list) => person = of_name(&field.tokens, &list[id as usize], &mut keys),
            Table::Addresses(list) => address = list.get(id as usize).map(|address| (&field.tokens, address)),
            Table::Words(list) if field.form == Form::Organization && person.who == 0 => {
                person.who = field.tokens.sound(list[id as usize].words[0]);
            }
            _ => {}
        }
    }
    if let Some((tokens, address)) = address {
        of_address(tokens, address, &person, &mut keys);
    }
    let mut texts: Vec<u64> = vec![];
    for (at, field) in data.fields.iter().enumerate().filter(|(_, field)| field.blocks) {
        let (salt, tokens) = (at as u64, &field.tokens);
        for &id in row[field.slots.clone()].iter().take_while(|&&id| id != NONE) {
            let id = id as usize;
            match &field.table {
                Table::Emails(list) => of_email(tokens, &list[id], &person, &mut keys),
                Table::Phones(list) => of_phone(tokens.text(list[id].token), &person, &mut keys),
                Table::Dates(list) => texts.push(of_date(tokens, &list[id], salt, &person, &mut keys)),
                Table::Words(list) => match field.form {
                    Form::Identifier => of_identifier(tokens, list[id].whole, salt, &person, &mut keys),
                    Form::Organization => of_organization(tokens, &list[id], address, &person, &mut keys),
                    _ => texts.push(of_text(tokens, list[id].whole, field.kind, salt, &person, &mut keys)),
                },
                Table::Names(_) | Table::Addresses(_) => {}
            }
        }
    }
    if !person.named {
        for (at, &one) in texts.iter().take(5).enumerate() {
            texts.iter().take(5).skip(at + 1).for_each(|&other| keys.pair(Type::Texts, 0, one, other));
        }
    }
    keys.out.sort_unstable();
    keys.out.dedup();
    keys.out
}

fn of_name(tokens: &Tokens, name: &Name, keys: &mut Keys) -> Person {
    let given = tokens.text(name.given[0]);
    let family_sound = tokens.sound(name.family_all);
    let given_sound = if given.len() > 1 { tokens.sound(name.given[0]) } else { 0 };
    let mut person = Person {
        initial: given.chars().next().map_or(0, |letter| u64::from(letter) + 1),
        given_sound,
        family: tokens.hash(name.family_all),
        names: 0,
        who: if family_sound == 0 { given_sound } else { family_sound },
        named: true,
    };
    let formal_sound = |id: u32| match formal(tokens.text(id)) {
        Some(name) => crate::text::soundex(name),
        None => tokens.sound(id),
    };
    if given_sound != 0 && family_sound != 0 {
        let (a, b) = (formal_sound(name.given[0]), formal_sound(name.family_all));
        keys.pair(Type::Names, 0, a.min(b), a.max(b));
        person.names = mix(a.min(b), a.max(b));
        // Parts of the family name; and who took another name kept the old one among the given.
        let parts = name.family.iter().chain(&name.given[1..]);
        for &word in parts.filter(|&&word| tokens.text(word).len() > 1 && word != name.family_all) {
            let b = formal_sound(word);
            keys.pair(Type::Names, 0, a.min(b), a.max(b));
        }
    }
    keys.pair(Type::InitialFamily, 0, person.initial, person.family);
    for &word in name.extra.iter().take(4) {
        keys.pair(Type::WordWho, 0, tokens.hash(word), person.who);
        keys.pair(Type::WordWho, 0, tokens.hash(word), given_sound);
    }
    person
}

fn of_address(tokens: &Tokens, address: &Address, person: &Person, keys: &mut Keys) {
    let hash = |id: u32| tokens.hash(id);
    let (line, postcode, city) = (hash(address.line), hash(address.postcode), hash(address.city));
    keys.single(Type::Line, 0, line);
    keys.pair(Type::NumberPostcode, 0, hash(address.number), postcode);
    keys.pair(Type::WhoPostcode, 0, postcode, person.who);
    keys.pair(Type::WhoCity, 0, city, person.who);
    keys.pair(Type::GivenCity, 0, city, person.given_sound);
    keys.pair(Type::GivenPostcode, 0, postcode, person.given_sound);
    keys.pair(Type::NamesPostcode, 0, postcode, person.names);
    keys.pair(Type::WhoStreet, 0, hash(address.street), person.who);
    if person.initial != 0 && person.family != 0 {
        keys.pair(Type::InitialFamilyCity, 0, mix(person.initial, person.family), city);
    }
}

fn of_email(tokens: &Tokens, email: &Email, person: &Person, keys: &mut Keys) {
    keys.pair(Type::Email, 0, tokens.hash(email.local), tokens.hash(email.domain));
    keys.single(Type::Local, 0, tokens.hash(email.bare));
    let start: String = tokens.text(email.bare).chars().take(5).collect();
    keys.pair(Type::LocalWho, 0, hash(start.as_bytes()), person.who);
    keys.pair(Type::LocalGiven, 0, hash(start.as_bytes()), person.given_sound);
}

fn of_phone(digits: &str, person: &Person, keys: &mut Keys) {
    let digits = digits.as_bytes();
    let tail = &digits[digits.len().saturating_sub(7)..];
    keys.single(Type::Phone, 0, hash(tail));
    let (head, last) = tail.split_at(tail.len() / 2);
    keys.pair(Type::HalfPhoneWho, 1, hash(head), person.who);
    keys.pair(Type::HalfPhoneWho, 2, hash(last), person.who);
}

/// Gives the date as a text among others.
fn of_date(tokens: &Tokens, date: &Date, salt: u64, person: &Person, keys: &mut Keys) -> u64 {
    let whole = tokens.hash(date.token);
    let (y, m, d) = (date.year(), date.month(), date.day());
    keys.single(Type::Date, salt, whole);
    keys.pair(Type::NamesDate, salt, whole, person.names);
    keys.pair(Type::PartsWho, salt << 2, mix(y, m), person.who);
    keys.pair(Type::PartsWho, salt << 2 | 1, mix(m.min(d), m.max(d)), person.who);
    keys.pair(Type::PartsWho, salt << 2 | 2, mix(y, d), person.who);
    keys.pair(Type::PartsGiven, salt << 2, mix(y, m), person.given_sound);
    keys.pair(Type::PartsGiven, salt << 2 | 1, mix(m.min(d), m.max(d)), person.given_sound);
    mix(salt, whole)
}

fn of_identifier(tokens: &Tokens, whole: u32, salt: u64, person: &Person, keys: &mut Keys) {
    keys.single(Type::Identifier, salt, tokens.hash(whole));
    let digits = tokens.text(whole).as_bytes();
    let (head, last) = digits.split_at(digits.len() / 2);
    keys.pair(Type::HalfIdentifierWho, salt << 1, hash(head), person.who);
    keys.pair(Type::HalfIdentifierWho, salt << 1 | 1, hash(last), person.who);
}

fn of_organization(
    tokens: &Tokens,
    words: &Words,
    address: Option<(&Tokens, &Address)>,
    person: &Person,
    keys: &mut Keys,
) {
    let whole = tokens.hash(words.whole);
    keys.single(Type::Organization, 0, whole);
    if person.named {
        keys.pair(Type::OrganizationWho, 0, whole, person.who);
        return;
    }
    let sounds: Vec<u64> = words.words.iter().take(3).map(|&word| tokens.sound(word)).collect();
    if let Some((tokens, address)) = address {
        for &sound in sounds.iter().take(2) {
            keys.pair(Type::WordPlace, 1, sound, tokens.hash(address.postcode));
            keys.pair(Type::WordPlace, 2, sound, tokens.hash(address.city));
        }
    }
    for pair in sounds.windows(2) {
        keys.pair(Type::Words, 0, pair[0], pair[1]);
    }
}

/// Gives the text as one among others.
fn of_text(tokens: &Tokens, whole: u32, kind: Kind, salt: u64, person: &Person, keys: &mut Keys) -> u64 {
    let whole = tokens.hash(whole);
    if !matches!(kind, Kind::Boolean | Kind::Locale | Kind::Country | Kind::Region) {
        keys.single(Type::Text, salt, whole);
        keys.pair(Type::TextWho, salt, whole, person.who);
    }
    mix(salt, whole)
}
