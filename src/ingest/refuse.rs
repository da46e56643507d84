//! What is refused: dead letters, what an attached table owns, and how often feeds fail.

use super::prepare::Prepared;
use super::touched::AllTouched;
use crate::error::Result;
use crate::guc;
use crate::store::configuration as configured;
use crate::store::event;
use golden_record_core::error::Refusal;
use golden_record_core::payload;
use pgrx::pg_sys;
use std::collections::BTreeSet;

/// Slots of the counters.
const SLOTS: i32 = 8;

/// A record that was refused, with its place in the payload.
pub(super) type Refused = (i32, Box<payload::Refused>);

/// The slot of this backend's counts, so that two seldom meet in one row.
pub(super) fn slot() -> i16 {
    // SAFETY: a plain global of the backend.
    (unsafe { pg_sys::MyProcPid } % SLOTS) as i16
}

/// A refusal as it is kept.
pub(super) fn letter(ordinal: i32, refused: payload::Refused) -> event::DeadLetter {
    event::DeadLetter {
        system: refused.system_name,
        id: refused.source_id,
        ordinal,
        refusal: refused.refusal,
        payload: refused.payload,
    }
}

/// Adds to the feed's counters, and raises or closes its alert.
pub(super) fn count(feed: &str, accepted: usize, refused: usize) -> Result<()> {
    let open = event::count(feed, slot(), accepted as i64, refused as i64)?;
    // What is accepted lowers the rate: it can raise no alert.
    if refused == 0 && !open {
        return Ok(());
    }
    let threshold = guc::ALERT_ERROR_RATE.get();
    let seconds = guc::ALERT_WINDOW.get();
    let (accepted, rejected) = event::rate(feed, seconds)?;
    let figure = rejected as f64 / (accepted + rejected).max(1) as f64;
    if figure > threshold {
        let detail = serde_json::json!({"accepted": accepted, "rejected": rejected, "window_seconds": seconds});
        event::open_alert("error_rate", feed, figure, threshold, &detail)
    } else if open {
        event::close_alert("error_rate", feed)
    } else {
        Ok(())
    }
}

/// A feed may not write the record of an attached table: the table's row is the record.
pub(super) fn foreign(touched: &AllTouched, incoming: Vec<Prepared>) -> Result<(Vec<Prepared>, Vec<Refused>)> {
    let owners: BTreeSet<i64> = touched.records.iter().filter_map(|record| record.attachment).collect();
    if owners.is_empty() {
        return Ok((incoming, Vec::new()));
    }
    // A table that was dropped or detached owns nothing any more.
    let followed = configured::followed(owners.into_iter().collect())?;
    let (mut mine, mut refused) = (Vec::with_capacity(incoming.len()), Vec::new());
    for incoming in incoming {
        let owner = touched.find(&incoming.version.record).and_then(|record| record.attachment);
        if owner.is_some_and(|id| followed.contains(&id)) {
            let refusal = Refusal {
                field: "externalSystemIds[0]".into(),
                reason: "the record belongs to an attached table".into(),
                sqlstate: "55000",
            };
            refused.push((
                incoming.ordinal,
                Box::new(payload::Refused {
                    refusal,
                    retryable: true,
                    system_name: Some(incoming.version.record.system.to_string()),
                    source_id: Some(incoming.version.record.id.to_string()),
                    payload: incoming.version.content(),
                }),
            ));
        } else {
            mine.push(incoming);
        }
    }
    Ok((mine, refused))
}
