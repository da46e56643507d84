//! What stewards decide prevails over scores, and splits nothing but where it must.

use super::*;

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
