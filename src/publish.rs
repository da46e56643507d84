//! The last step of a write: a partition → golden records with ids, values, lineage and change events.
//!
//! Only what differs from what is stored is written.

use crate::choose::{choose, Chosen, Task};
use crate::configuration::Entity;
use crate::error::Result;
use crate::keyring::Keyring;
use crate::overrides::{record_ends, Overrides};
use crate::progress;
use crate::store::bulk::{self, Gradual};
use crate::store::event::Change;
use crate::store::record::{self, Placement};
use crate::store::{self, event, golden};
use crate::{memory, parallel, vault};
use golden_record_core::entity::EntityType;
use golden_record_core::golden::{assign, golden_id, Fate, Founding, Id, OldGolden};
use golden_record_core::kind::Kind;
use golden_record_core::record::{RecordRef, State};
use golden_record_core::vault::Vault;
use hashbrown::{HashMap, HashSet};
use pgrx::datum::Uuid;
use std::collections::BTreeSet;

/// A living record with its place in the new partition.
pub struct Placed<'a> {
    /// Its row.
    pub record_id: i64,
    /// Its name.
    pub reference: &'a RecordRef,
    /// What it says.
    pub state: &'a State,
    /// The attached table it comes from.
    pub attachment: Option<i64>,
    /// False when its row is still to be written.
    pub existing: bool,
    /// Its golden record before.
    pub golden: Option<Uuid>,
    /// Its component before.
    pub component: Option<i64>,
    /// Whether what it says, or its row, changed.
    pub changed: bool,
    /// What it said before, where a writer changed that.
    pub before: Option<&'a State>,
    /// Its cluster: any number, the same for the members of one.
    pub cluster: u32,
    /// Its component now: the smallest row id in it.
    pub new_component: i64,
}

/// A record that no longer lives, or never did.
pub struct Departed<'a> {
    /// Its row.
    pub record_id: i64,
    /// Its name.
    pub reference: &'a RecordRef,
    /// The attached table it comes from.
    pub attachment: Option<i64>,
    /// False when its row is still to be written.
    pub existing: bool,
    /// Its golden record before.
    pub golden: Option<Uuid>,
}

/// What was written.
#[derive(Default)]
pub struct Published {
    /// The golden record of each living record that was looked at, by row, ascending.
    goldens: Vec<(i64, Uuid)>,
    /// New golden records.
    pub created: usize,
    /// Golden records whose values, lineage or members changed.
    pub updated: usize,
    /// Golden records that were merged into others.
    pub merged: usize,
    /// Golden records that lost all their records.
    pub retired: usize,
    /// Source records that moved.
    pub moved: usize,
}

impl Published {
    /// The golden record of a row; `None` where it does not live, or was not looked at.
    pub fn golden_of(&self, row: i64) -> Option<Uuid> {
        let at = self.goldens.binary_search_by_key(&row, |(row, _)| *row).ok()?;
        Some(self.goldens[at].1)
    }

    /// Whether anything was written.
    pub fn any(&self) -> bool {
        self.created + self.updated + self.merged + self.retired + self.moved > 0
    }
}

/// The golden record that a placed record belongs to now.
#[derive(Clone, Copy)]
struct Home {
    golden: Uuid,
    /// Whether the id was issued for it just now.
    founds: bool,
}

/// Which clusters are to have their values chosen again, besides those whose members changed.
#[derive(Clone, Copy)]
pub enum Resurvive<'a> {
    /// All, as after a change of the merge rules.
    All,
    /// Those of some records, by row: of which a steward decided.
    Of(&'a BTreeSet<i64>),
}

impl Resurvive<'_> {
    fn asks(self, record: &Placed) -> bool {
        match self {
            Resurvive::All => true,
            Resurvive::Of(rows) => rows.contains(&record.record_id),
        }
    }
}

/// Golden records whose values are chosen at a time.
const PIECE: usize = 4_096;

/// Writes a partition. `placed` must be sorted by reference and hold every member of every component looked at.
pub fn publish(
    entity: &Entity,
    keyring: &Keyring,
    placed: &[Placed],
    departed: &[Departed],
    resurvive: Resurvive,
    overrides: &Overrides,
) -> Result<Published> {
    let mut members: Vec<u32> = (0..placed.len() as u32).collect();
    let cluster = |at: &u32| placed[*at as usize].cluster;
    members.sort_by_key(cluster);
    // In the order of their smallest member, so that ids are issued in an order that the partition alone decides.
    let mut clusters: Vec<Vec<u32>> = members.chunk_by(|a, b| cluster(a) == cluster(b)).map(<[u32]>::to_vec).collect();
    clusters.sort_unstable();

    pgrx::check_for_interrupts!();
    let before: HashSet<Uuid> = placed
        .iter()
        .filter_map(|record| record.golden)
        .chain(departed.iter().filter_map(|record| record.golden))
        .collect();
    let mut stored = match resurvive {
        Resurvive::All => golden::of_entity(&entity.entity.name)?.all,
        // For a new record no id was issued yet.
        Resurvive::Of(_) => {
            let known = placed.iter().filter(|record| record.existing).map(|record| record.record_id);
            golden::involved(before.iter().copied().collect(), known.collect())?
        }
    };
    // A living id whose members were not looked at belongs to another component now: it is not ours to give.
    stored.retain(|golden| !golden.live || before.contains(&golden.id));
    stored.sort_by_key(|golden| golden.seq);
    // Of founders of ids that exist.
    let numbered = (0..).zip(placed).filter(|_| !stored.is_empty());
    let index_of: HashMap<i64, u32> = numbered.map(|(index, record)| (record.record_id, index)).collect();
    let mut members_before = HashMap::<Uuid, Vec<u32>>::new();
    for (index, record) in placed.iter().enumerate() {
        if let Some(golden) = record.golden {
            members_before.entry(golden).or_default().push(index as u32);
        }
    }
    let old: Vec<OldGolden> = stored
        .iter()
        .map(|golden| OldGolden {
            seq: golden.seq,
            founders: golden.founders.iter().filter_map(|row| index_of.get(row).copied()).collect(),
            members: members_before.get(&golden.id).cloned().unwrap_or_default(),
        })
        .collect();
    // Of a million records each of these steps takes a while.
    pgrx::check_for_interrupts!();
    let (ids, fates) = assign(&old, &clusters);
    pgrx::check_for_interrupts!();
    let left: HashSet<Uuid> = departed.iter().filter_map(|record| record.golden).collect();

    let new_ids = issue(entity, keyring, placed, &clusters, &ids)?;
    let mut published = Published::default();
    let mut homes: Vec<Option<Home>> = vec![None; placed.len()];
    let mut tasks = Vec::new();
    for ((members, id), new_id) in clusters.iter().zip(&ids).zip(new_ids) {
        let previous = match id {
            Id::Keep(position) => stored.get(*position),
            Id::New => None,
        };
        let id = previous.map_or(new_id, |golden| golden.id);
        for member in members {
            homes[*member as usize] = Some(Home { golden: id, founds: previous.is_none() });
        }
        let unmoved = previous.is_some_and(|golden| {
            golden.live
                && members_before.get(&golden.id) == Some(members)
                && golden.records as usize == members.len()
                && !left.contains(&id)
        });
        let members: Vec<&Placed> = members.iter().map(|member| &placed[*member as usize]).collect();
        if !unmoved || members.iter().any(|member| member.changed || resurvive.asks(member)) {
            tasks.push(Task { id, members, previous, unmoved });
        }
    }
    let name = &entity.entity.name;
    let (mut changes, mut races, mut ended) = (Vec::new(), Vec::new(), Vec::new());
    let (new, moved) = placements(placed, &homes, departed);
    published.moved = new.len() + moved.len();
    progress::phase("writing golden records", tasks.len());
    let mut done = 0;
    let mut loading = (tasks.len() > bulk::FEW).then(golden::Loading::begin).transpose()?;
    let mut placing = (new.len() > bulk::FEW).then(|| record::insert_gradually(name, &new)).transpose()?;
    let place = || placing.as_mut().map_or(Ok(false), Gradual::go_on);
    choose_in_pieces(entity, overrides, &tasks, place, |piece, Pieces { chosen, new }| {
        let (mut inserts, mut updates) = (Vec::new(), Vec::new());
        for (task, chosen) in piece.iter().zip(chosen) {
            let Task { id, members, previous, .. } = task;
            races.extend(chosen.races.into_iter().map(|meeting| (Some(*id), meeting)));
            ended.extend(chosen.ended);
            if previous.is_some() && chosen.content.is_none() {
                continue;
            }
            let elsewhere = members.iter().filter_map(|member| member.golden).find(|from| from != id);
            let live = previous.is_some_and(|golden| golden.live);
            changes.push(match elsewhere.filter(|_| !live) {
                Some(from) => Change { golden: from, change: "split", other: Some(*id), attributes: vec![] },
                None => {
                    let change = if live { "updated" } else { "created" };
                    Change { golden: *id, change, other: None, attributes: chosen.attributes }
                }
            });
            if previous.is_some() {
                published.updated += 1;
                updates.extend(chosen.content);
            } else {
                published.created += 1;
                inserts.extend(chosen.content);
            }
        }
        match loading.as_mut().zip(new) {
            Some((loading, new)) => loading.add(&new),
            None => golden::insert_few(name, &inserts)?,
        }
        golden::replace(&updates)?;
        if changes.len() >= PIECE {
            event::changes(name, &changes)?;
            changes.clear();
        }
        done += piece.len();
        progress::done(done);
        Ok(())
    })?;
    if let Some(loading) = loading {
        loading.end();
    }
    // Of a million records some memory, which the indexes of what is left to write need next.
    drop((tasks, clusters));

    let mut retire = Vec::new();
    pgrx::check_for_interrupts!();
    for (golden, fate) in stored.iter().zip(&fates) {
        match fate {
            Fate::Live(_) => {}
            Fate::Redirect(winner) => {
                let Some(into) = stored.get(*winner).map(|winner| winner.id) else { continue };
                let elsewhere = golden.merged_into.is_some_and(|to| !stored.iter().any(|other| other.id == to));
                if golden.live {
                    published.merged += 1;
                    changes.push(Change { golden: golden.id, change: "merged", other: Some(into), attributes: vec![] });
                } else if golden.merged_into == Some(into) || elsewhere {
                    continue;
                }
                retire.push((golden.id, Some(into)));
            }
            Fate::Retired if golden.live => {
                published.retired += 1;
                changes.push(Change { golden: golden.id, change: "retired", other: None, attributes: vec![] });
                retire.push((golden.id, None));
            }
            Fate::Retired => {}
        }
    }

    golden::retire(&retire)?;
    match placing {
        Some(placing) => placing.end()?,
        None => record::insert_few(name, &new)?,
    }
    record::assign(&moved)?;
    let homes = placed.iter().zip(homes).filter_map(|(record, home)| Some((record.record_id, home?.golden)));
    published.goldens = homes.collect();
    published.goldens.sort_unstable_by_key(|(row, _)| *row);
    record_ends(name, &ended)?;
    event::races(name, &races)?;
    event::changes(name, &changes)?;
    Ok(published)
}

/// What was chosen for a piece of the tasks; where there are many, the new golden records among them are laid out, and no
/// content is left of them: the backend's own thread has enough to do without letting go of it.
struct Pieces {
    chosen: Vec<Chosen>,
    new: Option<golden::New>,
}

/// Chooses for all tasks, and hands what was chosen over piece by piece, in their order: of many, the next pieces are chosen
/// on the other cores meanwhile.
fn choose_in_pieces<'a>(
    entity: &Entity,
    overrides: &Overrides,
    tasks: &'a [Task<'a>],
    meanwhile: impl FnMut() -> Result<bool>,
    mut take: impl FnMut(&'a [Task<'a>], Pieces) -> Result<()>,
) -> Result<()> {
    let choose = |piece: &[Task]| piece.iter().map(|task| choose(entity, overrides, task)).collect::<Result<Vec<_>>>();
    if tasks.len() <= bulk::FEW {
        return take(tasks, Pieces { chosen: choose(tasks)?, new: None });
    }
    let (vault, now) = (vault::open()?, store::now());
    let vault: &Vault = &vault;
    // A group of values has a record that won it.
    let groups = |task: &Task| if task.previous.is_none() { task.members.len() } else { 0 };
    let pieces = tasks.chunks(PIECE).map(|piece| Ok((piece, vault::nonces(piece.iter().map(groups).sum())?)));
    let lay_out = |(piece, nonces): (&'a [Task<'a>], Vec<_>)| {
        let mut chosen = choose(piece)?;
        let new = piece.iter().zip(&mut chosen).filter(|(task, _)| task.previous.is_none());
        let contents = new.filter_map(|(_, chosen)| chosen.content.take());
        let new = golden::New::of(&entity.entity.name, contents, vault, nonces, now)?;
        Ok((piece, Pieces { chosen, new: Some(new) }))
    };
    let take = |done: Result<_>| {
        let (piece, chosen) = done?;
        memory::scoped(|| take(piece, chosen))
    };
    parallel::pipeline_beside(pieces, lay_out, take, meanwhile)
}

/// The rows of source records that are new, and those that moved.
fn placements<'a>(
    placed: &[Placed<'a>],
    homes: &[Option<Home>],
    departed: &[Departed<'a>],
) -> (Vec<Placement<'a>>, Vec<Placement<'a>>) {
    let (mut new, mut moved) = (Vec::new(), Vec::new());
    for (record, home) in placed.iter().zip(homes) {
        let golden = home.map(|home| home.golden);
        let row = Placement {
            record_id: record.record_id,
            reference: record.reference,
            attachment: record.attachment,
            golden,
            founds: home.is_some_and(|home| home.founds),
            component: Some(record.new_component),
        };
        if !record.existing {
            new.push(row);
        } else if record.changed || record.golden != golden || record.component != Some(record.new_component) {
            moved.push(row);
        }
    }
    for record in departed {
        let row = Placement {
            record_id: record.record_id,
            reference: record.reference,
            attachment: record.attachment,
            golden: None,
            founds: false,
            component: None,
        };
        if record.existing { &mut moved } else { &mut new }.push(row);
    }
    (new, moved)
}

/// Ids for the clusters that get a new one (the others get a nil that is not used).
fn issue(
    entity: &Entity,
    keyring: &Keyring,
    placed: &[Placed],
    clusters: &[Vec<u32>],
    ids: &[Id],
) -> Result<Vec<Uuid>> {
    let mut issued: Vec<Option<Uuid>> = vec![None; clusters.len()];
    let mut used = HashSet::new();
    let mut open: Vec<usize> = (0..clusters.len()).filter(|cluster| ids[*cluster] == Id::New).collect();
    let mut counter = 0;
    while !open.is_empty() {
        pgrx::check_for_interrupts!();
        let candidates = parallel::map(&open, |cluster| {
            let founder = &placed[clusters[*cluster][0] as usize];
            Uuid::from_bytes(golden_id(&keyring.secret, &founding(&entity.entity, founder), counter))
        })?;
        let taken: BTreeSet<Uuid> = golden::issued(candidates.clone())?.into_iter().collect();
        for (cluster, id) in std::mem::take(&mut open).into_iter().zip(candidates) {
            if taken.contains(&id) || !used.insert(id) {
                open.push(cluster);
            } else {
                issued[cluster] = Some(id);
            }
        }
        counter += 1;
    }
    Ok(issued.into_iter().map(|id| id.unwrap_or_else(|| Uuid::from_bytes([0; 16]))).collect())
}

fn founding<'a>(entity: &'a EntityType, founder: &'a Placed) -> Founding<'a> {
    let first = |kind: Kind| entity.of_kind(kind).find_map(|attribute| founder.state.canonical(&attribute.name));
    Founding::of(first(Kind::Email), first(Kind::Phone), &entity.name, &founder.reference.system, &founder.reference.id)
}
