//! What stewards decide prevails over scores, and splits nothing but where it must.

use super::*;

fn ann(email: &str, passport: &str) -> Json {
    let mut ann = person(email, "", "Ann", "Lindqvist");
    ann["passport"] = json!(passport);
    ann
}

fn probabilistic(records: Vec<Json>) -> World {
    with_passport(records, |records| World::of(records).under(Policy::Probabilistic))
}

#[test]
fn a_same_that_the_cap_stops_splits_nothing_either() {
    let one = |first: &str, email: &str| json!({"firstName": first, "lastName": "Lindqvist", "email": email, "phoneNumber": "202 555 0144"});
    for policy in [Policy::Guide, Policy::Probabilistic] {
        let zed = json!({"email": "zed@x.example"});
        let mut world =
            World::of([one("Ann", "ann@x.example"), one("Ann", "ann@x.example"), zed.clone(), zed]).under(policy);
        let same = [decision(1, Ruling::Same, &[0, 1], &[2]), decision(2, Ruling::Same, &[0, 1, 2], &[3])];
        for (cap, cluster, figure) in [(2, [0, 0, 2, 2], 4), (3, [0, 0, 2, 2], 4), (4, [0; 4], 0)] {
            world.entity.options.cap = cap;
            assert_eq!(world.resolve(&[]).solution.cluster, [0, 0, 2, 2]);
            let solution = world.resolve(&same).solution;
            assert_eq!(solution.cluster, cluster, "{policy:?} {cap}");
            let limits: Vec<_> = solution.limits.iter().map(|limit| (limit.what, limit.figure)).collect();
            let expected: Vec<_> = (figure > 0).then_some((Reason::Cap, figure)).into_iter().collect();
            assert_eq!(limits, expected, "{policy:?} {cap}");
        }
    }
}

#[test]
fn under_probabilistic_a_link_prevails_over_a_score_that_came_later() {
    // A steward said that 0 and 1 are the same; then 2 came, whose passport is not that of 1, and has 0's mailbox.
    let passport = json!({"passport": "P1111"});
    let world = probabilistic(vec![ann("ann@x.example", ""), passport, ann("ann@x.example", "P2222")]);
    assert_eq!(world.resolve(&[]).solution.cluster, [0, 1, 0]);
    assert_eq!(world.resolve(&[decision(1, Ruling::Same, &[0], &[1])]).solution.cluster, [0, 0, 2]);
}

#[test]
fn why_connects_those_whom_a_steward_took_the_one_between_from() {
    // 0 and 2 share nothing but 1, who is 3 by a steward's word; and 3 is neither of them.
    let world = probabilistic(vec![
        json!({"email": "ann.lindqvist@x.example"}),
        person("ann.lindqvist@x.example", "202 555 0144", "Ann", "Lindqvist"),
        person("", "202 555 0144", "Ann", "Lindqvist"),
        json!({"email": "zed@x.example"}),
    ]);
    assert_eq!(world.resolve(&[]).solution.cluster, [0, 0, 0, 3]);
    let decisions = [decision(1, Ruling::Different, &[0, 2], &[3]), decision(2, Ruling::Same, &[1], &[3])];
    assert_eq!(world.resolve(&decisions).solution.cluster, [0, 1, 0, 1]);
    let nodes = world.nodes();
    let parts = [[nodes[0], nodes[2]], [nodes[1], nodes[3]]];
    let known = Known { decisions: &decisions, ..Known::default() };
    let ties = |part: &[Node]| world.matcher().ties(part, &known, false);
    let via = parts.map(|part| ties(&part).into_iter().map(|tie| tie.via).collect::<Vec<_>>());
    assert_eq!(via, [[Via::Profile], [Via::Decision]]);
}

#[test]
fn a_stewards_word_is_told_before_an_exclusive_attribute() {
    // Of the pairs across two golden records one was decided, and one has two passports.
    let of = |passport: &str| ann("ann@x.example", passport);
    let world = probabilistic(vec![of("P1111"), of(""), of("P2222"), of("")]);
    let decisions = [
        decision(1, Ruling::Same, &[0], &[1]),
        decision(2, Ruling::Same, &[2], &[3]),
        decision(3, Ruling::Different, &[1], &[3]),
    ];
    let solution = world.resolve(&decisions).solution;
    assert_eq!(solution.cluster, [0, 0, 2, 2]);
    assert_eq!(solution.review.iter().map(|pair| pair.reason).collect::<Vec<_>>(), [Reason::CannotLink]);
}

#[test]
fn a_pair_of_many_that_the_cap_keeps_apart_is_said_to_be_so() {
    let mut world = World::of((0..70).map(|_| person("ann@x.example", "", "Ann", "Roe")));
    world.entity.options.cap = 9;
    let listed = world.resolve(&[]).solution.review;
    assert_eq!(listed.len(), 69);
    for pair in [(0, 1), (5, 9)] {
        let told = world.matcher().compare(&world.nodes(), &Known::default(), pair).finding;
        assert_eq!((told, listed.iter().any(|one| (one.a, one.b) == pair)), (Finding::Kept(Reason::Cap), pair.0 == 0));
    }
}

#[test]
fn a_same_that_the_cap_stops_is_said_to_be_so() {
    let mut world = World::of([json!({"city": "Ulm"}), json!({"city": "Bonn"})]);
    world.entity.options.cap = 1;
    let same = decision(1, Ruling::Same, &[0], &[1]);
    let told =
        world.matcher().compare(&world.nodes(), &Known { decisions: &[same], ..Known::default() }, (0, 1)).finding;
    assert_eq!(told, Finding::Kept(Reason::Cap));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn a_same_never_splits_what_was_together(
        ((world, mut decisions), i, j) in (guarded(), any::<prop::sample::Index>(), any::<prop::sample::Index>())
    ) {
        decisions.retain(|one| one.ruling == Ruling::Different);
        let before = told(&world.resolve(&decisions).solution, &world.numbers()).clusters;
        let sides: Vec<Vec<usize>> = before.iter().map(|one| one.iter().copied().collect()).collect();
        if sides.len() < 2 {
            return Ok(());
        }
        let (i, j) = (i.index(sides.len()), j.index(sides.len() - 1));
        let (a, b) = (&sides[i], &sides[if j < i { j } else { j + 1 }]);
        decisions.push(decision(100, Ruling::Same, a, b));
        // `decide` refuses what contradicts standing decisions.
        if world.bound(&decisions).check().is_err() {
            return Ok(());
        }
        let after = world.resolve(&decisions).solution.cluster;
        for one in &sides {
            prop_assert!(one.iter().all(|&x| after[x] == after[one[0]]), "{:?} {:?}", before, after);
        }
        if a.len() + b.len() <= world.entity.options.cap as usize {
            prop_assert_eq!(after[a[0]], after[b[0]]);
        }
    }
}
