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

/// Jaro–Winkler similarity (prefix weight 0.1, at most four characters) in thousandths.
pub(crate) fn jaro_winkler(a: &str, b: &str) -> u32 {
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

/// Remembers what comparing two words gave: the same names meet over and over. A full table forgets, it never errs.
pub(crate) struct Memo {
    slots: Vec<(u64, u8)>,
}

impl Memo {
    const BITS: u32 = 15;

    pub(crate) fn new() -> Memo {
        Memo { slots: vec![(u64::MAX, 0); 1 << Memo::BITS] }
    }

    /// The answer to question `tag` on words `a` and `b` in either order, found by `ask` when it is not known.
    pub(crate) fn get(&mut self, tag: u64, a: u32, b: u32, ask: impl FnOnce() -> u8) -> u8 {
        let key = tag << 60 | u64::from(a.min(b)) << 30 | u64::from(a.max(b));
        let slot = &mut self.slots[(key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - Memo::BITS)) as usize];
        if slot.0 != key {
            *slot = (key, ask());
        }
        slot.1
    }
}

#[cfg(test)]
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
