//! What is stored beside what should be: every difference.

use super::difference::{about, difference, orphan, Difference, Kind};
use super::expected::{self, Entry, Expected, Records};
use super::holders::Holders;
use crate::configuration::{Configuration, Entity};
use crate::error::Result;
use crate::keyring::Keyring;
use crate::parallel;
use crate::progress::{self, Progress};
use crate::publish::{groups, masked};
use crate::resolve::limits;
use crate::store::blocks::Crowded;
use crate::store::golden::Goldens;
use crate::store::keys::{self, GenericKey, Holder};
use crate::store::limit::{self, Limit};
use crate::store::review::{self, StoredPair};
use crate::store::{blocks, golden, record, vault};
use golden_record_core::mask::mask;
use golden_record_core::merge::line_json;
use golden_record_core::pack::{pack_lineage, unpack_lineage};
use golden_record_core::record::Node;
use golden_record_core::survive::{origin, Survivor};
use golden_record_core::value::{Text, Value};
use hashbrown::{HashMap, HashSet};
use pgrx::datum::Uuid;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Lists every difference between what is stored and what should be.
pub fn verify(entity_type: &str) -> Result<Vec<Difference>> {
    let _progress = Progress::begin("verify", entity_type);
    let configuration = Configuration::current()?;
    let entity = configuration.entity(entity_type)?;
    let Some(vault) = vault::find()? else {
        let lost = record::exists(entity_type)?;
        return Ok(if lost { vec![difference(Kind::KeyRing, None, None)] } else { Vec::new() });
    };
    let keyring = Keyring::new(vault.identity(), entity_type);
    let records = expected::read(&configuration, &entity)?;
    let mut found = Vec::new();
    verify_states(&records, &mut found);
    let (expected, goldens) = Expected::of(&entity, &keyring, records, None, |records, holders| {
        progress::phase("comparing keys", holders.keys.len())?;
        let others = verify_keys(records, holders, keys::all()?, &mut found);
        for one in record::orphans(others)? {
            found.push(orphan(one)?);
        }
        let unfounded = golden::unfounded(entity_type)?;
        found.extend(unfounded.iter().map(|(golden, founder)| difference(Kind::Founder, Some(*golden), Some(founder))));
        let misnamed = records.misnamed()?.into_iter().map(|entry| &entry.row);
        found.extend(misnamed.map(|row| difference(Kind::CrossReference, row.golden, Some(&row.reference))));
        // While they are resolved, the backend's own thread has time for it.
        progress::phase("reading golden records", 0)?;
        golden::of_entity(entity_type)
    })?;
    progress::phase("comparing", expected.records.entries.len())?;
    verify_blocks(entity_type, &expected, &mut found)?;
    verify_limits(&entity, &expected, &mut found)?;
    verify_generic(&entity, &keyring, &expected, &mut found)?;
    verify_golden(&entity, &expected, &goldens, &mut found)?;
    verify_reviews(entity_type, &expected, &mut found)?;
    Ok(found)
}

fn verify_states(records: &Records, found: &mut Vec<Difference>) {
    for Entry { row, state, before, sound, .. } in &records.entries {
        if !sound {
            found.push(difference(Kind::Version, row.golden, Some(&row.reference)));
        }
        if let Some(before) = before {
            let names: BTreeSet<&str> = state.held().chain(before.held()).map(|(name, _)| name).collect();
            let differs = names.into_iter().find(|name| state.held_of(name) != before.held_of(name));
            let mut difference = difference(Kind::State, row.golden, Some(&row.reference));
            difference.attribute = differs.map(ToString::to_string);
            found.push(difference);
        }
    }
}

/// Gives whether keys are stored of other records than these.
fn verify_keys(records: &Records, holders: &Holders, stored: Vec<Holder>, found: &mut Vec<Difference>) -> bool {
    let mut wrong = |row: i64, space: Option<&str>, stored: Option<i64>, wanted: Option<i64>| {
        let mut difference = about(Kind::Key, records, row);
        difference.attribute = space.map(str::to_owned);
        difference.stored = stored.map(|key| key.to_string());
        difference.expected = wanted.map(|key| key.to_string());
        found.push(difference);
    };
    // A key that was changed is one damaged row: the missing and the surplus one of a record are told together.
    let (mut missing, mut surplus) = (BTreeMap::<i64, Vec<(i64, &str)>>::new(), BTreeSet::<(i64, i64)>::new());
    let others = holders.compare(records, stored, |stored, held| match (stored, held) {
        (Some(stored), Some((held, ..))) if stored.name_key == held.name_key => {}
        (Some(_), Some((held, space, _))) => wrong(held.record_id, Some(space.name()), Some(held.key), Some(held.key)),
        (None, Some((held, space, _))) => missing.entry(held.record_id).or_default().push((held.key, space.name())),
        (Some(gone), None) => {
            surplus.insert((gone.record_id, gone.key));
        }
        (None, None) => {}
    });
    for (row, surplus) in surplus {
        match missing.get_mut(&row).and_then(Vec::pop) {
            Some((key, space)) => wrong(row, Some(space), Some(surplus), Some(key)),
            None => wrong(row, None, Some(surplus), None),
        }
    }
    for (row, keys) in missing {
        for (key, space) in keys {
            wrong(row, Some(space), None, Some(key));
        }
    }
    others
}

/// Blocks are compared record by record: a record in the wrong one is one damaged row.
fn verify_blocks(entity_type: &str, expected: &Expected, found: &mut Vec<Difference>) -> Result<()> {
    let Some(differing) = blocks::differing(entity_type, &expected.blocks.members)? else {
        found.push(difference(Kind::Block, None, None));
        return Ok(());
    };
    let mut wrong: BTreeMap<i64, (Option<i64>, Option<i64>)> = BTreeMap::new();
    for (stored, wanted) in differing {
        // Both ascend.
        let mut stored = stored.into_iter().peekable();
        for member in wanted {
            while let Some((block, row)) = stored.next_if(|stored| stored < member) {
                wrong.entry(row).or_default().0 = Some(block);
            }
            if stored.next_if_eq(member).is_none() {
                wrong.entry(member.1).or_default().1 = Some(member.0);
            }
        }
        stored.for_each(|(block, row)| wrong.entry(row).or_default().0 = Some(block));
    }
    for (row, (surplus, missing)) in wrong {
        let mut difference = about(Kind::Block, &expected.records, row);
        difference.stored = surplus.map(|block| block.to_string());
        difference.expected = missing.map(|block| block.to_string());
        found.push(difference);
    }
    let mut crowded = blocks::crowded_of_entity(entity_type)?;
    let text = |Crowded { members, limit, .. }: &Crowded| format!("{members} of {limit}");
    let mut wrong = |stored: Option<&Crowded>, expected: Option<&Crowded>| {
        let mut row = difference(Kind::Limit, None, None);
        row.stored = stored.map(text);
        row.expected = expected.map(text);
        found.push(row);
    };
    for over in &expected.blocks.over {
        let held = crowded.remove(&over.block);
        if held.as_ref() != Some(over) {
            wrong(held.as_ref(), Some(over));
        }
    }
    crowded.values().for_each(|held| wrong(Some(held), None));
    Ok(())
}

fn verify_limits(entity: &Entity, expected: &Expected, found: &mut Vec<Difference>) -> Result<()> {
    let by_place = |limits: Vec<Limit>| -> BTreeMap<_, _> {
        limits.into_iter().map(|limit| ((limit.component, limit.what), (limit.figure, limit.threshold))).collect()
    };
    let mut stored = by_place(limit::of_entity(&entity.entity.name)?);
    let text = |(figure, threshold): (i64, i64)| format!("{figure} of {threshold}");
    let mut wrong = |(component, what): (i64, Cow<str>), stored: Option<_>, expected_limit: Option<_>| {
        // A component is named by the first of its records.
        let mut row = about(Kind::Limit, &expected.records, component);
        row.attribute = Some(what.into_owned());
        row.stored = stored.map(text);
        row.expected = expected_limit.map(text);
        found.push(row);
    };
    for (place, limit) in by_place(limits(&entity.entity, &expected.resolution.solution, &expected.components())) {
        let held = stored.remove(&place);
        if held != Some(limit) {
            wrong(place, held, Some(limit));
        }
    }
    stored.into_iter().for_each(|(place, held)| wrong(place, Some(held), None));
    Ok(())
}

fn verify_generic(entity: &Entity, keyring: &Keyring, expected: &Expected, found: &mut Vec<Difference>) -> Result<()> {
    let stored = keys::generic_of_entity(&entity.entity.name)?;
    let mut stored: BTreeMap<i64, GenericKey> = stored.into_iter().map(|generic| (generic.key, generic)).collect();
    // Not the value: what lies in its place may be one that nobody masked.
    let text = |GenericKey { reason, threshold, .. }: &GenericKey| match threshold {
        Some(threshold) => format!("{} {threshold}", reason.name()),
        None => reason.name().to_owned(),
    };
    let mut wrong = |stored: Option<&GenericKey>, expected: Option<&GenericKey>| {
        let mut row = difference(Kind::Generic, None, None);
        row.attribute = expected.map(|generic| generic.attribute.clone());
        row.stored = stored.map(text);
        row.expected = expected.map(text);
        if let (Some(held), Some(wanted), Some(told)) = (stored, expected, &mut row.stored) {
            let others = [("attribute", held.attribute != wanted.attribute), ("value", held.masked != wanted.masked)];
            others.iter().filter(|(_, other)| *other).for_each(|(what, _)| *told += &format!(", another {what}"));
        }
        found.push(row);
    };
    for generic in expected.holders.generic(entity, keyring, &expected.records) {
        let held = stored.remove(&generic.key);
        if held.as_ref() != Some(&generic) {
            wrong(held.as_ref(), Some(&generic));
        }
    }
    stored.values().for_each(|generic| wrong(Some(generic), None));
    Ok(())
}

fn verify_golden(entity: &Entity, expected: &Expected, goldens: &Goldens, found: &mut Vec<Difference>) -> Result<()> {
    let entries = &expected.records.entries;
    let mut components: Vec<Option<i64>> = vec![None; entries.len()];
    for (at, component) in expected.records.nodes.iter().zip(expected.components()) {
        components[*at as usize] = Some(component);
    }
    for (Entry { row, .. }, wanted) in entries.iter().zip(components) {
        if row.component != wanted {
            let mut difference = difference(Kind::Component, row.golden, Some(&row.reference));
            difference.stored = row.component.map(|component| component.to_string());
            difference.expected = wanted.map(|component| component.to_string());
            found.push(difference);
        }
        if row.golden.is_some() && wanted.is_none() {
            found.push(difference(Kind::Membership, row.golden, Some(&row.reference)));
        }
    }
    let clusters = expected.clusters();
    let ids = identify(&clusters, goldens);
    let clusters: Vec<(Vec<&Entry>, Option<Uuid>)> = clusters.into_iter().zip(ids).collect();
    for (row, attributes) in &expected.damaged {
        found.extend(attributes.iter().map(|attribute| {
            let mut difference = about(Kind::Override, &expected.records, *row);
            difference.attribute = Some(attribute.clone());
            difference
        }));
    }
    let differences =
        parallel::map(&clusters, |(members, id)| verify_cluster(entity, expected, goldens, members, *id))?;
    found.extend(differences.into_iter().flatten());
    let given: HashSet<Uuid> = clusters.iter().filter_map(|(_, id)| *id).collect();
    let wrong = |golden: &&golden::Stored| {
        let lost = golden.live && !given.contains(&golden.id);
        lost || (!golden.live && golden.end(|id| goldens.get(id), goldens.all.len()).is_none())
    };
    let mut ids: Vec<Uuid> = goldens.all.iter().filter(wrong).map(|golden| golden.id).collect();
    ids.sort_unstable();
    found.extend(ids.into_iter().map(|id| difference(Kind::GoldenId, Some(id), None)));
    Ok(())
}

/// What differs in one cluster and the golden record that should be its own.
fn verify_cluster(
    entity: &Entity,
    expected: &Expected,
    goldens: &Goldens,
    members: &[&Entry],
    id: Option<Uuid>,
) -> Vec<Difference> {
    let mut found = Vec::new();
    for Entry { row, .. } in members.iter().filter(|entry| id.is_none() || entry.row.golden != id) {
        let mut difference = difference(Kind::Membership, id, Some(&row.reference));
        difference.stored = row.golden.map(|golden| golden.to_string());
        difference.expected = id.map(|golden| golden.to_string());
        found.push(difference);
    }
    let Some(id) = id else { return found };
    match goldens.get(&id).filter(|golden| golden.live) {
        Some(golden) => {
            verify_summary(golden, members, &mut found);
            let damaged = members.iter().filter_map(|entry| expected.damaged.get(&entry.row.record_id));
            let unknown = damaged.flatten().map(String::as_str).collect();
            verify_values(entity, golden, members, &expected.survivors(entity, members), &unknown, &mut found);
        }
        None => found.push(difference(Kind::GoldenId, Some(id), None)),
    }
    found
}

/// The stored golden id of each cluster: every living id claims the cluster with most of its members (tie: most of its
/// founders), every cluster takes the claimant with most members in it (tie: founders, then the older).
fn identify(clusters: &[Vec<&Entry>], goldens: &Goldens) -> Vec<Option<Uuid>> {
    let members = clusters.iter().zip(0..).flat_map(|(members, at)| members.iter().map(move |entry| (entry, at)));
    let home: HashMap<i64, usize> = members.clone().map(|(entry, at)| (entry.row.record_id, at)).collect();
    // By id, and for each by cluster: its members there, then its founders.
    let mut votes: Vec<(Uuid, usize, bool)> =
        members.filter_map(|(entry, at)| Some((entry.row.golden?, at, false))).collect();
    for golden in goldens.all.iter().filter(|golden| golden.live) {
        let founders = golden.founders.iter().filter_map(|row| home.get(row));
        votes.extend(founders.map(|at| (golden.id, *at, true)));
    }
    votes.sort_unstable();
    let mut best: Vec<Option<((usize, usize, i64), Uuid)>> = vec![None; clusters.len()];
    for votes in votes.chunk_by(|a, b| a.0 == b.0) {
        let claims = votes.chunk_by(|a, b| a.1 == b.1).map(|votes| {
            let members = votes.partition_point(|vote| !vote.2);
            ((members, votes.len() - members), votes[0].1)
        });
        let claim = claims.max_by_key(|(vote, cluster)| (*vote, std::cmp::Reverse(*cluster)));
        let Some(((members, founders), cluster)) = claim else { continue };
        let golden = votes[0].0;
        let seq = goldens.get(&golden).map_or(i64::MAX, |golden| golden.seq);
        let weight = (members, founders, -seq);
        if best[cluster].is_none_or(|(kept, _)| kept < weight) {
            best[cluster] = Some((weight, golden));
        }
    }
    best.into_iter().map(|claim| claim.map(|(_, golden)| golden)).collect()
}

/// What a golden record says of its members, one of whom speaks for its id.
fn verify_summary(stored: &golden::Stored, members: &[&Entry], found: &mut Vec<Difference>) {
    let speaks = |row: &i64| stored.founders.contains(row) || stored.heirs.contains(row);
    if !members.iter().any(|entry| speaks(&entry.row.record_id)) {
        found.push(difference(Kind::Founder, Some(stored.id), None));
    }
    let systems: BTreeSet<&str> = members.iter().map(|entry| entry.row.reference.system.as_str()).collect();
    if stored.records as usize != members.len()
        || !systems.iter().copied().eq(stored.systems.iter().map(String::as_str))
        || stored.merged_into.is_some()
    {
        let mut row = difference(Kind::Members, Some(stored.id), None);
        row.stored = Some(format!("{} of {}", stored.records, stored.systems.join(", ")));
        row.expected = Some(format!("{} of {}", members.len(), systems.into_iter().collect::<Vec<_>>().join(", ")));
        found.push(row);
    }
}

/// Its values, under which systems and regions they are kept, what is shown of them, and their lineage; but for attributes of
/// which nobody knows any more what they should be.
fn verify_values(
    entity: &Entity,
    stored: &golden::Stored,
    members: &[&Entry],
    survivors: &BTreeMap<Text, Survivor>,
    unknown: &BTreeSet<&str>,
    found: &mut Vec<Difference>,
) {
    let nodes: Vec<Node> = members.iter().map(|entry| entry.node()).collect();
    let (groups, attributes) = (groups(survivors, &nodes), masked(&entity.entity, survivors));
    let lineage = pack_lineage(survivors);
    let same_lineage = stored.has_lineage(&lineage);
    if same_lineage && stored.has_values(&groups) && stored.shows(&attributes) {
        return;
    }
    let (values, shown_now) = (stored.values(), stored.attributes());
    let place = |system: &str, region: &str| [system, region].map(|name| origin::names(name).join(", ")).join(" ");
    for ((system, region), group) in &groups {
        for name in group.keys() {
            let held = values.get(name).map(|(_, system, region)| (*system, *region));
            if held.is_some() && held != Some((system, region)) && !unknown.contains(&**name) {
                let mut row = difference(Kind::Scope, Some(stored.id), None);
                row.attribute = Some(name.to_string());
                row.stored = held.map(|(system, region)| place(system, region));
                row.expected = Some(place(system, region));
                found.push(row);
            }
        }
    }
    let (lines, lines_now) = match same_lineage {
        true => Default::default(),
        false => (unpack_lineage(&lineage).unwrap_or_default(), stored.lineage()),
    };
    let names: BTreeSet<&str> = survivors
        .keys()
        .chain(values.keys())
        .map(Text::as_str)
        .chain(shown_now.keys().copied())
        .chain(lines_now.keys().map(Text::as_str))
        .filter(|name| !unknown.contains(name))
        .collect();
    for name in names {
        let kind = entity.entity.attribute(name).map(|attribute| attribute.kind);
        let shown = |value: Option<&Value>| Some(mask(&value?.display, kind?));
        let (value, held) =
            (survivors.get(name).map(|survivor| &survivor.value), values.get(name).map(|(value, ..)| value));
        let masked_now = shown_now.get(name).copied();
        if held != value || masked_now != attributes.get(name).map(String::as_str) {
            let mut row = difference(Kind::Value, Some(stored.id), None);
            row.attribute = Some(name.to_owned());
            row.stored = masked_now.map(str::to_owned).or_else(|| shown(held));
            row.expected = shown(value);
            found.push(row);
        }
        if lines_now.get(name) != lines.get(name) {
            let mut row = difference(Kind::Lineage, Some(stored.id), None);
            row.attribute = Some(name.to_owned());
            row.stored = lines_now.get(name).map(|line| line_json(line).to_string());
            row.expected = lines.get(name).map(|line| line_json(line).to_string());
            found.push(row);
        }
    }
}

fn verify_reviews(entity_type: &str, expected: &Expected, found: &mut Vec<Difference>) -> Result<()> {
    let ends = |pair: &StoredPair| (pair.a, pair.b);
    let stored = review::of_entity(entity_type)?;
    let stored: BTreeMap<_, _> = stored.iter().map(|pair| (ends(pair), pair)).collect();
    let wanted: BTreeMap<_, _> = expected.reviews.iter().map(|pair| (ends(pair), pair)).collect();
    let ends: BTreeSet<&(i64, i64)> = stored.keys().chain(wanted.keys()).collect();
    for pair in ends {
        let (held, wanted) = (stored.get(pair), wanted.get(pair));
        if held.zip(wanted).is_some_and(|(held, wanted)| held.says_as(wanted)) {
            continue;
        }
        let text = |found: Option<&&StoredPair>| found.map(|pair| format!("{} {:.3}", pair.reason, pair.score));
        let mut row = about(Kind::Review, &expected.records, pair.0);
        let b = expected.records.find(pair.1).map(|entry| &entry.row.reference);
        row.attribute = b.map(|reference| format!("{}/{}", reference.system, reference.id));
        row.stored = text(held);
        row.expected = text(wanted);
        if let Some(told) = row.stored.as_mut().filter(|told| row.expected.as_ref() == Some(told)) {
            *told += ", other evidence";
        }
        found.push(row);
    }
    Ok(())
}
