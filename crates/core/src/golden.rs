//! Golden ids: how they are issued, and which of them a new partition keeps.

use crate::keyed::hmac;
use std::collections::BTreeMap;

/// The composite identity key of the guide: HMAC-SHA-256 under the identity secret of a canonical email and phone
/// (`None`: absent). Keyed, because a plain hash of a phone number is reversed by enumeration.
pub fn identity_key(secret: &[u8], email: Option<&str>, phone: Option<&str>) -> [u8; 32] {
    // Absent and empty differ.
    let part = |value: Option<&str>| value.map(|text| format!("={text}")).unwrap_or_default();
    hmac(secret, &[b"identity", part(email).as_bytes(), part(phone).as_bytes()])
}

/// What a golden record's id is made from: the founding record's email and phone where it has both, else its type,
/// system and id.
#[derive(Clone, PartialEq, Eq)]
pub enum Founding<'a> {
    /// Canonical email and phone.
    Identity(&'a str, &'a str),
    /// Entity type, system name, source id.
    Record(&'a str, &'a str, &'a str),
}

impl<'a> Founding<'a> {
    /// The founding identity of a record with these canonical values.
    pub fn of(
        email: Option<&'a str>,
        phone: Option<&'a str>,
        entity_type: &'a str,
        system: &'a str,
        id: &'a str,
    ) -> Founding<'a> {
        match (email, phone) {
            (Some(email), Some(phone)) => Founding::Identity(email, phone),
            _ => Founding::Record(entity_type, system, id),
        }
    }
}

/// The golden id of a founding record: a version 8 UUID (RFC 9562, section 5.8) from HMAC-SHA-256 under `secret`.
/// `counter` starts at 0 and grows until the id was never issued before.
pub fn golden_id(secret: &[u8], founding: &Founding, counter: u64) -> [u8; 16] {
    let counter = counter.to_be_bytes();
    let mac = match founding {
        Founding::Identity(email, phone) => {
            hmac(secret, &[b"golden", &identity_key(secret, Some(email), Some(phone)), &counter])
        }
        Founding::Record(entity_type, system, id) => {
            hmac(secret, &[b"golden", entity_type.as_bytes(), system.as_bytes(), id.as_bytes(), &counter])
        }
    };
    let mut id = [0; 16];
    id.copy_from_slice(&mac[..16]);
    id[6] = id[6] & 0x0f | 0x80;
    id[8] = id[8] & 0x3f | 0x80;
    id
}

/// A golden id issued before. Records are numbers in the order of their references, of living records only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldGolden {
    /// Ids are numbered as they are issued: of two, the smaller number is the older.
    pub seq: i64,
    /// The living records among its founders: its members when it was issued, but for those that left it since.
    pub founders: Vec<u32>,
    /// Those of them that lived no longer before this change, and live again.
    pub returned: Vec<u32>,
    /// The living records that were its members before this change; none for one retired or redirected.
    pub members: Vec<u32>,
    /// Those of its members that were in it together with a founder: asked for where no founder has stayed.
    pub company: Vec<u32>,
    /// The position of the one that it redirects to in the end.
    pub into: Option<usize>,
}

/// The id of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Id {
    /// That of the old golden record with this position.
    Keep(usize),
    /// One never issued before.
    New,
}

/// What becomes of an old id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is the id of this cluster (position).
    Live(usize),
    /// Its cluster has an older id: that of the old golden record with this position.
    Redirect(usize),
    /// None of its founders or members lives, or those of its members who live on apart never met a founder in it.
    Retired,
}

/// What becomes of ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assigned {
    /// By cluster.
    pub ids: Vec<Id>,
    /// By old id.
    pub fates: Vec<Fate>,
    /// Founders that an old id (position) has no longer: they live elsewhere than where it is, and it must not follow them
    /// when those that stayed are gone, who may be another person.
    pub left: Vec<(usize, u32)>,
}

/// Gives each cluster its id and each old id its fate.
///
/// Every old id claims the cluster that holds most of its founders (tie: most of its members; tie: the smallest
/// record); where no founder has stayed and its members part, those decide who were in it with one; every cluster takes its
/// oldest claimant, the others redirect to it. `old` must hold every id, live, retired or redirected, that one of the
/// clusters' records founded or belonged to, and what these redirect to: so a split gives the redirected id back, and a
/// returning record revives its retired one. An id that stands for others meanwhile is not the returning record's to claim:
/// it may be another person's now.
pub fn assign(old: &[OldGolden], clusters: &[Vec<u32>]) -> Assigned {
    let home: BTreeMap<u32, usize> =
        clusters.iter().enumerate().flat_map(|(c, members)| members.iter().map(move |&m| (m, c))).collect();
    let stands = |golden: &OldGolden| {
        !golden.members.is_empty() || golden.into.is_some_and(|into| !old[into].members.is_empty())
    };
    let claim = |golden: &OldGolden| {
        // By cluster: founders, members, smallest record (negated, so that the greatest tuple wins).
        let mut votes: BTreeMap<usize, (u32, u32, i64)> = BTreeMap::new();
        let silent: &[u32] = if stands(golden) { &golden.returned } else { &[] };
        let founders: Vec<u32> = golden.founders.iter().copied().filter(|founder| !silent.contains(founder)).collect();
        let part =
            golden.members.iter().any(|member| home.get(member) != golden.members.first().and_then(|m| home.get(m)));
        let members = if founders.is_empty() && part { &golden.company } else { &golden.members };
        for (records, founding) in [(&founders, true), (members, false)] {
            for record in records {
                let Some(&cluster) = home.get(record) else { continue };
                let vote = votes.entry(cluster).or_insert((0, 0, i64::MIN));
                if founding {
                    vote.0 += 1;
                } else {
                    vote.1 += 1;
                }
                vote.2 = vote.2.max(-i64::from(*record));
            }
        }
        votes.into_iter().max_by_key(|&(_, vote)| vote).map(|(cluster, _)| cluster)
    };
    let mut claims: Vec<Option<usize>> = old.iter().map(claim).collect();
    for (position, golden) in old.iter().enumerate() {
        // One for which nobody speaks goes where it redirects to.
        if claims[position].is_none() && stands(golden) {
            claims[position] = golden.into.and_then(|into| claims[into]);
        }
    }
    let mut ids = vec![Id::New; clusters.len()];
    for (position, cluster) in claims.iter().enumerate().filter_map(|(p, claim)| claim.map(|c| (p, c))) {
        match ids[cluster] {
            Id::Keep(held) if old[held].seq <= old[position].seq => {}
            _ => ids[cluster] = Id::Keep(position),
        }
    }
    let fate = |(position, claim): (usize, &Option<usize>)| match claim.map(|cluster| (cluster, ids[cluster])) {
        None | Some((_, Id::New)) => Fate::Retired,
        Some((cluster, Id::Keep(winner))) if winner == position => Fate::Live(cluster),
        Some((_, Id::Keep(winner))) => Fate::Redirect(winner),
    };
    let fates = claims.iter().enumerate().map(fate).collect();
    let strayed = |(position, claim): (usize, &Option<usize>)| {
        let elsewhere = |founder: &&u32| claim.is_some() && home.get(founder).copied() != *claim;
        old[position].founders.iter().filter(elsewhere).map(move |&founder| (position, founder)).collect::<Vec<_>>()
    };
    let left = claims.iter().enumerate().flat_map(strayed).collect();
    Assigned { ids, fates, left }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
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
        OldGolden { seq, founders, returned: vec![], members, company: vec![], into: None }
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
    fn an_id_whose_founders_are_gone_stays_with_those_who_met_them() {
        // 0 came after the founders had gone.
        let met = |company: &[u32]| OldGolden { company: company.to_vec(), ..old(1, &[], &[0, 1, 2]) };
        let Assigned { ids, .. } = assign(&[met(&[1, 2])], &[vec![0], vec![1, 2]]);
        assert_eq!(ids, [Id::New, Id::Keep(0)]);
        let nobody = assign(&[met(&[])], &[vec![0], vec![1, 2]]);
        assert_eq!((nobody.ids, nobody.fates), (vec![Id::New, Id::New], vec![Fate::Retired]));
        // As long as they stay together it goes on, whoever came when.
        assert_eq!(assign(&[met(&[])], &[vec![0, 1, 2]]).ids, [Id::Keep(0)]);
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
    fn an_id_that_stands_for_others_does_not_follow_a_founder_that_returns_elsewhere() {
        // 0 founded 1's id and returns as another.
        let standing = OldGolden { returned: vec![0], ..old(1, &[0], &[1]) };
        let elsewhere = assign(&[standing.clone(), old(2, &[2], &[2])], &[vec![0, 2], vec![1]]);
        assert_eq!((elsewhere.ids, elsewhere.left), (vec![Id::Keep(1), Id::Keep(0)], vec![(0, 0)]));
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

    proptest! {
        #[test]
        fn ids_are_unique_and_redirects_go_to_older_live_ids(
            homes in prop::collection::vec(0usize..4, 1..9),
            founders in prop::collection::vec(prop::collection::vec(0u32..9, 0..4), 0..6),
        ) {
            let mut clusters = vec![Vec::new(); 4];
            homes.iter().enumerate().for_each(|(x, &home)| clusters[home].push(x as u32));
            clusters.retain(|members| !members.is_empty());
            let old: Vec<OldGolden> =
                founders.into_iter().enumerate().map(|(seq, f)| old(seq as i64, &f, &[])).collect();
            let Assigned { ids, fates, left } = assign(&old, &clusters);
            for (c, id) in ids.iter().enumerate() {
                if let Id::Keep(position) = id {
                    prop_assert_eq!(fates[*position], Fate::Live(c));
                }
            }
            // Whoever founded an id and lives elsewhere has left it.
            for (position, golden) in old.iter().enumerate() {
                let at = match fates[position] {
                    Fate::Live(c) => Some(c),
                    Fate::Redirect(winner) => ids.iter().position(|id| *id == Id::Keep(winner)),
                    Fate::Retired => None,
                };
                for founder in golden.founders.iter().filter(|&&f| (f as usize) < homes.len()) {
                    let stayed = at.is_some_and(|c| clusters[c].contains(founder));
                    prop_assert_eq!(left.contains(&(position, *founder)), !stayed);
                }
            }
            for (position, fate) in fates.iter().enumerate() {
                match fate {
                    Fate::Live(c) => prop_assert_eq!(ids[*c], Id::Keep(position)),
                    Fate::Redirect(winner) => {
                        prop_assert!(old[*winner].seq < old[position].seq);
                        prop_assert!(matches!(fates[*winner], Fate::Live(_)));
                    }
                    Fate::Retired => {
                        prop_assert!(old[position].founders.iter().all(|&f| f as usize >= homes.len()));
                    }
                }
            }
        }
    }
}
