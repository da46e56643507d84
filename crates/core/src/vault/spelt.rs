//! Characters that are written in digits.

use std::borrow::Cow;

/// A text with the characters that links (`%40`), mails (`=40`), pages (`&#64;`) and JSON (`\u0040`) write in digits.
pub(super) fn spelt_out(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '\\', '=', '&']) {
        return text.into();
    }
    let (mut out, mut rest) = (Vec::with_capacity(text.len()), text);
    while let Some(first) = rest.chars().next() {
        let length = match written(rest) {
            Some((Written::Byte(byte), length)) => {
                out.push(byte);
                length
            }
            Some((Written::Char(char), length)) => {
                out.extend(char.to_string().bytes());
                length
            }
            None => {
                out.extend(rest[..first.len_utf8()].bytes());
                first.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    String::from_utf8_lossy(&out).into_owned().into()
}

/// What is written in digits.
enum Written {
    Byte(u8),
    Char(char),
}

/// What a text begins with where that is written in digits, and its length.
fn written(text: &str) -> Option<(Written, usize)> {
    let code = |digits: &str, base| match digits.bytes().all(|digit| digit.is_ascii_alphanumeric()) {
        true => u32::from_str_radix(digits, base).ok(),
        false => None,
    };
    let char = |code: u32, length| Some((Written::Char(char::from_u32(code)?), length));
    match text.as_bytes() {
        [b'%', ..] => Some((Written::Byte(u8::try_from(code(text.get(1..3)?, 16)?).ok()?), 3)),
        // Nothing else: before a value of a form stands the same sign.
        [b'=', b'4', b'0', ..] => Some((Written::Byte(b'@'), 3)),
        [b'\\', b'u', ..] => char(code(text.get(2..6)?, 16)?, 6),
        [b'&', b'#', ..] => {
            let digits = &text[2..text.bytes().take(12).position(|byte| byte == b';')?];
            let (length, hex) = (digits.len() + 3, digits.strip_prefix(['x', 'X']));
            char(hex.map_or_else(|| code(digits, 10), |digits| code(digits, 16))?, length)
        }
        _ => None,
    }
}
