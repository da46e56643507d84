//! The seals of the audit log: a Merkle root over the hashes of entries, chained from seal to seal.

use crate::value::Micros;
use sha2::{Digest as _, Sha256};

/// A SHA-256.
pub type Hash = [u8; 32];

/// What the first seal takes for the hash of the seal before it.
pub const GENESIS: Hash = [0; 32];

/// The Merkle tree hash of leaves in their order (RFC 9162, section 2.1.1): leaves and inner nodes are hashed apart, so
/// that no tree passes for another.
pub fn merkle_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [leaf] => Sha256::new().chain_update([0]).chain_update(leaf).finalize().into(),
        _ => {
            // The largest power of two that is smaller than the number of leaves.
            let middle = leaves.len().next_power_of_two() / 2;
            let (left, right) = leaves.split_at(middle);
            let inner = Sha256::new().chain_update([1]).chain_update(merkle_root(left));
            inner.chain_update(merkle_root(right)).finalize().into()
        }
    }
}

/// What a seal says.
#[derive(Clone, Debug)]
pub struct Seal {
    /// The hash of the seal before, or [`GENESIS`].
    pub previous: Hash,
    /// The generation of transactions.
    pub generation: i32,
    /// The first transaction that the seal is about.
    pub from: u64,
    /// The first that it is no longer about.
    pub to: u64,
    /// When it was made.
    pub at: Micros,
    /// The entries that it covers, by their ids.
    pub entries: Vec<i64>,
    /// The [`merkle_root`] of their hashes.
    pub root: Hash,
}

impl Seal {
    /// The hash of the seal: what the next one takes for `previous`, and what is kept outside as the head.
    pub fn hash(&self) -> Hash {
        let hash = Sha256::new().chain_update(self.previous).chain_update(self.generation.to_be_bytes());
        let hash = hash.chain_update(self.from.to_be_bytes()).chain_update(self.to.to_be_bytes());
        let hash = hash.chain_update(self.at.to_be_bytes()).chain_update((self.entries.len() as u64).to_be_bytes());
        let hash = self.entries.iter().fold(hash, |hash, id| hash.chain_update(id.to_be_bytes()));
        hash.chain_update(self.root).finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seal() -> Seal {
        Seal { previous: GENESIS, generation: 1, from: 2, to: 3, at: 4, entries: vec![5, 6], root: [7; 32] }
    }

    #[test]
    fn the_root_is_the_one_of_the_standard() {
        // MTH({}) is the hash of nothing; one leaf is hashed behind a zero; two nodes behind a one.
        let hex = |hash: Hash| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex(merkle_root(&[])), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        let (a, b, c) = ([1; 32], [2; 32], [3; 32]);
        let leaf = |leaf: Hash| -> Hash { Sha256::digest([&[0][..], &leaf].concat()).into() };
        let node = |left: Hash, right: Hash| -> Hash { Sha256::digest([&[1][..], &left, &right].concat()).into() };
        assert_eq!(merkle_root(&[a, b, c]), node(node(leaf(a), leaf(b)), leaf(c)));
    }

    #[test]
    fn every_part_of_a_seal_is_hashed() {
        let others = [
            Seal { previous: [1; 32], ..seal() },
            Seal { generation: 2, ..seal() },
            Seal { from: 1, ..seal() },
            Seal { to: 4, ..seal() },
            Seal { at: 5, ..seal() },
            Seal { entries: vec![5], ..seal() },
            Seal { entries: vec![6, 5], ..seal() },
            Seal { entries: vec![5, 6, 7], ..seal() },
            Seal { root: [6; 32], ..seal() },
        ];
        assert!(others.iter().all(|other| other.hash() != seal().hash()));
    }

    proptest! {
        #[test]
        fn a_leaf_changed_removed_inserted_or_moved_changes_the_root(
            leaves in prop::collection::vec(any::<Hash>(), 1..40), at in any::<prop::sample::Index>(), other in any::<Hash>(),
        ) {
            let at = at.index(leaves.len());
            let root = merkle_root(&leaves);
            let edited = |edit: &dyn Fn(&mut Vec<Hash>)| {
                let mut leaves = leaves.clone();
                edit(&mut leaves);
                leaves
            };
            let mut variants = vec![edited(&|leaves| { leaves.remove(at); }), edited(&|leaves| leaves.insert(at, other))];
            variants.push(edited(&|leaves| leaves[at][31] ^= 1));
            variants.push(edited(&|leaves| leaves.rotate_left(1)));
            for variant in variants.into_iter().filter(|variant| *variant != leaves) {
                prop_assert_ne!(merkle_root(&variant), root);
            }
        }
    }
}
