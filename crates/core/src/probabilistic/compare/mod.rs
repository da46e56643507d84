//! Comparison: the level at which two features of one field agree.

mod addresses;
mod names;
#[cfg(test)]
mod tests;
mod values;

use super::dataset::{Field, Table};
use super::features::{Form, Tokens};
use super::levels::{given, text};
use super::memo::Memo;
use crate::text::jaro_winkler;
use addresses::addresses;
use names::names;
use values::{dates, emails, identifiers, numbers, organizations, phones, texts};

/// What is asked of two words of field `number` a [`Memo`] knows by this tag.
pub(super) fn tag(number: usize, question: Question) -> u64 {
    (number as u64) << 3 | question as u64
}

/// What is asked of two words.
#[derive(Clone, Copy)]
pub(super) enum Question {
    WordsApart,
    Nicknames,
    StreetsNear,
    Texts,
    TwoNames,
    TwoCloseNames,
}

/// What is known of the words of a field.
struct Known<'a> {
    number: usize,
    memo: &'a mut Memo,
}

impl Known<'_> {
    fn get(&mut self, question: Question, a: u32, b: u32, ask: impl FnOnce() -> u8) -> u8 {
        self.memo.get(tag(self.number, question), a, b, ask)
    }
}

/// The levels of two features of field `number`, one for each measure of its form. Gives whether the two are names of the
/// same words in other fields.
pub(crate) fn compare(field: &Field, number: usize, memo: &mut Memo, a: u32, b: u32, out: &mut [u8; 4]) -> bool {
    let (a, b) = (a as usize, b as usize);
    let (tokens, form) = (&field.tokens, field.form);
    let memo = &mut Known { number, memo };
    match &field.table {
        Table::Names(list) => return names(tokens, memo, &list[a], &list[b], out),
        Table::Emails(list) => out[0] = emails(tokens, &list[a], &list[b]),
        Table::Phones(list) => out[0] = phones(&list[a], &list[b]),
        Table::Dates(list) => out[0] = dates(&list[a], &list[b]),
        Table::Addresses(list) => out[0] = addresses(tokens, memo, &list[a], &list[b]),
        Table::Words(list) if form == Form::Identifier => out[0] = identifiers(tokens, &list[a], &list[b]),
        Table::Words(list) if form == Form::Number => out[0] = numbers(tokens, &list[a], &list[b]),
        Table::Words(list) => {
            // One whole may be of one word or of two, so it is the features that are known.
            let (x, y) = (&list[a], &list[b]);
            let ask = || match form {
                Form::Organization => organizations(tokens, field.similar, x, y),
                _ => texts(tokens, field.similar, x, y),
            };
            out[0] = if x.whole == y.whole { text::EXACT } else { memo.get(Question::Texts, a as u32, b as u32, ask) };
        }
    }
    false
}

/// How far two words are apart: as given names are, of which no more is known.
mod apart {
    use super::given;

    pub(super) const EQUAL: u8 = given::EXACT;
    pub(super) const SLIP: u8 = given::TYPO;
    pub(super) const SIMILAR: u8 = given::SIMILAR;
    pub(super) const DIFFERENT: u8 = given::DIFFERENT;
}

fn words_apart(tokens: &Tokens, memo: &mut Known, a: u32, b: u32) -> u8 {
    if a == b {
        return apart::EQUAL;
    }
    memo.get(Question::WordsApart, a, b, || different_words_apart(tokens, a, b))
}

pub(super) fn different_words_apart(tokens: &Tokens, a: u32, b: u32) -> u8 {
    if tokens.text(a).len() > 2 && tokens.text(b).len() > 2 {
        if tokens.one_edit(a, b) {
            return apart::SLIP;
        }
        let similarity = tokens.similarity(a, b);
        if tokens.alike(a, b) && jaro_winkler(tokens.text(a), tokens.text(b)) >= 700 {
            return apart::SLIP;
        }
        // Mark and Marsha are not similar for all their letters, nor Darla and Darletta.
        if similarity >= 800 && strsim::osa_distance(tokens.text(a), tokens.text(b)) <= 2 {
            return if similarity >= 920 { apart::SLIP } else { apart::SIMILAR };
        }
    }
    apart::DIFFERENT
}
