//! Who was erased stays out.

use super::accept::{Context, Origin};
use super::prepare::{prepare, Incoming, Prepared};
use super::touched::{AllTouched, Touched};
use crate::configuration::{Configuration, Entity};
use crate::error::Result;
use crate::store::letters::DeadLetter;
use crate::store::{erasure as store, vault};
use crate::suppress::{commitments, named, said, said_by, stated};
use crate::{clock, parallel};
use golden_record_core::fold::fold;
use golden_record_core::record::{RecordRef, State, Version};
use golden_record_core::vault::{Commitment, Traits, Vault};
use hashbrown::{HashMap, HashSet};
use std::collections::{BTreeMap, BTreeSet};

/// A record with its versions in a batch, in their order.
type Sent<'a> = (&'a Touched, Vec<&'a Prepared>);

/// A version that is kept out.
struct Out {
    /// By what.
    by: BTreeSet<Commitment>,
    /// What is left of it.
    left: Option<Version>,
}

/// What becomes of a record's versions, by what is known.
#[derive(Default)]
struct Walk {
    /// Those that are kept out, by their place.
    out: BTreeMap<i32, Out>,
    /// Of what it is not known whether it is kept out: taken as if it were not.
    unknown: BTreeSet<Commitment>,
}

/// What it takes to tell what versions bring into their records.
struct Gate<'a> {
    context: &'a Context<'a>,
    entity: &'a Entity,
    vault: &'a Vault,
    /// The transaction's start.
    now: i64,
    /// Whether it is kept out, of what was asked for.
    known: HashMap<Commitment, bool>,
}

impl Gate<'_> {
    /// A version is kept out where it, or its record with it, says of somebody erased what the record did not say before:
    /// that is its own.
    fn walk(&self, (record, versions): &Sent) -> Walk {
        let Gate { context, entity, vault, known, .. } = self;
        let (mut walk, mut history) = (Walk::default(), record.versions.clone());
        let mut before = stated(vault, entity, &record.row.reference, &record.old);
        for Prepared { ordinal, version, alone, .. } in versions {
            parallel::heed();
            let options = (context.source)(&version.record.system);
            let (traits, after) = match alone {
                // A row is all that its record says.
                Some(state) if !version.deleted => (said_by(entity, version, state), self.stated(version, state)),
                Some(state) => (said(entity, &options, version), self.stated(version, state)),
                None => {
                    history.push(version.clone());
                    let state = fold(&entity.entity, &entity.mapping, &options, &history);
                    (said(entity, &options, version), self.stated(version, &state))
                }
            };
            let mut brought = commitments(vault, entity, &traits);
            brought.extend(&after);
            brought.retain(|commitment| !before.contains(commitment));
            walk.unknown.extend(brought.iter().filter(|commitment| !known.contains_key(*commitment)));
            brought.retain(|commitment| known.get(commitment) == Some(&true));
            if brought.is_empty() {
                before = after;
                continue;
            }
            let left = self.left(record, version, &brought, &after);
            if alone.is_none() {
                history.pop();
                if let Some(left) = &left {
                    history.push(left.clone());
                    before = after;
                }
            }
            walk.out.insert(*ordinal, Out { by: brought, left });
        }
        walk
    }

    /// What is left of a version that is kept out because of what was `brought`, with which its record would state `after`:
    /// that a row of an attached table says nothing any more; of a feed's tombstone that its record is gone, in its place
    /// among the versions, also those that are still to come, unless it is the record itself that is kept out.
    fn left(
        &self,
        record: &Touched,
        version: &Version,
        brought: &BTreeSet<Commitment>,
        after: &BTreeSet<Commitment>,
    ) -> Option<Version> {
        match self.context.origin {
            Origin::Table { .. } => record.old.live().then(|| version.retraction(self.now)),
            Origin::Feed => {
                let named = named(self.vault, self.entity, &version.record);
                let brings = |commitment| named.contains(commitment) || after.contains(commitment);
                (version.deleted && !brought.iter().any(brings)).then(|| Version {
                    sequence: version.sequence,
                    vector_clock: version.vector_clock.clone(),
                    source_priority: version.source_priority,
                    ..version.retraction(version.timestamp)
                })
            }
        }
    }

    fn stated(&self, version: &Version, state: &State) -> BTreeSet<Commitment> {
        stated(self.vault, self.entity, &version.record, state)
    }

    /// The versions that are kept out. What a version that is kept out would have brought counts for nothing, which shows when
    /// that is known: only where there is such a version is more asked than once.
    fn kept_out(&mut self, mut open: Vec<Sent>) -> Result<BTreeMap<i32, Out>> {
        let mut out = BTreeMap::new();
        while !open.is_empty() {
            let walks = parallel::map(&open, |sent| self.walk(sent))?;
            let unknown: BTreeSet<Commitment> = walks.iter().flat_map(|walk| &walk.unknown).copied().collect();
            let kept_out = store::kept_out(&unknown)?;
            self.known.extend(unknown.into_iter().map(|commitment| (commitment, kept_out.contains(&commitment))));
            let again = open.into_iter().zip(walks).filter_map(|(sent, walk)| {
                let mistaken = walk.unknown.iter().any(|commitment| kept_out.contains(commitment));
                if !mistaken {
                    out.extend(walk.out);
                }
                mistaken.then_some(sent)
            });
            open = again.collect();
        }
        Ok(out)
    }
}

/// Takes out of a batch what would bring erased people into records; gives it by its place.
pub(super) fn keep_out(
    context: &Context,
    entity: &Entity,
    touched: &AllTouched,
    incoming: Vec<Prepared>,
) -> Result<(Vec<Prepared>, Vec<(i32, RecordRef)>)> {
    let name = &entity.entity.name;
    if !store::any(name)? {
        return Ok((incoming, Vec::new()));
    }
    let vault = vault::open()?;
    let mut by_record = BTreeMap::<&RecordRef, Sent>::new();
    for prepared in &incoming {
        // A row that is gone brings nobody in.
        if context.origin.attachment().is_some() && prepared.retracts_all() {
            continue;
        }
        let record = &prepared.version.record;
        let Some(known) = touched.find(record) else { continue };
        by_record.entry(record).or_insert_with(|| (known, Vec::new())).1.push(prepared);
    }
    let now = clock::transaction_start();
    let mut gate = Gate { context, entity, vault: &vault, now, known: HashMap::new() };
    let mut out = gate.kept_out(by_record.into_values().collect())?;
    store::hit(&out.values().flat_map(|out| &out.by).copied().collect())?;
    let (suppressed, mut incoming): (Vec<Prepared>, Vec<Prepared>) =
        incoming.into_iter().partition(|incoming| out.contains_key(&incoming.ordinal));
    let left = |Prepared { ordinal, .. }: &Prepared| {
        Some(Incoming { ordinal: *ordinal, version: out.get_mut(ordinal)?.left.take()? })
    };
    let left: Vec<Incoming> = suppressed.iter().filter_map(left).collect();
    let told: HashSet<i32> = match context.origin {
        Origin::Feed => left.iter().map(|left| left.ordinal).collect(),
        Origin::Table { .. } => HashSet::new(),
    };
    incoming.extend(prepare(&vault, entity, left, context.whole())?);
    if let Origin::Feed = context.origin {
        incoming.sort_by_key(|incoming| incoming.ordinal);
    }
    let suppressed = suppressed.into_iter().filter(|out| !told.contains(&out.ordinal));
    Ok((incoming, suppressed.map(|out| (out.ordinal, out.version.record)).collect()))
}

/// Takes out of refused records those that speak of people who were erased from any entity type: no erasure would find them
/// any more. Gives those that stay.
pub(super) fn keep_out_refused(configuration: &Configuration, mut letters: Vec<DeadLetter>) -> Result<Vec<DeadLetter>> {
    if letters.is_empty() {
        return Ok(letters);
    }
    let mut read: Option<Vec<Traits>> = None;
    for name in configuration.entity_names() {
        if !store::any(name)? {
            continue;
        }
        let (vault, entity) = (vault::open()?, configuration.entity(name)?);
        let traits = read.get_or_insert_with(|| {
            let regions = configuration.regions();
            letters.iter().map(|letter| letter.traits(&regions)).collect()
        });
        let clues: BTreeSet<Commitment> =
            traits.iter().flat_map(|traits| traits.clues(&vault, name).into_keys()).collect();
        let known = store::kept_out(&clues)?;
        let narrowed = traits.iter().map(|traits| traits.narrowed(&vault, name, |clue| known.contains(clue)));
        let said: Vec<BTreeSet<Commitment>> = narrowed.map(|traits| commitments(&vault, &entity, &traits)).collect();
        let kept_out = store::kept_out(said.iter().flatten().collect::<BTreeSet<_>>())?;
        if kept_out.is_empty() {
            continue;
        }
        let hits: BTreeSet<Commitment> = kept_out.iter().copied().collect();
        store::hit(&hits)?;
        let stays: Vec<bool> = said.iter().map(|said| said.is_disjoint(&hits)).collect();
        let (mut at, mut of) = (stays.iter(), stays.iter());
        letters.retain(|_| at.next() == Some(&true));
        traits.retain(|_| of.next() == Some(&true));
    }
    Ok(letters)
}
