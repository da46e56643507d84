//! What the state of an entity type should be.

use super::holders::Holders;
use crate::configuration::{Configuration, Entity};
use crate::error::Result;
use crate::keyring::Keyring;
use crate::parallel;
use crate::progress;
use crate::resolve::{components, review_pairs, to_decision, Change};
use crate::store::blocks::Crowded;
use crate::store::decision::{self, DecisionMember};
use crate::store::overrides;
use crate::store::record::{self, RecordRow};
use crate::store::review::StoredPair;
use crate::store::state;
use crate::store::version::{self, Folded};
use golden_record_core::block::Key;
use golden_record_core::fold::fold;
use golden_record_core::probabilistic::Members;
use golden_record_core::record::{in_order, Node, RecordRef, State, Version};
use golden_record_core::resolve::{Groundwork, Resolution};
use golden_record_core::survive::{overrule, survive, Override, Survivor};
use golden_record_core::threads::Threads;
use golden_record_core::value::Text;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::LazyLock;
use std::time::Instant;

/// Who is in which block: (block, row), ascending.
#[derive(Default)]
pub(super) struct Blocks {
    pub members: Vec<(i64, i64)>,
    /// The blocks over their limit.
    pub over: Vec<Crowded>,
}

impl Blocks {
    fn of(keyring: &Keyring, rows: &[i64], listed: Members, threads: Threads) -> Blocks {
        let named = listed.named(|block| keyring.block(block), rows, threads);
        let crowded = |(block, members, limit): (i64, usize, usize)| Crowded {
            block,
            members: members as i64,
            limit: limit as u32,
        };
        Blocks { members: named.members, over: named.over.into_iter().map(crowded).collect() }
    }
}

/// A source record.
pub(super) struct Entry {
    /// Its row.
    pub row: RecordRow,
    /// What it should say; what it says as it is stored where its history cannot be read.
    pub state: State,
    /// What it says as it is stored, where something is stored that is another.
    pub before: Option<Box<State>>,
    /// Whether what it says, or its row, is another than is stored.
    pub changed: bool,
    /// False when somebody damaged a version of it, or it has none.
    pub sound: bool,
}

impl Entry {
    /// A record that a statement changed.
    pub fn change(Change { row, old, new }: Change) -> Entry {
        let before = (row.existing && old != new).then(|| Box::new(old));
        Entry { changed: true, before, ..Entry::unchanged(row, new) }
    }

    /// A record that says what it should.
    pub fn unchanged(row: RecordRow, state: State) -> Entry {
        Entry { row, state, before: None, changed: false, sound: true }
    }

    /// As the engine takes it.
    pub fn node(&self) -> Node<'_> {
        Node { reference: &self.row.reference, state: &self.state }
    }

    /// Its row and name with what it should say.
    pub fn says(&self) -> state::Said<'_> {
        (self.row.record_id, &self.row.reference, &self.state)
    }

    /// What it says as it is stored: nothing where it is not written yet.
    pub fn said(&self) -> &State {
        static NOTHING: LazyLock<State> = LazyLock::new(State::default);
        match &self.before {
            Some(before) => before,
            None if self.row.existing => &self.state,
            None => &NOTHING,
        }
    }
}

/// The records of an entity type, ascending by row.
pub(super) struct Records {
    /// All of them, those that live no longer too.
    pub entries: Vec<Entry>,
    /// The positions of the living, by reference.
    pub nodes: Vec<u32>,
}

impl Records {
    pub fn new(mut entries: Vec<Entry>) -> Result<Records> {
        entries.sort_unstable_by_key(|entry| entry.row.record_id);
        let living = (0..).zip(&entries).filter(|(_, entry)| entry.state.live());
        let (places, names): (Vec<u32>, Vec<&RecordRef>) = living.map(|(at, entry)| (at, &entry.row.reference)).unzip();
        let order = parallel::off_main(|stop| in_order(&names, Threads::until(stop)))?;
        let nodes = order.into_iter().map(|at| places[at as usize]).collect();
        Ok(Records { entries, nodes })
    }

    /// The record of a row.
    pub fn find(&self, row: i64) -> Option<&Entry> {
        let at = self.entries.binary_search_by_key(&row, |entry| entry.row.record_id).ok()?;
        self.entries.get(at)
    }

    /// Those that say something else than is stored, or whose row is another.
    pub fn changed(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.changed)
    }

    /// Those of them that state other cross-references than they did.
    pub fn related(&self) -> impl Iterator<Item = &Entry> {
        self.changed().filter(|entry| entry.state.cross_references() != entry.said().cross_references())
    }

    /// Those whose stored cross-references are others than they should state.
    pub fn misnamed(&self) -> Result<Vec<&Entry>> {
        let stored = state::cross_references()?;
        let none = BTreeSet::new();
        let differs = |entry: &&Entry| {
            let stored = stored.get(&entry.row.record_id).unwrap_or(&none);
            let stated: BTreeSet<&RecordRef> = entry.state.cross_references().iter().collect();
            !stored.iter().eq(stated)
        };
        Ok(self.entries.iter().filter(differs).collect())
    }

    /// The living ones, by reference.
    pub fn living(&self) -> impl Iterator<Item = &Entry> {
        self.nodes.iter().map(|at| &self.entries[*at as usize])
    }

    /// Their rows.
    pub fn rows(&self) -> Vec<i64> {
        self.living().map(|entry| entry.row.record_id).collect()
    }
}

/// What the state of an entity type should be.
pub(super) struct Expected {
    pub records: Records,
    /// The rows of the living, by reference.
    pub nodes: Vec<i64>,
    pub resolution: Resolution,
    pub holders: Holders,
    pub blocks: Blocks,
    pub reviews: Vec<StoredPair>,
    /// What stewards set.
    overrides: Vec<Override>,
    /// The attributes of what they set that is damaged, by the row of the record it sits on.
    pub damaged: BTreeMap<i64, BTreeSet<String>>,
}

/// The records of an entity type, and what each should say by the versions that count.
pub(super) fn read(configuration: &Configuration, entity: &Entity) -> Result<Records> {
    let name = &entity.entity.name;
    progress::phase("reading records", 0)?;
    let records = record::rows_of_entity(name)?;
    let states = state::sealed(&records)?;
    progress::phase("folding versions", records.len())?;
    let fold = |row: &RecordRow, versions: &[Version]| refold(configuration, entity, row, versions);
    let folded = version::fold_all(&records, &states, fold)?;
    drop(states);
    let entries = records.into_iter().zip(folded).map(|(row, Folded { state, before, sound })| {
        let changed = before.is_some();
        Entry { row, state, before, changed, sound }
    });
    Records::new(entries.collect())
}

impl Expected {
    /// What should be where the records say this, for whom the groundwork may be laid already; and what `meanwhile` gives,
    /// which is done while they are resolved, with who holds which key.
    pub fn of<R>(
        entity: &Entity,
        keyring: &Keyring,
        records: Records,
        groundwork: Option<Groundwork>,
        meanwhile: impl FnOnce(&Records, &Holders) -> Result<R>,
    ) -> Result<(Expected, R)> {
        let name = &entity.entity.name;
        let nodes = records.rows();
        let lives = |member: &&DecisionMember| records.find(member.record_id).is_some_and(|entry| entry.state.live());
        let decisions: Vec<_> =
            decision::of_entity(name)?.iter().map(|decision| to_decision(decision, &lives)).collect();
        let bound: Vec<Node> = records.living().map(Entry::node).collect();
        let matcher = entity.matcher();
        let (resolution, blocks, holders, beside) = parallel::beside(|others| {
            progress::phase("resolving", nodes.len())?;
            let (matcher, nodes, bound, decisions) = (&matcher, &nodes, &bound, &decisions);
            let resolving = others.start(move |stop| {
                let (matcher, begun) = (matcher.stopping(stop), Instant::now());
                let mut resolution = match groundwork {
                    Some(groundwork) => matcher.resolve(bound, groundwork, decisions),
                    None => matcher.resolve_all(bound, decisions),
                };
                let took = begun.elapsed();
                let blocks = Blocks::of(keyring, nodes, std::mem::take(&mut resolution.blocks), Threads::until(stop));
                (resolution, blocks, took)
            })?;
            let holders = Holders::of(entity, keyring, &records)?;
            let beside = meanwhile(&records, &holders)?;
            progress::phase("resolving", nodes.len())?;
            let (resolution, blocks, took) = resolving.end()?;
            // Of what ran beside others the phases do not tell.
            pgrx::debug1!("golden_record: resolved in {} ms", took.as_millis());
            Ok((resolution, blocks, holders, beside))
        })?;
        let known: HashSet<&Key> = resolution.generic.iter().map(|value| &value.key).collect();
        progress::phase("explaining doubts", resolution.solution.review.len())?;
        let review = &resolution.solution.review;
        let ends: BTreeMap<i64, usize> =
            review.iter().flat_map(|pair| [pair.a, pair.b]).map(|at| (nodes[at as usize], at as usize)).collect();
        let waiting: Vec<i64> = ends.keys().copied().collect();
        let concerned: Vec<Node> = ends.values().map(|at| bound[*at]).collect();
        let open: Vec<_> =
            review.iter().map(|pair| (nodes[pair.a as usize], nodes[pair.b as usize], pair.reason)).collect();
        let reviews = parallel::off_main(|stop| {
            review_pairs(&matcher.stopping(stop), &waiting, &concerned, &|key| known.contains(key), &open)
        })??;
        let overrides = overrides::of_entity(name)?;
        let mut damaged = BTreeMap::<i64, BTreeSet<String>>::new();
        for stored in overrides.iter().filter(|stored| stored.set.given.is_none()) {
            damaged.entry(stored.record_id).or_default().insert(stored.set.attribute.clone());
        }
        let overrides = overrides.into_iter().map(|stored| stored.set).collect();
        drop(bound);
        Ok((Expected { records, nodes, resolution, holders, blocks, reviews, overrides, damaged }, beside))
    }

    /// The living by cluster, each in the order of references; clusters in the order of their smallest member.
    pub fn clusters(&self) -> Vec<Vec<&Entry>> {
        // Clusters are named by one of their members.
        let mut place: Vec<Option<usize>> = vec![None; self.nodes.len()];
        let mut clusters: Vec<Vec<&Entry>> = Vec::new();
        for (entry, head) in self.records.living().zip(&self.resolution.solution.cluster) {
            let at = *place[*head as usize].get_or_insert(clusters.len());
            if at == clusters.len() {
                clusters.push(Vec::new());
            }
            clusters[at].push(entry);
        }
        clusters
    }

    /// The component of each of the living: the smallest row in it.
    pub fn components(&self) -> Vec<i64> {
        components(&self.nodes, &self.resolution.solution.component)
    }

    /// What the rules, and stewards over them, choose of members.
    pub fn survivors(&self, entity: &Entity, members: &[&Entry]) -> BTreeMap<Text, Survivor> {
        let members: Vec<Node> = members.iter().map(|entry| entry.node()).collect();
        let mut survivors = survive(&entity.entity, &entity.rules, &members);
        overrule(&entity.entity, &entity.rules, &members, &self.overrides, &mut survivors);
        survivors
    }
}

fn refold(configuration: &Configuration, entity: &Entity, row: &RecordRow, versions: &[Version]) -> State {
    let source = configuration.source_of(&row.reference.system, row.attachment);
    fold(&entity.entity, &entity.mapping, &source, versions)
}
