//! Weights of pairs: a model bound to the features of a data set.

use super::compare::{compare, different_words_apart, tag, Question};
use super::dataset::{Field, Table};
use super::features::{Form, NONE};
use super::known::{known, Known, NO_CLASS};
use super::levels::{address, family, given, phone, MISSING};
use super::measure::Measure;
use super::memo::Memo;
use super::model::{offsets, Model};
use super::odds::{against_household, combine};
use super::profile::Bars;
use super::Dataset;
use crate::normalise::name::{kinship, Kinship};
use crate::threads::{self, Threads};

/// What two values say on one comparison, in thousandths of a bit; the strongest is the greatest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Part {
    /// Against strangers.
    pub(crate) unrelated: i32,
    /// Against two members of a household.
    pub(crate) household: i32,
    pub(crate) level: u8,
}

/// What one comparison says of a pair, in thousandths of a bit.
pub(crate) struct Said {
    pub(crate) field: String,
    pub(crate) measure: Measure,
    pub(crate) level: &'static str,
    /// Against strangers.
    pub(crate) unrelated: i32,
    /// Against two of one household.
    pub(crate) household: i32,
}

/// The most comparisons a data set may have; further ones would not count, so that no definition has them.
pub(crate) const MOST: usize = 32;

#[derive(Clone, Copy, Default)]
struct Weight {
    unrelated: i32,
    household: i32,
    /// Which rarity is added; 3: none.
    rarity: u8,
    both: bool,
}

/// A given or family name a slip apart, and one that is merely similar.
const TYPOS: [u8; 2] = [given::TYPO, family::TYPO];
const SIMILAR: [u8; 2] = [given::SIMILAR, family::SIMILAR];

/// A name is so much more frequent than a misspelling of it, in thousandths of a bit.
const MISSPELT: u32 = 5_000;

/// Two phones of one area say so much at most.
const MOST_OF_AREA: i32 = 1_000;

/// A model ready to score the records of one data set.
pub struct Scorer<'a> {
    pub(crate) data: &'a Dataset,
    pub(crate) model: &'a Model,
    /// By field: its first comparison.
    pub(crate) first: Vec<usize>,
    /// By comparison, by level.
    weights: Vec<[Weight; 16]>,
    /// By field, by feature.
    known: Vec<Vec<Known>>,
    /// By comparison: the rarity below which a value is listed as frequent.
    frequent: Vec<i32>,
    pub(crate) once: Vec<bool>,
    /// By token of the name: how much rarer than the average it is as a part of family names.
    parts: Vec<i32>,
    /// The column of [`Dataset::rows`] that holds the name.
    name: Option<usize>,
    /// Who score: they hear it where nobody waits any more.
    pub(crate) threads: Threads<'a>,
}

/// At inexact levels rarity counts this much at most, either way.
const INEXACT_LIMIT: i32 = 4_000;

impl<'a> Scorer<'a> {
    /// The weights of `model` for the features of `data`.
    pub fn new(model: &'a Model, data: &'a Dataset) -> Scorer<'a> {
        Scorer::on(model, data, Threads::ALONE)
    }

    /// The weights of `model` for the many features of `data`; `threads` only shorten the wait.
    pub(crate) fn on(model: &'a Model, data: &'a Dataset, threads: Threads<'a>) -> Scorer<'a> {
        let first = offsets(data.fields.iter().map(|field| field.form));
        let mut weights = vec![];
        let mut once = vec![];
        let mut frequent = vec![];
        for comparison in model.comparisons.iter().take(MOST) {
            let mut list = [Weight { rarity: 3, ..Weight::default() }; 16];
            for (slot, (level, known)) in
                list[1..].iter_mut().zip(comparison.levels.iter().zip(comparison.measure.levels()))
            {
                *slot = Weight {
                    unrelated: level.against_unrelated,
                    household: level.against_household,
                    rarity: known.frequency.map_or(3, |at| at as u8),
                    both: comparison.measure == Measure::Given,
                };
            }
            weights.push(list);
            once.push(comparison.measure.once_in_life());
            frequent.push(comparison.frequencies.first().map_or(i32::MIN, |list| list.average - list.rare));
        }
        let fields = data.fields.iter().zip(&first).collect();
        let known = threads::map(fields, threads, |(field, &at): (&Field, &usize)| {
            known(model, field, &model.comparisons[at..], threads)
        });
        let named = data.fields.iter().zip(&first).find(|(field, _)| field.form == Form::Name);
        let of_parts = |(field, &at): (&Field, &usize)| {
            let table = model.comparisons.get(at + 1)?.frequencies.get(1)?;
            Some(field.tokens.hashes().iter().map(|&hash| table.rarity(hash)).collect())
        };
        let (parts, name) = (named.and_then(of_parts).unwrap_or_default(), named.map(|(field, _)| field.slots.start));
        Scorer { data, model, first, weights, known, frequent, once, parts, name, threads }
    }

    /// Compares two features of a field; `out` has one part for each of its measures.
    pub(crate) fn parts(&self, memo: &mut Memo, field: usize, a: u32, b: u32, out: &mut [Part; 4]) {
        let form = self.data.fields[field].form;
        // What the model has no room for is not compared.
        if self.first[field] >= self.weights.len() {
            return;
        }
        let mut levels = [MISSING; 4];
        let moved = compare(&self.data.fields[field], field, memo, a, b, &mut levels);
        let (one, other) = (&self.known[field][a as usize], &self.known[field][b as usize]);
        let (x, y) = (&one.rarity, &other.rarity);
        let name = form == Form::Name;
        let measures = if name { 4 } else { 1 };
        for (at, (part, &level)) in out.iter_mut().zip(&levels).take(measures).enumerate() {
            let Some(weights) = self.weights.get(self.first[field] + at) else { continue };
            let listed = || x[at].max(y[at]) < self.frequent[self.first[field] + at];
            let slip = name && at < 2 && level == TYPOS[at] && !moved;
            let kinship = match at {
                0 if name && !moved => self.kinship(memo, field, one, other, level),
                _ => Kinship::One,
            };
            let level = match kinship {
                Kinship::Two => given::TWO_NAMES,
                Kinship::Near if slip => SIMILAR[at],
                // Ronald and Donald are both names, not one mistyped.
                _ if slip && listed() && x[at].abs_diff(y[at]) <= MISSPELT => SIMILAR[at],
                _ => level,
            };
            let weight = &weights[level as usize];
            *part = Part { level, unrelated: weight.unrelated, household: weight.household };
            if weight.rarity < 3 {
                // A family name's rarity is the second of the name's.
                let slot = if name { at } else { weight.rarity as usize };
                let mut more = match weight.rarity {
                    1 if name => self.shared_part(field, a, b),
                    _ => x[slot].min(y[slot]),
                };
                if level > 1 {
                    more = more.clamp(-INEXACT_LIMIT, INEXACT_LIMIT);
                }
                part.unrelated += more;
                // In a household a rare given name is as likely a namesake's as a common one.
                if weight.both {
                    part.household += more.min(0);
                }
            }
        }
        // Where a phone is from is where its holder lives, which the address says already.
        if form == Form::Phone && levels[0] == phone::SAME_AREA {
            out[0].unrelated = out[0].unrelated.min(MOST_OF_AREA);
            out[0].household = out[0].household.min(MOST_OF_AREA);
        }
        // Parts of a name that attract each other (Josefa, Sánchez) say less together than each by itself.
        if name
            && (given::EXACT..=given::NICKNAME).contains(&levels[0])
            && (family::EXACT..=family::SHARED_PART).contains(&levels[1])
        {
            let ([given, family], [other_given, other_family]) = (one.classes, other.classes);
            let shared = |class: &u8| *class != NO_CLASS && (*class == family || *class == other_family);
            let share = |class: u8| self.model.cultures.shares.get(class as usize).copied().unwrap_or(0);
            // Whichever of the two it is told from: the pair weighs the same from either side.
            let small = [given, other_given].into_iter().filter(shared).map(share).min().unwrap_or(0);
            out[0].unrelated += x[2].min(y[2]).min(small);
        }
        // So do city and name; the part that the name has in it is known by the class alone.
        if form == Form::Address && matches!(levels[0], address::CITY_ALONE | address::CITY) {
            let class = one.classes[0];
            if class != NO_CLASS && class == other.classes[0] {
                out[0].unrelated += self.model.cultures.shares.get(class as usize).copied().unwrap_or(0);
            }
        }
    }

    /// How rare the rarest part is that two family names have in common; nothing where words came from other fields.
    fn shared_part(&self, field: usize, a: u32, b: u32) -> i32 {
        let Field { table: Table::Names(list), tokens, .. } = &self.data.fields[field] else { return 0 };
        let (one, other) = (&list[a as usize], &list[b as usize]);
        let shared = one.family_parts(tokens).filter(|part| other.family.contains(part));
        shared.filter_map(|part| self.parts.get(part as usize).copied()).max().unwrap_or(0)
    }

    /// What two given names that compare as `level` are to each other, where many bear either; others are one. A
    /// misspelling may be frequent too, but is much rarer than the name.
    fn kinship(&self, memo: &mut Memo, field: usize, one: &Known, other: &Known, level: u8) -> Kinship {
        const ANSWERS: [Kinship; 3] = [Kinship::One, Kinship::Near, Kinship::Two];
        let close = matches!(level, given::TYPO | given::SIMILAR);
        let borne = (close || level == given::DIFFERENT)
            && one.given != NONE
            && other.given != NONE
            && one.given != other.given
            && !(close && !(one.sure && other.sure))
            && !(close && one.rarity[0].abs_diff(other.rarity[0]) > MISSPELT);
        if !borne {
            return Kinship::One;
        }
        let question = if close { Question::TwoCloseNames } else { Question::TwoNames };
        let answer = memo.get(tag(field, question), one.given, other.given, || {
            let tokens = &self.data.fields[field].tokens;
            // A given name that is the other's family name is close to it in another way.
            let slip = different_words_apart(tokens, one.given, other.given) < given::DIFFERENT;
            match kinship(tokens.text(one.given), tokens.text(other.given)) {
                Kinship::Two if slip == close => 2,
                Kinship::Near if slip == close => 1,
                _ => 0,
            }
        });
        ANSWERS[answer as usize]
    }

    /// The best parts of two records' values of a field, all missing where one has none.
    pub(crate) fn field(&self, memo: &mut Memo, field: usize, a: &[u32], b: &[u32]) -> [Part; 4] {
        let slots = self.data.fields[field].slots.clone();
        let mut best = [Part::default(); 4];
        let mut any = false;
        for &x in a[slots.clone()].iter().take_while(|&&x| x != NONE) {
            for &y in b[slots.clone()].iter().take_while(|&&y| y != NONE) {
                let mut parts = [Part::default(); 4];
                self.parts(memo, field, x, y, &mut parts);
                // All of it decides, so that the pair weighs the same from either side.
                if !any || parts > best {
                    best = parts;
                    any = true;
                }
            }
        }
        best
    }

    /// The weight of a pair of records.
    pub(crate) fn weight(&self, memo: &mut Memo, a: usize, b: u32) -> i32 {
        let mut out = vec![];
        self.weights(memo, a, &[b], &mut out);
        out.first().map_or(i32::MIN, |&(unrelated, household)| combine(unrelated, household))
    }

    /// The odds of `a` with each of `others` against both alternatives. Field by field, so that the waits for memory
    /// of many pairs overlap.
    pub fn weights(&self, memo: &mut Memo, a: usize, others: &[u32], out: &mut Vec<(i32, i32)>) {
        self.threads.look();
        out.clear();
        out.resize(others.len(), (self.model.prior_unrelated, self.model.prior_household));
        let x = self.data.row(a);
        for (at, field) in self.data.fields.iter().enumerate() {
            let slot = field.slots.start;
            if x[slot] == NONE {
                continue;
            }
            let single = field.slots.len() == 1;
            // Of a field with several measures they are summed, of which none is of companies.
            let (measure, nameless) = (Measure::of(field.form)[0], self.nameless(x));
            self.fetch(
                at,
                others.iter().map(|&b| self.data.row(b as usize)[slot]).filter(|&y| y != NONE && y != x[slot]),
            );
            // Many partners have the very same feature.
            let mut same: Option<(i32, i32)> = None;
            for (sum, &b) in out.iter_mut().zip(others) {
                let y = self.data.row(b as usize);
                if y[slot] == NONE {
                    continue;
                }
                let added = match same {
                    Some(same) if single && y[slot] == x[slot] => same,
                    _ => {
                        let parts = if single {
                            let mut parts = [Part::default(); 4];
                            self.parts(memo, at, x[slot], y[slot], &mut parts);
                            parts
                        } else {
                            self.field(memo, at, x, y)
                        };
                        let added =
                            parts.iter().fold((0, 0), |sum, part| (sum.0 + part.unrelated, sum.1 + part.household));
                        if y[slot] == x[slot] {
                            same = Some(added);
                        }
                        added
                    }
                };
                sum.0 += added.0;
                sum.1 += against_household(measure, added.0, added.1, nameless && self.nameless(y));
            }
        }
    }

    /// Reads the beginning of each feature, so that those who compare them one by one wait for memory once.
    fn fetch(&self, field: usize, features: impl Iterator<Item = u32>) {
        let known = &self.known[field];
        fn all(features: impl Iterator<Item = u32>, known: &[Known], of: impl Fn(usize) -> u32) -> u32 {
            features.map(|at| at as usize).fold(0, |read, at| read ^ known[at].given ^ of(at))
        }
        std::hint::black_box(match &self.data.fields[field].table {
            Table::Names(list) => all(features, known, |at| list[at].given_all),
            Table::Emails(list) => all(features, known, |at| list[at].local),
            Table::Phones(list) => all(features, known, |at| list[at].token),
            Table::Dates(list) => all(features, known, |at| list[at].token),
            Table::Addresses(list) => all(features, known, |at| list[at].street),
            Table::Words(list) => all(features, known, |at| list[at].whole),
        });
    }

    /// Whether something rules out that two records of that weight are one person's.
    pub(crate) fn vetoed(&self, memo: &mut Memo, a: u32, b: u32, weight: i32) -> bool {
        let (x, y) = (self.data.row(a as usize), self.data.row(b as usize));
        let mut bars = Bars::default();
        for (at, field) in self.data.fields.iter().enumerate() {
            let parts = self.field(memo, at, x, y);
            Measure::of(field.form).iter().zip(&parts).for_each(|(measure, part)| bars.see(*measure, part, part.level));
        }
        bars.forbid(weight)
    }

    /// What each comparison of two records says, leaving out what says nothing.
    pub(crate) fn evidence(&self, memo: &mut Memo, a: usize, b: usize) -> Vec<Said> {
        let (x, y) = (self.data.row(a), self.data.row(b));
        let nameless = self.nameless(x) && self.nameless(y);
        let mut said = vec![];
        for (at, field) in self.data.fields.iter().enumerate() {
            let parts = self.field(memo, at, x, y);
            for (part, &measure) in parts.iter().zip(Measure::of(field.form)).filter(|(part, _)| part.level != MISSING)
            {
                let household = against_household(measure, part.unrelated, part.household, nameless);
                let level = measure.levels().get(part.level as usize - 1).map_or("", |level| level.name);
                said.push(Said { field: field.name.clone(), measure, level, unrelated: part.unrelated, household });
            }
        }
        said
    }

    /// A record without a personal name is about the organization it names: no colleague shares that.
    pub(crate) fn nameless(&self, row: &[u32]) -> bool {
        self.name.is_none_or(|slot| row[slot] == NONE)
    }

    /// The levels of a pair, by comparison.
    pub(crate) fn levels(&self, memo: &mut Memo, a: usize, b: usize) -> [u8; MOST] {
        self.threads.look();
        let (x, y) = (self.data.row(a), self.data.row(b));
        let mut out = [MISSING; MOST];
        for (at, field) in self.data.fields.iter().enumerate() {
            for (slot, part) in
                out.iter_mut().skip(self.first[at]).zip(&self.field(memo, at, x, y)).take(Measure::of(field.form).len())
            {
                *slot = part.level;
            }
        }
        out
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::model::Frequencies;
    use super::*;
    use crate::columns::Columns;
    use crate::entity::EntityType;
    use crate::record::{Node, RecordRef, State};
    use crate::score::guide::state_of;
    use serde_json::json;

    /// Nodes of records that say so.
    fn records(entity: &EntityType, said: &[serde_json::Value]) -> Vec<(RecordRef, State)> {
        let record = |(at, said): (usize, &serde_json::Value)| {
            (RecordRef::new("s", at.to_string()), state_of(entity, said.as_object().unwrap()))
        };
        said.iter().enumerate().map(record).collect()
    }

    #[test]
    fn a_suffix_is_told_wherever_a_name_stands() {
        let entity = EntityType::customer();
        let said = [
            json!({"firstName": "Tobias", "lastName": "Gross Jr."}),
            json!({"firstName": "Tobias Gross Sr"}),
            json!({"lastName": "Gross Sr., Tobias"}),
            json!({"firstName": "Tobias", "lastName": "Gross"}),
        ];
        let records = records(&entity, &said);
        let nodes: Vec<Node> = records.iter().map(|(reference, state)| Node { reference, state }).collect();
        let data = Dataset::of(&entity, &Columns::of(&entity, &nodes, Threads::ALONE));
        let model = Model::shipped(&entity);
        let scorer = Scorer::new(&model, &data);
        let level = |a: usize, b: usize| {
            let said = scorer.evidence(&mut Memo::default(), a, b);
            said.into_iter().find(|one| one.measure == Measure::Suffix).map_or("none", |one| one.level)
        };
        assert_eq!(
            [level(0, 1), level(0, 2), level(1, 2), level(1, 3)],
            ["contradicting", "contradicting", "equal", "one side only"]
        );
    }

    #[test]
    fn a_rare_part_in_common_says_more_than_a_frequent_one() {
        let entity = EntityType::customer();
        let named = ["Garcia Lopez", "Ruiz Garcia", "Zubiri Cano", "Vega Zubiri"];
        let records = records(&entity, &named.map(|name| json!({"firstName": "Ana", "lastName": name})));
        let nodes: Vec<Node> = records.iter().map(|(reference, state)| Node { reference, state }).collect();
        let data = Dataset::of(&entity, &Columns::of(&entity, &nodes, Threads::ALONE));
        let mut model = Model::shipped(&entity);
        let family = model.comparisons.iter().position(|one| one.measure == Measure::Family).unwrap();
        let garcia = Frequencies::key(crate::text::hash(b"garcia"));
        model.comparisons[family].frequencies[1] =
            Frequencies { average: -8_000, rare: -11_000, values: [(garcia, -6_000)].into() };
        let scorer = Scorer::new(&model, &data);
        let said = |a: usize, b: usize| {
            let said = scorer.evidence(&mut Memo::default(), a, b);
            said.into_iter().find(|one| one.measure == Measure::Family).map(|one| (one.level, one.unrelated)).unwrap()
        };
        let shared = model.comparisons[family].levels[2].against_unrelated;
        assert_eq!((said(0, 1), said(2, 3)), (("shared part", shared - 2_000), ("shared part", shared + 3_000)));
        assert_eq!(said(1, 0), said(0, 1));
    }
}
