//! The audit chain. An entry stores its own hash and locks nothing; now and then a transaction seals the entries of those
//! that have ended, and chains its seal to the last one.

use crate::clock;
use crate::error::Result;
use crate::isolation;
use crate::lock;
use crate::store::audit::{self as store, Entry, Head, StoredSeal};
use golden_record_core::audit::{merkle_root, Hash, Seal, GENESIS};
use golden_record_core::words;
use pgrx::datum::Uuid;
use pgrx::pg_sys;
use std::collections::BTreeMap;

/// Every so many entries a writer seals.
const INTERVAL: i64 = 256;

/// Writes an audit entry.
pub fn entry(
    action: &str,
    entity_type: Option<&str>,
    golden: Option<Uuid>,
    note: Option<&str>,
    detail: &serde_json::Value,
) -> Result<()> {
    let id = store::put(action, entity_type, golden, note, detail)?;
    if id % INTERVAL == 0 {
        seal()?;
    }
    Ok(())
}

/// Seals the entries of ended transactions, unless another transaction is doing so, or this one has a snapshot from which
/// the last seal may be missing.
fn seal() -> Result<()> {
    if !isolation::is_fresh() || !lock::seal() {
        return Ok(());
    }
    let mut previous = store::head()?.map_or(GENESIS, |head| head.hash);
    for range in store::sealable()? {
        let (entries, leaves): (Vec<i64>, Vec<Hash>) = range.entries.into_iter().unzip();
        let root = merkle_root(&leaves);
        let seal = Seal {
            previous,
            generation: range.generation,
            from: range.from,
            to: range.to,
            at: clock::now(),
            entries,
            root,
        };
        store::put_seal(&seal, &leaves)?;
        previous = seal.hash();
    }
    Ok(())
}

/// The head of the chain, after sealing what can be sealed where this transaction may write.
pub fn head() -> Result<Option<Head>> {
    // SAFETY: a plain global of the backend, and a read of shared memory.
    let writes = unsafe { !pg_sys::XactReadOnly && !pg_sys::RecoveryInProgress() };
    if writes {
        seal()?;
    }
    store::head()
}

words! {
    /// What [`verify`] tells.
    pub enum Found {
        /// An entry is not what was sealed.
        Changed => "changed",
        /// An entry is gone.
        Removed => "removed",
        /// An entry was not there when its seal was made.
        Inserted => "inserted",
        /// A seal is not what it was made as.
        Seal => "seal",
        /// The head given is in the chain no longer.
        Cut => "cut",
        /// So many entries are intact, under a seal.
        Sealed => "sealed",
        /// So many are, which no seal covers yet.
        Unsealed => "unsealed",
    }
}

/// A row of [`verify`].
pub struct Finding {
    /// What it tells.
    pub kind: Found,
    /// The entry.
    pub audit_id: Option<i64>,
    /// The seal.
    pub seal_id: Option<i64>,
    /// How many entries.
    pub entries: Option<i64>,
}

fn finding(kind: Found, audit_id: Option<i64>, seal_id: Option<i64>) -> Finding {
    Finding { kind, audit_id, seal_id, entries: None }
}

/// Compares every entry with its seal, and every seal with the one before; `head` is one that was kept outside.
pub fn verify(head: Option<&[u8]>) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    let (mut previous, mut intact, mut known) = (GENESIS, 0, head.is_none());
    for stored in store::seals()? {
        pgrx::check_for_interrupts!();
        let (leaves, rest) = stored.leaves.as_chunks();
        let sound = stored.seal.previous == previous && stored.seal.hash() == stored.hash;
        if !sound || !rest.is_empty() || merkle_root(leaves) != stored.seal.root {
            found.push(finding(Found::Seal, None, Some(stored.seal_id)));
        }
        intact += entries(&stored, leaves, &mut found)?;
        known |= head == Some(&stored.hash[..]);
        previous = stored.hash;
    }
    let mut open = 0;
    for entry in store::unsealed()? {
        if entry.computed == Some(entry.stored) {
            open += 1;
        } else {
            found.push(finding(Found::Changed, Some(entry.audit_id), None));
        }
    }
    if !known {
        found.push(finding(Found::Cut, None, None));
    }
    for (kind, entries) in [(Found::Sealed, intact), (Found::Unsealed, open)] {
        found.push(Finding { entries: Some(entries), ..finding(kind, None, None) });
    }
    Ok(found)
}

/// Compares the entries in a seal's range with those that were sealed, and gives how many are the same.
fn entries(stored: &StoredSeal, leaves: &[Hash], found: &mut Vec<Finding>) -> Result<i64> {
    let mut there: BTreeMap<i64, Entry> =
        store::entries(&stored.seal)?.into_iter().map(|entry| (entry.audit_id, entry)).collect();
    let mut intact = 0;
    for (audit_id, leaf) in stored.seal.entries.iter().zip(leaves) {
        match there.remove(audit_id) {
            Some(entry) if entry.computed == Some(*leaf) && entry.stored == *leaf => intact += 1,
            Some(_) => found.push(finding(Found::Changed, Some(*audit_id), Some(stored.seal_id))),
            None => found.push(finding(Found::Removed, Some(*audit_id), Some(stored.seal_id))),
        }
    }
    found.extend(there.into_keys().map(|audit_id| finding(Found::Inserted, Some(audit_id), Some(stored.seal_id))));
    Ok(intact)
}
