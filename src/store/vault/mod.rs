//! The keys of this database: read from `key_ring`, opened under the key file, kept by the backend while they are right.
//!
//! Every statement of ours that comes in looks once whether the ring is still the one kept: the extension may have been
//! made anew, restored or rolled back meanwhile, and nothing may be sealed under a key that the ring does not hold.

mod file;
mod ring;
mod seal;

pub use seal::{nonces, seal, seal_all, sealer, unseal, Sealer};

use crate::error::{Failure, Result};
use golden_record_core::error::Error;
use golden_record_core::record::RecordRef;
use golden_record_core::vault::{Vault, Wrapped, IDENTITY, KEY};
use seal::random;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use zeroize::Zeroizing;

/// A ring as it was read, and what it opened to. The keys are wiped when the last user of them is gone.
struct Kept {
    ring: Vec<Wrapped>,
    path: std::path::PathBuf,
    vault: Rc<Vault>,
}

thread_local! {
    static KEPT: RefCell<Option<Kept>> = const { RefCell::new(None) };
    static LOOKED: Cell<bool> = const { Cell::new(false) };
}

/// Makes the next use of the keys look whether the ring is still the one kept.
pub fn doubt() {
    LOOKED.set(false);
}

/// The keys of this database; `None` before the first record. Writes nothing.
///
/// Errors: `55000` when the key file is missing, unreadable or another's.
pub fn find() -> Result<Option<Rc<Vault>>> {
    if LOOKED.get() {
        if let Some(vault) = KEPT.with_borrow(|kept| kept.as_ref().map(|kept| Rc::clone(&kept.vault))) {
            return Ok(Some(vault));
        }
    }
    opened(ring::read()?)
}

/// The keys of this database, made when there are none.
///
/// Errors: as for [`find`]; `55000` when there are records, whose keys are gone.
pub fn open() -> Result<Rc<Vault>> {
    if let Some(vault) = find()? {
        return Ok(vault);
    }
    if ring::has_records()? {
        // They may have come meanwhile, and the keys with them.
        if let Some(vault) = opened(ring::read_fresh()?)? {
            return Ok(vault);
        }
        return Err(lost());
    }
    let masters = file::read_or_make()?;
    let master = masters.first().ok_or_else(|| Failure::internal("the key file has no key"))?;
    let mut new = Vec::with_capacity(2);
    for key_id in [IDENTITY, IDENTITY + 1] {
        new.push(master.wrap(random()?, key_id, Zeroizing::new(random::<KEY>()?).as_slice())?);
    }
    // Another session may have made them meanwhile: then this writes nothing, and what is read is what counts.
    ring::insert(&new)?;
    opened(ring::read_fresh()?)?.ok_or_else(|| Failure::internal("the keys were not stored"))
}

/// Of a ring that is empty though something was sealed under it, or lacks one of its two kinds of keys.
fn lost() -> Failure {
    Error::new("55000", "keys of this database are gone")
        .detail("What is sealed here, and golden ids, were made under them.")
        .hint("Restore table golden_record.key_ring from a dump.")
        .into()
}

fn opened(ring: Vec<Wrapped>) -> Result<Option<Rc<Vault>>> {
    if ring.is_empty() {
        KEPT.set(None);
        return Ok(None);
    }
    let path = file::path();
    let same = |kept: &Kept| kept.ring == ring && kept.path == path;
    let kept = KEPT.with_borrow(|kept| kept.as_ref().filter(|kept| same(kept)).map(|kept| Rc::clone(&kept.vault)));
    let vault = match kept {
        Some(vault) => vault,
        None => {
            KEPT.set(None);
            let masters = file::read()?;
            let keys: BTreeMap<u32, Zeroizing<Vec<u8>>> = ring
                .iter()
                .map(|wrapped| Ok((wrapped.key_id, masters.unwrap(wrapped)?)))
                .collect::<std::result::Result<_, Error>>()?;
            let vault = Rc::new(Vault::new(keys).map_err(|_| lost())?);
            KEPT.set(Some(Kept { ring, path, vault: Rc::clone(&vault) }));
            vault
        }
    };
    LOOKED.set(true);
    Ok(Some(vault))
}

/// How the keys are: what, whether that is as it should be, and what to do.
pub fn status() -> (String, bool, Option<String>) {
    // Without keys yet, as without a record, the file has not been read.
    let here = match find().and_then(|vault| vault.map_or_else(file::is_there, |_| Ok(true))) {
        Err(failure) => return (failure.message(), false, failure.hint()),
        Ok(false) => "not made yet",
        Ok(true) => "present",
    };
    if file::is_inside_data_directory() {
        let hint = "Move it outside the data directory, and set golden_record.key_file: backups take it along.";
        return (format!("{here}, in the data directory"), false, Some(hint.to_owned()));
    }
    (here.to_owned(), true, None)
}

/// Seals again what older keys sealed, if there are any.
pub fn reseal() -> Result<()> {
    match find()? {
        Some(vault) if vault.current() > IDENTITY + 1 => ring::reseal(&vault),
        _ => Ok(()),
    }
}

/// The name by which a record is known in tables and views: an id that is an email or a phone stays out of them.
pub fn known_as(reference: RecordRef) -> Result<RecordRef> {
    Ok(match find()? {
        Some(vault) => vault.known_as(reference),
        None => reference,
    })
}

/// Wraps every key of the ring under the first key of the key file and adds a data key, which seals from now on; gives
/// its id. Values sealed by older keys stay readable; `rebuild` seals them again.
///
/// Errors: as for [`find`].
pub fn rotate() -> Result<u32> {
    open()?;
    let ring = ring::lock()?;
    let masters = file::read()?;
    let master = masters.first().ok_or_else(|| Failure::internal("the key file has no key"))?;
    let mut new = Vec::with_capacity(ring.len() + 1);
    for wrapped in &ring {
        new.push(master.wrap(random()?, wrapped.key_id, &masters.unwrap(wrapped)?)?);
    }
    let next = ring.iter().map(|wrapped| wrapped.key_id).max().unwrap_or(IDENTITY) + 1;
    ring::update(&new)?;
    ring::insert(&[master.wrap(random()?, next, Zeroizing::new(random::<KEY>()?).as_slice())?])?;
    opened(ring::read_fresh()?)?;
    Ok(next)
}
