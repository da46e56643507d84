//! Values that are compared each by itself.

use crate::probabilistic::features::{Date, Email, Phone, Tokens, Words, NONE};
use crate::probabilistic::levels::{date, email, identifier, number, organization, phone, text};
use crate::text::{jaro_winkler, one_edit, one_edit_of, LONG};

pub(super) fn emails(tokens: &Tokens, a: &Email, b: &Email) -> u8 {
    let same_domain = a.domain == b.domain;
    // Whether who writes to `shop+1` and `shop+2` reaches one, its provider knows; `shop` is of either.
    let same_tag = a.tag == b.tag || a.tag == NONE || b.tag == NONE;
    if a.local == b.local && same_domain && same_tag {
        return email::EXACT;
    }
    if a.bare == b.bare {
        // `john.smith` and `john_smith` of one provider are two people: at two providers a name is anybody's.
        let spelt = if a.spells && b.spells { email::SPELLS_NAME } else { email::SAME_LOCAL };
        if same_domain || a.local != b.local {
            return spelt;
        }
        let (x, y) = (tokens.text(a.domain), tokens.text(b.domain));
        return if tokens.one_edit(a.domain, b.domain) || jaro_winkler(x, y) >= 930 {
            email::OTHER_DOMAIN
        } else {
            spelt
        };
    }
    if !same_domain || (a.letters ^ b.letters).count_ones() > 2 {
        return email::DIFFERENT;
    }
    let (x, y) = (tokens.text(a.bare), tokens.text(b.bare));
    if x.len().min(y.len()) > 4 && tokens.one_edit(a.bare, b.bare) && !only_digits_differ(x, y) && !other_initial(x, y)
    {
        return email::TYPO;
    }
    email::DIFFERENT
}

/// `j.miller` and `k.miller` are two people, and so are `jmiller` and `kmiller`.
fn other_initial(a: &str, b: &str) -> bool {
    let (mut x, mut y) = (a.chars(), b.chars());
    x.next() != y.next() && x.as_str() == y.as_str() && x.as_str().len() >= 3
}

/// `john72` and `john73` are two people.
fn only_digits_differ(a: &str, b: &str) -> bool {
    let letters = |text: &str| {
        text.bytes()
            .filter(|byte| !byte.is_ascii_digit())
            .fold(0u64, |h, byte| h.wrapping_mul(31).wrapping_add(u64::from(byte)))
    };
    letters(a) == letters(b)
}

pub(super) fn phones(a: &Phone, b: &Phone) -> u8 {
    if a.token == b.token {
        return phone::EXACT;
    }
    let (short, long) = if a.length <= b.length { (a, b) } else { (b, a) };
    let digits = |phone: &Phone| -> [u8; 16] { std::array::from_fn(|at| (phone.packed >> (4 * at) & 15) as u8) };
    // Equal digits from the right and from the left leave room for one edit.
    let right = (short.packed ^ long.packed).trailing_zeros() / 4;
    let left = (short.packed << (64 - 4 * short.length) ^ long.packed << (64 - 4 * long.length)).leading_zeros() / 4;
    let apart = if a.area != NONE && a.area == b.area { phone::SAME_AREA } else { phone::DIFFERENT };
    if left + right + 2 < short.length {
        return apart;
    }
    let (x, y) = (digits(short), digits(long));
    let one = one_edit_of(&x[..short.length as usize], &y[..long.length as usize]);
    if one || short.length >= 7 && long.length > short.length && right >= short.length {
        phone::TYPO
    } else {
        apart
    }
}

pub(super) fn dates(a: &Date, b: &Date) -> u8 {
    if a.digits == b.digits {
        return date::EXACT;
    }
    let (year, month, day) = (a.year() == b.year(), a.month() == b.month(), a.day() == b.day());
    let turned = a.month() == b.day() && a.day() == b.month();
    if year && turned || one_edit_of(&a.digits.to_be_bytes(), &b.digits.to_be_bytes()) {
        return date::TYPO;
    }
    let new_year = |date: &Date| date.digits as u32 == u32::from_be_bytes(*b"0101");
    let near_year = || one_edit_of(&(a.year() as u32).to_be_bytes(), &(b.year() as u32).to_be_bytes());
    if year && (month || day || new_year(a) || new_year(b)) || turned && near_year() {
        date::TWO_PARTS
    } else if year || month && day {
        date::ONE_PART
    } else {
        date::DIFFERENT
    }
}

pub(super) fn identifiers(tokens: &Tokens, a: &Words, b: &Words) -> u8 {
    if a.whole == b.whole {
        return identifier::EXACT;
    }
    let (x, y) = (tokens.text(a.whole), tokens.text(b.whole));
    if x.len() > 4 && y.len() > 4 && one_edit(x, y) {
        identifier::TYPO
    } else {
        identifier::DIFFERENT
    }
}

/// Numbers no further apart are near: an age or a year of birth is told by the calendar or from memory.
const NEAR: u64 = 2;

pub(super) fn numbers(tokens: &Tokens, a: &Words, b: &Words) -> u8 {
    if a.whole == b.whole {
        return number::EXACT;
    }
    let (x, y) = (tokens.text(a.whole), tokens.text(b.whole));
    match (x.parse::<i64>(), y.parse::<i64>()) {
        (Ok(x), Ok(y)) if x.abs_diff(y) <= NEAR => number::NEAR,
        _ if x.len().min(y.len()) > 2 && one_edit(x, y) => number::TYPO,
        _ => number::DIFFERENT,
    }
}

/// A firm by its name, which is not equal, and by the first letters of it.
pub(super) fn organizations(tokens: &Tokens, similar: u32, a: &Words, b: &Words) -> u8 {
    if initials_of(tokens, a, b) || initials_of(tokens, b, a) {
        organization::SIMILAR
    } else {
        texts(tokens, similar, a, b)
    }
}

/// Whether one word is made of the first letters of several: `ibm`.
fn initials_of(tokens: &Tokens, word: &Words, several: &Words) -> bool {
    let first = |id: &u32| tokens.text(*id).chars().next();
    several.words.len() > 1 && several.words.iter().map(first).eq(tokens.text(word.whole).chars().map(Some))
}

/// Two texts that are not equal.
pub(super) fn texts(tokens: &Tokens, similar: u32, a: &Words, b: &Words) -> u8 {
    let (x, y) = (tokens.text(a.whole), tokens.text(b.whole));
    if x.len().max(y.len()) > LONG {
        return text::DIFFERENT;
    }
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let inside = |words: &Words, other: &Words| words.words.iter().filter(|id| other.words.contains(id)).count();
    // Where one of them says a word twice, the lesser count: as many from either side.
    let shared = inside(a, b).min(inside(b, a));
    let most = a.words.len().max(b.words.len());
    let numbers = number(x) && number(y);
    if x.len() > 3
        && y.len() > 3
        && (one_edit(x, y) || jaro_winkler(x, y) >= similar)
        && !(numbers && x.len() != y.len())
        || 2 * shared >= most && shared > 0 && most > 1
        || x.len().min(y.len()) >= 2 && !numbers && (x.starts_with(y) || y.starts_with(x))
    {
        text::SIMILAR
    } else {
        text::DIFFERENT
    }
}
