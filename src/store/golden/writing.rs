//! Golden records on their way into their tables.

use super::{packed, Groups, VALUES};
use crate::clock;
use crate::error::{Failure, Result};
use crate::store::bulk::{List, Rows, Target, Texts};
use crate::store::load::Load;
use crate::store::vault::{self, seal_all, sealer, Sealer};
use crate::store::{array_literal, execute, in_pieces};
use golden_record_core::value::{Text, Value};
use golden_record_core::vault::{Vault, NONCE};
use pgrx::datum::{DatumWithOid, TimestampWithTimeZone, Uuid};
use pgrx::pg_sys;
use std::collections::BTreeMap;

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
    /// Those who speak for it where no founder lives.
    pub heirs: Vec<i64>,
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
        args.push(contents.iter().map(|content| array_literal(&content.heirs)).collect::<Vec<String>>().into());
    }
    args.extend([owners.into(), value_systems.into(), regions.into(), values.into()]);
    execute(
        match entity_type {
            Some(_) => include_str!("../../../sql/query/golden/insert.sql"),
            None => include_str!("../../../sql/query/golden/replace.sql"),
        },
        &args,
    )
}

/// Writes new content of golden records.
pub fn replace(contents: &[Content]) -> Result<()> {
    let now = clock::present();
    in_pieces(contents, |contents| put(None, contents, now))
}

/// Writes few new golden records.
pub fn insert_few(entity_type: &str, contents: &[Content]) -> Result<()> {
    let now = clock::present();
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

/// A golden id that lives no longer.
pub struct Retired {
    /// The id.
    pub id: Uuid,
    /// The id it redirects to.
    pub into: Option<Uuid>,
    /// The rows that it was issued for, but for those that left it.
    pub founders: Vec<i64>,
    /// Those who speak for it where no founder lives.
    pub heirs: Vec<i64>,
}

/// Retires golden ids.
pub fn retire(rows: &[Retired]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let into: Vec<Option<Uuid>> = rows.iter().map(|row| row.into).collect();
    let founders: Vec<String> = rows.iter().map(|row| array_literal(&row.founders)).collect();
    let heirs: Vec<String> = rows.iter().map(|row| array_literal(&row.heirs)).collect();
    let now = clock::present();
    execute(include_str!("../../../sql/query/golden/keep_past.sql"), &[ids.clone().into(), now.into()])?;
    execute(include_str!("../../../sql/query/golden/keep_values.sql"), &[ids.clone().into(), now.into()])?;
    execute(
        include_str!("../../../sql/query/golden/retire.sql"),
        &[ids.into(), into.into(), founders.into(), now.into(), heirs.into()],
    )
}
