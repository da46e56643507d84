//! Policy `probabilistic`: Fellegi–Sunter weights learnt without labels, and clusters compared by their profiles.
//!
//! ```text
//! Dataset (features) → keys → candidates → weights → components → solve_component → Partition
//! ```
//!
//! A pair is of one person (M), of two members of a household or company (H), or of strangers (U); its weight is
//! log2 [ P(M) P(γ|M) / ( P(U) P(γ|U) + P(H) P(γ|H) ) ] in thousandths of a bit.

mod blocks;
mod compare;
mod culture;
mod dataset;
mod em;
mod features;
mod keys;
mod levels;
mod model;
mod parse;
mod patterns;
mod profile;
mod resolve;
mod score;
mod solve;
mod text;
mod values;

pub use culture::Cultures;
pub use dataset::{Dataset, Generic};
pub use em::train;
pub use keys::{key_limit, keys};
pub use levels::Measure;
pub use model::{Comparison, Frequencies, LevelWeight, Model};
pub use resolve::{candidates, resolve, score, Decisions, Evidence, Partition, Phase};
pub use solve::{solve_component, Edge, Reason, Review, Solution};

pub(crate) use blocks::Blocks;
pub(crate) use resolve::edges;
pub(crate) use score::{combine, Scorer};
pub(crate) use solve::solve;
pub(crate) use text::Memo;
