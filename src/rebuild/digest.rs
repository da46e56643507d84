//! The state as it is stored, in one hash.

use crate::configuration::Configuration;
use crate::error::{Failure, Result};
use crate::parallel;
use crate::store::record;
use crate::store::{golden, review};
use golden_record_core::digest::{arrange, golden_lines, hex, review_lines, Golden, Open};
use golden_record_core::record::RecordRef;
use golden_record_core::survive::Survivor;
use golden_record_core::value::{Text, Value};
use hashbrown::HashMap;
use pgrx::datum::Uuid;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Golden records whose lines are made at a time.
const PIECE: usize = 2_048;

/// SHA-256 of the state as it is stored, in hexadecimal.
pub fn digest(entity_type: &str) -> Result<String> {
    let mut hash = Sha256::new();
    lines(entity_type, |text| hash.update(text))?;
    Ok(hex(hash))
}

/// The text that [`digest`] hashes.
pub fn digest_text(entity_type: &str) -> Result<String> {
    let mut all = String::new();
    lines(entity_type, |text| all.push_str(text))?;
    Ok(all)
}

/// Gives the text in pieces: read from what is stored, opened and written on all cores.
fn lines(entity_type: &str, mut take: impl FnMut(&str)) -> Result<()> {
    Configuration::current()?.entity(entity_type)?;
    let rows = record::rows_of_entity(entity_type)?;
    let goldens = golden::of_entity(entity_type)?;
    let golden_of: HashMap<i64, Uuid> = rows.iter().filter_map(|row| Some((row.record_id, row.golden?))).collect();
    let mut members = HashMap::<Uuid, Vec<RecordRef>>::new();
    for (row, id) in rows.into_iter().filter_map(|row| Some((row.reference, row.golden?))) {
        members.entry(id).or_default().push(row);
    }
    members.values_mut().for_each(|references| references.sort());
    let mut sorted: Vec<(&Uuid, &Vec<RecordRef>)> = members.iter().collect();
    arrange(&mut sorted, |(_, references)| references);
    let text_of = |piece: &[(&Uuid, &Vec<RecordRef>)]| {
        let mut text = String::new();
        for (id, members) in piece {
            let values = goldens.get(id).map_or_else(|| Ok(BTreeMap::new()), survivors)?;
            golden_lines(&mut text, Golden { members, values: &values });
        }
        Ok(text)
    };
    parallel::pipeline(sorted.chunks(PIECE).map(Ok), text_of, |text: Result<String>| {
        take(&text?);
        Ok(())
    })?;
    // A review item speaks of the smallest members of the golden records of its two.
    let head = |row: i64| members.get(golden_of.get(&row)?)?.first();
    let pairs = review::of_entity(entity_type)?;
    let open = pairs.iter().filter_map(|pair| {
        let (a, b) = (head(pair.a)?, head(pair.b)?);
        Some(Open { a, b, reason: &pair.reason, millipoints: (pair.score * 1000.0).round() as i64 })
    });
    let mut text = String::new();
    review_lines(&mut text, &open.collect::<Vec<_>>());
    take(&text);
    Ok(())
}

/// The values of a golden record, with their lineage.
fn survivors(golden: &golden::Stored) -> Result<BTreeMap<Text, Survivor>> {
    let mut lines = golden.lineage();
    let survivor = |(name, (value, ..)): (Text, (Value, &Text, &Text))| {
        let lost = || Failure::damaged("the lineage of a value is lost");
        let line = lines.remove(&name).ok_or_else(lost)?;
        Ok((name, Survivor { value, ..line }))
    };
    golden.values().into_iter().map(survivor).collect()
}
