#![allow(clippy::unwrap_used, clippy::panic)]

use super::decision::{in_turn, Decision, Decisions, Ruling};
use super::*;
use crate::record::RecordRef;
use crate::threads::Threads;
use proptest::prelude::*;
use proptest::sample::subsequence;
use std::collections::BTreeMap;

/// A small world: nodes, edges with whole points as scores, conflicting pairs, limits, decisions.
#[derive(Clone, Debug)]
struct World {
    n: usize,
    edges: Vec<Edge>,
    conflicts: BTreeSet<(u32, u32)>,
    decisions: Vec<Decision>,
    cap: usize,
}

fn name(x: u32) -> RecordRef {
    RecordRef::new("s", format!("{x:05}"))
}

fn edge(a: u32, b: u32, points: i64) -> Edge {
    // 101 stands for an equal cross-reference.
    Edge { a, b, millipoints: points.min(100) * 1000, cross_reference: points > 100 }
}

fn decision(order: i64, ruling: Ruling, side_a: &[u32], side_b: &[u32]) -> Decision {
    let names = |side: &[u32]| side.iter().map(|&x| name(x)).collect();
    let evidence = (name(side_a[0]), name(side_b[0]));
    Decision { order, ruling, side_a: names(side_a), side_b: names(side_b), evidence }
}

impl World {
    fn of(n: usize, edges: &[(u32, u32, i64)], conflicts: &[(u32, u32)]) -> World {
        World {
            n,
            edges: edges.iter().map(|&(a, b, points)| edge(a, b, points)).collect(),
            conflicts: conflicts.iter().map(|&(a, b)| (a.min(b), a.max(b))).collect(),
            decisions: Vec::new(),
            cap: 1000,
        }
    }

    fn bound(&self) -> Decisions {
        Decisions::bind(self.n, &self.decisions, &|record| record.id.parse().ok().filter(|x| (*x as usize) < self.n))
    }

    fn conflict(&self, a: u32, b: u32) -> Option<Reason> {
        self.conflicts.contains(&(a.min(b), a.max(b))).then_some(Reason::Contradiction)
    }

    fn solve(&self) -> Clustering {
        let classes: Vec<u32> = (0..self.n as u32).collect();
        cluster(&Problem {
            classes: &classes,
            conflict: &|a, b| self.conflict(a, b),
            edges: &self.edges,
            decisions: &self.bound(),
            cap: self.cap,
            component_cap: 10_000,
            threads: Threads::ALONE,
        })
    }

    /// Node `x` becomes `to[x]`.
    fn renamed(&self, to: &[u32]) -> World {
        let one = |record: &RecordRef| name(to[record.id.parse::<usize>().unwrap()]);
        let side = |side: &[RecordRef]| -> Vec<RecordRef> { side.iter().map(one).collect() };
        let mut edges: Vec<Edge> =
            self.edges.iter().map(|e| Edge { a: to[e.b as usize], b: to[e.a as usize], ..*e }).collect();
        edges.reverse();
        let pair = |&(a, b): &(u32, u32)| {
            let (a, b) = (to[a as usize], to[b as usize]);
            (a.min(b), a.max(b))
        };
        let decisions = self.decisions.iter().map(|d| Decision {
            side_a: side(&d.side_a),
            side_b: side(&d.side_b),
            evidence: (one(&d.evidence.0), one(&d.evidence.1)),
            ..*d
        });
        World {
            edges,
            conflicts: self.conflicts.iter().map(pair).collect(),
            decisions: decisions.collect(),
            ..self.clone()
        }
    }
}

/// A partition as sets, whatever the labels.
fn sets(labels: &[u32]) -> BTreeSet<BTreeSet<u32>> {
    let mut sets: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    labels.iter().enumerate().for_each(|(x, &label)| {
        sets.entry(label).or_default().insert(x as u32);
    });
    sets.into_values().collect()
}

/// The procedure without decisions, by enumeration of simple paths.
fn oracle(world: &World) -> BTreeSet<BTreeSet<u32>> {
    type Cluster = BTreeSet<u32>;
    let mut clusters: Vec<Cluster> = (0..world.n as u32).map(|x| BTreeSet::from([x])).collect();
    for level in std::iter::repeat_n((95..=101).rev(), world.n).flatten() {
        let linked = |x: &Cluster, y: &Cluster| {
            world.edges.iter().any(|e| {
                (if e.cross_reference { 101 } else { e.level() }) == level
                    && (x.contains(&e.a) && y.contains(&e.b) || x.contains(&e.b) && y.contains(&e.a))
            })
        };
        let clash = |x: &Cluster, y: &Cluster| x.iter().any(|&a| y.iter().any(|&b| world.conflict(a, b).is_some()));
        let k = clusters.len();
        let graph: Vec<Vec<bool>> = (0..k)
            .map(|i| {
                (0..k)
                    .map(|j| i != j && linked(&clusters[i], &clusters[j]) && !clash(&clusters[i], &clusters[j]))
                    .collect()
            })
            .collect();
        let mut joined: Vec<Cluster> = Vec::new();
        for part in components(&graph) {
            // Same side: equal, nonempty conflicts inside the part, and linked.
            let against = |i: usize| -> Vec<usize> {
                part.iter().copied().filter(|&j| clash(&clusters[i], &clusters[j])).collect()
            };
            let sided: Vec<Vec<bool>> = (0..k)
                .map(|i| (0..k).map(|j| graph[i][j] && !against(i).is_empty() && against(i) == against(j)).collect())
                .collect();
            let sides: Vec<Vec<usize>> =
                components(&sided).into_iter().filter(|side| part.contains(&side[0])).collect();
            let meet = |x: usize, y: usize, rows: &dyn Fn(usize, usize) -> bool| {
                sides[x].iter().any(|&i| sides[y].iter().any(|&j| rows(i, j)))
            };
            let s = sides.len();
            let mut open: Vec<Vec<bool>> =
                (0..s).map(|x| (0..s).map(|y| x != y && meet(x, y, &|i, j| graph[i][j])).collect()).collect();
            let mut refused = Vec::new();
            for x in 0..s {
                for y in 0..s {
                    if x != y && meet(x, y, &|i, j| clash(&clusters[i], &clusters[j])) {
                        paths(&open, &mut vec![x], y, &mut refused);
                    }
                }
            }
            for (x, y) in refused {
                (open[x][y], open[y][x]) = (false, false);
            }
            for group in components(&open) {
                let members: Vec<usize> = group.iter().flat_map(|&side| sides[side].clone()).collect();
                let union: Cluster = members.iter().flat_map(|&i| clusters[i].clone()).collect();
                if union.len() <= world.cap {
                    joined.push(union);
                } else {
                    joined.extend(members.iter().map(|&i| clusters[i].clone()));
                }
            }
        }
        clusters = joined;
    }
    clusters.into_iter().collect()
}

fn components(graph: &[Vec<bool>]) -> Vec<Vec<usize>> {
    let mut label: Vec<usize> = (0..graph.len()).collect();
    for _ in 0..graph.len() {
        for i in 0..graph.len() {
            for j in 0..graph.len() {
                if graph[i][j] {
                    let low = label[i].min(label[j]);
                    (label[i], label[j]) = (low, low);
                }
            }
        }
    }
    let mut found: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    label.iter().enumerate().for_each(|(i, &l)| found.entry(l).or_default().push(i));
    found.into_values().collect()
}

/// Every edge of every simple path from the end of `path` to `target`.
fn paths(graph: &[Vec<bool>], path: &mut Vec<usize>, target: usize, found: &mut Vec<(usize, usize)>) {
    let at = path[path.len() - 1];
    if at == target {
        found.extend(path.windows(2).map(|step| (step[0], step[1])));
        return;
    }
    for next in 0..graph.len() {
        if graph[at][next] && !path.contains(&next) {
            path.push(next);
            paths(graph, path, target, found);
            path.pop();
        }
    }
}

fn world(max: usize) -> impl Strategy<Value = World> {
    (2..=max).prop_flat_map(move |n| {
        let all: Vec<(u32, u32)> = (0..n as u32).flat_map(|a| (a + 1..n as u32).map(move |b| (a, b))).collect();
        let pairs = all.len();
        (
            subsequence(all.clone(), 0..=pairs),
            prop::collection::vec(prop::sample::select(vec![98, 99, 99, 100, 100, 101]), pairs),
            subsequence(all, 0..=(pairs / 3).max(1)),
            prop_oneof![4 => Just(1000), 1 => 2..=max],
        )
            .prop_map(move |(pairs, points, conflicts, cap)| World {
                edges: pairs.iter().zip(&points).map(|(&(a, b), &points)| edge(a, b, points)).collect(),
                conflicts: conflicts.into_iter().collect(),
                cap,
                ..World::of(n, &[], &[])
            })
    })
}

/// With random decisions that do not contradict one another.
fn decided(max: usize) -> impl Strategy<Value = World> {
    let sides =
        prop::collection::vec((prop::sample::select(Ruling::ALL.to_vec()), prop::collection::vec(0u8..6, max)), 0..5);
    (world(max), sides).prop_map(|(mut world, sides)| {
        for (order, (ruling, homes)) in sides.into_iter().enumerate() {
            let side = |home: u8| -> Vec<u32> { (0..world.n as u32).filter(|&x| homes[x as usize] == home).collect() };
            let (a, b) = (side(0), side(1));
            if a.is_empty() || b.is_empty() {
                continue;
            }
            world.decisions.push(decision(order as i64, ruling, &a, &b));
            if world.bound().check().is_err() {
                world.decisions.pop();
            }
        }
        world
    })
}

fn permutation(n: usize) -> impl Strategy<Value = Vec<u32>> {
    Just((0..n as u32).collect::<Vec<u32>>()).prop_shuffle()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_the_enumeration_of_paths(world in world(7)) {
        prop_assert_eq!(sets(&world.solve().cluster), oracle(&world));
    }

    #[test]
    fn renaming_renames_the_result((world, to) in decided(7).prop_flat_map(|w| { let n = w.n; (Just(w), permutation(n)) })) {
        let (before, after) = (world.solve(), world.renamed(&to).solve());
        let image: BTreeSet<BTreeSet<u32>> =
            sets(&before.cluster).iter().map(|set| set.iter().map(|&x| to[x as usize]).collect()).collect();
        prop_assert_eq!(image, sets(&after.cluster));
        let told = |solved: &Clustering, back: &dyn Fn(u32) -> u32| -> BTreeSet<(BTreeSet<u32>, Reason, i64)> {
            solved.refused.iter().map(|pair| {
                let ends = [solved.cluster[pair.a as usize], solved.cluster[pair.b as usize]];
                let member = |&x: &u32| ends.contains(&solved.cluster[x as usize]);
                let members = (0..solved.cluster.len() as u32).filter(member).map(back).collect();
                (members, pair.reason, pair.millipoints)
            }).collect()
        };
        let mut from = to.clone();
        to.iter().enumerate().for_each(|(x, &y)| from[y as usize] = x as u32);
        prop_assert_eq!(told(&before, &|x| x), told(&after, &|x| from[x as usize]));
        let figures = |solved: &Clustering| solved.limits.iter().map(|l| (l.what, l.figure)).collect::<BTreeSet<_>>();
        prop_assert_eq!(figures(&before), figures(&after));
    }

    #[test]
    fn no_conflict_inside_unless_a_same_covers_it(world in decided(8)) {
        let decisions = world.bound();
        let mut linked = sets::Sets::new(world.n);
        decisions.must_links().for_each(|(a, b)| linked.join(a, b));
        let solved = world.solve();
        for a in 0..world.n as u32 {
            for b in a + 1..world.n as u32 {
                if solved.cluster[a as usize] == solved.cluster[b as usize] {
                    prop_assert_ne!(decisions.speaks(a, b), Some(Ruling::Different));
                    let covered = decisions.speaks(a, b) == Some(Ruling::Same) || linked.find(a) == linked.find(b);
                    prop_assert!(covered || world.conflict(a, b).is_none());
                }
            }
        }
    }

    #[test]
    fn a_same_never_splits_what_was_together((mut world, i, j) in (decided(8), any::<prop::sample::Index>(), any::<prop::sample::Index>())) {
        let before = sets(&world.solve().cluster);
        let all: Vec<Vec<u32>> = before.iter().map(|set| set.iter().copied().collect()).collect();
        if all.len() < 2 {
            return Ok(());
        }
        let (i, j) = (i.index(all.len()), j.index(all.len() - 1));
        let (a, b) = (&all[i], &all[if j < i { j } else { j + 1 }]);
        world.decisions.push(decision(100, Ruling::Same, a, b));
        // `decide` refuses what contradicts standing decisions.
        if world.bound().check().is_err() {
            return Ok(());
        }
        let after = world.solve();
        for set in &before {
            prop_assert!(set.iter().all(|&x| after.cluster[x as usize] == after.cluster[*set.first().unwrap() as usize]));
        }
        if a.len() + b.len() <= world.cap {
            prop_assert_eq!(after.cluster[a[0] as usize], after.cluster[b[0] as usize]);
        }
    }

    #[test]
    fn a_different_keeps_its_pairs_apart((mut world, i, cut) in (decided(8), any::<prop::sample::Index>(), any::<prop::sample::Index>())) {
        let before = sets(&world.solve().cluster);
        let all: Vec<Vec<u32>> = before.iter().filter(|set| set.len() > 1).map(|set| set.iter().copied().collect()).collect();
        if all.is_empty() {
            return Ok(());
        }
        let members = &all[i.index(all.len())];
        let (a, b) = members.split_at(1 + cut.index(members.len() - 1));
        world.decisions.push(decision(100, Ruling::Different, a, b));
        if world.bound().check().is_err() {
            return Ok(());
        }
        let after = world.solve();
        prop_assert!(a.iter().all(|&x| b.iter().all(|&y| after.cluster[x as usize] != after.cluster[y as usize])));
        prop_assert!(after.refused.iter().all(|pair| !(a.contains(&pair.a) && b.contains(&pair.b))));
    }

    #[test]
    fn components_are_solved_apart((left, right) in (decided(6), decided(6))) {
        let by = left.n as u32;
        let shift: Vec<u32> = (by..by + right.n as u32).collect();
        let moved = World { n: left.n + right.n, ..right.renamed(&shift) };
        let mut both = World { n: moved.n, cap: 1000, ..left.clone() };
        both.edges.extend(&moved.edges);
        both.conflicts.extend(&moved.conflicts);
        both.decisions.extend(moved.decisions.iter().map(|d| Decision { order: d.order + 50, ..d.clone() }));
        let apart = [World { cap: 1000, ..left.clone() }.solve(), World { cap: 1000, ..right.clone() }.solve()];
        let together = both.solve();
        let expected: Vec<u32> =
            apart[0].cluster.iter().copied().chain(apart[1].cluster.iter().map(|x| x + by)).collect();
        prop_assert_eq!(&together.cluster, &expected);
        let pairs = |solved: &Clustering, by: u32| -> BTreeSet<(u32, u32, Reason)> {
            let pair = |p: &Refused| ((p.a + by).min(p.b + by), (p.a + by).max(p.b + by), p.reason);
            solved.refused.iter().map(pair).collect()
        };
        let told: BTreeSet<_> = pairs(&apart[0], 0).union(&pairs(&apart[1], by)).copied().collect();
        prop_assert_eq!(pairs(&together, 0), told);
    }

    #[test]
    fn every_edge_is_followed_or_told(world in decided(8)) {
        let solved = world.solve();
        let told: BTreeSet<(u32, u32)> = solved.refused.iter().map(|pair| {
            let (x, y) = (solved.cluster[pair.a as usize], solved.cluster[pair.b as usize]);
            (x.min(y), x.max(y))
        }).collect();
        for e in &world.edges {
            let (x, y) = (solved.cluster[e.a as usize], solved.cluster[e.b as usize]);
            prop_assert!(x == y || world.bound().speaks(e.a, e.b).is_some() || told.contains(&(x.min(y), x.max(y))));
        }
        prop_assert_eq!(told.len(), solved.refused.len());
    }
}

#[test]
fn a_chain_without_conflict_joins_however_long() {
    let n = 10_000;
    let edges: Vec<(u32, u32, i64)> = (1..n).map(|x| (x - 1, x, 100)).collect();
    let world = World { cap: 20_000, ..World::of(n as usize, &edges, &[]) };
    let solved = world.solve();
    assert!(solved.cluster.iter().all(|&x| x == 0));
    // With a conflict between its ends nobody is chosen.
    let apart = World { conflicts: BTreeSet::from([(0, n - 1)]), ..world }.solve();
    assert_eq!(sets(&apart.cluster).len(), n as usize);
    assert!(apart.refused.iter().all(|pair| pair.reason == Reason::Ambiguous));
}

#[test]
fn twins_and_a_nameless_record_stay_apart() {
    // 0, 1: Mark; 2: Marsha; 3 has no name. All share a mailbox.
    let edges = [(0, 1, 100), (0, 2, 100), (0, 3, 100), (1, 2, 100), (1, 3, 100), (2, 3, 100)];
    let solved = World::of(4, &edges, &[(0, 2), (1, 2)]).solve();
    assert_eq!(solved.cluster, [0, 0, 2, 3]);
    let told: Vec<_> = solved.refused.iter().map(|pair| (pair.a, pair.b, pair.reason)).collect();
    assert_eq!(told, [(0, 2, Reason::Contradiction), (0, 3, Reason::Ambiguous), (2, 3, Reason::Ambiguous)]);
    // Stronger evidence decides.
    let solved = World::of(4, &[&edges[..], &[(0, 3, 101)]].concat()[1..], &[(0, 2), (1, 2)]).solve();
    assert_eq!(solved.cluster[3], 0);
}

#[test]
fn the_cap_joins_nothing_of_what_is_too_big_and_says_so() {
    let world = World { cap: 2, ..World::of(3, &[(0, 1, 100), (1, 2, 100)], &[]) };
    let solved = world.solve();
    assert_eq!(solved.cluster, [0, 1, 2]);
    assert!(solved.refused.iter().all(|pair| pair.reason == Reason::Cap) && solved.refused.len() == 2);
    assert_eq!(solved.limits, [Limit { what: Reason::Cap, figure: 3, node: 0 }]);
}

#[test]
fn of_many_that_the_cap_keeps_apart_the_pairs_that_connect_them_are_told() {
    let told = |n: u32| {
        // The ends of a chain are the strongest pairs of a clique.
        let points = |a: u32, b: u32| if b == a + 1 { 99 } else { 90 };
        let edges: Vec<_> = (0..n).flat_map(|a| (a + 1..n).map(move |b| (b, a, points(a, b)))).collect();
        let solved = World { cap: 9, ..World::of(n as usize, &edges, &[]) }.solve();
        assert!(solved.refused.iter().all(|pair| pair.reason == Reason::Cap && pair.a < pair.b));
        solved.refused.iter().map(|pair| (pair.a, pair.b)).collect::<Vec<_>>()
    };
    let listed = spanning::LISTED as u32;
    assert_eq!(told(listed).len() as u32, listed * (listed - 1) / 2);
    assert_eq!(told(listed + 1), (0..listed).map(|a| (a, a + 1)).collect::<Vec<_>>());
    // Also where nothing but links counts.
    let classes: Vec<u32> = (0..80).collect();
    let edges: Vec<Edge> = (0..80).flat_map(|a| (a + 1..80).map(move |b| edge(a, b, 100))).collect();
    let solved = cluster(&Problem {
        classes: &classes,
        conflict: &|_, _| None,
        edges: &edges,
        decisions: &World::of(80, &[], &[]).bound(),
        cap: 1000,
        component_cap: 3,
        threads: Threads::ALONE,
    });
    assert_eq!(solved.refused.len(), 79);
}

#[test]
fn a_component_over_its_cap_is_solved_from_links_alone() {
    let mut world = World::of(4, &[(0, 1, 100), (1, 2, 100), (2, 3, 100)], &[]);
    world.decisions.push(decision(1, Ruling::Same, &[0], &[3]));
    let classes = [0, 1, 2, 3];
    let solved = cluster(&Problem {
        classes: &classes,
        conflict: &|_, _| None,
        edges: &world.edges,
        decisions: &world.bound(),
        cap: 1000,
        component_cap: 3,
        threads: Threads::ALONE,
    });
    assert_eq!(solved.cluster, [0, 1, 2, 0]);
    assert!(solved.refused.iter().all(|pair| pair.reason == Reason::ComponentCap) && solved.refused.len() == 3);
    assert_eq!(solved.limits, [Limit { what: Reason::ComponentCap, figure: 4, node: 0 }]);
}

#[test]
fn the_newest_decision_speaks_for_each_pair() {
    let mut world = World::of(3, &[(0, 1, 100), (1, 2, 100)], &[]);
    world.decisions = vec![decision(2, Ruling::Different, &[0, 1], &[2]), decision(1, Ruling::Same, &[1], &[2])];
    assert_eq!(world.solve().cluster, [0, 0, 2]);
    world.decisions.push(decision(3, Ruling::Same, &[1], &[2]));
    // 0 and 2 remain different, so that nothing may connect them.
    assert!(world.bound().check().is_ok());
    let solved = world.solve();
    assert_eq!(solved.cluster, [0, 1, 1]);
    assert_eq!((solved.refused[0].a, solved.refused[0].b, solved.refused[0].reason), (0, 1, Reason::CannotLink));
}

#[test]
fn a_link_prevails_over_a_score_that_came_later() {
    // A steward said that 0 and 1 are the same; then 2 came, which conflicts with 1 and shares 0's mailbox.
    let mut world = World::of(3, &[(0, 2, 100)], &[(1, 2)]);
    world.decisions = vec![decision(1, Ruling::Same, &[0], &[1])];
    let solved = world.solve();
    assert_eq!(solved.cluster, [0, 0, 2]);
    assert_eq!(solved.refused[0].reason, Reason::Contradiction);
}

#[test]
fn a_contradiction_of_decisions_names_its_chain() {
    let mut world = World::of(4, &[], &[]);
    world.decisions = vec![
        decision(1, Ruling::Same, &[3], &[1]),
        decision(2, Ruling::Same, &[1], &[2]),
        decision(3, Ruling::Different, &[3], &[2, 0]),
    ];
    assert_eq!(world.bound().check(), Err(vec![2, 1, 3]));
}

#[test]
fn of_several_same_each_takes_in_what_those_before_it_joined() {
    let sides = |pairs: &[(u32, u32)], cap| in_turn(pairs, &|x| if *x == 9 { 3 } else { 1 }, cap);
    let pairs = [(1, 2), (3, 2), (1, 3), (4, 5), (5, 1)];
    let (one, all) = (vec![1], vec![4, 5]);
    let expected =
        [[one.clone(), vec![2]], [vec![3], vec![1, 2]], [one, vec![3]], [vec![4], vec![5]], [all, vec![3, 1, 2]]];
    assert_eq!(sides(&pairs, 1000), expected);
    // What the cap keeps from joining takes in nothing.
    assert_eq!(sides(&[(1, 2), (9, 2), (2, 3)], 4)[1..], [[vec![9], vec![2]], [vec![1, 2], vec![3]]]);
}

#[test]
fn where_the_evidence_is_gone_the_smallest_of_its_side_is_linked() {
    let mut world = World::of(3, &[], &[]);
    let mut gone = decision(1, Ruling::Same, &[1, 0], &[2]);
    gone.evidence.0 = name(77);
    world.decisions = vec![gone];
    assert_eq!(world.bound().must_links().collect::<Vec<_>>(), [(0, 2)]);
}

#[test]
fn of_pairs_across_two_clusters_the_one_that_names_an_id_is_shown() {
    // 0 and 1 are one, 2 and 3 another; of 0-2 by a mailbox and 1-3 by an id the latter is the stronger.
    let all = [(0, 2), (0, 3), (1, 2), (1, 3)];
    let solved = World::of(4, &[(0, 1, 100), (2, 3, 100), (0, 2, 100), (1, 3, 101)], &all).solve();
    assert_eq!(solved.cluster, [0, 0, 2, 2]);
    assert_eq!(solved.refused.iter().map(|pair| (pair.a, pair.b)).collect::<Vec<_>>(), [(1, 3)]);
}

#[test]
fn a_same_whose_evidence_is_spoken_for_exempts_its_other_pairs() {
    let mut world = World::of(3, &[(0, 2, 100)], &[(0, 2)]);
    world.decisions = vec![decision(1, Ruling::Same, &[0], &[1, 2]), decision(2, Ruling::Different, &[0], &[1])];
    assert_eq!(world.solve().cluster, [0, 1, 0]);
}

#[test]
fn a_link_that_a_newer_word_took_back_links_nothing() {
    let mut world = World::of(2, &[], &[]);
    world.decisions = vec![decision(1, Ruling::Same, &[0], &[1]), decision(2, Ruling::Different, &[0], &[1])];
    assert_eq!((world.bound().must_links().count(), world.bound().check()), (0, Ok(())));
}
