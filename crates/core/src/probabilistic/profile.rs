//! Profiles: what the records of a cluster say together, and how two clusters fit.

use super::features::NONE;
use super::levels::{given, identifier, MISSING};
use super::measure::Measure;
use super::memo::Memo;
use super::odds::{against_household, combine};
use super::score::{Part, Scorer};

/// Two clusters contradict each other when what a person has once in life speaks against them by so much.
const CONTRADICTION: i32 = -2_500;

/// … and when the evidence speaks at least so much for two of one household.
const HOUSEHOLD: i32 = -8_000;

/// The values of a cluster: by field, each feature with the number of its occurrences.
#[derive(Clone)]
pub(crate) struct Profile {
    pub(crate) members: Vec<u32>,
    /// No member has a personal name.
    pub(crate) nameless: bool,
    pub(crate) values: Vec<Vec<(u32, i64)>>,
}

impl Profile {
    /// Makes one cluster of two.
    pub(crate) fn take_in(&mut self, other: Profile) {
        self.nameless &= other.nameless;
        self.members.extend(other.members);
        for (values, more) in self.values.iter_mut().zip(other.values) {
            for (id, count) in more {
                match values.iter_mut().find(|(known, _)| *known == id) {
                    Some((_, sum)) => *sum += count,
                    None => values.push((id, count)),
                }
            }
        }
    }
}

/// A cluster of one record.
pub(crate) fn profile(scorer: &Scorer, record: u32) -> Profile {
    let row = scorer.data.row(record as usize);
    let values = scorer
        .data
        .fields
        .iter()
        .map(|field| row[field.slots.clone()].iter().filter(|&&id| id != NONE).map(|&id| (id, 1)).collect())
        .collect();
    Profile { members: vec![record], nameless: scorer.nameless(row), values }
}

/// … or when no two of their dates agree, and dates that differ speak so much against one person.
const BORN_APART: i32 = -4_000;

/// Who was born apart is one person where all that is known says so by this much, dates included: then those are wrong. Two of
/// one name in one household, father and son, come as far as their mailbox, number and home take them.
const OVERWHELMING: i32 = 5_000;

/// … and who goes by two given names by this much: twins come as far as a rare family name and their birth date take them.
const BEYOND_TWINS: i32 = 3_000;

/// What may forbid that two are one whatever they weigh, comparison by comparison.
#[derive(Clone, Copy, Default)]
pub(super) struct Bars {
    veto: bool,
    /// No two of their birth dates agree at all.
    apart: bool,
    /// One number is both's.
    identified: bool,
    at_home: bool,
    /// Their given names are two that people bear.
    two_names: bool,
}

impl Bars {
    /// Takes in what is said by the values that agree best, and how those do that agree least.
    pub(super) fn see(&mut self, measure: Measure, best: &Part, worst_level: u8) {
        self.veto |= measure.veto() == Some(worst_level);
        self.apart |= measure == Measure::Date && best.unrelated <= BORN_APART;
        self.identified |= measure == Measure::Identifier && best.level == identifier::EXACT;
        self.at_home |= measure.is_shared_at_home(best.level);
        self.two_names |= measure == Measure::Given && best.level == given::TWO_NAMES;
    }

    /// Whether they forbid it to two of that weight.
    pub(super) fn forbid(self, weight: i32) -> bool {
        let two = self.apart && self.at_home && weight < OVERWHELMING || self.two_names && weight < BEYOND_TWINS;
        self.veto || two && !self.identified
    }
}

/// Two clusters side by side.
pub(crate) struct Weighed {
    pub(crate) weight: i32,
    /// They contradict each other.
    pub(crate) conflict: bool,
    /// They may not be joined whatever they weigh.
    pub(crate) veto: bool,
}

/// Weighs two clusters against each other.
pub(crate) fn weigh(scorer: &Scorer, memo: &mut Memo, a: &Profile, b: &Profile) -> Weighed {
    scorer.threads.look();
    let (mut conflict, mut differ, mut bars) = (false, false, Bars::default());
    let (mut unrelated, mut household) = (scorer.model.prior_unrelated, scorer.model.prior_household);
    for (field, known) in scorer.data.fields.iter().enumerate() {
        let (left, right) = (&a.values[field], &b.values[field]);
        if left.is_empty() || right.is_empty() {
            continue;
        }
        let measures = Measure::of(known.form).len();
        let mut sums = [Sum::default(); 4];
        for &(x, count_x) in left {
            for &(y, count_y) in right {
                let mut parts = [Part::default(); 4];
                scorer.parts(memo, field, x, y, &mut parts);
                for (sum, part) in sums.iter_mut().zip(&parts).take(measures) {
                    sum.add(part, count_x * count_y);
                }
            }
        }
        for (at, sum) in sums.iter().enumerate().take(measures) {
            let once = scorer.once.get(scorer.first[field] + at).copied().unwrap_or(false);
            let measure = Measure::of(known.form)[at];
            // A slip between two names or generations makes neither of the other.
            let barred = sum.pairs > 0 && measure.bars() == Some(sum.worst_level);
            let (u, h) = match measure {
                Measure::Suffix if barred => sum.worst,
                _ if barred => sum.mean(),
                _ => sum.weigh(once),
            };
            differ |= barred;
            conflict |= measure.tells_people_apart() && u <= CONTRADICTION;
            bars.see(measure, &sum.best, sum.worst_level);
            unrelated += u;
            household += against_household(measure, u, h, a.nameless && b.nameless);
        }
    }
    let weight = combine(unrelated, household);
    let conflict = conflict && household <= HOUSEHOLD || differ || bars.apart;
    Weighed { weight, conflict, veto: bars.forbid(weight) }
}

/// What the values of two clusters say on one comparison.
#[derive(Clone, Copy, Default)]
struct Sum {
    best: Part,
    worst: (i32, i32),
    worst_level: u8,
    unrelated: i64,
    household: i64,
    weight: i64,
    pairs: u32,
}

impl Sum {
    fn add(&mut self, part: &Part, weight: i64) {
        if part.level == MISSING {
            return;
        }
        if self.pairs == 0 || *part > self.best {
            self.best = *part;
        }
        self.worst = self.worst.min((part.unrelated, part.household));
        self.worst_level = self.worst_level.max(part.level);
        self.unrelated += i64::from(part.unrelated) * weight;
        self.household += i64::from(part.household) * weight;
        self.weight += weight;
        self.pairs += 1;
    }

    fn mean(&self) -> (i32, i32) {
        ((self.unrelated / self.weight) as i32, (self.household / self.weight) as i32)
    }

    /// What a person has once in life: half the best agreement, half the mean. What changes: the best, less what it
    /// costs to find it among so many; where nothing agrees, the mean.
    fn weigh(&self, once: bool) -> (i32, i32) {
        if self.pairs == 0 {
            return (0, 0);
        }
        let mean = self.mean();
        if self.pairs == 1 {
            return mean;
        }
        if once {
            return ((self.best.unrelated + mean.0) / 2, (self.best.household + mean.1) / 2);
        }
        if self.best.unrelated <= 0 {
            return mean;
        }
        let many = log2_millibits(self.pairs);
        (
            (self.best.unrelated - many).max(mean.0),
            self.best.household.max(mean.1) - many.min(self.best.household.max(0)),
        )
    }
}

/// 1000 · log2 of a small number, exact to a tenth of a bit.
fn log2_millibits(n: u32) -> i32 {
    let whole = n.max(1).ilog2();
    let rest = (u64::from(n.max(1)) << 10 >> whole) as i32 - 1024;
    whole as i32 * 1000 + rest * 1000 / 1024
}
