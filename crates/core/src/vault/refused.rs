//! Of whom a text speaks that was refused, whatever it is.

use super::personal::{emails, numbers};
use super::spelt::spelt_out;
use super::Traits;
use crate::kind::Kind;
use crate::normalise::{self, Context};
use crate::record::RecordRef;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeSet;
use std::fmt;

/// The countries of a refused record in which its phones are read: a list of all of them would take long.
const COUNTRIES: usize = 16;

/// As many of the names and ids that one object of a refused record repeats are looked for.
const REPEATED: usize = 8;

impl Traits {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
