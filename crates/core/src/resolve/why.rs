//! Why records are one golden record, and why two are not: said by the very steps that partition them.

use super::order::Order;
use super::{guide, linkage, Known, Matcher, Solution, Verdict};
use crate::block::{self, Space};
use crate::cluster::decision::{Decisions, Ruling};
use crate::cluster::sets::Sets;
use crate::cluster::Reason;
use crate::record::Node;
use crate::score::Score;
use crate::words;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

words! {
    /// By what two records of one golden record hold together.
    pub enum Via {
        /// They name a common id.
        CrossReference => "cross_reference",
        /// Their score merges by itself.
        Score => "score",
        /// Their score alone does not, but that of the two groups of records they belong to does.
        Profile => "profile",
        /// A steward's `same`.
        Decision => "decision",
    }
}

/// Two records of one golden record, by position, and what holds them together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tie {
    /// The record with the smaller reference.
    pub a: u32,
    /// The other.
    pub b: u32,
    /// By what.
    pub via: Via,
}

/// A pair of candidates that connects.
#[derive(Clone)]
pub(super) struct Link {
    pub a: u32,
    pub b: u32,
    /// The larger the stronger, among links of one kind.
    pub strength: i64,
    pub via: Via,
    /// A guard forbids it.
    pub vetoed: bool,
}

/// Why two records are in one golden record or are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// They are in one.
    Together,
    /// They score high enough to be asked about, or to merge, and this keeps them apart.
    Kept(Reason),
    /// They were compared and score too low to ask.
    LowScore,
    /// What they share serves too many to count: they were not compared.
    Generic,
    /// They share nothing by which records find each other: they were not compared.
    NoCandidate,
}

impl Finding {
    /// The name users see.
    pub fn name(self) -> &'static str {
        match self {
            Finding::Together => "together",
            Finding::Kept(reason) => reason.name(),
            Finding::LowScore => "low_score",
            Finding::Generic => "generic",
            Finding::NoCandidate => "no_candidate",
        }
    }

    /// The finding as a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Finding::Together => "They are in one golden record: golden_record.why tells by what.",
            Finding::LowScore => "They share something, but score too low to be asked about.",
            Finding::Generic => "No candidate: what they share serves too many records or people to count.",
            Finding::NoCandidate => "No candidate: they have nothing in common by which records find each other.",
            Finding::Kept(reason) => match reason {
                Reason::CannotLink => "A steward decided that they are different.",
                Reason::Exclusive => "They, or their golden records, hold two values of an exclusive attribute.",
                Reason::Contradiction => {
                    "Given names, birth dates or generational suffixes of theirs, or of their golden records, cannot be one person's."
                }
                Reason::Ambiguous => "The evidence fits two golden records that exclude each other equally well.",
                Reason::Cohesion => "They would go together, but their golden records as wholes do not.",
                Reason::Cap => "The golden record would have more records than \"cap\" allows.",
                Reason::ComponentCap => {
                    "They hang together with more records than \"component_cap\" allows: their score does not join them."
                }
                Reason::Score => "The score lies between the thresholds: a steward is asked.",
            },
        }
    }
}

/// Something that two records share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shared {
    /// `cross_reference`, `email`, `phone`, `identifier`, or `block`: a block of the policy `probabilistic`.
    pub key: &'static str,
    /// False when it serves too many.
    pub counts: bool,
    /// How many of them.
    pub number: usize,
}

/// Two records side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Why they are in one golden record, or are not.
    pub finding: Finding,
    /// Their score with its evidence, compared or not.
    pub score: Score,
    /// What they share by which records find each other.
    pub shared: Vec<Shared>,
}

/// The strongest of some links that connect what is in several `sets` as far as all of them do, the strongest first (Kruskal 1956).
fn strongest(sets: &mut Sets, mut links: Vec<Link>) -> Vec<Tie> {
    links.sort_unstable_by_key(|link| (link.via, Reverse(link.strength), link.a, link.b));
    let mut ties = Vec::new();
    for Link { a, b, via, .. } in links {
        if sets.find(a) != sets.find(b) {
            sets.join(a, b);
            ties.push(Tie { a, b, via });
        }
    }
    ties
}

impl Matcher<'_> {
    /// What holds the records of one golden record together: the strongest links that connect them all, one fewer
    /// than there are records, the strongest first.
    ///
    /// `nodes` are its records in the order of their references; `over_cap` when their component is over its cap: then it is
    /// stewards' links that connect them, or, in a part of it that is within the cap, what connects others.
    pub fn ties(&self, nodes: &[Node], known: &Known, over_cap: bool) -> Vec<Tie> {
        let decisions = Order::sorted(nodes).bind(known.decisions);
        let linked = |(a, b): (u32, u32)| Link {
            a: a.min(b),
            b: a.max(b),
            strength: i64::MAX,
            via: Via::Decision,
            vetoed: false,
        };
        let said: Vec<Link> = decisions.must_links().map(linked).collect();
        if over_cap {
            let ties = strongest(&mut Sets::new(nodes.len()), said.clone());
            if ties.len() + 1 >= nodes.len() {
                return ties;
            }
        }
        let mut links = if self.is_probabilistic() {
            linkage::links(self, nodes, known)
        } else {
            guide::links(self.entity, nodes, known.generic)
        };
        // What a guard forbids connects only where a decision exempts it; a steward's word stands above a score.
        let counts = |link: &mut Link| {
            let speaks = decisions.speaks(link.a, link.b);
            if speaks == Some(Ruling::Same) {
                link.via = Via::Decision;
            }
            speaks != Some(Ruling::Different) && (!link.vetoed || speaks == Some(Ruling::Same))
        };
        links.retain_mut(counts);
        links.extend(said);
        let mut sets = Sets::new(nodes.len());
        let mut ties = strongest(&mut sets, links);
        if ties.len() + 1 < nodes.len() && self.is_probabilistic() {
            // A record between them went elsewhere by a steward's word, which parts nothing else.
            let mut rest = linkage::pairs_of_all(self, nodes, known.generic);
            rest.retain_mut(counts);
            ties.extend(strongest(&mut sets, rest));
        }
        ties
    }

    /// Why two records (by position) are in one golden record, or are not.
    ///
    /// `nodes` are the records of both components in the order of their references.
    pub fn compare(&self, nodes: &[Node], known: &Known, (a, b): (u32, u32)) -> Comparison {
        let pair = [nodes[a as usize], nodes[b as usize]];
        let score = self.explain(&pair, known.generic, &[(0, 1)]).remove(0);
        let shared = self.shared(&pair, known);
        let solution = self.solve(nodes, known);
        let decisions = Order::sorted(nodes).bind(known.decisions);
        let by_itself = || match decisions.speaks(a, b) {
            None => self.by_itself(&pair, known, &shared),
            Some(Ruling::Different) => Some(Finding::Kept(Reason::CannotLink)),
            Some(Ruling::Same) => None,
        };
        let finding = if solution.cluster[a as usize] == solution.cluster[b as usize] {
            Finding::Together
        } else {
            by_itself().unwrap_or_else(|| self.in_their_place(&solution, &decisions, (a, b), &score))
        };
        Comparison { finding, score, shared }
    }

    /// What two records that are apart say of it by themselves, where no steward spoke.
    fn by_itself(&self, pair: &[Node; 2], known: &Known, shared: &[Shared]) -> Option<Finding> {
        let reference = Space::Reference.name();
        let meets = |key: &str| key == reference || (key == BLOCK) == self.is_probabilistic();
        if !shared.iter().any(|one| one.counts && meets(one.key)) {
            let generic = shared.iter().any(|one| !one.counts);
            return Some(if generic { Finding::Generic } else { Finding::NoCandidate });
        }
        match self.weigh(pair, known.generic, &[(0, 1)])[0] {
            Verdict::Apart => Some(Finding::LowScore),
            Verdict::Doubtful => Some(Finding::Kept(Reason::Score)),
            Verdict::Connected => None,
        }
    }

    /// What the clusters of two records that connect, or that a steward linked, say of their being apart.
    fn in_their_place(&self, solution: &Solution, decisions: &Decisions, (a, b): (u32, u32), score: &Score) -> Finding {
        let (x, y) = (solution.cluster[a as usize], solution.cluster[b as usize]);
        let speaks = decisions.speaks(a, b);
        let guard = score.evidence.iter().filter(|line| line.comparison == "guard" && speaks.is_none());
        let guard = guard.map(|line| if line.level == "exclusive" { Reason::Exclusive } else { Reason::Contradiction });
        let between = solution.review.iter().filter(|pair| {
            let (c, d) = (solution.cluster[pair.a as usize], solution.cluster[pair.b as usize]);
            (c.min(d), c.max(d)) == (x.min(y), x.max(y))
        });
        let own = between.clone().find(|pair| (pair.a, pair.b) == (a.min(b), a.max(b))).map(|pair| pair.reason);
        let other = between.map(|pair| pair.reason).filter(|reason| *reason != Reason::Score);
        if let Some(reason) = own.or_else(|| guard.min()).or_else(|| other.min()) {
            return Finding::Kept(reason);
        }
        // Of many that a limit keeps apart not every pair is told.
        let component = |x: u32| solution.component[x as usize];
        let limit = solution.limits.iter().find(|limit| component(limit.node) == component(a));
        if let Some(limit) = limit.filter(|_| speaks.is_none()) {
            return Finding::Kept(limit.what);
        }
        // A decision exempts the pair, and yet they are apart.
        let all = 0..solution.cluster.len() as u32;
        let members =
            |head: u32| -> Vec<u32> { all.clone().filter(|node| solution.cluster[*node as usize] == head).collect() };
        let (left, right) = (members(x), members(y));
        let (auto, review) = self.thresholds();
        let forbidden = |&c: &u32| right.iter().any(|&d| decisions.speaks(c, d) == Some(Ruling::Different));
        if left.iter().any(forbidden) {
            Finding::Kept(Reason::CannotLink)
        } else if left.len() + right.len() > self.entity.options.cap as usize {
            Finding::Kept(Reason::Cap)
        } else if speaks == Some(Ruling::Same) {
            // What other decisions part is not joined by this one.
            Finding::Kept(Reason::CannotLink)
        } else if score.millipoints <= review {
            Finding::LowScore
        } else if score.millipoints < auto {
            Finding::Kept(Reason::Score)
        } else {
            Finding::Kept(Reason::Cohesion)
        }
    }

    /// What two records share by which records find each other.
    fn shared(&self, pair: &[Node; 2], known: &Known) -> Vec<Shared> {
        let [a, b] = pair;
        let mut found: BTreeMap<(&'static str, bool), usize> = BTreeMap::new();
        let keys = |node: &Node| block::compared_keys(self.entity, node.reference, node.state);
        let others = keys(b);
        for key in keys(a).iter().filter(|key| others.binary_search(key).is_ok()) {
            *found.entry((key.space.name(), !(known.generic)(key))).or_default() += 1;
        }
        let blocks = self.blocks(pair, known.generic);
        let others: HashSet<u64> = blocks[1].iter().copied().collect();
        for block in blocks[0].iter().filter(|block| others.contains(block)) {
            *found.entry((BLOCK, !(known.over)(*block))).or_default() += 1;
        }
        found.into_iter().map(|((key, counts), number)| Shared { key, counts, number }).collect()
    }
}

const BLOCK: &str = "block";
