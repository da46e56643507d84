//! Source ids that are personal data themselves, and the names that such records go by.

use super::personal::is_personal;
use super::Vault;
use crate::record::RecordRef;

/// How ids begin that stand for an email or a phone.
const ALIAS: &str = "pii:";

/// Whether an id stands for an email or a phone.
pub fn is_alias(id: &str) -> bool {
    id.starts_with(ALIAS)
}

impl Vault {
    /// The name under which a record whose id is an email or a phone is known in tables and views: the id is personal data.
    /// `None` for any other record, an alias among them.
    pub fn alias(&self, reference: &RecordRef) -> Option<RecordRef> {
        if !is_personal(&reference.id) {
            return None;
        }
        let text = format!("{}:{}:{}", reference.system.len(), reference.system, reference.id);
        let hash = self.commit("source id", text.as_bytes());
        let digits: String = hash[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        Some(RecordRef::new(reference.system.as_str(), format!("{ALIAS}{digits}")))
    }

    /// The alias, or the reference itself.
    pub fn known_as(&self, reference: RecordRef) -> RecordRef {
        self.alias(&reference).unwrap_or(reference)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::vault::tests::vault;

    #[test]
    fn an_id_that_is_an_email_or_a_phone_goes_by_another_name() {
        let vault = vault(&[0, 1]);
        let alias = |id: &str| vault.alias(&RecordRef::new("CRM", id)).map(|alias| alias.id);
        for id in [
            "ann@example.com", " Ann@Example.com ", "+1 206 555 0143", "+12065550143", "(206) 555-0143", "206-555-0143",
        ] {
            let alias = alias(id).unwrap();
            assert!(alias.starts_with("pii:") && alias.len() == 36 && !is_personal(&alias));
            assert_eq!(vault.known_as(RecordRef::new("CRM", alias.as_str())).id, alias);
        }
        for id in
            ["7", "2065550143", "0015000000ABCDEF", "web|00001", "2024-01-10", "a@b", "INV-206-555-0143", "", "+1"]
        {
            assert_eq!(alias(id), None, "{id}");
        }
        assert_ne!(vault.alias(&RecordRef::new("A", "x@y.de")), vault.alias(&RecordRef::new("B", "x@y.de")));
    }
}
