//! Which golden ids a new partition keeps.

use std::collections::BTreeMap;

/// By record: its cluster.
type Home = BTreeMap<u32, usize>;

/// A golden id issued before. Records are numbers in the order of their references, of living records only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldGolden {
    /// Ids are numbered as they are issued: of two, the smaller number is the older.
    pub seq: i64,
    /// The living records among its founders: its members when it was issued, but for those that left it since.
    pub founders: Vec<u32>,
    /// Those among its heirs, who speak for it where no founder lives: its members when it was merged, or when the last who spoke
    /// for it were gone.
    pub heirs: Vec<u32>,
    /// Those of both that lived no longer before this change, and live again.
    pub returned: Vec<u32>,
    /// The living records that were its members before this change, and whose it is where neither a founder nor an heir lives; none
    /// for one retired or redirected.
    pub members: Vec<u32>,
    /// The position of the one that it redirects to.
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
    /// None of its founders, heirs or members lives.
    Retired,
}

/// What becomes of ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assigned {
    /// By cluster.
    pub ids: Vec<Id>,
    /// By old id.
    pub fates: Vec<Fate>,
    /// Founders and heirs that an old id (position) has no longer: they live elsewhere than where it is, and it must not follow
    /// them when those that stayed are gone, who may be another person.
    pub left: Vec<(usize, u32)>,
    /// The heirs of old ids (position) that have others now.
    pub heirs: Vec<(usize, Vec<u32>)>,
}

/// Gives each cluster its id and each old id its fate.
///
/// Every old id claims the cluster that holds most of its founders, or, where none lives, of its heirs (tie: most of its members;
/// tie: the smallest record); every cluster takes its oldest claimant, the others redirect to it. An id for which nobody speaks
/// goes where it redirects to, whose id it does not contest. What is merged, and what loses the last who spoke for it, is inherited
/// by its members of that moment. `old` must hold every id, live, retired or redirected, that one of the clusters' records founded,
/// inherited or belonged to, and what these redirect to: so a split gives the redirected id back, and a returning record revives
/// its retired one. An id that stands for others meanwhile is not the returning record's to claim: it may be another person's now.
pub fn assign(old: &[OldGolden], clusters: &[Vec<u32>]) -> Assigned {
    let home: Home = clusters.iter().zip(0..).flat_map(|(members, at)| members.iter().map(move |&m| (m, at))).collect();
    // Itself, and what it redirects to, one after the other.
    let chain = |position: usize| std::iter::successors(Some(position), |at| old[*at].into).take(old.len());
    let stands: Vec<bool> = (0..old.len()).map(|at| chain(at).any(|at| !old[at].members.is_empty())).collect();
    let spoken: Vec<Option<usize>> =
        old.iter().zip(&stands).map(|(golden, stands)| claim(golden, *stands, &home)).collect();
    let mut ids = vec![Id::New; clusters.len()];
    for (position, cluster) in spoken.iter().enumerate().filter_map(|(p, claim)| claim.map(|c| (p, c))) {
        match ids[cluster] {
            Id::Keep(held) if old[held].seq <= old[position].seq => {}
            _ => ids[cluster] = Id::Keep(position),
        }
    }
    let (mut fates, mut left, mut heirs) = (Vec::new(), Vec::new(), Vec::new());
    for (position, golden) in old.iter().enumerate() {
        let follows = || chain(position).find_map(|at| spoken[at]).filter(|_| stands[position]);
        let claim = spoken[position].or_else(follows);
        let fate = match claim.map(|cluster| (cluster, ids[cluster])) {
            None | Some((_, Id::New)) => Fate::Retired,
            Some((cluster, Id::Keep(winner))) if winner == position => Fate::Live(cluster),
            Some((_, Id::Keep(winner))) => Fate::Redirect(winner),
        };
        if claim.is_some() || stands[position] {
            left.extend(strayed(golden, claim, &home).map(|record| (position, record)));
        }
        heirs.extend(inherited(golden, claim, fate, &home).map(|heirs| (position, heirs)));
        fates.push(fate);
    }
    Assigned { ids, fates, left, heirs }
}

/// The founders and heirs of an old id that are not where it is.
fn strayed<'a>(golden: &'a OldGolden, claim: Option<usize>, home: &'a Home) -> impl Iterator<Item = u32> + 'a {
    let both = golden.founders.iter().chain(&golden.heirs).copied();
    both.filter(move |record| home.get(record).copied() != claim)
}

/// The heirs of an old id that was merged, or lost the last who spoke for it; `None` where they are those that it has.
fn inherited(golden: &OldGolden, claim: Option<usize>, fate: Fate, home: &Home) -> Option<Vec<u32>> {
    let here = |record: &u32| claim.is_some() && home.get(record).copied() == claim;
    let speaks = golden.founders.iter().chain(&golden.heirs).any(here);
    if golden.members.is_empty() || claim.is_none() || (speaks && matches!(fate, Fate::Live(_))) {
        return None;
    }
    let heirs = golden.members.iter().copied().filter(|member| here(member) && !golden.founders.contains(member));
    let heirs: Vec<u32> = heirs.collect();
    (heirs != golden.heirs).then_some(heirs)
}

/// The cluster that those who speak for an old id are in; of those who return none does where it `stands` for others.
fn claim(golden: &OldGolden, stands: bool, home: &Home) -> Option<usize> {
    let speaks = |record: &&u32| !(stands && golden.returned.contains(record));
    let lists = [&golden.founders, &golden.heirs, &golden.members];
    let speakers = lists.into_iter().map(|records| records.iter().filter(speaks).copied().collect::<Vec<u32>>());
    let speakers = speakers.into_iter().find(|speakers| !speakers.is_empty())?;
    // By cluster: who speaks, members, smallest record (negated, so that the greatest tuple wins).
    let mut votes: BTreeMap<usize, (u32, u32, i64)> = BTreeMap::new();
    for (records, speak) in [(&speakers, true), (&golden.members, false)] {
        for record in records {
            let Some(&cluster) = home.get(record) else { continue };
            let vote = votes.entry(cluster).or_insert((0, 0, i64::MIN));
            if speak {
                vote.0 += 1;
            } else {
                vote.1 += 1;
            }
            vote.2 = vote.2.max(-i64::from(*record));
        }
    }
    votes.into_iter().max_by_key(|&(_, vote)| vote).map(|(cluster, _)| cluster)
}
