//! A record as it stands, packed as it is stored: there are millions of states in memory at once, and most are only looked
//! at for a value or two.
//!
//! The form: format, whether it lives, region; what it holds by attribute, an assertion, whether another came first and
//! that; what could not be read by attribute; raw JSON by key; cross-references. An assertion is a value, time, priority.
//! What is said by name ascends by name.

use super::draft::{Run, Stated};
use super::RecordRef;
use crate::pack::{name, number, reference, signed, text, value, Reader};
use crate::value::{Micros, Value};
use serde_json::value::RawValue;
use std::collections::BTreeSet;

/// Raised when the form changes.
const FORMAT: u8 = 1;

/// A value stated for an attribute by a source record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Assertion<'a> {
    /// The form in which the value is compared.
    pub canonical: &'a str,
    /// The form in which it is shown.
    pub display: &'a str,
    /// The event time at which the value's unbroken run began.
    pub at: Micros,
    /// `sourcePriority` of the version that began the run, or the source's.
    pub priority: i32,
}

impl Assertion<'_> {
    /// The value, to be kept.
    pub fn value(&self) -> Value {
        Value::new(self.canonical, self.display)
    }
}

/// Personal data: a debug print tells when, not what.
impl std::fmt::Debug for Assertion<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Assertion(… at {})", self.at)
    }
}

/// What a source record says of one attribute, over all of its versions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Held<'a> {
    /// What it says now.
    pub current: Assertion<'a>,
    /// Where another came first: that, packed.
    first: &'a [u8],
}

impl<'a> Held<'a> {
    /// The assertion with the earliest event time since the last retraction: what `KEEP_EXISTING` looks at. Equal to
    /// `current` for a state source.
    pub fn earliest(&self) -> Assertion<'a> {
        assertion(&mut Reader(self.first)).unwrap_or(self.current)
    }
}

/// A source record as it stands: the fold of its accepted versions. All later steps work on states alone.
#[derive(Clone)]
pub struct State {
    packed: Box<[u8]>,
    /// Where what could not be read begins.
    unreadable: u32,
    /// Where raw JSON begins.
    raw: u32,
    cross_references: BTreeSet<RecordRef>,
}

/// Two states that say the same are packed alike.
impl PartialEq for State {
    fn eq(&self, other: &State) -> bool {
        self.packed == other.packed
    }
}

/// Says nothing, and lives nowhere.
impl Default for State {
    fn default() -> State {
        super::Draft::default().into()
    }
}

/// Personal data: a debug print tells how much there is of it.
impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "State({} attributes)", self.held().count())
    }
}

impl State {
    /// What is said by name must ascend by name.
    pub(crate) fn pack<'a>(
        live: bool,
        region: &str,
        held: impl ExactSizeIterator<Item = (&'a str, &'a Run)>,
        unreadable: impl ExactSizeIterator<Item = (&'a str, impl AsRef<str>)>,
        raw: impl ExactSizeIterator<Item = (&'a str, &'a serde_json::Value)>,
        cross_references: BTreeSet<RecordRef>,
    ) -> State {
        let mut out = Vec::with_capacity(512);
        out.extend([FORMAT, u8::from(live)]);
        text(&mut out, region);
        number(&mut out, held.len() as u64);
        for (attribute, Run { current, first }) in held {
            name(&mut out, attribute);
            put(&mut out, current);
            out.push(u8::from(first.is_some()));
            first.iter().for_each(|first| put(&mut out, first));
        }
        let unreadable_at = out.len() as u32;
        number(&mut out, unreadable.len() as u64);
        for (attribute, said) in unreadable {
            name(&mut out, attribute);
            text(&mut out, said.as_ref());
        }
        let raw_at = out.len() as u32;
        number(&mut out, raw.len() as u64);
        for (key, json) in raw {
            name(&mut out, key);
            text(&mut out, &json.to_string());
        }
        number(&mut out, cross_references.len() as u64);
        cross_references.iter().for_each(|other| reference(&mut out, other));
        State { packed: out.into(), unreadable: unreadable_at, raw: raw_at, cross_references }
    }

    /// The state that was packed; `None` for bytes that are no packed state.
    pub fn unpack(bytes: &[u8]) -> Option<State> {
        let mut from = Reader(bytes);
        let at = |from: &Reader| u32::try_from(bytes.len() - from.0.len()).ok();
        let (format, live) = (from.byte()?, from.byte()?);
        if format != FORMAT || live > 1 {
            return None;
        }
        from.text()?;
        ascending(&mut from, |from| held(from).map(drop))?;
        let unreadable = at(&from)?;
        ascending(&mut from, |from| from.text().map(drop))?;
        let raw = at(&from)?;
        ascending(&mut from, |from| serde_json::from_str::<&RawValue>(from.text()?).map(drop).ok())?;
        let mut cross_references = BTreeSet::new();
        for _ in 0..from.length()? {
            cross_references.insert(from.reference()?);
        }
        from.done()?;
        Some(State { packed: bytes.into(), unreadable, raw, cross_references })
    }

    /// As it is stored.
    pub fn packed(&self) -> &[u8] {
        &self.packed
    }

    /// False when the last version deleted the record: it asserts nothing and belongs to no cluster.
    pub fn live(&self) -> bool {
        self.packed[1] == 1
    }

    /// ISO 3166-1 alpha-2: the record's `country`, else the source's region, else `US`.
    pub fn region(&self) -> &str {
        Reader(&self.packed[2..]).text().unwrap_or_default()
    }

    /// By attribute name, ascending: only attributes that the entity type has and that hold a value now.
    pub fn held(&self) -> impl Iterator<Item = (&str, Held<'_>)> {
        self.statements().named(held)
    }

    /// What is held of one attribute.
    pub fn held_of(&self, attribute: &str) -> Option<Held<'_>> {
        held(&mut self.find(attribute)?)
    }

    /// The canonical value now held for `attribute`.
    pub fn canonical(&self, attribute: &str) -> Option<&str> {
        self.find(attribute)?.text()
    }

    /// By attribute name, ascending: the text of stated values that the attribute's kind could not read.
    pub fn unreadable(&self) -> impl Iterator<Item = (&str, &str)> {
        Reader(&self.packed[self.unreadable as usize..]).named(Reader::text)
    }

    /// Keys without an attribute, and unreadable values, ascending, with the last JSON value stated for each.
    pub fn raw(&self) -> impl Iterator<Item = (&str, serde_json::Value)> {
        let json = |from: &mut Reader| serde_json::from_str(from.text()?).ok();
        Reader(&self.packed[self.raw as usize..]).named(json)
    }

    /// Further identifiers of the same record in other systems.
    pub fn cross_references(&self) -> &BTreeSet<RecordRef> {
        &self.cross_references
    }

    /// What is held, from its number on.
    fn statements(&self) -> Reader<'_> {
        let mut from = Reader(&self.packed[2..]);
        // The region.
        let _ = from.bytes();
        from
    }

    /// What is held of an attribute.
    fn find(&self, attribute: &str) -> Option<Reader<'_>> {
        let mut from = self.statements();
        for _ in 0..from.number()? {
            match from.name_bytes()?.cmp(attribute.as_bytes()) {
                std::cmp::Ordering::Equal => return Some(from),
                std::cmp::Ordering::Greater => return None,
                std::cmp::Ordering::Less => skip_held(&mut from)?,
            };
        }
        None
    }
}

fn put(out: &mut Vec<u8>, stated: &Stated) {
    value(out, &stated.value);
    signed(out, stated.at);
    signed(out, i64::from(stated.priority));
}

fn assertion<'a>(from: &mut Reader<'a>) -> Option<Assertion<'a>> {
    let (canonical, display) = from.value()?;
    Some(Assertion { canonical, display, at: from.signed()?, priority: i32::try_from(from.signed()?).ok()? })
}

fn held<'a>(from: &mut Reader<'a>) -> Option<Held<'a>> {
    let current = assertion(from)?;
    let moved = from.byte()? == 1;
    let whole = from.0;
    if moved {
        assertion(from)?;
    }
    Some(Held { current, first: &whole[..whole.len() - from.0.len()] })
}

/// Passes by a held value that nobody wants.
fn skip_held(from: &mut Reader) -> Option<()> {
    skip_assertion(from)?;
    if from.byte()? == 1 {
        skip_assertion(from)?;
    }
    Some(())
}

fn skip_assertion(from: &mut Reader) -> Option<()> {
    from.skip_value()?;
    from.number()?;
    from.number()?;
    Some(())
}

/// Reads what is said by name, each name once, ascending.
fn ascending(from: &mut Reader, mut read: impl FnMut(&mut Reader) -> Option<()>) -> Option<()> {
    let mut last = None;
    for _ in 0..from.length()? {
        let name = Some(from.name()?);
        if name <= last {
            return None;
        }
        last = name;
        read(from)?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::Draft;
    use super::*;
    use proptest::prelude::*;

    fn stated() -> impl Strategy<Value = Stated> {
        (".{1,9}", ".{1,9}", any::<bool>(), any::<i64>(), any::<i32>()).prop_map(|(a, b, same, at, priority)| Stated {
            value: if same { Value::same(a) } else { Value::new(a, &b) },
            at,
            priority,
        })
    }

    fn drafts() -> impl Strategy<Value = Draft> {
        let held = prop::collection::btree_map(".{0,5}", (stated(), stated(), any::<bool>()), 0..5);
        let texts = || prop::collection::btree_map(".{0,5}", ".{0,9}", 0..3);
        (any::<bool>(), ".{0,3}", held, texts(), texts(), texts()).prop_map(
            |(live, region, held, said, raw, others)| Draft {
                live,
                region: region.into(),
                held: held
                    .into_iter()
                    .map(|(name, (now, first, moved))| {
                        (name.into(), Run::new(now.clone(), if moved { first } else { now }))
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
        fn what_is_packed_comes_back(draft in drafts()) {
            let state = State::from(draft.clone());
            let back = State::unpack(state.packed()).unwrap();
            prop_assert!(back == state && Draft::from(&back) == draft && Draft::from(&state) == draft);
            prop_assert!(back.live() == draft.live && back.region() == draft.region && *back.cross_references() == draft.cross_references);
            for (name, held) in back.held() {
                prop_assert!(back.held_of(name) == Some(held) && back.canonical(name) == Some(held.current.canonical));
            }
            for name in ["", "a", "zzz"] {
                prop_assert!(back.held_of(name).is_some() == draft.held.contains_key(name));
            }
        }

        #[test]
        fn damaged_bytes_are_none_or_a_state_and_never_a_panic(draft in drafts(), at in any::<prop::sample::Index>(), by in 1..=255_u8) {
            let mut bytes = State::from(draft).packed().to_vec();
            let at = at.index(bytes.len());
            prop_assert!(State::unpack(&bytes[..at]).is_none());
            bytes[at] ^= by;
            if let Some(state) = State::unpack(&bytes) {
                let _ = (state.region(), state.raw().count(), state.unreadable().count(), Draft::from(&state));
            }
        }
    }
}
