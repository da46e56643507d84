//! The whole set: what the state should be, from nothing but accepted versions, decisions and configuration.
//!
//! `rebuild` writes the difference to what is stored, `verify` lists it, `digest` hashes what is stored. All three use
//! the same pure steps as a writer's statement.

use crate::choose::{lineage, masked};
use crate::configuration::{identity_secret, Configuration, Entity};
use crate::error::{Failure, Result};
use crate::isolation;
use crate::keyring::Keyring;
use crate::lock;
use crate::overrides::Overrides;
use crate::parallel;
use crate::progress::{self, Progress};
use crate::publish::{publish, Departed, Placed, Published, Resurvive};
use crate::resolve::{components, limits, reconcile, review_pairs, to_decision, verdict, Change};
use crate::store::blocks::{self, Crowded};
use crate::store::matching::{self, GenericKey, Holder, ReviewPair};
use crate::store::record::{self, Stored};
use crate::store::{event, golden, overrides};
use crate::vault;
use golden_record_core::block::{Key, Space};
use golden_record_core::digest;
use golden_record_core::fold::fold;
use golden_record_core::mask::mask;
use golden_record_core::pack::pack_lineage;
use golden_record_core::probabilistic::{key_limit, Members};
use golden_record_core::record::{RecordRef, State, Version};
use golden_record_core::resolve::{Node, Prepared, Resolution};
use golden_record_core::survive::{overrule, survive, Member, Override, Survivor};
use golden_record_core::value::Value;
use pgrx::datum::Uuid;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A key that a record holds.
#[derive(Clone, Copy)]
struct HeldKey {
    key: i64,
    row: i64,
    name_key: Option<i64>,
    space: Space,
    generic_by_form: bool,
}

/// Who is in which block: (block, row), ascending.
#[derive(Default)]
struct Blocks {
    members: Vec<(i64, i64)>,
    /// The blocks over their limit.
    over: Vec<Crowded>,
}

impl Blocks {
    fn of(keyring: &Keyring, rows: &[i64], listed: Members) -> Blocks {
        let hashed = listed.each().map(|(block, members)| (keyring.block(block), key_limit(block), members));
        let mut hashed: Vec<(i64, usize, &[u32])> = hashed.collect();
        hashed.sort_unstable_by_key(|(block, ..)| *block);
        let mut blocks = Blocks { members: Vec::with_capacity(listed.len()), over: Vec::new() };
        for (block, limit, members) in hashed {
            if members.len() > limit {
                blocks.over.push(Crowded { block, members: members.len() as i64, limit: limit as u32 });
            }
            let from = blocks.members.len();
            blocks.members.extend(members.iter().map(|at| (block, rows[*at as usize])));
            blocks.members[from..].sort_unstable();
        }
        blocks
    }
}

/// What the state of an entity type should be.
struct Expected {
    /// Every record, by row.
    rows: BTreeMap<i64, Stored>,
    /// What each should say; what it says where its history cannot be read.
    states: BTreeMap<i64, State>,
    /// Records with a version that somebody damaged.
    unreadable: BTreeSet<i64>,
    /// The rows of live records, by reference.
    nodes: Vec<i64>,
    resolution: Resolution,
    /// Ascending by key, then row.
    holders: Vec<HeldKey>,
    blocks: Blocks,
    reviews: Vec<ReviewPair>,
    /// What stewards set.
    overrides: Vec<Override>,
}

impl Expected {
    fn of(configuration: &Configuration, entity: &Entity, keyring: &Keyring) -> Result<Expected> {
        let name = &entity.entity.name;
        progress::phase("reading records", 0);
        let rows: BTreeMap<i64, Stored> =
            record::by_entity(name)?.into_iter().map(|row| (row.record_id, row)).collect();
        let mut states = BTreeMap::new();
        progress::phase("reading versions", rows.len());
        let (histories, unreadable) = record::versions_of_entity(name)?;
        states.extend(unreadable.iter().filter_map(|row| Some((*row, rows.get(row)?.state.clone()))));
        progress::phase("folding versions", histories.len());
        let histories: Vec<(i64, Vec<Version>)> = histories.into_iter().collect();
        let folded = parallel::map(&histories, |(row, versions)| {
            let stored = rows.get(row).filter(|_| !unreadable.contains(row))?;
            Some((*row, refold(configuration, entity, stored, versions)))
        })?;
        states.extend(folded.into_iter().flatten());
        Expected::with(entity, keyring, rows, states, unreadable, None)
    }

    /// The state of an entity type whose records say this, as it may be `prepared` already.
    fn with(
        entity: &Entity,
        keyring: &Keyring,
        rows: BTreeMap<i64, Stored>,
        states: BTreeMap<i64, State>,
        unreadable: BTreeSet<i64>,
        prepared: Option<Prepared>,
    ) -> Result<Expected> {
        let live = states.iter().filter(|(_, state)| state.live);
        let live = live.map(|(row, state)| (*row, Node { reference: &rows[row].reference, state }));
        let mut live: Vec<(i64, Node)> = live.collect();
        live.sort_unstable_by_key(|(_, node)| node.reference);
        let (nodes, bound): (Vec<i64>, Vec<Node>) = live.into_iter().unzip();
        let decisions: Vec<_> = matching::decisions_of_entity(&entity.entity.name)?
            .iter()
            .map(|decision| {
                to_decision(decision, &|member| states.get(&member.record_id).is_some_and(|state| state.live))
            })
            .collect();
        progress::phase("resolving", nodes.len());
        let matcher = entity.matcher();
        let mut resolution = parallel::off_main(|stop| {
            let matcher = matcher.stopping(stop);
            match prepared {
                Some(prepared) => matcher.resolve(&bound, prepared, &decisions),
                None => matcher.resolve_all(&bound, &decisions),
            }
        })?;
        progress::phase("collecting keys", nodes.len());
        let blocks = Blocks::of(keyring, &nodes, std::mem::take(&mut resolution.blocks));
        let known: HashSet<&Key> = resolution.generic.iter().map(|value| &value.key).collect();
        let generic = |key: &Key| known.contains(key);
        progress::phase("explaining doubts", resolution.solution.review.len());
        let review = &resolution.solution.review;
        let ends: BTreeMap<i64, usize> =
            review.iter().flat_map(|pair| [pair.a, pair.b]).map(|at| (nodes[at as usize], at as usize)).collect();
        let waiting: Vec<i64> = ends.keys().copied().collect();
        let concerned: Vec<Node> = ends.values().map(|at| bound[*at]).collect();
        let open: Vec<_> =
            review.iter().map(|pair| (nodes[pair.a as usize], nodes[pair.b as usize], pair.reason)).collect();
        let reviews = review_pairs(&matcher, &waiting, &concerned, &generic, &open)?;
        let rows_of: Vec<(i64, &Node)> = nodes.iter().copied().zip(&bound).collect();
        let keys = parallel::map(&rows_of, |(row, node)| {
            let name_key = keyring.name_key(&entity.entity, node.state);
            let keys = keyring.keys(&entity.entity, node.reference, node.state).into_iter();
            let held = |(key, Key { space, generic_by_form, .. })| HeldKey {
                key,
                row: *row,
                name_key,
                space,
                generic_by_form,
            };
            keys.map(held).collect::<Vec<_>>()
        })?;
        let mut holders: Vec<HeldKey> = keys.into_iter().flatten().collect();
        holders.sort_unstable_by_key(|held| (held.key, held.row));
        let overrides = overrides::of_entity(&entity.entity.name)?.into_iter().map(|stored| stored.set).collect();
        Ok(Expected { rows, states, unreadable, nodes, resolution, holders, blocks, reviews, overrides })
    }

    /// Rows by cluster, each in the order of references; clusters in the order of their smallest member.
    fn clusters(&self) -> Vec<Vec<i64>> {
        let mut clusters = BTreeMap::<u32, Vec<i64>>::new();
        for (row, head) in self.nodes.iter().zip(&self.resolution.solution.cluster) {
            clusters.entry(*head).or_default().push(*row);
        }
        clusters.into_values().collect()
    }

    /// The keys that should be generic.
    fn generic(&self, entity: &Entity, keyring: &Keyring) -> Vec<GenericKey> {
        let keys = self.holders.chunk_by(|a, b| a.key == b.key).filter(|held| held[0].space != Space::Name);
        keys.filter_map(|held| {
            let first = &held[0];
            if held.len() < 2 && !first.generic_by_form {
                return None;
            }
            let holders: Vec<(i64, Option<i64>)> = held.iter().map(|held| (held.row, held.name_key)).collect();
            // Its value, which is needed of few, is told by who holds it.
            let key = |key| Key { space: first.space, value: key, generic_by_form: first.generic_by_form };
            verdict(&entity.entity, first.key, &key(String::new()), &holders)?;
            let (reference, state) = (&self.rows[&first.row].reference, &self.states[&first.row]);
            let keys = keyring.keys(&entity.entity, reference, state);
            let (_, key) = keys.into_iter().find(|(digest, _)| *digest == first.key)?;
            verdict(&entity.entity, first.key, &key, &holders)
        })
        .collect()
    }

    fn components(&self) -> BTreeMap<i64, i64> {
        let labels = components(&self.nodes, &self.resolution.solution.component);
        self.nodes.iter().copied().zip(labels).collect()
    }

    fn survivors(&self, entity: &Entity, members: &[i64]) -> BTreeMap<String, Survivor> {
        let members: Vec<Member> = members
            .iter()
            .map(|row| Member { reference: &self.rows[row].reference, state: &self.states[row] })
            .collect();
        let mut survivors = survive(&entity.entity, &entity.rules, &members);
        overrule(&entity.entity, &members, &self.overrides, &mut survivors);
        survivors
    }
}

fn refold(configuration: &Configuration, entity: &Entity, stored: &Stored, versions: &[Version]) -> State {
    let source = configuration.source_of(&stored.reference.system, stored.attachment);
    let versions = match stored.attachment {
        Some(_) => &versions[versions.len().saturating_sub(1)..],
        None => versions,
    };
    fold(&entity.entity, &entity.mapping, &source, versions)
}

/// Makes the state of an entity type what it should be and gives the number of golden records written. Alone among
/// the writers of the type; readers go on.
pub fn rebuild(entity_type: &str, action: &str, note: Option<&str>) -> Result<i64> {
    let _progress = Progress::begin(action, entity_type);
    lock::entity_exclusive(entity_type);
    isolation::check_entity(entity_type)?;
    let configuration = Configuration::current()?;
    let entity = configuration.entity(entity_type)?;
    let keyring = Keyring::new(&identity_secret()?, entity_type);
    let expected = Expected::of(&configuration, &entity, &keyring)?;
    let changed: BTreeSet<i64> = expected
        .states
        .iter()
        .filter(|(row, state)| expected.rows[row].state != **state)
        .map(|(row, _)| *row)
        .collect();
    let published = bring_about(&entity, &keyring, &expected, &changed, &BTreeSet::new(), Resurvive::All)?;
    vault::reseal()?;
    let written = published.created + published.updated + published.merged + published.retired;
    let detail = serde_json::json!({"golden_records": written, "records": changed.len()});
    event::audit(action, Some(entity_type), None, note, &detail)?;
    Ok(written as i64)
}

/// Takes many changed records in at once: what follows from them is computed for the whole type, which no other writer
/// may touch meanwhile.
pub fn take_in(
    entity: &Entity,
    keyring: &Keyring,
    changes: Vec<Change>,
    prepared: Option<Prepared>,
) -> Result<Published> {
    let name = &entity.entity.name;
    let _progress = Progress::begin("ingest", name);
    progress::phase("reading records", 0);
    let changed: BTreeSet<i64> = changes.iter().map(|change| change.record_id).collect();
    let new: BTreeSet<i64> = changes.iter().filter(|change| !change.existing).map(|change| change.record_id).collect();
    let (mut rows, mut states) = (BTreeMap::new(), BTreeMap::new());
    for row in record::by_entity(name)?.into_iter().filter(|row| !changed.contains(&row.record_id)) {
        states.insert(row.record_id, row.state.clone());
        rows.insert(row.record_id, row);
    }
    for change in changes {
        let Change { record_id, reference, attachment, golden, component, old, new, .. } = change;
        states.insert(record_id, new);
        rows.insert(record_id, Stored { record_id, reference, attachment, golden, component, state: old });
    }
    let expected = Expected::with(entity, keyring, rows, states, BTreeSet::new(), prepared)?;
    bring_about(entity, keyring, &expected, &changed, &new, Resurvive::Of(&BTreeSet::new()))
}

/// Makes what is stored what is expected. `changed` are the rows that say something else than is stored, `new` those
/// among them that are not written yet.
fn bring_about(
    entity: &Entity,
    keyring: &Keyring,
    expected: &Expected,
    changed: &BTreeSet<i64>,
    new: &BTreeSet<i64>,
    resurvive: Resurvive,
) -> Result<Published> {
    let entity_type = &entity.entity.name;
    let states: Vec<record::Said> =
        changed.iter().map(|row| (*row, &expected.rows[row].reference, &expected.states[row])).collect();
    progress::phase("writing states", states.len());
    record::put_states(&states)?;
    record::put_cross_references(&states)?;
    progress::phase("writing keys", 0);
    write_keys(entity_type, expected, new.len() == expected.rows.len())?;
    write_generic(entity, keyring, expected)?;

    let component_of = expected.components();
    // A rebuild mends what is stored: nothing is said anew.
    let writing = matches!(resurvive, Resurvive::Of(_));
    let placed: Vec<Placed> = expected
        .nodes
        .iter()
        .zip(&expected.resolution.solution.cluster)
        .map(|(row, cluster)| {
            let stored = &expected.rows[row];
            Placed {
                record_id: *row,
                reference: &stored.reference,
                state: &expected.states[row],
                attachment: stored.attachment,
                existing: !new.contains(row),
                golden: stored.golden,
                component: stored.component,
                changed: changed.contains(row),
                before: (writing && changed.contains(row)).then_some(&stored.state),
                cluster: *cluster,
                new_component: component_of[row],
            }
        })
        .collect();
    let departed: Vec<Departed> = expected
        .states
        .iter()
        .filter(|(row, state)| !state.live && (expected.rows[*row].golden.is_some() || new.contains(row)))
        .map(|(row, _)| {
            let stored = &expected.rows[row];
            Departed {
                record_id: *row,
                reference: &stored.reference,
                attachment: stored.attachment,
                existing: !new.contains(row),
                golden: stored.golden,
            }
        })
        .collect();
    let overrides = Overrides::on(expected.nodes.clone())?;
    let published = publish(entity, keyring, &placed, &departed, resurvive, &overrides)?;
    progress::phase("writing doubts", expected.reviews.len());
    let stored = matching::review_of_entity(entity_type)?;
    reconcile(entity_type, stored, expected.reviews.clone(), |_| "superseded")?;
    let labels: Vec<i64> = expected.nodes.iter().map(|row| component_of[row]).collect();
    let rows = limits(&entity.entity, &expected.resolution.solution, &labels);
    matching::put_limits(entity_type, None, &rows)?;
    Ok(published)
}

fn write_keys(entity_type: &str, expected: &Expected, all_new: bool) -> Result<()> {
    let stored = if all_new { Vec::new() } else { matching::keys_of_entity(entity_type)? };
    let stored: HashMap<(i64, i64), Option<i64>> =
        stored.into_iter().map(|holder| ((holder.key, holder.record_id), holder.name_key)).collect();
    // In the order of the index that they go into.
    let differs = |held: &&HeldKey| stored.get(&(held.key, held.row)) != Some(&held.name_key);
    let wanted = expected.holders.iter().filter(differs);
    let put: Vec<Holder> =
        wanted.map(|held| Holder { key: held.key, record_id: held.row, name_key: held.name_key }).collect();
    let is_held = |(key, row): &(i64, i64)| {
        expected.holders.binary_search_by_key(&(*key, *row), |held| (held.key, held.row)).is_ok()
    };
    let dropped: Vec<(i64, i64)> = stored.keys().filter(|ends| !is_held(ends)).copied().collect();
    matching::put_keys(&put)?;
    matching::drop_keys(&dropped)?;
    blocks::put_all(entity_type, &expected.blocks.members)?;
    blocks::put_all_crowded(entity_type, &expected.blocks.over)
}

fn write_generic(entity: &Entity, keyring: &Keyring, expected: &Expected) -> Result<()> {
    let name = &entity.entity.name;
    let stored: HashMap<i64, String> = matching::generic_of_entity(name)?.into_iter().collect();
    let wanted = expected.generic(entity, keyring);
    let keys: HashSet<i64> = wanted.iter().map(|generic| generic.key).collect();
    matching::drop_generic(stored.keys().filter(|key| !keys.contains(key)).copied().collect())?;
    let differs = |generic: &GenericKey| stored.get(&generic.key).map(String::as_str) != Some(generic.reason);
    let new: Vec<_> = wanted.into_iter().filter(differs).collect();
    matching::put_generic(name, &new)
}

/// One difference between what is stored and what should be.
pub struct Difference {
    /// `version`, `state`, `key`, `block`, `limit`, `key_ring`, `generic`, `component`, `membership`, `members`, `scope`, `value`,
    /// `lineage`, `review`, `golden_id`.
    pub kind: &'static str,
    /// The golden record concerned.
    pub golden: Option<Uuid>,
    /// The source record concerned.
    pub record: Option<RecordRef>,
    /// The attribute concerned, or the second record of a review pair.
    pub attribute: Option<String>,
    /// What is stored, without personal data.
    pub stored: Option<String>,
    /// What should be.
    pub expected: Option<String>,
}

/// Lists every difference between what is stored and what should be.
pub fn verify(entity_type: &str) -> Result<Vec<Difference>> {
    let _progress = Progress::begin("verify", entity_type);
    let configuration = Configuration::current()?;
    let entity = configuration.entity(entity_type)?;
    let Some(vault) = vault::find()? else {
        let lost = record::exists(entity_type)?;
        return Ok(if lost { vec![difference("key_ring", None, None)] } else { Vec::new() });
    };
    let keyring = Keyring::new(vault.identity(), entity_type);
    let expected = Expected::of(&configuration, &entity, &keyring)?;
    progress::phase("comparing", expected.rows.len());
    let mut found = Vec::new();
    verify_states(&expected, &mut found);
    verify_keys(entity_type, &expected, &mut found)?;
    verify_blocks(entity_type, &expected, &mut found)?;
    verify_generic(&entity, &keyring, &expected, &mut found)?;
    verify_golden(&entity, &expected, &mut found)?;
    verify_reviews(entity_type, &expected, &mut found)?;
    Ok(found)
}

fn difference(kind: &'static str, golden: Option<Uuid>, record: Option<&RecordRef>) -> Difference {
    Difference { kind, golden, record: record.cloned(), attribute: None, stored: None, expected: None }
}

fn verify_states(expected: &Expected, found: &mut Vec<Difference>) {
    for (row, stored) in &expected.rows {
        if expected.unreadable.contains(row) {
            found.push(difference("version", stored.golden, Some(&stored.reference)));
            continue;
        }
        match expected.states.get(row) {
            Some(state) if *state == stored.state => {}
            Some(state) => {
                let names: BTreeSet<&Box<str>> = state.held.keys().chain(stored.state.held.keys()).collect();
                let differs = names.into_iter().find(|name| state.held.get(*name) != stored.state.held.get(*name));
                let mut row = difference("state", stored.golden, Some(&stored.reference));
                row.attribute = differs.map(ToString::to_string);
                found.push(row);
            }
            None => found.push(difference("version", stored.golden, Some(&stored.reference))),
        }
    }
}

fn verify_keys(entity_type: &str, expected: &Expected, found: &mut Vec<Difference>) -> Result<()> {
    let mut stored: BTreeMap<(i64, i64), Option<i64>> = matching::keys_of_entity(entity_type)?
        .into_iter()
        .map(|holder| ((holder.record_id, holder.key), holder.name_key))
        .collect();
    let mut wrong = |row: i64, space: Option<&str>, stored: Option<i64>, wanted: Option<i64>| {
        let record = expected.rows.get(&row);
        let mut difference = difference("key", record.and_then(|row| row.golden), record.map(|row| &row.reference));
        difference.attribute = space.map(str::to_owned);
        difference.stored = stored.map(|key| key.to_string());
        difference.expected = wanted.map(|key| key.to_string());
        found.push(difference);
    };
    // A key that was changed is one damaged row: the missing and the surplus one of a record are told together.
    let mut missing = BTreeMap::<i64, Vec<(i64, &str)>>::new();
    for HeldKey { key, row, name_key, space, .. } in &expected.holders {
        match stored.remove(&(*row, *key)) {
            Some(held) if held == *name_key => {}
            Some(_) => wrong(*row, Some(space.name()), Some(*key), Some(*key)),
            None => missing.entry(*row).or_default().push((*key, space.name())),
        }
    }
    for (row, surplus) in stored.keys() {
        match missing.get_mut(row).and_then(Vec::pop) {
            Some((key, space)) => wrong(*row, Some(space), Some(*surplus), Some(key)),
            None => wrong(*row, None, Some(*surplus), None),
        }
    }
    for (row, keys) in missing {
        for (key, space) in keys {
            wrong(row, Some(space), None, Some(key));
        }
    }
    Ok(())
}

/// Blocks are compared record by record: a record in the wrong one is one damaged row.
fn verify_blocks(entity_type: &str, expected: &Expected, found: &mut Vec<Difference>) -> Result<()> {
    let stored = match blocks::of_entity(entity_type) {
        Ok(stored) => stored,
        Err(_) => {
            found.push(difference("block", None, None));
            return Ok(());
        }
    };
    let known: HashSet<&(i64, i64)> = stored.iter().collect();
    let wanted: HashSet<&(i64, i64)> = expected.blocks.members.iter().collect();
    let mut wrong: BTreeMap<i64, (Option<i64>, Option<i64>)> = BTreeMap::new();
    known.difference(&wanted).for_each(|(block, row)| wrong.entry(*row).or_default().0 = Some(*block));
    wanted.difference(&known).for_each(|(block, row)| wrong.entry(*row).or_default().1 = Some(*block));
    for (row, (surplus, missing)) in wrong {
        let record = expected.rows.get(&row);
        let mut difference = difference("block", record.and_then(|row| row.golden), record.map(|row| &row.reference));
        difference.stored = surplus.map(|block| block.to_string());
        difference.expected = missing.map(|block| block.to_string());
        found.push(difference);
    }
    let mut crowded = blocks::crowded_of_entity(entity_type)?;
    for over in &expected.blocks.over {
        let held = crowded.remove(&over.block);
        if held != Some(over.members) {
            let mut row = difference("limit", None, None);
            row.stored = held.map(|members| members.to_string());
            row.expected = Some(over.members.to_string());
            found.push(row);
        }
    }
    for members in crowded.into_values() {
        let mut row = difference("limit", None, None);
        row.stored = Some(members.to_string());
        found.push(row);
    }
    Ok(())
}

fn verify_generic(entity: &Entity, keyring: &Keyring, expected: &Expected, found: &mut Vec<Difference>) -> Result<()> {
    let mut stored: BTreeMap<i64, String> = matching::generic_of_entity(&entity.entity.name)?.into_iter().collect();
    for generic in expected.generic(entity, keyring) {
        let held = stored.remove(&generic.key);
        if held.as_deref() != Some(generic.reason) {
            let mut row = difference("generic", None, None);
            row.attribute = Some(generic.attribute);
            row.stored = held;
            row.expected = Some(generic.reason.to_owned());
            found.push(row);
        }
    }
    for (_, reason) in stored {
        let mut row = difference("generic", None, None);
        row.stored = Some(reason);
        found.push(row);
    }
    Ok(())
}

fn verify_golden(entity: &Entity, expected: &Expected, found: &mut Vec<Difference>) -> Result<()> {
    let goldens: BTreeMap<Uuid, golden::Stored> =
        golden::of_entity(&entity.entity.name)?.into_iter().map(|golden| (golden.id, golden)).collect();
    let component_of = expected.components();
    for (row, stored) in &expected.rows {
        let wanted = component_of.get(row).copied();
        if stored.component != wanted {
            let mut difference = difference("component", stored.golden, Some(&stored.reference));
            difference.stored = stored.component.map(|component| component.to_string());
            difference.expected = wanted.map(|component| component.to_string());
            found.push(difference);
        }
        if stored.golden.is_some() && !component_of.contains_key(row) {
            found.push(difference("membership", stored.golden, Some(&stored.reference)));
        }
    }
    let mut given = BTreeSet::new();
    let clusters = expected.clusters();
    let ids = identify(expected, &clusters, &goldens);
    for (members, id) in clusters.into_iter().zip(ids) {
        for row in members.iter().filter(|row| id.is_none() || expected.rows[row].golden != id) {
            let stored = &expected.rows[row];
            let mut difference = difference("membership", id, Some(&stored.reference));
            difference.stored = stored.golden.map(|golden| golden.to_string());
            difference.expected = id.map(|golden| golden.to_string());
            found.push(difference);
        }
        let Some(id) = id else { continue };
        given.insert(id);
        match goldens.get(&id).filter(|golden| golden.live) {
            Some(golden) => {
                let survivors = expected.survivors(entity, &members);
                verify_summary(expected, golden, &members, &survivors, found);
                verify_values(entity, golden, &survivors, found);
            }
            None => found.push(difference("golden_id", Some(id), None)),
        }
    }
    for golden in goldens.values() {
        let lost = golden.live && !given.contains(&golden.id);
        if lost || (!golden.live && ends_nowhere(&goldens, golden)) {
            found.push(difference("golden_id", Some(golden.id), None));
        }
    }
    Ok(())
}

/// The stored golden id of each cluster: every living id claims the cluster with most of its members (tie: most of its
/// founders), every cluster takes the claimant with most members in it (tie: founders, then the older).
fn identify(expected: &Expected, clusters: &[Vec<i64>], goldens: &BTreeMap<Uuid, golden::Stored>) -> Vec<Option<Uuid>> {
    let home: HashMap<i64, usize> =
        clusters.iter().enumerate().flat_map(|(c, members)| members.iter().map(move |row| (*row, c))).collect();
    let mut votes = HashMap::<Uuid, BTreeMap<usize, (usize, usize)>>::new();
    for (row, stored) in &expected.rows {
        if let (Some(cluster), Some(golden)) = (home.get(row), stored.golden) {
            votes.entry(golden).or_default().entry(*cluster).or_default().0 += 1;
        }
    }
    for golden in goldens.values().filter(|golden| golden.live) {
        for cluster in golden.founders.iter().filter_map(|row| home.get(row)) {
            votes.entry(golden.id).or_default().entry(*cluster).or_default().1 += 1;
        }
    }
    let mut best: Vec<Option<((usize, usize, i64), Uuid)>> = vec![None; clusters.len()];
    for (golden, votes) in votes {
        let claim = votes.into_iter().max_by_key(|(cluster, vote)| (*vote, std::cmp::Reverse(*cluster)));
        let Some((cluster, (members, founders))) = claim else { continue };
        let seq = goldens.get(&golden).map_or(i64::MAX, |golden| golden.seq);
        let weight = (members, founders, -seq);
        if best[cluster].is_none_or(|(kept, _)| kept < weight) {
            best[cluster] = Some((weight, golden));
        }
    }
    best.into_iter().map(|claim| claim.map(|(_, golden)| golden)).collect()
}

/// Whether following redirects from here leads in a circle.
fn ends_nowhere(goldens: &BTreeMap<Uuid, golden::Stored>, from: &golden::Stored) -> bool {
    let mut at = from;
    for _ in 0..=goldens.len() {
        match at.merged_into.and_then(|into| goldens.get(&into)) {
            Some(next) => at = next,
            None => return at.merged_into.is_some(),
        }
    }
    true
}

/// What a golden record says of its members, and under which systems and regions its values are kept.
fn verify_summary(
    expected: &Expected,
    stored: &golden::Stored,
    members: &[i64],
    survivors: &BTreeMap<String, Survivor>,
    found: &mut Vec<Difference>,
) {
    let systems: BTreeSet<&str> = members.iter().map(|row| expected.rows[row].reference.system.as_str()).collect();
    if stored.records as usize != members.len()
        || !systems.iter().copied().eq(stored.systems.iter().map(String::as_str))
        || stored.merged_into.is_some()
    {
        let mut row = difference("members", Some(stored.id), None);
        row.stored = Some(format!("{} of {}", stored.records, stored.systems.join(", ")));
        row.expected = Some(format!("{} of {}", members.len(), systems.into_iter().collect::<Vec<_>>().join(", ")));
        found.push(row);
    }
    for (name, survivor) in survivors {
        let winner = members.iter().find(|row| expected.rows[*row].reference == survivor.winner);
        let region = winner.map_or("", |row| expected.states[row].region.as_str());
        let wanted = (survivor.winner.system.as_str(), region);
        let held = stored.scopes.get(name).map(|(system, region)| (system.as_str(), region.as_str()));
        if held.is_some() && held != Some(wanted) {
            let mut row = difference("scope", Some(stored.id), None);
            row.attribute = Some(name.clone());
            row.stored = held.map(|(system, region)| format!("{system} {region}"));
            row.expected = Some(format!("{} {}", wanted.0, wanted.1));
            found.push(row);
        }
    }
}

fn verify_values(
    entity: &Entity,
    stored: &golden::Stored,
    survivors: &BTreeMap<String, Survivor>,
    found: &mut Vec<Difference>,
) {
    let (attributes, shown_now) = (masked(&entity.entity, survivors), stored.attributes());
    let lines = |survivors| lineage(survivors).unwrap_or_default();
    let (lines, lines_now) = if stored.has_lineage(&pack_lineage(survivors)) {
        Default::default()
    } else {
        (lines(survivors), lines(&stored.lineage()))
    };
    let names: BTreeSet<&String> = survivors
        .keys()
        .chain(stored.values.keys())
        .chain(shown_now.as_object().into_iter().flatten().map(|(name, _)| name))
        .chain(lines_now.as_object().into_iter().flatten().map(|(name, _)| name))
        .collect();
    for name in names {
        let kind = entity.entity.attribute(name).map(|attribute| attribute.kind);
        let shown = |value: Option<&Value>| Some(mask(&value?.display, kind?));
        let value = survivors.get(name).map(|survivor| &survivor.value);
        if stored.values.get(name) != value || shown_now.get(name) != attributes.get(name) {
            let mut row = difference("value", Some(stored.id), None);
            row.attribute = Some(name.clone());
            row.stored = shown_now
                .get(name)
                .and_then(|text| text.as_str())
                .map(str::to_owned)
                .or_else(|| shown(stored.values.get(name)));
            row.expected = shown(value);
            found.push(row);
        }
        if lines_now.get(name) != lines.get(name) {
            let mut row = difference("lineage", Some(stored.id), None);
            row.attribute = Some(name.clone());
            row.stored = lines_now.get(name).map(ToString::to_string);
            row.expected = lines.get(name).map(ToString::to_string);
            found.push(row);
        }
    }
}

fn verify_reviews(entity_type: &str, expected: &Expected, found: &mut Vec<Difference>) -> Result<()> {
    let essence = |pair: &ReviewPair| ((pair.a, pair.b), (format!("{:.3}", pair.score), pair.reason.clone()));
    let stored: BTreeMap<_, _> = matching::review_of_entity(entity_type)?.iter().map(essence).collect();
    let wanted: BTreeMap<_, _> = expected.reviews.iter().map(essence).collect();
    let ends: BTreeSet<&(i64, i64)> = stored.keys().chain(wanted.keys()).collect();
    for pair in ends.into_iter().filter(|pair| stored.get(*pair) != wanted.get(*pair)) {
        let text = |found: Option<&(String, String)>| found.map(|(score, reason)| format!("{reason} {score}"));
        let a = expected.rows.get(&pair.0);
        let mut row = difference("review", a.and_then(|row| row.golden), a.map(|row| &row.reference));
        row.attribute = expected.rows.get(&pair.1).map(|row| format!("{}/{}", row.reference.system, row.reference.id));
        row.stored = text(stored.get(pair));
        row.expected = text(wanted.get(pair));
        found.push(row);
    }
    Ok(())
}

/// What the digest is made of, as it is stored.
struct Snapshot {
    /// Members, ascending, and values.
    golden: Vec<(Vec<RecordRef>, BTreeMap<String, Survivor>)>,
    /// Open review items: smallest members, reason, 1/1000 points.
    open: Vec<(RecordRef, RecordRef, String, i64)>,
}

impl Snapshot {
    fn read(entity_type: &str) -> Result<Snapshot> {
        Configuration::current()?.entity(entity_type)?;
        let rows = record::by_entity(entity_type)?;
        let goldens: HashMap<Uuid, golden::Stored> =
            golden::of_entity(entity_type)?.into_iter().map(|golden| (golden.id, golden)).collect();
        let golden_of: HashMap<i64, Uuid> = rows.iter().filter_map(|row| Some((row.record_id, row.golden?))).collect();
        let mut members = BTreeMap::<Uuid, Vec<RecordRef>>::new();
        for (row, id) in rows.into_iter().filter_map(|row| Some((row.reference, row.golden?))) {
            members.entry(id).or_default().push(row);
        }
        members.values_mut().for_each(|references| references.sort());
        let head = |row: i64| members.get(golden_of.get(&row)?)?.first();
        let mut open = Vec::new();
        for pair in matching::review_of_entity(entity_type)? {
            if let (Some(a), Some(b)) = (head(pair.a), head(pair.b)) {
                open.push((a.clone(), b.clone(), pair.reason, (pair.score * 1000.0).round() as i64));
            }
        }
        let mut golden = Vec::with_capacity(members.len());
        for (id, references) in members {
            golden.push((references, goldens.get(&id).map(survivors).transpose()?.unwrap_or_default()));
        }
        Ok(Snapshot { golden, open })
    }

    fn golden(&self) -> impl Iterator<Item = digest::Golden<'_>> {
        self.golden.iter().map(|(members, values)| digest::Golden { members, values })
    }

    fn open(&self) -> Vec<digest::Open<'_>> {
        let open = self.open.iter();
        open.map(|(a, b, reason, millipoints)| digest::Open { a, b, reason, millipoints: *millipoints }).collect()
    }
}

/// SHA-256 of the state as it is stored, in hexadecimal.
pub fn digest(entity_type: &str) -> Result<String> {
    let snapshot = Snapshot::read(entity_type)?;
    Ok(digest::digest(snapshot.golden(), &snapshot.open()))
}

/// The text that [`digest`] hashes.
pub fn digest_text(entity_type: &str) -> Result<String> {
    let snapshot = Snapshot::read(entity_type)?;
    Ok(digest::digest_text(snapshot.golden(), &snapshot.open()))
}

fn survivors(golden: &golden::Stored) -> Result<BTreeMap<String, Survivor>> {
    let mut lines = golden.lineage();
    let survivor = |(name, value): (&String, &Value)| {
        let lost = || Failure::internal("the lineage of a value is lost");
        let line = lines.remove(name).ok_or_else(lost)?;
        Ok((name.clone(), Survivor { value: value.clone(), ..line }))
    };
    golden.values.iter().map(survivor).collect()
}
