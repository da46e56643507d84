//! Review pairs: the open doubts.

use super::{execute, in_pieces, query, run, whole, Row};
use crate::error::Result;
use golden_record_core::cluster::decision::Ruling;
use golden_record_core::record::RecordRef;
use golden_record_core::review::Filter;
use golden_record_core::words;

words! {
    /// Why a doubt is open no more.
    pub enum Closing {
        /// A steward says that the two are one.
        Same => "same",
        /// A steward says that they are not.
        Different => "different",
        /// Its evidence has gone, or tells without a steward.
        Superseded => "superseded",
        /// A decision that was taken back had opened it.
        Reverted => "reverted",
        /// One of the two was erased.
        Erased => "erased",
    }
}

impl From<Ruling> for Closing {
    fn from(ruling: Ruling) -> Closing {
        match ruling {
            Ruling::Same => Closing::Same,
            Ruling::Different => Closing::Different,
        }
    }
}

/// An open doubt about two records. Which of them comes first tells nothing of their order: rows are numbered as they came.
#[derive(Clone, PartialEq)]
pub struct StoredPair {
    /// Its id; 0 before it is stored.
    pub review_id: i64,
    /// The record with the smaller row id.
    pub a: i64,
    /// The other.
    pub b: i64,
    /// In points.
    pub score: f64,
    /// Why it needs a steward.
    pub reason: String,
    /// The comparisons, as JSON text without values; empty where it was not read.
    pub evidence: String,
}

impl StoredPair {
    /// Whether another says the same of its records. Evidence is compared as it means, since it is stored as jsonb.
    pub fn says_as(&self, other: &StoredPair) -> bool {
        let evidence = |pair: &StoredPair| serde_json::from_str::<serde_json::Value>(&pair.evidence).ok();
        self.score == other.score && self.reason == other.reason && evidence(self) == evidence(other)
    }
}

fn stored_pair(row: &Row) -> Result<StoredPair> {
    Ok(StoredPair {
        review_id: row.need(1)?,
        a: row.need(2)?,
        b: row.need(3)?,
        score: row.need(4)?,
        reason: row.need(5)?,
        evidence: row.get(6)?.unwrap_or_default(),
    })
}

/// The open review pairs with an end among some records, twice where both are; without evidence, which is dear to write out,
/// and of a crowd of contradictions each has it with each.
pub fn of(records: Vec<i64>) -> Result<Vec<StoredPair>> {
    run(include_str!("../../sql/query/review/of.sql"), &[records.into()], stored_pair)
}

/// The rows of open review pairs, whose ids are given, with their evidence.
pub fn evidence(reviews: Vec<i64>) -> Result<Vec<((i64, i64), String)>> {
    if reviews.is_empty() {
        return Ok(Vec::new());
    }
    run(include_str!("../../sql/query/review/evidence.sql"), &[reviews.into()], |row| {
        Ok(((row.need(1)?, row.need(2)?), row.need(3)?))
    })
}

/// The open review pair of two golden records that `review_queue` shows, by the records of each.
pub fn shown(left: Vec<i64>, right: Vec<i64>) -> Result<Option<i64>> {
    let sql = include_str!("../../sql/query/review/review_shown.sql");
    Ok(query(sql, &[left.into(), right.into()], |row| row.need(1))?.into_iter().next())
}

/// The open review pairs of an entity type.
pub fn of_entity(entity_type: &str) -> Result<Vec<StoredPair>> {
    whole(include_str!("../../sql/query/review/of_entity.sql"), &[entity_type.into()], stored_pair)
}

/// Opens review pairs, or brings their evidence up to date.
pub fn put(entity_type: &str, rows: &[StoredPair]) -> Result<()> {
    in_pieces(rows, |rows| put_piece(entity_type, rows))
}

fn put_piece(entity_type: &str, rows: &[StoredPair]) -> Result<()> {
    let a: Vec<i64> = rows.iter().map(|row| row.a).collect();
    let b: Vec<i64> = rows.iter().map(|row| row.b).collect();
    let scores: Vec<f64> = rows.iter().map(|row| row.score).collect();
    let reasons: Vec<&str> = rows.iter().map(|row| row.reason.as_str()).collect();
    let evidence: Vec<&str> = rows.iter().map(|row| row.evidence.as_str()).collect();
    execute(
        include_str!("../../sql/query/review/put_review.sql"),
        &[entity_type.into(), a.into(), b.into(), scores.into(), reasons.into(), evidence.into()],
    )
}

/// Closes review pairs, by their ids.
pub fn close(rows: &[(i64, Closing)]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let outcomes: Vec<&str> = rows.iter().map(|row| row.1.name()).collect();
    execute(include_str!("../../sql/query/review/close_review.sql"), &[ids.into(), outcomes.into()])
}

/// The entity type and the two records of an open review pair.
pub fn ends(review_id: i64) -> Result<Option<(String, RecordRef, RecordRef)>> {
    let rows = run(include_str!("../../sql/query/review/review_ends.sql"), &[review_id.into()], |row| {
        let a = RecordRef::new(row.need::<&str>(2)?, row.need::<&str>(3)?);
        let b = RecordRef::new(row.need::<&str>(4)?, row.need::<&str>(5)?);
        Ok((row.need(1)?, a, b))
    })?;
    Ok(rows.into_iter().next())
}

/// An item of the review queue.
pub struct ReviewItem {
    /// Its entity type.
    pub entity_type: String,
    /// Row and name of one record.
    pub a: (i64, RecordRef),
    /// Those of the other.
    pub b: (i64, RecordRef),
}

/// The items of the review queue that a filter selects, oldest first.
pub fn selected(filter: &Filter) -> Result<Vec<ReviewItem>> {
    let reasons: Option<Vec<&str>> =
        filter.reasons.as_ref().map(|reasons| reasons.iter().map(|reason| reason.name()).collect());
    let args = [
        filter.entity_type.as_deref().into(),
        reasons.into(),
        filter.min_score.into(),
        filter.max_score.into(),
        filter.system.as_deref().into(),
    ];
    run(include_str!("../../sql/query/review/review_selected.sql"), &args, |row| {
        let end = |first: usize| -> Result<(i64, RecordRef)> {
            let name = RecordRef::new(row.need::<String>(first + 1)?, row.need::<String>(first + 2)?);
            Ok((row.need(first)?, name))
        };
        Ok(ReviewItem { entity_type: row.need(2)?, a: end(3)?, b: end(6)? })
    })
}
