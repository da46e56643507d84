#![allow(clippy::unwrap_used)]

use super::*;
use proptest::prelude::*;

#[test]
fn golden_ids_are_version_8_and_differ_by_all_that_goes_in() {
    let person = Founding::of(Some("a@b.c"), Some("+15551234567"), "CUSTOMER", "crm", "1");
    let other = Founding::of(Some("a@b.c"), None, "CUSTOMER", "crm", "1");
    assert!(person == Founding::of(Some("a@b.c"), Some("+15551234567"), "CUSTOMER", "web", "2"));
    let ids = [
        golden_id(b"s", &person, 0),
        golden_id(b"s", &person, 1),
        golden_id(b"t", &person, 0),
        golden_id(b"s", &other, 0),
        golden_id(b"s", &Founding::Record("CUSTOMER", "cr", "m1"), 0),
    ];
    for (i, id) in ids.iter().enumerate() {
        assert_eq!((id[6] >> 4, id[8] >> 6), (8, 2));
        assert!(ids[..i].iter().all(|earlier| earlier != id));
    }
    assert_ne!(identity_key(b"s", Some("x"), None), identity_key(b"s", None, Some("x")));
    assert_ne!(identity_key(b"s", Some(""), None), identity_key(b"s", None, None));
}

fn old(seq: i64, founders: &[u32], members: &[u32]) -> OldGolden {
    let (founders, members) = (founders.to_vec(), members.to_vec());
    OldGolden { seq, founders, heirs: vec![], returned: vec![], members, into: None }
}

#[test]
fn a_merge_keeps_the_older_and_a_split_gives_the_other_back() {
    let before = [old(7, &[0, 1], &[0, 1]), old(3, &[2], &[2])];
    let together = assign(&before, &[vec![0, 1, 2]]);
    assert_eq!((together.ids, together.fates), (vec![Id::Keep(1)], vec![Fate::Redirect(1), Fate::Live(0)]));
    let merged = [old(7, &[0, 1], &[]), old(3, &[2], &[0, 1, 2])];
    let split = assign(&merged, &[vec![0, 1], vec![2]]);
    assert_eq!((split.ids, split.fates), (vec![Id::Keep(0), Id::Keep(1)], vec![Fate::Live(0), Fate::Live(1)]));
    assert_eq!((together.left, split.left), (vec![], vec![]));
}

#[test]
fn a_split_leaves_the_id_with_most_founders_then_most_members_then_the_smallest() {
    let Assigned { ids, .. } = assign(&[old(1, &[0, 1, 2], &[0, 1, 2, 3, 4, 5])], &[vec![0, 3, 4, 5], vec![1, 2]]);
    assert_eq!(ids, [Id::New, Id::Keep(0)]);
    let Assigned { ids, .. } = assign(&[old(1, &[0, 1], &[0, 1, 2])], &[vec![0], vec![1, 2]]);
    assert_eq!(ids, [Id::New, Id::Keep(0)]);
    let Assigned { ids, .. } = assign(&[old(1, &[0, 1], &[0, 1])], &[vec![1], vec![0]]);
    assert_eq!(ids, [Id::New, Id::Keep(0)]);
}

#[test]
fn an_id_whose_founders_are_gone_is_inherited() {
    // By those who were there, not by one who comes in the same statement.
    let inherited = assign(&[old(1, &[], &[1, 2])], &[vec![0, 1, 2]]);
    assert_eq!((inherited.ids, inherited.heirs), (vec![Id::Keep(0)], vec![(0, vec![1, 2])]));
    let heirs = |heirs: &[u32], members: &[u32]| OldGolden { heirs: heirs.to_vec(), ..old(1, &[], members) };
    // 0 came later, and does not speak as long as one of them lives.
    let parted = assign(&[heirs(&[1, 2], &[0, 1, 2])], &[vec![0], vec![1, 2]]);
    assert_eq!((parted.ids, parted.heirs), (vec![Id::New, Id::Keep(0)], vec![]));
    let parted = assign(&[heirs(&[2], &[0, 1, 2])], &[vec![0, 1], vec![2]]);
    assert_eq!((parted.ids, parted.left), (vec![Id::New, Id::Keep(0)], vec![]));
    // The last of them is gone.
    let next = assign(&[heirs(&[], &[0])], &[vec![0]]);
    assert_eq!((next.ids, next.heirs), (vec![Id::Keep(0)], vec![(0, vec![0])]));
    // A founder who lives speaks alone.
    let founder = OldGolden { heirs: vec![1, 2], ..old(1, &[0], &[0, 1, 2]) };
    let parted = assign(&[founder], &[vec![0], vec![1, 2]]);
    assert_eq!((parted.ids, parted.left), (vec![Id::Keep(0), Id::New], vec![(0, 1), (0, 2)]));
}

#[test]
fn what_is_merged_is_inherited_by_its_members() {
    let before = [old(1, &[0], &[0]), old(2, &[1], &[1, 2])];
    let merged = assign(&before, &[vec![0, 1, 2]]);
    assert_eq!((merged.fates, merged.heirs), (vec![Fate::Live(0), Fate::Redirect(0)], vec![(1, vec![2])]));
    // 1 is deleted, and the two part.
    let merged = [old(1, &[0], &[0, 2]), OldGolden { heirs: vec![2], into: Some(0), ..old(2, &[], &[]) }];
    let parted = assign(&merged, &[vec![0], vec![2]]);
    assert_eq!((parted.ids, parted.heirs), (vec![Id::Keep(0), Id::Keep(1)], vec![]));
}

#[test]
fn redirects_are_followed_to_the_first_for_which_somebody_speaks() {
    let via = |into: Option<usize>, founders: &[u32], members: &[u32]| OldGolden { into, ..old(1, founders, members) };
    let before = [via(None, &[0], &[0, 1]), via(Some(0), &[1], &[]), via(Some(1), &[], &[])];
    let before =
        [before[0].clone(), OldGolden { seq: 2, ..before[1].clone() }, OldGolden { seq: 3, ..before[2].clone() }];
    let together = assign(&before, &[vec![0, 1]]);
    assert_eq!(together.fates, [Fate::Live(0), Fate::Redirect(0), Fate::Redirect(0)]);
    let parted = assign(&before, &[vec![0], vec![1]]);
    assert_eq!(parted.fates, [Fate::Live(0), Fate::Live(1), Fate::Redirect(1)]);
}

#[test]
fn a_returning_record_revives_its_id_and_one_without_records_retires() {
    let revived = assign(&[old(1, &[0], &[])], &[vec![0]]);
    assert_eq!((revived.ids, revived.fates), (vec![Id::Keep(0)], vec![Fate::Live(0)]));
    let alone = assign(&[old(1, &[], &[])], &[vec![0]]);
    assert_eq!((alone.ids, alone.fates), (vec![Id::New], vec![Fate::Retired]));
}

#[test]
fn an_id_does_not_follow_a_founder_that_left_it() {
    // 0 and 1 founded it together; 1 left, and what it has founded since is its own.
    let parted = assign(&[old(1, &[0, 1], &[0, 1])], &[vec![0], vec![1]]);
    assert_eq!((parted.ids, parted.left), (vec![Id::Keep(0), Id::New], vec![(0, 1)]));
    // 0 is gone.
    let gone = assign(&[old(1, &[], &[]), old(2, &[1], &[1])], &[vec![1]]);
    assert_eq!((gone.ids, gone.fates), (vec![Id::Keep(1)], vec![Fate::Retired, Fate::Live(0)]));
    // An id that redirects stays with those that were merged, too.
    let merged = [old(1, &[0], &[0, 1, 2]), old(2, &[1, 2], &[])];
    assert_eq!(assign(&merged, &[vec![0, 1], vec![2]]).left, [(1, 2)]);
}

#[test]
fn an_id_for_which_nobody_speaks_takes_no_cluster() {
    // A decision that was taken back led it to a younger one.
    let before = [OldGolden { into: Some(1), ..old(1, &[], &[]) }, old(2, &[0], &[0])];
    let Assigned { ids, fates, .. } = assign(&before, &[vec![0]]);
    assert_eq!((ids, fates), (vec![Id::Keep(1)], vec![Fate::Redirect(1), Fate::Live(0)]));
}

#[test]
fn an_id_that_stands_for_others_does_not_follow_a_founder_that_returns_elsewhere() {
    // 0 founded 1's id and returns as another.
    let standing = OldGolden { returned: vec![0], ..old(1, &[0], &[1]) };
    let elsewhere = assign(&[standing.clone(), old(2, &[2], &[2])], &[vec![0, 2], vec![1]]);
    assert_eq!((elsewhere.ids, elsewhere.left), (vec![Id::Keep(1), Id::Keep(0)], vec![(0, 0)]));
    // Those who stood for it part, too.
    let parted = assign(&[OldGolden { returned: vec![0], ..old(1, &[0], &[1, 2]) }], &[vec![0], vec![1], vec![2]]);
    assert_eq!((parted.ids, parted.left), (vec![Id::New, Id::Keep(0), Id::New], vec![(0, 0)]));
    assert_eq!(parted.heirs, [(0, vec![1])]);
    // To its own it returns as what it was.
    let back = assign(std::slice::from_ref(&standing), &[vec![0, 1]]);
    assert_eq!((back.ids, back.left), (vec![Id::Keep(0)], vec![]));
    // The same where the id redirects to another that stands for somebody …
    let redirected = OldGolden { returned: vec![0], into: Some(1), ..old(2, &[0], &[]) };
    let elsewhere = assign(&[redirected.clone(), old(1, &[1], &[1])], &[vec![0], vec![1]]);
    assert_eq!((elsewhere.ids, elsewhere.left), (vec![Id::New, Id::Keep(1)], vec![(0, 0)]));
    assert_eq!(elsewhere.fates, [Fate::Redirect(1), Fate::Live(1)]);
    let back = assign(&[redirected.clone(), old(1, &[1], &[1])], &[vec![0, 1]]);
    assert_eq!((back.fates, back.left), (vec![Fate::Redirect(1), Fate::Live(0)], vec![]));
    // … and where that stands for nobody it is revived.
    let revived = assign(&[redirected, old(1, &[], &[])], &[vec![0]]);
    assert_eq!((revived.ids, revived.left), (vec![Id::Keep(0)], vec![]));
}

prop_compose! {
    /// Ids of records that were in one partition, and where these are now.
    fn worlds()(
        homes in prop::collection::vec(0usize..4, 1..9),
        before in prop::collection::vec((prop::collection::vec(0u32..9, 0..4), prop::collection::vec(0u32..9, 0..4), prop::option::of(0usize..6)), 0..6),
        belonged in prop::collection::vec(prop::option::of(0usize..6), 9),
    ) -> (Vec<OldGolden>, Vec<Vec<u32>>) {
        let mut clusters = vec![Vec::new(); 4];
        homes.iter().enumerate().for_each(|(x, &home)| clusters[home].push(x as u32));
        clusters.retain(|members| !members.is_empty());
        let living = |records: Vec<u32>| records.into_iter().filter(|record| (*record as usize) < homes.len()).collect();
        let old = before.into_iter().enumerate().map(|(at, (founders, heirs, into))| {
            let members: Vec<u32> = (0..homes.len() as u32).filter(|record| belonged[*record as usize] == Some(at)).collect();
            let into = into.filter(|into| *into < at && members.is_empty());
            OldGolden { seq: 100 - at as i64, founders: living(founders), heirs: living(heirs), returned: vec![], members, into }
        });
        (old.collect(), clusters)
    }
}

proptest! {
    #[test]
    fn every_id_has_one_fate_and_whoever_speaks_for_it_is_where_it_is((old, clusters) in worlds()) {
        let Assigned { ids, fates, left, heirs } = assign(&old, &clusters);
        for (c, id) in ids.iter().enumerate() {
            if let Id::Keep(position) = id {
                prop_assert_eq!(fates[*position], Fate::Live(c));
            }
        }
        for (position, golden) in old.iter().enumerate() {
            let at = match fates[position] {
                Fate::Live(c) => Some(c),
                Fate::Redirect(winner) => {
                    prop_assert!(matches!(fates[winner], Fate::Live(_)));
                    ids.iter().position(|id| *id == Id::Keep(winner))
                }
                Fate::Retired => None,
            };
            let here = |record: &&u32| at.is_some_and(|c| clusters[c].contains(record));
            // Whoever lives elsewhere has left it.
            for record in golden.founders.iter().chain(&golden.heirs) {
                prop_assert_eq!(left.contains(&(position, *record)), !here(&record));
            }
            let inherits = heirs.iter().find(|(of, _)| *of == position).map_or(&golden.heirs, |(_, heirs)| heirs);
            match fates[position] {
                Fate::Live(c) => {
                    prop_assert_eq!(ids[c], Id::Keep(position));
                    prop_assert!(golden.founders.iter().chain(inherits).any(|record| here(&record)));
                }
                // Who speaks for an older one, or is not there.
                Fate::Redirect(winner) => {
                    let speaks = golden.founders.iter().chain(&golden.heirs).chain(&golden.members).any(|record| here(&record));
                    prop_assert!(!speaks || old[winner].seq < golden.seq);
                }
                Fate::Retired => {
                    prop_assert!(golden.founders.is_empty() && golden.heirs.is_empty() && golden.members.is_empty());
                }
            }
        }
    }

    /// What was assigned is assigned again.
    #[test]
    fn a_partition_that_stays_changes_nothing((old, clusters) in worlds()) {
        let Assigned { ids, fates, left, heirs } = assign(&old, &clusters);
        let stored = |(position, golden): (usize, &OldGolden)| {
            let stays = |record: &u32| !left.contains(&(position, *record));
            let inherits = heirs.iter().find(|(of, _)| *of == position).map_or(&golden.heirs, |(_, heirs)| heirs);
            let (members, into) = match fates[position] {
                Fate::Live(c) => (clusters[c].clone(), None),
                Fate::Redirect(winner) => (vec![], Some(winner)),
                Fate::Retired => (vec![], None),
            };
            OldGolden {
                founders: golden.founders.iter().copied().filter(stays).collect(),
                heirs: inherits.iter().copied().filter(stays).collect(),
                members,
                into,
                ..golden.clone()
            }
        };
        let mut stored: Vec<OldGolden> = old.iter().enumerate().map(stored).collect();
        let mut expected = (vec![], fates.clone());
        for (cluster, id) in ids.iter().enumerate() {
            match id {
                Id::Keep(position) => expected.0.push(Id::Keep(*position)),
                Id::New => {
                    expected.0.push(Id::Keep(stored.len()));
                    expected.1.push(Fate::Live(cluster));
                    stored.push(self::old(200 + cluster as i64, &clusters[cluster], &clusters[cluster]));
                }
            }
        }
        let again = assign(&stored, &clusters);
        prop_assert_eq!((again.ids, again.fates), expected);
        prop_assert_eq!((again.left, again.heirs), (vec![], vec![]));
    }
}
