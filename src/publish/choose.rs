//! The values of golden records: what the rules choose from their members, what stewards set over it, and what of it
//! differs from what is stored. Calls no PostgreSQL, so that any thread may do it.

use super::overrides::{Ended, Overrides};
use super::Placed;
use crate::configuration::Entity;
use crate::error::Result;
use crate::store::golden::{Content, Groups, Stored};
use golden_record_core::entity::EntityType;
use golden_record_core::pack::pack_lineage;
use golden_record_core::race::{across, Entrant, Meeting};
use golden_record_core::record::{Node, RecordRef};
use golden_record_core::survive::{origin, Choice, Survivor};
use golden_record_core::value::{Micros, Text, Value};
use pgrx::datum::Uuid;
use std::collections::{BTreeMap, BTreeSet};

/// A golden record whose values are to be chosen.
pub struct Task<'a> {
    /// Its id.
    pub id: Uuid,
    /// Its members.
    pub members: Vec<&'a Placed<'a>>,
    /// What is stored under that id.
    pub previous: Option<&'a Stored>,
    /// Whether it has the members that it had.
    pub unmoved: bool,
}

/// What was chosen for it.
pub struct Chosen {
    /// What is to be stored; `None` where that is stored already.
    pub content: Option<Content>,
    /// The attributes whose value is another.
    pub attributes: Vec<Text>,
    /// Where members met.
    pub races: Vec<Meeting>,
    /// Overrides that came to their end.
    pub ended: Vec<Ended>,
}

/// Chooses for a task.
pub fn choose(entity: &Entity, overrides: &Overrides, task: &Task) -> Result<Chosen> {
    let (survivors, ended) = overrides.survivors(entity, task.id, &task.members);
    let races = meetings(&survivors, &task.members);
    let nodes: Vec<Node> = task.members.iter().map(|member| member.node()).collect();
    let values = groups(&survivors, &nodes);
    let (masked, lineage) = (masked(&entity.entity, &survivors), pack_lineage(&survivors));
    let (mut attributes, mut revalued) = (survivors.keys().cloned().collect(), true);
    if let Some(golden) = task.previous {
        let explained = golden.has_lineage(&lineage);
        let mut changed = if explained { BTreeSet::new() } else { set_names(golden, &survivors) };
        revalued = !changed.is_empty() || !golden.has_values(&values);
        if golden.live && task.unmoved && !revalued && explained && golden.shows(&masked) {
            return Ok(Chosen { content: None, attributes: Vec::new(), races, ended });
        }
        if revalued {
            changed.extend(changed_names(golden, &values));
        }
        attributes = changed.into_iter().collect();
    }
    let systems: BTreeSet<&str> = task.members.iter().map(|record| record.row.reference.system.as_str()).collect();
    let issued_for = || {
        let mut founders: Vec<i64> = task.members.iter().map(|record| record.row.record_id).collect();
        founders.sort_unstable();
        founders
    };
    let content = Content {
        id: task.id,
        records: task.members.len() as i32,
        systems: systems.into_iter().map(Text::from).collect(),
        founders: task.previous.map_or_else(issued_for, |golden| golden.founders.clone()),
        heirs: task.previous.map_or_else(Vec::new, |golden| golden.heirs.clone()),
        attributes: masked,
        lineage,
        values,
        revalued,
    };
    Ok(Chosen { content: Some(content), attributes, races, ended })
}

/// Where members met in one event second, in what they state anew or because they became one with this write.
fn meetings(survivors: &BTreeMap<Text, Survivor>, members: &[&Placed]) -> Vec<Meeting> {
    let together =
        members.iter().all(|member| member.row.golden == members[0].row.golden) && members[0].row.golden.is_some();
    if members.len() < 2 || (together && members.iter().all(|member| member.before.is_none())) {
        return Vec::new();
    }
    let before: BTreeSet<Uuid> = members.iter().filter_map(|member| member.row.golden).collect();
    let number = |golden: Uuid| before.range(..golden).count() as u32;
    let entrants: Vec<Entrant> = members
        .iter()
        .map(|member| Entrant { member: member.node(), before: member.before, group: member.row.golden.map(number) })
        .collect();
    across(survivors, &entrants)
}

/// The values that survived, in the groups they are kept in: by the systems and regions of the members that gave them.
pub fn groups(survivors: &BTreeMap<Text, Survivor>, members: &[Node]) -> Groups {
    let region = |giver: &RecordRef| {
        let member = members.iter().find(|member| member.reference == giver);
        member.map_or_else(Text::default, |member| member.state.region().into())
    };
    let mut groups = Groups::new();
    for (attribute, survivor) in survivors {
        let systems = survivor.givers().map(|giver| giver.system.clone());
        let group = (origin::joined(systems), origin::joined(survivor.givers().map(&region)));
        groups.entry(group).or_default().insert(attribute.clone(), survivor.value.clone());
    }
    groups
}

/// The values as every reader may see them.
pub fn masked(entity: &EntityType, survivors: &BTreeMap<Text, Survivor>) -> BTreeMap<Text, String> {
    let shown =
        |(name, survivor): (&Text, &Survivor)| Some((name.clone(), entity.attribute(name)?.shown(&survivor.value)));
    survivors.iter().filter_map(shown).collect()
}

/// The attributes that a steward set now or sets no more, whatever he set them to: who may set values and not read them must not
/// learn from it whether a guess is the value that was there.
fn set_names(before: &Stored, survivors: &BTreeMap<Text, Survivor>) -> BTreeSet<Text> {
    let before = before.lineage();
    let set = |lineage: &BTreeMap<Text, Survivor>| -> BTreeSet<(Text, Micros)> {
        let over = lineage.iter().filter(|(_, survivor)| survivor.action == Choice::Override);
        over.map(|(name, survivor)| (name.clone(), survivor.at)).collect()
    };
    set(&before).symmetric_difference(&set(survivors)).map(|(name, _)| name.clone()).collect()
}

fn changed_names(before: &Stored, values: &Groups) -> BTreeSet<Text> {
    let (before, now) = (before.values(), values.values().flatten().collect::<BTreeMap<&Text, &Value>>());
    let names: BTreeSet<&Text> = before.keys().chain(now.keys().copied()).collect();
    let value = |name: &Text| before.get(name).map(|(value, ..)| value);
    names.into_iter().filter(|name| value(name) != now.get(*name).copied()).cloned().collect()
}
