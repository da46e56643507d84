//! The kinds of attribute. A kind decides how a value is normalised, compared, masked and survives by default.

use serde::{Deserialize, Serialize};

/// What an attribute holds. `design.md` calls these by the names that [`Kind::name`] gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An email address.
    Email,
    /// A telephone number; canonical form E.164.
    Phone,
    /// A given (first) name.
    GivenName,
    /// A family (last) name.
    FamilyName,
    /// A whole personal name in one field.
    FullName,
    /// A calendar date; canonical form `YYYY-MM-DD`.
    Date,
    /// A point in time; canonical form RFC 3339 in UTC.
    Timestamp,
    /// A postal code.
    Postcode,
    /// House number and street.
    Street,
    /// A city or town.
    City,
    /// A state, province or county: an address part.
    Region,
    /// A country; canonical form ISO 3166-1 alpha-2.
    Country,
    /// The name of a company or other organization.
    Organization,
    /// An identifier issued by somebody: passport, tax number, loyalty card.
    Identifier,
    /// A language or locale tag; canonical form BCP 47.
    Locale,
    /// A decimal number.
    Number,
    /// True or false.
    Boolean,
    /// Free text.
    Text,
}

/// How far a value must be kept from readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pii {
    /// Shown to every reader.
    None,
    /// Shown masked.
    Mask,
    /// Shown masked and encrypted at rest.
    Encrypt,
}

impl Kind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Kind; 18] = [
        Kind::Email,
        Kind::Phone,
        Kind::GivenName,
        Kind::FamilyName,
        Kind::FullName,
        Kind::Date,
        Kind::Timestamp,
        Kind::Postcode,
        Kind::Street,
        Kind::City,
        Kind::Region,
        Kind::Country,
        Kind::Organization,
        Kind::Identifier,
        Kind::Locale,
        Kind::Number,
        Kind::Boolean,
        Kind::Text,
    ];

    /// The name users write: `given_name`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Email => "email",
            Kind::Phone => "phone",
            Kind::GivenName => "given_name",
            Kind::FamilyName => "family_name",
            Kind::FullName => "full_name",
            Kind::Date => "date",
            Kind::Timestamp => "timestamp",
            Kind::Postcode => "postcode",
            Kind::Street => "street",
            Kind::City => "city",
            Kind::Region => "region",
            Kind::Country => "country",
            Kind::Organization => "organization",
            Kind::Identifier => "identifier",
            Kind::Locale => "locale",
            Kind::Number => "number",
            Kind::Boolean => "boolean",
            Kind::Text => "text",
        }
    }

    /// The kind of that name, if there is one.
    pub fn parse(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The class of personal data a value of this kind belongs to unless the configuration says otherwise.
    pub fn default_pii(self) -> Pii {
        match self {
            Kind::Email | Kind::Phone => Pii::Encrypt,
            Kind::GivenName
            | Kind::FamilyName
            | Kind::FullName
            | Kind::Date
            | Kind::Street
            | Kind::Postcode
            | Kind::Identifier => Pii::Mask,
            _ => Pii::None,
        }
    }
}
