//! Lineage of a golden record, packed: who won each attribute, by which action, why, and who lost. No values.
//!
//! The records come first, each with the first event time that is stated of it: others are told by their distance to it.
//! Actions and reasons are told by their numbers.

use super::{name, number, reference, signed, Reader};
use crate::record::RecordRef;
use crate::survive::{Action, Choice, Loser, Reason, Survivor};
use crate::value::{Micros, Text, Value};
use std::collections::BTreeMap;

/// Raised when the format changes.
const FORMAT: u8 = 2;

/// The records of one lineage, by number, with the time that others are told from.
#[derive(Default)]
struct Records<'a> {
    numbers: BTreeMap<&'a RecordRef, usize>,
    listed: Vec<(&'a RecordRef, Micros)>,
}

impl<'a> Records<'a> {
    fn number(&mut self, record: &'a RecordRef, at: Micros) -> usize {
        *self.numbers.entry(record).or_insert_with(|| {
            self.listed.push((record, at));
            self.listed.len() - 1
        })
    }

    fn stated(&mut self, out: &mut Vec<u8>, record: &'a RecordRef, at: Micros, priority: i32) {
        let place = self.number(record, at);
        number(out, place as u64);
        signed(out, at.wrapping_sub(self.listed[place].1));
        signed(out, i64::from(priority));
    }
}

/// The number of what chose a value: 0 for a steward, an action's from 1 on.
fn choice(choice: Choice) -> u8 {
    match choice {
        Choice::Override => 0,
        Choice::Rule(action) => action as u8 + 1,
    }
}

/// Packs lineage, by attribute.
pub fn pack_lineage(survivors: &BTreeMap<Text, Survivor>) -> Vec<u8> {
    let mut records = Records::default();
    let mut lines = Vec::with_capacity(256);
    number(&mut lines, survivors.len() as u64);
    for (attribute, survivor) in survivors {
        name(&mut lines, attribute);
        records.stated(&mut lines, &survivor.winner, survivor.at, survivor.priority);
        lines.extend([choice(survivor.action), survivor.reason as u8]);
        number(&mut lines, survivor.losers.len() as u64);
        for loser in &survivor.losers {
            records.stated(&mut lines, &loser.record, loser.at, loser.priority);
            lines.extend([u8::from(loser.agrees), loser.reason as u8]);
        }
        number(&mut lines, survivor.sources.len() as u64);
        for sources in &survivor.sources {
            number(&mut lines, sources.len() as u64);
            for source in sources {
                let place = records.number(source, survivor.at);
                number(&mut lines, place as u64);
            }
        }
    }
    let mut out = Vec::with_capacity(lines.len() + 64);
    out.push(FORMAT);
    number(&mut out, records.listed.len() as u64);
    for (record, at) in records.listed {
        reference(&mut out, record);
        signed(&mut out, at);
    }
    out.extend(lines);
    out
}

/// The lineage that was packed, with empty values; `None` for bytes that are none.
pub fn unpack_lineage(bytes: &[u8]) -> Option<BTreeMap<Text, Survivor>> {
    let mut from = Reader(bytes);
    if from.byte()? != FORMAT {
        return None;
    }
    let mut records = Vec::new();
    for _ in 0..from.length()? {
        records.push((from.reference()?, from.signed()?));
    }
    let mut survivors = BTreeMap::new();
    for _ in 0..from.length()? {
        let name: Text = from.name()?.into();
        let (winner, at, priority) = stated(&mut from, &records)?;
        let (action, reason) = (read_choice(&mut from)?, read_reason(&mut from)?);
        let mut losers = Vec::new();
        for _ in 0..from.length()? {
            let (record, at, priority) = stated(&mut from, &records)?;
            let agrees = from.byte()? == 1;
            losers.push(Loser { record, at, priority, agrees, reason: read_reason(&mut from)? });
        }
        let mut sources = Vec::new();
        for _ in 0..from.length()? {
            let mut of_one = Vec::new();
            for _ in 0..from.length()? {
                of_one.push(records.get(usize::try_from(from.number()?).ok()?)?.0.clone());
            }
            sources.push(of_one);
        }
        let value = Value::same("");
        survivors.insert(name, Survivor { value, winner, at, priority, action, reason, sources, losers });
    }
    from.done()?;
    Some(survivors)
}

fn stated(from: &mut Reader, records: &[(RecordRef, Micros)]) -> Option<(RecordRef, Micros, i32)> {
    let (record, first) = records.get(usize::try_from(from.number()?).ok()?)?;
    Some((record.clone(), first.wrapping_add(from.signed()?), i32::try_from(from.signed()?).ok()?))
}

fn read_choice(from: &mut Reader) -> Option<Choice> {
    match from.byte()? {
        0 => Some(Choice::Override),
        action => Action::ALL.get(usize::from(action) - 1).map(|action| Choice::Rule(*action)),
    }
}

fn read_reason(from: &mut Reader) -> Option<Reason> {
    Reason::ALL.get(usize::from(from.byte()?)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn records() -> impl Strategy<Value = RecordRef> {
        ("[AB]", "[0-9]").prop_map(|(system, id)| RecordRef::new(system, id))
    }

    fn choices() -> impl Strategy<Value = Choice> {
        prop_oneof![Just(Choice::Override), prop::sample::select(&Action::ALL[..]).prop_map(Choice::Rule)]
    }

    fn reasons() -> impl Strategy<Value = Reason> {
        prop::sample::select(&Reason::ALL[..])
    }

    fn losers() -> impl Strategy<Value = Loser> {
        (records(), any::<i64>(), any::<i32>(), any::<bool>(), reasons())
            .prop_map(|(record, at, priority, agrees, reason)| Loser { record, at, priority, agrees, reason })
    }

    fn survivors() -> impl Strategy<Value = BTreeMap<Text, Survivor>> {
        let sources = prop::collection::vec(prop::collection::vec(records(), 0..3), 0..3);
        let losers = prop::collection::vec(losers(), 0..3);
        let one = (records(), any::<i64>(), any::<i32>(), choices(), reasons(), sources, losers).prop_map(
            |(winner, at, priority, action, reason, sources, losers)| {
                let value = Value::same("");
                Survivor { value, winner, at, priority, action, reason, sources, losers }
            },
        );
        prop::collection::btree_map(".{0,5}".prop_map(Text::from), one, 0..4)
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(lineage in survivors()) {
            prop_assert!(unpack_lineage(&pack_lineage(&lineage)).is_some_and(|back| back == lineage));
        }

        #[test]
        fn damaged_bytes_never_panic(lineage in survivors(), at in any::<prop::sample::Index>(), by in 1..=255_u8) {
            let mut bytes = pack_lineage(&lineage);
            let at = at.index(bytes.len());
            prop_assert!(unpack_lineage(&bytes[..at]).is_none());
            bytes[at] ^= by;
            let _ = unpack_lineage(&bytes);
        }
    }
}
