//! What is compared: the canonical values of a record taken apart once, so that comparing is work on small numbers.
//!
//! The strings of a field are interned in its [`Tokens`]; features hold token ids. Equal ids are equal strings.

use crate::normalise::nicknames::bearers;
use crate::text::{consonants, hash, jaro_winkler, one_edit, soundex, Packed};
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

pub(crate) use crate::columns::NONE;

/// The interned strings of a field.
pub(crate) struct Tokens {
    /// Whether they are spoken: names of people, places and organizations.
    spoken: bool,
    ids: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// All texts one after the other.
    text: String,
    /// By token: where its text ends.
    end: Vec<usize>,
    hash: Vec<u64>,
    sound: Vec<u64>,
    shape: Vec<Shape>,
    alike: Vec<u64>,
    known: Vec<bool>,
}

/// What of a text tells quickly how it differs from another.
#[derive(Clone, Copy)]
struct Shape {
    packed: Packed,
    letters: u32,
}

impl Tokens {
    /// No strings yet of fields of `form`.
    pub(crate) fn new(form: Form) -> Tokens {
        Tokens {
            spoken: matches!(form, Form::Name | Form::Address | Form::Organization),
            ids: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            text: String::new(),
            end: vec![],
            hash: vec![],
            sound: vec![],
            shape: vec![],
            alike: vec![],
            known: vec![],
        }
    }

    /// The id of `text`, a new one where it is new; [`NONE`] for the empty string.
    pub(crate) fn intern(&mut self, text: &str) -> u32 {
        if text.is_empty() {
            return NONE;
        }
        let hashed = self.hasher.hash_one(text);
        if let Some(&id) = self.ids.find(hashed, |&id| self.text(id) == text) {
            return id;
        }
        let id = self.end.len() as u32;
        self.text.push_str(text);
        self.end.push(self.text.len());
        let (all, end, hasher) = (&self.text, &self.end, &self.hasher);
        self.ids.insert_unique(hashed, id, |&id| hasher.hash_one(text_of(all, end, id)));
        self.hash.push(hash(text.as_bytes()));
        self.shape.push(Shape { packed: Packed::of(text), letters: letters_of(text) });
        if self.spoken {
            self.sound.push(soundex(text));
            self.alike.push(consonants(text));
            self.known.push(bearers(text).is_some());
        }
        id
    }

    /// Lets go of what only new strings need.
    pub(crate) fn finish(&mut self) {
        self.ids = HashTable::new();
        self.text.shrink_to_fit();
        self.end.shrink_to_fit();
        self.hash.shrink_to_fit();
        self.shape.shrink_to_fit();
        [&mut self.sound, &mut self.alike].into_iter().for_each(Vec::shrink_to_fit);
        self.known.shrink_to_fit();
    }

    pub(crate) fn text(&self, id: u32) -> &str {
        text_of(&self.text, &self.end, id)
    }

    /// The hashes of all texts, by token.
    pub(crate) fn hashes(&self) -> &[u64] {
        &self.hash
    }

    /// The hash of the text; 0 for [`NONE`].
    pub(crate) fn hash(&self, id: u32) -> u64 {
        self.hash.get(id as usize).copied().unwrap_or(0)
    }

    /// Whether the two are spoken with the same consonants.
    pub(crate) fn alike(&self, a: u32, b: u32) -> bool {
        self.alike.get(a as usize).is_some_and(|&code| code != 0 && self.alike.get(b as usize) == Some(&code))
    }

    /// Whether it is a given name that several bear.
    pub(crate) fn known(&self, id: u32) -> bool {
        self.known.get(id as usize).copied().unwrap_or(false)
    }

    /// Whether one edit turns one text into the other.
    pub(crate) fn one_edit(&self, a: u32, b: u32) -> bool {
        match self.shapes(a, b) {
            Some((x, y)) => x.packed.one_edit(y.packed),
            None => one_edit(self.text(a), self.text(b)),
        }
    }

    /// The shapes of two texts that are short enough to have one.
    fn shapes(&self, a: u32, b: u32) -> Option<(Shape, Shape)> {
        let shape = |id: u32| self.shape.get(id as usize).copied().filter(|shape| !shape.packed.is_none());
        shape(a).zip(shape(b))
    }

    /// [`jaro_winkler`] of two texts, or 0 where they lack too many of each other's letters to reach 0.8.
    pub(crate) fn similarity(&self, a: u32, b: u32) -> u32 {
        let (x, y) = (self.text(a), self.text(b));
        if let Some((mine, theirs)) = self.shapes(a, b) {
            let (long, short) = (x.len().max(y.len()) as u32, x.len().min(y.len()) as u32);
            // Letters that the other lacks match nothing.
            let common = (x.len() as u32 - (mine.letters & !theirs.letters).count_ones())
                .min(y.len() as u32 - (theirs.letters & !mine.letters).count_ones());
            let jaro = (1000 * common / long.max(1) + 1000 * common / short.max(1) + 1000) / 3;
            let prefix = x.bytes().zip(y.bytes()).take(4).take_while(|(p, q)| p == q).count() as u32;
            if jaro + prefix * (1000 - jaro.min(1000)) / 10 + 5 < 800 {
                return 0;
            }
        }
        jaro_winkler(x, y)
    }

    /// The soundex of the text; 0 for [`NONE`].
    pub(crate) fn sound(&self, id: u32) -> u64 {
        self.sound.get(id as usize).copied().unwrap_or(0)
    }
}

/// The text of a token among all texts; empty for [`NONE`].
fn text_of<'a>(text: &'a str, end: &[usize], id: u32) -> &'a str {
    let Some(&to) = end.get(id as usize) else { return "" };
    let from = (id as usize).checked_sub(1).map_or(0, |before| end[before]);
    &text[from..to]
}

/// How the values of a field are compared; several attributes of a record may feed one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Form {
    /// Given, family and full names, together, because they are swapped and joined.
    Name,
    /// Every email attribute.
    Email,
    /// Every phone attribute.
    Phone,
    /// One date attribute.
    Date,
    /// The first street, city and postcode, together, because who moves changes all three.
    Address,
    /// One identifier.
    Identifier,
    /// Every organization attribute.
    Organization,
    /// One number.
    Number,
    /// Any other attribute, as text.
    Text,
}

/// A personal name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// Given names in order; the rest is [`NONE`].
    pub(crate) given: [u32; 3],
    /// Parts of the family name in order; the rest is [`NONE`].
    pub(crate) family: [u32; 3],
    /// All given names in one, without spaces: `Mary Ann` and `Maryann`, `Jin-woo` and `Jinwoo`.
    pub(crate) given_all: u32,
    /// The whole family name in one, without spaces.
    pub(crate) family_all: u32,
    /// 0 none, 1 senior or I, 2 junior or II, 3 III, 4 IV, 5 V.
    pub(crate) suffix: u8,
    /// Free tokens of a full name beyond given and family name.
    pub(crate) extra: Box<[u32]>,
}

/// Whether a word stands before a family name and belongs to it: `von Berg`, `van der Meer`, `dos Santos`.
pub(super) fn is_particle(word: &str) -> bool {
    const PARTICLES: [&str; 24] = [
        "von", "vom", "van", "zu", "zur", "der", "den", "ter", "ten", "de", "del", "della", "di", "da", "das", "do",
        "dos", "du", "la", "le", "los", "las", "bin", "ibn",
    ];
    PARTICLES.contains(&word)
}

impl Name {
    /// Those parts of the family name that tell one from another, so not `de` nor `von`.
    pub(crate) fn family_parts<'a>(&'a self, tokens: &'a Tokens) -> impl Iterator<Item = u32> + Clone + 'a {
        let tells = |text: &str| text.len() > 2 && !is_particle(text);
        self.family.iter().copied().filter(move |&part| part != NONE && tells(tokens.text(part)))
    }
}

/// An email address.
#[derive(Clone, Debug)]
pub(crate) struct Email {
    pub(crate) local: u32,
    /// The local part without dots, dashes and underscores.
    pub(crate) bare: u32,
    pub(crate) domain: u32,
    /// What follows a plus, where its provider may take that for another mailbox.
    pub(crate) tag: u32,
    /// The characters of the local part.
    pub(crate) letters: u32,
    /// The local part spells the holder's name.
    pub(crate) spells: bool,
}

/// A phone number.
#[derive(Clone, Debug)]
pub(crate) struct Phone {
    pub(crate) token: u32,
    /// What stands before the last seven digits: country and area, or the network.
    pub(crate) area: u32,
    /// Its digits, four bits each.
    pub(crate) packed: u64,
    pub(crate) length: u32,
}

/// The set of the characters of `text`, one bit for each class of 32: one edit changes two at most.
pub(crate) fn letters_of(text: &str) -> u32 {
    text.bytes().fold(0, |set, byte| set | 1 << (byte & 31))
}

/// A postal address.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) number: u32,
    pub(crate) unit: u32,
    /// Name of the street without number and unit.
    pub(crate) street: u32,
    pub(crate) city: u32,
    pub(crate) postcode: u32,
    /// The characters of the postcode.
    pub(crate) letters: u32,
    /// The first three characters of the postcode: a district or town.
    pub(crate) area: u32,
    /// Number and street in one.
    pub(crate) line: u32,
    /// The words of the street's name that are no kind of street, then those of the city.
    pub(crate) words: Box<[u32]>,
    /// How many of them are the street's.
    pub(crate) own: u8,
}

/// A date by its digits, the first in the highest byte; a date that no calendar has is compared all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Date {
    pub(crate) digits: u64,
    pub(crate) token: u32,
}

impl Date {
    /// The four digits of the year, as characters.
    pub(crate) fn year(&self) -> u64 {
        self.digits >> 32
    }
    pub(crate) fn month(&self) -> u64 {
        self.digits >> 16 & 0xffff
    }
    pub(crate) fn day(&self) -> u64 {
        self.digits & 0xffff
    }
}

/// An identifier, an organization or a text.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    /// The whole without spaces and punctuation.
    pub(crate) whole: u32,
    pub(crate) words: Box<[u32]>,
}
