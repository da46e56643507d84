#![allow(clippy::unwrap_used)]
use super::*;
use crate::record::{Draft, Run, State, Stated};
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
    let assertion = |at: &str, value: &str| Stated {
        value: Value::new(value.to_lowercase(), value),
        at: (at.parse::<f64>().unwrap() * 1e6) as Micros,
        priority,
    };
    let current = assertion(parts[2], parts[3]);
    let earliest = earlier.map_or(current.clone(), |text| {
        let (at, value) = text.split_once(' ').unwrap();
        assertion(at, value)
    });
    let held = [(attribute.into(), Run::new(current, earliest))].into_iter().collect();
    (RecordRef::new(system, id), Draft { live: true, held, ..Draft::default() }.into())
}

/// The surviving value, its record, the reason, and each loser's record and reason.
fn outcome(attribute: &str, rules: &Json, members: &[(RecordRef, State)]) -> String {
    let entity = EntityType::customer();
    let rules = Rules::parse(rules, &entity).unwrap();
    let members: Vec<Node> = members.iter().map(|(reference, state)| Node { reference, state }).collect();
    let Some(survivor) = survive(&entity, &rules, &members).remove(attribute) else { return "none".into() };
    let named = |record: &RecordRef| format!("{}:{}", record.system, record.id);
    let mut text = format!("{} {} {}", survivor.value.display, named(&survivor.winner), survivor.reason.name());
    for loser in survivor.losers {
        let agrees = if loser.agrees { " agrees" } else { "" };
        text.push_str(&format!(", {} {}{agrees}", named(&loser.record), loser.reason.name()));
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
    members[0].1 = Draft { live: false, ..Draft::from(&members[0].1) }.into();
    assert_eq!(outcome("lastName", &ranked("lastName", "UPDATE_IF_NEWER"), &members), "Roe Web:1 only_value");
}

#[test]
fn lineage_stores_no_losing_value() {
    let members = [member("lastName", "CRM:1 1 10 Doe"), member("lastName", "Web:1 1 10 Roe")];
    let members: Vec<Node> = members.iter().map(|(reference, state)| Node { reference, state }).collect();
    let survivors = survive(&EntityType::customer(), &Rules::default(), &members);
    let shown = crate::merge::golden_json(&survivors).to_string();
    assert!(shown.contains("Doe") && !shown.to_lowercase().contains("roe"));
    let stored = String::from_utf8_lossy(&crate::pack::pack_lineage(&survivors)).to_lowercase();
    assert!(stored.contains("crm") && !stored.contains("roe") && !stored.contains("doe"));
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
        (json!({"mergeRules": {}, "x": 1}), "unknown key of merge rules: \"x\"", Some("Known: mergeRules, groups.")),
        (
            json!({"emial": {"action": "MAX_VALUE"}}),
            "unknown attribute of CUSTOMER: \"emial\"",
            Some("Perhaps you meant \"email\"."),
        ),
        (
            json!({"email": {"action": "UPDATE_IF_NEW"}}),
            "unknown action: \"UPDATE_IF_NEW\"",
            Some("Perhaps you meant \"UPDATE_IF_NEWER\"."),
        ),
        (json!({"email": {}}), "merge rule of \"email\" has no action", None),
        (json!({"email": {"action": 1}}), "action of merge rule of \"email\" is not a text that is not empty", None),
        (
            json!({"email": {"action": "MAX_VALUE", "sourcePriorty": []}}),
            "unknown key of merge rule of \"email\": \"sourcePriorty\"",
            Some("Perhaps you meant \"sourcePriority\"."),
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

/// A rule of an entity type with an attribute of each kind that the shipped one lacks.
fn figures() -> EntityType {
    let attributes = json!({"attributes": {
        "optIn": {"kind": "boolean"}, "spent": {"kind": "number"}, "order": {"kind": "identifier"}, "label": {"kind": "text"},
    }});
    EntityType::parse_definition("FIGURES", &attributes).unwrap()
}

/// The value and reason of `attribute`, and each loser's reason, for members in either order.
fn survivor_of(entity: &EntityType, rules: &Json, attribute: &str, mut members: Vec<(RecordRef, State)>) -> String {
    let rules = Rules::parse(rules, entity).unwrap();
    assert_eq!(Rules::parse(&rules.to_json(), entity).unwrap(), rules, "rules are read back");
    let mut outcome = |_| {
        members.reverse();
        let members: Vec<Node> = members.iter().map(|(reference, state)| Node { reference, state }).collect();
        let Some(survivor) = survive(entity, &rules, &members).remove(attribute) else { return "none".to_owned() };
        let losers: String =
            survivor.losers.iter().map(|l| format!(", {} {}", l.record.system, l.reason.name())).collect();
        format!("{} {} {}{losers}", survivor.value.display, survivor.winner.system, survivor.reason.name())
    };
    let both = [0, 1].map(&mut outcome);
    assert_eq!(both[0], both[1], "the order of the input does not matter");
    both[0].clone()
}

fn members(attribute: &str, texts: &[&str]) -> Vec<(RecordRef, State)> {
    texts.iter().map(|text| member(attribute, text)).collect()
}

#[test]
fn the_other_actions_that_choose() {
    // rule, members, outcome
    let cases = [
        (json!({"action": "MOST_RECENT"}), vec!["A:1 1 1 Doe", "B:1 9 2 Roe"], "Roe B newer, A older"),
        (json!({"action": "EARLIEST"}), vec!["A:1 1 3 Doe", "B:1 9 4 Roe < 2 Old"], "Old B earlier, A later"),
        (json!({"action": "SOURCE_PRIORITY"}), vec!["A:1 1 1 Doe", "B:1 9 2 Roe"], "Doe A best_rank, B lower_rank"),
        (json!({"action": "LONGEST"}), vec!["A:1 1 9 Doe", "B:1 9 1 Doering"], "Doering B longest, A shorter"),
        (json!({"action": "LONGEST"}), vec!["A:1 1 9 Äöü", "B:1 9 10 Abc"], "Abc B newer, A older"),
        (
            json!({"action": "MOST_FREQUENT"}),
            vec!["A:1 1 9 Doe", "B:1 9 1 Roe", "B:2 9 2 Roe"],
            "Roe B most_frequent, B older, A less_frequent",
        ),
        (
            json!({"action": "MOST_FREQUENT", "count": "systems"}),
            vec!["A:1 1 9 Doe", "B:1 9 1 Roe", "B:2 9 2 Roe"],
            "Doe A newer, B older, B older",
        ),
        (
            json!({"action": "UPDATE_IF_NEWER", "listedOnly": true, "sourcePriority": [{"systemName": "B", "order": 1}]}),
            vec!["A:1 1 9 Doe", "B:1 9 1 Roe"],
            "Roe B only_value, A not_listed",
        ),
        (json!({"action": "UPDATE_IF_NEWER", "listedOnly": true}), vec!["A:1 1 9 Doe"], "none"),
        (
            json!({"action": "MOST_RECENT", "minimumTrust": 5}),
            vec!["A:1 5 1 Doe", "B:1 6 9 Roe"],
            "Doe A only_value, B below_minimum_trust",
        ),
        (
            json!({"action": "UPDATE_IF_NEWER", "listedOnly": true, "fallback": [
                {"action": "MOST_RECENT", "minimumTrust": 0}, "LONGEST"]}),
            vec!["A:1 1 9 Doe", "B:1 9 1 Doering"],
            "Doering B longest, A shorter",
        ),
    ];
    for (rule, texts, expected) in cases {
        let rules = json!({ "lastName": rule });
        assert_eq!(survivor_of(&EntityType::customer(), &rules, "lastName", members("lastName", &texts)), expected);
    }
}

#[test]
fn ties_go_to_the_second_and_then_to_the_better_rank() {
    let order = json!([{"systemName": "A", "order": 1}]);
    let outcome = |attribute: &str, action: &str, texts: [&str; 2]| {
        let rules = json!({ attribute: {"action": action, "sourcePriority": order} });
        survivor_of(&EntityType::customer(), &rules, attribute, members(attribute, &texts))
    };
    for action in ["LONGEST", "MOST_FREQUENT"] {
        assert_eq!(outcome("lastName", action, ["A:1 1 1 Doe", "B:1 1 2 Roe"]), "Roe B newer, A older", "{action}");
    }
    let dates = ["A:1 1 1 2023-01-01T00:00:00Z", "B:1 1 2 2023-01-01T00:00:00Z"];
    assert_eq!(outcome("lastPurchaseDate", "MIN_VALUE", dates), "2023-01-01T00:00:00Z B agreed, A older");
    // Of two within one second the better rank comes first, whatever the full times.
    for (action, texts) in
        [("MOST_RECENT", ["A:1 1 1.1 Doe", "B:1 1 1.9 Roe"]), ("EARLIEST", ["A:1 1 1.9 Doe", "B:1 1 1.1 Roe"])]
    {
        assert_eq!(outcome("lastName", action, texts), "Doe A best_rank, B lower_rank", "{action}");
    }
}

#[test]
fn who_is_not_admitted_is_told_in_the_order_of_records() {
    let order = json!([{"systemName": "A", "order": 1}]);
    let rules = json!({"lastName": {"action": "UPDATE_IF_NEWER", "listedOnly": true, "sourcePriority": order}});
    let members = members("lastName", &["A:1 1 1 Doe", "C:1 1 1 Roe", "B:1 1 1 Poe"]);
    let told = "Doe A only_value, B not_listed, C not_listed";
    assert_eq!(survivor_of(&EntityType::customer(), &rules, "lastName", members), told);
}

#[test]
fn valid_first() {
    let good = "+442079460958";
    let phones = |texts: &[String]| {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        members("phoneNumber", &texts)
    };
    let entity = EntityType::customer();
    let first = json!({"phoneNumber": {"action": "VALID_FIRST", "then": "MOST_RECENT"}});
    let mixed = ["A:1 1 9 +4400".to_owned(), format!("B:1 9 1 {good}"), format!("C:1 9 2 {good}")];
    assert_eq!(
        survivor_of(&entity, &first, "phoneNumber", phones(&mixed)),
        format!("{good} C valid, B older, A not_valid")
    );
    let none = ["A:1 1 9 +4400".to_owned(), "B:1 9 1 +4401".to_owned()];
    assert_eq!(survivor_of(&entity, &first, "phoneNumber", phones(&none)), "+4400 A newer, B older");
    let else_keep = json!({"phoneNumber": {"action": "VALID_FIRST", "fallback": ["EARLIEST"]}});
    assert_eq!(survivor_of(&entity, &else_keep, "phoneNumber", phones(&none)), "+4401 B earlier, A later");
    // What it is asked of is what the next action chooses by: of EARLIEST the first that was stated.
    let earliest = json!({"lastName": {"action": "VALID_FIRST", "then": "EARLIEST"}});
    let stated = members("lastName", &["A:1 1 9 Doe < 2 Old", "B:1 1 3 Roe"]);
    assert_eq!(survivor_of(&entity, &earliest, "lastName", stated), "Old A earlier, B later");
}

#[test]
fn consent_goes_to_the_most_restrictive() {
    let rules = json!({"optIn": {"action": "CONSENT", "authoritative": ["Desk"]}});
    let cases = [
        (vec!["A:1 1 1 true", "B:1 1 2 true"], "true B agreed, A older"),
        (vec!["A:1 1 1 false", "B:1 1 9 true"], "false A most_restrictive, B less_restrictive"),
        (vec!["A:1 1 9 false", "Desk:1 1 1 true"], "false A most_restrictive, Desk less_restrictive"),
        (vec!["A:1 1 1.1 false", "Desk:1 1 1.9 true"], "false A most_restrictive, Desk less_restrictive"),
        (vec!["A:1 1 1 false", "Desk:1 1 9 true"], "true Desk reconsent, A overruled"),
        (
            vec!["A:1 1 1 false", "B:1 1 10 false", "Desk:1 1 9 true"],
            "false B most_restrictive, A older, Desk less_restrictive",
        ),
    ];
    for (texts, expected) in cases {
        assert_eq!(survivor_of(&figures(), &rules, "optIn", members("optIn", &texts)), expected);
    }
}

#[test]
fn union_keeps_every_value_with_its_records() {
    let rules = json!({"label": {"action": "UNION"}});
    let members = members("label", &["A:1 2 1 blue", "B:1 1 1 Red", "C:1 3 1 RED"]);
    let expected = r#"["Red","blue"] B union, A included, C included"#;
    assert_eq!(survivor_of(&figures(), &rules, "label", members.clone()), expected);
    let members: Vec<Node> = members.iter().map(|(reference, state)| Node { reference, state }).collect();
    let entity = figures();
    let survivor = survive(&entity, &Rules::parse(&rules, &entity).unwrap(), &members).remove("label").unwrap();
    assert_eq!(&*survivor.value.canonical, r#"["red","blue"]"#);
    assert_eq!(survivor.shown(), json!(["Red", "blue"]));
    let sources: Vec<Vec<&str>> =
        survivor.sources.iter().map(|records| records.iter().map(|record| record.system.as_str()).collect()).collect();
    assert_eq!(sources, [vec!["B", "C"], vec!["A"]]);
    // It is given by the best record of each element, not by all that say so.
    assert_eq!(survivor.givers().map(|record| record.system.as_str()).collect::<Vec<_>>(), ["B", "A"]);
}

#[test]
fn aggregate_counts_one_thing_once() {
    let spent = |function: &str, once: bool| {
        let mut rule = json!({"action": "AGGREGATE", "function": function});
        if once {
            rule["countOnce"] = json!("order");
        }
        let mut members = members("spent", &["A:1 1 1 0.1", "B:1 2 1 0.1", "C:1 3 1 0.2"]);
        for (place, order) in [(0, "o1"), (1, "o1")] {
            let stated = member("order", &format!("A:1 1 1 {order}")).1;
            members[place].1 = both(&members[place].1, &stated);
        }
        survivor_of(&figures(), &json!({ "spent": rule }), "spent", members)
    };
    assert_eq!(spent("sum", false), "0.4 A aggregate, B included, C included");
    assert_eq!(spent("sum", true), "0.3 A aggregate, B counted_already, C included");
    assert_eq!(spent("count", true), "2 A aggregate, B counted_already, C included");
    assert_eq!(spent("min", true), "0.1 A aggregate, B counted_already, C included");
    assert_eq!(spent("max", true), "0.2 A aggregate, B counted_already, C included");
    assert_eq!(spent("average", true), "0.15 A aggregate, B counted_already, C included");
    assert_eq!(spent("average", false), "0.1333333333333333 A aggregate, B included, C included");
    // Half goes to the even digit.
    for (one, average) in [("0.0000000000000001", "0"), ("0.0000000000000003", "0.0000000000000002")] {
        let rules = json!({"spent": {"action": "AGGREGATE", "function": "average"}});
        let members = members("spent", &[&format!("A:1 1 1 {one}"), "B:1 2 1 0"]);
        assert_eq!(survivor_of(&figures(), &rules, "spent", members), format!("{average} A aggregate, B included"));
    }
}

/// A record with several attributes: `CRM 1 10 street=Elm, city=Ulm`.
fn record_with(text: &str) -> (RecordRef, State) {
    let (head, parts) = text.split_at(text.rfind("  ").unwrap());
    let mut parts = parts.trim().split(", ").map(|part| part.split_once('=').unwrap());
    let (first, value) = parts.next().unwrap();
    let (reference, state) = member(first, &format!("{head} {value}"));
    let state = parts.fold(state, |state, (name, value)| both(&state, &member(name, &format!("{head} {value}")).1));
    (reference, state)
}

/// What two states say together.
fn both(one: &State, other: &State) -> State {
    let mut draft = Draft::from(one);
    draft.held.extend(Draft::from(other).held);
    draft.into()
}

#[test]
fn a_group_survives_from_one_record() {
    let group = |fill: bool| {
        let order = json!([{"systemName": "CRM", "order": 1}]);
        json!({"groups": {"address": {"attributes": ["street", "city", "postcode"], "action": "UPDATE_IF_NEWER",
            "sourcePriority": order, "fill": fill}}})
    };
    let cases = [
        // An address is never mixed.
        (
            false,
            ["CRM:1 1 1  street=Elm 1, city=Ulm", "Web:1 1 9  city=Bonn, postcode=53111"],
            "Elm 1 CRM only_value|Ulm CRM best_rank, Web lower_rank|none",
        ),
        (
            true,
            ["CRM:1 1 1  street=Elm 1, city=Ulm", "Web:1 1 9  city=Bonn, postcode=53111"],
            "Elm 1 CRM only_value|Ulm CRM best_rank, Web lower_rank|none",
        ),
        // It is filled from a record that agrees.
        (
            true,
            ["CRM:1 1 1  street=Elm 1, city=Ulm", "Web:1 1 9  city=ULM, postcode=89073"],
            "Elm 1 CRM only_value|Ulm CRM agreed, Web lower_rank|89073 Web filled",
        ),
        (true, ["CRM:1 1 1  street=Elm 1", "Web:1 1 9  postcode=89073"], "Elm 1 CRM only_value|none|none"),
    ];
    for (fill, texts, expected) in cases {
        let members = texts.map(record_with).to_vec();
        let of = |name| survivor_of(&EntityType::customer(), &group(fill), name, members.clone());
        assert_eq!(["street", "city", "postcode"].map(of).join("|"), expected);
    }
    let third = [
        "CRM:1 1 1  street=Elm 1, city=Ulm",
        "Tel:1 1 2  city=Bonn, postcode=53111",
        "Web:1 2 9  city=Ulm, postcode=89073",
    ];
    let postcode = survivor_of(&EntityType::customer(), &group(true), "postcode", third.map(record_with).to_vec());
    assert_eq!(postcode, "89073 Web filled, Tel contradicts");
    // One that agrees with what was filled in alone may mean another place of that name; nor may it contradict that.
    let of = |texts: [&str; 3]| {
        let members = texts.map(record_with).to_vec();
        survivor_of(&EntityType::customer(), &group(true), "postcode", members)
    };
    let city = ["CRM:1 1 1  street=Elm 1", "Web:1 2 9  street=Elm 1, city=Ulm", "Tel:1 3 9  city=Ulm, postcode=89073"];
    assert_eq!(of(city), "none");
    let other = [
        "CRM:1 1 1  street=Elm 1",
        "Web:1 2 9  street=Elm 1, city=Ulm",
        "Tel:1 3 9  street=Elm 1, city=Bonn, postcode=53111",
    ];
    assert_eq!(of(other), "none");
    // Who is not admitted is told of what he states, and not of the rest.
    let listed = json!({"groups": {"address": {"attributes": ["street", "city"], "action": "UPDATE_IF_NEWER",
        "listedOnly": true, "sourcePriority": [{"systemName": "CRM", "order": 1}]}}});
    let members = || ["CRM:1 1 1  street=Elm 1, city=Ulm", "Web:1 1 9  city=Bonn"].map(record_with).to_vec();
    let of = |name| survivor_of(&EntityType::customer(), &listed, name, members());
    assert_eq!(["street", "city"].map(of), ["Elm 1 CRM only_value", "Ulm CRM only_value, Web not_listed"]);
}

#[test]
fn a_group_stands_with_the_most_trusted_of_its_newest_parts() {
    let rules = json!({"groups": {"address": {"attributes": ["street", "city"], "action": "UPDATE_IF_NEWER"}}});
    let with_city = |text: &str, city: &str| {
        let (reference, state) = member("street", text);
        (reference, both(&state, &member("city", city).1))
    };
    // One part of A has priority 1, the other 9; both of B have 5.
    let members = vec![with_city("A:1 9 5 Elm A", "A:1 1 5 Ulm"), with_city("B:1 5 5 Elm B", "B:1 5 5 Ulm")];
    let told = survivor_of(&EntityType::customer(), &rules, "street", members);
    assert_eq!(told, "Elm A A best_rank, B lower_rank");
}

#[test]
fn who_agrees_with_a_group_and_comes_after_the_one_that_filled_it_lost_by_rank() {
    let order = ["A", "B", "C"].iter().zip(1..).map(|(name, order)| json!({"systemName": name, "order": order}));
    let rules = json!({"groups": {"address": {"attributes": ["street", "city", "postcode"], "action": "UPDATE_IF_NEWER",
        "sourcePriority": order.collect::<Vec<_>>(), "fill": true}}});
    let texts =
        ["A:1 1 1  street=Elm 1, city=Ulm", "B:1 1 1  city=Ulm, postcode=89073", "C:1 1 1  city=Ulm, postcode=89075"];
    let told = survivor_of(&EntityType::customer(), &rules, "postcode", texts.map(record_with).to_vec());
    assert_eq!(told, "89073 B filled, C lower_rank");
}

#[test]
fn a_wrong_word_in_the_other_rules_is_named() {
    let of = |attribute: &str, rule: Json| json!({ attribute: rule });
    let group = |group: Json| json!({"mergeRules": {"label": {"action": "LONGEST"}}, "groups": {"g": group}});
    let cases = [
        (
            of("label", json!({"action": "LONGEST", "then": "UNION"})),
            "unknown key of merge rule of \"label\": \"then\"",
        ),
        (
            of("label", json!({"action": "VALID_FIRST", "then": "UNION"})),
            "then of merge rule of \"label\" does not order values",
        ),
        (
            of("label", json!({"action": "VALID_FIRST", "then": "CONSENT"})),
            "then of merge rule of \"label\" does not order values",
        ),
        (
            of("label", json!({"action": "CONSENT"})),
            "CONSENT in the merge rule of \"label\" needs an attribute of kind boolean",
        ),
        (
            of("label", json!({"action": "AGGREGATE", "function": "sum"})),
            "AGGREGATE in the merge rule of \"label\" needs an attribute of kind number",
        ),
        (of("spent", json!({"action": "AGGREGATE"})), "merge rule of \"spent\" has no function"),
        (
            of("spent", json!({"action": "AGGREGATE", "function": "add"})),
            "unknown function of merge rule of \"spent\": \"add\"",
        ),
        (
            of("spent", json!({"action": "AGGREGATE", "function": "sum", "countOnce": "oder"})),
            "unknown attribute of FIGURES: \"oder\"",
        ),
        (of("label", json!({"action": "LONGEST", "fallback": ["LONGST"]})), "unknown action: \"LONGST\""),
        (
            of("label", json!({"action": "LONGEST", "fallback": [{"action": "LONGEST", "fallback": ["EARLIEST"]}]})),
            "fallback in the merge rule of \"label\" has a fallback of its own",
        ),
        (
            group(json!({"attributes": ["order", "label"], "action": "MOST_RECENT"})),
            "\"label\" in the group \"g\" has another rule too",
        ),
        (
            group(json!({"attributes": ["order"], "action": "MOST_RECENT"})),
            "the group \"g\" has fewer than two attributes",
        ),
        (
            group(json!({"attributes": ["order", "oder"], "action": "MOST_RECENT"})),
            "unknown attribute of FIGURES: \"oder\"",
        ),
        (
            group(json!({"attributes": ["order", "spent"], "action": "EARLIEST"})),
            "EARLIEST does not choose a record for the group \"g\"",
        ),
        (
            group(json!({"attributes": ["order", "spent"], "action": "MOST_RECENT", "fil": true})),
            "unknown key of group \"g\": \"fil\"",
        ),
    ];
    for (json, message) in cases {
        assert_eq!(Rules::parse(&json, &figures()).unwrap_err().message, message);
    }
}
