//! What is refused: dead letters, what an attached table owns, and how often feeds fail.

use super::accept::Origin;
use super::prepare::Prepared;
use super::touched::{AllTouched, Touched};
use crate::error::Result;
use crate::store::alert::{self, Kind};
use crate::store::configuration as configured;
use crate::store::feed;
use crate::store::letters::DeadLetter;
use crate::{alias, guc, lock};
use golden_record_core::error::Refusal;
use golden_record_core::payload;
use std::collections::BTreeSet;

/// A record that was refused, with its place in the payload.
pub(super) type Refused = (i32, Box<payload::Refused>);

/// A refusal as it is kept.
pub(super) fn letter(ordinal: i32, refused: payload::Refused) -> DeadLetter {
    DeadLetter {
        system: refused.system_name,
        id: refused.source_id,
        ordinal,
        refusal: refused.refusal,
        payload: refused.payload,
    }
}

/// Adds to the feed's counters, and raises or closes its alert.
pub(super) fn count(feed: &str, accepted: usize, refused: usize) -> Result<()> {
    let Some(slot) = lock::slot(feed) else { return Ok(()) };
    let open = feed::count(feed, slot, accepted as i64, refused as i64)?;
    // What is accepted lowers the rate: it can raise no alert.
    if refused == 0 && !open {
        return Ok(());
    }
    let threshold = guc::ALERT_ERROR_RATE.get();
    let seconds = guc::ALERT_WINDOW.get();
    let (accepted, rejected) = feed::rate(feed, seconds)?;
    let figure = rejected as f64 / (accepted + rejected).max(1) as f64;
    if figure > threshold {
        let detail = serde_json::json!({"accepted": accepted, "rejected": rejected, "window_seconds": seconds});
        alert::open(Kind::ErrorRate, feed, figure, threshold, &detail)
    } else if open {
        alert::close(Kind::ErrorRate, feed)
    } else {
        Ok(())
    }
}

/// The record of an attached table is that table's row: neither a feed nor another table may write it.
pub(super) fn foreign(
    touched: &AllTouched,
    incoming: Vec<Prepared>,
    origin: &Origin,
) -> Result<(Vec<Prepared>, Vec<Refused>)> {
    let own = origin.attachment();
    let owner_of = |record: &Touched| match own {
        // Where a table has no row any more, another's may come.
        Some(_) if !record.old.live() => None,
        _ => record.row.attachment.filter(|owner| Some(*owner) != own),
    };
    let owners: BTreeSet<i64> = touched.records.iter().filter_map(owner_of).collect();
    if owners.is_empty() {
        return Ok((incoming, Vec::new()));
    }
    // A table that was dropped or detached owns nothing any more.
    let followed = configured::followed(owners.into_iter().collect())?;
    let (mut mine, mut refused) = (Vec::with_capacity(incoming.len()), Vec::new());
    for incoming in incoming {
        let owner = touched.find(&incoming.version.record).and_then(owner_of);
        if !owner.is_some_and(|id| followed.contains(&id)) {
            mine.push(incoming);
        } else if !(own.is_some() && incoming.retracts_all()) {
            refused.push((incoming.ordinal, Box::new(of_another(&incoming, own.is_some()))));
        }
    }
    Ok((mine, refused))
}

fn of_another(incoming: &Prepared, table: bool) -> payload::Refused {
    let version = alias::take_back(&incoming.version, &incoming.originals);
    let reason =
        if table { "the record belongs to another attached table" } else { "the record belongs to an attached table" };
    payload::Refused {
        refusal: Refusal { field: "externalSystemIds[0]".into(), reason: reason.into(), sqlstate: "55000" },
        retryable: true,
        system_name: Some(version.record.system.to_string()),
        source_id: Some(version.record.id.to_string()),
        payload: version.content(),
    }
}
