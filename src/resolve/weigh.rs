//! What the engine says of records and of pairs of them.

use super::seen::keys_of_none;
use super::{review, Work};
use crate::error::Result;
use crate::parallel;
use crate::store::decision::StoredDecision;
use crate::store::state;
use golden_record_core::block::Key;
use golden_record_core::cluster::decision::Decision;
use golden_record_core::entity::Policy;
use golden_record_core::record::{Node, RecordRef, State};
use golden_record_core::resolve::{Apart, Known, Matcher, Solution, Verdict};
use hashbrown::{HashMap, HashSet};
use std::collections::BTreeSet;

/// Records that are worth more than one thread.
const MANY: usize = 512;

/// Pairs of a rescored record and a candidate of it, the smaller row first.
pub(super) struct Partners {
    /// Those that share a block or value, ascending.
    pub(super) pairs: Vec<(i64, i64)>,
    /// Those that name a common id.
    pub(super) named: BTreeSet<(i64, i64)>,
}

/// Takes the ends of pairs that connect for anchors, and gives back those in doubt.
fn sort_out(
    verdicts: impl Iterator<Item = ((i64, i64), Verdict)>,
    anchors: &mut BTreeSet<i64>,
) -> BTreeSet<(i64, i64)> {
    let mut doubtful = BTreeSet::new();
    for (pair, verdict) in verdicts {
        match verdict {
            Verdict::Apart => {}
            Verdict::Doubtful => {
                doubtful.insert(pair);
            }
            Verdict::Connected => anchors.extend([pair.0, pair.1]),
        }
    }
    doubtful
}

/// Whether a key counts for nothing, by those that are known to be generic.
pub(super) fn counts_for_nothing(generic: &HashSet<Key>) -> impl Fn(&Key) -> bool + Sync + '_ {
    |key| key.generic_by_form || generic.contains(key)
}

impl Work<'_> {
    /// Weighs pairs with a candidate, of which only what it says is looked at; `named` are those among them that name a common id.
    pub(super) fn weigh_partners(
        &mut self,
        Partners { pairs, named }: Partners,
        anchors: &mut BTreeSet<i64>,
    ) -> Result<BTreeSet<(i64, i64)>> {
        if self.entity.entity.policy != Policy::Probabilistic {
            return self.weigh(&pairs.into_iter().chain(named).collect(), anchors);
        }
        let types = &self.entity.entity;
        anchors.extend(named.iter().flat_map(|(a, b)| [*a, *b]));
        let mut pairs: Vec<(i64, i64)> = pairs.into_iter().filter(|pair| !named.contains(pair)).collect();
        // By the later record, which is the rescored one as a rule: its pairs are weighed together.
        pairs.sort_unstable_by_key(|(a, b)| (*b, *a));
        let mut rows: Vec<i64> = pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
        rows.sort_unstable();
        rows.dedup();
        let (seen, unseen): (Vec<i64>, Vec<i64>) = rows.iter().partition(|row| self.seen.contains_key(row));
        let glanced = state::of(&unseen, |state| self.keyring.value_keys(types, state))?;
        self.learn_generic(&seen)?;
        self.learn_generic_keys(glanced.iter().flat_map(|(_, _, keys)| keys))?;
        let mut states: HashMap<i64, &State> = glanced.iter().map(|(row, state, _)| (*row, state)).collect();
        states.extend(seen.iter().map(|row| (*row, &self.seen[row].state)));
        let nameless = RecordRef::new("", "");
        let nodes = rows.iter().map(|row| Some(Node { reference: &nameless, state: states.get(row)? }));
        let nodes = nodes.collect::<Option<Vec<Node>>>();
        let nodes = nodes.ok_or_else(keys_of_none)?;
        self.sorted_out(&rows, &nodes, &pairs, anchors)
    }

    /// Weighs pairs of `rows`, which ascend and whose records these are.
    fn sorted_out(
        &self,
        rows: &[i64],
        nodes: &[Node],
        pairs: &[(i64, i64)],
        anchors: &mut BTreeSet<i64>,
    ) -> Result<BTreeSet<(i64, i64)>> {
        let numbered =
            parallel::map(pairs, |pair| review::numbered(rows, *pair))?.into_iter().collect::<Result<Vec<_>>>()?;
        let generic = counts_for_nothing(&self.generic_keys);
        let verdicts = self.matching(nodes.len(), |matcher| matcher.weigh(nodes, &generic, &numbered))?;
        Ok(sort_out(pairs.iter().copied().zip(verdicts), anchors))
    }

    /// Weighs pairs: the ends of those that connect become anchors, those in doubt are given back.
    pub(super) fn weigh(
        &mut self,
        pairs: &BTreeSet<(i64, i64)>,
        anchors: &mut BTreeSet<i64>,
    ) -> Result<BTreeSet<(i64, i64)>> {
        let rows: BTreeSet<i64> = pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
        self.load(&rows)?;
        let rows: Vec<i64> = rows.into_iter().collect();
        self.learn_generic(&rows)?;
        let pairs: Vec<(i64, i64)> = pairs.iter().copied().collect();
        self.sorted_out(&rows, &self.nodes(&rows)?, &pairs, anchors)
    }

    /// Work with the matcher on so many records, on all cores where they are many.
    pub(super) fn matching<R: Send>(&self, records: usize, work: impl FnOnce(Matcher) -> R + Send) -> Result<R> {
        let matcher = self.entity.matcher();
        if records < MANY {
            return Ok(work(matcher));
        }
        parallel::off_main(|stop| work(matcher.stopping(stop)))
    }

    /// Takes loaded records apart, whose generic values are known.
    pub(super) fn take_apart(&self, rows: &[i64]) -> Result<Apart<'_>> {
        let (nodes, generic) = (self.nodes(rows)?, counts_for_nothing(&self.generic_keys));
        self.matching(nodes.len(), |matcher| matcher.take_apart(&nodes, &generic))
    }

    pub(super) fn solve(&self, apart: &Apart, over: &HashSet<i64>, decisions: &[StoredDecision]) -> Result<Solution> {
        let (keyring, generic) = (self.keyring, counts_for_nothing(&self.generic_keys));
        let decisions: Vec<Decision> =
            decisions.iter().map(|decision| review::living(decision, &self.changed)).collect();
        let over = |block| over.contains(&keyring.block(block));
        self.matching(apart.len(), |matcher| {
            matcher.partition(apart, &Known { generic: &generic, over: &over, decisions: &decisions })
        })
    }
}
