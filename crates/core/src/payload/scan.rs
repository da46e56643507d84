//! One pass over the text of a record before it is parsed, for what a JSON parser or PostgreSQL would choke on.
//!
//! The text is known to be grammatical JSON ([`serde_json::value::RawValue`] saw to that), but that check skips over
//! depth, escapes and the size of numbers. Finding those here, without recursion, gives each its field and keeps one
//! bad record from costing more than itself.

use crate::error::Refusal;

/// The deepest nesting of arrays and objects in a record, the record itself included.
pub const MAX_DEPTH: usize = 64;
/// The longest string in a record, in bytes of UTF-8.
pub const MAX_STRING: usize = 1 << 20;
/// The most digits a number may need in plain decimal notation.
pub const MAX_DIGITS: usize = 100;

/// Keys under which serde_json passes numbers and raw text to itself: from outside they would smuggle in values that
/// this scan never saw.
pub(super) const RESERVED: &str = "$serde_json::private::";

/// An array or an object on the way to a value.
#[derive(Clone, Copy)]
pub(super) enum Frame<'a> {
    Object { key: &'a str, key_next: bool },
    Array(usize),
}

pub(super) fn refuse(place: &[Frame], sqlstate: &'static str, reason: impl Into<String>) -> Refusal {
    Refusal { field: path(place), reason: reason.into(), sqlstate }
}

pub(super) fn too_long(place: &[Frame]) -> Refusal {
    refuse(place, TOO_LONG.0, TOO_LONG.1)
}

const TOO_LONG: (&str, &str) = ("22001", "is a text of more than 1 MiB");

/// Refuses deep nesting, long strings, NUL, unpaired surrogates and numbers without a sensible plain form, wherever
/// in the text they are, which stands at `place` in the record.
pub(super) fn check<'a>(text: &'a str, place: &[Frame<'a>]) -> Result<(), Refusal> {
    let bytes = text.as_bytes();
    let mut frames = place.to_vec();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let refuse = |sqlstate, reason: String, frames: &[Frame]| Err(refuse(frames, sqlstate, reason));
        match byte {
            b'{' | b'[' => {
                if frames.len() == MAX_DEPTH {
                    return refuse("22023", format!("is nested deeper than {MAX_DEPTH} levels"), &frames);
                }
                frames.push(if byte == b'{' { Frame::Object { key: "", key_next: true } } else { Frame::Array(0) });
            }
            b'}' | b']' => {
                frames.pop();
            }
            b',' => match frames.last_mut() {
                Some(Frame::Object { key_next, .. }) => *key_next = true,
                Some(Frame::Array(index)) => *index += 1,
                None => {}
            },
            b'"' => {
                let (end, verdict) = string(bytes, at + 1);
                let inner = text.get(at + 1..end).unwrap_or_default();
                at = end;
                let is_key = match frames.last_mut() {
                    Some(Frame::Object { key, key_next }) if *key_next => {
                        *key_next = false;
                        *key = inner;
                        true
                    }
                    _ => false,
                };
                if is_key && (verdict.is_some() || reserved(inner)) {
                    frames.pop();
                    let (sqlstate, what) = verdict.unwrap_or(("22023", "is reserved"));
                    return refuse(sqlstate, format!("has a key that {what}"), &frames);
                }
                if let Some((sqlstate, what)) = verdict {
                    return refuse(sqlstate, what.to_owned(), &frames);
                }
            }
            b'-' | b'0'..=b'9' => {
                let length = bytes[at..]
                    .iter()
                    .take_while(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
                    .count();
                if plain(&text[at..at + length]).is_none() {
                    return refuse("22003", format!("is a number of more than {MAX_DIGITS} digits"), &frames);
                }
                at += length - 1;
            }
            _ => {}
        }
        at += 1;
    }
    Ok(())
}

/// Walks the string whose first byte is at `at`: the position of its closing quote, and what is wrong with it.
fn string(bytes: &[u8], mut at: usize) -> (usize, Option<(&'static str, &'static str)>) {
    let (mut length, mut high, mut wrong) = (0, false, None);
    while let Some(&byte) = bytes.get(at) {
        // Most of a text is neither an escape nor behind one.
        if !high && !matches!(byte, b'"' | b'\\') {
            let run = bytes[at..].iter().take_while(|byte| !matches!(byte, b'"' | b'\\')).count();
            length += run;
            at += run;
            continue;
        }
        let mut low = false;
        match byte {
            b'"' => break,
            b'\\' if bytes.get(at + 1) == Some(&b'u') => {
                let code = bytes.get(at + 2..at + 6).and_then(|hex| std::str::from_utf8(hex).ok());
                let code = code.and_then(|hex| u32::from_str_radix(hex, 16).ok()).unwrap_or(0);
                low = (0xDC00..=0xDFFF).contains(&code);
                if high != low {
                    wrong = wrong.or(Some(("22P05", "contains an unpaired surrogate")));
                }
                if code == 0 {
                    wrong = wrong.or(Some(("22P05", "contains a NUL character")));
                }
                high = (0xD800..=0xDBFF).contains(&code);
                length += match code {
                    0..=0x7F => 1,
                    0x80..=0x7FF => 2,
                    0xD800..=0xDFFF => 2,
                    _ => 3,
                };
                at += 6;
                continue;
            }
            b'\\' => at += 1,
            _ => {}
        }
        if high && !low {
            wrong = wrong.or(Some(("22P05", "contains an unpaired surrogate")));
            high = false;
        }
        length += 1;
        at += 1;
    }
    if high {
        wrong = wrong.or(Some(("22P05", "contains an unpaired surrogate")));
    }
    if length > MAX_STRING {
        wrong = wrong.or(Some(TOO_LONG));
    }
    (at, wrong)
}

pub(super) fn reserved(key: &str) -> bool {
    key.starts_with(RESERVED)
        || key.contains('\\')
            && serde_json::from_str::<String>(&format!("\"{key}\"")).is_ok_and(|decoded| decoded.starts_with(RESERVED))
}

/// Where the scan stands, as users write it: `attributes.tags[2]`.
fn path(frames: &[Frame]) -> String {
    let mut path = String::new();
    for (depth, frame) in frames.iter().enumerate() {
        if depth == 8 {
            path.push_str("...");
            break;
        }
        match frame {
            Frame::Object { key, .. } => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.extend(key.chars().take(64));
            }
            Frame::Array(index) => path.push_str(&format!("[{index}]")),
        }
    }
    path
}

/// The number `text` in plain decimal notation, as PostgreSQL's `numeric` prints it (`1.50e1` is `15.0`, `-0` is `0`),
/// so that JSON and `jsonb` input store the same; `None` if that takes more than [`MAX_DIGITS`] digits.
pub(super) fn plain(text: &str) -> Option<String> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let scale = i64::try_from(fraction.len()).ok()?.checked_sub(exponent)?.max(0);
    let digits = format!("{whole}{fraction}");
    let zero = digits.bytes().all(|digit| digit == b'0');
    // Digits before the point, leading zeros not counted.
    let leading = i64::try_from(digits.bytes().take_while(|digit| *digit == b'0').count()).ok()?;
    let point = i64::try_from(whole.len()).ok()?.checked_add(exponent)?;
    let before = if zero { 1 } else { point.checked_sub(leading)?.max(1) };
    if before.checked_add(scale)? > i64::try_from(MAX_DIGITS).ok()? {
        return None;
    }
    let digit = |position: i64| {
        let known = usize::try_from(position).ok().and_then(|index| digits.as_bytes().get(index));
        known.map_or('0', |digit| char::from(*digit))
    };
    let mut plain = String::new();
    if negative && !zero {
        plain.push('-');
    }
    plain.extend((point - before..point).map(digit));
    if scale > 0 {
        plain.push('.');
        plain.extend((point..point + scale).map(digit));
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn numbers_are_written_as_numeric_prints_them() {
        let cases = [
            ("0", Some("0")),
            ("-0", Some("0")),
            ("-0.00", Some("0.00")),
            ("1e5", Some("100000")),
            ("1E+2", Some("100")),
            ("1.50", Some("1.50")),
            ("1.50e1", Some("15.0")),
            ("1.5e3", Some("1500")),
            ("-12.5e-3", Some("-0.0125")),
            ("0.001e3", Some("1")),
            ("0e1000000", Some("0")),
            ("1e308", None),
            ("1e1000000", None),
            ("1e-1000000", None),
            ("1e99999999999999999999", None),
        ];
        for (text, expected) in cases {
            assert_eq!(plain(text).as_deref(), expected, "{text}");
        }
        assert_eq!(plain(&format!("1{}", "0".repeat(99))).map(|plain| plain.len()), Some(100));
        assert_eq!(plain(&format!("1{}", "0".repeat(100))), None);
    }

    #[test]
    fn what_is_wrong_has_its_field_and_reason() {
        let long = format!(r#"{{"attributes":{{"note":"{}"}}}}"#, "x".repeat(MAX_STRING + 1));
        let deep = format!(r#"{{"attributes":{{"a":{}1{}}}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        let cases = [
            (r#"{"a":"\u0000"}"#, "a", "22P05", "contains a NUL character"),
            (r#"{"a":{"b":[1,"x\ud800"]}}"#, "a.b[1]", "22P05", "contains an unpaired surrogate"),
            (r#"{"a":"\ud800x"}"#, "a", "22P05", "contains an unpaired surrogate"),
            (r#"{"a":"\ud800\ud800\udc00"}"#, "a", "22P05", "contains an unpaired surrogate"),
            (r#"{"a":"\udc00"}"#, "a", "22P05", "contains an unpaired surrogate"),
            (r#"{"a":[0,1e1000000]}"#, "a[1]", "22003", "is a number of more than 100 digits"),
            (r#"{"a":{"\u0000":1}}"#, "a", "22P05", "has a key that contains a NUL character"),
            (r#"{"a":{"$serde_json::private::Number":"1e1000000"}}"#, "a", "22023", "has a key that is reserved"),
            (r#"{"a":{"\u0024serde_json::private::RawValue":"1"}}"#, "a", "22023", "has a key that is reserved"),
            (&long, "attributes.note", "22001", "is a text of more than 1 MiB"),
            (&deep, "attributes.a[0][0][0][0][0][0]...", "22023", "is nested deeper than 64 levels"),
        ];
        for (text, field, sqlstate, reason) in cases {
            let refusal = check(text, &[]).unwrap_err();
            assert_eq!((refusal.field.as_str(), refusal.sqlstate, refusal.reason.as_str()), (field, sqlstate, reason));
        }
    }

    #[test]
    fn what_is_right_passes() {
        for text in [
            r#"{"a":"\ud83d\ude00 \\u0000 \" é 😀","b":[{"c":-1.5e2},[],{}],"":null}"#,
            r#"{"a":"\\ud800"}"#,
            r#" [ 1 , "x" , true ] "#,
        ] {
            assert_eq!(check(text, &[]), Ok(()), "{text}");
        }
    }
}
