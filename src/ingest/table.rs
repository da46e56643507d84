//! Rows of attached tables.

use super::accept::{accept, Context, Origin};
use super::mend::close;
use super::prepare::{prepare, Incoming, Prepared};
use super::refuse::{count, letter};
use super::suppress::keep_out_refused;
use super::{Report, Resolve};
use crate::configuration::{Configuration, Entity};
use crate::error::Result;
use crate::lock::Held;
use crate::store::configuration::Attachment;
use crate::store::letters::{self, DeadLetter};
use golden_record_core::outcome::Outcome;
use golden_record_core::payload::{self, Surroundings};
use golden_record_core::record::{RecordRef, Version};
use golden_record_core::source::SourceOptions;
use golden_record_core::vault::Vault;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};

/// A row of an attached table.
pub struct Row {
    /// Its place in the statement, from 1; 0 for one that is gone.
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
    letters: Vec<DeadLetter>,
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

    /// The name that a record goes by.
    pub fn known_as(&self, record: RecordRef) -> RecordRef {
        self.vault.known_as(record)
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

    /// Takes what was read; gives of how many rows there is a record now, and the dead letters of those refused, which are to be
    /// written. The entity type is locked.
    pub fn accept(&self, held: &mut Held, readings: Readings, resolve: Resolve) -> Result<(usize, Vec<DeadLetter>)> {
        let Readings { accepted, mut letters } = readings;
        let (configuration, feed) = (self.configuration, &self.attachment.relation);
        let (mut taken, mut living) = (accepted.len(), 0);
        if !accepted.is_empty() {
            let gone = accepted.iter().filter(|prepared| prepared.version.deleted);
            let gone: HashSet<i32> = gone.map(|prepared| prepared.ordinal).collect();
            let Attachment { id, entity_type, timestamp_column, .. } = self.attachment;
            let origin = Origin::Table { attachment: *id, timed: timestamp_column.is_some() };
            let source = |system: &str| self.source(system);
            let context = Context { configuration, entity_type, origin, feed, blind: false, source: &source };
            let (reports, foreign) = accept(&context, held, accepted, resolve)?;
            let ended = |row: &Report| matches!(row.outcome, Outcome::Suppressed | Outcome::Deleted);
            let lives = |row: &&Report| !ended(row) && !gone.contains(&row.ordinal);
            living = reports.iter().filter(lives).count();
            taken -= foreign.len();
            letters.extend(foreign.into_iter().map(|(ordinal, refused)| letter(ordinal, *refused)));
        }
        let letters = keep_out_refused(configuration, letters)?;
        count(feed, taken, letters.len())?;
        Ok((living, letters))
    }

    /// Refuses rows.
    pub fn reject(&self, letters: Vec<DeadLetter>) -> Result<()> {
        let Attachment { id, relation, .. } = self.attachment;
        letters::reject(relation, Some(*id), letters, &self.configuration.regions())
    }

    /// Makes the dead letters of the table those of all its rows that are refused: some may have been refused before, as they are
    /// now, and have theirs; what was refused before and is no row any more is mended.
    pub fn refuse_again(&self, letters: Vec<DeadLetter>) -> Result<()> {
        let mut known = BTreeMap::<String, Vec<i64>>::new();
        for letters::Letter { id, payload, .. } in letters::of_table(&self.attachment.relation, self.attachment.id)? {
            known.entry(self.said(&payload)).or_default().push(id);
        }
        let (mut again, mut new) = (Vec::new(), Vec::new());
        for letter in letters {
            match known.get_mut(&self.said(&letter.payload)).and_then(Vec::pop) {
                Some(id) => again.push(letters::Again { id, reason: letter.refusal }),
                None => new.push(letter),
            }
        }
        letters::refused_again(&again, Some(self.attachment.id))?;
        close(&self.attachment.relation, known.into_values().flatten().collect())?;
        self.reject(new)
    }

    /// What the row of a dead letter says: without a timestamp column its time is the transaction's start.
    fn said(&self, payload: &str) -> String {
        let mut said: Value = match serde_json::from_str(payload) {
            Ok(said) if self.attachment.timestamp_column.is_none() => said,
            _ => return payload.to_owned(),
        };
        said.as_object_mut().and_then(|said| said.remove("timestamp"));
        said.to_string()
    }
}
