//! What can go wrong, in words that never contain a value: field names, kinds and limits only.

use std::fmt;

/// An error of configuration or of a call: the message, what to do about it, and the SQLSTATE to report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Five characters, e.g. `22023`.
    pub sqlstate: &'static str,
    /// Primary message: lower case, no full stop.
    pub message: String,
    /// A sentence that says more.
    pub detail: Option<String>,
    /// A sentence that says what to do.
    pub hint: Option<String>,
}

impl Error {
    /// An error with a message only.
    pub fn new(sqlstate: &'static str, message: impl Into<String>) -> Error {
        Error { sqlstate, message: message.into(), detail: None, hint: None }
    }
    /// `22023`: an argument with a wrong value.
    pub fn invalid(message: impl Into<String>) -> Error {
        Error::new("22023", message)
    }
    /// Adds the DETAIL.
    pub fn detail(mut self, text: impl Into<String>) -> Error {
        self.detail = Some(text.into());
        self
    }
    /// Adds the HINT.
    pub fn hint(mut self, text: impl Into<String>) -> Error {
        self.hint = Some(text.into());
        self
    }
    /// Adds the HINT that names which of the words that are `known` the wrong `word` may stand for, where one is near.
    pub fn perhaps<'a>(self, word: &str, known: impl IntoIterator<Item = &'a str>) -> Error {
        match nearest(word, known) {
            Some(known) => self.hint(format!("Perhaps you meant \"{known}\".")),
            None => self,
        }
    }
    /// Adds the HINT where there is none.
    pub fn or_hint(self, text: impl Into<String>) -> Error {
        Error { hint: self.hint.or_else(|| Some(text.into())), ..self }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Why one record of a payload was refused: it becomes a dead letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The field at fault as a path in the record, e.g. `timestamp` or `externalSystemIds[0].id`; empty for the whole.
    pub field: String,
    /// What is wrong with it, without its value.
    pub reason: String,
    /// Five characters, class 22 for bad data.
    pub sqlstate: &'static str,
}

/// Bytes of a word that may stand for another.
const LONGEST_WORD: usize = 200;

/// The word of `known` nearest to `word` (Damerau–Levenshtein distance at most a third of its length), for hints. Nothing is near
/// a text: the distance takes time and memory by the length of both.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let known = known.into_iter().filter(|_| lower.len() <= LONGEST_WORD);
    known
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count() / 3).max(1))
        .min()
        .map(|(_, candidate)| candidate)
}
