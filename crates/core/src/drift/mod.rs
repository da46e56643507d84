//! Schema drift: which keys a source sends, what changed about them, and what a key probably stands for.

mod guess;
mod keys;

pub use guess::{guess_attribute, guess_key};
pub use keys::{Drift, KeyCount, Meaning, Observed, SystemKeys};
