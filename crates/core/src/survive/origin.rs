//! Where golden values were taken from, as scopes ask for it: by system and by region.

use super::{Action, Choice, Reason, Survivor};
use crate::record::RecordRef;
use crate::value::Text;
use std::collections::BTreeSet;

/// How the name of several begins: a system that begins like it is refused at the door, and a region is a country's code.
const SEVERAL: char = '\n';
/// Longer ones would not fit into an index.
const MOST: usize = 1_000;
/// What they are called then: it is in no list, only in what has all.
const TOO_MANY: &str = "\n[null]";

impl Survivor {
    /// The records that the value was taken from: the winner; under `UNION`, for each element the best record that asserts
    /// it; under `AGGREGATE`, all that were counted.
    pub fn givers(&self) -> impl Iterator<Item = &RecordRef> {
        let aggregate = self.action == Choice::Rule(Action::Aggregate);
        let winner = self.sources.is_empty().then_some(&self.winner);
        let of_elements = self.sources.iter().filter_map(|records| records.first());
        let counted = self.losers.iter().filter(move |loser| aggregate && loser.reason == Reason::Included);
        winner.into_iter().chain(of_elements).chain(counted.map(|loser| &loser.record))
    }
}

/// One name for all that are given: itself for one, else a line break and a JSON array of them, sorted; of very many
/// `[null]`.
pub fn joined(mut names: impl Iterator<Item = Text>) -> Text {
    let first = names.next().unwrap_or_default();
    let mut all: BTreeSet<Text> = names.filter(|name| *name != first).collect();
    if all.is_empty() {
        return first;
    }
    all.insert(first);
    let text = format!("{SEVERAL}{}", serde_json::json!(all));
    if text.len() > MOST {
        TOO_MANY.into()
    } else {
        text.into()
    }
}

/// The names that one name stands for.
pub fn names(joined: &str) -> Vec<String> {
    let several = joined.strip_prefix(SEVERAL).and_then(|list| serde_json::from_str(list).ok());
    several.unwrap_or_else(|| vec![joined.to_owned()])
}

/// Whether a test holds of every name that one stands for.
pub fn every(joined: &str, test: impl Fn(&str) -> bool) -> bool {
    if joined.starts_with(SEVERAL) {
        names(joined).iter().all(|name| test(name))
    } else {
        test(joined)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn very_many_are_in_no_list() {
        let given: Vec<String> = (0..200).map(|number| format!("system {number}")).collect();
        let one = joined(given.iter().map(|name| name.as_str().into()));
        assert!(!every(&one, |name| given.iter().any(|held| held == name)));
    }

    proptest! {
        #[test]
        fn joined_names_come_apart_again(given in prop::collection::btree_set("[^ \n].{0,5}", 1..4)) {
            let one = joined(given.iter().map(|name| name.as_str().into()));
            prop_assert_eq!(&names(&one).into_iter().collect::<BTreeSet<_>>(), &given);
            prop_assert_eq!(one == *given.first().map(String::as_str).unwrap_or_default(), given.len() == 1);
            prop_assert!(every(&one, |name| given.contains(name)));
            for name in &given {
                prop_assert!(!every(&one, |other| other != name));
            }
        }
    }
}
