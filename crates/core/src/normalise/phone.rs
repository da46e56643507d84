//! Telephone numbers, read by `rlibphonenumber`, a port of Google's libphonenumber with its metadata.

use super::clean::digit;
use rlibphonenumber::{enums::Region, PhoneNumber, PhoneNumberFormat, PHONE_NUMBER_UTIL};

/// The E.164 form, without extension: `(202) 555-0173` in the US → `+12025550173`.
///
/// A number that no plan knows is `+`, country digits, digits, without what is dialled before it at home, so that two
/// of its spellings still meet: `555-0198` and `+1-555-0198` → `+15550198`. It must have five digits after the country's
/// and no letters but a label (`Tel.`) or an extension; vanity letters count as digits in a number that a plan knows.
pub fn read(text: &str, region: &str) -> Option<String> {
    if text.contains('@') {
        return None;
    }
    let text = without_note(without_label(text));
    let region: Option<Region> = region.parse().ok();
    let Ok(number) = PHONE_NUMBER_UTIL.parse(text, region) else {
        return unknown_country(text);
    };
    if is_valid(&number) {
        return Some(e164(&number));
    }
    // `00` is dialled before a country's code in most of the world, and written elsewhere too.
    let abroad = text.strip_prefix("00").filter(|rest| !rest.starts_with('0'));
    let elsewhere = abroad.and_then(|abroad| PHONE_NUMBER_UTIL.parse(format!("+{abroad}"), None).ok());
    match elsewhere.filter(is_valid) {
        Some(number) => Some(e164(&number)),
        None => settled(number).filter(|number| is_plain(text, number)).map(|number| e164(&number)),
    }
}

/// What is left of an unplanned number when reading its international form changes it no more: libphonenumber drops one
/// prefix a time, and `+61 0 0123456` must meet `+61 0123456`.
fn settled(mut number: PhoneNumber) -> Option<PhoneNumber> {
    // Each round drops a digit or is the last.
    for _ in 0..20 {
        let again = PHONE_NUMBER_UTIL.parse(e164(&number), None).ok()?;
        if e164(&again) == e164(&number) {
            return Some(number);
        }
        number = PhoneNumber { extension: number.extension, ..again };
    }
    None
}

/// Whether a plan knows the number. The first region of a country's code is the first that libphonenumber looks into, and
/// then into the one it found again: to ask whether it is that one gives most answers at half the cost.
fn is_valid(number: &PhoneNumber) -> bool {
    let first = PHONE_NUMBER_UTIL.get_region_for_country_code(number.country_code);
    first.is_some_and(|region| number.is_valid_for_region(region)) || number.is_valid()
}

fn e164(number: &PhoneNumber) -> String {
    number.format_as(PhoneNumberFormat::E164).into_owned()
}

/// Whether the text is a number and nothing else, so that it is read even where no plan knows it.
fn is_plain(text: &str, number: &PhoneNumber) -> bool {
    let letters = number.extension.is_none() && text.chars().any(char::is_alphabetic);
    let digits = e164(number).len() - 1;
    !letters && digits >= 5 + number.country_code.to_string().len()
}

/// `030 123456 (home)` without the words in parentheses at its end.
fn without_note(text: &str) -> &str {
    match text.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')) {
        Some((number, note)) if note.chars().all(|c| c.is_alphabetic() || c == ' ') => number.trim_end(),
        _ => text,
    }
}

/// `Tel.: 030 123456` without its label.
fn without_label(text: &str) -> &str {
    const LABELS: [&str; 17] = [
        "tel", "telephone", "telefono", "telefone", "telefon", "phone", "ph", "mobile", "mobil", "mob", "cell",
        "handy", "fax", "home", "work", "office", "m",
    ];
    match text.char_indices().find(|(_, c)| !c.is_alphabetic()) {
        Some((end, _)) if end > 0 && LABELS.contains(&text[..end].to_lowercase().as_str()) => {
            text[end..].trim_start_matches(['.', ':', ' '])
        }
        _ => text,
    }
}

/// `+` and the digits of an international number whose country code nobody has: seven to fifteen digits.
fn unknown_country(text: &str) -> Option<String> {
    let number = text.strip_prefix(['+', '＋'])?;
    if number.chars().any(|c| c.is_alphabetic() || matches!(c, '+' | '＋')) {
        return None;
    }
    let digits: String = number.chars().filter_map(digit).collect();
    ((7..=15).contains(&digits.len()) && !digits.starts_with('0')).then(|| format!("+{digits}"))
}

/// Whether a numbering plan knows the E.164 number.
pub fn is_planned(e164: &str) -> bool {
    PHONE_NUMBER_UTIL.parse(e164, None).is_ok_and(|number| is_valid(&number))
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_number_is_valid_where_libphonenumber_says_so(code in 1_u32..1000, national in 1_u64..1_000_000_000_000) {
            for national in [national, national / 100, national / 10_000] {
                if let Ok(number) = PHONE_NUMBER_UTIL.parse(format!("+{code}{national}"), None) {
                    prop_assert_eq!(is_valid(&number), number.is_valid());
                }
            }
        }
    }
}
