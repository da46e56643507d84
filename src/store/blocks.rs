//! Who is in which block: packed segments, and what changed since they were written.

use super::bulk::{self, Target};
use super::{execute, in_pieces, query, run, whole, Row};
use crate::error::{Failure, Result};
use crate::parallel;
use golden_record_core::segment::{pack, pick, segment_of, shift, unpack, Member};
use hashbrown::{HashMap, HashSet};
use pgrx::pg_sys;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// A segment: its number, how blocks were spread when it was written (`None` where that is lost), its members.
type Segment = (i32, Option<u32>, Vec<u8>);

/// Every segment of an entity type.
const SEGMENTS_OF_ENTITY: &str = include_str!("../../sql/query/blocks/segments.sql");

fn segment(row: &Row) -> Result<Segment> {
    Ok((row.need(1)?, row.get::<i16>(2)?.map(|shift| shift as u32), row.need(3)?))
}

fn damaged() -> Failure {
    Failure::damaged("a segment of blocks is damaged")
}

/// Without it nobody finds who is in a block, and nobody misses whom it would bring together.
fn lost() -> Failure {
    Failure::damaged("how blocks are spread over segments is lost")
}

/// The members of segments with what changed since.
fn changed(mut members: Vec<Member>, joined: Vec<Member>, left: &[Member]) -> Vec<Member> {
    let left: HashSet<&Member> = left.iter().collect();
    members.retain(|member| !left.contains(member));
    members.extend(joined);
    members.sort_unstable();
    members
}

/// What is on record about some blocks.
#[derive(Default)]
pub struct Found {
    /// Those over their limit, with their numbers of members.
    pub crowded: HashMap<i64, i64>,
    /// The members of the others.
    pub members: Vec<Member>,
}

thread_local! {
    // How the blocks of entity types were spread when this session saw it last; `None` where no segment was written.
    static SHIFT: RefCell<HashMap<String, Option<u32>>> = RefCell::new(HashMap::new());
}

/// What is on record about some blocks; `crowded`: the members of those over their limit too.
pub fn look_up(entity_type: &str, blocks: &[i64], crowded: bool) -> Result<Found> {
    if blocks.is_empty() {
        return Ok(Found::default());
    }
    let mut wanted = blocks.to_vec();
    wanted.sort_unstable();
    let mut shift = match SHIFT.with_borrow(|known| known.get(entity_type).copied()) {
        Some(known) => known,
        None => spread(entity_type)?,
    };
    loop {
        let (found, now) = look_up_by(entity_type, &wanted, shift, crowded)?;
        SHIFT.with_borrow_mut(|known| known.insert(entity_type.to_owned(), now));
        if now == shift {
            return Ok(found);
        }
        shift = now;
    }
}

/// How the blocks of an entity type are spread; `None` where no segment was written.
fn spread(entity_type: &str) -> Result<Option<u32>> {
    let shift = |row: &Row| row.get::<i16>(1)?.map(|shift| shift as u32).ok_or_else(lost);
    Ok(run(include_str!("../../sql/query/blocks/base.sql"), &[entity_type.into()], shift)?.first().copied())
}

/// Looks blocks up as if they were spread by `shift`; gives by what they are, too.
fn look_up_by(entity_type: &str, wanted: &[i64], shift: Option<u32>, crowded: bool) -> Result<(Found, Option<u32>)> {
    let segments = shift.map(|shift| wanted.iter().map(|block| segment_of(*block, shift)).collect::<BTreeSet<i32>>());
    let segments: Vec<i32> = segments.into_iter().flatten().collect();
    let (mut found, mut now) = (Found::default(), None);
    let (mut joined, mut left) = (Vec::new(), Vec::new());
    let args = [entity_type.into(), wanted.to_vec().into(), segments.into(), crowded.into()];
    run(include_str!("../../sql/query/blocks/look_up.sql"), &args, |row| {
        // Only the spread is ever NULL.
        let (a, b): (i64, i64) = (row.get(2)?.ok_or_else(lost)?, row.need(3)?);
        match (row.need::<i32>(1)?, shift) {
            (0, _) => {
                found.crowded.insert(a, b);
            }
            (1, _) => joined.push((a, b)),
            (2, _) => left.push((a, b)),
            (3, Some(shift)) => found.members.extend(pick(a as i32, shift, row.need(4)?, wanted).ok_or_else(damaged)?),
            _ => now = Some(a as u32),
        }
        Ok(())
    })?;
    if !crowded {
        // Segments have them too, but without what changed since.
        found.members.retain(|(block, _)| !found.crowded.contains_key(block));
    }
    found.members = changed(found.members, joined, &left);
    Ok((found, now))
}

/// Who is stored in a segment, and who is expected.
pub type Differing<'m> = (Vec<Member>, &'m [Member]);

/// Where other members are stored than `expected`, which ascend, by segment. Most segments are as they should be, and compared
/// as they are stored. `None` where one is damaged, or how blocks are spread over them is lost.
pub fn differing<'m>(entity_type: &str, expected: &'m [Member]) -> Result<Option<Vec<Differing<'m>>>> {
    let stored = whole(SEGMENTS_OF_ENTITY, &[entity_type.into()], segment)?;
    // All are written at once, with one shift; where none is, all that is known is what changed.
    let Some(spread) = stored.first().map_or(Some(64), |(_, shift, _)| *shift) else { return Ok(None) };
    let mut segments: BTreeMap<i32, Compared> = BTreeMap::new();
    for (number, _, bytes) in &stored {
        segments.entry(*number).or_default().bytes = bytes;
    }
    for part in expected.chunk_by(|a, b| segment_of(a.0, spread) == segment_of(b.0, spread)) {
        segments.entry(segment_of(part[0].0, spread)).or_default().expected = part;
    }
    for (member, joined) in changes_of_entity(entity_type)? {
        let segment = segments.entry(segment_of(member.0, spread)).or_default();
        if joined { &mut segment.joined } else { &mut segment.left }.push(member);
    }
    let segments: Vec<(i32, Compared)> = segments.into_iter().collect();
    let compared = parallel::map(&segments, |(number, segment)| {
        let Compared { bytes, expected, joined, left } = segment;
        if joined.is_empty() && left.is_empty() && pack(*number, spread, expected) == **bytes {
            return Some(None);
        }
        let members = unpack(*number, spread, bytes)?;
        Some(Some((changed(members, joined.clone(), left), *expected)))
    })?;
    let differing = compared.into_iter().collect::<Option<Vec<Option<Differing>>>>();
    Ok(differing.map(|all| all.into_iter().flatten().collect()))
}

/// A segment as it is stored, beside what is expected.
#[derive(Default)]
struct Compared<'a, 'm> {
    bytes: &'a [u8],
    expected: &'m [Member],
    joined: Vec<Member>,
    left: Vec<Member>,
}

fn changes_of_entity(entity_type: &str) -> Result<Vec<(Member, bool)>> {
    whole(include_str!("../../sql/query/blocks/changes_of_entity.sql"), &[entity_type.into()], |row| {
        Ok(((row.need(1)?, row.need(2)?), row.need(3)?))
    })
}

/// Takes back what was said of some members, and gives those of whom nothing was.
fn take_back(members: &[Member], joined: bool) -> Result<Vec<Member>> {
    if members.is_empty() {
        return Ok(Vec::new());
    }
    let (blocks, records): (Vec<i64>, Vec<i64>) = members.iter().copied().unzip();
    let args = [blocks.into(), records.into(), joined.into()];
    let back =
        run(include_str!("../../sql/query/blocks/take_back.sql"), &args, |row| Ok((row.need(1)?, row.need(2)?)))?;
    let back: HashSet<Member> = back.into_iter().collect();
    Ok(members.iter().filter(|member| !back.contains(*member)).copied().collect())
}

fn put_changes(mut members: Vec<Member>, joined: bool) -> Result<()> {
    // As they stand in the index: neighbours share its pages.
    members.sort_unstable();
    in_pieces(&members, |members| {
        let (blocks, records): (Vec<i64>, Vec<i64>) = members.iter().copied().unzip();
        execute(include_str!("../../sql/query/blocks/put_changes.sql"), &[blocks.into(), records.into(), joined.into()])
    })
}

/// Records that are in blocks now and were not; those for which `new` holds were in none before.
pub fn join(members: &[Member], new: impl Fn(i64) -> bool) -> Result<()> {
    let (mut joined, before): (Vec<Member>, Vec<Member>) = members.iter().partition(|member| new(member.1));
    joined.extend(take_back(&before, false)?);
    put_changes(joined, true)
}

/// Records that were in blocks and are no longer.
pub fn leave(members: &[Member]) -> Result<()> {
    put_changes(take_back(members, true)?, false)
}

/// Writes the members of all blocks of an entity type, which ascend; of the segments only those that differ.
pub fn put_all(entity_type: &str, members: &[Member]) -> Result<()> {
    let spread = shift(members.len());
    let stored = whole(SEGMENTS_OF_ENTITY, &[entity_type.into()], segment)?;
    let parts: Vec<&[Member]> = members.chunk_by(|a, b| segment_of(a.0, spread) == segment_of(b.0, spread)).collect();
    let changed = !changes_of_entity(entity_type)?.is_empty();
    let packed = |part: &&[Member]| {
        let number = segment_of(part[0].0, spread);
        (number, pack(number, spread, part))
    };
    let put_base =
        || execute(include_str!("../../sql/query/blocks/put_base.sql"), &[entity_type.into(), (spread as i16).into()]);
    if stored.is_empty() && parts.len() > bulk::FEW {
        put_base()?;
        bulk::write(&SEGMENTS, &parts, |part, rows| {
            let (number, bytes) = packed(part);
            rows.push(&[&entity_type, &number, &bytes]);
        })?;
    } else {
        let same_spread = stored.iter().all(|(_, shift, _)| *shift == Some(spread));
        let mut stored: BTreeMap<i32, Vec<u8>> = stored.into_iter().map(|(number, _, bytes)| (number, bytes)).collect();
        let differs = |(number, bytes): &(i32, Vec<u8>)| stored.remove(number).as_ref() != Some(bytes);
        let new: Vec<(i32, Vec<u8>)> = parallel::map(&parts, packed)?.into_iter().filter(differs).collect();
        let empty: Vec<i32> = stored.into_keys().collect();
        if new.is_empty() && empty.is_empty() && same_spread && !changed {
            return Ok(());
        }
        put_base()?;
        put_segments(entity_type, &new, empty)?;
    }
    if changed {
        execute(include_str!("../../sql/query/blocks/drop_changes.sql"), &[entity_type.into()])?;
    }
    Ok(())
}

/// Writes segments that are new or others than before, and drops those that are empty now.
fn put_segments(entity_type: &str, new: &[(i32, Vec<u8>)], empty: Vec<i32>) -> Result<()> {
    if !empty.is_empty() {
        execute(include_str!("../../sql/query/blocks/drop_segments.sql"), &[entity_type.into(), empty.into()])?;
    }
    in_pieces(new, |segments| {
        let (numbers, packed): (Vec<i32>, Vec<&[u8]>) =
            segments.iter().map(|(number, bytes)| (*number, bytes.as_slice())).unzip();
        let args = [entity_type.into(), numbers.into(), packed.into()];
        execute(include_str!("../../sql/query/blocks/put_segments.sql"), &args)
    })
}

/// Takes records for good out of the segments, of which they are in no block any more.
pub fn forget(entity_type: &str, records: &[i64]) -> Result<()> {
    let args = [records.to_vec().into()];
    let left = run(include_str!("../../sql/query/blocks/forget.sql"), &args, |row| row.need::<i64>(1))?;
    let Some(spread) = spread(entity_type)? else { return Ok(()) };
    let numbers: BTreeSet<i32> = left.into_iter().map(|block| segment_of(block, spread)).collect();
    let args = [entity_type.into(), numbers.into_iter().collect::<Vec<i32>>().into()];
    let (mut new, mut empty) = (Vec::new(), Vec::new());
    let sql = concat!(include_str!("../../sql/query/blocks/segments.sql"), "  AND s.segment = ANY ($2::integer[])");
    for (number, _, bytes) in run(sql, &args, segment)? {
        let mut members = unpack(number, spread, &bytes).ok_or_else(damaged)?;
        members.retain(|member| !records.contains(&member.1));
        if members.is_empty() {
            empty.push(number);
        } else {
            new.push((number, pack(number, spread, &members)));
        }
    }
    put_segments(entity_type, &new, empty)
}

const SEGMENTS: Target = Target {
    name: c"block_segment",
    columns: &[(c"entity_type", pg_sys::TEXTOID), (c"segment", pg_sys::INT4OID), (c"members", pg_sys::BYTEAOID)],
    order: Some(c"block_segment_pkey"),
};

/// A block with more members than it may have.
#[derive(Clone, Copy, PartialEq)]
pub struct Crowded {
    /// The block.
    pub block: i64,
    /// How many members it has.
    pub members: i64,
    /// How many it may have.
    pub limit: u32,
}

/// The statement that reads the blocks over their limit of which a condition holds.
macro_rules! crowded {
    ($condition:literal) => {
        concat!(include_str!("../../sql/query/blocks/crowded.sql"), "WHERE ", $condition)
    };
}

/// Which of some blocks are over their limit.
pub fn crowded(blocks: Vec<i64>) -> Result<Vec<i64>> {
    if blocks.is_empty() {
        return Ok(Vec::new());
    }
    run(crowded!("b.block = ANY ($1::bigint[])"), &[blocks.into()], |row| row.need(1))
}

/// The blocks of an entity type over their limit.
pub fn crowded_of_entity(entity_type: &str) -> Result<BTreeMap<i64, Crowded>> {
    let of_one = |row: &Row| {
        let (block, limit) = (row.need(1)?, row.need::<i32>(3)?);
        Ok((block, Crowded { block, members: row.need(2)?, limit: u32::try_from(limit).unwrap_or_default() }))
    };
    Ok(query(crowded!("b.entity_type = $1"), &[entity_type.into()], of_one)?.into_iter().collect())
}

/// Writes blocks that are over their limit, with their numbers of members.
pub fn put_crowded(entity_type: &str, rows: &[Crowded]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let blocks: Vec<i64> = rows.iter().map(|row| row.block).collect();
    let members: Vec<i64> = rows.iter().map(|row| row.members).collect();
    let limits: Vec<i32> = rows.iter().map(|row| i32::try_from(row.limit).unwrap_or(i32::MAX)).collect();
    execute(
        include_str!("../../sql/query/blocks/put_crowded.sql"),
        &[entity_type.into(), blocks.into(), members.into(), limits.into()],
    )
}

/// Forgets blocks that are over their limit no longer.
pub fn drop_crowded(blocks: Vec<i64>) -> Result<()> {
    if blocks.is_empty() {
        return Ok(());
    }
    execute(include_str!("../../sql/query/blocks/drop_crowded.sql"), &[blocks.into()])
}

/// Makes the stored blocks over their limit those of `wanted`.
pub fn put_all_crowded(entity_type: &str, wanted: &[Crowded]) -> Result<()> {
    let stored = crowded_of_entity(entity_type)?;
    let known: BTreeSet<i64> = wanted.iter().map(|row| row.block).collect();
    drop_crowded(stored.keys().filter(|block| !known.contains(block)).copied().collect())?;
    let differ = |row: &&Crowded| stored.get(&row.block) != Some(row);
    let new: Vec<Crowded> = wanted.iter().filter(differ).copied().collect();
    put_crowded(entity_type, &new)
}
