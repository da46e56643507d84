//! Refused records tried again, since what was in their way may be gone, an entity type undefined then, a timestamp in the
//! future; or forgotten.

use crate::audit;
use crate::error::Result;
use crate::ingest::{lock_types, take};
use crate::store::letters::{self, Again};
use golden_record_core::error::Refusal;
use golden_record_core::rejected;
use pgrx::datum::TimestampWithTimeZone;
use serde_json::{json, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Takes the dead letters of a filter in again, feed by feed, and gives how many were accepted. Those leave the dead
/// letters; the others stay, with their new reason and one attempt more.
///
/// Entity types are locked before letters, as an erasure does, which may take some of the letters away meanwhile.
pub fn retry(filter: &Value) -> Result<i64> {
    rejected::check(filter)?;
    let mut by_feed = BTreeMap::<String, Vec<letters::Letter>>::new();
    let (mut letters, damaged) = letters::selected(filter)?;
    for id in damaged {
        pgrx::warning!(
            "refused record {id} was damaged and cannot be tried again: golden_record.forget_rejected takes it away"
        );
    }
    lock_types(&letters.iter().map(|letter| letter.payload.as_str()).collect::<Vec<_>>())?;
    let held = letters::hold(letters.iter().map(|letter| letter.id).collect())?;
    letters.retain(|letter| held.contains(&letter.id));
    for letter in letters {
        by_feed.entry(letter.feed.clone()).or_default().push(letter);
    }
    let (mut accepted, mut refused) = (Vec::new(), Vec::new());
    for (feed, letters) in &by_feed {
        let texts: Vec<&str> = letters.iter().map(|letter| letter.payload.as_str()).collect();
        let taken = take(&texts, feed, false)?;
        // A payload that could not be cut counts as one record, a whole one may hold several.
        let mut reasons = BTreeMap::<usize, Refusal>::new();
        for (ordinal, refused) in taken.refused {
            let text = taken.first.partition_point(|first| *first <= ordinal).saturating_sub(1);
            reasons.entry(text).or_insert(refused.refusal);
        }
        for (at, letter) in letters.iter().enumerate() {
            match reasons.remove(&at) {
                None => accepted.push(letter.id),
                Some(reason) => refused.push(Again { id: letter.id, reason }),
            }
        }
    }
    let ids: BTreeSet<i64> = accepted.iter().copied().collect();
    letters::remove(accepted)?;
    letters::refused_again(&refused, None)?;
    if !by_feed.is_empty() {
        let detail = json!({"accepted": ids.len(), "refused": refused.len()});
        audit::entry("retry_rejected", None, None, None, &detail)?;
    }
    Ok(ids.len() as i64)
}

/// Takes the dead letters of a filter away for good, rows of attached tables among them, or those of them that were refused before
/// a moment; gives how many.
pub fn forget(filter: &Value, before: Option<TimestampWithTimeZone>) -> Result<i64> {
    rejected::check(filter)?;
    let letters = letters::hold(letters::all_selected(filter, before)?)?;
    let forgotten = letters.len();
    if forgotten > 0 {
        letters::remove(letters.into_iter().collect())?;
        // An id may be personal data.
        let mut filter = filter.clone();
        filter.as_object_mut().and_then(|filter| filter.remove("source_id"));
        let detail = json!({"forgotten": forgotten, "filter": filter, "before": before});
        audit::entry("forget_rejected", None, None, None, &detail)?;
    }
    Ok(forgotten as i64)
}
