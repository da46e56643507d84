//! What happened: the change feed, and how far back the past is kept.

use crate::audit;
use crate::clock;
use crate::error::{Failure, Result};
use crate::owner::{as_owner, as_reader};
use crate::store::event::{self, Cursor};
use crate::store::history;
use golden_record_core::error::Error;
use pgrx::datum::{TimestampWithTimeZone, Uuid};
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;

/// A place in the change feed, as its consumers keep it: `generation.transaction.event`.
fn parse(text: &str) -> Option<Cursor> {
    if text.is_empty() {
        return Some(Cursor::default());
    }
    let mut parts = text.split('.');
    let cursor = Cursor {
        generation: parts.next()?.parse().ok()?,
        transaction: parts.next()?.parse().ok()?,
        event: parts.next()?.parse().ok()?,
    };
    (parts.next().is_none() && show(&cursor) == text).then_some(cursor)
}

fn show(cursor: &Cursor) -> String {
    format!("{}.{}.{}", cursor.generation, cursor.transaction, cursor.event)
}

fn after(text: Option<&str>) -> Result<Cursor> {
    Ok(parse(text.unwrap_or_default()).ok_or_else(|| {
        Error::invalid("the cursor is not one of changes_since")
            .hint("Give the cursor of the last row that was seen; NULL or '' begins at the first change.")
    })?)
}

#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn changes_since(
    cursor: Option<&str>,
    max_rows: default!(Option<i32>, "1000"),
) -> std::result::Result<
    TableIterator<
        'static,
        (
            name!(cursor, String),
            name!(at, TimestampWithTimeZone),
            name!(entity_type, String),
            name!(golden_id, Uuid),
            name!(change, String),
            name!(into_id, Option<Uuid>),
            name!(attributes, Vec<String>),
        ),
    >,
    ErrorReport,
> {
    let found = as_reader(|| {
        let max_rows = super::need(max_rows, "max_rows")?;
        if max_rows < 1 {
            return Err(Error::invalid("argument \"max_rows\" is below 1").hint("Ask for one row or more.").into());
        }
        event::changes_since(&after(cursor)?, max_rows)
    })?;
    let row = |seen: event::Seen| {
        (show(&seen.cursor), seen.at, seen.entity_type, seen.golden, seen.change, seen.other, seen.attributes)
    };
    Ok(TableIterator::new(found.into_iter().map(row)))
}

#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn forget_history(before: Option<TimestampWithTimeZone>) -> std::result::Result<i64, ErrorReport> {
    let before = super::need(before, "before")?;
    Ok(as_owner(|| {
        if before > clock::present() {
            return Err(Error::invalid("argument \"before\" lies in the future")
                .hint("What holds now is not history.")
                .into());
        }
        let gone = history::forget(before)?;
        audit::entry("forget_history", None, None, None, &serde_json::json!({"before": before, "rows": gone}))?;
        Ok(gone)
    })?)
}

// A row's xmin is that of the subtransaction which wrote it, so that SQL alone cannot tell.
#[pg_extern]
fn written_here(xmin: pg_sys::TransactionId) -> bool {
    // SAFETY: looks at the backend's own state.
    unsafe { pg_sys::TransactionIdIsCurrentTransactionId(xmin) }
}

// What the functions of the past ask first.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn remembered(at: Option<TimestampWithTimeZone>) -> std::result::Result<bool, ErrorReport> {
    let at = super::need(at, "at")?;
    match as_reader(|| history::horizon_after(at))? {
        None => Ok(true),
        Some(since) => Err(Failure::from(
            Error::invalid("history does not go back that far")
                .detail(format!("It is kept since {since}."))
                .hint("golden_record.forget_history removed what was before."),
        )
        .into()),
    }
}
