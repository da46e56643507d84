//! Payloads, from a call or a feed: each an envelope or one record.

use super::accept::{accept, Context, Origin};
use super::prepare::{prepare, Incoming};
use super::refuse::{count, letter, Refused};
use super::suppress::keep_out_refused;
use super::{writers, Report, Resolve, Way};
use crate::clock;
use crate::configuration::Configuration;
use crate::error::Result;
use crate::lock::Held;
use crate::store::{letters, vault};
use golden_record_core::error::Error;
use golden_record_core::outcome::Outcome;
use golden_record_core::payload::{self, Surroundings, MAX_SYSTEM};
use golden_record_core::value::Text;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The records of payloads, as the configuration reads them.
struct Parsed {
    configuration: Arc<Configuration>,
    by_entity: BTreeMap<String, Vec<Incoming>>,
    refused: Vec<Refused>,
    /// The first place of each payload.
    first: Vec<i32>,
}

impl Parsed {
    fn of(texts: &[&str], configuration: Arc<Configuration>) -> Parsed {
        let mut by_entity = BTreeMap::<String, Vec<Incoming>>::new();
        let mut refused = Vec::new();
        let surroundings = Surroundings {
            source: &|system| configuration.source(system),
            known: &|entity_type| configuration.knows(entity_type),
            now: Some(clock::now()),
        };
        let mut last = 0;
        let mut first = Vec::with_capacity(texts.len());
        for text in texts {
            let offset = last;
            first.push(offset + 1);
            for entry in payload::parse(text, &surroundings) {
                // A payload that could not be cut counts as its first record.
                let ordinal = offset + (entry.ordinal as i32).max(1);
                last = ordinal;
                match entry.outcome {
                    Ok(version) => {
                        let incoming = Incoming { ordinal, version };
                        by_entity.entry(incoming.version.entity_type.clone()).or_default().push(incoming);
                    }
                    Err(refusal) => refused.push((ordinal, refusal)),
                }
            }
        }
        Parsed { configuration, by_entity, refused, first }
    }

    /// Reads the payloads and locks the entity types in them. Which types those are is known after reading only, and a
    /// change of configuration may have been missed or waited for: then they are read again.
    fn locked(texts: &[&str]) -> Result<(Parsed, BTreeMap<String, (Held, Way)>)> {
        let mut configuration = Configuration::latest_known()?;
        loop {
            let parsed = Parsed::of(texts, configuration);
            let mut held = BTreeMap::new();
            for (entity_type, records) in &parsed.by_entity {
                held.insert(entity_type.clone(), writers(entity_type, records.len())?);
            }
            configuration = Configuration::current()?;
            if configuration.version() == parsed.configuration.version() {
                return Ok((parsed, held));
            }
        }
    }
}

/// Locks the entity types of payloads as [`take`] does, before it.
pub fn lock_types(texts: &[&str]) -> Result<()> {
    Parsed::locked(texts).map(drop)
}

/// What became of payloads.
pub struct Taken {
    /// The records that were accepted.
    pub accepted: Vec<Report>,
    /// Those that were not, by their place.
    pub refused: Vec<Refused>,
    /// The first place of each payload.
    pub first: Vec<i32>,
}

/// Takes payloads, each an envelope or one record, and leaves what is to become of refused records to the caller. What is told
/// to who is `blind` tells no value.
pub fn take(texts: &[&str], feed: &str, blind: bool) -> Result<Taken> {
    let (Parsed { configuration, by_entity, mut refused, first }, mut held) = Parsed::locked(texts)?;
    let mut accepted = Vec::new();
    for (entity_type, incoming) in by_entity {
        let configuration: &Configuration = &configuration;
        let source = |system: &str| configuration.source(system);
        let origin = Origin::Feed;
        let context = Context { configuration, entity_type: &entity_type, origin, feed, blind, source: &source };
        let Some((mut held, way)) = held.remove(&entity_type) else { continue };
        let (entity, vault) = (configuration.entity(&entity_type)?, vault::open()?);
        let prepared = prepare(&vault, &entity, incoming, None)?;
        let (reports, foreign) = accept(&context, &mut held, prepared, Resolve::Now(way))?;
        accepted.extend(reports);
        refused.extend(foreign);
    }
    Ok(Taken { accepted, refused, first })
}

/// Takes payloads, each an envelope or one record. Tells of each record, in the payloads' order; to who is `blind` no value.
pub fn payloads(texts: &[&str], feed: &str, blind: bool) -> Result<Vec<Report>> {
    if feed.is_empty() || feed.len() > MAX_SYSTEM {
        return Err(Error::invalid(format!("the name of the feed is empty or longer than {MAX_SYSTEM} bytes")).into());
    }
    let Taken { accepted: mut reports, refused, .. } = take(texts, feed, blind)?;
    let mut letters: Vec<letters::DeadLetter> = refused
        .into_iter()
        .map(|(ordinal, refused)| {
            let field = &refused.refusal.field;
            reports.push(Report {
                ordinal,
                system: refused.system_name.as_deref().map(Text::from),
                id: refused.source_id.as_deref().map(Text::from),
                outcome: Outcome::Rejected,
                golden: None,
                detail: Some(if field.is_empty() {
                    refused.refusal.reason.clone()
                } else {
                    format!("{field}: {}", refused.refusal.reason)
                }),
            });
            letter(ordinal, *refused)
        })
        .collect();
    if letters.is_empty() {
        count(feed, reports.len(), 0)?;
    } else {
        let configuration = Configuration::current()?;
        letters = keep_out_refused(&configuration, letters)?;
        let kept: BTreeSet<i32> = letters.iter().map(|letter| letter.ordinal).collect();
        let refused = reports.iter_mut().filter(|report| report.outcome == Outcome::Rejected);
        refused.filter(|report| !kept.contains(&report.ordinal)).for_each(|out| out.outcome = Outcome::Suppressed);
        count(feed, reports.len() - letters.len(), letters.len())?;
        letters::reject(feed, None, letters, &configuration.regions())?;
    }
    reports.sort_by_key(|report| report.ordinal);
    Ok(reports)
}
