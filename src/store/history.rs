//! What golden records were: the states that writes replaced.

use super::golden::{open_group, values_of};
use super::{execute, query, run, vault};
use crate::error::Result;
use golden_record_core::pack::unpack_lineage;
use golden_record_core::record::RecordRef;
use golden_record_core::survive::origin;
use pgrx::datum::{TimestampWithTimeZone, Uuid};

/// What a golden record and those merged into it held before of records that are `own`, group by group with its system and region,
/// for the person's own request: a record that left it again was another's.
pub fn of(id: Uuid, own: impl Fn(&RecordRef) -> bool) -> Result<Vec<(String, String, serde_json::Value)>> {
    let vault = vault::find()?;
    let rows = query(include_str!("../../sql/query/history/past.sql"), &[id.into()], |row| {
        let (id, system, region): (Uuid, String, String) = (row.need(1)?, row.need(4)?, row.need(5)?);
        let time = |text: String| serde_json::from_str::<serde_json::Value>(&text);
        let lineage = row.get::<&[u8]>(7)?.and_then(unpack_lineage).unwrap_or_default();
        let given = |name: &str| lineage.get(name).is_some_and(|survivor| survivor.givers().all(&own));
        let packed = open_group(vault.as_deref(), id, &system, &region, row.need(6)?)?;
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
            "from": time(row.need(2)?)?, "to": time(row.need(3)?)?, "systemName": systems, "attributes": shown,
        });
        Ok(Some((system, region, held)))
    })?;
    Ok(rows.into_iter().flatten().collect())
}

/// Removes history that was over before a moment; gives the number of rows.
pub fn forget(before: TimestampWithTimeZone) -> Result<i64> {
    let gone = run(include_str!("../../sql/query/history/forget.sql"), &[before.into()], |row| row.need::<i64>(1))?;
    Ok(gone.into_iter().sum())
}

/// Since when there is history, if a moment lies before.
pub fn horizon_after(at: TimestampWithTimeZone) -> Result<Option<String>> {
    Ok(query(include_str!("../../sql/query/history/horizon.sql"), &[at.into()], |row| row.need(1))?.pop())
}

/// Masks what the past and overrides still show of attributes, each with its kind.
///
/// What was shown lies in the planner's statistics too, which readers may see: they are made anew.
pub fn hide(entity_type: &str, names: Vec<&str>, kinds: Vec<&str>) -> Result<()> {
    let sql = include_str!("../../sql/query/history/hide_past.sql");
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
