//! The secrets under which one entity type's keys and ids are made: equal values meet, values stay out of the tables.

use golden_record_core::block::{self, Key, Space};
use golden_record_core::entity::EntityType;
use golden_record_core::record::{RecordRef, State};
use sha2::{Digest, Sha256};
use siphasher::sip::SipHasher24;
use zeroize::Zeroizing;

/// The secrets of one entity type.
pub struct Keyring {
    /// The identity secret.
    pub secret: Zeroizing<Vec<u8>>,
    /// The identity secret made the entity type's own: equal values of two types are two keys.
    typed: Zeroizing<Vec<u8>>,
    /// For blocks, of which a record has dozens: SipHash-2-4, the key from the typed secret.
    blocks: SipHasher24,
}

impl Keyring {
    /// The keyring of an entity type.
    pub fn new(secret: &[u8], entity_type: &str) -> Keyring {
        let typed = Zeroizing::new([secret, b"/", entity_type.as_bytes()].concat());
        let digest = Sha256::new().chain_update(typed.as_slice()).chain_update(b"/blocks").finalize();
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        Keyring { secret: Zeroizing::new(secret.to_vec()), typed, blocks: SipHasher24::new_with_key(&key) }
    }

    /// What is stored of a block of the policy `probabilistic`.
    pub fn block(&self, block: u64) -> i64 {
        self.blocks.hash(&block.to_le_bytes()) as i64
    }

    /// The keys that a live record holds, each with its digest; none for a record that is not live. The full name is
    /// among them, for look-ups.
    pub fn keys(&self, entity: &EntityType, reference: &RecordRef, state: &State) -> Vec<(i64, Key)> {
        if !state.live() {
            return Vec::new();
        }
        let mut keys = block::keys(entity, reference, state);
        keys.extend(block::full_name(entity, state).map(|name| Key::new(Space::Name, name)));
        keys.into_iter().map(|key| (key.digest(&self.typed), key)).collect()
    }

    /// The keys of the values of a live record by which it is compared, each with its digest.
    pub fn value_keys(&self, entity: &EntityType, state: &State) -> Vec<(i64, Key)> {
        block::value_keys(entity, state).into_iter().map(|key| (key.digest(&self.typed), key)).collect()
    }

    /// The digest of one key.
    pub fn digest(&self, key: &Key) -> i64 {
        key.digest(&self.typed)
    }

    /// The keyed hash of the record's full name.
    pub fn name_key(&self, entity: &EntityType, state: &State) -> Option<i64> {
        block::name_key(entity, state, &self.typed)
    }
}
