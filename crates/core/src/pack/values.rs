//! Values of a golden record by attribute, packed.

use super::{name, number, text, Reader};
use crate::value::{Text, Value};
use std::collections::BTreeMap;

/// Raised when the form changes.
const FORMAT: u8 = 1;

/// A value: canonical text, and 0 where the displayed one is the same, else one more than its length, and it.
pub(crate) fn value(out: &mut Vec<u8>, Value { canonical, display }: &Value) {
    text(out, canonical);
    if canonical == display {
        out.push(0);
    } else {
        number(out, display.len() as u64 + 1);
        out.extend(display.as_bytes());
    }
}

impl<'a> Reader<'a> {
    /// A value: its canonical and its displayed text.
    pub(crate) fn value(&mut self) -> Option<(&'a str, &'a str)> {
        let canonical = self.text()?;
        match self.number()?.checked_sub(1) {
            None => Some((canonical, canonical)),
            Some(length) => Some((canonical, std::str::from_utf8(self.take(usize::try_from(length).ok()?)?).ok()?)),
        }
    }

    /// Goes past a value.
    pub(crate) fn skip_value(&mut self) -> Option<()> {
        self.bytes()?;
        if let Some(length) = self.number()?.checked_sub(1) {
            self.take(usize::try_from(length).ok()?)?;
        }
        Some(())
    }
}

/// Packs values, by attribute.
pub fn pack_values(values: &BTreeMap<Text, Value>) -> Vec<u8> {
    let mut out = Vec::with_capacity(128);
    out.push(FORMAT);
    number(&mut out, values.len() as u64);
    for (attribute, said) in values {
        name(&mut out, attribute);
        value(&mut out, said);
    }
    out
}

/// A value where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packed<'a> {
    /// The attribute.
    pub name: &'a str,
    /// The form in which it is compared.
    pub canonical: &'a str,
    /// The form in which it is shown.
    pub display: &'a str,
}

impl Packed<'_> {
    /// The value, to be kept.
    pub fn value(&self) -> Value {
        Value::new(self.canonical, self.display)
    }
}

/// The values that were packed; `None` for bytes that are none.
pub fn unpack_values(bytes: &[u8]) -> Option<Vec<Packed<'_>>> {
    let mut from = Reader(bytes);
    if from.byte()? != FORMAT {
        return None;
    }
    let count = from.length()?;
    let mut values = Vec::with_capacity(count);
    for _ in 0..count {
        let name = from.name()?;
        let (canonical, display) = from.value()?;
        values.push(Packed { name, canonical, display });
    }
    from.done()?;
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn values() -> impl Strategy<Value = BTreeMap<Text, Value>> {
        let names = prop_oneof![".{0,5}", Just("email".to_owned())].prop_map(Text::from);
        let value = (".{0,5}", ".{0,5}", any::<bool>())
            .prop_map(|(a, b, same)| if same { Value::same(a) } else { Value::new(a, b) });
        prop::collection::btree_map(names, value, 0..5)
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(values in values()) {
            let packed = pack_values(&values);
            let back = unpack_values(&packed).map(|all| all.iter().map(|one| (one.name.into(), one.value())).collect());
            prop_assert!(back == Some(values));
        }

        #[test]
        fn damaged_bytes_never_panic(values in values(), at in any::<prop::sample::Index>(), by in 1..=255_u8) {
            let mut bytes = pack_values(&values);
            let at = at.index(bytes.len());
            prop_assert!(unpack_values(&bytes[..at]).is_none());
            bytes[at] ^= by;
            let _ = unpack_values(&bytes);
        }
    }
}
