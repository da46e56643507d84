//! Overrides: values that stewards set over what the merge rules choose, until they are cleared or come to their end.
//!
//! An end is an event of its own, recorded by the write or rebuild that finds it due: what is in force is never a matter
//! of the clock.

use super::Placed;
use crate::audit;
use crate::configuration::Entity;
use crate::error::Result;
use crate::store::overrides::{self as store, End, Stored};
use golden_record_core::record::{Node, RecordRef};
use golden_record_core::survive::{overrule, survive, Survivor};
use golden_record_core::value::{Micros, Text};
use pgrx::datum::Uuid;
use std::collections::{BTreeMap, HashMap};

/// An override that came to its end.
pub struct Ended {
    id: i64,
    golden: Uuid,
    attribute: String,
    reason: End,
}

/// The overrides that a statement may meet.
pub struct Overrides {
    by_record: HashMap<i64, Vec<Stored>>,
    now: Micros,
}

impl Overrides {
    /// Those that sit on records.
    pub fn on(rows: Vec<i64>) -> Result<Overrides> {
        Ok(Overrides::of(store::of_records(rows)?))
    }

    /// Those of an entity type.
    pub fn of_entity(entity_type: &str) -> Result<Overrides> {
        Ok(Overrides::of(store::of_entity(entity_type)?))
    }

    fn of(all: Vec<Stored>) -> Overrides {
        let damaged = all.iter().filter(|stored| stored.set.given.is_none()).count();
        if damaged > 0 {
            pgrx::warning!("damaged overrides set nothing ({damaged} here): golden_record.verify() names them");
        }
        let mut by_record = HashMap::<i64, Vec<Stored>>::new();
        for stored in all {
            by_record.entry(stored.record_id).or_default().push(stored);
        }
        Overrides { by_record, now: crate::clock::now() }
    }

    /// Hands on what sits on records that are gone: each to the record that stands in for it. All of it, so that nothing
    /// of a person stays behind with an id that its system may give to another.
    pub(super) fn hand_on(&mut self, heirs: &[(i64, (i64, &RecordRef))]) -> Result<()> {
        store::hand_on(&heirs.iter().map(|(gone, (heir, _))| (*gone, *heir)).collect::<Vec<_>>())?;
        for (gone, (heir, reference)) in heirs {
            let mut all = self.by_record.remove(gone).unwrap_or_default();
            all.iter_mut().for_each(|stored| stored.set.record = (*reference).clone());
            self.by_record.entry(*heir).or_default().append(&mut all);
        }
        Ok(())
    }

    /// The values of a golden record: what the rules choose, and the overrides that are not at their end; and those that
    /// are.
    pub fn survivors(&self, entity: &Entity, id: Uuid, members: &[&Placed]) -> (BTreeMap<Text, Survivor>, Vec<Ended>) {
        let bound: Vec<Node> = members.iter().map(|member| member.node()).collect();
        let mut survivors = survive(&entity.entity, &entity.rules, &bound);
        let (mut in_force, mut ended) = (Vec::new(), Vec::new());
        for stored in members.iter().filter_map(|record| self.by_record.get(&record.row.record_id)).flatten() {
            match self.end_of(stored, &survivors) {
                None => in_force.push(stored.set.clone()),
                Some(reason) => {
                    let attribute = stored.set.attribute.clone();
                    ended.push(Ended { id: stored.set.order, golden: id, attribute, reason });
                }
            }
        }
        overrule(&entity.entity, &entity.rules, &bound, &in_force, &mut survivors);
        (survivors, ended)
    }

    fn end_of(&self, stored: &Stored, chosen: &BTreeMap<Text, Survivor>) -> Option<End> {
        if stored.until.is_some_and(|until| until <= self.now) {
            return Some(End::Expired);
        }
        let then = stored.until_other_than.as_ref()?;
        let now = chosen.get(stored.set.attribute.as_str()).map(|survivor| &*survivor.value.canonical);
        (then.as_deref() != now).then_some(End::SourceChanged)
    }
}

/// Records the ends that a statement met.
pub fn record_ends(entity_type: &str, ended: &[Ended]) -> Result<()> {
    store::end(&ended.iter().map(|ended| (ended.id, ended.reason)).collect::<Vec<_>>())?;
    let mut of_golden: BTreeMap<[u8; 16], Vec<&Ended>> = BTreeMap::new();
    ended.iter().for_each(|one| of_golden.entry(*one.golden.as_bytes()).or_default().push(one));
    // One a golden record: an erasure takes the detail of its own.
    for ended in of_golden.values() {
        let detail = serde_json::json!({
            "override_ids": ended.iter().map(|ended| ended.id).collect::<Vec<_>>(),
            "attributes": ended.iter().map(|ended| &ended.attribute).collect::<Vec<_>>(),
            "reasons": ended.iter().map(|ended| ended.reason).collect::<Vec<_>>(),
        });
        audit::entry("override_ended", Some(entity_type), ended.first().map(|one| one.golden), None, &detail)?;
    }
    Ok(())
}
