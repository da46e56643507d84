//! Ingest.

use crate::ingest::payloads;
use crate::owner::{as_owner, caller_may_read};
use pgrx::datum::Uuid;
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn ingest(
    payload: Option<&str>,
    feed: default!(Option<&str>, "'default'"),
) -> std::result::Result<
    TableIterator<
        'static,
        (
            name!(ordinal, i32),
            name!(system_name, Option<String>),
            name!(source_id, Option<String>),
            name!(outcome, String),
            name!(golden_id, Option<Uuid>),
            name!(detail, Option<String>),
        ),
    >,
    ErrorReport,
> {
    // A writer who may not read could otherwise send guesses, learn what they did, and roll back.
    let blind = !caller_may_read();
    let reports = as_owner(|| payloads(&[payload.unwrap_or_default()], feed.unwrap_or("default"), blind))?;
    Ok(TableIterator::new(reports.into_iter().map(move |report| {
        let golden = report.golden.filter(|_| !blind);
        let [system, id] = [report.system, report.id].map(|name| name.map(String::from));
        (report.ordinal, system, id, report.outcome.name().to_owned(), golden, report.detail)
    })))
}
