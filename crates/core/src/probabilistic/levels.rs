//! What is weighed, and the levels of agreement of each measure with the weights they are shipped with.

use super::dataset::{Field, Table};
use super::features::Form;
use super::text::mix;
use crate::kind::Kind;
use serde::{Deserialize, Serialize};

/// What is weighed on its own. A field has one, but for the name, which has four.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Given names.
    Given,
    /// Family name.
    Family,
    /// Senior, junior, III.
    Suffix,
    /// Free words of a full name: titles, places, epithets.
    Epithet,
    /// Emails.
    Email,
    /// Phones.
    Phone,
    /// A date.
    Date,
    /// Street, city and postcode.
    Address,
    /// An identifier.
    Identifier,
    /// Organizations.
    Organization,
    /// A number.
    Number,
    /// Any other text.
    Text,
}

/// A level of a measure as it is shipped: its name, how often a pair of one person, of one household and of strangers
/// falls into it, and which frequency adjusts it.
pub(crate) struct Level {
    pub(crate) name: &'static str,
    pub(crate) m: f64,
    pub(crate) h: f64,
    pub(crate) u: f64,
    /// Which of the feature's frequencies counts, if one does.
    pub(crate) frequency: Option<usize>,
}

const fn level(name: &'static str, m: f64, h: f64, u: f64, frequency: Option<usize>) -> Level {
    Level { name, m, h, u, frequency }
}

/// Level 0 of every measure: one side says nothing. It weighs nothing.
pub(crate) const MISSING: u8 = 0;

const GIVEN: [Level; 7] = [
    level("exact", 0.745, 0.012, 0.010, Some(0)),
    level("typo or swapped", 0.09, 0.005, 0.003, Some(0)),
    level("nickname or shared part", 0.10, 0.010, 0.007, Some(0)),
    level("initial", 0.05, 0.020, 0.010, None),
    level("similar", 0.007, 0.025, 0.025, None),
    level("different", 0.007, 0.464, 0.4725, None),
    level("two names", 0.001, 0.464, 0.4725, None),
];
const FAMILY: [Level; 5] = [
    level("exact", 0.84, 0.80, 0.0012, Some(0)),
    level("typo or swapped", 0.09, 0.06, 0.0012, Some(0)),
    level("shared part", 0.02, 0.02, 0.0006, Some(1)),
    level("similar", 0.004, 0.004, 0.012, None),
    level("different", 0.046, 0.116, 0.985, None),
];
const SUFFIX: [Level; 3] = [
    level("equal", 0.40, 0.10, 0.10, None),
    level("one side only", 0.598, 0.60, 0.70, None),
    level("contradicting", 0.002, 0.30, 0.20, None),
];
const EPITHET: [Level; 3] = [
    level("mostly shared", 0.45, 0.15, 0.01, None),
    level("some shared", 0.25, 0.20, 0.05, None),
    level("different", 0.30, 0.65, 0.94, None),
];
const EMAIL: [Level; 6] = [
    level("exact", 0.62, 0.25, 0.000_004, Some(0)),
    level("same local part, mistyped domain", 0.03, 0.003, 0.000_001, Some(1)),
    level("one edit apart", 0.03, 0.003, 0.000_003, Some(1)),
    level("same local part, not the name", 0.01, 0.002, 0.000_02, Some(1)),
    level("same local part, spells the name", 0.03, 0.024, 0.024, None),
    level("different", 0.28, 0.717, 0.976, None),
];
const PHONE: [Level; 4] = [
    level("exact", 0.58, 0.50, 0.000_01, Some(0)),
    level("one edit apart", 0.03, 0.025, 0.000_01, Some(0)),
    level("same area", 0.15, 0.15, 0.02, Some(1)),
    level("different", 0.24, 0.325, 0.979_98, None),
];
const DATE: [Level; 5] = [
    level("exact", 0.88, 0.03, 0.000_1, Some(0)),
    level("one edit or day and month swapped", 0.07, 0.01, 0.001_2, None),
    level("two parts equal", 0.025, 0.012, 0.006, None),
    level("year or day and month equal", 0.01, 0.05, 0.025, None),
    level("different", 0.015, 0.908, 0.967_7, None),
];
const ADDRESS: [Level; 9] = [
    level("same street and place", 0.48, 0.55, 0.000_01, Some(0)),
    level("same street", 0.05, 0.05, 0.000_02, Some(0)),
    level("similar street, same place", 0.10, 0.08, 0.000_02, Some(0)),
    level("similar street", 0.02, 0.01, 0.000_03, Some(0)),
    level("same postcode, street missing", 0.03, 0.03, 0.000_3, Some(1)),
    level("same postcode, street different", 0.02, 0.02, 0.000_5, Some(1)),
    level("same city, street missing", 0.03, 0.03, 0.004, Some(2)),
    level("same city or area", 0.10, 0.10, 0.016, Some(2)),
    level("different", 0.17, 0.13, 0.979, None),
];
const IDENTIFIER: [Level; 3] = [
    level("exact", 0.93, 0.000_5, 0.000_005, Some(0)),
    level("one edit apart", 0.04, 0.000_5, 0.000_02, None),
    level("different", 0.03, 0.999, 0.999_97, None),
];
const ORGANIZATION: [Level; 3] = [
    level("exact", 0.78, 0.40, 0.001, Some(0)),
    level("similar", 0.10, 0.05, 0.002, None),
    level("different", 0.12, 0.55, 0.997, None),
];
const NUMBER: [Level; 4] = [
    level("exact", 0.70, 0.30, 0.06, Some(0)),
    level("near", 0.12, 0.12, 0.08, None),
    level("one edit apart", 0.03, 0.06, 0.06, None),
    level("different", 0.15, 0.52, 0.80, None),
];
const TEXT: [Level; 3] = [
    level("exact", 0.70, 0.45, 0.10, Some(0)),
    level("similar", 0.12, 0.08, 0.05, None),
    level("different", 0.18, 0.47, 0.85, None),
];

impl Measure {
    /// The measures of a field of that form, in the order of [`compare`].
    pub(crate) fn of(form: Form) -> &'static [Measure] {
        match form {
            Form::Name => &[Measure::Given, Measure::Family, Measure::Suffix, Measure::Epithet],
            Form::Email => &[Measure::Email],
            Form::Phone => &[Measure::Phone],
            Form::Date => &[Measure::Date],
            Form::Address => &[Measure::Address],
            Form::Identifier => &[Measure::Identifier],
            Form::Organization => &[Measure::Organization],
            Form::Number => &[Measure::Number],
            Form::Text => &[Measure::Text],
        }
    }

    /// The measure by which attributes of a kind are compared by themselves, if they are.
    pub(crate) fn of_kind(kind: Kind) -> Option<Measure> {
        Some(match kind {
            Kind::GivenName => Measure::Given,
            Kind::FamilyName => Measure::Family,
            Kind::Email => Measure::Email,
            Kind::Phone => Measure::Phone,
            Kind::Organization => Measure::Organization,
            Kind::Date => Measure::Date,
            Kind::Street => Measure::Address,
            Kind::Identifier => Measure::Identifier,
            Kind::Number => Measure::Number,
            Kind::Text | Kind::Boolean | Kind::Locale | Kind::Region | Kind::Country => Measure::Text,
            _ => return None,
        })
    }

    /// Whether attributes of one kind are compared as one.
    pub(crate) fn joins(self) -> bool {
        !matches!(self, Measure::Date | Measure::Identifier | Measure::Number | Measure::Text)
    }

    /// The names of its levels, best first.
    pub(crate) fn level_names(self) -> impl Iterator<Item = &'static str> + Clone {
        self.levels().iter().map(|level| level.name)
    }

    /// The name users see.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Given => "given_name",
            Measure::Family => "family_name",
            Measure::Suffix => "generational_suffix",
            Measure::Epithet => "further_words",
            Measure::Email => "email",
            Measure::Phone => "phone",
            Measure::Date => "date",
            Measure::Address => "address",
            Measure::Identifier => "identifier",
            Measure::Organization => "organization",
            Measure::Number => "number",
            Measure::Text => "text",
        }
    }

    /// Levels from 1 on, best first.
    pub(crate) fn levels(self) -> &'static [Level] {
        match self {
            Measure::Given => &GIVEN,
            Measure::Family => &FAMILY,
            Measure::Suffix => &SUFFIX,
            Measure::Epithet => &EPITHET,
            Measure::Email => &EMAIL,
            Measure::Phone => &PHONE,
            Measure::Date => &DATE,
            Measure::Address => &ADDRESS,
            Measure::Identifier => &IDENTIFIER,
            Measure::Organization => &ORGANIZATION,
            Measure::Number => &NUMBER,
            Measure::Text => &TEXT,
        }
    }

    /// Too rare to be learnt: its weights stay as they are shipped.
    pub(crate) fn frozen(self) -> bool {
        self == Measure::Suffix
    }

    /// Differing in it is a sign of two people.
    pub(crate) fn tells_people_apart(self) -> bool {
        matches!(self, Measure::Given | Measure::Suffix | Measure::Date | Measure::Identifier)
    }

    /// The level that rules out that two are one person, whatever else agrees, if there is one.
    pub(crate) fn veto(self) -> Option<u8> {
        (self == Measure::Suffix).then_some(3)
    }

    /// Whether those of one household have in common what agrees so well: a mailbox, a number, a home.
    pub(crate) fn is_shared_at_home(self, level: u8) -> bool {
        match self {
            Measure::Email | Measure::Phone => level == 1,
            Measure::Address => (1..=3).contains(&level),
            _ => false,
        }
    }

    /// The level of given names that many bear, and nobody both.
    pub(crate) const TWO_NAMES: u8 = 7;

    /// The level of names that are merely similar.
    pub(crate) fn similar(self) -> u8 {
        match self {
            Measure::Given => 5,
            _ => 4,
        }
    }

    /// The level that weighs in full, however well other values of the same two clusters agree, if there is one.
    pub(crate) fn bars(self) -> Option<u8> {
        match self {
            Measure::Given => Some(Measure::TWO_NAMES),
            measure => measure.veto(),
        }
    }

    /// A person has one in life: a second value speaks against, however well the first agrees.
    pub(crate) fn once_in_life(self) -> bool {
        !matches!(self, Measure::Email | Measure::Phone | Measure::Address | Measure::Organization)
    }

    /// The place of its frequencies among those of the field's features, by `Level::frequency`.
    pub(crate) fn frequencies(self) -> usize {
        match self {
            Measure::Email | Measure::Phone => 2,
            Measure::Address => 3,
            // The second of given names is that of the full name, as far as the two parts attract each other; that of family
            // names is of their parts.
            Measure::Given | Measure::Family => 2,
            Measure::Suffix | Measure::Epithet => 0,
            _ => 1,
        }
    }
}

/// The values whose frequency counts, by feature: token ids for the given and family name of a name, whole and local
/// part of an email, street, postcode and city of an address; one for others.
pub(crate) fn frequency_keys(field: &Field, feature: usize) -> [u64; 3] {
    let tokens = &field.tokens;
    match &field.table {
        Table::Names(list) => {
            let (given, family) = (tokens.hash(list[feature].given[0]), tokens.hash(list[feature].family_all));
            [given, family, if given == 0 || family == 0 { 0 } else { mix(given, family) }]
        }
        Table::Emails(list) => {
            let email = &list[feature];
            [mix(tokens.hash(email.local), tokens.hash(email.domain)), tokens.hash(email.bare), 0]
        }
        Table::Phones(list) => [tokens.hash(list[feature].token), tokens.hash(list[feature].area), 0],
        Table::Dates(list) => [tokens.hash(list[feature].token), 0, 0],
        Table::Addresses(list) => {
            let address = &list[feature];
            [tokens.hash(address.line), tokens.hash(address.postcode), tokens.hash(address.city)]
        }
        Table::Words(list) => [tokens.hash(list[feature].whole), 0, 0],
    }
}
