//! How alike two texts are, from 0 (nothing in common) to 1 (the same).

use crate::kind::Kind;
use crate::normalise::name::{self, are_nicknames, generation_of, is_initial};
use crate::words;

/// Texts with more characters than this are compared for equality alone: the measures take quadratic time.
const MAX_CHARS: usize = 1_000;

words! {
    /// A measure of similarity. Each is symmetric, 1 for equal texts (also for two empty ones) and 0 for one empty text.
    pub enum Method {
        /// Jaro–Winkler: agreement in letters and their order, a common beginning counting more (Winkler 1990; prefix of
        /// at most four letters, weight 0.1).
        JaroWinkler => "jaro_winkler",
        /// 1 − edits / length of the longer text; an edit inserts, drops or changes a letter.
        Levenshtein => "levenshtein",
        /// 1 − edits / length of the longer text; an edit inserts, drops or changes a letter, or swaps two neighbours.
        DamerauLevenshtein => "damerau_levenshtein",
        /// Sørensen–Dice: shared letter pairs.
        Dice => "dice",
        /// Personal names: see [`name_similarity`]; both texts are normalised as full names first.
        Name => "name",
    }
}

/// The similarity of two texts as they stand: case and accents count, except under [`Method::Name`].
pub fn similarity(a: &str, b: &str, method: Method) -> f64 {
    if a == b {
        return 1.0;
    }
    if a.is_empty() || b.is_empty() || is_long(a) || is_long(b) {
        return 0.0;
    }
    // The usual algorithm for Jaro takes letters greedily and may depend on which text comes first.
    let (a, b) = if a < b { (a, b) } else { (b, a) };
    let value = match method {
        Method::JaroWinkler => strsim::jaro_winkler(a, b),
        Method::Levenshtein => strsim::normalized_levenshtein(a, b),
        Method::DamerauLevenshtein => strsim::normalized_damerau_levenshtein(a, b),
        Method::Dice => strsim::sorensen_dice(a, b),
        Method::Name => match (name::canonical(Kind::FullName, a), name::canonical(Kind::FullName, b)) {
            (Some(a), Some(b)) => name_similarity(&a, &b),
            _ => 0.0,
        },
    };
    value.clamp(0.0, 1.0)
}

fn is_long(text: &str) -> bool {
    text.len() > MAX_CHARS && text.chars().nth(MAX_CHARS).is_some()
}

/// A nickname agrees nearly as well as the name itself.
const NICKNAME: f64 = 0.97;
/// An initial agrees with many names: with an equal family name it just passes the guide's 0.95.
const INITIAL: f64 = 0.92;
/// One edit between words of five letters or more (`smith`, `smyth`), which Jaro–Winkler alone may put lower.
const TYPO: f64 = 0.92;
/// The same letters with the spaces elsewhere.
const JOINED: f64 = 0.99;
/// What each word without a partner costs: middle names come and go.
const SPARE_WORD: f64 = 0.04;
/// What each word without a partner costs where the shorter name is one word: a given name alone is nobody's full name.
const SPARE_NAME: f64 = 0.15;
/// The most that names with different generational suffixes reach: father and son.
const OTHER_GENERATION: f64 = 0.9;

/// The similarity of two canonical full names, whatever the order of their words: each word of the shorter name finds
/// its best partner in the other; equal 1, nickname 0.97, initial 0.92, else Jaro–Winkler, at least 0.92 for one edit in
/// five letters; the mean, less something for words left over. `jr` against `sr` is at most 0.9.
pub fn name_similarity(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let score = words_similarity(a, b);
    match (generation_of(a), generation_of(b)) {
        (Some(x), Some(y)) if x != y => score.min(OTHER_GENERATION),
        _ => score,
    }
}

fn words_similarity(a: &str, b: &str) -> f64 {
    if is_long(a) || is_long(b) {
        return 0.0;
    }
    let (a_words, b_words): (Vec<&str>, Vec<&str>) = (a.split(' ').collect(), b.split(' ').collect());
    // More words than a name has: not worth an assignment.
    if a_words.len() > 8 || b_words.len() > 8 {
        return similarity(a, b, Method::JaroWinkler);
    }
    let (short, long) = if a_words.len() <= b_words.len() { (a_words, b_words) } else { (b_words, a_words) };
    let mut pairs = Vec::with_capacity(short.len() * long.len());
    for (i, x) in short.iter().enumerate() {
        for (j, y) in long.iter().enumerate() {
            pairs.push((word_similarity(x, y), i, j));
        }
    }
    pairs.sort_by(|x, y| y.0.total_cmp(&x.0).then((x.1, x.2).cmp(&(y.1, y.2))));
    let (mut taken_short, mut taken_long) = ([false; 8], [false; 8]);
    let mut sum = 0.0;
    for (value, i, j) in pairs {
        if !taken_short[i] && !taken_long[j] {
            (taken_short[i], taken_long[j]) = (true, true);
            sum += value;
        }
    }
    let spare = if short.len() == 1 { SPARE_NAME } else { SPARE_WORD };
    let score = sum / short.len() as f64 - spare * (long.len() - short.len()) as f64;
    let joined = if a.replace(' ', "") == b.replace(' ', "") { JOINED } else { 0.0 };
    score.max(joined).clamp(0.0, 1.0)
}

fn word_similarity(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    if are_nicknames(a, b) {
        return NICKNAME;
    }
    if is_initial(a, b) || is_initial(b, a) {
        return INITIAL;
    }
    let alike = similarity(a, b, Method::JaroWinkler);
    let letters = a.chars().count().min(b.chars().count());
    if alike < TYPO && letters >= 5 && strsim::osa_distance(a, b) == 1 {
        TYPO
    } else {
        alike
    }
}
