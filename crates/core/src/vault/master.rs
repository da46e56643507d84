//! The master keys of a key file, and what they wrap.

use super::{open_detached, seal_in_place, Place, KEY, NONCE};
use crate::error::Error;
use crate::keyed::hmac;
use aes_gcm_siv::aead::KeyInit;
use aes_gcm_siv::Aes256GcmSiv;
use zeroize::Zeroizing;

/// A key of the ring as it is stored: useless without the master key whose fingerprint it carries.
#[derive(Clone, PartialEq, Eq)]
pub struct Wrapped {
    /// Its id: 0 for the identity secret, 1, 2, … for data keys.
    pub key_id: u32,
    /// Nonce, ciphertext, tag.
    pub wrapped: Vec<u8>,
    /// Of the master key.
    pub fingerprint: Vec<u8>,
}

/// A master key.
pub struct MasterKey(Zeroizing<[u8; KEY]>);

/// The master keys of a key file: the first wraps, all unwrap.
pub struct MasterKeys(Vec<MasterKey>);

fn place(key_id: &[u8; 4]) -> Vec<u8> {
    Place { table: "key_ring", row: &[key_id] }.bytes()
}

impl MasterKey {
    /// The key of these bytes.
    pub fn new(bytes: [u8; KEY]) -> MasterKey {
        MasterKey(Zeroizing::new(bytes))
    }

    /// The line of a key file.
    pub fn to_line(&self) -> Zeroizing<String> {
        let mut line = Zeroizing::new(String::with_capacity(2 * KEY + 1));
        for byte in self.0.iter() {
            for digit in [byte >> 4, byte & 15] {
                line.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
            }
        }
        line.push('\n');
        line
    }

    /// Tells keys apart and nothing else about them.
    pub fn fingerprint(&self) -> Vec<u8> {
        hmac(self.0.as_slice(), &[b"fingerprint"])[..8].to_vec()
    }

    fn cipher(&self) -> Aes256GcmSiv {
        Aes256GcmSiv::new(self.0.as_ref().into())
    }

    /// Wraps a key of the ring. `nonce` must be random.
    pub fn wrap(&self, nonce: [u8; NONCE], key_id: u32, key: &[u8]) -> Result<Wrapped, Error> {
        let mut wrapped = Vec::with_capacity(NONCE + key.len() + 16);
        wrapped.extend(nonce);
        wrapped.extend(key);
        seal_in_place(&self.cipher(), nonce, &place(&key_id.to_be_bytes()), &mut wrapped, NONCE)?;
        Ok(Wrapped { key_id, wrapped, fingerprint: self.fingerprint() })
    }
}

impl MasterKeys {
    /// Reads a key file: one key a line, 64 hexadecimal digits; empty lines and those that begin with `#` are skipped.
    ///
    /// Errors: `55000` for anything else. The message quotes nothing of the file.
    pub fn parse(text: &str) -> Result<MasterKeys, Error> {
        let wrong = |line: usize| {
            Error::new("55000", "the key file of golden_record is not one")
                .detail(format!("Line {line} is not a key."))
                .hint("A key is 64 hexadecimal digits on a line of its own, as `openssl rand -hex 32` makes it.")
        };
        let mut keys = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let digits = line.as_bytes();
            if digits.len() != 2 * KEY || !digits.iter().all(u8::is_ascii_hexdigit) {
                return Err(wrong(number));
            }
            let mut key = Zeroizing::new([0; KEY]);
            for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
                let value = |digit: u8| (digit as char).to_digit(16).unwrap_or(0) as u8;
                *byte = value(pair[0]) << 4 | value(pair[1]);
            }
            keys.push(MasterKey(key));
        }
        if keys.is_empty() {
            return Err(wrong(1));
        }
        Ok(MasterKeys(keys))
    }

    /// The key that wraps.
    pub fn first(&self) -> Option<&MasterKey> {
        self.0.first()
    }

    /// Unwraps a key of the ring.
    ///
    /// Errors: `55000` when no key of the file has the right fingerprint, `XX001` when the ring was changed.
    pub fn unwrap(&self, wrapped: &Wrapped) -> Result<Zeroizing<Vec<u8>>, Error> {
        let master = self.0.iter().find(|key| key.fingerprint() == wrapped.fingerprint).ok_or_else(|| {
            Error::new("55000", "the key file does not hold the key of this database")
                .detail("Its values were sealed under another key: no key of the file has its fingerprint.")
                .hint("Put the key file that belongs to this database where golden_record.key_file says. Nothing was written.")
        })?;
        let damaged =
            || Error::new("XX001", "a key of key_ring cannot be unwrapped").hint("Restore the table from a dump.");
        let (nonce, body) = wrapped.wrapped.split_at_checked(NONCE).ok_or_else(damaged)?;
        open_detached(&master.cipher(), nonce, &place(&wrapped.key_id.to_be_bytes()), body).ok_or_else(damaged)
    }
}
