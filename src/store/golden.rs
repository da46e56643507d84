//! Golden records, their values and the records they were issued for.

use super::bulk::{List, Rows, Target, Texts};
use super::load::Load;
use super::vault::{self, seal_all, sealer, unseal, Sealer};
use super::{array_literal, each_opened, execute, in_pieces, now, query, run, whole, Row};
use crate::error::{Failure, Result};
use crate::jsonb::{pack_texts, unpack_texts};
use golden_record_core::error::Error;
use golden_record_core::pack::{pack_values, unpack_lineage, unpack_values, Packed};
use golden_record_core::record::RecordRef;
use golden_record_core::survive::{origin, Survivor};
use golden_record_core::value::{Text, Value};
use golden_record_core::vault::{Vault, NONCE};
use hashbrown::HashMap;
use pgrx::datum::{DatumWithOid, TimestampWithTimeZone, Uuid};
use pgrx::{pg_sys, Array};
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

const VALUES: &str = "golden_pii";

/// Values by attribute, sealed: system, region, values.
type Sealed = Vec<(Text, Text, Vec<u8>)>;

/// A golden record with its values as they are sealed.
fn sealed(row: &Row) -> Result<(Stored, Sealed)> {
    let mut sealed = Sealed::new();
    if let Some(groups) = row.get::<Array<&[u8]>>(12)? {
        let systems: Vec<String> = row.need(10)?;
        let regions: Vec<String> = row.need(11)?;
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
        records: row.need(8)?,
        systems: row.need(9)?,
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
    Ok(unpack_values(packed).ok_or_else(|| Error::new("XX001", "stored values are damaged"))?)
}

/// A value of a living golden record, or of the one that it was merged into, with the system and region of the record it
/// was taken from.
pub fn held(id: Uuid, attribute: &str) -> Result<Option<(Value, String, String)>> {
    let vault = vault::find()?;
    let groups = query(include_str!("../../sql/query/golden/groups.sql"), &[id.into()], |row| {
        let (id, system, region): (Uuid, String, String) = (row.need(1)?, row.need(2)?, row.need(3)?);
        let packed = open_group(vault.as_deref(), id, &system, &region, row.need(4)?)?;
        let found = values_of(&packed)?.into_iter().find(|one| one.name == attribute);
        Ok(found.map(|one| (one.value(), system, region)))
    })?;
    Ok(groups.into_iter().flatten().next())
}

/// What a golden record held before of records that are `own`, group by group with its system and region, for the person's
/// own request: a record that left it again was another's.
pub fn past(id: Uuid, own: impl Fn(&RecordRef) -> bool) -> Result<Vec<(String, String, serde_json::Value)>> {
    let vault = vault::find()?;
    let rows = query(include_str!("../../sql/query/golden/past.sql"), &[id.into()], |row| {
        let (system, region): (String, String) = (row.need(3)?, row.need(4)?);
        let time = |text: String| serde_json::from_str::<serde_json::Value>(&text);
        let lineage = row.get::<&[u8]>(6)?.and_then(unpack_lineage).unwrap_or_default();
        let given = |name: &str| lineage.get(name).is_some_and(|survivor| survivor.givers().all(&own));
        let packed = open_group(vault.as_deref(), id, &system, &region, row.need(5)?)?;
        let values = values_of(&packed)?.into_iter().filter(|one| given(one.name));
        let shown: serde_json::Map<_, _> = values.map(|one| (one.name.into(), one.display.into())).collect();
        if shown.is_empty() {
            return Ok(None);
        }
        let systems = match origin::names(&system).as_slice() {
            [one] => serde_json::json!(one),
            several => serde_json::json!(several),
        };
        let held = serde_json::json!({
            "from": time(row.need(1)?)?, "to": time(row.need(2)?)?, "systemName": systems, "attributes": shown,
        });
        Ok(Some((system, region, held)))
    })?;
    Ok(rows.into_iter().flatten().collect())
}

/// Removes history that was over before a moment; gives the number of rows.
pub fn forget(before: TimestampWithTimeZone) -> Result<i64> {
    let gone = run(include_str!("../../sql/query/golden/forget.sql"), &[before.into()], |row| row.need::<i64>(1))?;
    Ok(gone.into_iter().sum())
}

/// Since when there is history, if a moment lies before.
pub fn horizon_after(at: TimestampWithTimeZone) -> Result<Option<String>> {
    Ok(query(include_str!("../../sql/query/golden/horizon.sql"), &[at.into()], |row| row.need(1))?.pop())
}

/// The golden ids in `ids`, and those issued for any of `records`.
pub fn involved(ids: Vec<Uuid>, records: Vec<i64>) -> Result<Vec<Stored>> {
    if ids.is_empty() && records.is_empty() {
        return Ok(Vec::new());
    }
    let vault = vault::find()?;
    let rows = run(include_str!("../../sql/query/golden/involved.sql"), &[ids.into(), records.into()], sealed)?;
    let opened = |(stored, sealed): (Stored, Sealed)| {
        let groups = sealed
            .into_iter()
            .map(|(system, region, sealed)| held_group(vault.as_deref(), stored.id, system, region, &sealed));
        Stored { groups: groups.collect(), ..stored }
    };
    Ok(rows.into_iter().map(opened).collect())
}

/// A member of each living golden record that stands for ids which were issued for records, and which they have not left.
pub fn standing(records: Vec<i64>) -> Result<Vec<i64>> {
    if records.is_empty() {
        return Ok(Vec::new());
    }
    run(include_str!("../../sql/query/golden/standing.sql"), &[records.into()], |row| row.need(1))
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
    let mut all = whole(include_str!("../../sql/query/golden/of_entity.sql"), &[entity_type.into()], stored)?;
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
    let sql = include_str!("../../sql/query/golden/all_groups.sql");
    each_opened(sql, &[], read, open, |(at, group)| all[at].groups.push(group))?;
    Ok(Goldens { all, places })
}

/// Which of some ids were ever issued.
pub fn issued(mut ids: Vec<Uuid>) -> Result<Vec<Uuid>> {
    // PostgreSQL sorts them for its index, which takes a second for half a million where they are in no order.
    ids.sort_unstable();
    run(include_str!("../../sql/query/golden/issued.sql"), &[ids.into()], |row| row.need(1))
}

/// A golden record as it is to be stored.
pub struct Content {
    /// The id.
    pub id: Uuid,
    /// How many source records it has.
    pub records: i32,
    /// Their systems, sorted.
    pub systems: Vec<Text>,
    /// The rows that the id was issued for, ascending, but for those that left it.
    pub founders: Vec<i64>,
    /// Masked values by attribute.
    pub attributes: BTreeMap<Text, String>,
    /// Lineage by attribute, packed.
    pub lineage: Vec<u8>,
    /// Its values.
    pub values: Groups,
    /// Whether any value, or where it is kept, is another than before.
    pub revalued: bool,
}

/// Writes new content of golden records: those of new ids, or of old ones.
fn put(entity_type: Option<&str>, contents: &[Content], now: TimestampWithTimeZone) -> Result<()> {
    let ids: Vec<Uuid> = contents.iter().map(|content| content.id).collect();
    let records: Vec<i32> = contents.iter().map(|content| content.records).collect();
    let systems: Vec<String> = contents.iter().map(|content| array_literal(&content.systems)).collect();
    let shown = |content: &Content| serde_json::to_string(&content.attributes);
    let attributes = contents.iter().map(shown).collect::<std::result::Result<Vec<String>, _>>()?;
    let lineage: Vec<&[u8]> = contents.iter().map(|content| content.lineage.as_slice()).collect();
    let vault = vault::open()?;
    let revalued = || contents.iter().filter(|content| content.revalued);
    let groups: Vec<_> = revalued().flat_map(Content::groups).collect();
    let values = seal_all(&vault, VALUES, &groups, seal_group)?;
    let owners: Vec<Uuid> = groups.iter().map(|group| group.0).collect();
    let value_systems: Vec<&str> = groups.iter().map(|group| group.1).collect();
    let regions: Vec<&str> = groups.iter().map(|group| group.2).collect();
    let mut args: Vec<DatumWithOid> = entity_type.into_iter().map(Into::into).collect();
    let founders: Vec<String> = contents.iter().map(|content| array_literal(&content.founders)).collect();
    args.extend([ids.into(), records.into(), systems.into(), founders.into()]);
    args.extend([attributes.into(), lineage.into(), now.into()]);
    if entity_type.is_none() {
        args.push(revalued().map(|content| content.id).collect::<Vec<Uuid>>().into());
    }
    args.extend([owners.into(), value_systems.into(), regions.into(), values.into()]);
    execute(
        match entity_type {
            Some(_) => include_str!("../../sql/query/golden/insert.sql"),
            None => include_str!("../../sql/query/golden/replace.sql"),
        },
        &args,
    )
}

/// Writes new content of golden records.
pub fn replace(contents: &[Content]) -> Result<()> {
    let now = now();
    in_pieces(contents, |contents| put(None, contents, now))
}

/// Writes few new golden records.
pub fn insert_few(entity_type: &str, contents: &[Content]) -> Result<()> {
    let now = now();
    in_pieces(contents, |contents| put(Some(entity_type), contents, now))
}

const GOLDEN: Target = Target {
    name: c"golden_record",
    columns: &[
        (c"golden_id", pg_sys::UUIDOID),
        (c"entity_type", pg_sys::TEXTOID),
        (c"status", pg_sys::TEXTOID),
        (c"records", pg_sys::INT4OID),
        (c"systems", pg_sys::TEXTARRAYOID),
        (c"founders", pg_sys::INT8ARRAYOID),
        (c"attributes", pg_sys::JSONBOID),
        (c"lineage", pg_sys::BYTEAOID),
        (c"created_at", pg_sys::TIMESTAMPTZOID),
        (c"updated_at", pg_sys::TIMESTAMPTZOID),
    ],
    order: None,
};
const SEALED: Target = Target {
    name: c"golden_pii",
    columns: &[
        (c"golden_id", pg_sys::UUIDOID),
        (c"system_name", pg_sys::TEXTOID),
        (c"region", pg_sys::TEXTOID),
        (c"attributes", pg_sys::BYTEAOID),
    ],
    order: None,
};

/// New golden records with their values, laid out for their tables.
pub struct New {
    golden: Rows,
    values: Rows,
}

impl New {
    /// Lays out content in any thread; `nonces` are as many as the content has groups, or more.
    pub fn of(
        entity_type: &str,
        contents: impl Iterator<Item = Content>,
        vault: &Vault,
        nonces: Vec<[u8; NONCE]>,
        now: TimestampWithTimeZone,
    ) -> Result<New> {
        let (mut golden, mut values) = (Rows::of(&GOLDEN), Rows::of(&SEALED));
        let mut nonces = nonces.into_iter();
        for content in contents {
            let (systems, founders) = (List(&content.systems), List(&content.founders));
            let (id, records, attributes, lineage) =
                (content.id, content.records, Texts(&content.attributes), &content.lineage);
            golden.push(&[&id, &entity_type, &"live", &records, &systems, &founders, &attributes, lineage, &now, &now]);
            for group in content.groups() {
                let nonce = nonces.next().ok_or_else(|| Failure::internal("too few nonces"))?;
                let sealed = seal_group(&group, &sealer(vault, VALUES, nonce))?;
                values.push(&[&id, &group.1, &group.2, &sealed]);
            }
        }
        Ok(New { golden, values })
    }
}

/// The tables of golden records, into which new ones are on their way.
pub struct Loading {
    golden: Load,
    values: Load,
}

impl Loading {
    /// Opens them.
    pub fn begin() -> Result<Loading> {
        Ok(Loading { golden: Load::begin(&GOLDEN)?, values: Load::begin(&SEALED)? })
    }

    /// Adds golden records. They are found by what reads the tables whole, and by id in the end.
    pub fn add(&mut self, new: &New) {
        self.values.add(&new.values);
        self.golden.add(&new.golden);
    }

    /// The last of them was added.
    pub fn end(self) {
        self.values.end();
        self.golden.end();
    }
}

/// The values of a golden record that were taken from one system and region.
type Group<'a> = (Uuid, &'a str, &'a str, &'a BTreeMap<Text, Value>);

impl Content {
    fn groups(&self) -> impl Iterator<Item = Group<'_>> {
        self.values.iter().map(|((system, region), group)| (self.id, system.as_str(), region.as_str(), group))
    }
}

fn seal_group((id, system, region, group): &Group, seal: &Sealer) -> Result<Vec<u8>> {
    seal(&[id.as_bytes(), system.as_bytes(), region.as_bytes()], &packed(group))
}

/// Values of a group as they are sealed.
fn packed(group: &BTreeMap<Text, Value>) -> Zeroizing<Vec<u8>> {
    pack_values(group).into()
}

/// A golden id that lives no longer.
pub struct Retired {
    /// The id.
    pub id: Uuid,
    /// The id it redirects to.
    pub into: Option<Uuid>,
    /// The rows that it was issued for, but for those that left it.
    pub founders: Vec<i64>,
}

/// Retires golden ids.
pub fn retire(rows: &[Retired]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let into: Vec<Option<Uuid>> = rows.iter().map(|row| row.into).collect();
    let founders: Vec<String> = rows.iter().map(|row| array_literal(&row.founders)).collect();
    let now = now();
    execute(include_str!("../../sql/query/golden/keep_past.sql"), &[ids.clone().into(), now.into()])?;
    execute(include_str!("../../sql/query/golden/keep_values.sql"), &[ids.clone().into(), now.into()])?;
    execute(include_str!("../../sql/query/golden/retire.sql"), &[ids.into(), into.into(), founders.into(), now.into()])
}

/// Masks what the past and overrides still show of attributes, each with its kind.
///
/// What was shown lies in the planner's statistics too, which readers may see: they are made anew.
pub fn hide_past(entity_type: &str, names: Vec<&str>, kinds: Vec<&str>) -> Result<()> {
    let sql = include_str!("../../sql/query/golden/hide_past.sql");
    let hidden: i64 =
        run(sql, &[entity_type.into(), names.into(), kinds.into()], |row| row.need::<i64>(1))?.into_iter().sum();
    if hidden > 0 {
        execute(
            "ANALYZE golden_record.golden_record, golden_record.golden_history, golden_record.value_override",
            &[],
        )?;
    }
    Ok(())
}

/// The living golden record that an id leads to.
pub fn resolve(id: Uuid) -> Result<Option<Uuid>> {
    let living = run(include_str!("../../sql/query/golden/resolve.sql"), &[id.into()], |row| row.get(1))?;
    Ok(living.into_iter().next().flatten())
}

/// The entity type of a living golden record.
pub fn entity_type(id: Uuid) -> Result<Option<String>> {
    let types = run(include_str!("../../sql/query/golden/entity_type.sql"), &[id.into()], |row| row.need(1))?;
    Ok(types.into_iter().next())
}

/// The entity type of a golden record that lives, or whose records were all deleted; whether it lives, or its history is on
/// record.
pub fn subject(id: Uuid) -> Result<Option<(String, bool)>> {
    let sql = include_str!("../../sql/query/golden/subject.sql");
    let subjects = run(sql, &[id.into()], |row| Ok((row.need(1)?, row.need(2)?)))?;
    Ok(subjects.into_iter().next())
}

/// Where an id that was merged into another leads to in the end; `None` for any other.
pub fn merged_into(id: Uuid) -> Result<Option<Uuid>> {
    let ends = run(include_str!("../../sql/query/golden/into.sql"), &[id.into()], |row| row.need(1))?;
    Ok(ends.into_iter().next())
}

/// The source records of a golden record, those it was issued for first.
pub fn members(id: Uuid) -> Result<Vec<RecordRef>> {
    run(include_str!("../../sql/query/golden/members.sql"), &[id.into()], |row| {
        Ok(RecordRef::new(row.need::<&str>(1)?, row.need::<&str>(2)?))
    })
}

/// The golden records with a member that holds any of some keys, and the words of the keys that hit.
pub fn holding(keys: Vec<i64>, words: Vec<&str>) -> Result<Vec<(Uuid, Vec<String>)>> {
    query(include_str!("../../sql/query/serve/holding.sql"), &[keys.into(), words.into()], |row| {
        Ok((row.need(1)?, row.need(2)?))
    })
}
