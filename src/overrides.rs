//! Stewards set values over what the merge rules choose, and clear them. What is in force then is for
//! [`crate::publish`] to see.

use crate::audit;
use crate::clock;
use crate::error::Result;
use crate::resolve::reconsider;
use crate::steward::{living, no_such_golden, Desk};
use crate::store::golden;
use crate::store::overrides::{self as store, End};
use crate::store::record::Stored as Record;
use golden_record_core::error::Error;
use golden_record_core::record::{Node, RecordRef};
use golden_record_core::survive::{survive, Given, Override};
use pgrx::datum::{TimestampWithTimeZone, Uuid};
use std::collections::HashMap;

/// What a steward sets.
pub struct Request<'a> {
    /// The golden record.
    pub golden: Uuid,
    /// The attribute.
    pub attribute: &'a str,
    /// The value.
    pub value: &'a str,
    /// When it ends.
    pub until: Option<TimestampWithTimeZone>,
    /// Whether it ends when the rules choose another value than now.
    pub until_changed: bool,
    /// The steward's words.
    pub note: Option<&'a str>,
}

/// The golden record that an id leads to, on the desk: its id and its members, those it was issued for first.
fn open(golden_id: Uuid) -> Result<(Desk, Uuid, Vec<Record>)> {
    let (golden_id, entity_type) = living(golden_id)?;
    let mut desk = Desk::open(&entity_type)?;
    let names = golden::members(golden_id)?;
    let first = desk.records(names.get(..1).unwrap_or_default())?.into_iter().next().ok_or_else(no_such_golden)?;
    // It may have been merged or split while its records were waited for.
    if first.row.golden != Some(golden_id) {
        return Err(no_such_golden());
    }
    let names = golden::members(golden_id)?;
    let mut members = desk.members(&first)?;
    let place: HashMap<&RecordRef, usize> = names.iter().zip(0..).collect();
    members.sort_by_key(|member| place.get(&member.row.reference).copied());
    Ok((desk, golden_id, members))
}

/// The overrides in force for an attribute that sit on members.
fn in_force(members: &[Record], attribute: &str) -> Result<Vec<i64>> {
    let stored = store::of_records(members.iter().map(|member| member.row.record_id).collect())?;
    Ok(stored.iter().filter(|stored| stored.set.attribute == attribute).map(|stored| stored.set.order).collect())
}

/// Sets a value over what the rules choose, in place of one that sits on the same record, and gives the override's id.
pub fn set(request: &Request) -> Result<i64> {
    let (mut desk, golden_id, members) = open(request.golden)?;
    let entity = std::sync::Arc::clone(&desk.entity);
    // Without what was given: it may be the value.
    let unknown = |error: Error| Error {
        message: format!("entity type \"{}\" has no such attribute", entity.entity.name),
        ..error
    };
    let attribute = entity.entity.require(request.attribute).map_err(unknown)?;
    if request.until.is_some_and(|until| until <= clock::present()) {
        let error = Error::invalid("argument \"until\" is not in the future");
        return Err(error.hint("Leave it out for a value that stays until it is cleared.").into());
    }
    // On the founding member that comes first by name; where none is left, on the first member.
    let on = members.first().ok_or_else(no_such_golden)?;
    let given = Given {
        text: request.value.to_owned(),
        several: entity.rules.unites(&attribute.name),
        region: on.state.region().to_owned(),
    };
    let new = Override {
        order: 0,
        record: on.row.reference.clone(),
        attribute: attribute.name.clone(),
        given: Some(given.clone()),
        at: clock::now(),
    };
    let value = new.read(&entity.entity, &entity.rules).ok_or_else(|| {
        let error = Error::invalid(format!("the value cannot be read as {}", attribute.kind.name()));
        error.hint(if given.several {
            "Give one value, or several as an array in JSON: the attribute's merge rule is UNION."
        } else {
            "To take a value away, retract it at its source or change the merge rules."
        })
    })?;
    let bound: Vec<Node> = members.iter().map(Record::node).collect();
    let chosen = survive(&entity.entity, &entity.rules, &bound).remove(attribute.name.as_str());
    // One on another member stays, for the day when the two are split.
    let replaced = in_force(&members[..1], &attribute.name)?;
    store::end(&replaced.iter().map(|id| (*id, End::Replaced)).collect::<Vec<_>>())?;
    let id = store::put(store::New {
        entity_type: &entity.entity.name,
        record_id: on.row.record_id,
        attribute: &attribute.name,
        given,
        shown: &attribute.shown(&value),
        chosen: chosen.map(|survivor| survivor.value.canonical.to_string()),
        until: request.until,
        until_changed: request.until_changed,
        note: request.note,
    })?;
    publish(&mut desk, &members)?;
    let detail = serde_json::json!({
        "override_id": id, "attribute": attribute.name, "replaced": replaced, "until_changed": request.until_changed,
    });
    audit::entry("override", Some(&entity.entity.name), Some(golden_id), request.note, &detail)?;
    Ok(id)
}

/// Ends the overrides in force on an attribute of a golden record.
pub fn clear(golden_id: Uuid, name: &str, note: Option<&str>) -> Result<()> {
    let (mut desk, golden_id, members) = open(golden_id)?;
    let entity = std::sync::Arc::clone(&desk.entity);
    let attribute = &entity.entity.require(name)?.name;
    let ended = in_force(&members, attribute)?;
    if ended.is_empty() {
        return Err(Error::new("42704", format!("no override of \"{attribute}\" is in force on the golden record"))
            .hint("View golden_record.overrides lists them.")
            .into());
    }
    store::end(&ended.iter().map(|id| (*id, End::Cleared)).collect::<Vec<_>>())?;
    publish(&mut desk, &members)?;
    let detail = serde_json::json!({"override_ids": ended, "attribute": attribute});
    audit::entry("clear_override", Some(&entity.entity.name), Some(golden_id), note, &detail)
}

fn publish(desk: &mut Desk, members: &[Record]) -> Result<()> {
    let rows: Vec<i64> = members.iter().map(|member| member.row.record_id).collect();
    reconsider(&desk.entity, &desk.keyring, &mut desk.held, &rows, None)?;
    Ok(())
}
