//! What becomes of a record that is sent.

use crate::record::State;
use crate::words;

words! {
    /// What became of a record, as `ingest()` tells it.
    pub enum Outcome {
        /// A source record that was not known.
        Created => "created",
        /// A version that changed what its record says.
        Updated => "updated",
        /// One whose content is known already: it makes no new version.
        Unchanged => "unchanged",
        /// One that is kept in the history and changes no current value.
        Stale => "stale",
        /// One that retracts its record.
        Deleted => "deleted",
        /// One of a person who was erased: nothing of it is kept.
        Suppressed => "suppressed",
        /// One that was refused: a dead letter.
        Rejected => "rejected",
    }
}

impl Outcome {
    /// Of an accepted version: whether it `retracts` the record, what the record said before (`None`: it was not known), and
    /// what it says now.
    pub fn accepted(retracts: bool, before: Option<&State>, now: &State) -> Outcome {
        match before {
            _ if retracts && !now.live() => Outcome::Deleted,
            None => Outcome::Created,
            Some(before) if same_now(before, now) => Outcome::Stale,
            Some(_) => Outcome::Updated,
        }
    }

    /// Of a version for whom what records say is a secret, who could send guesses: whether it `retracts` the record, whether
    /// the record was `known`, and whether no other of its versions is `newest` instead. No value has a part in it.
    pub fn by_order(retracts: bool, known: bool, newest: bool) -> Outcome {
        match (retracts, known, newest) {
            (true, _, true) => Outcome::Deleted,
            (_, false, _) => Outcome::Created,
            (_, true, true) => Outcome::Updated,
            (_, true, false) => Outcome::Stale,
        }
    }
}

/// Whether no current value differs. The earliest assertion, which `KEEP_EXISTING` looks at, may.
fn same_now(a: &State, b: &State) -> bool {
    a.live() == b.live()
        && a.raw().eq(b.raw())
        && a.cross_references() == b.cross_references()
        && a.held().map(|(name, held)| (name, held.current)).eq(b.held().map(|(name, held)| (name, held.current)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::EntityType;
    use crate::fold::{fold, is_newest};
    use crate::record::{RecordRef, Version};
    use crate::source::SourceOptions;
    use std::collections::{BTreeMap, BTreeSet};

    fn version(at: i64, email: &str, deleted: bool) -> Version {
        let attributes = [("email".into(), email.into())];
        Version {
            entity_type: "CUSTOMER".into(),
            record: RecordRef::new("CRM", "1"),
            cross_references: BTreeSet::new(),
            attributes: attributes.into_iter().filter(|_| !deleted).collect(),
            timestamp: at * 1_000_000,
            sequence: None,
            vector_clock: None,
            no_entity: false,
            source_priority: None,
            region: None,
            deleted,
        }
    }

    fn state(versions: &[Version]) -> State {
        fold(&EntityType::customer(), &BTreeMap::new(), &SourceOptions::default(), versions)
    }

    #[test]
    fn what_a_version_did_shows_in_what_the_record_says() {
        let versions = [
            version(5, "a@example.com", false),
            version(9, "b@example.com", false),
            version(7, "c@example.com", false),
        ];
        let said: Vec<State> = (0..=3).map(|known| state(&versions[..known])).collect();
        assert_eq!(Outcome::accepted(false, None, &said[1]), Outcome::Created);
        assert_eq!(Outcome::accepted(false, Some(&said[1]), &said[2]), Outcome::Updated);
        // Older than what counts: in the history, and no more.
        assert_eq!(Outcome::accepted(false, Some(&said[2]), &said[3]), Outcome::Stale);
    }

    #[test]
    fn what_is_told_by_order_alone_tells_no_value() {
        let told = |known: &[Version], next: &Version| {
            let all: Vec<Version> = known.iter().chain([next]).cloned().collect();
            Outcome::by_order(next.deleted, !known.is_empty(), is_newest(&all, &SourceOptions::default()))
        };
        let known = [version(5, "a@example.com", false), version(9, "b@example.com", false)];
        assert_eq!(told(&[], &known[0]), Outcome::Created);
        for guess in ["a@example.com", "b@example.com", "c@example.com"] {
            assert_eq!(told(&known, &version(10, guess, false)), Outcome::Updated);
            // The very version that is known, too.
            assert_eq!(told(&known, &version(9, guess, false)), Outcome::Stale);
            assert_eq!(told(&known, &version(7, guess, false)), Outcome::Stale);
        }
        assert_eq!(told(&known, &version(10, "", true)), Outcome::Deleted);
        let clocked = |count: u64, email: &str| Version {
            vector_clock: Some([("n".to_owned(), count)].into()),
            ..version(1, email, false)
        };
        assert_eq!(told(&[clocked(1, "a@example.com")], &clocked(2, "a@example.com")), Outcome::Updated);
        assert_eq!(told(&[clocked(2, "a@example.com")], &clocked(1, "b@example.com")), Outcome::Stale);
        // Of two that one clock does not tell apart the later speaks.
        let later = Version { timestamp: 2_000_000, ..clocked(1, "b@example.com") };
        assert_eq!(told(&[clocked(1, "a@example.com")], &later), Outcome::Updated);
        assert_eq!(told(&[later], &clocked(1, "a@example.com")), Outcome::Stale);
    }

    #[test]
    fn a_record_is_deleted_only_where_nothing_later_revives_it() {
        let (first, gone) = (version(5, "a@example.com", false), version(9, "", true));
        let revived = version(11, "a@example.com", false);
        let (before, after) = (state(std::slice::from_ref(&first)), state(&[first.clone(), gone.clone()]));
        assert_eq!(Outcome::accepted(true, Some(&before), &after), Outcome::Deleted);
        assert_eq!(Outcome::accepted(true, None, &state(std::slice::from_ref(&gone))), Outcome::Deleted);
        let alive = state(&[first.clone(), revived.clone()]);
        assert_ne!(Outcome::accepted(true, Some(&alive), &state(&[first, revived, gone])), Outcome::Deleted);
    }
}
