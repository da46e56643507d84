//! Golden ids: those that stored golden records keep, those that are issued, and what becomes of the others.

use super::{Home, Placed};
use crate::configuration::Entity;
use crate::error::Result;
use crate::keyring::Keyring;
use crate::parallel;
use crate::store::event::{Change, ChangeEvent};
use crate::store::golden::{self, Retired, Stored};
use crate::store::record::RecordRow;
use golden_record_core::entity::EntityType;
use golden_record_core::golden::{assign, golden_id, Assigned, Fate, Founding, Id, OldGolden};
use golden_record_core::kind::Kind;
use golden_record_core::normalise::is_junk;
use golden_record_core::record::RecordRef;
use hashbrown::{HashMap, HashSet};
use pgrx::datum::Uuid;
use std::collections::BTreeSet;

/// The ids of clusters, and the fates of the golden records that were there before.
pub(super) struct Identities {
    /// What is stored of the ids that the records belonged to or founded, the oldest first.
    stored: Vec<Stored>,
    /// The living records that were members of each, by position, ascending.
    members_before: HashMap<Uuid, Vec<u32>>,
    /// The ids for which others speak now: founders or heirs left them, or they are inherited.
    altered: HashSet<Uuid>,
    /// By cluster: which stored id it keeps.
    kept: Vec<Id>,
    /// By cluster: its id.
    ids: Vec<Uuid>,
    /// The clusters of a customer whose records have other names now.
    renamed: HashSet<usize>,
    /// By stored id.
    fates: Vec<Fate>,
}

/// Stored ids that stand for no cluster any more.
#[derive(Default)]
pub(super) struct Gone {
    /// How they are to be stored.
    pub(super) rows: Vec<Retired>,
    /// What readers are told of it.
    pub(super) changes: Vec<ChangeEvent>,
    /// How many were merged into others, or lead to others than before.
    pub(super) merged: usize,
    /// How many lost all their records.
    pub(super) retired: usize,
}

impl Identities {
    /// Decides for clusters of placed records, and issues the new ids. `known`: what is stored of all, where that was read;
    /// `reverted`: the decision that is taken back.
    pub(super) fn assign(
        entity: &Entity,
        keyring: &Keyring,
        placed: &[Placed],
        departed: &[&RecordRow],
        clusters: &[Vec<u32>],
        known: Option<Vec<Stored>>,
        reverted: Option<i64>,
    ) -> Result<Identities> {
        pgrx::check_for_interrupts!();
        let mut stored = stored(placed, departed, known)?;
        let parted = reverted.map(|decision| disinherit(&mut stored, placed, decision)).transpose()?;
        let mut altered = parted.unwrap_or_default();
        let members_before = members_before(placed);
        let old = before(&stored, placed, &members_before, &altered);
        // Of a million records each of these steps takes a while.
        pgrx::check_for_interrupts!();
        let Assigned { ids: mut kept, mut fates, left, heirs } = assign(&old, clusters);
        pgrx::check_for_interrupts!();
        let row = |record: u32| placed[record as usize].row.record_id;
        for (golden, record) in left {
            let (golden, row) = (&mut stored[golden], row(record));
            golden.founders.retain(|known| *known != row);
            golden.heirs.retain(|known| *known != row);
            altered.insert(golden.id);
        }
        for (golden, heirs) in heirs {
            let golden = &mut stored[golden];
            golden.heirs = heirs.into_iter().map(row).collect();
            altered.insert(golden.id);
        }
        // Those whose records are all gone.
        let gone = |(at, golden): (usize, &Stored)| {
            let gone = golden.live && fates[at] == Fate::Retired && !members_before.contains_key(&golden.id);
            gone.then_some((golden.id, at))
        };
        let gone: HashMap<Uuid, usize> = stored.iter().enumerate().filter_map(gone).collect();
        let renews =
            |id: &Uuid, founder: &Placed| gone.get(id).is_some_and(|at| is_renamed(entity, &stored[*at], founder));
        let issued = issue(entity, keyring, placed, clusters, &kept, renews)?;
        let mut renamed = HashSet::new();
        for (cluster, id) in issued.iter().enumerate() {
            if let (Id::New, Some(&at)) = (kept[cluster], gone.get(id)) {
                (kept[cluster], fates[at]) = (Id::Keep(at), Fate::Live(cluster));
                stored[at].founders.extend(clusters[cluster].iter().map(|member| row(*member)));
                renamed.insert(cluster);
            }
        }
        let id = |(kept, issued): (&Id, Uuid)| match kept {
            Id::Keep(position) => stored[*position].id,
            Id::New => issued,
        };
        let ids = kept.iter().zip(issued).map(id).collect();
        Ok(Identities { stored, members_before, altered, kept, ids, renamed, fates })
    }

    /// The id of a cluster.
    pub(super) fn of(&self, cluster: usize) -> Uuid {
        self.ids[cluster]
    }

    /// What is stored under it.
    pub(super) fn previous(&self, cluster: usize) -> Option<&Stored> {
        match self.kept[cluster] {
            Id::Keep(position) => self.stored.get(position),
            Id::New => None,
        }
    }

    /// Whether a cluster of these members is a golden record that lives with them, and with no other, already, and the same speak
    /// for it.
    pub(super) fn has_its_members(&self, cluster: usize, members: &Vec<u32>, placed: &[Placed]) -> bool {
        let systems =
            || members.iter().map(|at| &*placed[*at as usize].row.reference.system).collect::<BTreeSet<&str>>();
        self.previous(cluster).is_some_and(|golden| {
            golden.live
                && golden.merged_into.is_none()
                && !self.altered.contains(&golden.id)
                && self.members_before.get(&golden.id) == Some(members)
                && golden.records as usize == members.len()
                && golden.systems.iter().map(String::as_str).eq(systems())
        })
    }

    /// For each record that is gone and whose golden record lives on, the member of it that stands in: the first by
    /// reference of the id's founders, or, where none is left of them, of its heirs, or of all.
    pub(super) fn stand_ins<'a>(
        &self,
        placed: &[Placed<'a>],
        departed: &[&RecordRow],
        clusters: &[Vec<u32>],
    ) -> Vec<(i64, (i64, &'a RecordRef))> {
        if departed.is_empty() {
            return Vec::new();
        }
        let position = positions(&self.stored);
        let stand_in = |golden: &Uuid| {
            let fate = match self.fates[*position.get(golden)?] {
                Fate::Redirect(winner) => self.fates[winner],
                fate => fate,
            };
            let Fate::Live(cluster) = fate else { return None };
            let members = clusters[cluster].iter().map(|member| &placed[*member as usize]);
            let speak = |of: fn(&Stored) -> &Vec<i64>| self.previous(cluster).map_or(&[][..], |golden| of(golden));
            let (founders, heirs) = (speak(|golden| &golden.founders), speak(|golden| &golden.heirs));
            let first = members.min_by_key(|member| {
                let row = member.row.record_id;
                (!founders.contains(&row), !heirs.contains(&row), &member.row.reference)
            })?;
            Some((first.row.record_id, &first.row.reference))
        };
        // Many may be gone of one.
        let mut known: HashMap<Uuid, Option<(i64, &RecordRef)>> = HashMap::new();
        let mut of = |golden: Uuid| *known.entry(golden).or_insert_with(|| stand_in(&golden));
        departed.iter().filter_map(|gone| Some((gone.record_id, of(gone.golden?)?))).collect()
    }

    /// By position, where each of so many placed records belongs now.
    pub(super) fn homes(&self, clusters: &[Vec<u32>], records: usize) -> Vec<Option<Home>> {
        let mut homes = vec![None; records];
        for (cluster, members) in clusters.iter().enumerate() {
            let founds = self.kept[cluster] == Id::New || self.renamed.contains(&cluster);
            let home = Home { golden: self.ids[cluster], founds };
            members.iter().for_each(|member| homes[*member as usize] = Some(home));
        }
        homes
    }

    /// The heirs of ids that have others now: record rows, each with the id.
    pub(super) fn inherited(&self) -> Vec<(i64, Uuid)> {
        let altered = self.stored.iter().filter(|golden| self.altered.contains(&golden.id));
        altered.flat_map(|golden| golden.heirs.iter().map(|row| (*row, golden.id))).collect()
    }

    /// The ids that live no longer, or redirect elsewhere than before.
    pub(super) fn gone(&self) -> Gone {
        let mut gone = Gone::default();
        pgrx::check_for_interrupts!();
        let position = positions(&self.stored);
        // Whether it leads there already, by itself or by one that does now, and in no circle.
        let leads = |golden: &Stored, winner: usize| {
            let next = golden.merged_into.and_then(|into| position.get(&into).copied());
            next.is_some_and(|at| at == winner || self.fates[at] == Fate::Redirect(winner))
                && golden.end(|id| self.stored.get(*position.get(id)?), self.stored.len()).is_some()
        };
        for (golden, fate) in self.stored.iter().zip(&self.fates) {
            let altered = self.altered.contains(&golden.id);
            let into = match fate {
                Fate::Live(_) => continue,
                Fate::Redirect(winner) => {
                    let into = self.stored[*winner].id;
                    if golden.live {
                        gone.tell(golden.id, Change::Merged, Some(into));
                    } else if leads(golden, *winner) && !altered {
                        continue;
                    }
                    gone.merged += 1;
                    Some(into)
                }
                Fate::Retired if golden.live => {
                    gone.retired += 1;
                    gone.tell(golden.id, Change::Retired, None);
                    None
                }
                // Nobody is left who could say where it leads, and somebody made it lead to itself.
                Fate::Retired if golden.merged_into == Some(golden.id) => None,
                Fate::Retired if altered => golden.merged_into,
                Fate::Retired => continue,
            };
            let (founders, heirs) = (golden.founders.clone(), golden.heirs.clone());
            gone.rows.push(Retired { id: golden.id, into, founders, heirs });
        }
        gone
    }
}

impl Gone {
    fn tell(&mut self, golden: Uuid, change: Change, other: Option<Uuid>) {
        self.changes.push(ChangeEvent { golden, change, other, attributes: vec![] });
    }
}

/// The living records that were members of each golden record, by position, ascending.
fn members_before(placed: &[Placed]) -> HashMap<Uuid, Vec<u32>> {
    let mut members = HashMap::<Uuid, Vec<u32>>::new();
    for (index, record) in placed.iter().enumerate() {
        if let Some(golden) = record.row.golden {
            members.entry(golden).or_default().push(index as u32);
        }
    }
    members
}

/// What is stored, as it is assigned from; `disinherited`: ids that some came to by a decision that is taken back.
fn before(
    stored: &[Stored],
    placed: &[Placed],
    members: &HashMap<Uuid, Vec<u32>>,
    disinherited: &HashSet<Uuid>,
) -> Vec<OldGolden> {
    // Of founders of ids that exist.
    let numbered = (0..).zip(placed).filter(|_| !stored.is_empty());
    let index_of: HashMap<i64, u32> = numbered.map(|(index, record)| (record.row.record_id, index)).collect();
    let returned = |record: &u32| {
        let row = placed[*record as usize].row;
        row.existing && row.golden.is_none()
    };
    let old = |(golden, into): (&Stored, Option<usize>)| {
        let living = |rows: &[i64]| rows.iter().filter_map(|row| index_of.get(row).copied()).collect::<Vec<u32>>();
        let (founders, heirs) = (living(&golden.founders), living(&golden.heirs));
        // Nobody is left who came there by anything else.
        let nobodys = founders.is_empty() && heirs.is_empty() && disinherited.contains(&golden.id);
        OldGolden {
            seq: golden.seq,
            returned: founders.iter().chain(&heirs).copied().filter(returned).collect(),
            founders,
            heirs,
            members: members.get(&golden.id).filter(|_| !nobodys).cloned().unwrap_or_default(),
            into,
        }
    };
    stored.iter().zip(redirects(stored)).map(old).collect()
}

/// What is stored of the ids that records belonged to or founded, the oldest first.
fn stored(placed: &[Placed], departed: &[&RecordRow], known: Option<Vec<Stored>>) -> Result<Vec<Stored>> {
    let belonged = placed.iter().filter_map(|record| record.row.golden);
    let before: HashSet<Uuid> = belonged.chain(departed.iter().filter_map(|record| record.golden)).collect();
    let mut stored = match known {
        Some(all) => all,
        // For a new record no id was issued yet.
        None => {
            let known = placed.iter().filter(|record| record.row.existing).map(|record| record.row.record_id);
            let mut stored = golden::involved(before.iter().copied().collect(), known.collect())?;
            // A living id whose members were not looked at belongs to another component now: it is not ours to give.
            stored.retain(|golden| !golden.live || before.contains(&golden.id));
            stored
        }
    };
    stored.sort_by_key(|golden| golden.seq);
    Ok(stored)
}

/// By id, its position.
fn positions(stored: &[Stored]) -> HashMap<Uuid, usize> {
    stored.iter().enumerate().map(|(at, golden)| (golden.id, at)).collect()
}

/// By stored id, the position of the one that it redirects to, where that is among them.
fn redirects(stored: &[Stored]) -> Vec<Option<usize>> {
    if stored.iter().all(|golden| golden.live) {
        return vec![None; stored.len()];
    }
    let position = positions(stored);
    let into = |golden: &Stored| position.get(&golden.merged_into.filter(|_| !golden.live)?).copied();
    stored.iter().map(into).collect()
}

/// Takes ids from heirs whom a decision that is taken back, and no other, held together with a founder, and from those who came to
/// these and are one with them, not with the founder's side. Gives the ids.
fn disinherit(stored: &mut [Stored], placed: &[Placed], decision: i64) -> Result<HashSet<Uuid>> {
    let mut spoken = HashMap::<Uuid, HashMap<i64, bool>>::new();
    for (id, heir, parted) in golden::disinherited(decision)? {
        spoken.entry(id).or_default().insert(heir, parted);
    }
    spoken.retain(|_, heirs| heirs.values().any(|parted| *parted));
    let home: HashMap<i64, u32> = placed.iter().map(|record| (record.row.record_id, record.cluster)).collect();
    for golden in stored.iter_mut() {
        let Some(spoken) = spoken.get(&golden.id) else { continue };
        // By cluster, whether all of whom the decision spoke are parted.
        let mut parted = HashMap::<u32, bool>::new();
        for (cluster, heir) in spoken.iter().filter_map(|(row, heir)| Some((*home.get(row)?, *heir))) {
            *parted.entry(cluster).or_insert(true) &= heir;
        }
        let lost = |heir: &i64| home.get(heir).and_then(|cluster| parted.get(cluster)) == Some(&true);
        golden.heirs.retain(|heir| spoken.get(heir) != Some(&true) && !lost(heir));
    }
    Ok(spoken.into_keys().collect())
}

/// Whether a golden record that loses all its records is that of a new record by what both say, besides the same email and
/// phone: the names and dates that they state are the same. Junk tells nobody.
fn is_renamed(entity: &Entity, golden: &Stored, new: &Placed) -> bool {
    let values = golden.values();
    entity.entity.attributes.iter().all(|attribute| {
        let said = new.state.canonical(&attribute.name);
        match attribute.kind {
            Kind::Email | Kind::Phone => said.is_none_or(|said| !is_junk(attribute.kind, said)),
            Kind::GivenName | Kind::FamilyName | Kind::FullName | Kind::Date => {
                let had = values.get(attribute.name.as_str()).map(|(value, ..)| &*value.canonical);
                said.zip(had).is_none_or(|(said, had)| said == had)
            }
            _ => true,
        }
    })
}

/// Ids for the clusters that get a new one (the others get a nil that is not used): one never issued before, or that of the
/// same email and phone, of one cluster alone, which the founder `renews`.
fn issue(
    entity: &Entity,
    keyring: &Keyring,
    placed: &[Placed],
    clusters: &[Vec<u32>],
    ids: &[Id],
    renews: impl Fn(&Uuid, &Placed) -> bool,
) -> Result<Vec<Uuid>> {
    let mut issued: Vec<Option<Uuid>> = vec![None; clusters.len()];
    let mut used = HashSet::new();
    let mut open: Vec<usize> = (0..clusters.len()).filter(|cluster| ids[*cluster] == Id::New).collect();
    let mut counter = 0;
    while !open.is_empty() {
        pgrx::check_for_interrupts!();
        let founder = |cluster: usize| &placed[clusters[cluster][0] as usize];
        let candidates = parallel::map(&open, |cluster| {
            Uuid::from_bytes(golden_id(&keyring.secret, &founding(&entity.entity, founder(*cluster)), counter))
        })?;
        let taken: BTreeSet<Uuid> = golden::issued(candidates.clone())?.into_iter().collect();
        let mut wanted: HashMap<Uuid, usize> = HashMap::new();
        candidates.iter().filter(|id| taken.contains(*id)).for_each(|id| *wanted.entry(*id).or_default() += 1);
        for (cluster, id) in std::mem::take(&mut open).into_iter().zip(candidates) {
            let founder = founder(cluster);
            let by_identity = matches!(founding(&entity.entity, founder), Founding::Identity(..));
            if by_identity && wanted.get(&id) == Some(&1) && renews(&id, founder) {
                issued[cluster] = Some(id);
            } else if taken.contains(&id) || !used.insert(id) {
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
    let first = |kind| entity.first_of(kind, founder.state);
    let RecordRef { system, id } = &founder.row.reference;
    Founding::of(first(Kind::Email), first(Kind::Phone), &entity.name, system, id)
}
