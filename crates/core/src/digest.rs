//! The digest: SHA-256 over everything that resolution decides, as a text that a person can read and compare.
//!
//! ```text
//! golden ["CRM","1"] ["Web","7"]
//!   email "john.doe@example.com" ["CRM","1"] UPDATE_IF_NEWER
//! review ["CRM","1"] ["ERP","4"] ambiguous,score 100.000
//! ```
//!
//! Names and values are JSON strings, so that no two states have one text. Neither golden ids nor times of processing
//! are in it: it is a function of the records, decisions and configuration alone.

use crate::record::RecordRef;
use crate::survive::Survivor;
use crate::value::Text;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// A golden record.
#[derive(Clone, Copy)]
pub struct Golden<'a> {
    /// Its source records, ascending; at least one.
    pub members: &'a [RecordRef],
    /// Its values by attribute.
    pub values: &'a BTreeMap<Text, Survivor>,
}

/// An open review item: a pair of records.
#[derive(Clone, Copy)]
pub struct Open<'a> {
    /// The smallest member of the golden record of one of the two.
    pub a: &'a RecordRef,
    /// The smallest member of the golden record of the other. Items within one golden record are not open and are left out.
    pub b: &'a RecordRef,
    /// [`crate::cluster::Reason::name`].
    pub reason: &'a str,
    /// In 1/1000 points.
    pub millipoints: i64,
}

/// Puts golden records in the order in which their lines come: that of their smallest members.
pub fn arrange<T>(golden: &mut [T], members: impl Fn(&T) -> &[RecordRef]) {
    golden.sort_unstable_by(|a, b| members(a).first().cmp(&members(b).first()));
}

/// The digest of the text that was hashed: lower-case hexadecimal.
pub fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Adds the lines of a golden record: see [`arrange`].
pub fn golden_lines(text: &mut String, Golden { members, values }: Golden) {
    text.push_str("golden");
    for member in members {
        text.push(' ');
        reference(text, member);
    }
    text.push('\n');
    for (attribute, survivor) in values {
        text.push_str("  ");
        // An attribute's name may hold anything: it is quoted where a reader could mistake it.
        if attribute.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !attribute.is_empty() {
            text.push_str(attribute);
        } else {
            string(text, attribute);
        }
        text.push(' ');
        string(text, &survivor.value.canonical);
        text.push(' ');
        reference(text, &survivor.winner);
        text.push(' ');
        text.push_str(survivor.action.name());
        text.push('\n');
    }
}

/// Adds the lines of the open review items, which follow the golden records; whatever their order.
pub fn review_lines(text: &mut String, open: &[Open]) {
    let mut folded: BTreeMap<(&RecordRef, &RecordRef), (BTreeSet<&str>, i64)> = BTreeMap::new();
    for item in open.iter().filter(|item| item.a != item.b) {
        let (reasons, best) =
            folded.entry((item.a.min(item.b), item.a.max(item.b))).or_insert((BTreeSet::new(), i64::MIN));
        reasons.insert(item.reason);
        *best = item.millipoints.max(*best);
    }
    for ((a, b), (reasons, best)) in folded {
        text.push_str("review ");
        reference(text, a);
        text.push(' ');
        reference(text, b);
        for (at, reason) in reasons.into_iter().enumerate() {
            text.push(if at == 0 { ' ' } else { ',' });
            text.push_str(reason);
        }
        let _ = writeln!(text, " {}.{:03}", best.div_euclid(1000), best.rem_euclid(1000));
    }
}

fn string(text: &mut String, value: &str) {
    text.push_str(&serde_json::Value::from(value).to_string());
}

fn reference(text: &mut String, record: &RecordRef) {
    text.push('[');
    string(text, &record.system);
    text.push(',');
    string(text, &record.id);
    text.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survive::{Action, Choice, Reason};
    use crate::value::Value;

    fn survivor(canonical: &str, winner: &RecordRef) -> Survivor {
        Survivor {
            value: Value::same(canonical),
            winner: winner.clone(),
            at: 0,
            priority: 1,
            action: Choice::Rule(Action::UpdateIfNewer),
            reason: Reason::OnlyValue,
            sources: Vec::new(),
            losers: Vec::new(),
        }
    }

    #[test]
    fn the_text_is_sorted_folded_and_escaped() {
        let [a, b, c] = [("CRM", "1"), ("Web", "7\n"), ("ERP", "\"4")].map(|(system, id)| RecordRef::new(system, id));
        let (first, second) = ([a.clone(), b.clone()], [c.clone()]);
        let values =
            BTreeMap::from([("email".into(), survivor("x@example.com", &b)), ("odd name".into(), survivor("", &a))]);
        let none = BTreeMap::new();
        let golden = [Golden { members: &second, values: &none }, Golden { members: &first, values: &values }];
        let item = |x, y, reason, millipoints| Open { a: x, b: y, reason, millipoints };
        let open = [item(&c, &a, "score", 98_765), item(&a, &c, "ambiguous", 100_000), item(&a, &a, "score", 99_000)];
        let digest_text = |mut golden: Vec<Golden>, open: &[Open]| {
            let mut text = String::new();
            arrange(&mut golden, |one| one.members);
            golden.into_iter().for_each(|one| golden_lines(&mut text, one));
            review_lines(&mut text, open);
            text
        };
        let digest =
            |golden: &[Golden], open: &[Open]| hex(Sha256::new().chain_update(digest_text(golden.to_vec(), open)));
        let expected = "golden [\"CRM\",\"1\"] [\"Web\",\"7\\n\"]\n  email \"x@example.com\" [\"Web\",\"7\\n\"] \
            UPDATE_IF_NEWER\n  \"odd name\" \"\" [\"CRM\",\"1\"] UPDATE_IF_NEWER\ngolden [\"ERP\",\"\\\"4\"]\n\
            review [\"CRM\",\"1\"] [\"ERP\",\"\\\"4\"] ambiguous,score 100.000\n";
        assert_eq!(digest_text(golden.to_vec(), &open), expected);
        let mut turned = golden;
        turned.reverse();
        assert_eq!(digest(&turned, &[open[1], open[0]]), digest(&golden, &open));
        assert_ne!(digest(&golden, &open[1..]), digest(&golden, &open));
        assert_eq!(digest(&[], &[]), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
