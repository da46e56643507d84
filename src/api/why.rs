//! Why records are one golden record, and why two are not.

use super::{need, on_named, record_json, record_ref};
use crate::jsonb::Document;
use crate::owner::as_reader;
use crate::why;
use golden_record_core::score::Score;
use pgrx::datum::Uuid;
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;
use pgrx::JsonB;

fn evidence(score: &Score) -> JsonB {
    JsonB(serde_json::json!(score.evidence))
}

#[pg_extern(stable, name = "why")]
#[search_path(pg_catalog, pg_temp)]
fn why_together(
    golden_id: Option<Uuid>,
) -> std::result::Result<
    TableIterator<
        'static,
        (
            name!(record_a, JsonB),
            name!(record_b, JsonB),
            name!(via, String),
            name!(score, f64),
            name!(evidence, JsonB),
            name!(decision_id, Option<i64>),
        ),
    >,
    ErrorReport,
> {
    let golden_id = need(golden_id, "golden_id")?;
    let held = as_reader(|| why::why(golden_id))?;
    Ok(TableIterator::new(held.into_iter().map(|tie| {
        let (a, b) = (record_json(&tie.a), record_json(&tie.b));
        (a, b, tie.via.name().to_owned(), tie.score.points(), evidence(&tie.score), tie.decision)
    })))
}

#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn whose_value(golden_id: Option<Uuid>, attribute: Option<&str>) -> std::result::Result<Uuid, ErrorReport> {
    let (golden_id, attribute) = (need(golden_id, "golden_id")?, need(attribute, "attribute")?);
    Ok(as_reader(|| why::whose_value(golden_id, attribute))?)
}

#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn why_not(
    a: Option<Document>,
    b: Option<Document>,
    entity_type: default!(Option<&str>, "'CUSTOMER'"),
) -> std::result::Result<
    TableIterator<
        'static,
        (
            name!(reason, String),
            name!(detail, String),
            name!(score, f64),
            name!(evidence, JsonB),
            name!(shared, JsonB),
            name!(golden_a, Uuid),
            name!(golden_b, Uuid),
            name!(review_id, Option<i64>),
            name!(decision_id, Option<i64>),
        ),
    >,
    ErrorReport,
> {
    let (a, b) = (record_ref(&need(a, "a")?)?, record_ref(&need(b, "b")?)?);
    let entity_type = need(entity_type, "entity_type")?;
    let found = on_named([&a, &b], || as_reader(|| why::why_not(entity_type, &a, &b)))?;
    let shared = found
        .comparison
        .shared
        .iter()
        .map(|one| serde_json::json!({"key": one.key, "counts": one.counts, "number": one.number}));
    Ok(TableIterator::once((
        found.comparison.finding.name().to_owned(),
        found.comparison.finding.sentence().to_owned(),
        found.comparison.score.points(),
        evidence(&found.comparison.score),
        JsonB(shared.collect()),
        found.golden_a,
        found.golden_b,
        found.review,
        found.decision,
    )))
}
