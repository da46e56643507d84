#![allow(clippy::unwrap_used, clippy::panic)]
use super::*;
use crate::record::RecordRef;
use crate::value::Text;
use serde_json::json;
use std::collections::BTreeMap;

const NOW: Micros = 1_700_000_000_000_000; // 2023-11-14T22:13:20Z

fn parsed(payload: &str) -> Vec<Entry> {
    let source = |system: &str| {
        let zone = (system == "Berlin").then(|| "Europe/Berlin".to_owned());
        Arc::new(SourceOptions { time_zone: zone, ..SourceOptions::default() })
    };
    parse(payload, &Surroundings { source: &source, known: &|name| name == "CUSTOMER", now: Some(NOW) })
}

fn refusals(payload: &str) -> Vec<(u32, Refusal)> {
    let refused = |entry: Entry| entry.outcome.err().map(|refused| (entry.ordinal, refused.refusal));
    parsed(payload).into_iter().filter_map(refused).collect()
}

fn good() -> serde_json::Value {
    json!({
        "entityType": "CUSTOMER",
        "externalSystemIds": [{"systemName": "CRM", "id": "1"}],
        "attributes": {"email": "a@example.com"},
        "timestamp": "2023-10-27T10:00:00Z"
    })
}

/// The good record with one member replaced by JSON text, or taken out.
fn with(key: &str, json: Option<&str>) -> String {
    let mut record = good();
    let members = record.as_object_mut().unwrap();
    members.remove(key);
    let mut text = record.to_string();
    if let Some(json) = json {
        text.pop();
        text.push_str(&format!(",\"{key}\":{json}}}"));
    }
    text
}

#[test]
fn what_is_there_twice_is_refused_lest_it_be_lost() {
    let put = |text: &str, before: &str, member: &str| text.replacen(before, &format!("{before}{member},"), 1);
    let good = good().to_string();
    for (text, field) in [
        (put(&good, "{", r#""attributes":{"email":"b@example.com"}"#), "attributes"),
        (put(&good, "{", r#""timestamp":null"#), "timestamp"),
        (put(&good, "{", r#""tier":1,"tier":2"#), "tier"),
        (put(&good, r#""attributes":{"#, r#""email":"b@example.com""#), "attributes.email"),
        (put(&good, r#""attributes":{"#, r#""a":1,"\u0061":1"#), "attributes.a"),
        (put(&good, r#"[{"#, r#""id":"2""#), "externalSystemIds[0].id"),
        (put(&good, "{", r#""vectorClock":{"b":1,"b":2}"#), "vectorClock.b"),
    ] {
        let refused = refusals(&text);
        let [(1, refusal)] = &refused[..] else { panic!("{text}") };
        let Refusal { field: told, reason, sqlstate } = refusal;
        assert_eq!((told.as_str(), reason.as_str(), *sqlstate), (field, "is there twice", "22030"));
        // One by the side goes in.
        assert_eq!(refusals(&format!(r#"{{"records":[{good},{text}]}}"#)).len(), 1);
    }
    assert_eq!(refusals(&put(&good, r#""attributes":{"#, r#""note":{"a":1,"a":1}"#)), []);
    let refused = refusals(&format!(r#"{{"records":[{good}],"note":1,"note":2,"records":[]}}"#));
    assert_eq!((refused[0].0, &*refused[0].1.field, &*refused[0].1.reason), (0, "records", "is there twice"));
}

#[test]
fn a_byte_order_mark_says_nothing() {
    assert_eq!(refusals(&format!("\u{feff}{}", good())), []);
    assert_eq!(refusals("\u{feff} ")[0].1.reason, "is empty");
}

#[test]
fn the_guides_payload_is_read() {
    let payload = r#"{"records": [{"entityType": "CUSTOMER", "entityId": "CUST_849201",
        "externalSystemIds": [{"systemName": "Salesforce_CRM", "id": "0015000000ABCDEF"}],
        "attributes": {"email": "john.doe@example.com", "phoneNumber": "+1-555-0198", "firstName": "John",
            "lastName": "Doe", "preferredLanguage": "en-US", "lastPurchaseDate": "2023-10-15T14:30:00Z"},
        "sourcePriority": 1, "timestamp": "2023-10-27T10:00:00Z"}]}"#;
    let [entry] = &parsed(payload)[..] else { panic!("one record") };
    let version = entry.outcome.as_ref().ok().unwrap();
    assert_eq!(entry.ordinal, 1);
    assert_eq!(version.entity_type, "CUSTOMER");
    assert!(version.record == RecordRef::new("Salesforce_CRM", "0015000000ABCDEF"));
    assert_eq!(version.cross_references, [RecordRef::new("entity", "CUST_849201")].into());
    assert_eq!(version.attributes.get("lastName").unwrap(), "Doe");
    assert_eq!(version.timestamp, 1_698_400_800_000_000);
    assert_eq!((version.source_priority, version.sequence, version.deleted), (Some(1), None, false));
}

#[test]
fn every_form_of_a_record_is_read() {
    let cases = [
        ("sequence", "7"),
        ("sequence", "-7e0"),
        ("sequence", "null"),
        ("vectorClock", r#"{"a": 1, "b": 0}"#),
        ("vectorClock", "{}"),
        ("sourcePriority", "0"),
        ("deleted", "false"),
        ("entityId", "17"),
        ("entityId", "null"),
        ("recordRegion", "null"),
        ("externalSystemIds", r#"[{"systemName": " CRM ", "id": 12}, {"systemName": "ERP", "id": "x"}]"#),
        ("timestamp", r#""2023-10-27T10:00:00.123456+02:00""#),
        ("attributes", r#"{"email": null, "nested": {"a": [1, 2]}}"#),
        ("customerId", "\"beside the known fields\""),
    ];
    for (key, json) in cases {
        assert_eq!(refusals(&with(key, Some(json))), [], "{key}: {json}");
    }
    let deleted = r#"{"entityType":"CUSTOMER","externalSystemIds":[{"systemName":"CRM","id":"1"}],
        "timestamp":"2023-10-27T10:00:00Z","deleted":true}"#;
    assert_eq!(refusals(deleted), []);
    // That there is no entityId is said, and kept in what is shown of the version.
    let [entry] = &parsed(&with("entityId", Some("null")))[..] else { panic!("one record") };
    let version = entry.outcome.as_ref().ok().unwrap();
    assert!(version.no_entity && version.content().contains(r#""entityId":null"#));
    // And that it has no region of its own.
    let [entry] = &parsed(&with("recordRegion", Some("null")))[..] else { panic!("one record") };
    let version = entry.outcome.as_ref().ok().unwrap();
    assert!(version.region.as_deref() == Some("") && version.content().contains(r#""recordRegion":null"#));
}

#[test]
fn every_refusal_has_its_field_reason_and_sqlstate() {
    let long_id = format!(r#"[{{"systemName":"CRM","id":"{}"}}]"#, "x".repeat(MAX_ID + 1));
    let nodes = json!((0..=MAX_NODES).map(|node| (node.to_string(), 1)).collect::<BTreeMap<_, _>>()).to_string();
    let big = format!(r#"{{"note":"{}"}}"#, "x".repeat(10 << 20));
    let cases: &[(&str, Option<&str>, &str, &str, &str)] = &[
        ("entityType", None, "entityType", "22023", "is missing"),
        ("entityType", Some("7"), "entityType", "22023", "is not a text"),
        ("entityType", Some("\"PLANET\""), "entityType", "22023", "is not a known entity type"),
        ("externalSystemIds", None, "externalSystemIds", "22023", "is missing"),
        ("externalSystemIds", Some("{}"), "externalSystemIds", "22023", "is not an array"),
        ("externalSystemIds", Some("[]"), "externalSystemIds", "22023", "is empty"),
        ("externalSystemIds", Some("[1]"), "externalSystemIds[0]", "22023", "is not an object"),
        ("externalSystemIds", Some(r#"[{"id":"1"}]"#), "externalSystemIds[0].systemName", "22023", "is missing"),
        ("externalSystemIds", Some(r#"[{"systemName":"CRM"}]"#), "externalSystemIds[0].id", "22023", "is missing"),
        (
            "externalSystemIds",
            Some(r#"[{"systemName":"CRM","id":" "}]"#),
            "externalSystemIds[0].id",
            "22023",
            "is empty",
        ),
        (
            "externalSystemIds",
            Some(r#"[{"systemName":"CRM","id":1.5}]"#),
            "externalSystemIds[0].id",
            "22023",
            "is neither a text nor a whole number",
        ),
        (
            "externalSystemIds",
            Some(r#"[{"systemName":"entity","id":"1"}]"#),
            "externalSystemIds[0].systemName",
            "22023",
            "is reserved for entityId",
        ),
        ("externalSystemIds", Some(&long_id), "externalSystemIds[0].id", "22001", "is longer than 1000 bytes"),
        (
            "externalSystemIds",
            Some(r#"[{"systemName":"CRM","id":" N/A"}]"#),
            "externalSystemIds[0].id",
            "22023",
            "is a placeholder",
        ),
        ("entityId", Some("[]"), "entityId", "22023", "is neither a text nor a whole number"),
        ("attributes", None, "attributes", "22023", "is missing"),
        ("attributes", Some("[]"), "attributes", "22023", "is not an object"),
        ("attributes", Some("7"), "attributes", "22023", "is not an object"),
        ("attributes", Some("-7"), "attributes", "22023", "is not an object"),
        ("attributes", Some("7.5"), "attributes", "22023", "is not an object"),
        ("attributes", Some("12345678901234567890123"), "attributes", "22023", "is not an object"),
        ("attributes", Some("\"x\""), "attributes", "22023", "is not an object"),
        ("attributes", Some("true"), "attributes", "22023", "is not an object"),
        ("attributes", Some(&big), "attributes.note", "22001", "is a text of more than 1 MiB"),
        ("attributes", Some(r#"{"n":1e308}"#), "attributes.n", "22003", "is a number of more than 100 digits"),
        ("attributes", Some(r#"{"n":1e1000000}"#), "attributes.n", "22003", "is a number of more than 100 digits"),
        ("attributes", Some(r#"{"n":"\u0000"}"#), "attributes.n", "22P05", "contains a NUL character"),
        ("attributes", Some(r#"{"n":"\ud800"}"#), "attributes.n", "22P05", "contains an unpaired surrogate"),
        ("timestamp", None, "timestamp", "22007", "is missing"),
        ("timestamp", Some("1698400800"), "timestamp", "22007", "is not a text"),
        ("timestamp", Some("\"yesterday\""), "timestamp", "22007", "is not a date and time that exists"),
        ("timestamp", Some("\"2023-02-30\""), "timestamp", "22007", "is not a date and time that exists"),
        (
            "timestamp",
            Some("\"2023-11-16T22:13:20Z\""),
            "timestamp",
            "22008",
            "lies more than 86400 seconds in the future",
        ),
        ("sequence", Some("\"7\""), "sequence", "22023", "is not a whole number"),
        ("sequence", Some("1.5"), "sequence", "22023", "is not a whole number"),
        ("sequence", Some("9223372036854775808"), "sequence", "22003", "is out of range"),
        ("sourcePriority", Some("-1"), "sourcePriority", "22003", "is out of range"),
        ("sourcePriority", Some("true"), "sourcePriority", "22023", "is not a whole number"),
        ("vectorClock", Some("3"), "vectorClock", "22023", "is not an object"),
        ("vectorClock", Some(&nodes), "vectorClock", "22023", "has more than 1000 nodes"),
        ("vectorClock", Some(r#"{"a":-1}"#), "vectorClock.a", "22003", "is out of range"),
        ("vectorClock", Some(r#"{"a":"1"}"#), "vectorClock.a", "22023", "is not a whole number"),
        ("deleted", Some("\"yes\""), "deleted", "22023", "is not true or false"),
    ];
    for (key, json, field, sqlstate, reason) in cases {
        let refused = refusals(&with(key, *json));
        let [(1, refusal)] = &refused[..] else { panic!("{key} {reason}: one refusal, not {refused:?}") };
        assert_eq!((refusal.field.as_str(), refusal.sqlstate, refusal.reason.as_str()), (*field, *sqlstate, *reason));
    }
}

#[test]
fn a_payload_that_cannot_be_cut_is_one_refusal_with_ordinal_0() {
    let cases = [
        ("", "", "22023", "is empty"),
        (" \n", "", "22023", "is empty"),
        ("{\"records\": [", "", "22P02", "is not JSON"),
        ("{\"records\": []} x", "", "22P02", "is not JSON"),
        ("[]", "", "22023", "is not an object"),
        ("7", "", "22023", "is not an object"),
        ("{}", "records", "22023", "is missing"),
        ("{\"record\": []}", "records", "22023", "is missing"),
        ("{\"records\": {}}", "records", "22023", "is not an array"),
    ];
    for (payload, field, sqlstate, reason) in cases {
        let expected = Refusal { field: field.into(), reason: reason.into(), sqlstate };
        assert_eq!(refusals(payload), [(0, expected)], "{payload}");
    }
    let deep = "[".repeat(1_000_000);
    assert_eq!(refusals(&deep)[0].1.reason, "is not JSON");
    let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    assert_eq!(refusals(&deep)[0].1.reason, "is not an object");
    assert!(parsed("{\"records\": []}").is_empty());
}

#[test]
fn a_bad_record_harms_no_neighbour_and_is_found_by_its_name() {
    let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let bad = [
        with("attributes", Some(r#"{"n":1e1000000}"#)),
        with("attributes", Some(r#"{"n":"\ud800"}"#)),
        with("attributes", Some(r#"{"n":"\u0000"}"#)),
        with("attributes", Some(r#"{"\ud800":1}"#)),
        with("attributes", Some(r#"{"$serde_json::private::Number":"1e1000000"}"#)),
        with("attributes", Some(r#"{"$serde_json::private::RawValue":"\"\\u0000\""}"#)),
        with("attributes", Some(&deep)),
        with("attributes", Some(&format!("{{\"n\":\"{}\"}}", "x".repeat(10 << 20)))),
        with("timestamp", Some("\"2023-02-30\"")),
    ];
    for bad in bad {
        let good = good().to_string();
        let entries = parsed(&format!("{{\"records\":[{good},{bad},{good}]}}"));
        let accepted: Vec<bool> = entries.iter().map(|entry| entry.outcome.is_ok()).collect();
        assert_eq!(accepted, [true, false, true]);
        assert_eq!(entries.iter().map(|entry| entry.ordinal).collect::<Vec<_>>(), [1, 2, 3]);
        let refused = entries[1].outcome.as_ref().err().unwrap();
        assert_eq!((refused.system_name.as_deref(), refused.source_id.as_deref()), (Some("CRM"), Some("1")));
        assert_eq!(refused.payload, bad);
        assert!(!refused.retryable);
    }
    for other in ["7", "null", "[]", "\"x\""] {
        let [(1, refusal)] = &refusals(&format!("{{\"records\":[{other}]}}"))[..] else { panic!("one refusal") };
        assert_eq!(refusal.reason, "is not an object");
    }
}

#[test]
fn only_the_future_is_worth_a_retry() {
    let ahead = with("timestamp", Some("\"2023-11-15T22:13:20.000001Z\""));
    assert!(parsed(&ahead)[0].outcome.as_ref().err().unwrap().retryable);
    let within = with("timestamp", Some("\"2023-11-15T22:13:20Z\""));
    assert!(parsed(&within)[0].outcome.is_ok());
}

#[test]
fn a_time_without_zone_is_read_in_the_zone_of_its_source() {
    let record = |system: &str| {
        let ids = format!("[{{\"systemName\":\"{system}\",\"id\":\"1\"}}]");
        with("externalSystemIds", Some(&ids)).replace("2023-10-27T10:00:00Z", "2023-10-27T10:00:00")
    };
    let at = |system: &str| parsed(&record(system))[0].outcome.as_ref().ok().unwrap().timestamp;
    assert_eq!(at("CRM") - at("Berlin"), 2 * 3_600_000_000);
}

#[test]
fn nothing_beside_the_known_fields_is_lost() {
    let version = parsed(&with("customerId", Some("\"C-1\"")))[0].outcome.clone().ok().unwrap();
    assert_eq!(version.attributes.get("customerId").unwrap(), "C-1");
    let twice = good().to_string().replacen('{', "{\"email\":\"b@example.com\",", 1);
    assert_eq!(refusals(&twice)[0].1.field, "email");
}

#[test]
fn what_is_said_of_an_id_is_kept() {
    let ids =
        r#"[{"systemName": "CRM", "id": "1", "type": "primary"}, {"systemName": "ERP", "id": 2, "verified": true}]"#;
    let version = parsed(&with("externalSystemIds", Some(ids))).remove(0).outcome.ok().unwrap();
    assert_eq!(version.attributes.get("externalSystemIds[0].type"), Some(&json!("primary")));
    assert_eq!(version.attributes.get("externalSystemIds[1].verified"), Some(&json!(true)));
    assert_eq!(version.attributes.len(), 3);
    let again = parsed(&version.content()).remove(0).outcome.ok().unwrap();
    assert!(again == version, "as it is kept");
}

#[test]
fn numbers_are_stored_as_jsonb_prints_them() {
    let text = with("attributes", Some(r#"{"a":1.50e1,"b":[-0,1E2],"c":2.0}"#));
    let version = parsed(&text)[0].outcome.clone().ok().unwrap();
    assert!(version.content().starts_with(r#"{"attributes":{"a":15.0,"b":[0,100],"c":2.0},"#));
}

#[test]
fn content_is_the_guides_record_in_one_form() {
    let spaced = r#" { "timestamp" : "2023-10-27T12:00:00+02:00", "deleted" : false, "sequence": null,
        "attributes": {"b": 1e1, "a": null}, "entityType": "CUSTOMER", "entityId": "E",
        "externalSystemIds": [{"id": 1, "systemName": "CRM"}, {"systemName": "ERP", "id": "9"}] } "#;
    let version = parsed(spaced)[0].outcome.clone().ok().unwrap();
    let expected = r#"{"attributes":{"a":null,"b":10},"entityId":"E","entityType":"CUSTOMER","externalSystemIds":[{"id":"1","systemName":"CRM"},{"id":"9","systemName":"ERP"}],"timestamp":"2023-10-27T10:00:00Z"}"#;
    assert_eq!(version.content(), expected);
    assert!(parsed(expected)[0].outcome.clone().ok().unwrap() == version);
}

#[test]
fn parts_are_read_as_the_record_that_they_are() {
    let long = "x".repeat(MAX_STRING + 1);
    let deep = format!("{}1{}", "[".repeat(MAX_DEPTH - 1), "]".repeat(MAX_DEPTH - 1));
    let fits = format!("{}1{}", "[".repeat(MAX_DEPTH - 2), "]".repeat(MAX_DEPTH - 2));
    let told = [
        Told::Null,
        Told::Text(""),
        Told::Text("A \"1\" \\\n é"),
        Told::Text("2023-10-27T10:00:00Z"),
        Told::Text(&long),
        Told::Json("null"),
        Told::Json("true"),
        Told::Json("7"),
        Told::Json("1.50e1"),
        Told::Json("1e1000"),
        Told::Json(r#""2023-10-27T10:00:00Z""#),
        Told::Json(r#"{"a": [1, "\u0041"]}"#),
        Told::Json(r#"{"b": ["\ud800"]}"#),
        Told::Json(r#"{"$serde_json::private::Number": "1"}"#),
        Told::Json(&deep),
        Told::Json(&fits),
    ];
    let source = |_: &str| Arc::default();
    let surroundings = Surroundings { source: &source, known: &|name| name == "CUSTOMER", now: None };
    let (email, odd) = (Text::from("email"), Text::from("$serde_json::private::RawValue"));
    let (mut read, mut refused) = (0, 0);
    let mut check = |parts: Parts| {
        let text = serde_json::to_string(&parts).unwrap();
        let (direct, through) = (parts.read(&surroundings), parse_record(&text, &surroundings));
        let same = match (&direct, &through) {
            // What can be read of the name is more where its parts are known.
            (Err(one), Err(other)) => {
                let Refused { system_name, source_id, .. } = one.as_ref().clone();
                other.system_name.as_ref().is_none_or(|name| system_name.as_ref() == Some(name))
                    && other.source_id.as_ref().is_none_or(|id| source_id.as_ref() == Some(id))
                    && **one == Refused { system_name, source_id, ..other.as_ref().clone() }
            }
            (one, other) => one == other,
        };
        assert!(same, "{}", text.chars().take(400).collect::<String>());
        *if direct.is_ok() { &mut read } else { &mut refused } += 1;
    };
    for one in told {
        for other in told {
            let time = Told::Text("2023-10-27T10:00:00Z");
            let parts = |system, id, attribute, timestamp, source_priority| Parts {
                entity_type: "CUSTOMER",
                system,
                id,
                attributes: Some(vec![(&email, attribute)]),
                timestamp,
                source_priority,
                region: Told::Null,
                deleted: Told::Null,
            };
            check(parts(one, other, Told::Text("a@example.com"), time, Told::Null));
            check(parts(Told::Text("CRM"), Told::Json("7"), one, other, Told::Null));
            check(parts(Told::Text("CRM"), Told::Json("7"), one, time, other));
            check(Parts { attributes: Some(vec![(&odd, one), (&email, other)]), ..parts(time, time, one, time, one) });
            check(Parts { attributes: None, deleted: Told::Json("true"), ..parts(one, other, one, time, one) });
            check(Parts { deleted: one, ..parts(time, time, other, time, Told::Null) });
            check(Parts { region: one, ..parts(time, time, other, time, Told::Null) });
        }
    }
    assert!(read > 50 && refused > 100, "{read} {refused}");
    // Of a text the blanks around its names are cut off; two rows whose names differ by a blank are two records.
    let named = |system: &'static str, id: &'static str| Parts {
        entity_type: "CUSTOMER",
        system: Told::Text(system),
        id: Told::Text(id),
        attributes: None,
        timestamp: Told::Text("2023-10-27T10:00:00Z"),
        source_priority: Told::Null,
        region: Told::Null,
        deleted: Told::Json("true"),
    };
    assert_eq!(named("CRM", " 7 ").read(&surroundings).ok().unwrap().record.id, " 7 ");
    assert!(named("CRM", "  ").read(&surroundings).is_err());
    // So begins what several systems are called together, which scopes read.
    assert_eq!(named("\n[]", "7").read(&surroundings).err().unwrap().refusal.reason, "begins with a line break");
    assert_eq!(named(" \nCRM", "\n7").read(&surroundings).ok().unwrap().record.id, "\n7");
}

/// Whether the good record, with some members replaced, mends a refused one.
fn mended(accepted: &[(&str, serde_json::Value)], refused: &str) -> bool {
    let mut record = good();
    for (key, value) in accepted {
        record[key] = value.clone();
    }
    let version = parsed(&record.to_string()).remove(0).outcome.ok().unwrap();
    let field = refusals(refused).pop().map(|(_, refusal)| refusal.field).unwrap_or_default();
    let source = |_: &str| Arc::new(SourceOptions::default());
    let surroundings = Surroundings { source: &source, known: &|name| name != "CUSTOMRE", now: Some(NOW) };
    mends(&version, refused, &field, &surroundings, |reference| reference)
}

#[test]
fn a_refused_record_is_mended_by_one_that_says_all_it_says() {
    let attributes = |attributes| [("attributes", attributes)];
    let wrong = with("timestamp", None);
    assert!(mended(&[], &wrong));
    assert!(mended(&attributes(json!({"email": "a@example.com", "city": "Oslo"})), &wrong));
    assert!(mended(&[("timestamp", json!("2023-01-01T00:00:00Z"))], &with("timestamp", Some("\"01.01.2023\""))));
    // Another event of the record, or less than it said.
    assert!(!mended(&attributes(json!({"email": "b@example.com"})), &wrong));
    assert!(!mended(&attributes(json!({"city": "Oslo"})), &wrong));
    assert!(!mended(&[], &with("sequence", Some("1e1000000")).replace("10-27", "10-26")));
    let others = r#"[{"systemName": "CRM", "id": "1"}, {"systemName": "ERP", "id": "9"}, {"systemName": "Web"}]"#;
    let others = with("externalSystemIds", Some(others));
    assert!(!mended(&[], &others));
    let both = json!([{"systemName": "CRM", "id": "1"}, {"systemName": "ERP", "id": 9}]);
    assert!(mended(&[("externalSystemIds", both)], &others));
    let known = with("deleted", Some("true")).replace("CUSTOMER", "CUSTOMRE");
    assert!(!mended(&[], &known));
    assert!(mended(&[("deleted", json!(true))], &known));
    assert!(mended(&[], &wrong.replace("CUSTOMER", "CUSTOMRE")));
    assert!(!mended(&[], &wrong.replace("CUSTOMER", "SUPPLIER")));
    // But for what was wrong.
    let size = r#"{"email": "a@example.com", "size": 1e1000000}"#;
    assert!(mended(&attributes(json!({"email": "a@example.com", "size": 7})), &with("attributes", Some(size))));
    assert!(mended(&[], &with("attributes", Some(size))));
    assert!(mended(&[("tier", json!(2))], &with("tier", Some("1, \"tier\": 2"))));
    // Of what cannot be read nobody knows what it said.
    assert!(!mended(&[], &with("attributes", Some("[]"))));
    assert!(!mended(&[], "{"));
    // What can be taken as it is, or will be.
    assert!(!mended(&[], &good().to_string()));
    assert!(!mended(&[], &with("timestamp", Some("\"2999-01-01T00:00:00Z\""))));
}
