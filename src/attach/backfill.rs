//! Backfill: all rows of an attached table in one pass, taken in piece by piece and resolved together in the end.

use super::rows::Reader;
use super::{attachment, attachment_of, not_attached, take, Changed, Relation};
use crate::configuration::{identity_secret, Configuration};
use crate::error::{Failure, Result};
use crate::guc::Settings;
use crate::ingest::{alone, outweighs, Resolve};
use crate::keyring::Keyring;
use crate::lock::Held;
use crate::owner::{as_owner, as_relation_owner};
use crate::progress::{self, Progress};
use crate::resolve::{apply, Change};
use crate::store::configuration::Attachment;
use crate::store::record;
use crate::{memory, model, parallel, vault};
use golden_record_core::entity::EntityType;
use golden_record_core::pack::{pack_state, unpack_state};
use golden_record_core::record::RecordRef;
use pgrx::Spi;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// Rows taken in one pass by `backfill`.
const BATCH: i64 = 20_000;

/// A row that a policy hides from the table's owner must not read as one that is gone: with this it is an error (42501).
fn nothing_hidden() -> Settings {
    Settings::with(&[(c"row_security", c"off")])
}

/// Makes the source's records exactly the table's rows; gives their number. Writers of the table wait meanwhile. With
/// `train` they are resolved with a model that is learnt from them first.
pub fn backfill(relation: &Relation, train: bool) -> Result<i64> {
    let id = attachment_of(relation.oid)?.ok_or_else(|| not_attached(&relation.name))?;
    let attachment = attachment(id)?;
    let cursor = as_relation_owner(relation.owner, || {
        let _settings = nothing_hidden();
        Spi::run(&format!("LOCK TABLE {} IN SHARE MODE", relation.name))?;
        Spi::connect(|client| {
            let sql = format!("SELECT pg_catalog.row_to_json(r.*)::text FROM {} AS r", relation.name);
            Ok(client.try_open_cursor(sql.as_str(), &[])?.detach_into_name())
        })
    })?;
    let _progress = Progress::begin("backfill", &relation.name);
    let mut pass = as_owner(|| Pass::begin(&attachment))?;
    progress::phase("taking rows in", 0);
    let mut count = 0;
    loop {
        let texts: Vec<String> = as_relation_owner(relation.owner, || {
            let _settings = nothing_hidden();
            Spi::connect(|client| {
                let mut found = client.find_cursor(&cursor)?;
                let mut texts = Vec::new();
                for row in found.fetch(BATCH)? {
                    texts.extend(row.get::<String>(1)?);
                }
                if !texts.is_empty() {
                    found.detach_into_name();
                }
                Ok(texts)
            })
        })?;
        if texts.is_empty() {
            break;
        }
        count += texts.len() as i64;
        progress::done(count as usize);
        memory::scoped(|| as_owner(|| pass.take(&texts)))?;
    }
    as_owner(|| pass.end(train))?;
    Ok(count)
}

/// A change that waits for the end of a pass, with its states packed: there are as many as the table has rows.
struct Waiting {
    change: Change,
    old: Vec<u8>,
    new: Vec<u8>,
}

impl Waiting {
    fn of(mut change: Change) -> Waiting {
        let (old, new) = (std::mem::take(&mut change.old), std::mem::take(&mut change.new));
        Waiting { change, old: pack_state(&old), new: pack_state(&new) }
    }

    /// The changes, with their states.
    fn open(waiting: Vec<Waiting>) -> Result<Vec<Change>> {
        let states = parallel::map(&waiting, |one| (unpack_state(&one.old), unpack_state(&one.new)))?;
        let opened = waiting.into_iter().zip(states).map(|(Waiting { change, .. }, (old, new))| {
            let (old, new) = old.zip(new).ok_or_else(|| Failure::internal("a state was packed wrongly"))?;
            Ok(Change { old, new, ..change })
        });
        opened.collect()
    }
}

/// One pass over all rows of an attached table: what they say is taken in piece by piece and resolved in the end, all
/// together.
struct Pass<'a> {
    attachment: &'a Arc<Attachment>,
    entity: EntityType,
    held: Held,
    /// Records of the table that no row has named yet.
    left: BTreeSet<RecordRef>,
    waiting: Vec<Waiting>,
    /// The records that wait.
    pending: HashSet<RecordRef>,
}

impl<'a> Pass<'a> {
    fn begin(attachment: &'a Arc<Attachment>) -> Result<Pass<'a>> {
        let held = alone(&attachment.entity_type)?;
        let entity = Configuration::current()?.entity(&attachment.entity_type)?.entity.clone();
        let left = record::of_attachment(attachment.id)?.into_iter().collect();
        Ok(Pass { attachment, entity, held, left, waiting: Vec::new(), pending: HashSet::new() })
    }

    fn take(&mut self, texts: &[String]) -> Result<()> {
        let (attachment, entity) = (self.attachment, self.entity.clone());
        let reader = Reader::new(attachment, &entity)?;
        let after = reader.read(texts)?;
        let names = after.iter().filter_map(|row| row.name.record()).map(vault::known_as);
        let names = names.collect::<Result<Vec<RecordRef>>>()?;
        // A row that names a record of an earlier piece again must find what that one said.
        if names.iter().any(|name| self.pending.contains(name)) {
            self.resolve(false)?;
        }
        names.iter().for_each(|name| {
            self.left.remove(name);
        });
        self.accept(&reader, Changed { after, ..Changed::default() })
    }

    fn accept(&mut self, reader: &Reader, changed: Changed) -> Result<()> {
        let mut changes = Vec::new();
        take(self.attachment, reader, changed, &mut self.held, Resolve::Later(&mut changes))?;
        self.pending.extend(changes.iter().map(|change| change.reference.clone()));
        self.waiting.extend(changes.into_iter().map(Waiting::of));
        Ok(())
    }

    /// Resolves all that waits; with `train`, by a model that is learnt first.
    fn resolve(&mut self, train: bool) -> Result<()> {
        self.pending.clear();
        let changes = Waiting::open(std::mem::take(&mut self.waiting))?;
        if train {
            self.held.prepared = Some(model::train_and_use(&self.attachment.entity_type, &changes)?);
        }
        let entity = Configuration::current()?.entity(&self.attachment.entity_type)?;
        let keyring = Keyring::new(&identity_secret()?, &entity.entity.name);
        // Under another model all is another; few records in a large type are looked up one by one.
        self.held.whole = train || outweighs(&self.attachment.entity_type, changes.len())?;
        apply(&entity, &keyring, &mut self.held, changes, &self.attachment.relation)?;
        Ok(())
    }

    fn end(mut self, train: bool) -> Result<()> {
        let gone: Vec<RecordRef> = std::mem::take(&mut self.left).into_iter().collect();
        if !gone.is_empty() {
            let (attachment, entity) = (self.attachment, self.entity.clone());
            let reader = Reader::new(attachment, &entity)?;
            self.accept(&reader, Changed { gone, ..Changed::default() })?;
        }
        self.resolve(train)
    }
}
