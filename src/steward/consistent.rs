//! Whether decisions can hold together, and by which they do not.

use super::Item;
use crate::error::Result;
use crate::isolation;
use crate::resolve::to_decision;
use crate::store::decision;
use crate::store::record::Stored;
use golden_record_core::cluster::decision::{Decision, Decisions, Ruling};
use golden_record_core::error::Error;
use golden_record_core::record::RecordRef;
use std::collections::{BTreeMap, BTreeSet};

/// The order of decisions on their way in: newer than all that is stored; of several in one call the later is the newer.
pub(super) const NEW: i64 = i64::MAX;

/// `23514` when, with what is `new`, a cannot-link would lie inside a group that must-links hold together; or between the
/// two sides of one that is `joined`: what is taken in from others overrules no `different`.
pub(super) fn consistent(rows: &[i64], new: Vec<Decision>, joined: &[Item]) -> Result<()> {
    isolation::check_decisions()?;
    let mut known: BTreeSet<i64> = rows.iter().copied().collect();
    let mut decisions;
    // What is held together may reach far: follow decisions until they name nobody new.
    loop {
        decisions = decision::of(known.iter().copied().collect())?;
        let reached: BTreeSet<i64> = decisions
            .iter()
            .flat_map(|decision| decision.side_a.iter().chain(&decision.side_b).map(|member| member.record_id))
            .chain(known.iter().copied())
            .collect();
        if reached.len() == known.len() {
            break;
        }
        known = reached;
    }
    let mut bound: Vec<Decision> =
        decisions.iter().map(|decision| to_decision(decision, &|member| member.live)).collect();
    bound.extend(new);
    let names: BTreeSet<&RecordRef> =
        bound.iter().flat_map(|decision| decision.side_a.iter().chain(&decision.side_b)).collect();
    let names: Vec<&RecordRef> = names.into_iter().collect();
    let numbers: BTreeMap<&RecordRef, u32> = (0..).zip(&names).map(|(number, name)| (*name, number)).collect();
    let decisions = Decisions::bind(names.len(), &bound, &|name| numbers.get(name).copied());
    let number = |record: &Stored| numbers.get(&record.row.reference).copied();
    let across = joined.iter().flat_map(|item| item.a.iter().flat_map(|a| item.b.iter().map(move |b| (a, b))));
    let mut across = across.filter_map(|(a, b)| number(a).zip(number(b)));
    let apart = across.find(|(a, b)| decisions.speaks(*a, *b) == Some(Ruling::Different));
    match decisions.check().and(apart.map_or(Ok(()), |(a, b)| Err(vec![a, b]))) {
        Ok(()) => Ok(()),
        Err(chain) => {
            // Systems only: a source id may be an email or a phone.
            let systems: Vec<&str> = chain.iter().map(|number| names[*number as usize].system.as_str()).collect();
            let (apart, together) = speakers(&decisions, &chain);
            Err(Error::new("23514", "the decision contradicts earlier ones")
                .detail(format!(
                    "By {} the first and the last of the records of {} are \"different\"; by {} each is the \"same\" as the next.",
                    named(&apart),
                    systems.join(" - "),
                    named(&together)
                ))
                .hint("Take one of these back with golden_record.revert_decision, or leave its records out of what is decided: view golden_record.decisions tells who they are.")
                .into())
        }
    }
}

/// By the order of decisions, who sets the ends of a chain apart, and who holds it together.
fn speakers(decisions: &Decisions, chain: &[u32]) -> (BTreeSet<i64>, BTreeSet<i64>) {
    let ends = chain.first().zip(chain.last());
    let apart = ends.and_then(|(a, b)| decisions.speaker(*a, *b)).map(|(order, _)| order);
    let held = |pair: &[u32]| match decisions.speaker(pair[0], pair[1]) {
        Some((order, Ruling::Same)) => order,
        // What the call takes in from others.
        _ => NEW,
    };
    (apart.into_iter().collect(), chain.windows(2).map(held).collect())
}

/// Decisions by their numbers; those on their way in have none yet.
fn named(orders: &BTreeSet<i64>) -> String {
    let stored: Vec<String> = orders.iter().filter(|order| **order != NEW).map(i64::to_string).collect();
    let stored = match stored.len() {
        0 => None,
        1 => Some(format!("decision {}", stored[0])),
        _ => Some(format!("decisions {}", stored.join(", "))),
    };
    let new = orders.contains(&NEW).then(|| "this call".to_owned());
    stored.into_iter().chain(new).collect::<Vec<_>>().join(" and ")
}
