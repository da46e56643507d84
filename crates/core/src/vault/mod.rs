//! Sealing of values: authenticated encryption under keys that are themselves sealed.
//!
//! ```text
//! master key (a file outside the database)
//!   └ wraps the identity secret (key 0, for good) and the data keys (1, 2, …; the highest seals, the others open)
//!       └ a data key seals values, each bound to the place it is stored in
//! ```
//!
//! AES-256-GCM-SIV (RFC 8452): a nonce that should come twice by misfortune shows only that two values are equal. Nonces
//! are arguments, so that everything here stays a function of its arguments. Keys are wiped when they are dropped.

mod alias;
mod master;
mod personal;
mod refused;
mod spelt;
mod subject;

pub use alias::is_alias;
pub use master::{MasterKey, MasterKeys, Wrapped};
pub use subject::{Commitment, KeptOut, Traits};

use crate::error::Error;
use crate::keyed::hmac;
use aes_gcm_siv::aead::{AeadInPlace, KeyInit};
use aes_gcm_siv::{Aes256GcmSiv, Nonce, Tag};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// Bytes of a key.
pub const KEY: usize = 32;
/// Bytes of a nonce.
pub const NONCE: usize = 12;
const TAG: usize = 16;
/// Format, key id, nonce.
const HEAD: usize = 1 + 4 + NONCE;
const FORMAT: u8 = 1;
/// The id of the identity secret in the ring; data keys come after it.
pub const IDENTITY: u32 = 0;

/// Where a value is stored. A sealed value opens in its own place only: it cannot be moved to another row.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// What names the row, and within it the column or attribute, part by part.
    pub row: &'a [&'a [u8]],
}

impl Place<'_> {
    /// Length-prefixed, so that no two places have one text.
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64);
        for part in std::iter::once(self.table.as_bytes()).chain(self.row.iter().copied()) {
            bytes.extend((part.len() as u32).to_be_bytes());
            bytes.extend(part);
        }
        bytes
    }
}

/// The opened keys of one database.
pub struct Vault {
    identity: Zeroizing<Vec<u8>>,
    data: BTreeMap<u32, Aes256GcmSiv>,
    current: u32,
}

/// Keys are secrets: a debug print tells their ids.
impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vault({:?})", self.data.keys())
    }
}

impl Vault {
    /// The vault of opened keys by id. Errors: `XX001` without an identity secret or a data key.
    pub fn new(keys: BTreeMap<u32, Zeroizing<Vec<u8>>>) -> Result<Vault, Error> {
        let damaged = || Error::new("XX001", "key_ring lacks a key");
        let mut data = BTreeMap::new();
        for (id, key) in keys.iter().filter(|(id, _)| **id != IDENTITY) {
            data.insert(*id, Aes256GcmSiv::new_from_slice(key).map_err(|_| damaged())?);
        }
        let identity = keys.get(&IDENTITY).cloned().ok_or_else(damaged)?;
        let current = *data.keys().next_back().ok_or_else(damaged)?;
        Ok(Vault { identity, data, current })
    }

    /// The identity secret: the key of golden ids, identity keys, block keys and suppressions.
    pub fn identity(&self) -> &[u8] {
        &self.identity
    }

    /// The data key that seals.
    pub fn current(&self) -> u32 {
        self.current
    }

    /// A commitment to a text that tells nothing of it without the identity secret.
    pub fn commit(&self, what: &str, text: &[u8]) -> [u8; 32] {
        hmac(&self.identity, &[b"commit", what.as_bytes(), text])
    }

    /// Seals a value for a place: format, key id, nonce, ciphertext, tag. `nonce` must be random. Errors: `54000` where it is
    /// too long.
    pub fn seal(&self, nonce: [u8; NONCE], place: &Place, value: &[u8]) -> Result<Vec<u8>, Error> {
        let mut sealed = Vec::with_capacity(HEAD + value.len() + TAG);
        sealed.push(FORMAT);
        sealed.extend(self.current.to_be_bytes());
        sealed.extend(nonce);
        sealed.extend(value);
        seal_in_place(&self.data[&self.current], nonce, &place.bytes(), &mut sealed, HEAD)?;
        Ok(sealed)
    }

    /// Opens a sealed value. Errors: `XX001` when it was not sealed for this place by a key of this vault, or was
    /// changed since.
    pub fn open(&self, place: &Place, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let damaged = || {
            Error::new("XX001", format!("a sealed value in {} cannot be opened", place.table))
                .hint("It was changed, or moved from another row. golden_record.verify() finds the row.")
        };
        let key = self.data.get(&sealed_by(sealed).ok_or_else(damaged)?).ok_or_else(damaged)?;
        let (nonce, body) = sealed[HEAD - NONCE..].split_at(NONCE);
        open_detached(key, nonce, &place.bytes(), body).ok_or_else(damaged)
    }
}

/// The key that a value was sealed by; `None` for what is no sealed value.
fn sealed_by(sealed: &[u8]) -> Option<u32> {
    let (head, body) = sealed.split_at_checked(HEAD)?;
    let id: [u8; 4] = head[1..5].try_into().ok()?;
    (head[0] == FORMAT && body.len() >= TAG).then(|| u32::from_be_bytes(id))
}

/// Encrypts `buffer[from..]` and puts the tag behind it.
fn seal_in_place(
    key: &Aes256GcmSiv,
    nonce: [u8; NONCE],
    place: &[u8],
    buffer: &mut Vec<u8>,
    from: usize,
) -> Result<(), Error> {
    // The cipher refuses texts of more than 64 GB alone.
    let tag = key.encrypt_in_place_detached(Nonce::from_slice(&nonce), place, &mut buffer[from..]);
    buffer.extend(tag.map_err(|_| Error::new("54000", "a value is too long to be sealed").hint("Send less at once."))?);
    Ok(())
}

fn open_detached(key: &Aes256GcmSiv, nonce: &[u8], place: &[u8], body: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (body, tag) = body.split_at_checked(body.len().checked_sub(TAG)?)?;
    let mut value = Zeroizing::new(body.to_vec());
    let opened = key.decrypt_in_place_detached(Nonce::from_slice(nonce), place, &mut value, Tag::from_slice(tag));
    opened.ok().map(|()| value)
}

#[cfg(test)]
mod tests;
