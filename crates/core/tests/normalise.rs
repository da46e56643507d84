//! What each kind reads, by example; and what must hold for every text, by generated ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use golden_record_core::kind::Kind;
use golden_record_core::normalise::{self, Context, DateOrder};
use golden_record_core::value::{Reading, TIMES};
use proptest::prelude::*;

/// Asserts the canonical form of each text; `-` stands for nothing or unreadable.
fn reads(kind: Kind, region: &str, expected: &[(&str, &str)]) {
    let context = Context { region, ..Context::default() };
    for (text, canonical) in expected {
        let got = normalise::normalize(kind, text, &context);
        assert_eq!(got.as_deref().unwrap_or("-"), *canonical, "{} {text:?}", kind.name());
    }
}

#[test]
fn emails() {
    reads(
        Kind::Email,
        "US",
        &[
            (" John.Doe@Example.COM ", "john.doe@example.com"),
            ("john.doe@example.com", "john.doe@example.com"),
            ("mailto:John@example.com?subject=x", "john@example.com"),
            ("John Doe <john@example.com>", "john@example.com"),
            ("<john@example.com>;", "john@example.com"),
            ("john+news@example.com", "john+news@example.com"),
            ("jürgen@müller.de", "jürgen@xn--mller-kva.de"),
            ("JU\u{308}RGEN@xn--mller-kva.de", "jürgen@xn--mller-kva.de"),
            ("a@b", "-"),
            ("a@b@c.de", "-"),
            ("john doe@example.com", "-"),
            (".john@example.com", "-"),
            ("john..doe@example.com", "-"),
            ("john@exa_mple.com", "-"),
            ("john@-example.com", "-"),
            ("john@example.123", "-"),
            ("john@example.com, jane@example.com", "-"),
            ("N/A", "-"),
        ],
    );
}

#[test]
fn phones() {
    reads(
        Kind::Phone,
        "US",
        &[
            ("(555) 123-4567", "+15551234567"),
            ("+15551234567", "+15551234567"),
            ("+1-555-0198", "+15550198"),
            ("555-0198", "+15550198"),
            ("+1 650 253 0000", "+16502530000"),
            ("650.253.0000", "+16502530000"),
            ("650-253-0000 ext. 12", "+16502530000"),
            ("1-800-FLOWERS", "+18003569377"),
            ("011 49 30 123456", "+4930123456"),
            ("0049 30 123456", "+4930123456"),
            ("tel:+1-650-253-0000", "+16502530000"),
            ("Phone: 650 253 0000 (home)", "+16502530000"),
            ("１６５０２５３００００", "+16502530000"),
            ("+٤٩ ٣٠ ١٢٣٤٥٦", "+4930123456"),
            ("000-0000", "+10000000"),
            ("+999 123 45678", "+99912345678"),
            // No plan knows them: from five digits on after the code of the country.
            ("+1 55501", "+155501"),
            ("+1 5550", "-"),
            ("911", "-"),
            ("Suite 12345", "-"),
            ("john1110@example.com", "-"),
            ("650 253 0000 / 650 253 0001", "-"),
            ("n/a", "-"),
            ("", "-"),
        ],
    );
    reads(Kind::Phone, "DE", &[("030 123456", "+4930123456"), ("+49 (0)30 123456", "+4930123456")]);
    reads(Kind::Phone, "IT", &[("02 3661 8300", "+390236618300"), ("+39 02 3661 8300", "+390236618300")]);
    reads(Kind::Phone, "BR", &[("0 15 11 96123-4567", "+5511961234567")]);
    reads(Kind::Phone, "ZZ", &[("650 253 0000", "-"), ("+1 650 253 0000", "+16502530000")]);
}

#[test]
fn names() {
    reads(
        Kind::GivenName,
        "US",
        &[
            ("  JOSÉ ", "jose"),
            ("Jose\u{301}", "jose"),
            ("Anna-Maria", "anna maria"),
            ("Dr. Anna", "anna"),
            ("J.", "j"),
            ("Na", "na"),
            ("王小明", "王小明"),
            ("N/A", "-"),
            ("123", "-"),
            ("john@example.com", "-"),
        ],
    );
    reads(
        Kind::FamilyName,
        "US",
        &[
            ("O’Brien", "obrien"),
            ("O'BRIEN", "obrien"),
            ("Smith, Jr.", "smith jr"),
            ("Smith Junior", "smith jr"),
            ("Smith III", "smith iii"),
            ("Weiß", "weiss"),
            ("Łukasz", "lukasz"),
        ],
    );
    reads(
        Kind::FullName,
        "US",
        &[
            ("Dr. O’Brien, José", "jose obrien"),
            ("Müller, Dr. Hans", "hans muller"),
            ("Hans Müller, Dr. med.", "hans muller"),
            ("Prof. Dr. h.c. Hans Müller M.Sc.", "hans muller"),
            ("Dipl.-Ing. Hans Müller", "hans muller"),
            ("Dr. rer. nat. Hans Müller", "hans muller"),
            ("Dr. Phil Miller", "phil miller"),
            ("John Smith, Sr.", "john smith sr"),
            ("Doe, Sr., John", "john doe sr"),
            ("Sr. Juan García", "juan garcia"),
            ("Sr. Dr. Juan García", "juan garcia"),
            ("García, Sr. Juan", "juan garcia"),
            ("Sr. García", "sr garcia"),
            ("Tan, Ing", "ing tan"),
            ("Mr. Ing Tan", "ing tan"),
            ("Doe, Mag", "mag doe"),
            ("Mag. Hans Huber", "hans huber"),
            ("Dr. phil. Hans Müller", "hans muller"),
            ("Doe, John", "john doe"),
            ("Mr. John Doe", "john doe"),
            ("John Doe Jr.", "john doe jr"),
            ("John Doe, Jr.", "john doe jr"),
            ("Doe Jr., John", "john doe jr"),
            ("William (Bill) Gates", "william gates"),
            ("John Doe, PhD", "john doe"),
        ],
    );
    assert_eq!(normalise::full_name(Some("john"), Some("doe"), None).as_deref(), Some("john doe"));
    assert_eq!(normalise::full_name(Some("john"), None, Some("j doe")).as_deref(), Some("j doe"));
    assert_eq!(normalise::full_name(Some("john"), None, None), None);
}

#[test]
fn dates() {
    reads(
        Kind::Date,
        "US",
        &[
            ("1956-04-09", "1956-04-09"),
            ("19560409", "1956-04-09"),
            ("4/9/1956", "1956-04-09"),
            ("04/09/56", "1956-04-09"),
            ("13/04/1956", "1956-04-13"),
            ("04.13.1956", "1956-04-13"),
            ("9 April 1956", "1956-04-09"),
            ("April 9th, 1956", "1956-04-09"),
            ("9-Apr-56", "1956-04-09"),
            ("9. März 1956", "1956-03-09"),
            ("lunes, 9 de abril de 1956", "-"),
            ("9 de abril de 1956", "1956-04-09"),
            ("1956-04-09T00:00:00Z", "1956-04-09"),
            ("1956/4/9", "1956-04-09"),
            ("1/1/26", "2026-01-01"),
            ("1/1/27", "1927-01-01"),
            ("2023-02-30", "-"),
            ("2023-02-29", "-"),
            ("31/12", "-"),
            ("1956", "-"),
            ("1956-04-09 or so", "-"),
            ("13/13/1956", "-"),
        ],
    );
    let day_first = Context { date_order: DateOrder::DayFirst, ..Context::default() };
    assert_eq!(normalise::normalize(Kind::Date, "4/9/1956", &day_first).as_deref(), Some("1956-09-04"));
    assert_eq!(normalise::normalize(Kind::Date, "1956-04-09", &day_first).as_deref(), Some("1956-04-09"));
}

#[test]
fn timestamps() {
    reads(
        Kind::Timestamp,
        "US",
        &[
            ("2023-10-15T14:30:00Z", "2023-10-15T14:30:00Z"),
            ("2023-10-15 16:30:00.250+02:00", "2023-10-15T14:30:00.25Z"),
            ("2023-10-15T14:30Z", "2023-10-15T14:30:00Z"),
            ("20231015T143000Z", "2023-10-15T14:30:00Z"),
            ("10/15/2023 2:30 PM", "2023-10-15T14:30:00Z"),
            ("Sun, 15 Oct 2023 14:30:00 +0000", "2023-10-15T14:30:00Z"),
            ("2023-10-15", "2023-10-15T00:00:00Z"),
            ("1697380200", "2023-10-15T14:30:00Z"),
            ("1697380200123", "2023-10-15T14:30:00.123Z"),
            ("2023-10-15T14:30:00[Europe/Berlin]", "2023-10-15T12:30:00Z"),
            ("2023-10-15T24:00:00Z", "2023-10-16T00:00:00Z"),
            // The last day that there is: "valid until further notice".
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
            ("9999-12-31 23:59:59+00:00", "9999-12-31T23:59:59Z"),
            ("12/31/9999 11:59:59 PM", "9999-12-31T23:59:59Z"),
            ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
            ("9999-12-31", "9999-12-31T00:00:00Z"),
            ("9999-12-31T00:00:00[America/New_York]", "9999-12-31T05:00:00Z"),
            ("9999-12-31T23:59:59-01:00", "-"),
            ("9999-12-31T24:00:00Z", "-"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("0001-01-01T00:00:00+01:00", "-"),
            ("2023-02-30T10:00:00Z", "-"),
            ("2023-10-15T25:00:00Z", "-"),
            ("2023-10-15T14:30:00 Nowhere/At_All", "-"),
        ],
    );
    let at = |text, zone| normalise::timestamp(text, zone);
    assert_eq!(at("1970-01-01T00:00:01Z", "UTC"), Some(1_000_000));
    assert_eq!(at("2023-07-01T12:00:00", "Europe/Berlin"), at("2023-07-01T10:00:00Z", "UTC"));
    // An hour that clocks repeat or skip is told by the offset before the change.
    assert_eq!(at("2023-10-29T02:30:00", "Europe/Berlin"), at("2023-10-29T00:30:00Z", "UTC"));
    assert_eq!(at("2023-03-26T02:30:00", "Europe/Berlin"), at("2023-03-26T01:30:00Z", "UTC"));
    assert_eq!(at("2023-07-01T12:00:00", "+02:00"), at("2023-07-01T10:00:00Z", "UTC"));
    assert_eq!(at("9999-12-31T23:59:59.999999Z", "UTC"), Some(*TIMES.end()));
    assert_eq!(at("0001-01-01T00:00:00Z", "UTC"), Some(*TIMES.start()));
    assert_eq!(at("2023-02-30", "UTC"), None);
    assert_eq!(at("2023-02-30T00:00:00Z", "UTC"), None);
    assert_eq!(at("10/15/2023", "UTC"), None);
    assert_eq!(at("1697380200", "UTC"), None);
    assert_eq!(at("", "UTC"), None);
    assert_eq!(at("2023-10-15T14:30:00.123456789Z", "UTC"), at("2023-10-15T14:30:00.123456Z", "UTC"));
}

#[test]
fn addresses() {
    reads(
        Kind::Street,
        "US",
        &[
            ("12 North Main Street, Apartment 4B", "12 n main st apt 4b"),
            ("12 N. Main St #4B", "12 n main st apt 4b"),
            ("Hauptstraße 5", "hauptstr 5"),
            ("Hauptstr. 5", "hauptstr 5"),
            ("P.O. Box 12", "po box 12"),
            ("Post Office Box 12", "po box 12"),
        ],
    );
    reads(Kind::City, "US", &[("St. Louis", "st louis"), ("Saint Louis", "st louis"), ("12345", "-")]);
    reads(Kind::Postcode, "GB", &[("sw1a 1aa", "SW1A1AA"), ("SW1A-1AA", "SW1A1AA"), ("unknown", "-")]);
    reads(Kind::Region, "US", &[("california", "CA"), ("CA", "CA"), ("US-CA", "CA"), ("Bavaria", "bavaria")]);
    reads(Kind::Region, "DE", &[("Bayern", "bayern")]);
    reads(
        Kind::Country,
        "US",
        &[
            ("US", "US"),
            ("USA", "US"),
            ("840", "US"),
            ("United States of America", "US"),
            ("the netherlands", "NL"),
            ("UK", "GB"),
            ("England", "GB"),
            ("Deutschland", "DE"),
            ("NA", "NA"),
            ("Bolivia", "BO"),
            ("Côte d'Ivoire", "CI"),
            ("Türkiye", "TR"),
            ("South Korea", "KR"),
            ("British Virgin Islands", "VG"),
            ("Virgin Islands", "-"),
            ("Atlantis", "-"),
            ("ZZ", "-"),
        ],
    );
}

#[test]
fn other_kinds() {
    reads(
        Kind::Organization,
        "US",
        &[
            ("ACME, Incorporated", "acme inc"),
            ("Acme Inc.", "acme inc"),
            ("Smith & Sons Ltd.", "smith and sons ltd"),
            ("Müller G.m.b.H.", "muller gmbh"),
            ("The Boring Company", "boring co"),
        ],
    );
    reads(Kind::Identifier, "US", &[("ab-12 34", "AB1234"), ("---", "-")]);
    reads(
        Kind::Locale,
        "US",
        &[
            ("en-US", "en-US"),
            ("EN_us.UTF-8", "en-US"),
            ("zh_hans_cn", "zh-Hans-CN"),
            ("es-419", "es-419"),
            ("German", "de"),
            ("nan", "nan"),
            ("x", "-"),
        ],
    );
    reads(
        Kind::Number,
        "US",
        &[
            ("1,234.50", "1234.5"),
            ("1.234,50", "1234.5"),
            ("-0.0", "0"),
            ("1e3", "1000"),
            ("1.5e-3", "0.0015"),
            ("007", "7"),
            ("1,234", "1234"),
            ("1,5", "1.5"),
            ("1e1000000", "-"),
            ("1e99999999999999999999", "-"),
            ("1e9223372036854775807", "-"),
            ("1e-9223372036854775808", "-"),
            ("12a", "-"),
            ("1,23,4", "-"),
        ],
    );
    assert_eq!(normalise::normalize(Kind::Number, "1e308", &Context::default()).unwrap().len(), 309);
    reads(Kind::Boolean, "US", &[("Yes", "true"), ("0", "false"), ("maybe", "-")]);
    reads(Kind::Text, "US", &[(" Hello  World ", "hello world")]);
}

#[test]
fn json() {
    let read = |kind, json: &str| normalise::read_json(kind, &serde_json::from_str(json).unwrap(), &Context::default());
    let canonical = |reading: Reading| match reading {
        Reading::Value(value) => value.canonical.to_string(),
        other => format!("{other:?}"),
    };
    assert_eq!(canonical(read(Kind::Number, "1e400")), "Unreadable");
    assert_eq!(canonical(read(Kind::Number, "12345678901234567890.10")), "12345678901234567890.1");
    assert_eq!(canonical(read(Kind::Boolean, "true")), "true");
    assert_eq!(canonical(read(Kind::Phone, "6502530000")), "+16502530000");
    assert_eq!(read(Kind::Text, "null"), Reading::Nothing);
    assert_eq!(read(Kind::Text, "{}"), Reading::Unreadable);
    assert_eq!(read(Kind::Text, "[1]"), Reading::Unreadable);
}

#[test]
fn nothing_and_unreadable() {
    let context = Context::default();
    for text in ["", "   ", "-", "N/A", "null", "NULL", "unknown", "None", "?", "xxx", "\u{200b}"] {
        assert!(normalise::is_placeholder(text), "{text:?}");
        assert_eq!(normalise::read(Kind::Email, text, &context), Reading::Nothing, "{text:?}");
    }
    assert_eq!(normalise::read(Kind::Date, "2023-02-30", &context), Reading::Unreadable);
    let long = "a".repeat(10_000_000);
    for kind in Kind::ALL {
        assert_eq!(normalise::read(kind, &long, &context), Reading::Unreadable);
    }
}

#[test]
fn junk() {
    for (kind, value) in [
        (Kind::Email, "info@example.com"),
        (Kind::Email, "no-reply@example.com"),
        (Kind::Email, "none@none.com"),
        (Kind::Email, "test1@example.com"),
        (Kind::Phone, "+10000000"),
        (Kind::Phone, "+15555555555"),
        (Kind::Phone, "+11234567890"),
        (Kind::Phone, "+490000000"),
        (Kind::GivenName, "test"),
        (Kind::Date, "1900-01-01"),
        (Kind::Postcode, "00000"),
        (Kind::Identifier, "123456789"),
    ] {
        assert!(normalise::is_junk(kind, value), "{} {value}", kind.name());
    }
    for (kind, value) in [
        (Kind::Email, "john.doe@example.com"),
        (Kind::Email, "information.officer@example.com"),
        (Kind::Phone, "+15550198"),
        (Kind::Phone, "+15551234567"),
        (Kind::Phone, "+16502530000"),
        (Kind::GivenName, "john"),
        (Kind::GivenName, "na"),
        (Kind::Date, "1956-04-09"),
        (Kind::Postcode, "10115"),
    ] {
        assert!(!normalise::is_junk(kind, value), "{} {value}", kind.name());
    }
    for id in
        ["N/A", "-", "NaN", "0", "000", "00000000-0000-0000-0000-000000000000", "xxx", "11111", "123456", "9876543210"]
    {
        assert!(normalise::is_junk_id(id), "{id}");
    }
    for id in ["1", "111", "12345", "1024", "CUST_849201", "0015000000ABCDEF", "E1", "x1"] {
        assert!(!normalise::is_junk_id(id), "{id}");
    }
}

/// Texts near what the kinds read, and anything else.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "\\PC{0,40}",
        "[ -~]{0,30}",
        "[a-zA-ZÀ-ž .,'’()\"-]{0,30}",
        "[+0-9 ().x-]{0,20}",
        "[a-zA-Z0-9.+_ß]{1,12}@[a-zA-Z0-9.ü-]{1,20}\\.[a-z]{2,4}",
        "[0-9]{1,4}[-/. ][0-9]{1,2}[-/. ][0-9]{1,4}([ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?",
        "-?[0-9.,]{1,12}(e[+-]?[0-9]{1,4})?",
    ]
}

fn any_kind() -> impl Strategy<Value = Kind> {
    proptest::sample::select(Kind::ALL.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn normalising_twice_changes_nothing(kind in any_kind(), text in any_text(), region in "(US|GB|DE|IT|BR|AU|ZZ)") {
        let context = Context { region: &region, ..Context::default() };
        if let Some(once) = normalise::normalize(kind, &text, &context) {
            prop_assert_eq!(normalise::normalize(kind, &once, &context), Some(once.clone()), "{:?}", kind);
            prop_assert!(!once.is_empty());
            normalise::is_junk(kind, &once);
        }
    }

    #[test]
    fn what_is_shown_reads_the_same(kind in any_kind(), text in any_text()) {
        let context = Context::default();
        if let Reading::Value(value) = normalise::read(kind, &text, &context) {
            prop_assert_eq!(normalise::normalize(kind, &value.display, &context), Some(value.canonical.to_string()), "{:?}", kind);
            prop_assert!(!value.display.contains(|c: char| c.is_control()));
        }
    }
}
