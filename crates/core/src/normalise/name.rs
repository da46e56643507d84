//! Personal names: their canonical form, and whether two given names can belong to one person.

use super::clean;
pub use super::nicknames::are_nicknames;
use super::nicknames::{bearers, Bearers};
use crate::kind::Kind;
use crate::text::{consonants, one_edit};
use std::borrow::Cow;
use strsim::osa_distance;

/// Folded words in one order, without titles: `Dr. Doe, John` → `john doe`, `O’Brien-Smith` → `obrien smith`.
///
/// Accents, case and apostrophes vanish, hyphens and full stops separate; generational suffixes stay, at the end and in
/// one spelling (`jr`, `sr`, `ii`, …). A nickname in parentheses or quotes beside other words is dropped. `None` for
/// what is no name: without a letter, or with an `@` or a web address in it.
pub fn canonical(kind: Kind, text: &str) -> Option<String> {
    // Of one word nothing is stripped or moved.
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Some(text.to_ascii_lowercase());
    }
    if text.contains('@') || text.contains(':') && text.contains("://") {
        return None;
    }
    let text = without_asides(text);
    let (folded, family) = match text.split_once(',') {
        // `Doe, Dr. med.`
        Some((name, titles)) if is_academic_only(titles) => (clean::words(name, &[]), String::new()),
        // `Doe, John` has the family name first, `Doe, Jr.` does not.
        Some((family, given)) if kind == Kind::FullName && !is_suffix_only(given) => match given.split_once(',') {
            // `Doe, Sr., John`
            Some((suffix, given)) if is_suffix_only(suffix) => {
                (clean::words(given, &[]), clean::words(&format!("{family} {suffix}"), &[]))
            }
            _ => (clean::words(given, &[]), clean::words(family, &[])),
        },
        _ => (clean::words(&text, &[]), String::new()),
    };
    let (mut words, mut family) = (words_of(&folded), words_of(&family));
    strip_titles(kind, &mut words, family.len());
    strip_titles(kind, &mut family, words.len());
    words.append(&mut family);
    strip_degrees(kind, &mut words);
    suffix_last(kind, &mut words);
    let canonical = words.join(" ");
    canonical.contains(char::is_alphabetic).then_some(canonical)
}

/// Whether a text is nothing but academic titles, which are nobody's name.
fn is_academic_only(text: &str) -> bool {
    let words = clean::words(text, &[]);
    let words = words_of(&words);
    words.first().is_some_and(|word| ACADEMIC.contains(word))
        && words.iter().all(|word| ACADEMIC.contains(word) || QUALIFIERS.contains(word))
}

fn words_of(folded: &str) -> Vec<&str> {
    folded.split(' ').filter(|word| !word.is_empty()).collect()
}

fn is_suffix_only(text: &str) -> bool {
    let words = clean::words(text, &[]);
    words.split(' ').all(|word| word.is_empty() || suffix(word).is_some() || POST_NOMINALS.contains(&word))
}

/// `William (Bill) Gates`, `William "Bill" Gates` → `William Gates`; an aside that is all there is stays.
fn without_asides(text: &str) -> Cow<'_, str> {
    if !text.contains(['(', '"', '“']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut close = None;
    for c in text.chars() {
        match (close, c) {
            (None, '(') => close = Some(')'),
            (None, '"' | '“') => close = Some(if c == '"' { '"' } else { '”' }),
            (Some(end), c) if c == end => {
                close = None;
                out.push(' ');
            }
            (Some(_), _) => {}
            (None, c) => out.push(c),
        }
    }
    if close.is_none() && out.contains(char::is_alphabetic) {
        Cow::Owned(out)
    } else {
        Cow::Borrowed(text)
    }
}

/// Words before a name that are no part of it.
const TITLES: [&str; 33] = [
    "mr", "mrs", "ms", "miss", "mx", "mister", "missus", "sir", "madam", "dame", "lady", "rev", "reverend", "herr",
    "hr", "frau", "fr", "mme", "mlle", "monsieur", "madame", "sra", "srta", "senor", "senora", "signor", "signora",
    "dhr", "mevr", "mevrouw", "smt", "shri", "shree",
];

/// Those that a university gives.
const ACADEMIC: [&str; 11] = ["dr", "prof", "professor", "dott", "dra", "drs", "dipl", "mgr", "bc", "mudr", "judr"];

/// What says of which kind an academic title before it is: `Dr. med.`, `Dipl.-Ing.`.
const QUALIFIERS: [&str; 14] =
    ["med", "dent", "vet", "rer", "jur", "iur", "ing", "habil", "hc", "mult", "theol", "oec", "univ", "techn"];

/// Letters behind a name that are no part of it.
const POST_NOMINALS: [&str; 12] = ["phd", "md", "esq", "esquire", "mba", "cpa", "dds", "dvm", "jd", "rn", "obe", "mbe"];

/// Whether a folded word is a title.
pub(crate) fn is_title(word: &str) -> bool {
    TITLES.contains(&word) || ACADEMIC.contains(&word)
}

/// Takes the titles from the beginning of one part of a name, the other of which has so many words.
fn strip_titles(kind: Kind, words: &mut Vec<&str>, others: usize) {
    // `Phil` and `Mag` are given names, too.
    let room = |at: usize| words.len() + others - at > if kind == Kind::FullName { 2 } else { 1 };
    let (mut leading, mut academic) = (0, false);
    while let Some(word) = words.get(leading) {
        let before = leading.checked_sub(1).map(|at| words[at]);
        let is_qualifier = QUALIFIERS.contains(word)
            || before == Some("rer") && matches!(*word, "nat" | "pol")
            || *word == "phil" && room(leading);
        // Behind a name `Sr.` is the senior, before one the Spanish title.
        let is_senor = *word == "sr" && room(leading);
        if ACADEMIC.contains(word) || *word == "mag" && room(leading) {
            (leading, academic) = (leading + 1, true);
        } else if TITLES.contains(word) || is_senor || academic && is_qualifier {
            leading += 1;
        } else if academic && words[leading..].starts_with(&["h", "c"]) {
            leading += 2;
        } else {
            break;
        }
    }
    words.drain(..leading.min(words.len().saturating_sub(1)));
}

fn strip_degrees(kind: Kind, words: &mut Vec<&str>) {
    // `Md` begins many names of Bangladesh: only behind two other words is it a degree.
    let least = if kind == Kind::FullName { 2 } else { 1 };
    while words.len() > least && words.last().is_some_and(|word| POST_NOMINALS.contains(word)) {
        words.pop();
    }
    // `M.Sc.`
    if words.len() > least + 1 && matches!(words[words.len() - 2..], ["m" | "b", "sc"]) {
        words.truncate(words.len() - 2);
    }
}

/// Brings a generational suffix behind the rest and into one spelling: `Smith Junior`, `Smith Jr.` → `smith jr`.
fn suffix_last(kind: Kind, words: &mut Vec<&str>) {
    // A given name of one word may be `Junior`; behind a comma in a full name the suffix stands in the middle.
    if words.len() < 2 {
        return;
    }
    let last = words.len() - 1;
    if let Some(known) = suffix(words[last]) {
        words[last] = known;
    } else if kind == Kind::FullName {
        let at = (1..last).find(|&at| suffix(words[at]).is_some());
        if let Some(known) = at.and_then(|at| suffix(words.remove(at))) {
            words.push(known);
        }
    }
}

/// The one spelling of a generational suffix, if a folded word is one.
fn suffix(word: &str) -> Option<&'static str> {
    Some(match (generation(word)?, word) {
        (1, _) => "sr",
        (2, "ii" | "2nd") => "ii",
        (2, _) => "jr",
        (3, _) => "iii",
        _ => "iv",
    })
}

/// The generation that a folded word tells, if it is a generational suffix: 1 the senior, 2 the junior or II, 3, 4.
pub(crate) fn generation(word: &str) -> Option<u8> {
    Some(match word {
        "sr" | "snr" | "senior" => 1,
        "jr" | "jnr" | "junior" | "ii" | "2nd" => 2,
        "iii" | "3rd" => 3,
        "iv" | "4th" => 4,
        _ => return None,
    })
}

/// The [`generation`] that the last of several words of a name tells, canonical or not.
pub fn generation_of(name: &str) -> Option<u8> {
    generation(clean::words(name, &[]).rsplit_once(' ')?.1)
}

/// Whether two people's given names rule out that they are one: both present and different by more than a typo, a
/// nickname, an initial, a swap with the family name or a part of a compound name. Takes canonical forms; symmetric.
///
/// A typo is one edit (a letter added, dropped, changed, two neighbours swapped, or in names of five letters or more one
/// letter after the first out of its place: Sarah and Sahra), two where both names have eight letters or more, unless
/// people bear either and they are two ([`Kinship`]).
pub fn given_names_contradict(
    a_given: Option<&str>,
    a_family: Option<&str>,
    b_given: Option<&str>,
    b_family: Option<&str>,
) -> bool {
    let (Some(a), Some(b)) = (a_given, b_given) else { return false };
    if given_names_agree(a, b) {
        return false;
    }
    let swapped = |given: &str, family: Option<&str>| family.is_some_and(|family| is_typo(given, family));
    !(swapped(a, b_family) && swapped(b, a_family))
}

fn given_names_agree(a: &str, b: &str) -> bool {
    let (words, others): (Vec<&str>, Vec<&str>) = (a.split(' ').collect(), b.split(' ').collect());
    // Cut elsewhere, perhaps mistyped as well: `Mary Ann` and `Maryanne`.
    if words.len() != others.len() && (words_agree(a, b) || words.concat() == others.concat()) {
        return true;
    }
    let (short, long) = if words.len() <= others.len() { (words, others) } else { (others, words) };
    // A part of a compound: every word of the shorter finds one of its own in the longer.
    let mut free = long;
    short.iter().all(|word| match free.iter().position(|other| words_agree(word, other)) {
        Some(at) => {
            free.remove(at);
            true
        }
        None => false,
    })
}

fn words_agree(a: &str, b: &str) -> bool {
    a == b || is_initial(a, b) || is_initial(b, a) || are_nicknames(a, b) || is_typo(a, b) && !are_two(a, b)
}

/// Whether they are two names, each of which is known to be borne: of Paul and Paula neither is the other mistyped.
fn are_two(a: &str, b: &str) -> bool {
    bearers(a).is_some() && bearers(b).is_some() && kinship(a, b) != Kinship::One
}

/// What two different given names are to each other, where people bear either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kinship {
    /// Spellings or short forms of one: Jon and John, Sara and Sarah, Bob and Robert.
    One,
    /// They are spoken with the same consonants: Tim and Tom, Ron and Ryan, but Karen and Karin too.
    Near,
    /// Two, however much they look alike: Mark and Marsha, Louis and Louise, Jan and Jana.
    Two,
}

/// The kinship of two different canonical given names; symmetric.
pub(crate) fn kinship(a: &str, b: &str) -> Kinship {
    if are_nicknames(a, b) {
        return Kinship::One;
    }
    let sexes = matches!(
        (bearers(a), bearers(b)),
        (Some(Bearers::Women), Some(Bearers::Men)) | (Some(Bearers::Men), Some(Bearers::Women))
    );
    let daughter = |x: &str, y: &str| y.strip_suffix('a') == Some(x);
    let spoken = consonants(a);
    if sexes || daughter(a, b) || daughter(b, a) || spoken == 0 || spoken != consonants(b) {
        Kinship::Two
    } else if vowels(a) == vowels(b) || one_edit(a, b) && !one_replaced(a, b) {
        Kinship::One
    } else {
        Kinship::Near
    }
}

/// Whether two names of one length differ in a single letter.
fn one_replaced(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).filter(|(x, y)| x != y).count() == 1
}

/// The vowels by which two names of the same consonants are told apart: the first of each run of them, `i` for `y`, and
/// a last `a`. A last `e` or `h` is not heard.
fn vowels(name: &str) -> Vec<u8> {
    let heard = name.strip_suffix(['e', 'h']).unwrap_or(name);
    let vowel = |letter: u8| match letter {
        b'y' => Some(b'i'),
        b'a' | b'e' | b'i' | b'o' | b'u' => Some(letter),
        _ => None,
    };
    let mut before = None;
    let mut vowels: Vec<u8> = heard
        .bytes()
        .map(vowel)
        .filter_map(|now| now.filter(|_| std::mem::replace(&mut before, now).is_none()))
        .collect();
    vowels.extend(heard.bytes().last().filter(|&letter| letter == b'a'));
    vowels
}

/// Whether `a` is the first letter of `b`.
pub(crate) fn is_initial(a: &str, b: &str) -> bool {
    let mut letters = a.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) => b.starts_with(letter),
        _ => false,
    }
}

/// Equal up to one edit, two where both have eight letters or more. A letter that is a syllable or a word of its own (太郎,
/// 花子) is none of a slip.
fn is_typo(a: &str, b: &str) -> bool {
    let (a_letters, b_letters) = (a.chars().count(), b.chars().count());
    if a.chars().chain(b.chars()).any(|letter| letter >= '⺀') {
        return a == b;
    }
    let edits = if a_letters.min(b_letters) >= 8 { 2 } else { 1 };
    a_letters.abs_diff(b_letters) <= edits && (osa_distance(a, b) <= edits || one_letter_moved(a, b))
}

/// Whether two names of one length differ by a single letter that stands elsewhere, the first letter aside.
fn one_letter_moved(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len() != b.len() || a.len() < 5 || a.first() != b.first() {
        return false;
    }
    let Some(from) = (0..a.len()).find(|&at| a[at] != b[at]) else { return true };
    let to = (0..a.len()).rfind(|&at| a[at] != b[at]).unwrap_or(from);
    // What differs is one stretch, in one of the two turned by a letter.
    let (x, y) = (&a[from..=to], &b[from..=to]);
    let turned = |x: &[char], y: &[char]| x.first() == y.last() && x[1..] == y[..y.len() - 1];
    turned(x, y) || turned(y, x)
}
