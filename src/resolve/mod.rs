//! The conductor of a write: changed records → keys → candidates → affected components → partition → publish.
//!
//! Every step is one statement or one pure call for the whole set; nothing loops over records with queries.

mod blocks;
mod keys;
mod review;
mod seen;
mod weigh;

pub use blocks::current_blocks;
pub use keys::verdict;
pub use review::{components, limits, reconcile, review_pairs, to_decision, Spoken};

use crate::configuration::Entity;
use crate::error::Result;
use crate::isolation::{self, Rows};
use crate::keyring::Keyring;
use crate::lock::Held;
use crate::progress;
use crate::publish::{publish, Overrides, Placed, Published, Reconsidered, Resurvive};
use crate::store::decision;
use crate::store::record::{self, RecordRow};
use crate::store::review::Closing;
use golden_record_core::block::Key;
use golden_record_core::record::State;
use golden_record_core::resolve::Solution;
use hashbrown::{HashMap, HashSet};
use seen::Seen;
use std::collections::{BTreeMap, BTreeSet};

/// A source record that a statement changed.
pub struct Change {
    /// Its row, with where it belonged before.
    pub row: RecordRow,
    /// What it said.
    pub old: State,
    /// What it says now.
    pub new: State,
}

/// Resolves records that changed, or that go for good and say nothing any more, and writes all that follows from it; review
/// pairs whose evidence is gone have this `closing`.
pub fn settle(
    entity: &Entity,
    keyring: &Keyring,
    held: &mut Held,
    changes: Vec<Change>,
    closing: Closing,
) -> Result<Published> {
    Work::new(entity, keyring, changes).run(held, &Reconsidered::default(), closing)
}

/// Resolves again the components of records about which a decision was made, or one is `reverted`.
pub fn reconsider(
    entity: &Entity,
    keyring: &Keyring,
    held: &mut Held,
    rows: &[i64],
    reverted: Option<i64>,
) -> Result<Published> {
    let reconsidered = Reconsidered { rows: rows.iter().copied().collect(), reverted };
    let closing = if reverted.is_some() { Closing::Reverted } else { Closing::Superseded };
    Work::new(entity, keyring, Vec::new()).run(held, &reconsidered, closing)
}

/// The keys that each changed record held before.
type OldKeys = Vec<Vec<(i64, Key)>>;

/// What the keys of changed records come to.
struct Weighed {
    /// The records whose every pair was weighed anew.
    rescored: BTreeSet<i64>,
    /// Those whose components are to be resolved anew.
    anchors: BTreeSet<i64>,
    /// Pairs in doubt.
    doubtful: BTreeSet<(i64, i64)>,
    /// Pairs of others that are candidates no longer.
    settled: BTreeSet<(i64, i64)>,
}

/// One statement's work in progress.
struct Work<'a> {
    entity: &'a Entity,
    keyring: &'a Keyring,
    changes: Vec<Change>,
    /// The rows of the changed records, and whether they live now.
    changed: HashMap<i64, bool>,
    /// Those that are still to be written.
    new: HashSet<i64>,
    /// Live records by row: the changed ones, then whatever is loaded.
    seen: BTreeMap<i64, Seen>,
    /// Who holds a key, for keys that were looked up.
    holders: HashMap<i64, Vec<(i64, Option<i64>)>>,
    /// Who is in the touched blocks that count: block and row, ascending.
    members: Vec<(i64, i64)>,
    /// Keys and blocks known to be generic, or known not to be.
    generic: HashMap<i64, bool>,
    /// The keys among them that are known to be generic.
    generic_keys: HashSet<Key>,
    /// What keys that this statement judged were before.
    was_generic: HashMap<i64, bool>,
    /// The blocks of rescored records, by row.
    blocks: HashMap<i64, Vec<i64>>,
}

impl<'a> Work<'a> {
    fn new(entity: &'a Entity, keyring: &'a Keyring, changes: Vec<Change>) -> Work<'a> {
        let changed = changes.iter().map(|change| (change.row.record_id, change.new.live())).collect();
        let new = changes.iter().filter(|change| !change.row.existing).map(|change| change.row.record_id).collect();
        Work {
            entity,
            keyring,
            changes,
            changed,
            new,
            seen: BTreeMap::new(),
            holders: HashMap::new(),
            members: Vec::new(),
            generic: HashMap::new(),
            generic_keys: HashSet::new(),
            was_generic: HashMap::new(),
            blocks: HashMap::new(),
        }
    }

    fn run(mut self, held: &mut Held, reconsidered: &Reconsidered, closing: Closing) -> Result<Published> {
        let (old_keys, decided) = self.take_in(held, &reconsidered.rows)?;
        self.write_states_and_keys(&old_keys)?;
        let weighed = self.find_and_weigh(held, &old_keys, decided)?;
        let nodes = self.concerned(held, &weighed.anchors)?;
        self.resolve(&nodes, weighed, reconsidered, closing)
    }

    /// Takes the changes in, and the records that are reconsidered, with their keys locked. Gives the keys that changed records
    /// held before, and who is reconsidered or decided about.
    fn take_in(&mut self, held: &mut Held, reconsidered: &BTreeSet<i64>) -> Result<(OldKeys, BTreeSet<i64>)> {
        let types = &self.entity.entity;
        progress::phase("writing keys", self.changes.len())?;
        let old_keys = self.take_changes()?;
        let touched: BTreeSet<i64> = old_keys
            .iter()
            .flatten()
            .map(|(digest, _)| *digest)
            .chain(self.seen.values().flat_map(|record| record.keys.iter().map(|(digest, _)| *digest)))
            .collect();
        held.keys(touched.iter().copied());
        let reconsidered_rows = record::by_id(&reconsidered.iter().copied().collect::<Vec<_>>())?;
        held.keys(reconsidered_rows.iter().flat_map(|record| {
            self.keyring.keys(types, &record.row.reference, &record.state).into_iter().map(|(digest, _)| digest)
        }));
        self.add(reconsidered_rows)?;

        let changed_rows: Vec<i64> = self.changes.iter().map(|change| change.row.record_id).collect();
        let known = self.changes.iter().filter(|change| change.row.existing).map(|change| change.row.record_id);
        let decisions = decision::of(known.chain(reconsidered.iter().copied()).collect())?;
        let sides = decisions.iter().flat_map(|decision| decision.side_a.iter().chain(&decision.side_b));
        let decided = reconsidered.iter().copied().chain(sides.map(|member| member.record_id)).collect();

        // What a transaction with one snapshot must know, before it writes. The old components are enough: a record
        // that came or went shows among the holders.
        let components: Vec<i64> = self.changes.iter().filter_map(|change| change.row.component).collect();
        let keys: Vec<i64> = touched.into_iter().collect();
        let rows = Rows { keys: &keys, components: &components, records: &changed_rows, ..Rows::default() };
        isolation::check(rows)?;
        Ok((old_keys, decided))
    }

    /// Judges the changed keys, finds the candidates of all whose keys or blocks are others now, and weighs them; `decided` are
    /// resolved anew whatever they weigh.
    fn find_and_weigh(&mut self, held: &mut Held, old_keys: &OldKeys, decided: BTreeSet<i64>) -> Result<Weighed> {
        let flipped = self.judge(old_keys)?;
        let mut rescored: BTreeSet<i64> = self.seen.keys().copied().collect();
        rescored.extend(flipped.iter().copied());
        self.lock_flipped(held, &flipped)?;
        progress::phase("finding candidates", rescored.len())?;
        let crossed = self.reblock(held, &rescored)?;
        let partners = self.partners(&rescored)?;

        let mut anchors: BTreeSet<i64> = flipped;
        anchors.extend(decided);
        progress::phase("weighing candidates", partners.pairs.len() + partners.named.len())?;
        let mut doubtful = self.weigh_partners(partners, &mut anchors)?;
        self.load(&doubtful.iter().flat_map(|(a, b)| [*a, *b]).collect())?;
        let mut settled = self.weigh(&crossed, &mut anchors)?;
        // Within a component one doubtful pair stands for others: which one is for its solution to say.
        for (a, b) in &settled {
            if self.seen[a].row.component == self.seen[b].row.component {
                anchors.extend([a, b]);
            }
        }
        // Two that a block no longer brings together may still share another.
        let still = self.candidates(&settled)?;
        doubtful.extend(settled.iter().filter(|pair| still.contains(pair)).copied());
        settled.retain(|pair| !still.contains(pair));
        Ok(Weighed { rescored, anchors, doubtful, settled })
    }

    /// Loads the holders of values that turned, which are weighed anew as changed records are, and locks their keys: nobody else
    /// turns another value of theirs, or comes as a candidate of theirs, meanwhile. What they say stays while this waits, since
    /// who changes it needs the value that turned; nothing else that is read of them may be read before.
    fn lock_flipped(&mut self, held: &mut Held, flipped: &BTreeSet<i64>) -> Result<()> {
        self.load(flipped)?;
        let records = flipped.iter().filter_map(|row| self.seen.get(row));
        let keys: Vec<i64> = records.flat_map(|record| record.keys.iter().map(|(digest, _)| *digest)).collect();
        held.keys(keys.iter().copied());
        isolation::check(Rows { keys: &keys, ..Rows::default() })
    }

    /// The members of the components of `anchors` and of changed records, locked, in the order of their references.
    fn concerned(&mut self, held: &mut Held, anchors: &BTreeSet<i64>) -> Result<Vec<i64>> {
        progress::phase("reading components", anchors.len())?;
        let members = self.lock_components(held, anchors)?;
        let components = members.iter().filter_map(|row| self.seen.get(row)?.row.component);
        let components: Vec<i64> = components.collect();
        isolation::check(Rows { components: &components, ..Rows::default() })?;
        let mut nodes: Vec<i64> = members.into_iter().collect();
        nodes.sort_by(|a, b| self.seen[a].row.reference.cmp(&self.seen[b].row.reference));
        Ok(nodes)
    }

    /// Partitions the nodes and writes all that follows from it.
    fn resolve(
        &mut self,
        nodes: &[i64],
        weighed: Weighed,
        reconsidered: &Reconsidered,
        closing: Closing,
    ) -> Result<Published> {
        let Weighed { rescored, doubtful, settled, .. } = weighed;
        progress::phase("resolving", nodes.len())?;
        self.learn_generic(nodes)?;
        let apart = self.take_apart(nodes)?;
        let over = self.over(&self.shared(nodes, &apart))?;
        let about: BTreeSet<i64> = nodes.iter().chain(&rescored).copied().collect();
        let gone: Vec<i64> =
            self.changes.iter().filter(|change| !change.new.live()).map(|change| change.row.record_id).collect();
        let components = self.components_before(nodes);
        let concerns = decision::concerns(
            about.iter().chain(&gone).copied().collect(),
            components.iter().chain(nodes).copied().collect(),
        )?;
        let decisions = if concerns.decisions { decision::of(about.into_iter().collect())? } else { Vec::new() };
        let overrides = if concerns.overrides { [nodes, &gone].concat() } else { Vec::new() };
        let solution = self.solve(&apart, &over, &decisions)?;
        let published = self.publish(nodes, &solution, reconsidered, Overrides::on(overrides)?)?;
        progress::phase("writing doubts", doubtful.len())?;
        let looked_at = review::LookedAt { nodes, rescored: &rescored, doubtful, settled };
        self.write_reviews(&looked_at, &solution, &decisions, closing)?;
        if concerns.limits || !solution.limits.is_empty() {
            self.write_limits(nodes, &solution, components)?;
        }
        Ok(published)
    }

    /// The components that nodes and changed records were in.
    fn components_before(&self, nodes: &[i64]) -> BTreeSet<i64> {
        let before = nodes.iter().filter_map(|row| self.seen[row].row.component);
        before.chain(self.changes.iter().filter_map(|change| change.row.component)).collect()
    }

    fn publish(
        &self,
        nodes: &[i64],
        solution: &Solution,
        reconsidered: &Reconsidered,
        overrides: Overrides,
    ) -> Result<Published> {
        let components = components(nodes, &solution.component);
        let before: HashMap<i64, &State> =
            self.changes.iter().map(|change| (change.row.record_id, &change.old)).collect();
        let placed: Vec<Placed> = nodes
            .iter()
            .enumerate()
            .map(|(index, row)| {
                let record = &self.seen[row];
                Placed {
                    row: &record.row,
                    state: &record.state,
                    changed: record.changed,
                    before: before.get(row).copied(),
                    cluster: solution.cluster[index],
                    component: components[index],
                }
            })
            .collect();
        let departed: Vec<&RecordRow> =
            self.changes.iter().filter(|change| !change.new.live()).map(|change| &change.row).collect();
        publish(self.entity, self.keyring, &placed, &departed, Resurvive::Of(reconsidered), overrides)
    }
}
