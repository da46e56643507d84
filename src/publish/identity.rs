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
    /// The ids that founders left.
    left: HashSet<Uuid>,
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
    /// How many were merged into others.
    pub(super) merged: usize,
    /// How many lost all their records.
    pub(super) retired: usize,
}

impl Identities {
    /// Decides for clusters of placed records, and issues the new ids. `known`: what is stored of all, where that was read;
    /// `decided`: whether a steward spoke of some.
    pub(super) fn assign(
        entity: &Entity,
        keyring: &Keyring,
        placed: &[Placed],
        departed: &[&RecordRow],
        clusters: &[Vec<u32>],
        known: Option<Vec<Stored>>,
        decided: bool,
    ) -> Result<Identities> {
        pgrx::check_for_interrupts!();
        let mut stored = stored(placed, departed, known)?;
        let mut members_before = HashMap::<Uuid, Vec<u32>>::new();
        for (index, record) in placed.iter().enumerate() {
            if let Some(golden) = record.row.golden {
                members_before.entry(golden).or_default().push(index as u32);
            }
        }
        // Of founders of ids that exist.
        let numbered = (0..).zip(placed).filter(|_| !stored.is_empty());
        let index_of: HashMap<i64, u32> = numbered.map(|(index, record)| (record.row.record_id, index)).collect();
        let ends = redirects(&stored);
        let returned = |founder: &u32| {
            let row = placed[*founder as usize].row;
            row.existing && row.golden.is_none()
        };
        let old = |(golden, into): (&Stored, Option<usize>)| {
            let founders: Vec<u32> = golden.founders.iter().filter_map(|row| index_of.get(row).copied()).collect();
            OldGolden {
                seq: golden.seq,
                returned: founders.iter().copied().filter(returned).collect(),
                founders,
                members: members_before.get(&golden.id).cloned().unwrap_or_default(),
                company: Vec::new(),
                into,
            }
        };
        let mut old: Vec<OldGolden> = stored.iter().zip(ends).map(old).collect();
        find_company(&mut old, &stored, placed, &index_of, decided)?;
        // Of a million records each of these steps takes a while.
        pgrx::check_for_interrupts!();
        let Assigned { ids: mut kept, mut fates, left } = assign(&old, clusters);
        pgrx::check_for_interrupts!();
        for (golden, founder) in &left {
            let row = placed[*founder as usize].row.record_id;
            stored[*golden].founders.retain(|known| *known != row);
        }
        let left = left.into_iter().map(|(golden, _)| stored[golden].id).collect();
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
                stored[at]
                    .founders
                    .extend(clusters[cluster].iter().map(|member| placed[*member as usize].row.record_id));
                renamed.insert(cluster);
            }
        }
        let id = |(kept, issued): (&Id, Uuid)| match kept {
            Id::Keep(position) => stored[*position].id,
            Id::New => issued,
        };
        let ids = kept.iter().zip(issued).map(id).collect();
        Ok(Identities { stored, members_before, left, kept, ids, renamed, fates })
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

    /// Whether a cluster of these members is a golden record that lives with them, and with no other, already, and keeps its
    /// founders.
    pub(super) fn has_its_members(&self, cluster: usize, members: &Vec<u32>, placed: &[Placed]) -> bool {
        let systems =
            || members.iter().map(|at| &*placed[*at as usize].row.reference.system).collect::<BTreeSet<&str>>();
        self.previous(cluster).is_some_and(|golden| {
            golden.live
                && golden.merged_into.is_none()
                && !self.left.contains(&golden.id)
                && self.members_before.get(&golden.id) == Some(members)
                && golden.records as usize == members.len()
                && golden.systems.iter().map(String::as_str).eq(systems())
        })
    }

    /// For each record that is gone and whose golden record lives on, the member of it that stands in: the first by
    /// reference of those that the id was issued for, or, where none is left of them, of all.
    pub(super) fn heirs<'a>(
        &self,
        placed: &[Placed<'a>],
        departed: &[&RecordRow],
        clusters: &[Vec<u32>],
    ) -> Vec<(i64, (i64, &'a RecordRef))> {
        if departed.is_empty() {
            return Vec::new();
        }
        let ids = self.stored.iter().map(|golden| golden.id);
        let fates: HashMap<Uuid, Fate> = ids.zip(self.fates.iter().copied()).collect();
        let heir = |golden: &Uuid| {
            let fate = match *fates.get(golden)? {
                Fate::Redirect(winner) => self.fates[winner],
                fate => fate,
            };
            let Fate::Live(cluster) = fate else { return None };
            let members = clusters[cluster].iter().map(|member| &placed[*member as usize]);
            let founders: HashSet<i64> =
                self.previous(cluster).into_iter().flat_map(|old| old.founders.clone()).collect();
            let heir =
                members.min_by_key(|member| (!founders.contains(&member.row.record_id), &member.row.reference))?;
            Some((heir.row.record_id, &heir.row.reference))
        };
        // Many may be gone of one.
        let mut known: HashMap<Uuid, Option<(i64, &RecordRef)>> = HashMap::new();
        let mut of = |golden: Uuid| *known.entry(golden).or_insert_with(|| heir(&golden));
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

    /// The ids that live no longer, or redirect elsewhere than before.
    pub(super) fn gone(&self) -> Gone {
        let mut gone = Gone::default();
        pgrx::check_for_interrupts!();
        let known: HashSet<Uuid> = self.stored.iter().map(|golden| golden.id).collect();
        for (golden, fate) in self.stored.iter().zip(&self.fates) {
            match fate {
                Fate::Live(_) => {}
                Fate::Redirect(winner) => {
                    let into = self.stored[*winner].id;
                    if golden.live {
                        gone.merged += 1;
                        gone.tell(golden.id, Change::Merged, Some(into));
                    } else if golden.merged_into.is_some_and(|to| to == into || !known.contains(&to))
                        && !self.left.contains(&golden.id)
                    {
                        continue;
                    }
                    gone.rows.push(Retired { id: golden.id, into: Some(into), founders: golden.founders.clone() });
                }
                Fate::Retired if golden.live => {
                    gone.retired += 1;
                    gone.tell(golden.id, Change::Retired, None);
                    gone.rows.push(Retired { id: golden.id, into: None, founders: golden.founders.clone() });
                }
                // Nobody is left who could say where it leads, and somebody made it lead to itself.
                Fate::Retired if golden.merged_into == Some(golden.id) => {
                    gone.rows.push(Retired { id: golden.id, into: None, founders: golden.founders.clone() });
                }
                Fate::Retired => {}
            }
        }
        gone
    }
}

impl Gone {
    fn tell(&mut self, golden: Uuid, change: Change, other: Option<Uuid>) {
        self.changes.push(ChangeEvent { golden, change, other, attributes: vec![] });
    }
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

/// By stored id, the position of the one that it redirects to in the end, where that is among them.
fn redirects(stored: &[Stored]) -> Vec<Option<usize>> {
    if stored.iter().all(|golden| golden.live) {
        return vec![None; stored.len()];
    }
    let position: HashMap<Uuid, usize> = stored.iter().enumerate().map(|(at, golden)| (golden.id, at)).collect();
    let of = |id: &Uuid| position.get(id).map(|at| &stored[*at]);
    let end = |at: usize| {
        let golden = &stored[at];
        let end = golden.end(of, stored.len()).filter(|_| !golden.live && golden.merged_into.is_some())?;
        position.get(&end.id).copied()
    };
    (0..stored.len()).map(end).collect()
}

/// Finds out who may speak for ids that no founder has stayed with, where their members part or a steward has spoken
/// (`decided`): those who were there with a founder; nobody, where the decision that brought them there was taken back.
fn find_company(
    old: &mut [OldGolden],
    stored: &[Stored],
    placed: &[Placed],
    index_of: &HashMap<i64, u32>,
    decided: bool,
) -> Result<()> {
    let parts = |members: &[u32]| {
        members.iter().any(|member| placed[*member as usize].cluster != placed[members[0] as usize].cluster)
    };
    let asked = |golden: &OldGolden| {
        golden.founders.len() == golden.returned.len()
            && !golden.members.is_empty()
            && (decided || parts(&golden.members))
    };
    let asked: HashMap<Uuid, usize> =
        (0..old.len()).filter(|at| asked(&old[*at])).map(|at| (stored[at].id, at)).collect();
    if asked.is_empty() {
        return Ok(());
    }
    let mut undone = HashSet::new();
    for (id, record, parted) in golden::company(asked.keys().copied().collect())? {
        let (Some(&at), Some(&member)) = (asked.get(&id), index_of.get(&record)) else { continue };
        if parted {
            undone.insert(at);
        } else {
            old[at].company.push(member);
        }
    }
    for at in undone {
        if old[at].company.is_empty() {
            old[at].members.clear();
        }
    }
    Ok(())
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
    let first = |kind: Kind| entity.of_kind(kind).find_map(|attribute| founder.state.canonical(&attribute.name));
    let RecordRef { system, id } = &founder.row.reference;
    Founding::of(first(Kind::Email), first(Kind::Phone), &entity.name, system, id)
}
