//! Backfill: all rows of an attached table in one pass, taken in piece by piece and resolved together in the end.

use super::cells::{plainly, Cells};
use super::rows::Reader;
use super::trigger::{rows, Changed};
use super::{attachment, check_speaks, not_attached, triggers_of, unhidden, Relation};
use crate::configuration::{identity_secret, Configuration};
use crate::error::{Failure, Result};
use crate::ingest::{alone, apply, outweighs, Later, Readings, Resolve, Table, Way};
use crate::keyring::Keyring;
use crate::lock::Held;
use crate::owner::{as_owner, as_relation_owner};
use crate::parallel::{Begun, Others};
use crate::progress::{self, Progress};
use crate::resolve::Change;
use crate::store::bulk::Rows;
use crate::store::configuration::Attachment;
use crate::store::letters::DeadLetter;
use crate::store::{record, vault, version};
use crate::{memory, model, parallel};
use golden_record_core::error::{Error, Refusal};
use golden_record_core::record::RecordRef;
use golden_record_core::vault::Vault;
use hashbrown::HashSet;
use pgrx::Spi;
use std::collections::BTreeSet;

/// Rows taken in one pass by `backfill`.
const BATCH: i64 = 5_000;

/// Makes the table's records exactly its rows; gives their number. Writers of the table wait meanwhile. With `train` they are
/// resolved with a model that is learnt from them first.
pub fn backfill(relation: &Relation, train: bool) -> Result<i64> {
    let (_, id) = triggers_of(relation)?
        .into_iter()
        .next()
        .ok_or_else(|| not_attached(&relation.name).hint("Attach it with golden_record.attach_source."))?;
    let attachment = attachment(id)?;
    check_speaks(relation, &attachment)?;
    let open = || {
        Spi::run(&format!("LOCK TABLE {} IN SHARE MODE", relation.name))?;
        Spi::connect(|client| {
            let sql = format!("SELECT {} FROM {} AS r", Cells::selected(&relation.columns), relation.name);
            Ok(client.try_open_cursor(sql.as_str(), &[])?.detach_into_name())
        })
    };
    let cursor = as_relation_owner(relation.owner, || unhidden(open))?;
    let _progress = Progress::begin("backfill", &relation.name);
    let held = as_owner(|| alone(&attachment.entity_type))?;
    let (configuration, vault) = as_owner(|| Ok::<_, Failure>((Configuration::current()?, vault::open()?)))?;
    let entity = configuration.entity(&attachment.entity_type)?;
    let vault: &Vault = &vault;
    let reader = Reader::new(&attachment, &entity.entity, &relation.columns);
    if let Some(Refusal { field, sqlstate, .. }) = reader.lack() {
        return Err(Error::new(sqlstate, format!("column \"{field}\" of {} does not exist", relation.name))
            .detail("It was there when the table was attached.")
            .hint("Detach the table and attach it again.")
            .into());
    }
    let intake = Intake {
        attachment: &attachment,
        reader,
        table: Table::new(&configuration, &attachment, &entity, vault),
        vault,
    };
    let mut pass = as_owner(|| Pass::begin(&intake, held))?;
    progress::phase("taking rows in", 0)?;
    let mut count = 0;
    let pieces = std::iter::from_fn(|| {
        let next = || fetch(&cursor, relation.columns.len());
        let fetched = as_relation_owner(relation.owner, || unhidden(next));
        let told = fetched.and_then(|cells| {
            count += Cells::count(&cells);
            progress::done(count)?;
            Ok(cells)
        });
        let ended = told.as_ref().is_ok_and(|cells| Cells::count(cells) == 0);
        (!ended).then_some(told)
    });
    let intake = &intake;
    parallel::beside(|others| {
        others.pipeline(
            pieces,
            |cells| intake.read(cells),
            |read| {
                let piece = read.end()??;
                memory::scoped(|| as_owner(|| pass.take(others, piece)))
            },
        )?;
        as_owner(|| pass.settle())
    })?;
    as_owner(|| pass.end(train))
}

/// The next rows of the table.
fn fetch(cursor: &str, columns: usize) -> Result<Vec<Cells>> {
    Spi::connect(|client| {
        let mut cursor = client.find_cursor(cursor)?;
        plainly(|| cursor.fetch(BATCH).map(|_| ()))?;
        let found = Cells::found(columns)?;
        if !found.is_empty() {
            cursor.detach_into_name();
        }
        Ok(found)
    })
}

/// What it takes to read the table's rows, in any thread.
struct Intake<'a> {
    attachment: &'a Attachment,
    reader: Reader<'a>,
    table: Table<'a>,
    vault: &'a Vault,
}

/// Rows that were read, and the names of the records that they are.
struct Piece {
    names: Vec<RecordRef>,
    readings: Readings,
}

impl Intake<'_> {
    fn read(&self, cells: Vec<Cells>) -> Result<Piece> {
        let after = self.reader.read(&cells, &self.table)?;
        // A row that is refused is no record.
        let fit = after.iter().filter(|row| row.version.is_ok());
        let names = fit.filter_map(|row| row.name.record()).map(|name| self.table.known_as(name)).collect();
        let rows = rows(&self.reader, &self.table, Changed { after, ..Changed::default() });
        Ok(Piece { names, readings: self.table.prepare(rows)? })
    }
}

/// One pass over all rows of an attached table: what they say is taken in piece by piece and resolved in the end, all
/// together.
struct Pass<'a> {
    intake: &'a Intake<'a>,
    held: Held,
    /// Records of the table that no row has named yet.
    left: BTreeSet<RecordRef>,
    /// The versions of the last piece that was accepted, on their way to be written: laid out while the next is taken.
    settling: Option<Begun<Result<Rows>>>,
    waiting: Vec<Change>,
    /// The records that wait.
    pending: HashSet<RecordRef>,
    /// Rows of which there is a record now.
    count: usize,
    /// Rows that were refused.
    letters: Vec<DeadLetter>,
}

impl<'a> Pass<'a> {
    fn begin(intake: &'a Intake<'a>, held: Held) -> Result<Pass<'a>> {
        let left = record::of_table(intake.attachment.id)?.into_iter().collect();
        Ok(Pass {
            intake,
            held,
            left,
            settling: None,
            waiting: Vec::new(),
            pending: HashSet::new(),
            count: 0,
            letters: Vec::new(),
        })
    }

    fn take<'scope>(&mut self, others: &Others<'scope, '_>, piece: Piece) -> Result<()>
    where
        'a: 'scope,
    {
        let Piece { names, readings } = piece;
        // A row that names a record of an earlier piece again must find what that one said.
        if names.iter().any(|name| self.pending.contains(name)) {
            self.settle()?;
            self.resolve(false)?;
        }
        names.iter().for_each(|name| {
            self.left.remove(name);
        });
        let Later { changes, versions, spent, .. } = self.accept(readings)?;
        let (vault, feed) = (self.intake.vault, self.intake.attachment.relation.as_str());
        let sealing = version::Sealing::begin(vault, feed, versions.len())?;
        self.settle()?;
        self.waiting.extend(changes);
        self.settling = Some(others.start(move |_| {
            drop(spent);
            sealing.rows(&versions)
        })?);
        Ok(())
    }

    fn accept(&mut self, readings: Readings) -> Result<Later> {
        let mut later = Later::default();
        let (living, letters) = self.intake.table.accept(&mut self.held, readings, Resolve::Later(&mut later))?;
        self.count += living;
        self.letters.extend(letters);
        self.pending.extend(later.changes.iter().map(|change| change.row.reference.clone()));
        Ok(later)
    }

    /// Writes the versions of the piece that was accepted last.
    fn settle(&mut self) -> Result<()> {
        let Some(settling) = self.settling.take() else { return Ok(()) };
        settling.end()??.write()
    }

    /// Resolves all that waits; with `train`, by a model that is learnt first.
    fn resolve(&mut self, train: bool) -> Result<()> {
        self.pending = HashSet::new();
        let attachment = self.intake.attachment;
        let changes = std::mem::take(&mut self.waiting);
        let learnt = train.then(|| model::train_and_use(&attachment.entity_type, &changes)).transpose()?;
        let entity = Configuration::current()?.entity(&attachment.entity_type)?;
        let keyring = Keyring::new(&identity_secret()?, &entity.entity.name);
        // Under another model all is another; few records in a large type are looked up one by one.
        let whole = train || outweighs(&attachment.entity_type, changes.len())?;
        let way = if whole { Way::Whole(learnt.map(Box::new)) } else { Way::Each };
        apply(&entity, &keyring, &mut self.held, way, changes, &attachment.relation)?;
        Ok(())
    }

    /// Ends the records that no row named, resolves, and gives of how many rows there is a record now.
    fn end(mut self, train: bool) -> Result<i64> {
        let count = self.count as i64;
        let gone: Vec<RecordRef> = std::mem::take(&mut self.left).into_iter().collect();
        if !gone.is_empty() {
            let rows = rows(&self.intake.reader, &self.intake.table, Changed { gone, ..Changed::default() });
            let Later { changes, versions, .. } = self.accept(self.intake.table.prepare(rows)?)?;
            version::insert(&self.intake.attachment.relation, &versions)?;
            self.waiting.extend(changes);
        }
        self.intake.table.refuse_again(std::mem::take(&mut self.letters))?;
        self.resolve(train)?;
        Ok(count)
    }
}
