//! By what a person is known: what erasures look for and what they keep out.

use super::personal::{emails, is_personal, numbers};
use super::Vault;
use crate::block::{Key, Space};
use crate::entity::EntityType;
use crate::kind::Kind;
use crate::normalise::{self, Context};
use crate::record::{RecordRef, State};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

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

/// A commitment to what must not come in.
pub type Commitment = [u8; 32];

/// What one state or version says of who it is about.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Traits {
    /// (system, id), the record's own and its cross-references.
    pub references: BTreeSet<RecordRef>,
    /// Canonical emails.
    pub emails: BTreeSet<String>,
    /// Canonical phones.
    pub phones: BTreeSet<String>,
}

/// Personal data: a debug print tells how many there are.
impl std::fmt::Debug for Traits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Traits({}, {}, {})", self.references.len(), self.emails.len(), self.phones.len())
    }
}

impl Traits {
    /// What a record says of itself: its values, and the first ones, which a merge rule may choose.
    pub fn of(entity: &EntityType, reference: &RecordRef, state: &State) -> Traits {
        let values = |kind| {
            let held = entity.of_kind(kind).filter_map(|attribute| state.held_of(&attribute.name));
            held.flat_map(|held| [held.current, held.earliest()]).map(|stated| stated.canonical.to_owned()).collect()
        };
        let references = BTreeSet::from([reference.clone()]);
        let mut traits = Traits { references, emails: values(Kind::Email), phones: values(Kind::Phone) };
        traits.refer(state.cross_references());
        traits
    }

    /// Adds cross-references, but for those that name nobody: no person is known by them.
    pub fn refer(&mut self, others: &BTreeSet<RecordRef>) {
        self.references.extend(others.iter().filter(|other| !normalise::is_junk_id(&other.id)).cloned());
    }

    /// Adds those of another.
    pub fn extend(&mut self, other: Traits) {
        self.references.extend(other.references);
        self.emails.extend(other.emails);
        self.phones.extend(other.phones);
    }

    /// Adds a canonical value of a kind, where a person is known by it.
    pub fn add(&mut self, kind: Kind, canonical: String) {
        match kind {
            Kind::Email => self.emails.insert(canonical),
            Kind::Phone => self.phones.insert(canonical),
            _ => false,
        };
    }

    /// What can be read of a text that was refused: pairs of system and id, and whatever looks like an email or a phone in
    /// one of the regions, wherever it stands; also in JSON that was written into a text once more.
    pub fn read(text: &str, regions: &BTreeSet<String>) -> Traits {
        let mut traits = Traits::default();
        traits.text(text, regions);
        traits
    }

    fn text(&mut self, text: &str, regions: &BTreeSet<String>) {
        match serde_json::from_str::<Value>(text) {
            Ok(json @ (Value::String(_) | Value::Array(_) | Value::Object(_))) => self.walk(&json, regions),
            _ => self.words(text, regions),
        }
    }

    fn walk(&mut self, json: &Value, regions: &BTreeSet<String>) {
        match json {
            Value::String(text) => self.text(text, regions),
            Value::Number(number) => self.words(&number.to_string(), regions),
            Value::Array(items) => items.iter().for_each(|item| self.walk(item, regions)),
            Value::Object(fields) => {
                if let (Some(Value::String(system)), Some(id)) = (fields.get("systemName"), fields.get("id")) {
                    let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
                    self.references.insert(RecordRef::new(system.as_str(), id));
                }
                for (key, value) in fields {
                    self.words(key, regions);
                    self.walk(value, regions);
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn words(&mut self, text: &str, regions: &BTreeSet<String>) {
        let text = normalise::typed(&spelt_out(text));
        self.emails.extend(emails(&text));
        for number in numbers(&text) {
            let read =
                |region: &String| normalise::normalize(Kind::Phone, number, &Context { region, ..Context::default() });
            self.phones.extend(regions.iter().filter_map(read));
        }
    }

    /// Keyed hashes by which a refused record is found again: of references `r`, emails `e` and phones `p`.
    pub fn keys(&self, vault: &Vault) -> BTreeMap<i64, u8> {
        let key = |space, value: &str| Key { space, value: value.to_owned(), generic_by_form: false };
        let mut keys = BTreeMap::new();
        for phone in &self.phones {
            keys.insert(key(Space::Phone, phone).digest(vault.identity()), b'p');
        }
        for email in &self.emails {
            keys.insert(key(Space::Email, email).digest(vault.identity()), b'e');
        }
        for reference in &self.references {
            keys.insert(Key::reference(&vault.known_as(reference.clone())).digest(vault.identity()), b'r');
        }
        keys
    }

    /// What must be kept out so that none of this comes in again, by kind: each (system, id), each email together with each
    /// phone, each email. Never a phone alone, which would keep a household out.
    pub fn commitments(&self, vault: &Vault, entity_type: &str) -> BTreeMap<Commitment, &'static str> {
        let commit = |kind: &str, parts: &[&str]| {
            let mut text = Vec::new();
            for part in [kind, entity_type].iter().chain(parts) {
                text.extend((part.len() as u64).to_be_bytes());
                text.extend(part.as_bytes());
            }
            vault.commit("suppression", &text)
        };
        let mut commitments = BTreeMap::new();
        for reference in &self.references {
            let RecordRef { system, id } = vault.known_as(reference.clone());
            commitments.insert(commit("record", &[&system, &id]), "record");
        }
        for email in &self.emails {
            commitments.insert(commit("email", &[email]), "email");
            for phone in &self.phones {
                commitments.insert(commit("identity", &[email, phone]), "identity");
            }
        }
        commitments
    }
}

/// A text with the characters that links (`%40`) and JSON (`\u0040`) write in digits.
pub(super) fn spelt_out(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '\\']) {
        return text.into();
    }
    let hex = |digits: Option<&[u8]>| {
        let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let (mut out, mut at, bytes) = (Vec::with_capacity(text.len()), 0, text.as_bytes());
    while let Some(byte) = bytes.get(at) {
        let link = hex(bytes.get(at + 1..at + 3).filter(|_| *byte == b'%')).and_then(|code| u8::try_from(code).ok());
        let json = hex(bytes.get(at + 2..at + 6).filter(|_| bytes[at..].starts_with(b"\\u"))).and_then(char::from_u32);
        match (link, json) {
            (Some(byte), _) => out.push(byte),
            (None, Some(char)) => out.extend(char.to_string().bytes()),
            (None, None) => out.push(*byte),
        }
        at += if link.is_some() {
            3
        } else if json.is_some() {
            6
        } else {
            1
        };
    }
    String::from_utf8_lossy(&out).into_owned().into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::record::Draft;
    use zeroize::Zeroizing;

    fn vault() -> Vault {
        Vault::new([(0, Zeroizing::new(vec![1; 32])), (1, Zeroizing::new(vec![2; 32]))].into()).unwrap()
    }

    #[test]
    fn what_is_refused_is_found_by_what_can_be_read_of_it() {
        let regions = BTreeSet::from(["US".to_owned()]);
        let json = r#"{"externalSystemIds": [{"systemName": "CRM", "id": 7}], "deep": [{"mail": " Ann@Example.com"}],
                       "tel": "(206) 555-0143", "n": 2065550144}"#;
        let found = Traits::read(json, &regions);
        assert_eq!(found.references, BTreeSet::from([RecordRef::new("CRM", "7")]));
        assert_eq!(found.emails, BTreeSet::from(["ann@example.com".to_owned()]));
        assert_eq!(found.phones, BTreeSet::from(["+12065550143".to_owned(), "+12065550144".to_owned()]));
        let broken = Traits::read(r#"{"mail": "ann@example.com", "tel": "(206) 555-0143", "#, &regions);
        assert!(broken.emails == found.emails && broken.phones.contains("+12065550143"));
        assert_eq!(found.keys(&vault()).len(), 4);
    }

    #[test]
    fn what_a_reader_can_make_out_of_what_is_refused_is_found() {
        let regions = BTreeSet::from(["US".to_owned()]);
        let ann = BTreeSet::from(["ann@example.com".to_owned()]);
        let twice = serde_json::json!(
            r#"{"externalSystemIds": [{"systemName": "CRM", "id": "1"}], "email": "ann@example.com"}"#
        );
        let thrice = serde_json::json!({"body": twice.to_string()}).to_string();
        for text in [
            &twice.to_string(),
            &thrice,
            r#"{"note": "please call ann@example.com, or 206-555-0143."}"#,
            r#"{"note": "her phone is 206 555 0143; write to Ann <ann@example.com>."}"#,
            r#"{"ann@example.com": "subscribed"}"#,
            r#"{"link": "https://x.example/?to=ann%40example.com&n=1"}"#,
            "email=ann@example.com&first=Ann",
            "email=ann%40example.com&phone=%2B12065550143",
            r#"{"email":"ann\u0040example.com", "#,
            r#"{"email": "ann＠example.com"}"#,
            "<c><email>ann@example.com</email></c>",
            "Dear Sir, ann@example.com.",
        ] {
            let found = Traits::read(text, &regions);
            assert_eq!(found.emails, ann, "{text}");
            assert_eq!(found.phones.contains("+12065550143"), text.contains("0143"), "{text}");
            assert_eq!(found.references.len(), usize::from(text.contains("CRM")), "{text}");
        }
        let long = format!("{} ann@example.com", "word ".repeat(1_000));
        assert_eq!(Traits::read(&long, &regions).emails, ann);
        assert!(Traits::read("50% of \\u00 and %zz at \\ud800", &regions) == Traits::default());
    }

    #[test]
    fn a_record_says_its_first_values_too() {
        let version = |at: i64, email: &str| crate::record::Version {
            entity_type: "CUSTOMER".into(),
            record: RecordRef::new("CRM", "1"),
            cross_references: BTreeSet::new(),
            attributes: [("email".into(), email.into())].into_iter().collect(),
            timestamp: at * 1_000_000,
            sequence: None,
            vector_clock: None,
            no_entity: false,
            source_priority: None,
            region: None,
            deleted: false,
        };
        let entity = EntityType::customer();
        let versions = [version(1, "ann@example.com"), version(2, "ann@example.org")];
        let state = crate::fold::fold(&entity, &BTreeMap::new(), &crate::source::SourceOptions::default(), &versions);
        assert_eq!(Traits::of(&entity, &versions[0].record, &state).emails.len(), 2);
    }

    #[test]
    fn an_id_that_names_nobody_keeps_nobody_out() {
        let own = RecordRef::new("CRM", "11111");
        let named = [RecordRef::new(RecordRef::ENTITY, "N/A"), RecordRef::new("ERP", "0"), RecordRef::new("ERP", "7")];
        let state = Draft { live: true, cross_references: named.clone().into(), ..Draft::default() }.into();
        let known = Traits::of(&EntityType::customer(), &own, &state).references;
        assert!(known == BTreeSet::from([own, named[2].clone()]));
    }

    #[test]
    fn an_id_that_is_an_email_or_a_phone_goes_by_another_name() {
        let vault = vault();
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

    #[test]
    fn no_phone_is_kept_out_alone() {
        let traits = |emails: &[&str], phones: &[&str]| Traits {
            references: BTreeSet::new(),
            emails: emails.iter().map(|text| (*text).to_owned()).collect(),
            phones: phones.iter().map(|text| (*text).to_owned()).collect(),
        };
        let vault = vault();
        assert!(traits(&[], &["+12065550143"]).commitments(&vault, "CUSTOMER").is_empty());
        let both = traits(&["a@b.c"], &["+12065550143"]).commitments(&vault, "CUSTOMER");
        assert_eq!(both.values().copied().collect::<BTreeSet<_>>(), BTreeSet::from(["email", "identity"]));
        let other = traits(&["a@b.c"], &["+12065550143"]).commitments(&vault, "SUPPLIER");
        assert!(both.keys().all(|commitment| !other.contains_key(commitment)));
    }
}
