//! The order of the versions of one source record.

use super::{priority, second};
use crate::record::Version;
use crate::source::SourceOptions;
use crate::value::Micros;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The tie-breakers that can be compared without writing the content out: the event second, then the lower priority
/// number later, then the full time.
type Tail = (i64, Reverse<i32>, Micros);

/// How many events of each node a version has seen.
type Clock = BTreeMap<String, u64>;

fn tail(version: &Version, source: &SourceOptions) -> Tail {
    (second(version.timestamp), Reverse(priority(version, source)), version.timestamp)
}

/// The versions from first to last, by the strongest key that every one of them carries: vector clock, else sequence,
/// else the event time. Among equals the smaller tail is first: event second, then the *higher* `sourcePriority`
/// number (the most trusted speaks last), full event time, canonical content.
///
/// Clocks: a version follows all those it has seen; of those that may come next, the one with the smallest tail does.
pub fn order<'a>(versions: &'a [Version], source: &SourceOptions) -> Vec<&'a Version> {
    let by = key(versions);
    let sequence = |version: &Version| version.sequence.filter(|_| by == Ordering::Sequence);
    let mut keyed: Vec<_> =
        versions.iter().map(|version| ((sequence(version), tail(version, source)), version)).collect();
    keyed.sort_by_key(|(key, _)| *key);
    // Writing content out is dear: only where everything else is equal.
    for equals in keyed.chunk_by_mut(|a, b| a.0 == b.0) {
        if equals.len() > 1 {
            equals.sort_by_cached_key(|(_, version)| version.content());
        }
    }
    let ordered: Vec<&Version> = keyed.into_iter().map(|(_, version)| version).collect();
    if by == Ordering::Clock {
        by_dominance(ordered)
    } else {
        ordered
    }
}

/// Whether the last of the versions given comes after all others by its keys and time, whatever it says.
pub fn is_newest(versions: &[Version], source: &SourceOptions) -> bool {
    let Some((given, known)) = versions.split_last() else { return false };
    let by = key(versions);
    let after = |other: &Version| match by {
        Ordering::Clock => {
            let (Some(own), Some(others)) = (&given.vector_clock, &other.vector_clock) else { return false };
            match (ahead(own, others), ahead(others, own)) {
                (true, false) => true,
                (false, true) => false,
                // Neither has seen the other, or they say the same.
                _ => tail(given, source) > tail(other, source),
            }
        }
        Ordering::Sequence => (given.sequence, tail(given, source)) > (other.sequence, tail(other, source)),
        Ordering::Time => tail(given, source) > tail(other, source),
    };
    known.iter().all(after)
}

/// What the versions of a record are put in order by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ordering {
    /// Vector clocks.
    Clock,
    /// The source's numbering.
    Sequence,
    /// The event time.
    Time,
}

/// The strongest key that every one of some versions carries.
pub(crate) fn key(versions: &[Version]) -> Ordering {
    if versions.len() > 1 && versions.iter().all(|version| version.vector_clock.is_some()) {
        Ordering::Clock
    } else if versions.iter().all(|version| version.sequence.is_some()) {
        Ordering::Sequence
    } else {
        Ordering::Time
    }
}

/// Reorders versions, given by tail, so that each follows those its clock dominates.
fn by_dominance(versions: Vec<&Version>) -> Vec<&Version> {
    static NONE: Clock = Clock::new();
    let clocks: Vec<&Clock> = versions.iter().map(|version| version.vector_clock.as_ref().unwrap_or(&NONE)).collect();
    // What a clock dominates has a smaller sum, so a chain is found by sorting: the common case, in n·log n.
    let sums: Vec<u128> = clocks.iter().map(|clock| clock.values().map(|count| u128::from(*count)).sum()).collect();
    let mut by_sum: Vec<usize> = (0..versions.len()).collect();
    by_sum.sort_by_key(|index| sums[*index]);
    if by_sum.windows(2).all(|pair| !ahead(clocks[pair[0]], clocks[pair[1]])) {
        return by_sum.into_iter().map(|index| versions[index]).collect();
    }
    // Otherwise Kahn's algorithm over the dominance relation; indices are in the order of tails.
    let counts = counts(&clocks);
    let mut above: Vec<Vec<usize>> = vec![Vec::new(); versions.len()];
    let mut waits: Vec<usize> = vec![0; versions.len()];
    for (at, &index) in by_sum.iter().enumerate() {
        let later = by_sum[at + 1..].iter().copied().filter(|later| sums[*later] > sums[index]);
        above[index] = later.filter(|later| has_seen(&counts[*later], &counts[index])).collect();
        above[index].iter().for_each(|later| waits[*later] += 1);
    }
    let mut ready: BTreeSet<usize> = (0..versions.len()).filter(|index| waits[*index] == 0).collect();
    let mut ordered = Vec::with_capacity(versions.len());
    while let Some(index) = ready.pop_first() {
        ordered.push(versions[index]);
        for &later in &above[index] {
            waits[later] -= 1;
            if waits[later] == 0 {
                ready.insert(later);
            }
        }
    }
    ordered
}

/// A clock by the numbers of its nodes, ascending, without those of which it has seen nothing.
type Counts = Vec<(usize, u64)>;

fn counts(clocks: &[&Clock]) -> Vec<Counts> {
    let nodes: BTreeSet<&str> = clocks.iter().flat_map(|clock| clock.keys().map(String::as_str)).collect();
    let numbers: HashMap<&str, usize> = nodes.into_iter().zip(0..).collect();
    let seen = |clock: &&Clock| {
        let counts = clock.iter().filter(|(_, count)| **count > 0);
        counts.map(|(node, count)| (numbers[node.as_str()], *count)).collect()
    };
    clocks.iter().map(seen).collect()
}

/// Whether one clock has seen all that another has.
fn has_seen(one: &Counts, other: &Counts) -> bool {
    let mut own = one.iter().peekable();
    other.iter().all(|(node, count)| {
        while own.next_if(|(before, _)| before < node).is_some() {}
        own.next_if(|(same, most)| same == node && most >= count).is_some()
    })
}

/// Whether neither of two versions has seen the other: their clocks are concurrent, or say the same.
pub fn concurrent(a: &Version, b: &Version) -> bool {
    let (Some(first), Some(second)) = (&a.vector_clock, &b.vector_clock) else { return false };
    ahead(first, second) == ahead(second, first)
}

/// Whether clock `a` has seen something that `b` has not.
fn ahead(a: &Clock, b: &Clock) -> bool {
    a.iter().any(|(node, count)| *count > b.get(node).copied().unwrap_or(0))
}
