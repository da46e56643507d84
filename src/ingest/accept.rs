//! Versions of one entity type → the history, what their records say now, and what became of each.

use super::apply::apply;
use super::mend::mend;
use super::prepare::{Prepared, Source};
use super::refuse::{foreign, Refused};
use super::suppress::keep_out;
use super::touched::{AllTouched, Touched};
use super::{Report, Resolve, MANY};
use crate::configuration::{identity_secret, Configuration, Entity};
use crate::error::Result;
use crate::keyring::Keyring;
use crate::lock::Held;
use crate::progress::{self, Progress};
use crate::store::{event, version};
use crate::{clock, drift};
use golden_record_core::fold::{fold, is_newest};
use golden_record_core::outcome::Outcome;
use golden_record_core::race::{within, Meeting};
use golden_record_core::record::RecordRef;
use golden_record_core::value::Text;
use pgrx::datum::Uuid;
use std::collections::HashMap;

/// Where versions come from.
pub(super) enum Origin {
    /// Events: every version asserts.
    Feed,
    /// The rows of an attached table, which may be `timed` by a column of its own: the latest version is the record.
    Table { attachment: i64, timed: bool },
}

impl Origin {
    /// The attached table.
    pub fn attachment(&self) -> Option<i64> {
        match self {
            Origin::Feed => None,
            Origin::Table { attachment, .. } => Some(*attachment),
        }
    }
}

/// Where versions of one entity type come from, and how they are read.
pub(super) struct Context<'a> {
    pub configuration: &'a Configuration,
    pub entity_type: &'a str,
    pub origin: Origin,
    pub feed: &'a str,
    /// Who sends the versions may not read: what they are told tells no value.
    pub blind: bool,
    pub source: &'a Source<'a>,
}

impl<'a> Context<'a> {
    /// The options of systems, where a version is all that its record says.
    pub fn whole(&self) -> Option<&'a Source<'a>> {
        self.origin.attachment().map(|_| self.source)
    }
}

/// What the versions of a statement come to.
#[derive(Default)]
struct Accepted {
    reports: Vec<Report>,
    /// Those that are no duplicates.
    versions: Vec<version::New>,
    /// Where versions of one record met.
    races: Vec<Meeting>,
}

/// Accepts versions of one entity type, whose lock is held: history, states, resolution. Tells of each record,
/// and gives what the ownership of attached tables refuses.
pub(super) fn accept(
    context: &Context,
    held: &mut Held,
    incoming: Vec<Prepared>,
    resolve: Resolve,
) -> Result<(Vec<Report>, Vec<Refused>)> {
    let Context { configuration, entity_type, origin, feed, .. } = context;
    let many = matches!(resolve, Resolve::Now(_)) && incoming.len() >= MANY;
    let _progress = many.then(|| Progress::begin("ingest", entity_type));
    if many {
        progress::phase("taking records in", incoming.len())?;
    }
    let entity = configuration.entity(entity_type)?;
    let keyring = Keyring::new(&identity_secret()?, entity_type);
    // Who sent an id knows it.
    let sent_id =
        |incoming: &Prepared| Some((incoming.ordinal, incoming.originals.get(&incoming.version.record.id)?.clone()));
    let sent: HashMap<i32, Text> = incoming.iter().filter_map(sent_id).collect();
    let mut touched = AllTouched::load(&entity, &keyring, held, &incoming)?;
    let (incoming, refused) = foreign(&touched, incoming, origin)?;
    let (mut incoming, suppressed) = keep_out(context, &entity, &touched, incoming)?;
    touched.number_new()?;

    let mut accepted = Accepted::default();
    let suppressed = suppressed.into_iter().map(|(ordinal, record)| report(ordinal, record, Outcome::Suppressed));
    accepted.reports.extend(suppressed);
    for prepared in &mut incoming {
        // Of one record they may be many, and each is folded with those before it.
        pgrx::check_for_interrupts!();
        if let Some(record) = touched.find_mut(&prepared.version.record) {
            accepted.take(context, &entity, record, prepared);
        }
    }
    let stated = incoming
        .iter()
        .filter_map(|incoming| Some((&incoming.version, touched.find(&incoming.version.record)?.new.as_ref()?)));
    drift::observe(feed, &entity, &stated.collect::<Vec<_>>(), clock::now() / 1_000_000)?;

    let (changes, unchanged) = touched.changes();
    let Accepted { mut reports, versions, races } = accepted;
    let way = match resolve {
        Resolve::Now(way) => way,
        Resolve::Later(later) => {
            later.changes.extend(changes);
            later.versions.extend(versions);
            later.spent.extend(incoming);
            return Ok((reports, refused));
        }
    };
    version::insert(feed, &versions)?;
    mend(context, &incoming)?;
    // What changed: its row, and its golden record before.
    let changed: HashMap<RecordRef, (i64, Option<Uuid>)> = changes
        .iter()
        .map(|change| (change.row.reference.clone(), (change.row.record_id, change.row.golden)))
        .collect();
    let published = apply(&entity, &keyring, held, way, changes, feed)?;
    let golden_of = |record: &RecordRef| {
        let (row, before) = changed.get(record)?;
        published.golden_of(*row).or(*before)
    };
    let races: Vec<_> = races.into_iter().map(|race| (golden_of(&race.winner.record), race)).collect();
    event::races(entity_type, &races)?;
    for report in &mut reports {
        let (Some(system), Some(id)) = (&report.system, &report.id) else { continue };
        let reference = RecordRef::new(system.as_str(), id.as_str());
        report.golden = match changed.get(&reference) {
            Some((row, _)) => published.golden_of(*row),
            None => unchanged.get(&reference).copied().flatten(),
        };
        if let Some(id) = sent.get(&report.ordinal) {
            report.id = Some(id.clone());
        }
    }
    Ok((reports, refused))
}

impl Accepted {
    /// Takes a version of a record, and what the record says with it.
    fn take(&mut self, context: &Context, entity: &Entity, record: &mut Touched, prepared: &mut Prepared) {
        let version = &prepared.version;
        let attachment = context.origin.attachment();
        let duplicate = match context.origin {
            Origin::Feed => record.knows(prepared.hash),
            Origin::Table { timed, .. } => record.repeats(prepared, timed),
        };
        let adopted = record.row.existing && record.row.attachment != attachment;
        if duplicate && !adopted {
            // Who may not read is not told that this very version is known.
            let outcome = if context.blind { Outcome::Stale } else { Outcome::Unchanged };
            self.reports.push(report(prepared.ordinal, version.record.clone(), outcome));
            return;
        }
        // A row that is gone, of which nothing was known, or nothing any more.
        if attachment.is_some() && prepared.retracts_all() && !record.new.as_ref().unwrap_or(&record.old).live() {
            return;
        }
        record.row.attachment = attachment;
        let first = !record.row.existing && record.versions.is_empty() && record.taken.is_none();
        if !duplicate {
            // Of a table's row the last version counts, which its state is made of already.
            match attachment {
                None => record.versions.push(version.clone()),
                Some(_) => record.taken = Some(prepared.hash),
            }
            self.versions.push(version::New {
                record_id: record.row.record_id,
                at: clock::timestamp(version.timestamp),
                packed: std::mem::take(&mut prepared.packed),
                hash: prepared.hash,
                originals: prepared.originals.clone(),
                attachment,
            });
        }
        // What a row says again it has said since its version on record.
        let state = prepared.alone.take().filter(|_| !duplicate).unwrap_or_else(|| {
            let options = (context.source)(&version.record.system);
            if !duplicate {
                let last = record.versions.len() - 1;
                self.races.extend(within(&entity.entity, &entity.mapping, &options, &record.versions, last));
            }
            fold(&entity.entity, &entity.mapping, &options, &record.versions)
        });
        let before = (!first).then(|| record.new.as_ref().unwrap_or(&record.old));
        let outcome = if context.blind {
            let options = (context.source)(&version.record.system);
            Outcome::by_order(version.deleted, !first, !duplicate && is_newest(&record.versions, &options))
        } else {
            Outcome::accepted(version.deleted, before, &state)
        };
        record.new = Some(state);
        self.reports.push(report(prepared.ordinal, version.record.clone(), outcome));
    }
}

/// What is told of a record before its golden record is known.
fn report(ordinal: i32, RecordRef { system, id }: RecordRef, outcome: Outcome) -> Report {
    Report { ordinal, system: Some(system), id: Some(id), outcome, golden: None, detail: None }
}
