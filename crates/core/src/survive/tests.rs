#![allow(clippy::unwrap_used)]
use super::*;
use crate::record::{Assertion, Held};
use serde_json::{json, Value as Json};

/// `CRM:1 3 10.5 Doe`: record, priority, event time in seconds, value, and for KEEP_EXISTING `< 2 Roe`: an earlier
/// statement.
fn member(attribute: &str, text: &str) -> (RecordRef, State) {
    let (now, earlier) = match text.split_once(" < ") {
        Some((now, earlier)) => (now, Some(earlier)),
        None => (text, None),
    };
    let parts: Vec<&str> = now.splitn(4, ' ').collect();
    let (system, id) = parts[0].split_once(':').unwrap();
    let priority = parts[1].parse().unwrap();
    let assertion = |at: &str, value: &str| Assertion {
        value: Value { canonical: value.to_lowercase(), display: value.into() },
        at: (at.parse::<f64>().unwrap() * 1e6) as Micros,
        priority,
    };
    let current = assertion(parts[2], parts[3]);
    let earliest = earlier.map_or(current.clone(), |text| {
        let (at, value) = text.split_once(' ').unwrap();
        assertion(at, value)
    });
    let held = [(attribute.to_owned(), Held { current, earliest })].into();
    (RecordRef::new(system, id), State { live: true, held, ..State::default() })
}

/// The surviving value, its record, the reason, and each loser's record and reason.
fn outcome(attribute: &str, rules: &Json, members: &[(RecordRef, State)]) -> String {
    let entity = EntityType::customer();
    let rules = Rules::parse(rules, &entity).unwrap();
    let members: Vec<Member> = members.iter().map(|(reference, state)| Member { reference, state }).collect();
    let Some(survivor) = survive(&entity, &rules, &members).remove(attribute) else { return "none".into() };
    let named = |record: &RecordRef| format!("{}:{}", record.system, record.id);
    let mut text = format!("{} {} {}", survivor.value.display, named(&survivor.winner), survivor.reason);
    for loser in survivor.losers {
        let agrees = if loser.agrees { " agrees" } else { "" };
        text.push_str(&format!(", {} {}{agrees}", named(&loser.record), loser.reason));
    }
    text
}

fn check(attribute: &str, rules: &Json, cases: &[(&str, &[&str], &str)]) {
    for (title, members, expected) in cases {
        let mut members: Vec<_> = members.iter().map(|text| member(attribute, text)).collect();
        for _ in 0..members.len().max(1) {
            assert_eq!(outcome(attribute, rules, &members), *expected, "{title}");
            if !members.is_empty() {
                members.rotate_left(1);
            }
        }
        members.reverse();
        assert_eq!(outcome(attribute, rules, &members), *expected, "{title}, in reverse");
    }
}

fn ranked(attribute: &str, action: &str) -> Json {
    let order = json!([{"systemName": "CRM", "order": 1}, {"systemName": "Web", "order": 2}]);
    json!({ attribute: {"sourcePriority": order, "action": action} })
}

#[test]
fn update_if_newer() {
    check(
        "lastName",
        &ranked("lastName", "UPDATE_IF_NEWER"),
        &[
            ("nobody", &[], "none"),
            ("one", &["CRM:1 1 10 Doe"], "Doe CRM:1 only_value"),
            (
                "a newer value of lower trust does not replace",
                &["CRM:1 9 10 Doe", "Web:1 1 99 Roe"],
                "Doe CRM:1 best_rank, Web:1 lower_rank",
            ),
            ("within a system the newest", &["Web:1 1 10 Doe", "Web:2 9 11 Roe"], "Roe Web:2 newer, Web:1 older"),
            (
                "unlisted systems come after all listed",
                &["ERP:1 1 99 Doe", "Web:1 9 1 Roe"],
                "Roe Web:1 best_rank, ERP:1 lower_rank",
            ),
            (
                "unlisted ones by their own priority",
                &["ERP:1 2 99 Doe", "Tel:1 1 1 Roe"],
                "Roe Tel:1 best_rank, ERP:1 lower_rank",
            ),
            (
                "unlisted ones of one priority by time",
                &["ERP:1 2 99 Doe", "Tel:1 2 1 Roe"],
                "Doe ERP:1 newer, Tel:1 older",
            ),
            (
                "within a second by full time",
                &["CRM:1 1 10.1 Doe", "CRM:2 1 10.9 Roe"],
                "Roe CRM:2 newer_within_second, CRM:1 older_within_second",
            ),
            (
                "all equal: the smaller record",
                &["CRM:2 1 10 Doe", "CRM:1 1 10 Roe"],
                "Roe CRM:1 record_order, CRM:2 record_order",
            ),
            ("agreement", &["CRM:1 1 10 Doe", "Web:1 1 10 DOE"], "Doe CRM:1 agreed, Web:1 lower_rank agrees"),
            (
                "the reason tells the value from its best rival, not from those that agree",
                &["CRM:1 1 10 Doe", "CRM:2 1 9 Doe", "Web:1 1 10 Roe"],
                "Doe CRM:1 best_rank, CRM:2 older agrees, Web:1 lower_rank",
            ),
        ],
    );
}

#[test]
fn keep_existing() {
    check(
        "lastName",
        &ranked("lastName", "KEEP_EXISTING"),
        &[
            ("the best rank", &["CRM:1 9 99 Doe", "Web:1 1 1 Roe"], "Doe CRM:1 best_rank, Web:1 lower_rank"),
            ("in it the earliest", &["CRM:1 1 10 Doe", "CRM:2 1 9 Roe"], "Roe CRM:2 earlier, CRM:1 later"),
            (
                "over all versions of a feed",
                &["CRM:1 1 10 Doe < 2 Old", "CRM:2 1 9 Roe"],
                "Old CRM:1 earlier, CRM:2 later",
            ),
            (
                "within a second by full time",
                &["CRM:1 1 9.9 Doe", "CRM:2 1 9.1 Roe"],
                "Roe CRM:2 earlier_within_second, CRM:1 later_within_second",
            ),
        ],
    );
}

#[test]
fn max_and_min_value() {
    let early = "2023-10-15T14:30:00Z";
    let late = "2023-10-16T14:30:00Z";
    let two = [format!("CRM:1 1 99 {early}"), format!("Tel:1 9 1 {late}")];
    let two: Vec<&str> = two.iter().map(String::as_str).collect();
    let max = format!("{late} Tel:1 max_value, CRM:1 smaller_value");
    check("lastPurchaseDate", &ranked("lastPurchaseDate", "MAX_VALUE"), &[("any system", &two, &max)]);
    check("lastPurchaseDate", &json!({}), &[("the default for points in time", &two, &max)]);
    let min = format!("{early} CRM:1 min_value, Tel:1 greater_value");
    check("lastPurchaseDate", &ranked("lastPurchaseDate", "MIN_VALUE"), &[("any system", &two, &min)]);
    let ties = ["CRM:1 1 1.9", "Web:1 1 1.1", "Web:2 1 2", "ERP:1 1 2"].map(|record| format!("{record} {late}"));
    let ties: Vec<&str> = ties.iter().map(String::as_str).collect();
    check(
        "lastPurchaseDate",
        &ranked("lastPurchaseDate", "MAX_VALUE"),
        &[(
            "ties by second, rank, time, record",
            &ties,
            &format!("{late} Web:2 agreed, ERP:1 lower_rank agrees, CRM:1 older agrees, Web:1 older agrees"),
        )],
    );
}

#[test]
fn without_a_rule_the_most_trusted_records_newest_value_survives() {
    check(
        "lastName",
        &json!({}),
        &[
            ("by sourcePriority", &["ERP:1 2 99 Doe", "Tel:1 1 1 Roe"], "Roe Tel:1 best_rank, ERP:1 lower_rank"),
            ("then by time", &["ERP:1 1 99 Doe", "Tel:1 1 1 Roe"], "Doe ERP:1 newer, Tel:1 older"),
        ],
    );
}

#[test]
fn what_is_not_live_asserts_nothing() {
    let mut members = vec![member("lastName", "CRM:1 1 10 Doe"), member("lastName", "Web:1 1 10 Roe")];
    members[0].1.live = false;
    assert_eq!(outcome("lastName", &ranked("lastName", "UPDATE_IF_NEWER"), &members), "Roe Web:1 only_value");
}

#[test]
fn lineage_stores_no_losing_value() {
    let members = [member("lastName", "CRM:1 1 10 Doe"), member("lastName", "Web:1 1 10 Roe")];
    let members: Vec<Member> = members.iter().map(|(reference, state)| Member { reference, state }).collect();
    let survivors = survive(&EntityType::customer(), &Rules::default(), &members);
    let stored = serde_json::to_string(&survivors).unwrap();
    assert!(stored.contains("Doe") && !stored.to_lowercase().contains("roe"));
    assert!(serde_json::from_str::<BTreeMap<String, Survivor>>(&stored).unwrap() == survivors);
}

#[test]
fn the_guides_rules_are_shipped_and_read_back() {
    let entity = EntityType::customer();
    let shipped = Rules::shipped(&entity);
    let json = shipped.to_json();
    assert_eq!(
        json["mergeRules"]["phoneNumber"],
        json!({"action": "KEEP_EXISTING", "sourcePriority": [
        {"systemName": "Telephony_Logs", "order": 1}, {"systemName": "Salesforce_CRM", "order": 2}]})
    );
    assert_eq!(json["mergeRules"].as_object().unwrap().len(), 3);
    assert_eq!(Rules::parse(&json, &entity).unwrap(), shipped);
    assert_eq!(Rules::parse(&json["mergeRules"], &entity).unwrap(), shipped);
    assert_eq!(
        shipped.systems().into_iter().collect::<Vec<_>>(),
        ["ERP_System", "Salesforce_CRM", "Telephony_Logs", "Web_App"]
    );
    let other = EntityType::parse_definition("SITE", &json!({"attributes": {"label": {"kind": "text"}}})).unwrap();
    assert_eq!(Rules::shipped(&other), Rules::default());
}

#[test]
fn a_wrong_rule_names_the_right_word() {
    let entity = EntityType::customer();
    let systems = |list: Json| json!({"email": {"action": "KEEP_EXISTING", "sourcePriority": list}});
    let cases = [
        (json!([]), "merge rules is not a JSON object", None),
        (json!({"mergeRules": {}, "x": 1}), "unknown key of merge rules: \"x\"", Some("Known: mergeRules.")),
        (
            json!({"emial": {"action": "MAX_VALUE"}}),
            "unknown attribute of CUSTOMER: \"emial\"",
            Some("Did you mean \"email\"?"),
        ),
        (
            json!({"email": {"action": "UPDATE_IF_NEW"}}),
            "unknown action: \"UPDATE_IF_NEW\"",
            Some("Did you mean \"UPDATE_IF_NEWER\"?"),
        ),
        (json!({"email": {}}), "merge rule of \"email\" has no action", None),
        (json!({"email": {"action": 1}}), "action of merge rule of \"email\" is not a text that is not empty", None),
        (
            json!({"email": {"action": "MAX_VALUE", "sourcePriorty": []}}),
            "unknown key of merge rule of \"email\": \"sourcePriorty\"",
            Some("Did you mean \"sourcePriority\"?"),
        ),
        (systems(json!([{"order": 1}])), "sourcePriority in the merge rule of \"email\" has no systemName", None),
        (systems(json!([{"systemName": "A"}])), "sourcePriority in the merge rule of \"email\" has no order", None),
        (
            systems(json!([{"systemName": "A", "order": 1.5}])),
            "order of sourcePriority in the merge rule of \"email\" is not a whole number from 0 to 2147483647",
            None,
        ),
        (
            systems(json!([{"systemName": "A", "order": 1}, {"systemName": "A", "order": 2}])),
            "the merge rule of \"email\" lists the system \"A\" twice",
            None,
        ),
        (
            systems(json!([{"systemName": "A", "order": 1}, {"systemName": "B", "order": 1}])),
            "the merge rule of \"email\" gives the order 1 twice",
            Some("Give each system an order of its own."),
        ),
        (
            systems(json!([{"systemName": "entity", "order": 1}])),
            "the merge rule of \"email\" lists the reserved system \"entity\"",
            None,
        ),
    ];
    for (json, message, hint) in cases {
        let error = Rules::parse(&json, &entity).unwrap_err();
        assert_eq!((error.sqlstate, error.message.as_str(), error.hint.as_deref()), ("22023", message, hint));
    }
}
