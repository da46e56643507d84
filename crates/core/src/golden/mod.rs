//! Golden ids: how they are issued, and which of them a new partition keeps.

mod assign;
mod issue;
#[cfg(test)]
mod tests;

pub use assign::{assign, Assigned, Fate, Id, OldGolden};
pub use issue::{golden_id, identity_key, Founding};
