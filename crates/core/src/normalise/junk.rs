//! Values that say nothing, and values that name nobody.

use super::clean::{clean, fold};
use super::{read, Context};
use crate::kind::Kind;
use crate::value::{Reading, Value};
use std::borrow::Cow;

/// What people and programs write for "no value", folded.
const PLACEHOLDERS: [&str; 41] = [
    "n/a", "n.a.", "n.a", "#n/a", "#na", "null", "<null>", "(null)", "[null]", "\\n", "none", "(none)", "<none>",
    "undefined", "unknown", "(unknown)", "unspecified", "not available", "not applicable", "not provided", "not given",
    "not known", "not specified", "no data", "no value", "missing", "empty", "(empty)", "(blank)", "<blank>", "tbd",
    "tba", "tbc", "to be determined", "keine angabe", "k.a.", "unbekannt", "inconnu", "desconocido", "sconosciuto",
    "onbekend",
];

/// No placeholder has more bytes.
const LONGEST: usize = {
    let (mut longest, mut at) = (0, 0);
    while at < PLACEHOLDERS.len() {
        if PLACEHOLDERS[at].len() > longest {
            longest = PLACEHOLDERS[at].len();
        }
        at += 1;
    }
    longest
};

/// By length, which first letters placeholders have, whatever their case: most values are told from all by these two.
const BEGINNINGS: [u32; LONGEST + 1] = {
    let (lists, mut beginnings): ([&[&str]; 2], _) = ([&PLACEHOLDERS, &AMBIGUOUS], [0; LONGEST + 1]);
    let (mut list, mut at) = (0, 0);
    while list < lists.len() {
        while at < lists[list].len() {
            let word = lists[list][at].as_bytes();
            beginnings[word.len()] |= 1 << (word[0] & 31);
            at += 1;
        }
        (list, at) = (list + 1, 0);
    }
    beginnings
};

/// Placeholders that are also names (Na, Nan, Nil), codes (NA is Namibia, `nan` is Min Nan) or surnames.
const AMBIGUOUS: [&str; 5] = ["na", "nan", "nil", "unk", "blank"];

/// Whether `text` stands for "no value", such as `N/A`, `-`, `null`, `unknown`, `xxx` or nothing at all.
pub fn is_placeholder(text: &str) -> bool {
    // Longer than every placeholder.
    text.len() <= 256 && {
        let text = clean(text);
        let folded = without_marks(&text);
        is_unambiguous(&folded) || is_one_of(&folded, &AMBIGUOUS)
    }
}

/// Whether a text, folded but for the case of ASCII letters, is a placeholder of any kind.
fn is_unambiguous(folded: &str) -> bool {
    is_one_of(folded, &PLACEHOLDERS)
        || folded.chars().all(|c| {
            c.is_ascii_punctuation() && !matches!(c, '@' | '+' | '&' | '$' | '%') || matches!(c, ' ' | '–' | '—' | '…')
        })
        || (folded.len() >= 3 && folded.bytes().all(|byte| byte.eq_ignore_ascii_case(&b'x')))
}

fn is_one_of(folded: &str, words: &[&str]) -> bool {
    let first = folded.bytes().next().unwrap_or_default();
    BEGINNINGS.get(folded.len()).is_some_and(|letters| letters >> (first & 31) & 1 == 1)
        && words.iter().any(|word| word.eq_ignore_ascii_case(folded))
}

/// A text folded but for the case of ASCII letters.
fn without_marks(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(fold(text))
    }
}

/// Whether a cleaned text says nothing when read as `kind`.
pub(super) fn says_nothing(kind: Kind, text: &str) -> bool {
    if text.len() > 64 {
        return text.chars().all(|c| c.is_ascii_punctuation() || c == ' ');
    }
    let folded = without_marks(text);
    let words_only = matches!(
        kind,
        Kind::GivenName
            | Kind::FamilyName
            | Kind::FullName
            | Kind::City
            | Kind::Region
            | Kind::Country
            | Kind::Organization
            | Kind::Street
            | Kind::Locale
    );
    is_unambiguous(&folded) || (!words_only && is_one_of(&folded, &AMBIGUOUS))
}

/// Whether a canonical value is junk by form: readable, but naming nobody, so that two records sharing it share nothing.
///
/// Role mailboxes, test and filler values, one repeated digit, counted-up digits, default dates.
pub fn is_junk(kind: Kind, canonical: &str) -> bool {
    match kind {
        Kind::Email => is_junk_email(canonical),
        Kind::Phone => is_junk_phone(canonical),
        Kind::GivenName | Kind::FamilyName | Kind::FullName | Kind::Organization => is_junk_name(kind, canonical),
        Kind::Date => JUNK_DATES.contains(&canonical),
        Kind::Timestamp => canonical.strip_suffix("T00:00:00Z").is_some_and(|date| JUNK_DATES.contains(&date)),
        Kind::Postcode | Kind::Identifier => is_one_symbol(canonical, 3) || is_counting(canonical, 6),
        Kind::Street | Kind::City | Kind::Region | Kind::Text => {
            says_nothing(kind, canonical) || is_one_symbol(canonical, 3)
        }
        Kind::Country | Kind::Locale | Kind::Number | Kind::Boolean => false,
    }
}

/// Whether a text that its kind cannot read is no slip of a value, but what people put where they have none: `see above` for
/// an email, `0000-00-00` for a date.
pub(crate) fn is_filler(kind: Kind, text: &str) -> bool {
    match kind {
        Kind::Email => {
            let parts =
                text.rsplit_once('@').filter(|(local, host)| !local.trim().is_empty() && !host.trim().is_empty());
            parts.is_none() || is_junk_email(&text.to_lowercase())
        }
        Kind::Phone => {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            digits.len() < 5 || is_one_symbol(&digits, 1) || is_counting(&digits, 5)
        }
        Kind::Date => {
            let parts: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
            let zero = |part: &str| part.bytes().all(|digit| digit == b'0');
            match parts[..] {
                // The order of the three is known where the year comes first.
                [digits] if digits.len() == 8 => {
                    let century = digits.starts_with("19") || digits.starts_with("20");
                    zero(&digits[..4])
                        || zero(&digits[4..])
                        || century && (zero(&digits[4..6]) || zero(&digits[6..]))
                        || is_one_symbol(digits, 1)
                }
                [_, _, _, ..] => parts[..3].iter().any(|part| zero(part)) || is_one_symbol(&parts.concat(), 8),
                _ => parts.concat().len() < 8 || is_one_symbol(&parts.concat(), 1),
            }
        }
        _ => is_junk(kind, text),
    }
}

/// Whether an id names nobody by its form, so that two records that name it name nothing in common: a placeholder, zeros
/// (`0`, the UUID without a bit set), one symbol five times or more, counted-up digits. A number of an attribute is junk
/// sooner: ids are counted up, and 111 is somebody's.
pub fn is_junk_id(id: &str) -> bool {
    match read(Kind::Identifier, id, &Context::default()) {
        Reading::Value(Value { canonical, .. }) => {
            canonical.bytes().all(|byte| byte == b'0') || is_one_symbol(&canonical, 5) || is_counting(&canonical, 6)
        }
        Reading::Nothing => true,
        Reading::Unreadable => false,
    }
}

/// Dates that programs fill in.
const JUNK_DATES: [&str; 13] = [
    "0001-01-01", "1111-11-11", "1582-10-15", "1753-01-01", "1800-01-01", "1899-12-30", "1899-12-31", "1900-01-01",
    "1901-01-01", "1970-01-01", "2099-12-31", "2999-12-31", "9999-12-31",
];

/// Local parts, without separators and tag, of mailboxes that a role or nobody answers.
const ROLES: [&str; 83] = [
    "abuse", "accounting", "accounts", "admin", "administrator", "anonymous", "asdf", "billing", "booking", "bookings",
    "bounce", "bounces", "buero", "careers", "commercial", "compliance", "contact", "contacto", "contactus", "contato",
    "customercare", "customerservice", "customersupport", "donotreply", "dummy", "email", "enquiries", "enquiry",
    "example", "fake", "feedback", "finance", "frontdesk", "hello", "help", "helpdesk", "hostmaster", "hr", "info",
    "informacion", "information", "inquiries", "inquiry", "invoices", "it", "jobs", "kontakt", "legal", "mail",
    "mailbox", "mailerdaemon", "marketing", "media", "na", "newsletter", "nobody", "noc", "noemail", "noemailaddress",
    "nomail", "none", "noreply", "nospam", "notprovided", "null", "office", "orders", "payroll", "postmaster", "press",
    "privacy", "reception", "root", "sales", "security", "service", "support", "team", "test", "unknown", "vertrieb",
    "ventas", "webmaster",
];

fn is_junk_email(canonical: &str) -> bool {
    let Some((local, domain)) = canonical.rsplit_once('@') else { return false };
    let untagged = local.split_once('+').map_or(local, |(before, _)| before);
    let plain: String = untagged.chars().filter(|c| !matches!(c, '.' | '-' | '_')).collect();
    let numbered = plain.trim_end_matches(|c: char| c.is_ascii_digit());
    let host = domain.split('.').next().unwrap_or(domain);
    ROLES.contains(&plain.as_str())
        || matches!(numbered, "test" | "tester" | "testing" | "noemail" | "noreply" | "dummy" | "fake")
        || is_one_symbol(&plain, 3)
        // a@a.com, none@none.com, asdf@asdf.com
        || (local == host && local.len() <= 4)
        || domain.ends_with(".invalid")
        || matches!(host, "noemail" | "nomail" | "noreply" | "none" | "donotreply" | "noemailaddress")
}

fn is_junk_phone(canonical: &str) -> bool {
    let digits = canonical.strip_prefix('+').unwrap_or(canonical);
    let national = digits.get(super::phone::calling_code_length(digits)..).unwrap_or(digits);
    is_one_symbol(national, 1)
        || is_counting(national, 6)
        // 000-0000 under any area code of the North American plan.
        || (digits.starts_with('1') && national.ends_with("0000000"))
}

fn is_junk_name(kind: Kind, canonical: &str) -> bool {
    const NAMES: [&str; 27] = [
        "test", "tester", "testing", "test test", "test user", "testuser", "dummy", "unknown unknown", "anonymous",
        "asdf", "asdf asdf", "qwerty", "firstname", "first name", "lastname", "last name", "firstname lastname",
        "surname", "no name", "noname", "do not use", "deleted", "duplicate", "not known", "fnu", "lnu",
        "unknown caller",
    ];
    NAMES.contains(&canonical) || says_nothing(kind, canonical) || is_one_symbol(canonical, 3)
}

/// One character over and over, at least `least` times.
fn is_one_symbol(text: &str, least: usize) -> bool {
    let mut symbols = text.chars().filter(|c| *c != ' ');
    match symbols.next() {
        Some(first) => symbols.clone().all(|c| c == first) && symbols.count() + 1 >= least,
        None => false,
    }
}

/// At least `least` digits that count up or down by one: 123456789, 1234567890, 987654321.
fn is_counting(text: &str, least: usize) -> bool {
    let digits = text.as_bytes();
    if digits.len() < least || !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let steps = |by: u8| digits.windows(2).all(|pair| (pair[0] - b'0' + by) % 10 == pair[1] - b'0');
    steps(1) || steps(9)
}
