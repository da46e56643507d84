//! Stewardship: decisions, and attached tables, which the tables' owners look after.

use super::record_ref;
use crate::attach::{self, Relation, Request};
use crate::error::Result;
use crate::owner::as_owner;
use crate::steward::{self, Verdict};
use golden_record_core::error::Error;
use pgrx::datum::Uuid;
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;
use pgrx::{JsonB, PgRelation};

fn is_same(decision: &str) -> Result<bool> {
    match decision {
        "same" => Ok(true),
        "different" => Ok(false),
        _ => {
            Err(Error::invalid(format!("unknown decision \"{decision}\"")).hint("Decide 'same' or 'different'.").into())
        }
    }
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn decide(
    review_id: i64,
    decision: &str,
    note: default!(Option<&str>, "NULL"),
) -> std::result::Result<i64, ErrorReport> {
    let verdict = Verdict { same: is_same(decision)?, note, action: "decide" };
    Ok(as_owner(|| steward::decide(review_id, &verdict))?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn link(
    a: JsonB,
    b: JsonB,
    note: default!(Option<&str>, "NULL"),
    entity_type: default!(&str, "'CUSTOMER'"),
) -> std::result::Result<i64, ErrorReport> {
    let (a, b) = (record_ref(&a)?, record_ref(&b)?);
    let verdict = Verdict { same: true, note, action: "link" };
    Ok(as_owner(|| steward::between(entity_type, &a, &b, &verdict))?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn unlink(
    a: JsonB,
    b: JsonB,
    note: default!(Option<&str>, "NULL"),
    entity_type: default!(&str, "'CUSTOMER'"),
) -> std::result::Result<i64, ErrorReport> {
    let (a, b) = (record_ref(&a)?, record_ref(&b)?);
    Ok(as_owner(|| steward::unlink(entity_type, &a, &b, note))?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn unmerge(
    golden_id: Uuid,
    members: Vec<JsonB>,
    note: default!(Option<&str>, "NULL"),
) -> std::result::Result<Option<Uuid>, ErrorReport> {
    let names = members.iter().map(record_ref).collect::<Result<Vec<_>>>()?;
    Ok(as_owner(|| steward::unmerge(golden_id, &names, note))?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn revert_decision(id: i64, note: default!(Option<&str>, "NULL")) -> std::result::Result<(), ErrorReport> {
    Ok(as_owner(|| steward::revert(id, note))?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn attach_source(
    relation: PgRelation,
    system_name: Option<&str>,
    id_column: Option<&str>,
    columns: default!(Option<JsonB>, "NULL"),
    entity_type: default!(&str, "'CUSTOMER'"),
    timestamp_column: default!(Option<&str>, "NULL"),
    options: default!(Option<JsonB>, "NULL"),
) -> std::result::Result<(), ErrorReport> {
    let id_column = id_column.ok_or_else(|| crate::error::Failure::from(Error::new("22004", "id_column is null")))?;
    let checked = Relation::of_caller(&relation)?;
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
fn detach_source(relation: PgRelation) -> std::result::Result<(), ErrorReport> {
    Ok(attach::detach(&Relation::of_caller(&relation)?)?)
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn backfill(relation: PgRelation) -> std::result::Result<i64, ErrorReport> {
    Ok(attach::backfill(&Relation::of_caller(&relation)?)?)
}
