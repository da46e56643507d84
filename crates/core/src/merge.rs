//! `merge_golden`: records as they are sent → one golden record, by the same steps as the pipeline.

use crate::entity::EntityType;
use crate::error::Error;
use crate::fold::fold;
use crate::payload::{parse_record, Surroundings};
use crate::record::{Node, RecordRef, State, Version};
use crate::source::SourceOptions;
use crate::survive::{survive, Choice, Loser, Rules, Survivor};
use crate::value::{rfc3339, Text};
use serde_json::{json, Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Everything that decides how records of one entity type become a golden record.
pub struct Configuration<'a> {
    /// The entity type.
    pub entity: &'a EntityType,
    /// The attribute of a payload's key, where it is not the key itself.
    pub mapping: &'a BTreeMap<String, String>,
    /// The options of a source system, by its name.
    pub source: &'a (dyn Fn(&str) -> Arc<SourceOptions> + Sync),
    /// The merge rules.
    pub rules: &'a Rules,
}

/// Merges records, each the guide's record object as text, under the shipped entity type `CUSTOMER`; `rules` in the
/// guide's form, or null for the shipped ones. A function of its arguments alone.
///
/// All records are taken to be of one customer. Several versions of a source record are folded first. Gives
/// `{"attributes": {name: value}, "lineage": {name: {…}}}`.
///
/// Errors: `22023` for wrong rules; the SQLSTATE of the refusal for a bad record, with its ordinal and field in DETAIL.
pub fn merge_golden(records: &[&str], rules: &Value) -> Result<Value, Error> {
    let entity = EntityType::customer();
    let rules = if rules.is_null() { Rules::shipped(&entity) } else { Rules::parse(rules, &entity)? };
    let options = Arc::new(SourceOptions::default());
    let source = |_: &str| Arc::clone(&options);
    merge_under(&Configuration { entity: &entity, mapping: &BTreeMap::new(), source: &source, rules: &rules }, records)
}

/// The same under any configuration: what the aggregate `merge_golden` calls at its end.
pub fn merge_under(configuration: &Configuration, records: &[&str]) -> Result<Value, Error> {
    let mut versions: BTreeMap<RecordRef, Vec<Version>> = BTreeMap::new();
    for (ordinal, text) in (1_u32..).zip(records) {
        let version = read(configuration, text, ordinal)?;
        versions.entry(version.record.clone()).or_default().push(version);
    }
    let state = |(reference, versions): (RecordRef, Vec<Version>)| {
        let source = (configuration.source)(&reference.system);
        let state = fold(configuration.entity, configuration.mapping, &source, &versions);
        (reference, state)
    };
    let states: Vec<(RecordRef, State)> = versions.into_iter().map(state).collect();
    let members: Vec<Node> = states.iter().map(|(reference, state)| Node { reference, state }).collect();
    Ok(golden_json(&survive(configuration.entity, configuration.rules, &members)))
}

/// The entity type of records that are merged together; that which ships where none states one.
///
/// # Errors
/// 22023 where they are of several.
pub fn entity_type(records: &[&str]) -> Result<String, Error> {
    let stated = |text: &&str| {
        let record: Value = serde_json::from_str(text).ok()?;
        Some(record.get("entityType")?.as_str()?.trim().to_owned())
    };
    let mut types: BTreeSet<String> = records.iter().filter_map(stated).collect();
    match (types.pop_first(), types.is_empty()) {
        (Some(name), true) => Ok(name),
        (None, _) => Ok(EntityType::customer().name),
        (Some(_), false) => Err(Error::invalid("records of several entity types cannot be merged")
            .hint("Merge those of each entity type by themselves, as with GROUP BY record ->> 'entityType'.")),
    }
}

fn read(configuration: &Configuration, text: &str, ordinal: u32) -> Result<Version, Error> {
    let known = |name: &str| name == configuration.entity.name;
    let surroundings = Surroundings { source: configuration.source, known: &known, now: None };
    parse_record(text, &surroundings).map_err(|refused| {
        let refusal = refused.refusal;
        let field = if refusal.field.is_empty() { "The record".to_owned() } else { format!("Field {}", refusal.field) };
        Error::new(refusal.sqlstate, format!("record {ordinal} cannot be merged"))
            .detail(format!("{field} {}.", refusal.reason))
    })
}

/// Golden values as `{"attributes": …, "lineage": …}`.
pub fn golden_json(survivors: &BTreeMap<Text, Survivor>) -> Value {
    let attributes: Map<String, Value> =
        survivors.iter().map(|(name, survivor)| (name.to_string(), survivor.shown())).collect();
    json!({"attributes": attributes, "lineage": lineage_json(survivors)})
}

/// The lineage of golden values, by attribute.
pub fn lineage_json(survivors: &BTreeMap<Text, Survivor>) -> Value {
    survivors.iter().map(|(name, survivor)| (name.to_string(), line_json(survivor))).collect::<Map<_, _>>().into()
}

/// The lineage of one value, without it, as everybody is shown it: who won, by which action, why, and who lost.
pub fn line_json(survivor: &Survivor) -> Value {
    let loser = |loser: &Loser| {
        json!({
            "systemName": loser.record.system,
            "id": loser.record.id,
            "eventTime": rfc3339(loser.at),
            "sourcePriority": loser.priority,
            // Of what a steward set nobody is told who says the same.
            "agrees": (survivor.action != Choice::Override).then_some(loser.agrees),
            "reason": loser.reason,
        })
    };
    json!({
        "systemName": survivor.winner.system,
        "id": survivor.winner.id,
        "eventTime": rfc3339(survivor.at),
        "sourcePriority": survivor.priority,
        "action": survivor.action,
        "reason": survivor.reason,
        "losers": survivor.losers.iter().map(loser).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn record(system: &str, at: &str, attributes: Value) -> String {
        json!({
            "entityType": "CUSTOMER",
            "externalSystemIds": [{"systemName": system, "id": "1"}],
            "attributes": attributes,
            "sourcePriority": 1,
            "timestamp": at,
        })
        .to_string()
    }

    #[test]
    fn the_guides_rules_give_the_guides_golden_record() {
        let crm = record(
            "Salesforce_CRM",
            "2023-10-27T10:00:00Z",
            json!({"email": "john.doe@example.com",
            "phoneNumber": "+1-555-0198", "lastPurchaseDate": "2023-10-15T14:30:00Z", "lastName": "Doe"}),
        );
        let web = record(
            "Web_App",
            "2023-11-01T10:00:00Z",
            json!({"email": "jhon.doe@example.com",
            "lastPurchaseDate": "2023-10-31T09:00:00Z"}),
        );
        let telephony = record("Telephony_Logs", "2023-09-01T10:00:00Z", json!({"phoneNumber": "(212) 555-0123"}));
        let records = [crm.as_str(), web.as_str(), telephony.as_str()];
        let golden = merge_golden(&records, &Value::Null).unwrap();
        assert_eq!(
            golden["attributes"],
            json!({"email": "john.doe@example.com", "phoneNumber": "+12125550123",
            "lastPurchaseDate": "2023-10-31T09:00:00Z", "lastName": "Doe"})
        );
        assert_eq!(
            golden["lineage"]["email"],
            json!({"systemName": "Salesforce_CRM", "id": "1",
            "eventTime": "2023-10-27T10:00:00Z", "sourcePriority": 1, "action": "UPDATE_IF_NEWER", "reason": "best_rank",
            "losers": [{"systemName": "Web_App", "id": "1", "eventTime": "2023-11-01T10:00:00Z", "sourcePriority": 1,
                "agrees": false, "reason": "lower_rank"}]})
        );
        let reversed = [telephony.as_str(), web.as_str(), crm.as_str(), crm.as_str()];
        assert_eq!(merge_golden(&reversed, &Value::Null).unwrap(), golden);
        assert_eq!(merge_golden(&[], &Value::Null).unwrap(), json!({"attributes": {}, "lineage": {}}));
    }

    #[test]
    fn records_are_of_one_entity_type() {
        let of = |records: &[&str]| entity_type(records).map_err(|error| error.sqlstate);
        assert_eq!(of(&[r#"{"entityType": " PARTNER "}"#, "7", r#"{"entityType": "PARTNER"}"#]), Ok("PARTNER".into()));
        assert_eq!(of(&["{}"]), Ok("CUSTOMER".into()));
        assert_eq!(of(&[r#"{"entityType": "CUSTOMER"}"#, r#"{"entityType": "PARTNER"}"#]), Err("22023"));
    }

    #[test]
    fn a_bad_record_is_named_by_ordinal_and_field() {
        let good = record("CRM", "2023-10-27T10:00:00Z", json!({}));
        let bad = record("CRM", "2023-02-30", json!({}));
        let error = merge_golden(&[&good, &bad], &json!({})).unwrap_err();
        assert_eq!((error.sqlstate, error.message.as_str()), ("22007", "record 2 cannot be merged"));
        assert_eq!(error.detail.as_deref(), Some("Field timestamp is not a date and time that exists."));
        let error = merge_golden(&["7"], &json!({})).unwrap_err();
        assert_eq!(error.detail.as_deref(), Some("The record is not an object."));
        assert_eq!(merge_golden(&[], &json!({"email": {"action": "BEST"}})).unwrap_err().sqlstate, "22023");
    }
}
