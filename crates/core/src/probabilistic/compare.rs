//! Comparison: the level at which two features of one field agree.

use super::dataset::{Field, Table};
use super::features::{Address, Date, Email, Form, Name, Phone, Tokens, Words, NONE};
use super::levels::MISSING;
use super::text::{jaro_winkler, one_edit, one_edit_of, Memo};
use crate::normalise::name::are_nicknames;

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
            out[0] = if x.whole == y.whole {
                1
            } else {
                memo.get(Question::Texts, a as u32, b as u32, || {
                    let short = form == Form::Organization && (initials_of(tokens, x, y) || initials_of(tokens, y, x));
                    if short {
                        2
                    } else {
                        texts(tokens, field.similar, x, y)
                    }
                })
            };
        }
    }
    false
}

fn is_initial(tokens: &Tokens, id: u32) -> bool {
    tokens.text(id).len() == 1
}

fn same_initial(tokens: &Tokens, a: u32, b: u32) -> bool {
    (is_initial(tokens, a) || is_initial(tokens, b)) && tokens.text(a).chars().next() == tokens.text(b).chars().next()
}

/// 1 equal, 2 a typo apart, 5 similar, 6 different.
fn words_apart(tokens: &Tokens, memo: &mut Known, a: u32, b: u32) -> u8 {
    if a == b {
        return 1;
    }
    memo.get(Question::WordsApart, a, b, || different_words_apart(tokens, a, b))
}

pub(super) fn different_words_apart(tokens: &Tokens, a: u32, b: u32) -> u8 {
    if tokens.text(a).len() > 2 && tokens.text(b).len() > 2 {
        if tokens.one_edit(a, b) {
            return 2;
        }
        let similarity = tokens.similarity(a, b);
        if tokens.alike(a, b) && jaro_winkler(tokens.text(a), tokens.text(b)) >= 700 {
            return 2;
        }
        // Mark and Marsha are not similar for all their letters, nor Darla and Darletta.
        if similarity >= 800 && strsim::osa_distance(tokens.text(a), tokens.text(b)) <= 2 {
            return if similarity >= 920 { 2 } else { 5 };
        }
    }
    6
}

fn given_level(tokens: &Tokens, memo: &mut Known, a: &Name, b: &Name) -> u8 {
    if a.given[0] == NONE || b.given[0] == NONE {
        return MISSING;
    }
    if a.given_all == b.given_all {
        return 1;
    }
    let (x, y) = (a.given[0], b.given[0]);
    let mut rest = |p: u32, q: u32| {
        p == NONE
            || q == NONE
            || p == q
            || same_initial(tokens, p, q)
            || words_apart(tokens, memo, p, q) <= 2
            || nicknames(tokens, memo, p, q)
    };
    if x == y {
        // Hans-Peter and Hans-Dieter are two, but for who goes by one of several names.
        return if rest(a.given[1], b.given[1]) { 1 } else { 5 };
    }
    if is_initial(tokens, x) || is_initial(tokens, y) {
        if same_initial(tokens, x, y) {
            return 4;
        }
        // `J. Edgar` and `Edgar`.
        let second =
            |p: &Name, q: &Name| is_initial(tokens, p.given[0]) && p.given[1] != NONE && p.given[1] == q.given[0];
        return if second(a, b) || second(b, a) { 3 } else { 6 };
    }
    let apart = words_apart(tokens, memo, x, y);
    if apart == 2 || a.given[1] != b.given[1] && words_apart(tokens, memo, a.given_all, b.given_all) == 2 {
        return 2;
    }
    if nicknames(tokens, memo, x, y) {
        return 3;
    }
    let whole = |p: &u32| *p != NONE && !is_initial(tokens, *p);
    let left = |one: &Name, other: &Name| one.given.iter().any(|p| whole(p) && !other.given.contains(p));
    let shared = a.given.iter().any(|p| whole(p) && b.given.contains(p));
    // Who shares one word of several has the others of his own.
    if shared && !(left(a, b) && left(b, a)) {
        return 3;
    }
    apart
}

fn nicknames(tokens: &Tokens, memo: &mut Known, a: u32, b: u32) -> bool {
    memo.get(Question::Nicknames, a, b, || u8::from(are_nicknames(tokens.text(a), tokens.text(b)))) == 1
}

fn family_level(tokens: &Tokens, memo: &mut Known, a: &Name, b: &Name) -> u8 {
    if a.family_all == NONE || b.family_all == NONE {
        return MISSING;
    }
    match words_apart(tokens, memo, a.family_all, b.family_all) {
        1 => 1,
        2 => 2,
        apart => {
            let shared = a.family_parts(tokens).any(|part| b.family.contains(&part));
            match apart {
                _ if shared => 3,
                5 => 4,
                _ => 5,
            }
        }
    }
}

/// One of two names has all words of the other, whatever their order and fields.
enum Moved {
    /// And no further one.
    All,
    /// Those are words of its family name alone: `Ruiz Núñez`, whose given name is not stated, and `Ana, Ruiz Núñez`.
    Family,
    /// And further ones.
    Some,
}

/// Whether words moved between the fields of two names. Both state a given and a family name, together of three words and
/// more.
fn moved_words(a: &Name, b: &Name) -> Option<Moved> {
    let words = |name: &Name| -> [u32; 6] {
        let ([g, h, i], [f, k, l]) = (name.given, name.family);
        let mut out = [g, h, i, f, k, l];
        out.sort_unstable();
        out
    };
    let told = |list: &[u32]| list.iter().filter(|&&word| word != NONE).count();
    let parts = [a.given[0], a.family[0], b.given[0], b.family[0]];
    let (mut x, mut y, mut long) = (words(a), words(b), b);
    if told(&x) > told(&y) {
        (x, y, long) = (y, x, a);
    }
    if parts.contains(&NONE) || told(&y) < 3 {
        return None;
    }
    let inside = |list: &[u32]| x.iter().all(|word| *word == NONE || list.contains(word));
    if x == y {
        Some(Moved::All)
    } else if told(&x) == told(&y) || !inside(&y) {
        None
    } else {
        Some(if inside(&long.family) { Moved::Family } else { Moved::Some })
    }
}

/// The levels of two names; gives whether they are of the same words in other fields.
fn names(tokens: &Tokens, memo: &mut Known, a: &Name, b: &Name, out: &mut [u8; 4]) -> bool {
    let mut moved = false;
    let (mut given, mut family) = (given_level(tokens, memo, a, b), family_level(tokens, memo, a, b));
    let apart = |level: u8, from: u8| level == MISSING || level >= from;
    if apart(given, 5) && apart(family, 4) {
        let mut near = |p: u32, q: u32| p != NONE && q != NONE && words_apart(tokens, memo, p, q) <= 2;
        let (one, two) = (near(a.given_all, b.family_all), near(a.family_all, b.given_all));
        let room = |p: u32, q: u32| p == NONE || q == NONE || same_initial(tokens, p, q);
        if one && (two || room(a.family_all, b.given_all)) || two && room(a.given_all, b.family_all) {
            // Of one part alone nobody knows which it is: it counts as the family's, which a household shares.
            (given, family) = (if one && two { 2 } else { MISSING }, 2);
            moved = true;
        }
    }
    // `Tú, Trần Văn` and `Văn Tú, Trần`: the same words, only cut elsewhere.
    if apart(given, 3) && apart(family, 3) {
        match moved_words(a, b) {
            Some(Moved::All) => (given, family, moved) = (2, 2, true),
            Some(Moved::Family) => (given, family, moved) = (MISSING, 2, true),
            Some(Moved::Some) if given > 3 || family > 3 => (given, family, moved) = (3, 3, true),
            _ => {}
        }
    }
    // `Susan Meyer Thomas` was Susan Meyer.
    let inside =
        |one: &Name, other: &Name| one.given[1..].contains(&other.family_all) && one.given[0] == other.given[0];
    if family == 5 && (inside(a, b) || inside(b, a)) {
        family = 3;
    }
    out[0] = given;
    out[1] = family;
    out[2] = match (a.suffix, b.suffix) {
        (0, 0) => MISSING,
        (x, y) if x == y => 1,
        (0, _) | (_, 0) => 2,
        _ => 3,
    };
    out[3] = if a.extra.is_empty() || b.extra.is_empty() {
        MISSING
    } else {
        let shared = a.extra.iter().filter(|id| b.extra.contains(id)).count();
        let all = a.extra.len().min(b.extra.len());
        match shared {
            0 => 3,
            shared if 2 * shared > all => 1,
            _ => 2,
        }
    };
    moved
}

fn emails(tokens: &Tokens, a: &Email, b: &Email) -> u8 {
    let same_domain = a.domain == b.domain;
    if a.local == b.local && same_domain {
        return 1;
    }
    if a.bare == b.bare {
        // `john.smith` and `john_smith` of one provider are two people: at two providers a name is anybody's.
        let spelt = if a.spells && b.spells { 5 } else { 4 };
        if same_domain || a.local != b.local {
            return spelt;
        }
        let (x, y) = (tokens.text(a.domain), tokens.text(b.domain));
        return if tokens.one_edit(a.domain, b.domain) || jaro_winkler(x, y) >= 930 { 2 } else { spelt };
    }
    if !same_domain || (a.letters ^ b.letters).count_ones() > 2 {
        return 6;
    }
    let (x, y) = (tokens.text(a.bare), tokens.text(b.bare));
    if x.len().min(y.len()) > 4 && tokens.one_edit(a.bare, b.bare) && !only_digits_differ(x, y) && !other_initial(x, y)
    {
        return 3;
    }
    6
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

fn phones(a: &Phone, b: &Phone) -> u8 {
    if a.token == b.token {
        return 1;
    }
    let (short, long) = if a.length <= b.length { (a, b) } else { (b, a) };
    let digits = |phone: &Phone| -> [u8; 16] { std::array::from_fn(|at| (phone.packed >> (4 * at) & 15) as u8) };
    // Equal digits from the right and from the left leave room for one edit.
    let right = (short.packed ^ long.packed).trailing_zeros() / 4;
    let left = (short.packed << (64 - 4 * short.length) ^ long.packed << (64 - 4 * long.length)).leading_zeros() / 4;
    let apart = if a.area != NONE && a.area == b.area { 3 } else { 4 };
    if left + right + 2 < short.length {
        return apart;
    }
    let (x, y) = (digits(short), digits(long));
    let one = one_edit_of(&x[..short.length as usize], &y[..long.length as usize]);
    if one || short.length >= 7 && long.length > short.length && right >= short.length {
        2
    } else {
        apart
    }
}

fn dates(a: &Date, b: &Date) -> u8 {
    if a.digits == b.digits {
        return 1;
    }
    let (year, month, day) = (a.year() == b.year(), a.month() == b.month(), a.day() == b.day());
    let turned = year && a.month() == b.day() && a.day() == b.month();
    if turned || one_edit_of(&a.digits.to_be_bytes(), &b.digits.to_be_bytes()) {
        return 2;
    }
    let new_year = |date: &Date| date.digits as u32 == u32::from_be_bytes(*b"0101");
    let turned = a.month() == b.day() && a.day() == b.month();
    let near_year = || one_edit_of(&(a.year() as u32).to_be_bytes(), &(b.year() as u32).to_be_bytes());
    if year && (month || day || new_year(a) || new_year(b)) || turned && near_year() {
        3
    } else if year || month && day {
        4
    } else {
        5
    }
}

fn addresses(tokens: &Tokens, memo: &mut Known, a: &Address, b: &Address) -> u8 {
    let both = |x: u32, y: u32| x != NONE && y != NONE;
    let postcode = both(a.postcode, b.postcode).then_some(a.postcode == b.postcode);
    let near_postcode = || {
        let typo = || (a.letters ^ b.letters).count_ones() <= 2 && tokens.one_edit(a.postcode, b.postcode);
        both(a.postcode, b.postcode) && (both(a.area, b.area) && a.area == b.area || typo())
    };
    let city = both(a.city, b.city).then(|| a.city == b.city || words_apart(tokens, memo, a.city, b.city) == 2);
    let place = postcode == Some(true) || city == Some(true) || postcode.is_none() && city.is_none();
    if both(a.street, b.street) {
        let unit = !both(a.unit, b.unit) || a.unit == b.unit;
        if a.line == b.line && unit {
            return if place || near_postcode() { 1 } else { 2 };
        }
        let number = a.number == b.number || !both(a.number, b.number);
        let mut near = || {
            a.street == b.street
                || memo.get(Question::StreetsNear, a.street, b.street, || {
                    u8::from(tokens.one_edit(a.street, b.street) || tokens.similarity(a.street, b.street) >= 900)
                }) == 1
        };
        let digits = || tokens.one_edit(a.number, b.number);
        if number && near() || a.street == b.street && postcode == Some(true) && digits() {
            // Of two towns with one postcode the like streets are two.
            return if city.unwrap_or(place || near_postcode()) { 3 } else { 4 };
        }
        // The same written in another order, with the name of a building or with the town in the line.
        if both(a.number, b.number) && a.number == b.number && mostly_shared(a, b) {
            return 3;
        }
    }
    let street = both(a.street, b.street);
    match (postcode, city) {
        (Some(true), _) => 5 + u8::from(street),
        (_, Some(true)) => 7 + u8::from(street),
        (None, None) if !street => MISSING,
        _ if near_postcode() => 8,
        (None, None) => 9,
        _ => 9,
    }
}

/// Whether most words of either address are in the other, and of either street at least one.
fn mostly_shared(a: &Address, b: &Address) -> bool {
    let inside = |words: &[u32], other: &Address| words.iter().filter(|word| other.words.contains(word)).count();
    let (own_a, own_b) = (&a.words[..usize::from(a.own)], &b.words[..usize::from(b.own)]);
    let (from_a, from_b) = (inside(own_a, b), inside(own_b, a));
    let shared = inside(&a.words, b).min(inside(&b.words, a));
    let code = a.postcode != NONE && a.postcode == b.postcode;
    from_a.min(from_b) > 0
        && 2 * from_a.max(from_b) >= own_a.len().min(own_b.len())
        && (shared > from_a.min(from_b) || code || own_a.len() == from_a && own_b.len() == from_b)
}

fn identifiers(tokens: &Tokens, a: &Words, b: &Words) -> u8 {
    if a.whole == b.whole {
        return 1;
    }
    let (x, y) = (tokens.text(a.whole), tokens.text(b.whole));
    if x.len() > 4 && y.len() > 4 && one_edit(x, y) {
        2
    } else {
        3
    }
}

/// Numbers no further apart are near: an age or a year of birth is told by the calendar or from memory.
const NEAR: u64 = 2;

fn numbers(tokens: &Tokens, a: &Words, b: &Words) -> u8 {
    if a.whole == b.whole {
        return 1;
    }
    let (x, y) = (tokens.text(a.whole), tokens.text(b.whole));
    match (x.parse::<u64>(), y.parse::<u64>()) {
        (Ok(x), Ok(y)) if x.abs_diff(y) <= NEAR => 2,
        _ if x.len().min(y.len()) > 2 && one_edit(x, y) => 3,
        _ => 4,
    }
}

/// Whether one word is made of the first letters of several: `ibm`.
fn initials_of(tokens: &Tokens, word: &Words, several: &Words) -> bool {
    let first = |id: &u32| tokens.text(*id).chars().next();
    several.words.len() > 1 && several.words.iter().map(first).eq(tokens.text(word.whole).chars().map(Some))
}

fn texts(tokens: &Tokens, similar: u32, a: &Words, b: &Words) -> u8 {
    if a.whole == b.whole {
        return 1;
    }
    let (x, y) = (tokens.text(a.whole), tokens.text(b.whole));
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let shared = a.words.iter().filter(|id| b.words.contains(id)).count();
    let most = a.words.len().max(b.words.len());
    if x.len() > 3
        && y.len() > 3
        && (one_edit(x, y) || jaro_winkler(x, y) >= similar)
        && !(number(x) && number(y) && x.len() != y.len())
        || 2 * shared >= most && shared > 0 && most > 1
        || x.len().min(y.len()) >= 2 && !number(x) && (x.starts_with(y) || y.starts_with(x))
    {
        2
    } else {
        3
    }
}
