//! A version as it is stored and hashed, packed.
//!
//! The form: format; which of the parts that may be missing are there; entity type, record, event time; those parts; the
//! further references; attributes by name, each a text or JSON. The ids that it names by an alias may follow it, as they
//! were sent.

use super::{name, number, reference, signed, text, Reader};
use crate::record::{ByName, Version};
use crate::value::Text;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Raised when the form changes.
const FORMAT: u8 = 1;

const DELETED: u8 = 1;
const SEQUENCE: u8 = 2;
const PRIORITY: u8 = 4;
const CLOCK: u8 = 8;
const REGION: u8 = 16;
const NO_ENTITY: u8 = 32;

/// Packs a version: one version has one form.
pub fn pack_version(version: &Version) -> Vec<u8> {
    let Version { entity_type, record, cross_references, attributes, timestamp, .. } = version;
    let mut out = Vec::with_capacity(256);
    let there = [(DELETED, version.deleted), (SEQUENCE, version.sequence.is_some())];
    let further = [(PRIORITY, version.source_priority.is_some()), (CLOCK, version.vector_clock.is_some())];
    let beside = [(REGION, version.region.is_some()), (NO_ENTITY, version.no_entity)];
    let flags = there.into_iter().chain(further).chain(beside).filter(|(_, there)| *there).map(|(flag, _)| flag);
    out.extend([FORMAT, flags.sum()]);
    text(&mut out, entity_type);
    reference(&mut out, record);
    signed(&mut out, *timestamp);
    version.sequence.iter().for_each(|sequence| signed(&mut out, *sequence));
    version.source_priority.iter().for_each(|priority| signed(&mut out, i64::from(*priority)));
    if let Some(clock) = &version.vector_clock {
        number(&mut out, clock.len() as u64);
        for (node, count) in clock {
            text(&mut out, node);
            number(&mut out, *count);
        }
    }
    version.region.iter().for_each(|region| text(&mut out, region));
    number(&mut out, cross_references.len() as u64);
    cross_references.iter().for_each(|further| reference(&mut out, further));
    number(&mut out, attributes.len() as u64);
    for (key, value) in attributes.iter() {
        name(&mut out, key);
        stated(&mut out, value);
    }
    out
}

/// SHA-256 of a packed version: two versions with equal hashes are one.
pub fn version_hash(packed: &[u8]) -> [u8; 32] {
    Sha256::digest(packed).into()
}

/// Adds the ids that a packed version names by an alias, as they were sent.
pub fn pack_originals(packed: &mut Vec<u8>, originals: &BTreeMap<Text, Text>) {
    number(packed, originals.len() as u64);
    for (alias, sent) in originals {
        text(packed, alias);
        text(packed, sent);
    }
}

/// The version that was packed, and the ids that it names by an alias; `None` for bytes that are none.
pub fn unpack_version(bytes: &[u8]) -> Option<(Version, BTreeMap<Text, Text>)> {
    let mut from = Reader(bytes);
    let (format, flags) = (from.byte()?, from.byte()?);
    if format != FORMAT || flags > DELETED + SEQUENCE + PRIORITY + CLOCK + REGION + NO_ENTITY {
        return None;
    }
    let there = |flag| flags & flag != 0;
    let mut version = Version {
        entity_type: from.text()?.to_owned(),
        record: from.reference()?,
        timestamp: from.signed()?,
        deleted: there(DELETED),
        sequence: None,
        source_priority: None,
        region: None,
        vector_clock: None,
        cross_references: Default::default(),
        no_entity: there(NO_ENTITY),
        attributes: ByName::new(),
    };
    if there(SEQUENCE) {
        version.sequence = Some(from.signed()?);
    }
    if there(PRIORITY) {
        version.source_priority = Some(i32::try_from(from.signed()?).ok()?);
    }
    if there(CLOCK) {
        let clock = (0..from.length()?).map(|_| Some((from.text()?.to_owned(), from.number()?)));
        version.vector_clock = Some(clock.collect::<Option<_>>()?);
    }
    if there(REGION) {
        version.region = Some(from.text()?.into());
    }
    version.cross_references = (0..from.length()?).map(|_| from.reference()).collect::<Option<_>>()?;
    let count = from.length()?;
    version.attributes.reserve(count);
    for _ in 0..count {
        // They ascend.
        if version.attributes.try_append(from.name()?.into(), read_stated(&mut from)?).is_some() {
            return None;
        }
    }
    let mut originals = BTreeMap::new();
    if from.done().is_none() {
        for _ in 0..from.length()? {
            originals.insert(from.text()?.into(), from.text()?.into());
        }
    }
    from.done()?;
    Some((version, originals))
}

/// What is stated: twice the length of a text, and it; or twice the length of JSON and one, and that.
fn stated(out: &mut Vec<u8>, value: &Value) {
    let (said, json) = match value {
        Value::String(text) => (text, 0),
        json => (&json.to_string(), 1),
    };
    number(out, said.len() as u64 * 2 + json);
    out.extend(said.as_bytes());
}

fn read_stated(from: &mut Reader) -> Option<Value> {
    let code = usize::try_from(from.number()?).ok()?;
    let said = std::str::from_utf8(from.take(code / 2)?).ok()?;
    if code % 2 == 1 {
        return serde_json::from_str(said).ok();
    }
    Some(Value::String(said.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::record::RecordRef;
    use proptest::prelude::*;
    use serde_json::json;

    fn texts(count: usize) -> impl Strategy<Value = BTreeMap<Text, Text>> {
        prop::collection::btree_map(".{0,5}".prop_map(Text::from), ".{0,9}".prop_map(Text::from), 0..count)
    }

    fn versions() -> impl Strategy<Value = Version> {
        let names =
            prop_oneof!["[a-c]{0,2}", prop::sample::select(vec!["email", "city", "street"]).prop_map(String::from)];
        let values = prop_oneof![
            ".{0,9}".prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            Just(Value::Null),
            ".{0,3}".prop_map(|text| json!({ "a": [text, 1.50] })),
        ];
        let clock = prop::collection::btree_map("[a-c]{0,2}", any::<u64>(), 0..3);
        let numbers =
            (any::<i64>(), any::<Option<i64>>(), any::<Option<i32>>(), prop::option::of(clock), any::<bool>());
        let beside = (prop::option::of(".{0,3}".prop_map(Text::from)), any::<bool>());
        (texts(2), texts(3), prop::collection::btree_map(names, values, 0..6), numbers, beside).prop_map(
            |(
                named,
                others,
                attributes,
                (timestamp, sequence, source_priority, vector_clock, deleted),
                (region, no_entity),
            )| {
                let references = |texts: BTreeMap<Text, Text>| texts.into_iter().map(|(a, b)| RecordRef::new(a, b));
                Version {
                    entity_type: "CUSTOMER".into(),
                    record: references(named).next().unwrap_or(RecordRef::new("CRM", "1")),
                    cross_references: references(others).collect(),
                    attributes: attributes.into_iter().map(|(name, value)| (name.into(), value)).collect(),
                    timestamp,
                    sequence,
                    vector_clock,
                    source_priority,
                    region,
                    no_entity,
                    deleted,
                }
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(version in versions(), originals in texts(3)) {
            let mut packed = pack_version(&version);
            prop_assert!(unpack_version(&packed) == Some((version.clone(), BTreeMap::new())));
            pack_originals(&mut packed, &originals);
            prop_assert!(unpack_version(&packed) == Some((version, originals)));
        }

        #[test]
        fn damaged_bytes_are_none_or_a_version_and_never_a_panic(
            version in versions(),
            at in any::<prop::sample::Index>(),
            by in 1..=255_u8,
        ) {
            let mut bytes = pack_version(&version);
            let at = at.index(bytes.len());
            prop_assert!(unpack_version(&bytes[..at]).is_none());
            bytes[at] ^= by;
            let _ = unpack_version(&bytes);
        }
    }
}
