//! Scoring: what two records have in common, as points from 0 to 100 with evidence.

pub mod features;
pub mod guide;

use serde::Serialize;

/// One comparison that was made, without values: what is shown to explain a score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    /// The attribute compared, the first by name where records name it otherwise; `cross_reference`, or `full_name`.
    pub attribute: String,
    /// How: `exact`, `name_similarity`, or `guard` for what vetoes an automatic merge.
    pub comparison: &'static str,
    /// What came out: `equal`, `different`, `similar`, `missing`, `generic`, or the guard's finding.
    pub level: &'static str,
    /// 0…1 where the comparison measures one.
    pub similarity: Option<f64>,
    /// Points the comparison can give at most.
    pub weight: f64,
    /// Points it gave. They add up to the score.
    pub points: f64,
}

/// The score of a pair.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// 1/1000 points, 0 to 100,000.
    pub millipoints: i64,
    /// Whether an equal cross-reference gave it: a level above all other evidence.
    pub cross_reference: bool,
    /// What it is made of.
    pub evidence: Vec<Evidence>,
}

impl Score {
    /// Points, 0 to 100.
    pub fn points(&self) -> f64 {
        self.millipoints as f64 / 1000.0
    }
}
