//! Ingest: payloads and rows → accepted versions of source records, or dead letters.
//!
//! What is accepted goes on to [`crate::resolve`]; this module ends with the states that changed.

mod touched;

use crate::configuration::{identity_secret, Configuration, Entity};
use crate::error::Result;
use crate::isolation;
use crate::keyring::Keyring;
use crate::lock::Held;
use crate::progress::{self, Progress};
use crate::resolve::{self, Change};
use crate::store::configuration::{self as configured, Attachment};
use crate::store::{event, record};
use crate::{alias, drift, erasure, guc, parallel, vault};
use golden_record_core::error::{Error, Refusal};
use golden_record_core::fold::fold;
use golden_record_core::payload::{self, content_hash, Surroundings, MAX_SYSTEM};
use golden_record_core::race::within;
use golden_record_core::record::{RecordRef, State, Version};
use golden_record_core::source::SourceOptions;
use golden_record_core::value::{Micros, Text};
use golden_record_core::vault::Vault;
use pgrx::datum::{TimestampWithTimeZone, Uuid};
use pgrx::pg_sys;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use touched::{AllTouched, Touched};
use zeroize::Zeroizing;

/// PostgreSQL counts from 2000-01-01, the engine from 1970-01-01.
const EPOCH_DIFFERENCE: Micros = 946_684_800_000_000;
/// Slots of the counters.
const SLOTS: i32 = 8;

/// Where versions come from.
pub enum Origin {
    /// Events: every version asserts.
    Feed,
    /// The rows of an attached table: the latest version is the record.
    Table(i64),
}

/// A version on its way in, with its place in the payload.
pub struct Incoming {
    /// From 1.
    pub ordinal: i32,
    /// What it states.
    pub version: Version,
}

/// What became of one record of a payload.
pub struct Outcome {
    /// Its place, from 1.
    pub ordinal: i32,
    /// Its system, where it could be read.
    pub system: Option<Text>,
    /// Its id, where it could be read.
    pub id: Option<Text>,
    /// `created`, `updated`, `unchanged`, `stale`, `deleted`, `suppressed` or `rejected`.
    pub outcome: &'static str,
    /// The golden record it belongs to now.
    pub golden: Option<Uuid>,
    /// Field and reason of a refusal.
    pub detail: Option<String>,
}

/// The present, from PostgreSQL's clock, in microseconds since 1970.
pub fn now() -> Micros {
    // SAFETY: reads the clock.
    unsafe { pg_sys::GetCurrentTimestamp() }.saturating_add(EPOCH_DIFFERENCE)
}

/// When the transaction began, in microseconds since 1970.
pub fn transaction_start() -> Micros {
    // SAFETY: reads the backend's transaction state.
    unsafe { pg_sys::GetCurrentTransactionStartTimestamp() }.saturating_add(EPOCH_DIFFERENCE)
}

fn slot() -> i16 {
    // SAFETY: a plain global of the backend.
    (unsafe { pg_sys::MyProcPid } % SLOTS) as i16
}

/// A statement of this many records may be taken in with the whole set …
const MANY: usize = 1_000;
/// … when the type has at most so many times as many records: then to compute all anew is less work than to look up
/// each.
const OUTWEIGHED: usize = 4;

/// Whether to compute an entity type anew is less work than to look up so many records.
pub fn outweighs(entity_type: &str, records: usize) -> Result<bool> {
    Ok(records > 0 && record::at_most(entity_type, OUTWEIGHED.saturating_mul(records))?)
}

/// Locks an entity type for a statement of `records` records.
pub fn writers(entity_type: &str, records: usize) -> Result<Held> {
    if records >= MANY && outweighs(entity_type, records)? {
        let mut held = alone(entity_type)?;
        held.whole = true;
        return Ok(held);
    }
    Ok(Held::writing(entity_type, records))
}

/// Locks an entity type for a pass over everything that a table holds.
pub fn alone(entity_type: &str) -> Result<Held> {
    let held = Held::alone(entity_type);
    isolation::check_entity(entity_type)?;
    Ok(held)
}

/// When the records that changed are resolved.
pub enum Resolve<'a> {
    /// At once.
    Now,
    /// By the caller, all together.
    Later(&'a mut Later),
}

/// What is left to the caller.
#[derive(Default)]
pub struct Later {
    /// The changes to resolve.
    pub changes: Vec<Change>,
    /// The versions to write before.
    pub versions: Vec<record::NewVersion>,
    /// What is done with: to be freed at leisure.
    pub spent: Vec<Prepared>,
}

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
            now: Some(now()),
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
    fn locked(texts: &[&str]) -> Result<(Parsed, BTreeMap<String, Held>)> {
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

/// What became of payloads.
pub struct Taken {
    /// The records that were accepted.
    pub outcomes: Vec<Outcome>,
    /// Those that were not, by their place.
    pub refused: Vec<Refused>,
    /// The first place of each payload.
    pub first: Vec<i32>,
}

/// Takes payloads, each an envelope or one record, and leaves what is to become of refused records to the caller.
pub fn take(texts: &[&str], feed: &str) -> Result<Taken> {
    let (Parsed { configuration, by_entity, mut refused, first }, mut held) = Parsed::locked(texts)?;
    let mut outcomes = Vec::new();
    for (entity_type, incoming) in by_entity {
        let configuration: &Configuration = &configuration;
        let source = |system: &str| configuration.source(system);
        let context = Context { configuration, entity_type: &entity_type, origin: Origin::Feed, feed, source: &source };
        let Some(mut held) = held.remove(&entity_type) else { continue };
        let (entity, vault) = (configuration.entity(&entity_type)?, vault::open()?);
        let prepared = prepare(&vault, &entity, incoming, None)?;
        let (accepted, foreign) = accept(&context, &mut held, prepared, Resolve::Now)?;
        outcomes.extend(accepted);
        refused.extend(foreign);
    }
    Ok(Taken { outcomes, refused, first })
}

/// Takes payloads, each an envelope or one record. Gives an outcome a record, in the payloads' order.
pub fn payloads(texts: &[&str], feed: &str) -> Result<Vec<Outcome>> {
    if feed.is_empty() || feed.len() > MAX_SYSTEM {
        return Err(Error::invalid(format!("the name of the feed is empty or longer than {MAX_SYSTEM} bytes")).into());
    }
    let Taken { mut outcomes, refused, .. } = take(texts, feed)?;
    let letters = refused
        .into_iter()
        .map(|(ordinal, refused)| {
            let field = &refused.refusal.field;
            outcomes.push(Outcome {
                ordinal,
                system: refused.system_name.as_deref().map(Text::from),
                id: refused.source_id.as_deref().map(Text::from),
                outcome: "rejected",
                golden: None,
                detail: Some(if field.is_empty() {
                    refused.refusal.reason.clone()
                } else {
                    format!("{field}: {}", refused.refusal.reason)
                }),
            });
            letter(ordinal, *refused)
        })
        .collect::<Vec<_>>();
    count(feed, outcomes.iter().filter(|outcome| outcome.outcome != "rejected").count(), letters.len())?;
    if !letters.is_empty() {
        event::reject(feed, letters, &Configuration::current()?.regions())?;
    }
    outcomes.sort_by_key(|outcome| outcome.ordinal);
    Ok(outcomes)
}

/// A row of an attached table.
pub struct Row {
    /// Its place in the statement, from 1.
    pub ordinal: i32,
    /// The version that it is; or why it is none.
    pub version: std::result::Result<Version, Box<payload::Refused>>,
}

/// Takes in the rows of one attached table. The table's qualified name is the feed.
pub struct Table<'a> {
    configuration: &'a Configuration,
    attachment: &'a Attachment,
    entity: &'a Entity,
    vault: &'a Vault,
    options: Mutex<HashMap<String, Arc<SourceOptions>>>,
}

/// Rows that were read.
pub struct Readings {
    accepted: Vec<Prepared>,
    letters: Vec<event::DeadLetter>,
}

impl<'a> Table<'a> {
    /// For a table whose rows are of that entity type.
    pub fn new(
        configuration: &'a Configuration,
        attachment: &'a Attachment,
        entity: &'a Entity,
        vault: &'a Vault,
    ) -> Table<'a> {
        Table { configuration, attachment, entity, vault, options: Mutex::default() }
    }

    fn source(&self, system: &str) -> Arc<SourceOptions> {
        let merged = || self.configuration.source_of(system, Some(self.attachment.id));
        match self.options.lock() {
            Ok(mut options) => Arc::clone(options.entry(system.to_owned()).or_insert_with(merged)),
            Err(_) => merged(),
        }
    }

    /// Reads with what is known of the sources and entity types.
    pub fn reading<R>(&self, read: impl FnOnce(&Surroundings) -> R) -> R {
        let source = |system: &str| self.source(system);
        let known = |entity_type: &str| self.configuration.knows(entity_type);
        // A row may lie in the future: the table is what it is.
        read(&Surroundings { source: &source, known: &known, now: None })
    }

    /// Says of rows what can be said of each by itself, in any thread.
    pub fn prepare(&self, rows: Vec<Row>) -> Result<Readings> {
        let (mut incoming, mut letters) = (Vec::with_capacity(rows.len()), Vec::new());
        for Row { ordinal, version } in rows {
            match version {
                Ok(version) => incoming.push(Incoming { ordinal, version }),
                Err(refused) => letters.push(letter(ordinal, *refused)),
            }
        }
        let source = |system: &str| self.source(system);
        Ok(Readings { accepted: prepare(self.vault, self.entity, incoming, Some(&source))?, letters })
    }

    /// Takes what was read. The entity type is locked.
    pub fn accept(&self, held: &mut Held, Readings { accepted, letters }: Readings, resolve: Resolve) -> Result<()> {
        let (configuration, feed) = (self.configuration, &self.attachment.relation);
        let count_of = accepted.len();
        if !accepted.is_empty() {
            let (entity_type, origin) = (&self.attachment.entity_type, Origin::Table(self.attachment.id));
            let source = |system: &str| self.source(system);
            accept(&Context { configuration, entity_type, origin, feed, source: &source }, held, accepted, resolve)?;
        }
        count(feed, count_of, letters.len())?;
        if letters.is_empty() {
            return Ok(());
        }
        event::reject(feed, letters, &configuration.regions())
    }
}

fn letter(ordinal: i32, refused: payload::Refused) -> event::DeadLetter {
    event::DeadLetter {
        system: refused.system_name,
        id: refused.source_id,
        ordinal,
        field: refused.refusal.field,
        reason: refused.refusal.reason,
        sqlstate: refused.refusal.sqlstate.to_owned(),
        payload: refused.payload,
    }
}

/// Adds to the feed's counters, and raises or closes its alert.
fn count(feed: &str, accepted: usize, refused: usize) -> Result<()> {
    let open = event::count(feed, slot(), accepted as i64, refused as i64)?;
    // What is accepted lowers the rate: it can raise no alert.
    if refused == 0 && !open {
        return Ok(());
    }
    let threshold = guc::ALERT_ERROR_RATE.get();
    let seconds = guc::ALERT_WINDOW.get();
    let (accepted, rejected) = event::rate(feed, seconds)?;
    let figure = rejected as f64 / (accepted + rejected).max(1) as f64;
    if figure > threshold {
        let detail = serde_json::json!({"accepted": accepted, "rejected": rejected, "window_seconds": seconds});
        event::open_alert("error_rate", feed, figure, threshold, &detail)
    } else if open {
        event::close_alert("error_rate", feed)
    } else {
        Ok(())
    }
}

/// A record that was refused, with its place in the payload.
pub type Refused = (i32, Box<payload::Refused>);

/// A version with all that can be said of it by itself.
pub struct Prepared {
    /// Its place in the payload, from 1.
    pub ordinal: i32,
    /// What it states. An id that is an email or a phone is an alias already.
    pub version: Version,
    hash: [u8; 32],
    content: Zeroizing<String>,
    /// The ids that it names by an alias.
    originals: BTreeMap<Text, Text>,
    /// What its record says, when the version is the whole record.
    alone: Option<State>,
}

/// Where versions of one entity type come from, and how they are read.
struct Context<'a> {
    configuration: &'a Configuration,
    entity_type: &'a str,
    origin: Origin,
    feed: &'a str,
    source: &'a (dyn Fn(&str) -> Arc<SourceOptions> + Sync),
}

/// Says of versions what can be said of each by itself, in any thread; `whole`, the options of their systems, where each is
/// all that its record says.
fn prepare(
    vault: &Vault,
    entity: &Entity,
    mut incoming: Vec<Incoming>,
    whole: Option<&(dyn Fn(&str) -> Arc<SourceOptions> + Sync)>,
) -> Result<Vec<Prepared>> {
    let originals: Vec<_> = incoming.iter_mut().map(|incoming| alias::give(vault, &mut incoming.version)).collect();
    let said = parallel::map(&incoming, |Incoming { version, .. }| {
        let fold_alone = |source: &(dyn Fn(&str) -> Arc<SourceOptions> + Sync)| {
            let options = source(&version.record.system);
            fold(&entity.entity, &entity.mapping, &options, std::slice::from_ref(version))
        };
        let content = version.content();
        (content_hash(&content), content.into(), whole.map(fold_alone))
    })?;
    let all = incoming.into_iter().zip(originals).zip(said);
    let prepared = all.map(|((Incoming { ordinal, version }, originals), (hash, content, alone))| Prepared {
        ordinal,
        version,
        hash,
        content,
        originals,
        alone,
    });
    Ok(prepared.collect())
}

/// Accepts versions of one entity type, whose lock is held: history, states, resolution. Gives the outcomes, and what
/// an attached table's ownership refuses.
fn accept(
    context: &Context,
    held: &mut Held,
    incoming: Vec<Prepared>,
    resolve: Resolve,
) -> Result<(Vec<Outcome>, Vec<Refused>)> {
    let Context { configuration, entity_type, origin, feed, source } = context;
    let many = matches!(resolve, Resolve::Now) && incoming.len() >= MANY;
    let _progress = many.then(|| Progress::begin("ingest", entity_type));
    if many {
        progress::phase("taking records in", incoming.len());
    }
    let entity = configuration.entity(entity_type)?;
    let keyring = Keyring::new(&identity_secret()?, entity_type);
    let (incoming, suppressed) = erasure::keep_out(&entity, incoming, source)?;
    let mut touched = AllTouched::load(&entity, &keyring, held, &incoming)?;
    let (mut incoming, refused) = match origin {
        Origin::Feed => foreign(&touched, incoming)?,
        Origin::Table(_) => (incoming, Vec::new()),
    };

    let attachment = match origin {
        Origin::Feed => None,
        Origin::Table(id) => Some(*id),
    };
    touched.number_new()?;
    let mut outcomes = Vec::with_capacity(incoming.len() + suppressed.len());
    for (ordinal, reference) in suppressed {
        let (system, id) = (Some(reference.system), Some(reference.id));
        outcomes.push(Outcome { ordinal, system, id, outcome: "suppressed", golden: None, detail: None });
    }
    let (mut new_versions, mut races) = (Vec::new(), Vec::new());
    for Prepared { ordinal, version, hash, content, originals, alone } in &mut incoming {
        let (version, hash) = (&*version, *hash);
        let Some(record) = touched.find_mut(&version.record) else { continue };
        let duplicate = match attachment {
            None => record.knows(hash),
            Some(_) => record.last == Some(hash),
        };
        let adopted = record.existing && record.attachment != attachment;
        record.attachment = attachment;
        let outcome = if duplicate && !adopted {
            "unchanged"
        } else {
            let first = !record.existing && record.versions.is_empty() && record.last.is_none();
            if !duplicate {
                // Of a table's row the last version counts, which its state is made of already.
                match attachment {
                    None => record.versions.push(version.clone()),
                    Some(_) => record.last = Some(hash),
                }
                new_versions.push(record::NewVersion {
                    record_id: record.record_id,
                    at: timestamp(version.timestamp),
                    content: std::mem::take(content),
                    originals: originals.clone(),
                });
            }
            let state = match alone.take() {
                Some(state) => state,
                None => {
                    let options = source(&version.record.system);
                    if !duplicate {
                        let last = record.versions.len() - 1;
                        let met = within(&entity.entity, &entity.mapping, &options, &record.versions, last);
                        races.extend(met);
                    }
                    fold(&entity.entity, &entity.mapping, &options, &record.versions)
                }
            };
            let before = record.new.as_ref().unwrap_or(&record.old);
            let outcome = if version.deleted && !state.live() {
                "deleted"
            } else if first {
                "created"
            } else if says_the_same(before, &state) {
                "stale"
            } else {
                "updated"
            };
            record.new = Some(state);
            outcome
        };
        outcomes.push(Outcome {
            ordinal: *ordinal,
            system: Some(version.record.system.clone()),
            id: Some(version.record.id.clone()),
            outcome,
            golden: None,
            detail: None,
        });
    }

    let accepted: Vec<(&Version, &State)> = incoming
        .iter()
        .filter_map(|incoming| Some((&incoming.version, touched.find(&incoming.version.record)?.new.as_ref()?)))
        .collect();
    drift::observe(feed, slot(), &entity, &accepted, now() / 1_000_000)?;
    drop(accepted);

    let (mut changes, mut unchanged) = (Vec::with_capacity(touched.records.len()), HashMap::new());
    for record in touched.records {
        let Touched { reference, record_id, attachment, existing, golden, component, old, new, .. } = record;
        match new {
            Some(new) => {
                changes.push(Change { record_id, reference, attachment, existing, golden, component, old, new });
            }
            None => {
                unchanged.insert(reference, golden);
            }
        }
    }
    if let Resolve::Later(later) = resolve {
        later.changes.extend(changes);
        later.versions.extend(new_versions);
        later.spent.extend(incoming);
        return Ok((outcomes, refused));
    }
    record::insert_versions(feed, &new_versions)?;
    // What changed: its row, and its golden record before.
    let changed: HashMap<RecordRef, (i64, Option<Uuid>)> =
        changes.iter().map(|change| (change.reference.clone(), (change.record_id, change.golden))).collect();
    let published = resolve::apply(&entity, &keyring, held, changes, feed)?;
    let golden_of = |record: &RecordRef| {
        let (row, before) = changed.get(record)?;
        published.golden_of(*row).or(*before)
    };
    let races: Vec<_> = races.into_iter().map(|race| (golden_of(&race.winner.record), race)).collect();
    event::races(entity_type, &races)?;
    let renamed = incoming.iter().filter(|version| !version.originals.is_empty());
    let sent: HashMap<&RecordRef, &BTreeMap<Text, Text>> =
        renamed.map(|incoming| (&incoming.version.record, &incoming.originals)).collect();
    for outcome in &mut outcomes {
        let (Some(system), Some(id)) = (&outcome.system, &outcome.id) else { continue };
        let reference = RecordRef::new(system.as_str(), id.as_str());
        outcome.golden = match changed.get(&reference) {
            Some((row, _)) => published.golden_of(*row),
            None => unchanged.get(&reference).copied().flatten(),
        };
        // Who sent it knows it.
        if let Some(sent) = sent.get(&reference).and_then(|originals| originals.get(id)) {
            outcome.id = Some(sent.clone());
        }
    }
    Ok((outcomes, refused))
}

/// A feed may not write the record of an attached table: the table's row is the record.
fn foreign(touched: &AllTouched, incoming: Vec<Prepared>) -> Result<(Vec<Prepared>, Vec<Refused>)> {
    let owners: BTreeSet<i64> = touched.records.iter().filter_map(|record| record.attachment).collect();
    if owners.is_empty() {
        return Ok((incoming, Vec::new()));
    }
    // A table that was dropped or detached owns nothing any more.
    let followed = configured::followed(owners.into_iter().collect())?;
    let (mut mine, mut refused) = (Vec::with_capacity(incoming.len()), Vec::new());
    for incoming in incoming {
        let owner = touched.find(&incoming.version.record).and_then(|record| record.attachment);
        if owner.is_some_and(|id| followed.contains(&id)) {
            let refusal = Refusal {
                field: "externalSystemIds[0]".into(),
                reason: "the record belongs to an attached table".into(),
                sqlstate: "55000",
            };
            refused.push((
                incoming.ordinal,
                Box::new(payload::Refused {
                    refusal,
                    retryable: true,
                    system_name: Some(incoming.version.record.system.to_string()),
                    source_id: Some(incoming.version.record.id.to_string()),
                    payload: incoming.version.content(),
                }),
            ));
        } else {
            mine.push(incoming);
        }
    }
    Ok((mine, refused))
}

/// Whether no current value differs. The earliest assertion, which `KEEP_EXISTING` looks at, may.
fn says_the_same(a: &State, b: &State) -> bool {
    a.live() == b.live()
        && a.raw().eq(b.raw())
        && a.cross_references() == b.cross_references()
        && a.held().map(|(name, held)| (name, held.current)).eq(b.held().map(|(name, held)| (name, held.current)))
}

fn timestamp(at: Micros) -> TimestampWithTimeZone {
    let at = at.saturating_sub(EPOCH_DIFFERENCE);
    TimestampWithTimeZone::try_from(at).unwrap_or_else(|_| TimestampWithTimeZone::positive_infinity())
}
