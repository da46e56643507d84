//! Who is in which block: packed segments, and what changed since they were written.

use super::{execute, query, run, whole, Row};
use crate::error::{Failure, Result};
use golden_record_core::segment::{pack, segment_of, shift, unpack, Member};
use std::collections::{BTreeMap, BTreeSet, HashSet};

type Segment = (i32, i16, Vec<u8>);

fn segment(row: &Row) -> Result<Segment> {
    Ok((row.need(1)?, row.need(2)?, row.need(3)?))
}

fn change(row: &Row) -> Result<(Member, bool)> {
    Ok(((row.need(1)?, row.need(2)?), row.need(3)?))
}

fn members(segments: Vec<Segment>, changes: Vec<(Member, bool)>, wanted: impl Fn(i64) -> bool) -> Result<Vec<Member>> {
    let mut members = Vec::new();
    for (number, shift, bytes) in &segments {
        let found = unpack(*number, *shift as u32, bytes, &wanted);
        members.extend(found.ok_or_else(|| Failure::internal("a segment of blocks is damaged"))?);
    }
    let gone: HashSet<Member> = changes.iter().filter(|(_, joined)| !joined).map(|(member, _)| *member).collect();
    members.retain(|member| !gone.contains(member));
    members.extend(changes.into_iter().filter(|(_, joined)| *joined).map(|(member, _)| member));
    members.sort_unstable();
    Ok(members)
}

/// The members of some blocks.
pub fn look_up(entity_type: &str, blocks: &[i64]) -> Result<Vec<Member>> {
    if blocks.is_empty() {
        return Ok(Vec::new());
    }
    let args = [entity_type.into(), blocks.to_vec().into()];
    let segments = run(include_str!("../../sql/query/block/segments.sql"), &args, segment)?;
    let changes = run(include_str!("../../sql/query/block/changes.sql"), &[blocks.to_vec().into()], change)?;
    let wanted: HashSet<i64> = blocks.iter().copied().collect();
    members(segments, changes, |block| wanted.contains(&block))
}

/// The members of all blocks of an entity type.
pub fn of_entity(entity_type: &str) -> Result<Vec<Member>> {
    let segments = whole(include_str!("../../sql/query/block/segments_of_entity.sql"), &[entity_type.into()], segment)?;
    members(segments, changes_of_entity(entity_type)?, |_| true)
}

fn changes_of_entity(entity_type: &str) -> Result<Vec<(Member, bool)>> {
    whole(include_str!("../../sql/query/block/changes_of_entity.sql"), &[entity_type.into()], change)
}

fn write(members: &[Member], joined: bool) -> Result<()> {
    if members.is_empty() {
        return Ok(());
    }
    let (blocks, records): (Vec<i64>, Vec<i64>) = members.iter().copied().unzip();
    let args = [blocks.into(), records.into(), (!joined).into()];
    let back = run(include_str!("../../sql/query/block/take_back.sql"), &args, |row| Ok((row.need(1)?, row.need(2)?)))?;
    let back: HashSet<Member> = back.into_iter().collect();
    let (blocks, records): (Vec<i64>, Vec<i64>) =
        members.iter().filter(|member| !back.contains(member)).copied().unzip();
    let args = [blocks.into(), records.into(), joined.into()];
    execute(include_str!("../../sql/query/block/put_changes.sql"), &args)
}

/// Records that are in blocks now and were not.
pub fn join(members: &[Member]) -> Result<()> {
    write(members, true)
}

/// Records that were in blocks and are no longer.
pub fn leave(members: &[Member]) -> Result<()> {
    write(members, false)
}

/// Writes the members of all blocks of an entity type, which ascend; of the segments only those that differ.
pub fn put_all(entity_type: &str, members: &[Member]) -> Result<()> {
    let spread = shift(members.len());
    let stored = whole(include_str!("../../sql/query/block/segments_of_entity.sql"), &[entity_type.into()], segment)?;
    let same_spread = stored.iter().all(|(_, shift, _)| *shift as u32 == spread);
    let mut stored: BTreeMap<i32, Vec<u8>> = stored.into_iter().map(|(number, _, bytes)| (number, bytes)).collect();
    let (mut numbers, mut packed) = (Vec::new(), Vec::new());
    for part in members.chunk_by(|a, b| segment_of(a.0, spread) == segment_of(b.0, spread)) {
        let number = segment_of(part[0].0, spread);
        let bytes = pack(number, spread, part);
        if stored.remove(&number).as_ref() != Some(&bytes) {
            numbers.push(number);
            packed.push(bytes);
        }
    }
    let empty: Vec<i32> = stored.into_keys().collect();
    let changed = !changes_of_entity(entity_type)?.is_empty();
    if numbers.is_empty() && empty.is_empty() && same_spread && !changed {
        return Ok(());
    }
    execute(include_str!("../../sql/query/block/put_base.sql"), &[entity_type.into(), (spread as i16).into()])?;
    if !empty.is_empty() {
        execute(include_str!("../../sql/query/block/drop_segments.sql"), &[entity_type.into(), empty.into()])?;
    }
    for (numbers, packed) in numbers.chunks(PIECE).zip(packed.chunks(PIECE)) {
        pgrx::check_for_interrupts!();
        execute(
            include_str!("../../sql/query/block/put_segments.sql"),
            &[entity_type.into(), numbers.to_vec().into(), packed.to_vec().into()],
        )?;
    }
    if changed {
        execute(include_str!("../../sql/query/block/drop_changes.sql"), &[entity_type.into()])?;
    }
    Ok(())
}

/// Segments written by one statement.
const PIECE: usize = 4_096;

/// A block with more members than it may have.
pub struct Crowded {
    /// The block.
    pub block: i64,
    /// How many members it has.
    pub members: i64,
    /// How many it may have.
    pub limit: u32,
}

fn crowd(row: &Row) -> Result<(i64, i64)> {
    Ok((row.need(1)?, row.need(2)?))
}

/// Which of some blocks are over their limit, and how many members they have.
pub fn crowded(blocks: Vec<i64>) -> Result<Vec<(i64, i64)>> {
    if blocks.is_empty() {
        return Ok(Vec::new());
    }
    run(include_str!("../../sql/query/block/crowded.sql"), &[blocks.into()], crowd)
}

/// The blocks of an entity type over their limit, with their numbers of members.
pub fn crowded_of_entity(entity_type: &str) -> Result<BTreeMap<i64, i64>> {
    let sql = include_str!("../../sql/query/block/crowded_of_entity.sql");
    Ok(query(sql, &[entity_type.into()], crowd)?.into_iter().collect())
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
        include_str!("../../sql/query/block/put_crowded.sql"),
        &[entity_type.into(), blocks.into(), members.into(), limits.into()],
    )
}

/// Forgets blocks that are over their limit no longer.
pub fn drop_crowded(blocks: Vec<i64>) -> Result<()> {
    if blocks.is_empty() {
        return Ok(());
    }
    execute(include_str!("../../sql/query/block/drop_crowded.sql"), &[blocks.into()])
}

/// Makes the stored blocks over their limit those of `wanted`.
pub fn put_all_crowded(entity_type: &str, wanted: &[Crowded]) -> Result<()> {
    let stored = crowded_of_entity(entity_type)?;
    let known: BTreeSet<i64> = wanted.iter().map(|row| row.block).collect();
    drop_crowded(stored.keys().filter(|block| !known.contains(block)).copied().collect())?;
    let differ = |row: &&Crowded| stored.get(&row.block) != Some(&row.members);
    let new: Vec<Crowded> = wanted.iter().filter(differ).map(|row| Crowded { ..*row }).collect();
    put_crowded(entity_type, &new)
}
