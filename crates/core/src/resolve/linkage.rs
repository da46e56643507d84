//! The policy `probabilistic`: candidates from blocks, weights from the model, components solved by the profiles of
//! their clusters. Equal cross-references are a level of their own above all weights.

use super::whole::{self, Whole};
use super::why::{Link, Via};
use super::{Matcher, Node, ReviewPair, Solution, Verdict};
use crate::block::Key;
use crate::cluster::decision::Decisions;
use crate::cluster::sets::Sets;
use crate::cluster::{self, Limit, Problem, Reason};
use crate::columns::Columns;
use crate::entity::EntityType;
use crate::probabilistic::{self as engine, Dataset, Edge, Members, Memo, Model, Scorer};
use crate::record::RecordRef;
use crate::score::{Evidence, Score};
use crate::threads;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The features of some nodes. Values that are generic count as absent.
pub(super) fn dataset(matcher: &Matcher, nodes: &[Node], generic: &dyn Fn(&Key) -> bool) -> Dataset {
    let (entity, threads) = (matcher.entity, matcher.threads());
    Dataset::of(entity, &Columns::of(entity, nodes, threads).judge(entity, generic), threads)
}

pub(super) fn blocks(matcher: &Matcher, nodes: &[Node], generic: &dyn Fn(&Key) -> bool) -> Vec<Vec<u64>> {
    blocks_in(&dataset(matcher, nodes, generic), nodes.len(), matcher.threads())
}

/// The blocks that each of so many records is in.
pub(super) fn blocks_in(data: &Dataset, records: usize, threads: usize) -> Vec<Vec<u64>> {
    let of_part = |part: std::ops::Range<usize>| part.map(|record| engine::keys(data, record)).collect::<Vec<_>>();
    threads::map(threads::parts(records, threads), threads, of_part).into_iter().flatten().collect()
}

/// What the records themselves tell of how pairs of one person, of one household and of strangers agree.
pub(super) fn train(matcher: &Matcher, whole: &Whole) -> Model {
    let shipped = Model::shipped(matcher.entity);
    if matcher.stopped() {
        return shipped;
    }
    engine::train(&whole.data, &whole.blocks, &shipped, threads::all())
}

pub(super) fn weigh(
    matcher: &Matcher,
    nodes: &[Node],
    generic: &dyn Fn(&Key) -> bool,
    pairs: &[(u32, u32)],
) -> Vec<Verdict> {
    let (data, threads) = (dataset(matcher, nodes, generic), matcher.threads());
    let scorer = Scorer::on(matcher.model, &data, threads);
    let verdict = |weight: i32| match weight {
        weight if weight >= matcher.model.floor => Verdict::Connected,
        weight if weight > matcher.model.review => Verdict::Doubtful,
        _ => Verdict::Apart,
    };
    let share = pairs.len().div_ceil(threads).max(1);
    let weighed = threads::map(pairs.chunks(share).collect(), threads, |pairs: &[(u32, u32)]| {
        let (mut memo, mut others, mut sums) = (Memo::default(), Vec::new(), Vec::new());
        let mut verdicts = Vec::with_capacity(pairs.len());
        // Those of one record are weighed together where they stand together.
        for partners in pairs.chunk_by(|x, y| x.1 == y.1).take_while(|_| !matcher.stopped()) {
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

pub(super) fn explain(
    matcher: &Matcher,
    nodes: &[Node],
    generic: &dyn Fn(&Key) -> bool,
    pairs: &[(u32, u32)],
) -> Vec<Score> {
    let (data, threads) = (dataset(matcher, nodes, generic), matcher.threads());
    let scorer = Scorer::on(matcher.model, &data, threads);
    let share = pairs.len().div_ceil(threads).max(1);
    let linked = |&(a, b): &(u32, u32)| same_reference(&nodes[a as usize], &nodes[b as usize], generic);
    let linked: Vec<bool> = pairs.iter().map(linked).collect();
    let parts = pairs.chunks(share).zip(linked.chunks(share)).collect();
    let scores = threads::map(parts, threads, |(pairs, linked): (&[(u32, u32)], &[bool])| {
        let mut memo = Memo::default();
        let score = |(&(a, b), &cross_reference): (&(u32, u32), &bool)| {
            let (x, y) = (&nodes[a as usize], &nodes[b as usize]);
            let mut evidence = waterfall(&scorer, &mut memo, a, b);
            let points = if cross_reference {
                let sum: f64 = evidence.iter().map(|line| line.points).sum();
                let line = Evidence { points: 100.0 - sum, weight: 0.0, ..line("cross_reference", "exact", "equal") };
                evidence.push(line);
                100_000
            } else {
                matcher.model.calibration.millipoints(scorer.weight(&mut memo, a as usize, b))
            };
            evidence.extend(exclusive(matcher.entity, x, y).map(|attribute| line(attribute, "guard", "exclusive")));
            Score { millipoints: points, cross_reference, evidence }
        };
        pairs.iter().zip(linked).map(score).collect::<Vec<Score>>()
    });
    scores.into_iter().flatten().collect()
}

fn line(attribute: &str, comparison: &'static str, level: &'static str) -> Evidence {
    Evidence { attribute: attribute.into(), comparison, level, similarity: None, weight: 0.0, points: 0.0 }
}

/// From the odds of two records picked at random to those of the pair, comparison by comparison: `weight` is what each
/// adds in bits, `points` what it adds to the match probability in hundredths. Both add up.
fn waterfall(scorer: &Scorer, memo: &mut Memo, a: u32, b: u32) -> Vec<Evidence> {
    let (mut unrelated, mut household) = (scorer.model.prior_unrelated, scorer.model.prior_household);
    let mut before = engine::combine(unrelated, household);
    let points = |weight: i32| scorer.model.calibration.millipoints(weight) as f64 / 1000.0;
    let mut lines = vec![Evidence {
        weight: f64::from(before) / 1000.0,
        points: points(before),
        ..line("prior", "prior", "two records at random")
    }];
    for part in scorer.evidence(memo, a as usize, b as usize) {
        unrelated += part.unrelated;
        household += part.household;
        let now = engine::combine(unrelated, household);
        lines.push(Evidence {
            weight: f64::from(now - before) / 1000.0,
            points: points(now) - points(before),
            ..line(&part.field, part.measure.name(), part.level)
        });
        before = now;
    }
    lines
}

/// Whether two records name a common id that is not generic.
fn same_reference(a: &Node, b: &Node, generic: &dyn Fn(&Key) -> bool) -> bool {
    let counts = |reference: &RecordRef| !generic(&Key::reference(reference));
    let named = |one: &Node, other: &Node| one.state.cross_references().contains(other.reference);
    (named(a, b) && counts(b.reference))
        || (named(b, a) && counts(a.reference))
        || a.state.cross_references().intersection(b.state.cross_references()).any(counts)
}

/// The records that name a common id, as groups of two or more, in order.
fn references(nodes: &[Node], generic: &dyn Fn(&Key) -> bool) -> Vec<Vec<u32>> {
    let mut holders: BTreeMap<&RecordRef, Vec<u32>> = BTreeMap::new();
    for (x, node) in nodes.iter().enumerate() {
        for reference in node.state.cross_references() {
            holders.entry(reference).or_default().push(x as u32);
        }
    }
    for (x, node) in nodes.iter().enumerate() {
        if let Some(list) = holders.get_mut(node.reference).filter(|list| !list.contains(&(x as u32))) {
            list.push(x as u32);
        }
    }
    holders.retain(|reference, list| list.len() > 1 && !generic(&Key::reference(reference)));
    holders.into_values().collect()
}

/// The first exclusive attribute of which two records hold different values.
fn exclusive<'a>(entity: &'a EntityType, a: &Node, b: &Node) -> Option<&'a str> {
    let differs = |name: &&str| a.state.canonical(name).zip(b.state.canonical(name)).is_some_and(|(x, y)| x != y);
    let attributes = entity.attributes.iter().filter(|attribute| attribute.exclusive);
    attributes.map(|attribute| attribute.name.as_str()).find(differs)
}

/// The weight from which a pair is looked at.
fn lowest(model: &Model) -> i32 {
    model.floor.min(model.review + 1)
}

/// Partitions `sorted`, which ascend by reference, by their features; `over` tells the blocks over their limit.
pub(super) fn solve(
    matcher: &Matcher,
    sorted: &[Node],
    (data, blocks): (&Dataset, &[Vec<u64>]),
    generic: &dyn Fn(&Key) -> bool,
    over: &dyn Fn(u64) -> bool,
    decisions: &Decisions,
) -> Solution {
    let threads = matcher.threads();
    let scorer = Scorer::on(matcher.model, data, threads);
    let pairs = weighed(&scorer, blocks, over, lowest(matcher.model), threads);
    let places: Vec<u32> = (0..sorted.len() as u32).collect();
    partition(matcher, sorted, generic, decisions, (&scorer, &places), pairs, threads)
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
    let scorer = Scorer::on(matcher.model, &data, threads::all());
    let pairs = whole::pairs(matcher, &scorer, &blocks, &order, lowest(matcher.model));
    let mut members = blocks.into_members();
    members.renumber(&order);
    let mut places = order.clone();
    order.iter().zip(0..).for_each(|(&record, place)| places[record as usize] = place);
    let solution = partition(matcher, sorted, generic, decisions, (&scorer, &places), pairs, threads::all());
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
    threads: usize,
) -> Solution {
    let model = matcher.model;
    let doubtful: Vec<Edge> = pairs.iter().filter(|edge| edge.weight < model.floor).copied().collect();
    pairs.retain(|edge| edge.weight >= model.floor);
    let named = references(sorted, generic);
    let mut sets = Sets::new(sorted.len());
    pairs.iter().for_each(|edge| sets.join(edge.a, edge.b));
    named.iter().for_each(|group| group.iter().for_each(|&x| sets.join(group[0], x)));
    decisions.must_links().for_each(|(a, b)| sets.join(a, b));
    let component = sets.labels();

    let mut tasks: Vec<Task> = super::groups(&component).into_iter().map(Task::of).collect();
    let mut place: Vec<u32> = vec![0; sorted.len()];
    tasks.iter().zip(0..).for_each(|(task, at)| task.nodes.iter().for_each(|&x| place[x as usize] = at));
    let at = |x: u32| place[x as usize] as usize;
    pairs.iter().for_each(|edge| tasks[at(edge.a)].edges.push(*edge));
    named.into_iter().for_each(|group| tasks[at(group[0])].named.push(group));
    let share = tasks.len().div_ceil(threads).max(1);
    threads::map(tasks.chunks_mut(share).collect(), threads, |tasks: &mut [Task]| {
        tasks.iter_mut().for_each(|task| task.edges.sort_unstable());
    });
    let solver = Components { matcher, scorer, places, nodes: sorted, decisions };
    let mut solution = Solution { cluster: (0..sorted.len() as u32).collect(), component, ..Solution::default() };
    for (task, solved) in tasks.iter().zip(solver.solve_all(&tasks, threads)) {
        task.nodes.iter().zip(solved.cluster).for_each(|(&x, head)| solution.cluster[x as usize] = head);
        solution.review.extend(solved.review);
        solution.limits.extend(solved.limits);
    }
    // Of the pairs below the floor, one stands for all between two clusters of one component.
    let mut best: BTreeMap<(u32, u32), Edge> = BTreeMap::new();
    for edge in doubtful.into_iter().filter(|edge| decisions.speaks(edge.a, edge.b).is_none()) {
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
    let further = best.into_iter().filter(|(ends, _)| !known.contains(ends));
    solution.review.extend(further.map(|(_, edge)| pending(model, &edge, Reason::Score)));
    solution
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
fn weighed(scorer: &Scorer, blocks: &[Vec<u64>], over: &dyn Fn(u64) -> bool, lowest: i32, threads: usize) -> Vec<Edge> {
    let of_one = |(blocks, node): (&Vec<u64>, u32)| blocks.iter().map(move |&block| (block, node)).collect::<Vec<_>>();
    let mut held: Vec<(u64, u32)> = blocks.iter().zip(0..).flat_map(of_one).collect();
    held.sort_unstable();
    // By record the blocks it leads in: its partners, each once, are weighed together.
    let mut of: Vec<Vec<&[(u64, u32)]>> = vec![Vec::new(); blocks.len()];
    let shared = held.chunk_by(|x, y| x.0 == y.0).filter(|holders| holders.len() > 1 && !over(holders[0].0));
    for holders in shared {
        holders.iter().enumerate().for_each(|(at, &(_, a))| of[a as usize].push(&holders[at + 1..]));
    }
    let edges = threads::map(threads::parts(blocks.len(), threads), threads, |nodes| {
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

/// The pairs of `sorted` that connect, and whether a guard forbids them.
pub(super) fn links(
    matcher: &Matcher,
    sorted: &[Node],
    generic: &dyn Fn(&Key) -> bool,
    over: &dyn Fn(u64) -> bool,
) -> Vec<Link> {
    let data = dataset(matcher, sorted, generic);
    let link = |a: u32, b: u32, strength: i64, via: Via| {
        let vetoed = exclusive(matcher.entity, &sorted[a as usize], &sorted[b as usize]).is_some();
        Link { a: a.min(b), b: a.max(b), strength, via, vetoed }
    };
    let model = matcher.model;
    let blocks = blocks_in(&data, sorted.len(), 1);
    let weighed = weighed(&Scorer::new(model, &data), &blocks, over, model.floor, 1);
    let mut links: Vec<Link> = weighed
        .into_iter()
        .map(|edge| {
            let via = if edge.weight >= model.auto { Via::Score } else { Via::Profile };
            link(edge.a, edge.b, i64::from(edge.weight), via)
        })
        .collect();
    for group in references(sorted, generic) {
        for (at, &a) in group.iter().enumerate() {
            links.extend(group[at + 1..].iter().map(|&b| link(a, b, 0, Via::CrossReference)));
        }
    }
    links
}

/// One component.
struct Task {
    /// Ascending.
    nodes: Vec<u32>,
    /// Its pairs from the floor on.
    edges: Vec<Edge>,
    /// Records that name a common id.
    named: Vec<Vec<u32>>,
}

impl Task {
    fn of(nodes: Vec<u32>) -> Task {
        Task { nodes, edges: Vec::new(), named: Vec::new() }
    }
}

/// A solved component, in the numbers of all nodes.
#[derive(Default)]
struct Solved {
    cluster: Vec<u32>,
    review: Vec<ReviewPair>,
    limits: Vec<Limit>,
}

/// What all components have in common.
struct Components<'a> {
    matcher: &'a Matcher<'a>,
    scorer: &'a Scorer<'a>,
    places: &'a [u32],
    nodes: &'a [Node<'a>],
    decisions: &'a Decisions,
}

impl Components<'_> {
    /// Every component by itself; threads only shorten the wait.
    fn solve_all(&self, tasks: &[Task], threads: usize) -> Vec<Solved> {
        if threads < 2 || tasks.len() < 2 {
            let memo = RefCell::new(Memo::default());
            return tasks.iter().map(|task| self.solve(&memo, task)).collect();
        }
        let parts = threads::map((0..threads).collect(), threads, |first| {
            let memo = RefCell::new(Memo::default());
            let mine = tasks.iter().skip(first).step_by(threads);
            mine.take_while(|_| !self.matcher.stopped()).map(|task| self.solve(&memo, task)).collect::<Vec<Solved>>()
        });
        let mut parts: Vec<_> = parts.into_iter().map(Vec::into_iter).collect();
        (0..tasks.len()).map(|at| parts[at % threads].next().unwrap_or_default()).collect()
    }

    fn solve(&self, memo: &RefCell<Memo>, task: &Task) -> Solved {
        let options = &self.matcher.entity.options;
        let local = self.decisions.of_nodes(&task.nodes);
        if task.nodes.len() > options.component_cap as usize {
            return self.links_alone(task, &local);
        }
        let vetoes = self.vetoes(task, &local);
        if task.named.is_empty() && local.is_empty() {
            return self.agglomerate(memo, task, &[], &local, &vetoes);
        }
        let parted = local.without_same();
        let mut start = self.named(task, &parted);
        let mut solved = self.agglomerate(memo, task, &start, &parted, &vetoes);
        if local.must_links().next().is_none() {
            return solved;
        }
        // A steward's `same` comes on top of what is together without it, so that it never splits that; where the two
        // sides have come to conflict beyond what it covers, links prevail over scores.
        let linked = self.named(task, &local);
        start = self.together(task, &[&solved.cluster, &linked], &linked, &local);
        solved = self.agglomerate(memo, task, &start, &local, &vetoes);
        solved
    }

    /// What cross-references and must-links alone hold together, by position: the smallest node of each cluster.
    fn named(&self, task: &Task, decisions: &Decisions) -> Vec<u32> {
        let solved = self.by_levels(task, decisions, Vec::new(), u32::MAX);
        solved.cluster.iter().map(|&head| task.nodes[head as usize]).collect()
    }

    fn by_levels(
        &self,
        task: &Task,
        decisions: &Decisions,
        edges: Vec<cluster::Edge>,
        component_cap: u32,
    ) -> cluster::Clustering {
        let (classes, examples) = self.classes(task);
        let example = |class: u32| &self.nodes[examples[class as usize] as usize];
        let conflict =
            |c: u32, d: u32| exclusive(self.matcher.entity, example(c), example(d)).map(|_| Reason::Exclusive);
        cluster::cluster(&Problem {
            classes: &classes,
            conflict: &conflict,
            edges: &Named { task, edges },
            decisions,
            cap: self.matcher.entity.options.cap as usize,
            component_cap: component_cap as usize,
        })
    }

    /// Classes of nodes that hold the same exclusive values, and a node of each.
    fn classes(&self, task: &Task) -> (Vec<u32>, Vec<u32>) {
        let exclusive: Vec<&str> =
            self.matcher.entity.attributes.iter().filter(|one| one.exclusive).map(|one| one.name.as_str()).collect();
        let (mut known, mut examples) = (HashMap::new(), Vec::new());
        let classes = task.nodes.iter().map(|&x| {
            let values: Vec<Option<&str>> =
                exclusive.iter().map(|name| self.nodes[x as usize].state.canonical(name)).collect();
            *known.entry(values).or_insert_with(|| {
                examples.push(x);
                examples.len() as u32 - 1
            })
        });
        (classes.collect(), examples)
    }

    /// A component over its cap is solved from links alone.
    fn links_alone(&self, task: &Task, decisions: &Decisions) -> Solved {
        let position = |x: u32| task.nodes.binary_search(&x).map_or(0, |at| at as u32);
        let strong = task.edges.iter().filter(|edge| edge.weight >= self.matcher.model.auto);
        let edges = strong.map(|edge| cluster::Edge {
            a: position(edge.a),
            b: position(edge.b),
            millipoints: self.matcher.model.calibration.millipoints(edge.weight),
            cross_reference: false,
        });
        let solved = self.by_levels(task, decisions, edges.collect(), self.matcher.entity.options.component_cap);
        Solved {
            cluster: solved.cluster.iter().map(|&head| task.nodes[head as usize]).collect(),
            review: solved
                .refused
                .iter()
                .map(|pair| ReviewPair {
                    a: task.nodes[pair.a as usize],
                    b: task.nodes[pair.b as usize],
                    millipoints: pair.millipoints,
                    reason: pair.reason,
                })
                .collect(),
            limits: solved
                .limits
                .iter()
                .map(|limit| Limit { node: task.nodes[limit.node as usize], ..*limit })
                .collect(),
        }
    }

    /// The partition that `partitions` together make, but for clusters with a veto inside: those are as in `fallback`.
    fn together(&self, task: &Task, partitions: &[&[u32]], fallback: &[u32], decisions: &Decisions) -> Vec<u32> {
        let position = |x: u32| task.nodes.binary_search(&x).map_or(0, |at| at as u32);
        let mut sets = Sets::new(task.nodes.len());
        for partition in partitions {
            for (x, &head) in partition.iter().enumerate() {
                sets.join(x as u32, position(head));
            }
        }
        let labels = sets.labels();
        let mut start: Vec<u32> = labels.iter().map(|&label| task.nodes[label as usize]).collect();
        let cap = self.matcher.entity.options.cap as usize;
        for group in super::groups(&labels) {
            let spoilt = group.len() > cap
                || group
                    .iter()
                    .enumerate()
                    .any(|(at, &a)| group[at + 1..].iter().any(|&b| self.veto(task, decisions, a, b).is_some()));
            if spoilt {
                group.iter().for_each(|&x| start[x as usize] = fallback[x as usize]);
            }
        }
        start
    }

    /// What keeps two nodes (by position) apart, whatever they weigh.
    fn veto(&self, task: &Task, decisions: &Decisions, a: u32, b: u32) -> Option<Reason> {
        match decisions.speaks(a, b) {
            Some(true) => None,
            Some(false) => Some(Reason::CannotLink),
            None => {
                let node = |x: u32| &self.nodes[task.nodes[x as usize] as usize];
                exclusive(self.matcher.entity, node(a), node(b)).map(|_| Reason::Exclusive)
            }
        }
    }

    /// All vetoes, by nodes.
    fn vetoes(&self, task: &Task, decisions: &Decisions) -> BTreeMap<(u32, u32), Reason> {
        let mut found = BTreeMap::new();
        if decisions.is_empty() && !self.matcher.entity.attributes.iter().any(|attribute| attribute.exclusive) {
            return found;
        }
        for a in 0..task.nodes.len() as u32 {
            for b in a + 1..task.nodes.len() as u32 {
                if let Some(reason) = self.veto(task, decisions, a, b) {
                    found.insert((task.nodes[a as usize], task.nodes[b as usize]), reason);
                }
            }
        }
        found
    }

    /// Joins clusters by their profiles, from the clusters of `start` on (by position; empty: single nodes).
    fn agglomerate(
        &self,
        memo: &RefCell<Memo>,
        task: &Task,
        start: &[u32],
        decisions: &Decisions,
        vetoes: &BTreeMap<(u32, u32), Reason>,
    ) -> Solved {
        let cap = self.matcher.entity.options.cap as usize;
        let must: Vec<(u32, u32)> = task
            .nodes
            .iter()
            .zip(start)
            .filter(|(x, head)| x != head)
            .map(|(&x, &head)| (head.min(x), head.max(x)))
            .collect();
        let cannot: Vec<(u32, u32)> = vetoes.keys().copied().collect();
        let solution = engine::solve((self.scorer, self.places), memo, &task.nodes, &task.edges, &must, &cannot, cap);
        let position = |x: u32| task.nodes.binary_search(&x).map_or(0, |at| at as u32);
        // By position: its cluster.
        let mut of: Vec<&[u32]> = vec![&[]; task.nodes.len()];
        for cluster in &solution.clusters {
            cluster.iter().for_each(|&x| of[position(x) as usize] = cluster);
        }
        let members = |x: u32| of[position(x) as usize];
        let mut best: BTreeMap<(u32, u32, bool), Edge> = BTreeMap::new();
        let mut reasons: BTreeMap<(u32, u32), engine::Reason> = BTreeMap::new();
        for review in &solution.reviews {
            let edge = review.pair;
            if decisions.speaks(position(edge.a), position(edge.b)).is_some() {
                continue;
            }
            let (x, y) = (members(edge.a)[0], members(edge.b)[0]);
            reasons.insert((edge.a, edge.b), review.reason);
            let doubtful = review.reason == engine::Reason::Score;
            keep_stronger(&mut best, (x.min(y), x.max(y), doubtful), edge);
        }
        let mut solved = Solved { cluster: of.iter().map(|cluster| cluster[0]).collect(), ..Solved::default() };
        for ((x, y, _), edge) in best {
            let reason = match reasons[&(edge.a, edge.b)] {
                engine::Reason::Score => Reason::Score,
                engine::Reason::Cohesion => Reason::Cohesion,
                engine::Reason::Contradiction => Reason::Contradiction,
                engine::Reason::Ambiguous => Reason::Ambiguous,
                engine::Reason::Limit => {
                    let figure = members(x).len() + members(y).len();
                    solved.limits.push(Limit { what: Reason::Cap, figure, node: x });
                    Reason::Cap
                }
                engine::Reason::CannotLink => {
                    let across = members(x).iter().flat_map(|&a| members(y).iter().map(move |&b| (a.min(b), a.max(b))));
                    across.filter_map(|pair| vetoes.get(&pair)).min().copied().unwrap_or(Reason::CannotLink)
                }
            };
            solved.review.push(pending(self.matcher.model, &edge, reason));
        }
        solved
    }
}

/// The pairs of a component that name a common id, and others given.
struct Named<'a> {
    task: &'a Task,
    edges: Vec<cluster::Edge>,
}

impl cluster::Edges for Named<'_> {
    fn each(&self, visit: &mut dyn FnMut(cluster::Edge)) {
        let position = |x: u32| self.task.nodes.binary_search(&x).map_or(0, |at| at as u32);
        for group in &self.task.named {
            for (at, &a) in group.iter().enumerate() {
                for &b in &group[at + 1..] {
                    let (a, b) = (position(a), position(b));
                    visit(cluster::Edge { a, b, millipoints: 100_000, cross_reference: true });
                }
            }
        }
        self.edges.iter().for_each(|edge| visit(*edge));
    }
}
