//! Actions that make one value out of many.

use super::rules::{Function, Rule};
use super::{loser, won, Candidate, Field, Loser, Reason, Survivor};
use crate::record::{Assertion, RecordRef};
use crate::value::Value;
use bigdecimal::{BigDecimal, RoundingMode};
use std::collections::{BTreeMap, BTreeSet};

/// Values as one: the JSON array that `UNION` gives.
pub(super) fn array<'a>(values: impl Iterator<Item = (&'a str, &'a str)>) -> Value {
    let (canonical, display): (Vec<&str>, Vec<&str>) = values.unzip();
    Value::new(serde_json::json!(canonical).to_string(), serde_json::json!(display).to_string())
}

/// `UNION`: the different values as a JSON array, in the order of preference.
pub(super) fn union<'a>(field: &Field<'a>, step: &Rule) -> Option<Survivor> {
    let (winner, others) = field.candidates.split_first()?;
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut values: Vec<Assertion> = Vec::new();
    let mut sources: Vec<Vec<RecordRef>> = Vec::new();
    for candidate in &field.candidates {
        let value = candidate.assertion;
        let place = *places.entry(value.canonical).or_insert(values.len());
        if place == values.len() {
            values.push(value);
            sources.push(Vec::new());
        }
        if let Some(records) = sources.get_mut(place) {
            records.push(candidate.record.clone());
        }
    }
    let value = array(values.iter().map(|value| (value.canonical, value.display)));
    let losers = others.iter().map(|other| loser(other, true, Reason::Included)).collect();
    Some(Survivor { sources, ..won(winner, value, step, Reason::Union, losers) })
}

/// `AGGREGATE`: a figure over the values, each thing counted once.
pub(super) fn aggregate(field: &Field, step: &Rule) -> Option<Survivor> {
    let winner = field.candidates.first()?;
    let mut seen = BTreeSet::new();
    let mut numbers: Vec<BigDecimal> = Vec::new();
    let mut losers: Vec<Loser> = Vec::new();
    for (place, candidate) in field.candidates.iter().enumerate() {
        let once = key(candidate, step).is_none_or(|key| seen.insert(key));
        if once {
            numbers.push(candidate.assertion.canonical.parse().ok()?);
        }
        if place > 0 {
            losers.push(loser(candidate, false, if once { Reason::Included } else { Reason::CountedAlready }));
        }
    }
    let figure = compute(step.function, &numbers)?;
    let text = figure.normalized().to_plain_string();
    Some(won(winner, Value::same(text), step, Reason::Aggregate, losers))
}

/// What tells that two candidates state one and the same thing.
fn key<'a>(candidate: &Candidate<'a>, step: &Rule) -> Option<&'a str> {
    candidate.state.canonical(step.count_once.as_deref()?)
}

fn compute(function: Function, numbers: &[BigDecimal]) -> Option<BigDecimal> {
    let count = || BigDecimal::from(numbers.len() as u64);
    match function {
        Function::Sum => Some(numbers.iter().sum()),
        Function::Count => Some(count()),
        Function::Min => numbers.iter().min().cloned(),
        Function::Max => numbers.iter().max().cloned(),
        Function::Average if numbers.is_empty() => None,
        Function::Average => {
            let mean = numbers.iter().sum::<BigDecimal>() / count();
            Some(mean.with_scale_round(16, RoundingMode::HalfEven))
        }
    }
}
