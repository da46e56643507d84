//! Refused records that came again and were accepted: they are dead letters no more.

use super::accept::Context;
use super::prepare::Prepared;
use crate::audit;
use crate::clock;
use crate::error::Result;
use crate::store::letters::{self, Mendable};
use crate::store::vault;
use golden_record_core::payload::{self, Surroundings};
use golden_record_core::record::RecordRef;

/// Closes the dead letters that accepted versions mend. The row of an attached table is what it is now, whatever it was when it
/// was refused; of a feed, a version mends what says nothing else.
pub(super) fn mend(context: &Context, accepted: &[Prepared]) -> Result<()> {
    if accepted.is_empty() || !letters::any()? {
        return Ok(());
    }
    let vault = vault::open()?;
    let surroundings = Surroundings {
        source: context.source,
        known: &|entity_type| context.configuration.knows(entity_type),
        now: Some(clock::now()),
    };
    let says_all = |version, Mendable { field, payload, .. }: &Mendable| {
        payload.as_ref().is_some_and(|payload| {
            payload::mends(version, payload, field, &surroundings, |reference| vault.known_as(reference))
        })
    };
    let names: Vec<&RecordRef> = accepted.iter().map(|accepted| &accepted.version.record).collect();
    let table = context.origin.attachment();
    let mut mendable = letters::mendable(&vault, &names, context.feed, table)?;
    mendable.retain(|letter| table.is_some() || says_all(&accepted[letter.place].version, letter));
    close(context.feed, mendable.into_iter().map(|letter| letter.id).collect())
}

/// Takes dead letters away that what a feed or a table says now has mended.
pub(super) fn close(feed: &str, mut letters: Vec<i64>) -> Result<()> {
    letters.sort_unstable();
    letters.dedup();
    if letters.is_empty() {
        return Ok(());
    }
    audit::entry("mend_rejected", None, None, None, &serde_json::json!({"feed": feed, "mended": letters.len()}))?;
    letters::remove(letters)
}
