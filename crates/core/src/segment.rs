//! Who is in which block, packed: a million records are in some twenty million blocks, and a row for each would cost
//! more than all else that is stored of them.
//!
//! Blocks are 64-bit numbers spread evenly. A segment holds those with the same first bits, ascending: for each block
//! the distance from the one before, the number of its members, and their distances, as LEB128 numbers.

use crate::pack::{number, Reader};

/// A member of a block: (block, record), ordered by block, then record.
pub type Member = (i64, i64);

/// Bytes that a segment holds on the average: a few of them fit a page.
const SEGMENT: usize = 1_400;
/// Bytes that a member takes, roughly.
const MEMBER: usize = 8;

/// By how many bits a block is shifted right to give its segment, for so many members.
pub fn shift(members: usize) -> u32 {
    let segments = (members * MEMBER).div_ceil(SEGMENT).max(1);
    64 - usize::BITS.saturating_sub((segments - 1).leading_zeros()).min(30)
}

/// The segment of a block.
pub fn segment_of(block: i64, shift: u32) -> i32 {
    if shift >= 64 {
        0
    } else {
        (block >> shift) as i32
    }
}

/// Where the blocks of a segment begin.
fn base(segment: i32, shift: u32) -> i64 {
    if shift >= 64 {
        i64::MIN
    } else {
        i64::from(segment) << shift
    }
}

/// Packs the members of one segment, which ascend.
pub fn pack(segment: i32, shift: u32, members: &[Member]) -> Vec<u8> {
    let mut out = Vec::with_capacity(members.len() * MEMBER);
    let mut last = base(segment, shift);
    for block in members.chunk_by(|a, b| a.0 == b.0) {
        number(&mut out, block[0].0.wrapping_sub(last) as u64);
        number(&mut out, block.len() as u64);
        last = block[0].0;
        let mut before = 0;
        for &(_, record) in block {
            number(&mut out, (record - before) as u64);
            before = record;
        }
    }
    out
}

/// The members of one segment, ascending; `None` where the bytes are no segment.
pub fn unpack(segment: i32, shift: u32, bytes: &[u8]) -> Option<Vec<Member>> {
    let (mut rest, mut members) = (Reader(bytes), Vec::new());
    let mut block = base(segment, shift);
    while !rest.0.is_empty() {
        block = block.wrapping_add(rest.number()? as i64);
        take(&mut rest, block, &mut members)?;
    }
    Some(members)
}

/// The members of some blocks, which ascend, as far as they are in one segment; `None` where the bytes are no segment.
pub fn pick(segment: i32, shift: u32, bytes: &[u8], wanted: &[i64]) -> Option<Vec<Member>> {
    let (mut rest, mut members) = (Reader(bytes), Vec::new());
    let mut block = base(segment, shift);
    let mut wanted = &wanted[wanted.partition_point(|one| *one < block)..];
    while !rest.0.is_empty() {
        block = block.wrapping_add(rest.number()? as i64);
        wanted = &wanted[wanted.iter().take_while(|one| **one < block).count()..];
        match wanted.first() {
            None => break,
            Some(one) if *one == block => take(&mut rest, block, &mut members)?,
            Some(_) => skip(&mut rest)?,
        }
    }
    Some(members)
}

/// The members of the block at which `rest` stands.
fn take(rest: &mut Reader, block: i64, members: &mut Vec<Member>) -> Option<()> {
    let mut record = 0i64;
    for _ in 0..rest.number()? {
        record = record.checked_add_unsigned(rest.number()?)?;
        members.push((block, record));
    }
    Some(())
}

fn skip(rest: &mut Reader) -> Option<()> {
    let mut count = rest.number()?;
    while count > 0 {
        count -= u64::from(rest.byte()? < 0x80);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_few_members_are_one_segment_and_a_million_records_some_hundred_thousand() {
        assert_eq!((shift(0), shift(1), segment_of(i64::MIN, shift(1))), (64, 64, 0));
        assert!((1 << 16..=1 << 18).contains(&(1u64 << (64 - shift(20_000_000)))));
    }

    #[test]
    fn the_first_block_that_a_segment_may_hold_is_found() {
        let (first, shift) = (5i64 << 50, 50);
        let bytes = pack(5, shift, &[(first, 7), (first + 1, 8)]);
        assert_eq!(pick(5, shift, &bytes, &[first]), Some(vec![(first, 7)]));
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(
            blocks in prop::collection::btree_map(any::<i64>(), prop::collection::btree_set(1..2_000_000i64, 1..5), 0..60),
            assumed in prop::sample::select(vec![0usize, 1_000, 100_000, 20_000_000]),
        ) {
            let shift = shift(assumed);
            let all: Vec<Member> =
                blocks.iter().flat_map(|(block, records)| records.iter().map(move |record| (*block, *record))).collect();
            let mut back = Vec::new();
            for part in all.chunk_by(|a, b| segment_of(a.0, shift) == segment_of(b.0, shift)) {
                let segment = segment_of(part[0].0, shift);
                let bytes = pack(segment, shift, part);
                let found = unpack(segment, shift, &bytes).unwrap();
                prop_assert_eq!(&found, part);
                // Every third block, and numbers that are none.
                let wanted: Vec<i64> =
                    blocks.keys().step_by(3).flat_map(|block| [*block, block.saturating_add(1)]).collect();
                let picked: Vec<Member> =
                    found.iter().filter(|member| wanted.contains(&member.0)).copied().collect();
                prop_assert_eq!(pick(segment, shift, &bytes, &wanted).unwrap(), picked);
                back.extend(found);
            }
            prop_assert_eq!(back, all);
        }

        #[test]
        fn damaged_bytes_are_refused_or_read_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = unpack(3, 50, &bytes);
            let _ = pick(3, 50, &bytes, &[i64::MIN, 3 << 50, (3 << 50) + 7, i64::MAX]);
        }
    }
}
