//! Emails and phones as people and links write them: which source ids are personal data by their form, and what a text carries.

use super::spelt::spelt_out;
use crate::kind::Kind;
use crate::normalise::{self, Context};

/// What stands before a phone: the schemes of links, and what a form's label says.
const LABELS: [&str; 16] = [
    "tel", "telephone", "telefon", "phone", "mobile", "mobil", "mob", "cell", "fax", "callto", "sms", "smsto", "sip",
    "sips", "whatsapp", "viber",
];
/// What stands before an extension.
const EXTENSIONS: [&str; 5] = ["extension", "extn", "ext", "x", "#"];
/// What stands between the digits of a phone.
const BETWEEN: &str = " ()-./";
/// The digits of the longest number that may be a phone, with an extension behind it.
const LONGEST: usize = 25;

/// Whether a source id is, or carries, an email, or a phone as people write it: with `+`, in groups, or named one
/// (`tel:`). Bare digits are a number like any other. It is asked of the id alone: a region may change, and under which name a
/// record is known must not.
pub(super) fn is_personal(id: &str) -> bool {
    // Most ids are.
    if id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return false;
    }
    let id = normalise::typed(&spelt_out(id));
    emails(&id).next().is_some() || has_international(&id) || is_national(&id)
}

/// The emails that a text is or carries: itself, its words, what is left of one without a number behind, or what stands
/// within other signs.
pub(super) fn emails(text: &str) -> impl Iterator<Item = String> + '_ {
    let between = |c: char| c.is_whitespace() || "()<>[]{},;:|/\\#\"'?&=".contains(c);
    let counted = move |word: &str| {
        let mut rest = word.trim_end_matches(|c: char| c.is_ascii_digit());
        rest = rest.trim_end_matches(['-', '.', '_', '+', '~', '!', '*']);
        email(rest).filter(|_| rest != word)
    };
    let addresses = text.split(between).filter(|word| word.contains('@'));
    let carried = addresses.filter_map(move |word| email(word).or_else(|| counted(word)));
    let whole = text.contains('@').then(|| email(text)).flatten();
    whole.into_iter().chain(carried).chain(text.match_indices('@').flat_map(|(at, _)| around(text, at)))
}

/// The emails around an `@`, as far as letters and the usual signs of an address reach: letters of any script, or of ASCII
/// alone, as where a sentence without blanks goes on; and without the signs that it is set in (`_a@b.de_`).
fn around(text: &str, at: usize) -> impl Iterator<Item = String> + '_ {
    let letters: [fn(char) -> bool; 2] = [char::is_alphanumeric, |c| c.is_ascii_alphanumeric()];
    letters.into_iter().flat_map(move |letter| {
        let (before, behind) = (&text[..at], &text[at + 1..]);
        let local = &before[before.trim_end_matches(|c| letter(c) || "._%+-'".contains(c)).len()..];
        let domain = &behind[..behind.len() - behind.trim_start_matches(|c| letter(c) || ".-".contains(c)).len()];
        let domain = domain.trim_end_matches(['.', '-']);
        let set_in = local.trim_start_matches(|c| !letter(c));
        [local, set_in].into_iter().filter_map(move |local| email(&format!("{local}@{domain}")))
    })
}

fn email(text: &str) -> Option<String> {
    normalise::normalize(Kind::Email, text, &Context::default())
}

/// What a text has that may be phones: itself, and the numbers in it, in groups, beside each other or not.
pub(super) fn numbers(text: &str) -> impl Iterator<Item = &str> {
    let grouped = |c: char| c.is_ascii_digit() || c == '+' || BETWEEN.contains(c);
    let one_of_two = move |c: char| grouped(c) && c != '/';
    let bare = |c: char| c.is_ascii_digit() || c == '+';
    let all = text.split(move |c| !grouped(c)).chain(text.split(move |c| !one_of_two(c)));
    let all = all.chain(text.split(move |c| !bare(c)));
    std::iter::once(text).chain(all).filter(|number| (7..=LONGEST).contains(&digits(number)))
}

/// Whether it has a `+`, behind no letter or digit, and then as many digits as a phone has.
fn has_international(id: &str) -> bool {
    id.match_indices('+').any(|(at, _)| {
        let begins = !id[..at].ends_with(char::is_alphanumeric);
        let number = id[at + 1..].split(|c: char| !c.is_ascii_digit() && !BETWEEN.contains(c)).next();
        begins && number.is_some_and(|number| (8..=15).contains(&digits(number)))
    })
}

/// Whether it is a phone in groups of digits, or with a label, and nothing else but an extension or a note.
fn is_national(id: &str) -> bool {
    let id = id.to_lowercase();
    let (labelled, number) = match id.find(|c: char| !c.is_alphabetic()) {
        Some(end) if LABELS.contains(&&id[..end]) && id[end..].starts_with(['.', ':', ' ']) => {
            (true, id[end..].trim_start_matches(['.', ':', ' ', '/']))
        }
        _ => (false, id.as_str()),
    };
    let number = number.split(['@', '?', ';']).next().unwrap_or_default();
    let number = without_extension(without_note(number));
    if !number.chars().all(|c| c.is_ascii_digit() || BETWEEN.contains(c)) {
        return false;
    }
    match digits(number) {
        7..=15 if labelled || has_area_code(number) => true,
        10..=11 if has_american_groups(number) => {
            normalise::normalize(Kind::Phone, number, &Context::default()).is_some()
        }
        // As it is dialled from abroad.
        12..=17 => number.starts_with("00") && number.contains(|c| BETWEEN.contains(c)),
        _ => false,
    }
}

/// Whether it begins with an area code in parentheses, as most countries write one: `(089) 123456`.
fn has_area_code(number: &str) -> bool {
    let code = number.strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or("", |(code, _)| code);
    code.bytes().all(|byte| byte.is_ascii_digit())
        && matches!((code.len(), code.starts_with('0')), (2..=3, _) | (4..=5, true))
}

/// Whether it is in groups as people write a North American number, perhaps behind a `1`: the area of three digits by itself, or
/// with the exchange. `2024-001234`, an id with its year, has none of these.
fn has_american_groups(number: &str) -> bool {
    let mut groups = number.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).peekable();
    let country = groups.next_if_eq(&"1").is_some();
    let lengths: Vec<usize> = match groups.peek() {
        Some(first) if !country && first.len() == 4 && first.starts_with('1') => {
            std::iter::once(3).chain(groups.skip(1).map(str::len)).collect()
        }
        _ => groups.map(str::len).collect(),
    };
    matches!(lengths[..], [3, _, ..] | [6, 4])
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// `206-555-0143 (home)` without the words in parentheses at its end.
fn without_note(number: &str) -> &str {
    match number.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')) {
        Some((number, note)) if digits(note) == 0 => number.trim_end(),
        _ => number,
    }
}

/// `206-555-0143 x5` without its extension.
fn without_extension(number: &str) -> &str {
    let before = number.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches(['.', ':', '=', ' ']);
    match EXTENSIONS.iter().find_map(|word| before.strip_suffix(word)) {
        Some(rest) if before.len() < number.len() => rest.trim_end_matches([' ', ',', ';']),
        _ => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails_and_phones_are_known_in_every_form_that_is_read() {
        for id in [
            "ann@example.com",
            " Ann@Example.com ",
            "mailto:ann@example.com",
            "mailto:ann@example.com?subject=hi",
            "Ann Ash <ann@example.com>",
            "ann@example.com (work)",
            "ann@example.com#2",
            "ann@example.com-2",
            "ann@example.com.2",
            "ann@example.com_2",
            "xmpp:ann@example.com",
            "sip:ann@example.com:5060",
            "CRM|ann@example.com",
            "crm/ann@example.com/7",
            "ann＠example.com",
            "ａｎｎ@example.com",
            "ann@exämple.de",
            "12065550143@c.us",
            "+1 206 555 0143",
            "+12065550143",
            "(206) 555-0143",
            "206-555-0143",
            "206.555.0143",
            "tel:+12065550143",
            "TEL:+1-206-555-0143;ext=5",
            "whatsapp:+12065550143",
            "callto:+12065550143",
            "sip:+12065550143@gw",
            "sip:12065550143@gw",
            "tel:2065550143",
            "tel://2065550143",
            "Tel. 206 555 0143",
            "sms:12065550143?body=x",
            "+1-206-555-0143 x5",
            "206-555-0143 ext. 5",
            "206-555-0143 (home)",
            "＋１２０６５５５０１４３",
            "２０６-５５５-０１４３",
            "+٤٧٢٢١٢٣٤٥٦",
            "+1\u{a0}206\u{2011}555\u{2011}0143",
            "206–555–0143",
            "CRM:+12065550143",
            "\u{202a}+12065550143\u{202c}",
            "0047 22 12 34 56",
            "+47 22 12 34 56 (work)",
            "mailto:ann%40example.com",
            "https://crm.example/contact?mail=ann%40example.com&n=1",
            "tel:%2B12065550143",
            "%2B47%2022%2012%2034%2056",
            "(91) 123 45 67",
            "(089) 123456",
            "(01234) 567890",
            "(022)1234567",
            "(0341) 15-123-4567 ext. 2",
            "“ann@example.com”",
            "206·555·0143",
            "1206-555-0143",
            "1206 555 0143",
            "206555-0143",
            "1-206-5550143",
        ] {
            assert!(is_personal(id), "{id}");
        }
    }

    #[test]
    fn ordinary_ids_are_not_taken_for_personal_data() {
        for id in [
            "",
            "7",
            "2065550143",
            "12065550143",
            "１２０６５５５０１４３",
            "0015000000ABCDEF",
            "web|00001",
            "2024-01-10",
            "a@b",
            "ann@host",
            "@annash",
            "INV-206-555-0143",
            "CRM-2024-000123",
            "CRM:2065550143",
            "+1",
            "pii:00112233445566778899aabbccddeeff",
            "123e4567-e89b-12d3-a456-426614174000",
            "12345678-1234-1234-1234-123456789012",
            "2024-01-10T12:00:00+01:00",
            "pkg@1.2.3",
            "AbC+12345678901/xyz=",
            "urn:isbn:9780306406157",
            "x5",
            "tel",
            "tel:5",
            "customer/000123",
            "1234-5678-9012-3456",
            "mobile-app-20240110",
            "m 20240110123",
            "SMS-20240110",
            "FAX-12345678",
            "4711-0815",
            "2024-001234",
            "0171",
            "(0171)",
            "(2024) 001234",
            "(1) 234567",
            "(12-34) 5678",
            "601 234 567",
            "0171-12345678",
            "50%25 20240110",
            "100%",
        ] {
            assert!(!is_personal(id), "{id}");
        }
    }
}
