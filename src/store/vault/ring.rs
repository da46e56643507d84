//! The table `key_ring`: wrapped keys.

use super::{seal, unseal};
use crate::error::Result;
use crate::guc::Settings;
use crate::store::{execute, query, run, Row};
use golden_record_core::vault::{Vault, Wrapped};
use pgrx::Array;
use std::rc::Rc;

fn wrapped(row: &Row) -> Result<Wrapped> {
    Ok(Wrapped { key_id: row.need::<i32>(1)?.unsigned_abs(), wrapped: row.need(2)?, fingerprint: row.need(3)? })
}

/// The ring as the statement sees it.
pub fn read() -> Result<Vec<Wrapped>> {
    query(include_str!("../../../sql/query/vault/ring.sql"), &[], wrapped)
}

/// The ring as it is committed now.
pub fn read_fresh() -> Result<Vec<Wrapped>> {
    run(include_str!("../../../sql/query/vault/ring.sql"), &[], wrapped)
}

/// The ring, locked against another rotation.
pub fn lock() -> Result<Vec<Wrapped>> {
    run(concat!(include_str!("../../../sql/query/vault/ring.sql"), "FOR UPDATE"), &[], wrapped)
}

/// Whether there is any record, whose keys and ids were made under a secret.
pub fn has_records() -> Result<bool> {
    Ok(query("SELECT EXISTS (SELECT FROM golden_record.source_record)", &[], |row| row.need::<bool>(1))? == [true])
}

fn write(sql: &'static str, keys: &[Wrapped]) -> Result<()> {
    let ids: Vec<i32> = keys.iter().map(|key| key.key_id as i32).collect();
    let wrapped: Vec<Vec<u8>> = keys.iter().map(|key| key.wrapped.clone()).collect();
    let fingerprints: Vec<Vec<u8>> = keys.iter().map(|key| key.fingerprint.clone()).collect();
    execute(sql, &[ids.into(), wrapped.into(), fingerprints.into()])
}

/// Adds keys; those whose id is there already stay as they are.
pub fn insert(keys: &[Wrapped]) -> Result<()> {
    write(include_str!("../../../sql/query/vault/insert.sql"), keys)
}

/// Stores keys that were wrapped anew.
pub fn update(keys: &[Wrapped]) -> Result<()> {
    write(include_str!("../../../sql/query/vault/update.sql"), keys)
}

/// A table with sealed values: how to find those that an older key sealed, and how to put them back.
struct Sealed {
    /// The table whose name the values are bound to.
    table: &'static str,
    /// $1 rows behind this one, $2 the key of today. Physical order: what is put back comes last, under today's key. A row that
    /// another writer has is left to him, or to the next time: waiting for it could end in a deadlock.
    stale: &'static str,
    /// Arrays: $1 rows, $2 values.
    put: &'static str,
}

/// `$row`: what the value is bound to, part by part.
macro_rules! sealed {
    ($table:literal, $column:literal, $row:literal) => {
        sealed!($table, $table, $column, $row)
    };
    ($bound_to:literal, $table:literal, $column:literal, $row:literal) => {
        Sealed {
            table: $bound_to,
            stale: concat!(
                "SELECT p.ctid::text, ARRAY[",
                $row,
                "]::bytea[], p.",
                $column,
                " FROM golden_record.",
                $table,
                " AS p WHERE p.ctid > $1::text::tid AND pg_catalog.substr(p.",
                $column,
                ", 2, 4) <> $2::bytea LIMIT 4096 FOR NO KEY UPDATE SKIP LOCKED"
            ),
            put: concat!(
                "UPDATE golden_record.",
                $table,
                " AS p SET ",
                $column,
                " = n.sealed",
                " FROM unnest($1::text[]::tid[], $2::bytea[]) AS n (place, sealed) WHERE p.ctid = n.place"
            ),
        }
    };
}

const SEALED: [Sealed; 6] = [
    sealed!("record_version", "content", "pg_catalog.int8send(p.record_id), p.content_hash"),
    sealed!(
        "source_pii",
        "state",
        "pg_catalog.int8send(p.record_id), pg_catalog.convert_to(p.system_name, 'UTF8'), pg_catalog.convert_to(p.region, 'UTF8')"
    ),
    sealed!(
        "golden_pii",
        "attributes",
        "pg_catalog.uuid_send(p.golden_id), pg_catalog.convert_to(p.system_name, 'UTF8'), pg_catalog.convert_to(p.region, 'UTF8')"
    ),
    // Moved there as they were sealed.
    sealed!(
        "golden_pii",
        "golden_history_pii",
        "attributes",
        "pg_catalog.uuid_send(p.golden_id), pg_catalog.convert_to(p.system_name, 'UTF8'), pg_catalog.convert_to(p.region, 'UTF8')"
    ),
    sealed!("value_override_pii", "value", "pg_catalog.int8send(p.override_id)"),
    sealed!(
        "rejected_payload",
        "payload",
        "pg_catalog.int8send(p.rejected_id), pg_catalog.convert_to(coalesce(p.system_name, ''), 'UTF8')"
    ),
];

/// Seals again, by the key of today, what older keys sealed. A value that cannot be opened stays as it is, which is said aloud:
/// not all of them are named by `verify`, and without their keys they are lost.
pub fn reseal(vault: &Rc<Vault>) -> Result<()> {
    // Rows are asked for behind the last one seen: also a scan of all of them begins with the first.
    let _settings = Settings::with(&[(c"synchronize_seqscans", c"off")]);
    let today = vault.current().to_be_bytes().to_vec();
    let mut closed = 0;
    for sealed in &SEALED {
        let mut last = "(0,0)".to_owned();
        loop {
            let rows = run(sealed.stale, &[last.as_str().into(), today.clone().into()], |row| {
                let parts: Array<&[u8]> = row.need(2)?;
                let parts: Vec<&[u8]> = parts.iter().flatten().collect();
                let opened = unseal(Some(vault), sealed.table, &parts, row.need(3)?);
                let again = opened.and_then(|value| seal(vault, sealed.table, &parts, &value));
                Ok((row.need::<String>(1)?, again.ok()))
            })?;
            match rows.last() {
                Some((row, _)) => last.clone_from(row),
                None => break,
            }
            closed += rows.iter().filter(|(_, again)| again.is_none()).count();
            let (places, values): (Vec<String>, Vec<Vec<u8>>) =
                rows.into_iter().filter_map(|(row, again)| Some((row, again?))).unzip();
            execute(sealed.put, &[places.into(), values.into()])?;
            pgrx::check_for_interrupts!();
        }
    }
    if closed > 0 {
        pgrx::warning!(
            "{closed} of the values that older keys sealed cannot be opened and stay as they are: keep these keys in key_ring"
        );
    }
    Ok(())
}
