//! Values of a data set: how frequent each is, and full names that attract each other.

use super::dataset::{features_of, Field, Table};
use super::features::{Form, NONE};
use super::measure::{frequency_keys, Measure};
use super::model::{millibits, offsets, Frequencies};
use super::Dataset;
use crate::cluster::sets::Sets;
use crate::threads::{self, Threads};

/// A stranger holds a rare value as if it had so many holders more.
const RARE_HOLDERS: f64 = 0.5;

/// Full names that are more frequent than their parts let expect, by how much. Counted are people, of whom `people`
/// are in the data: records of one name that share an email, phone, date, street or identifier are one; two groups may
/// be one person who shares nothing, so the third is the first that proves a namesake.
pub(crate) fn attraction(
    data: &Dataset,
    given: &Frequencies,
    family: &Frequencies,
    people: f64,
    threads: Threads,
) -> Frequencies {
    let mut out = Frequencies::default();
    let Some(field) = data.fields.iter().find(|field| field.form == Form::Name) else { return out };
    let Table::Names(_) = &field.table else { return out };
    let keys: Vec<[u64; 3]> = (0..features_of(&field.table)).map(|feature| frequency_keys(field, feature)).collect();
    let mut holders: Vec<(u64, u32)> = (0..data.len())
        .filter_map(|record| keys.get(data.row(record)[field.slots.start] as usize).map(|key| (key[2], record as u32)))
        .filter(|(key, _)| *key != 0)
        .collect();
    holders.sort_unstable();
    for group in holders.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 2) {
        threads.look();
        let mut sets = Sets::new(group.len());
        let mut told: Vec<bool> = vec![false; group.len()];
        let mut seen: Vec<(usize, u32, usize)> = vec![];
        for (at, (_, record)) in group.iter().enumerate() {
            for (number, other) in data.fields.iter().enumerate() {
                for &id in data.row(*record as usize)[other.slots.clone()].iter().filter(|&&id| id != NONE) {
                    let value = match &other.table {
                        Table::Emails(list) => list[id as usize].local,
                        Table::Phones(list) => list[id as usize].token,
                        Table::Dates(list) => list[id as usize].token,
                        Table::Addresses(list) => list[id as usize].line,
                        Table::Words(list) if other.form == Form::Identifier => list[id as usize].whole,
                        _ => NONE,
                    };
                    if value != NONE {
                        seen.push((number, value, at));
                        told[at] = true;
                    }
                }
            }
        }
        seen.sort_unstable();
        for same in seen.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            for pair in same.windows(2) {
                sets.join(pair[0].2 as u32, pair[1].2 as u32);
            }
        }
        let mut groups: Vec<u32> =
            sets.labels().into_iter().zip(told).filter(|(_, told)| *told).map(|(group, _)| group).collect();
        groups.sort_unstable();
        groups.dedup();
        if groups.len() < 3 {
            continue;
        }
        let together = millibits((groups.len() as f64 - 2.0) / people);
        let key = keys[data.row(group[0].1 as usize)[field.slots.start] as usize];
        let apart = given.average - given.rarity(key[0]) + family.average - family.rarity(key[1]);
        if together > apart + 500 {
            out.values.insert(Frequencies::key(group[0].0), together - apart);
        }
    }
    out
}

/// How often each value occurs.
pub(crate) struct ValueCounts {
    /// By hash, ascending.
    counts: Vec<(u64, u64)>,
    /// How many hold any.
    pub(crate) total: u64,
    /// The chance that a stranger has the value too that agreement is found in.
    agreement: f64,
}

impl ValueCounts {
    /// Of hashes with how many hold what has them.
    fn of(held: Vec<(u64, u64)>) -> ValueCounts {
        let total: u64 = held.iter().map(|(_, count)| count).sum();
        let counts = summed(held);
        let equal: f64 = counts.iter().map(|&(_, count)| count as f64 * (count as f64 - 1.0)).sum();
        let agreement = equal / (total as f64 * (total as f64 - 1.0)).max(1.0);
        ValueCounts { counts, total, agreement }
    }

    /// Of the parts of what `total` hold, each with how many hold what has it; `joined` are those of what has several.
    /// Two that differ have a part in common as often as it stands beside others.
    fn of_parts(held: Vec<(u64, u64)>, joined: Vec<(u64, u64)>, total: u64) -> ValueCounts {
        let (mut counts, joined) = (summed(held), summed(joined));
        let beside = |part: u64| joined.binary_search_by_key(&part, |one| one.0).ok().map(|at| joined[at].1);
        counts.retain(|&(part, _)| beside(part).is_some());
        let met = |&(part, count): &(u64, u64)| beside(part).unwrap_or(0) as f64 * (count as f64 - 1.0);
        let (met, all): (f64, u64) = (counts.iter().map(met).sum(), joined.iter().map(|(_, count)| count).sum());
        let agreement = met / (all as f64 * (total as f64 - 1.0)).max(1.0);
        ValueCounts { counts, total, agreement }
    }

    fn each(&self) -> impl Iterator<Item = u64> + '_ {
        self.counts.iter().map(|(_, count)| *count)
    }

    /// The share of all pairs of holders whose values are equal; of parts, of the pairs that have one in common, how often
    /// a stranger has it.
    pub(crate) fn agreement(&self) -> f64 {
        self.agreement
    }

    /// The frequencies to store. `agreement` of strangers is the average; of a value's holders the record's own person
    /// accounts for itself and `own` further ones.
    pub(crate) fn frequencies(&self, measure: Measure, slot: usize, agreement: f64, own: f64) -> Frequencies {
        let total = self.total.max(1) as f64;
        let share = |count: u64| (count as f64 - 1.0 - own).max(RARE_HOLDERS) / total;
        // Emails, phones and identifiers are personal: only what very many hold is worth a note.
        let least = match measure {
            Measure::Email | Measure::Phone | Measure::Identifier => 16,
            _ => 4,
        };
        let (mut weighed, mut seen) = (0.0, 0.0);
        for count in self.each().filter(|&count| count < least) {
            weighed += count as f64 * share(count);
            seen += count as f64;
        }
        let mut rare = millibits(if seen > 0.0 { weighed / seen } else { RARE_HOLDERS / total });
        if least > 4 && slot == 0 {
            rare = rare.min(millibits(agreement));
        }
        let values = self
            .counts
            .iter()
            .filter(|(_, count)| *count >= least)
            .map(|&(hash, count)| (Frequencies::key(hash), millibits(share(count))))
            .filter(|(_, bits)| *bits > rare + 250)
            .collect();
        let average = if slot == 0 { agreement } else { self.agreement() };
        Frequencies { average: millibits(average), rare, values }
    }
}

/// The sums of counts by hash, ascending.
fn summed(mut held: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    held.sort_unstable();
    held.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        kept.1 += if same { next.1 } else { 0 };
        same
    });
    held
}

/// By comparison, by frequency slot; `threads` only shorten the wait.
pub(crate) fn value_counts(data: &Dataset, threads: Threads) -> Vec<Vec<ValueCounts>> {
    let by_field = threads::map(data.fields.iter().collect(), threads, |field: &Field| field_counts(data, field));
    let out: Vec<Vec<ValueCounts>> = by_field.into_iter().flatten().collect();
    debug_assert_eq!(
        out.len(),
        offsets(data.fields.iter().map(|field| field.form)).len()
            + 3 * usize::from(data.fields.iter().any(|f| f.form == Form::Name))
    );
    out
}

/// How many hold each feature of a field.
pub(super) fn held(data: &Dataset, field: &Field) -> Vec<u32> {
    let mut held: Vec<u32> = vec![0; features_of(&field.table)];
    for row in data.rows.chunks_exact(data.width.max(1)) {
        for &id in row[field.slots.clone()].iter().filter(|&&id| id != NONE) {
            held[id as usize] += 1;
        }
    }
    held
}

/// Of the comparisons of a field.
fn field_counts(data: &Dataset, field: &Field) -> Vec<Vec<ValueCounts>> {
    let held = held(data, field);
    let mut slots: [Vec<(u64, u64)>; 3] = Default::default();
    for (feature, &count) in held.iter().enumerate().filter(|(_, &count)| count > 0) {
        for (slot, key) in slots.iter_mut().zip(frequency_keys(field, feature)) {
            if key != 0 {
                slot.push((key, u64::from(count)));
            }
        }
    }
    let mut counts = slots.into_iter().map(ValueCounts::of);
    let measures = Measure::of(field.form);
    if field.form == Form::Name {
        // Given and family name have one each, and the family name's parts.
        let mut by_measure: Vec<Vec<ValueCounts>> = measures
            .iter()
            .map(|measure| counts.by_ref().take(usize::from(measure.frequencies() > 0)).collect())
            .collect();
        if let [_, family, ..] = &mut by_measure[..] {
            let total = family.first().map_or(0, |whole| whole.total);
            family.push(parts(field, &held, total));
        }
        by_measure
    } else {
        vec![counts.take(measures[0].frequencies()).collect()]
    }
}

/// Of the parts of family names, `held` by so many each, `total` together.
fn parts(field: &Field, held: &[u32], total: u64) -> ValueCounts {
    let (mut all, mut joined) = (Vec::new(), Vec::new());
    if let Table::Names(list) = &field.table {
        for (name, &count) in list.iter().zip(held).filter(|(_, &count)| count > 0) {
            let of_one = name.family_parts(&field.tokens).map(|part| (field.tokens.hash(part), u64::from(count)));
            all.extend(of_one.clone());
            if of_one.clone().nth(1).is_some() {
                joined.extend(of_one);
            }
        }
    }
    ValueCounts::of_parts(all, joined, total)
}
