//! What a model knows of the features of a data set, each by itself.

use super::culture;
use super::dataset::{features_of, Field, Table};
use super::features::{Form, NONE};
use super::measure::frequency_keys;
use super::model::{Comparison, Frequencies, Model};
use crate::threads::Threads;

/// A value that belongs to no class.
pub(super) const NO_CLASS: u8 = u8::MAX;

/// A name is borne by several where it is so much more frequent than the rare ones, in thousandths of a bit.
const BORNE: i32 = 3_000;
/// … so much more frequent that it is no misspelling of a very frequent one.
const SURELY_BORNE: i32 = 7_000;

/// What a model knows of one feature.
#[derive(Clone, Copy)]
pub(super) struct Known {
    /// By frequency: how much rarer than the average its values are.
    pub(super) rarity: [i32; 3],
    /// The classes of given and family name, or of the city; [`NO_CLASS`] for none.
    pub(super) classes: [u8; 2],
    /// The only given name but for initials, where several bear it; [`NONE`] for others.
    pub(super) given: u32,
    /// Nor is it a frequent misspelling.
    pub(super) sure: bool,
}

/// What the model knows of the features of a field.
pub(super) fn known(model: &Model, field: &Field, comparisons: &[Comparison], threads: Threads) -> Vec<Known> {
    // Names have one frequency a comparison, the others several for their only one.
    let tables: Vec<&Frequencies> = match comparisons {
        [given, family, ..] if field.form == Form::Name => {
            let (given, family) = (&given.frequencies, &family.frequencies);
            [given.first(), family.first(), given.get(1)].into_iter().flatten().collect()
        }
        _ => comparisons.first().map_or(vec![], |comparison| comparison.frequencies.iter().collect()),
    };
    let cultures = &model.cultures;
    let classes = [&cultures.given, &cultures.family, &cultures.city];
    let feature = |feature: usize| {
        threads.look();
        let keys = frequency_keys(field, feature);
        let mut rarity = [0; 3];
        for ((slot, key), table) in rarity.iter_mut().zip(keys).zip(&tables).filter(|((_, key), _)| *key != 0) {
            *slot = table.rarity(key);
        }
        let mut class = culture::keys(field, feature)
            .into_iter()
            .zip(classes)
            .map(|(key, list)| list.get(&Frequencies::key(key)).copied().filter(|_| key != 0).unwrap_or(NO_CLASS));
        let classes = match field.form {
            Form::Address => [class.nth(2).unwrap_or(NO_CLASS), NO_CLASS],
            _ => std::array::from_fn(|_| class.next().unwrap_or(NO_CLASS)),
        };
        let given = match &field.table {
            Table::Names(list) if field.tokens.text(list[feature].given[1]).len() < 2 => list[feature].given[0],
            _ => NONE,
        };
        let above = tables.first().map_or(i32::MIN, |table| table.average - table.rare).saturating_sub(rarity[0]);
        let sure = field.tokens.known(given) || above > SURELY_BORNE;
        let given = if sure || above > BORNE { given } else { NONE };
        Known { given, sure, rarity, classes }
    };
    (0..features_of(&field.table)).map(feature).collect()
}
