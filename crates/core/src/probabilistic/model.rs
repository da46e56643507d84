//! The model: a weight for every level, frozen once it is made.

use super::calibration::Calibration;
use super::culture::Cultures;
use super::features::Form;
use super::measure::Measure;
use crate::entity::{Attribute, EntityType, Options, Shares};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Weights of one entity type. All weights are integers in thousandths of a bit (log2 of odds).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The version of this layout.
    pub format: u32,
    /// How many records it was trained on; 0: as shipped.
    pub records: u64,
    /// log2 of the odds that two records picked at random are one person rather than strangers.
    pub prior_unrelated: i32,
    /// log2 of the odds that they are one person rather than two of one household.
    pub prior_household: i32,
    /// From this weight on two clusters are joined.
    pub auto: i32,
    /// Between this weight and `auto` a pair is for review.
    pub review: i32,
    /// Pairs below this weight are no candidates: the components are those of the pairs from it on.
    pub floor: i32,
    /// What weights are worth.
    pub calibration: Calibration,
    /// Values that go together across fields.
    pub cultures: Cultures,
    /// One for each thing that is compared.
    pub comparisons: Vec<Comparison>,
}

/// The weights of one comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// The field: an attribute, or `name`, `email`, `phone`, `organization`, `address`.
    pub field: String,
    /// What is measured.
    pub measure: Measure,
    /// From the best level to the worst; a missing value weighs nothing.
    pub levels: Vec<LevelWeight>,
    /// Frequencies of the values that adjust levels, in the order of the measure.
    pub frequencies: Vec<Frequencies>,
}

/// The weight of one level.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelWeight {
    /// Its name.
    pub level: String,
    /// Share of the pairs of one person that fall into it.
    pub person: f64,
    /// Share of the pairs of two members of a household or company.
    pub household: f64,
    /// Share of the pairs of strangers.
    pub unrelated: f64,
    /// log2(person / unrelated).
    pub against_unrelated: i32,
    /// log2(person / household).
    pub against_household: i32,
    /// The definition tells it: it is not learnt.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told: bool,
}

/// How frequent single values are, as log2 of their share.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frequencies {
    /// log2 of the chance that two strangers have the same value.
    pub average: i32,
    /// That of a value not listed.
    pub rare: i32,
    /// Frequent values, by the first 24 bits of their hash: too few to tell a value from it.
    pub values: BTreeMap<u32, i32>,
}

/// log2 in thousandths of a bit, between -60 and 60 bits.
pub(crate) fn millibits(ratio: f64) -> i32 {
    (ratio.log2() * 1000.0).round().clamp(-60_000.0, 60_000.0) as i32
}

impl LevelWeight {
    pub(crate) fn new(level: &str, m: f64, h: f64, u: f64) -> LevelWeight {
        LevelWeight {
            level: level.into(),
            person: m,
            household: h,
            unrelated: u,
            against_unrelated: millibits(m / u),
            against_household: millibits(m / h),
            told: false,
        }
    }

    /// This level as a definition tells it.
    fn as_told(&self, shares: &Shares) -> LevelWeight {
        LevelWeight { told: true, ..LevelWeight::new(&self.level, shares.person, shares.household, shares.unrelated) }
    }
}

impl Frequencies {
    /// How much rarer than the average the value of that hash is, in thousandths of a bit.
    pub(crate) fn rarity(&self, hash: u64) -> i32 {
        self.average - self.values.get(&Frequencies::key(hash)).copied().unwrap_or(self.rare)
    }

    /// The part of a hash that is stored.
    pub(crate) fn key(hash: u64) -> u32 {
        (hash >> 40) as u32
    }
}

/// What the shipped weights assume of a data set: some ten thousand records, and more than one record of a customer
/// more often than a second customer in the house.
const SHIPPED_PRIOR_UNRELATED: i32 = -12_000;
const SHIPPED_PRIOR_HOUSEHOLD: i32 = 1_000;
/// Joins from a match probability of 74 points on, odds of nearly three to one. One for all data sets.
pub(crate) const AUTO: i32 = 1_509;
const REVIEW: i32 = -2_000;
/// Lower ones join nothing on any of the sets and let components of a million records run together.
const FLOOR: i32 = 500;

/// The frequencies of the commonest names of a `kind`, where two strangers share one as often as `average` says; others
/// are rarer than that, by how much depends on the country.
fn common_names(kind: &str, average: i32) -> Frequencies {
    let rare = average - 1000;
    let mut values = BTreeMap::new();
    for line in include_str!("common_names.txt").lines() {
        let mut words = line.split(' ');
        let (found, name, percent) = (words.next(), words.next(), words.next());
        let share = percent.and_then(|word| word.parse::<f64>().ok()).map_or(rare, |share| millibits(share / 100.0));
        if let Some(name) = name.filter(|_| found == Some(kind) && share > rare) {
            values.insert(Frequencies::key(crate::text::hash(name.as_bytes())), share);
        }
    }
    Frequencies { average, rare, values }
}

/// What the definition tells of a level.
fn told<'a>(entity: &'a EntityType, field: &str, measure: Measure, level: &str) -> Option<&'a Shares> {
    let concerns = |one: &&Attribute| {
        one.compare && Measure::of_kind(one.kind) == Some(measure) && (measure.joins() || one.name == field)
    };
    entity.attributes.iter().filter(concerns).find_map(|one| one.levels.get(level))
}

impl Model {
    /// The version of the layout that this code writes and reads.
    pub const FORMAT: u32 = 5;

    /// The weights that are shipped, for the attributes of `entity`, before any training.
    pub fn shipped(entity: &EntityType) -> Model {
        let mut comparisons = vec![];
        for field in super::dataset::fields(entity).0 {
            for &measure in Measure::of(field.form) {
                let levels: Vec<LevelWeight> = measure
                    .levels()
                    .iter()
                    .map(|level| LevelWeight::new(level.name, level.m, level.h, level.u))
                    .map(|level| {
                        told(entity, &field.name, measure, &level.level)
                            .map_or_else(|| level.clone(), |shares| level.as_told(shares))
                    })
                    .collect();
                // Without frequencies every value is of average rarity; of names the commonest are known.
                let mut frequencies = vec![Frequencies::default(); measure.frequencies()];
                let common = match measure {
                    Measure::Given => "given",
                    Measure::Family => "family",
                    _ => "",
                };
                if let Some(first) = frequencies.first_mut().filter(|_| !common.is_empty()) {
                    *first = common_names(common, millibits(measure.levels()[0].u));
                }
                comparisons.push(Comparison { field: field.name.clone(), measure, levels, frequencies });
            }
        }
        Model {
            format: Model::FORMAT,
            records: 0,
            prior_unrelated: SHIPPED_PRIOR_UNRELATED,
            prior_household: SHIPPED_PRIOR_HOUSEHOLD,
            auto: AUTO,
            review: REVIEW,
            floor: FLOOR,
            calibration: Calibration::default(),
            cultures: Cultures::default(),
            comparisons,
        }
    }
}

impl Model {
    /// Reads a stored model; `None` when another version of this code, whose levels are not these, learnt it.
    ///
    /// # Errors
    /// Whatever makes a model of this format unreadable.
    pub fn read(text: &str) -> serde_json::Result<Option<Model>> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let head: Head = serde_json::from_str(text)?;
        (head.format == Model::FORMAT).then(|| serde_json::from_str(text)).transpose()
    }

    /// This model for the attributes of `entity` as they are now: what it has no weights for has those that ship, or that
    /// the definition tells, which it tells now or told then.
    pub fn fitted(self, entity: &EntityType) -> Model {
        let Model { comparisons, .. } = Model::shipped(entity);
        let mut known: BTreeMap<(String, Measure), Comparison> =
            self.comparisons.into_iter().map(|one| ((one.field.clone(), one.measure), one)).collect();
        let comparisons = comparisons
            .into_iter()
            .map(|shipped| match known.remove(&(shipped.field.clone(), shipped.measure)) {
                Some(mut learnt) => {
                    for (level, now) in learnt.levels.iter_mut().zip(shipped.levels) {
                        if level.told || now.told {
                            *level = now;
                        }
                    }
                    learnt
                }
                None => shipped,
            })
            .collect();
        Model { comparisons, ..self }
    }

    /// This model with the thresholds of an entity type's options; its own where they leave it to it.
    pub fn with_thresholds(mut self, options: &Options) -> Model {
        let weight = |points: f64| self.calibration.weight(millibits(points / (100.0 - points)));
        let (auto, review) = (options.auto.map(weight), weight(options.review));
        self.auto = auto.unwrap_or(self.auto);
        self.review = review.min(self.auto);
        self.floor = self.floor.min(self.auto);
        self
    }
}

/// How many comparisons records of a type have: a name four, what joins several attributes otherwise one, any other one each.
pub(crate) fn comparisons(entity: &EntityType) -> usize {
    super::dataset::fields(entity).0.iter().map(|field| Measure::of(field.form).len()).sum()
}

/// Offsets of the fields' comparisons in the model, in the order of the fields.
pub(crate) fn offsets(forms: impl Iterator<Item = Form>) -> Vec<usize> {
    let mut at = 0;
    forms
        .map(|form| {
            let here = at;
            at += Measure::of(form).len();
            here
        })
        .collect()
}
