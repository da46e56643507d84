//! What is weighed.

use super::dataset::{Field, Table};
use super::features::Form;
use super::levels::{
    address, date, email, epithet, family, given, identifier, number, organization, phone, suffix, text, Level,
};
use crate::kind::Kind;
use crate::text::mix;
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
            Measure::Given => given::LEVELS,
            Measure::Family => family::LEVELS,
            Measure::Suffix => suffix::LEVELS,
            Measure::Epithet => epithet::LEVELS,
            Measure::Email => email::LEVELS,
            Measure::Phone => phone::LEVELS,
            Measure::Date => date::LEVELS,
            Measure::Address => address::LEVELS,
            Measure::Identifier => identifier::LEVELS,
            Measure::Organization => organization::LEVELS,
            Measure::Number => number::LEVELS,
            Measure::Text => text::LEVELS,
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
        (self == Measure::Suffix).then_some(suffix::CONTRADICTING)
    }

    /// Whether those of one household have in common what agrees so well: a mailbox, a number, a home.
    pub(crate) fn is_shared_at_home(self, level: u8) -> bool {
        match self {
            Measure::Email => level == email::EXACT,
            Measure::Phone => level == phone::EXACT,
            Measure::Address => (address::EXACT..=address::LIKE_STREET_AND_PLACE).contains(&level),
            _ => false,
        }
    }

    /// The level that weighs in full, however well other values of the same two clusters agree, if there is one.
    pub(crate) fn bars(self) -> Option<u8> {
        match self {
            Measure::Given => Some(given::TWO_NAMES),
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

/// The values whose frequency counts, by feature: given and family name of a name, whole and local part of an email, street,
/// postcode and city of an address; one for others. By their hashes, since the ids of tokens depend on the order of records.
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
