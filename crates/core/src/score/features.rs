//! The part of a record that scoring and guards look at, borrowed from its state.

use crate::entity::{Attribute, EntityType};
use crate::kind::Kind;
use crate::normalise::{self, name::generation_of};
use crate::record::{RecordRef, State};

/// An attribute's name and its canonical value.
pub type Named<'a> = (&'a str, &'a str);

/// What a record states of an attribute, unless it is junk by form, which counts as absent.
pub(crate) fn stated<'a>(attribute: &Attribute, state: &'a State) -> Option<&'a str> {
    state.canonical(&attribute.name).filter(|value| !normalise::is_junk(attribute.kind, value))
}

/// What is compared of one record.
#[derive(Clone)]
pub struct Features<'a> {
    /// Its own reference and its cross-references; sorted.
    pub references: Vec<&'a RecordRef>,
    /// Values of the kind email, in the order of attributes; which are generic, by form or by count, is known of their keys.
    pub emails: Vec<Named<'a>>,
    /// Values of the kind phone, likewise.
    pub phones: Vec<Named<'a>>,
    /// Given name; where no attribute holds one, the first word of a full name that is no part of the family name.
    pub given: Option<&'a str>,
    /// Family name; where no attribute holds one, the last of several words of a full name.
    pub family: Option<&'a str>,
    /// The canonical full name, when there is a whole one.
    pub full_name: Option<String>,
    /// Of which generation a suffix says they are: `Sr.`, `Jr.`, `III`, …
    pub generation: Option<u8>,
    /// Values of the kind date.
    pub dates: Vec<Named<'a>>,
    /// Values of exclusive attributes.
    pub exclusive: Vec<Named<'a>>,
}

impl<'a> Features<'a> {
    /// The features of a record; `reference` is `None` for bare attributes.
    pub fn of(entity: &'a EntityType, reference: Option<&'a RecordRef>, state: &'a State) -> Features<'a> {
        let compared = |kind: Kind| entity.of_kind(kind).filter(|attribute| attribute.counts_by_guide());
        let all = |kind: Kind| -> Vec<Named<'a>> {
            let held = |name: &'a String| state.canonical(name).map(|value| (name.as_str(), value));
            compared(kind).filter_map(|attribute| held(&attribute.name)).collect()
        };
        let first = |kind: Kind| compared(kind).find_map(|attribute| stated(attribute, state));
        let named = |attribute: &'a Attribute| stated(attribute, state).map(|value| (attribute.name.as_str(), value));
        let whole = first(Kind::FullName);
        // Canonical names have a suffix last.
        let bare = |name: &'a str| match name.rsplit_once(' ') {
            Some((bare, _)) if generation_of(name).is_some() => bare,
            _ => name,
        };
        let mut given = first(Kind::GivenName).map(bare);
        let mut family = first(Kind::FamilyName).map(bare);
        if let (None, Some(whole)) = (given, whole) {
            // Canonical full names have the given name first. One of a single word (Suharto, 山田太郎) is all that the person is
            // called by.
            let name = bare(whole);
            let of_family = |word: &str| family.is_some_and(|family| family.split(' ').any(|part| part == word));
            given = name.split(' ').find(|word| !of_family(word));
            family = family.or_else(|| name.rsplit_once(' ').map(|(_, last)| last));
        }
        let mut references: Vec<&RecordRef> = state.cross_references().iter().chain(reference).collect();
        references.sort_unstable();
        references.dedup();
        let exclusive = entity.attributes.iter().filter(|attribute| attribute.exclusive);
        Features {
            references,
            emails: all(Kind::Email),
            phones: all(Kind::Phone),
            given,
            family,
            full_name: normalise::full_name(first(Kind::GivenName), first(Kind::FamilyName), whole),
            generation: [first(Kind::FamilyName), first(Kind::GivenName), whole]
                .into_iter()
                .flatten()
                .find_map(generation_of),
            dates: compared(Kind::Date).filter_map(named).collect(),
            exclusive: exclusive.filter_map(named).collect(),
        }
    }
}
