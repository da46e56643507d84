//! Street, city and postcode, as one.

use super::{apart, words_apart, Known, Question};
use crate::probabilistic::features::{Address, Tokens, NONE};
use crate::probabilistic::levels::{address, MISSING};

pub(super) fn addresses(tokens: &Tokens, memo: &mut Known, a: &Address, b: &Address) -> u8 {
    let both = |x: u32, y: u32| x != NONE && y != NONE;
    let postcode = both(a.postcode, b.postcode).then_some(a.postcode == b.postcode);
    let near_postcode = || {
        let typo = || (a.letters ^ b.letters).count_ones() <= 2 && tokens.one_edit(a.postcode, b.postcode);
        both(a.postcode, b.postcode) && (both(a.area, b.area) && a.area == b.area || typo())
    };
    let city =
        both(a.city, b.city).then(|| a.city == b.city || words_apart(tokens, memo, a.city, b.city) == apart::SLIP);
    let place = postcode == Some(true) || city == Some(true) || postcode.is_none() && city.is_none();
    if both(a.street, b.street) {
        let unit = !both(a.unit, b.unit) || a.unit == b.unit;
        if a.line == b.line && unit {
            return if place || near_postcode() { address::EXACT } else { address::SAME_STREET };
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
            let place = city.unwrap_or(place || near_postcode());
            return if place { address::LIKE_STREET_AND_PLACE } else { address::LIKE_STREET };
        }
        // The same written in another order, with the name of a building or with the town in the line.
        if both(a.number, b.number) && a.number == b.number && mostly_shared(a, b) {
            return address::LIKE_STREET_AND_PLACE;
        }
    }
    let street = both(a.street, b.street);
    match (postcode, city) {
        (Some(true), _) if street => address::POSTCODE,
        (Some(true), _) => address::POSTCODE_ALONE,
        (_, Some(true)) if street => address::CITY,
        (_, Some(true)) => address::CITY_ALONE,
        (None, None) if !street => MISSING,
        _ if near_postcode() => address::CITY,
        _ => address::DIFFERENT,
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
