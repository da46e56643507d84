//! Guesses about keys that a source renamed.

use crate::entity::EntityType;
use crate::kind::Kind;
use crate::normalise::{self, Context};
use crate::value::Reading;
use serde_json::Value;

/// Names are taken for one another from this likeness on.
const LIKE: f64 = 0.85;

/// The attribute that the unmapped `key` most likely stands for, judged by its name and by whether the attribute's
/// kind can read `sample`, a value stated under it. `email_address` is `email`, `mobile_phone_number` is `phoneNumber`.
pub fn guess_attribute(entity: &EntityType, key: &str, sample: &Value) -> Option<String> {
    let reads = |kind: Kind| matches!(normalise::read_json(kind, sample, &Context::default()), Reading::Value(_));
    let likeness = |name: &str, kind: Kind| {
        let by_kind = if distinctive(kind) { likeness(key, kind.name()) } else { 0.0 };
        likeness(key, name).max(by_kind)
    };
    let candidates = entity.attributes.iter().filter(|attribute| sample.is_null() || reads(attribute.kind));
    let likely = candidates.map(|attribute| (likeness(&attribute.name, attribute.kind), attribute.name.as_str()));
    best(likely)
}

/// The key among `new_keys` that most likely replaces `gone`.
pub fn guess_key<'a>(gone: &str, new_keys: impl IntoIterator<Item = &'a str>) -> Option<String> {
    best(new_keys.into_iter().map(|key| (likeness(gone, key), key)))
}

/// The likeliest name; none where two are equally likely.
fn best<'a>(likely: impl Iterator<Item = (f64, &'a str)>) -> Option<String> {
    let mut likely: Vec<(f64, &str)> = likely.filter(|(likeness, _)| *likeness >= LIKE).collect();
    likely.sort_by(|a, b| b.0.total_cmp(&a.0));
    match likely[..] {
        [(first, name), (second, _), ..] if first > second => Some(name.to_owned()),
        [(_, name)] => Some(name.to_owned()),
        _ => None,
    }
}

/// Whether a kind's name says what a key is about.
fn distinctive(kind: Kind) -> bool {
    !matches!(kind, Kind::Date | Kind::Timestamp | Kind::Identifier | Kind::Number | Kind::Boolean | Kind::Text)
}

/// How alike two names are, 0 to 1: the same words, one's words all in the other, or a spelling close by.
fn likeness(a: &str, b: &str) -> f64 {
    let (first, second) = (words(a), words(b));
    let within = |few: &[String], many: &[String]| !few.is_empty() && few.iter().all(|word| many.contains(word));
    if first.concat() == second.concat() {
        1.0
    } else if within(&first, &second) || within(&second, &first) {
        0.95
    } else {
        strsim::jaro_winkler(&first.concat(), &second.concat()).min(0.94)
    }
}

/// The words of a key: `emailAddress`, `email_address` and `EMAIL-ADDRESS` are the same two.
fn words(key: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower = false;
    for letter in key.chars() {
        if !letter.is_alphanumeric() || lower && letter.is_uppercase() {
            words.push(String::new());
        }
        lower = letter.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_renamed_key_is_guessed_by_its_name_and_its_value() {
        let cases = [
            ("email_address", json!("a@example.com"), Some("email")),
            ("EmailAddress", json!("a@example.com"), Some("email")),
            ("e-mail", json!("a@example.com"), Some("email")),
            ("email_address", json!("yes"), None),
            ("phone", json!("+1 212 555 0123"), Some("phoneNumber")),
            ("phone_number", json!("+1 212 555 0123"), Some("phoneNumber")),
            ("mobilePhoneNumber", json!("+1 212 555 0123"), Some("phoneNumber")),
            ("first_name", json!("John"), Some("firstName")),
            ("last_name", json!("Doe"), Some("lastName")),
            ("family_name", json!("Doe"), Some("lastName")),
            ("birth_date", json!("1980-02-01"), Some("dateOfBirth")),
            ("street_address", json!("1 High Street"), Some("street")),
            ("post_code", json!("12345"), Some("postcode")),
            ("last_purchase_date", json!("2023-10-15T14:30:00Z"), Some("lastPurchaseDate")),
            ("loyalty_level", json!("gold"), None),
            ("name", json!("Doe"), None),
            ("x", json!("a@example.com"), None),
            ("", json!("a@example.com"), None),
        ];
        for (key, sample, expected) in cases {
            let guess = guess_attribute(&EntityType::customer(), key, &sample);
            assert_eq!(guess.as_deref(), expected, "{key}");
        }
    }

    #[test]
    fn a_gone_key_is_paired_with_its_likeliest_heir() {
        assert_eq!(guess_key("email", ["emails", "email_address", "phone"]).as_deref(), Some("email_address"));
        assert_eq!(guess_key("email", ["loyalty"]), None);
    }
}
