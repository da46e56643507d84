//! By what a person is known: what erasures look for and what they keep out.

use super::personal::{emails, is_personal, numbers};
use super::Vault;
use crate::block::{Key, Space};
use crate::entity::EntityType;
use crate::kind::Kind;
use crate::normalise::{self, Context};
use crate::record::{RecordRef, State};
use crate::words;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The countries of a refused record in which its phones are read: a list of all of them would take long.
const COUNTRIES: usize = 16;

/// As many of the names and ids that one object of a refused record repeats are looked for.
const REPEATED: usize = 8;

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

words! {
    /// What is kept out by a commitment.
    pub enum KeptOut {
        /// A record of that (system, id).
        Record => "record",
        /// Whoever has that email and that phone.
        Identity => "identity",
        /// Whoever has that email.
        Email => "email",
    }
}

/// What one state or version says of who it is about. Emails and phones that are junk by form are none of it: nobody is known by
/// them.
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
impl fmt::Debug for Traits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Traits({}, {}, {})", self.references.len(), self.emails.len(), self.phones.len())
    }
}

impl Traits {
    /// What a record says of itself: its values, and the first ones, which a merge rule may choose.
    pub fn of(entity: &EntityType, reference: &RecordRef, state: &State) -> Traits {
        let mut traits = Traits { references: BTreeSet::from([reference.clone()]), ..Traits::default() };
        for kind in [Kind::Email, Kind::Phone] {
            let held = entity.of_kind(kind).filter_map(|attribute| state.held_of(&attribute.name));
            let stated = held.flat_map(|held| [held.current, held.earliest()]);
            stated.for_each(|stated| traits.add(kind, stated.canonical.to_owned()));
        }
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
            _ if normalise::is_junk(kind, &canonical) => false,
            Kind::Email => self.emails.insert(canonical),
            Kind::Phone => self.phones.insert(canonical),
            _ => false,
        };
    }

    /// What can be read of a text that was refused: pairs of system and id, `entityId`, and whatever looks like an email or a
    /// phone in one of the regions or a country that the text names, wherever it stands; also in JSON that was written into a
    /// text once more. Of a long text that takes a while: `heed` is called now and then.
    pub fn read(text: &str, regions: &BTreeSet<String>, heed: &dyn Fn()) -> Traits {
        let (mut traits, mut words, mut countries) = (Traits::default(), Vec::new(), BTreeSet::new());
        traits.text(text.strip_prefix('\u{feff}').unwrap_or(text), &mut words, &mut countries);
        let regions = &countries | regions;
        words.iter().for_each(|text| traits.words(text, &regions, heed));
        traits
    }

    fn text(&mut self, text: &str, words: &mut Vec<String>, countries: &mut BTreeSet<String>) {
        match serde_json::from_str(text) {
            Ok(json @ (Json::Text(_) | Json::List(_) | Json::Object(_))) => self.walk(&json, words, countries),
            _ => {
                if countries.len() < COUNTRIES {
                    countries.extend(normalise::normalize(Kind::Country, text, &Context::default()));
                }
                words.push(text.to_owned());
            }
        }
    }

    fn walk(&mut self, json: &Json, words: &mut Vec<String>, countries: &mut BTreeSet<String>) {
        match json {
            Json::Text(text) => self.text(text, words, countries),
            Json::Number(number) => words.push(number.clone()),
            Json::List(items) => items.iter().for_each(|item| self.walk(item, words, countries)),
            Json::Object(members) => {
                let named = |name: &'static str| {
                    members.iter().filter(move |(key, _)| key == name).filter_map(|(_, value)| value.id())
                };
                for system in named("systemName").take(REPEATED) {
                    self.references.extend(named("id").take(REPEATED).map(|id| RecordRef::new(system, id)));
                }
                self.references.extend(named("entityId").map(|id| RecordRef::new(RecordRef::ENTITY, id)));
                for (key, value) in members {
                    words.push(key.clone());
                    self.walk(value, words, countries);
                }
            }
            Json::Nothing => {}
        }
    }

    fn words(&mut self, text: &str, regions: &BTreeSet<String>, heed: &dyn Fn()) {
        heed();
        let spelt_out = spelt_out(text);
        let typed = normalise::typed(&spelt_out);
        // Signs that set an email apart are others when they are typed.
        for text in [text, &*spelt_out, typed.as_str()].into_iter().filter(|text| text.contains('@')) {
            emails(text).for_each(|email| self.add(Kind::Email, email));
        }
        for number in numbers(&typed).collect::<BTreeSet<&str>>() {
            heed();
            let read =
                |region: &String| normalise::normalize(Kind::Phone, number, &Context { region, ..Context::default() });
            regions.iter().filter_map(read).for_each(|phone| self.add(Kind::Phone, phone));
        }
    }

    /// Whether what says the other is about the same person: it names a record or an email of these, or a phone and no email, but
    /// for `generic` ones, which serve too many to tell anybody by.
    pub fn meet(&self, other: &Traits, generic: &BTreeSet<String>) -> bool {
        !self.references.is_disjoint(&other.references)
            || !self.emails.is_disjoint(&other.emails)
            || other.emails.is_subset(generic) && !self.phones.is_disjoint(&other.phones)
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
    pub fn commitments(&self, vault: &Vault, entity_type: &str) -> BTreeMap<Commitment, KeptOut> {
        let commit = |kind: KeptOut, parts: &[&str]| {
            let mut text = Vec::new();
            for part in [kind.name(), entity_type].iter().chain(parts) {
                text.extend((part.len() as u64).to_be_bytes());
                text.extend(part.as_bytes());
            }
            vault.commit("suppression", &text)
        };
        let mut commitments = BTreeMap::new();
        let mut add = |kind, parts: &[&str]| commitments.insert(commit(kind, parts), kind);
        for reference in &self.references {
            let RecordRef { system, id } = vault.known_as(reference.clone());
            add(KeptOut::Record, &[&system, &id]);
        }
        for email in &self.emails {
            add(KeptOut::Email, &[email]);
            for phone in &self.phones {
                add(KeptOut::Identity, &[email, phone]);
            }
        }
        commitments
    }
}

/// A JSON text with all that it says: a parser keeps the last of several members with one name.
enum Json {
    Nothing,
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// A text or a number, as names and ids are written.
    fn id(&self) -> Option<&str> {
        match self {
            Json::Text(text) | Json::Number(text) => Some(text.trim()),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Json, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Json;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Json, A::Error> {
                let mut members = Vec::new();
                while let Some(key) = object.next_key::<String>()? {
                    // So numbers pass through.
                    if key == "$serde_json::private::Number" {
                        return object.next_value().map(Json::Number);
                    }
                    members.push((key, object.next_value()?));
                }
                Ok(Json::Object(members))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    items.push(item);
                }
                Ok(Json::List(items))
            }

            fn visit_str<E>(self, text: &str) -> Result<Json, E> {
                Ok(Json::Text(text.to_owned()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
                Ok(Json::Number(number.to_string()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
                Ok(Json::Number(number.to_string()))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
                Ok(Json::Number(number.to_string()))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Json, E> {
                Ok(Json::Nothing)
            }

            fn visit_unit<E>(self) -> Result<Json, E> {
                Ok(Json::Nothing)
            }
        }
        from.deserialize_any(Any)
    }
}

/// A text with the characters that links (`%40`), mails (`=40`), pages (`&#64;`) and JSON (`\u0040`) write in digits.
pub(super) fn spelt_out(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '\\', '=', '&']) {
        return text.into();
    }
    let (mut out, mut rest) = (Vec::with_capacity(text.len()), text);
    while let Some(first) = rest.chars().next() {
        let length = match written(rest) {
            Some((Written::Byte(byte), length)) => {
                out.push(byte);
                length
            }
            Some((Written::Char(char), length)) => {
                out.extend(char.to_string().bytes());
                length
            }
            None => {
                out.extend(rest[..first.len_utf8()].bytes());
                first.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    String::from_utf8_lossy(&out).into_owned().into()
}

/// What is written in digits.
enum Written {
    Byte(u8),
    Char(char),
}

/// What a text begins with where that is written in digits, and its length.
fn written(text: &str) -> Option<(Written, usize)> {
    let code = |digits: &str, base| match digits.bytes().all(|digit| digit.is_ascii_alphanumeric()) {
        true => u32::from_str_radix(digits, base).ok(),
        false => None,
    };
    let char = |code: u32, length| Some((Written::Char(char::from_u32(code)?), length));
    match text.as_bytes() {
        [b'%', ..] => Some((Written::Byte(u8::try_from(code(text.get(1..3)?, 16)?).ok()?), 3)),
        // Nothing else: before a value of a form stands the same sign.
        [b'=', b'4', b'0', ..] => Some((Written::Byte(b'@'), 3)),
        [b'\\', b'u', ..] => char(code(text.get(2..6)?, 16)?, 6),
        [b'&', b'#', ..] => {
            let digits = &text[2..text.bytes().take(12).position(|byte| byte == b';')?];
            let (length, hex) = (digits.len() + 3, digits.strip_prefix(['x', 'X']));
            char(hex.map_or_else(|| code(digits, 10), |digits| code(digits, 16))?, length)
        }
        _ => None,
    }
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
        let found = Traits::read(json, &regions, &|| ());
        assert_eq!(found.references, BTreeSet::from([RecordRef::new("CRM", "7")]));
        assert_eq!(found.emails, BTreeSet::from(["ann@example.com".to_owned()]));
        assert_eq!(found.phones, BTreeSet::from(["+12065550143".to_owned(), "+12065550144".to_owned()]));
        let broken = Traits::read(r#"{"mail": "ann@example.com", "tel": "(206) 555-0143", "#, &regions, &|| ());
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
            "ann&#64;example.com, ann&#x40;example.com",
            "to: ann=40example.com",
            r#"{"email": "ann@example.com", "email": 7}"#,
            r#"{"a": {"email": "ann@example.com"}, "a": {}}"#,
            r#"{"tel": "206·555·0143", "email": "ann@example.com"}"#,
            r#"{"tel": "2065550143 / 2065550199", "email": "ann@example.com"}"#,
            r#"{"tel": "2065550199 2065550143", "email": "ann@example.com"}"#,
        ] {
            let found = Traits::read(text, &regions, &|| ());
            assert_eq!(found.emails, ann, "{text}");
            assert_eq!(found.phones.contains("+12065550143"), text.contains("0143"), "{text}");
            assert_eq!(found.references.len(), usize::from(text.contains("CRM")), "{text}");
        }
        let long = format!("{} ann@example.com", "word ".repeat(1_000));
        assert_eq!(Traits::read(&long, &regions, &|| ()).emails, ann);
        // What stands beside an email may belong to it, or not.
        for text in [
            "write to “ann@example.com”",
            "schreib an „ann@example.com“",
            "écris à «ann@example.com»",
            "请写信给 ann@example.com。",
            "メール：ann@example.comです",
            "*ann@example.com*",
            "`ann@example.com`",
            "!ann@example.com",
            "→ann@example.com",
            "_ann@example.com_",
            "ann@example.com–Privat",
            "a=40ann@example.com",
        ] {
            assert!(Traits::read(text, &regions, &|| ()).emails.is_superset(&ann), "{text}");
        }
        assert!(
            Traits::read("50% of \\u00 and %zz at \\ud800 &#; &#xD800; &# =4", &regions, &|| ()) == Traits::default()
        );
    }

    #[test]
    fn a_phone_is_read_in_the_countries_that_a_refused_record_names() {
        let regions = BTreeSet::from(["US".to_owned()]);
        let german = BTreeSet::from(["+4930123456".to_owned()]);
        for text in [
            r#"{"attributes": {"tel": "030 123456", "country": "DE"}}"#,
            r#"{"recordRegion": "de", "attributes": {"tel": "030 123456"}}"#,
            r#"{"land": "Germany", "body": "{\"tel\": \"030 123456\"}"}"#,
        ] {
            assert!(Traits::read(text, &regions, &|| ()).phones.is_superset(&german), "{text}");
        }
        assert!(Traits::read(r#"{"tel": "030 123456"}"#, &regions, &|| ()).phones.is_disjoint(&german));
    }

    #[test]
    fn what_names_nobody_is_no_trait() {
        let regions = BTreeSet::from(["US".to_owned()]);
        let text = r#"{"email": "noreply@example.com", "tel": "206-000-0000", "entityId": "E1"}"#;
        let found = Traits::read(text, &regions, &|| ());
        assert!(found.emails.is_empty() && found.phones.is_empty());
        assert_eq!(found.references, BTreeSet::from([RecordRef::new(RecordRef::ENTITY, "E1")]));
        let mut traits = Traits::default();
        traits.add(Kind::Email, "info@example.com".into());
        assert!(traits == Traits::default());
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
    fn a_phone_tells_who_it_is_where_no_email_says_otherwise() {
        let traits = |emails: &[&str], phones: &[&str]| Traits {
            references: BTreeSet::new(),
            emails: emails.iter().map(|text| (*text).to_owned()).collect(),
            phones: phones.iter().map(|text| (*text).to_owned()).collect(),
        };
        let (ann, generic) = (traits(&["a@b.c"], &["+12065550143"]), BTreeSet::from(["all@b.c".to_owned()]));
        assert!(ann.meet(&traits(&["a@b.c", "d@e.f"], &[]), &generic));
        assert!(ann.meet(&traits(&[], &["+12065550143"]), &generic));
        assert!(ann.meet(&traits(&["all@b.c"], &["+12065550143"]), &generic));
        assert!(!ann.meet(&traits(&["d@e.f"], &["+12065550143"]), &generic));
        assert!(!ann.meet(&traits(&["all@b.c"], &["+12065550199"]), &generic));
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
        assert_eq!(
            both.values().copied().collect::<BTreeSet<_>>(),
            BTreeSet::from([KeptOut::Email, KeptOut::Identity])
        );
        let other = traits(&["a@b.c"], &["+12065550143"]).commitments(&vault, "SUPPLIER");
        assert!(both.keys().all(|commitment| !other.contains_key(commitment)));
    }
}
