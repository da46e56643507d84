//! What a record says, packed. An assertion is canonical text, displayed text (empty: the same), time, priority.

use super::{number, signed, text, Reader};
use crate::record::{Assertion, ByName, Held, RecordRef, State};
use crate::value::Value;
use std::collections::BTreeSet;

/// Raised when the format changes.
const FORMAT: u8 = 1;

/// Packs a state.
pub fn pack_state(state: &State) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    out.extend([FORMAT, u8::from(state.live)]);
    text(&mut out, &state.region);
    number(&mut out, state.held.len() as u64);
    for (name, held) in state.held.iter() {
        text(&mut out, name);
        assertion(&mut out, &held.current);
        let moved = *held.earliest() != held.current;
        out.push(u8::from(moved));
        if moved {
            assertion(&mut out, held.earliest());
        }
    }
    number(&mut out, state.unreadable.len() as u64);
    for (name, said) in state.unreadable.iter() {
        text(&mut out, name);
        text(&mut out, said);
    }
    number(&mut out, state.raw.len() as u64);
    for (name, value) in state.raw.iter() {
        text(&mut out, name);
        text(&mut out, &value.to_string());
    }
    number(&mut out, state.cross_references.len() as u64);
    for reference in &state.cross_references {
        text(&mut out, &reference.system);
        text(&mut out, &reference.id);
    }
    out
}

/// The state that was packed; `None` for bytes that are no packed state.
pub fn unpack_state(bytes: &[u8]) -> Option<State> {
    let mut from = Reader(bytes);
    let (format, live) = (from.byte()?, from.byte()?);
    if format != FORMAT || live > 1 {
        return None;
    }
    let region = from.text()?.into();
    let held = named(&mut from, |from| {
        let current = read_assertion(from)?;
        let earliest = if from.byte()? == 1 { read_assertion(from)? } else { current.clone() };
        Some(Held::new(current, earliest))
    })?;
    let unreadable = named(&mut from, |from| Some(from.text()?.into()))?;
    let raw = named(&mut from, |from| serde_json::from_str(from.text()?).ok())?;
    let mut cross_references = BTreeSet::new();
    for _ in 0..from.length()? {
        cross_references.insert(RecordRef::new(from.text()?, from.text()?));
    }
    from.done()?;
    Some(State { live: live == 1, region, held, unreadable, raw, cross_references })
}

fn assertion(out: &mut Vec<u8>, said: &Assertion) {
    let Value { canonical, display } = &said.value;
    text(out, canonical);
    // A canonical text is never empty where the displayed one is another, so that empty can stand for "the same".
    text(out, if canonical == display { "" } else { display });
    signed(out, said.at);
    signed(out, i64::from(said.priority));
}

fn read_assertion(from: &mut Reader) -> Option<Assertion> {
    let (canonical, display) = (from.text()?, from.text()?);
    let value = if display.is_empty() { Value::same(canonical) } else { Value::new(canonical, display) };
    Some(Assertion { value, at: from.signed()?, priority: i32::try_from(from.signed()?).ok()? })
}

fn named<'a, T>(from: &mut Reader<'a>, mut read: impl FnMut(&mut Reader<'a>) -> Option<T>) -> Option<ByName<T>> {
    let length = from.length()?;
    let mut all = ByName::with_capacity(length);
    for _ in 0..length {
        let name = from.text()?;
        // They were packed in order: each comes last.
        if all.try_append(name.into(), read(from)?).is_some() {
            return None;
        }
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn assertions() -> impl Strategy<Value = Assertion> {
        (".{1,9}", ".{1,9}", any::<bool>(), any::<i64>(), any::<i32>()).prop_map(|(a, b, same, at, priority)| {
            Assertion { value: if same { Value::same(a) } else { Value::new(a, &b) }, at, priority }
        })
    }

    fn states() -> impl Strategy<Value = State> {
        let held = prop::collection::btree_map(".{0,5}", (assertions(), assertions(), any::<bool>()), 0..5);
        let texts = || prop::collection::btree_map(".{0,5}", ".{0,9}", 0..3);
        (any::<bool>(), ".{0,3}", held, texts(), texts(), texts()).prop_map(
            |(live, region, held, said, raw, others)| State {
                live,
                region: region.into(),
                held: held
                    .into_iter()
                    .map(|(name, (now, first, moved))| {
                        (name.into(), Held::new(now.clone(), if moved { first } else { now }))
                    })
                    .collect(),
                unreadable: said.into_iter().map(|(name, said)| (name.into(), said.into())).collect(),
                raw: raw
                    .into_iter()
                    .map(|(name, said)| (name.into(), serde_json::json!({ "a": [said, 1.50] })))
                    .collect(),
                cross_references: others.into_iter().map(|(system, id)| RecordRef::new(system, id)).collect(),
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(state in states()) {
            prop_assert!(unpack_state(&pack_state(&state)).is_some_and(|back| back == state));
        }

        #[test]
        fn damaged_bytes_are_none_or_a_state_and_never_a_panic(state in states(), at in any::<prop::sample::Index>(), by in 1..=255_u8) {
            let mut bytes = pack_state(&state);
            let at = at.index(bytes.len());
            prop_assert!(unpack_state(&bytes[..at]).is_none());
            bytes[at] ^= by;
            let _ = unpack_state(&bytes);
        }
    }
}
