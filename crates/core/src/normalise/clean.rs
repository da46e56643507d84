//! What every kind does to its text first, and the folding that names, addresses and organizations share.

use std::borrow::Cow;
use unicode_normalization::{char::is_combining_mark, is_nfc_quick, IsNormalized, UnicodeNormalization};

/// The text as a person would retype it: composed (NFC), no control or invisible characters, single spaces, trimmed.
pub fn clean(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim();
    if is_clean(trimmed) {
        return Cow::Borrowed(trimmed);
    }
    let mut out = String::with_capacity(trimmed.len());
    for c in trimmed.nfc() {
        if c.is_whitespace() || c.is_control() {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !is_invisible(c) {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    // Dropping an invisible character may bring together what composes.
    match is_nfc_quick(out.chars()) {
        IsNormalized::Yes => Cow::Owned(out),
        _ => Cow::Owned(out.nfc().collect()),
    }
}

/// The text as somebody would type it on a plain keyboard, as far as a sign has its like there: clean, compatibility forms
/// (`＋`, `＠`, no-break spaces) and the digits of every script as ASCII, dashes of every length as one, dots in the middle of
/// the line as dots.
pub fn typed(text: &str) -> String {
    let sign = |c| match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{b7}' | '\u{2022}' | '\u{2027}' => '.',
        _ => c,
    };
    clean(text).nfkc().map(|c| digit(c).unwrap_or(sign(c))).collect()
}

fn is_clean(text: &str) -> bool {
    let mut before = b'a';
    for &byte in text.as_bytes() {
        if !(0x20..0x7f).contains(&byte) || (byte == b' ' && before == b' ') {
            return false;
        }
        before = byte;
    }
    true
}

/// Characters without a shape that copying from web pages and spreadsheets brings along. The joiners U+200C and U+200D
/// stay: Persian and Indic names are spelt with them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{206f}' | '\u{feff}')
}

/// The text composed (NFC).
pub fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        Cow::Borrowed(text)
    } else {
        text.nfc().collect()
    }
}

/// `text` without case, accents and compatibility forms: `Ærøskøbing` → `aeroskobing`, `Ｊｏｈｎ` → `john`.
///
/// Marks are dropped from Latin, Greek and Cyrillic letters alone: in other scripts they are vowels.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.nfkd().flat_map(char::to_lowercase).nfkd() {
        match c {
            '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' => {}
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'þ' => out.push_str("th"),
            'ø' => out.push('o'),
            'ł' => out.push('l'),
            'đ' | 'ð' => out.push('d'),
            'ħ' => out.push('h'),
            'ı' => out.push('i'),
            'ŋ' => out.push('n'),
            'ŧ' => out.push('t'),
            'ς' => out.push('σ'),
            '\u{200c}' | '\u{200d}' => {}
            c if is_invisible(c) => {}
            _ => out.push(c),
        }
    }
    out.nfc().collect()
}

/// Whether `c` belongs to a word: letters, digits and the marks upon them.
pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || !c.is_ascii() && is_combining_mark(c)
}

/// Apostrophes and what people type for them.
fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | '`' | '´' | 'ʼ' | 'ʹ' | '′' | '＇' | '"' | '“' | '”' | '«' | '»')
}

/// The folded words of `text`, a space between them: apostrophes vanish (`O'Brien` is one word), other punctuation
/// separates; `joins` are further characters that vanish, none of a word.
pub fn words(text: &str, joins: &[char]) -> String {
    if text.is_ascii() {
        let lower = text.chars().map(|c| c.to_ascii_lowercase());
        return spaced(lower, text.len(), |c| c.is_ascii_alphanumeric(), joins);
    }
    // Twice, because some compatibility forms are apostrophes (´) and some contain one (ŉ).
    let folded = fold(&without(text, joins));
    spaced(folded.chars(), folded.len(), is_word, joins)
}

/// The words of a text of at most `length` bytes.
fn spaced(text: impl Iterator<Item = char>, length: usize, is_word: impl Fn(char) -> bool, joins: &[char]) -> String {
    let (mut out, mut apart) = (String::with_capacity(length), false);
    for c in text.filter(|c| !is_apostrophe(*c) && !joins.contains(c)) {
        if !is_word(c) {
            apart = true;
            continue;
        }
        if std::mem::take(&mut apart) && !out.is_empty() {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

/// The text without apostrophes and `joins`.
fn without<'a>(text: &'a str, joins: &[char]) -> Cow<'a, str> {
    let goes = |c: char| is_apostrophe(c) || joins.contains(&c);
    if text.contains(goes) {
        text.chars().filter(|c| !goes(*c)).collect()
    } else {
        Cow::Borrowed(text)
    }
}

/// The value of a decimal digit of any script.
pub fn digit(c: char) -> Option<char> {
    /// The zeros of the scripts with decimal digits in the basic plane (Unicode general category Nd).
    const ZEROS: [u32; 37] = [
        0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0de6, 0x0e50,
        0x0ed0, 0x0f20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50,
        0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0,
    ];
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c);
    }
    let code = c as u32;
    let zero = ZEROS.into_iter().find(|zero| (*zero..zero + 10).contains(&code))?;
    char::from_digit(code - zero, 10)
}

/// Whether `c` has a shape: neither space, control, format, private nor unassigned.
pub fn is_visible(c: char) -> bool {
    use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};
    !matches!(c.general_category_group(), GeneralCategoryGroup::Separator | GeneralCategoryGroup::Other)
}
