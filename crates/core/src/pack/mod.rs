//! What is stored in great numbers, packed: versions of source records, values and lineage of golden records; states of
//! records ([`crate::record::State`]) by the same means.
//!
//! Numbers are LEB128 (signed ones zigzag), texts length and bytes, lists length and items. Each form begins with a
//! number that is raised when it changes.

mod lineage;
mod names;
mod values;
mod version;

pub use lineage::{pack_lineage, unpack_lineage};
pub(crate) use names::name;
pub(crate) use values::value;
pub use values::{pack_values, unpack_values, Packed};
pub use version::{pack_originals, pack_version, unpack_version, version_hash};

use crate::record::RecordRef;

pub(crate) fn number(out: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

pub(crate) fn signed(out: &mut Vec<u8>, value: i64) {
    number(out, ((value << 1) ^ (value >> 63)) as u64);
}

pub(crate) fn text(out: &mut Vec<u8>, text: &str) {
    number(out, text.len() as u64);
    out.extend(text.as_bytes());
}

pub(crate) fn reference(out: &mut Vec<u8>, reference: &RecordRef) {
    text(out, &reference.system);
    text(out, &reference.id);
}

/// Reads what was packed; `None` where the bytes are no such thing.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub(crate) fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    pub(crate) fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// A length that what follows can have: nothing is reserved on the word of damaged bytes.
    pub(crate) fn length(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok().filter(|length| *length <= self.0.len())
    }

    /// So many bytes.
    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    /// The bytes of a text.
    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.length()?;
        self.take(length)
    }

    pub(crate) fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    pub(crate) fn reference(&mut self) -> Option<RecordRef> {
        Some(RecordRef::new(self.text()?, self.text()?))
    }

    /// Names with what `read` reads after each, as many as the number before them says.
    pub(crate) fn named<T>(
        mut self,
        read: impl Fn(&mut Reader<'a>) -> Option<T>,
    ) -> impl Iterator<Item = (&'a str, T)> {
        let count = self.number().unwrap_or(0);
        (0..count).map_while(move |_| Some((self.name()?, read(&mut self)?)))
    }

    /// Whether all was read.
    pub(crate) fn done(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}
