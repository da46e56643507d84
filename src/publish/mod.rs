//! The last step of a write: a partition → golden records with ids, values, lineage and change events.
//!
//! Only what differs from what is stored is written.

mod choose;
mod identity;
mod overrides;
mod writing;

pub use choose::{groups, masked};
pub use overrides::Overrides;

use crate::clock::Moment;
use crate::configuration::Entity;
use crate::error::Result;
use crate::keyring::Keyring;
use crate::progress;
use crate::store::bulk::{self, Gradual};
use crate::store::golden::{self, Stored};
use crate::store::record::{self, Placement, RecordRow};
use choose::Task;
use golden_record_core::record::{Node, State};
use identity::Identities;
use pgrx::datum::Uuid;
use std::collections::{BTreeSet, HashSet};
use writing::Writing;

/// A living record with its place in the new partition.
pub struct Placed<'a> {
    /// Its row, with where it belonged before.
    pub row: &'a RecordRow,
    /// What it says.
    pub state: &'a State,
    /// Whether what it says, or its row, changed.
    pub changed: bool,
    /// What it said before, where a writer changed that.
    pub before: Option<&'a State>,
    /// Its cluster: any number, the same for the members of one.
    pub cluster: u32,
    /// Its component now: the smallest row id in it.
    pub component: i64,
}

impl Placed<'_> {
    /// As the engine takes it.
    pub fn node(&self) -> Node<'_> {
        Node { reference: &self.row.reference, state: self.state }
    }
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
    /// Golden ids that were merged into others, or lead to others than before.
    pub merged: usize,
    /// Golden records that lost all their records.
    pub retired: usize,
    /// Source records that moved.
    pub moved: usize,
    /// Limits that were others than before, where a whole set was looked at.
    pub limits: usize,
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
pub enum Resurvive<'a> {
    /// All, as after a change of the merge rules; with the stored ids of the entity type that may be given to clusters, or must
    /// be retired.
    All(Vec<Stored>),
    /// Those of which a steward spoke.
    Of(&'a Reconsidered),
}

/// What a steward spoke of.
#[derive(Default)]
pub struct Reconsidered {
    /// Records, by row.
    pub rows: BTreeSet<i64>,
    /// The decision that is taken back.
    pub reverted: Option<i64>,
}

/// Writes a partition. `placed` must be sorted by reference and hold every member of every component looked at; `departed` are
/// records that no longer live, or never did; `overrides` what sits on all of these.
pub fn publish(
    entity: &Entity,
    keyring: &Keyring,
    placed: &[Placed],
    departed: &[&RecordRow],
    resurvive: Resurvive,
    mut overrides: Overrides,
) -> Result<Published> {
    let (name, _moment) = (&entity.entity.name, Moment::begin());
    let clusters = clusters(placed);
    let (known, asked, reverted) = match resurvive {
        Resurvive::All(stored) => (Some(stored), None, None),
        Resurvive::Of(Reconsidered { rows, reverted }) => (None, Some(rows), *reverted),
    };
    let identities = Identities::assign(entity, keyring, placed, departed, &clusters, known, reverted)?;
    overrides.hand_on(&identities.stand_ins(placed, departed, &clusters))?;
    let homes = identities.homes(&clusters, placed.len());
    let tasks = tasks(placed, departed, &clusters, &identities, asked);
    let (new, moved) = placements(placed, &homes, departed);

    progress::phase("writing golden records", tasks.len())?;
    let mut placing = (new.len() > bulk::FEW).then(|| record::insert_gradually(name, &new)).transpose()?;
    let place = || placing.as_mut().map_or(Ok(false), Gradual::go_on);
    let mut writing = Writing::begin(name, &tasks)?;
    writing.all(entity, &overrides, &tasks, place)?;
    // Of a million records some memory, which the indexes of what is left to write need next.
    drop((tasks, clusters));

    let (gone, inherited) = (identities.gone(), identities.inherited());
    golden::retire(&gone.rows)?;
    match placing {
        Some(placing) => placing.end()?,
        None => record::insert_few(name, &new)?,
    }
    record::assign(&moved)?;
    record::inherit(&inherited)?;
    let (created, updated) = writing.end(gone.changes)?;
    let homes = placed.iter().zip(homes).filter_map(|(record, home)| Some((record.row.record_id, home?.golden)));
    let mut goldens: Vec<(i64, Uuid)> = homes.collect();
    goldens.sort_unstable_by_key(|(row, _)| *row);
    let moved = new.len() + moved.len();
    Ok(Published { goldens, created, updated, merged: gone.merged, retired: gone.retired, moved, limits: 0 })
}

/// The clusters, each with its members by position, ascending; in the order of their smallest member, so that ids are issued
/// in an order that the partition alone decides.
fn clusters(placed: &[Placed]) -> Vec<Vec<u32>> {
    let mut members: Vec<u32> = (0..placed.len() as u32).collect();
    let cluster = |at: &u32| placed[*at as usize].cluster;
    members.sort_by_key(cluster);
    let mut clusters: Vec<Vec<u32>> = members.chunk_by(|a, b| cluster(a) == cluster(b)).map(<[u32]>::to_vec).collect();
    clusters.sort_unstable();
    clusters
}

/// The golden records whose values are to be chosen: those whose members, or what these say, are others than before, and those
/// of the records that are `asked` for, by row (`None`: of all).
fn tasks<'a>(
    placed: &'a [Placed<'a>],
    departed: &[&RecordRow],
    clusters: &[Vec<u32>],
    identities: &'a Identities,
    asked: Option<&BTreeSet<i64>>,
) -> Vec<Task<'a>> {
    let left: HashSet<Uuid> = departed.iter().filter_map(|record| record.golden).collect();
    let task = |(cluster, positions): (usize, &Vec<u32>)| {
        let (id, previous) = (identities.of(cluster), identities.previous(cluster));
        let unmoved = !left.contains(&id) && identities.has_its_members(cluster, positions, placed);
        let members: Vec<&Placed> = positions.iter().map(|member| &placed[*member as usize]).collect();
        let asks = |member: &&Placed| member.changed || asked.is_none_or(|rows| rows.contains(&member.row.record_id));
        let wanted = !unmoved || members.iter().any(asks);
        wanted.then_some(Task { id, members, previous, unmoved })
    };
    clusters.iter().enumerate().filter_map(task).collect()
}

/// The rows of source records that are new, and those that moved.
fn placements<'a>(
    placed: &[Placed<'a>],
    homes: &[Option<Home>],
    departed: &[&'a RecordRow],
) -> (Vec<Placement<'a>>, Vec<Placement<'a>>) {
    let (mut new, mut moved) = (Vec::new(), Vec::new());
    for (record, home) in placed.iter().zip(homes) {
        let Placed { row, changed, component, .. } = *record;
        let (golden, component) = (home.map(|home| home.golden), Some(component));
        let placement = Placement { row, golden, founds: home.is_some_and(|home| home.founds), component };
        if !row.existing {
            new.push(placement);
        } else if changed || row.golden != golden || row.component != component {
            moved.push(placement);
        }
    }
    for row in departed.iter().copied() {
        let placement = Placement { row, golden: None, founds: false, component: None };
        if row.existing { &mut moved } else { &mut new }.push(placement);
    }
    (new, moved)
}
