//! The kinds of attribute. A kind decides how a value is normalised, compared, masked and survives by default.

use crate::words;

words! {
    /// What an attribute holds. It decides how a value is read, compared, masked and chosen.
    pub enum Kind {
        /// An email address.
        Email => "email",
        /// A telephone number; canonical form E.164.
        Phone => "phone",
        /// A given (first) name.
        GivenName => "given_name",
        /// A family (last) name.
        FamilyName => "family_name",
        /// A whole personal name in one field.
        FullName => "full_name",
        /// A calendar date; canonical form `YYYY-MM-DD`.
        Date => "date",
        /// A point in time; canonical form RFC 3339 in UTC.
        Timestamp => "timestamp",
        /// A postal code.
        Postcode => "postcode",
        /// House number and street.
        Street => "street",
        /// A city or town.
        City => "city",
        /// A state, province or county: an address part.
        Region => "region",
        /// A country; canonical form ISO 3166-1 alpha-2.
        Country => "country",
        /// The name of a company or other organization.
        Organization => "organization",
        /// An identifier issued by somebody: passport, tax number, loyalty card.
        Identifier => "identifier",
        /// A language or locale tag; canonical form BCP 47.
        Locale => "locale",
        /// A decimal number.
        Number => "number",
        /// True or false.
        Boolean => "boolean",
        /// Free text.
        Text => "text",
    }
}

words! {
    /// How far a value must be kept from readers.
    pub enum Pii {
        /// Shown to every reader.
        None => "none",
        /// Shown masked.
        Mask => "mask",
        /// Shown masked and encrypted at rest.
        Encrypt => "encrypt",
    }
}

impl Kind {
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
