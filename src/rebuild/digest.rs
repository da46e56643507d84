//! The state as it is stored, in one hash.

use crate::configuration::Configuration;
use crate::error::{Failure, Result};
use crate::parallel;
use crate::store::record;
use crate::store::{golden, matching};
use golden_record_core::digest;
use golden_record_core::record::RecordRef;
use golden_record_core::survive::Survivor;
use golden_record_core::value::{Text, Value};
use hashbrown::HashMap;
use pgrx::datum::Uuid;
use std::collections::BTreeMap;

/// What the digest is made of, as it is stored.
struct Snapshot {
    /// Members, ascending, and values.
    golden: Vec<(Vec<RecordRef>, BTreeMap<Text, Survivor>)>,
    /// Open review items: smallest members, reason, 1/1000 points.
    open: Vec<(RecordRef, RecordRef, String, i64)>,
}

impl Snapshot {
    fn read(entity_type: &str) -> Result<Snapshot> {
        Configuration::current()?.entity(entity_type)?;
        let rows = record::named_of_entity(entity_type)?;
        let goldens = golden::of_entity(entity_type)?.all;
        let values = parallel::map(&goldens, survivors)?;
        let values = goldens.into_iter().zip(values).map(|(golden, values)| Ok((golden.id, values?)));
        let mut values = values.collect::<Result<HashMap<_, _>>>()?;
        let golden_of: HashMap<i64, Uuid> = rows.iter().filter_map(|row| Some((row.record_id, row.golden?))).collect();
        let mut members = BTreeMap::<Uuid, Vec<RecordRef>>::new();
        for (row, id) in rows.into_iter().filter_map(|row| Some((row.reference, row.golden?))) {
            members.entry(id).or_default().push(row);
        }
        members.values_mut().for_each(|references| references.sort());
        let head = |row: i64| members.get(golden_of.get(&row)?)?.first();
        let mut open = Vec::new();
        for pair in matching::review_of_entity(entity_type)? {
            if let (Some(a), Some(b)) = (head(pair.a), head(pair.b)) {
                open.push((a.clone(), b.clone(), pair.reason, (pair.score * 1000.0).round() as i64));
            }
        }
        let golden = |(id, references)| (references, values.remove(&id).unwrap_or_default());
        let golden = members.into_iter().map(golden).collect();
        Ok(Snapshot { golden, open })
    }

    fn golden(&self) -> impl Iterator<Item = digest::Golden<'_>> {
        self.golden.iter().map(|(members, values)| digest::Golden { members, values })
    }

    fn open(&self) -> Vec<digest::Open<'_>> {
        let open = self.open.iter();
        open.map(|(a, b, reason, millipoints)| digest::Open { a, b, reason, millipoints: *millipoints }).collect()
    }
}

/// SHA-256 of the state as it is stored, in hexadecimal.
pub fn digest(entity_type: &str) -> Result<String> {
    let snapshot = Snapshot::read(entity_type)?;
    Ok(digest::digest(snapshot.golden(), &snapshot.open()))
}

/// The text that [`digest`] hashes.
pub fn digest_text(entity_type: &str) -> Result<String> {
    let snapshot = Snapshot::read(entity_type)?;
    Ok(digest::digest_text(snapshot.golden(), &snapshot.open()))
}

fn survivors(golden: &golden::Stored) -> Result<BTreeMap<Text, Survivor>> {
    let mut lines = golden.lineage();
    let survivor = |(name, (value, ..)): (Text, (Value, &Text, &Text))| {
        let lost = || Failure::internal("the lineage of a value is lost");
        let line = lines.remove(&name).ok_or_else(lost)?;
        Ok((name, Survivor { value, ..line }))
    };
    golden.values().into_iter().map(survivor).collect()
}
