//! What is in doubt: pairs that may not be joined whatever they weigh, because they exclude each other or because others
//! are about that do.

use super::{Reason, Solver, RIVAL};
use crate::probabilistic::features::Form;
use crate::probabilistic::marks::Marks;
use std::collections::{BTreeMap, BTreeSet};

/// Which clusters exclude each other, by their numbers: what was found is found once, since a pair has those about it that many
/// others have too.
pub(super) struct Excluding {
    asked: Vec<Marks>,
    found: Vec<Marks>,
}

impl Excluding {
    pub(super) fn among(clusters: usize) -> Excluding {
        Excluding { asked: vec![Marks::default(); clusters], found: vec![Marks::default(); clusters] }
    }

    fn note(&mut self, a: u32, b: u32, excluding: bool) {
        for (x, y) in [(a, b), (b, a)] {
            self.asked[x as usize].insert(y);
            if excluding {
                self.found[x as usize].insert(y);
            }
        }
    }

    /// Forgets a cluster that is another now.
    pub(super) fn forget(&mut self, id: u32) {
        for other in std::mem::take(&mut self.asked[id as usize]).iter() {
            self.asked[other as usize].remove(id);
            self.found[other as usize].remove(id);
        }
        self.found[id as usize] = Marks::default();
    }
}

/// The clusters that one may be joined with.
struct Fitting {
    /// Those that it fits as well as the pairs of the level, or nearly.
    near: Marks,
    /// … as well, or better.
    better: Marks,
}

impl Solver<'_, '_> {
    /// Why the pairs of a level may not be joined, if so, whatever the others of the level do.
    pub(super) fn barred(&mut self, top: i32, level: &[(u32, u32)]) -> Vec<Option<Reason>> {
        let mut fitting: BTreeMap<u32, Fitting> = BTreeMap::new();
        // By cluster, those that its partners in the level fit as well.
        let mut beside: BTreeMap<u32, Marks> = BTreeMap::new();
        for &(a, b) in level {
            for id in [a, b] {
                let of = || Fitting { near: self.fitting(id, top - RIVAL), better: self.fitting(id, top) };
                fitting.entry(id).or_insert_with(of);
            }
        }
        let open: Vec<(u32, u32)> = level.iter().filter(|(a, b)| fitting[a].better.contains(*b)).copied().collect();
        for (a, b) in open.iter().flat_map(|&(a, b)| [(a, b), (b, a)]) {
            self.ask(b, &fitting[&a].near);
            let others = beside.entry(a).or_default();
            *others = others.or(&fitting[&b].better);
        }
        // By cluster, those that exclude somebody whom it fits as well.
        let mut opposed: BTreeMap<u32, Marks> = BTreeMap::new();
        for (&a, others) in &beside {
            let mut all = Marks::default();
            for c in fitting[&a].better.iter() {
                self.ask(c, others);
                all = all.or(&self.excluding.found[c as usize]);
            }
            opposed.insert(a, all);
        }
        let barred = |&(a, b): &(u32, u32)| {
            if let Some(reason) = self.forbidden(a, b) {
                return Some(Reason::Guard(reason));
            }
            if self.excluding.found[a as usize].contains(b) {
                return Some(Reason::Contradiction);
            }
            let (x, y) = (&fitting[&a], &fitting[&b]);
            // To join two that fit others as well, which exclude one another, were to choose for both.
            let drawn_apart = || !opposed[&a].and(&y.better).is_empty();
            let torn = self.rival(a, b, &x.near) || self.rival(b, a, &y.near) || drawn_apart();
            torn.then_some(Reason::Ambiguous)
        };
        level.iter().map(barred).collect()
    }

    /// The clusters that fit `id` from a weight on, and do not exclude it.
    fn fitting(&mut self, id: u32, lowest: i32) -> Marks {
        let lowest = lowest.max(self.scorer.model.auto);
        let strong: Marks = self.neighbours[id as usize]
            .iter()
            .filter(|(_, weight)| **weight >= lowest)
            .map(|(other, _)| *other)
            .collect();
        self.ask(id, &strong);
        strong.without(&self.excluding.found[id as usize])
    }

    /// Finds which of `others` exclude `id`.
    fn ask(&mut self, id: u32, others: &Marks) {
        self.scorer.threads.look();
        for other in others.without(&self.excluding.asked[id as usize]).iter().filter(|other| *other != id) {
            let excluding = self.exclude(id, other);
            self.excluding.note(id, other, excluding);
        }
    }

    /// Whether two clusters are certainly not one.
    fn exclude(&self, a: u32, b: u32) -> bool {
        self.forbidden(a, b).is_some() || {
            let between = self.weigh(a, b);
            let weight = self.neighbours[a as usize].get(&b).copied().unwrap_or(between.weight);
            between.veto || between.conflict && weight < self.scorer.model.auto
        }
    }

    /// Whether one of those that `a` fits nearly as well as `b`, or better, excludes `b`.
    fn rival(&self, a: u32, b: u32, near: &Marks) -> bool {
        near.and(&self.excluding.found[b as usize]).iter().any(|c| c != b && !self.identified(a, b, c))
    }

    /// Whether an identifier tells `a` from `c`, which it has in common with `b`.
    fn identified(&self, a: u32, b: u32, c: u32) -> bool {
        let (Some(a), Some(b), Some(c)) = (self.cluster(a), self.cluster(b), self.cluster(c)) else { return false };
        let identifiers = self.scorer.data.fields.iter().zip(0..).filter(|(field, _)| field.form == Form::Identifier);
        identifiers.map(|(_, at)| [a, b, c].map(|cluster| &cluster.values[at])).any(|[of_a, of_b, of_c]| {
            let shared = |other: &[(u32, i64)]| of_a.iter().any(|(id, _)| other.iter().any(|(known, _)| known == id));
            !of_c.is_empty() && shared(of_b) && !shared(of_c)
        })
    }

    /// Whether two of the clusters that the pairs of a level connect may not end up in one.
    pub(super) fn conflict(&self, a: u32, b: u32, level: &BTreeSet<(u32, u32)>) -> bool {
        self.forbidden(a, b).is_some()
            || !level.contains(&(a.min(b), a.max(b))) && {
                let between = self.weigh(a, b);
                between.veto || between.weight < self.scorer.model.auto
            }
    }

    /// The pairs of single records with the same values that may be joined.
    pub(super) fn equal(&mut self) -> BTreeSet<(u32, u32)> {
        let single = |id: u32| self.cluster(id).filter(|profile| profile.members.len() == 1);
        let same = |&&(_, a, b): &&(i32, u32, u32)| single(a).zip(single(b)).is_some_and(|(x, y)| x.values == y.values);
        let strong = self.queue.iter().rev().take_while(|(weight, _, _)| *weight >= self.scorer.model.auto);
        let mut equal: Vec<(i32, u32, u32)> = strong.filter(same).copied().collect();
        equal.retain(|&(top, a, b)| self.forbidden(a, b).is_none() && !self.torn(a, b, top) && !self.torn(b, a, top));
        equal.into_iter().map(|(_, a, b)| (a, b)).collect()
    }

    /// Whether `a` fits a third record as well as `b`, which says the same, while the two may not be one.
    fn torn(&mut self, a: u32, b: u32, top: i32) -> bool {
        self.guards.any() && {
            let near = self.fitting(a, top - RIVAL);
            self.ask(b, &near);
            self.rival(a, b, &near)
        }
    }
}
