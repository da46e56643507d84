//! Keyed hashes.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// HMAC-SHA-256 over length-prefixed parts: no two lists of parts give the same text.
pub(crate) fn hmac(secret: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // A key of any length is allowed; an empty one stands in where the impossible error would be.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return [0; 32] };
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
