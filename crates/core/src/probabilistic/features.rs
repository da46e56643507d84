//! What is compared: the canonical values of a record taken apart once, so that comparing is work on small numbers.
//!
//! Every string is interned in one [`Tokens`] table; features hold token ids. Equal ids are equal strings.

use super::text::{hash, soundex};
use std::collections::HashMap;

/// "No token", "no feature".
pub(crate) const NONE: u32 = u32::MAX;

/// The interned strings of a data set.
#[derive(Default)]
pub(crate) struct Tokens {
    ids: HashMap<Box<str>, u32>,
    text: Vec<Box<str>>,
    hash: Vec<u64>,
    sound: Vec<u64>,
}

impl Tokens {
    /// The id of `text`, a new one where it is new; [`NONE`] for the empty string.
    pub(crate) fn intern(&mut self, text: &str) -> u32 {
        if text.is_empty() {
            return NONE;
        }
        if let Some(&id) = self.ids.get(text) {
            return id;
        }
        let id = self.text.len() as u32;
        self.ids.insert(text.into(), id);
        self.text.push(text.into());
        self.hash.push(hash(text.as_bytes()));
        self.sound.push(soundex(text));
        id
    }

    pub(crate) fn text(&self, id: u32) -> &str {
        self.text.get(id as usize).map_or("", |text| text)
    }

    /// The hash of the text; 0 for [`NONE`].
    pub(crate) fn hash(&self, id: u32) -> u64 {
        self.hash.get(id as usize).copied().unwrap_or(0)
    }

    /// The soundex of the text; 0 for [`NONE`].
    pub(crate) fn sound(&self, id: u32) -> u64 {
        self.sound.get(id as usize).copied().unwrap_or(0)
    }
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
    /// All given names in one, for exact comparison.
    pub(crate) given_all: u32,
    /// The whole family name in one, without spaces.
    pub(crate) family_all: u32,
    /// 0 none, 1 senior or I, 2 junior or II, 3 III, 4 IV, 5 V.
    pub(crate) suffix: u8,
    /// Free tokens of a full name beyond given and family name.
    pub(crate) extra: Box<[u32]>,
}

/// An email address.
#[derive(Clone, Debug)]
pub(crate) struct Email {
    pub(crate) local: u32,
    pub(crate) domain: u32,
    /// The characters of the local part.
    pub(crate) letters: u64,
    /// The local part spells the holder's name.
    pub(crate) spells: bool,
}

/// A phone number.
#[derive(Clone, Debug)]
pub(crate) struct Phone {
    pub(crate) token: u32,
    /// Its digits, four bits each.
    pub(crate) packed: u64,
    pub(crate) length: u32,
}

/// The set of the characters of `text`, one bit for each class of 64: one edit changes two at most.
pub(crate) fn letters_of(text: &str) -> u64 {
    text.bytes().fold(0, |set, byte| set | 1 << (byte & 63))
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
    pub(crate) letters: u64,
    /// The first three characters of the postcode: a district or town.
    pub(crate) area: u32,
    /// Number and street in one.
    pub(crate) line: u32,
}

/// A date by its digits; a date that no calendar has is compared all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Date {
    pub(crate) digits: [u8; 8],
    pub(crate) token: u32,
}

impl Date {
    pub(crate) fn year(&self) -> &[u8] {
        &self.digits[..4]
    }
    pub(crate) fn month(&self) -> &[u8] {
        &self.digits[4..6]
    }
    pub(crate) fn day(&self) -> &[u8] {
        &self.digits[6..]
    }
}

/// An identifier, an organization or a text.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    /// The whole without spaces and punctuation.
    pub(crate) whole: u32,
    pub(crate) words: Box<[u32]>,
}
