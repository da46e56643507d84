//! Policy `probabilistic`: Fellegi–Sunter weights learnt without labels, and clusters compared by their profiles.
//!
//! ```text
//! Dataset (features) → keys → Blocks → candidates → weights (Scorer) → components → solve
//!
//! parse features dataset         what records say, taken apart
//! keys blocks candidates         which of them are compared
//! measure levels compare memo    how two features agree
//! model known score odds         what that weighs
//! profile solve marks            which records go together
//! em patterns strangers values culture calibration    where the weights come from
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
mod known;
mod levels;
mod marks;
mod measure;
mod memo;
mod model;
mod odds;
mod parse;
mod patterns;
mod profile;
mod score;
mod solve;
mod strangers;
mod values;

pub use blocks::{Blocks, Members};
pub use calibration::Calibration;
pub use culture::Cultures;
pub use dataset::Dataset;
pub use keys::key_limit;
pub use measure::Measure;
pub use memo::Memo;
pub use model::{Comparison, Frequencies, LevelWeight, Model};
pub use score::Scorer;
pub use solve::Edge;

pub(crate) use candidates::edges;
pub(crate) use em::train;
pub(crate) use keys::keys;
pub(crate) use model::comparisons;
pub(crate) use odds::combine;
pub(crate) use score::MOST;
pub(crate) use solve::{solve, Reason};
