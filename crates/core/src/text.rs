//! String measures on short canonical strings: hashes, phonetic codes, one edit apart, Jaro–Winkler.
//!
//! They run some ten million times a second, so they work on bytes; strings that are not ASCII take the slower way
//! over characters.

/// A hash that is the same on every machine and in every version: FNV-1a with a finaliser.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    let mut h = 0xcbf2_9ce4_8422_2325u64;
    for &byte in bytes {
        h = (h ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    finish(h)
}

/// The hash of two hashes, in this order.
pub(crate) fn mix(a: u64, b: u64) -> u64 {
    finish(a.rotate_left(23).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ b)
}

fn finish(mut h: u64) -> u64 {
    h = (h ^ (h >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    h = (h ^ (h >> 29)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    h ^ (h >> 32)
}

/// Soundex of a lower-case word; a word that does not begin with an ASCII letter is its own code.
pub(crate) fn soundex(word: &str) -> u64 {
    let bytes = word.as_bytes();
    let Some(&first) = bytes.first().filter(|byte| byte.is_ascii_lowercase()) else {
        return hash(bytes);
    };
    let code = |byte: u8| match byte {
        b'b' | b'f' | b'p' | b'v' => 1,
        b'c' | b'g' | b'j' | b'k' | b'q' | b's' | b'x' | b'z' => 2,
        b'd' | b't' => 3,
        b'l' => 4,
        b'm' | b'n' => 5,
        b'r' => 6,
        b'h' | b'w' => 7,
        _ => 0,
    };
    let (mut out, mut digits, mut last) = (u64::from(first), 0, code(first));
    for &byte in &bytes[1..] {
        let digit = code(byte);
        if (1..7).contains(&digit) && digit != last {
            out = (out << 8) | digit;
            digits += 1;
            if digits == 3 {
                break;
            }
        }
        // h and w do not part two letters of one code; vowels do.
        if digit != 7 {
            last = digit;
        }
    }
    out
}

/// The consonants of a word as they are spoken in most languages of Europe, four bits each: `keeley` and `kaylee`,
/// `sarah` and `zara`, `geoffrey` and `jeffrey` are alike, `mark` and `marsha` are not. 0 for what is no ASCII word.
pub(crate) fn consonants(word: &str) -> u64 {
    let bytes = word.as_bytes();
    if !bytes.iter().all(u8::is_ascii_lowercase) {
        return 0;
    }
    let (mut out, mut last) = (0u64, 0);
    let mut at = 0;
    while at < bytes.len() {
        let next = bytes.get(at + 1).copied().unwrap_or(b' ');
        let soft = matches!(next, b'e' | b'i' | b'y');
        let (code, length) = match (bytes[at], next) {
            // Christina is Cristina.
            (b'c', b'h') if bytes.get(at + 2) == Some(&b'r') => (6, 2),
            (b's' | b'c', b'h') => (1, 2),
            (b'p', b'h') => (2, 2),
            (b'g', b'h') => (0, 2),
            (b't', b'h') => (3, 2),
            (b'd' | b't', _) => (3, 1),
            (b'c', _) if soft => (4, 1),
            (b's' | b'z' | b'x', _) => (4, 1),
            (b'j', _) => (5, 1),
            (b'g', _) if soft => (5, 1),
            (b'c' | b'k' | b'q' | b'g', _) => (6, 1),
            (b'b' | b'p', _) => (7, 1),
            (b'f' | b'v', _) => (2, 1),
            (b'l', _) => (8, 1),
            (b'm', _) => (9, 1),
            (b'n', _) => (10, 1),
            (b'r', _) => (11, 1),
            (b'h' | b'w', _) if at == 0 => (12, 1),
            (b'a' | b'e' | b'i' | b'o' | b'u' | b'y', _) if at == 0 => (13, 1),
            _ => (0, 1),
        };
        if code != 0 && code != last {
            out = out << 4 | code;
        }
        last = code;
        at += length;
    }
    out
}

/// True when one insertion, deletion, substitution or swap of neighbours turns `a` into `b`.
pub(crate) fn one_edit(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        return one_edit_of(a.as_bytes(), b.as_bytes());
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    one_edit_of(&a, &b)
}

/// [`one_edit`] on slices.
pub(crate) fn one_edit_of<T: PartialEq>(a: &[T], b: &[T]) -> bool {
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if b.len() - a.len() > 1 {
        return false;
    }
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let tail = a[head..].iter().rev().zip(b[head..].iter().rev()).take_while(|(x, y)| x == y).count();
    let (rest_a, rest_b) = (a.len() - head - tail, b.len() - head - tail);
    match (rest_a, rest_b) {
        (0, 1) | (1, 1) => true,
        (2, 2) => a[head] == b[head + 1] && a[head + 1] == b[head],
        _ => false,
    }
}

/// A word of up to fifteen ASCII characters in one register: the first in the lowest byte, the length in the highest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packed(u128);

impl Packed {
    /// What stands for a word that is too long or not ASCII.
    const NONE: Packed = Packed(u128::MAX);

    /// The word, or [`Packed::NONE`].
    pub(crate) fn of(text: &str) -> Packed {
        if text.len() > 15 || !text.is_ascii() {
            return Packed::NONE;
        }
        let letters = text.bytes().rev().fold(0u128, |word, byte| word << 8 | u128::from(byte));
        Packed(letters | (text.len() as u128) << 120)
    }

    pub(crate) fn is_none(self) -> bool {
        self == Packed::NONE
    }

    fn parts(self) -> (u128, u32) {
        (self.0 & (u128::MAX >> 8), (self.0 >> 120) as u32)
    }

    /// [`one_edit`] in a few instructions.
    pub(crate) fn one_edit(self, other: Packed) -> bool {
        let ((a, a_length), (b, b_length)) = (self.parts(), other.parts());
        let (a, a_length, b, b_length) =
            if a_length <= b_length { (a, a_length, b, b_length) } else { (b, b_length, a, a_length) };
        if b_length - a_length > 1 || b_length == 0 {
            return false;
        }
        let head = ((a ^ b).trailing_zeros() / 8).min(a_length);
        let at_end = |word: u128, length: u32| if length == 0 { 0 } else { word << (8 * (16 - length)) };
        let same = (at_end(a, a_length) ^ at_end(b, b_length)).leading_zeros() / 8;
        let tail = same.min(a_length - head);
        match (a_length - head - tail, b_length - head - tail) {
            (0, 1) | (1, 1) => true,
            (2, 2) => {
                let (x, y) = (a >> (8 * head) & 0xffff, b >> (8 * head) & 0xffff);
                x == (y >> 8 | (y & 0xff) << 8)
            }
            _ => false,
        }
    }
}

/// Texts of more bytes are compared for equality alone, by what takes time by the square of their length.
pub(crate) const LONG: usize = 1_000;

/// Jaro–Winkler similarity (prefix weight 0.1, at most four characters) in thousandths; 0 where one is [`LONG`].
pub(crate) fn jaro_winkler(a: &str, b: &str) -> u32 {
    // Letters are matched greedily, so that it may matter which text comes first.
    let (a, b) = if a <= b { (a, b) } else { (b, a) };
    if a.len().max(b.len()) > LONG {
        return 0;
    }
    if !a.is_ascii() || !b.is_ascii() || a.len() > 64 || b.len() > 64 {
        return (strsim::jaro_winkler(a, b) * 1000.0) as u32;
    }
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.is_empty() || b.is_empty() {
        return 0;
    }
    let window = (a.len().max(b.len()) / 2).saturating_sub(1);
    let (mut used_a, mut used_b, mut matches) = (0u64, 0u64, 0u32);
    for (i, x) in a.iter().enumerate() {
        let (from, to) = (i.saturating_sub(window), (i + window + 1).min(b.len()));
        for (j, y) in b.iter().enumerate().take(to).skip(from) {
            if x == y && used_b >> j & 1 == 0 {
                used_a |= 1 << i;
                used_b |= 1 << j;
                matches += 1;
                break;
            }
        }
    }
    if matches == 0 {
        return 0;
    }
    let (mut out_of_place, mut rest_a, mut rest_b) = (0u32, used_a, used_b);
    while rest_a != 0 {
        let (i, j) = (rest_a.trailing_zeros() as usize, rest_b.trailing_zeros() as usize);
        out_of_place += u32::from(a[i] != b[j]);
        rest_a &= rest_a - 1;
        rest_b &= rest_b - 1;
    }
    let m = f64::from(matches);
    let jaro = (m / a.len() as f64 + m / b.len() as f64 + (m - f64::from(out_of_place / 2)) / m) / 3.0;
    let prefix = a.iter().zip(b).take(4).take_while(|(x, y)| x == y).count() as f64;
    ((jaro + prefix * 0.1 * (1.0 - jaro)) * 1000.0) as u32
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn one_edit_knows_the_four_edits_and_no_more() {
        for (a, b) in [("smith", "smyth"), ("smith", "smit"), ("smit", "smith"), ("smith", "smiht"), ("", "a")] {
            assert!(one_edit(a, b), "{a} {b}");
        }
        for (a, b) in [("smith", "smith"), ("smith", "smyht"), ("ab", "cd"), ("smith", "smi"), ("王杰", "王杰伟明")]
        {
            assert!(!one_edit(a, b), "{a} {b}");
        }
    }

    #[test]
    fn names_are_alike_by_their_consonants() {
        for (a, b) in [("keeley", "kaylee"), ("sarah", "zara"), ("lee", "leigh"), ("geoffrey", "jeffrey")] {
            assert_eq!(consonants(a), consonants(b), "{a} {b}");
        }
        for (a, b) in [("mark", "marsha"), ("darla", "darlene"), ("anna", "annabelle")] {
            assert_ne!(consonants(a), consonants(b), "{a} {b}");
        }
    }

    #[test]
    fn packed_words_know_the_same_edits() {
        let words =
            ["", "a", "b", "ab", "ba", "abc", "acb", "abcd", "smith", "smyth", "smiht", "smit", "mith", "aaaa", "aaa"];
        let long = ["abcdefghijklmno", "abcdefghijklmn", "abcdefghijklmon", "bcdefghijklmno"];
        for a in words.iter().chain(&long) {
            for b in words.iter().chain(&long) {
                let packed = Packed::of(a).one_edit(Packed::of(b));
                assert_eq!(packed, one_edit(a, b), "{a} {b}");
            }
        }
        assert!(Packed::of("abcdefghijklmnop").is_none() && Packed::of("é").is_none());
    }

    #[test]
    fn jaro_winkler_agrees_with_strsim() {
        for (a, b) in
            [("martha", "marhta"), ("dixon", "dicksonx"), ("jellyfish", "smellyfish"), ("a", "b"), ("dwayne", "duane")]
        {
            let expected = (strsim::jaro_winkler(a, b) * 1000.0) as i64;
            assert!((i64::from(jaro_winkler(a, b)) - expected).abs() <= 1, "{a} {b}");
        }
    }

    #[test]
    fn soundex_joins_the_classic_pairs() {
        for (a, b) in [("robert", "rupert"), ("ashcraft", "ashcroft"), ("smith", "smyth")] {
            assert_eq!(soundex(a), soundex(b), "{a} {b}");
        }
        assert_ne!(soundex("smith"), soundex("jones"));
    }
}
