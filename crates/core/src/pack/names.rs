//! Names of attributes and keys: those of customers, which millions of records repeat, by their number.

use super::{number, Reader};

/// Names by their number. Only ever added to, at the end.
const NAMES: [&str; 13] = [
    "city", "company", "country", "dateOfBirth", "email", "firstName", "lastName", "lastPurchaseDate", "phoneNumber",
    "postcode", "preferredLanguage", "region", "street",
];

/// A name: its number, twice and one; or twice its length, and its bytes.
pub(crate) fn name(out: &mut Vec<u8>, name: &str) {
    match NAMES.iter().position(|known| *known == name) {
        Some(known) => number(out, known as u64 * 2 + 1),
        None => {
            number(out, name.len() as u64 * 2);
            out.extend(name.as_bytes());
        }
    }
}

impl<'a> Reader<'a> {
    /// The bytes of a name.
    pub(crate) fn name_bytes(&mut self) -> Option<&'a [u8]> {
        let code = usize::try_from(self.number()?).ok()?;
        if code % 2 == 1 {
            return NAMES.get(code / 2).map(|name| name.as_bytes());
        }
        self.take(code / 2)
    }

    /// A name.
    pub(crate) fn name(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.name_bytes()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::EntityType;

    #[test]
    fn what_customers_state_takes_a_byte_each() {
        for attribute in EntityType::customer().attributes {
            let mut out = Vec::new();
            name(&mut out, &attribute.name);
            assert_eq!((out.len(), Reader(&out).name()), (1, Some(attribute.name.as_str())));
        }
    }
}
