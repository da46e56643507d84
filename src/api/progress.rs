//! Progress of work on whole sets.

use crate::progress;
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;

#[pg_extern(volatile)]
#[search_path(pg_catalog, pg_temp)]
fn running() -> std::result::Result<
    TableIterator<
        'static,
        (
            name!(pid, i32),
            name!(command, String),
            name!(relation, String),
            name!(phase, String),
            name!(done, i64),
            name!(total, i64),
            name!(started_at, Option<TimestampWithTimeZone>),
        ),
    >,
    ErrorReport,
> {
    let rows = progress::all()?.into_iter().map(|state| {
        let started = TimestampWithTimeZone::try_from(state.started_at).ok();
        (state.pid, state.command, state.relation, state.phase, state.done, state.total, started)
    });
    Ok(TableIterator::new(rows))
}
