//! Kinds without structure of their own: identifiers, locales, numbers, truth values, text; and the order of values.

use super::clean::{digit, fold};
use crate::kind::Kind;
use std::cmp::Ordering;
use unicode_normalization::{char::is_combining_mark, UnicodeNormalization};

/// The most digits a number may have once written without exponent.
const MAX_DIGITS: i64 = 400;

/// Upper case letters and digits alone: `ab-12 34` and `AB1234` are one identifier.
pub fn identifier(text: &str) -> Option<String> {
    let canonical: String = text
        .nfkc()
        .flat_map(char::to_uppercase)
        .nfkc()
        .filter(|c| c.is_alphanumeric() && !is_combining_mark(*c))
        .collect();
    (!canonical.is_empty()).then_some(canonical)
}

/// Case and width folded, spaces unified; accents stay.
pub fn text(text: &str) -> Option<String> {
    let folded: String = text.nfkc().flat_map(char::to_lowercase).nfkc().collect();
    let joined = folded.split_whitespace().collect::<Vec<_>>().join(" ");
    (!joined.is_empty()).then_some(joined)
}

/// `true` or `false` from the words that people and programs use for them.
pub fn boolean(text: &str) -> Option<&'static str> {
    match fold(text).as_str() {
        "true" | "t" | "yes" | "y" | "1" | "on" | "ja" | "j" | "oui" | "si" | "sim" | "vrai" | "wahr" => Some("true"),
        "false" | "f" | "no" | "n" | "0" | "off" | "nein" | "non" | "nao" | "faux" | "falsch" | "nee" => Some("false"),
        _ => None,
    }
}

/// A decimal number without exponent, leading or trailing zeros: `-1,234.50` → `-1234.5`, `1e3` → `1000`.
///
/// A full stop that stands once is the decimal separator; so is a comma, unless exactly three digits follow; so is either
/// behind the other one. Else they group thousands. `None` beyond [`MAX_DIGITS`] digits.
pub fn number(text: &str) -> Option<String> {
    let plain: String = text
        .chars()
        .filter(|c| !matches!(c, ' ' | '\'' | '’' | '_' | '\u{a0}' | '\u{202f}'))
        .map(|c| match c {
            '−' | '–' => '-',
            c => digit(c).unwrap_or(c),
        })
        .collect();
    let (negative, plain) = match plain.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    let (mantissa, exponent) = match plain.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (plain, 0),
    };
    let (whole, fraction) = split_decimal(mantissa)?;
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // The value is 0.digits × 10^point.
    let leading = digits.len() - digits.trim_start_matches('0').len();
    let significant = digits.trim_matches('0');
    if significant.is_empty() {
        return Some("0".into());
    }
    let point = (whole.len() as i64 - leading as i64).checked_add(exponent)?;
    let length = significant.len() as i64;
    if length > MAX_DIGITS || point > MAX_DIGITS || length.checked_sub(point)? > MAX_DIGITS {
        return None;
    }
    let mut out = String::from(if negative { "-" } else { "" });
    if point <= 0 {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', point.unsigned_abs() as usize));
        out.push_str(significant);
    } else if point >= length {
        out.push_str(significant);
        out.extend(std::iter::repeat_n('0', (point - length) as usize));
    } else {
        let (whole, fraction) = significant.split_at(point as usize);
        out.push_str(whole);
        out.push('.');
        out.push_str(fraction);
    }
    Some(out)
}

/// The digits before and after the decimal separator, without the separators of thousands.
fn split_decimal(mantissa: &str) -> Option<(String, String)> {
    let last = mantissa.rfind(['.', ',']);
    let Some(at) = last else { return Some((mantissa.to_string(), String::new())) };
    let separator = &mantissa[at..at + 1];
    let (whole, fraction) = (&mantissa[..at], &mantissa[at + 1..]);
    let other = if separator == "." { ',' } else { '.' };
    let decimal = match (whole.contains(separator), whole.contains(other)) {
        (true, _) => false,
        (false, true) => true,
        // One separator in all. A full stop is decimal, JSON's way; a comma before three digits groups.
        (false, false) => separator == "." || fraction.len() != 3 || whole.is_empty() || whole.starts_with('0'),
    };
    let grouping = if decimal {
        other
    } else if separator == "." {
        '.'
    } else {
        ','
    };
    let groups = if decimal { whole } else { mantissa };
    if !decimal && groups.contains(other) {
        return None;
    }
    let mut parts = groups.split(grouping);
    let first = parts.next()?;
    if groups.contains(grouping) && (first.is_empty() || first.len() > 3) {
        return None;
    }
    let mut joined = first.to_string();
    for part in parts {
        if part.len() != 3 {
            return None;
        }
        joined.push_str(part);
    }
    Some((joined, if decimal { fraction.to_string() } else { String::new() }))
}

/// A BCP 47 tag in its customary case: `EN_us.UTF-8` → `en-US`, `zh_hans_cn` → `zh-Hans-CN`, `German` → `de`.
pub fn locale(text: &str) -> Option<String> {
    let folded = fold(text);
    // No name has what stands between the parts of a tag.
    if !folded.contains(['-', '_']) {
        if let Some((tag, _)) = LANGUAGES.iter().find(|(_, names)| names.contains(&folded.as_str())) {
            return Some((*tag).into());
        }
    }
    let tag = folded.split(['.', '@', ';', ',']).next()?.trim();
    let mut parts = tag.split(['-', '_']);
    let language = parts.next()?;
    if !(2..=3).contains(&language.len()) || !language.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    let mut out = language.to_string();
    for (place, part) in parts.enumerate() {
        if part.is_empty() || part.len() > 8 || !part.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let letters = part.bytes().all(|byte| byte.is_ascii_alphabetic());
        out.push('-');
        // A region stands second or third; what comes later is an extension and lower case.
        match part.len() {
            2 if letters && place < 2 => out.push_str(&part.to_ascii_uppercase()),
            4 if letters && place == 0 => {
                out.push_str(&part[..1].to_ascii_uppercase());
                out.push_str(&part[1..]);
            }
            _ => out.push_str(part),
        }
    }
    Some(out)
}

/// Names of languages, folded, English and their own.
const LANGUAGES: [(&str, &[&str]); 28] = [
    ("ar", &["arabic", "العربية"]),
    ("cs", &["czech", "cestina"]),
    ("da", &["danish", "dansk"]),
    ("de", &["german", "deutsch"]),
    ("el", &["greek", "ελληνικα"]),
    ("en", &["english", "englisch", "anglais", "ingles"]),
    ("es", &["spanish", "espanol", "castellano"]),
    ("fi", &["finnish", "suomi"]),
    ("fr", &["french", "francais", "franzosisch"]),
    ("he", &["hebrew", "עברית"]),
    ("hi", &["hindi", "हिन्दी"]),
    ("hu", &["hungarian", "magyar"]),
    ("id", &["indonesian", "bahasa indonesia"]),
    ("it", &["italian", "italiano"]),
    ("ja", &["japanese", "日本語"]),
    ("ko", &["korean", "한국어"]),
    ("nb", &["norwegian bokmal"]),
    ("nl", &["dutch", "nederlands"]),
    ("no", &["norwegian", "norsk"]),
    ("pl", &["polish", "polski"]),
    ("pt", &["portuguese", "portugues"]),
    ("ro", &["romanian", "romana"]),
    ("ru", &["russian", "русскии"]),
    ("sv", &["swedish", "svenska"]),
    ("tr", &["turkish", "turkce"]),
    ("uk", &["ukrainian", "украінська"]),
    ("vi", &["vietnamese", "tieng viet"]),
    ("zh", &["chinese", "中文", "mandarin"]),
];

/// The kind's own order of two canonical values, which `MAX_VALUE` and `MIN_VALUE` go by: numbers by size, timestamps
/// by time, everything else (dates too, whose text sorts by time) by text.
pub fn compare(kind: Kind, a: &str, b: &str) -> Ordering {
    match kind {
        Kind::Number => compare_numbers(a, b),
        // `…00Z` and `…00.5Z`: without its Z the longer of two equal beginnings is the later.
        Kind::Timestamp => a.trim_end_matches('Z').cmp(b.trim_end_matches('Z')),
        _ => a.cmp(b),
    }
}

/// Canonical decimals of any size, compared digit by digit.
fn compare_numbers(a: &str, b: &str) -> Ordering {
    fn magnitude(text: &str) -> (usize, &str, &str) {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        (whole.len(), whole, fraction)
    }
    match (a.strip_prefix('-'), b.strip_prefix('-')) {
        (None, None) => magnitude(a).cmp(&magnitude(b)),
        (Some(a), Some(b)) => magnitude(b).cmp(&magnitude(a)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
    }
}
