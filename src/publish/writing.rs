//! The values of golden records, chosen and written piece by piece.

use super::choose::{choose, Chosen, Task};
use super::overrides::{record_ends, Ended, Overrides};
use crate::clock;
use crate::configuration::Entity;
use crate::error::Result;
use crate::progress;
use crate::store::bulk;
use crate::store::event::{Change, ChangeEvent};
use crate::store::{event, golden, vault};
use crate::{memory, parallel};
use golden_record_core::race::Meeting;
use golden_record_core::value::Text;
use golden_record_core::vault::Vault;
use pgrx::datum::Uuid;

/// Golden records whose values are chosen at a time.
const PIECE: usize = 4_096;

/// Golden records on their way into their tables, and what there is to tell of them.
pub(super) struct Writing<'a> {
    entity_type: &'a str,
    /// Where the new ones of many go.
    loading: Option<golden::Loading>,
    changes: Vec<ChangeEvent>,
    races: Vec<(Option<Uuid>, Meeting)>,
    ended: Vec<Ended>,
    created: usize,
    updated: usize,
}

impl<'a> Writing<'a> {
    /// Makes ready for so many tasks.
    pub(super) fn begin(entity_type: &'a str, tasks: &[Task]) -> Result<Writing<'a>> {
        let loading = (tasks.len() > bulk::FEW).then(golden::Loading::begin).transpose()?;
        Ok(Writing { entity_type, loading, changes: vec![], races: vec![], ended: vec![], created: 0, updated: 0 })
    }

    /// Chooses and writes the values of all tasks, with other work whenever nothing is ready.
    pub(super) fn all(
        &mut self,
        entity: &Entity,
        overrides: &Overrides,
        tasks: &[Task],
        meanwhile: impl FnMut() -> Result<bool>,
    ) -> Result<()> {
        let mut done = 0;
        choose_in_pieces(entity, overrides, tasks, meanwhile, |piece, chosen| {
            self.piece(piece, chosen)?;
            done += piece.len();
            progress::done(done)?;
            Ok(())
        })?;
        if let Some(loading) = self.loading.take() {
            loading.end();
        }
        Ok(())
    }

    fn piece(&mut self, piece: &[Task], Pieces { chosen, new }: Pieces) -> Result<()> {
        let (mut inserts, mut updates) = (Vec::new(), Vec::new());
        for (task, chosen) in piece.iter().zip(chosen) {
            self.races.extend(chosen.races.into_iter().map(|meeting| (Some(task.id), meeting)));
            self.ended.extend(chosen.ended);
            if task.previous.is_some() && chosen.content.is_none() {
                continue;
            }
            self.changes.push(told(task, chosen.attributes));
            if task.previous.is_some() {
                self.updated += 1;
                updates.extend(chosen.content);
            } else {
                self.created += 1;
                inserts.extend(chosen.content);
            }
        }
        match self.loading.as_mut().zip(new) {
            Some((loading, new)) => loading.add(&new),
            None => golden::insert_few(self.entity_type, &inserts)?,
        }
        golden::replace(&updates)?;
        if self.changes.len() >= PIECE {
            event::changes(self.entity_type, &self.changes)?;
            self.changes.clear();
        }
        Ok(())
    }

    /// Tells of all that happened, `further` changes last; gives how many golden records are new, and how many are others.
    pub(super) fn end(mut self, further: Vec<ChangeEvent>) -> Result<(usize, usize)> {
        self.changes.extend(further);
        record_ends(self.entity_type, &self.ended)?;
        event::races(self.entity_type, &self.races)?;
        event::changes(self.entity_type, &self.changes)?;
        Ok((self.created, self.updated))
    }
}

/// What readers are told of a golden record that is new, or another than before.
fn told(task: &Task, attributes: Vec<Text>) -> ChangeEvent {
    let elsewhere = task.members.iter().filter_map(|member| member.row.golden).find(|from| *from != task.id);
    let live = task.previous.is_some_and(|golden| golden.live);
    match elsewhere.filter(|_| !live) {
        Some(from) => ChangeEvent { golden: from, change: Change::Split, other: Some(task.id), attributes: vec![] },
        None => {
            let change = if live { Change::Updated } else { Change::Created };
            ChangeEvent { golden: task.id, change, other: None, attributes }
        }
    }
}

/// What was chosen for a piece of the tasks; where there are many, the new golden records among them are laid out, and no
/// content is left of them: the backend's own thread has enough to do without letting go of it.
struct Pieces {
    chosen: Vec<Chosen>,
    new: Option<golden::New>,
}

/// Chooses for all tasks, and hands what was chosen over piece by piece, in their order: of many, the next pieces are chosen
/// on the other cores meanwhile.
fn choose_in_pieces<'a>(
    entity: &Entity,
    overrides: &Overrides,
    tasks: &'a [Task<'a>],
    meanwhile: impl FnMut() -> Result<bool>,
    mut take: impl FnMut(&'a [Task<'a>], Pieces) -> Result<()>,
) -> Result<()> {
    let choose = |piece: &[Task]| piece.iter().map(|task| choose(entity, overrides, task)).collect::<Result<Vec<_>>>();
    if tasks.len() <= bulk::FEW {
        return take(tasks, Pieces { chosen: choose(tasks)?, new: None });
    }
    let (vault, now) = (vault::open()?, clock::present());
    let vault: &Vault = &vault;
    // A group of values has a record that won it, or values of several.
    let most = |task: &Task| task.members.len() + entity.rules.combining();
    let groups = |task: &Task| if task.previous.is_none() { most(task) } else { 0 };
    let pieces = tasks.chunks(PIECE).map(|piece| Ok((piece, vault::nonces(piece.iter().map(groups).sum())?)));
    let lay_out = |(piece, nonces): (&'a [Task<'a>], Vec<_>)| {
        let mut chosen = choose(piece)?;
        let new = piece.iter().zip(&mut chosen).filter(|(task, _)| task.previous.is_none());
        let contents = new.filter_map(|(_, chosen)| chosen.content.take());
        let new = golden::New::of(&entity.entity.name, contents, vault, nonces, now)?;
        Ok((piece, Pieces { chosen, new: Some(new) }))
    };
    let take = |done: Result<_>| {
        let (piece, chosen) = done?;
        memory::scoped(|| take(piece, chosen))
    };
    parallel::pipeline_beside(pieces, lay_out, take, meanwhile)
}
