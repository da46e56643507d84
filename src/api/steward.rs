//! Stewardship: decisions, and attached tables, which the tables' owners look after.

use super::{need, on_named, record_ref};
use crate::attach::{self, Relation, Request};
use crate::error::Result;
use crate::jsonb::Document;
use crate::overrides;
use crate::owner::as_owner;
use crate::regclass::Named;
use crate::retry::{forget, retry};
use crate::steward::{self, Verdict};
use golden_record_core::cluster::decision::Ruling;
use golden_record_core::error::Error;
use golden_record_core::review::Filter;
use pgrx::datum::{TimestampWithTimeZone, Uuid};
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;

fn ruling(decision: &str) -> Result<Ruling> {
    Ruling::parse(decision).ok_or_else(|| {
        // Without it: it may be the note.
        Error::invalid("unknown decision").hint("Decide 'same' or 'different'.").into()
    })
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn decide(
    review_id: Option<i64>,
    decision: Option<&str>,
    note: default!(Option<&str>, "NULL"),
) -> std::result::Result<i64, ErrorReport> {
    let (review_id, decision) = (need(review_id, "review_id")?, need(decision, "decision")?);
    let verdict = Verdict { ruling: ruling(decision)?, note, action: "decide" };
    Ok(as_owner(|| steward::decide(review_id, &verdict))?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn decide_all(
    filter: Option<Document>,
    decision: Option<&str>,
    note: Option<&str>,
) -> std::result::Result<i64, ErrorReport> {
    let (filter, decision) = (need(filter, "filter")?, need(decision, "decision")?);
    let filter = Filter::parse(&filter.0).map_err(crate::error::Failure::from)?;
    let verdict = Verdict { ruling: ruling(decision)?, note, action: "decide_all" };
    Ok(as_owner(|| steward::decide_all(&filter, &verdict))?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn link(
    a: Option<Document>,
    b: Option<Document>,
    note: default!(Option<&str>, "NULL"),
    entity_type: default!(Option<&str>, "'CUSTOMER'"),
) -> std::result::Result<i64, ErrorReport> {
    let (a, b) = (record_ref(&need(a, "a")?)?, record_ref(&need(b, "b")?)?);
    let entity_type = need(entity_type, "entity_type")?;
    let verdict = Verdict { ruling: Ruling::Same, note, action: "link" };
    Ok(on_named([&a, &b], || as_owner(|| steward::between(entity_type, &a, &b, &verdict)))?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn unlink(
    a: Option<Document>,
    b: Option<Document>,
    note: default!(Option<&str>, "NULL"),
    entity_type: default!(Option<&str>, "'CUSTOMER'"),
) -> std::result::Result<i64, ErrorReport> {
    let (a, b) = (record_ref(&need(a, "a")?)?, record_ref(&need(b, "b")?)?);
    let entity_type = need(entity_type, "entity_type")?;
    Ok(on_named([&a, &b], || as_owner(|| steward::unlink(entity_type, &a, &b, note)))?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn unmerge(
    golden_id: Option<Uuid>,
    members: Option<Vec<Option<Document>>>,
    note: default!(Option<&str>, "NULL"),
) -> std::result::Result<Option<Uuid>, ErrorReport> {
    let golden_id = need(golden_id, "golden_id")?;
    let members = need(members, "members")?.into_iter();
    let names = members.map(|member| record_ref(&need(member, "a member")?)).collect::<Result<Vec<_>>>()?;
    Ok(on_named(&names, || as_owner(|| steward::unmerge(golden_id, &names, note)))?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn revert_decision(id: Option<i64>, note: default!(Option<&str>, "NULL")) -> std::result::Result<(), ErrorReport> {
    let id = need(id, "id")?;
    Ok(as_owner(|| steward::revert(id, note))?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn retry_rejected(filter: default!(Option<Document>, "'{}'")) -> std::result::Result<i64, ErrorReport> {
    Ok(as_owner(|| retry(&need(filter, "filter")?.0))?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn forget_rejected(
    filter: Option<Document>,
    before: default!(Option<TimestampWithTimeZone>, "NULL"),
) -> std::result::Result<i64, ErrorReport> {
    Ok(as_owner(|| forget(&need(filter, "filter")?.0, before))?)
}

#[pg_extern(name = "override")]
#[search_path(pg_catalog, pg_temp)]
fn override_value(
    golden_id: Option<Uuid>,
    attribute: Option<&str>,
    value: Option<&str>,
    until: default!(Option<TimestampWithTimeZone>, "NULL"),
    note: default!(Option<&str>, "NULL"),
    until_changed: default!(Option<bool>, "false"),
) -> std::result::Result<i64, ErrorReport> {
    Ok(as_owner(|| {
        overrides::set(&overrides::Request {
            golden: need(golden_id, "golden_id")?,
            attribute: need(attribute, "attribute")?,
            value: need(value, "value")?,
            until,
            until_changed: need(until_changed, "until_changed")?,
            note,
        })
    })?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn clear_override(
    golden_id: Option<Uuid>,
    attribute: Option<&str>,
    note: default!(Option<&str>, "NULL"),
) -> std::result::Result<(), ErrorReport> {
    let (golden_id, attribute) = (need(golden_id, "golden_id")?, need(attribute, "attribute")?);
    Ok(as_owner(|| overrides::clear(golden_id, attribute, note))?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn attach_source(
    relation: Option<Named>,
    system_name: Option<&str>,
    id_column: Option<&str>,
    columns: default!(Option<Document>, "NULL"),
    entity_type: default!(Option<&str>, "'CUSTOMER'"),
    timestamp_column: default!(Option<&str>, "NULL"),
    options: default!(Option<Document>, "NULL"),
) -> std::result::Result<(), ErrorReport> {
    let (relation, id_column) = (need(relation, "relation")?, need(id_column, "id_column")?);
    let entity_type = need(entity_type, "entity_type")?;
    let checked = Relation::to_attach(&relation.0)?;
    attach::attach(
        &checked,
        &Request {
            system: system_name,
            id_column,
            columns: columns.as_ref().map(|columns| &columns.0),
            entity_type,
            timestamp_column,
            options: options.as_ref().map(|options| &options.0),
        },
    )?;
    Ok(())
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn detach_source(relation: Option<Named>) -> std::result::Result<(), ErrorReport> {
    Ok(attach::detach(&Relation::of_caller(&need(relation, "relation")?.0)?)?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn backfill(relation: Option<Named>, train: default!(Option<bool>, "false")) -> std::result::Result<i64, ErrorReport> {
    let (relation, train) = (need(relation, "relation")?, need(train, "train")?);
    Ok(attach::backfill(&Relation::of_caller(&relation.0)?, train)?)
}
