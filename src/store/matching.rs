//! Blocking keys, generic values, review pairs, decisions and limits.

use super::bulk::{self, Rows, Target};
use super::{event, execute, in_pieces, run, whole, Row};
use crate::error::Result;
use golden_record_core::record::RecordRef;
use golden_record_core::review::Filter;
use pgrx::pg_sys;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A record that holds a key.
#[derive(Clone)]
pub struct Holder {
    /// The key.
    pub key: i64,
    /// The record's row.
    pub record_id: i64,
    /// The keyed hash of its full name, when it has one.
    pub name_key: Option<i64>,
}

fn holder(row: &Row) -> Result<Holder> {
    Ok(Holder { key: row.need(1)?, record_id: row.need(2)?, name_key: row.get(3)? })
}

/// Who holds some keys: at most `limit` records a key, those with the smallest row ids.
pub fn holders(keys: Vec<i64>, limit: i64) -> Result<Vec<Holder>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    run(include_str!("../../sql/query/matching/holders.sql"), &[keys.into(), limit.into()], holder)
}

/// What is on record about a key: whether it is generic, and why; who holds it.
pub struct Judged {
    /// The key.
    pub key: i64,
    /// Why it is stored as generic.
    pub reason: Option<String>,
    /// A record that holds it, with the keyed hash of its full name.
    pub holder: Option<(i64, Option<i64>)>,
}

/// What is on record about some keys, one row a holder: at most `limit` a key, those with the smallest row ids.
pub fn judged(keys: Vec<i64>, limit: i64) -> Result<Vec<Judged>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    run(include_str!("../../sql/query/matching/judged.sql"), &[keys.into(), limit.into()], |row| {
        let record: Option<i64> = row.get(3)?;
        let holder = record.map(|record| Ok::<_, crate::error::Failure>((record, row.get(4)?))).transpose()?;
        Ok(Judged { key: row.need(1)?, reason: row.get(2)?, holder })
    })
}

/// What stewards and limits have to say about some records: whether there is anything.
#[derive(Clone, Copy, Default)]
pub struct Concerns {
    /// Decisions on a record.
    pub decisions: bool,
    /// Overrides on a record.
    pub overrides: bool,
    /// Limits reached in a component.
    pub limits: bool,
}

/// What there is about records and components.
pub fn concerns(records: Vec<i64>, components: Vec<i64>) -> Result<Concerns> {
    let sql = include_str!("../../sql/query/matching/concerns.sql");
    let rows = run(sql, &[records.into(), components.into()], |row| {
        Ok(Concerns { decisions: row.need(1)?, overrides: row.need(2)?, limits: row.need(3)? })
    })?;
    Ok(rows.first().copied().unwrap_or_default())
}

/// Every stored key of the records of any entity type: to tell them apart costs less than to join them with their records.
pub fn all_keys() -> Result<Vec<Holder>> {
    whole(include_str!("../../sql/query/matching/all_keys.sql"), &[], holder)
}

/// Writes keys that records hold now, or hold under another name.
pub fn put_keys(rows: &[Holder]) -> Result<()> {
    in_pieces(rows, |rows| put_piece_of_keys(include_str!("../../sql/query/matching/put_keys.sql"), rows))
}

const KEYS: Target = Target {
    name: c"block_key",
    columns: &[(c"key", pg_sys::INT8OID), (c"record_id", pg_sys::INT8OID), (c"name_key", pg_sys::INT8OID)],
    order: Some(c"block_key_pkey"),
};

/// Writes keys of records that held none: of each row what `holder` makes of it.
pub fn insert_keys<T: Sync>(rows: &[T], holder: impl Fn(&T) -> Holder + Sync) -> Result<()> {
    let lay = |row: &T, rows: &mut Rows| {
        let Holder { key, record_id, name_key } = holder(row);
        rows.push(&[&key, &record_id, &name_key]);
    };
    let few = |rows: &[T]| {
        let rows: Vec<Holder> = rows.iter().map(&holder).collect();
        put_piece_of_keys(include_str!("../../sql/query/matching/insert_keys.sql"), &rows)
    };
    bulk::insert(rows, few, |rows| bulk::write(&KEYS, rows, lay))
}

fn put_piece_of_keys(sql: &'static str, rows: &[Holder]) -> Result<()> {
    let keys: Vec<i64> = rows.iter().map(|row| row.key).collect();
    let records: Vec<i64> = rows.iter().map(|row| row.record_id).collect();
    let names: Vec<Option<i64>> = rows.iter().map(|row| row.name_key).collect();
    execute(sql, &[keys.into(), records.into(), names.into()])
}

/// Takes keys away: (key, record).
pub fn drop_keys(rows: &[(i64, i64)]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let keys: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let records: Vec<i64> = rows.iter().map(|row| row.1).collect();
    execute(include_str!("../../sql/query/matching/drop_keys.sql"), &[keys.into(), records.into()])
}

fn generic_row(row: &Row) -> Result<(i64, String)> {
    Ok((row.need(1)?, row.need(2)?))
}

/// Which of some keys are stored as generic, and why.
pub fn generic(keys: Vec<i64>) -> Result<Vec<(i64, String)>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    run(include_str!("../../sql/query/matching/generic.sql"), &[keys.into()], generic_row)
}

/// Every key of an entity type that is stored as generic, and why.
pub fn generic_of_entity(entity_type: &str) -> Result<Vec<(i64, String)>> {
    whole(include_str!("../../sql/query/matching/generic_of_entity.sql"), &[entity_type.into()], generic_row)
}

/// A key that counts for nothing, and why.
pub struct GenericKey {
    /// The key.
    pub key: i64,
    /// The attribute or key space it belongs to.
    pub attribute: String,
    /// The value, masked.
    pub masked: String,
    /// `names`, `records` or `form`.
    pub reason: &'static str,
    /// The limit it passed; `None` for `form`.
    pub threshold: Option<i32>,
}

/// Writes keys that became generic.
pub fn put_generic(entity_type: &str, rows: &[GenericKey]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let keys: Vec<i64> = rows.iter().map(|row| row.key).collect();
    let attributes: Vec<&str> = rows.iter().map(|row| row.attribute.as_str()).collect();
    let values: Vec<&str> = rows.iter().map(|row| row.masked.as_str()).collect();
    let reasons: Vec<&str> = rows.iter().map(|row| row.reason).collect();
    let thresholds: Vec<Option<i32>> = rows.iter().map(|row| row.threshold).collect();
    execute(
        include_str!("../../sql/query/matching/put_generic.sql"),
        &[entity_type.into(), keys.into(), attributes.into(), values.into(), reasons.into(), thresholds.into()],
    )
}

/// Forgets keys that are generic no longer.
pub fn drop_generic(keys: Vec<i64>) -> Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    execute(include_str!("../../sql/query/matching/drop_generic.sql"), &[keys.into()])
}

/// An open doubt about two records.
#[derive(Clone, PartialEq)]
pub struct ReviewPair {
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
    /// The comparisons, as JSON text without values.
    pub evidence: String,
}

fn review_pair(row: &Row) -> Result<ReviewPair> {
    Ok(ReviewPair {
        review_id: row.need(1)?,
        a: row.need(2)?,
        b: row.need(3)?,
        score: row.need(4)?,
        reason: row.need(5)?,
        evidence: row.need(6)?,
    })
}

/// The open review pairs with an end among some records.
pub fn review_of(records: Vec<i64>) -> Result<Vec<ReviewPair>> {
    run(include_str!("../../sql/query/matching/review_of.sql"), &[records.into()], review_pair)
}

/// The open review pairs of an entity type.
pub fn review_of_entity(entity_type: &str) -> Result<Vec<ReviewPair>> {
    whole(include_str!("../../sql/query/matching/review_of_entity.sql"), &[entity_type.into()], review_pair)
}

/// Opens review pairs, or brings their evidence up to date.
pub fn put_review(entity_type: &str, rows: &[ReviewPair]) -> Result<()> {
    in_pieces(rows, |rows| put_piece_of_review(entity_type, rows))
}

fn put_piece_of_review(entity_type: &str, rows: &[ReviewPair]) -> Result<()> {
    let a: Vec<i64> = rows.iter().map(|row| row.a).collect();
    let b: Vec<i64> = rows.iter().map(|row| row.b).collect();
    let scores: Vec<f64> = rows.iter().map(|row| row.score).collect();
    let reasons: Vec<&str> = rows.iter().map(|row| row.reason.as_str()).collect();
    let evidence: Vec<&str> = rows.iter().map(|row| row.evidence.as_str()).collect();
    execute(
        include_str!("../../sql/query/matching/put_review.sql"),
        &[entity_type.into(), a.into(), b.into(), scores.into(), reasons.into(), evidence.into()],
    )
}

/// Closes review pairs: (review id, outcome).
pub fn close_review(rows: &[(i64, &str)]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let outcomes: Vec<&str> = rows.iter().map(|row| row.1).collect();
    execute(include_str!("../../sql/query/matching/close_review.sql"), &[ids.into(), outcomes.into()])
}

/// A record on a side of a decision.
pub struct DecisionMember {
    /// Its row.
    pub record_id: i64,
    /// Its name.
    pub reference: RecordRef,
    /// Whether it lives.
    pub live: bool,
}

/// A steward's decision in force.
pub struct StoredDecision {
    /// Its id: the larger is the newer.
    pub decision_id: i64,
    /// `same`, else `different`.
    pub same: bool,
    /// The pair that gave the evidence.
    pub evidence: (i64, i64),
    /// The members of one side.
    pub side_a: Vec<DecisionMember>,
    /// The members of the other.
    pub side_b: Vec<DecisionMember>,
}

type DecisionRow = (i64, bool, (i64, i64), bool, DecisionMember);

fn decision_row(row: &Row) -> Result<DecisionRow> {
    let member = DecisionMember {
        record_id: row.need(5)?,
        reference: RecordRef::new(row.need::<&str>(7)?, row.need::<&str>(8)?),
        live: row.need(9)?,
    };
    Ok((row.need(1)?, row.need(2)?, (row.need(3)?, row.need(4)?), row.need(6)?, member))
}

fn decisions(rows: Vec<DecisionRow>) -> Vec<StoredDecision> {
    let mut decisions = BTreeMap::<i64, StoredDecision>::new();
    for (decision_id, same, evidence, on_side_a, member) in rows {
        let decision = decisions.entry(decision_id).or_insert_with(|| StoredDecision {
            decision_id,
            same,
            evidence,
            side_a: vec![],
            side_b: vec![],
        });
        if on_side_a { &mut decision.side_a } else { &mut decision.side_b }.push(member);
    }
    decisions.into_values().collect()
}

/// The decisions in force that speak of any of some records.
pub fn decisions_of(records: Vec<i64>) -> Result<Vec<StoredDecision>> {
    if records.is_empty() {
        return Ok(Vec::new());
    }
    Ok(decisions(run(include_str!("../../sql/query/matching/decisions_of.sql"), &[records.into()], decision_row)?))
}

/// The decisions in force about an entity type.
pub fn decisions_of_entity(entity_type: &str) -> Result<Vec<StoredDecision>> {
    let sql = include_str!("../../sql/query/matching/decisions_of_entity.sql");
    Ok(decisions(whole(sql, &[entity_type.into()], decision_row)?))
}

/// A decision on its way in, by rows.
pub struct NewDecision {
    /// A pair across the sides.
    pub evidence: (i64, i64),
    /// The members of one side.
    pub side_a: Vec<i64>,
    /// The members of the other.
    pub side_b: Vec<i64>,
}

/// Writes decisions, each newer than the one before, and gives their ids.
pub fn put_decisions(entity_type: &str, same: bool, note: Option<&str>, rows: &[NewDecision]) -> Result<Vec<i64>> {
    let sql = include_str!("../../sql/query/matching/decision_ids.sql");
    let ids: Vec<i64> = run(sql, &[(rows.len() as i32).into()], |row| row.need(1))?;
    let (mut members, mut decisions, mut sides) = (Vec::<i64>::new(), Vec::<i64>::new(), Vec::new());
    for (id, row) in ids.iter().zip(rows) {
        for (side, rows) in [("a", &row.side_a), ("b", &row.side_b)] {
            members.extend(rows);
            decisions.extend(rows.iter().map(|_| *id));
            sides.extend(rows.iter().map(|_| side));
        }
    }
    execute(
        include_str!("../../sql/query/matching/put_decisions.sql"),
        &[
            entity_type.into(),
            if same { "same" } else { "different" }.into(),
            note.into(),
            ids.clone().into(),
            rows.iter().map(|row| row.evidence.0).collect::<Vec<i64>>().into(),
            rows.iter().map(|row| row.evidence.1).collect::<Vec<i64>>().into(),
            members.into(),
            decisions.into(),
            sides.into(),
        ],
    )?;
    Ok(ids)
}

/// Takes a decision back and gives its entity type; `None` when it is not in force.
pub fn revert_decision(decision: i64, note: Option<&str>) -> Result<Option<String>> {
    let types =
        run(include_str!("../../sql/query/matching/revert_decision.sql"), &[decision.into(), note.into()], |row| {
            row.need(1)
        })?;
    Ok(types.into_iter().next())
}

/// A limit that stopped a merge inside a component.
pub struct Limit {
    /// The component.
    pub component: i64,
    /// Which limit.
    pub what: Cow<'static, str>,
    /// What was reached.
    pub figure: i64,
    /// What is allowed.
    pub threshold: i64,
}

/// The limits on record that stopped a merge of an entity type.
pub fn limits_of_entity(entity_type: &str) -> Result<Vec<Limit>> {
    whole(include_str!("../../sql/query/matching/limits_of_entity.sql"), &[entity_type.into()], |row| {
        let what: String = row.need(2)?;
        Ok(Limit { component: row.need(1)?, what: what.into(), figure: row.need(3)?, threshold: row.need(4)? })
    })
}

/// Replaces what is known of limits in `looked_at` (`None`: everywhere), and raises or closes the alert of components
/// that are too large to be solved. Gives how many limits were others than before.
pub fn put_limits(entity_type: &str, looked_at: Option<Vec<i64>>, rows: &[Limit]) -> Result<usize> {
    let components: Vec<i64> = rows.iter().map(|row| row.component).collect();
    let whats: Vec<&str> = rows.iter().map(|row| &*row.what).collect();
    let figures: Vec<i64> = rows.iter().map(|row| row.figure).collect();
    let thresholds: Vec<i64> = rows.iter().map(|row| row.threshold).collect();
    let written = run(
        include_str!("../../sql/query/matching/limits_of.sql"),
        &[entity_type.into(), looked_at.into(), components.into(), whats.into(), figures.into(), thresholds.into()],
        |row| row.need::<i64>(1),
    )?;
    let written = written.into_iter().sum::<i64>() as usize;
    if written == 0 {
        return Ok(0);
    }
    let worst = run(include_str!("../../sql/query/matching/worst_component.sql"), &[entity_type.into()], |row| {
        Ok((row.need::<i64>(1)?, row.need::<i64>(2)?))
    })?;
    match worst.first() {
        Some((figure, threshold)) => {
            let detail = serde_json::json!({"entity_type": entity_type});
            event::open_alert("component_cap", entity_type, *figure as f64, *threshold as f64, &detail)?;
        }
        None => event::close_alert("component_cap", entity_type)?,
    }
    Ok(written)
}

/// Whether a component, or a part of it, is over its cap.
pub fn over_cap(component: i64) -> Result<bool> {
    let found =
        run(include_str!("../../sql/query/matching/over_cap.sql"), &[component.into()], |row| row.need::<bool>(1))?;
    Ok(found == [true])
}

/// The entity type and the two records of an open review pair.
pub fn review_ends(review_id: i64) -> Result<Option<(String, RecordRef, RecordRef)>> {
    let rows = run(include_str!("../../sql/query/matching/review_ends.sql"), &[review_id.into()], |row| {
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
pub fn review_selected(filter: &Filter) -> Result<Vec<ReviewItem>> {
    let reasons: Option<Vec<&str>> =
        filter.reasons.as_ref().map(|reasons| reasons.iter().map(|reason| reason.name()).collect());
    let args = [
        filter.entity_type.as_deref().into(),
        reasons.into(),
        filter.min_score.into(),
        filter.max_score.into(),
        filter.system.as_deref().into(),
    ];
    run(include_str!("../../sql/query/matching/review_selected.sql"), &args, |row| {
        let end = |first: usize| -> Result<(i64, RecordRef)> {
            let name = RecordRef::new(row.need::<String>(first + 1)?, row.need::<String>(first + 2)?);
            Ok((row.need(first)?, name))
        };
        Ok(ReviewItem { entity_type: row.need(2)?, a: end(3)?, b: end(6)? })
    })
}

/// The entity type and the members of a decision in force.
pub fn decision_members(decision: i64) -> Result<Option<(String, Vec<DecisionMember>)>> {
    let rows = run(include_str!("../../sql/query/matching/decision_members.sql"), &[decision.into()], |row| {
        let member = DecisionMember {
            record_id: row.need(2)?,
            reference: RecordRef::new(row.need::<&str>(3)?, row.need::<&str>(4)?),
            live: row.need(5)?,
        };
        Ok((row.need::<String>(1)?, member))
    })?;
    let entity_type = rows.first().map(|(entity_type, _)| entity_type.clone());
    Ok(entity_type.map(|entity_type| (entity_type, rows.into_iter().map(|(_, member)| member).collect())))
}
