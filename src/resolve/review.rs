//! What follows a partition: review pairs and limits, brought up to date.

use super::weigh::counts_for_nothing;
use super::Work;
use crate::error::{Failure, Result};
use crate::store::decision::{DecisionMember, StoredDecision};
use crate::store::limit::{self, Limit};
use crate::store::review::{self, Closing, StoredPair};
use golden_record_core::block::Key;
use golden_record_core::cluster::decision::Decision;
use golden_record_core::cluster::Reason;
use golden_record_core::entity::EntityType;
use golden_record_core::record::{Node, RecordRef};
use golden_record_core::resolve::{Matcher, ReviewPair, Solution};
use hashbrown::{HashMap, HashSet};
use std::collections::{BTreeMap, BTreeSet};

/// What a statement looked at.
pub(super) struct LookedAt<'a> {
    /// The records that were partitioned anew.
    pub nodes: &'a [i64],
    /// The records whose every pair was weighed anew.
    pub rescored: &'a BTreeSet<i64>,
    /// Pairs in doubt among these and with others.
    pub doubtful: BTreeSet<(i64, i64)>,
    /// Pairs of others that are candidates no longer.
    pub settled: BTreeSet<(i64, i64)>,
}

impl Work<'_> {
    /// Brings the open review pairs up to date: those among the nodes as the solution has them, those between a
    /// rescored record and one elsewhere as they were weighed.
    pub(super) fn write_reviews(
        &self,
        looked_at: &LookedAt,
        solution: &Solution,
        decisions: &[StoredDecision],
        closing: Closing,
    ) -> Result<()> {
        let nodes = looked_at.nodes;
        let inside: HashSet<i64> = nodes.iter().copied().collect();
        // The smaller row first, as they are stored.
        let pair = |pair: &ReviewPair| {
            let (a, b) = (nodes[pair.a as usize], nodes[pair.b as usize]);
            (a.min(b), a.max(b), pair.reason)
        };
        let mut open: Vec<(i64, i64, Reason)> = solution.review.iter().map(pair).collect();
        let spoken = Spoken::of(decisions);
        for &(a, b) in &looked_at.doubtful {
            pgrx::check_for_interrupts!();
            let across = !(inside.contains(&a) && inside.contains(&b));
            if across && spoken.newest(a, b).is_none() {
                open.push((a, b, Reason::Score));
            }
        }
        let gone = self.changes.iter().filter(|change| !change.new.live()).map(|change| change.row.record_id);
        let settled = looked_at.settled.iter().flat_map(|(a, b)| [*a, *b]);
        let about: BTreeSet<i64> =
            inside.iter().chain(looked_at.rescored).copied().chain(gone.clone()).chain(settled).collect();
        let gone: HashSet<i64> = gone.collect();
        let rescored = |row: &i64| looked_at.rescored.contains(row);
        let ours = |pair: &StoredPair| {
            let (a, b) = (pair.a, pair.b);
            let ends = [a, b].iter().any(|row| rescored(row) || gone.contains(row));
            ends || (inside.contains(&a) && inside.contains(&b)) || looked_at.settled.contains(&(a, b))
        };
        let stored = review::of(about.into_iter().collect())?.into_iter().filter(ours);
        let mut stored: HashMap<(i64, i64), StoredPair> = stored.map(|pair| ((pair.a, pair.b), pair)).collect();
        // What two that were not weighed anew say of each other is on record: of most pairs of a component.
        open.retain(|(a, b, reason)| {
            let same = stored.get(&(*a, *b)).is_some_and(|pair| pair.reason == reason.name());
            let stands = same && !rescored(a) && !rescored(b);
            if stands {
                stored.remove(&(*a, *b));
            }
            !stands
        });
        let again = open.iter().filter_map(|(a, b, _)| Some(stored.get(&(*a, *b))?.review_id));
        for (ends, evidence) in review::evidence(again.collect())? {
            stored.entry(ends).and_modify(|pair| pair.evidence = evidence);
        }
        let rows: BTreeSet<i64> = open.iter().flat_map(|(a, b, _)| [*a, *b]).collect();
        let rows: Vec<i64> = rows.into_iter().collect();
        let (found, generic) = (self.nodes(&rows)?, counts_for_nothing(&self.generic_keys));
        let wanted = self.matching(rows.len(), |matcher| review_pairs(&matcher, &rows, &found, &generic, &open))??;
        reconcile(&self.entity.entity.name, stored.into_values().collect(), wanted, |pair| {
            spoken.newest(pair.a, pair.b).map_or(closing, |decision| decision.ruling.into())
        })
    }

    /// Brings the limits up to date in the components that nodes are in, and in those that they were in.
    pub(super) fn write_limits(&self, nodes: &[i64], solution: &Solution, before: BTreeSet<i64>) -> Result<()> {
        let components = components(nodes, &solution.component);
        let looked_at: BTreeSet<i64> = components.iter().copied().chain(before).collect();
        let limits = limits(&self.entity.entity, solution, &components);
        limit::put(&self.entity.entity.name, Some(looked_at.into_iter().collect()), &limits)?;
        Ok(())
    }
}

/// The component of each node: the smallest row id in it.
pub fn components(nodes: &[i64], component: &[u32]) -> Vec<i64> {
    let mut smallest = HashMap::<u32, i64>::new();
    for (row, label) in nodes.iter().zip(component) {
        let least = smallest.entry(*label).or_insert(*row);
        *least = (*least).min(*row);
    }
    component.iter().map(|label| smallest[label]).collect()
}

/// The limits of a solution as rows.
pub fn limits(entity: &EntityType, solution: &Solution, components: &[i64]) -> Vec<Limit> {
    let mut rows = BTreeMap::<(i64, &str), Limit>::new();
    for limit in &solution.limits {
        let threshold = match limit.what {
            Reason::ComponentCap => entity.options.component_cap,
            _ => entity.options.cap,
        };
        let component = components[limit.node as usize];
        let what = limit.what.name();
        let row = Limit { component, what: what.into(), figure: 0, threshold: i64::from(threshold) };
        let kept = rows.entry((component, what)).or_insert(row);
        kept.figure = kept.figure.max(limit.figure as i64);
    }
    rows.into_values().collect()
}

/// A decision as the engine takes it: living records only, as they are after this statement.
pub(super) fn living(decision: &StoredDecision, changed: &HashMap<i64, bool>) -> Decision {
    let lives = |member: &&DecisionMember| changed.get(&member.record_id).copied().unwrap_or(member.live);
    to_decision(decision, &lives)
}

/// A decision as the engine takes it, with the members for which `lives` holds.
pub fn to_decision(decision: &StoredDecision, lives: &dyn Fn(&&DecisionMember) -> bool) -> Decision {
    let side = |members: &[DecisionMember]| -> Vec<RecordRef> {
        members.iter().filter(|member| lives(member)).map(|member| member.reference.clone()).collect()
    };
    let named = |row: i64| {
        let members = decision.side_a.iter().chain(&decision.side_b);
        let found = members.into_iter().find(|member| member.record_id == row);
        found.map_or_else(|| RecordRef::new("", ""), |member| member.reference.clone())
    };
    Decision {
        order: decision.decision_id,
        ruling: decision.ruling,
        side_a: side(&decision.side_a),
        side_b: side(&decision.side_b),
        evidence: (named(decision.evidence.0), named(decision.evidence.1)),
    }
}

/// By record the decisions that it is part of, oldest first, each with the side it is on.
pub struct Spoken<'d>(HashMap<i64, Vec<(&'d StoredDecision, bool)>>);

impl<'d> Spoken<'d> {
    /// Of some decisions.
    pub fn of(decisions: &'d [StoredDecision]) -> Spoken<'d> {
        let mut of = HashMap::<i64, Vec<(&StoredDecision, bool)>>::new();
        for decision in decisions {
            for (side, members) in [(false, &decision.side_a), (true, &decision.side_b)] {
                members.iter().for_each(|member| of.entry(member.record_id).or_default().push((decision, side)));
            }
        }
        of.values_mut().for_each(|list| list.sort_unstable_by_key(|(decision, _)| decision.decision_id));
        Spoken(of)
    }

    /// The newest on a pair of rows.
    pub fn newest(&self, a: i64, b: i64) -> Option<&'d StoredDecision> {
        let (of_a, of_b) = (self.0.get(&a)?, self.0.get(&b)?);
        let on_other_side = |(decision, side): &&(&StoredDecision, bool)| {
            let found = of_b.binary_search_by_key(&decision.decision_id, |(other, _)| other.decision_id);
            found.is_ok_and(|at| of_b[at].1 != *side)
        };
        of_a.iter().rev().find(on_other_side).map(|(decision, _)| *decision)
    }
}

/// The positions of a pair of rows among `rows`, which ascend.
pub fn numbered(rows: &[i64], (a, b): (i64, i64)) -> Result<(u32, u32)> {
    let position = |row: i64| {
        let at = rows.binary_search(&row).map_err(|_| Failure::internal("a pair has a record that was not read"))?;
        Ok::<_, Failure>(at as u32)
    };
    Ok((position(a)?, position(b)?))
}

/// Review pairs as they are stored: rows with the reason that they wait, `nodes` the records of `rows`, which ascend.
pub fn review_pairs(
    matcher: &Matcher,
    rows: &[i64],
    nodes: &[Node],
    generic: &dyn Fn(&Key) -> bool,
    open: &[(i64, i64, Reason)],
) -> Result<Vec<StoredPair>> {
    let pairs = open.iter().map(|(a, b, _)| numbered(rows, (*a, *b))).collect::<Result<Vec<_>>>()?;
    let scores = matcher.explain(nodes, generic, &pairs);
    let stored = open.iter().zip(scores).map(|((a, b, reason), score)| {
        Ok(StoredPair {
            review_id: 0,
            a: *a.min(b),
            b: *a.max(b),
            score: score.points(),
            reason: reason.name().to_owned(),
            evidence: serde_json::to_string(&score.evidence)?,
        })
    });
    stored.collect()
}

/// Writes the difference between the open review pairs stored and wanted; `closing` tells why one is closed.
pub fn reconcile(
    entity_type: &str,
    stored: Vec<StoredPair>,
    wanted: Vec<StoredPair>,
    closing: impl Fn(&StoredPair) -> Closing,
) -> Result<()> {
    let wanted: BTreeMap<(i64, i64), StoredPair> = wanted.into_iter().map(|pair| ((pair.a, pair.b), pair)).collect();
    let stored: BTreeMap<(i64, i64), StoredPair> = stored.into_iter().map(|pair| ((pair.a, pair.b), pair)).collect();
    let gone: Vec<(i64, Closing)> = stored
        .iter()
        .filter(|(ends, _)| !wanted.contains_key(ends))
        .map(|(_, pair)| (pair.review_id, closing(pair)))
        .collect();
    let put: Vec<StoredPair> = wanted
        .into_iter()
        .filter(|(ends, pair)| !stored.get(ends).is_some_and(|old| pair.says_as(old)))
        .map(|(_, pair)| pair)
        .collect();
    review::close(&gone)?;
    review::put(entity_type, &put)
}
