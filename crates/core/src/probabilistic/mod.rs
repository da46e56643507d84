//! Policy `probabilistic`: Fellegi–Sunter weights learnt without labels, and clusters compared by their profiles.
//!
//! ```text
//! Dataset (features) → keys → Blocks → candidates → weights (Scorer) → components → solve
//! ```
//!
//! A pair is of one person (M), of two members of a household or company (H), or of strangers (U); its weight is
//! log2 [ P(M) P(γ|M) / ( P(U) P(γ|U) + P(H) P(γ|H) ) ] in thousandths of a bit.

mod blocks;
mod calibration;
mod candidates;
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
mod score;
mod solve;
mod strangers;
mod text;
mod values;

pub use blocks::{Blocks, Members};
pub use calibration::Calibration;
pub use culture::Cultures;
pub use dataset::Dataset;
pub use keys::key_limit;
pub use levels::Measure;
pub use model::{Comparison, Frequencies, LevelWeight, Model};
pub use score::Scorer;
pub use solve::Edge;
pub use text::Memo;

pub(crate) use candidates::edges;
pub(crate) use em::train;
pub(crate) use keys::keys;
pub(crate) use model::comparisons;
pub(crate) use score::{combine, MOST};
pub(crate) use solve::{solve, Reason};
pub(crate) use text::soundex;
