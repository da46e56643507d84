//! What stewards decided, and about whom.

use super::{execute, run, whole, Row};
use crate::error::{Failure, Result};
use golden_record_core::cluster::decision::Ruling;
use golden_record_core::record::RecordRef;
use std::collections::BTreeMap;

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
    /// What it says.
    pub ruling: Ruling,
    /// The pair that gave the evidence.
    pub evidence: (i64, i64),
    /// The members of one side.
    pub side_a: Vec<DecisionMember>,
    /// The members of the other.
    pub side_b: Vec<DecisionMember>,
}

type DecisionRow = (i64, Ruling, (i64, i64), bool, DecisionMember);

fn decision_row(row: &Row) -> Result<DecisionRow> {
    let member = DecisionMember {
        record_id: row.need(5)?,
        reference: RecordRef::new(row.need::<&str>(7)?, row.need::<&str>(8)?),
        live: row.need(9)?,
    };
    let ruling = Ruling::parse(row.need(2)?).ok_or_else(|| Failure::internal("a decision says what none can"))?;
    Ok((row.need(1)?, ruling, (row.need(3)?, row.need(4)?), row.need(6)?, member))
}

fn decisions(rows: Vec<DecisionRow>) -> Vec<StoredDecision> {
    let mut decisions = BTreeMap::<i64, StoredDecision>::new();
    for (decision_id, ruling, evidence, on_side_a, member) in rows {
        let decision = decisions.entry(decision_id).or_insert_with(|| StoredDecision {
            decision_id,
            ruling,
            evidence,
            side_a: vec![],
            side_b: vec![],
        });
        if on_side_a { &mut decision.side_a } else { &mut decision.side_b }.push(member);
    }
    decisions.into_values().collect()
}

/// The decisions in force that speak of any of some records.
pub fn of(records: Vec<i64>) -> Result<Vec<StoredDecision>> {
    if records.is_empty() {
        return Ok(Vec::new());
    }
    Ok(decisions(run(include_str!("../../sql/query/decision/of.sql"), &[records.into()], decision_row)?))
}

/// The decisions in force about an entity type.
pub fn of_entity(entity_type: &str) -> Result<Vec<StoredDecision>> {
    let sql = include_str!("../../sql/query/decision/of_entity.sql");
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
pub fn put(entity_type: &str, ruling: Ruling, note: Option<&str>, rows: &[NewDecision]) -> Result<Vec<i64>> {
    let sql = include_str!("../../sql/query/decision/decision_ids.sql");
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
        include_str!("../../sql/query/decision/put_decisions.sql"),
        &[
            entity_type.into(),
            ruling.name().into(),
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
pub fn revert(decision: i64, note: Option<&str>) -> Result<Option<String>> {
    let types =
        run(include_str!("../../sql/query/decision/revert_decision.sql"), &[decision.into(), note.into()], |row| {
            row.need(1)
        })?;
    Ok(types.into_iter().next())
}

/// The entity type and the members of a decision in force.
pub fn members(decision: i64) -> Result<Option<(String, Vec<DecisionMember>)>> {
    let rows = run(include_str!("../../sql/query/decision/decision_members.sql"), &[decision.into()], |row| {
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
    let sql = include_str!("../../sql/query/decision/concerns.sql");
    let rows = run(sql, &[records.into(), components.into()], |row| {
        Ok(Concerns { decisions: row.need(1)?, overrides: row.need(2)?, limits: row.need(3)? })
    })?;
    Ok(rows.first().copied().unwrap_or_default())
}
