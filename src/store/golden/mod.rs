//! Golden records, their values and the records they were issued for.

mod writing;

pub use writing::{insert_few, replace, retire, Content, Loading, New, Retired};

use super::vault::{self, unseal};
use super::{each_opened, execute, for_whole_tables, query, run, whole, Row};
use crate::error::{Failure, Result};
use crate::jsonb::{pack_texts, unpack_texts};
use golden_record_core::pack::{pack_values, unpack_lineage, unpack_values, Packed};
use golden_record_core::record::RecordRef;
use golden_record_core::survive::Survivor;
use golden_record_core::value::{Text, Value};
use golden_record_core::vault::Vault;
use hashbrown::HashMap;
use pgrx::datum::{Array, Uuid};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// A golden id as it is stored, with its values.
#[derive(Clone)]
pub struct Stored {
    /// The id.
    pub id: Uuid,
    /// Order of issue: the smaller is the older.
    pub seq: i64,
    /// False once it is retired or redirected.
    pub live: bool,
    /// The id it redirects to.
    pub merged_into: Option<Uuid>,
    attributes: Vec<u8>,
    lineage: Vec<u8>,
    groups: Vec<Held>,
    /// The record rows it was issued for, but for those that left it.
    pub founders: Vec<i64>,
    /// Those who speak for it where no founder lives: its members when it was merged, or when the last who spoke were gone.
    pub heirs: Vec<i64>,
    /// How many source records it has.
    pub records: i32,
    /// Their systems.
    pub systems: Vec<String>,
}

/// Values that a golden record holds of records of one system and region, or of several, packed by attribute; empty where
/// somebody damaged or moved them, so that `verify` names the values and `rebuild` mends them.
#[derive(Clone)]
struct Held {
    system: Text,
    region: Text,
    packed: Zeroizing<Vec<u8>>,
}

/// Values by attribute, in groups by system and region of the record that gave them; of several by [`origin::joined`].
pub type Groups = BTreeMap<(Text, Text), BTreeMap<Text, Value>>;

// Most golden records are as they should be, so they are compared as they are stored, and read where they differ.
impl Stored {
    /// Where redirects lead from here in the end, by `of`, which knows so many golden ids; `None` where that is in a circle, or
    /// out of what it knows.
    pub fn end<'a>(&'a self, of: impl Fn(&Uuid) -> Option<&'a Stored>, known: usize) -> Option<&'a Stored> {
        let mut at = self;
        for _ in 0..=known {
            match at.merged_into {
                Some(into) => at = of(&into)?,
                None => return Some(at),
            }
        }
        None
    }

    /// Whether these are the values that are stored, and as they are kept.
    pub fn has_values(&self, groups: &Groups) -> bool {
        let same = |((system, region), group): (&(Text, Text), &BTreeMap<Text, Value>)| {
            let held = self.groups.iter().find(|held| held.system == *system && held.region == *region);
            held.is_some_and(|held| *held.packed == *packed(group))
        };
        self.groups.len() == groups.len() && groups.iter().all(same)
    }

    /// Values by attribute, each with the system and region it is kept under.
    pub fn values(&self) -> BTreeMap<Text, (Value, &Text, &Text)> {
        let groups = self.groups.iter().map(|held| (held, unpack_values(&held.packed).unwrap_or_default()));
        let values = groups.flat_map(|(held, values)| {
            values.into_iter().map(move |one| (one.name.into(), (one.value(), &held.system, &held.region)))
        });
        values.collect()
    }

    /// Whether these masked values are stored.
    pub fn shows(&self, masked: &BTreeMap<Text, String>) -> bool {
        self.attributes == pack_texts(masked)
    }

    /// Masked values by attribute. Those that somebody damaged are none, so that `verify` names them.
    pub fn attributes(&self) -> BTreeMap<&str, &str> {
        unpack_texts(&self.attributes).unwrap_or_default()
    }

    /// Whether this is the lineage that is stored, packed.
    pub fn has_lineage(&self, packed: &[u8]) -> bool {
        self.lineage == packed
    }

    /// Lineage by attribute, without values. One that somebody damaged is empty, so that `verify` names it.
    pub fn lineage(&self) -> BTreeMap<Text, Survivor> {
        unpack_lineage(&self.lineage).unwrap_or_default()
    }
}

/// Values of a group as they are sealed.
fn packed(group: &BTreeMap<Text, Value>) -> Zeroizing<Vec<u8>> {
    pack_values(group).into()
}

/// Where values are, for the seal.
const VALUES: &str = "golden_pii";

/// Values by attribute, sealed: system, region, values.
type Sealed = Vec<(Text, Text, Vec<u8>)>;

/// A golden record with its values as they are sealed.
fn sealed(row: &Row) -> Result<(Stored, Sealed)> {
    let mut sealed = Sealed::new();
    if let Some(groups) = row.get::<Array<&[u8]>>(13)? {
        let systems: Vec<String> = row.need(11)?;
        let regions: Vec<String> = row.need(12)?;
        let groups = systems.into_iter().zip(regions).zip(groups.iter().flatten());
        sealed.extend(groups.map(|((system, region), sealed)| (system.into(), region.into(), sealed.to_vec())));
    }
    Ok((stored(row)?, sealed))
}

/// A golden record without its values.
fn stored(row: &Row) -> Result<Stored> {
    Ok(Stored {
        id: row.need(1)?,
        seq: row.need(2)?,
        live: row.need(3)?,
        merged_into: row.get(4)?,
        attributes: row.need(5)?,
        lineage: row.need(6)?,
        groups: Vec::new(),
        founders: row.need(7)?,
        heirs: row.need(8)?,
        records: row.need(9)?,
        systems: row.need(10)?,
    })
}

/// What a golden record holds of one system and region.
fn held_group(vault: Option<&Vault>, id: Uuid, system: Text, region: Text, sealed: &[u8]) -> Held {
    let packed = open_group(vault, id, &system, &region, sealed).unwrap_or_default();
    Held { system, region, packed }
}

/// One group of values that was found, packed. Errors: `XX001` when it was changed or moved.
pub fn open_group(
    vault: Option<&Vault>,
    id: Uuid,
    system: &str,
    region: &str,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>> {
    unseal(vault, VALUES, &[id.as_bytes(), system.as_bytes(), region.as_bytes()], sealed)
}

/// The values of such a group. Errors: `XX001`.
pub fn values_of(packed: &[u8]) -> Result<Vec<Packed<'_>>> {
    unpack_values(packed).ok_or_else(|| Failure::damaged("stored values are damaged"))
}

/// A value of a living golden record, or of the one that it was merged into, with the system and region of the record it
/// was taken from.
pub fn held(id: Uuid, attribute: &str) -> Result<Option<(Value, String, String)>> {
    let vault = vault::find()?;
    let groups = query(include_str!("../../../sql/query/golden/groups.sql"), &[id.into()], |row| {
        let (id, system, region): (Uuid, String, String) = (row.need(1)?, row.need(2)?, row.need(3)?);
        let packed = open_group(vault.as_deref(), id, &system, &region, row.need(4)?)?;
        let found = values_of(&packed)?.into_iter().find(|one| one.name == attribute);
        Ok(found.map(|one| (one.value(), system, region)))
    })?;
    Ok(groups.into_iter().flatten().next())
}

/// The golden ids in `ids`, those that any of `records` founded or inherited, and what these redirect to.
pub fn involved(ids: Vec<Uuid>, records: Vec<i64>) -> Result<Vec<Stored>> {
    if ids.is_empty() && records.is_empty() {
        return Ok(Vec::new());
    }
    let vault = vault::find()?;
    let rows = run(include_str!("../../../sql/query/golden/involved.sql"), &[ids.into(), records.into()], sealed)?;
    let opened = |(stored, sealed): (Stored, Sealed)| {
        let groups = sealed
            .into_iter()
            .map(|(system, region, sealed)| held_group(vault.as_deref(), stored.id, system, region, &sealed));
        Stored { groups: groups.collect(), ..stored }
    };
    Ok(rows.into_iter().map(opened).collect())
}

/// The heirs of golden ids (id, record row) of whom a decision that is taken back spoke, as of a founder, and whether they were on
/// its other side and no other decision holds the two together.
pub fn disinherited(decision: i64) -> Result<Vec<(Uuid, i64, bool)>> {
    run(include_str!("../../../sql/query/golden/disinherited.sql"), &[decision.into()], |row| {
        Ok((row.need(1)?, row.need(2)?, row.need(3)?))
    })
}

/// The ids of deleted records that redirect because of a decision which was taken back, as they are to be stored.
pub fn parted(decision: i64) -> Result<Vec<Retired>> {
    run(include_str!("../../../sql/query/golden/parted.sql"), &[decision.into()], |row| {
        Ok(Retired { id: row.need(1)?, founders: row.need(2)?, heirs: row.need(3)?, into: row.get(4)? })
    })
}

/// The golden ids that records founded or inherited.
pub fn founded(records: Vec<i64>) -> Result<Vec<Uuid>> {
    if records.is_empty() {
        return Ok(Vec::new());
    }
    run(include_str!("../../../sql/query/golden/founded.sql"), &[records.into()], |row| row.need(1))
}

/// A member of each living golden record that stands for ids which records founded or inherited, and which they have not left.
pub fn standing(records: Vec<i64>) -> Result<Vec<i64>> {
    if records.is_empty() {
        return Ok(Vec::new());
    }
    run(include_str!("../../../sql/query/golden/standing.sql"), &[records.into()], |row| row.need(1))
}

/// The golden ids of an entity type, found by id.
pub struct Goldens {
    /// In no order.
    pub all: Vec<Stored>,
    places: HashMap<Uuid, usize>,
}

impl Goldens {
    /// The one of an id.
    pub fn get(&self, id: &Uuid) -> Option<&Stored> {
        self.all.get(*self.places.get(id)?)
    }
}

/// Every golden id of an entity type.
pub fn of_entity(entity_type: &str) -> Result<Goldens> {
    let vault = vault::find()?;
    let vault = vault.as_deref();
    let mut all = whole(include_str!("../../../sql/query/golden/of_entity.sql"), &[entity_type.into()], stored)?;
    let places: HashMap<Uuid, usize> = all.iter().zip(0..).map(|(golden, at)| (golden.id, at)).collect();
    let read = |row: &Row| {
        // Of golden records of other types they are left alone.
        let id: Uuid = row.need(1)?;
        let Some(at) = places.get(&id) else { return Ok(None) };
        let text = |ordinal| Ok::<_, Failure>(Text::from(row.need::<&str>(ordinal)?));
        Ok(Some((*at, id, text(2)?, text(3)?, row.need::<Vec<u8>>(4)?)))
    };
    let open = |(at, id, system, region, sealed): (usize, Uuid, Text, Text, Vec<u8>)| {
        (at, held_group(vault, id, system, region, &sealed))
    };
    let sql = include_str!("../../../sql/query/golden/all_groups.sql");
    each_opened(sql, &[], read, open, |(at, group)| all[at].groups.push(group))?;
    Ok(Goldens { all, places })
}

/// The founders of golden ids of an entity type that do not lead back to these: somebody changed one of the two.
pub fn unfounded(entity_type: &str) -> Result<Vec<(Uuid, RecordRef)>> {
    whole(include_str!("../../../sql/query/golden/unfounded.sql"), &[entity_type.into()], |row| {
        Ok((row.need(1)?, RecordRef::new(row.need::<&str>(2)?, row.need::<&str>(3)?)))
    })
}

/// Makes them lead back.
pub fn lead_back(entity_type: &str) -> Result<()> {
    let _settings = for_whole_tables();
    execute(include_str!("../../../sql/query/golden/lead_back.sql"), &[entity_type.into()])
}

/// Which of some ids were ever issued.
pub fn issued(mut ids: Vec<Uuid>) -> Result<Vec<Uuid>> {
    // PostgreSQL sorts them for its index, which takes a second for half a million where they are in no order.
    ids.sort_unstable();
    run(include_str!("../../../sql/query/golden/issued.sql"), &[ids.into()], |row| row.need(1))
}

/// The living golden record that an id leads to.
pub fn resolve(id: Uuid) -> Result<Option<Uuid>> {
    let living = run(include_str!("../../../sql/query/golden/resolve.sql"), &[id.into()], |row| row.get(1))?;
    Ok(living.into_iter().next().flatten())
}

/// The entity type of a living golden record.
pub fn entity_type(id: Uuid) -> Result<Option<String>> {
    let types = run(include_str!("../../../sql/query/golden/entity_type.sql"), &[id.into()], |row| row.need(1))?;
    Ok(types.into_iter().next())
}

/// The entity type of a golden record that lives, or whose records were all deleted; whether it lives, or its history is on
/// record.
pub fn subject(id: Uuid) -> Result<Option<(String, bool)>> {
    let sql = include_str!("../../../sql/query/golden/subject.sql");
    let subjects = run(sql, &[id.into()], |row| Ok((row.need(1)?, row.need(2)?)))?;
    Ok(subjects.into_iter().next())
}

/// Where an id that was merged into another leads to in the end; `None` for any other.
pub fn merged_into(id: Uuid) -> Result<Option<Uuid>> {
    let ends = run(include_str!("../../../sql/query/golden/end_of.sql"), &[id.into()], |row| row.need(1))?;
    Ok(ends.into_iter().next())
}

/// The source records of a golden record, those it was issued for first.
pub fn members(id: Uuid) -> Result<Vec<RecordRef>> {
    run(include_str!("../../../sql/query/golden/members.sql"), &[id.into()], |row| {
        Ok(RecordRef::new(row.need::<&str>(1)?, row.need::<&str>(2)?))
    })
}

/// The golden records with a member that holds any of some keys, and the words of the keys that hit.
pub fn holding(keys: Vec<i64>, words: Vec<&str>) -> Result<Vec<(Uuid, Vec<String>)>> {
    query(include_str!("../../../sql/query/golden/holding.sql"), &[keys.into(), words.into()], |row| {
        Ok((row.need(1)?, row.need(2)?))
    })
}
