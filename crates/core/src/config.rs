//! Reading configuration: JSON objects whose keys and words are checked, so that a misspelt option is an error that
//! names the right one and never a setting that silently does nothing.

use crate::error::Error;
use serde_json::{Map, Value};

/// The members of one configuration object. A member that is null counts as absent.
pub(crate) struct Fields<'a> {
    what: String,
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// The object `json`, described as `what` in errors; a key outside `known` is an error.
    pub fn of(what: impl Into<String>, json: &'a Value, known: &[&str]) -> Result<Fields<'a>, Error> {
        let what = what.into();
        let map = object(&what, json)?;
        for key in map.keys() {
            if !known.contains(&key.as_str()) {
                return Err(unknown(&format!("key of {what}"), key, known.iter().copied()));
            }
        }
        Ok(Fields { what, map })
    }

    /// The member, unless it is absent or null.
    pub fn get(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key).filter(|value| !value.is_null())
    }

    /// An option that may be set already: what is given; where the member is null, what ships; where it is absent, what was.
    pub fn option<T>(&self, key: &str, given: Option<T>, was: T, shipped: T) -> T {
        given.unwrap_or(if self.map.contains_key(key) { shipped } else { was })
    }

    /// A text that is not empty.
    pub fn text(&self, key: &str) -> Result<Option<&'a str>, Error> {
        self.read(key, "a text that is not empty", |value| {
            value.as_str().map(str::trim).filter(|text| !text.is_empty())
        })
    }

    /// One of the words `known`.
    pub fn word<'k>(&self, key: &str, known: &[&'k str]) -> Result<Option<&'k str>, Error> {
        let Some(given) = self.text(key)? else { return Ok(None) };
        match known.iter().find(|word| **word == given) {
            Some(word) => Ok(Some(word)),
            None => Err(unknown(&format!("{key} of {}", self.what), given, known.iter().copied())),
        }
    }

    /// True or false.
    pub fn boolean(&self, key: &str) -> Result<Option<bool>, Error> {
        self.read(key, "true or false", Value::as_bool)
    }

    /// A whole number from `low` to `high`.
    pub fn integer(&self, key: &str, low: i64, high: i64) -> Result<Option<i64>, Error> {
        let wanted = format!("a whole number from {low} to {high}");
        self.read(key, &wanted, |value| value.as_i64().filter(|number| (low..=high).contains(number)))
    }

    /// A number from `low` to `high`.
    pub fn number(&self, key: &str, low: f64, high: f64) -> Result<Option<f64>, Error> {
        let wanted = format!("a number from {low} to {high}");
        self.read(key, &wanted, |value| value.as_f64().filter(|number| (low..=high).contains(number)))
    }

    /// An array; empty when absent.
    pub fn list(&self, key: &str) -> Result<&'a [Value], Error> {
        Ok(self.read(key, "an array", |value| value.as_array().map(Vec::as_slice))?.unwrap_or_default())
    }

    /// An array of texts; empty when absent.
    pub fn texts(&self, key: &str) -> Result<Vec<String>, Error> {
        let text = |value: &Value| value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let wrong = || Error::invalid(format!("{key} of {} is not an array of texts", self.what));
        self.list(key)?.iter().map(|value| text(value).ok_or_else(wrong)).collect()
    }

    /// The error for a member that must be there.
    pub fn missing(&self, key: &str) -> Error {
        Error::invalid(format!("{} has no {key}", self.what))
    }

    fn read<T>(&self, key: &str, wanted: &str, read: impl Fn(&'a Value) -> Option<T>) -> Result<Option<T>, Error> {
        match self.get(key) {
            None => Ok(None),
            Some(value) => match read(value) {
                Some(read) => Ok(Some(read)),
                None => Err(Error::invalid(format!("{key} of {} is not {wanted}", self.what))),
            },
        }
    }
}

/// `json` as an object, or the error that says it is none.
pub(crate) fn object<'a>(what: &str, json: &'a Value) -> Result<&'a Map<String, Value>, Error> {
    json.as_object().ok_or_else(|| Error::invalid(format!("{what} is not a JSON object")))
}

/// The error for a word that is not known, with the nearest right one as HINT.
pub(crate) fn unknown<'k>(what: &str, word: &str, known: impl IntoIterator<Item = &'k str> + Clone) -> Error {
    let all = format!("Known: {}.", known.clone().into_iter().collect::<Vec<_>>().join(", "));
    Error::invalid(format!("unknown {what}: \"{word}\"")).perhaps(word, known).or_hint(all)
}
