//! Names: given and family names, generational suffixes and free words, as one, since words move between them.

use super::{apart, words_apart, Known, Question};
use crate::normalise::name::are_nicknames;
use crate::probabilistic::features::{Name, Tokens, NONE};
use crate::probabilistic::levels::{epithet, family, given, suffix, MISSING};

fn is_initial(tokens: &Tokens, id: u32) -> bool {
    tokens.text(id).len() == 1
}

fn same_initial(tokens: &Tokens, a: u32, b: u32) -> bool {
    (is_initial(tokens, a) || is_initial(tokens, b)) && tokens.text(a).chars().next() == tokens.text(b).chars().next()
}

fn given_level(tokens: &Tokens, memo: &mut Known, a: &Name, b: &Name) -> u8 {
    if a.given[0] == NONE || b.given[0] == NONE {
        return MISSING;
    }
    if a.given_all == b.given_all {
        return given::EXACT;
    }
    let (x, y) = (a.given[0], b.given[0]);
    let mut rest = |p: u32, q: u32| {
        p == NONE
            || q == NONE
            || p == q
            || same_initial(tokens, p, q)
            || words_apart(tokens, memo, p, q) <= apart::SLIP
            || nicknames(tokens, memo, p, q)
    };
    if x == y {
        // Hans-Peter and Hans-Dieter are two, but for who goes by one of several names; and so are `Twin 1` and `Twin 2`.
        let counted = |name: &Name| tokens.text(name.given[1]).bytes().all(|byte| byte.is_ascii_digit());
        return match rest(a.given[1], b.given[1]) {
            true => given::EXACT,
            false if counted(a) && counted(b) => given::DIFFERENT,
            false => given::SIMILAR,
        };
    }
    if is_initial(tokens, x) || is_initial(tokens, y) {
        if same_initial(tokens, x, y) {
            return given::INITIAL;
        }
        // `J. Edgar` and `Edgar`.
        let second =
            |p: &Name, q: &Name| is_initial(tokens, p.given[0]) && p.given[1] != NONE && p.given[1] == q.given[0];
        return if second(a, b) || second(b, a) { given::NICKNAME } else { given::DIFFERENT };
    }
    let first = words_apart(tokens, memo, x, y);
    let all = |memo: &mut Known| words_apart(tokens, memo, a.given_all, b.given_all);
    if first == apart::SLIP || a.given[1] != b.given[1] && all(memo) == apart::SLIP {
        return given::TYPO;
    }
    if nicknames(tokens, memo, x, y) {
        return given::NICKNAME;
    }
    let whole = |p: &u32| *p != NONE && !is_initial(tokens, *p);
    let left = |one: &Name, other: &Name| one.given.iter().any(|p| whole(p) && !other.given.contains(p));
    let shared = a.given.iter().any(|p| whole(p) && b.given.contains(p));
    // Who shares one word of several has the others of his own.
    if shared && !(left(a, b) && left(b, a)) {
        return given::NICKNAME;
    }
    first
}

fn nicknames(tokens: &Tokens, memo: &mut Known, a: u32, b: u32) -> bool {
    memo.get(Question::Nicknames, a, b, || u8::from(are_nicknames(tokens.text(a), tokens.text(b)))) == 1
}

fn family_level(tokens: &Tokens, memo: &mut Known, a: &Name, b: &Name) -> u8 {
    if a.family_all == NONE || b.family_all == NONE {
        return MISSING;
    }
    match words_apart(tokens, memo, a.family_all, b.family_all) {
        apart::EQUAL => family::EXACT,
        apart::SLIP => family::TYPO,
        _ if a.family_parts(tokens).any(|part| b.family.contains(&part)) => family::SHARED_PART,
        apart::SIMILAR => family::SIMILAR,
        _ => family::DIFFERENT,
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
pub(super) fn names(tokens: &Tokens, memo: &mut Known, a: &Name, b: &Name, out: &mut [u8; 4]) -> bool {
    let (mut given, mut family) = (given_level(tokens, memo, a, b), family_level(tokens, memo, a, b));
    let mut moved = false;
    let apart = |level: u8, from: u8| level == MISSING || level >= from;
    if apart(given, given::SIMILAR) && apart(family, family::SIMILAR) {
        let mut near = |p: u32, q: u32| p != NONE && q != NONE && words_apart(tokens, memo, p, q) <= apart::SLIP;
        let (one, two) = (near(a.given_all, b.family_all), near(a.family_all, b.given_all));
        let room = |p: u32, q: u32| p == NONE || q == NONE || same_initial(tokens, p, q);
        if one && (two || room(a.family_all, b.given_all)) || two && room(a.given_all, b.family_all) {
            // Of one part alone nobody knows which it is: it counts as the family's, which a household shares.
            (given, family) = (if one && two { given::TYPO } else { MISSING }, family::TYPO);
            moved = true;
        }
    }
    // `Tú, Trần Văn` and `Văn Tú, Trần`: the same words, only cut elsewhere.
    if apart(given, given::NICKNAME) && apart(family, family::SHARED_PART) {
        let little = given > given::NICKNAME || family > family::SHARED_PART;
        match moved_words(a, b) {
            Some(Moved::All) => (given, family, moved) = (given::TYPO, family::TYPO, true),
            Some(Moved::Family) => (given, family, moved) = (MISSING, family::TYPO, true),
            Some(Moved::Some) if little => (given, family, moved) = (given::NICKNAME, family::SHARED_PART, true),
            _ => {}
        }
    }
    // `Susan Meyer Thomas` was Susan Meyer.
    let inside =
        |one: &Name, other: &Name| one.given[1..].contains(&other.family_all) && one.given[0] == other.given[0];
    if family == family::DIFFERENT && (inside(a, b) || inside(b, a)) {
        family = family::SHARED_PART;
    }
    *out = [given, family, suffix_level(a, b), epithet_level(a, b)];
    moved
}

fn suffix_level(a: &Name, b: &Name) -> u8 {
    match (a.suffix, b.suffix) {
        (0, 0) => MISSING,
        (x, y) if x == y => suffix::EQUAL,
        (0, _) | (_, 0) => suffix::ONE_SIDE,
        _ => suffix::CONTRADICTING,
    }
}

fn epithet_level(a: &Name, b: &Name) -> u8 {
    let shared = a.extra.iter().filter(|id| b.extra.contains(id)).count();
    match a.extra.len().min(b.extra.len()) {
        0 => MISSING,
        _ if shared == 0 => epithet::DIFFERENT,
        all if 2 * shared > all => epithet::MOSTLY,
        _ => epithet::SOME,
    }
}
