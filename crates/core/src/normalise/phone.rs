//! Telephone numbers.

use super::clean::digit;

/// The E.164 form of a number, or `+`, country digits, digits where no plan knows it.
pub fn read(text: &str, region: &str) -> Option<String> {
    let digits: String = text.chars().filter_map(digit).collect();
    if digits.len() < 4 || digits.len() > 12 {
        return None;
    }
    if let Some(number) = phonelib::PhoneNumber::parse_with_country(text, region) {
        return Some(number.e164().to_string());
    }
    if text.starts_with('+') {
        return Some(format!("+{digits}"));
    }
    let country = phonelib::country_by_code(region)?;
    Some(format!("+{}{digits}", country.prefix))
}

/// Whether a numbering plan knows the E.164 number.
pub fn is_planned(e164: &str) -> bool {
    phonelib::PhoneNumber::parse(e164).is_some()
}

/// How many of the digits of an international number are the country calling code (ITU-T E.164 annex: the codes are
/// free of prefixes).
pub fn calling_code_length(digits: &str) -> usize {
    match digits.as_bytes() {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4' | b'6', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => 2,
        _ => 3,
    }
}
