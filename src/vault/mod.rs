//! The keys of this database: read from `key_ring`, opened under the key file, kept by the backend while they are right.
//!
//! Every statement of ours that comes in looks once whether the ring is still the one kept: the extension may have been
//! made anew, restored or rolled back meanwhile, and nothing may be sealed under a key that the ring does not hold.

mod file;

use crate::audit;
use crate::error::{Failure, Result};
use crate::parallel;
use crate::store::vault as ring;
use golden_record_core::error::Error;
use golden_record_core::record::RecordRef;
use golden_record_core::vault::{Place, Vault, Wrapped, IDENTITY, KEY, NONCE};
use pgrx::pg_sys;
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

/// Random bytes for keys and nonces.
fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0_u8; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

fn fill(bytes: &mut [u8]) -> Result<()> {
    // SAFETY: fills exactly the buffer.
    if bytes.is_empty() || unsafe { pg_sys::pg_strong_random(bytes.as_mut_ptr().cast(), bytes.len()) } {
        Ok(())
    } else {
        Err(Failure::internal("the system has no random bytes"))
    }
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
        return Err(Error::new("55000", "the identity secret is gone")
            .detail("Keys and golden ids of the records here were made under it.")
            .hint("Restore table golden_record.key_ring from a dump.")
            .into());
    }
    let masters = file::read_or_make()?;
    let master = masters.first().ok_or_else(|| Failure::internal("the key file has no key"))?;
    let mut new = Vec::with_capacity(2);
    for key_id in [IDENTITY, IDENTITY + 1] {
        new.push(master.wrap(random()?, key_id, Zeroizing::new(random::<KEY>()?).as_slice()));
    }
    // Another session may have made them meanwhile: then this writes nothing, and what is read is what counts.
    ring::insert(&new)?;
    opened(ring::read_fresh()?)?.ok_or_else(|| Failure::internal("the keys were not stored"))
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
            let vault = Rc::new(Vault::new(keys)?);
            KEPT.set(Some(Kept { ring, path, vault: Rc::clone(&vault) }));
            vault
        }
    };
    LOOKED.set(true);
    Ok(Some(vault))
}

/// How many nonces are made at a time.
const POOL: usize = 64;

/// A fresh nonce. Nonces are no secret, so some are made in store.
fn nonce() -> Result<[u8; NONCE]> {
    thread_local! {
        static MADE: RefCell<Vec<[u8; NONCE]>> = const { RefCell::new(Vec::new()) };
    }
    MADE.with_borrow_mut(|made| {
        if made.is_empty() {
            made.resize(POOL, [0; NONCE]);
            if let Err(failure) = fill(made.as_flattened_mut()) {
                made.clear();
                return Err(failure);
            }
        }
        made.pop().ok_or_else(|| Failure::internal("the system has no random bytes"))
    })
}

/// How the keys are: what, whether that is as it should be, and what to do.
pub fn status() -> (String, bool, Option<String>) {
    let here = match find() {
        Err(failure) => return (failure.message(), false, failure.hint()),
        Ok(None) => "not made yet",
        Ok(Some(_)) => "present",
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

/// Seals a value for its place.
pub fn seal(vault: &Vault, table: &str, row: &[&[u8]], value: &[u8]) -> Result<Vec<u8>> {
    Ok(sealer(vault, table, nonce()?)(row, value))
}

/// Seals one value for its row.
pub type Sealer<'a> = dyn Fn(&[&[u8]], &[u8]) -> Vec<u8> + 'a;

/// A sealer for one place of a table.
pub fn sealer<'a>(vault: &'a Vault, table: &'a str, nonce: [u8; NONCE]) -> impl Fn(&[&[u8]], &[u8]) -> Vec<u8> + 'a {
    move |row, value| vault.seal(nonce, &Place { table, row }, value)
}

/// Seals what `work` makes of each item, on all cores.
pub fn seal_all<T: Sync, R: Send>(
    vault: &Vault,
    table: &str,
    items: &[T],
    work: impl Fn(&T, &Sealer) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let nonces = nonces(items.len())?;
    let items: Vec<(&T, &[u8; NONCE])> = items.iter().zip(&nonces).collect();
    let sealed = parallel::map(&items, |(item, nonce)| work(item, &sealer(vault, table, **nonce)))?;
    sealed.into_iter().collect()
}

/// Nonces for what is sealed in threads, which may not call PostgreSQL, whose random bytes they are.
pub fn nonces(count: usize) -> Result<Vec<[u8; NONCE]>> {
    let mut nonces = vec![[0; NONCE]; count];
    fill(nonces.as_flattened_mut())?;
    Ok(nonces)
}

/// Opens a sealed value in its place. Errors: `XX001` when it was changed or moved.
pub fn unseal(vault: Option<&Vault>, table: &str, row: &[&[u8]], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let vault = vault.ok_or_else(|| {
        Error::new("55000", "the keys of this database are gone")
            .hint("Restore table golden_record.key_ring from a dump.")
    })?;
    Ok(vault.open(&Place { table, row }, sealed)?)
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
        new.push(master.wrap(random()?, wrapped.key_id, &masters.unwrap(wrapped)?));
    }
    let next = ring.iter().map(|wrapped| wrapped.key_id).max().unwrap_or(IDENTITY) + 1;
    ring::update(&new)?;
    ring::insert(&[master.wrap(random()?, next, Zeroizing::new(random::<KEY>()?).as_slice())])?;
    opened(ring::read_fresh()?)?;
    audit::entry("rotate_key", None, None, None, &serde_json::json!({"key_id": next}))?;
    Ok(next)
}
