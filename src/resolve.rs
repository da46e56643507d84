//! The conductor of a write: changed records → keys → candidates → affected components → partition → publish.
//!
//! Every step is one statement or one pure call for the whole set; nothing loops over records with queries.

use crate::configuration::Entity;
use crate::error::{Failure, Result};
use crate::isolation;
use crate::lock::Held;
use crate::publish::{publish, Departed, Placed, Published};
use crate::store::event;
use crate::store::matching::{self, GenericKey, Holder, Limit, ReviewPair};
use crate::store::record::{self, Stored};
use golden_record_core::block::{self, Key, Space};
use golden_record_core::cluster::decision::Decision;
use golden_record_core::cluster::Reason;
use golden_record_core::entity::EntityType;
use golden_record_core::kind::Kind;
use golden_record_core::mask::mask;
use golden_record_core::record::{RecordRef, State};
use golden_record_core::resolve::{explain, solve, Node, Solution};
use pgrx::datum::Uuid;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// The secrets under which one entity type's keys and ids are made.
pub struct Keyring {
    /// The identity secret.
    pub secret: Vec<u8>,
    /// The same with the entity type: equal values of two types are two keys.
    typed: Vec<u8>,
}

impl Keyring {
    /// The keyring of an entity type.
    pub fn new(secret: &[u8], entity_type: &str) -> Keyring {
        let typed = [secret, b"/", entity_type.as_bytes()].concat();
        Keyring { secret: secret.to_vec(), typed }
    }

    /// The keys that a live record holds, each with its digest; none for a record that is not live. The full name is
    /// among them, for look-ups.
    pub fn keys(&self, entity: &EntityType, reference: &RecordRef, state: &State) -> Vec<(i64, Key)> {
        if !state.live {
            return Vec::new();
        }
        let mut keys = block::keys(entity, reference, state);
        keys.extend(block::full_name(entity, state).map(Keyring::name));
        keys.into_iter().map(|key| (key.digest(&self.typed), key)).collect()
    }

    /// The key of a full name.
    pub fn name(value: String) -> Key {
        Key { space: Space::Name, value, generic_by_form: false }
    }

    /// The digest of one key.
    pub fn digest(&self, key: &Key) -> i64 {
        key.digest(&self.typed)
    }

    /// The keyed hash of the record's full name.
    pub fn name_key(&self, entity: &EntityType, state: &State) -> Option<i64> {
        block::name_key(entity, state, &self.typed)
    }
}

/// A source record that a statement changed.
pub struct Change {
    /// Its row.
    pub record_id: i64,
    /// Its name.
    pub reference: RecordRef,
    /// The attached table it comes from.
    pub attachment: Option<i64>,
    /// False when its row is still to be written.
    pub existing: bool,
    /// Its golden record before.
    pub golden: Option<Uuid>,
    /// Its component before.
    pub component: Option<i64>,
    /// What it said.
    pub old: State,
    /// What it says now.
    pub new: State,
}

/// Resolves what a statement changed and writes all that follows from it. Gives the golden records of the records.
pub fn apply(
    entity: &Entity,
    keyring: &Keyring,
    held: &mut Held,
    changes: Vec<Change>,
    feed: &str,
) -> Result<HashMap<RecordRef, Option<Uuid>>> {
    if changes.is_empty() {
        return Ok(HashMap::new());
    }
    let published = Work::new(entity, keyring, changes).run(held, &BTreeSet::new(), "superseded")?;
    if published.0.any() {
        let detail = serde_json::json!({
            "feed": feed, "records": published.1.len(), "created": published.0.created, "updated": published.0.updated,
            "merged": published.0.merged, "retired": published.0.retired,
        });
        event::audit("ingest", Some(&entity.entity.name), None, None, &detail)?;
    }
    let goldens = published.0.goldens;
    Ok(published.1.into_iter().map(|(reference, row)| (reference, goldens.get(&row).copied())).collect())
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
    Ok(Work::new(entity, keyring, Vec::new()).run(held, &rows, outcome)?.0)
}

/// A record as this statement sees it.
struct Seen {
    reference: RecordRef,
    state: State,
    attachment: Option<i64>,
    golden: Option<Uuid>,
    component: Option<i64>,
    existing: bool,
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
    /// Live records by row: the changed ones, then whatever is loaded.
    seen: BTreeMap<i64, Seen>,
    /// Who holds a key, for keys that were looked up.
    holders: HashMap<i64, Vec<(i64, Option<i64>)>>,
    /// Keys known to be generic, or known not to be.
    generic: HashMap<i64, bool>,
}

impl<'a> Work<'a> {
    fn new(entity: &'a Entity, keyring: &'a Keyring, changes: Vec<Change>) -> Work<'a> {
        let changed = changes.iter().map(|change| (change.record_id, change.new.live)).collect();
        let (seen, holders, generic) = (BTreeMap::new(), HashMap::new(), HashMap::new());
        Work { entity, keyring, changes, changed, seen, holders, generic }
    }

    fn run(
        mut self,
        held: &mut Held,
        reconsidered: &BTreeSet<i64>,
        outcome: &'static str,
    ) -> Result<(Published, Vec<(RecordRef, i64)>)> {
        let types = &self.entity.entity;
        let mut old_keys = Vec::new();
        for change in &self.changes {
            let keys = self.keyring.keys(types, &change.reference, &change.new);
            old_keys.push(self.keyring.keys(types, &change.reference, &change.old));
            if change.new.live {
                self.seen.insert(
                    change.record_id,
                    Seen {
                        reference: change.reference.clone(),
                        state: change.new.clone(),
                        attachment: change.attachment,
                        golden: change.golden,
                        component: change.component,
                        existing: change.existing,
                        changed: true,
                        keys,
                    },
                );
            }
        }
        let touched: BTreeSet<i64> = old_keys
            .iter()
            .flatten()
            .map(|(digest, _)| *digest)
            .chain(self.seen.values().flat_map(|record| record.keys.iter().map(|(digest, _)| *digest)))
            .collect();
        held.keys(touched.iter().copied());
        let reconsidered_rows = record::by_id(reconsidered.iter().copied().collect())?;
        held.keys(reconsidered_rows.iter().flat_map(|row| {
            self.keyring.keys(types, &row.reference, &row.state).into_iter().map(|(digest, _)| digest)
        }));
        self.add(reconsidered_rows);

        let changed_rows: Vec<i64> = self.changes.iter().map(|change| change.record_id).collect();
        let decisions = matching::decisions_of(changed_rows.iter().chain(reconsidered).copied().collect())?;
        let decided: BTreeSet<i64> = decisions
            .iter()
            .flat_map(|decision| decision.side_a.iter().chain(&decision.side_b).map(|member| member.record_id))
            .collect();

        // What a transaction with one snapshot must know, before it writes. The old components are enough: a record
        // that came or went shows among the holders.
        let components: Vec<i64> = self.changes.iter().filter_map(|change| change.component).collect();
        isolation::check(&touched.iter().copied().collect::<Vec<_>>(), &components, &changed_rows)?;

        self.write_states_and_keys(&old_keys)?;
        let flipped = self.judge(&old_keys)?;
        let mut rescored: BTreeSet<i64> = self.seen.keys().copied().collect();
        rescored.extend(flipped.iter().copied());
        self.load(&flipped)?;
        let partners = self.partners(&rescored)?;

        let mut anchors: BTreeSet<i64> = flipped;
        anchors.extend(reconsidered);
        anchors.extend(decided);
        let auto = millipoints(types.options.auto);
        let review = millipoints(types.options.review);
        let mut doubtful = Vec::new();
        for (a, b) in partners {
            let score = self.explain(a, b)?;
            if score.millipoints >= auto {
                anchors.extend([a, b]);
            } else if score.millipoints > review {
                doubtful.push((a, b, score));
            }
        }
        let members = self.lock_components(held, &anchors)?;
        isolation::check(
            &[],
            &members.iter().filter_map(|row| self.seen.get(row)?.component).collect::<Vec<_>>(),
            &[],
        )?;

        let nodes: Vec<i64> = {
            let mut rows: Vec<i64> = members.into_iter().collect();
            rows.sort_by(|a, b| self.seen[a].reference.cmp(&self.seen[b].reference));
            rows
        };
        self.learn_generic(&nodes)?;
        let decisions = matching::decisions_of(nodes.iter().chain(&rescored).copied().collect())?;
        let solution = self.solve(&nodes, &decisions);
        let published = self.publish(&nodes, &solution)?;
        self.write_reviews(&nodes, &rescored, &solution, doubtful, &decisions, outcome)?;
        self.write_limits(&nodes, &solution)?;
        let changed = self.changes.into_iter().map(|change| (change.reference, change.record_id)).collect();
        Ok((published, changed))
    }

    /// Takes loaded records in; a changed one stays as the change made it.
    fn add(&mut self, rows: Vec<Stored>) {
        for row in rows {
            if row.golden.is_none() || self.changed.contains_key(&row.record_id) {
                continue;
            }
            let keys = self.keyring.keys(&self.entity.entity, &row.reference, &row.state);
            self.seen.entry(row.record_id).or_insert(Seen {
                reference: row.reference,
                state: row.state,
                attachment: row.attachment,
                golden: row.golden,
                component: row.component,
                existing: true,
                changed: false,
                keys,
            });
        }
    }

    fn load(&mut self, rows: &BTreeSet<i64>) -> Result<()> {
        let missing: Vec<i64> = rows.iter().filter(|row| !self.seen.contains_key(row)).copied().collect();
        if !missing.is_empty() {
            self.add(record::by_id(missing)?);
        }
        Ok(())
    }

    /// Writes what the changed records say, and the difference between the keys they held and hold.
    fn write_states_and_keys(&self, old_keys: &[Vec<(i64, Key)>]) -> Result<()> {
        let types = &self.entity.entity;
        let states: Vec<(i64, &State)> = self
            .changes
            .iter()
            .filter(|change| !change.existing || change.old != change.new)
            .map(|change| (change.record_id, &change.new))
            .collect();
        record::put_states(&states)?;
        let related = self.changes.iter().filter(|change| change.old.cross_references != change.new.cross_references);
        let related: Vec<(i64, &State)> = related.map(|change| (change.record_id, &change.new)).collect();
        if !related.is_empty() {
            record::put_cross_references(&related)?;
        }
        let (mut put, mut dropped) = (Vec::new(), Vec::new());
        for (change, old) in self.changes.iter().zip(old_keys) {
            let name_key = self.keyring.name_key(types, &change.new);
            let same_name = name_key == self.keyring.name_key(types, &change.old);
            let before: HashSet<i64> = old.iter().map(|(digest, _)| *digest).collect();
            let now: HashSet<i64> = self
                .seen
                .get(&change.record_id)
                .map(|record| record.keys.iter().map(|(digest, _)| *digest).collect())
                .unwrap_or_default();
            let holder = |key: &i64| Holder { key: *key, record_id: change.record_id, name_key };
            put.extend(now.iter().filter(|key| !same_name || !before.contains(key)).map(holder));
            dropped.extend(before.difference(&now).map(|key| (*key, change.record_id)));
        }
        matching::put_keys(&put)?;
        matching::drop_keys(&dropped)
    }

    /// Decides anew which of the changed records' keys are generic, and gives the holders of those that turned.
    fn judge(&mut self, old_keys: &[Vec<(i64, Key)>]) -> Result<BTreeSet<i64>> {
        let mut keys: BTreeMap<i64, Key> = old_keys.iter().flatten().cloned().collect();
        keys.extend(self.seen.values().filter(|record| record.changed).flat_map(|record| record.keys.iter().cloned()));
        keys.retain(|_, key| key.space != Space::Name);
        self.look_up(keys.keys().copied().collect())?;
        let stored: HashMap<i64, String> = matching::generic(keys.keys().copied().collect())?.into_iter().collect();
        let block_limit = self.entity.entity.options.block_limit as usize;
        let (mut now_generic, mut no_longer) = (Vec::new(), Vec::new());
        let (mut flipped, mut crowded) = (BTreeSet::new(), Vec::new());
        for (digest, key) in &keys {
            let holders = self.holders.get(digest).map(Vec::as_slice).unwrap_or_default();
            let verdict = verdict(&self.entity.entity, *digest, key, holders).filter(|_| !holders.is_empty());
            let (was, is) = (stored.get(digest), verdict.is_some());
            self.generic.insert(*digest, is || key.generic_by_form);
            if was.is_some() != is && !key.generic_by_form {
                if holders.len() > block_limit {
                    crowded.push(*digest);
                }
                flipped.extend(holders.iter().map(|(row, _)| *row));
            }
            match verdict {
                Some(generic) if was.map(String::as_str) != Some(generic.reason) => now_generic.push(generic),
                None if was.is_some() => no_longer.push(*digest),
                _ => {}
            }
        }
        // Looked up as far as the limit only: those beyond it turned as well.
        flipped.extend(matching::holders(crowded, i64::MAX)?.into_iter().map(|holder| holder.record_id));
        matching::put_generic(&self.entity.entity.name, &now_generic)?;
        matching::drop_generic(no_longer)?;
        Ok(flipped)
    }

    /// Reads who holds keys that were not looked up yet.
    fn look_up(&mut self, keys: Vec<i64>) -> Result<()> {
        let missing: Vec<i64> = keys.into_iter().filter(|key| !self.holders.contains_key(key)).collect();
        let limit = i64::from(self.entity.entity.options.block_limit) + 1;
        for key in &missing {
            self.holders.insert(*key, Vec::new());
        }
        for holder in matching::holders(missing, limit)? {
            self.holders.entry(holder.key).or_default().push((holder.record_id, holder.name_key));
        }
        Ok(())
    }

    /// Learns which keys of records are generic, for keys that this statement did not judge.
    fn learn_generic(&mut self, rows: &[i64]) -> Result<()> {
        let keys: BTreeMap<i64, bool> = rows
            .iter()
            .filter_map(|row| self.seen.get(row))
            .flat_map(|record| record.keys.iter().map(|(digest, key)| (*digest, key.generic_by_form)))
            .filter(|(digest, _)| !self.generic.contains_key(digest))
            .collect();
        let stored: HashMap<i64, String> = matching::generic(keys.keys().copied().collect())?.into_iter().collect();
        for (digest, by_form) in keys {
            self.generic.insert(digest, by_form || stored.contains_key(&digest));
        }
        Ok(())
    }

    /// The pairs of a rescored record and a candidate of it: they share a key that counts.
    fn partners(&mut self, rescored: &BTreeSet<i64>) -> Result<BTreeSet<(i64, i64)>> {
        let rows: Vec<i64> = rescored.iter().copied().collect();
        self.learn_generic(&rows)?;
        let counting = |work: &Work, row: &i64| -> Vec<i64> {
            let Some(record) = work.seen.get(row) else { return Vec::new() };
            let counts =
                |(digest, key): &&(i64, Key)| key.space != Space::Name && work.generic.get(digest) != Some(&true);
            record.keys.iter().filter(counts).map(|(digest, _)| *digest).collect()
        };
        let keys: Vec<i64> = rows.iter().flat_map(|row| counting(self, row)).collect();
        self.look_up(keys)?;
        let mut pairs = BTreeSet::new();
        for row in &rows {
            for key in counting(self, row) {
                let holders = self.holders.get(&key).map(Vec::as_slice).unwrap_or_default();
                pairs.extend(
                    holders
                        .iter()
                        .filter(|(other, _)| other != row)
                        .map(|(other, _)| (*row.min(other), *row.max(other))),
                );
            }
        }
        self.load(&pairs.iter().flat_map(|(a, b)| [*a, *b]).collect())?;
        let partners: Vec<i64> =
            pairs.iter().flat_map(|(a, b)| [*a, *b]).collect::<BTreeSet<_>>().into_iter().collect();
        self.learn_generic(&partners)?;
        Ok(pairs)
    }

    fn is_generic(&self, key: &Key) -> bool {
        key.generic_by_form || self.generic.get(&self.keyring.digest(key)).copied().unwrap_or(false)
    }

    fn node(&self, row: i64) -> Result<Node<'_>> {
        let record = self.seen.get(&row).ok_or_else(|| Failure::internal("a block key has no live record"))?;
        Ok(Node { reference: &record.reference, state: &record.state })
    }

    fn explain(&self, a: i64, b: i64) -> Result<golden_record_core::score::Score> {
        Ok(explain(&self.entity.entity, &|key| self.is_generic(key), &self.node(a)?, &self.node(b)?))
    }

    /// Locks the components of the anchors and of the changed records, and loads their members. Reads again after
    /// each wait, until no component is new.
    fn lock_components(&mut self, held: &mut Held, anchors: &BTreeSet<i64>) -> Result<BTreeSet<i64>> {
        let rows: Vec<i64> = anchors
            .iter()
            .copied()
            .chain(self.changes.iter().filter(|change| change.existing).map(|change| change.record_id))
            .collect();
        let mut components = record::components(rows.clone())?;
        while held.components(components.iter().copied()) {
            components = record::components(rows.clone())?;
        }
        let loaded = record::by_component(components)?;
        let mut members: BTreeSet<i64> = loaded.iter().map(|row| row.record_id).collect();
        // Another writer may have resolved a changed record's component until it was locked.
        let now: HashMap<i64, &Stored> = loaded.iter().map(|row| (row.record_id, row)).collect();
        for change in &mut self.changes {
            if let Some(row) = now.get(&change.record_id) {
                (change.golden, change.component) = (row.golden, row.component);
            }
        }
        // And changed a member that is no candidate of ours: what is loaded now counts.
        for row in &loaded {
            if let Some(seen) = self.seen.get_mut(&row.record_id).filter(|seen| seen.changed) {
                (seen.golden, seen.component) = (row.golden, row.component);
            }
            if self.seen.get(&row.record_id).is_some_and(|seen| !seen.changed) {
                self.seen.remove(&row.record_id);
            }
        }
        self.add(loaded);
        members.extend(self.changes.iter().map(|change| change.record_id));
        members.retain(|row| self.seen.contains_key(row));
        Ok(members)
    }

    fn solve(&self, nodes: &[i64], decisions: &[matching::StoredDecision]) -> Solution {
        let bound: Vec<Node> = nodes
            .iter()
            .map(|row| Node { reference: &self.seen[row].reference, state: &self.seen[row].state })
            .collect();
        let decisions: Vec<Decision> = decisions.iter().map(|decision| living(decision, &self.changed)).collect();
        solve(&self.entity.entity, &bound, &|key| self.is_generic(key), &decisions)
    }

    fn publish(&self, nodes: &[i64], solution: &Solution) -> Result<Published> {
        let components = components(nodes, &solution.component);
        let placed: Vec<Placed> = nodes
            .iter()
            .enumerate()
            .map(|(index, row)| {
                let record = &self.seen[row];
                Placed {
                    record_id: *row,
                    reference: &record.reference,
                    state: &record.state,
                    attachment: record.attachment,
                    existing: record.existing,
                    golden: record.golden,
                    component: record.component,
                    changed: record.changed,
                    cluster: solution.cluster[index],
                    new_component: components[index],
                }
            })
            .collect();
        let departed: Vec<Departed> = self
            .changes
            .iter()
            .filter(|change| !change.new.live)
            .map(|change| Departed {
                record_id: change.record_id,
                reference: &change.reference,
                attachment: change.attachment,
                existing: change.existing,
                golden: change.golden,
            })
            .collect();
        publish(self.entity, self.keyring, &placed, &departed, false)
    }

    /// Brings the open review pairs up to date: those among the nodes as the solution has them, those between a
    /// rescored record and one elsewhere as they score.
    fn write_reviews(
        &self,
        nodes: &[i64],
        rescored: &BTreeSet<i64>,
        solution: &Solution,
        doubtful: Vec<(i64, i64, golden_record_core::score::Score)>,
        decisions: &[matching::StoredDecision],
        outcome: &'static str,
    ) -> Result<()> {
        let inside: HashSet<i64> = nodes.iter().copied().collect();
        let mut wanted = Vec::new();
        for pair in &solution.review {
            let (a, b) = (nodes[pair.a as usize], nodes[pair.b as usize]);
            let score = self.explain(a, b)?;
            wanted.push(review_pair(a, b, pair.reason, &score)?);
        }
        for (a, b, score) in doubtful {
            let across = !(inside.contains(&a) && inside.contains(&b));
            if across && newest(decisions, a, b).is_none() {
                wanted.push(review_pair(a, b, Reason::Score, &score)?);
            }
        }
        let gone = self.changes.iter().filter(|change| !change.new.live).map(|change| change.record_id);
        let looked_at: BTreeSet<i64> = inside.iter().chain(rescored).copied().chain(gone.clone()).collect();
        let gone: HashSet<i64> = gone.collect();
        let stored = matching::review_of(looked_at.into_iter().collect())?;
        let ours = |pair: &ReviewPair| {
            let (a, b) = (pair.a, pair.b);
            let ends = [a, b].iter().any(|row| rescored.contains(row) || gone.contains(row));
            ends || (inside.contains(&a) && inside.contains(&b))
        };
        reconcile(&self.entity.entity.name, stored.into_iter().filter(ours).collect(), wanted, |pair| {
            match newest(decisions, pair.a, pair.b) {
                Some(true) => "same",
                Some(false) => "different",
                None => outcome,
            }
        })
    }

    fn write_limits(&self, nodes: &[i64], solution: &Solution) -> Result<()> {
        let components = components(nodes, &solution.component);
        let before = nodes.iter().filter_map(|row| self.seen[row].component);
        let left = self.changes.iter().filter_map(|change| change.component);
        let looked_at: BTreeSet<i64> = components.iter().copied().chain(before).chain(left).collect();
        let limits = limits(&self.entity.entity, solution, &components);
        matching::put_limits(&self.entity.entity.name, Some(looked_at.into_iter().collect()), &limits)
    }
}

/// A threshold in points as 1/1000 points.
pub fn millipoints(points: f64) -> i64 {
    (points * 1000.0).round() as i64
}

/// The component of each node: the smallest row id in it.
pub fn components(nodes: &[i64], component: &[u32]) -> Vec<i64> {
    let mut smallest = HashMap::<u32, i64>::new();
    for (row, label) in nodes.iter().zip(component) {
        let least = smallest.entry(*label).or_insert(*row);
        *least = (*least).min(*row);
    }
    component.iter().map(|label| smallest[label]).collect()
}

/// The limits of a solution as rows.
pub fn limits(entity: &EntityType, solution: &Solution, components: &[i64]) -> Vec<Limit> {
    let mut rows = BTreeMap::<(i64, &'static str), Limit>::new();
    for limit in &solution.limits {
        let threshold = match limit.what {
            Reason::ComponentCap => entity.options.component_cap,
            _ => entity.options.cap,
        };
        let component = components[limit.node as usize];
        let row =
            Limit { component, what: limit.what.name(), figure: limit.figure as i64, threshold: i64::from(threshold) };
        let kept = rows.entry((component, row.what)).or_insert(Limit { figure: 0, ..row });
        kept.figure = kept.figure.max(limit.figure as i64);
    }
    rows.into_values().collect()
}

/// Why a key is generic, if it is.
pub fn verdict(entity: &EntityType, digest: i64, key: &Key, holders: &[(i64, Option<i64>)]) -> Option<GenericKey> {
    let names = holders.iter().filter_map(|(_, name)| *name).collect::<HashSet<i64>>().len();
    let limit = key.space.limit(entity);
    let block_limit = entity.options.block_limit;
    if !block::is_generic(limit, block_limit, holders.len(), names, key.generic_by_form) {
        return None;
    }
    let (reason, threshold) = if key.generic_by_form {
        ("form", None)
    } else if holders.len() > block_limit as usize {
        ("records", Some(block_limit))
    } else {
        ("names", limit)
    };
    let masked = mask(&key.value, key.space.kind().unwrap_or(Kind::Identifier));
    Some(GenericKey {
        key: digest,
        attribute: key.space.name().to_owned(),
        masked,
        reason,
        threshold: threshold.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX)),
    })
}

/// A decision as the engine takes it: living records only, as they are after this statement.
fn living(decision: &matching::StoredDecision, changed: &HashMap<i64, bool>) -> Decision {
    let lives = |member: &&matching::DecisionMember| changed.get(&member.record_id).copied().unwrap_or(member.live);
    to_decision(decision, &lives)
}

/// A decision as the engine takes it, with the members for which `lives` holds.
pub fn to_decision(
    decision: &matching::StoredDecision,
    lives: &dyn Fn(&&matching::DecisionMember) -> bool,
) -> Decision {
    let side = |members: &[matching::DecisionMember]| -> Vec<RecordRef> {
        members.iter().filter(|member| lives(member)).map(|member| member.reference.clone()).collect()
    };
    let named = |row: i64| {
        let members = decision.side_a.iter().chain(&decision.side_b);
        let found = members.into_iter().find(|member| member.record_id == row);
        found.map_or_else(|| RecordRef::new("", ""), |member| member.reference.clone())
    };
    Decision {
        order: decision.decision_id,
        same: decision.same,
        side_a: side(&decision.side_a),
        side_b: side(&decision.side_b),
        evidence: (named(decision.evidence.0), named(decision.evidence.1)),
    }
}

/// What the newest decision on a pair says: `same`, or not.
fn newest(decisions: &[matching::StoredDecision], a: i64, b: i64) -> Option<bool> {
    let on = |side: &[matching::DecisionMember], row: i64| side.iter().any(|member| member.record_id == row);
    decisions
        .iter()
        .filter(|decision| {
            (on(&decision.side_a, a) && on(&decision.side_b, b)) || (on(&decision.side_a, b) && on(&decision.side_b, a))
        })
        .max_by_key(|decision| decision.decision_id)
        .map(|decision| decision.same)
}

/// A review pair as it is stored.
pub fn review_pair(a: i64, b: i64, reason: Reason, score: &golden_record_core::score::Score) -> Result<ReviewPair> {
    Ok(ReviewPair {
        review_id: 0,
        a: a.min(b),
        b: a.max(b),
        score: score.points(),
        reason: reason.name().to_owned(),
        evidence: serde_json::to_string(&score.evidence)?,
    })
}

/// Writes the difference between the open review pairs stored and wanted; `outcome` names why one is closed.
pub fn reconcile(
    entity_type: &str,
    stored: Vec<ReviewPair>,
    wanted: Vec<ReviewPair>,
    outcome: impl Fn(&ReviewPair) -> &'static str,
) -> Result<()> {
    let wanted: BTreeMap<(i64, i64), ReviewPair> = wanted.into_iter().map(|pair| ((pair.a, pair.b), pair)).collect();
    let stored: BTreeMap<(i64, i64), ReviewPair> = stored.into_iter().map(|pair| ((pair.a, pair.b), pair)).collect();
    let gone: Vec<(i64, &str)> = stored
        .iter()
        .filter(|(ends, _)| !wanted.contains_key(ends))
        .map(|(_, pair)| (pair.review_id, outcome(pair)))
        .collect();
    let is_same = |pair: &ReviewPair, old: &ReviewPair| {
        let evidence = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
        pair.score == old.score && pair.reason == old.reason && evidence(&pair.evidence) == evidence(&old.evidence)
    };
    let put: Vec<ReviewPair> = wanted
        .into_iter()
        .filter(|(ends, pair)| !stored.get(ends).is_some_and(|old| is_same(pair, old)))
        .map(|(_, pair)| pair)
        .collect();
    matching::close_review(&gone)?;
    matching::put_review(entity_type, &put)
}
