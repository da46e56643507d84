//! What the records given have in common, interned: a pair costs a few integer comparisons, a shared mailbox of
//! thousands no list of its pairs.

use crate::block::{self, Key, Space};
use crate::cluster::sets::Sets;
use crate::cluster::{Edge, Edges, Reason};
use crate::entity::{EntityType, Options};
use crate::normalise::{date::dates_contradict, name::given_names_contradict};
use crate::record::Node;
use crate::score::features::Features;
use crate::score::guide::{self, generations_contradict, name_bonus, SAME_EMAIL, SAME_PHONE};
use crate::similarity::name_similarity;
use crate::threads::Threads;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

const NONE: u32 = u32::MAX;

/// Records and the keys that two or more of them share.
pub(super) struct Graph<'a> {
    features: Vec<Features<'a>>,
    /// By node: its shared keys, the strongest evidence first.
    keys: Vec<Vec<u32>>,
    /// By key, in the order of spaces.
    spaces: Vec<Space>,
    /// By key; those of a phone by full name.
    holders: Vec<Vec<u32>>,
    /// By node: its full name, or `NONE`.
    name: Vec<u32>,
    names: Vec<String>,
    similarity: RefCell<HashMap<(u32, u32), f64>>,
    /// Thresholds in 1/1000 points.
    auto: i64,
    review: i64,
    threads: Threads<'a>,
}

/// Pairs of one score by a key: of the first holders with the second, or, where there are no second, within the first.
#[derive(Clone, Copy)]
pub(super) struct Tier<'a>(&'a [u32], Option<&'a [u32]>);

impl Tier<'_> {
    /// Joins all of its nodes.
    pub fn join(&self, sets: &mut Sets) {
        self.0.iter().chain(self.1.unwrap_or_default()).for_each(|&x| sets.join(self.head(), x));
    }

    /// The first of its nodes.
    pub fn head(&self) -> u32 {
        self.0[0]
    }

    fn pairs(&self, threads: Threads, visit: &mut dyn FnMut(u32, u32)) {
        for (i, &a) in self.0.iter().enumerate() {
            threads.look();
            self.1.unwrap_or(&self.0[i + 1..]).iter().for_each(|&b| visit(a, b));
        }
    }
}

/// Threshold points as 1/1000 points.
pub(super) fn millipoints(points: f64) -> i64 {
    (points * 1000.0).round() as i64
}

/// `auto` and `review` under `guide`, in 1/1000 points: unless told otherwise only certainty merges.
pub(super) fn thresholds(options: &Options) -> (i64, i64) {
    (millipoints(options.auto.unwrap_or(100.0)), millipoints(options.review))
}

impl<'a> Graph<'a> {
    pub fn new(
        entity: &'a EntityType,
        nodes: &[Node<'a>],
        generic: &dyn Fn(&Key) -> bool,
        threads: Threads<'a>,
    ) -> Graph<'a> {
        let mut held: HashMap<Key, Vec<u32>> = HashMap::new();
        for (x, node) in nodes.iter().enumerate() {
            threads.look();
            for key in block::compared_keys(entity, node.reference, node.state) {
                held.entry(key).or_default().push(x as u32);
            }
        }
        let mut shared: Vec<(Key, Vec<u32>)> = held.into_iter().filter(|(_, holders)| holders.len() > 1).collect();
        shared.retain(|(key, _)| !generic(key));
        shared.sort_unstable();
        let features = |node: &Node<'a>| {
            threads.look();
            Features::of(entity, Some(node.reference), node.state)
        };
        let features: Vec<Features> = nodes.iter().map(features).collect();
        let mut known: HashMap<&str, u32> = HashMap::new();
        let mut names = Vec::new();
        let mut name = Vec::with_capacity(nodes.len());
        for one in &features {
            name.push(one.full_name.as_deref().map_or(NONE, |text| {
                *known.entry(text).or_insert_with(|| {
                    names.push(text.to_owned());
                    names.len() as u32 - 1
                })
            }));
        }
        drop(known);
        let (auto, review) = thresholds(&entity.options);
        let mut graph = Graph {
            features,
            keys: vec![Vec::new(); nodes.len()],
            spaces: Vec::with_capacity(shared.len()),
            holders: Vec::with_capacity(shared.len()),
            name,
            names,
            similarity: RefCell::default(),
            auto,
            review,
            threads,
        };
        for (key, mut holders) in shared {
            if key.space == Space::Phone {
                holders.sort_by_key(|&x| graph.name[x as usize]);
            }
            holders.iter().for_each(|&x| graph.keys[x as usize].push(graph.spaces.len() as u32));
            graph.spaces.push(key.space);
            graph.holders.push(holders);
        }
        graph
    }

    /// The score of a pair (1/1000 points, by cross-reference), when it shares a key.
    pub fn score(&self, a: u32, b: u32) -> Option<(i64, bool)> {
        let (mut left, mut right) = (self.keys[a as usize].iter(), self.keys[b as usize].iter());
        let (mut x, mut y) = (left.next()?, right.next()?);
        while x != y {
            if x < y {
                x = left.next()?;
            } else {
                y = right.next()?;
            }
        }
        Some(match self.spaces[*x as usize] {
            Space::Reference => (SAME_EMAIL, true),
            Space::Phone => (self.same_phone(self.name[a as usize], self.name[b as usize]), false),
            _ => (SAME_EMAIL, false),
        })
    }

    /// The score of two records with the same phone and these full names.
    fn same_phone(&self, a: u32, b: u32) -> i64 {
        if a == NONE || b == NONE {
            return SAME_PHONE;
        }
        let pair = (a.min(b), a.max(b));
        let mut memo = self.similarity.borrow_mut();
        let text = |name: u32| self.names[name as usize].as_str();
        let s = *memo.entry(pair).or_insert_with(|| name_similarity(text(pair.0), text(pair.1)));
        SAME_PHONE + name_bonus(Some(s))
    }

    /// Visits the pairs that each key gives a score, where `keep` wants the score.
    fn tiers<'g>(&'g self, keep: &dyn Fn(i64) -> bool, visit: &mut dyn FnMut(i64, Tier<'g>)) {
        for (space, holders) in self.spaces.iter().zip(&self.holders) {
            if *space != Space::Phone {
                if keep(SAME_EMAIL) {
                    visit(SAME_EMAIL, Tier(holders, None));
                }
                continue;
            }
            let name = |x: u32| self.name[x as usize];
            let groups: Vec<&[u32]> = holders.chunk_by(|&a, &b| name(a) == name(b)).collect();
            for (i, &left) in groups.iter().enumerate() {
                self.threads.look();
                // One alone has no pair.
                for (j, &right) in groups.iter().enumerate().skip(i + usize::from(left.len() < 2)) {
                    let points = self.same_phone(name(left[0]), name(right[0]));
                    if keep(points) {
                        visit(points, Tier(left, (i < j).then_some(right)));
                    }
                }
            }
        }
    }

    /// What merges by itself. A tier lies in one component as a whole.
    pub fn merging(&self) -> Vec<Tier<'_>> {
        let mut tiers = Vec::new();
        self.tiers(&|points| points >= self.auto, &mut |_, tier| tiers.push(tier));
        tiers
    }

    /// Visits every pair that scores between the thresholds, at least once each.
    pub fn between_thresholds(&self, visit: &mut dyn FnMut(u32, u32, i64)) {
        let keep = |points: i64| self.review < points && points < self.auto;
        self.tiers(&keep, &mut |points, tier| {
            tier.pairs(self.threads, &mut |a, b| {
                if self.score(a, b).is_some_and(|(best, _)| best == points) {
                    visit(a, b, points);
                }
            });
        });
    }
}

/// The edges of one component.
pub(super) struct Component<'a> {
    pub graph: &'a Graph<'a>,
    pub tiers: &'a [Tier<'a>],
    /// By node: its position in its component.
    pub place: &'a [u32],
}

impl Edges for Component<'_> {
    fn each(&self, visit: &mut dyn FnMut(Edge)) {
        for tier in self.tiers {
            tier.pairs(self.graph.threads, &mut |a, b| {
                if let Some((millipoints, cross_reference)) = self.graph.score(a, b) {
                    let [a, b] = [a, b].map(|x| self.place[x as usize]);
                    visit(Edge { a, b, millipoints, cross_reference });
                }
            });
        }
    }
}

/// Conflicts between the records of one component: [`guide::exclusive`] values, else a contradiction. Given names are
/// compared once for each pair of different names.
pub(super) struct Conflicts<'a> {
    /// By position in the component.
    pub classes: Vec<u32>,
    /// By class: a record that has it.
    example: Vec<&'a Features<'a>>,
    /// By class: its given and family name.
    name: Vec<u32>,
    names: Vec<(Option<&'a str>, Option<&'a str>)>,
    /// By pair of names; empty where there are too many to remember them all.
    verdicts: Vec<Cell<Option<bool>>>,
    threads: Threads<'a>,
}

/// The most verdicts on pairs of names to remember: 16 MB.
const VERDICTS: usize = 1 << 24;

impl<'a> Conflicts<'a> {
    pub fn new(graph: &'a Graph<'a>, nodes: &[u32]) -> Conflicts<'a> {
        let mut known_names = HashMap::new();
        let mut known = HashMap::new();
        let mut conflicts = Conflicts {
            classes: Vec::with_capacity(nodes.len()),
            example: Vec::new(),
            name: Vec::new(),
            names: Vec::new(),
            verdicts: Vec::new(),
            threads: graph.threads,
        };
        for &x in nodes {
            graph.threads.look();
            let one = &graph.features[x as usize];
            let name = *known_names.entry((one.given, one.family)).or_insert_with(|| {
                conflicts.names.push((one.given, one.family));
                conflicts.names.len() as u32 - 1
            });
            let class = *known.entry((name, one.generation, &one.dates, &one.exclusive)).or_insert_with(|| {
                conflicts.example.push(one);
                conflicts.name.push(name);
                conflicts.example.len() as u32 - 1
            });
            conflicts.classes.push(class);
        }
        let pairs = conflicts.names.len() * conflicts.names.len();
        conflicts.verdicts = vec![Cell::new(None); if pairs <= VERDICTS { pairs } else { 0 }];
        conflicts
    }

    /// What keeps records of two classes apart.
    pub fn between(&self, c: u32, d: u32) -> Option<Reason> {
        self.threads.look();
        let (a, b) = (self.example[c as usize], self.example[d as usize]);
        if guide::exclusive(a, b).is_some() {
            return Some(Reason::Exclusive);
        }
        let contradiction = self.names_contradict(self.name[c as usize], self.name[d as usize])
            || generations_contradict(a.generation, b.generation)
            || guide::birth_dates(a, b).any(|(_, x, y)| dates_contradict(x, y));
        contradiction.then_some(Reason::Contradiction)
    }

    fn names_contradict(&self, a: u32, b: u32) -> bool {
        if a == b {
            return false;
        }
        let (a, b) = (a.min(b) as usize, a.max(b) as usize);
        let known = self.verdicts.get(a * self.names.len() + b);
        if let Some(verdict) = known.and_then(Cell::get) {
            return verdict;
        }
        let ((given, family), (other_given, other_family)) = (self.names[a], self.names[b]);
        let verdict = given_names_contradict(given, family, other_given, other_family);
        known.inspect(|cell| cell.set(Some(verdict)));
        verdict
    }
}
