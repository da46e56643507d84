//! The part of a record that scoring and guards look at, borrowed from its state.

use crate::entity::{Attribute, EntityType};
use crate::kind::Kind;
use crate::normalise::{self, name::generational_suffix};
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
    /// Given name; the first word of a full name where no attribute holds one.
    pub given: Option<&'a str>,
    /// Family name; the last word of a full name where no attribute holds one.
    pub family: Option<&'a str>,
    /// The canonical full name, when there is a whole one.
    pub full_name: Option<String>,
    /// `jr`, `sr`, `ii`, …
    pub suffix: Option<&'static str>,
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
        let mut given = first(Kind::GivenName);
        let mut family = first(Kind::FamilyName);
        if let (None, None, Some(whole)) = (given, family, whole) {
            // Canonical full names have the given name first and a suffix last.
            let suffixed = generational_suffix(whole).is_some();
            let name = if suffixed { whole.rsplit_once(' ').map_or(whole, |(name, _)| name) } else { whole };
            if let (Some((head, _)), Some((_, tail))) = (name.split_once(' '), name.rsplit_once(' ')) {
                (given, family) = (Some(head), Some(tail));
            }
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
            suffix: [first(Kind::FamilyName), whole].into_iter().flatten().find_map(generational_suffix),
            dates: compared(Kind::Date).filter_map(named).collect(),
            exclusive: exclusive.filter_map(named).collect(),
        }
    }
}
