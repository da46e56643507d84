//! Limits that stopped a merge.

use super::alert::{self, Kind};
use super::{run, whole};
use crate::error::Result;
use std::borrow::Cow;

/// A limit that stopped a merge inside a component.
pub struct Limit {
    /// The component.
    pub component: i64,
    /// Which limit.
    pub what: Cow<'static, str>,
    /// What was reached.
    pub figure: i64,
    /// What is allowed.
    pub threshold: i64,
}

/// The limits on record that stopped a merge of an entity type.
pub fn of_entity(entity_type: &str) -> Result<Vec<Limit>> {
    whole(include_str!("../../sql/query/limit/of_entity.sql"), &[entity_type.into()], |row| {
        let what: String = row.need(2)?;
        Ok(Limit { component: row.need(1)?, what: what.into(), figure: row.need(3)?, threshold: row.need(4)? })
    })
}

/// Replaces what is known of limits in `looked_at` (`None`: everywhere), and raises or closes the alert of components
/// that are too large to be solved. Gives how many limits were others than before.
pub fn put(entity_type: &str, looked_at: Option<Vec<i64>>, rows: &[Limit]) -> Result<usize> {
    let components: Vec<i64> = rows.iter().map(|row| row.component).collect();
    let whats: Vec<&str> = rows.iter().map(|row| &*row.what).collect();
    let figures: Vec<i64> = rows.iter().map(|row| row.figure).collect();
    let thresholds: Vec<i64> = rows.iter().map(|row| row.threshold).collect();
    let written = run(
        include_str!("../../sql/query/limit/replace.sql"),
        &[entity_type.into(), looked_at.into(), components.into(), whats.into(), figures.into(), thresholds.into()],
        |row| row.need::<i64>(1),
    )?;
    let written = written.into_iter().sum::<i64>() as usize;
    if written == 0 {
        return Ok(0);
    }
    let worst = run(include_str!("../../sql/query/limit/worst_component.sql"), &[entity_type.into()], |row| {
        Ok((row.need::<i64>(1)?, row.need::<i64>(2)?))
    })?;
    match worst.first() {
        Some((figure, threshold)) => {
            let detail = serde_json::json!({"entity_type": entity_type});
            alert::open(Kind::ComponentCap, entity_type, *figure as f64, *threshold as f64, &detail)?;
        }
        None => alert::close(Kind::ComponentCap, entity_type)?,
    }
    Ok(written)
}

/// Whether a component, or a part of it, is over its cap.
pub fn over_cap(component: i64) -> Result<bool> {
    let found =
        run(include_str!("../../sql/query/limit/over_cap.sql"), &[component.into()], |row| row.need::<bool>(1))?;
    Ok(found == [true])
}
