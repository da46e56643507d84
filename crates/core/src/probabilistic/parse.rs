//! Values taken apart into features: canonical ones, and as they were sent those that their kind could not read, for which
//! alone the spellings that canonical forms no longer have (`apartment`, `#`, `avenue`, `Doe, John`) are known here.

use super::features::{is_particle, letters_of, Address, Date, Email, Name, Phone, Tokens, Words, NONE};
use crate::kind::Kind;
use crate::normalise::name::{generation, is_title};

/// What switchboards and forms put where a name should be; a name made of nothing else says nothing.
const NO_NAME: [&str; 23] = [
    "unknown", "test", "guest", "customer", "user", "wireless", "caller", "na", "none", "null", "anonymous", "nn", "n",
    "a", "the", "occupier", "occupant", "resident", "householder", "tenant", "landlord", "current", "previous",
];
/// Those of them that no name is made of, where only the given or only the family name says nothing.
const NO_GIVEN: [&str; 11] =
    ["unknown", "test", "guest", "customer", "user", "wireless", "caller", "none", "null", "anonymous", "fnu"];
/// Titles beside those that canonical names have lost.
const TITLES: [&str; 3] = ["lord", "captain", "capt"];
const NO_FAMILY: [&str; 7] = ["unknown", "customer", "user", "caller", "null", "anonymous", "lnu"];
/// Who acts for somebody in his stead: the name is that one's.
const OFFICES: [&str; 7] = ["estate", "executor", "executors", "exor", "exors", "trustees", "representatives"];
/// Words of an address that only tell what kind of thing the number counts.
const UNITS: [&str; 9] = ["apt", "apartment", "unit", "suite", "ste", "flat", "room", "rm", "#"];
/// What a street's name ends with, abbreviated.
const STREET_TYPES: [&str; 18] = [
    "st", "ave", "rd", "dr", "ln", "ct", "blvd", "cir", "pl", "ter", "hwy", "pkwy", "sq", "cres", "cl", "cct", "str",
    "way",
];
/// The same by other spellings.
const LONG_STREET_TYPES: [(&str, &str); 19] = [
    ("street", "st"),
    ("avenue", "ave"),
    ("av", "ave"),
    ("road", "rd"),
    ("drive", "dr"),
    ("lane", "ln"),
    ("court", "ct"),
    ("boulevard", "blvd"),
    ("circle", "cir"),
    ("place", "pl"),
    ("terrace", "ter"),
    ("highway", "hwy"),
    ("parkway", "pkwy"),
    ("square", "sq"),
    ("crescent", "cres"),
    ("close", "cl"),
    ("circuit", "cct"),
    ("straße", "str"),
    ("strasse", "str"),
];
/// Legal forms, which organizations drop and swap.
const LEGAL_FORMS: [&str; 21] = [
    "inc", "incorporated", "llc", "corp", "corporation", "ltd", "limited", "co", "company", "gmbh", "ag", "sa", "plc",
    "group", "grp", "llp", "bv", "sarl", "pty", "the", "and",
];

/// The letters and digits of `text` in lower case, other characters as breaks between words.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut out = vec![];
    let mut word = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() || c == '#' {
            word.extend(c.to_lowercase());
        } else if c != '\'' && c != '’' && c != '.' && !word.is_empty() {
            out.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

/// The generation that a word tells, 0 for none; of one letter, which may be an initial, too.
fn suffix(word: &str) -> u8 {
    match word {
        "i" => 1,
        "v" => 5,
        _ => generation(word).unwrap_or(0),
    }
}

/// Whether a word says nothing where it stands for the given name: `Sir Baronet`.
fn says_nothing(word: &str) -> bool {
    is_title(word) || TITLES.contains(&word)
}

/// Takes from the words of a full name what stands before it: `The Executors of the late John Smith`.
fn drop_office(name: &mut Vec<String>) {
    let office = |at: &usize| name[..*at].iter().any(|w| OFFICES.contains(&w.as_str()));
    let Some(at) = name.iter().position(|w| w == "of").filter(office) else { return };
    name.drain(..=at);
    let before = |w: &str| matches!(w, "the" | "late") || says_nothing(w);
    let count = name.iter().take_while(|w| before(w)).count();
    name.drain(..count.min(name.len().saturating_sub(1)));
}

/// Given, family and free parts of a full name, before cleaning. `Doe, John`, `John Doe` and `John Doe, Earl of X`.
fn split_full(text: &str) -> (Vec<String>, Vec<String>, Vec<String>) {
    let mut extra = vec![];
    let (head, tail) = text.split_once(',').unwrap_or((text, ""));
    let (mut head, tail) = (words(head), words(tail));
    drop_office(&mut head);
    let name_like = |w: &String| w.chars().all(char::is_alphabetic) && !matches!(w.as_str(), "of" | "the");
    let real_tail = tail.iter().any(|w| suffix(w) == 0);
    if real_tail && (1..=3).contains(&tail.len()) && head.len() <= 2 && tail.iter().all(name_like) {
        return (tail, head, extra);
    }
    extra.extend(tail);
    // `John Smith of York`: what follows a small word is no name.
    if let Some(at) = head.iter().skip(1).position(|w| matches!(w.as_str(), "of" | "the")) {
        extra.extend(head.split_off(at + 1));
    }
    let mut suffixes: Vec<String> = vec![];
    while head.len() > 2 && head.last().is_some_and(|w| suffix(w) > 0) {
        suffixes.extend(head.pop());
    }
    extra.extend(suffixes);
    let mut at = head.len().saturating_sub(1);
    while at > 1 && is_particle(&head[at - 1]) {
        at -= 1;
    }
    let family = if at > 0 { head.split_off(at) } else { vec![] };
    (head, family, extra)
}

/// A name in Latin letters; each Chinese character is a word.
fn latin(name: &str) -> String {
    if name.is_ascii() || !name.chars().any(|c| c.is_alphabetic() && c > 'ʯ') {
        return name.to_owned();
    }
    let mut out = String::new();
    for c in name.chars() {
        if c <= 'ʯ' {
            out.push(c);
            continue;
        }
        let sound = any_ascii::any_ascii_char(c);
        if c >= '⺀' && !out.is_empty() {
            out.push(' ');
        }
        out.extend(sound.chars().flat_map(char::to_lowercase));
    }
    out
}

/// The name that given, family and full name fields state together; `None` where they say nothing.
pub(crate) fn name(tokens: &mut Tokens, given: &[&str], family: &[&str], full: &[&str]) -> Option<Name> {
    // Names in other scripts are compared by their sound in Latin letters.
    let latin = |parts: &[&str]| -> Vec<String> { parts.iter().map(|part| latin(part)).collect() };
    let (given, family, full) = (&latin(given)[..], &latin(family)[..], &latin(full)[..]);
    let list = |parts: &[String]| -> Vec<String> { parts.iter().flat_map(|part| words(part)).collect() };
    let (mut given_words, mut family_words) = (list(given), list(family));
    let mut extra: Vec<String> = vec![];
    if given_words.is_empty() && family_words.is_empty() && !full.is_empty() {
        (given_words, family_words, extra) = split_full(full.first().map_or("", String::as_str));
        for more in full.iter().skip(1) {
            extra.extend(words(more).into_iter().filter(|w| !given_words.contains(w) && !family_words.contains(w)));
        }
    } else if family_words.is_empty() && given_words.len() > 1 && given_words.iter().any(|w| w.chars().count() > 1) {
        (given_words, family_words, extra) = split_full(&given.join(" "));
    } else if given_words.is_empty() && family_words.iter().filter(|w| suffix(w) == 0).count() > 1 {
        // `Doe, John` in the field for the family name; the comma is gone from canonical forms.
        let at = family_words.iter().rposition(|w| suffix(w) == 0).unwrap_or(0);
        given_words.push(family_words.remove(at));
    } else {
        for part in full {
            extra.extend(words(part).into_iter().filter(|w| !given_words.contains(w) && !family_words.contains(w)));
        }
    }
    let mut number = 0;
    for list in [&mut family_words, &mut given_words] {
        // `Morris I` beside `Morris II`; nobody is known by one letter behind the name but a first of the name.
        if list.len() > 1 && list.last().is_some_and(|w| w == "i") {
            list.pop();
            number = 1;
        }
    }
    for (list, name) in [(&mut family_words, true), (&mut given_words, true), (&mut extra, false)] {
        // The only word of a name is the name.
        let only = name && list.len() == 1;
        list.retain(|w| {
            let is_suffix = suffix(w) > 0 && !only && w.len() > 1;
            if is_suffix {
                number = suffix(w);
            }
            !is_suffix
        });
    }
    let none = |list: &[String]| list.iter().all(|w| NO_NAME.contains(&w.as_str()));
    if none(&given_words) && none(&family_words) {
        given_words.retain(|w| w.chars().count() == 1 && !family_words.is_empty());
        if !given_words.is_empty()
            || family_words.iter().any(|w| NO_NAME.contains(&w.as_str()))
            || family_words.is_empty()
        {
            return None;
        }
    } else if given_words.iter().all(|w| NO_GIVEN.contains(&w.as_str()) || says_nothing(w)) {
        given_words.clear();
    } else if family_words.iter().all(|w| NO_FAMILY.contains(&w.as_str())) {
        family_words.clear();
    }
    let mut three = |list: &[String]| -> [u32; 3] {
        let mut out = [NONE; 3];
        for (slot, word) in out.iter_mut().zip(list) {
            *slot = tokens.intern(word);
        }
        out
    };
    let (g, f) = (three(&given_words), three(&family_words));
    extra.sort();
    extra.dedup();
    Some(Name {
        given: g,
        family: f,
        given_all: tokens.intern(&given_words.concat()),
        family_all: tokens.intern(&family_words.concat()),
        suffix: number,
        extra: extra.iter().map(|word| tokens.intern(word)).collect(),
    })
}

/// The parts of an email, as of somebody whose name it does not spell, and the letters before the @.
pub(crate) fn email(tokens: &mut Tokens, text: &str) -> Option<(Email, Box<str>)> {
    let text = text.to_lowercase();
    let (local, domain) = text.rsplit_once('@').unwrap_or((&text, ""));
    let (local, tag) = local.split_once('+').unwrap_or((local, ""));
    let letters: String = local.chars().filter(|c| c.is_alphabetic()).collect();
    // This provider is known to deliver without regard to dots and tags.
    let regards = !matches!(domain, "gmail.com" | "googlemail.com");
    let local: String = local.chars().filter(|&c| regards || c != '.').collect();
    let bare: String = local.chars().filter(|c| !matches!(c, '.' | '_' | '-')).collect();
    (!bare.is_empty()).then(|| {
        let email = Email {
            local: tokens.intern(&local),
            bare: tokens.intern(&bare),
            domain: tokens.intern(domain),
            tag: tokens.intern(if regards { tag } else { "" }),
            letters: letters_of(&bare),
            spells: false,
        };
        (email, letters.into())
    })
}

/// Whether the letters of an email's local part spell the name of its holder.
pub(crate) fn spells(names: &Tokens, name: &Name, letters: &str) -> bool {
    let inside = |id: u32| {
        let word = names.text(id);
        word.len() >= 3 && word.chars().count() >= 3 && letters.contains(word)
    };
    name.given.iter().chain(&name.family).any(|&id| id != NONE && inside(id))
}

/// A phone number by its digits, at most the last sixteen.
pub(crate) fn phone(tokens: &mut Tokens, text: &str) -> Option<Phone> {
    let all: String = text.chars().filter(char::is_ascii_digit).collect();
    let digits = &all[all.len().saturating_sub(16)..];
    let packed = digits.bytes().fold(0, |packed, digit| packed << 4 | u64::from(digit - b'0'));
    let area = if digits.len() > 9 { &digits[..digits.len() - 7] } else { "" };
    (digits.len() >= 5).then(|| Phone {
        token: tokens.intern(digits),
        area: tokens.intern(area),
        packed,
        length: digits.len() as u32,
    })
}

/// A date by its digits: canonical `YYYY-MM-DD`, or eight digits that no calendar has, of which the year comes first as far as
/// it is told.
pub(crate) fn date(tokens: &mut Tokens, text: &str) -> Option<Date> {
    let found: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).take(8).collect();
    let mut digits: [u8; 8] = found.try_into().ok()?;
    let is_year = |year: &[u8]| (&b"1800"[..]..=b"2099").contains(&year);
    if is_year(&digits[4..]) && !is_year(&digits[..4]) {
        digits.rotate_left(4);
        if digits[4..6] > b"12"[..] {
            digits[4..].rotate_left(2);
        }
    }
    let token = tokens.intern(std::str::from_utf8(&digits).ok()?);
    Some(Date { digits: u64::from_be_bytes(digits), token })
}

/// A postal address from its lines.
pub(crate) fn address(tokens: &mut Tokens, street: &str, city: &str, postcode: &str) -> Option<Address> {
    let mut list = words(street);
    let mut unit = String::new();
    let is_unit = |w: &String| UNITS.contains(&w.as_str()) || w.starts_with('#');
    if let Some(at) = list.iter().position(is_unit) {
        let marked: Vec<String> = list.drain(at..(at + 2).min(list.len())).collect();
        unit = marked.iter().map(|w| w.trim_start_matches('#')).filter(|w| !UNITS.contains(w)).collect();
    }
    for word in &mut list {
        if let Some((_, short)) = LONG_STREET_TYPES.iter().find(|(long, _)| long == word) {
            *word = (*short).to_owned();
        } else if word.len() > 6 && (word.ends_with("strasse") || word.ends_with("straße")) {
            *word = word.trim_end_matches("asse").trim_end_matches("aße").to_owned();
        }
    }
    let mut city_words = words(city);
    let mut city = city_words.concat();
    let mut postcode = words(postcode).concat();
    let digit_first = |w: &String| w.bytes().next().is_some_and(|b| b.is_ascii_digit());
    // A whole address in one line: what follows the kind of street is the place, unless it is the number.
    if city.is_empty() {
        // In `12 St James Road` and `Calle Santa Ana` the second word is no kind of street.
        let end = list.iter().skip(2).position(|w| STREET_TYPES.contains(&w.as_str())).map(|at| at + 3);
        let numbered = |end: usize| list[..end].iter().any(digit_first);
        if let Some(end) = end.filter(|&end| list.get(end).is_some_and(|next| numbered(end) || !digit_first(next))) {
            let mut place = list.split_off(end);
            if let Some(at) = place.iter().position(|w| w.len() >= 4 && w.bytes().any(|b| b.is_ascii_digit())) {
                let code = place.remove(at);
                if postcode.is_empty() {
                    postcode = code;
                }
            }
            place.retain(|w| w.chars().count() > 2);
            city = place.concat();
            city_words = place;
        }
    }
    if postcode.len() == 9 && postcode.bytes().all(|b| b.is_ascii_digit()) {
        postcode.truncate(5);
    }
    let number = list.iter().position(|w| {
        digit_first(w)
            && w.len() <= 6
            && !w.ends_with("th")
            && !w.ends_with("nd")
            && !w.ends_with("rd")
            && !w.ends_with("1st")
    });
    let number = number.map(|at| list.remove(at)).unwrap_or_default();
    let name = list.concat();
    list.retain(|w| w.chars().count() > 1 && !STREET_TYPES.contains(&w.as_str()));
    if name.is_empty() && number.is_empty() && city.is_empty() && postcode.is_empty() {
        return None;
    }
    let line = if name.is_empty() { String::new() } else { format!("{number} {name}") };
    Some(Address {
        number: tokens.intern(&number),
        unit: tokens.intern(&unit),
        street: tokens.intern(&name),
        city: tokens.intern(&city),
        postcode: tokens.intern(&postcode),
        letters: letters_of(&postcode),
        area: tokens.intern(postcode.get(..3).filter(|_| postcode.len() > 3).unwrap_or("")),
        line: tokens.intern(&line),
        words: list.iter().chain(&city_words).map(|word| tokens.intern(word)).collect(),
        own: list.len().min(255) as u8,
    })
}

/// An identifier, an organization or a text by its words.
pub(crate) fn text(tokens: &mut Tokens, kind: Kind, text: &str) -> Option<Words> {
    let mut list = words(text);
    if kind == Kind::Organization && list.len() > 1 {
        let kept: Vec<String> = list.iter().filter(|w| !LEGAL_FORMS.contains(&w.as_str())).cloned().collect();
        if !kept.is_empty() {
            list = kept;
        }
    }
    let mut whole = list.concat();
    // Of a number sign and point count.
    if kind == Kind::Number && !whole.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b"-.".contains(&b)) {
        text.clone_into(&mut whole);
    }
    (!whole.is_empty())
        .then(|| Words { whole: tokens.intern(&whole), words: list.iter().map(|w| tokens.intern(w)).collect() })
}
