//! What of a value may be seen by those who may not see it.

use crate::kind::Kind;

impl Kind {
    /// Whether [`mask`] shows a part of some values of this kind.
    pub fn shows_part(self) -> bool {
        shown_part(self).is_some()
    }
}

/// Three stars for whatever is hidden: the number of stars tells nothing of the length.
const HIDDEN: &str = "***";

/// The masked form of a value: equal for equal values, of no use for telling how long the value is.
///
/// | kind | shown | example |
/// |---|---|---|
/// | email | first letter of mailbox and domain, last label | `j***@e***.com` |
/// | phone | last two digits | `***98` |
/// | names | first letter, of a word of more than one; of a full name also that of the last word | `J***`, `J*** D***` |
/// | date, timestamp | the year | `1956-***` |
/// | others | nothing | `***` |
///
/// What does not look like its kind, or is so short that the visible part would be most of it, is hidden whole.
pub fn mask(value: &str, kind: Kind) -> String {
    shown_part(kind).and_then(|shown| shown(value.trim())).unwrap_or_else(|| HIDDEN.to_string())
}

/// How the part of a value of a kind is found that its mask shows.
fn shown_part(kind: Kind) -> Option<fn(&str) -> Option<String>> {
    match kind {
        Kind::Email => Some(email),
        Kind::Phone => Some(phone),
        Kind::GivenName | Kind::FamilyName => Some(name),
        Kind::FullName => Some(full_name),
        Kind::Date | Kind::Timestamp => Some(year),
        _ => None,
    }
}

fn email(value: &str) -> Option<String> {
    let (local, domain) = value.rsplit_once('@')?;
    let (host, top) = domain.rsplit_once('.')?;
    Some(format!("{}@{}.{top}", initial(local)?, initial(host)?))
}

fn phone(value: &str) -> Option<String> {
    // A mask stays as it is, as those of other kinds do.
    if value.strip_prefix(HIDDEN).is_some_and(|rest| rest.len() == 2 && rest.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return Some(value.to_owned());
    }
    let digits: Vec<char> = value.chars().filter(char::is_ascii_digit).collect();
    // Of seven digits or more two give little away.
    match digits.as_slice() {
        [_, _, _, _, _, .., a, b] => Some(format!("{HIDDEN}{a}{b}")),
        _ => None,
    }
}

fn initial(value: &str) -> Option<String> {
    let first = value.chars().next().filter(|c| c.is_alphanumeric())?;
    Some(format!("{first}{HIDDEN}"))
}

/// Of one letter it would be the whole name.
fn name(value: &str) -> Option<String> {
    value.chars().nth(1).and_then(|_| initial(value))
}

fn full_name(value: &str) -> Option<String> {
    let mut words = value.split_whitespace();
    let shown = |word| name(word).unwrap_or_else(|| HIDDEN.to_owned());
    let (first, last) = (shown(words.next()?), words.next_back().map(shown));
    match last {
        Some(last) if first != HIDDEN || last != HIDDEN => Some(format!("{first} {last}")),
        Some(_) => None,
        None => Some(first),
    }
}

fn year(value: &str) -> Option<String> {
    let year = value.get(..4).filter(|year| year.bytes().all(|byte| byte.is_ascii_digit()))?;
    value[4..].starts_with('-').then(|| format!("{year}-{HIDDEN}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_mask_stays_as_it_is(value in r"[+* a-zÅ@.0-9-]{0,12}|\PC{0,12}", kind in prop::sample::select(Kind::ALL.to_vec())) {
            let masked = mask(&value, kind);
            prop_assert_eq!(mask(&masked, kind), masked);
        }
    }
}
