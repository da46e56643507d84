//! Alerts: one open at a time of a kind and what it is about.

use super::event::notify;
use super::{execute_latest, run_latest};
use crate::error::Result;
use crate::lock;
use golden_record_core::words;

words! {
    /// What an alert is about.
    pub enum Kind {
        /// A feed's records are refused too often.
        ErrorRate => "error_rate",
        /// A login tries too often to see what it may not.
        AccessRefused => "access_refused",
        /// Records of an entity type are too many in one component to be solved.
        ComponentCap => "component_cap",
    }
}

/// The right to write an alert, which is there for one transaction at a time: another that has it says as much.
///
/// Of refusals that would be for any writer to prevent: it names its feed as it likes, so that their notes are one, and stays open.
/// They are written by the access log's workers alone, whose transactions end within milliseconds and wait for each other.
fn mine(kind: Kind, feed: &str) -> bool {
    kind == Kind::AccessRefused || lock::note(&["alert", kind.name(), feed])
}

/// Opens an alert or updates the open one; listeners are woken when it is new.
pub fn open(kind: Kind, feed: &str, figure: f64, threshold: f64, detail: &serde_json::Value) -> Result<()> {
    if !mine(kind, feed) {
        return Ok(());
    }
    let opened = run_latest(
        include_str!("../../sql/query/alert/open_alert.sql"),
        &[kind.name().into(), feed.into(), figure.into(), threshold.into(), detail.to_string().into()],
        |row| Ok((row.need::<i64>(1)?, row.need::<bool>(2)?)),
    )?;
    for (alert_id, _) in opened.into_iter().filter(|(_, new)| *new) {
        let payload = serde_json::json!({"alert_id": alert_id, "kind": kind, "feed": feed}).to_string();
        notify("golden_record_alert", &payload)?;
    }
    Ok(())
}

/// Closes the open alert of a feed.
pub fn close(kind: Kind, feed: &str) -> Result<()> {
    if !mine(kind, feed) {
        return Ok(());
    }
    execute_latest(include_str!("../../sql/query/alert/close_alert.sql"), &[kind.name().into(), feed.into()])
}
