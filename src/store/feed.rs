//! What is counted of feeds: what they sent, how often they fail, and by which keys.

use super::alert::Kind;
use super::{execute_latest, run_latest};
use crate::error::Result;
use crate::lock;
use golden_record_core::drift::{Drift, SystemKeys};
use std::collections::{BTreeMap, BTreeSet};

/// Adds to the counters of a feed; tells whether its error rate's alert is open.
pub fn count(feed: &str, slot: i16, accepted: i64, rejected: i64) -> Result<bool> {
    let rows = run_latest(
        include_str!("../../sql/query/feed/count.sql"),
        &[feed.into(), slot.into(), accepted.into(), rejected.into(), Kind::ErrorRate.name().into()],
        |row| Ok((row.need::<bool>(1)?, row.need::<bool>(2)?)),
    )?;
    let (first, open) = rows.first().copied().unwrap_or_default();
    if first && lock::note(&["window"]) {
        execute_latest(include_str!("../../sql/query/feed/prune_window.sql"), &[])?;
    }
    Ok(open)
}

/// The accepted and refused records of a feed in the last `seconds`.
pub fn rate(feed: &str, seconds: i32) -> Result<(i64, i64)> {
    let rows =
        run_latest(include_str!("../../sql/query/feed/rate.sql"), &[feed.into(), f64::from(seconds).into()], |row| {
            Ok((row.need(1)?, row.need(2)?))
        })?;
    Ok(rows.into_iter().next().unwrap_or((0, 0)))
}

/// What is known of the keys of a feed's systems: (system, slot, keys).
pub fn keys(feed: &str, systems: Vec<&str>) -> Result<Vec<(String, i16, SystemKeys)>> {
    run_latest(include_str!("../../sql/query/feed/keys_of_feed.sql"), &[feed.into(), systems.into()], |row| {
        let keys = serde_json::from_str(row.need(4)?)?;
        Ok((row.need(1)?, row.need(2)?, SystemKeys { records: row.need::<i64>(3)?.unsigned_abs(), keys }))
    })
}

/// The keys of a feed's systems that are noted as gone, by system.
pub fn keys_gone(feed: &str, systems: Vec<&str>) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let mut gone = BTreeMap::<String, BTreeSet<String>>::new();
    let sql = include_str!("../../sql/query/feed/keys_gone.sql");
    for (system, key) in
        run_latest(sql, &[feed.into(), systems.into()], |row| Ok((row.need::<String>(1)?, row.need(2)?)))?
    {
        gone.entry(system).or_default().insert(key);
    }
    Ok(gone)
}

/// Writes what is known of the keys of a feed's systems in a slot.
pub fn put_keys(feed: &str, slot: i16, systems: &BTreeMap<String, SystemKeys>) -> Result<()> {
    let names: Vec<&str> = systems.keys().map(String::as_str).collect();
    let records: Vec<i64> = systems.values().map(|keys| keys.records as i64).collect();
    let keys =
        systems.values().map(|keys| serde_json::to_string(&keys.keys)).collect::<std::result::Result<Vec<_>, _>>()?;
    execute_latest(
        include_str!("../../sql/query/feed/put_keys_of_feed.sql"),
        &[feed.into(), slot.into(), names.into(), records.into(), keys.into()],
    )
}

/// Notes drift.
pub fn put_drift(feed: &str, rows: &BTreeSet<(&str, Drift)>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    // One row a (system, key, change): a guess beats none.
    let best: BTreeMap<_, _> =
        rows.iter().map(|(system, row)| ((*system, &*row.key, row.change), row.guess.as_deref())).collect();
    let systems: Vec<&str> = best.keys().map(|key| key.0).collect();
    let keys: Vec<&str> = best.keys().map(|key| key.1).collect();
    let changes: Vec<&str> = best.keys().map(|key| key.2).collect();
    let guesses: Vec<Option<&str>> = best.into_values().collect();
    execute_latest(
        include_str!("../../sql/query/feed/put_drift.sql"),
        &[feed.into(), systems.into(), keys.into(), changes.into(), guesses.into()],
    )
}

/// Forgets drift that is over.
pub fn drop_drift(feed: &str, rows: &BTreeSet<(&str, Drift)>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let systems: Vec<&str> = rows.iter().map(|(system, _)| *system).collect();
    let keys: Vec<&str> = rows.iter().map(|(_, row)| row.key.as_str()).collect();
    let changes: Vec<&str> = rows.iter().map(|(_, row)| row.change).collect();
    execute_latest(
        include_str!("../../sql/query/feed/drop_drift.sql"),
        &[vec![feed; rows.len()].into(), systems.into(), keys.into(), changes.into()],
    )
}

/// Forgets drift that is settled now that a key stands for an attribute; what another transaction is about is left to it.
pub fn settle_drift(entity_type: &str, key: &str, attribute: &str) -> Result<()> {
    let sql = include_str!("../../sql/query/feed/settled_drift.sql");
    let mut settled = run_latest(sql, &[entity_type.into(), key.into(), attribute.into()], |row| {
        Ok([row.need::<String>(1)?, row.need(2)?, row.need(3)?, row.need(4)?])
    })?;
    settled.retain(|[feed, system, ..]| lock::note(&["drift", feed, system]));
    let column = |settled: &[[String; 4]], at: usize| settled.iter().map(|row| row[at].clone()).collect::<Vec<_>>();
    let named = |settled: &[[String; 4]]| [0, 1, 2].map(|at| column(settled, at));
    let ([feeds, systems, keys], changes) = (named(&settled), column(&settled, 3));
    execute_latest(
        include_str!("../../sql/query/feed/drop_drift.sql"),
        &[feeds.into(), systems.into(), keys.into(), changes.into()],
    )?;
    settled.retain(|[.., change]| change == "rate");
    let [feeds, systems, keys] = named(&settled);
    let mut slots = run_latest(
        include_str!("../../sql/query/feed/slots_unread.sql"),
        &[feeds.clone().into(), systems.clone().into(), keys.clone().into()],
        |row| Ok((row.need::<String>(1)?, row.need::<i16>(2)?)),
    )?;
    slots.retain(|(feed, slot)| lock::take_slot(feed, *slot));
    // The next that cannot be read is told of again.
    let (of, slots): (Vec<String>, Vec<i64>) = slots.into_iter().map(|(feed, slot)| (feed, i64::from(slot))).unzip();
    execute_latest(
        include_str!("../../sql/query/feed/count_unread_anew.sql"),
        &[feeds.into(), systems.into(), keys.into(), of.into(), slots.into()],
    )
}
