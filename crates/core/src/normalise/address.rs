//! Street, city and postcode.

use super::clean::{is_word, words};
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

/// A street line as folded words with the customary abbreviations: `12 North Main Street, Apartment 4B` →
/// `12 n main st apt 4b`.
pub fn street(text: &str) -> Option<String> {
    // The number sign is a unit marker, everything else that is no word separates.
    let marks = ['#', '№'];
    let words = if text.contains(marks) { words(&text.replace(marks, " apt "), &['.']) } else { words(text, &['.']) };
    let (mut canonical, mut before, mut boxed) = (String::with_capacity(words.len()), Cow::Borrowed(""), false);
    for word in words.split(' ') {
        let word = abbreviation(word).map_or_else(|| german(word), Cow::Borrowed);
        // `Apt # 4` names the unit twice.
        if word == "apt" && before == "apt" {
            continue;
        }
        if !canonical.is_empty() {
            canonical.push(' ');
        }
        canonical.push_str(&word);
        boxed |= word.starts_with("box");
        before = word;
    }
    // `P O Box` is one word.
    if boxed {
        canonical = canonical.replace("post office box", "po box").replace("p o box", "po box");
    }
    canonical.contains(is_word).then_some(canonical)
}

/// German streets carry the word for street as an ending: `Hauptstraße`, `Hauptstr.` → `hauptstr`.
fn german(word: &str) -> Cow<'_, str> {
    match word.strip_suffix("strasse").or_else(|| word.strip_suffix("strase")) {
        Some(stem) if !stem.is_empty() => Cow::Owned(format!("{stem}str")),
        _ => Cow::Borrowed(word),
    }
}

/// USPS Publication 28 appendices B and C1 for what is common, and the same for other languages.
fn abbreviation(word: &str) -> Option<&'static str> {
    Some(match word {
        "street" | "str" | "strasse" | "saint" | "sainte" | "santa" => "st",
        "avenue" | "av" | "aven" | "avenida" | "avda" => "ave",
        "boulevard" | "boul" | "bd" | "bvd" => "blvd",
        "road" => "rd",
        "drive" | "driv" | "doctor" => "dr",
        "lane" => "ln",
        "court" => "ct",
        "place" | "platz" | "plaza" | "plz" => "pl",
        "square" | "sqr" => "sq",
        "terrace" | "terr" => "ter",
        "parkway" | "pkway" | "parkwy" => "pkwy",
        "highway" | "hway" => "hwy",
        "expressway" => "expy",
        "freeway" => "fwy",
        "circle" | "circ" => "cir",
        "trail" => "trl",
        "turnpike" => "tpke",
        "crescent" | "cresc" => "cres",
        "gardens" => "gdns",
        "grove" => "grv",
        "heights" => "hts",
        "mount" => "mt",
        "mountain" => "mtn",
        "junction" => "jct",
        "crossing" => "xing",
        "center" | "centre" => "ctr",
        "point" => "pt",
        "ridge" => "rdg",
        "valley" => "vly",
        "village" => "vlg",
        "alley" => "aly",
        "route" | "rte" => "rt",
        "calle" => "c",
        "north" => "n",
        "south" => "s",
        "east" => "e",
        "west" => "w",
        "northeast" => "ne",
        "northwest" => "nw",
        "southeast" => "se",
        "southwest" => "sw",
        "apartment" | "appartement" | "apartamento" | "unit" | "flat" | "wohnung" | "whg" => "apt",
        "suite" => "ste",
        "floor" | "etage" => "fl",
        "building" => "bldg",
        "room" => "rm",
        "first" => "1st",
        "second" => "2nd",
        "third" => "3rd",
        "fourth" => "4th",
        "fifth" => "5th",
        "sixth" => "6th",
        "seventh" => "7th",
        "eighth" => "8th",
        "ninth" => "9th",
        "tenth" => "10th",
        _ => return None,
    })
}

/// A city as folded words: `St. Louis` and `Saint Louis` are one.
pub fn city(text: &str) -> Option<String> {
    let words = words(text, &['.']);
    let short = |word| match word {
        "saint" | "sankt" => "st",
        "sainte" => "ste",
        "mount" => "mt",
        "fort" => "ft",
        other => other,
    };
    let canonical = words.split(' ').map(short).collect::<Vec<_>>().join(" ");
    // A number alone is a postcode in the wrong column.
    canonical.contains(char::is_alphabetic).then_some(canonical)
}

/// Upper-case Latin letters and digits alone, at most twelve: `sw1a 1aa`, `SW1A-1AA` → `SW1A1AA`. A US ZIP+4 stays whole.
pub fn postcode(text: &str) -> Option<String> {
    let letters = |text: &mut dyn Iterator<Item = char>| -> String {
        text.filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_uppercase()).collect()
    };
    let canonical = if text.is_ascii() { letters(&mut text.chars()) } else { letters(&mut text.nfkc()) };
    let readable =
        (2..=12).contains(&canonical.len()) && canonical.is_ascii() && canonical.contains(|c: char| c.is_ascii_digit());
    readable.then_some(canonical)
}
