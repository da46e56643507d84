//! The conductor of a write: changed records → keys → candidates → affected components → partition → publish.
//!
//! Every step is one statement or one pure call for the whole set; nothing loops over records with queries.

mod blocks;
mod keys;
mod review;

pub use blocks::current_blocks;
pub use keys::verdict;
pub use review::{components, limits, newest, reconcile, review_pairs, to_decision};

use crate::configuration::Entity;
use crate::error::{Failure, Result};
use crate::isolation;
use crate::keyring::Keyring;
use crate::lock::Held;
use crate::parallel;
use crate::progress;
use crate::publish::{publish, Overrides, Placed, Published, Resurvive};
use crate::store::record::{self, RecordRow, Stored};
use crate::store::{golden, matching, state};
use golden_record_core::block::Key;
use golden_record_core::cluster::decision::Decision;
use golden_record_core::entity::Policy;
use golden_record_core::record::{RecordRef, State};
use golden_record_core::resolve::{Apart, Matcher, Node, Solution, Verdict};
use hashbrown::{HashMap, HashSet};
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
/// pairs whose evidence is gone have this `outcome`.
pub fn settle(
    entity: &Entity,
    keyring: &Keyring,
    held: &mut Held,
    changes: Vec<Change>,
    outcome: &'static str,
) -> Result<Published> {
    Work::new(entity, keyring, changes).run(held, &BTreeSet::new(), outcome)
}

/// Resolves again the components of records about which a decision was made or taken back.
pub fn reconsider(
    entity: &Entity,
    keyring: &Keyring,
    held: &mut Held,
    rows: &[i64],
    outcome: &'static str,
) -> Result<Published> {
    let rows: BTreeSet<i64> = rows.iter().copied().collect();
    Work::new(entity, keyring, Vec::new()).run(held, &rows, outcome)
}

/// Records that are worth more than one thread.
const MANY: usize = 512;

/// Pairs of a rescored record and a candidate of it, the smaller row first.
struct Partners {
    /// Those that share a block or value, ascending.
    pairs: Vec<(i64, i64)>,
    /// Those that name a common id.
    named: BTreeSet<(i64, i64)>,
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

/// Somebody took records away, and left their keys.
fn keys_of_none() -> Failure {
    Failure::damaged("keys are stored for a source record that is not there")
}

/// Whether a key counts for nothing, by those that are known to be generic.
fn counts_for_nothing(generic: &HashSet<Key>) -> impl Fn(&Key) -> bool + Sync + '_ {
    |key| key.generic_by_form || generic.contains(key)
}

/// A record as this statement sees it.
struct Seen {
    row: RecordRow,
    state: State,
    changed: bool,
    keys: Vec<(i64, Key)>,
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

    fn run(mut self, held: &mut Held, reconsidered: &BTreeSet<i64>, outcome: &'static str) -> Result<Published> {
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
        let decisions = matching::decisions_of(known.chain(reconsidered.iter().copied()).collect())?;
        let decided: BTreeSet<i64> = decisions
            .iter()
            .flat_map(|decision| decision.side_a.iter().chain(&decision.side_b).map(|member| member.record_id))
            .collect();

        // What a transaction with one snapshot must know, before it writes. The old components are enough: a record
        // that came or went shows among the holders.
        let components: Vec<i64> = self.changes.iter().filter_map(|change| change.row.component).collect();
        isolation::check(&touched.iter().copied().collect::<Vec<_>>(), &components, &changed_rows)?;

        self.write_states_and_keys(&old_keys)?;
        let flipped = self.judge(&old_keys)?;
        let mut rescored: BTreeSet<i64> = self.seen.keys().copied().collect();
        rescored.extend(flipped.iter().copied());
        self.load(&flipped)?;
        progress::phase("finding candidates", rescored.len())?;
        let crossed = self.reblock(held, &rescored)?;
        let partners = self.partners(&rescored)?;

        let mut anchors: BTreeSet<i64> = flipped;
        anchors.extend(reconsidered);
        anchors.extend(decided);
        // Who returns as somebody else than before founds the id no longer that stands for others meanwhile.
        let living = self.changes.iter().filter(|change| change.new.live()).map(|change| &change.row);
        let returned = living.filter(|row| row.existing && row.golden.is_none()).map(|row| row.record_id);
        anchors.extend(golden::standing(returned.collect())?);
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

        progress::phase("reading components", anchors.len())?;
        let members = self.lock_components(held, &anchors)?;
        isolation::check(
            &[],
            &members.iter().filter_map(|row| self.seen.get(row)?.row.component).collect::<Vec<_>>(),
            &[],
        )?;

        let nodes: Vec<i64> = {
            let mut rows: Vec<i64> = members.into_iter().collect();
            rows.sort_by(|a, b| self.seen[a].row.reference.cmp(&self.seen[b].row.reference));
            rows
        };
        progress::phase("resolving", nodes.len())?;
        self.learn_generic(&nodes)?;
        let apart = self.take_apart(&nodes)?;
        let over = self.over(&self.shared(&nodes, &apart))?;
        let about: BTreeSet<i64> = nodes.iter().chain(&rescored).copied().collect();
        let gone: Vec<i64> =
            self.changes.iter().filter(|change| !change.new.live()).map(|change| change.row.record_id).collect();
        let components = self.components_before(&nodes);
        let concerns = matching::concerns(
            about.iter().chain(&gone).copied().collect(),
            components.iter().chain(&nodes).copied().collect(),
        )?;
        let decisions =
            if concerns.decisions { matching::decisions_of(about.into_iter().collect())? } else { Vec::new() };
        let overrides = if concerns.overrides { [&nodes[..], &gone].concat() } else { Vec::new() };
        let solution = self.solve(&apart, &over, &decisions)?;
        let published = self.publish(&nodes, &solution, reconsidered, Overrides::on(overrides)?)?;
        progress::phase("writing doubts", doubtful.len())?;
        let looked_at = review::LookedAt { nodes: &nodes, rescored: &rescored, doubtful, settled };
        self.write_reviews(&looked_at, &solution, &decisions, outcome)?;
        if concerns.limits || !solution.limits.is_empty() {
            self.write_limits(&nodes, &solution, components)?;
        }
        Ok(published)
    }

    /// Takes the changed records in as they are now, and gives the keys that each held before.
    fn take_changes(&mut self) -> Result<Vec<Vec<(i64, Key)>>> {
        let (types, keyring) = (&self.entity.entity, self.keyring);
        let keys = parallel::map(&self.changes, |change| {
            [&change.old, &change.new].map(|state| keyring.keys(types, &change.row.reference, state))
        })?;
        let mut old_keys = Vec::with_capacity(self.changes.len());
        for (change, [old, keys]) in self.changes.iter().zip(keys) {
            old_keys.push(old);
            if change.new.live() {
                let seen = Seen { row: change.row.clone(), state: change.new.clone(), changed: true, keys };
                self.seen.insert(change.row.record_id, seen);
            }
        }
        Ok(old_keys)
    }

    /// Takes loaded records in; a changed one stays as the change made it.
    fn add(&mut self, rows: Vec<Stored>) -> Result<()> {
        let (types, keyring) = (&self.entity.entity, self.keyring);
        let others = rows
            .into_iter()
            .filter(|record| record.row.golden.is_some() && !self.changed.contains_key(&record.row.record_id));
        let others: Vec<Stored> = others.collect();
        let keys = parallel::map(&others, |record| keyring.keys(types, &record.row.reference, &record.state))?;
        for (Stored { row, state }, keys) in others.into_iter().zip(keys) {
            self.seen.entry(row.record_id).or_insert(Seen { row, state, changed: false, keys });
        }
        Ok(())
    }

    fn load(&mut self, rows: &BTreeSet<i64>) -> Result<()> {
        let missing: Vec<i64> = rows.iter().filter(|row| !self.seen.contains_key(row)).copied().collect();
        if !missing.is_empty() {
            self.add(record::by_id(&missing)?)?;
        }
        Ok(())
    }

    fn node(&self, row: i64) -> Result<Node<'_>> {
        let record = self.seen.get(&row).ok_or_else(keys_of_none)?;
        Ok(Node { reference: &record.row.reference, state: &record.state })
    }

    fn nodes(&self, rows: &[i64]) -> Result<Vec<Node<'_>>> {
        rows.iter().map(|row| self.node(*row)).collect()
    }

    /// Weighs pairs with a candidate, of which only what it says is looked at; `named` are those among them that name a common id.
    fn weigh_partners(
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
    fn weigh(&mut self, pairs: &BTreeSet<(i64, i64)>, anchors: &mut BTreeSet<i64>) -> Result<BTreeSet<(i64, i64)>> {
        let rows: BTreeSet<i64> = pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
        self.load(&rows)?;
        let rows: Vec<i64> = rows.into_iter().collect();
        self.learn_generic(&rows)?;
        let pairs: Vec<(i64, i64)> = pairs.iter().copied().collect();
        self.sorted_out(&rows, &self.nodes(&rows)?, &pairs, anchors)
    }

    /// Locks the components of the anchors and of the changed records, and loads their members. Reads again after
    /// each wait, until no component is new.
    fn lock_components(&mut self, held: &mut Held, anchors: &BTreeSet<i64>) -> Result<BTreeSet<i64>> {
        let concerned = anchors.iter().chain(self.changes.iter().map(|change| &change.row.record_id));
        let rows: BTreeSet<i64> = concerned.filter(|row| !self.new.contains(*row)).copied().collect();
        let (seen, unseen): (Vec<i64>, Vec<i64>) = rows.iter().partition(|row| self.seen.contains_key(row));
        let mut components: BTreeSet<i64> = seen.iter().filter_map(|row| self.seen[row].row.component).collect();
        components.extend(record::components(unseen)?);
        let loaded = loop {
            held.components(components.iter().copied());
            let loaded = record::by_component(&components.iter().copied().collect::<Vec<_>>())?;
            let there: HashSet<i64> = loaded.iter().map(|record| record.row.record_id).collect();
            // Those that another writer moved until they were locked.
            let elsewhere = rows.iter().filter(|row| !there.contains(*row)).copied().collect();
            let before = components.len();
            components.extend(record::components(elsewhere)?);
            if components.len() == before {
                break loaded;
            }
        };
        let mut members: BTreeSet<i64> = loaded.iter().map(|record| record.row.record_id).collect();
        // Another writer may have resolved a changed record's component until it was locked.
        let now: HashMap<i64, &RecordRow> = loaded.iter().map(|record| (record.row.record_id, &record.row)).collect();
        for change in &mut self.changes {
            if let Some(row) = now.get(&change.row.record_id) {
                (change.row.golden, change.row.component) = (row.golden, row.component);
            }
        }
        // And changed a member that is no candidate of ours: what is loaded now counts.
        for Stored { row, .. } in &loaded {
            if let Some(seen) = self.seen.get_mut(&row.record_id).filter(|seen| seen.changed) {
                (seen.row.golden, seen.row.component) = (row.golden, row.component);
            }
            if self.seen.get(&row.record_id).is_some_and(|seen| !seen.changed) {
                self.seen.remove(&row.record_id);
            }
        }
        drop(now);
        self.add(loaded)?;
        members.extend(self.changes.iter().map(|change| change.row.record_id));
        members.retain(|row| self.seen.contains_key(row));
        Ok(members)
    }

    /// Work with the matcher on so many records: where they are many on all cores, and hearing a cancel.
    fn matching<R: Send>(&self, records: usize, work: impl FnOnce(Matcher) -> R + Send) -> Result<R> {
        let matcher = self.entity.matcher();
        if records < MANY {
            return Ok(work(matcher));
        }
        parallel::off_main(|stop| work(matcher.stopping(stop)))
    }

    /// Takes loaded records apart, whose generic values are known.
    fn take_apart(&self, rows: &[i64]) -> Result<Apart<'_>> {
        let (nodes, generic) = (self.nodes(rows)?, counts_for_nothing(&self.generic_keys));
        self.matching(nodes.len(), |matcher| matcher.take_apart(&nodes, &generic))
    }

    fn solve(&self, apart: &Apart, over: &HashSet<i64>, decisions: &[matching::StoredDecision]) -> Result<Solution> {
        let (keyring, generic) = (self.keyring, counts_for_nothing(&self.generic_keys));
        let decisions: Vec<Decision> =
            decisions.iter().map(|decision| review::living(decision, &self.changed)).collect();
        let over = |block| over.contains(&keyring.block(block));
        self.matching(apart.len(), |matcher| matcher.partition(apart, &generic, &over, &decisions))
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
        reconsidered: &BTreeSet<i64>,
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
