//! Blocking: the keys under which two records become candidates, and which of them are too common to count.

use crate::entity::{Attribute, EntityType, Policy, DEFAULT_LIMIT};
use crate::keyed::hmac;
use crate::kind::Kind;
use crate::normalise;
use crate::record::{RecordRef, State};
use crate::words;
use std::collections::BTreeSet;

words! {
    /// What a key's value is, by the name users see in `generic_value`. Keys of different spaces never meet; attributes of one
    /// kind share theirs.
    pub enum Space {
        /// (system, id): the record's own, and its cross-references.
        Reference => "cross_reference",
        /// A canonical email.
        Email => "email",
        /// A canonical phone.
        Phone => "phone",
        /// An attribute of the kind identifier and its canonical value: what `probabilistic` counts holders of.
        Identifier => "identifier",
        /// A street with its number, and the postcode or else the city: who lives there is related, not the same.
        Address => "address",
        /// A canonical full name: for counting the people a value serves, not for meeting.
        Name => "full_name",
    }
}

impl Space {
    /// The kind of attribute whose values are keys of this space.
    pub fn kind(self) -> Option<Kind> {
        match self {
            Space::Email => Some(Kind::Email),
            Space::Phone => Some(Kind::Phone),
            Space::Identifier => Some(Kind::Identifier),
            Space::Address => Some(Kind::Street),
            Space::Reference | Space::Name => None,
        }
    }

    /// The space of the values of attributes of a kind, each a key by itself.
    fn of_values(kind: Kind) -> Option<Space> {
        [Space::Email, Space::Phone, Space::Identifier].into_iter().find(|space| space.kind() == Some(kind))
    }

    /// Whether records that share a key of this space score by it, so that they are weighed again when it becomes
    /// generic or is so no longer.
    pub fn scores(self) -> bool {
        !matches!(self, Space::Name | Space::Address)
    }

    /// What the last two bits of a stored key tell: those of values whose holders are related.
    fn tag(self) -> i64 {
        match self {
            Space::Phone => 1,
            Space::Address => 2,
            _ => 0,
        }
    }

    /// How many different full names a value may serve before it is generic: the lowest `limit` of the attributes
    /// that share the space; for an id, which is of no attribute, what an attribute has unless told otherwise.
    pub fn limit(self, entity: &EntityType) -> Option<u32> {
        match self {
            Space::Reference => Some(DEFAULT_LIMIT),
            space => entity.of_kind(space.kind()?).map(|attribute| attribute.limit).min(),
        }
    }

    /// Why a value of this space that so many records hold, under so many different full names, is generic, if it is, with the
    /// limit that it passed. An id is junk where a second record names it: the one whose own it is may be number 11111.
    pub fn generic(
        self,
        entity: &EntityType,
        holders: usize,
        names: usize,
        by_form: bool,
    ) -> Option<(Cause, Option<u32>)> {
        let (over, limit) = (entity.options.block_limit, self.limit(entity));
        if by_form && (self != Space::Reference || holders > 1) {
            Some((Cause::Form, None))
        } else if holders > over as usize {
            Some((Cause::Records, Some(over)))
        } else if limit.is_some_and(|limit| names > limit as usize) {
            Some((Cause::Names, limit))
        } else {
            None
        }
    }
}

words! {
    /// Why a value is generic: it tells nobody apart and counts for nothing.
    pub enum Cause {
        /// Junk by form.
        Form => "form",
        /// More than `block_limit` records hold it.
        Records => "records",
        /// More people, by their full names, than its limit.
        Names => "names",
    }
}

/// A key of a record. The value is personal data: it is stored as [`Key::digest`] only.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// What the value is.
    pub space: Space,
    /// The canonical value.
    pub value: String,
    /// Junk by form (`noreply@…`, one repeated digit, an id `N/A`): generic however few share it.
    pub generic_by_form: bool,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:…", self.space.name())
    }
}

impl Key {
    /// The key of a value that is not junk by form.
    pub fn new(space: Space, value: impl Into<String>) -> Key {
        Key { space, value: value.into(), generic_by_form: false }
    }

    /// The key of an identifier.
    pub fn reference(reference: &RecordRef) -> Key {
        // The length keeps ("a", "b:c") and ("a:b", "c") apart.
        let value = format!("{}:{}:{}", reference.system.len(), reference.system, reference.id);
        Key { space: Space::Reference, value, generic_by_form: normalise::is_junk_id(&reference.id) }
    }

    /// The key of an attribute's canonical value, when there are keys of its kind.
    pub fn of_value(attribute: &Attribute, canonical: &str) -> Option<Key> {
        let space = Space::of_values(attribute.kind)?;
        let value = match space {
            // The numbers of two attributes have nothing to do with each other.
            Space::Identifier => format!("{}:{canonical}", attribute.name),
            _ => canonical.to_owned(),
        };
        Some(Key { space, value, generic_by_form: normalise::is_junk(attribute.kind, canonical) })
    }

    /// The key of the value that a record holds of an attribute, when there are keys of its kind.
    fn held(attribute: &Attribute, state: &State) -> Option<Key> {
        Space::of_values(attribute.kind)?;
        Key::of_value(attribute, state.canonical(&attribute.name)?)
    }

    /// The first 62 bits of HMAC-SHA-256 under `secret`, and two that tell phones and addresses from the rest: what is
    /// stored, indexed and locked.
    pub fn digest(&self, secret: &[u8]) -> i64 {
        keyed(secret, &[b"key", self.space.name().as_bytes(), self.value.as_bytes()]) & !3 | self.space.tag()
    }
}

/// The first 64 bits of HMAC-SHA-256 over length-prefixed parts.
fn keyed(secret: &[u8], parts: &[&[u8]]) -> i64 {
    let mac = hmac(secret, parts);
    let mut first = [0; 8];
    first.copy_from_slice(&mac[..8]);
    i64::from_be_bytes(first)
}

/// The keys of a record's values: its emails, its phones, its address, under `probabilistic` its identifiers, its own
/// (system, id) and its cross-references; sorted, no duplicates. They find a record by a value, and count whom the value
/// serves.
pub fn keys(entity: &EntityType, record: &RecordRef, state: &State) -> Vec<Key> {
    let mut keys = keys_of(entity, record, state, &|_| true);
    keys.extend(place(entity, state).map(|(street, place)| address_key(street, place)));
    keys.into_iter().collect()
}

/// Those of them by which records are compared: under `guide` two with a common one that is not generic are candidates.
pub fn compared_keys(entity: &EntityType, record: &RecordRef, state: &State) -> Vec<Key> {
    let guide = entity.policy == Policy::Guide;
    let counts = |one: &Attribute| if guide { one.counts_by_guide() } else { one.compare };
    keys_of(entity, record, state, &counts).into_iter().collect()
}

/// Those of its values alone, under either policy: what must be known to be generic, or not, before a record is compared.
pub fn value_keys(entity: &EntityType, state: &State) -> Vec<Key> {
    entity.attributes.iter().filter_map(|attribute| Key::held(attribute, state)).collect()
}

fn keys_of(
    entity: &EntityType,
    record: &RecordRef,
    state: &State,
    counts: &dyn Fn(&Attribute) -> bool,
) -> BTreeSet<Key> {
    let mut keys: BTreeSet<Key> = state.cross_references().iter().map(Key::reference).collect();
    keys.insert(Key::reference(record));
    let of_policy =
        |attribute: &Attribute| attribute.kind != Kind::Identifier || entity.policy == Policy::Probabilistic;
    for attribute in entity.attributes.iter().filter(|attribute| of_policy(attribute) && counts(attribute)) {
        keys.extend(Key::held(attribute, state));
    }
    keys
}

/// Where a record lives: a street with a number in it, and the postcode or, without one, the city.
fn place<'a>(entity: &EntityType, state: &'a State) -> Option<(&'a str, &'a str)> {
    let first = |kind| entity.first_of(kind, state);
    let street = first(Kind::Street).filter(|street| is_numbered(street))?;
    Some((street, first(Kind::Postcode).or_else(|| first(Kind::City))?))
}

/// Whether a street's line has a number in it.
pub(crate) fn is_numbered(street: &str) -> bool {
    street.bytes().any(|byte| byte.is_ascii_digit())
}

/// The key of an address.
pub(crate) fn address_key(street: &str, place: &str) -> Key {
    Key::new(Space::Address, format!("{street}\n{place}"))
}

/// The canonical full name of a record, when it states a whole one.
pub fn full_name(entity: &EntityType, state: &State) -> Option<String> {
    let first = |kind| entity.first_of(kind, state);
    normalise::full_name(first(Kind::GivenName), first(Kind::FamilyName), first(Kind::FullName))
}

/// The keyed hash of the full name, when there is a whole one: what is stored to count the people a value serves.
pub fn name_key(entity: &EntityType, state: &State, secret: &[u8]) -> Option<i64> {
    Some(Key::new(Space::Name, full_name(entity, state)?).digest(secret))
}
