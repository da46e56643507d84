//! The policy `probabilistic`: candidates from blocks, weights from the model, components solved by the profiles of
//! their clusters. Equal cross-references are a level of their own above all weights.

mod component;
mod explain;
mod reference;

pub(super) use explain::explain;

use super::whole::{self, Whole};
use super::why::{Link, Via};
use super::{Known, Matcher, ReviewPair, Solution, Verdict};
use crate::block::Key;
use crate::cluster::decision::Decisions;
use crate::cluster::sets::Sets;
use crate::cluster::{Limit, Reason};
use crate::columns::Columns;
use crate::probabilistic::{self as engine, Dataset, Edge, Members, Memo, Model, Scorer};
use crate::record::Node;
use crate::threads::{self, Threads};
use component::{Components, Task};
use reference::{exclusive, references, same_reference};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// The features of some nodes. Values that are generic count as absent.
pub(super) fn dataset(matcher: &Matcher, nodes: &[Node], generic: &dyn Fn(&Key) -> bool) -> Dataset {
    let entity = matcher.entity;
    Dataset::of(entity, &Columns::of(entity, nodes, matcher.threads).judge(entity, generic))
}

pub(super) fn blocks(matcher: &Matcher, nodes: &[Node], generic: &dyn Fn(&Key) -> bool) -> Vec<Vec<u64>> {
    blocks_in(&dataset(matcher, nodes, generic), nodes.len(), matcher.threads)
}

/// The blocks that each of so many records is in.
pub(super) fn blocks_in(data: &Dataset, records: usize, threads: Threads) -> Vec<Vec<u64>> {
    let of_one = |record: usize| {
        threads.look();
        engine::keys(data, record)
    };
    let of_part = |part: std::ops::Range<usize>| part.map(of_one).collect::<Vec<_>>();
    threads::map(threads::parts(records, threads), threads, of_part).into_iter().flatten().collect()
}

/// What the records themselves tell of how pairs of one person, of one household and of strangers agree.
pub(super) fn train(matcher: &Matcher, whole: &Whole) -> Model {
    let shipped = Model::shipped(matcher.entity);
    engine::train(&whole.data, &whole.blocks, &shipped, matcher.all_threads())
}

pub(super) fn weigh(
    matcher: &Matcher,
    nodes: &[Node],
    generic: &dyn Fn(&Key) -> bool,
    pairs: &[(u32, u32)],
) -> Vec<Verdict> {
    let (data, threads) = (dataset(matcher, nodes, generic), matcher.threads);
    let scorer = Scorer::on(matcher.model, &data, threads);
    let verdict = |weight: i32| match weight {
        weight if weight >= matcher.model.floor => Verdict::Connected,
        weight if weight > matcher.model.review => Verdict::Doubtful,
        _ => Verdict::Apart,
    };
    let share = threads.share(pairs.len());
    let weighed = threads::map(pairs.chunks(share).collect(), threads, |pairs: &[(u32, u32)]| {
        let (mut memo, mut others, mut sums) = (Memo::default(), Vec::new(), Vec::new());
        let mut verdicts = Vec::with_capacity(pairs.len());
        // Those of one record are weighed together where they stand together.
        for partners in pairs.chunk_by(|x, y| x.1 == y.1) {
            others.clear();
            others.extend(partners.iter().map(|pair| pair.0));
            scorer.weights(&mut memo, partners[0].1 as usize, &others, &mut sums);
            verdicts.extend(sums.iter().map(|&(unrelated, household)| verdict(engine::combine(unrelated, household))));
        }
        verdicts
    });
    let linked = |&(a, b): &(u32, u32)| same_reference(&nodes[a as usize], &nodes[b as usize], generic);
    let verdicts = pairs.iter().zip(weighed.into_iter().flatten());
    verdicts.map(|(pair, verdict)| if linked(pair) { Verdict::Connected } else { verdict }).collect()
}

/// The weight from which a pair is looked at.
fn lowest(model: &Model) -> i32 {
    model.floor.min(model.review + 1)
}

/// Partitions `sorted`, which ascend by reference, by their features, under these decisions of what is `known`.
pub(super) fn solve(
    matcher: &Matcher,
    sorted: &[Node],
    (data, blocks): (&Dataset, &[Vec<u64>]),
    known: &Known,
    decisions: &Decisions,
) -> Solution {
    let scorer = Scorer::on(matcher.model, data, matcher.threads);
    let pairs = weighed(&scorer, blocks, known.over, lowest(matcher.model));
    let places: Vec<u32> = (0..sorted.len() as u32).collect();
    partition(matcher, sorted, known.generic, decisions, (&scorer, &places), pairs)
}

/// The same for all live records of a type: blocks are counted, and told of.
pub(super) fn solve_all(
    matcher: &Matcher,
    sorted: &[Node],
    whole: Whole,
    generic: &dyn Fn(&Key) -> bool,
    decisions: &Decisions,
) -> (Solution, Members) {
    let Whole { data, blocks, order } = whole;
    let scorer = Scorer::on(matcher.model, &data, matcher.all_threads());
    let pairs = whole::pairs(&scorer, &blocks, &order, lowest(matcher.model));
    let mut members = blocks.into_members();
    members.renumber(&order);
    let mut places = order.clone();
    order.iter().zip(0..).for_each(|(&record, place)| places[record as usize] = place);
    let solution = partition(matcher, sorted, generic, decisions, (&scorer, &places), pairs);
    (solution, members)
}

/// Components and clusters from the pairs that weigh enough, in any order. `places` are the numbers of the nodes in the scorer.
fn partition(
    matcher: &Matcher,
    sorted: &[Node],
    generic: &dyn Fn(&Key) -> bool,
    decisions: &Decisions,
    (scorer, places): (&Scorer, &[u32]),
    mut pairs: Vec<Edge>,
) -> Solution {
    let (model, threads) = (matcher.model, scorer.threads);
    let mut doubtful: Vec<Edge> = pairs.iter().filter(|edge| edge.weight < model.floor).copied().collect();
    pairs.retain(|edge| edge.weight >= model.floor);
    let named = references(sorted, generic, threads);
    let connected = |pairs: &[Edge], lowest: i32| {
        threads.look();
        let mut sets = Sets::new(sorted.len());
        pairs.iter().filter(|edge| edge.weight >= lowest).for_each(|edge| sets.join(edge.a, edge.b));
        named.iter().for_each(|group| group.iter().for_each(|&x| sets.join(group[0], x)));
        decisions.must_links().for_each(|(a, b)| sets.join(a, b));
        sets.labels()
    };
    let component = connected(&pairs, model.floor);
    let mut groups = super::groups(&component);
    let cap = matcher.entity.options.component_cap as usize;
    let over = groups.iter().any(|group| group.len() > cap);
    let limits = if over { part(model, cap, &component, &mut groups, &pairs, connected) } else { Vec::new() };

    let mut tasks: Vec<Task> = groups.into_iter().map(Task::of).collect();
    let mut place: Vec<u32> = vec![0; sorted.len()];
    tasks.iter().zip(0..).for_each(|(task, at)| task.nodes.iter().for_each(|&x| place[x as usize] = at));
    let at = |x: u32| place[x as usize] as usize;
    if over {
        let between = pairs.extract_if(.., |edge| at(edge.a) != at(edge.b));
        doubtful.extend(between.filter(|edge| edge.weight > model.review || edge.weight >= model.auto));
    }
    pairs.iter().for_each(|edge| tasks[at(edge.a)].edges.push(*edge));
    named.into_iter().for_each(|group| tasks[at(group[0])].named.push(group));
    let share = threads.share(tasks.len());
    threads::map(tasks.chunks_mut(share).collect(), threads, |tasks: &mut [Task]| {
        tasks.iter_mut().for_each(|task| task.edges.sort_unstable());
    });
    let solver = Components { matcher, scorer, places, nodes: sorted, decisions };
    let mut solution =
        Solution { cluster: (0..sorted.len() as u32).collect(), component, limits, ..Solution::default() };
    for (task, solved) in tasks.iter().zip(solver.solve_all(&tasks)) {
        task.nodes.iter().zip(solved.cluster).for_each(|(&x, head)| solution.cluster[x as usize] = head);
        solution.review.extend(solved.review);
        solution.limits.extend(solved.limits);
    }
    // Of the pairs that the solver does not know, one stands for all between two clusters of one component.
    let mut best: BTreeMap<(u32, u32), Edge> = BTreeMap::new();
    for edge in doubtful.into_iter().filter(|edge| decisions.speaks(edge.a, edge.b).is_none()) {
        threads.look();
        let (x, y) = (solution.cluster[edge.a as usize], solution.cluster[edge.b as usize]);
        if solution.component[edge.a as usize] != solution.component[edge.b as usize] {
            solution.review.push(pending(model, &edge, Reason::Score));
        } else if x != y {
            keep_stronger(&mut best, (x.min(y), x.max(y)), edge);
        }
    }
    let known: BTreeSet<(u32, u32)> = solution
        .review
        .iter()
        .filter(|pair| pair.reason == Reason::Score)
        .map(|pair| (solution.cluster[pair.a as usize], solution.cluster[pair.b as usize]))
        .map(|(x, y)| (x.min(y), x.max(y)))
        .collect();
    let reason = |edge: &Edge| if edge.weight >= model.auto { Reason::ComponentCap } else { Reason::Score };
    let further = best.into_iter().filter(|(ends, _)| !known.contains(ends));
    solution.review.extend(further.map(|(_, edge)| pending(model, &edge, reason(&edge))));
    solution
}

/// What is looked at at a time where a component is parted: a bit.
const STEP: usize = 1_000;

/// Parts the `groups` with more than `cap` nodes: into those that pairs make which would join, and where one of these is too
/// large, which is a limit, into those that ever stronger pairs make; in the end into what links and common ids alone hold
/// together.
fn part(
    model: &Model,
    cap: usize,
    component: &[u32],
    groups: &mut Vec<Vec<u32>>,
    pairs: &[Edge],
    connected: impl Fn(&[Edge], i32) -> Vec<u32>,
) -> Vec<Limit> {
    let mut limits = Vec::new();
    let large: HashSet<u32> =
        groups.iter().filter(|group| group.len() > cap).map(|group| component[group[0] as usize]).collect();
    let within: Vec<Edge> = pairs.iter().filter(|edge| large.contains(&component[edge.a as usize])).copied().collect();
    let strongest = within.iter().map(|edge| edge.weight).max();
    for lowest in (model.auto..=i32::MAX).step_by(STEP) {
        let over: Vec<Vec<u32>> = groups.extract_if(.., |group| group.len() > cap).collect();
        if over.is_empty() {
            break;
        }
        let finer = connected(&within, lowest);
        let mut parts: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for x in over.into_iter().flatten() {
            parts.entry(finer[x as usize]).or_default().push(x);
        }
        if lowest == model.auto {
            let over = parts.values().filter(|part| part.len() > cap);
            limits.extend(over.map(|part| Limit { what: Reason::ComponentCap, figure: part.len(), node: part[0] }));
        }
        groups.extend(parts.into_values());
        if strongest.is_none_or(|strongest| lowest > strongest) {
            break;
        }
    }
    groups.sort_unstable();
    limits
}

fn pending(model: &Model, edge: &Edge, reason: Reason) -> ReviewPair {
    ReviewPair { a: edge.a, b: edge.b, millipoints: model.calibration.millipoints(edge.weight), reason }
}

fn keep_stronger<K: Ord>(best: &mut BTreeMap<K, Edge>, key: K, edge: Edge) {
    let kept = best.entry(key).or_insert(edge);
    if (-edge.weight, edge.a, edge.b) < (-kept.weight, kept.a, kept.b) {
        *kept = edge;
    }
}

/// The candidate pairs of some records from a weight on, where `over` knows the blocks over their limit.
fn weighed(scorer: &Scorer, blocks: &[Vec<u64>], over: &dyn Fn(u64) -> bool, lowest: i32) -> Vec<Edge> {
    let of_one = |(blocks, node): (&Vec<u64>, u32)| blocks.iter().map(move |&block| (block, node)).collect::<Vec<_>>();
    let mut held: Vec<(u64, u32)> = blocks.iter().zip(0..).flat_map(of_one).collect();
    held.sort_unstable();
    // By record the blocks it leads in: its partners, each once, are weighed together.
    let mut of: Vec<Vec<&[(u64, u32)]>> = vec![Vec::new(); blocks.len()];
    let shared = held.chunk_by(|x, y| x.0 == y.0).filter(|holders| holders.len() > 1 && !over(holders[0].0));
    for holders in shared {
        holders.iter().enumerate().for_each(|(at, &(_, a))| of[a as usize].push(&holders[at + 1..]));
    }
    let parts = threads::parts(blocks.len(), scorer.threads);
    let edges = threads::map(parts, scorer.threads, |nodes| {
        let (mut memo, mut partners, mut sums) = (Memo::default(), Vec::new(), Vec::new());
        let mut edges = Vec::new();
        for a in nodes {
            partners.clear();
            of[a].iter().for_each(|list| partners.extend(list.iter().map(|&(_, b)| b)));
            partners.sort_unstable();
            partners.dedup();
            scorer.weights(&mut memo, a, &partners, &mut sums);
            let weighed = partners.iter().zip(&sums).map(|(&b, &(unrelated, household))| Edge {
                a: a as u32,
                b,
                weight: engine::combine(unrelated, household),
            });
            edges.extend(weighed.filter(|edge| edge.weight >= lowest));
        }
        edges
    });
    edges.concat()
}

fn link(matcher: &Matcher, sorted: &[Node], (a, b): (u32, u32), strength: i64, via: Via) -> Link {
    let vetoed = exclusive(matcher.entity, &sorted[a as usize], &sorted[b as usize]).is_some();
    Link { a: a.min(b), b: a.max(b), strength, via, vetoed }
}

/// All pairs of `sorted`, whether candidates or not, by what they weigh.
pub(super) fn pairs_of_all(matcher: &Matcher, sorted: &[Node], generic: &dyn Fn(&Key) -> bool) -> Vec<Link> {
    let data = dataset(matcher, sorted, generic);
    let scorer = Scorer::on(matcher.model, &data, matcher.threads);
    let mut memo = Memo::default();
    let records = 0..sorted.len() as u32;
    let pairs = records.clone().flat_map(|a| (a + 1..records.end).map(move |b| (a, b)));
    pairs
        .map(|(a, b)| {
            let weight = scorer.weight(&mut memo, a as usize, b);
            link(matcher, sorted, (a, b), i64::from(weight), Via::Profile)
        })
        .collect()
}

/// The pairs of `sorted` that connect, and whether a guard forbids them.
pub(super) fn links(matcher: &Matcher, sorted: &[Node], known: &Known) -> Vec<Link> {
    let data = dataset(matcher, sorted, known.generic);
    let link = |a, b, strength, via| link(matcher, sorted, (a, b), strength, via);
    let model = matcher.model;
    let threads = matcher.threads;
    let blocks = blocks_in(&data, sorted.len(), threads);
    let weighed = weighed(&Scorer::on(model, &data, threads), &blocks, known.over, model.floor);
    let mut links: Vec<Link> = weighed
        .into_iter()
        .map(|edge| {
            let via = if edge.weight >= model.auto { Via::Score } else { Via::Profile };
            link(edge.a, edge.b, i64::from(edge.weight), via)
        })
        .collect();
    for group in references(sorted, known.generic, threads) {
        for (at, &a) in group.iter().enumerate() {
            links.extend(group[at + 1..].iter().map(|&b| link(a, b, 0, Via::CrossReference)));
        }
    }
    links
}
