//! Values sealed for their place, and opened in it.

use crate::error::{Failure, Result};
use crate::parallel;
use golden_record_core::vault::{Place, Vault, NONCE};
use pgrx::pg_sys;
use std::cell::RefCell;
use zeroize::Zeroizing;

/// Random bytes for keys and nonces.
pub(super) fn random<const N: usize>() -> Result<[u8; N]> {
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

/// Seals a value for its place.
pub fn seal(vault: &Vault, table: &str, row: &[&[u8]], value: &[u8]) -> Result<Vec<u8>> {
    sealer(vault, table, nonce()?)(row, value)
}

/// Seals one value for its row.
pub type Sealer<'a> = dyn Fn(&[&[u8]], &[u8]) -> Result<Vec<u8>> + 'a;

/// A sealer for one place of a table.
pub fn sealer<'a>(
    vault: &'a Vault,
    table: &'a str,
    nonce: [u8; NONCE],
) -> impl Fn(&[&[u8]], &[u8]) -> Result<Vec<u8>> + 'a {
    move |row, value| Ok(vault.seal(nonce, &Place { table, row }, value)?)
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
    Ok(vault.ok_or_else(super::lost)?.open(&Place { table, row }, sealed)?)
}
