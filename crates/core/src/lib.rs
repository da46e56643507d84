//! The pure engine of golden_record.
//!
//! Nothing in here knows PostgreSQL, a clock, a file or a random number: every function is a function of its
//! arguments. Data flows one way:
//!
//! ```text
//! payload → (record, fold) → normalise → block → score → cluster → survive → digest
//! ```
//!
//! Anchors (`kind`, `value`, `entity`, `record`, `error`) are used by every step; a step uses the anchors and the
//! steps before it, never a later one. `resolve` is the only module that knows the order.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod audit;
pub mod block;
pub mod cluster;
mod columns;
mod config;
pub mod definition;
pub mod digest;
pub mod drift;
pub mod entity;
pub mod error;
pub mod fold;
pub mod golden;
mod keyed;
pub mod kind;
pub mod mask;
pub mod merge;
pub mod normalise;
pub mod outcome;
pub mod pack;
pub mod payload;
pub mod probabilistic;
pub mod race;
pub mod record;
pub mod rejected;
pub mod resolve;
pub mod review;
pub mod score;
pub mod segment;
pub mod similarity;
pub mod source;
pub mod survive;
mod text;
pub mod threads;
pub mod value;
pub mod vault;
mod words;
