//! The view `feed`: rows are kept while a statement runs and taken in one pass at its end, so that a COPY of any
//! number of lines is one batch.

use crate::error;
use crate::ingest::payloads;
use crate::owner::as_owner;
use crate::transaction::on_rollback;
use pgrx::prelude::*;
use pgrx::{pg_sys, WhoAllocated};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// So many bytes are kept at most before they are taken in.
const KEEP: usize = 64 << 20;

/// Payloads by feed, of one statement.
#[derive(Default)]
struct Kept {
    /// The depth of subtransactions it began in.
    level: i32,
    feeds: BTreeMap<String, Vec<String>>,
    bytes: usize,
}

thread_local! {
    // One entry a statement under way: a statement's trigger may itself write to the feed.
    static KEPT: RefCell<Vec<Kept>> = const { RefCell::new(Vec::new()) };
    static WATCHING: Cell<bool> = const { Cell::new(false) };
}

fn level() -> i32 {
    // SAFETY: reads the backend's transaction state.
    unsafe { pg_sys::GetCurrentTransactionNestLevel() }
}

/// Forgets the statements of the transaction or subtransaction that is rolled back.
fn forget() {
    let aborted = level();
    KEPT.with_borrow_mut(|kept| kept.retain(|statement| statement.level < aborted));
}

fn take_in(feeds: BTreeMap<String, Vec<String>>) -> error::Result<()> {
    as_owner(|| {
        for (feed, texts) in &feeds {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            payloads(&texts, feed, false)?;
        }
        Ok(())
    })
}

/// Raises what went wrong: a trigger cannot return an error with its SQLSTATE.
fn or_raise<T>(result: error::Result<T>) -> T {
    result.unwrap_or_else(|failure| failure.raise())
}

/// BEFORE INSERT on the view, once a statement.
#[pg_trigger]
fn feed_begin<'a>(_trigger: &'a PgTrigger<'a>) -> Result<Option<PgHeapTuple<'a, impl WhoAllocated>>, PgTriggerError> {
    on_rollback(&WATCHING, forget);
    KEPT.with_borrow_mut(|kept| kept.push(Kept { level: level(), ..Kept::default() }));
    Ok(None::<PgHeapTuple<'a, pgrx::AllocatedByPostgres>>)
}

/// INSTEAD OF INSERT on the view, once a row.
#[pg_trigger]
fn feed_row<'a>(trigger: &'a PgTrigger<'a>) -> Result<Option<PgHeapTuple<'a, impl WhoAllocated>>, PgTriggerError> {
    let row = trigger.new();
    let text = |name: &str| row.as_ref().and_then(|row| row.get_by_name::<String>(name).ok().flatten());
    // A blank line of a COPY is null, and a dead letter as any other that is no payload.
    let payload = text("payload").unwrap_or_default();
    let feed = text("feed").unwrap_or_else(|| "default".to_owned());
    let full = KEPT.with_borrow_mut(|kept| {
        let statement = kept.last_mut()?;
        statement.bytes += payload.len();
        statement.feeds.entry(feed).or_default().push(payload);
        (statement.bytes > KEEP).then(|| {
            statement.bytes = 0;
            std::mem::take(&mut statement.feeds)
        })
    });
    if let Some(feeds) = full {
        or_raise(take_in(feeds));
    }
    Ok(row)
}

/// AFTER INSERT on the view, once a statement.
#[pg_trigger]
fn feed_end<'a>(_trigger: &'a PgTrigger<'a>) -> Result<Option<PgHeapTuple<'a, impl WhoAllocated>>, PgTriggerError> {
    if let Some(statement) = KEPT.with_borrow_mut(Vec::pop) {
        or_raise(take_in(statement.feeds));
    }
    Ok(None::<PgHeapTuple<'a, pgrx::AllocatedByPostgres>>)
}
